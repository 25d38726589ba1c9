"""What the numbers of a cube's cells count."""

from __future__ import annotations

from studyspec.arbiter.evaluate import evaluate
from studyspec.semantics import core
from tests.arbiter import by_hand
from tests.arbiter.by_hand import cohort, count, curve, spec, study
from tests.plan import kit

YEAR = kit.during(kit.at("2020-01-01"), kit.at("2020-12-31"), "[]")
EVERY = core.IndexEvent(event=kit.event("visit", "dated", YEAR), pick="every", washout=None)
KIND = kit.pick("first", "visit", "kind", "dated", kit.during(kit.at("index"), kit.at("index"), "[]"))
OF = kit.variable("kind", KIND, "a", "b", "unknown")


def repeated(**more: object) -> core.Study:
    report = core.BaselineReport(name="report", cohort="c", of=(OF,), by=None)
    return study(cohort("c", EVERY, repeated=True, cluster="firm"), reports=(report,), **more)


def test_repeated_units_count_their_entities_once_in_every_cell_and_margin() -> None:
    made = repeated()
    data = by_hand.rows(made.model, visit=["p 2020-01-01 a", "p 2020-02-01 a", "p 2020-03-01 b", "q 2020-01-01 b"])
    of = spec("baseline", "kind", "kind", sets=(("kind",), ()))
    assert count(made, data, of) == {("a",): 1, ("b",): 2, (None,): 2}


def test_clusters_are_those_of_the_entities_in_the_cell_and_unknown_ones_do_not_count() -> None:
    made = repeated()
    people = ["p - - f1", "q - - f1", "r - - f2", "s - - -"]
    visits = [f"{one} 2020-01-01 a" for one in "pqrs"]
    data = by_hand.rows(made.model, person=people, visit=visits)
    of = spec("baseline", "kind", "kind", measures=("entities", "clusters"))
    assert count(made, data, of) == {("a",): (4, 2)}


def test_of_a_curve_records_are_all_and_entities_those_not_counted_on_an_earlier_day() -> None:
    ends = kit.follow_up(kit.at("index"), kit.at("entry", "30 day"), kit.at("role death"))
    report = core.RiskReport(name="report", cohort="c", of=("o",), by=None, times=())
    event = kit.event("visit", condition=kit.cmp(kit.col("visit", "kind"), "=", kit.lit("a")))
    made = study(
        cohort("c", EVERY, repeated=True), follow_up=ends, outcomes=(kit.outcome("o", event),), reports=(report,)
    )
    visits = ["p 2020-01-01 b", "p 2020-01-02 b", "p 2020-05-01 b", "p 2020-05-03 b"]
    data = by_hand.rows(made.model, visit=[*visits, "q 2020-01-01 b"], death=["p 2020-05-11"])
    assert count(made, data, curve("o")) == {
        (8, "censored"): (1, 1),
        (10, "censored"): (0, 1),
        (30, "censored"): (1, 3),
    }
    start = spec("start", "o", "start", measures=("entities",))
    assert count(made, data, start) == {("at_risk",): 2}


def test_a_report_may_be_broken_down_by_a_variable_of_the_study() -> None:
    sex = kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "other", "unknown")
    report = core.BaselineReport(name="report", cohort="c", of=(OF,), by="sex")
    made = study(cohort("c", EVERY), strata=(sex,), reports=(report,))
    data = by_hand.rows(
        made.model, person=["p - 1", "q - 9"], visit=["p 2020-01-01 a", "q 2020-01-01 b", "r 2020-01-01 -"]
    )
    of = spec("baseline", "kind", "kind", "sex_again", by="sex_again")
    assert count(made, data, of) == {("a", "1"): 1, ("b", "other"): 1, ("unknown", "unknown"): 1}


def test_the_first_of_several_exposures_is_not_the_only_one() -> None:
    def bread(name: str, code: str) -> core.Exposure:
        is_it = kit.cmp(kit.attr("sex"), "=", kit.lit(code))
        return kit.exposure(name, kit.during(None, None), kit.level(f"is_{code}", is_it), kit.level("not"))

    report = core.BaselineReport(name="report", cohort="c", of=(OF,), by="second")
    made = study(cohort("c", EVERY), exposures=(bread("first", "1"), bread("second", "2")), reports=(report,))
    data = by_hand.rows(made.model, person=["p - 1", "q - 2"], visit=["p 2020-01-01 a", "q 2020-01-01 a"])
    of = spec("baseline", "kind", "kind", "second", by="second")
    assert count(made, data, of) == {("a", "not"): 1, ("a", "is_2"): 1}


def test_what_comes_out_shows_no_number_when_it_is_printed() -> None:
    made = repeated()
    data = by_hand.rows(made.model, visit=["p 2020-01-01 a"])
    ((cube,), _) = evaluate(made, data, [spec("baseline", "kind", "kind")])
    assert "1" not in repr(cube)
