"""Views of the model's tables over the physical ones: the binding's rules, column by column."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from studyspec import calendar
from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Counted, DatedCodes, ValueType
from studyspec.plan.nodes import (
    Call,
    Case,
    Column,
    Constant,
    InList,
    Operator,
    Output,
    Plan,
    Running,
    Scalar,
    Shift,
    Source,
    SourceField,
)
from studyspec.source import Refused
from studyspec.sql import faults
from studyspec.sql.script import SourceColumn, SourceTable

_TEXTS = ("code", "text", "identifier", "category")
TEXT, NUMBER = ValueType("text"), ValueType("decimal")


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
            for _, column in self._needed(source):
                if column.codes or column.codes_by_date:
                    self._texts.add((self._bound[source.name].physical, column.physical))

    def physical(self, source: Source) -> str:
        return self._bound[source.name].physical

    def tables(self) -> tuple[SourceTable, ...]:
        """The physical tables and columns that are read, each once."""
        found: dict[str, dict[str, SourceColumn]] = {}
        for source in self._sources:
            bound = self._bound[source.name]
            columns = found.setdefault(bound.physical, {})
            for field, column in self._needed(source):
                type_ = _presented(field, column)
                as_text = (bound.physical, column.physical) in self._texts and type_.kind not in _TEXTS
                nullable = field.nullable or column.null_code is not None or bool(bound.where)
                _merge(
                    columns,
                    SourceColumn(column.physical, TEXT if as_text else type_, nullable, _marks(column, as_text, type_)),
                )
            for name in bound.where:
                _merge(columns, SourceColumn(name, TEXT, True))
        return tuple(SourceTable(name, tuple(columns.values())) for name, columns in found.items())

    def outputs(self, source: Source) -> tuple[Output, ...]:
        """The model's columns as scalars over the physical ones."""
        fields = source.fields
        return tuple(Output(one.name, self._value(source, one, self._column(source, one.name))) for one in fields)

    def doubled(self, source: Source) -> Scalar | None:
        """Whether a physical row is the unfinished double of a finished spell; None where the binding drops none."""
        bound = self._bound[source.name]
        if not bound.drop_unfinished_doubles:
            return None
        mended = {field.name: self._value(source, field, column) for field, column in self._needed(source)}
        end = mended[source.end or ""]
        same = tuple(mended[name] for name in _alike(source, bound))
        finished = Running("max", end, same)
        return Call("and", (Call("is null", (end,)), Call("is not null", (finished,))))

    def where(self, source: Source) -> tuple[Scalar, ...]:
        """Which physical rows belong to the table."""
        bound = self._bound[source.name]
        return tuple(InList(Column(bound.physical, name), tuple(values)) for name, values in bound.where.items())

    def _column(self, source: Source, name: str) -> BoundColumn:
        bound = self._bound[source.name]
        if name not in bound.columns:
            raise Refused(faults.not_bound(self._binding, f"{source.table}.{name}"))
        return bound.columns[name]

    def _needed(self, source: Source) -> Iterator[tuple[SourceField, BoundColumn]]:
        """The columns that steps read, and those that the binding's rules look at to mend them."""
        bound = self._bound[source.name]
        needed = {field.name for field in source.fields}
        if bound.drop_unfinished_doubles:
            needed.update((*_alike(source, bound), source.end or ""))
        if source.start is not None and any(self._column(source, name).codes_by_date for name in sorted(needed)):
            needed.add(source.start)
        for field in (*source.fields, *source.others):
            if field.name in needed:
                yield field, self._column(source, field.name)

    def _value(self, source: Source, field: SourceField, column: BoundColumn) -> Scalar:
        """In order: what means null, other codes, the type, what null means, days that are counted, and days added."""
        physical = self._bound[source.name].physical
        value: Scalar = Column(physical, column.physical)
        as_text = (physical, column.physical) in self._texts
        presented = TEXT if as_text else _presented(field, column)
        where = f"{source.table}.{field.name}"
        marks = _marks(column, as_text, presented)
        for null in (one for one in column.nulls if one not in marks):
            value = Call("nullif", (value, self._constant(null, presented, where)))
        if column.counted is not None:
            value = _day(Call("to decimal", (value,)) if as_text else value, column.counted)
        elif as_text and field.type.kind not in _TEXTS:
            value = self._read(source, field, column, value)
        else:
            value = self._coded(source, column, value, value, lambda code: Constant(code))
        if column.null_code is not None:
            value = Call("coalesce", (value, self._constant(column.null_code, field.type, where)))
        return Shift(value, column.shift_days, "day") if column.shift_days else value

    def _read(self, source: Source, field: SourceField, column: BoundColumn, value: Scalar) -> Scalar:
        """Text as the model's type, some of it by its code."""
        read = Call(_cast(field.type), (value,))
        where = f"{source.table}.{field.name}"
        return self._coded(source, column, value, read, lambda code: self._constant(code, field.type, where))

    def _coded(
        self, source: Source, column: BoundColumn, value: Scalar, plain: Scalar, made: Callable[[str], Constant]
    ) -> Scalar:
        """A value by its physical code, and plain where no code is listed for it on the day of the row."""
        coded = _by_code(value, plain, column.codes, made)
        if not column.codes_by_date:
            return coded
        whens = []
        for dated in column.codes_by_date:
            within = self._within(source, dated)
            whens.append((within, _by_code(value, plain, dated.codes, made)))
        return Case(tuple(whens), coded)

    def _within(self, source: Source, dated: DatedCodes) -> Scalar:
        """Whether a row is dated in the days of some codes; unknown where it has no date."""
        start = next(field for field in (*source.fields, *source.others) if field.name == source.start)
        day = self._value(source, start, self._column(source, start.name))
        first, last = Constant(dated.first), Constant(dated.last)
        if dated.first is None:
            return Call("is not null", (day,)) if dated.last is None else Call("<=", (day, last))
        return Call(">=", (day, first)) if dated.last is None else Call("between", (day, first, last))

    def _constant(self, text: str, type_: ValueType, where: str) -> Constant:
        try:
            return Constant(_parsed(text, type_))
        except (ValueError, InvalidOperation):
            raise Refused(faults.binding_value(self._binding, where, type_.kind)) from None


