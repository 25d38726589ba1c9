"""What the expressions of a resolved study are made of: times, windows, values and conditions, spells.

`core` shows these names together with the elements of a study.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studyspec.semantics.fact import ColumnRef, Facts, Typed
from studyspec.source import Span

# --- times -----------------------------------------------------------------------------------------------------------

Unit = Literal["day", "week", "month", "year"]
TimeBase = Literal[
    "calendar", "index", "entry", "exit", "row", "row.end", "data.start", "data.end", "role", "that day", "value"
]


@dataclass(frozen=True, slots=True)
class Step:
    """A move in time, applied in order; months and years clamp to the end of the month."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Typed):
    """A day: a base moved by steps.

    date: for `calendar`.  role: for `role`, whose day is that of its first row dated on or after the index, or of all
    its rows where the cohort has no index (unknown when there is none).
    tables: for `data.start` and `data.end`, whose coverage bounds it; of the end of follow-up, what states read.
    `row` is the day of an event row or the start of a spell row; `row.end` the first day after a spell row.
    `that day` is the day that a state is asked of.  value: for `value`, an expression of type date (an attribute, a
    definition, a column of a row, the latest of other times).
    """

    base: TimeBase
    steps: tuple[Step, ...] = ()
    date: datetime.date | None = None
    role: str | None = None
    tables: tuple[str, ...] = ()
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days from low to high; None is open on that side (the start or end of coverage).  One whose low or high day is
    unknown holds no days, and takes no rows."""

    low: Time | None
    high: Time | None
    low_closed: bool = True
    high_closed: bool = False


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal_(Typed):
    """A constant: str for codes and text, int or Decimal, bool, date."""

    value: str | int | Decimal | bool | datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Typed):
    """A column of the entity's attributes table."""

    column: ColumnRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RowColumn(Typed):
    """A column of the row at hand, inside a row query."""

    column: ColumnRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDuration(Typed):
    """Days from the start to the end of the spell row at hand; an open spell ends the day after its coverage ends."""

    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YearsSince(Typed):
    """Completed years from a date attribute to a time; unknown when either is.  Born 29 February: from 28 February."""

    column: ColumnRef
    time: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOf(Typed):
    """The declared band (key such as `18-29`, `75+`) an integer falls in; unknown when in none, or itself unknown."""

    operand: Expr
    bands: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Typed):
    """Unknown when either side is.  Text and codes compare by code point and only with = and !=."""

    op: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Typed):
    operand: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class InSet(Typed):
    """Membership in listed constants, sorted; unknown when the operand is.  name: the code list, where one is used."""

    operand: Expr
    values: tuple[str, ...]
    negated: bool
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOf(Typed):
    """The declared group a code falls in, by its key; unknown when in none, or itself unknown.  No code is in two."""

    operand: Expr
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    labels: tuple[Mapping[str, str], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Typed):
    """Whether a value is known; negated: whether it is unknown.  Never unknown itself."""

    operand: Expr
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Typed):
    """Whether at least `count` conditions are true: true once so many are; false once so many are false that it cannot
    be; unknown otherwise."""

    count: int
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Typed):
    """Of numbers; unknown when either side is.

    Of whole numbers `+`, `-` and `*` give whole numbers.  Where a decimal takes part, and for every `/`, the result is
    a decimal of six digits, half away from zero, at each step; division by zero is unknown.
    """

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOf(Typed):
    """The key of the first case whose condition is true; unknown when one before it is unknown, or none is true.

    A condition None is `otherwise`: true.
    """

    cases: tuple[tuple[str, Expr | None], ...]
    labels: tuple[Mapping[str, str], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed(Typed):
    """Whole units completed from start to end; negative, and completed the other way round, when end comes first.

    Days and weeks are counted (a week is 7 days); months and years are completed when the start moved by so many of
    them comes on or before the end.  Unknown when either time is.
    """

    unit: Unit
    start: Time
    end: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedColumn(Typed):
    """A column of another entity's attributes; unknown where the link is, or leads to nobody.

    link: the column, of the unit's attributes or of the row at hand, that holds the other entity's identifier
    column: of the other entity's attributes table, whose key is `key`.  in_row: the link is a column of the row
    """

    link: ColumnRef
    column: ColumnRef
    key: str
    in_row: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberOf(Typed):
    """Whether the same entity with the same index is a unit of another cohort of the study.  Never unknown.

    Where either of the two cohorts has no index: whether the same entity is in it.
    """

    cohort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeValue(Typed):
    """A time as a date to compare with."""

    time: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestOf(Typed):
    """The last of several times; unknown where one of them is unknown, or never comes.  Only a time is of its value."""

    times: tuple[Time, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Typed):
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Typed):
    """Kleene conjunction or disjunction."""

    op: Literal["and", "or"]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref(Typed):
    """The value of a definition (or of a parameter that is a condition), by name: one named column in the SQL."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuery(Typed):
    """Over the rows of one table that belong to the entity.

    match: which rows the window takes: `dated` (an event's day lies in it), `starting`/`ending` (that day of a spell
    lies in it), `overlapping` (a spell shares a day with it), `covering` (the spell holds window.low's day)
    condition: rows where it is true (not unknown) stay
    quantifier: `any` and `no` give a boolean that is never unknown; `count` an integer; `days` the number of distinct
    days that the spells hold inside the window

    A condition may hold row queries and row values of the same entity itself, one deep.  The times of their windows
    then speak of the outer row (`row`, `row.end`), their own conditions of the inner one.
    """

    quantifier: Literal["any", "no", "count", "days"]
    table: str
    match: Literal["dated", "starting", "ending", "overlapping", "covering"]
    window: Window
    condition: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValue(Typed):
    """A value made of one column of the rows that a row query would take (the same table, match, window, condition).

    pick:
      `first`, `last`  the column on the first or last day that `match` looks at (`overlapping` and `covering`: the
                       start).  Where several rows share that day: the smallest known value for `first`, the largest
                       for `last` (text by code point, false before true).  Unknown where there is none.
      `only`           the column of the only such row; unknown where there is none, or more than one
      `smallest`, `largest`  of the known values; unknown where there is none
      `sum`            of the known values; 0 where there is none
      `mean`           of the known values, six digits, half away from zero; unknown where there is none
      `distinct`       how many different known values; 0 where there is none
    """

    pick: Literal["first", "last", "only", "smallest", "largest", "sum", "mean", "distinct"]
    column: ColumnRef
    table: str
    match: Literal["dated", "starting", "ending", "overlapping", "covering"]
    window: Window
    condition: Expr | None


Expr = (
    Literal_
    | Attribute
    | RowColumn
    | RowDuration
    | YearsSince
    | BandOf
    | Compare
    | Between
    | InSet
    | Not
    | Logic
    | Ref
    | RowQuery
    | GroupOf
    | Known
    | AtLeast
    | Arithmetic
    | TimeValue
    | RowValue
    | CaseOf
    | Elapsed
    | LinkedColumn
    | MemberOf
    | LatestOf
)

# --- spells ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellRows:
    """The days that rows of a table of spells hold; table may be the name of other spells.

    A spell still open holds its days up to the end of its table's coverage.  A row whose start is unknown, or whose end
    is not after its start, holds none.
    """

    table: str
    condition: Expr | None
    facts: Facts = field(compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellLogic:
    """Days in any of the operands, in all of them, or in the first and in none of the others."""

    op: Literal["or", "and", "except"]
    operands: tuple[SpellExpr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """With every gap of `days` days or fewer between two stretches filled."""

    operand: SpellExpr
    days: int


SpellExpr = SpellRows | SpellLogic | Merged
