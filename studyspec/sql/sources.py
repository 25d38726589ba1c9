"""Views of the model's tables over the physical ones: the binding's rules, column by column."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from studyspec import calendar
from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, ValueType
from studyspec.plan.nodes import (
    Call,
    Case,
    Column,
    Constant,
    InList,
    Operator,
    Output,
    Plan,
    Scalar,
    Shift,
    Source,
    SourceField,
)
from studyspec.source import Refused
from studyspec.sql import faults
from studyspec.sql.script import SourceColumn, SourceTable

_TEXTS = ("code", "text", "identifier", "category")
TEXT = ValueType("text")


class Sources:
    """How the tables of a plan are found.  Raises Refused (not-bound, binding-value).

    A physical column is presented as its model column's type, but as text where codes or rows are picked by it.
    """

    def __init__(self, plan: Plan, binding: Binding | None) -> None:
        self._binding = binding.name if binding else ""
        self._bound = {source.name: _bound(source, binding) for source in plan.sources}
        self._sources = plan.sources
        self._texts = {(bound.physical, name) for bound in self._bound.values() for name in bound.where}
        for source in plan.sources:
            for _, column in self._columns(source):
                if column.codes:
                    self._texts.add((self._bound[source.name].physical, column.physical))

    def physical(self, source: Source) -> str:
        return self._bound[source.name].physical

    def tables(self) -> tuple[SourceTable, ...]:
        """The physical tables and columns that are read, each once."""
        found: dict[str, dict[str, SourceColumn]] = {}
        for source in self._sources:
            bound = self._bound[source.name]
            columns = found.setdefault(bound.physical, {})
            for field, column in self._columns(source):
                as_text = (bound.physical, column.physical) in self._texts and field.type.kind not in _TEXTS
                nullable = field.nullable or column.null_code is not None or bool(bound.where)
                _merge(columns, SourceColumn(column.physical, TEXT if as_text else field.type, nullable))
            for name in bound.where:
                _merge(columns, SourceColumn(name, TEXT, True))
        return tuple(SourceTable(name, tuple(columns.values())) for name, columns in found.items())

    def outputs(self, source: Source) -> tuple[Output, ...]:
        """The model's columns as scalars over the physical ones."""
        return tuple(Output(field.name, self._value(source, field, column)) for field, column in self._columns(source))

    def where(self, source: Source) -> tuple[Scalar, ...]:
        """Which physical rows belong to the table."""
        bound = self._bound[source.name]
        return tuple(InList(Column(bound.physical, name), tuple(values)) for name, values in bound.where.items())

    def _columns(self, source: Source) -> Iterator[tuple[SourceField, BoundColumn]]:
        bound = self._bound[source.name]
        for field in source.fields:
            if field.name not in bound.columns:
                raise Refused(faults.not_bound(self._binding, f"{source.table}.{field.name}"))
            yield field, bound.columns[field.name]

    def _value(self, source: Source, field: SourceField, column: BoundColumn) -> Scalar:
        """In order: what means null, other codes, the type, what null means, and days added."""
        physical = self._bound[source.name].physical
        value: Scalar = Column(physical, column.physical)
        as_text = (physical, column.physical) in self._texts
        presented = TEXT if as_text else field.type
        where = f"{source.table}.{field.name}"
        for null in column.nulls:
            value = Call("nullif", (value, self._constant(null, presented, where)))
        if as_text and field.type.kind not in _TEXTS:
            value = self._read(value, field.type, column, where)
        elif column.codes:
            whens = [(Call("=", (value, Constant(old))), Constant(new)) for old, new in column.codes.items()]
            value = Case(tuple(whens), value)
        if column.null_code is not None:
            value = Call("coalesce", (value, self._constant(column.null_code, field.type, where)))
        return Shift(value, column.shift_days, "day") if column.shift_days else value

    def _read(self, value: Scalar, type_: ValueType, column: BoundColumn, where: str) -> Scalar:
        """Text as the model's type, some of it by its code."""
        read = Call(_cast(type_), (value,))
        if not column.codes:
            return read
        whens = [
            (Call("=", (value, Constant(old))), self._constant(new, type_, where)) for old, new in column.codes.items()
        ]
        return Case(tuple(whens), read)

    def _constant(self, text: str, type_: ValueType, where: str) -> Constant:
        try:
            return Constant(_parsed(text, type_))
        except (ValueError, InvalidOperation):
            raise Refused(faults.binding_value(self._binding, where, type_.kind)) from None


def _bound(source: Source, binding: Binding | None) -> BoundTable:
    """How a table is bound; without a binding, under the model's own names."""
    if binding is None:
        return BoundTable(source.table, source.table, {field.name: BoundColumn(field.name) for field in source.fields})
    if source.table not in binding.tables:
        raise Refused(faults.not_bound(binding.name, source.table))
    return binding.tables[source.table]


def _merge(columns: dict[str, SourceColumn], new: SourceColumn) -> None:
    """Keep one entry per physical column; text wins, and so does what may be null."""
    old = columns.get(new.physical)
    if old is None:
        columns[new.physical] = new
    else:
        type_ = new.type if old.type == TEXT and new.type.kind in _TEXTS else old.type
        columns[new.physical] = SourceColumn(new.physical, type_, old.nullable or new.nullable)


def _cast(type_: ValueType) -> Operator:
    casts: dict[str, Operator] = {"date": "to date", "boolean": "to boolean", "integer": "to integer"}
    return casts.get(type_.kind, "to decimal")


def _parsed(text: str, type_: ValueType) -> str | int | Decimal | bool | datetime.date:
    if type_.kind in _TEXTS:
        return text
    if type_.kind == "date":
        day = calendar.parse_date(text)
        if day is None:
            raise ValueError("no date")
        return day
    if type_.kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError("no boolean")
        return text == "true"
    return int(text) if type_.kind == "integer" else Decimal(text)
