"""Row queries: which rows of a table are meant, when, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from studyspec.catalogue.types import Column, Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain, Hull
from studyspec.semantics.facts import BOOLEAN
from studyspec.semantics.scope import Scope
from studyspec.semantics.times import follow_up_window, resolve_interval, resolve_time

Match = Literal["dated", "starting", "ending", "overlapping", "covering"]
Resolve = Callable[[tree.Expr, Scope], core.Expr | None]


def resolve_rows(node: tree.Rows, scope: Scope, condition_of: Resolve) -> core.Expr | None:
    """`any`, `no`, `count of`, `days of`: a value made of rows."""
    if scope.row is not None:
        scope.report(faults.nested_rows(node.span))
        return None
    if node.quantifier in ("first", "last"):
        scope.report(faults.first_not_a_value(node.span, node.quantifier))
        return None
    rows = resolve_selection(node, scope, condition_of)
    if rows is None:
        return None
    table, match, window, condition, facts = rows
    quantifier: Literal["any", "no", "count", "days"]
    match node.quantifier:
        case "any" | "no":
            quantifier, type_ = node.quantifier, BOOLEAN
        case "count of":
            quantifier, type_ = "count", ValueType("integer")
        case _:
            quantifier, type_ = "days", ValueType("integer", unit="days")
            if table.shape != "spells":
                remedy = f"Count its rows: `count of {table.name}`."
                scope.report(faults.shape_mismatch(node.table.span, "days of", table.name, table.shape, remedy))
                return None
    facts = replace(facts, type=type_, nullable=False)
    return core.RowQuery(
        facts=facts,
        span=node.span,
        quantifier=quantifier,
        table=table.name,
        match=match,
        window=window,
        condition=condition,
    )


def resolve_row_value(node: tree.RowValue, scope: Scope, condition_of: Resolve) -> core.Expr | None:
    """`sum of amount of benefit during …`, `municipality of residence at index`: a value made of one column of rows."""
    if scope.row is not None:
        scope.report(faults.nested_rows(node.span))
        return None
    rows = tree.Rows(
        span=node.span,
        quantifier="any",
        table=node.table,
        edge=node.edge,
        window=node.window,
        condition=node.condition,
    )
    found = resolve_selection(rows, scope, condition_of)
    if found is None:
        return None
    table, match, window, condition, facts = found
    column = table.columns.get(node.column.text)
    if column is None:
        scope.report(faults.unknown_name(node.column.span, node.column.text, table.columns, f"column of {table.name}"))
        return None
    ref = ColumnRef(table.name, column.name)
    if column.sensitivity == "direct identifier" or column.type.kind == "identifier":
        scope.report(faults.direct_identifier(node.column.span, str(ref)))
        return None
    pick = {None: "first", "sum of": "sum"}.get(node.pick, node.pick)
    type_ = _picked_type(pick, column, node, scope)
    if type_ is None:
        return None
    late = {horizon.EXTRACTION} if column.as_of else set()
    if column.name == table.end and match != "ending":
        late.add(horizon.LATEST)
    facts = replace(
        facts,
        type=type_,
        nullable=pick not in ("sum", "distinct"),
        low=Decimal(0) if pick == "distinct" else None,
        known=horizon.join_known(facts.known, frozenset(late)),
        origin=facts.origin | {ref},
    )
    return core.RowValue(
        facts=facts,
        span=node.span,
        pick=pick,  # type: ignore[arg-type]
        column=ref,
        table=table.name,
        match=match,
        window=window,
        condition=condition,
    )


def _picked_type(pick: str | None, column: Column, node: tree.RowValue, scope: Scope) -> ValueType | None:
    """The type of what is picked; None after a fault."""
    kind = column.type.kind
    if pick == "distinct":
        return ValueType("integer")
    if pick == "sum" and kind not in ("integer", "decimal"):
        scope.report(faults.wrong_type(node.column.span, "number", str(column.type)))
        return None
    if pick in ("smallest", "largest") and kind not in ("integer", "decimal", "date"):
        scope.report(faults.order_of_codes(node.column.span, str(column.type)))
        return None
    return column.type


def resolve_selection(
    node: tree.Rows, scope: Scope, condition_of: Resolve
) -> tuple[Table, Match, core.Window, core.Expr | None, Facts] | None:
    """Which rows: their table, how the window takes them, the window, the condition, and the facts of it all."""
    table = scope.model.tables.get(node.table.text)
    if table is None:
        tables = [t.name for t in scope.model.tables.values() if t.shape in ("events", "spells")]
        scope.report(faults.unknown_name(node.table.span, node.table.text, tables, "table"))
        return None
    if table.shape not in ("events", "spells"):
        remedy = "Name its columns directly: they hold one value each."
        scope.report(faults.shape_mismatch(node.table.span, node.quantifier, table.name, table.shape, remedy))
        return None
    if table.entity != scope.entity.name:
        scope.report(faults.other_entity(node.table.span, table.name, table.entity, scope.entity.name))
        return None
    match = _match(node, table, scope)
    window = None if match is None else _window(node, table, scope)
    condition = None
    if node.condition is not None:
        condition = condition_of(node.condition, scope.in_row(table))
        if condition is None:
            return None
    if match is None or window is None:
        return None
    return table, match, window, condition, selection_facts(table, match, window, condition)


def _match(node: tree.Rows, table: Table, scope: Scope) -> Match | None:
    covering = isinstance(node.window, tree.Covering)
    if table.shape == "events":
        word = "covering" if covering else node.edge
        if word is not None:
            remedy = f"Events have one day: write `{table.name} during …`."
            scope.report(faults.shape_mismatch(node.span, word, table.name, "events", remedy))
            return None
        return "dated"
    if covering:
        if node.edge is not None:
            remedy = "Leave the word out: a spell covers a day, its start does not."
            scope.report(faults.shape_mismatch(node.span, node.edge, table.name, "spells", remedy))
            return None
        return "covering"
    return node.edge or "overlapping"


def _window(node: tree.Rows, table: Table, scope: Scope) -> core.Window | None:
    data = (table.name,)
    match node.window:
        case None:
            scope.report(faults.window_needed(node.span, table.name))
            return None
        case tree.Interval():
            return resolve_interval(node.window, scope, data)
        case tree.Before():
            time = resolve_time(node.window.time, scope, data=data)
            return None if time is None else core.Window(None, time, True, False)
        case tree.Covering():
            time = resolve_time(node.window.time, scope, data=data)
            return None if time is None else core.Window(time, time, True, True)
        case tree.NamedWindow(name="window"):
            if scope.window is None:
                scope.report(faults.time_not_yet(node.window.span, "window", "this element"))
            return scope.window
        case tree.NamedWindow():
            if scope.phase != "outcome":
                scope.report(faults.time_not_yet(node.window.span, "follow-up", "this element"))
                return None
            return follow_up_window(scope, node.window)


def selection_facts(table: Table, match: Match, window: core.Window, condition: core.Expr | None) -> Facts:
    """Facts of the rows taken: reads the window and what the condition reads; known at the window's end or later."""
    last = horizon.last_day(window)
    known = {last}
    reads: list[Hull] = [horizon.hull(window)]
    origin = {ColumnRef(table.name, table.key), *day_columns(table, match)}
    grain = Grain("unit" if _relative(window) else "entity")
    if condition is not None:
        inner = condition.facts
        origin |= inner.origin
        for b in inner.known:
            if b.anchor == "row":
                known.add(horizon.shifted(b, last))
            elif b.anchor == "row.end":
                known.add(last if match == "ending" else horizon.LATEST)
            else:
                known.add(b)
        for h in inner.reads:
            reads.append(Hull(_to_window(h.low, window, low=True), _to_window(h.high, window, low=False)))
    return Facts(
        BOOLEAN,
        False,
        grain,
        reads=horizon.join_reads(reads),
        known=horizon.join_known(frozenset(known)),
        origin=frozenset(origin),
    )


def day_columns(table: Table, match: Match) -> frozenset[ColumnRef]:
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
    return frozenset(ColumnRef(table.name, n) for n in names if n is not None)


def _relative(window: core.Window) -> bool:
    return any(t is not None and t.base in ("index", "entry", "exit", "role") for t in (window.low, window.high))


def _to_window(b: Bound, window: core.Window, low: bool) -> Bound:
    if b.anchor not in ("row", "row.end"):
        return b
    h = horizon.hull(window)
    return horizon.shifted(b, h.low if low else h.high)
