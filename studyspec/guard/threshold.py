"""How few is too few: one threshold for a whole release, found by lineage.

The strictest of the policy and of every register behind any cube, plus the insiders, raised to the lower edge of a
rounding bucket, so that no published bucket is thinner than it looks.
"""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.catalogue.types import Dominance, Model, Policy, Register
from studyspec.guard import faults
from studyspec.guard.types import Unchecked
from studyspec.plan.cubes import CubeSpec
from studyspec.source import Refused


def rounded(count: int, base: int) -> int:
    """The nearest multiple of base; for an even base, half goes up."""
    return (count + base // 2) // base * base


def bucket(published: int, base: int) -> tuple[int, int]:
    """The least and the greatest count that is published as this number."""
    low = published - base // 2
    return max(0, low), low + base - 1


def edge(minimum: int, base: int) -> int:
    """The least count, no smaller than minimum, at which a rounding bucket begins."""
    low, high = bucket(rounded(minimum, base), base)
    return minimum if minimum == low else high + 1


def registers(specs: Iterable[CubeSpec], model: Model) -> tuple[Register, ...]:
    """Every register behind the cubes, by name, filters included.  Raises Refused (origin-unknown)."""
    found: dict[str, Register] = {}
    unknown: list[str] = []
    for origin in sorted({o for spec in specs for o in spec.origins}):
        table = model.tables.get(origin.table)
        column = table.columns.get(origin.column) if table else None
        names = {column.register, table.register} if table and column else set()
        if table and not column and origin.column in (table.key, table.date, table.start, table.end):
            names = {table.register}
        if not names or not names <= model.registers.keys():
            unknown.append(str(origin))
        else:
            found |= {name: model.registers[name] for name in names}
    if unknown:
        raise Refused(faults.origin_unknown(unknown))
    return tuple(found[name] for name in sorted(found))


def require_public(behind: tuple[Register, ...]) -> None:
    """Raises Refused (open-not-public) unless something is behind the cubes and all of it is declared public."""
    closed = [r.name for r in behind if not r.public]
    if closed or not behind:
        raise Refused(faults.open_not_public(closed or ["(no register is known)"]))


def threshold(policy: Policy, behind: Iterable[Register]) -> int:
    """The least number of entities behind anything published, in this release as a whole."""
    strictest = max([policy.minimum_entities, *(r.rule.minimum_entities for r in behind)])
    return edge(max(1, strictest) + policy.insiders, policy.rounding)


def fewest_clusters(behind: Iterable[Register]) -> int:
    """The least number of clusters behind anything published, where they are counted; 0 where no register asks."""
    return max((r.rule.minimum_clusters or 0 for r in behind), default=0)


def dominance(behind: Iterable[Register]) -> tuple[Dominance, ...]:
    """What the registers demand of sums."""
    return tuple(r.rule.dominance for r in behind if r.rule.dominance is not None)


def unchecked(specs: Iterable[CubeSpec], model: Model) -> tuple[Unchecked, ...]:
    """What registers ask for that cannot be told from the cubes made from them.

    A minimum of clusters, where a cube does not count any; dominance, where clusters add to sums and not only entities.
    """
    found: set[Unchecked] = set()
    for spec in specs:
        counted = "clusters" in spec.measures
        for register in registers([spec], model):
            if register.rule.minimum_clusters and not counted:
                found.add(Unchecked(register.name, "clusters", register.rule.minimum_clusters))
            if register.rule.dominance is not None and counted:
                found.add(Unchecked(register.name, "dominance", register.rule.dominance.percent))
    return tuple(sorted(found, key=lambda u: (u.register, u.rule)))
