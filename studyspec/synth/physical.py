"""Invented rows as the database holds them: the binding's rules turned round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studyspec import calendar
from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Column, Model
from studyspec.synth.columns import TYPES
from studyspec.synth.draw import Draw, date, name, text
from studyspec.synth.hints import decimal
from studyspec.synth.tables import ENTITY, ROW, made


@dataclass(slots=True)
class _Sheet:
    """One physical table while it is put together: its columns with their SQL types, and the parts that fill it."""

    types: dict[str, str] = field(default_factory=dict)
    parts: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)


def physical_tables(model: Model, binding: Binding | None, seed: int) -> dict[str, str]:
    """Physical table -> a query for its rows in a settled order.  Without a binding, the model's own tables."""
    sheets: dict[str, _Sheet] = {}
    for table in model.tables.values():
        bound = _identity(model, table.name) if binding is None else binding.tables.get(table.name)
        if bound is None:
            continue
        sheet = sheets.setdefault(bound.physical, _Sheet())
        values: dict[str, str] = {}
        for model_name, rule in bound.columns.items():
            column = table.columns.get(model_name)
            if column is None or rule.physical in values:
                continue
            kind = _physical_type(column, rule)
            known = sheet.types.setdefault(rule.physical, kind)
            sheet.types[rule.physical] = kind if known == kind else "varchar"
            values[rule.physical] = _unmended(column, rule, Draw(seed, table.name, (ENTITY, ROW)))
        for physical, accepted in bound.where.items():
            sheet.types[physical] = "varchar"
            values[physical] = _accepted(values.get(physical), accepted)
        sheet.parts.append((table.name, values))
    return {physical: _query(sheet) for physical, sheet in sheets.items()}


def _identity(model: Model, table: str) -> BoundTable:
    return BoundTable(table, table, {column: BoundColumn(column) for column in model.tables[table].columns})


def _query(sheet: _Sheet) -> str:
    """All parts under one another, every column in every part, ordered by entity, part, and row."""
    parts = []
    part = name("part number")
    for order, (table, values) in enumerate(sheet.parts):
        cells = [f"cast({values.get(one, 'null')} as {kind}) as {name(one)}" for one, kind in sheet.types.items()]
        parts.append(f"select {', '.join(cells)}, {ENTITY}, {order} as {part}, {ROW} from {made(table)}")
    listed = ", ".join(name(one) for one in sheet.types)
    return f"select {listed} from ({' union all '.join(parts)}) order by {ENTITY}, {part}, {ROW}, {listed}"


def _physical_type(column: Column, rule: BoundColumn) -> str:
    """The model's type, or text where a value that stands for null, or a physical code, is no value of that type."""
    kind = column.type.kind
    if kind == "date" and all(calendar.parse_date(n) is not None for n in rule.nulls) and not rule.codes:
        return "date"
    if kind in ("integer", "duration", "decimal") and all(decimal(n) is not None for n in rule.nulls):
        return TYPES[kind] if not rule.codes else "varchar"
    if kind == "boolean" and set(rule.nulls) <= {"true", "false"} and not rule.codes:
        return "boolean"
    return "varchar"


def _unmended(column: Column, rule: BoundColumn, draw: Draw) -> str:
    """What the database holds for a value of the model: dates shifted back, codes of its own, null as it says null."""
    value = name(column.name)
    if column.type.kind == "date" and rule.shift_days:
        value = f"({value} - {rule.shift_days})"
    if _physical_type(column, rule) == "varchar":
        value = f"({value})::varchar"
    coded: dict[str, list[str]] = {}
    for physical, code in rule.codes.items():
        coded.setdefault(code, []).append(physical)
    cases = []
    for code, found in coded.items():
        picked = draw.pick(f"{column.name} physical", [text(one) for one in found])
        cases.append(f"when {name(column.name)}::varchar = {text(code)} then {picked}")
    if rule.null_code is not None and rule.null_code not in coded:
        cases.append(f"when {name(column.name)}::varchar = {text(rule.null_code)} then null")
    if rule.nulls:
        cases.append(f"when {name(column.name)} is null then {_null(column, rule)}")
    return f"case {' '.join(cases)} else {value} end" if cases else value


def _null(column: Column, rule: BoundColumn) -> str:
    marked = rule.nulls[0]
    if _physical_type(column, rule) == "date":
        day = calendar.parse_date(marked)
        return "null" if day is None else date(day)
    if _physical_type(column, rule) in ("varchar", "boolean"):
        return text(marked)
    return str(decimal(marked))


def _accepted(value: str | None, accepted: tuple[str, ...]) -> str:
    """A value by which the table's rows are told from others in the same physical table."""
    first = text(accepted[0]) if accepted else "null"
    if value is None or not accepted:
        return first
    listed = ", ".join(text(one) for one in accepted)
    return f"case when ({value})::varchar in ({listed}) then ({value})::varchar else {first} end"
