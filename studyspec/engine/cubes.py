"""From the rows of a cube's table to a RawCube, checked against what the plan says it counts.  Knows no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from studyspec.engine import faults
from studyspec.plan.cubes import CubeSpec, Dimension, Key, RawCube
from studyspec.source import Diagnostic, EngineFailed

#: The column that says which grouping set a row belongs to: its index in CubeSpec.sets.
MARGIN = "margin_of"


def columns(spec: CubeSpec) -> tuple[str, ...]:
    """The columns of a cube's table, in the order `raw_cube` wants them."""
    return (*(d.name for d in spec.dimensions), MARGIN, *spec.measures)


def raw_cube(spec: CubeSpec, rows: Iterable[Sequence[object]]) -> RawCube:
    """Build a cube.  Raises EngineFailed (data-outside-model, engine-cube) without naming a value."""
    declared = [None if d.kind == "day" else frozenset(c.key for c in d.categories) for d in spec.dimensions]
    width = len(spec.dimensions)
    cells: dict[Key, tuple[int, ...]] = {}
    outside: set[str] = set()
    for row in rows:
        kept = _kept(spec, row[width])
        strange = {
            dimension.name
            for dimension, known, value in zip(spec.dimensions, declared, row, strict=False)
            if not _fits(spec, dimension, known, value, dimension.name in kept)
        }
        outside |= strange
        numbers = tuple(_whole(spec, value) for value in row[width + 1 :])
        # SQL counts an empty population as one row of zeros; a cube leaves out cells with no one.
        if strange or not any(numbers):
            continue
        key: Key = tuple(row[:width])  # type: ignore[arg-type]  # checked just above
        if key in cells:
            raise EngineFailed(faults.cube_broken(spec.name))
        cells[key] = numbers
    if outside:
        raise EngineFailed(*_outside(spec, outside))
    return RawCube(spec, cells)


def _outside(spec: CubeSpec, names: set[str]) -> list[Diagnostic]:
    return [faults.outside_model(spec.name, d.name) for d in spec.dimensions if d.name in names]


def _kept(spec: CubeSpec, margin: object) -> tuple[str, ...]:
    if not isinstance(margin, int) or not 0 <= margin < len(spec.sets):
        raise EngineFailed(faults.cube_broken(spec.name))
    return spec.sets[margin]


def _fits(spec: CubeSpec, dimension: Dimension, known: frozenset[str] | None, value: object, kept: bool) -> bool:
    """Whether a dimension's value is declared.  A margin that is not one, or a day that is none, is our own fault."""
    if not kept:
        if value is not None:
            raise EngineFailed(faults.cube_broken(spec.name))
        return True
    if known is not None:
        return value in known
    if isinstance(value, int) and value >= 0:
        return True
    raise EngineFailed(faults.cube_broken(spec.name))


def _whole(spec: CubeSpec, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    raise EngineFailed(faults.cube_broken(spec.name))
