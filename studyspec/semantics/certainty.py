"""What can be said of a condition before any data are read: whether it can be true, can be false, can be unknown.

A world says what values expressions can have, as far as conditions taken to hold narrow them.  Every answer errs on one
side: what is called impossible is impossible; what is called possible may be impossible for reasons not looked at.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from studyspec import calendar
from studyspec.catalogue.types import Model
from studyspec.semantics import core, horizon
from studyspec.semantics.core import Expr

Truth = frozenset[bool | None]
ANY: Truth = frozenset({True, False, None})
ZERO = Decimal(0)
_NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
#: Larger sets of codes, more worlds and longer questions are not looked into: the answer is then that all is possible.
_CODES, _WORLDS, _STEPS, _DEPTH = 5000, 64, 300, 60
#: Nor are more questions than this in all, counted in steps, so that no study takes long to check.
_ALL_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that an expression can have.  Numbers, and dates as day numbers: from low to high, both in.

    among: the only codes, texts or booleans; None for any.  without: those it does not have.  known: never unknown.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    among: frozenset[object] | None = None
    without: frozenset[object] = frozenset()
    known: bool = False

    @property
    def empty(self) -> bool:
        if self.low is not None and self.high is not None and self.low > self.high:
            return True
        return self.among is not None and not self.among - self.without


World = Mapping[Expr, Domain]


class _Unclear(Exception):
    """The question is too long to be looked into."""


@dataclass
class Reasoner:
    """Answers about the conditions of one study.

    values: what definitions stand for.  deep: whether conditions are looked for inside definitions; if not, a
    definition can be true, false or unknown.  without_rows: whether it is asked of someone with no row in any table
    """

    model: Model
    values: Mapping[str, Expr]
    deep: bool = True
    without_rows: bool = False
    _all: int = field(default=_ALL_STEPS, repr=False)
    _left: int = field(default=0, repr=False)
    _deep: int = field(default=0, repr=False)

    def truth(self, condition: Expr, world: World | None = None) -> Truth:
        """What a condition can be in a world: any of true, false, unknown."""
        self._left, self._deep = _STEPS, 0
        try:
            return self._truth(condition, world or {})
        except _Unclear:
            return ANY

    def worlds(self, condition: Expr, want: bool, worlds: list[World]) -> list[World]:
        """The worlds, narrowed to those in which a condition is true (or false); none where it cannot be."""
        self._left, self._deep = _STEPS, 0
        try:
            found = [narrowed for world in worlds for narrowed in self._worlds(condition, want, world)]
        except _Unclear:
            return worlds
        return found if len(found) <= _WORLDS else worlds

    # --- values ---

    def domain(self, expr: Expr, world: World) -> Domain:
        """What an expression can be; a constant is itself."""
        expr = self._key(expr)
        return world.get(expr) or self._declared(expr)

    def same(self, left: Expr, right: Expr) -> bool:
        """Whether two expressions are one and the same question."""
        return self._key(left) == self._key(right)

    def _key(self, expr: Expr) -> Expr:
        """Definitions by what they stand for; `any` and `no` by the count they ask about."""
        for _ in range(_DEPTH):
            if not isinstance(expr, core.Ref) or expr.name not in self.values:
                break
            expr = self.values[expr.name]
        if isinstance(expr, core.RowQuery) and expr.quantifier in ("any", "no"):
            return replace(expr, quantifier="count")
        return expr

    def _declared(self, expr: Expr) -> Domain:
        """What the declarations say of an expression, before any condition."""
        facts = expr.facts
        known = not facts.nullable
        if isinstance(expr, core.Literal_):
            number = _number(expr.value)
            if number is not None:
                return Domain(number, number, known=True)
            return Domain(among=frozenset({expr.value}), known=True)
        if isinstance(expr, core.RowQuery):
            return Domain(ZERO, ZERO if self.without_rows else _most_days(expr), known=True)
        if isinstance(expr, core.RowDuration):
            return Domain(ZERO, known=known)
        match facts.type.kind:
            case "boolean":
                return Domain(among=frozenset({True, False}), known=known)
            case "category":
                return Domain(among=frozenset(facts.type.categories) or None, known=known)
            case "code":
                codes = self.model.codelists.get(facts.type.list or "")
                whole = codes is not None and codes.complete and len(codes.codes) <= _CODES
                return Domain(among=frozenset(codes.codes) if codes is not None and whole else None, known=known)
            case "date":
                low, high = self._dates(expr)
                return Domain(low, high, known=known)
            case _:
                return Domain(facts.low, facts.high, known=known)

    def _dates(self, expr: Expr) -> tuple[Decimal | None, Decimal | None]:
        """The declared range of a column of dates, as day numbers."""
        if not isinstance(expr, core.Attribute | core.RowColumn | core.RowValue):
            return None, None
        table = self.model.tables.get(expr.column.table)
        column = None if table is None else table.columns.get(expr.column.column)
        return (None, None) if column is None else (_number(column.low), _number(column.high))

    def _step(self) -> None:
        self._left -= 1
        self._all -= 1
        if self._left < 0 or self._all < 0:
            raise _Unclear

    # --- truth ---

    def _truth(self, expr: Expr, world: World) -> Truth:
        self._step()
        self._deep += 1
        if self._deep > _DEPTH:
            raise _Unclear
        try:
            return self._judged(expr, world)
        finally:
            self._deep -= 1

    def _judged(self, expr: Expr, world: World) -> Truth:
        match expr:
            case core.Ref() if self.deep and expr.name in self.values:
                return self._truth(self.values[expr.name], world)
            case core.Not():
                return frozenset(None if t is None else not t for t in self._truth(expr.operand, world))
            case core.Logic():
                return _joined(expr.op == "and", [self._truth(o, world) for o in expr.operands])
            case core.AtLeast():
                return _at_least(expr.count, [self._truth(o, world) for o in expr.operands])
            case core.Between():
                ends = [self._compared(">=", expr.operand, expr.low, world)]
                return _joined(True, [*ends, self._compared("<=", expr.operand, expr.high, world)])
            case core.Compare():
                return self._compared(expr.op, expr.left, expr.right, world)
            case core.InSet() if len(expr.values) <= _CODES:
                return self._in_set(expr, world)
            case core.Known():
                known = self.domain(expr.operand, world).known
                return frozenset({not expr.negated}) if known else frozenset({True, False})
            case core.RowQuery(quantifier="any" | "no"):
                found = self._ordered(">", self.domain(expr, world), Domain(ZERO, ZERO, known=True))
                return found if expr.quantifier == "any" else frozenset(not t for t in found)
            case _:
                return self._plain(expr, world)

    def _plain(self, expr: Expr, world: World) -> Truth:
        """A column or another value of yes or no."""
        domain = self.domain(expr, world)
        can: set[bool | None] = {t for t in (True, False) if domain.among is None or t in domain.among - domain.without}
        return frozenset(can if domain.known else can | {None})

    def _in_set(self, expr: core.InSet, world: World) -> Truth:
        domain = self.domain(expr.operand, world)
        values = frozenset(expr.values)
        can: set[bool | None] = set() if domain.known else {None}
        inside = values - domain.without if domain.among is None else (values & domain.among) - domain.without
        if inside:
            can.add(not expr.negated)
        if domain.among is None or domain.among - domain.without - values:
            can.add(expr.negated)
        return frozenset(can)

    def _compared(self, op: str, left: Expr, right: Expr, world: World) -> Truth:
        a, b = self.domain(left, world), self.domain(right, world)
        if self._key(left) == self._key(right):
            same: Truth = frozenset({op in ("=", "<=", ">=")})
            return same if a.known else same | {None}
        if a.among is not None or b.among is not None or a.without or b.without:
            return _equal(op, a, b)
        return self._ordered(op, a, b)

    def _ordered(self, op: str, a: Domain, b: Domain) -> Truth:
        """Numbers and dates, by the ends of what they can be."""
        match op:
            case "=" | "!=":
                apart = _below(a.high, b.low) or _below(b.high, a.low)
                same = a.low is not None and a.low == a.high == b.low == b.high
                can = {t for t, holds in ((True, not apart), (False, not same)) if holds}
                found = {t if op == "=" else not t for t in can}
            case "<" | ">=":
                less = {
                    t
                    for t, holds in ((True, not _below(b.high, a.low, True)), (False, not _below(a.high, b.low)))
                    if holds
                }
                found = {t if op == "<" else not t for t in less}
            case _:
                more = {
                    t
                    for t, holds in ((True, not _below(a.high, b.low, True)), (False, not _below(b.high, a.low)))
                    if holds
                }
                found = {t if op == ">" else not t for t in more}
        return frozenset(found) if a.known and b.known else frozenset({*found, None})

    # --- worlds ---

    def _worlds(self, expr: Expr, want: bool, world: World) -> list[World]:
        if want not in self._truth(expr, world):
            return []
        match expr:
            case core.Ref() if self.deep and expr.name in self.values:
                return self._worlds(self.values[expr.name], want, world)
            case core.Not():
                return self._worlds(expr.operand, not want, world)
            case core.Logic():
                return self._logic(expr.operands, want, (expr.op == "and") == want, world)
            case core.Between():
                facts, span = expr.facts, expr.span
                low = core.Compare(facts=facts, span=span, op=">=", left=expr.operand, right=expr.low)
                high = core.Compare(facts=facts, span=span, op="<=", left=expr.operand, right=expr.high)
                return self._logic((low, high), want, want, world)
            case core.Compare():
                return self._narrowed(expr.op if want else _NEGATED[expr.op], expr.left, expr.right, world)
            case core.InSet() if len(expr.values) <= _CODES:
                among = frozenset[object](expr.values)
                inside = want != expr.negated
                return self._with(
                    expr.operand, world, among=among if inside else None, without=frozenset() if inside else among
                )
            case core.Known():
                return self._with(expr.operand, world) if want != expr.negated else [world]
            case core.RowQuery(quantifier="any" | "no"):
                some = want == (expr.quantifier == "any")
                return self._with(expr, world, low=Decimal(1)) if some else self._with(expr, world, high=ZERO)
            case (
                core.Ref()
                | core.Attribute()
                | core.RowColumn()
                | core.MemberOf()
                | core.LinkedColumn()
                | core.RowValue()
            ):
                return self._with(expr, world, among=frozenset({want}))
            case _:
                return [world]

    def _logic(self, operands: tuple[Expr, ...], want: bool, all_: bool, world: World) -> list[World]:
        """All operands as wanted, one after the other; or any of them."""
        if not all_:
            return [found for operand in operands for found in self._worlds(operand, want, world)]
        worlds = [world]
        for operand in operands:
            worlds = [found for one in worlds for found in self._worlds(operand, want, one)]
            if len(worlds) > _WORLDS:
                raise _Unclear
        return worlds

    def _narrowed(self, op: str, left: Expr, right: Expr, world: World) -> list[World]:
        """A comparison with a constant says what its other side can be."""
        if isinstance(left, core.Literal_) and not isinstance(right, core.Literal_):
            left, right, op = right, left, _FLIPPED[op]
        if not isinstance(right, core.Literal_) or isinstance(left, core.Literal_):
            return [world]
        number = _number(right.value)
        if number is None:
            value = frozenset[object]({right.value})
            found = self._with(left, world, among=value) if op == "=" else self._with(left, world, without=value)
            return [one for w in found for one in self._band(left, right, w)] if op == "=" else found
        step = Decimal(1) if _whole(self._key(left)) and number == number.to_integral_value() else ZERO
        match op:
            case "=":
                return self._with(left, world, low=number, high=number)
            case "<" | "<=":
                return self._with(left, world, high=number - (step if op == "<" else ZERO))
            case ">" | ">=":
                return self._with(left, world, low=number + (step if op == ">" else ZERO))
            case _:
                return self._with(left, world)

    def _band(self, left: Expr, right: core.Literal_, world: World) -> list[World]:
        """To be in a band is to lie between its ends."""
        key = self._key(left)
        if not isinstance(key, core.BandOf):
            return [world]
        low, high = next(((low, high) for name, low, high in key.bands if name == right.value), (None, None))
        ends = [None if end is None else Decimal(end) for end in (low, high)]
        return self._with(key.operand, world, low=ends[0], high=ends[1])

    def _with(
        self,
        expr: Expr,
        world: World,
        low: Decimal | None = None,
        high: Decimal | None = None,
        among: frozenset[object] | None = None,
        without: frozenset[object] = frozenset(),
    ) -> list[World]:
        """A world in which an expression is known and lies between ends or among values; none where it cannot."""
        old = self.domain(expr, world)
        new = Domain(
            low if old.low is None else old.low if low is None else max(low, old.low),
            high if old.high is None else old.high if high is None else min(high, old.high),
            among if old.among is None else old.among if among is None else among & old.among,
            without | old.without,
            known=True,
        )
        return [] if new.empty else [{**world, self._key(expr): new}]


# --- parts -----------------------------------------------------------------------------------------------------------


def _joined(conjunction: bool, parts: list[Truth]) -> Truth:
    """Kleene `and` (or `or`) of what the parts can be, each by itself."""
    found: set[bool | None] = set()
    if any((not conjunction) in part for part in parts):
        found.add(not conjunction)
    if all(conjunction in part for part in parts):
        found.add(conjunction)
    if any(None in part for part in parts) and all(part & {conjunction, None} for part in parts):
        found.add(None)
    return frozenset(found)


def _at_least(count: int, parts: list[Truth]) -> Truth:
    if sum(part == {True} for part in parts) >= count:
        return frozenset({True})
    if sum(True in part or None in part for part in parts) < count:
        return frozenset({False})
    return ANY if any(None in part for part in parts) else frozenset({True, False})


def _equal(op: str, a: Domain, b: Domain) -> Truth:
    """Codes, texts and booleans."""
    if op not in ("=", "!="):
        return ANY
    left = None if a.among is None else a.among - a.without
    right = None if b.among is None else b.among - b.without
    if left is None or right is None:
        some, other = (left, b.without) if left is not None else (right, a.without)
        can_equal = some is None or bool(some - other)
        can_differ = True
    else:
        can_equal = bool(left & right)
        can_differ = not (left == right and len(left) == 1)
    found: set[bool | None] = {t for t, holds in ((op == "=", can_equal), (op != "=", can_differ)) if holds}
    return frozenset(found if a.known and b.known else found | {None})


def _below(a: Decimal | None, b: Decimal | None, or_equal: bool = False) -> bool:
    """Whether one end certainly lies below another."""
    return a is not None and b is not None and (a <= b if or_equal else a < b)


def _number(value: object) -> Decimal | None:
    """A number, or a date as its day number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime.date):
        return Decimal(value.toordinal())
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _whole(expr: Expr) -> bool:
    return expr.facts.type.kind in ("integer", "duration", "date") or isinstance(expr, core.RowQuery)


def _most_days(query: core.RowQuery) -> Decimal | None:
    """The most that can be counted: of days, those of the longest such window."""
    if query.quantifier != "days":
        return None
    hull = horizon.hull(query.window)
    if hull.low.infinite or hull.high.infinite or hull.low.anchor != hull.high.anchor:
        return None
    most = calendar.month_days(hull.high.months - hull.low.months)[1] + hull.high.days - hull.low.days
    return Decimal(max(most, 0))
