"""`end of data` and `start of data` where nothing says when that is: an unknown day would silently take nobody."""

from __future__ import annotations

from collections.abc import Iterator

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core, elementfaults
from studyspec.semantics.complete import events
from studyspec.semantics.walk import Rows, expressions, times_in, walk
from studyspec.source import Diagnostic


def unknown_ends(study: core.Study) -> Iterator[Diagnostic]:
    """A fault for each place where a study asks for an end or a start of data that no coverage tells."""
    seen: set[tuple[int, int]] = set()
    for time, tables in (*_of_follow_up(study), *((time, time.tables) for time in _times(study))):
        if time.base not in ("data.start", "data.end") or time.span is None:
            continue
        side = "start" if time.base == "data.start" else "end"
        place = (time.span.start, time.span.end)
        if place not in seen and not any(_bound(study, table, side) for table in tables):
            seen.add(place)
            yield elementfaults.data_end_unknown(time.span, side, tables)


def _bound(study: core.Study, table: str, side: str) -> object:
    coverage = study.coverage.get(table, Coverage(None, None))
    return coverage.start if side == "start" else coverage.end


def _of_follow_up(study: core.Study) -> Iterator[tuple[core.Time, tuple[str, ...]]]:
    """The ends of follow-up, once for the tables of each outcome, and once for those of the states."""
    if not isinstance(study.follow_up, core.FollowUp):
        return
    for end in study.follow_up.ends:
        for outcome in study.outcomes:
            if outcome.end_of_data is None:
                yield end, _read(outcome, study)
        if study.states:
            yield end, end.tables


def _read(outcome: core.Outcome, study: core.Study) -> tuple[str, ...]:
    """The table that an outcome's rows are in."""
    role = next((one.table for one in study.roles if one.name == outcome.role), None)
    table = role if outcome.event is None else outcome.event.table
    return () if table is None else (table,)


def _times(study: core.Study) -> Iterator[core.Time]:
    """Every time in windows and expressions."""
    windows = [event.window for event in events(study)]
    for expr in expressions(study):
        for node in walk(expr):
            match node:
                case core.TimeValue() | core.YearsSince():
                    yield node.time
                case core.Elapsed():
                    yield from (node.start, node.end)
                case core.LatestOf():
                    yield from node.times
                case _ if isinstance(node, Rows):
                    windows.append(node.window)
    for window in windows:
        yield from times_in(window.low, window.high)
