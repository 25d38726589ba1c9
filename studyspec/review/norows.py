"""What an expression is for someone who has no row in any table it looks into.

The row tables are taken to be empty and the entity's own attributes to be anything: what is certain all the same is a
value, "unknown", or "it depends".  Follows the rules of docs/semantics/row-queries.md and values.md.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import assert_never

from studyspec.semantics import core
from studyspec.semantics.core import Expr


@dataclass(frozen=True, slots=True)
class Certain:
    """A value that is certain; None is unknown."""

    value: str | int | Decimal | bool | datetime.date | None


@dataclass(frozen=True, slots=True)
class Depends:
    """Nothing is certain without the entity's attributes."""


Answer = Certain | Depends
UNKNOWN, DEPENDS = Certain(None), Depends()


def definitions(study: core.Study) -> dict[str, Answer]:
    """The answer for each definition; they are listed in an order of dependency."""
    found: dict[str, Answer] = {}
    for definition in study.definitions:
        found[definition.name] = without_rows(definition.value, found)
    return found


def without_rows(expr: Expr, names: Mapping[str, Answer]) -> Answer:
    """names: the answers for definitions."""
    match expr:
        case core.Literal_():
            return Certain(expr.value)
        case core.Attribute() | core.RowColumn() | core.RowDuration():
            return DEPENDS
        case core.YearsSince() | core.TimeValue():
            return _reckoned(names, expr.time)
        case core.Ref():
            return names.get(expr.name, DEPENDS)
        case core.RowQuery():
            return Certain({"any": False, "no": True, "count": 0, "days": 0}[expr.quantifier])
        case core.RowValue():
            return Certain(0) if expr.pick in ("sum", "distinct") else UNKNOWN
        case core.Not():
            inner = without_rows(expr.operand, names)
            return Certain(not inner.value) if isinstance(inner, Certain) and inner.value is not None else inner
        case core.Logic():
            return _logic(expr, names)
        case core.AtLeast():
            return _at_least(expr, names)
        case core.Known():
            inner = without_rows(expr.operand, names)
            return Certain((inner.value is None) == expr.negated) if isinstance(inner, Certain) else DEPENDS
        case core.Compare():
            return _compared(expr.op, without_rows(expr.left, names), without_rows(expr.right, names))
        case core.Between():
            value = without_rows(expr.operand, names)
            low = _compared(">=", value, without_rows(expr.low, names))
            high = _compared("<=", value, without_rows(expr.high, names))
            return _both(low, high)
        case core.InSet():
            value = without_rows(expr.operand, names)
            if isinstance(value, Depends) or value.value is None:
                return value
            return Certain((value.value in expr.values) != expr.negated)
        case core.BandOf():
            return _band(expr, without_rows(expr.operand, names))
        case core.GroupOf():
            value = without_rows(expr.operand, names)
            if isinstance(value, Depends):
                return value
            return Certain(next((key for key, codes in expr.groups if value.value in codes), None))
        case core.Arithmetic():
            return _arithmetic(expr.op, without_rows(expr.left, names), without_rows(expr.right, names))
        case core.CaseOf():
            return _case(expr, names)
        case core.Elapsed():
            return _reckoned(names, expr.start, expr.end)
        case core.LinkedColumn() | core.MemberOf() | core.LatestOf():
            return DEPENDS
        case _:
            assert_never(expr)


def _reckoned(names: Mapping[str, Answer], *times: core.Time) -> Answer:
    """What is made of times: unknown where one of them is."""
    values = [without_rows(time.value, names) for time in times if time.value is not None]
    return UNKNOWN if UNKNOWN in values else DEPENDS


def _logic(expr: core.Logic, names: Mapping[str, Answer]) -> Answer:
    """Kleene: one false settles `and`, one true settles `or`, whatever the others depend on."""
    answers = [without_rows(o, names) for o in expr.operands]
    settles = expr.op == "or"
    if Certain(settles) in answers:
        return Certain(settles)
    if DEPENDS in answers:
        return DEPENDS
    return UNKNOWN if UNKNOWN in answers else Certain(not settles)


def _both(a: Answer, b: Answer) -> Answer:
    if Certain(False) in (a, b):
        return Certain(False)
    if DEPENDS in (a, b):
        return DEPENDS
    return UNKNOWN if UNKNOWN in (a, b) else Certain(True)


def _at_least(expr: core.AtLeast, names: Mapping[str, Answer]) -> Answer:
    answers = [without_rows(o, names) for o in expr.operands]
    true, false = answers.count(Certain(True)), answers.count(Certain(False))
    if true >= expr.count:
        return Certain(True)
    if len(answers) - false < expr.count:
        return Certain(False)
    return DEPENDS if DEPENDS in answers else UNKNOWN


def _compared(op: str, left: Answer, right: Answer) -> Answer:
    if UNKNOWN in (left, right):
        return UNKNOWN
    if isinstance(left, Depends) or isinstance(right, Depends):
        return DEPENDS
    a, b = left.value, right.value
    if op in ("=", "!="):
        return Certain((a == b) == (op == "="))
    if isinstance(a, int | Decimal) and isinstance(b, int | Decimal):
        return Certain({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op])
    return DEPENDS


def _band(expr: core.BandOf, value: Answer) -> Answer:
    if isinstance(value, Depends) or value.value is None:
        return value
    n = value.value
    assert isinstance(n, int | Decimal)
    inside = (key for key, low, high in expr.bands if low <= n and (high is None or n <= high))
    return Certain(next(inside, None))


def _arithmetic(op: str, left: Answer, right: Answer) -> Answer:
    if UNKNOWN in (left, right):
        return UNKNOWN
    if isinstance(left, Depends) or isinstance(right, Depends):
        return DEPENDS
    a, b = left.value, right.value
    assert isinstance(a, int | Decimal)
    assert isinstance(b, int | Decimal)
    if op == "/":
        return UNKNOWN if b == 0 else Certain((Decimal(a) / Decimal(b)).quantize(Decimal("0.000001"), ROUND_HALF_UP))
    return Certain(a + b if op == "+" else a - b if op == "-" else a * b)


def _case(expr: core.CaseOf, names: Mapping[str, Answer]) -> Answer:
    for key, condition in expr.cases:
        answer = Certain(True) if condition is None else without_rows(condition, names)
        if answer == Certain(True):
            return Certain(key)
        if answer != Certain(False):
            return answer
    return UNKNOWN
