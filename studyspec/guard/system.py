"""All the counts of one release as one system of linked cells.

A cell is what is true of the people in it, so a number that stands in several cubes (the cohort's total, the size of a
level) is one cell with one decision and one published value.  Relations say which cells add up to which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

from studyspec.guard import faults
from studyspec.guard.divisions import Tie
from studyspec.plan.cubes import CubeSpec, Key, RawCube
from studyspec.source import Refused


@dataclass(frozen=True, slots=True)
class Cell:
    """people: `cohort` or `candidates`.  facts: (dimension, category) pairs true of everyone counted."""

    people: str
    facts: frozenset[tuple[str, str]] = frozenset()

    def __str__(self) -> str:
        return " and ".join(f"{d} = {c}" for d, c in sorted(self.facts)) or f"all {self.people}"

    def having(self, dimension: str, category: str) -> Cell:
        return Cell(self.people, self.facts | {(dimension, category)})


COHORT = Cell("cohort")
CANDIDATES = Cell("candidates")


@dataclass(frozen=True, slots=True)
class Relation:
    """parent = sum of children, in distinct entities.  kind `chain`: the children are what stays and what goes."""

    parent: Cell
    children: tuple[Cell, ...]
    kind: str = "partition"


@dataclass(slots=True)
class System:
    """True counts, so neither `repr` nor `str` shows anything.

    sets: cells that are published together or not at all; the name of the first cube that has them
    never: cells that are never published themselves (drops, censored, left before follow-up)
    rows: of a set, the cells of each category of the variable (or each level), which can be hidden category by category
    rests: those cells that are what is left of people at risk when all their events are taken away
    """

    values: dict[Cell, int] = field(default_factory=dict, repr=False)
    relations: dict[Relation, str] = field(default_factory=dict, repr=False)
    sets: dict[tuple[Cell, ...], str] = field(default_factory=dict, repr=False)
    never: set[Cell] = field(default_factory=set, repr=False)
    rests: set[Cell] = field(default_factory=set, repr=False)
    rows: dict[tuple[Cell, ...], tuple[tuple[Cell, ...], ...]] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return "System(not releasable)"

    def put(self, cell: Cell, value: int, cube: str) -> None:
        """Raises Refused (cubes-disagree) where two cubes count the same people differently."""
        if value < 0 or self.values.setdefault(cell, value) != value:
            raise Refused(faults.cubes_disagree(cube))

    def relate(self, parent: Cell, children: Iterable[Cell], cube: str, kind: str = "partition") -> None:
        """Raises Refused (cubes-disagree) where the children do not add up to their parent."""
        relation = Relation(parent, tuple(children), kind)
        if parent in relation.children:
            return
        if self.values[parent] != sum(self.values[c] for c in relation.children):
            raise Refused(faults.cubes_disagree(cube))
        self.relations.setdefault(relation, cube)

    def publish(self, cells: Iterable[Cell], cube: str, rows: Iterable[Iterable[Cell]] = ()) -> None:
        together = tuple(dict.fromkeys(cells))
        if together:
            self.sets.setdefault(together, cube)
            if apart := tuple(tuple(row) for row in rows):
                self.rows.setdefault(together, apart)


def build(cubes: Iterable[RawCube], ties: Iterable[Tie] = ()) -> System:
    """The system of a release's cubes, curves included.  Raises Refused (cubes-disagree)."""
    from studyspec.guard import curves

    system = System()
    cubes = tuple(cubes)
    for cube in cubes:
        require_declared(cube)
        if cube.spec.kind == "attrition":
            _attrition(system, cube)
        elif cube.spec.kind == "baseline":
            _partition(system, cube)
        elif cube.spec.kind == "start":
            _start(system, cube)
    _tie(system, cubes, ties)
    curves.add(system, cubes)
    return system


def count(cube: RawCube, key: Key) -> int:
    return cube.cells.get(key, (0,))[cube.spec.measures.index("entities")]


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
    """The cell a key of a baseline or start cube stands for."""
    cell = COHORT
    for dimension, value in zip(spec.dimensions, key, strict=True):
        if value is not None:
            cell = cell.having(dimension_name(spec, dimension.name), str(value))
    return cell


def dimension_name(spec: CubeSpec, name: str) -> str:
    """Dimensions named alike in cubes about different outcomes are told apart."""
    return f"start of {spec.subject}" if spec.kind == "start" and name == "start" else name


def at_risk(outcome: str, by: str | None, level: str | None) -> Cell:
    cell = COHORT.having(f"start of {outcome}", "at_risk")
    return cell if by is None or level is None else cell.having(by, level)


# --- the kinds of cubes ----------------------------------------------------------------------------------------------


def steps(spec: CubeSpec) -> list[str]:
    """Names of the attrition's steps, in order, without the final `included`."""
    return [c.key for c in spec.dimensions[0].categories if c.key != "included"]


def remaining(step: str, last: bool) -> Cell:
    return COHORT if last else CANDIDATES.having("remaining after", step)


def drop(step: str) -> Cell:
    return CANDIDATES.having("left at", step)


