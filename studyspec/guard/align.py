"""One name for one thing: dimensions that tell the same of people are named alike in every cube of a release.

A plan may have to rename a column (an exposure called `start` cannot be one beside the dimension `start`).  Which cells
are the same must not hang on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studyspec.plan.cubes import CubeSpec, Dimension, RawCube, RiskTime


def aligned(cubes: Sequence[RawCube]) -> tuple[RawCube, ...]:
    """The cubes in the same order; exposures and strata named as where they first stand, variables as their subjects,
    states as their subjects at a time."""
    breakdowns: list[tuple[Dimension, str]] = []
    found = []
    for cube in cubes:
        spec = cube.spec
        renamed: dict[str, str] = {}
        by = next((d for d in spec.dimensions if d.name == spec.by), None)
        if by is not None:
            renamed[by.name] = _known(by, breakdowns)
        if spec.kind in ("baseline", "trend"):
            if spec.kind == "trend":
                renamed[spec.dimensions[0].name] = "period"
            own = next(d for d in spec.dimensions if d.name not in renamed)
            taken = spec.subject in renamed.values() or any(
                name == spec.subject and not _alike(d, own) for d, name in breakdowns
            )
            renamed[own.name] = f"{spec.subject} as variable" if taken else spec.subject
        elif spec.kind == "state":
            own = next(d for d in spec.dimensions if d.name != spec.by)
            renamed[own.name] = f"{spec.subject} at {' or '.join(map(_time, spec.times))}"
        found.append(replace(cube, spec=_renamed(spec, renamed)))
    return tuple(found)


def _known(by: Dimension, breakdowns: list[tuple[Dimension, str]]) -> str:
    """The name of an exposure or stratum: that of one alike where a plan only had to lengthen it."""
    for other, name in breakdowns:
        lengthened = by.name.startswith(f"{other.name}_") or other.name.startswith(f"{by.name}_")
        same = by.name == other.name and _alike(by, other)
        if by.labels == other.labels and (same or (lengthened and by.categories == other.categories)):
            return name
    known = by.name
    while any(name == known for _, name in breakdowns):
        known += "'"
    breakdowns.append((by, known))
    return known


def _alike(one: Dimension, other: Dimension) -> bool:
    """Whether the categories of one are among those of the other: what is never unknown in one cohort may be so in
    another."""
    keys, others = ({c.key for c in d.categories} for d in (one, other))
    return keys <= others or others <= keys


def _time(time: RiskTime) -> str:
    """A time after the start of follow-up by the calendar: a year is twelve months, a week seven days."""
    months, days = {"year": (12, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}[time.unit]
    return f"{time.amount * months} months" if months else f"{time.amount * days} days"


def _renamed(spec: CubeSpec, names: dict[str, str]) -> CubeSpec:
    return replace(
        spec,
        by=names.get(spec.by, spec.by) if spec.by is not None else None,
        dimensions=tuple(replace(d, name=names.get(d.name, d.name)) for d in spec.dimensions),
        sets=tuple(tuple(names.get(n, n) for n in kept) for kept in spec.sets),
    )
