"""How the four facts of an expression are made from those of its parts."""

from __future__ import annotations

from decimal import Decimal

from studyspec.catalogue.types import ValueType
from studyspec.semantics.core import Bound, ColumnRef, Expr, Facts, Grain, Hull, Merged, SpellExpr, SpellRows
from studyspec.semantics.horizon import after, join_known, join_reads, reach

BOOLEAN = ValueType("boolean")
_RANK = {"constant": 0, "entity": 1, "unit": 2, "row": 3}


def constant(type_: ValueType, number: Decimal | None = None) -> Facts:
    """Facts of a literal: known always, reads nothing."""
    return Facts(type_, False, Grain("constant"), low=number, high=number)


def join_grain(*grains: Grain) -> Grain:
    """The finest of several grains.  Rows of two tables never meet: a query of inner rows is of the outer row."""
    return max(grains, key=lambda g: _RANK[g.kind], default=Grain("constant"))


def joined(type_: ValueType, *parts: Facts, nullable: bool | None = None) -> Facts:
    """Facts of a value computed from parts: unknown when any part is, unless said otherwise."""
    return Facts(
        type_,
        any(p.nullable for p in parts) if nullable is None else nullable,
        join_grain(*(p.grain for p in parts)),
        reads=join_reads(*(p.reads for p in parts)),
        known=join_known(*(p.known for p in parts)),
        origin=frozenset().union(*(p.origin for p in parts)),
    )


def logic(*parts: Expr) -> Facts:
    return joined(BOOLEAN, *(p.facts for p in parts))


def spells_origin(value: SpellExpr) -> frozenset[ColumnRef]:
    """Every column of the model that named spells are made from."""
    if isinstance(value, SpellRows):
        return value.facts.origin
    parts = (value.operand,) if isinstance(value, Merged) else value.operands
    return frozenset().union(*(spells_origin(part) for part in parts))


def spells_reads(value: SpellExpr) -> tuple[Hull, ...]:
    """What is read to tell whether spells hold a day, beside that day: relative to the day (`row`)."""
    if isinstance(value, SpellRows):
        return value.facts.reads
    if isinstance(value, Merged):
        around = Hull(Bound("row", 0, -value.days), Bound("row", 0, value.days + 1))
        return join_reads([around], [reach(h, around, "dated") for h in spells_reads(value.operand)])
    return join_reads(*(spells_reads(part) for part in value.operands))


def spells_known(value: SpellExpr) -> frozenset[Bound]:
    """When it is known whether spells hold a day: bounds of the anchor `row` are moved from that day.

    A gap that `merged within` fills is known to be filled when the next stretch begins: so many days later at most.
    """
    if isinstance(value, SpellRows):
        return value.facts.known
    if isinstance(value, Merged):
        return after(spells_known(value.operand), frozenset({Bound("row", 0, value.days)}))
    return join_known(*(spells_known(part) for part in value.operands))
