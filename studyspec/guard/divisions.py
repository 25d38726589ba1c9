"""Baseline variables that divide one value: `age` in one set of bands and in another, codes and groups of them.

Where a category of one is the sum of categories of the other, that sum ties their cells together.  Where categories
cross, subtracting one table from the other would count the people between two cut points, so the release is refused.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, pairwise

from studyspec.guard import faults
from studyspec.semantics import core
from studyspec.semantics.core import Expr
from studyspec.source import Refused

#: A cut point of numbers: everything below it, and the value itself with 0 or not with 1.
Point = tuple[Decimal, int]
LOWEST: Point = (Decimal("-Infinity"), 0)
HIGHEST: Point = (Decimal("Infinity"), 1)
NULL = "null"


@dataclass(frozen=True, slots=True)
class Tie:
    """A (variable, category) that counts the same people as categories of another variable together."""

    parent: tuple[str, str]
    children: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Division:
    """How a variable divides a value.

    parts: category -> what of the value it takes: stretches of numbers [from, to), or codes
    rest, null: category of any other known value, and of an unknown one; None where there is no one by declaration
    """

    variable: str
    value: Expr
    parts: Mapping[str, tuple[tuple[Point, Point], ...] | frozenset[str]]
    rest: str | None
    null: str | None

    def category(self, atom: str | Point) -> str | None:
        """Of a code, of the stretch of numbers that begins at a point, or of the unknown."""
        if atom == NULL:
            return self.null
        for category, taken in self.parts.items():
            if isinstance(taken, frozenset):
                if atom in taken:
                    return category
            elif not isinstance(atom, str) and any(low <= atom < high for low, high in taken):
                return category
        return self.rest


def ties(study: core.Study) -> tuple[Tie, ...]:
    """What ties the baseline variables of a study together.  Raises Refused (crossing-variables)."""
    definitions: dict[str, Expr] = {one.name: one.value for one in study.definitions}
    divisions = [found for v in variables(study).values() if (found := division(v, definitions)) is not None]
    tied: list[Tie] = []
    for one, other in combinations(divisions, 2):
        if one.value == other.value:
            tied += _tied(one, other)
        elif _ages_apart(one.value, other.value):
            raise Refused(faults.crossing_variables(one.variable, other.variable))
    return tuple(tied)


def variables(study: core.Study) -> Mapping[str, core.Variable]:
    """What the study's reports tell of, and what they are broken down by."""
    used = {report.by for report in study.reports if not isinstance(report, core.AttritionReport)}
    tables = [r for r in study.reports if isinstance(r, core.BaselineReport | core.TrendReport)]
    told = {v.name: v for report in tables for v in report.of}
    return {v.name: v for v in study.strata if v.name in used} | told


def _ages_apart(one: Expr, other: Expr) -> bool:
    """Whether both are completed years since one day, at different times: between them lie a few birthdays."""
    return isinstance(one, core.YearsSince) and isinstance(other, core.YearsSince) and one.column == other.column


def fingerprints(study: core.Study) -> tuple[tuple[str, str], ...]:
    """What a release divides, and how: hashes of each value and of its cut points.  They speak of the study alone."""
    found: set[tuple[str, str]] = set()
    definitions: dict[str, Expr] = {one.name: one.value for one in study.definitions}
    for variable in variables(study).values():
        divided = division(variable, definitions)
        if divided is not None:
            cuts = sorted((name, sorted(map(repr, taken))) for name, taken in divided.parts.items())
            found.add((_hash(divided.value), _hash((cuts, divided.rest, divided.null))))
    return tuple(sorted(found))


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


def _tied(one: Division, other: Division) -> Iterator[Tie]:
    """Group the categories of both by what they share: a group is one category of one, and its parts in the other."""
    pairs = {
        (a, b)
        for atom in atoms(one, other)
        if (a := one.category(atom)) is not None and (b := other.category(atom)) is not None
    }
    while pairs:
        left, right = {min(pairs)[0]}, set[str]()
        size = 0
        while size != len(left) + len(right):
            size = len(left) + len(right)
            right |= {b for a, b in pairs if a in left}
            left |= {a for a, b in pairs if b in right}
        pairs = {(a, b) for a, b in pairs if a not in left}
        mine = tuple((one.variable, a) for a in sorted(left))
        theirs = tuple((other.variable, b) for b in sorted(right))
        if len(mine) > 1 and len(theirs) > 1:
            raise Refused(faults.crossing_variables(one.variable, other.variable))
        yield Tie(mine[0], theirs) if len(mine) == 1 else Tie(theirs[0], mine)


def atoms(one: Division, other: Division) -> Iterator[str | Point]:
    """The value cut wherever either cuts it; without what the value cannot be."""
    taken = [t for division in (one, other) for t in division.parts.values()]
    codes = {code for t in taken if isinstance(t, frozenset) for code in t}
    points = {LOWEST, *(point for t in taken if not isinstance(t, frozenset) for stretch in t for point in stretch)}
    facts = one.value.facts
    if facts.nullable:
        yield NULL
    if codes:
        yield from sorted(codes)
        yield "any other code"
        return
    low = LOWEST if facts.low is None else (Decimal(facts.low), 0)
    high = HIGHEST if facts.high is None else (Decimal(facts.high), 1)
    for start, end in pairwise(sorted({*points, HIGHEST})):
        if end > low and start < high:
            yield start


