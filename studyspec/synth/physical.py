"""Invented rows as the database holds them: the binding's rules turned round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from studyspec import calendar
from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Column, Counted, DatedCodes, Model, Table
from studyspec.synth.columns import TYPES
from studyspec.synth.draw import Draw, date, name, text
from studyspec.synth.hints import decimal
from studyspec.synth.tables import ENTITY, ROW, made

#: Of the finished spells of an extract that can hold spells twice, so many are there unfinished, too.
DOUBLED_SHARE: Final = Decimal("0.2")


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one model table: physical column -> its value; only the rows that a condition picks."""

    table: str
    values: Mapping[str, str]
    where: str = "true"


@dataclass(slots=True)
class _Sheet:
    """One physical table while it is put together: its columns with their SQL types, and the parts that fill it."""

    types: dict[str, str] = field(default_factory=dict)
    parts: list[_Part] = field(default_factory=list)


def physical_tables(model: Model, binding: Binding | None, seed: int) -> dict[str, str]:
    """Physical table -> a query for its rows in a settled order.  Without a binding, the model's own tables."""
    sheets: dict[str, _Sheet] = {}
    for table in model.tables.values():
        bound = _identity(model, table.name) if binding is None else binding.tables.get(table.name)
        if bound is None:
            continue
        sheet = sheets.setdefault(bound.physical, _Sheet())
        draw = Draw(seed, table.name, (ENTITY, ROW))
        sheet.parts.append(_Part(table.name, _values(table, bound, sheet, draw)))
        if bound.drop_unfinished_doubles and table.end in bound.columns:
            finished = f"{name(table.end or '')} is not null and {draw.chance('doubled', DOUBLED_SHARE)}"
            sheet.parts.append(_Part(table.name, _values(table, bound, sheet, draw, unfinished=True), finished))
    return {physical: _query(sheet) for physical, sheet in sheets.items()}


def _values(table: Table, bound: BoundTable, sheet: _Sheet, draw: Draw, unfinished: bool = False) -> dict[str, str]:
    """What each physical column holds for a row of a model table, which is shown without its end where unfinished."""
    values: dict[str, str] = {}
    for model_name, rule in bound.columns.items():
        column = table.columns.get(model_name)
        if column is None or rule.physical in values:
            continue
        kind = _physical_type(column, rule)
        known = sheet.types.setdefault(rule.physical, kind)
        sheet.types[rule.physical] = kind if known == kind else "varchar"
        open_end = unfinished and model_name == table.end
        value = _null(column, rule) if open_end else _unmended(column, rule, draw, table.date or table.start)
        values[rule.physical] = value
    for physical, accepted in bound.where.items():
        sheet.types[physical] = "varchar"
        values[physical] = _accepted(values.get(physical), accepted)
    return values


def _identity(model: Model, table: str) -> BoundTable:
    return BoundTable(table, table, {column: BoundColumn(column) for column in model.tables[table].columns})


def _query(sheet: _Sheet) -> str:
    """All parts under one another, every column in every part, ordered by entity, part, and row."""
    parts = []
    part = name("part number")
    for order, one in enumerate(sheet.parts):
        cells = [
            f"cast({one.values.get(column, 'null')} as {kind}) as {name(column)}"
            for column, kind in sheet.types.items()
        ]
        rows = f"{made(one.table)} where {one.where}"
        parts.append(f"select {', '.join(cells)}, {ENTITY}, {order} as {part}, {ROW} from {rows}")
    listed = ", ".join(name(one) for one in sheet.types)
    return f"select {listed} from ({' union all '.join(parts)}) order by {ENTITY}, {part}, {ROW}, {listed}"


def _physical_type(column: Column, rule: BoundColumn) -> str:
    """The model's type, or text where a value that stands for null, or a physical code, is no value of that type."""
    kind = column.type.kind
    if rule.codes_by_date:
        return "varchar"
    if rule.counted is not None:
        return "bigint"
    if kind == "date" and all(calendar.parse_date(n) is not None for n in rule.nulls) and not rule.codes:
        return "date"
    if kind in ("integer", "duration", "decimal") and all(decimal(n) is not None for n in rule.nulls):
        return TYPES[kind] if not rule.codes else "varchar"
    if kind == "boolean" and set(rule.nulls) <= {"true", "false"} and not rule.codes:
        return "boolean"
    return "varchar"


def _unmended(column: Column, rule: BoundColumn, draw: Draw, dated: str | None) -> str:
    """What the database holds for a value of the model: dates shifted back, codes of its own, null as it says null.

    dated: the column with the day by which codes were keyed anew
    """
    value = name(column.name)
    if column.type.kind == "date" and rule.shift_days:
        value = f"({value} - {rule.shift_days})"
    if rule.counted is not None:
        value = _number(value, rule.counted)
    if _physical_type(column, rule) == "varchar":
        value = f"({value})::varchar"
    cases = _coded(column, rule.codes, draw, "physical")
    for number, one in enumerate(rule.codes_by_date):
        cases += _coded(column, one.codes, draw, f"physical {number}", _on_its_days(one, dated))
    if rule.null_code is not None and rule.null_code not in rule.codes.values():
        cases.append(f"when {name(column.name)}::varchar = {text(rule.null_code)} then null")
    if rule.nulls:
        cases.append(f"when {name(column.name)} is null then {_null(column, rule)}")
    return f"case {' '.join(cases)} else {value} end" if cases else value


def _number(value: str, counted: Counted) -> str:
    """The number that tells a day, as whole as it can be."""
    if counted.since is None:
        return f"extract(year from {value})"
    days = {"day": "1", "week": "7", "month": "30.4375"}.get(counted.unit, "365.25")
    return f"cast(floor(({value} - {date(counted.since)}) / {days}) as bigint)"


def _coded(column: Column, codes: Mapping[str, str], draw: Draw, what: str, also: str = "") -> list[str]:
    """For each code of the model, one of the physical codes that stand for it.  also: a further condition."""
    back: dict[str, list[str]] = {}
    for physical, code in codes.items():
        back.setdefault(code, []).append(physical)
    value = f"{name(column.name)}::varchar"
    picked = {code: draw.pick(f"{column.name} {what}", [text(one) for one in found]) for code, found in back.items()}
    return [f"when {value} = {text(code)}{also} then {one}" for code, one in picked.items()]


def _on_its_days(codes: DatedCodes, dated: str | None) -> str:
    """A condition that holds for rows dated on days for which the codes are."""
    day = name(dated or "")
    first = "" if codes.first is None else f" and {day} >= {date(codes.first)}"
    return first if codes.last is None else f"{first} and {day} <= {date(codes.last)}"


def _null(column: Column, rule: BoundColumn) -> str:
    if not rule.nulls:
        return "null"
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
