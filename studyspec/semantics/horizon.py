"""Horizons: what an expression reads, when it is known, and whether one time can be shown to come before another.

docs/semantics/horizon.md states the rules.  Every check asks `not_after(a, b, order)`; "cannot be shown" is an answer.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from studyspec import calendar
from studyspec.semantics.core import Bound, FollowUp, Hull, LatestOf, Step, Time, Window

#: When the extract was made: last-known columns are settled no earlier.
EXTRACTION = Bound("extraction")
#: Reads or is known as early, or as late, as the data go.
EARLIEST = Bound("calendar", infinite=-1)
LATEST = Bound("calendar", infinite=1)

Answer = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is known about the anchors: the range of the index, and the follow-up, when these are declared."""

    index_low: datetime.date | None = None
    index_high: datetime.date | None = None
    follow_up: FollowUp | None = None


def offset(steps: Iterable[Step]) -> tuple[int, int]:
    """Steps as (months, days)."""
    months = days = 0
    for step in steps:
        if step.unit in ("month", "year"):
            months += step.amount * (12 if step.unit == "year" else 1)
        else:
            days += step.amount * (7 if step.unit == "week" else 1)
    return months, days


def bound(time: Time) -> Bound:
    """The day of a time, as an anchor moved by months and days."""
    months, days = offset(time.steps)
    match time.base:
        case "calendar" | "data.start" | "data.end":
            if time.date is None:
                return EARLIEST if time.base == "data.start" else LATEST
            day = time.date
            for step in time.steps:
                try:
                    day = calendar.add(day, step.amount, step.unit)
                except OverflowError:
                    return EARLIEST if step.amount < 0 else LATEST
            return Bound("calendar", 0, day.toordinal())
        case "role":
            return Bound("exit", months, days)
        case "that day":
            return Bound("exit", months, days)
        case "value":
            return Bound("value", months, days)
        case _:
            return Bound(time.base, months, days)


def bounds(time: Time) -> tuple[Bound, ...]:
    """The days of which a time is the latest; of most times it is one alone."""
    if not isinstance(time.value, LatestOf):
        return (bound(time),)
    found = []
    for one in time.value.times:
        vague = one.base in ("role", "that day")  # their bounds say how late they can be, and no more
        found += [Bound("value")] if vague else [_further(b, time.steps) for b in bounds(one)]
    return tuple(found)


def _further(b: Bound, steps: tuple[Step, ...]) -> Bound:
    """A bound moved by steps."""
    months, days = offset(steps)
    if b.infinite or not (months or days):
        return b
    if b.anchor == "calendar":
        try:
            day = datetime.date.fromordinal(b.days)
            for step in steps:
                day = calendar.add(day, step.amount, step.unit) or day
        except (OverflowError, ValueError):
            return Bound("value")
        return Bound("calendar", 0, day.toordinal())
    if months and (b.months or b.days):
        return Bound("value")  # months added to an already moved day may clamp elsewhere: the sum would claim too much
    return Bound(b.anchor, b.months + months, b.days + days)


def known_at(time: Time) -> frozenset[Bound]:
    """When a time is settled: `index + 1 year` is known at the index, a date always."""
    match time.base:
        case "calendar" | "data.start" | "data.end":
            return frozenset()
        case "role":
            return frozenset({Bound("exit")})
        case "that day":
            return frozenset({LATEST})
        case "value":
            return frozenset() if time.value is None else time.value.facts.known
        case _:
            return frozenset({Bound(time.base)})


def moved(base: Bound, days: int) -> Bound:
    return base if base.infinite else Bound(base.anchor, base.months, base.days + days)


def hull(window: Window) -> Hull:
    """What a window takes, as [low, high).

    A day of the data can be as early or as late as the data go; the day a state is asked of lies in the follow-up.
    """
    low = moved(_earliest(window.low), 0 if window.low_closed else 1)
    high = highs(window)
    return Hull(low, high[0] if len(high) == 1 else LATEST)


def highs(window: Window) -> tuple[Bound, ...]:
    """The first day out of a window: the latest of these, of most windows one alone."""
    return tuple(moved(b, 1 if window.high_closed else 0) for b in _latest(window.high))


