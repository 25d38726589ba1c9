"""States at some times after the start: tables like a baseline, tied by those no longer followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from studyspec.estimate import Table, tables
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, History
from studyspec.plan.cubes import CubeSpec, RiskTime
from tests.guard.people_by_hand import crowd, cubes, dimension, membership, model, person, policy
from tests.guard.units_by_hand import Unit, members, spec, table

STATES = ("work", "study", "neither", "not_followed")
LEVELS = ("okm", "usual")


def about(months: int, unit: str = "month", amount: int | None = None) -> CubeSpec:
    time = RiskTime(amount=amount or months, unit=unit, days=months * 30)  # type: ignore[arg-type]
    return spec(
        f"state_{months}{unit}", "state", [dimension("state", *STATES), dimension("pathway", *LEVELS)],
        subject="activity", by="pathway", times=(time,),
    )  # fmt: skip


def release(*times: tuple[CubeSpec, Mapping[tuple[str, str], int]], **rules: object) -> Guarded:
    made = [
        table([Unit(f"{s}{x}{i}", {"state": s, "pathway": x}) for (s, x), n in sizes.items() for i in range(n)], spec)
        for spec, sizes in times
    ]
    return protect(tuple(made), (members("", [Unit(str(i)) for i in range(500)]),), policy(**rules), model(), History())


def cells(guarded: Guarded, which: int = 0) -> Mapping[tuple[object, ...], int | None]:
    cube = guarded.cubes[which]
    assert isinstance(cube, GuardedCube)
    return cube.cells


def sizes(*numbers: int) -> dict[tuple[str, str], int]:
    return dict(zip([(s, x) for x in LEVELS for s in STATES], numbers, strict=True))


def test_states_are_counted_and_rounded_like_any_table() -> None:
    shown = cells(release((about(12), sizes(103, 51, 40, 12, 200, 60, 90, 30))))
    assert shown["work", "okm"] == 105
    assert shown[None, "okm"] == 205
    assert shown["not_followed", None] == 40


def test_a_small_state_is_hidden_at_its_time_alone() -> None:
    guarded = release(
        (about(12), sizes(103, 51, 40, 12, 200, 60, 90, 30)), (about(24), sizes(103, 60, 3, 40, 200, 20, 100, 60))
    )
    assert None not in cells(guarded).values()
    assert cells(guarded, 1)["neither", "okm"] is None
    assert cells(guarded, 1)[None, "okm"] == 205, "how many there are is one number"


def test_a_few_whose_follow_up_ended_between_two_times_are_not_told() -> None:
    guarded = release(
        (about(12), sizes(103, 51, 40, 12, 200, 60, 90, 30)), (about(24), sizes(103, 51, 37, 15, 200, 20, 100, 60)),
        rounding=1,
    )  # fmt: skip
    shown = [cells(guarded, i)["not_followed", "okm"] for i in (0, 1)]
    assert None in shown


def test_a_year_is_twelve_months() -> None:
    """The same time in two reports is one table: hidden in one, hidden in the other."""
    small = sizes(103, 51, 4, 48, 200, 60, 90, 30)
    guarded = release((about(12), small), (about(12, "year", 1), small))
    assert dict(cells(guarded)) == dict(cells(guarded, 1))


def made(*times: tuple[CubeSpec, Mapping[tuple[str, str], int]], **rules: object) -> Table:
    (found,) = tables(release(*times, **rules), "en")
    return found


def test_one_table_tells_of_every_time() -> None:
    found = made(
        (about(12), sizes(103, 51, 40, 12, 200, 60, 90, 30)), (about(24), sizes(103, 60, 3, 40, 200, 20, 100, 60))
    )
    assert found.title == "Activity by pathway"
    labels = [c.label for c in found.columns if c.kind == "label"]
    assert labels == ["Time", "State"]
    times = [row[[c.name for c in found.columns].index("variable_label")] for row in found.rows]
    assert times == ["People", *["12 mo"] * 4, *["24 mo"] * 4]


def test_exposures_with_the_same_levels_are_two() -> None:
    """Two breakdowns that both say yes and no are not taken for one."""
    one, other = (
        spec(f"baseline_{name}", "baseline", [dimension("sex", "m", "f"), dimension(name, "yes", "no")],
             subject="sex", by=name)
        for name in ("trained", "urban")
    )  # fmt: skip
    people = [Unit(f"{i}", {"sex": "mf"[i % 2], "trained": "yes" if i % 3 else "no", "urban": "yes" if i % 5 else "no"})
              for i in range(600)]  # fmt: skip
    guarded = protect((table(people, one), table(people, other)), (members("", people),), policy(), model(), History())
    assert cells(guarded)[None, "yes"] == 400
    assert cells(guarded, 1)[None, "yes"] == 480


def test_the_tables_of_several_cohorts_say_which() -> None:
    people = crowd((300, person("m", "okm")), (300, person("f")))
    one = [replace(c, spec=replace(c.spec, cohort="clients")) for c in cubes(people)]
    two = [replace(c, spec=replace(c.spec, cohort="comparisons")) for c in cubes(people)]
    apart = (membership(600), replace(membership(600, 600), cohort="comparisons"))
    guarded = protect((*one, *two), apart, policy(), model(), History())
    titles = [t.title for t in tables(guarded, "en", cohorts={"clients": {"en": "Clients"}})]
    assert titles[0] == "Who is in the cohort (Clients)"
    assert titles[-1].endswith("(comparisons)")
    assert not [
        t.title for t in tables(protect(tuple(one), apart[:1], policy(), model(), History()), "en") if "(" in t.title
    ]
