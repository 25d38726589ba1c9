"""Every index there is, the units it gives, and cohorts made of other cohorts."""

from __future__ import annotations

from typing import Literal

from studyspec.arbiter.evaluate import evaluate
from studyspec.semantics import core
from tests.arbiter import by_hand
from tests.arbiter.by_hand import cohort, count, on_day, study
from tests.plan import kit

YEAR = kit.during(kit.at("2020-01-01"), kit.at("2020-12-31"), "[]")
Pick = Literal["first", "last", "first-ever", "every"]


def visits(pick: Pick, washout: core.Step | None = None, kind: str | None = None) -> core.IndexEvent:
    condition = None if kind is None else kit.cmp(kit.col("visit", "kind"), "=", kit.lit(kind))
    return core.IndexEvent(event=kit.event("visit", "dated", YEAR, condition), pick=pick, washout=washout)


def indexes(index: core.Index, **tables: list[str]) -> set[str]:
    """Who has which index: `p 2020-01-01`, told by criteria that each let one day through."""
    made = study(cohort("c", index, repeated=True))
    data = by_hand.rows(made.model, **tables)
    days = sorted({str(row[c]) for t in ("visit", "stay") for row in data[t] for c in row if isinstance(row[c], DATE)})
    found = set()
    for day in [*days, "2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01"]:
        is_it = kit.include("day", kit.cmp(kit.day(kit.at("index")), "=", kit.lit(kit.date(day))))
        one = study(cohort("c", index, is_it, repeated=True))
        found |= {f"{key} {day}" for key in by_hand.members(one, data)["c"]}
    return found


DATE = kit.datetime.date
VISITS = ["p 2019-12-01 a", "p 2020-02-01 b", "p 2020-02-01 a", "p 2020-03-01 a", "q 2020-05-01 a", "q 2021-01-01 a"]


def test_first_and_last_are_of_the_window_and_first_ever_of_all() -> None:
    assert indexes(visits("first"), visit=VISITS) == {"p 2020-02-01", "q 2020-05-01"}
    assert indexes(visits("last"), visit=VISITS) == {"p 2020-03-01", "q 2020-05-01"}
    assert indexes(visits("first-ever"), visit=VISITS) == {"q 2020-05-01"}


def test_first_ever_is_of_the_rows_that_the_condition_keeps() -> None:
    assert indexes(visits("first-ever", kind="b"), visit=VISITS) == {"p 2020-02-01"}


def test_every_gives_each_day_once() -> None:
    assert indexes(visits("every"), visit=VISITS) == {"p 2020-02-01", "p 2020-03-01", "q 2020-05-01"}


def test_washout_looks_at_kept_rows_in_the_window_or_not() -> None:
    two_months, less = core.Step(62, "day"), core.Step(61, "day")
    assert indexes(visits("every", two_months), visit=VISITS) == {"q 2020-05-01"}
    assert indexes(visits("every", less), visit=VISITS) == {"p 2020-02-01", "q 2020-05-01"}
    assert indexes(visits("first", core.Step(29, "day"), kind="a"), visit=VISITS) == {"p 2020-02-01", "q 2020-05-01"}


def test_washout_of_spells_looks_at_the_days_they_hold() -> None:
    event = kit.event("stay", "starting", YEAR)
    week = core.IndexEvent(event=event, pick="every", washout=core.Step(7, "day"))
    stays = ["p 2019-06-01 2020-01-02", "p 2020-01-08", "p 2020-03-01", "q 2020-01-01 2020-01-01", "q 2020-01-03"]
    spells = [f"{line} {line[2:12]}" if len(line.split()) == 2 else line for line in stays]
    assert indexes(week, stay=spells) == {"p 2020-03-01", "q 2020-01-01", "q 2020-01-03"}


def test_a_day_of_the_calendar_is_everyones_and_an_attribute_ones_own() -> None:
    own = kit.Time(facts=kit.DATE, base="value", value=kit.attr("born", "date"))
    people = ["p 2020-04-01", "q -"]
    assert indexes(core.IndexDay(day=own), person=people) == {"p 2020-04-01"}
    assert indexes(on_day("2020-07-01"), person=people) == {"p 2020-07-01", "q 2020-07-01"}


