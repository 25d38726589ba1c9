"""Row queries: which rows of an entity a window and a condition keep, and what is said of them."""

from __future__ import annotations

from typing import Literal

from studyspec.arbiter import times
from studyspec.arbiter.world import Scene, Value
from studyspec.semantics import core

EventMatch = Literal["dated", "starting", "ending"]


def kept_rows(table: str, condition: core.Expr | None, scene: Scene) -> list[Scene]:
    """The entity's rows for which the condition is true: a row for which it is unknown does not stay."""
    from studyspec.arbiter.values import value

    rows = [scene.at(table, row) for row in scene.world.rows_of(table, scene.unit.key)]
    return [row for row in rows if condition is None or value(condition, row) is True]


def matched_day(match: EventMatch, row: Scene) -> times.Day:
    """The day of a row that a window looks at: the event's, the spell's first day in, or its last day in."""
    return times.last_day_in(row) if match == "ending" else times.row_day(row)


def answer(query: core.RowQuery, scene: Scene) -> Value:
    """What a row query says of a unit; never unknown."""
    days = times.window_days(query.window, scene)
    rows = kept_rows(query.table, query.condition, scene)
    taken = [row for row in rows if days is not None and _takes(query, days, row, scene)]
    match query.quantifier:
        case "any":
            return bool(taken)
        case "no":
            return not taken
        case "count":
            return len(taken)
        case "days":
            held: set[int] = set()
            for row in taken:
                held |= _days_held(row, days or times.Days(None, None))
            return len(held)


def _takes(query: core.RowQuery, days: times.Days, row: Scene, scene: Scene) -> bool:
    match query.match:
        case "dated" | "starting" | "ending":
            return days.hold(matched_day(query.match, row))
        case "overlapping":
            return bool(_days_held(row, days))
        case "covering":
            day = None if query.window.low is None else times.day_of(query.window.low, scene)
            start, end = times.row_day(row), times.first_day_out(row)
            return day is not None and start is not None and end is not None and start <= day < end


def _days_held(row: Scene, days: times.Days) -> set[int]:
    """The days of a window that a row holds: a spell those from its start up to its end, an event its own."""
    first = times.row_day(row)
    is_event = row.world.table(row.table or "").date is not None
    last = first if is_event else times.moved(times.first_day_out(row), -1, "day")
    if first is None or last is None:
        return set()
    return days.shared(first, last)
