"""What leaves the guard: published numbers, marks for hidden ones, and reasons for the reviewer's eyes alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studyspec.plan.cubes import CubeSpec, Key, Membership, RiskTime


@dataclass(frozen=True, slots=True)
class GuardedCube:
    """A cube of counts as published.  cells: every declared cell of every grouping set; None is hidden.

    Of an `attrition` cube the cell (step,) is how many *remain* after that step, and (None,) everyone with an index:
    what a step takes out is published only as the difference of two published counts.  Where entities have several
    units (the cube does not add up), (step,) is how many have a unit that left at that step.
    Of a `start` cube only `at_risk` and the margins can be shown; the other reasons are always hidden.
    """

    spec: CubeSpec
    cells: Mapping[Key, int | None]


@dataclass(frozen=True, slots=True)
class GuardedPoint:
    """One published time of one curve; None is hidden.

    events, competing: how many so far (rounded as counts are); competing by name, in the order declared.
    Where the cube counts records, of records.
    risk: Aalen-Johansen cumulative incidence of the outcome, or of an `events` cube the mean number of events; exact
    under the policy `open`, otherwise rounded so that it says no more than the rounded counts do
    """

    time: RiskTime
    events: int | None
    competing: tuple[tuple[str, int | None], ...]
    risk: Decimal | float | None


@dataclass(frozen=True, slots=True)
class GuardedCurve:
    """levels: level key -> (number at risk at the start of follow-up, points in time order).

    The key None is everyone: where the report has no exposure, or where the cube declares that margin as well.
    """

    spec: CubeSpec
    levels: Mapping[str | None, tuple[int | None, tuple[GuardedPoint, ...]]]


@dataclass(frozen=True, slots=True)
class Described:
    """A number as published for one group; None is hidden.

    known: how many have a known value.  mean, quantiles (per cent, value): in the number's own unit; under a guarded
    policy rounded so that they say nothing of one person
    """

    known: int | None
    mean: Decimal | None
    quantiles: tuple[tuple[int, Decimal | None], ...]


@dataclass(frozen=True, slots=True)
class GuardedNumbers:
    """groups: category of what the cube is broken down by -> what is published of it; None is everyone."""

    spec: CubeSpec
    groups: Mapping[str | None, Described]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is hidden.  For the reviewer's file, which is kept apart from the public ones."""

    cube: str
    cell: str
    rule: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A rule of a register that the guard could not hold a release to.

    rule, least: at least so many clusters (firms, payers) in each cell; at most so many per cent from the largest
    """

    register: str
    rule: Literal["clusters", "dominance"]
    least: int


@dataclass(frozen=True, slots=True)
class Guarded:
    """One release as the guard lets it out.

    minimum: the threshold in force, after lineage, insiders and rounding edge; 1 under `open`
    rounding: the base; 1 under `open`
    zeros: what the policy does with exact zeros; `show` under `open`
    unchecked: rules of registers that could not be checked
    clusters: the fewest clusters behind a number where they are counted; 0 for no such rule
    """

    cubes: tuple[GuardedCube | GuardedCurve | GuardedNumbers, ...]
    mode: str
    minimum: int
    rounding: int
    reasons: tuple[Reason, ...] = field(repr=False, default=())
    zeros: str = "hide"
    unchecked: tuple[Unchecked, ...] = ()
    clusters: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """What the site released before, for the same data population; filled by `release` from the ledger.

    divisions: beside each membership, how its releases divided values (`guard.divisions.fingerprints`)
    """

    memberships: tuple[Membership, ...] = ()
    divisions: tuple[frozenset[tuple[str, str]], ...] = ()
