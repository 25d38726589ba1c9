"""A published table as figures read it: rows by the names of their columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from studyspec.estimate.types import Table, Value


@dataclass(frozen=True, slots=True)
class Row:
    table: Table
    values: tuple[Value, ...]

    def __getitem__(self, column: str) -> Value:
        return self.values[[c.name for c in self.table.columns].index(column)]

    def text(self, column: str) -> str:
        """A key or label."""
        return str(self[column])

    def number(self, column: str) -> float | None:
        """A number to be drawn; None where it is hidden or does not apply."""
        return drawable(self[column])


def rows(table: Table) -> list[Row]:
    return [Row(table, values) for values in table.rows]


def keys(table: Table) -> tuple[str, ...]:
    """The names of the columns for machines: they tell what a table is about."""
    return tuple(c.name for c in table.columns if c.kind == "key")


def has(table: Table, column: str) -> bool:
    return any(c.name == column for c in table.columns)


def head(table: Table, column: str) -> str:
    """What people read above a column."""
    return next((c.label for c in table.columns if c.name == column), "")


def shares(table: Table) -> list[tuple[str, str]]:
    """Label and column of every level's percentages, and of all, which is last."""
    return [(c.group, c.name) for c in table.columns if c.kind == "percent"]


def together(found: Iterable[Row], *columns: str) -> Iterator[list[Row]]:
    """Rows that follow each other and agree in these columns."""
    for _, same in groupby(found, key=lambda row: tuple(row.text(c) for c in columns)):
        yield list(same)


def drawable(value: Value) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def known(values: Sequence[float | None]) -> list[float]:
    return [v for v in values if v is not None]
