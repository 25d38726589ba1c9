"""What must hold inside a model, and between a binding and its model, once each could be read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from itertools import pairwise

from studyspec.catalogue import faults
from studyspec.catalogue.reader import Sheet
from studyspec.catalogue.types import (
    Binding,
    BoundColumn,
    BoundTable,
    CodeList,
    Column,
    Coverage,
    Entity,
    Model,
    Rates,
    Role,
    Table,
)
from studyspec.language import tree
from studyspec.source import Diagnostic, Span

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SHAPE_KEYS: Mapping[str, tuple[str, ...]] = {"attributes": (), "events": ("date",), "spells": ("start", "end")}


def model(value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    """Everything a model names exists, and has the shape and type its place needs."""
    for entity in value.entities.values():
        yield from _entity(entity, value, sheet)
    for table in value.tables.values():
        yield from _table(table, value, sheet)
    for rates in value.rates.values():
        yield from _rates(rates, value, sheet)
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
    for cluster, column in entity.clusters.items():
        place = sheet.at("entities", entity.name, "clusters", cluster)
        if cluster not in value.entities:
            yield faults.unknown_reference("entity", cluster, value.entities, place)
        else:
            yield from _typed(table, column, f"identifier of {cluster}", place)


def _table(table: Table, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("tables", table.name)
    if table.entity not in value.entities:
        yield faults.unknown_reference("entity", table.entity, value.entities, span)
    if table.register not in value.registers:
        yield faults.unknown_reference("register", table.register, value.registers, span)
    yield from _key(table, span)
    yield from _time(table, span)
    for name in (name for one in table.breaks for name in one.columns if name not in table.columns):
        yield faults.unknown_reference("column", name, table.columns, span, f" in the table {table.name}")
    for column in table.columns.values():
        yield from _column(table.name, column, table.register, value, sheet)


def _key(table: Table, span: Span | None) -> Iterator[Diagnostic]:
    """The key holds identifiers of the table's own entity."""
    own = ("identifier", f"identifier of {table.entity}")
    yield from _typed(table, table.key, own, span)


def _time(table: Table, span: Span | None) -> Iterator[Diagnostic]:
    """A table has the times that its shape needs, as dates or on a clock of its own."""
    given = {"date": table.date, "start": table.start, "end": table.end}
    needed = _SHAPE_KEYS[table.shape]
    for key, column in given.items():
        if column is not None and key not in needed:
            yield faults.table_shape(table.name, table.shape, f"has no {key}", span)
        elif column is None and key in needed:
            yield faults.table_shape(table.name, table.shape, f"needs a {key}", span)
        elif column is not None:
            yield from _typed(table, column, "date" if table.clock is None else "integer", span)
    if table.doubled is not None and table.shape != "spells":
        yield faults.table_shape(table.name, table.shape, "has no unfinished rows", span)
    if table.clock is None:
        return
    if not needed:
        yield faults.table_shape(table.name, table.shape, "has no times, so it needs no clock", span)
    dated = {"coverage": table.coverage != Coverage(None, None), "breaks": bool(table.breaks)}
    for key in (key for key, stated in dated.items() if stated):
        yield faults.table_shape(table.name, table.shape, f"has a clock instead of dates, so {key} mean nothing", span)


