"""Data models: entities, tables with typed columns, the registers behind them, roles and code lists."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from studyspec.catalogue import checks, codelists, faults, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.files import existing
from studyspec.catalogue.reader import Form, Read, Sheet
from studyspec.catalogue.types import (
    CodeList,
    Column,
    Coverage,
    Derived,
    DisclosureRule,
    Entity,
    Model,
    Register,
    Role,
    Sensitivity,
    Shape,
    Table,
    ValueKind,
    ValueType,
)
from studyspec.language import tree
from studyspec.source import Diagnostic, Refused, Span, read

if TYPE_CHECKING:
    from studyspec.language.yamltree import Scalar, YamlNode

_SHAPE: Read[Shape] = reader.choice("attributes", "events", "spells")
_SENSITIVITY: Read[Sensitivity] = reader.choice("direct identifier", "quasi-identifier", "special category", "ordinary")
_EDGE: Read[Literal["starting", "ending"]] = reader.choice("starting", "ending")
_COUNT = reader.integer(1, 1_000_000_000)
_CODE_TYPE = re.compile(r"code of (\w+)\Z")
_UNIT_TYPE = re.compile(r"(integer|decimal) in (\w[\w /%]*)\Z")
_PLAIN_TYPES = ("integer", "decimal", "date", "boolean", "text", "identifier")


def load_model(path: Path) -> tuple[Model, Mapping[str, Span]]:
    """A model from its YAML document, and where its parts stand (`tables.person.columns.sex`).

    Code lists it names by path are looked up from the folder of the model, or from the folder above it where that
    folder is called `models`; they may not lie outside.  Raises Refused with every fault, Unreadable.
    """
    root = path.parent.parent if path.parent.name == "models" else path.parent
    model, sheet = reader.document(read(path), "model", lambda form: _model(form, root))
    problems = tuple(checks.model(model, sheet))
    if problems:
        raise Refused(*problems)
    return replace(model, hash=digest("model", model)), sheet.spans


def _model(form: Form, root: Path) -> Model:
    version = form.need("version", _COUNT)
    return Model(
        name=form.need("model", reader.name),
        version=version,
        labels=form.need("label", reader.labels),
        registers=form.need("registers", reader.named("register", _register)),
        codelists=form.may("codelists", _codelists(root, str(version)), {}),
        entities=form.need("entities", reader.named("entity", _entity)),
        tables=form.need("tables", reader.named("table", _table)),
        roles=form.may("roles", reader.named("role", _role), {}),
    )


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
    )


def _entity(name: str, form: Form) -> Entity:
    return Entity(
        name,
        labels=form.need("label", reader.labels),
        plural=form.need("plural", reader.labels),
        attributes=form.need("attributes", reader.name),
        derived=form.may("derived", reader.named("derived value", _derived), {}),
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


def _table(name: str, form: Form) -> Table:
    register = form.need("register", reader.name)
    return Table(
        name,
        labels=form.need("label", reader.labels),
        entity=form.need("entity", reader.name),
        key=form.need("key", reader.name),
        shape=form.need("shape", _SHAPE),
        register=register,
        columns=form.need("columns", reader.named("column", lambda column, f: _column(column, f, register))),
        date=form.may("date", reader.name, None),
        start=form.may("start", reader.name, None),
        end=form.may("end", reader.name, None),
        coverage=form.may("coverage", coverage, Coverage(None, None)),
        synth=form.may("synth", hints, {}),
    )


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
    )


def _limit(value_type: ValueType) -> Read[Decimal | datetime.date]:
    """Reads the lowest or highest value of a column, by its type."""
    kind = value_type.kind if isinstance(value_type, ValueType) else "integer"
    if kind == "date":
        return reader.date
    return reader.number


def _type(node: YamlNode, sheet: Sheet) -> ValueType:
    """`code of sex`, `integer`, `integer in days`, `decimal in EUR`, `date`, `boolean`, `text`, `identifier`."""
    text = reader.text(node, sheet)
    if not isinstance(text, str):
        return reader.hole()
    if code := _CODE_TYPE.match(text):
        return ValueType("code", list=code[1])
    if unit := _UNIT_TYPE.match(text):
        return ValueType(cast("ValueKind", unit[1]), unit=unit[2])
    if text in _PLAIN_TYPES:
        return ValueType(cast("ValueKind", text))
    sheet.fault(faults.not_a_choice(text, node.span, ("code of LIST", "integer in UNIT", *_PLAIN_TYPES)))
    return reader.hole()


def _role(name: str, form: Form) -> Role:
    return Role(
        name,
        labels=form.need("label", reader.labels),
        table=form.need("table", reader.name),
        condition=form.may("condition", _condition, None),
        edge=form.may("edge", _EDGE, None),
    )


def _condition(node: YamlNode, sheet: Sheet) -> tree.Expr:
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


def _codelists(root: Path, version: str) -> Read[dict[str, CodeList]]:
    """A mapping from names to the keys of a code list, or to the path of its document."""
    from_keys = reader.named("code list", lambda name, form: codelists.from_form(name, form, root, root, version))

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

    return read_all


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
    value = Coverage(form.may("start", reader.date, None), form.may("end", reader.date, None))
    if not form.sheet.faults and value.start and value.end and value.end < value.start:
        form.sheet.fault(faults.dates_out_of_order("first day covered", "last day covered", form.span("end")))
    return value


coverage = reader.record("coverage", _coverage)


def hints(node: YamlNode, sheet: Sheet) -> Mapping[str, object]:
    """Hints for invented data: any mapping; what its keys mean stands in docs/models.md."""
    value = reader.plain(node, sheet)
    if not isinstance(value, dict):
        return reader.wrong(node, sheet, "a mapping of hints for invented data")
    return value
