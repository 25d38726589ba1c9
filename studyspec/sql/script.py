"""A script: finished SQL of one dialect, cut into named statements, with what the engine must know to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from studyspec.catalogue.types import ValueType
from studyspec.plan.cubes import CubeSpec
from studyspec.plan.nodes import CohortStep


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A physical column that the script reads, the type its model's column has, and which column that is.

    marks: texts of no type's own, such as `NA`, that stand for null where the column holds text
    """

    physical: str
    type: ValueType
    nullable: bool
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A physical table that the script reads, as schema `source`, and the only columns it may touch."""

    physical: str
    columns: tuple[SourceColumn, ...]


StatementKind = Literal["source", "step", "cube", "preview"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.  kind: `source` makes a temporary view or table of a bound table, `step` and `cube` temporary
    tables, `preview` is the one bare select, last.  name: of what it makes.  sql: without the final semicolon."""

    kind: StatementKind
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the script (lines from 1, inclusive) a named element of the study is made."""

    element: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Script:
    """text: the whole file as people read it.  statements: the same SQL, in order, as the engine runs it.

    cohorts: the steps that list the cohorts, in the order of the study
    cubes: step name -> what it counts.  A cube's table has one column per dimension (the category key as text, the day
    as integer, null where a margin sums over it), `margin_of` (integer, the index of the grouping set in `sets`), and
    one column per measure.
    """

    dialect: str
    study: str
    meaning: str
    text: str
    statements: tuple[Statement, ...]
    sources: tuple[SourceTable, ...]
    cubes: Mapping[str, CubeSpec]
    cohorts: tuple[CohortStep, ...]
    places: tuple[Place, ...]
