"""Bindings: how a model's tables are found in one real database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studyspec.catalogue import faults, models, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.reader import Form, Sheet
from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Counted, DatedCodes, Table
from studyspec.source import read

if TYPE_CHECKING:
    from studyspec.language.yamltree import YamlNode

_DAYS = reader.integer(-366, 366)
_CODES = reader.mapping(reader.code, keys=reader.code)


def load_binding(path: Path) -> Binding:
    """A binding from its YAML document.  Raises Refused with every fault, Unreadable.

    Whether its model has what it binds is checked when model and binding meet (`load_catalogue`).
    """
    binding, sheet = reader.document(read(path), "binding", from_form)
    return replace(binding, hash=digest("binding", binding), spans=sheet.spans)


def from_form(form: Form) -> Binding:
    """A binding from the keys of its document."""
    return Binding(
        name=form.need("binding", reader.name),
        model=form.need("model", reader.name),
        model_version=form.need("model_version", reader.integer(1, 1_000_000_000)),
        tables=form.need("tables", reader.named("bound table", _table)),
    )


def _table(name: str, form: Form) -> BoundTable:
    return BoundTable(
        name,
        physical=form.need("physical", reader.text),
        columns=form.need("columns", reader.mapping(_column)),
        where=form.may("where", reader.mapping(reader.one_or_many(reader.code), keys=reader.text), {}),
        coverage=form.may("coverage", models.coverage, None),
        drop_unfinished_doubles=form.may("drop_unfinished_doubles", reader.boolean, False),
        identity=form.may("identity", reader.listing(reader.name), ()),
    )


def _read_column(node: YamlNode, sheet: Sheet) -> BoundColumn:
    """A physical column by name alone, or with the rules that mend it."""
    from studyspec.language.yamltree import Scalar

    if isinstance(node, Scalar):
        return BoundColumn(reader.text(node, sheet))
    return _rules(node, sheet)


def _mended(form: Form) -> BoundColumn:
    return BoundColumn(
        physical=form.need("physical", reader.text),
        nulls=form.may("nulls", reader.one_or_many(reader.code), ()),
        codes=form.may("codes", _CODES, {}),
        shift_days=form.may("shift_days", _DAYS, 0),
        null_code=form.may("null_code", reader.code, None),
        codes_by_date=form.may("codes_by_date", reader.listing(reader.record("dated set of codes", _dated)), ()),
        counted=form.may("counted", reader.record("count of time", _counted), None),
    )


_rules = reader.record("bound column", _mended)
_column = reader.Reading(_read_column, "either", (reader.text, _rules))


def _counted(form: Form) -> Counted:
    return Counted(form.need("unit", models.UNIT), form.may("since", reader.date, None))


def _dated(form: Form) -> DatedCodes:
    value = DatedCodes(
        codes=form.need("codes", _CODES),
        first=form.may("from", reader.date, None),
        last=form.may("until", reader.date, None),
    )
    if not form.sheet.faults and value.first and value.last and value.last < value.first:
        form.sheet.fault(faults.dates_out_of_order("first day", "last day", form.span("until")))
    return value


def behind(bound: BoundTable, table: Table, column: str) -> tuple[str, ...]:
    """The physical columns of a bound table that a column of the model is read from: its own first, and those that the
    rules look at to mend it or to pick its rows.  Empty where the column is not bound."""
    rule = bound.columns.get(column)
    if rule is None:
        return ()
    looked: list[str | None] = []
    if bound.drop_unfinished_doubles:
        looked += [table.key, table.start, table.end, *bound.identity]
    if rule.codes_by_date or any(
        bound.columns[n].codes_by_date for n in looked if n is not None and n in bound.columns
    ):
        looked.append(table.date or table.start)
    physical = [bound.columns[name].physical for name in looked if name is not None and name in bound.columns]
    return tuple(dict.fromkeys((rule.physical, *sorted((*bound.where, *physical)))))
