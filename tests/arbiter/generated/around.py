"""What an expression may speak of where it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from studyspec.catalogue.types import ValueType
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef, Facts, Grain
from tests.arbiter.awkward_rows import FIRM, PERSON, TYPES, Draw, type_of

#: Columns of a table of named spells.
SPELL = {"start": "date", "end": "date"}


@dataclass(frozen=True)
class Around:
    """use: features of the study.  bases: of times.  refs: definitions so far.

    table: whose row is at hand; inner: it is a row of a query inside another's condition
    spells: the named spells so far; only: of rows, theirs alone.  cohorts: those that membership may be asked of
    """

    use: frozenset[str]
    bases: tuple[str, ...]
    refs: tuple[core.Definition, ...] = ()
    table: str | None = None
    depth: int = 2
    inner: bool = False
    spells: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    only: bool = False

    def deeper(self) -> Around:
        return replace(self, depth=self.depth - 1)

    def at(self, table: str) -> Around:
        """At a row of a table: the rows of another query where there is a row at hand already."""
        return replace(self, table=table, depth=self.depth - 1, inner=self.table is not None, only=False)

    @property
    def tables(self) -> tuple[str, ...]:
        return self.spells if self.only else ("visit", "stay", "stay", *self.spells)

    @property
    def times(self) -> tuple[str, ...]:
        """What a time may start from, the row at hand included."""
        row = ("row",) if self.table else ()
        return self.bases + row + (("row.end",) if self.table and is_spell(self.table) else ())

    @property
    def asks_rows(self) -> bool:
        """Whether rows may be asked for here."""
        return self.depth > 0 and (self.table is None or ("nested" in self.use and not self.inner))


def is_spell(table: str) -> bool:
    return table not in ("visit", "death")


def columns_of(table: str) -> dict[str, str]:
    """The columns of a table of rows and their kinds."""
    return TYPES.get(table, SPELL)


def facts(kind: str = "boolean", nullable: bool = False) -> Facts:
    return Facts(type_of(kind), nullable, Grain("unit"))


def any_null(*parts: core.Expr) -> Facts:
    return facts("boolean", any(part.facts.nullable for part in parts))


def category(keys: tuple[str, ...], nullable: bool = True) -> Facts:
    return Facts(ValueType("category", categories=keys), nullable, Grain("unit"))


def kind_of(expr: core.Expr) -> str:
    return expr.facts.type.list or expr.facts.type.kind


def literal(kind: str, value: Any) -> core.Literal_:
    return core.Literal_(facts=facts(kind), value=value)


def ref_to(one: core.Definition) -> core.Ref:
    return core.Ref(facts=one.value.facts, name=one.name)


@st.composite
def columns(draw: Draw, around: Around, kinds: tuple[str, ...]) -> core.Expr:
    """A column of the row at hand, of the entity, or of what either links to, of one of several kinds."""
    found = [(None, name, kind) for name, kind in PERSON.items() if kind.rstrip("?") in kinds]
    if around.table is not None:
        found += [(around.table, n, k) for n, k in columns_of(around.table).items() if k.rstrip("?") in kinds] * 2
    linked = [name for name, kind in FIRM.items() if kind.rstrip("?") in kinds]
    if "linked" in around.use and linked and (not found or draw(st.integers(0, 2)) == 0):
        return draw(links(around, tuple(linked)))
    table, name, kind = draw(st.sampled_from(found))
    of = facts(kind.rstrip("?"), kind.endswith("?"))
    if table is None:
        return core.Attribute(facts=of, column=ColumnRef("person", name))
    return core.RowColumn(facts=of, column=ColumnRef(table, name))


@st.composite
def links(draw: Draw, around: Around, names: tuple[str, ...]) -> core.LinkedColumn:
    of_row = [name for name, kind in columns_of(around.table).items() if kind == "firm?"] if around.table else []
    in_row = bool(of_row) and draw(st.integers(0, 2)) > 0
    link = (around.table, draw(st.sampled_from(of_row))) if in_row and around.table else ("person", "employer")
    name = draw(st.sampled_from(names))
    return core.LinkedColumn(
        facts=facts(FIRM[name].rstrip("?"), True),
        link=ColumnRef(*link),
        column=ColumnRef("firm", name),
        key="firm_id",
        in_row=in_row,
    )
