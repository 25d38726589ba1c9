"""Named spells: the days of rows put together, as the longest stretches there are."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.arbiter.spells import add_spells, joined, runs_of
from studyspec.arbiter.world import Scene, Unit, gather
from studyspec.semantics import core
from tests.arbiter import by_hand
from tests.plan import kit

runs = st.lists(st.tuples(st.integers(700_000, 700_030), st.integers(700_000, 700_030)), max_size=5)


def days(of: Iterable[tuple[int, int]]) -> set[int]:
    return {day for first, out in of for day in range(first, out)}


def rows_of(ward: str) -> core.SpellRows:
    return core.SpellRows(
        table="stay", condition=kit.cmp(kit.col("stay", "ward"), "=", kit.lit(ward)), facts=kit.facts()
    )


def scene(**wards: list[tuple[int, int]]) -> Scene:
    rows: list[dict[str, Any]] = [
        {
            "person_id": "p",
            "start": kit.datetime.date.fromordinal(a),
            "end": kit.datetime.date.fromordinal(b),
            "ward": w,
        }
        for w, found in wards.items()
        for a, b in found
    ]
    study = by_hand.study(by_hand.cohort("c", core.IndexNone()))
    person = {"person_id": "p", "born": None, "sex": None, "firm": None}
    return Scene(gather(study, {"person": [person], "stay": rows}), Unit("p"))


@given(runs)
@settings(deadline=None)
def test_rows_hold_the_days_from_start_up_to_end_in_as_few_runs_as_can_be(rows: list[tuple[int, int]]) -> None:
    found = runs_of(rows_of("a"), scene(a=rows))
    assert days(found) == days(rows)
    assert all(first < out for first, out in found)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


@given(st.sampled_from(["or", "and", "except"]), runs, runs, runs)
@settings(deadline=None)
def test_logic_is_that_of_the_days(
    op: Literal["or", "and", "except"], a: list[Any], b: list[Any], c: list[Any]
) -> None:
    made = core.SpellLogic(op=op, operands=tuple(rows_of(name) for name in "abc"))
    found = runs_of(made, scene(a=a, b=b, c=c))
    first, second, third = days(a), days(b), days(c)
    wanted = {"or": first | second | third, "and": first & second & third, "except": first - second - third}
    assert days(found) == wanted[op]
    assert found == joined(found)


@given(runs, st.integers(0, 6))
@settings(deadline=None)
def test_merging_fills_the_gaps_of_so_many_days_or_fewer(rows: list[tuple[int, int]], gap: int) -> None:
    held = days(rows)
    found = days(runs_of(core.Merged(operand=rows_of("a"), days=gap), scene(a=rows)))
    for day in range(700_000, 700_031):
        before = max((one for one in held if one < day), default=None)
        after = min((one for one in held if one > day), default=None)
        filled = before is not None and after is not None and after - before - 1 <= gap
        assert (day in found) is (day in held or filled)


def test_an_open_row_holds_days_to_the_end_of_coverage_and_a_row_without_a_start_none() -> None:
    study = by_hand.study(by_hand.cohort("c", core.IndexNone()))
    data = by_hand.rows(study.model, stay=["p 2022-12-30 - a", "p - 2021-01-01 a"])
    (run,) = runs_of(rows_of("a"), Scene(gather(study, data), Unit("p")))
    assert run == (kit.date("2022-12-30").toordinal(), kit.date("2023-01-01").toordinal())


def test_named_spells_are_asked_like_a_table() -> None:
    table = kit.table("in_a", "spells", {}, coverage=by_hand.COVERED)
    model = by_hand.model(in_a=table)
    merged = core.Merged(operand=rows_of("a"), days=2)
    in_a = core.SpellSet(name="in_a", labels={}, value=merged)
    month = kit.during(kit.at("2020-01-01"), kit.at("2020-01-31"), "[]")
    nine = kit.cmp(kit.rows("days", "in_a", "overlapping", month), "=", kit.lit(9))
    once = kit.cmp(kit.rows("count", "in_a", "starting", month), "=", kit.lit(1))
    cohort = by_hand.cohort("c", core.IndexNone(), kit.include("nine", nine), kit.include("once", once))
    data = by_hand.rows(
        model, stay=["p 2020-01-01 2020-01-04 a", "p 2020-01-06 2020-01-10 a", "q 2020-01-01 2020-01-09 a"]
    )
    study = by_hand.study(cohort, model=model, spells=(in_a,))
    world = gather(study, data)
    add_spells(world)
    assert [(r["start"], r["end"]) for r in world.rows_of("in_a", "p")] == [
        (kit.date("2020-01-01"), kit.date("2020-01-10"))
    ]
    assert by_hand.members(study, data) == {"c": {"p"}}
