"""Trends: a table for each period, whose people may be in several."""

from __future__ import annotations

from studyspec.estimate import tables
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, History
from studyspec.plan.cubes import CubeSpec
from tests.guard.people_by_hand import dimension, model, policy
from tests.guard.units_by_hand import Unit, members, spec, table

PERIODS = ("2020", "2021")


def about(by: tuple[str, ...] = ()) -> CubeSpec:
    dims = [dimension("period", *PERIODS), dimension("working", "true", "false")]
    dims += [dimension("sex", *by)] if by else []
    names = [d.name for d in dims]
    sets = ((*names,), ("period", "working"), ("period", "sex"), ("period",)) if by else (tuple(names), ("period",))
    return spec(
        "trend_working", "trend", dims, subject="working", by="sex" if by else None, additive=True, sets=sets
    )  # fmt: skip


def people(period: str, working: int, not_working: int, sex: str = "m") -> list[Unit]:
    return [
        Unit(f"{sex}{i}", {"period": period, "working": "true" if i < working else "false", "sex": sex})
        for i in range(working + not_working)
    ]


def release(found: list[Unit], by: tuple[str, ...] = ()) -> Guarded:
    return protect((table(found, about(by)),), (members("", found),), policy(), model(), History())


def test_a_small_number_is_hidden_in_its_period_alone() -> None:
    guarded = release(people("2020", 100, 50) + people("2021", 120, 3))
    cube = guarded.cubes[0]
    assert isinstance(cube, GuardedCube)
    assert (cube.cells["2020", "true"], cube.cells["2020", "false"], cube.cells["2020", None]) == (100, 50, 150)
    assert (cube.cells["2021", "true"], cube.cells["2021", "false"]) == (None, None)
    assert cube.cells["2021", None] == 125


def test_a_level_of_a_period_is_guarded_by_what_it_is_broken_down_by() -> None:
    found = people("2020", 100, 50) + people("2020", 60, 40, "f") + people("2021", 90, 60) + people("2021", 4, 90, "f")
    cube = release(found, ("m", "f")).cubes[0]
    assert isinstance(cube, GuardedCube)
    assert cube.cells["2020", "true", "f"] == 60
    assert cube.cells["2021", "true", "f"] is None
    assert cube.cells["2021", None, "f"] == 95


def test_the_table_goes_period_by_period() -> None:
    (shown,) = tables(release(people("2020", 100, 50) + people("2021", 120, 30)), "en")
    names = [c.name for c in shown.columns]
    assert names == [
        "variable",
        "period",
        "category",
        "variable_label",
        "period_label",
        "category_label",
        "n",
        "percent",
    ]
    assert [row[names.index("period")] for row in shown.rows] == ["2020"] * 3 + ["2021"] * 3
    assert [row[names.index("n")] for row in shown.rows] == [150, 100, 50, 150, 120, 30]
