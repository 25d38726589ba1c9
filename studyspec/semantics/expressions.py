"""Expressions: every name bound, every value typed, four facts on every node.

A function returns None once it has reported a fault; what depends on it then stays silent, so one mistake is one error.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

from studyspec.catalogue.types import Derived, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, termfaults
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain
from studyspec.semantics.facts import BOOLEAN, join_grain, joined, logic
from studyspec.semantics.linked import resolve_linked, resolve_member
from studyspec.semantics.names import known_names, resolve_name, wrong_name
from studyspec.semantics.rows import resolve_row_value, resolve_rows
from studyspec.semantics.scope import Scope, labels
from studyspec.semantics.times import moments, resolve_time
from studyspec.semantics.values import arithmetic, compare, group_codes, literal, membership
from studyspec.source import Span


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
            return resolve_name(node, scope)
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
        case tree.Anchor() | tree.Shift() | tree.Earliest() | tree.Latest():
            scope.report(faults.time_as_value(node.span))
        case tree.Cases():
            return _cases(node, scope)
        case tree.Elapsed():
            return _elapsed(node, scope)
        case tree.Linked():
            return resolve_linked(node, scope)
        case tree.MemberOf():
            return resolve_member(node, scope)
    return None


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
    if isinstance(node, tree.Name) and node.text not in known_names(scope):
        wrong_name(node, scope, moments(scope, scope.row))
        return None
    if not isinstance(node, (tree.Anchor, tree.Shift, tree.Latest)):
        return resolve(node, scope)
    time = _time(node, scope)
    return None if time is None else core.TimeValue(facts=time.facts, span=node.span, time=time)


def _time(node: tree.Expr, scope: Scope) -> core.Time | None:
    """A time where it is reckoned with: of the row at hand, where there is one; or a date taken from rows."""
    data = () if scope.row is None else (scope.row.name,)
    return resolve_time(node, scope, row=scope.row, data=data, value_of=resolve)


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
            wrong_name(operand, scope)
        return None
    time = _time(node.time, scope)
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
        join_grain(Grain("entity"), time.facts.grain),
        None if derived.low is None else Decimal(derived.low),
        None if derived.high is None else Decimal(derived.high),
        reads=time.facts.reads,
        known=horizon.join_known(time.facts.known, extracted),
        origin=time.facts.origin | {ref},
    )
    return core.YearsSince(facts=facts, span=node.span, column=ref, time=time)


def _elapsed(node: tree.Elapsed, scope: Scope) -> core.Elapsed | None:
    """Whole units from one time to another; not negative where the one can be shown to come first."""
    start, end = _time(node.start, scope), _time(node.end, scope)
    if start is None or end is None:
        return None
    facts = joined(ValueType("integer", unit=f"{node.unit}s"), start.facts, end.facts)
    exact = not {start.base, end.base} & {"role", "that day"}  # their bounds say how late they can be, and no more
    if exact and horizon.not_after(horizon.bounds(start), horizon.bounds(end), horizon.Order()) == "yes":
        facts = replace(facts, low=Decimal(0))
    return core.Elapsed(facts=facts, span=node.span, unit=node.unit, start=start, end=end)


#: What divides values that are no whole numbers.
_INSTEAD_OF_BANDS = {
    "date": "Count up to it: `years from {} to index in bands 0-9, 10+`.",
    "code": 'Put codes in groups: `{} in groups NAME ("…", "…")`.',
    "text": 'Divide texts by `cases NAME where {} = "…", rest otherwise`.',
    "decimal": "Divide decimals by `cases low where {} < …, high otherwise`.",
    "duration": "Count the days: `days from its start to its end in bands 0-29, 30+`.",
}


def _bands(node: tree.Bands, scope: Scope) -> core.Expr | None:
    operand = resolve(node.operand, scope)
    if operand is None:
        return None
    if operand.facts.type.kind != "integer":
        remedy = _INSTEAD_OF_BANDS.get(operand.facts.type.kind, "Put whole numbers in bands.")
        remedy = remedy.format(node.operand.span.text)
        scope.report(faults.wrong_type(node.operand.span, "whole number", str(operand.facts.type), remedy))
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
        remedy = "Put codes in groups; numbers are put in bands, `in bands 0-9, 10+`, conditions in `cases`."
        scope.report(faults.wrong_type(node.operand.span, "code", str(operand.facts.type), remedy))
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


def _cases(node: tree.Cases, scope: Scope) -> core.Expr | None:
    """The first case that is true.  It is unknown where a condition before that is, or where none is true."""
    cases: list[tuple[str, core.Expr | None]] = []
    spans: dict[str, Span] = {}
    sound = True
    for position, case in enumerate(node.cases):
        name, condition = case.name.text, None
        if name.casefold() in spans:
            scope.report(termfaults.case_twice(case.name.span, name, spans[name.casefold()]))
            sound = False
        spans.setdefault(name.casefold(), case.name.span)
        if case.where is not None:
            condition = resolve_condition(case.where, scope)
            sound = sound and condition is not None
        elif position < len(node.cases) - 1:
            scope.report(termfaults.case_order(case.span))
            sound = False
        cases.append((name, condition))
    if not sound:
        return None
    parts = [condition.facts for _, condition in cases if condition is not None]
    open_ended = node.cases[-1].where is not None
    nullable = open_ended or any(facts.nullable for facts in parts)
    return core.CaseOf(
        facts=joined(ValueType("category", categories=tuple(key for key, _ in cases)), *parts, nullable=nullable),
        span=node.span,
        cases=tuple(cases),
        labels=tuple(labels(scope.language, c.name, c.label) for c in node.cases),
    )


def band_key(band: tree.Band) -> str:
    return f"{band.low}+" if band.high is None else f"{band.low}-{band.high}"
