"""What the arbiter looks at: a study, the rows of its model's tables, and the one unit being judged."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
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

    listed: attributes table -> the key of every entity -> its row
    rows: other table -> key -> the rows that belong to the entity; spells of the study among them
    members: cohort -> its units as (key, index), for the cohorts that have been settled
    known: unit -> name -> what its definitions have been found to be
    """

    study: core.Study
    listed: Mapping[str, Mapping[object, Row]]
    rows: dict[str, dict[object, list[Row]]]
    members: dict[str, frozenset[tuple[object, datetime.date | None]]] = field(default_factory=dict, repr=False)
    known: dict[Unit, dict[str, Value]] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> Table:
        return self.study.model.tables[name]

    def rows_of(self, table: str, key: object) -> list[Row]:
        return self.rows.get(table, {}).get(key, [])

    def coverage(self, table: str) -> Coverage:
        return self.study.coverage.get(table) or self.table(table).coverage

    def role(self, name: str) -> core.Role:
        return next(r for r in self.study.roles if r.name == name)

    def cohort(self, name: str) -> core.Cohort:
        """The cohort of that name; the first one for the name ""."""
        return next(c for c in self.study.cohorts if name in ("", c.name))

    def keys(self, cohort: core.Cohort) -> Iterable[object]:
        """Everyone who could be in a cohort."""
        return self.listed.get(cohort.table, {})


@dataclass(frozen=True)
class Unit:
    """One entity of a cohort, and its index once it has one.

    cohort: "" where an entity is spoken of outside any cohort
    end_of_data: set while an outcome is judged, which has its own
    """

    key: object
    index: datetime.date | None = None
    cohort: str = ""
    end_of_data: datetime.date | None = None
    outcome: bool = False


@dataclass(frozen=True)
class Scene:
    """Where an expression is evaluated: for a unit, and inside a row query also at one row of one table.

    that_day: the day that a state is asked of
    """

    world: World
    unit: Unit
    table: str | None = None
    row: Row | None = None
    that_day: datetime.date | None = None

    def at(self, table: str, row: Row) -> Scene:
        return Scene(self.world, self.unit, table, row, self.that_day)


@dataclass(frozen=True)
class Entry:
    """A unit, or one record of it, in a cube: a value for each dimension."""

    unit: Unit
    at: Mapping[str, str | int]


def gather(study: core.Study, rows: Mapping[str, Sequence[Row]]) -> World:
    """Sort the rows of every table under the entities they belong to."""
    listed: dict[str, dict[object, Row]] = {}
    others: dict[str, dict[object, list[Row]]] = {}
    for name, table_rows in rows.items():
        table = study.model.tables.get(name)
        if table is None:
            continue
        if table.shape == "attributes":
            listed[name] = {row[table.key]: row for row in table_rows if row[table.key] is not None}
            continue
        of_key = others.setdefault(name, {})
        for row in table_rows:
            of_key.setdefault(row[table.key], []).append(row)
    return World(study, listed, others)
