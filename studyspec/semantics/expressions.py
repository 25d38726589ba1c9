"""Expressions: every name bound, every value typed, four facts on every node.

A function returns None once it has reported a fault; what depends on it then stays silent, so one mistake is one error.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

from studyspec.catalogue.types import Column, Derived, Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain
from studyspec.semantics.facts import BOOLEAN, joined, logic
from studyspec.semantics.rows import Match, day_columns, resolve_row_value, resolve_rows
from studyspec.semantics.scope import Scope, labels
from studyspec.semantics.times import resolve_time
from studyspec.semantics.values import arithmetic, compare, group_codes, literal, membership


def resolve_condition(node: tree.Expr, scope: Scope) -> core.Expr | None:
    """An expression that is true, false or unknown."""
    value = resolve(node, scope)
    if value is not None and value.facts.type.kind != "boolean":
        scope.report(faults.not_a_condition(node.span, str(value.facts.type)))
        return None
    return value


def resolve(node: tree.Expr, scope: Scope) -> core.Expr | None:
    match node:
        case tree.Name():
            return _name(node, scope)
        case tree.Text() | tree.Number() | tree.Boolean() | tree.Date() | tree.Duration():
            return literal(node, scope)
        case tree.Not():
            operand = resolve_condition(node.operand, scope)
            return None if operand is None else core.Not(facts=logic(operand), span=node.span, operand=operand)
        case tree.Logic() | tree.AtLeast():
            return _conditions(node, scope)
        case tree.Known():
            operand = resolve(node.operand, scope)
            if operand is None:
                return None
            facts = joined(BOOLEAN, operand.facts, nullable=False)
            return core.Known(facts=facts, span=node.span, operand=operand, negated=node.negated)
        case tree.Compare():
            return _compare(node, scope)
        case tree.Between():
            return _between(node, scope)
        case tree.In():
            operand = resolve(node.operand, scope)
            return None if operand is None else membership(node, operand, scope)
        case tree.At():
            return _at(node, scope)
        case tree.Bands():
            return _bands(node, scope)
        case tree.Groups():
            return _groups(node, scope)
        case tree.Arithmetic():
            left, right = resolve(node.left, scope), resolve(node.right, scope)
            return None if left is None or right is None else arithmetic(node, left, right, scope)
        case tree.RowValue():
            return resolve_row_value(node, scope, resolve_condition)
        case tree.Rows():
            return resolve_rows(node, scope, resolve_condition)
        case tree.Anchor() | tree.Shift() | tree.Earliest():
            scope.report(faults.time_as_value(node.span))
        case tree.Cases() | tree.Elapsed() | tree.Linked() | tree.MemberOf():
            scope.report(faults.not_run(node.span, "This expression"))
    return None


# --- names -----------------------------------------------------------------------------------------------------------


def _name(node: tree.Name, scope: Scope) -> core.Expr | None:
    name = node.text
    if scope.row is not None:
        column = scope.row.columns.get(name)
        if column is not None:
            return _column(node, scope.row, column, scope)
        if name == "duration" and scope.row.shape == "spells":
            return _duration(node, scope.row)
    if name in scope.definitions:
        return scope.define(node, scope)
    column = scope.attributes.columns.get(name)
    if column is not None:
        return _column(node, scope.attributes, column, scope)
    if name in scope.entity.derived:
        scope.report(faults.at_needed(node.span, name))
        return None
    _wrong_name(node, scope)
    return None


def _wrong_name(node: tree.Name, scope: Scope) -> None:
    name = node.text
    if name in scope.model.tables:
        remedy = f"Ask about its rows: `any {name} starting during …`, `count of {name} during …`."
        scope.report(faults.name_means_else(node.span, name, "a table", remedy))
    elif name in scope.model.roles:
        remedy = "A role can end follow-up, compete with an outcome, or be an outcome."
        scope.report(faults.name_means_else(node.span, name, "a role", remedy))
    elif name in scope.catalogue.codelists:
        remedy = f"Compare a code with it: `… in {name}`."
        scope.report(faults.name_means_else(node.span, name, "a code list", remedy))
    elif any(name in codes.codes for codes in scope.catalogue.codelists.values()):
        scope.report(faults.code_as_name(node.span, name))
    else:
        known = {*scope.definitions, *scope.attributes.columns, *scope.entity.derived}
        if scope.row is not None:
            known |= {*scope.row.columns, *(("duration",) if scope.row.shape == "spells" else ())}
        scope.report(faults.unknown_name(node.span, name, known))


def _column(node: tree.Name, table: Table, column: Column, scope: Scope) -> core.Expr | None:
    ref = ColumnRef(table.name, column.name)
    if column.sensitivity == "direct identifier" or column.type.kind == "identifier":
        scope.report(faults.direct_identifier(node.span, str(ref)))
        return None
    low = column.low if isinstance(column.low, Decimal) else None
    high = column.high if isinstance(column.high, Decimal) else None
    in_row = scope.row is not None and table is scope.row
    known = _known(table, column, in_row)
    grain = Grain("row", table.name) if in_row else Grain("entity")
    facts = Facts(column.type, column.nullable, grain, low, high, known=known, origin=frozenset({ref}))
    if in_row:
        return core.RowColumn(facts=facts, span=node.span, column=ref)
    return core.Attribute(facts=facts, span=node.span, column=ref)


def _known(table: Table, column: Column, in_row: bool) -> frozenset[Bound]:
    if column.as_of:
        return frozenset({horizon.EXTRACTION})
    if not in_row:
        return frozenset()
    return frozenset({Bound("row.end") if column.name == table.end else Bound("row")})


def _duration(node: tree.Name, table: Table) -> core.RowDuration:
    assert table.start is not None
    assert table.end is not None
    facts = Facts(
        ValueType("duration"),
        table.columns[table.start].nullable,
        Grain("row", table.name),
        known=frozenset({Bound("row.end")}),
        origin=frozenset({ColumnRef(table.name, table.start), ColumnRef(table.name, table.end)}),
    )
    return core.RowDuration(facts=facts, span=node.span, table=table.name)


# --- comparisons -----------------------------------------------------------------------------------------------------


def _compare(node: tree.Compare, scope: Scope) -> core.Expr | None:
    left, right = _side(node.left, scope), _side(node.right, scope)
    if left is None or right is None:
        return None
    found = compare(node.op, left, right, node.span, scope)
    if found is None:
        return None
    left, right = found
    facts = joined(BOOLEAN, left.facts, right.facts)
    known = settled(node.op, left, right)
    if known is not None:
        facts = Facts(facts.type, facts.nullable, facts.grain, None, None, facts.reads, known, facts.origin)
    return core.Compare(facts=facts, span=node.span, op=node.op, left=left, right=right)


def _side(node: tree.Expr, scope: Scope) -> core.Expr | None:
    """One side of a comparison, where a time may stand as a date."""
    if not isinstance(node, (tree.Anchor, tree.Shift)):
        return resolve(node, scope)
    time = resolve_time(node, scope, row=scope.row, data=() if scope.row is None else (scope.row.name,))
    if time is None:
        return None
    facts = replace(time.facts, known=horizon.known_at(time))
    if time.base in ("row", "row.end") and scope.row is not None:
        origin = day_columns(scope.row, "ending" if time.base == "row.end" else _day_match(scope.row))
        facts = replace(facts, grain=Grain("row", scope.row.name), origin=origin)
    return core.TimeValue(facts=facts, span=node.span, time=time)


def _day_match(table: Table) -> Match:
    return "dated" if table.shape == "events" else "starting"


def settled(op: str, left: core.Expr, right: core.Expr) -> frozenset[Bound] | None:
    """When a comparison of a spell's duration with a constant is known: `duration >= 30 days` is, 30 days in."""
    if isinstance(left, core.Literal_) and isinstance(right, core.RowDuration):
        flipped = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        return settled(flipped.get(op, op), right, left)
    if not (isinstance(left, core.RowDuration) and isinstance(right, core.Literal_)):
        return None
    days = right.value
    if not isinstance(days, int):
        return None
    return frozenset({Bound("row", 0, max(0, days if op in (">=", "<") else days + 1))})


