"""Expressions: the value of each, for a unit or a row, with unknown as a value of its own."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Iterable
from typing import Any, cast

from studyspec import calendar
from studyspec.arbiter import numbers, times
from studyspec.arbiter.queries import answer, picked
from studyspec.arbiter.world import Row, Scene, Value
from studyspec.semantics import core
from studyspec.semantics.walk import walk

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def value(expr: core.Expr, scene: Scene) -> Value:
    """The value of an expression; None is unknown."""
    match expr:
        case core.Literal_():
            return expr.value
        case core.Attribute():
            return _attribute(expr.column, scene)
        case core.RowColumn():
            return column_of(expr.column, scene)
        case core.RowDuration():
            return calendar.days_between(times.row_day(scene), times.first_day_out(scene))
        case core.YearsSince():
            birth = cast(datetime.date | None, _attribute(expr.column, scene))
            return calendar.completed_years(birth, times.day_of(expr.time, scene))
        case core.BandOf():
            return _band(expr, value(expr.operand, scene))
        case core.Compare():
            return _compare(expr.op, value(expr.left, scene), value(expr.right, scene))
        case core.Between():
            operand = value(expr.operand, scene)
            above = _compare("<=", value(expr.low, scene), operand)
            below = _compare("<=", operand, value(expr.high, scene))
            return _all([above, below])
        case core.InSet():
            operand = value(expr.operand, scene)
            return None if operand is None else (operand in expr.values) is not expr.negated
        case core.Not():
            return _not(value(expr.operand, scene))
        case core.Logic():
            operands = [value(operand, scene) for operand in expr.operands]
            return _all(operands) if expr.op == "and" else _not(_all(_not(operand) for operand in operands))
        case core.Ref():
            return _definition(expr, Scene(scene.world, scene.unit))
        case core.RowQuery():
            return answer(expr, scene)
        case core.RowValue():
            return picked(expr, scene)
        case core.GroupOf():
            operand = value(expr.operand, scene)
            return next((key for key, codes in expr.groups if operand in codes), None)
        case core.Known():
            return (value(expr.operand, scene) is not None) is not expr.negated
        case core.AtLeast():
            return _at_least(expr.count, [value(operand, scene) for operand in expr.operands])
        case core.Arithmetic():
            return numbers.arithmetic(expr.op, value(expr.left, scene), value(expr.right, scene))
        case core.TimeValue():
            return times.day_of(expr.time, scene)
        case core.CaseOf():
            return first_true(expr.cases, scene)
        case core.Elapsed():
            return numbers.elapsed(expr.unit, times.day_of(expr.start, scene), times.day_of(expr.end, scene))
        case core.LinkedColumn():
            return _linked(expr, scene)
        case core.MemberOf():
            return _is_member(expr.cohort, scene)
        case core.LatestOf():
            return _latest([times.day_of(time, scene) for time in expr.times])


def _latest(days: list[times.Day]) -> times.Day:
    """The last of several days; unknown where one of them is."""
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def first_true(cases: Iterable[tuple[str, core.Expr | None]], scene: Scene) -> str | None:
    """The name of the first case whose condition is true; unknown when one before it is, or none is true."""
    for name, condition in cases:
        met = True if condition is None else value(condition, scene)
        if met is None:
            return None
        if met is True:
            return name
    return None


def _definition(ref: core.Ref, scene: Scene) -> Value:
    """What is defined, for a unit, worked out once and after all that it reads: chains may be as long as a study."""
    known = scene.world.known.setdefault(scene.unit, {})
    if ref.name not in known:
        every = {definition.name: definition.value for definition in scene.world.study.definitions}
        read = {part.name for part in walk(ref, every) if isinstance(part, core.Ref)}
        for name in every:  # in an order of dependency
            if name in read and name not in known:
                known[name] = value(every[name], scene)
    return known[ref.name]


def column_of(column: core.ColumnRef, scene: Scene) -> Value:
    """A column of the row at hand."""
    return cast(Value, cast(Row, scene.row)[column.column])


def _attribute(column: core.ColumnRef, scene: Scene) -> Value:
    return cast(Value, scene.world.listed[column.table][scene.unit.key][column.column])


def _linked(expr: core.LinkedColumn, scene: Scene) -> Value:
    """A column of the entity that a link names; nobody is listed under an unknown link."""
    link = column_of(expr.link, scene) if expr.in_row else _attribute(expr.link, scene)
    other = scene.world.listed.get(expr.column.table, {}).get(link)
    return None if other is None else cast(Value, other[expr.column.column])


def _is_member(cohort: str, scene: Scene) -> bool:
    """Whether the same entity at the same index is in a cohort; at any, where one of the two cohorts has no index."""
    world, unit = scene.world, scene.unit
    clockless = [isinstance(world.cohort(name).index, core.IndexNone) for name in (cohort, unit.cohort)]
    return any(key == unit.key and (any(clockless) or index == unit.index) for key, index in world.members[cohort])


def _compare(op: str, left: Value, right: Value) -> bool | None:
    return None if left is None or right is None else _COMPARE[op](left, right)


def _all(values: Iterable[Value]) -> bool | None:
    """Kleene's `and`: one false makes it false, else one unknown makes it unknown."""
    seen = list(values)
    if any(value is False for value in seen):
        return False
    return None if any(value is None for value in seen) else True


def _not(value: Value) -> bool | None:
    return None if value is None else not value


def _at_least(count: int, values: list[Value]) -> bool | None:
    """Settled once so many are true, or so many are false that it cannot be any more."""
    true = sum(value is True for value in values)
    unknown = sum(value is None for value in values)
    if true >= count:
        return True
    return False if true + unknown < count else None


def _band(expr: core.BandOf, operand: Value) -> str | None:
    if operand is None:
        return None
    number = cast(int, operand)
    inside = (key for key, low, high in expr.bands if low <= number and (high is None or number <= high))
    return next(inside, None)
