"""Row queries: which rows of an entity a window and a condition keep, and what is said of them."""

from __future__ import annotations

from typing import Any, Literal, cast

from studyspec.arbiter import numbers, times
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
    rows = taken_rows(query, days, scene)
    match query.quantifier:
        case "any":
            return bool(rows)
        case "no":
            return not rows
        case "count":
            return len(rows)
        case "days":
            held: set[int] = set()
            for row in rows:
                held |= _days_held(row, days or times.Days(None, None))
            return len(held)


def picked(query: core.RowValue, scene: Scene) -> Value:
    """The value that a query makes of one column of its rows; nulls of the column take no part."""
    from studyspec.arbiter.values import column_of

    rows = taken_rows(query, times.window_days(query.window, scene), scene)
    if query.pick in ("first", "last"):
        rows = _of_one_day(query, rows)
    known: list[Any] = [found for row in rows if (found := column_of(query.column, row)) is not None]
    match query.pick:
        case "first" | "smallest":
            return cast(Value, min(known, default=None))
        case "last" | "largest":
            return cast(Value, max(known, default=None))
        case "only":
            return column_of(query.column, rows[0]) if len(rows) == 1 else None
        case "sum":
            return numbers.total(known)
        case "distinct":
            return len(set(known))
        case "mean":
            return numbers.mean(known)


def _of_one_day(query: core.RowValue, rows: list[Scene]) -> list[Scene]:
    """The rows of the first (or last) day; a spell that is taken by what it holds counts on its start."""
    match = query.match if query.match in ("dated", "ending") else "starting"
    dated = [(day, row) for row in rows if (day := matched_day(match, row)) is not None]
    pick = min if query.pick == "first" else max
    chosen = pick((day for day, _ in dated), default=None)
    return [row for day, row in dated if day == chosen]


def taken_rows(query: core.RowQuery | core.RowValue, days: times.Days | None, scene: Scene) -> list[Scene]:
    """The rows that window and condition take; days: the window's, None where they are unknown."""
    rows = kept_rows(query.table, query.condition, scene)
    return [row for row in rows if days is not None and _takes(query, days, row, scene)]


def _takes(query: core.RowQuery | core.RowValue, days: times.Days, row: Scene, scene: Scene) -> bool:
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
