"""Data models: entities, tables with typed columns, the registers behind them, roles and code lists."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from studyspec import calendar
from studyspec.catalogue import checks, codelists, faults, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.files import existing
from studyspec.catalogue.reader import Form, Read, Sheet
from studyspec.catalogue.types import (
    Break,
    Clock,
    CodeList,
    Column,
    Coverage,
    Derived,
    DisclosureRule,
    Dominance,
    Entity,
    Lag,
    Model,
    Rates,
    Register,
    Role,
    Sensitivity,
    Shape,
    Table,
    Trap,
    ValueKind,
    ValueType,
)
from studyspec.language import tree
from studyspec.source import Diagnostic, Refused, Span, read

if TYPE_CHECKING:
    from studyspec.language.yamltree import Scalar, YamlNode

_SHAPE: Read[Shape] = reader.choice("attributes", "events", "spells", "rates")
_SENSITIVITY: Read[Sensitivity] = reader.choice("direct identifier", "quasi-identifier", "special category", "ordinary")
_EDGE: Read[Literal["starting", "ending"]] = reader.choice("starting", "ending")
_COUNT = reader.integer(1, 1_000_000_000)
UNIT: Read[calendar.Unit] = reader.choice("day", "week", "month", "year")
_UNFINISHED: Read[Literal["unfinished"]] = reader.choice("unfinished")
_LAG = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|year)s?")
_lag_text = reader.matching(_LAG.pattern, "a time such as 18 months or 45 days")
_CODE_TYPE = re.compile(r"code of (\w+)\Z")
_ENTITY_TYPE = re.compile(r"identifier of (\w+)\Z")
_UNIT_TYPE = re.compile(r"(integer|decimal) in (\w[\w /%]*)\Z")
_PLAIN_TYPES = ("integer", "decimal", "date", "boolean", "text", "identifier")


def load_model(path: Path) -> tuple[Model, Mapping[str, Span]]:
    """A model from its YAML document, and where its parts stand (`tables.person.columns.sex`).

    Code lists it names by path are looked up from the folder of the model, or from the folder above it where that
    folder is called `models`; they may not lie outside.  Raises Refused with every fault, Unreadable.
    """
    root = path.parent.parent if path.parent.name == "models" else path.parent
    model, sheet = reader.document(read(path), "model", lambda form: from_form(form, root))
    problems = tuple(checks.model(model, sheet))
    if problems:
        raise Refused(*problems)
    return replace(model, hash=digest("model", model)), sheet.spans


def from_form(form: Form, root: Path) -> Model:
    """A model from the keys of its document.  root: the folder that it may name files in."""
    version = form.need("version", _COUNT)
    model = Model(
        name=form.need("model", reader.name),
        version=version,
        labels=form.need("label", reader.labels),
        registers=form.need("registers", reader.named("register", _register)),
        codelists=form.may("codelists", _codelists(root, str(version)), {}),
        entities=form.need("entities", reader.named("entity", _entity)),
        tables={},
        roles=form.may("roles", reader.named("role", _role), {}),
    )
    tables = form.need("tables", reader.named("table", _table))
    if form.sheet.faults:
        return model
    about = {name: table for name, table in tables.items() if isinstance(table, Table)}
    return replace(model, tables=about, rates={n: table for n, table in tables.items() if isinstance(table, Rates)})


def _register(name: str, form: Form) -> Register:
    return Register(
        name,
        labels=form.need("label", reader.labels),
        controller=form.need("controller", reader.text),
        rule=form.need("rule", reader.record("rule", _rule)),
        public=form.may("public", reader.boolean, False),
    )


def _rule(form: Form) -> DisclosureRule:
    return DisclosureRule(
        minimum_entities=form.need("minimum_entities", _COUNT),
        minimum_clusters=form.may("minimum_clusters", _COUNT, None),
        source=form.may("source", reader.text, None),
        dominance=form.may("dominance", reader.record("dominance rule", _dominance), None),
        fresh_months=form.may("fresh_months", reader.integer(1, 1200), None),
    )


def _dominance(form: Form) -> Dominance:
    return Dominance(form.need("n", reader.integer(1, 100)), form.need("percent", reader.integer(1, 99)))


def _entity(name: str, form: Form) -> Entity:
    return Entity(
        name,
        labels=form.need("label", reader.labels),
        plural=form.need("plural", reader.labels),
        attributes=form.need("attributes", reader.name),
        derived=form.may("derived", reader.named("derived value", _derived), {}),
        clusters=form.may("clusters", reader.mapping(reader.name), {}),
    )


def _derived(name: str, form: Form) -> Derived:
    return Derived(
        name,
        labels=form.need("label", reader.labels),
        kind="completed years since",
        column=form.need("completed_years_since", reader.name),
        low=form.may("low", reader.integer(-1000, 1000), None),
        high=form.may("high", reader.integer(-1000, 1000), None),
    )


def _table(name: str, form: Form) -> Table | Rates:
    shape = form.need("shape", _SHAPE)
    return _rates(name, form) if shape == "rates" else _rows(name, form, shape)


def _rates(name: str, form: Form) -> Rates:
    register = form.need("register", reader.name)
    return Rates(
        name,
        labels=form.need("label", reader.labels),
        register=register,
        columns=form.need("columns", reader.named("column", lambda column, f: _column(column, f, register))),
        keys=form.need("keys", reader.listing(reader.name)),
        value=form.need("value", reader.name),
        traps=form.may("traps", reader.listing(reader.record("trap", _trap)), ()),
    )


def _rows(name: str, form: Form, shape: Shape) -> Table:
    register = form.need("register", reader.name)
    return Table(
        name,
        labels=form.need("label", reader.labels),
        entity=form.need("entity", reader.name),
        key=form.need("key", reader.name),
        shape=shape,
        register=register,
        columns=form.need("columns", reader.named("column", lambda column, f: _column(column, f, register))),
        date=form.may("date", reader.name, None),
        start=form.may("start", reader.name, None),
        end=form.may("end", reader.name, None),
        coverage=form.may("coverage", coverage, Coverage(None, None)),
        synth=form.may("synth", hints, {}),
        clock=form.may("clock", reader.record("clock", _clock), None),
        breaks=form.may("breaks", reader.listing(reader.record("series break", _break)), ()),
        publication_lag=form.may("publication_lag", _lag, None),
        traps=form.may("traps", reader.listing(reader.record("trap", _trap)), ()),
        doubled=form.may("doubled", _UNFINISHED, None),
    )


def _clock(form: Form) -> Clock:
    return Clock(form.need("unit", UNIT), form.need("origin", reader.text))


def _break(form: Form) -> Break:
    return Break(
        date=form.need("date", reader.date),
        labels=form.need("label", reader.labels),
        columns=form.may("columns", reader.listing(reader.name), ()),
    )


def _trap(form: Form) -> Trap:
    return Trap(form.need("label", reader.labels), form.may("source", reader.text, None))


def _read_lag(node: YamlNode, sheet: Sheet) -> Lag:
    """`18 months`: a number of days, weeks, months or years."""
    text = _lag_text(node, sheet)
    found = _LAG.match(text) if isinstance(text, str) else None
    return reader.hole() if found is None else Lag(int(found[1]), cast("calendar.Unit", found[2]))


_lag = reader.Reading(_read_lag, "like", (_lag_text,))


def _column(name: str, form: Form, register: str) -> Column:
    value_type = form.need("type", _type)
    meaning = form.may("null_means", reader.text, None)
    return Column(
        name,
        type=value_type,
        labels=form.need("label", reader.labels),
        register=form.may("register", reader.name, register),
        sensitivity=form.may("sensitivity", _SENSITIVITY, "ordinary"),
        nullable=form.may("nullable", reader.boolean, meaning is not None),
        null_meaning=meaning,
        as_of=form.may("as_of", reader.choice("extraction"), None) is not None,
        low=form.may("low", _limit(value_type), None),
        high=form.may("high", _limit(value_type), None),
        synth=form.may("synth", hints, {}),
        publication_lag=form.may("publication_lag", _lag, None),
    )


def _limit(value_type: ValueType) -> Read[Decimal | datetime.date]:
    """Reads the lowest or highest value of a column, by its type."""
    kind = value_type.kind if isinstance(value_type, ValueType) else "integer"
    return reader.date if kind == "date" else reader.number


def _read_type(node: YamlNode, sheet: Sheet) -> ValueType:
    """`code of sex`, `integer`, `decimal in EUR`, `date`, `boolean`, `text`, `identifier`, `identifier of employer`."""
    text = reader.text(node, sheet)
    if not isinstance(text, str):
        return reader.hole()
    if code := _CODE_TYPE.match(text):
        return ValueType("code", list=code[1])
    if entity := _ENTITY_TYPE.match(text):
        return ValueType("identifier", entity=entity[1])
    if unit := _UNIT_TYPE.match(text):
        return ValueType(cast("ValueKind", unit[1]), unit=unit[2])
    if text in _PLAIN_TYPES:
        return ValueType(cast("ValueKind", text))
    sheet.fault(
        faults.not_a_choice(text, node.span, ("code of LIST", "integer in UNIT", "identifier of ENTITY", *_PLAIN_TYPES))
    )
    return reader.hole()


_type = reader.Reading(_read_type, "type", ())


def _role(name: str, form: Form) -> Role:
    return Role(
        name,
        labels=form.need("label", reader.labels),
        table=form.need("table", reader.name),
        condition=form.may("condition", _condition, None),
        edge=form.may("edge", _EDGE, None),
    )


def _read_condition(node: YamlNode, sheet: Sheet) -> tree.Expr:
    from studyspec.language import parse_expression
    from studyspec.language.yamltree import Scalar

    if not isinstance(node, Scalar):
        reader.text(node, sheet)
        return reader.hole()
    try:
        return parse_expression(node)
    except Refused as refused:
        for diagnostic in refused.diagnostics:
            sheet.fault(diagnostic)
        return reader.hole()


_condition = reader.Reading(_read_condition, "like", (reader.any_text,))


def _codelists(root: Path, version: str) -> Read[dict[str, CodeList]]:
    """A mapping from names to the keys of a code list, or to the path of its document."""
    build = partial(_inline, root, version)
    from_keys = reader.named("code list", build)

    def read_all(node: YamlNode, sheet: Sheet) -> dict[str, CodeList]:
        from studyspec.language.yamltree import Map, Scalar

        if not isinstance(node, Map):
            return from_keys(node, sheet)
        by_path = {key.text: value for key, value in node.entries if isinstance(value, Scalar)}
        inline = Map(tuple((k, v) for k, v in node.entries if not isinstance(v, Scalar)), node.span)
        found = from_keys(inline, sheet)
        for name, value in by_path.items():
            codelist = _codelist_at(name, value, sheet, root)
            if codelist is not None:
                found[name] = codelist
        return {key.text: found[key.text] for key, _ in node.entries if key.text in found}

    either = reader.Reading(read_all, "either", (reader.text, reader.record("code list", partial(build, "name"))))
    return reader.Reading(read_all, "mapping", (either, reader.name))


def _inline(root: Path, version: str, name: str, form: Form) -> CodeList:
    return codelists.from_form(name, form, root, root, version)


def _codelist_at(name: str, node: Scalar, sheet: Sheet, root: Path) -> CodeList | None:
    where = existing(root, node.text, "the model", "code list", node.span)
    if isinstance(where, Diagnostic):
        sheet.fault(where)
        return None
    try:
        codelist = codelists.load_codelist(where, root)
    except Refused as refused:
        for diagnostic in refused.diagnostics:
            sheet.fault(diagnostic)
        return None
    if codelist.name != name:
        sheet.fault(faults.codelist_named_otherwise(name, codelist.name, node.span))
    return codelist


def _coverage(form: Form) -> Coverage:
    value = Coverage(form.may("start", reader.reckoned, None), form.may("end", reader.reckoned, None))
    if not form.sheet.faults and value.start and value.end and value.end < value.start:
        form.sheet.fault(faults.dates_out_of_order("first day covered", "last day covered", form.span("end")))
    return value


coverage = reader.record("coverage", _coverage)


def _read_hints(node: YamlNode, sheet: Sheet) -> Mapping[str, object]:
    value = reader.plain(node, sheet)
    if not isinstance(value, dict):
        return reader.wrong(node, sheet, "a mapping of hints for invented data")
    return value


#: Hints for invented data: any mapping; what its keys mean stands in docs/models.md.
hints = reader.Reading(_read_hints, "anything", ())
