"""Invented populations: how many entities a site's invented data have, and hints laid over those of its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from studyspec.catalogue import faults, models, reader
from studyspec.catalogue.files import existing
from studyspec.catalogue.reader import Form
from studyspec.catalogue.types import Column, Model, Table
from studyspec.source import Diagnostic, Refused, Span, read


@dataclass(frozen=True, slots=True)
class TableHints:
    """synth: hints of the table.  columns: column -> its hints"""

    synth: Mapping[str, object]
    columns: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Invented:
    """entities: how many of each kind of entity are made, before the shares that the model's hints tell.

    like: path of a population whose hints hold where this one has none
    spans: `like`, `tables.person`, `tables.person.columns.sex` -> where it stands
    """

    name: str
    model: str
    entities: int
    tables: Mapping[str, TableHints]
    like: str | None = None
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)


def load_invented(path: Path) -> tuple[Invented, ...]:
    """A population from its YAML document, after those that it is like, the plainest first.

    Documents are found beside it or below.  Raises Refused with every fault of a document, Unreadable.
    """
    found: list[Invented] = []
    root, seen = path.parent, {path}
    while True:
        one, sheet = reader.document(read(path), "invented", from_form)
        found.insert(0, replace(one, spans={**sheet.spans, **one.spans}))
        if one.like is None:
            return tuple(found)
        place = one.spans["like"]
        at = existing(root, one.like, "the invented population", "invented population", place)
        if isinstance(at, Diagnostic):
            raise Refused(at)
        if at in seen:
            raise Refused(faults.like_itself(one.name, place))
        seen.add(at)
        path = at


def from_form(form: Form) -> Invented:
    """A population from the keys of its document."""
    return Invented(
        name=form.need("invented", reader.name),
        model=form.need("model", reader.name),
        entities=form.need("entities", reader.integer(1, 20_000_000)),
        tables=form.may("tables", reader.mapping(reader.record("table's hints", _table)), {}),
        like=form.may("like", reader.text, None),
        spans={"like": form.span("like")},
    )


def _table(form: Form) -> TableHints:
    return TableHints(
        synth=form.may("synth", models.hints, {}),
        columns=form.may("columns", reader.mapping(models.hints), {}),
    )


def laid_over(model: Model, population: Invented) -> Model:
    """The model with the population's hints: each takes the place of the model's hint with the same key.

    Raises Refused where the population is of another model, or gives hints for what the model does not have.
    """
    if population.model != model.name:
        raise Refused(faults.invented_for_another_model(population.name, population.model, model.name))
    missing = []
    tables = dict(model.tables)
    for name, own in population.tables.items():
        table = model.tables.get(name)
        if table is None:
            span = population.spans.get(f"tables.{name}")
            missing.append(faults.unknown_reference("table", name, sorted(model.tables), span, " in the model"))
            continue
        for column in own.columns.keys() - table.columns.keys():
            span = population.spans.get(f"tables.{name}.columns.{column}")
            missing.append(faults.unknown_reference("column", column, sorted(table.columns), span, f" in {name}"))
        tables[name] = _hinted(table, own)
    if missing:
        raise Refused(*missing)
    return replace(model, tables=tables)


def _hinted(table: Table, own: TableHints) -> Table:
    def hinted(column: Column) -> Column:
        return replace(column, synth={**column.synth, **own.columns.get(column.name, {})})

    columns = {name: hinted(column) for name, column in table.columns.items()}
    return replace(table, synth={**table.synth, **own.synth}, columns=columns)
