"""Follow-up as a table records it: stretches of time, and what ended each (`core.RecordedFollowUp`)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import cast

from studyspec.arbiter import times
from studyspec.arbiter.courses import Course, Stretch
from studyspec.arbiter.values import value
from studyspec.arbiter.world import Row, Scene, Unit, World
from studyspec.semantics import core


@dataclass(frozen=True, order=True)
class _Recorded:
    """One row: from when to when, in days since its own start or in units of the clock, and what ended it.

    explained: whether its end is accounted for, where it has to be
    """

    start: int
    end: int
    what: str
    origin: datetime.date | None = None
    explained: bool = True


def course(outcome: core.Outcome, world: World, unit: Unit) -> Course:
    """How an outcome goes for a unit, as recorded."""
    recorded = world.study.follow_up
    if not isinstance(recorded, core.RecordedFollowUp):
        raise ValueError("the study has no recorded follow-up")
    rows = times.recorded_rows(recorded, Scene(world, unit))
    found = [one for row in rows if (one := _read(recorded, outcome, row)) is not None]
    keep = outcome.time_zero == "keep"
    counting = [one for one in found if one.what == "event" or (keep and one.what != "censored")]
    at_zero = [one for one in counting if one.end == one.start == 0]
    if at_zero and not keep:
        return Course("time_zero")
    stretches = [one for one in found if one.start < one.end or one in at_zero]
    if not stretches:
        return Course("ended")
    if not all(one.explained for one in stretches):
        return Course("unexplained")
    if recorded.clock is None:
        return Course("at_risk", tuple(_stretch(one, one.what) for one in stretches))
    ranks = ("event", *(one.name for one in outcome.competing), "censored")
    in_order = sorted(stretches, key=lambda one: (one.start, one.end, ranks.index(one.what)))
    return Course("at_risk", tuple(_in_turn(in_order)))


def _read(recorded: core.RecordedFollowUp, outcome: core.Outcome, row: Scene) -> _Recorded | None:
    """A row's stretch; None where its start or its end is unknown."""
    values = cast(Row, row.row)
    end = values[recorded.end.column]
    start = values[recorded.start.column] if recorded.start is not None else None
    if recorded.clock is not None:
        begin = 0 if recorded.start is None else start
        if begin is None or end is None:
            return None
        explained = _explained(recorded, row)
        return _Recorded(max(cast(int, begin), 0), cast(int, end), _what(outcome, row), explained=explained)
    if not isinstance(start, datetime.date) or not isinstance(end, datetime.date):
        return None
    return _Recorded(0, (end - start).days, _what(outcome, row), start, _explained(recorded, row))


def _what(outcome: core.Outcome, row: Scene) -> str:
    """The event where it is recorded, else the first competing outcome that is, else nothing: censored."""
    if _is_true(outcome.recorded, row):
        return "event"
    others = {one.name: one.recorded for one in row.world.study.outcomes}
    return next((one.name for one in outcome.competing if _is_true(others.get(one.name), row)), "censored")


def _explained(recorded: core.RecordedFollowUp, row: Scene) -> bool:
    """Whether an end is censored as the study says, or any outcome's; where the study does not say, every end is."""
    if recorded.censored is None:
        return True
    outcomes = row.world.study.outcomes
    return _is_true(recorded.censored, row) or any(_is_true(one.recorded, row) for one in outcomes)


def _is_true(condition: core.Expr | None, row: Scene) -> bool:
    return condition is not None and value(condition, row) is True


def _in_turn(stretches: list[_Recorded]) -> list[Stretch]:
    """One stretch after another, until one ends with the event or what competes with it."""
    found = []
    for place, one in enumerate(stretches):
        goes_on = one.what == "censored" and place + 1 < len(stretches)
        found.append(_stretch(one, "left" if goes_on else one.what))
        if one.what != "censored":
            break
    return found


def _stretch(one: _Recorded, what: str) -> Stretch:
    return Stretch(one.origin, one.start, ((one.end, what),))
