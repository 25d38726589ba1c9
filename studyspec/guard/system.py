"""All the counts of one release as one system of linked cells.

A cell is what is true of the people in it, so a number that stands in several cubes (the cohort's total, the size of a
level) is one cell with one decision and one published value.  Relations say which cells add up to which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from studyspec.guard import faults
from studyspec.plan.cubes import CubeSpec, Key, RawCube
from studyspec.source import Refused


@dataclass(frozen=True, slots=True)
class Cell:
    """people: `cohort` or `candidates`, of the cohort named.  facts: (dimension, category) pairs true of everyone."""

    people: str
    facts: frozenset[tuple[str, str]] = frozenset()
    cohort: str = ""

    def __str__(self) -> str:
        who = " and ".join(f"{d} = {c}" for d, c in sorted(self.facts)) or f"all {self.people}"
        return f"{self.cohort}: {who}" if self.cohort else who

    def having(self, dimension: str, category: str) -> Cell:
        return Cell(self.people, self.facts | {(dimension, category)}, self.cohort)


def members(spec: CubeSpec) -> Cell:
    """Everyone in the cohort that a cube is about."""
    return Cell("cohort", cohort=spec.cohort)


def candidates(spec: CubeSpec) -> Cell:
    """Everyone with an index for the cohort that a cube is about."""
    return Cell("candidates", cohort=spec.cohort)


@dataclass(frozen=True, slots=True)
class Relation:
    """How a cell is made of others.

    kind `partition`: the parent is the sum of its children.  `chain`: likewise, the children being what stays and what
    goes.  `union`: the children together are the parent, and the same entity may be in several of them, so that the
    parent lies between the largest of them and their sum.
    """

    parent: Cell
    children: tuple[Cell, ...]
    kind: Literal["partition", "chain", "union"] = "partition"


@dataclass(slots=True)
class System:
    """True counts, so neither `repr` nor `str` shows anything.

    values: what would be published of a cell: entities, or records
    entities: of cells that count records, at least so many distinct entities behind them
    clusters: of cells whose cube counts them, at least so many distinct clusters behind them
    sets: cells that are published together or not at all; the name of the first cube that has them
    never: cells that are never published themselves (drops, censored, left before follow-up)
    impossible: cells of no one by declaration: no secret
    rows: of a set, the cells of each category of the variable (or each level), which can be hidden category by category
    rests: those cells that are what is left of people at risk when all their events are taken away
    """

    values: dict[Cell, int] = field(default_factory=dict, repr=False)
    entities: dict[Cell, int] = field(default_factory=dict, repr=False)
    clusters: dict[Cell, int] = field(default_factory=dict, repr=False)
    relations: dict[Relation, str] = field(default_factory=dict, repr=False)
    sets: dict[tuple[Cell, ...], str] = field(default_factory=dict, repr=False)
    never: set[Cell] = field(default_factory=set, repr=False)
    rests: set[Cell] = field(default_factory=set, repr=False)
    impossible: set[Cell] = field(default_factory=set, repr=False)
    rows: dict[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return "System(not releasable)"

    def put(self, cell: Cell, value: int, cube: str, entities: int | None = None, clusters: int | None = None) -> None:
        """Raises Refused (cubes-disagree) where two cubes count the same people differently."""
        if value < 0 or self.values.setdefault(cell, value) != value:
            raise Refused(faults.cubes_disagree(cube))
        if entities is not None:
            self.entities[cell] = max(entities, self.entities.get(cell, 0))
        if clusters is not None:
            self.clusters[cell] = max(clusters, self.clusters.get(cell, 0))

    def relate(
        self,
        parent: Cell,
        children: Iterable[Cell],
        cube: str,
        kind: Literal["partition", "chain"] = "partition",
        additive: bool = True,
    ) -> None:
        """Raises Refused (cubes-disagree) where the children cannot make up their parent.

        additive: whether no entity can be in two of the children.  Where one can, and yet they add up (a variable that
        never changes), a reader may know that they must: they are held to be a partition.
        """
        together = tuple(children)
        if parent in together:
            return
        numbers = [self.values[c] for c in together]
        if self.values[parent] == sum(numbers):
            self.relations.setdefault(Relation(parent, together, kind), cube)
        elif not additive and kind == "partition" and max(numbers, default=0) <= self.values[parent] <= sum(numbers):
            self.relations.setdefault(Relation(parent, together, "union"), cube)
        else:
            raise Refused(faults.cubes_disagree(cube))

    def publish(self, cells: Iterable[Cell], cube: str, rows: Iterable[Iterable[Cell]] = ()) -> None:
        together = tuple(dict.fromkeys(cells))
        if together:
            self.sets.setdefault(together, cube)
            if apart := tuple(tuple(row) for row in rows):
                self.rows.setdefault(together, apart)


# --- reading cubes ---------------------------------------------------------------------------------------------------


def count(cube: RawCube, key: Key) -> int:
    """Distinct entities in a cell."""
    return measured(cube, key, "entities") or 0


def measured(cube: RawCube, key: Key, measure: str) -> int | None:
    """Another measure of a cell; None where the cube does not have it."""
    if measure not in cube.spec.measures:
        return None
    return cube.cells[key][cube.spec.measures.index(measure)] if key in cube.cells else 0


def clusters(cube: RawCube, keys: Iterable[Key]) -> int | None:
    """At least so many distinct clusters behind some cells together; None where the cube does not count them."""
    if "clusters" not in cube.spec.measures:
        return None
    return max((measured(cube, key, "clusters") or 0 for key in keys), default=0)


def require_declared(cube: RawCube) -> None:
    """Raises Refused (cubes-disagree) for a key that no grouping set declares: no one may be counted out of sight."""
    kept = {frozenset(s) for s in cube.spec.sets}
    for key in cube.cells:
        given = [(d, k) for d, k in zip(cube.spec.dimensions, key, strict=True) if k is not None]
        known = all(
            (isinstance(k, int) and k >= 0) if d.kind == "day" else any(k == c.key for c in d.categories)
            for d, k in given
        )
        if not known or frozenset(d.name for d, _ in given) not in kept:
            raise Refused(faults.cubes_disagree(cube.spec.name))


def keys_of(spec: CubeSpec, kept: Iterable[str]) -> Iterator[Key]:
    """Every declared key of one grouping set, in the order declared; of a curve, without its days."""
    names = set(kept)
    yield from product(*([c.key for c in d.categories] if d.name in names else [None] for d in spec.dimensions))


def declared(spec: CubeSpec) -> list[Key]:
    """Every declared key of every grouping set, finest first."""
    return [key for kept in spec.sets for key in keys_of(spec, kept)]


def cell_of(spec: CubeSpec, key: Key) -> Cell:
    """The cell a key of a baseline, state or start cube stands for."""
    cell = members(spec)
    for dimension, value in zip(spec.dimensions, key, strict=True):
        if value is not None:
            cell = cell.having(dimension_name(spec, dimension.name), str(value))
    return cell


def dimension_name(spec: CubeSpec, name: str) -> str:
    """Dimensions named alike in cubes about different outcomes are told apart."""
    return f"start of {spec.subject}" if spec.kind == "start" and name == "start" else name


def at_risk(cohort: str, outcome: str, by: str | None, level: str | None) -> Cell:
    cell = Cell("cohort", cohort=cohort).having(f"start of {outcome}", "at_risk")
    return cell if by is None or level is None else cell.having(by, level)


def steps(spec: CubeSpec) -> list[str]:
    """Names of the attrition's steps, in order, without the final `included`."""
    return [c.key for c in spec.dimensions[0].categories if c.key != "included"]


def remaining(spec: CubeSpec, step: str) -> Cell:
    """Those left after a step of the attrition: after the last one, the cohort."""
    return members(spec) if step == steps(spec)[-1] else candidates(spec).having("remaining after", step)


def drop(spec: CubeSpec, step: str) -> Cell:
    return candidates(spec).having("left at", step)