def _earliest(time: Time | None) -> Bound:
    """How early the low end of something can be."""
    if time is not None and isinstance(time.value, LatestOf):
        return next((b for b in bounds(time) if b.anchor != "value"), EARLIEST)
    if time is None or time.base == "value":
        return EARLIEST
    return Bound("entry", *offset(time.steps)) if time.base == "that day" else bound(time)


def _latest(time: Time | None) -> tuple[Bound, ...]:
    """How late the high end of something can be: the latest of these."""
    if time is None:
        return (LATEST,)
    if not isinstance(time.value, LatestOf):
        return (LATEST if time.base == "value" else bound(time),)
    found = tuple(b for one in time.value.times for b in _latest(one))
    return tuple(dict.fromkeys(LATEST if b.anchor == "value" else _further(b, time.steps) for b in found))


def last_days(window: Window) -> frozenset[Bound]:
    """The last day a window takes, when what happened in it is known: the latest of these."""
    return frozenset(moved(b, -1) for b in highs(window))


def shifted(known: Bound, base: Bound) -> Bound:
    """A bound relative to a row, moved to where the row can lie at the latest."""
    if base.infinite or base.anchor == "extraction":
        return base
    return Bound(base.anchor, base.months + known.months, base.days + known.days)


def after(days: frozenset[Bound], known: frozenset[Bound]) -> frozenset[Bound]:
    """When something is known that is known so long after a row's day (`row`), that day being known at `days`."""
    relative = [b for b in known if b.anchor == "row" and not b.infinite]
    moved_on = {shifted(b, day) for b in relative for day in days}
    return join_known(days, frozenset(moved_on), known.difference(relative))


def reach(inner: Hull, outer: Hull, match: str) -> Hull:
    """What is read relative to a row, where the row is one that a window takes which reads `outer`."""
    low, high = inner.low, inner.high
    if low.anchor in ("row", "row.end") and not low.infinite:
        early = low.anchor == "row" and match in ("overlapping", "covering", "ending")
        low = EARLIEST if early else shifted(low, outer.low)
    if high.anchor == "row" and not high.infinite:
        high = shifted(high, moved(outer.high, -1))
    elif high.anchor == "row.end" and not high.infinite:
        high = shifted(high, outer.high) if match == "ending" else LATEST
    return Hull(low, high)


def join_reads(*parts: Iterable[Hull]) -> tuple[Hull, ...]:
    """All that is read, each stretch once; anchors are never merged."""
    return tuple(sorted({h for part in parts for h in part}, key=repr))


def join_known(*parts: frozenset[Bound]) -> frozenset[Bound]:
    """The latest bounds per anchor and number of months; of those only the largest number of days matters."""
    latest: dict[tuple[str, int, int], int] = {}
    for b in frozenset().union(*parts):
        key = (b.anchor, b.months, b.infinite)
        latest[key] = max(latest.get(key, b.days), b.days)
    return frozenset(Bound(a, m, d, i) for (a, m, i), d in latest.items())  # type: ignore[arg-type]


# --- entailment ------------------------------------------------------------------------------------------------------

_INFINITY = 10**9


def _days(months: int, days: int) -> tuple[int, int]:
    """Least and most days that months and days can be."""
    low, high = calendar.month_days(months)
    return low + days, high + days


def _on_index(b: Bound, order: Order) -> Bound:
    """An `entry` bound in terms of what the follow-up starts from."""
    if b.anchor == "entry" and order.follow_up is not None:
        start = bound(order.follow_up.start)
        if start.anchor != "entry" and not start.infinite:
            if b.months and (start.anchor == "calendar" or start.months or start.days):
                return b  # months added to an already moved day may clamp elsewhere: the sum would claim too much
            return Bound(start.anchor, start.months + b.months, start.days + b.days)
    return b


def calendar_range(b: Bound, order: Order) -> tuple[int, int]:
    """Day numbers between which a bound must lie; infinite where nothing is known.

    Adding months keeps the order of days, so that the first and the last day an anchor can be give the first and the
    last day of what is moved from it.
    """
    spread = _spread((b,), order)
    if len(spread) > 1:
        return latest_range(spread, order)
    b = spread[0]
    if b.infinite:
        return b.infinite * _INFINITY, b.infinite * _INFINITY
    low, high = -_INFINITY, _INFINITY
    match b.anchor:
        case "calendar":
            return _days(b.months, b.days)
        case "index":
            low = order.index_low.toordinal() if order.index_low else low
            high = order.index_high.toordinal() if order.index_high else high
        case "entry" if order.follow_up is not None and bound(order.follow_up.start).anchor != "entry":
            low, high = calendar_range(bound(order.follow_up.start), order)
        case "exit" if order.follow_up is not None:
            ends = (bounds(t) for t in order.follow_up.ends if comes(t))
            latest = (latest_range(e, order)[1] for e in ends if all(b.anchor != "exit" for b in e))
            high = min(latest, default=high)
        case "extraction":
            return _INFINITY, _INFINITY
    return _from(low, b), _from(high, b)


