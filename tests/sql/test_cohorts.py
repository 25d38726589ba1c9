"""Several cohorts, every kind of index, and units: known answers in a real database, the arbiter held to them too."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from studyspec.plan.plan import plan
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree

MODEL = kit.model(
    kit.table("person", "attributes", {"birth_date": "date?", "sex": "code of sex?", "employer_id": "identifier?"}),
    kit.table("visit", "events", {"code": "code of c?"}),
    kit.table("stay", "spells", {}),
)
YEAR = during(at("2020-01-01"), at("2020-12-31"), "[]")
ANY = during(None, None)


def people(*names: str, **more: dict[str, Any]) -> list[dict[str, Any]]:
    blank = {"birth_date": None, "sex": None, "employer_id": None}
    return [{"person_id": name, **blank, **more.get(name, {})} for name in names]


def visits(*given: str) -> list[dict[str, Any]]:
    """`p 2020-01-01 a`: who, when, and the code where there is one."""
    parts = [(*one.split(), None)[:3] for one in given]
    return [{"person_id": who, "date": kit.date(str(day)), "code": code} for who, day, code in parts]


def stays(*given: str) -> list[dict[str, Any]]:
    found = [one.split() for one in given]
    return [{"person_id": who, "start": kit.date(low), "end": kit.date(high)} for who, low, high in found]


def indexed(index: core.Index, *criteria: core.Criterion, name: str = "clients", **more: Any) -> core.Cohort:
    made = kit.cohort(kit.event("visit", window=ANY), *criteria, name=name)
    return replace(made, index=index, **more)


def of_visits(pick: str, washout: core.Step | None = None, window: core.Window = YEAR, match: str = "dated") -> Any:
    event = kit.event("visit" if match == "dated" else "stay", match, window=window, first=pick != "last")
    return core.IndexEvent(event=event, pick=pick, washout=washout)  # type: ignore[arg-type]


def included(study: core.Study, rows: dict[str, Any], report: str = "attrition") -> int:
    return agree(study, rows)[report].get(("included",), (0,))[0]


MONTH = kit.variable(
    "since",
    kit.bands(kit.elapsed("month", at("2020-01-01"), at("index")), "0-2", "3-5", "6+"),
    *("0-2", "3-5", "6+", "unknown"),
)


def months(index: core.Index, rows: dict[str, Any], **more: Any) -> dict[Any, int]:
    """How many people have an index how many months into 2020."""
    made = indexed(index, **more)
    cubes = agree(kit.study(MODEL, made, kit.ATTRITION, kit.baseline(MONTH)), rows)
    return {key[0]: cell[0] for key, cell in cubes["baseline_since"].items() if key[0] is not None}


def test_rows_that_give_several_indexes_may_ask_an_age() -> None:
    born = {"p": {"birth_date": kit.date("2000-01-01")}, "q": {"birth_date": kit.date("2003-01-01")}}
    rows = {"person": people("p", "q", "r", **born), "visit": visits("p 2020-02-01", "p 2020-04-01", "q 2020-04-01")}
    adult = kit.cmp(kit.age(at("2020-01-01"), nullable=True), ">=", kit.lit(18))
    every = core.IndexEvent(event=kit.event("visit", window=YEAR, condition=adult), pick="every", washout=None)
    assert months(every, rows, repeated=True) == {"0-2": 1, "3-5": 1}


def test_first_ever_is_the_first_of_all_and_counts_only_in_the_window() -> None:
    rows = {"person": people("p", "q"), "visit": visits("p 2019-05-01", "p 2020-02-01", "q 2020-04-01", "q 2020-07-01")}
    assert months(of_visits("first"), rows) == {"0-2": 1, "3-5": 1}
    assert months(of_visits("first-ever"), rows) == {"3-5": 1}
    assert months(of_visits("last"), rows) == {"0-2": 1, "6+": 1}


def test_every_day_of_a_row_is_an_index_and_people_are_counted_once() -> None:
    rows = {"person": people("p", "q"), "visit": visits("p 2020-01-05", "p 2020-01-05", "p 2020-02-01", "p 2020-08-01")}
    made = indexed(of_visits("every"), repeated=True)
    study = kit.study(MODEL, made, kit.ATTRITION, kit.baseline(MONTH))
    cubes = agree(study, rows)
    assert cubes["attrition"] == {("included",): (1,), (None,): (1,)}
    assert cubes["baseline_since"] == {("0-2",): (1,), ("6+",): (1,), (None,): (1,)}
    assert [cube.additive for cube in plan(study).cubes] == [False, False]


def test_a_washout_looks_back_at_all_rows_and_for_spells_at_the_days_they_hold() -> None:
    half = core.Step(6, "month")
    rows = {
        "person": people("p", "q", "r"),
        "visit": visits("p 2019-12-01", "p 2020-04-01", "p 2020-11-01", "q 2019-06-30", "q 2020-01-01"),
    }
    # p: April is four months after December, November seven after April; q: 2019-06-30 is before 2019-07-01
    assert months(of_visits("first", half), rows) == {"6+": 1, "0-2": 1}
    spells = {
        "person": people("p", "q"),
        "stay": stays(
            "p 2019-01-01 2020-01-02", "p 2020-07-01 2020-08-01", "q 2019-01-01 2020-01-01", "q 2020-07-01 2020-07-02"
        ),
    }
    # p's long stay holds 2020-01-01, which is in [2020-01-01, 2020-07-01); q's does not
    assert months(of_visits("first", half, match="starting"), spells) == {"6+": 1}


def test_a_day_of_the_calendar_or_of_an_attribute_can_be_the_index() -> None:
    rows = {"person": people("p", "q", p={"birth_date": kit.date("2020-05-05")})}
    born = replace(at("index"), base="value", value=kit.attr("birth_date", "date", True))
    assert months(core.IndexDay(day=born), rows) == {"3-5": 1}
    assert months(core.IndexDay(day=at("2020-02-29")), rows) == {"0-2": 2}


@pytest.mark.parametrize(
    ("unit", "ends", "expected"),
    [("month", "[]", {"0-2": 1, "3-5": 1}), ("quarter", "[]", {"0-2": 1, "3-5": 1}), ("year", "[)", {"0-2": 1})],
)
def test_every_first_day_of_a_period_can_be_an_index(unit: str, ends: str, expected: dict[str, int]) -> None:
    window = during(at("2020-01-01"), at("2020-05-31"), ends)
    index = core.IndexPeriods(unit=unit, window=window)  # type: ignore[arg-type]
    assert months(index, {"person": people("p")}, repeated=True) == expected
    empty = core.IndexPeriods(unit="year", window=during(at("2020-01-02"), at("2020-05-31")))
    assert months(empty, {"person": people("p")}, repeated=True) == {}


def test_without_a_clock_everyone_is_a_unit() -> None:
    sex = kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "unknown")
    study = kit.study(MODEL, indexed(core.IndexNone()), kit.ATTRITION, kit.baseline(sex))
    cubes = agree(study, {"person": people("p", "q", "r", p={"sex": "1"}, q={"sex": "1"})})
    assert cubes["attrition"] == {("included",): (3,), (None,): (3,)}
    assert cubes["baseline_sex"] == {("1",): (2,), ("unknown",): (1,), (None,): (3,)}


A = kit.inset(kit.col("visit", "code", "code of c", True), "a")
B = kit.inset(kit.col("visit", "code", "code of c", True), "b")


def two_and(third: core.Cohort, *, first: core.Cohort | None = None) -> core.Study:
    """Cohorts of first visits with code a and with code b, and a third."""
    one = first or kit.cohort(kit.event("visit", window=YEAR, condition=A), name="one")
    two = kit.cohort(kit.event("visit", window=YEAR, condition=B), name="two")
    reports = [core.AttritionReport(name=f"attrition_{c.name}", cohort=c.name) for c in (one, two, third)]
    made = kit.study(MODEL, one)
    return replace(made, cohorts=(one, two, third), reports=tuple(reports))


ROWS = {
    "person": people("p", "q", "r", "s"),
    "visit": visits(
        "p 2020-01-01 a", "p 2020-01-01 b", "q 2020-01-01 a", "q 2020-02-01 b", "r 2020-03-01 a", "s 2020-04-01 b"
    ),
}


@pytest.mark.parametrize(
    ("op", "cohorts", "people_in"),
    [
        ("union", ("one", "two"), 4),
        ("intersect", ("one", "two"), 2),
        ("except", ("one", "two"), 1),
        (None, ("two",), 3),
    ],
)
def test_cohorts_can_be_made_of_others(op: Any, cohorts: tuple[str, ...], people_in: int) -> None:
    third = indexed(core.IndexUnits(op=op, cohorts=cohorts), name="three", repeated=op == "union")
    cubes = agree(two_and(third), ROWS)
    assert cubes["attrition_one"][("included",)] == (3,)
    assert cubes["attrition_two"][("included",)] == (3,)
    assert cubes["attrition_three"][("included",)] == (people_in,)


def test_to_be_a_member_is_to_be_so_with_the_same_index() -> None:
    member = core.MemberOf(facts=kit.facts(), cohort="one")
    third = indexed(of_visits("first"), kit.include("too", member), name="three")
    third = replace(third, index=kit.cohort(kit.event("visit", window=YEAR, condition=B)).index)
    assert agree(two_and(third), ROWS)["attrition_three"] == {("included",): (1,), ("too",): (2,), (None,): (3,)}
    clockless = indexed(core.IndexNone(), kit.include("too", member), name="three")
    assert agree(two_and(clockless), ROWS)["attrition_three"] == {("included",): (3,), ("too",): (1,), (None,): (4,)}


def test_a_repeated_unit_is_a_member_with_that_index_alone() -> None:
    every = indexed(core.IndexEvent(event=kit.event("visit", window=YEAR), pick="every", washout=None), name="one")
    member = core.MemberOf(facts=kit.facts(), cohort="one")
    third = indexed(core.IndexDay(day=at("2020-02-01")), kit.include("then", member), name="three")
    found = agree(two_and(third, first=replace(every, repeated=True)), ROWS)
    assert found["attrition_one"][("included",)] == (4,)
    assert found["attrition_three"] == {("included",): (1,), ("then",): (3,), (None,): (4,)}


def test_clusters_stand_beside_people() -> None:
    sex = kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "unknown")
    made = replace(indexed(core.IndexNone()), cluster="employer_id")
    study = kit.study(MODEL, made, kit.ATTRITION, kit.baseline(sex))
    given = {
        "p": {"sex": "1", "employer_id": "x"},
        "q": {"sex": "1", "employer_id": "x"},
        "r": {"sex": "2", "employer_id": "y"},
        "s": {"sex": "2"},
    }
    cubes = agree(study, {"person": people("p", "q", "r", "s", **given)})
    assert cubes["baseline_sex"] == {("1",): (2, 1), ("2",): (2, 1), (None,): (4, 2)}
    assert cubes["attrition"] == {("included",): (4, 2), (None,): (4, 2)}


def test_a_report_can_be_broken_down_by_a_variable() -> None:
    sex = kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "unknown")
    study = kit.study(MODEL, indexed(of_visits("every"), repeated=True), kit.baseline(MONTH, by="sex"), strata=(sex,))
    rows = {"person": people("p", "q", p={"sex": "1"}), "visit": visits("p 2020-01-05", "p 2020-08-01", "q 2020-08-01")}
    cubes = agree(study, rows)["baseline_since"]
    assert cubes[("6+", "1")] == cubes[("6+", "unknown")] == cubes[("0-2", "1")] == (1,)
    assert cubes[("6+", None)] == (2,)
    assert cubes[(None, None)] == (2,)


def matched(ratio: int, replacement: bool, *criteria: core.Criterion, rounds: int = 8, on: Any = None) -> core.Study:
    """Comparisons for those with a visit of code a, by sex."""
    sex = kit.attr("sex", "code of sex", True)
    index = core.IndexAssigned(
        cohort="one", on=(on or sex,), ratio=ratio, replacement=replacement, seed=7, rounds=rounds
    )
    case = kit.rows("any", "visit", "dated", ANY, A)
    third = indexed(index, kit.exclude("case", case), *criteria, name="three", repeated=replacement)
    return two_and(third)


ALIKE = {
    "person": people(*"abcdefgh", **{name: {"sex": "1" if name in "abcdef" else "2"} for name in "abcdefg"}),
    "visit": visits("a 2020-01-01 a", "b 2020-02-01 a", "g 2020-03-01 a", "c 2020-01-15 b"),
}


def near(*values: core.Near, on: tuple[core.Expr, ...] = (), replacement: bool = True) -> core.Study:
    index = core.IndexAssigned(cohort="one", on=on, near=values, ratio=9, replacement=replacement, seed=7)
    return two_and(indexed(index, name="three", repeated=replacement))


def born(**days: str | None) -> dict[str, Any]:
    rows = {name: {"sex": "1", "birth_date": kit.date(day) if day else None} for name, day in days.items()}
    return {"person": people(*days, **rows), "visit": visits("a 2020-01-01 a", "b 2020-01-01 a", "c 2020-01-15 b")}


BORN = kit.attr("birth_date", "date", True)
SEX = kit.attr("sex", "code of sex", True)


@pytest.mark.parametrize("on", [(), (SEX,)])
def test_who_is_near_enough_is_a_candidate_once_for_each_index(on: tuple[core.Expr, ...]) -> None:
    days = born(a="1980-03-01", b="1980-03-11", c="1980-03-06", d="1980-01-31", e="1980-01-30", f=None, g="1980-04-10")
    study = near(core.Near(value=BORN, distance=30), on=on)
    # a and b are near each other, c near both; d is 30 days from a and g from b, e is 31 from a
    assert agree(study, days)["attrition_three"] == {("included",): (5,), (None,): (5,)}


def test_what_rows_tell_may_be_near_too() -> None:
    count = kit.rows("count", "visit", "dated", during(None, at("index")))
    mean = core.Arithmetic(facts=kit.facts("decimal", True), op="/", left=count, right=kit.lit(2))
    data = born(a="1980-03-01", b="1980-03-11", c=None, d=None, e=None, f=None)
    data["visit"] += visits("c 2019-01-01", "d 2019-01-01", "d 2019-01-02", *(f"e 2019-01-0{n}" for n in (1, 2, 3)))
    for distance, found in ((0, 3), (Decimal("0.5"), 4), (1, 5), (Decimal("1.4999999"), 5), (Decimal("1.5"), 6)):
        study = near(core.Near(value=mean, distance=distance))
        assert agree(study, data)["attrition_three"][("included",)] == (found,)
        whole = near(core.Near(value=count, distance=distance * 2), core.Near(value=mean, distance=9))
        assert agree(whole, data)["attrition_three"][("included",)] == (found,)


def test_a_distance_stands_in_the_join() -> None:
    steps = plan(near(core.Near(value=BORN, distance=30), on=(SEX,))).steps
    joined = {str(one) for step in steps for join in step.joins for one in join.on if "Shift" in str(one)}
    assert len(joined) == 4  # either way, for candidates and for pairs


def test_every_case_gets_the_first_of_who_is_like_it() -> None:
    found = agree(matched(1, True), ALIKE)["attrition_three"]
    # c, d, e and f have the sex of a and b; nobody else has that of g, and h's is not known
    assert found[("case",)] == (2,)  # a for b and b for a
    assert 1 <= found[("included",)][0] <= 2
    assert agree(matched(4, True), ALIKE)["attrition_three"] == {("included",): (4,), ("case",): (2,), (None,): (6,)}


def test_without_replacement_nobody_is_taken_twice_and_the_rest_is_unmatched() -> None:
    one = agree(matched(1, False), ALIKE)["attrition_three"]
    assert one[("included",)] == (2,)
    assert one[("unmatched",)] == (4,)  # with the index of the other case too
    assert agree(matched(2, False), ALIKE)["attrition_three"][("included",)] == (4,)
    assert agree(matched(2, False, rounds=1), ALIKE)["attrition_three"][("included",)][0] <= 2


def test_criteria_are_asked_at_the_index_that_is_assigned() -> None:
    before = kit.rows("no", "visit", "dated", during(None, at("index")), B)
    found = agree(matched(4, True, kit.include("untouched", before)), ALIKE)["attrition_three"]
    assert found == {("case",): (2,), ("untouched",): (1,), ("included",): (4,), (None,): (6,)}


def test_what_is_shared_may_differ_with_the_index() -> None:
    seen = kit.rows("count", "visit", "dated", during(None, at("index"), "[]"), B)
    found = agree(matched(9, True, on=seen), ALIKE)["attrition_three"]
    # a's index is before c's visit: c is like a, and not like b and g
    assert found[("included",)] == (5,)