def _rates(table: Rates, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("tables", table.name)
    if table.register not in value.registers:
        yield faults.unknown_reference("register", table.register, value.registers, span)
    if not table.keys:
        yield faults.table_shape(table.name, "rates", "needs one key at least", span)
    for key in dict.fromkeys(table.keys):
        yield from _typed(table, key, ("code", "integer", "boolean"), span)
        if table.keys.count(key) > 1 or key == table.value:
            yield faults.table_shape(table.name, "rates", f"names {key} more than once", span)
    yield from _typed(table, table.value, ("decimal", "integer"), span)
    for column in table.columns.values():
        if column.name not in (*table.keys, table.value):
            problem = f"has no place for {column.name}, which is neither a key nor the value"
            yield faults.table_shape(table.name, "rates", problem, span)
        yield from _column(table.name, column, table.register, value, sheet)


def _column(table: str, column: Column, register: str, value: Model, sheet: Sheet) -> Iterator[Diagnostic]:
    span = sheet.at("tables", table, "columns", column.name)
    if column.register not in value.registers and column.register != register:
        yield faults.unknown_reference("register", column.register, value.registers, span)
    if column.type.list is not None and column.type.list not in value.codelists:
        yield faults.unknown_reference("code list", column.type.list, value.codelists, span)
    if column.type.entity is not None and column.type.entity not in value.entities:
        yield faults.unknown_reference("entity", column.type.entity, value.entities, span)
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


def _typed(table: Table | Rates, column: str, wanted: str | tuple[str, ...], span: Span | None) -> Iterator[Diagnostic]:
    """A column is there and of one of the types wanted: kinds, or a type as it is written."""
    types = (wanted,) if isinstance(wanted, str) else wanted
    found = table.columns.get(column)
    if found is None:
        yield faults.unknown_reference("column", column, table.columns, span, f" in the table {table.name}")
    elif str(found.type) not in types and (found.type.entity is not None or found.type.kind not in types):
        yield faults.column_type(f"{table.name}.{column}", faults.one_of(types), str(found.type), span)


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
        found = bound.tables.get(table.table) or bound.rates.get(table.table)
        span = value.spans.get(f"tables.{table.table}")
        if found is None:
            known = (*bound.tables, *bound.rates)
            yield faults.unknown_reference("table", table.table, known, span, f" in the model {bound.name}")
            continue
        yield from (faults.binding_rule(table.table, problem, span) for problem in _bound_table(table, found))
        for name, rule in table.columns.items():
            place = value.spans.get(f"tables.{table.table}.columns.{name}")
            column = found.columns.get(name)
            if column is None:
                where = f" in the table {found.name} of the model {bound.name}"
                yield faults.unknown_reference("column", name, found.columns, place, where)
            else:
                full = f"{table.table}.{name}"
                problems = (*_rule(column, rule, bound.codelists), *_by_date(found, rule))
                yield from (faults.binding_rule(full, problem, place) for problem in problems)


def _bound_table(table: BoundTable, found: Table | Rates) -> Iterator[str]:
    """What is wrong with how a table as a whole is found."""
    if isinstance(found, Rates):
        needed = (*found.keys, found.value)
    else:
        needed = tuple(filter(None, (found.key, found.date, found.start, found.end)))
    for name in needed:
        if name not in table.columns:
            yield f"it does not say where {name} is found"
    if table.drop_unfinished_doubles and (isinstance(found, Rates) or found.shape != "spells"):
        yield "drop_unfinished_doubles is for spells"
    if table.identity and not table.drop_unfinished_doubles:
        yield "identity is for tables with drop_unfinished_doubles"
    for name in table.identity:
        if name not in table.columns:
            yield f"identity names {name}, which it does not bind"


def _rule(column: Column, rule: BoundColumn, codelists: Mapping[str, CodeList]) -> Iterator[str]:
    """What is wrong with the mending of one column."""
    kind = column.type.kind
    if rule.shift_days and kind != "date":
        yield "shift_days is for dates"
    if rule.counted is not None:
        yield from _counted(kind, rule)
    if kind not in ("code", "boolean"):
        if rule.codes or rule.codes_by_date or rule.null_code is not None:
            yield "codes, codes_by_date and null_code are for columns of codes and for booleans"
        return
    dated = [target for one in rule.codes_by_date for target in one.codes.values()]
    targets = [*rule.codes.values(), *dated, *([rule.null_code] if rule.null_code is not None else [])]
    if kind == "boolean":
        known: Iterable[str] | None = ("true", "false")
    else:
        codelist = codelists.get(column.type.list or "")
        known = codelist.codes if codelist is not None and codelist.complete else None
    for target in dict.fromkeys(targets):
        if known is not None and target not in known:
            yield f"{faults.quote(target)} is no code of {column.type.list or 'a boolean'}"


def _counted(kind: str, rule: BoundColumn) -> Iterator[str]:
    """What is wrong with how numbers tell a day."""
    if kind != "date":
        yield "counted is for dates"
    elif rule.counted is not None and rule.counted.since is None and rule.counted.unit != "year":
        yield f"{rule.counted.unit}s are counted since a day: only a year can stand for itself"
    if any(c.isdigit() for null in rule.nulls if not _NUMBER.fullmatch(null) for c in null):
        yield "where days are counted, nulls are numbers"


def _by_date(table: Table | Rates, rule: BoundColumn) -> Iterator[str]:
    """What is wrong with codes that differ by the day of the row."""
    if not rule.codes_by_date:
        return
    if rule.codes:
        yield "it has both codes and codes_by_date"
    if isinstance(table, Rates) or table.shape == "attributes" or table.clock is not None:
        yield "codes_by_date is for tables whose rows have a date or a start"
    ends = [(one.first or datetime.date.min, one.last or datetime.date.max) for one in rule.codes_by_date]
    if any(later[0] <= earlier[1] for earlier, later in pairwise(sorted(ends))):
        yield "two of its codes_by_date share a day"