def division(variable: core.Variable, definitions: Mapping[str, Expr]) -> Division | None:
    """How a variable divides a value; None where nothing of that is known."""
    categories = {c.key for c in variable.categories}
    found = _divided(_resolved(variable.value, definitions), definitions, categories)
    return None if found is None else replace(found, variable=variable.name)


def _divided(value: Expr, definitions: Mapping[str, Expr], categories: set[str]) -> Division | None:
    unknown = "unknown" if "unknown" in categories else None

    def of(operand: Expr) -> Expr:
        return _counted(_resolved(operand, definitions))

    match value:
        case core.BandOf():
            stretches = {key: (_between(Decimal(low), None if high is None else Decimal(high), whole=True),)
                         for key, low, high in value.bands}  # fmt: skip
            return Division("", of(value.operand), stretches, unknown, unknown)
        case core.GroupOf():
            groups = {key: frozenset(codes) for key, codes in value.groups}
            return Division("", of(value.operand), groups, unknown, unknown)
        case core.InSet():
            inside, outside = ("false", "true") if value.negated else ("true", "false")
            return Division("", of(value.operand), {inside: frozenset(value.values)}, outside, unknown)
        case core.Known():
            known, null = ("false", "true") if value.negated else ("true", "false")
            return Division("", of(value.operand), {}, known, null)
        case core.Not():
            found = _divided(_resolved(value.operand, definitions), definitions, categories)
            return None if found is None else _swapped(found)
        case core.Compare() | core.Between():
            return _compared(value, of, unknown)
        case core.RowQuery(quantifier="any" | "no"):
            some, none = ("true", "false") if value.quantifier == "any" else ("false", "true")
            stretches = {some: (((Decimal(1), 0), HIGHEST),)}
            return Division("", _counted(value), stretches, none, unknown)
        case _ if value.facts.type.kind == "code":
            codes = categories - {"unknown", "other"}
            other = "other" if "other" in categories else None
            return Division("", value, {code: frozenset({code}) for code in codes}, other, unknown)
        case _:
            return None


def _compared(value: core.Compare | core.Between, of: Callable[[Expr], Expr], unknown: str | None) -> Division | None:
    if isinstance(value, core.Between):
        low, high = _number(value.low), _number(value.high)
        if low is None or high is None:
            return None
        whole = value.operand.facts.type.kind != "decimal"
        return Division("", of(value.operand), {"true": (_between(low, high, whole),)}, "false", unknown)
    operand, literal = value.left, value.right
    op: str = value.op
    if isinstance(operand, core.Literal_):
        operand, literal = literal, operand
        op = _TURNED.get(op, op)
    if not isinstance(literal, core.Literal_):
        return None
    if isinstance(literal.value, str):
        yes, no = ("true", "false") if op == "=" else ("false", "true")
        return Division("", of(operand), {yes: frozenset({literal.value})}, no, unknown)
    number = _number(literal)
    if number is None:
        return None
    at, after = _between(number, number, operand.facts.type.kind != "decimal")
    stretches = {"=": (at, after), "!=": (at, after), "<": (LOWEST, at), "<=": (LOWEST, after),
                 ">": (after, HIGHEST), ">=": (at, HIGHEST)}  # fmt: skip
    yes, no = ("false", "true") if op == "!=" else ("true", "false")
    return Division("", of(operand), {yes: (stretches[op],)}, no, unknown)


_TURNED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _swapped(found: Division) -> Division:
    other = {"true": "false", "false": "true"}
    parts = {other.get(key, key): taken for key, taken in found.parts.items()}
    return replace(found, parts=parts, rest=other.get(found.rest or "", found.rest))


def _between(low: Decimal, high: Decimal | None, whole: bool) -> tuple[Point, Point]:
    """Both ends in.  Of whole numbers and days, what is after 29 begins at 30."""
    if high is None:
        return (low, 0), HIGHEST
    return (low, 0), ((high + 1, 0) if whole else (high, 1))


def _number(value: Expr) -> Decimal | None:
    raw = value.value if isinstance(value, core.Literal_) else None
    if isinstance(raw, datetime.date):
        return Decimal(raw.toordinal())
    return Decimal(raw) if isinstance(raw, int | Decimal) and not isinstance(raw, bool) else None


def _counted(value: Expr) -> Expr:
    """`any` and `no` of rows say whether their count is none."""
    if isinstance(value, core.RowQuery) and value.quantifier in ("any", "no"):
        return replace(value, quantifier="count")
    return value


def _resolved(value: Expr, definitions: Mapping[str, Expr]) -> Expr:
    while isinstance(value, core.Ref) and value.name in definitions:
        value = definitions[value.name]
    return value