def _from(day: int, b: Bound) -> int:
    """The number of the day that a bound is, where its anchor is a day."""
    if abs(day) >= _INFINITY:
        return day
    try:
        moved_on = calendar.add(datetime.date.fromordinal(day), b.months, "month").toordinal()
    except (ValueError, OverflowError):
        return _INFINITY if b.months > 0 else -_INFINITY
    return moved_on + b.days


def latest_range(spread: tuple[Bound, ...], order: Order) -> tuple[int, int]:
    """Day numbers between which the latest of several days must lie."""
    ranges = [calendar_range(b, order) for b in spread]
    return max(low for low, _ in ranges), max(high for _, high in ranges)


def comes(end: Time) -> bool:
    """Whether an end of follow-up comes for everyone: not so a role, nor the latest of times that may not come."""
    return end.base != "role" and not (isinstance(end.value, LatestOf) and end.facts.nullable)


def _spread(days: tuple[Bound, ...], order: Order) -> tuple[Bound, ...]:
    """Days of which the latest counts, the start of follow-up as what it starts from."""
    start = None if order.follow_up is None else order.follow_up.start
    found: list[Bound] = []
    for b in days:
        if b.anchor == "entry" and not b.infinite and start is not None and isinstance(start.value, LatestOf):
            moves = (Step(b.months, "month"), Step(b.days, "day"))
            found += [_further(one, moves) for one in bounds(start)]
        else:
            found.append(_on_index(b, order))
    return tuple(found)


def not_after(a: Bound | tuple[Bound, ...], b: Bound | tuple[Bound, ...], order: Order) -> Answer:
    """Whether `a` comes on or before `b`: for every unit ("yes"), for none ("no"), or it cannot be shown.

    Of several days the latest is meant: it is on or before a day when all of them are, and a day is on or before it
    when it is so for one of them.
    """
    firsts, lasts = (x if isinstance(x, tuple) else (x,) for x in (a, b))
    if len(firsts) == len(lasts) == 1 and (firsts[0].anchor == lasts[0].anchor or not _starts_late(order)):
        return _not_after(firsts[0], lasts[0], order)
    firsts, lasts = _spread(firsts, order), _spread(lasts, order)
    answers = [[_not_after(x, y, order) for y in lasts] for x in firsts]
    if all("yes" in one for one in answers):
        return "yes"
    return "no" if any(set(one) == {"no"} for one in answers) else "unknown"


def _starts_late(order: Order) -> bool:
    """Whether follow-up starts at the latest of several times."""
    return order.follow_up is not None and isinstance(order.follow_up.start.value, LatestOf)


def _not_after(a: Bound, b: Bound, order: Order) -> Answer:
    if "value" in (a.anchor, b.anchor):
        return "unknown"
    if a.anchor != b.anchor:
        a, b = _on_index(a, order), _on_index(b, order)
    if a.anchor == b.anchor and not (a.infinite or b.infinite):
        low, high = _days(a.months - b.months, a.days - b.days)
        if a.months == b.months:
            low = high = a.days - b.days
        return "yes" if high <= 0 else "no" if low > 0 else "unknown"
    if a.anchor == "exit" and order.follow_up is not None and not a.infinite:
        answers = [
            not_after(tuple(moved(one, a.days) for one in bounds(t)), b, order)
            for t in order.follow_up.ends
            if comes(t) and not a.months
        ]
        if "yes" in answers:
            return "yes"
    a_low, a_high = calendar_range(a, order)
    b_low, b_high = calendar_range(b, order)
    if a_high <= b_low and a_high < _INFINITY:
        return "yes"
    if a_low > b_high or (a_low == _INFINITY and b_high < _INFINITY) or a.anchor == "extraction":
        return "no"
    return "unknown"