def _attrition(system: System, cube: RawCube) -> None:
    spec = cube.spec
    names = steps(spec)
    total = count(cube, (None,)) if () in spec.sets else sum(count(cube, k) for k in keys_of(spec, ("left_at",)))
    system.put(CANDIDATES if names else COHORT, total, spec.name)
    system.publish([CANDIDATES if names else COHORT], spec.name)
    left, before = total, CANDIDATES
    for i, name in enumerate(names):
        gone = count(cube, (name,))
        left -= gone
        after = remaining(name, i == len(names) - 1)
        system.put(after, left, spec.name)
        system.put(drop(name), gone, spec.name)
        system.never.add(drop(name))
        system.relate(before, (after, drop(name)), spec.name, "chain")
        system.publish([after], spec.name)
        before = after
    if left != count(cube, ("included",)):
        raise Refused(faults.cubes_disagree(spec.name))


def _partition(system: System, cube: RawCube) -> None:
    spec = cube.spec
    for kept in spec.sets:
        for key in keys_of(spec, kept):
            system.put(cell_of(spec, key), count(cube, key), spec.name)
        keys = list(keys_of(spec, kept))
        along = next((i for i, d in enumerate(spec.dimensions) if d.name in kept and d.name != spec.by), None)
        if along is None:
            along = next((i for i, d in enumerate(spec.dimensions) if d.name in kept), 0)
        rows = [
            [cell_of(spec, k) for k in keys if k[along] == value] for value in dict.fromkeys(k[along] for k in keys)
        ]
        system.publish([cell_of(spec, key) for key in keys], spec.name, rows)
    for parent, children in _additions(spec):
        system.relate(parent, children, spec.name)


def _additions(spec: CubeSpec) -> Iterator[tuple[Cell, list[Cell]]]:
    """Each cell of a grouping set, and the cells of the sets with one dimension more that add up to it."""
    kept_sets = {frozenset(s) for s in spec.sets}
    for kept in spec.sets:
        for i, dimension in enumerate(spec.dimensions):
            if dimension.name in kept or frozenset({*kept, dimension.name}) not in kept_sets:
                continue
            for key in keys_of(spec, kept):
                yield (
                    cell_of(spec, key),
                    [cell_of(spec, (*key[:i], c.key, *key[i + 1 :])) for c in dimension.categories],
                )


def _tie(system: System, cubes: Iterable[RawCube], ties: Iterable[Tie]) -> None:
    """Sums between two variables that divide one value, among everyone and in every level both are counted by."""
    names = {
        cube.spec.subject: (dimension.name, cube.spec.name)
        for cube in cubes
        if cube.spec.kind == "baseline"
        for dimension in cube.spec.dimensions
        if dimension.name != cube.spec.by
    }
    for tie in ties:
        if not all(variable in names for variable, _ in (tie.parent, *tie.children)):
            continue
        fact, *facts = ((names[variable][0], category) for variable, category in (tie.parent, *tie.children))
        for cell in [c for c in system.values if fact in c.facts]:
            children = [Cell(cell.people, cell.facts - {fact} | {one}) for one in facts]
            if all(child in system.values for child in children):
                system.relate(cell, children, names[tie.parent[0]][1])


def _start(system: System, cube: RawCube) -> None:
    """Of a start cube only those at risk are published; the others are one cell, what left before follow-up."""
    spec = cube.spec
    levels = _levels(spec)
    for level in levels:
        whole = COHORT if level is None else COHORT.having(spec.by or "", level)
        staying = at_risk(spec.subject, spec.by, level)
        leaving = whole.having(f"start of {spec.subject}", "left before")
        counts = {c.key: count(cube, _start_key(spec, c.key, level)) for c in spec.dimensions[0].categories}
        system.put(whole, sum(counts.values()), spec.name)
        system.put(staying, counts["at_risk"], spec.name)
        system.put(leaving, sum(counts.values()) - counts["at_risk"], spec.name)
        system.never.add(leaving)
        system.relate(whole, (staying, leaving), spec.name, "chain")
    by_level = [level for level in levels if level is not None]
    system.publish([at_risk(spec.subject, spec.by, level) for level in by_level], spec.name)
    if None in levels:
        system.publish([at_risk(spec.subject, spec.by, None)], spec.name)
    for key in (key for kept in spec.sets if "start" not in kept for key in keys_of(spec, kept)):
        system.put(cell_of(spec, key), count(cube, key), spec.name)
    for kept in (kept for kept in spec.sets if "start" not in kept):
        system.publish([cell_of(spec, key) for key in keys_of(spec, kept)], spec.name)
    if by_level and None in levels:
        system.relate(
            at_risk(spec.subject, None, None), [at_risk(spec.subject, spec.by, x) for x in by_level], spec.name
        )
        system.relate(COHORT, [COHORT.having(spec.by or "", level) for level in by_level], spec.name)


def _levels(spec: CubeSpec) -> list[str | None]:
    """The exposure levels by which a start cube counts, and None where it counts everyone together."""
    kept = {frozenset(s) for s in spec.sets}
    names: list[str | None] = []
    if spec.by is not None and frozenset({"start", spec.by}) in kept:
        names += [c.key for d in spec.dimensions if d.name == spec.by for c in d.categories]
    if frozenset({"start"}) in kept:
        names.append(None)
    return names


def _start_key(spec: CubeSpec, start: str, level: str | None) -> Key:
    return tuple(start if d.name == "start" else level if d.name == spec.by else None for d in spec.dimensions)
