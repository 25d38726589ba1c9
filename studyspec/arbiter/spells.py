"""Spells as days: what rows of spells hold, and the named spells made of them (docs/semantics/spells.md).

Days are numbered by `date.toordinal`.  A run (first, out) holds the days from `first` up to, and not including, `out`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from itertools import pairwise

from studyspec.arbiter import times
from studyspec.arbiter.queries import kept_rows
from studyspec.arbiter.world import Row, Scene, Unit, World
from studyspec.semantics import core

Run = tuple[int, int]


def add_spells(world: World) -> None:
    """Work out every named set of spells, in order, and list its runs as rows of a table of that name."""
    for one in world.study.spells:
        table = world.table(one.name)
        entity = world.study.model.entities[table.entity]
        for key in world.listed.get(entity.attributes, {}):
            runs = runs_of(one.value, Scene(world, Unit(key)))
            rows: list[Row] = [
                {table.key: key, table.start or "": _day(first), table.end or "": _day(out)} for first, out in runs
            ]
            world.rows.setdefault(one.name, {})[key] = rows


def runs_of(expr: core.SpellExpr, scene: Scene) -> list[Run]:
    """The days an expression holds for an entity, as the longest runs there are: no two overlap or touch."""
    match expr:
        case core.SpellRows():
            return joined(_held(row) for row in kept_rows(expr.table, expr.condition, scene))
        case core.SpellLogic():
            return _combined(expr.op, [runs_of(operand, scene) for operand in expr.operands])
        case core.Merged():
            return joined(runs_of(expr.operand, scene), gap=expr.days)


def holds(runs: Iterable[Run], day: int) -> bool:
    return any(first <= day < out for first, out in runs)


def joined(runs: Iterable[Run], gap: int = 0) -> list[Run]:
    """The same days in the fewest runs, and with every gap of so many days or fewer filled."""
    found: list[Run] = []
    for first, out in sorted(run for run in runs if run[0] < run[1]):
        if found and first - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], out))
        else:
            found.append((first, out))
    return found


def _combined(op: str, operands: list[list[Run]]) -> list[Run]:
    """Between two neighbouring ends of runs nothing changes: the first day tells for all of them."""
    ends = sorted({end for runs in operands for run in runs for end in run})
    kept = [(first, out) for first, out in pairwise(ends) if _is_in(op, operands, first)]
    return joined(kept)


def _is_in(op: str, operands: list[list[Run]], day: int) -> bool:
    held = [holds(runs, day) for runs in operands]
    if op == "or":
        return any(held)
    return all(held) if op == "and" else held[0] and not any(held[1:])


def _held(row: Scene) -> Run:
    """The days that a row holds; none where its start is unknown, or its end and the end of its table's coverage."""
    first, out = times.row_day(row), times.first_day_out(row)
    return (0, 0) if first is None or out is None else (first.toordinal(), out.toordinal())


def _day(number: int) -> datetime.date:
    return datetime.date.fromordinal(number)
