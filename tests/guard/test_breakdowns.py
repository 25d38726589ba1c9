"""One outcome by an exposure and by a stratum: what one table hides does not follow from the other."""

from __future__ import annotations

import random
from itertools import product

import pytest

from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, History
from studyspec.plan.cubes import CubeSpec, RawCube
from tests.guard.people_by_hand import DAY, TIMES, dimension, model, policy
from tests.guard.units_by_hand import STARTS, Unit, curve, members, spec, table

LEVELS, SEXES = ("okm", "usual"), ("m", "f")
SLOTS = [*((end, i) for end in ("event", "death") for i in range(2)), ("censored", 2)]


def about(by: str, levels: tuple[str, ...]) -> tuple[CubeSpec, CubeSpec]:
    dims = [dimension(by, *levels), DAY, dimension("end", "event", "death", "censored")]
    ordinary = spec(
        f"curve_{by}", "curve", dims, subject="employed", by=by, sets=(tuple(d.name for d in dims),), times=TIMES[:2]
    )
    start = spec(
        f"start_{by}", "start", [dimension("start", *STARTS), dimension(by, *levels)], subject="employed", by=by
    )
    return start, ordinary


def cubes(sizes: dict[tuple[str, str, tuple[str, int]], int]) -> tuple[RawCube, ...]:
    made = []
    for by, levels in (("pathway", LEVELS), ("sex", SEXES)):
        start, ordinary = about(by, levels)
        found = [
            Unit(
                f"{level}{sex}{end}{slot}_{i}", {"start": "at_risk", "pathway": level, "sex": sex},
                ((level if by == "pathway" else sex, 365 * slot + 100, end),),
            )
            for (level, sex, (end, slot)), n in sizes.items()
            for i in range(n)
        ]  # fmt: skip
        made += [table(found, start), curve(found, ordinary)]
    return tuple(made)


def release(sizes: dict[tuple[str, str, tuple[str, int]], int], **rules: object) -> Guarded:
    whole = [Unit(str(i)) for i in range(max(50, sum(sizes.values())))]
    return protect(cubes(sizes), (members("", whole),), policy(**rules), model(), History())


def test_events_hidden_by_exposure_do_not_follow_from_the_other_table() -> None:
    """Three events in one level; by sex there are plenty, and their sum less the other level would be the three."""
    sizes = dict.fromkeys(product(LEVELS, SEXES, SLOTS), 0)
    for level, sex in product(LEVELS, SEXES):
        sizes[level, sex, ("censored", 2)] = 200
        sizes[level, sex, ("event", 0)] = 40
    sizes["okm", "m", ("event", 0)], sizes["okm", "f", ("event", 0)] = 3, 0
    guarded = release(sizes, rounding=1)
    shown = {
        level: points[0].events
        for cube in guarded.cubes
        if isinstance(cube, GuardedCurve)
        for level, (_, points) in cube.levels.items()
    }
    assert shown["okm"] is None
    assert None in (shown["usual"], shown["m"], shown["f"])


def assert_withstands(seed: int) -> int:
    """Linear programming over how many of each level and sex had what when."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    rng = random.Random(seed)
    names = list(product(LEVELS, SEXES, SLOTS))
    sizes = {name: rng.choice((0, 1, 3, 8, 25, 60)) for name in names}
    rules = policy(rounding=rng.choice((1, 5)), zeros=rng.choice(("show", "hide")))
    guarded = release(sizes, rounding=rules.rounding, zeros=rules.zeros)
    upper: list[list[float]] = []
    limits: list[float] = []

    def told(row: list[float], number: int | None) -> None:
        if number is not None:
            low = number - rules.rounding // 2
            low, high = (0, 0) if number == 0 else (max(low, guarded.minimum), low + rules.rounding - 1)
            upper.extend([row, [-x for x in row]])
            limits.extend([high, -low])

    targets: list[list[float]] = []
    for cube in guarded.cubes:
        place = 0 if cube.spec.by == "pathway" else 1
        if isinstance(cube, GuardedCube):
            at = [d.name for d in cube.spec.dimensions].index(cube.spec.by or "")
            for key, number in cube.cells.items():
                told([1.0 if key[at] in (None, name[place]) else 0.0 for name in names], number)
            continue
        for level, (_, points) in cube.levels.items():
            for i, point in enumerate(points):
                for end, number in (("event", point.events), *point.competing):

                    def row(slots: range, end: str = end, level: str | None = level, place: int = place) -> list[float]:
                        inside = {(end, s) for s in slots}
                        return [1.0 if n[place] == level and n[2] in inside else 0.0 for n in names]

                    told(row(range(i + 1)), number)
                    targets += [row(range(i + 1)), row(range(i, i + 1))]
    tried = 0
    for weight in targets:
        true = sum(w * sizes[n] for w, n in zip(weight, names, strict=True))
        if true >= guarded.minimum or (true == 0 and rules.zeros == "show"):
            continue
        low, high = (
            sign * linprog([sign * w for w in weight], A_ub=upper, b_ub=limits, bounds=(0, 1e6), method="highs").fun
            for sign in (1, -1)
        )
        assert low <= (0 if rules.zeros == "hide" else 1) + 1e-6, f"seed {seed}: at least {low}"
        assert high >= guarded.minimum - 1 - 1e-6, f"seed {seed}: at most {high}"
        tried += 1
    return tried


@pytest.mark.parametrize("batch", range(4))
def test_no_hidden_number_of_two_breakdowns_is_pinned_down(batch: int) -> None:
    assert sum(assert_withstands(10 * batch + i) for i in range(10)) > 0


@pytest.mark.sweep
@pytest.mark.parametrize("batch", range(20))
def test_no_hidden_number_of_two_breakdowns_is_pinned_down_in_many_releases(batch: int) -> None:
    assert sum(assert_withstands(1000 + 20 * batch + i) for i in range(20)) > 0
