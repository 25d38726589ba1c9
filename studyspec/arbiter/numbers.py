"""Numbers: arithmetic with unknowns, exact decimals of six digits, and whole units of time between two days."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import cast

from studyspec import calendar
from studyspec.arbiter.world import Value
from studyspec.semantics import core

#: Digits after the point of a decimal that is worked out.
_DIGITS = 6


def arithmetic(op: str, left: Value, right: Value) -> int | Decimal | None:
    """A sum, difference or product of whole numbers is whole; all else is rounded; division by zero is unknown."""
    if left is None or right is None:
        return None
    a, b = cast("int | Decimal", left), cast("int | Decimal", right)
    if op == "/" and b == 0:
        return None
    exact = _exact(op, Fraction(a), Fraction(b))
    if isinstance(a, int) and isinstance(b, int) and op != "/":
        return int(exact)
    return rounded(exact)


def _exact(op: str, left: Fraction, right: Fraction) -> Fraction:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def total(values: Sequence[int | Decimal]) -> int | Decimal:
    """The sum, without rounding."""
    if not any(isinstance(one, Decimal) for one in values):
        return sum(cast("Sequence[int]", values))
    exact = sum((Fraction(one) for one in values), Fraction(0))
    places = max(-int(Decimal(one).as_tuple().exponent) for one in values)
    return _decimal(int(exact * 10 ** max(places, 0)), max(places, 0))


def mean(values: Sequence[int | Decimal]) -> Decimal | None:
    """The sum divided by the number of values, rounded once; unknown where there is none."""
    if not values:
        return None
    return rounded(sum((Fraction(one) for one in values), Fraction(0)) / len(values))


def rounded(exact: Fraction) -> Decimal:
    """The decimal of six digits nearest to a number; of two that are as near, the one further from zero."""
    away = (abs(exact) * 10**_DIGITS + Fraction(1, 2)).__floor__()
    return _decimal(-away if exact < 0 else away, _DIGITS)


def _decimal(digits: int, places: int) -> Decimal:
    """digits / 10**places, exactly, whatever the precision of the context."""
    return Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))


def elapsed(unit: core.Unit, start: datetime.date | None, end: datetime.date | None) -> int | None:
    """Whole units completed from start to end; when end comes first, those from end to start, as a negative number."""
    if start is None or end is None:
        return None
    if end < start:
        return -_completed(unit, end, start)
    return _completed(unit, start, end)


def _completed(unit: core.Unit, first: datetime.date, last: datetime.date) -> int:
    """The most units by which the first day can be moved without passing the last."""
    if unit in ("day", "week"):
        return (last - first).days // (7 if unit == "week" else 1)
    most = (last.year - first.year) * 12 + last.month - first.month if unit == "month" else last.year - first.year
    return most if calendar.add(first, most, unit) <= last else most - 1
