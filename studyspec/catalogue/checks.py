"""What must hold inside a model, and between a binding and its model, once each could be read."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from studyspec.catalogue import faults
from studyspec.catalogue.reader import Sheet
from studyspec.catalogue.types import Binding, BoundColumn, CodeList, Column, Entity, Model, Role, Table
from studyspec.language import tree
from studyspec.source import Diagnostic, Span

_SHAPE_KEYS: Mapping[str, tuple[str, ...]] = {"attributes": (), "events": ("date",), "spells": ("start", "end")}


def model(value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    """Everything a model names exists, and has the shape and type its place needs."""
    for entity in value.entities.values():
        yield from _entity(entity, value, sheet)
    for table in value.tables.values():
        yield from _table(table, value, sheet)
    for role in value.roles.values():
        yield from _role(role, value, sheet)
    for codelist in value.codelists.values():
        yield from selection(codelist, value.codelists, sheet.at("codelists", codelist.name))


def _entity(entity: Entity, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("entities", entity.name)
    table = value.tables.get(entity.attributes)
    if table is None:
        yield faults.unknown_reference("table", entity.attributes, value.tables, span)
        return
    if table.shape != "attributes" or table.entity != entity.name:
        yield faults.table_shape(table.name, table.shape, f"cannot list every {entity.name}", span)
    for derived in entity.derived.values():
        place = sheet.at("entities", entity.name, "derived", derived.name)
        yield from _typed(table, derived.column, "date", place)
        if derived.low is not None and derived.high is not None and derived.high < derived.low:
            yield faults.range_out_of_order(derived.name, place)


def _table(table: Table, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("tables", table.name)
    if table.entity not in value.entities:
        yield faults.unknown_reference("entity", table.entity, value.entities, span)
    if table.register not in value.registers:
        yield faults.unknown_reference("register", table.register, value.registers, span)
    yield from _typed(table, table.key, "identifier", span)
    given = {"date": table.date, "start": table.start, "end": table.end}
    needed = _SHAPE_KEYS[table.shape]
    for key, column in given.items():
        if column is not None and key not in needed:
            yield faults.table_shape(table.name, table.shape, f"has no {key}", span)
        elif column is None and key in needed:
            yield faults.table_shape(table.name, table.shape, f"needs a {key}", span)
        elif column is not None:
            yield from _typed(table, column, "date", span)
    for column_ in table.columns.values():
        yield from _column(table, column_, value, sheet)


def _column(table: Table, column: Column, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("tables", table.name, "columns", column.name)
    if column.register not in value.registers and column.register != table.register:
        yield faults.unknown_reference("register", column.register, value.registers, span)
    if column.type.list is not None and column.type.list not in value.codelists:
        yield faults.unknown_reference("code list", column.type.list, value.codelists, span)
    low, high = column.low, column.high
    if (low is not None or high is not None) and column.type.kind not in ("integer", "decimal", "date"):
        yield faults.column_type(column.name, "integer, decimal or date", str(column.type), span)
    elif _reversed(low, high):
        yield faults.range_out_of_order(column.name, span)


def _reversed(low: Decimal | datetime.date | None, high: Decimal | datetime.date | None) -> bool:
    """Whether a range holds nothing; both ends are of the column's type."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return high < low
    return isinstance(low, datetime.date) and isinstance(high, datetime.date) and high < low


def _role(role: Role, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("roles", role.name)
    table = value.tables.get(role.table)
    if table is None:
        yield faults.unknown_reference("table", role.table, value.tables, span)
        return
    if table.shape == "attributes":
        yield faults.table_shape(table.name, table.shape, "has no dates, so no role can be read from it", span)
    elif (table.shape == "spells") != (role.edge is not None):
        problem = "needs an edge (starting or ending) in a role" if table.shape == "spells" else "has no edges"
        yield faults.table_shape(table.name, table.shape, problem, span)
    for name in _names(role.condition):
        if name.text not in table.columns:
            yield faults.unknown_reference("column", name.text, table.columns, name.span, f" in the table {table.name}")


def _names(node: object) -> Iterator[tree.Name]:
    """Every name in an expression, code lists after `in` left out."""
    if isinstance(node, tree.Name):
        yield node
    elif isinstance(node, tree.In) and isinstance(node.items, tree.Name):
        yield from _names(node.operand)
    elif isinstance(node, tuple):
        for item in node:
            yield from _names(item)
    elif is_dataclass(node):
        for field in fields(node):
            if field.name != "span":
                yield from _names(getattr(node, field.name))


def _typed(table: Table, column: str, kind: str, span: Span | None) -> Iterator[Diagnostic]:
    found = table.columns.get(column)
    if found is None:
        yield faults.unknown_reference("column", column, table.columns, span, f" in the table {table.name}")
    elif found.type.kind != kind:
        yield faults.column_type(f"{table.name}.{column}", kind, str(found.type), span)


def selection(codelist: CodeList, known: Mapping[str, CodeList], span: Span | None) -> Iterator[Diagnostic]:
    """A list that selects from another one selects codes that are there."""
    if codelist.of is None:
        return
    base = known.get(codelist.of)
    if base is None:
        yield faults.unknown_reference("code list", codelist.of, known, span)
    elif base.complete:
        for code in codelist.codes:
            if code not in base.codes:
                yield faults.not_in_selection(codelist.name, code, base.name, span, base.codes)


# --- bindings --------------------------------------------------------------------------------------------------------


def binding(value: Binding, bound: Model) -> Iterator[Diagnostic]:
    """A binding names tables and columns that its model has, mends only what can be mended, and finds every key."""
    for table in value.tables.values():
        found = bound.tables.get(table.table)
        span = value.spans.get(f"tables.{table.table}")
        if found is None:
            yield faults.unknown_reference("table", table.table, bound.tables, span, f" in the model {bound.name}")
            continue
        for needed in filter(None, (found.key, found.date, found.start, found.end)):
            if needed not in table.columns:
                yield faults.binding_rule(f"{table.table}", f"it does not say where {needed} is found", span)
        for name, rule in table.columns.items():
            place = value.spans.get(f"tables.{table.table}.columns.{name}")
            column = found.columns.get(name)
            if column is None:
                where = f" in the table {found.name} of the model {bound.name}"
                yield faults.unknown_reference("column", name, found.columns, place, where)
            else:
                full = f"{table.table}.{name}"
                yield from (faults.binding_rule(full, p, place) for p in _rule(column, rule, bound.codelists))


def _rule(column: Column, rule: BoundColumn, codelists: Mapping[str, CodeList]) -> Iterable[str]:
    """What is wrong with the mending of one column."""
    kind = column.type.kind
    if rule.shift_days and kind != "date":
        yield "shift_days is for dates"
    if kind not in ("code", "boolean"):
        if rule.codes or rule.null_code is not None:
            yield "codes and null_code are for columns of codes and for booleans"
        return
    targets = [*rule.codes.values(), *([rule.null_code] if rule.null_code is not None else [])]
    if kind == "boolean":
        known: Iterable[str] | None = ("true", "false")
    else:
        codelist = codelists.get(column.type.list or "")
        known = codelist.codes if codelist is not None and codelist.complete else None
    for target in targets:
        if known is not None and target not in known:
            yield f"{faults.quote(target)} is no code of {column.type.list or 'a boolean'}"
