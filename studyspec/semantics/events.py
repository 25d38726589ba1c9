"""Events: the one row of a query that dates an index, an outcome, or the switch to a level."""

from __future__ import annotations

from dataclasses import replace

from studyspec.catalogue.types import Table
from studyspec.language import tree
from studyspec.semantics import core, faults
from studyspec.semantics.core import ColumnRef, Facts
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.names import columns_of
from studyspec.semantics.rows import resolve_selection
from studyspec.semantics.scope import Scope
from studyspec.semantics.times import DATE, Match, days_of, resolve_time
from studyspec.semantics.walk import times_in


def resolve_event(rows: tree.Rows, dated: tree.Dated | None, scope: Scope) -> core.EventQuery | None:
    """The event that a row query picks, dated where the text says so; None after a fault."""
    found = resolve_selection(rows, scope, resolve_condition)
    table = scope.model.tables.get(rows.table.text)
    day = None
    if dated is not None and table is not None:
        day = resolve_time(dated.time, scope, row=table, data=(table.name,))
        if day is not None and not _of_the_row(day):
            scope.report(faults.day_of_row(dated.time.span, table.shape))
            day = None
        if day is None:
            return None
    if found is None:
        return None
    table, match, window, condition, facts = found
    if match == "overlapping" or match == "covering":
        scope.report(faults.edge_needed(rows.table.span, table.name))
        return None
    edge = _day_of(match, rows) if day is None else day
    return core.EventQuery(
        table=table.name,
        match=match,
        window=window,
        condition=condition,
        dated=edge,
        first=rows.quantifier != "last",
        facts=replace(facts, origin=facts.origin | _columns_of_day(table, edge, scope)),
    )


def _of_the_row(day: core.Time) -> bool:
    """Whether a day is reckoned from the row's own; of several, of which it is the latest, one at least."""
    bases = {time.base for time in times_in(day) if not isinstance(time.value, core.LatestOf)}
    return bool(bases & {"row", "row.end"}) and "value" not in bases


def _day_of(match: str, node: tree.Expr) -> core.Time:
    """The day that `match` looks at: for a spell's end, the last day in it."""
    facts = Facts(DATE, True, core.Grain("row"))
    if match == "ending":
        return core.Time(facts=facts, span=node.span, base="row.end", steps=(core.Step(-1, "day"),))
    return core.Time(facts=facts, span=node.span, base="row")


def _columns_of_day(table: Table, day: core.Time, scope: Scope) -> frozenset[ColumnRef]:
    if isinstance(day.value, core.LatestOf):
        return day.facts.origin
    match: Match = "ending" if day.base == "row.end" else "dated" if table.shape == "events" else "starting"
    return columns_of(table, days_of(table, match), scope.spells)
