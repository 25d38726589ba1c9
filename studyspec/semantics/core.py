"""The resolved study: every name bound, every default explicit, four facts on every expression.

This is what the plan compiles, what the arbiter evaluates, and what the hash of meaning is taken of.  No spelling is
left in it: no spans take part in equality, and the language's shorthands have been spelled out.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from studyspec.semantics.indexes import EventQuery as EventQuery
from studyspec.semantics.indexes import Index as Index
from studyspec.semantics.indexes import IndexAssigned as IndexAssigned
from studyspec.semantics.indexes import IndexDay as IndexDay
from studyspec.semantics.indexes import IndexEvent as IndexEvent
from studyspec.semantics.indexes import IndexNone as IndexNone
from studyspec.semantics.indexes import IndexPeriods as IndexPeriods
from studyspec.semantics.indexes import IndexUnits as IndexUnits
from studyspec.semantics.indexes import Near as Near
from studyspec.semantics.terms import Arithmetic as Arithmetic
from studyspec.semantics.terms import AtLeast as AtLeast
from studyspec.semantics.terms import Attribute as Attribute
from studyspec.semantics.terms import BandOf as BandOf
from studyspec.semantics.terms import Between as Between
from studyspec.semantics.terms import CaseOf as CaseOf
from studyspec.semantics.terms import Compare as Compare
from studyspec.semantics.terms import Elapsed as Elapsed
from studyspec.semantics.terms import Expr as Expr
from studyspec.semantics.terms import GroupOf as GroupOf
from studyspec.semantics.terms import InSet as InSet
from studyspec.semantics.terms import Known as Known
from studyspec.semantics.terms import LatestOf as LatestOf
from studyspec.semantics.terms import LinkedColumn as LinkedColumn
from studyspec.semantics.terms import Literal_ as Literal_
from studyspec.semantics.terms import Logic as Logic
from studyspec.semantics.terms import MemberOf as MemberOf
from studyspec.semantics.terms import Merged as Merged
from studyspec.semantics.terms import Not as Not
from studyspec.semantics.terms import Ref as Ref
from studyspec.semantics.terms import RowColumn as RowColumn
from studyspec.semantics.terms import RowDuration as RowDuration
from studyspec.semantics.terms import RowQuery as RowQuery
from studyspec.semantics.terms import RowValue as RowValue
from studyspec.semantics.terms import SpellExpr as SpellExpr
from studyspec.semantics.terms import SpellLogic as SpellLogic
from studyspec.semantics.terms import SpellRows as SpellRows
from studyspec.semantics.terms import Step as Step
from studyspec.semantics.terms import Time as Time
from studyspec.semantics.terms import TimeBase as TimeBase
from studyspec.semantics.terms import TimeValue as TimeValue
from studyspec.semantics.terms import Unit as Unit
from studyspec.semantics.terms import Window as Window
from studyspec.semantics.terms import YearsSince as YearsSince
from studyspec.source import Span

SEMANTICS_VERSION = 2

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
class SpellSet(Element):
    """Named spells: per entity, the longest stretches of the days they hold, so that no two overlap or touch.

    Row queries use them as a table of spells: `Study.model.tables` has it under this name, with the entity's key,
    `start` and `end`.  Listed in dependency order.
    """

    value: SpellExpr


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
    """include: stays where the condition is true; exclude: stays where it is false; unknown never stays.

    claimed: whether the index claims it (`exactly one`), and no one wrote it; its `allow`s are the cohort's
    """

    kind: Literal["include", "exclude"]
    condition: Expr
    claimed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort(Element):
    """Units: entities, each with an index.

    entity: name; table, key: the attributes table and its key
    repeated: whether an entity may have several units, with different indexes
    cluster: the column of the attributes table that says what entities stand behind it together (an employer)
    """

    entity: str
    table: str
    key: str
    index: Index
    criteria: tuple[Criterion, ...]
    repeated: bool = False
    cluster: str | None = None

    @property
    def event(self) -> EventQuery:
        """The rows that the index is taken from.  Raises ValueError where it is not taken from rows."""
        if not isinstance(self.index, IndexEvent):
            raise ValueError(f"the index of {self.name} is not taken from rows")
        return self.index.event

    @property
    def written(self) -> tuple[Criterion, ...]:
        """The criteria without those that the index claims."""
        return tuple(criterion for criterion in self.criteria if not criterion.claimed)

    @property
    def of_index(self) -> tuple[str, ...]:
        """The names that what is found of the index is told of: the cohort's, and those of the criteria it claims."""
        return (self.name, *(criterion.name for criterion in self.criteria if criterion.claimed))


