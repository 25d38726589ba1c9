"""Variables of reports: categories that are declared before any data are read, and numbers to describe."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from studyspec.catalogue.types import CodeList, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults
from studyspec.semantics.core import Category, Expr
from studyspec.semantics.elements import UNKNOWN
from studyspec.semantics.expressions import resolve
from studyspec.semantics.facts import joined
from studyspec.semantics.scope import Scope
from studyspec.semantics.walk import resolved

NUMBERS = ("integer", "decimal", "duration")
OTHER = Category("other", {"en": "Other codes", "fi": "Muut koodit", "sv": "Övriga koder"})
BOOLEANS = (
    Category("true", {"en": "Yes", "fi": "Kyllä", "sv": "Ja"}),
    Category("false", {"en": "No", "fi": "Ei", "sv": "Nej"}),
)
#: Texts by language, of each definition by name.
Labels = Mapping[str, Mapping[str, str]]
NONE_OR_SOME = (
    Category("0", {"en": "None", "fi": "Ei yhtään", "sv": "Ingen"}),
    Category("1+", {"en": "One or more", "fi": "Yksi tai useampia", "sv": "En eller flera"}),
)


def resolve_variable(
    node: tree.Name, scope: Scope, values: Mapping[str, Expr], criteria: tuple[core.Criterion, ...], own: Labels
) -> core.Variable | None:
    """One of the study's definitions or an attribute, with its categories; None after a fault.

    criteria: what all are known to meet.  own: labels of the definitions
    """
    value = _named(node, scope)
    if value is None:
        return None
    what = resolved(value, values)
    type_ = what.facts.type
    narrowed = narrowing(criteria, values)
    categories: tuple[Category, ...]
    match type_.kind:
        case "code" if type_.list is not None:
            codes = scope.codelist(type_.list)
            categories = _codes(codes) if codes is not None else ()
            unknown = what.facts.nullable and what not in narrowed
        case "category" if isinstance(what, core.GroupOf):
            named = zip(what.groups, what.labels, strict=True)
            categories = tuple(Category(key, texts) for (key, _), texts in named)
            unknown = not _all_grouped(what, narrowed, scope)
        case "category" if isinstance(what, core.BandOf):
            categories = tuple(Category(key, {"en": key.replace("-", "–")}) for key, _, _ in what.bands)
            unknown = not _within(what, narrowed)
        case "boolean":
            categories = BOOLEANS
            unknown = may_be_unknown(what, frozenset(narrowed), values)
        case "integer" if _counts_rows(what):
            value, categories, unknown = _none_or_some(value), NONE_OR_SOME, False
        case "category" if isinstance(what, core.CaseOf):
            keys = (key for key, _ in what.cases)
            categories = tuple(Category(key, texts) for key, texts in zip(keys, what.labels, strict=True))
            unknown = may_be_unknown(what, frozenset(narrowed), values)
        case _:
            scope.report(faults.not_categorical(node.span, node.text, str(type_)))
            return None
    return core.Variable(
        name=node.text,
        labels=_label(node, value, scope, own),
        value=value,
        categories=categories + ((UNKNOWN,) if unknown else ()),
    )


def resolve_quantity(node: tree.Name, scope: Scope, own: Labels) -> core.Quantity | None:
    """A number to describe; None after a fault."""
    value = _named(node, scope)
    if value is None:
        return None
    if value.facts.type.kind not in NUMBERS:
        remedy = f"Describe numbers here; categories are counted by `report baseline of {node.text}`."
        scope.report(faults.wrong_type(node.span, "number", str(value.facts.type), remedy))
        return None
    return core.Quantity(name=node.text, labels=_label(node, value, scope, own), value=value)


def _named(node: tree.Name, scope: Scope) -> Expr | None:
    """What a name stands for where no time can be said; None after a fault."""
    if node.text in scope.entity.derived and node.text not in scope.definitions:
        scope.report(faults.at_needed_first(node.span, node.text))
        return None
    return resolve(node, scope)


def _counts_rows(what: Expr) -> bool:
    """Whether a number is one of rows, of days that they hold, or of different values in them."""
    return isinstance(what, core.RowQuery) or (isinstance(what, core.RowValue) and what.pick == "distinct")


def is_quantity(node: tree.Name, scope: Scope, values: Mapping[str, Expr]) -> bool:
    """Whether a baseline variable is a number to describe; one of days or rows is counted as `0` or `1+`."""
    constants = {**scope.attributes.columns, **values}
    if node.text not in constants:
        return False
    value = values.get(node.text)
    if value is None:
        return scope.attributes.columns[node.text].type.kind in NUMBERS
    what = resolved(value, values)
    return what.facts.type.kind in NUMBERS and not _counts_rows(what)


def _label(node: tree.Name, value: Expr, scope: Scope, own: Labels) -> Mapping[str, str]:
    """The column's labels, or the definition's own, or its name in words."""
    labels = scope.attributes.columns[value.column.column].labels if isinstance(value, core.Attribute) else None
    return labels or own.get(node.text) or {scope.language: node.text.replace("_", " ")}


def _all_grouped(what: core.GroupOf, narrowed: Mapping[Expr, Range], scope: Scope) -> bool:
    """Whether every unit of the cohort falls in a group: the code is known and the groups take the whole list."""
    codes = scope.codelist(what.operand.facts.type.list or "")
    grouped = {code for _, members in what.groups for code in members}
    whole = codes is not None and codes.complete and set(codes.codes) <= grouped
    return whole and (not what.operand.facts.nullable or what.operand in narrowed)


def may_be_unknown(value: Expr, known: frozenset[Expr], values: Mapping[str, Expr]) -> bool:
    """Whether a condition or the key of a case can be unknown, where some values are known: `x is known and …` is not
    unknown for want of x.
    """
    what = resolved(value, values)
    match what:
        case core.Logic():
            if what.op == "and":
                asked = (resolved(one, values) for one in what.operands)
                known |= {resolved(o.operand, values) for o in asked if isinstance(o, core.Known) and not o.negated}
            return any(may_be_unknown(one, known, values) for one in what.operands)
        case core.Not():
            return may_be_unknown(what.operand, known, values)
        case core.CaseOf():
            conditions = [condition for _, condition in what.cases]
            return None not in conditions or any(may_be_unknown(c, known, values) for c in conditions if c is not None)
        case core.InSet():
            return what.facts.nullable and resolved(what.operand, values) not in known
        case _:
            return what.facts.nullable


def _none_or_some(value: Expr) -> core.BandOf:
    """A number of days or rows as `0` or `1+`: how many have none, and how many have some."""
    bands = (("0", 0, 0), ("1+", 1, None))
    facts = joined(ValueType("category", categories=("0", "1+")), value.facts)
    return core.BandOf(facts=facts, span=value.span, operand=value, bands=bands)


def _codes(codes: CodeList) -> tuple[Category, ...]:
    return tuple(Category(c.code, c.labels) for c in codes.codes.values()) + (() if codes.complete else (OTHER,))


Range = tuple[Decimal | None, Decimal | None]


def narrowing(criteria: tuple[core.Criterion, ...], values: Mapping[str, Expr]) -> dict[Expr, Range]:
    """What the criteria make certain of everyone in the cohort: expressions that are known, and between what."""
    found: dict[Expr, Range] = {}
    todo = [c.condition for c in criteria if c.kind == "include"]
    while todo:
        condition = resolved(todo.pop(), values)
        match condition:
            case core.Logic(op="and"):
                todo.extend(condition.operands)
            case core.Between(low=core.Literal_(), high=core.Literal_()):
                what = resolved(condition.operand, values)
                found[what] = _meet(found.get(what), (_number(condition.low), _number(condition.high)))
            case core.Compare(right=core.Literal_()):
                n = _number(condition.right)
                what = resolved(condition.left, values)
                found[what] = _meet(found.get(what), _half(condition.op, n))
            case core.InSet(negated=False) | core.Known(negated=False):
                what = resolved(condition.operand, values)
                found[what] = _meet(found.get(what), (None, None))
            case _:
                pass
    return found


def _number(value: Expr) -> Decimal | None:
    raw = value.value if isinstance(value, core.Literal_) else None
    return Decimal(raw) if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool) else None


def _half(op: str, n: Decimal | None) -> Range:
    if n is None:
        return None, None
    low = {"=": n, ">=": n, ">": n + 1}.get(op)
    high = {"=": n, "<=": n, "<": n - 1}.get(op)
    return low, high


def _meet(a: Range | None, b: Range) -> Range:
    if a is None:
        return b
    lows = [x for x in (a[0], b[0]) if x is not None]
    highs = [x for x in (a[1], b[1]) if x is not None]
    return max(lows, default=None), min(highs, default=None)


def _within(band: core.BandOf, narrowed: Mapping[Expr, Range]) -> bool:
    """Whether every unit of the cohort falls in a band: the value is known and the bands leave no gap."""
    facts = band.operand.facts
    low, high = _meet(narrowed.get(band.operand), (facts.low, facts.high))
    if (facts.nullable and band.operand not in narrowed) or low is None:
        return False
    expected = low
    for _, start, end in band.bands:
        if start > expected:
            return False
        if end is None:
            return True
        expected = max(expected, Decimal(end + 1))
    return high is not None and expected > high
