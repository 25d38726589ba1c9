"""What the arbiter looks at: a study, the rows of its model's tables, and the one unit being judged."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from studyspec.catalogue.types import Coverage, Table
from studyspec.semantics import core

#: A value of a column or an expression; None is unknown.
Value = str | int | Decimal | bool | datetime.date | None
Row = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """A study and its data.

    people: the key of every entity -> its row of the attributes table
    rows: table -> key -> the rows that belong to the entity; rows of nobody, or of someone not listed, are left out
    known: unit -> name -> what its definitions have been found to be
    """

    study: core.Study
    people: Mapping[object, Row]
    rows: Mapping[str, Mapping[object, list[Row]]]
    known: dict[Unit, dict[str, Value]] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> Table:
        return self.study.model.tables[name]

    def rows_of(self, table: str, key: object) -> list[Row]:
        return self.rows.get(table, {}).get(key, [])

    def coverage(self, table: str) -> Coverage:
        return self.study.coverage.get(table) or self.table(table).coverage

    def role(self, name: str) -> core.Role:
        return next(r for r in self.study.roles if r.name == name)


@dataclass(frozen=True)
class Unit:
    """One entity, and its index once it has one.  end_of_data: set while an outcome is judged, which has its own."""

    key: object
    index: datetime.date | None = None
    end_of_data: datetime.date | None = None
    outcome: bool = False


@dataclass(frozen=True)
class Scene:
    """Where an expression is evaluated: for a unit, and inside a row query also at one row of one table."""

    world: World
    unit: Unit
    table: str | None = None
    row: Row | None = None

    def at(self, table: str, row: Row) -> Scene:
        return Scene(self.world, self.unit, table, row)


def gather(study: core.Study, rows: Mapping[str, Sequence[Row]]) -> World:
    """Sort the rows of every table under the entities they belong to."""
    key = study.cohort.key
    people = {row[key]: row for row in rows.get(study.cohort.table, ()) if row[key] is not None}
    sorted_rows: dict[str, dict[object, list[Row]]] = {}
    for name, table_rows in rows.items():
        if name == study.cohort.table or name not in study.model.tables:
            continue
        of_key = sorted_rows.setdefault(name, {})
        for row in table_rows:
            owner = row[study.model.tables[name].key]
            if owner in people:
                of_key.setdefault(owner, []).append(row)
    return World(study, people, sorted_rows)