def test_periods_begin_in_the_window() -> None:
    window = kit.during(kit.at("2020-01-01"), kit.at("2020-07-01"), "(]")
    quarters = core.IndexPeriods(unit="quarter", window=window)
    assert indexes(quarters, person=["p"]) == {"p 2020-04-01", "p 2020-07-01"}
    assert indexes(core.IndexPeriods(unit="year", window=YEAR), person=["p"]) == {"p 2020-01-01"}


def test_without_an_index_everyone_is_a_unit() -> None:
    made = study(cohort("c", core.IndexNone(), kit.include("man", kit.cmp(kit.attr("sex"), "=", kit.lit("1")))))
    data = by_hand.rows(made.model, person=["p - 1", "q - 2", "r - -"])
    assert count(made, data, by_hand.attrition()) == {("included",): 1, ("man",): 1, ("man unknown",): 1}


# --- cohorts of cohorts ----------------------------------------------------------------------------------------------


def of_cohorts(op: Literal["union", "intersect", "except"] | None) -> dict[str, set[object]]:
    a, b = cohort("a", visits("first", kind="a")), cohort("b", visits("first", kind="b"))
    index = core.IndexUnits(op=op, cohorts=("a",) if op is None else ("a", "b"))
    made = study(a, b, cohort("made", index, repeated=op == "union"))
    return by_hand.members(made, by_hand.rows(made.model, visit=[*VISITS, "r 2020-01-01 b"]))


def test_cohorts_are_put_together_by_their_entities() -> None:
    assert of_cohorts(None)["made"] == {"p", "q"}
    assert of_cohorts("union")["made"] == {"p", "q", "r"}
    assert of_cohorts("intersect")["made"] == {"p"}
    assert of_cohorts("except")["made"] == {"q"}


def test_a_union_has_a_unit_for_each_index() -> None:
    a, b = cohort("a", on_day("2020-01-01")), cohort("b", on_day("2020-02-01"))
    union = core.IndexUnits(op="union", cohorts=("a", "b", "a"))
    early = kit.cmp(kit.day(kit.at("index")), "<", kit.lit(kit.date("2020-01-15")))
    made = study(a, b, cohort("c", union, kit.include("early", early), repeated=True))
    cells = count(made, by_hand.rows(made.model, person=["p", "q"]), by_hand.attrition("c"))
    assert cells == {("early",): 2, ("included",): 2}


def test_a_member_is_the_same_entity_at_the_same_index() -> None:
    jan, feb = cohort("jan", on_day("2020-01-01")), cohort("feb", on_day("2020-02-01"))
    late = cohort("late", core.IndexNone(), kit.include("p", kit.cmp(kit.attr("sex"), "=", kit.lit("1"))))

    def who(name: str, index: core.Index) -> set[object]:
        member = core.MemberOf(facts=kit.facts(), cohort=name)
        made = study(jan, feb, late, cohort("c", index, kit.include("member", member)))
        return by_hand.members(made, by_hand.rows(made.model, person=["p - 1", "q - 2"]))["c"]

    assert who("jan", on_day("2020-01-01")) == {"p", "q"}
    assert who("feb", on_day("2020-01-01")) == set()
    assert who("late", on_day("2020-01-01")) == {"p"}
    assert who("feb", core.IndexNone()) == {"p", "q"}


def test_each_cohort_has_cubes_and_members_of_its_own() -> None:
    made = study(cohort("a", on_day("2020-01-01")), cohort("b", visits("first", kind="b")))
    data = by_hand.rows(made.model, visit=VISITS)
    cubes, found = evaluate(made, data, [by_hand.attrition("a"), by_hand.attrition("b")])
    assert [dict(cube.cells) for cube in cubes] == [{("included",): (2,)}, {("included",): (1,)}]
    assert found == {"a": frozenset({"p", "q"}), "b": frozenset({"p"})}
