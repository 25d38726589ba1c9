"""Days and windows as scalars: constants are worked out here, the rest moves a column."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from studyspec import calendar
from studyspec.plan.nodes import Call, Case, Constant, Operator, Scalar, Shift
from studyspec.semantics import core


def moved(day: Scalar, steps: tuple[core.Step, ...]) -> Scalar:
    """A day moved by steps in order; a constant one is moved now, and is unknown where it leaves the calendar."""
    for step in steps:
        if isinstance(day, Constant):
            day = _constant(day, step)
        elif step.unit == "day" or step.unit == "week":
            day = _shift(day, calendar.duration_days(step.amount, step.unit), "day")
        else:
            day = _shift(day, step.amount, step.unit)
    return day


def day_after(day: Scalar) -> Scalar:
    return moved(day, (core.Step(1, "day"),))


def compare(operator: Operator, left: Scalar, right: Scalar) -> Call:
    return Call(operator, (left, right))


def last_of(days: Sequence[Scalar], unsure: Sequence[Scalar]) -> Scalar:
    """The latest of several days, unknown where one is: databases leave unknown ones out, so it has to be said.

    unsure: those of them that may be unknown
    """
    if Constant(None) in days:
        return Constant(None)
    each = tuple(dict.fromkeys(days))
    if len(each) == 1:
        return each[0]
    asked = dict.fromkeys(_unmoved(day) for day in unsure)
    known = tuple(Call("is not null", (day,)) for day in asked if not _never_null(day))
    found = Call("greatest", each)
    return Case(((known[0] if len(known) == 1 else Call("and", known), found),)) if known else found


def _unmoved(day: Scalar) -> Scalar:
    """What a day was moved from: the one is known where the other is."""
    while isinstance(day, Shift):
        day = day.operand
    return day


def _never_null(day: Scalar) -> bool:
    return isinstance(day, Constant) or (
        isinstance(day, Call) and day.operator == "coalesce" and isinstance(day.operands[-1], Constant)
    )


def inside(day: Scalar, low: Scalar | None, high: Scalar | None, window: core.Window) -> tuple[Scalar, ...]:
    """Conditions that hold a day to a window; a day that is unknown never is in it."""
    if low is None and high is None:
        return (Call("is not null", (day,)),)
    if low is not None and high is not None and window.low_closed and window.high_closed:
        if low == high:
            return (compare("=", day, low),)
        return (Call("between", (day, low, high)),)
    found = []
    if low is not None:
        found.append(compare(">=" if window.low_closed else ">", day, low))
    if high is not None:
        found.append(compare("<=" if window.high_closed else "<", day, high))
    return tuple(found)


def surely_holds_a_day(window: core.Window) -> bool:
    """Whether a window is known to hold a day whatever the unit: both its ends move away from the same base."""
    low, high = window.low, window.high
    if low is None or high is None:
        return low is None and high is None
    if low.base == high.base == "calendar" and low.date and high.date:
        first, last = moved(Constant(low.date), low.steps), moved(Constant(high.date), high.steps)
        if not isinstance(first, Constant) or not isinstance(last, Constant):
            return False
        between = calendar.days_between(_date(first), _date(last))
        return between is not None and between >= _days_needed(window)
    same = replace(low, steps=()) == replace(high, steps=())
    latest_low = sum(max(_extremes(step)) for step in low.steps)
    earliest_high = sum(min(_extremes(step)) for step in high.steps)
    return same and earliest_high - latest_low >= _days_needed(window)


def _extremes(step: core.Step) -> tuple[int, int]:
    """The days by which a step may move: a month is 28 to 31 of them."""
    if step.unit in ("day", "week"):
        days = calendar.duration_days(step.amount, step.unit)
        return days, days
    months = step.amount * (12 if step.unit == "year" else 1)
    return 28 * months, 31 * months


def _days_needed(window: core.Window) -> int:
    """How far the high end must be from the low one for a day to lie between."""
    return 2 - window.low_closed - window.high_closed


def _constant(day: Constant, step: core.Step) -> Constant:
    try:
        return Constant(calendar.add(_date(day), step.amount, step.unit))
    except OverflowError:
        return Constant(None)


def _date(day: Constant) -> datetime.date | None:
    return day.value if isinstance(day.value, datetime.date) else None


def _shift(day: Scalar, amount: int, unit: Literal["day", "month", "year"]) -> Scalar:
    """One move; two in a row of days are one, but months clamp one by one."""
    if amount == 0:
        return day
    if unit != "day":
        return Shift(day, amount, unit)
    if isinstance(day, Shift) and day.unit == "day":
        return _shift(day.operand, day.amount + amount, "day")
    return Shift(day, amount, "day")
