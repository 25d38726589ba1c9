"""Literals and comparisons: what may be compared with what."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from studyspec.catalogue.codelists import below
from studyspec.catalogue.types import CodeList, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, termfaults
from studyspec.semantics.facts import BOOLEAN, constant, joined
from studyspec.semantics.phrases import a
from studyspec.semantics.scope import Scope
from studyspec.source import Diagnostic, Span

_TEXT = ValueType("text")
_NUMBERS = ("integer", "decimal")


def literal(
    node: tree.Text | tree.Number | tree.Boolean | tree.Date | tree.Duration, scope: Scope
) -> core.Literal_ | None:
    """A constant.  Durations become whole days; months and years have no fixed number of days and are refused."""
    value: str | int | Decimal | bool | datetime.date
    match node:
        case tree.Text():
            value, type_ = node.value, _TEXT
        case tree.Number():
            whole = node.value == node.value.to_integral_value()
            value, type_ = (int(node.value), ValueType("integer")) if whole else (node.value, ValueType("decimal"))
        case tree.Boolean():
            value, type_ = node.value, BOOLEAN
        case tree.Date():
            value, type_ = node.value, ValueType("date")
        case tree.Duration():
            if node.unit in ("month", "year"):
                scope.report(faults.unit_not_fixed(node.span, node.unit))
                return None
            value, type_ = node.amount * (7 if node.unit == "week" else 1), ValueType("duration")
    number = Decimal(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
    return core.Literal_(facts=constant(type_, number), span=node.span, value=value)


def compare(op: str, left: core.Expr, right: core.Expr, span: Span, scope: Scope) -> tuple[core.Expr, core.Expr] | None:
    """Both sides as they compare, a literal taking the type of the other side; None after a fault."""
    if isinstance(left, core.Literal_) and not isinstance(right, core.Literal_):
        flipped = compare(op, right, left, span, scope)
        return None if flipped is None else (flipped[1], flipped[0])
    a, b = left.facts.type, right.facts.type
    if op not in ("=", "!=") and a.kind in ("code", "text", "boolean", "category"):
        scope.report(faults.order_of_codes(span, str(a)))
        return None
    if a.kind in ("code", "text", "category") and isinstance(right, core.Literal_):
        typed = text_literal(right, a, scope)
        return None if typed is None else (left, typed)
    fault = _mismatch(a, b, left, right, span)
    if fault is not None:
        scope.report(fault)
        return None
    return left, right


def _mismatch(a: ValueType, b: ValueType, left: core.Expr, right: core.Expr, span: Span) -> Diagnostic | None:
    if a.kind == "code" and b.kind == "code":
        if a.list == b.list:
            return None
        return faults.codes_of_other_list(span, str(a.list), str(b.list))
    if a.kind in _NUMBERS and b.kind in _NUMBERS:
        if a.unit and b.unit and a.unit != b.unit:
            return faults.type_mismatch(span, str(a), str(b), "Compare values of one unit.")
        return None
    if a.kind == b.kind:
        return None
    kinds = {a.kind, b.kind}
    if kinds == {"integer", "duration"}:
        number = left if a.kind == "integer" else right
        if number.facts.type.unit == "days":
            return None
        if isinstance(number, core.Literal_):
            return faults.unit_missing(span, str(number.value))
    return faults.type_mismatch(span, str(a), str(b), _as_type(right, a) or "Compare values of one type.")


def _as_type(value: core.Expr, type_: ValueType) -> str | None:
    """What to write for a constant that is of another type than what it is compared with."""
    if not isinstance(value, core.Literal_):
        return None
    if isinstance(value.value, str) and type_.kind in (*_NUMBERS, "date", "boolean", "duration"):
        return faults.without_quotes(value.value, type_.kind)
    if type_.kind == "boolean":
        return "Write `true` or `false`."
    if type_.kind == "date" and isinstance(value.value, int) and 1000 <= value.value <= 9999:
        return f"Write a whole date: `{value.value}-01-01`."
    return None


def _listed(code: str, known: CodeList | None, span: Span, scope: Scope) -> None:
    """Warns of a code that an incomplete list lacks, where it looks like one that the list has."""
    if known is None or code in known.codes:
        return
    said = code.strip(" *%").casefold()
    for one in known.codes.values():
        names = {one.code.casefold().lstrip("0"), *(label.casefold() for label in one.labels.values())}
        if said.lstrip("0") in names or said in names:
            label = one.labels.get(scope.language) or one.labels.get("en", "")
            scope.report(termfaults.code_unlike(span, code, known.name, one.code, label))
            return


def text_literal(value: core.Literal_, type_: ValueType, scope: Scope) -> core.Literal_ | None:
    """A quoted literal as a code, text or category; anything else is refused."""
    span = value.span
    assert span is not None
    if not isinstance(value.value, str):
        if type_.kind == "code" and value.facts.type.kind == "integer":
            scope.report(faults.code_needs_quotes(span, span.text, str(type_)))
        else:
            remedy = f"Write {a(str(type_))} in quotes."
            scope.report(faults.type_mismatch(span, str(type_), str(value.facts.type), remedy))
        return None
    if type_.kind == "code" and type_.list is not None:
        known = scope.codelist(type_.list)
        if known is not None and known.complete and value.value not in known.codes:
            scope.report(_not_in(span, value.value, known, scope))
            return None
        _listed(value.value, known, span, scope)
    if type_.kind == "category" and value.value not in type_.categories:
        scope.report(faults.bands_lack(span, value.value, type_.categories))
        return None
    return core.Literal_(facts=constant(type_), span=span, value=value.value)


def arithmetic(node: tree.Arithmetic, left: core.Expr, right: core.Expr, scope: Scope) -> core.Expr | None:
    """A sum, difference, product or quotient of numbers, with its unit and its range."""
    a, b = left.facts, right.facts
    for side, type_ in ((node.left, a.type), (node.right, b.type)):
        if type_.kind not in _NUMBERS:
            scope.report(faults.wrong_type(side.span, "number", str(type_)))
            return None
    if not _units_meet(node.op, a.type.unit, b.type.unit):
        fault = faults.units_do_not_meet(node.span, a.type.unit or _BARE, b.type.unit or _BARE, _UNITS[node.op])
        scope.report(fault)
        return None
    unit = a.type.unit or b.type.unit
    if node.op == "/" and b.type.unit is not None:
        unit = None  # days of days: a share
    decimal = node.op == "/" or "decimal" in (a.type.kind, b.type.kind)
    low, high = _range(node.op, (a.low, a.high), (b.low, b.high))
    if decimal:
        low, high = _six_digits(low), _six_digits(high)
    facts = joined(ValueType("decimal" if decimal else "integer", unit=unit), a, b)
    if node.op == "/" and not _never_zero(b.low, b.high):
        facts = replace(facts, nullable=True)
    return core.Arithmetic(facts=replace(facts, low=low, high=high), span=node.span, op=node.op, left=left, right=right)


_BARE = "a number without a unit"
_UNITS = {
    "+": "Add values of one unit.",
    "-": "Subtract values of one unit.",
    "*": "Multiply by a number without a unit.",
    "/": "Divide by a value of the same unit, or by a number without one.",
}


def _units_meet(op: str, left: str | None, right: str | None) -> bool:
    if op == "*":
        return left is None or right is None
    if op == "/":
        return right is None or left == right
    return left is None or right is None or left == right


_Ends = tuple[Decimal | None, Decimal | None]


def _range(op: str, a: _Ends, b: _Ends) -> _Ends:
    def both(x: Decimal | None, y: Decimal | None, sign: int) -> Decimal | None:
        return None if x is None or y is None else x + sign * y

    if op == "+":
        return both(a[0], b[0], 1), both(a[1], b[1], 1)
    if op == "-":
        return both(a[0], b[1], -1), both(a[1], b[0], -1)
    if op == "/" and not _never_zero(*b):
        return None, None
    corners = [x * y if op == "*" else x / y for x in a for y in b if x is not None and y is not None]
    return (min(corners), max(corners)) if len(corners) == 4 else (None, None)


def _never_zero(low: Decimal | None, high: Decimal | None) -> bool:
    return (low is not None and low > 0) or (high is not None and high < 0)


def _six_digits(number: Decimal | None) -> Decimal | None:
    """As a decimal is made: six digits, half away from zero."""
    return None if number is None else number.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def group_codes(group: tree.Group, type_: ValueType, taken: dict[str, str], scope: Scope) -> tuple[str, ...] | None:
    """The codes of a group, sorted; None after a fault.  taken: code -> the group that has it already."""
    codes = []
    for item in group.codes:
        value = literal(item, scope)
        typed = None if value is None else text_literal(value, type_, scope)
        if typed is None:
            return None
        code = str(typed.value)
        if code in taken:
            scope.report(faults.code_in_two_groups(item.span, code, taken[code]))
            return None
        taken[code] = group.name.text
        codes.append(code)
    return tuple(sorted(codes))


def membership(node: tree.In, operand: core.Expr, scope: Scope) -> core.Expr | None:
    """`x in list` and `x in ("1", "2")`, the codes expanded and sorted."""
    type_ = operand.facts.type
    if type_.kind not in ("code", "text", "category"):
        remedy = "Use `between … and …` for numbers and dates."
        scope.report(faults.type_mismatch(node.operand.span, str(type_), "list of codes", remedy))
        return None
    facts = joined(BOOLEAN, operand.facts)
    if isinstance(node.items, tree.Name):
        chosen = scope.codelist(node.items.text)
        if chosen is None:
            known = scope.catalogue.codelists
            scope.report(faults.unknown_name(node.items.span, node.items.text, known, "code list"))
            return None
        if not _suits(chosen, type_, node.items.span, scope):
            return None
        codes = _of_group(chosen, node.group, scope) if node.under is None else _under(chosen, node.under, scope)
        if codes is None:
            return None
        return core.InSet(
            facts=facts,
            span=node.span,
            operand=operand,
            values=codes,
            negated=node.negated,
            name=chosen.name,
        )
    values: list[str] = []
    for item in node.items:
        value = literal(item, scope) if isinstance(item, (tree.Text, tree.Number)) else None
        typed = None if value is None else text_literal(value, type_, scope)
        if typed is None:
            if value is None:
                scope.report(faults.wrong_type(item.span, "quoted code", "expression"))
            return None
        values.append(str(typed.value))
    return core.InSet(
        facts=facts, span=node.span, operand=operand, values=tuple(sorted(set(values))), negated=node.negated
    )


def _of_group(chosen: CodeList, group: tree.Text | None, scope: Scope) -> tuple[str, ...] | None:
    """All codes of a list, or those of one of its groups, sorted."""
    if group is None:
        return tuple(sorted(chosen.codes))
    found = tuple(sorted(c.code for c in chosen.codes.values() if group.value in c.groups))
    if not found:
        known = {g for c in chosen.codes.values() for g in c.groups}
        scope.report(faults.unknown_name(group.span, group.value, known, f"group in the code list {chosen.name}"))
        return None
    return found


def _under(chosen: CodeList, code: tree.Text, scope: Scope) -> tuple[str, ...] | None:
    """A code of a list and all that lies below it, sorted."""
    if code.value not in chosen.codes:
        scope.report(_not_in(code.span, code.value, chosen, scope))
        return None
    if all(c.parent is None for c in chosen.codes.values()):
        scope.report(termfaults.no_levels(code.span, chosen.name))
        return None
    return tuple(sorted(below(chosen, code.value)))


def _suits(chosen: CodeList, type_: ValueType, span: Span, scope: Scope) -> bool:
    """Whether codes of this type can be looked for in this list."""
    if type_.kind != "code" or type_.list is None or chosen.name == type_.list or chosen.of == type_.list:
        return True
    if chosen.of is not None or chosen.name in scope.model.codelists:
        scope.report(faults.codes_of_other_list(span, type_.list, chosen.name))
        return False
    whole = scope.codelist(type_.list)
    strange = [c for c in chosen.codes if whole is not None and whole.complete and c not in whole.codes]
    if strange and whole is not None:
        scope.report(_not_in(span, strange[0], whole, scope))
    return not strange


def _not_in(span: Span, code: str, codes: CodeList, scope: Scope) -> Diagnostic:
    labels = {
        one.code: sorted(one.labels.values(), key=lambda text: text != one.labels.get(scope.language))
        for one in codes.codes.values()
    }
    return faults.code_not_in_list(span, code, codes.name, codes.codes, labels)
