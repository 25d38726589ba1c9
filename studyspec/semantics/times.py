"""Times and windows: from words to days relative to an anchor."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from studyspec import calendar
from studyspec.catalogue.types import Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, termfaults
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain, Hull
from studyspec.semantics.facts import joined
from studyspec.semantics.linked import resolve_linked
from studyspec.semantics.meanings import wrong
from studyspec.semantics.names import columns_of, known_names, resolve_name
from studyspec.semantics.scope import PHASES, Phase, Scope

Match = Literal["dated", "starting", "ending", "overlapping", "covering"]

DATE = ValueType("date")
_BASES: dict[str, core.TimeBase] = {
    "index": "index",
    "follow-up start": "entry",
    "follow-up end": "exit",
    "its start": "row",
    "its date": "row",
    "its end": "row.end",
    "that day": "that day",
}
#: The first phase in which an anchor means something.
_FROM: dict[str, Phase] = {"index": "criteria", "follow-up start": "follow-up", "follow-up end": "outcome"}
_ORDER: tuple[Phase, ...] = ("spells", "index", "criteria", "exposure", "follow-up", "outcome")


def resolve_time(
    node: tree.Expr,
    scope: Scope,
    *,
    roles: bool = False,
    row: Table | None = None,
    data: tuple[str, ...] = (),
    value_of: Callable[[tree.Expr, Scope], core.Expr | None] | None = None,
) -> core.Time | None:
    """A time, or None after a fault was reported.

    roles: whether a role's name may stand here.  row: the table whose row `its start` speaks of.  data: the tables
    whose coverage `end of data` and `start of data` speak of; they are filled in later where this is empty.
    value_of: resolves dates taken from rows, where they may stand.
    """
    match node:
        case tree.Date():
            return _on(node, node.value, scope)
        case tree.Anchor():
            return _anchor(node, scope, row, data)
        case tree.Shift():
            time = resolve_time(node.operand, scope, roles=roles, row=row, data=data, value_of=value_of)
            return None if time is None else _moved(node, time, scope)
        case tree.Latest():
            return _latest(node, scope, roles, row, data)
        case tree.Name() if roles and node.text in scope.model.roles:
            return _time(node, "role", role=node.text, nullable=True)
        case tree.Name() | tree.Linked():
            return _dated(node, scope, roles, row)
        case tree.RowValue() if value_of is not None:
            value = value_of(node, scope)
            return None if value is None else _from_value(value, node, scope, row)
        case tree.RowValue():
            scope.report(faults.time_to_define(node.span))
        case tree.Text():
            scope.report(faults.time_in_quotes(node.span, node.value))
        case _:
            scope.report(faults.time_needed(node.span, moments(scope, row)))
    return None


def _latest(node: tree.Latest, scope: Scope, roles: bool, row: Table | None, data: tuple[str, ...]) -> core.Time | None:
    """The last of several times: unknown where one of them is, known once all of them are."""
    found = [resolve_time(item, scope, roles=roles, row=row, data=data) for item in node.items]
    times = tuple(time for time in found if time is not None)
    if len(times) < len(found):
        return None
    facts = joined(DATE, *(time.facts for time in times))
    value = core.LatestOf(facts=facts, span=node.span, times=times)
    return core.Time(facts=facts, span=node.span, base="value", value=value)


def moments(scope: Scope, row: Table | None = None) -> tuple[str, ...]:
    """The words that mean a day here."""
    words = [word for word, first in _FROM.items() if _ORDER.index(scope.phase) >= _ORDER.index(first)]
    if row is not None:
        words += ["its date"] if row.shape == "events" else ["its start", "its end"]
    return (*words, *(("that day",) if scope.that_day else ()), "start of data", "end of data")


def _dates(scope: Scope) -> set[str]:
    """The names that mean a day here."""
    columns = [*scope.attributes.columns.values(), *(scope.row.columns.values() if scope.row is not None else ())]
    return {column.name for column in columns if column.type.kind == "date"} | scope.define.dates()


def _dated(node: tree.Name | tree.Linked, scope: Scope, roles: bool, row: Table | None) -> core.Time | None:
    """A date of the data by its name: an attribute, a column of the row at hand, a definition, a parameter."""
    value: core.Expr | None
    if isinstance(node, tree.Linked):
        value = resolve_linked(node, scope)
    elif node.text in known_names(scope) - set(scope.entity.derived):
        value = resolve_name(node, scope)
    else:
        _no_time(node, scope, roles, row)
        return None
    return None if value is None else _from_value(value, node, scope, row)


def _from_value(value: core.Expr, node: tree.Expr, scope: Scope, row: Table | None) -> core.Time | None:
    """A value as a time, where it is a date."""
    if value.facts.type.kind != "date":
        scope.report(faults.time_needed(node.span, moments(scope, row), str(value.facts.type)))
        return None
    if isinstance(value, core.Literal_):
        return _on(node, value.value, scope)  # type: ignore[arg-type]
    if value.facts.grain.kind == "unit" and scope.phase in ("spells", "index"):
        scope.report(faults.time_not_yet(node.span, node.span.text, PHASES[scope.phase]))
        return None
    return core.Time(facts=value.facts, span=node.span, base="value", value=value)


def _no_time(node: tree.Name, scope: Scope, roles: bool, row: Table | None) -> None:
    """Report a name that is no date of the data."""
    if node.text in scope.entity.derived:
        scope.report(faults.time_needed(node.span, moments(scope, row)))
        return
    known = {*moments(scope, row), *_dates(scope), *(scope.model.roles if roles else ())}
    wrong(node, scope, known, "time")


def _anchor(node: tree.Anchor, scope: Scope, row: Table | None, data: tuple[str, ...]) -> core.Time | None:
    if node.name in ("start of data", "end of data"):
        covered = [scope.model.tables[t].coverage for t in data]
        if node.name == "start of data":
            return _time(node, "data.start", tables=data, date=max((c.start for c in covered if c.start), default=None))
        return _time(node, "data.end", tables=data, date=min((c.end for c in covered if c.end), default=None))
    if node.name == "that day":
        if not scope.that_day:
            scope.report(termfaults.that_day(node.span))
            return None
        return _time(node, "that day")
    first = _FROM.get(node.name)
    if first is not None:
        if _ORDER.index(scope.phase) < _ORDER.index(first):
            scope.report(faults.time_not_yet(node.span, node.name, PHASES[scope.phase]))
            return None
        return _time(node, _BASES[node.name], nullable=node.name == "follow-up end")
    if row is None:
        scope.report(faults.time_not_yet(node.span, node.name, PHASES[scope.phase]))
        return None
    if (node.name == "its date") != (row.shape == "events"):
        remedy = "Write `its date`." if row.shape == "events" else "Write `its start` or `its end`."
        scope.report(faults.shape_mismatch(node.span, node.name, row.name, row.shape, remedy))
        return None
    return _of_row(node, row, scope)


def _of_row(node: tree.Anchor, row: Table, scope: Scope) -> core.Time:
    """A day of the row at hand, with the columns that say it."""
    base = _BASES[node.name]
    match: Match = "dated" if row.shape == "events" else "ending" if base == "row.end" else "starting"
    names = days_of(row, match)
    nullable = base == "row.end" or any(row.columns[name].nullable for name in names)
    time = _time(node, base, nullable=nullable)
    facts = Facts(
        DATE,
        nullable,
        Grain("row", row.name),
        known=horizon.known_at(time),
        origin=columns_of(row, names, scope.spells),
    )
    return core.Time(facts=facts, span=node.span, base=base)


def days_of(table: Table, match: Match) -> tuple[str, ...]:
    """The columns that say when a row is, as far as the match looks at them."""
    names: tuple[str | None, ...]
    match match:
        case "dated":
            names = (table.date,)
        case "starting":
            names = (table.start,)
        case "ending":
            names = (table.end,)
        case _:
            names = (table.start, table.end)
    return tuple(name for name in names if name is not None)


def day_columns(table: Table, match: Match) -> frozenset[ColumnRef]:
    """`days_of` as columns of the model."""
    return frozenset(ColumnRef(table.name, name) for name in days_of(table, match))


def _on(node: tree.Expr, day: datetime.date, scope: Scope) -> core.Time | None:
    if not calendar.FIRST_RECKONED <= day <= calendar.LAST_RECKONED:
        scope.report(faults.date_out_of_range(node.span))
        return None
    return _time(node, "calendar", date=day)


def _time(node: tree.Expr, base: core.TimeBase, *, nullable: bool = False, **more: object) -> core.Time:
    grain = Grain("constant") if base in ("calendar", "data.start", "data.end") else Grain("unit")
    time = core.Time(facts=Facts(DATE, nullable, grain), span=node.span, base=base, **more)  # type: ignore[arg-type]
    return replace(time, facts=replace(time.facts, known=horizon.known_at(time)))


def _moved(node: tree.Shift, time: core.Time, scope: Scope) -> core.Time | None:
    amount = node.duration.amount if node.sign == "+" else -node.duration.amount
    step = core.Step(amount, node.duration.unit)
    if time.steps and step.unit in ("month", "year"):
        scope.report(faults.months_first(node.duration.span))
        return None
    months, days = horizon.offset((*time.steps, step))
    if abs(months) * 31 + abs(days) > calendar.MOST_YEARS * 12 * 31:
        scope.report(faults.date_out_of_range(node.span))
        return None
    return core.Time(
        facts=time.facts,
        span=node.span,
        base=time.base,
        steps=(*time.steps, step),
        date=time.date,
        role=time.role,
        tables=time.tables,
        value=time.value,
    )


def resolve_interval(node: tree.Interval, scope: Scope, data: tuple[str, ...] = ()) -> core.Window | None:
    """A period.  In the condition of a row query, its times may be of the row at hand."""
    low = resolve_time(node.low, scope, row=scope.row, data=data)
    high = resolve_time(node.high, scope, row=scope.row, data=data)
    if low is None or high is None:
        return None
    window = core.Window(low, high, node.low_closed, node.high_closed)
    days = horizon.hull(window)
    if low.base == high.base and low.value == high.value and low.base in ("value", "that day"):
        # Of one day of the data it is enough to compare how far the two ends are from it.
        same = (Bound("row", *horizon.offset(t.steps)) for t in (low, high))
        first, last = next(same), next(same)
        days = Hull(horizon.moved(first, not node.low_closed), horizon.moved(last, node.high_closed))
    if horizon.not_after(days.high, days.low, horizon.Order()) == "yes":
        scope.report(faults.empty_range(node.span))
        return None
    return window


def window_facts(window: core.Window) -> tuple[Facts, ...]:
    """The facts of the times of a window."""
    return tuple(time.facts for time in (window.low, window.high) if time is not None)


def follow_up_window(scope: Scope, node: tree.Expr | tree.NamedWindow) -> core.Window:
    """The follow-up as a window: both its first and its last day are in."""
    return core.Window(
        core.Time(facts=Facts(DATE, False, Grain("unit")), span=node.span, base="entry"),
        core.Time(facts=Facts(DATE, True, Grain("unit")), span=node.span, base="exit"),
        True,
        True,
    )
