"""How the four facts of an expression are made from those of its parts."""

from __future__ import annotations

from decimal import Decimal

from studyspec.catalogue.types import ValueType
from studyspec.semantics.core import Expr, Facts, Grain
from studyspec.semantics.horizon import join_known, join_reads

BOOLEAN = ValueType("boolean")
_RANK = {"constant": 0, "entity": 1, "unit": 2, "row": 3}


def constant(type_: ValueType, number: Decimal | None = None) -> Facts:
    """Facts of a literal: known always, reads nothing."""
    return Facts(type_, False, Grain("constant"), low=number, high=number)


def join_grain(*grains: Grain) -> Grain:
    """The finest of several grains.  Rows of two tables never meet: row queries do not nest."""
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
