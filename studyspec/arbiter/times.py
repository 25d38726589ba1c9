"""Days: what a `Time` is for a unit or a row, when its follow-up runs, and which days a window holds."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import cast

from studyspec import calendar
from studyspec.arbiter.world import Row, Scene, Unit, World
from studyspec.semantics import core

Day = datetime.date | None


def day_of(time: core.Time, scene: Scene) -> Day:
    """The day of a time; unknown when its base is, or when a step leaves the calendar."""
    day = _base(time, scene)
    for step in time.steps:
        day = moved(day, step.amount, step.unit)
    return day


def moved(day: Day, amount: int, unit: calendar.Unit) -> Day:
    """The day moved; unknown when it is, or when the move leaves the years 1 to 9999."""
    try:
        return calendar.add(day, amount, unit)
    except OverflowError:
        return None


def _base(time: core.Time, scene: Scene) -> Day:
    world, unit = scene.world, scene.unit
    match time.base:
        case "calendar":
            return time.date
        case "index":
            return unit.index
        case "entry":
            return entry(world, unit)
        case "exit":
            return exit_(world, unit)
        case "row":
            return row_day(scene)
        case "row.end":
            return first_day_out(scene)
        case "data.start":
            starts = [world.coverage(table).start for table in time.tables]
            return max((day for day in starts if day is not None), default=None)
        case "data.end":
            ends = [world.coverage(table).end for table in time.tables]
            return min((day for day in ends if day is not None), default=None)
        case "role":
            return role_day(cast(str, time.role), scene)
        case "that day":
            return scene.that_day
        case "value":
            return _date_of(time, scene)


def _date_of(time: core.Time, scene: Scene) -> Day:
    from studyspec.arbiter.values import value

    return None if time.value is None else cast(Day, value(time.value, scene))


# --- rows ------------------------------------------------------------------------------------------------------------


def row_day(scene: Scene) -> Day:
    """The day of the event row, or the start of the spell row, at hand."""
    table, row = _at_row(scene)
    described = scene.world.table(table)
    return cast(Day, row[described.date or described.start or ""])


def first_day_out(scene: Scene) -> Day:
    """The end of the spell row at hand; of an open one the day after its table's coverage ends, if that is known."""
    table, row = _at_row(scene)
    end = cast(Day, row[scene.world.table(table).end or ""])
    if end is None:
        return moved(scene.world.coverage(table).end, 1, "day")
    return end


def last_day_in(scene: Scene) -> Day:
    """The last day of the spell row at hand; unknown while it is open."""
    table, row = _at_row(scene)
    return moved(cast(Day, row[scene.world.table(table).end or ""]), -1, "day")


def _at_row(scene: Scene) -> tuple[str, Row]:
    if scene.table is None or scene.row is None:
        raise ValueError("a time of a row was asked for where there is no row")
    return scene.table, scene.row


def role_day(name: str, scene: Scene) -> Day:
    """The day of a role for a unit: that of its first row on or after the index, where it has one; else unknown."""
    from studyspec.arbiter.queries import kept_rows, matched_day

    role = scene.world.role(name)
    days = [matched_day(role.match, row) for row in kept_rows(role.table, role.condition, scene)]
    return min((day for day in days if day is not None and from_index(day, scene.unit)), default=None)


def from_index(day: datetime.date, unit: Unit) -> bool:
    """Whether a day is on or after the index of a unit, or the unit has none."""
    return unit.index is None or day >= unit.index


# --- follow-up -------------------------------------------------------------------------------------------------------


def entry(world: World, unit: Unit) -> Day:
    """The day a unit's follow-up starts; of recorded stretches, the first day of the first."""
    match world.study.follow_up:
        case core.FollowUp() as follow_up:
            return day_of(follow_up.start, Scene(world, unit))
        case core.RecordedFollowUp() as recorded:
            return min((first for first, _ in recorded_days(recorded, Scene(world, unit))), default=None)
        case None:
            return None


def exit_(world: World, unit: Unit) -> Day:
    """The day a unit's follow-up ends: the earliest of the ends that come; unknown when none does.

    With `while`, no later than the last day of the stretch that holds the start; unknown where none does.
    Here, and only here, `end of data` is that of the outcome; elsewhere it is that of the table that is asked.
    """
    match world.study.follow_up:
        case core.FollowUp() as follow_up:
            ends = [_end(time, Scene(world, unit)) for time in follow_up.ends]
            if follow_up.within is not None:
                last = _last_held(follow_up.within, entry(world, unit), Scene(world, unit))
                if last is None:
                    return None
                ends.append(last)
            return min((day for day in ends if day is not None), default=None)
        case core.RecordedFollowUp() as recorded:
            return max((last for _, last in recorded_days(recorded, Scene(world, unit))), default=None)
        case None:
            return None


def _last_held(within: core.SpellRows, start: Day, scene: Scene) -> Day:
    """The last day of the stretch of spells that holds a day; unknown where none does."""
    from studyspec.arbiter.spells import runs_of

    if start is None:
        return None
    outs = [out for first, out in runs_of(within, scene) if first <= start.toordinal() < out]
    return datetime.date.fromordinal(outs[0] - 1) if outs else None


def recorded_rows(recorded: core.RecordedFollowUp, scene: Scene) -> list[Scene]:
    """The rows that record the stretches of a unit; of the attributes its own one."""
    own = scene.world.listed.get(recorded.table, {}).get(scene.unit.key)
    rows = scene.world.rows_of(recorded.table, scene.unit.key) if own is None else [own]
    return [scene.at(recorded.table, row) for row in rows]


def recorded_days(recorded: core.RecordedFollowUp, scene: Scene) -> list[tuple[datetime.date, datetime.date]]:
    """First and last day of every recorded stretch that holds time; none by a clock, which has no days."""
    if recorded.clock is not None or recorded.start is None:
        return []
    found = []
    for row in recorded_rows(recorded, scene):
        first, last = (cast(Row, row.row)[column.column] for column in (recorded.start, recorded.end))
        if isinstance(first, datetime.date) and isinstance(last, datetime.date) and first < last:
            found.append((first, last))
    return found


def _end(time: core.Time, scene: Scene) -> Day:
    if time.base != "data.end" or not scene.unit.outcome:
        return day_of(time, scene)
    day = scene.unit.end_of_data
    for step in time.steps:
        day = moved(day, step.amount, step.unit)
    return day


# --- windows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Days:
    """The days from first to last, both in; None is without bound.  `first > last` holds no day."""

    first: Day
    last: Day

    def hold(self, day: Day) -> bool:
        return day is not None and not self._before(day) and not self._after(day)

    def shared(self, first: datetime.date, last: datetime.date) -> set[int]:
        """The day numbers of [first, last] that are in these days."""
        low = first if self.first is None else max(first, self.first)
        high = last if self.last is None else min(last, self.last)
        return set(range(low.toordinal(), high.toordinal() + 1))

    def _before(self, day: datetime.date) -> bool:
        return self.first is not None and day < self.first

    def _after(self, day: datetime.date) -> bool:
        return self.last is not None and day > self.last


def window_days(window: core.Window, scene: Scene) -> Days | None:
    """The days of a window; None when a bound is unknown, and then it takes no rows."""
    first = last = None
    if window.low is not None:
        first = moved(day_of(window.low, scene), 0 if window.low_closed else 1, "day")
        if first is None:
            return None
    if window.high is not None:
        last = moved(day_of(window.high, scene), 0 if window.high_closed else -1, "day")
        if last is None:
            return None
    return Days(first, last)
