"""Candidates: every entity of a cohort with the index, or the indexes, that it has (docs/semantics/cohort.md)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from studyspec.arbiter import times
from studyspec.arbiter.queries import EventMatch, kept_rows, matched_day
from studyspec.arbiter.world import Scene, Unit, World
from studyspec.semantics import core

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def candidates(world: World, cohort: core.Cohort) -> list[Unit]:
    """Everyone with an index, once for each index.  Assigned indexes have a module of their own, `matching`."""
    index = cohort.index
    if isinstance(index, core.IndexUnits):
        return [Unit(key, day, cohort.name) for key, day in _units_of(world, index)]
    nameless = [Unit(key, cohort=cohort.name) for key in world.keys(cohort)]
    if isinstance(index, core.IndexNone):
        return nameless
    return [replace(unit, index=day) for unit in nameless for day in _days(index, Scene(world, unit))]


def _days(index: core.Index, scene: Scene) -> list[datetime.date]:
    match index:
        case core.IndexEvent():
            return _event_days(index, scene)
        case core.IndexDay():
            day = times.day_of(index.day, scene)
            return [] if day is None else [day]
        case core.IndexPeriods():
            return _period_days(index, scene)
        case _:
            raise ValueError(f"{type(index).__name__} gives no days of its own")


# --- rows ------------------------------------------------------------------------------------------------------------


def _event_days(index: core.IndexEvent, scene: Scene) -> list[datetime.date]:
    """The days of the rows that count, in the window; for `first-ever`, the first of them all where it is in there."""
    event = index.event
    window = times.window_days(event.window, scene)
    if window is None:
        return []
    rows = kept_rows(event.table, event.condition, scene)
    found = {day for row in rows if (day := matched_day(event.match, row)) is not None}
    days = [day for day in found if index.washout is None or _is_free(day, index.washout, event.match, rows)]
    if index.pick == "first-ever":
        return [day for day in days if day == min(days) and window.hold(day)]
    inside = sorted(day for day in days if window.hold(day))
    if index.pick == "every":
        return inside
    return inside[:1] if index.pick == "first" else inside[-1:]


def _is_free(day: datetime.date, washout: core.Step, match: EventMatch, rows: list[Scene]) -> bool:
    """Whether no row is in the time of washout before a day.  A time that begins before the calendar holds no row."""
    low = times.moved(day, -washout.amount, washout.unit)
    if low is None:
        return True
    before = times.Days(low, times.moved(day, -1, "day"))
    return not any(_is_in(before, match, row) for row in rows)


def _is_in(days: times.Days, match: EventMatch, row: Scene) -> bool:
    if match != "starting":
        return days.hold(matched_day(match, row))
    first, out = times.row_day(row), times.first_day_out(row)
    last = times.moved(out, -1, "day")
    return first is not None and last is not None and bool(days.shared(first, last))


# --- periods ---------------------------------------------------------------------------------------------------------


def _period_days(index: core.IndexPeriods, scene: Scene) -> list[datetime.date]:
    """The first days of the months, quarters or years that begin in the window."""
    window = times.window_days(index.window, scene)
    if window is None:
        return []
    if window.first is None or window.last is None:
        raise ValueError("an index on every month needs a window with two ends")
    return [day for day in _first_days(window.first.year, window.last.year, _MONTHS[index.unit]) if window.hold(day)]


def _first_days(first_year: int, last_year: int, months: int) -> Iterator[datetime.date]:
    for year in range(first_year, last_year + 1):
        for month in range(1, 13, months):
            yield datetime.date(year, month, 1)


# --- other cohorts ---------------------------------------------------------------------------------------------------


def _units_of(world: World, index: core.IndexUnits) -> list[tuple[object, datetime.date | None]]:
    """Units of other cohorts: of any of them, or those of the first whose entity is in all, or none, of the others."""
    first, *others = [sorted(world.members[name], key=str) for name in index.cohorts]
    if index.op == "union":
        return list(dict.fromkeys(unit for units in (first, *others) for unit in units))
    entities = [{key for key, _ in units} for units in others]
    if index.op == "intersect":
        return [unit for unit in first if all(unit[0] in keys for keys in entities)]
    if index.op == "except":
        return [unit for unit in first if not any(unit[0] in keys for keys in entities)]
    return first
