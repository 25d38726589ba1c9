"""The four facts that each expression of a study gets, and what they are made of.

docs/semantics/facts.md states what they mean; `facts.py` and `horizon.py` join and compare them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studyspec.catalogue.types import ValueType
from studyspec.source import Span

AnchorKind = Literal["calendar", "index", "entry", "exit", "row", "row.end", "extraction", "value"]


@dataclass(frozen=True, slots=True, order=True)
class Bound:
    """anchor + months + days.  For the anchor `calendar`, days count from 0001-01-01 = 1 (`date.toordinal`).

    `value` is some day of the data, which may be any: two of them are not the same, and nothing is known to come before
    it or after it.  What is read or known by such a day is bounded by where the data begin and end.
    """

    anchor: AnchorKind
    months: int = 0
    days: int = 0
    infinite: Literal[-1, 0, 1] = 0


@dataclass(frozen=True, slots=True)
class Hull:
    """What is read relative to one anchor: [low, high)."""

    low: Bound
    high: Bound


GrainKind = Literal["constant", "entity", "unit", "row"]


@dataclass(frozen=True, slots=True)
class Grain:
    """How often an expression may differ: never, per entity, per unit of analysis, per row of one table."""

    kind: GrainKind
    table: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class ColumnRef:
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Facts:
    """The four facts.

    type, low, high, nullable: the value; low and high bound numbers (inclusive) where known
    grain
    reads, known: the horizon; reads holds a hull per anchor, known the latest bounds at which the value is settled
    origin: every column it is made from, filters included; empty for a constant
    """

    type: ValueType
    nullable: bool
    grain: Grain
    low: Decimal | None = None
    high: Decimal | None = None
    reads: tuple[Hull, ...] = ()
    known: frozenset[Bound] = frozenset()
    origin: frozenset[ColumnRef] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    facts: Facts = field(compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)
