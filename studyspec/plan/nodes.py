"""The relational plan: named selects over named tables, and the small closed set of scalars they compute.

Frozen values that know no dialect.  Every table, step and column has a name from the study; a table is referred to by
its name, and by another only where a link leads to it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from studyspec.catalogue.types import ValueType
from studyspec.plan.cubes import CubeSpec

# --- scalars ---------------------------------------------------------------------------------------------------------

#: `least` and `greatest` leave unknown operands out; everything else is unknown when it must be (Kleene).
#: `days between` (a, b) is b - a in days; `completed years` (a, b) counts birthdays, 29 February's on the 28th.
#: `completed months` (a, b) are those from a to b; where b comes first, those from b to a, negative.
#: `whole part` (a, n) is a whole number divided, towards zero.  `/` is of six digits, half away from zero, and unknown
#: where its right side is 0; its sides have six digits at most.
#: `by code point` is a text that is to be put in order by code point, whatever the database's language.
#: `joined text` puts texts one after another; `md5` is the hash of a text's UTF-8, in hexadecimal.
#: `counted days` (day, n) is so many days after a day, and `counted months`, `counted years` so many twelfths of 365.25
#: days and so many times 365.25 days, parts of a day cut off (T7); `first day of year` is of the year with that number.
#: `grouping` numbers a row's grouping set: 0 keeps every column, and each bit says that a column is summed over.
Operator = Literal[
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "and",
    "or",
    "not",
    "is null",
    "is not null",
    "is not true",
    "is not false",
    "between",
    "coalesce",
    "least",
    "greatest",
    "+",
    "-",
    "*",
    "/",
    "whole part",
    "days between",
    "counted days",
    "counted weeks",
    "counted months",
    "counted years",
    "first day of year",
    "completed years",
    "completed months",
    "grouping",
    "nullif",
    "by code point",
    "joined text",
    "md5",
    "to text",
    "to date",
    "to boolean",
    "to integer",
    "to decimal",
]
Value = str | int | Decimal | bool | datetime.date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or step that the select reads."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    operator: Operator
    operands: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """A day moved by whole days, months or years; a month that is too short gives its last day."""

    operand: Scalar
    amount: int
    unit: Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first condition that is true; `otherwise` None is unknown.

    A null constant among other values has their type.
    """

    whens: tuple[tuple[Scalar, Scalar], ...]
    otherwise: Scalar | None = None


@dataclass(frozen=True, slots=True)
class InList:
    operand: Scalar
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InStep:
    """Whether a value is among those of one column of an earlier step, which has no nulls and is not empty."""

    operand: Scalar
    column: Column
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Over the rows of a group.  `count` without operand counts rows; nulls are left out."""

    function: Literal["count", "count distinct", "min", "max", "sum"]
    operand: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Over the rows that share `partition`: all of them, or those before this one by `order` (nulls last).

    `next`, `previous`: of the row that follows, or comes before, this one by `order`; `place`: 1 for the first row.
    `count`, `sum`: of the known values.
    """

    function: Literal["min", "max", "next", "previous", "place", "count", "sum"]
    operand: Scalar
    partition: tuple[Scalar, ...]
    order: tuple[Scalar, ...] = ()


Scalar = Column | Constant | Call | Shift | Case | InList | InStep | Aggregate | Running

# --- selects ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Output:
    """A named column.  note: what readers see above it; element: the study's element that is made here."""

    name: str
    value: Scalar
    note: str | None = None
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """optional: rows without a partner stay (a left join).

    of: the table that is joined, where `table` is what the select calls it: one that a link leads to
    """

    table: str
    on: tuple[Scalar, ...]
    optional: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A temporary table made by one select.

    notes: what readers see above it.  section: the heading it stands under.  elements: of the study that are made here
    where: all must be true.  sets: grouping sets as columns of `group`, finest first; empty for plain groups
    more: further selects with the same columns, whose rows are added; once: each row once
    values: the constants that it lists in its one column, and then it selects from nothing else
    """

    name: str
    kind: Literal["step", "cube"]
    section: str
    notes: tuple[str, ...]
    columns: tuple[Output, ...]
    table: str
    joins: tuple[Join, ...] = ()
    where: tuple[Scalar, ...] = ()
    group: tuple[Scalar, ...] = ()
    sets: tuple[tuple[int, ...], ...] = ()
    elements: tuple[str, ...] = ()
    values: tuple[str | datetime.date, ...] = ()
    more: tuple[Step, ...] = ()
    once: bool = True


@dataclass(frozen=True, slots=True)
class CohortStep:
    """A cohort of the study: entity, the step that lists its units, and that step's column with the identifiers."""

    name: str
    entity: str
    step: str
    key: str


@dataclass(frozen=True, slots=True)
class SourceField:
    """A column of a model's table that some step reads."""

    name: str
    type: ValueType
    nullable: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A table of the model, found through the binding.  name: in the script; table: in the model.

    others: the columns that no step reads; the binding may need them to mend those that are read
    key: the column with the entity; start: with the date or first day; end: with the first day after
    """

    name: str
    table: str
    notes: tuple[str, ...]
    fields: tuple[SourceField, ...]
    others: tuple[SourceField, ...] = ()
    key: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Glance:
    """How the preview shows one cube: its columns but for days, and the fewest entities that are not `small`."""

    cube: str
    columns: tuple[str, ...]
    smallest: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a script of any dialect is made from.  cohorts: in the order of the study."""

    study: str
    version: str
    title: str
    meaning: str
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    cubes: tuple[CubeSpec, ...]
    glances: tuple[Glance, ...]
    cohorts: tuple[CohortStep, ...]
