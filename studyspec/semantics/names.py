"""Names in expressions: columns of the row at hand, definitions, attributes; and what a wrong name may have meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from studyspec.catalogue.types import Column, Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain
from studyspec.semantics.facts import spells_origin
from studyspec.semantics.meanings import moment, wrong
from studyspec.semantics.scope import Scope


def resolve_name(node: tree.Name, scope: Scope) -> core.Expr | None:
    """What a name stands for: of the row at hand first, then of the study, then of the entity."""
    name = node.text
    if scope.row is not None:
        column = scope.row.columns.get(name)
        if column is not None:
            return _column(node, scope.row, column, scope)
        if name == "duration" and scope.row.shape == "spells":
            return _duration(node, scope.row, scope)
    if name in scope.definitions:
        return scope.define(node, scope)
    column = scope.attributes.columns.get(name)
    if column is not None:
        return _column(node, scope.attributes, column, scope)
    if name in scope.entity.derived:
        scope.report(faults.at_needed(node.span, name, moment(scope)))
        return None
    wrong_name(node, scope)
    return None


def known_names(scope: Scope) -> set[str]:
    """Every name that stands for a value here."""
    known = {*scope.definitions, *scope.attributes.columns, *scope.entity.derived}
    if scope.row is not None:
        known |= {*scope.row.columns, *(("duration",) if scope.row.shape == "spells" else ())}
    return known


def wrong_name(node: tree.Name, scope: Scope, times: Iterable[str] = ()) -> None:
    """Report a name that stands for no value here.  times: the words for times that could stand here too."""
    known = known_names(scope) - _identifying(scope)
    if scope.row is None:
        wrong(node, scope, {*known, *times})
        return
    own = {*scope.row.columns, *(("duration",) if scope.row.shape == "spells" else ())} - _identifying(scope)
    wrong(node, scope, {*known, *times}, shown=own, place=f"Columns of `{scope.row.name}`")


def _identifying(scope: Scope) -> set[str]:
    """Names of columns that no study may use."""
    tables = (scope.attributes,) if scope.row is None else (scope.attributes, scope.row)
    return {column.name for table in tables for column in table.columns.values() if identifying(column)}


# --- columns ---------------------------------------------------------------------------------------------------------


def identifying(column: Column) -> bool:
    """Whether a column identifies people directly, so that no study may select by it or show it."""
    return column.sensitivity == "direct identifier" or column.type.kind == "identifier"


def identified(table: Table, column: Column) -> str:
    """Whom an identifying column tells of: the entity it names or is the key of; else people."""
    return column.type.entity or (table.entity if column.name == table.key else "") or "person"


def columns_of(
    table: Table, names: tuple[str | None, ...], spells: Mapping[str, core.SpellSet]
) -> frozenset[ColumnRef]:
    """Columns of the model behind columns of a table: those that named spells are made from, where it is of such."""
    named = spells.get(table.name)
    if named is not None:
        return spells_origin(named.value)
    return frozenset(ColumnRef(table.name, name) for name in names if name is not None)


def column_range(column: Column) -> tuple[Decimal | None, Decimal | None]:
    """The declared range of a column of numbers."""
    low = column.low if isinstance(column.low, Decimal) else None
    high = column.high if isinstance(column.high, Decimal) else None
    return low, high


def _column(node: tree.Name, table: Table, column: Column, scope: Scope) -> core.Expr | None:
    ref = ColumnRef(table.name, column.name)
    if identifying(column):
        scope.report(faults.direct_identifier(node.span, str(ref), identified(table, column)))
        return None
    low, high = column_range(column)
    in_row = scope.row is not None and table is scope.row
    known = _known(table, column, in_row)
    grain = Grain("row", table.name) if in_row else Grain("entity")
    origin = columns_of(table, (column.name,), scope.spells)
    facts = Facts(column.type, column.nullable, grain, low, high, known=known, origin=origin)
    if in_row:
        return core.RowColumn(facts=facts, span=node.span, column=ref)
    return core.Attribute(facts=facts, span=node.span, column=ref)


def _known(table: Table, column: Column, in_row: bool) -> frozenset[Bound]:
    if column.as_of:
        return frozenset({horizon.EXTRACTION})
    if not in_row:
        return frozenset()
    return frozenset({Bound("row.end") if column.name == table.end else Bound("row")})


def _duration(node: tree.Name, table: Table, scope: Scope) -> core.RowDuration:
    assert table.start is not None
    facts = Facts(
        ValueType("duration"),
        table.columns[table.start].nullable,
        Grain("row", table.name),
        known=frozenset({Bound("row.end")}),
        origin=columns_of(table, (table.start, table.end), scope.spells),
    )
    return core.RowDuration(facts=facts, span=node.span, table=table.name)
