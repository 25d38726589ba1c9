"""What a study makes of each unit: its index, where it leaves, its level, and how its outcomes go."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from studyspec.arbiter import times
from studyspec.arbiter.queries import EventMatch, kept_rows, matched_day
from studyspec.arbiter.values import value
from studyspec.arbiter.world import Scene, Unit, World
from studyspec.semantics import core

#: Where a unit that met every criterion is counted.
INCLUDED = "included"
Start = Literal["at_risk", "prior", "ended", "time_zero"]


def candidates(world: World) -> Iterator[Unit]:
    """Everyone with an index: the matched day of the first (or last) row that window and condition keep."""
    event = world.study.cohort.event
    for key in world.people:
        scene = Scene(world, Unit(key))
        window = times.window_days(event.window, scene)
        if window is None:
            continue
        days = [matched_day(event.match, row) for row in kept_rows(event.table, event.condition, scene)]
        inside = [day for day in days if day is not None and window.hold(day)]
        if inside:
            yield Unit(key, min(inside) if event.first else max(inside))


def left_at(world: World, unit: Unit) -> str:
    """The first criterion that a unit does not meet, `NAME unknown` where that cannot be told, or `included`."""
    for criterion in world.study.cohort.criteria:
        met = value(criterion.condition, Scene(world, unit))
        if met is None:
            return f"{criterion.name} unknown"
        if met is not (criterion.kind == "include"):
            return criterion.name
    return INCLUDED


def level(world: World, unit: Unit) -> str:
    """The exposure level: the first whose condition is true, `unknown` if one before it is unknown, else `none`."""
    if world.study.exposure is None:
        raise ValueError("the study has no exposure")
    for one in world.study.exposure.levels:
        met = True if one.condition is None else value(one.condition, Scene(world, unit))
        if met is None:
            return "unknown"
        if met is True:
            return one.name
    return "none"


def category(variable: core.Variable, world: World, unit: Unit) -> str:
    """The declared category of a baseline variable: `unknown` where its value is, `other` for a code not listed."""
    found = value(variable.value, Scene(world, unit))
    if found is None:
        return "unknown"
    key = str(found).lower() if isinstance(found, bool) else str(found)
    return key if key in {one.key for one in variable.categories} - {"unknown", "other"} else "other"


# --- outcomes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """How one outcome goes for one unit.  day, end: days since entry and what came then, for units at risk."""

    start: Start
    day: int | None = None
    end: str | None = None


@dataclass(frozen=True)
class _Happening:
    """A row that may be the event.  matched: the day follow-up looks at; dated: the day it counts as known."""

    matched: datetime.date
    dated: datetime.date | None


def course(outcome: core.Outcome, world: World, unit: Unit) -> Course:
    """How an outcome goes for a unit of the cohort (docs/semantics/follow-up.md)."""
    unit = replace(unit, outcome=True, end_of_data=outcome.end_of_data)
    entry, exit_ = times.entry(world, unit), times.exit_(world, unit)
    happenings = _happenings(outcome, world, unit)
    if entry is not None and _had_before(happenings, entry):
        return Course("prior")
    if entry is None or exit_ is None or exit_ <= entry:
        return Course("ended")
    rivals = [(one.name, _rival_day(one, world, unit)) for one in outcome.competing]
    if any(day is not None and day <= entry for _, day in rivals):
        return Course("ended")
    event = _event_day(outcome, happenings, entry, exit_)
    if event == entry and outcome.time_zero != "keep":
        return Course("time_zero")
    day, end = _earliest([("event", event), *rivals], exit_)
    return Course("at_risk", (day - entry).days, end)


def _happenings(outcome: core.Outcome, world: World, unit: Unit) -> list[_Happening]:
    """The rows of the outcome on or after the index, whatever the follow-up."""
    scene = Scene(world, unit)
    found = []
    table, match, condition, dated = _source(outcome, world)
    for row in kept_rows(table, condition, scene):
        matched = matched_day(match, row)
        if matched is not None and unit.index is not None and matched >= unit.index:
            found.append(_Happening(matched, matched if dated is None else times.day_of(dated, row)))
    return found


def _source(outcome: core.Outcome, world: World) -> tuple[str, EventMatch, core.Expr | None, core.Time | None]:
    if outcome.event is not None:
        return outcome.event.table, outcome.event.match, outcome.event.condition, outcome.event.dated
    role = world.role(outcome.role or "")
    return role.table, role.match, role.condition, None


def _had_before(happenings: list[_Happening], entry: datetime.date) -> bool:
    return any(one.matched < entry or (one.dated is not None and one.dated < entry) for one in happenings)


def _event_day(
    outcome: core.Outcome, happenings: list[_Happening], entry: datetime.date, exit_: datetime.date
) -> datetime.date | None:
    """The dated day of the first (or last) row in follow-up, both ends in; rows of one day by their dated day."""
    inside = [one for one in happenings if entry <= one.matched <= exit_]
    if not inside:
        return None
    first = outcome.event is None or outcome.event.first
    day = min(one.matched for one in inside) if first else max(one.matched for one in inside)
    dated = [one.dated for one in inside if one.matched == day and one.dated is not None]
    if not dated:
        return None
    return min(dated) if first else max(dated)


def _rival_day(rival: core.Competing, world: World, unit: Unit) -> datetime.date | None:
    """The day of a competing role, or on which another outcome would be an event by its own follow-up."""
    if rival.kind == "role":
        return times.role_day(rival.name, Scene(world, unit))
    other = next(one for one in world.study.outcomes if one.name == rival.name)
    if other.role is not None:
        return times.role_day(other.role, Scene(world, unit))
    unit = replace(unit, end_of_data=other.end_of_data)
    entry, exit_ = times.entry(world, unit), times.exit_(world, unit)
    if entry is None or exit_ is None:
        return None
    return _event_day(other, _happenings(other, world, unit), entry, exit_)


def _earliest(days: list[tuple[str, datetime.date | None]], exit_: datetime.date) -> tuple[datetime.date, str]:
    """What ends the time at risk: the earliest that comes by the exit, the one listed first among those of one day."""
    come = [(day, order, name) for order, (name, day) in enumerate(days) if day is not None and day <= exit_]
    if not come:
        return exit_, "censored"
    day, _, name = min(come)
    return day, name
