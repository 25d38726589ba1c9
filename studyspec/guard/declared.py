"""What the guard needs to know of a study that its cubes do not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from studyspec.catalogue.types import Permit, Policy
from studyspec.guard.cuts import Cut, cuts
from studyspec.guard.divisions import Tie, fingerprints, ties
from studyspec.semantics import core

#: Those left after a step of a cohort's attrition; with None, everyone with an index.
Place = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class CohortSource:
    """The units that a cohort begins with are made of those of others.  op: None for those of one."""

    cohort: str
    op: Literal["union", "intersect", "except"] | None
    cohorts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """What the guard needs to know of a study beside its cubes.

    ties: what ties its variables together
    divisions: how it divides values
    population_cap: the fewest people that one of its permits lets a study have, None where no permit says
    sources: its cohorts that are made of others
    same: pairs of places in the attritions of two cohorts where the same people are left
    cuts: its cohorts that are categories of another's tables
    """

    ties: tuple[Tie, ...] = ()
    divisions: tuple[tuple[str, str], ...] = ()
    population_cap: int | None = None
    sources: tuple[CohortSource, ...] = ()
    same: tuple[tuple[Place, Place], ...] = ()
    cuts: tuple[Cut, ...] = ()


def declared(study: core.Study, permits: Iterable[Permit], policy: Policy) -> Declared:
    """Of a study at a site, with the permits it names.  Under a guarded policy raises Refused (crossing-variables)."""
    caps = [permit.population_cap for permit in permits if permit.population_cap is not None]
    tied = ties(study) if policy.mode == "guarded" else ()
    sources = tuple(
        CohortSource(cohort.name, cohort.index.op, cohort.index.cohorts)
        for cohort in study.cohorts
        if isinstance(cohort.index, core.IndexUnits)
    )
    return Declared(
        tied, fingerprints(study), min(caps, default=None), sources, tuple(_same(study)), tuple(cuts(study))
    )


def _same(study: core.Study) -> Iterator[tuple[Place, Place]]:
    """Cohorts with one index lose the same people as long as their criteria are the same."""
    for one, other in combinations(study.cohorts, 2):
        if (one.entity, one.index) != (other.entity, other.index):
            continue
        yield (one.name, None), (other.name, None)
        for a, b in zip(one.criteria, other.criteria, strict=False):
            if (a.kind, a.condition) != (b.kind, b.condition):
                break
            yield (one.name, a.name), (other.name, b.name)
            if a.condition.facts.nullable:
                yield (one.name, f"{a.name} unknown"), (other.name, f"{b.name} unknown")
