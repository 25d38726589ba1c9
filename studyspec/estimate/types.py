"""Tables: published numbers laid out for readers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

#: Stands for every number that is not published, whatever the reason.
HIDDEN: Final = ".."

#: `key`: a name for machines, left out where people read.  `label`: text.  The others are numbers.
ColumnKind = Literal["key", "label", "count", "percent", "risk", "number"]

Value = str | int | Decimal | float | None


@dataclass(frozen=True, slots=True)
class TableColumn:
    """name: for machines, unique in the table.  label: the head people read.  group: a head above several columns."""

    name: str
    label: str
    kind: ColumnKind
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a release.  None is hidden and reads `..`.

    name: unique in the release, fit for a file name
    rows: as many values as columns; counts are int, percentages, numbers and guarded risks Decimal, exact risks float;
        "" where a column does not apply
    notes: what a reader must know, in the table's language
    mode: of the policy, `guarded` or `open`
    people: whether it counts people, and not something else
    """

    name: str
    title: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    mode: str = "guarded"
    language: str = "en"
    people: bool = True

    def __str__(self) -> str:
        from studyspec.estimate.render import text

        return text(self)

    def _repr_html_(self) -> str:
        from studyspec.estimate.render import html

        return html(self)
