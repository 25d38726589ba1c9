"""Clusters (firms, payers, households): where a register asks for a minimum and they are counted, it is held."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.catalogue.types import Dominance, Model
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, History, Unchecked
from studyspec.plan.cubes import CubeSpec
from tests.guard.people_by_hand import dimension, model, policy
from tests.guard.units_by_hand import Unit, followed, members, spec, table, units

TRADES = ("care", "trade", "transport")


def strict(**rule: object) -> Model:
    """The register asks for three clusters, unless told otherwise."""
    site = model()
    person = site.registers["person"]
    changed = replace(person, rule=replace(person.rule, **{"minimum_clusters": 3, **rule}))  # type: ignore[arg-type]
    return replace(site, registers={**site.registers, "person": changed})


def about(counted: bool = True) -> CubeSpec:
    measures = ("entities", "clusters") if counted else ("entities",)
    return spec("baseline_trade", "baseline", [dimension("trade", *TRADES)], subject="trade", measures=measures)


def release(found: list[Unit], site: Model, counted: bool = True) -> Guarded:
    return protect((table(found, about(counted)),), (members("", found),), policy(), site, History())


def cells(guarded: Guarded) -> dict[object, int | None]:
    cube = guarded.cubes[0]
    assert isinstance(cube, GuardedCube)
    return {key[0]: n for key, n in cube.cells.items()}


FOUND = (
    units(60, "a", trade="care") + units(50, "b", trade="trade")
    + units(40, "c", "one", trade="transport") + units(30, "d", "two", trade="transport")
)  # fmt: skip


def test_a_number_made_by_two_firms_is_hidden_however_many_people_they_have() -> None:
    shown = cells(release(FOUND, strict()))
    assert shown["transport"] is None
    assert shown[None] == 180
    assert [shown[t] for t in TRADES].count(None) >= 2, "or it would follow from the sum"


def test_without_such_a_rule_it_is_shown() -> None:
    assert cells(release(FOUND, model()))["transport"] == 70


def test_what_is_counted_is_not_listed_as_unchecked() -> None:
    counted, not_counted = release(FOUND, strict()), release(FOUND, strict(), counted=False)
    assert (counted.unchecked, counted.clusters) == ((), 3)
    assert (not_counted.unchecked, not_counted.clusters) == ((Unchecked("person", "clusters", 3),), 0)


def test_dominance_of_firms_cannot_be_told_from_counts_and_is_said_to_be_unchecked() -> None:
    guarded = release(FOUND, strict(dominance=Dominance(1, 75)))
    assert guarded.unchecked == (Unchecked("person", "dominance", 75),)


def test_three_firms_in_the_margin_and_two_in_the_cell() -> None:
    found = units(20, "a", "one", trade="care") + units(20, "b", "two", trade="care")
    found += units(20, "c", "three", trade="trade") + units(20, "d", "four", trade="trade")
    shown = cells(release(found, strict()))
    assert shown[None] == 80
    assert {shown[t] for t in ("care", "trade")} == {None}


def test_the_attrition_hides_a_step_at_which_one_firm_left() -> None:
    steps = spec(
        "attrition", "attrition", [dimension("left_at", "a", "b", "included")], measures=("entities", "clusters")
    )
    found = units(50, "x", left_at="a") + units(40, "y", "one", left_at="b") + units(100, "z", left_at="included")
    guarded = protect((table(found, steps),), (members("", found),), policy(), strict(), History())
    shown = cells(guarded)
    assert (shown[None], shown["a"], shown["included"]) == (190, None, 100)


@pytest.mark.parametrize(("cluster", "events"), [(None, 40), ("one", None)])
def test_events_are_shown_only_if_enough_firms_had_them(cluster: str | None, events: int | None) -> None:
    rest = units(300, "r", records=(("", 1096, "censored"),))
    hit = units(40, "h", cluster, records=(("", 100, "event"),))
    cubes = followed(rest + hit, measures=("entities", "records", "clusters"))
    curve = protect(cubes, (members("", rest + hit),), policy(), strict(), History()).cubes[-1]
    assert isinstance(curve, GuardedCurve)
    assert curve.levels[None][1][0].events == events


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(3, 40), st.integers(1, 5)), min_size=3, max_size=3))
def test_nothing_shown_has_too_few_firms_and_nothing_hidden_follows(sizes: list[tuple[int, int]]) -> None:
    found = [
        Unit(f"{trade}{i}", {"trade": trade}, (), f"{trade} firm {i % firms}")
        for trade, (n, firms) in zip(TRADES, sizes, strict=True)
        for i in range(n)
    ]
    shown = cells(release(found, strict()))
    firms = {trade: len({u.cluster for u in found if u.at["trade"] == trade}) for trade in TRADES}
    assert not [trade for trade in TRADES if shown[trade] is not None and firms[trade] < 3]
    hidden = [trade for trade in TRADES if shown[trade] is None]
    assert len(hidden) != 1 or shown[None] is None
