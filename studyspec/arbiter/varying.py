"""Exposures that vary: the level of each day, and the stretches of days in one level (docs/semantics/exposure.md)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from studyspec.arbiter.courses import Stretch, since_day
from studyspec.arbiter.spells import Run, holds, runs_of
from studyspec.arbiter.values import value
from studyspec.arbiter.world import Scene, Unit, World
from studyspec.semantics import core

#: What comes on a day number, in a level of the exposure that reports are broken down by, if any.
Record = tuple[str | None, int, str]


@dataclass(frozen=True)
class Levels:
    """The level of a unit on each day.  changes: the days, by number, on which it may differ from the day before."""

    of: Callable[[int | None], str]
    changes: frozenset[int]


@dataclass(frozen=True)
class _On:
    """When a level is on: from a day on, or on the days of runs, or always."""

    name: str
    since: int | None = None
    runs: tuple[Run, ...] = ()
    always: bool = False

    def on(self, day: int | None) -> bool:
        if day is None or self.always:
            return self.always
        return (self.since is not None and self.since <= day) or holds(self.runs, day)


def levels_of(exposure: core.Exposure, world: World, unit: Unit) -> Levels:
    """The first level that is on, `none` where none is; only `otherwise` is on on a day that is unknown."""
    every = [_level(one, world, unit) for one in exposure.levels]
    changes = {day for one in every for run in one.runs for day in run} | {
        one.since for one in every if one.since is not None
    }

    def of(day: int | None) -> str:
        return next((one.name for one in every if one.on(day)), "none")

    return Levels(of, frozenset(changes))


def _level(level: core.Level, world: World, unit: Unit) -> _On:
    if level.since is not None:
        day = since_day(level.since, world, unit)
        return _On(level.name, since=None if day is None else day.toordinal())
    if level.during is not None:
        return _On(level.name, runs=tuple(runs_of(level.during, Scene(world, unit))))
    condition = level.condition
    return _On(level.name, always=condition is None or value(condition, Scene(world, unit)) is True)


def records(stretch: Stretch, level: str | None, later: bool = False) -> list[Record]:
    """What is counted of a stretch in one level: where it begins after day 0 that it does, and all that comes.

    later: whether another one came before it
    """
    begins: list[Record] = [(level, stretch.entered, "entered")] if stretch.entered > 0 or later else []
    return begins + [(level, day, what) for day, what in stretch.ends]


def varying_records(stretch: Stretch, exposure: core.Exposure, levels: Levels, keep: bool) -> list[Record]:
    """What is counted of a stretch in each of the levels that its days at risk are in.

    keep: whether events on day 0 count, so that day 0 is a day at risk
    """
    origin = stretch.origin
    if origin is None:
        raise ValueError("a varying exposure needs days, and a clock has none")
    found: list[Record] = []
    pieces = _pieces(stretch, origin, exposure, levels, keep and stretch.entered == 0)
    for place, (level, after, last) in enumerate(pieces):
        is_first, is_last = place == 0, place == len(pieces) - 1
        ends = [one for one in stretch.ends if (after < one[0] or is_first) and (one[0] <= last or is_last)]
        if not is_last:
            ends.append((last, "left"))
        found += records(Stretch(origin, after, tuple(ends)), level, later=not is_first)
    return found


def _pieces(
    stretch: Stretch, origin: datetime.date, exposure: core.Exposure, levels: Levels, zero_counts: bool
) -> list[tuple[str, int, int]]:
    """Level, day number after which it holds, and last day number: pieces of the days at risk, none of them empty.

    zero_counts: whether day 0 is such a day, so that a first piece may hold it alone

    The day of a switch is the last one in the level before it, or the first in the one after it.
    """
    zero, end = origin.toordinal(), stretch.ends[-1][0]
    shift = 1 if exposure.switch_day == "after" else 0
    first = stretch.entered
    days = [first, *sorted(day - zero for day in levels.changes if first < day - zero <= end)]
    pieces: list[tuple[str, int, int]] = []
    for place, day in enumerate(days):
        level = levels.of(zero + day)
        after = max(day - shift, first)
        last = days[place + 1] - shift if place + 1 < len(days) else end
        if place == 0:
            after = first
        if pieces and pieces[-1][0] == level:
            pieces[-1] = (level, pieces[-1][1], last)
        elif after < last or len(days) == 1 or (zero_counts and place == 0):
            pieces.append((level, after, last))
    return pieces or [(levels.of(zero + first), first, end)]
