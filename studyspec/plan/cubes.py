"""Cubes: the only thing that leaves the engine, and what the guard, the arbiter and the estimators share.

A cube partitions one population: each unit falls in exactly one cell of its finest grouping set.  Every margin is
counted as a grouping set of its own, because distinct entities do not add up in general.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from studyspec.semantics.core import Category, ColumnRef, Labels, RiskTime

__all__ = ["ALL", "Category", "CubeKind", "CubeSpec", "Dimension", "Key", "Labels", "Membership", "RawCube", "RiskTime"]

#: Stands in a key for a dimension that is summed over.
ALL: Final = None

#: One entry per dimension of the cube: a category key, a day number, or ALL.
Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """kind `category`: its values are the declared categories, all of them, in this order.

    kind `day`: whole days since entry, 0 or more; not declared, and never published as such.
    """

    name: str
    labels: Labels
    kind: Literal["category", "day"] = "category"
    categories: tuple[Category, ...] = ()


CubeKind = Literal["attrition", "baseline", "start", "curve", "events", "state", "trend", "numbers"]

#: The quantiles of a `numbers` cube, in percent.
QUANTILES: Final = (10, 25, 50, 75, 90)
#: How many known values away from a quantile its neighbours are: they tell how much one value says about people.
SIDE: Final = 20
#: Numbers are counted in millionths, so that databases give whole numbers only.
MILLIONTHS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CubeSpec:
    """What a cube counts.

    name: of the temporary table that holds it
    cohort: whose units it is about
    kind:
      `attrition`  one dimension `left_at`: for each criterion in order its name, then `NAME unknown` where it
                   can be unknown, and `included` last; with an assigned index also `unmatched`, before it.
                   Population: everyone with an index (`candidates`).
      `baseline`   a variable, and what reports are broken down by where there is one: (variable, by).  Population: the
                   cohort.
      `start`      what each unit of the cohort is when an outcome's follow-up starts: dimension `start` with `at_risk`,
                   `prior`, `ended`, `time_zero`, and the exposure where there is one: (start, by).  Where a recorded
                   follow-up says what is censored, `unexplained` too.
      `curve`      units at risk by what ended their time and when: (by, day, end) or (day, end); `end` is `event`, the
                   names of the competing events, `censored`.  Population: `at_risk` of the outcome's start cube.
                   With a delayed entry or a varying exposure `end` has `entered` first and `left` last: a record
                   `entered` for a unit that comes under observation in that level on a day after 0, `left` for one
                   that goes on in another level; who is under observation from day 0 has no such record.
                   Under observation means: at risk on the days after `entered`, up to and with the day of the end.  On
                   a switch, `left` and `entered` are on one day: that of the switch, or with `switch_day after` the day
                   before it.  A level that holds no day at risk of a unit has no record of it.
      `events`     a curve of a recurring outcome: `event` for each of the unit's events, and one record for what ended
                   its time (a competing event, `censored`).  Two rows on one day are two events.
      `state`      (state, by): the state that each unit of the cohort is in so long after the start of follow-up, with
                   `not_followed` for those no longer followed then.  One cube for each time; `times` holds it.
      `trend`      (period, variable, by): a baseline for each period; sets keep the period always, for people are in
                   several, and `additive` speaks of the cells of one period.
      `numbers`    (by) or no dimension: a number described.  Measures, numbers in millionths, rounded half away from
                   zero: `entities`; `known`, entities with a known value, where it can be unknown; `values`, how many
                   known values; `sum` of them; `largest`, the largest sum of absolute values that one entity has; and
                   for each P of QUANTILES `pP_low`, `pP_high` (equal but where P percent of the values is a whole
                   number: then the quantile is their mean), `pP_before` and `pP_after`, SIDE values further down and
                   up; 0 where there is no such value.
    report, subject: the report it belongs to; the variable, outcome or state it is about ("" for attrition)
    by: the name of the exposure or stratum, or None
    sets: the grouping sets, each the names of the dimensions kept, finest first
    times: for curves, the times the report publishes
    origins: the columns it is made from, filters included: from these come registers, thresholds and permits
    measures: names of the numbers in each cell
      `entities`  distinct entities.  In a `curve` or `events` cube with `records`: entities whose first record with
                  that (by, end) is this one (ties count it once), so that they add up over days and are never more than
                  the distinct entities of any stretch of days.
      `records`   in such cubes: all records of the cell, of whichever entity
      `clusters`  distinct clusters (`Cohort.cluster`) of whoever is in the cell (in curves: has a record in it); an
                  unknown one does not count; they never add up over cells; last where the cohort has one
    additive: whether every entity is in one cell of the finest grouping set, so that its cells add up to its margins;
      else a margin lies between the largest of its cells and their sum
    """

    name: str
    kind: CubeKind
    report: str
    subject: str
    labels: Labels
    population: str
    by: str | None
    dimensions: tuple[Dimension, ...]
    sets: tuple[tuple[str, ...], ...]
    origins: tuple[ColumnRef, ...]
    times: tuple[RiskTime, ...] = ()
    measures: tuple[str, ...] = ("entities",)
    cohort: str = ""
    additive: bool = True


@dataclass(frozen=True, slots=True)
class RawCube:
    """True counts.  They exist in the runner's memory only: `repr` and `str` show no number.

    cells: key -> measures; cells with no one are absent
    """

    spec: CubeSpec
    cells: Mapping[Key, tuple[int, ...]]

    def __repr__(self) -> str:
        return f"RawCube({self.spec.name!r}, not releasable)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Membership:
    """Who is in a cohort, as keyed hashes of identifiers: what later releases are compared with.

    population: name of the data population whose ledger keeps it; members: 16-byte keyed BLAKE2b digests
    """

    population: str
    cohort: str
    members: frozenset[bytes]

    def __repr__(self) -> str:
        return f"Membership({self.cohort!r}, not releasable)"

    __str__ = __repr__