def _between(node: tree.Between, scope: Scope) -> core.Expr | None:
    operand, low, high = (_side(n, scope) for n in (node.operand, node.low, node.high))
    if operand is None or low is None or high is None:
        return None
    if isinstance(low, core.Literal_) and isinstance(high, core.Literal_) and _above(low.value, high.value):
        scope.report(faults.empty_range(node.low.span.to(node.high.span)))
        return None
    lower = compare(">=", operand, low, node.span, scope)
    if lower is None:
        return None
    upper = compare("<=", lower[0], high, node.span, scope)
    if upper is None:
        return None
    facts = joined(BOOLEAN, operand.facts, low.facts, high.facts)
    if isinstance(operand, core.RowDuration):
        known = [k for k in (settled(">=", operand, lower[1]), settled("<=", operand, upper[1])) if k]
        facts = Facts(
            BOOLEAN, facts.nullable, facts.grain, None, None, facts.reads, horizon.join_known(*known), facts.origin
        )
    return core.Between(facts=facts, span=node.span, operand=lower[0], low=lower[1], high=upper[1])


def _above(low: object, high: object) -> bool:
    if isinstance(low, (int, Decimal)) and isinstance(high, (int, Decimal)):
        return low > high
    return isinstance(low, datetime.date) and isinstance(high, datetime.date) and low > high


