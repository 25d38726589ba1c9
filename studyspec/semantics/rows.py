"""Row queries: which rows of a table are meant, when, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from studyspec.catalogue.types import Column, Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, termfaults
from studyspec.semantics.core import Bound, ColumnRef, Facts, Hull
from studyspec.semantics.facts import BOOLEAN, constant, join_grain, logic, spells_known, spells_reads
from studyspec.semantics.meanings import of_table, wrong
from studyspec.semantics.names import column_range, columns_of, identified, identifying
from studyspec.semantics.scope import Scope
from studyspec.semantics.times import Match as Match
from studyspec.semantics.times import day_columns as day_columns
from studyspec.semantics.times import days_of, follow_up_window, resolve_interval, resolve_time, window_facts

Resolve = Callable[[tree.Expr, Scope], core.Expr | None]


def resolve_rows(node: tree.Rows, scope: Scope, condition_of: Resolve) -> core.Expr | None:
    """`any`, `no`, `exactly one`, `count of`, `days of`: a value made of rows."""
    if scope.outer is not None:
        scope.report(faults.nested_rows(node.span))
        return None
    if node.quantifier not in ("any", "no", "exactly one", "count of", "days of"):
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
        case "count of" | "exactly one":
            quantifier, type_ = "count", ValueType("integer")
        case _:
            quantifier, type_ = "days", ValueType("integer", unit="days")
            if table.shape != "spells":
                remedy = f"Count its rows: `count of {table.name}`."
                scope.report(faults.shape_mismatch(node.table.span, "days of", table.name, table.shape, remedy))
                return None
    low = Decimal(0) if type_.kind == "integer" else None
    facts = replace(facts, type=type_, nullable=False, low=low)
    query = core.RowQuery(
        facts=facts,
        span=node.span,
        quantifier=quantifier,
        table=table.name,
        match=match,
        window=window,
        condition=condition,
    )
    return exactly_one(query) if node.quantifier == "exactly one" else query


def exactly_one(count: core.RowQuery) -> core.Compare:
    """That rows are one in number."""
    one = core.Literal_(facts=constant(ValueType("integer"), Decimal(1)), span=count.span, value=1)
    return core.Compare(facts=logic(count), span=count.span, op="=", left=count, right=one)


def resolve_row_value(node: tree.RowValue, scope: Scope, condition_of: Resolve) -> core.Expr | None:
    """`sum of amount of benefit during …`, `municipality of residence at index`: a value made of one column of rows."""
    if scope.outer is not None:
        scope.report(faults.nested_rows(node.span))
        return None
    shape = scope.model.tables[node.table.text].shape if node.table.text in scope.model.tables else None
    if shape == "events" and node.pick is None and isinstance(node.window, tree.Covering):
        day = node.window.time.span.text
        remedy = f"Events have one day: write `last {node.column.text} of {node.table.text} before {day}`."
        scope.report(faults.shape_mismatch(node.span, "at", node.table.text, shape, remedy))
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
        names = [c.name for c in table.columns.values() if not identifying(c)]
        scope.report(faults.unknown_name(node.column.span, node.column.text, names, f"column of `{table.name}`"))
        return None
    ref = ColumnRef(table.name, column.name)
    if identifying(column):
        scope.report(faults.direct_identifier(node.column.span, str(ref), identified(table, column)))
        return None
    pick = {None: "first", "exactly one": "only", "sum of": "sum", "mean of": "mean"}.get(node.pick, node.pick)
    type_ = _picked_type(pick, column, node, scope)
    if type_ is None:
        return None
    late = {horizon.EXTRACTION} if column.as_of else set()
    if column.name == table.end and match != "ending":
        late.add(horizon.LATEST)
    low, high = _picked_range(pick, column)
    facts = replace(
        facts,
        type=type_,
        nullable=pick not in ("sum", "distinct"),
        low=low,
        high=high,
        known=horizon.join_known(facts.known, frozenset(late)),
        origin=facts.origin | columns_of(table, (column.name,), scope.spells),
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
    if pick in ("sum", "mean") and kind not in ("integer", "decimal"):
        scope.report(faults.wrong_type(node.column.span, "number", str(column.type)))
        return None
    if pick == "mean":
        return ValueType("decimal", unit=column.type.unit)
    if pick in ("smallest", "largest") and kind not in ("integer", "decimal", "date"):
        scope.report(faults.order_of_codes(node.column.span, str(column.type)))
        return None
    return column.type


def _picked_range(pick: str | None, column: Column) -> tuple[Decimal | None, Decimal | None]:
    """The range of what is picked: that of the column, save for numbers of values and for sums of many."""
    low, high = column_range(column)
    if pick == "distinct":
        return Decimal(0), None
    if pick == "sum":
        return (Decimal(0) if low is not None and low >= 0 else None), None
    return low, high


def resolve_selection(
    node: tree.Rows, scope: Scope, condition_of: Resolve
) -> tuple[Table, Match, core.Window, core.Expr | None, Facts] | None:
    """Which rows: their table, how the window takes them, the window, the condition, and the facts of it all."""
    table = scope.model.tables.get(node.table.text)
    if table is None:
        own = (t for t in scope.model.tables.values() if t.entity == scope.entity.name)
        # `every mnoth during …` may be an index by the calendar.
        periods = ("month", "quarter", "year") if node.quantifier == "every" else ()
        known = [*(t.name for t in own if t.shape in ("events", "spells")), *periods]
        wrong(node.table, scope, known, "table")
        return None
    if table.shape not in ("events", "spells"):
        scope.report(
            faults.shape_mismatch(node.table.span, node.quantifier, table.name, table.shape, of_table(table, scope))
        )
        return None
    if table.entity != scope.entity.name:
        scope.report(faults.other_entity(node.table.span, table.name, table.entity, scope.entity.name))
        return None
    if table.clock is not None:
        scope.report(termfaults.rows_by_clock(node.table.span, table.name, table.clock.unit))
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
    return table, match, window, condition, selection_facts(table, match, window, condition, scope.spells)


def _match(node: tree.Rows, table: Table, scope: Scope) -> Match | None:
    covering = isinstance(node.window, tree.Covering)
    if table.shape == "events":
        word = "covering" if covering else node.edge
        if word is not None:
            remedy = f"Events have one day: leave `{node.edge}` out."
            if isinstance(node.window, tree.Covering):
                day = node.window.time.span.text
                remedy = f"Events have one day: write `before {day}`, or `during [{day}, {day}]` for that very day."
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
            time = resolve_time(node.window.time, scope, row=scope.row, data=data)
            return None if time is None else core.Window(None, time, True, False)
        case tree.Covering():
            time = resolve_time(node.window.time, scope, row=scope.row, data=data)
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


def selection_facts(
    table: Table,
    match: Match,
    window: core.Window,
    condition: core.Expr | None,
    spells: Mapping[str, core.SpellSet] = MappingProxyType({}),
) -> Facts:
    """Facts of the rows taken: reads the window and what the condition reads; known at the window's end or later.

    spells: the named spells of the study, one of which the table may be.
    """
    days, last = horizon.hull(window), horizon.last_days(window)
    times = window_facts(window)
    reads: list[Hull] = [days, *(h for time in times for h in time.reads)]
    origin = {*columns_of(table, (table.key, *days_of(table, match)), spells)}.union(*(t.origin for t in times))
    known = row_known(table, match, condition, spells)
    if table.name in spells:
        reads += [horizon.reach(h, days, "dated") for h in spells_reads(spells[table.name].value)]
    if condition is not None:
        origin |= condition.facts.origin
        reads += [horizon.reach(h, days, match) for h in condition.facts.reads]
    return Facts(
        BOOLEAN,
        False,
        join_grain(*(t.grain for t in times), core.Grain("entity")),
        reads=horizon.join_reads(reads),
        known=horizon.join_known(horizon.after(last, known), *(_settled(t) for t in times)),
        origin=frozenset(origin),
    )


def row_known(
    table: Table, match: Match, condition: core.Expr | None, spells: Mapping[str, core.SpellSet]
) -> frozenset[Bound]:
    """When a row is known to be there and to be meant: `row` is the day that the match looks at, or an earlier one."""
    named = spells.get(table.name)
    there = frozenset({Bound("row")}) if named is None else spells_known(named.value)
    known = set()
    for b in () if condition is None else condition.facts.known:
        if b.anchor != "row.end" or b.infinite:
            known.add(b)
        else:
            known.add(Bound("row", b.months, b.days) if match == "ending" else horizon.LATEST)
    return horizon.after(there, frozenset(known))


def _settled(time: Facts) -> frozenset[Bound]:
    """When a day of the data is known by which a window begins or ends; other days are reckoned by the window."""
    return time.known if time.origin else frozenset()
