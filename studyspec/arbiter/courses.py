"""How an outcome goes for a unit of a cohort: how it starts follow-up, and what comes while it is under observation.

docs/semantics/follow-up.md
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Literal

from studyspec.arbiter import times
from studyspec.arbiter.queries import EventMatch, kept_rows, matched_day
from studyspec.arbiter.world import Scene, Unit, World
from studyspec.semantics import core

Start = Literal["at_risk", "prior", "ended", "time_zero", "unexplained"]


@dataclass(frozen=True)
class Stretch:
    """Time under observation without a break: on the days after `entered`, up to and with that of the last end.

    origin: day 0; None by a clock.  entered: a day number
    ends: day number and what came then, in order; the last one ended the stretch, those before it are events of an
    outcome that comes again
    """

    origin: datetime.date | None
    entered: int
    ends: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Course:
    """stretches: of units at risk."""

    start: Start
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class _Happening:
    """A row that may be the event.  matched: the day follow-up looks at; dated: the day it counts as known."""

    matched: datetime.date
    dated: datetime.date | None


def course(outcome: core.Outcome, world: World, unit: Unit) -> Course:
    """How an outcome goes for a unit whose follow-up is worked out from its days."""
    unit = replace(unit, outcome=True, end_of_data=outcome.end_of_data)
    start, exit_ = times.entry(world, unit), times.exit_(world, unit)
    if start is None:
        return Course("ended")
    entry = _under_observation(world, unit, start)
    happenings = _happenings(outcome, world, unit)
    if entry is not None and not outcome.recurring and _had_before(happenings, start, entry):
        return Course("prior")
    if entry is None or exit_ is None or exit_ < entry:
        return Course("ended")
    event = None if outcome.recurring else event_day(outcome.event, happenings, entry, exit_)
    rivals = [(one.name, _rival_day(one, world, unit)) for one in outcome.competing]
    keep = outcome.time_zero == "keep" and not outcome.recurring and entry == start
    if exit_ == entry and not (keep and entry in (event, *(day for _, day in rivals))):
        return Course("ended")
    if any(day is not None and (day < entry or (day == entry and not keep)) for _, day in rivals):
        return Course("ended")
    if outcome.recurring:
        ends = _every_event(outcome, happenings, (start, entry, exit_), rivals)
        return Course("at_risk", (_stretch(start, entry, ends),))
    if event == entry and outcome.time_zero != "keep":
        return Course("time_zero")
    return Course("at_risk", (_stretch(start, entry, [_earliest([("event", event), *rivals], exit_)]),))


def _under_observation(world: World, unit: Unit, start: datetime.date) -> times.Day:
    """The day from which a unit is at risk: the start, or that of a delayed entry after it; unknown where that is."""
    follow_up = world.study.follow_up
    if not isinstance(follow_up, core.FollowUp) or follow_up.entry is None:
        return start
    delayed = times.day_of(follow_up.entry, Scene(world, unit))
    return None if delayed is None else max(start, delayed)


def _stretch(start: datetime.date, entry: datetime.date, ends: list[tuple[datetime.date, str]]) -> Stretch:
    return Stretch(start, (entry - start).days, tuple(((day - start).days, what) for day, what in ends))


# --- events ----------------------------------------------------------------------------------------------------------


def _happenings(outcome: core.Outcome, world: World, unit: Unit) -> list[_Happening]:
    """The rows of the outcome on or after the index, whatever the follow-up."""
    scene = Scene(world, unit)
    if outcome.event is None:
        role = world.role(outcome.role or "")
        found = _rows(role.table, role.match, role.condition, None, scene)
    else:
        event = outcome.event
        found = _rows(event.table, event.match, event.condition, event.dated, scene)
    return [one for one in found if times.from_index(one.matched, unit)]


def _rows(
    table: str, match: EventMatch, condition: core.Expr | None, dated: core.Time | None, scene: Scene
) -> list[_Happening]:
    found = []
    for row in kept_rows(table, condition, scene):
        matched = matched_day(match, row)
        if matched is not None:
            found.append(_Happening(matched, matched if dated is None else times.day_of(dated, row)))
    return found


def _had_before(happenings: list[_Happening], start: datetime.date, entry: datetime.date) -> bool:
    """Whether it came before a unit was at risk; with a delayed entry, also on that very day."""
    late = times.moved(entry, 1, "day") if entry > start else entry
    return any(
        one.matched < entry or (one.dated is not None and (late is None or one.dated < late)) for one in happenings
    )


def event_day(
    event: core.EventQuery | None, happenings: list[_Happening], low: datetime.date, high: datetime.date
) -> times.Day:
    """The dated day of the first (or last) row matched from low to high; rows of one day by their dated day."""
    inside = [one for one in happenings if low <= one.matched <= high]
    if not inside:
        return None
    first = event is None or event.first
    day = min(one.matched for one in inside) if first else max(one.matched for one in inside)
    dated = [one.dated for one in inside if one.matched == day and one.dated is not None]
    if not dated:
        return None
    return min(dated) if first else max(dated)


def since_day(event: core.EventQuery, world: World, unit: Unit) -> times.Day:
    """The dated day of the row that an event query picks by its own window."""
    scene = Scene(world, unit)
    window = times.window_days(event.window, scene)
    if window is None:
        return None
    rows = _rows(event.table, event.match, event.condition, event.dated, scene)
    inside = [one for one in rows if window.hold(one.matched)]
    return event_day(event, inside, datetime.date.min, datetime.date.max)


def _every_event(
    outcome: core.Outcome,
    happenings: list[_Happening],
    days: tuple[datetime.date, datetime.date, datetime.date],
    rivals: list[tuple[str, times.Day]],
) -> list[tuple[datetime.date, str]]:
    """Every event while a unit is under observation, and then what ended that; days: start, entry, exit."""
    start, entry, exit_ = days
    end, what = _earliest(rivals, exit_)
    dated = [one.dated for one in happenings if start <= one.matched <= exit_ and one.dated is not None]
    at_zero = outcome.time_zero == "keep"
    counted = [day for day in dated if (entry < day or (at_zero and day == start == entry)) and day <= end]
    return [*((day, "event") for day in sorted(counted)), (end, what)]


# --- what competes ---------------------------------------------------------------------------------------------------


def _rival_day(rival: core.Competing, world: World, unit: Unit) -> times.Day:
    """The day of a competing role, or on which another outcome would be an event by its own follow-up."""
    if rival.kind == "role":
        return times.role_day(rival.name, Scene(world, unit))
    other = next(one for one in world.study.outcomes if one.name == rival.name)
    if other.role is not None:
        return times.role_day(other.role, Scene(world, unit))
    unit = replace(unit, end_of_data=other.end_of_data)
    start, exit_ = times.entry(world, unit), times.exit_(world, unit)
    if start is None or exit_ is None:
        return None
    return event_day(other.event, _happenings(other, world, unit), start, exit_)


def _earliest(days: list[tuple[str, times.Day]], exit_: datetime.date) -> tuple[datetime.date, str]:
    """What ends the time at risk: the earliest that comes by the exit, the one listed first among those of one day."""
    come = [(day, order, name) for order, (name, day) in enumerate(days) if day is not None and day <= exit_]
    if not come:
        return exit_, "censored"
    day, _, name = min(come)
    return day, name
