"""The resolved study: every name bound, every default explicit, four facts on every expression.

This is what the plan compiles, what the arbiter evaluates, and what the hash of meaning is taken of.  No spelling is
left in it: no spans take part in equality, and the language's shorthands have been spelled out.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studyspec.catalogue.types import Coverage, Model
from studyspec.semantics.fact import AnchorKind as AnchorKind
from studyspec.semantics.fact import Bound as Bound
from studyspec.semantics.fact import ColumnRef as ColumnRef
from studyspec.semantics.fact import Facts as Facts
from studyspec.semantics.fact import Grain as Grain
from studyspec.semantics.fact import GrainKind as GrainKind
from studyspec.semantics.fact import Hull as Hull
from studyspec.semantics.fact import Typed as Typed
from studyspec.source import Span

SEMANTICS_VERSION = 1

# --- times -----------------------------------------------------------------------------------------------------------

Unit = Literal["day", "week", "month", "year"]
TimeBase = Literal["calendar", "index", "entry", "exit", "row", "row.end", "data.start", "data.end", "role"]


@dataclass(frozen=True, slots=True)
class Step:
    """A move in time, applied in order; months and years clamp to the end of the month."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Time(Typed):
    """A day: a base moved by steps.

    date: for `calendar`.  role: for `role`, whose day is that of its first row dated on or after the index (unknown
    when there is none).  tables: for `data.start` and `data.end`, whose coverage bounds it.
    `row` is the day of an event row or the start of a spell row; `row.end` the first day after a spell row.
    """

    base: TimeBase
    steps: tuple[Step, ...] = ()
    date: datetime.date | None = None
    role: str | None = None
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """Days from low to high; None is open on that side (the start or end of coverage)."""

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
    """Of whole numbers; unknown when either side is."""

    op: Literal["+", "-", "*"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeValue(Typed):
    """A time as a date to compare with."""

    time: Time


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
      `smallest`, `largest`  of the known values; unknown where there is none
      `sum`            of the known values; 0 where there is none
      `distinct`       how many different known values; 0 where there is none
    """

    pick: Literal["first", "last", "smallest", "largest", "sum", "distinct"]
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
)

# --- elements --------------------------------------------------------------------------------------------------------

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A design check set aside with its reason."""

    code: str
    reason: str
    element: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """labels: by language, what readers see; legal, gap: the declared difference between law and data."""

    name: str
    labels: Labels
    legal: Labels = field(default_factory=dict)
    gap: Labels = field(default_factory=dict)
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Element):
    """A constant that a template or a command line may set; its value is already substituted wherever it is used."""

    value: Literal_


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Element):
    """A named expression; parameters of type `condition` are definitions too.  Listed in dependency order."""

    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """The first row of one table, among those the window takes and the condition keeps.

    match: `dated`, `starting` or `ending`.  dated: the day the event counts as known, relative to its row (`row`,
    `row.end`); by default the day that `match` looks at.  first: False picks the last row.
    origin, reads, known: of the whole query.
    """

    table: str
    match: Literal["dated", "starting", "ending"]
    window: Window
    condition: Expr | None
    dated: Time
    first: bool = True
    facts: Facts = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of the model the study uses; its day for a unit is its first row dated on or after the index."""

    name: str
    labels: Labels
    table: str
    match: Literal["dated", "starting", "ending"]
    condition: Expr | None
    facts: Facts = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Element):
    """include: stays where the condition is true; exclude: stays where it is false; unknown never stays."""

    kind: Literal["include", "exclude"]
    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort(Element):
    """entity: name; table, key: the attributes table and its key; index: the event whose row's day is the index."""

    entity: str
    table: str
    key: str
    index: EventQuery
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One declared value: the key as data carry it, and what readers see."""

    key: str
    labels: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Element):
    """condition None: `otherwise`."""

    condition: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Element):
    """`categories` lists its levels, then `none` and `unknown` where they exist.

    The first level whose condition is true; a unit with an unknown condition before any true one is `unknown`.

    can_be_unknown: whether the level `unknown` exists.  complete: whether every unit gets a level (`otherwise` given);
    without it, units that match none get the level `none`.
    """

    window: Window
    levels: tuple[Level, ...]
    can_be_unknown: bool
    complete: bool
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """From `start` to the earliest of `ends`, a time that never comes not counting.  Time at risk = end - start."""

    start: Time
    ends: tuple[Time, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Competing:
    """A role of the study (`roles`) or another outcome, by name."""

    name: str
    kind: Literal["role", "outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Element):
    """event: its window is the follow-up for `query` outcomes.  role: set instead of event when the outcome is a role.

    Let d be the day the event is dated.  Rules (docs/semantics/follow-up.md):
    - prior: a row with its matched day in [index, entry), or d < entry: the unit leaves the risk set as `prior`;
    - censored before: exit <= entry: leaves as `ended`;  (a unit that is both counts as prior)
    - d = entry: time_zero `keep` counts it as an event at time 0; `exclude` (default) takes the unit out as
      `time_zero`; `refuse` takes it out likewise and says so (a claim that failed);
    - event when entry < d <= exit; ties on one day go to the outcome, then to competing events in the order listed.
    """

    event: EventQuery | None
    role: str | None
    competing: tuple[Competing, ...]
    time_zero: Literal["keep", "exclude", "refuse"]
    end_of_data: datetime.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttritionReport:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A baseline variable: a definition (`Ref`), an attribute, or bands of a number of days or rows; with categories.

    Codes: the codes of the list in order, `other` if the list is incomplete, `unknown` if nullable.  Bands: the bands
    in order, `unknown` if the value can be unknown or fall in no band.  Booleans: `true`, `false`, `unknown`.
    Numbers of days or rows: `0`, `1+`.
    """

    name: str
    labels: Labels
    value: Expr
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineReport:
    """of: categorical variables only.  by: name of the exposure; None for the whole cohort."""

    name: str
    of: tuple[Variable, ...]
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTime:
    """`1 year`: time since entry at most `days` days, floor(365.25 x years), floor(365.25 / 12 x months)."""

    amount: int
    unit: Unit
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    name: str
    of: tuple[str, ...]
    by: str | None
    times: tuple[RiskTime, ...]


Report = AttritionReport | BaselineReport | RiskReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """coverage: per used table, the model's coverage met with the binding's.  columns: all that the study may read."""

    name: str
    version: str
    language: str
    titles: Labels
    purposes: Labels
    model: Model = field(repr=False)
    permits: tuple[str, ...]
    codelists: Mapping[str, str]  # name -> hash
    parameters: tuple[Parameter, ...]
    definitions: tuple[Definition, ...]
    roles: tuple[Role, ...]
    cohort: Cohort
    exposure: Exposure | None
    follow_up: FollowUp | None
    outcomes: tuple[Outcome, ...]
    reports: tuple[Report, ...]
    allowed: tuple[Allowed, ...]
    coverage: Mapping[str, Coverage]
    columns: tuple[ColumnRef, ...]
    hash: str = ""