@dataclass(frozen=True, slots=True)
class Category:
    """One declared value: the key as data carry it, and what readers see."""

    key: str
    labels: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Element):
    """condition, since and during None: `otherwise`.

    Of a varying exposure: since, on from the day the event is dated; during, on the days that such spells hold.
    """

    condition: Expr | None
    since: EventQuery | None = None
    during: SpellRows | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Element):
    """`categories` lists its levels, then `none` and `unknown` where they exist.

    The first level whose condition is true; a unit with an unknown condition before any true one is `unknown`.

    can_be_unknown: whether the level `unknown` exists.  complete: whether every unit gets a level (`otherwise` given);
    without it, units that match none get the level `none`.

    varying: the level of a day is the first that is on that day (docs/semantics/exposure.md); `window` is None.  What
    is counted once for a unit has the level of the index (baseline) or of the start of follow-up (all other reports);
    on a day that is unknown only `otherwise` is on.  Levels are the same for every outcome.
    switch_day: whether an event on the day of a switch belongs to the level `before` it or `after` it; so does whatever
    else ends a unit's time on that day.
    """

    window: Window | None
    levels: tuple[Level, ...]
    can_be_unknown: bool
    complete: bool
    categories: tuple[Category, ...]
    varying: bool = False
    switch_day: Literal["before", "after"] = "before"


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Element):
    """Exclusive states on one day (`that day`): the first level whose condition is true, as in an exposure."""

    levels: tuple[Level, ...]
    can_be_unknown: bool
    complete: bool
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """From `start` to the earliest of `ends`, a time that never comes not counting.  Time at risk = end - start.

    entry: a unit is at risk from this day on, if it comes after the start (delayed entry); time counts from the start.
    The time `entry` stays the start.  Where the day of delayed entry is unknown, the unit has `ended`.

    within: the end is no later than the last day of the stretch of such days that holds the start: the longest one, of
    spells that overlap or touch.  Where none does, the end is unknown, and the unit has `ended`.
    """

    start: Time
    ends: tuple[Time, ...]
    entry: Time | None = None
    within: SpellRows | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFollowUp:
    """As a table records it: time at risk and what ended it (`Outcome.recorded`).

    table: the entity's attributes, or rows of the entity, each a stretch at risk of its own
    start, end: columns.  Dates: time counts from the start (each row's own), in days.  Numbers (clock): time is the
    number itself; a start above 0 is a delayed entry, no start column is 0.
    clock: the unit of the numbers; None for dates

    A stretch holds time where both are known and end > start (a start below 0 is 0).  Its end is `event` where the
    outcome's `recorded` is true, else the first competing outcome whose `recorded` is, else `censored`.
    One of no length at time 0 holds only an event: kept on day 0 (as is a competing event), or the unit is `time_zero`.
    Dates: every row stands for itself, from day 0 to its own end.  Clock: a unit's stretches follow one another by
    (start, end): one that is `censored` before another has the end `left`; each with a start above 0 has `entered`;
    what comes after an event or a competing event is dropped.  A unit without any stretch is `ended`, none is `prior`.
    The times `entry` and `exit` are the first start and the last end of those stretches; unknown by a clock.

    censored: what ends are nothing but ends.  Where it is given, an end of a stretch is accounted for if it is true of
    it, or the `recorded` of any outcome of the study is.  Who has a stretch of which neither is true is `unexplained`:
    not at risk of any outcome (after `time_zero` and `ended`).
    """

    table: str
    start: ColumnRef | None
    end: ColumnRef
    clock: Unit | None
    facts: Facts = field(compare=False, repr=False)
    censored: Expr | None = None


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
    - censored before: exit <= entry, or a competing event on or before entry: leaves as `ended`;  (a unit that is both
      counts as prior)
    - d = entry: time_zero `keep` counts it as an event at time 0, and a competing event on entry likewise; `exclude`
      (default) takes the unit out as `time_zero`; `refuse` takes it out likewise and says so (a claim that failed);
    - event when entry < d <= exit; ties on one day go to the outcome, then to competing events in the order listed.
    Without an index, rows count from the first there is.  With a delayed entry after the start, `entry` above is that
    day, but for one thing: d = entry is `prior`.

    recurring: every row with its matched day in follow-up is an event of its own, if entry < d and d is not after what
    ends the unit's time (a competing event, exit); with `keep` also d = start.  None is taken out as `prior` or
    `time_zero`.  As a competing event it is the first of them.
    """

    event: EventQuery | None
    role: str | None
    competing: tuple[Competing, ...]
    time_zero: Literal["keep", "exclude", "refuse"]
    end_of_data: datetime.date | None
    recorded: Expr | None = None
    recurring: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttritionReport:
    """cohort: of every report, the cohort it is about."""

    name: str
    cohort: str = ""


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
class Quantity:
    """A number that is described by its mean and its quantiles.

    value: integer, decimal, or days; a unit counts with its own value, so that an entity with several has several.
    """

    name: str
    labels: Labels
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineReport:
    """of: categorical variables.  numbers: the others.  by: name of an exposure or of `Study.strata`; None for all."""

    name: str
    cohort: str = field(default="", kw_only=True)
    of: tuple[Variable, ...]
    by: str | None
    numbers: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionReport:
    """How numbers are spread: how many are known, their mean, and their quantiles by exact rank."""

    name: str
    cohort: str
    of: tuple[Quantity, ...]
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReport:
    """Variables period after period, in a cohort with an index in every period: the units of each, and their values.

    unit, periods: those of the cohort's index, oldest first, by their first day: `2020-01-01`
    """

    name: str
    cohort: str
    of: tuple[Variable, ...]
    by: str | None
    unit: Literal["month", "quarter", "year"]
    periods: tuple[Category, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTime:
    """`1 year`: time since entry at most `days` days, floor(365.25 x years), floor(365.25 / 12 x months).

    Where follow-up is recorded by a clock, `days` counts units of that clock.
    """

    amount: int
    unit: Unit
    days: int

    @property
    def counts(self) -> Unit:
        """What `days` counts: days, or the units of a clock, of which there are as many as the report says."""
        return self.unit if self.days == self.amount > 0 else "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReport:
    name: str
    cohort: str = field(default="", kw_only=True)
    of: tuple[str, ...]
    by: str | None
    times: tuple[RiskTime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsReport:
    """Mean number of events of a recurring outcome per unit by each time (mean cumulative count).

    Sum over days u <= t of S(u-) dN(u) / Y(u): dN events, Y units under observation, S the Kaplan-Meier probability
    that no competing event has come (Ghosh and Lin 2000).  Events count in (start, end].
    """

    name: str
    cohort: str
    of: tuple[str, ...]
    by: str | None
    times: tuple[RiskTime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateReport:
    """How many units are in each state so long after the start of follow-up, by the calendar.

    The day is the start of follow-up moved by the time (months clamp).  Units whose follow-up is over before that day
    are `not_followed`, as are those without a start or an end; exit = that day is followed.  Delayed entry and outcomes
    have no part in it.
    """

    name: str
    cohort: str
    of: tuple[str, ...]
    by: str | None
    times: tuple[RiskTime, ...]


Report = AttritionReport | BaselineReport | TrendReport | DistributionReport | StateReport | RiskReport | EventsReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a study means.

    model: the catalogue's, with one more table for each of `spells`
    cohorts: in the order of the text, which is an order of dependency; each report names its own
    strata: variables that reports are broken down `by`, besides exposures
    coverage: per used table, the model's coverage met with the binding's.  columns: all that the study may read
    """

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
    spells: tuple[SpellSet, ...]
    cohorts: tuple[Cohort, ...]
    exposures: tuple[Exposure, ...]
    strata: tuple[Variable, ...]
    follow_up: FollowUp | RecordedFollowUp | None
    outcomes: tuple[Outcome, ...]
    states: tuple[State, ...]
    reports: tuple[Report, ...]
    allowed: tuple[Allowed, ...]
    coverage: Mapping[str, Coverage]
    columns: tuple[ColumnRef, ...]
    hash: str = ""

    @property
    def cohort(self) -> Cohort:
        """The first cohort; all there is in a study of one."""
        return self.cohorts[0]

    @property
    def exposure(self) -> Exposure | None:
        """The first exposure, where there is one."""
        return self.exposures[0] if self.exposures else None