def _alike(source: Source, bound: BoundTable) -> tuple[str, ...]:
    """The columns that the doubles of one spell share."""
    return tuple(dict.fromkeys((source.key or "", source.start or "", *bound.identity)))


def _by_code(value: Scalar, plain: Scalar, codes: Mapping[str, str], made: Callable[[str], Constant]) -> Scalar:
    whens = tuple((Call("=", (value, Constant(old))), made(new)) for old, new in codes.items())
    return Case(whens, plain) if whens else plain


def _bound(source: Source, binding: Binding | None) -> BoundTable:
    """How a table is bound; without a binding, under the model's own names."""
    if binding is None:
        return BoundTable(source.table, source.table, {field.name: BoundColumn(field.name) for field in source.fields})
    if source.table not in binding.tables:
        raise Refused(faults.not_bound(binding.name, source.table))
    return binding.tables[source.table]


def _presented(field: SourceField, column: BoundColumn) -> ValueType:
    """What type a physical column is presented as: the model's, or a number where days are counted."""
    return field.type if column.counted is None else NUMBER


def _marks(column: BoundColumn, as_text: bool, type_: ValueType) -> tuple[str, ...]:
    """What stands for null and is a value of no type but text, as `NA` or `.`: it is null before values are read."""
    if as_text or type_.kind in _TEXTS:
        return ()
    return tuple(one for one in column.nulls if one not in ("true", "false") and not any(c.isdigit() for c in one))


def _day(number: Scalar, counted: Counted) -> Scalar:
    """The day that a number tells."""
    if counted.since is None:
        return Call("first day of year", (number,))
    counts: dict[str, Operator] = {"day": "counted days", "week": "counted weeks", "month": "counted months"}
    return Call(counts.get(counted.unit, "counted years"), (Constant(counted.since), number))


def _merge(columns: dict[str, SourceColumn], new: SourceColumn) -> None:
    """Keep one entry per physical column; text wins, whole numbers over others, and so does what may be null."""
    old = columns.get(new.physical)
    if old is None:
        columns[new.physical] = new
    else:
        text = old.type == TEXT and new.type.kind in _TEXTS
        whole = old.type == NUMBER and new.type.kind == "integer"
        type_ = new.type if text or whole else old.type
        marks = tuple(dict.fromkeys((*old.marks, *new.marks))) if type_ != TEXT else ()
        columns[new.physical] = SourceColumn(new.physical, type_, old.nullable or new.nullable, marks)


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
