"""What the index of a cohort is taken from: rows, days, other cohorts, or nothing.

`core` shows these names together with the elements of a study.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studyspec.semantics.fact import Facts
from studyspec.semantics.terms import Expr, Step, Time, Window


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
class IndexEvent:
    """The days of rows: the unit's index is the day that `event.match` looks at.

    pick `first`, `last`: one per entity, of the rows that the window takes.  `first-ever`: the first of all rows that
    the condition keeps, where that day lies in the window.  `every`: each day of such a row is an index.
    washout: a row counts only if no other row that the condition keeps, in the window or not, holds a day (`starting`;
    for `dated` and `ending`: has its matched day) in [day - washout, day).  Rows that do not count are left out before
    one is picked.
    """

    event: EventQuery
    pick: Literal["first", "last", "first-ever", "every"]
    washout: Step | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexDay:
    """One day for each entity: of the calendar, or a date attribute.  An entity whose day is unknown has no index."""

    day: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPeriods:
    """The first day of every calendar month, quarter or year that lies in the window, for every entity."""

    unit: Literal["month", "quarter", "year"]
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexUnits:
    """Units (entity and index) of other cohorts of the same entity.

    `union`: the units of any of them, each once.  `intersect`: the units of the first whose entity is in all the
    others.  `except`: those of the first whose entity is in none of the others.  None: those of the one named.
    """

    op: Literal["union", "intersect", "except"] | None
    cohorts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A value that may differ from the case's by `distance` at most, either way: of dates so many days."""

    value: Expr
    distance: int | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAssigned:
    """Matched comparisons: the index of a unit of `cohort` (a case) is assigned to entities like it.

    A candidate for a case is an entity, not the case itself, that meets every criterion of this cohort with the case's
    index for its own, and has the same value of each expression of `on` at that index, and one near enough of each of
    `near` (none of them unknown).  The order of candidates for a case is that of md5("SEED:CASE:CANDIDATE") in
    hexadecimal (keys as text), then of the key by code point; where the cohort of the cases is `repeated`, a case has
    its index (ISO) in its key: "KEY@INDEX".

    with replacement: each case takes its first `ratio` candidates.
    without: in bounded rounds, at most `rounds`; in each round every case that still wants one proposes to the first
    candidate in its order that is not yet taken, and each candidate takes the first of its proposals in the order of
    the same md5, then of the case's key.  A case gets at most one in a round; an entity is taken once, at whatever
    index.

    A candidate that is itself a case stays a candidate until criteria say otherwise.  Units are distinct (entity,
    index) pairs.  Attrition is of the distinct pairs of an entity and the index of a case that it is like in these (and
    is not itself): by the criterion where they leave; `unmatched` where no case with that index took the entity.
    """

    cohort: str
    on: tuple[Expr, ...]
    ratio: int
    replacement: bool
    seed: int
    rounds: int = 8
    near: tuple[Near, ...] = ()

    @property
    def values(self) -> tuple[Expr, ...]:
        """All that is compared, exactly or nearly."""
        return (*self.on, *(one.value for one in self.near))


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexNone:
    """No clock: every entity is a unit, and no time is relative to an index."""


Index = IndexEvent | IndexDay | IndexPeriods | IndexUnits | IndexAssigned | IndexNone
