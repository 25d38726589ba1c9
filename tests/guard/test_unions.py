"""Entities with several units: categories overlap, and nothing hidden follows from what is left."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from studyspec.catalogue.types import Policy
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, History
from studyspec.plan.cubes import RawCube
from studyspec.source import Refused
from tests.guard.people_by_hand import dimension, model, policy
from tests.guard.units_by_hand import Unit, members, spec, table

AGES, LEVELS = ("young", "middle", "old"), ("okm", "usual")
ABOUT = spec(
    "baseline_age", "baseline", [dimension("age", *AGES), dimension("pathway", *LEVELS)], subject="age", by="pathway",
    additive=False,
)  # fmt: skip


def release(*cubes: RawCube, rules: Policy | None = None) -> Guarded:
    return protect(cubes, (members("", [Unit(str(i)) for i in range(500)]),), rules or policy(), model(), History())


def people(size: int, name: str, *cells: tuple[str, str]) -> list[Unit]:
    """Entities with one unit in each of the cells."""
    return [Unit(f"{name}{i}", {"age": age, "pathway": level}) for i in range(size) for age, level in cells]


def shown(found: list[Unit], rules: Policy | None = None) -> dict[tuple[object, ...], int | None]:
    cube = release(table(found, ABOUT), rules=rules).cubes[0]
    assert isinstance(cube, GuardedCube)
    return dict(cube.cells)


FAIR = (
    people(100, "a", ("young", "okm"), ("middle", "usual")) + people(90, "b", ("middle", "okm"))
    + people(80, "c", ("old", "okm"), ("old", "usual")) + people(70, "d", ("young", "usual"))
)  # fmt: skip


def test_margins_count_people_once() -> None:
    cells = shown(FAIR)
    assert cells[None, None] == 340
    assert (cells[None, "okm"], cells[None, "usual"]) == (270, 250)
    assert (cells["young", None], cells["middle", None], cells["old", None]) == (170, 190, 80)


def test_a_small_category_is_hidden_and_does_not_follow() -> None:
    cells = shown(FAIR + people(3, "e", ("old", "okm"), ("middle", "usual")) + people(3, "f", ("young", "okm")))
    assert None not in (cells[None, "okm"], cells[None, "usual"], cells[None, None])
    found = shown(
        people(100, "a", ("young", "okm")) + people(4, "b", ("old", "okm")) + people(90, "c", ("young", "usual"))
    )
    assert found["old", "okm"] is None
    assert found["young", "okm"] is None


def test_a_category_that_all_but_a_few_have_is_hidden() -> None:
    cells = shown(
        people(100, "a", ("young", "okm"), ("old", "okm")) + people(3, "b", ("old", "okm"))
        + people(50, "c", ("middle", "usual"))
    )  # fmt: skip
    assert cells["young", "okm"] is None
    assert cells["old", "okm"] is None, "everyone at that level is old once"


def test_margins_that_cannot_be_are_refused() -> None:
    made = table(FAIR, ABOUT)
    for wrong in ({(None, None): (10_000,)}, {("young", None): (60,)}):
        with pytest.raises(Refused, match="cubes-disagree"):
            release(RawCube(ABOUT, {**made.cells, **wrong}))


def test_the_attrition_of_several_units_counts_who_leaves_where() -> None:
    about = spec("attrition", "attrition", [dimension("left_at", "adult", "resident", "included")], additive=False)
    found = (
        [Unit(f"a{i}", {"left_at": left}) for i in range(60) for left in ("adult", "included")]
        + [Unit(f"b{i}", {"left_at": "adult"}) for i in range(40)]
        + [Unit(f"c{i}", {"left_at": "resident"}) for i in range(3)]
        + [Unit(f"d{i}", {"left_at": "included"}) for i in range(100)]
    )
    cube = release(table(found, about)).cubes[0]
    assert isinstance(cube, GuardedCube)
    assert (cube.cells["adult",], cube.cells["included",]) == (100, 160)
    assert cube.cells["resident",] is None


# --- an attacker who knows how sets can overlap ----------------------------------------------------------------------


def patterns(cells: list[tuple[str, str]]) -> list[frozenset[tuple[str, str]]]:
    """Everything one entity can be in."""
    return [frozenset(c) for size in range(1, len(cells) + 1) for c in combinations(cells, size)]


def assert_withstands(seed: int) -> int:
    """Linear programming over how many entities have each pattern of cells, given all that is published."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    rng = random.Random(seed)
    ages = AGES[: rng.choice((2, 2, 3))]
    space = patterns(list(product(ages, LEVELS)))
    drawn = rng.sample(space, rng.choice((4, 8, 12)))
    sizes = {p: rng.choice((0, 1, 2, 4, 9, 30, 120)) for p in drawn}
    found = [u for i, (p, n) in enumerate(sizes.items()) for u in people(n, f"{i}_", *sorted(p))]
    about = spec(
        "baseline_age", "baseline", [dimension("age", *ages), dimension("pathway", *LEVELS)], subject="age",
        by="pathway", additive=False,
    )  # fmt: skip
    rules = policy(rounding=rng.choice((1, 5)), zeros=rng.choice(("show", "hide")))
    raw = table(found, about)
    guarded = release(raw, rules=rules)
    cube = guarded.cubes[0]
    assert isinstance(cube, GuardedCube)

    def row(key: tuple[object, ...]) -> list[float]:
        inside = [{c for c in p if all(k in (None, v) for k, v in zip(key, c, strict=True))} for p in space]
        return [1.0 if i else 0.0 for i in inside]

    upper, limits = [], []
    for key, number in cube.cells.items():
        if number is not None:
            low = number - rules.rounding // 2
            low, high = (0, 0) if number == 0 else (max(low, guarded.minimum), low + rules.rounding - 1)
            upper += [row(key), [-x for x in row(key)]]
            limits += [high, -low]
    tried = 0
    for key, number in cube.cells.items():
        true = raw.cells.get(key, (0,))[0]
        if number is not None or true >= guarded.minimum or (true == 0 and rules.zeros == "show"):
            continue
        bounds = [
            sign * linprog([sign * x for x in row(key)], A_ub=upper or None, b_ub=limits or None, bounds=(0, 1e6),
                           method="highs").fun
            for sign in (1, -1)
        ]  # fmt: skip
        least = 0 if rules.zeros == "hide" else 1
        assert bounds[0] <= least + 1e-6, f"seed {seed}: {key} is known to be at least {bounds[0]}"
        assert bounds[1] >= guarded.minimum - 1 - 1e-6, f"seed {seed}: {key} is known to be at most {bounds[1]}"
        tried += 1
    return tried


@pytest.mark.parametrize("batch", range(4))
def test_no_hidden_number_of_overlapping_sets_is_pinned_down(batch: int) -> None:
    assert sum(assert_withstands(10 * batch + i) for i in range(10)) > 0


@pytest.mark.sweep
@pytest.mark.parametrize("batch", range(20))
def test_no_hidden_number_of_overlapping_sets_is_pinned_down_in_many_releases(batch: int) -> None:
    assert sum(assert_withstands(1000 + 20 * batch + i) for i in range(20)) > 0