# --- values at a time, bands -----------------------------------------------------------------------------------------


def _at(node: tree.At, scope: Scope) -> core.Expr | None:
    operand = node.operand
    if not isinstance(operand, tree.Name):
        scope.report(faults.at_not_dated(node.operand.span))
        return None
    derived = scope.entity.derived.get(operand.text)
    if derived is None:
        if operand.text in scope.attributes.columns or operand.text in scope.definitions:
            scope.report(faults.at_not_dated(node.span))
        else:
            _wrong_name(operand, scope)
        return None
    time = resolve_time(node.time, scope)
    if time is None:
        return None
    return _years_since(node, derived, time, scope)


def _years_since(node: tree.At, derived: Derived, time: core.Time, scope: Scope) -> core.YearsSince:
    column = scope.attributes.columns[derived.column]
    ref = ColumnRef(scope.attributes.name, column.name)
    extracted = frozenset({horizon.EXTRACTION}) if column.as_of else frozenset()
    facts = Facts(
        ValueType("integer", unit="years"),
        column.nullable or time.facts.nullable,
        Grain("unit" if time.facts.grain.kind == "unit" else "entity"),
        None if derived.low is None else Decimal(derived.low),
        None if derived.high is None else Decimal(derived.high),
        known=horizon.join_known(horizon.known_at(time), extracted),
        origin=frozenset({ref}),
    )
    return core.YearsSince(facts=facts, span=node.span, column=ref, time=time)


def _bands(node: tree.Bands, scope: Scope) -> core.Expr | None:
    operand = resolve(node.operand, scope)
    if operand is None:
        return None
    if operand.facts.type.kind != "integer":
        scope.report(faults.wrong_type(node.operand.span, "whole number", str(operand.facts.type)))
        return None
    last = -1
    for position, band in enumerate(node.bands):
        open_early = band.high is None and position < len(node.bands) - 1
        if band.low <= last or open_early or (band.high is not None and band.high < band.low):
            scope.report(faults.bands_overlap(band.span))
            return None
        last = band.low if band.high is None else band.high
    bands = tuple((band_key(b), b.low, b.high) for b in node.bands)
    facts = joined(ValueType("category", categories=tuple(b[0] for b in bands)), operand.facts, nullable=True)
    return core.BandOf(facts=facts, span=node.span, operand=operand, bands=bands)


def _groups(node: tree.Groups, scope: Scope) -> core.Expr | None:
    operand = resolve(node.operand, scope)
    if operand is None:
        return None
    if operand.facts.type.kind != "code":
        scope.report(faults.wrong_type(node.operand.span, "code", str(operand.facts.type)))
        return None
    groups: list[tuple[str, tuple[str, ...]]] = []
    taken: dict[str, str] = {}
    for group in node.groups:
        codes = group_codes(group, operand.facts.type, taken, scope)
        if codes is None:
            return None
        groups.append((group.name.text, codes))
    facts = joined(ValueType("category", categories=tuple(key for key, _ in groups)), operand.facts, nullable=True)
    return core.GroupOf(
        facts=facts,
        span=node.span,
        operand=operand,
        groups=tuple(groups),
        labels=tuple(labels(scope.language, g.name, g.label) for g in node.groups),
    )


def _conditions(node: tree.Logic | tree.AtLeast, scope: Scope) -> core.Expr | None:
    found = [resolve_condition(o, scope) for o in node.operands]
    operands = tuple(o for o in found if o is not None)
    if len(operands) < len(found):
        return None
    if isinstance(node, tree.Logic):
        return core.Logic(facts=logic(*operands), span=node.span, op=node.op, operands=operands)
    if not 1 <= node.count <= len(operands):
        scope.report(faults.count_out_of_range(node.span, node.count, len(operands)))
        return None
    return core.AtLeast(facts=logic(*operands), span=node.span, count=node.count, operands=operands)


def band_key(band: tree.Band) -> str:
    return f"{band.low}+" if band.high is None else f"{band.low}-{band.high}"
