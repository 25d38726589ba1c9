"""What each kind of cube adds to the one system: its cells, how they add up, and which of them may be published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from studyspec.guard import faults
from studyspec.guard.divisions import Tie
from studyspec.guard.system import (
    Cell,
    System,
    at_risk,
    candidates,
    cell_of,
    clusters,
    count,
    drop,
    keys_of,
    members,
    remaining,
    require_declared,
    steps,
)
from studyspec.plan.cubes import CubeSpec, Key, RawCube
from studyspec.source import Refused

#: The category of a `state` cube for those no longer followed on the day.
NOT_FOLLOWED = "not_followed"


def build(cubes: Iterable[RawCube], ties: Iterable[Tie] = ()) -> System:
    """The system of a release's cubes, curves included.  Raises Refused (cubes-disagree)."""
    from studyspec.guard import curves, quantities

    system = System()
    cubes = tuple(cubes)
    for cube in cubes:
        require_declared(cube)
        if cube.spec.kind == "attrition":
            _attrition(system, cube)
        elif cube.spec.kind in ("baseline", "state", "trend"):
            _partition(system, cube)
        elif cube.spec.kind == "start":
            _start(system, cube)
        elif cube.spec.kind == "numbers":
            quantities.add(system, cube)
        elif not curves.is_curve(cube.spec):
            raise ValueError(f"the guard does not know cubes of kind {cube.spec.kind}")
    for cube in cubes:
        if cube.spec.kind == "trend":
            _periods(system, cube.spec)
    quantities.relate(system, cubes)
    _over_time(system, [c for c in cubes if c.spec.kind == "state"])
    _tie(system, cubes, ties)
    curves.add(system, cubes)
    return system


# --- attrition -------------------------------------------------------------------------------------------------------


def _attrition(system: System, cube: RawCube) -> None:
    spec = cube.spec
    if not spec.additive:
        _leavers(system, cube)
        return
    names, first = steps(spec), candidates(spec)
    total = count(cube, (None,)) if () in spec.sets else sum(count(cube, k) for k in keys_of(spec, ("left_at",)))
    before = first if names else members(spec)
    system.put(before, total, spec.name, clusters=clusters(cube, [k for s in spec.sets for k in keys_of(spec, s)]))
    system.publish([before], spec.name)
    left = total
    for i, name in enumerate(names):
        gone = count(cube, (name,))
        left -= gone
        after = remaining(spec, name)
        later: list[Key] = [(key,) for key in (*names[i + 1 :], "included")]
        system.put(after, left, spec.name, clusters=clusters(cube, later))
        system.put(drop(spec, name), gone, spec.name, clusters=clusters(cube, [(name,)]))
        system.never.add(drop(spec, name))
        system.relate(before, (after, drop(spec, name)), spec.name, "chain")
        system.publish([after], spec.name)
        before = after
    if left != count(cube, ("included",)):
        raise Refused(faults.cubes_disagree(spec.name))


def _leavers(system: System, cube: RawCube) -> None:
    """Of entities with several units, published is how many have a unit that left at each step, and one in the cohort:
    how many remain does not follow from that."""
    spec = cube.spec
    for key in (key for kept in spec.sets for key in keys_of(spec, kept)):
        cell = leaver(spec, key)
        system.put(cell, count(cube, key), spec.name, clusters=clusters(cube, [key]))
        system.publish([cell], spec.name)
    if () in spec.sets:
        parts, whole = [leaver(spec, key) for key in keys_of(spec, ("left_at",))], candidates(spec)
        system.relate(whole, parts, spec.name, additive=False)
        for part in parts:
            others = whole.having("none of it is", str(part))
            system.put(others, system.values[whole] - system.values[part], spec.name)
            system.never.add(others)
            system.relate(whole, (part, others), spec.name, "chain")


def leaver(spec: CubeSpec, key: Key) -> Cell:
    """The cell that a key of an attrition of entities with several units stands for."""
    (step,) = key
    return members(spec) if step == "included" else candidates(spec) if step is None else drop(spec, str(step))


# --- baseline and state ----------------------------------------------------------------------------------------------


def _partition(system: System, cube: RawCube) -> None:
    """A table, or one for each period of a trend; the same people may be in several periods."""
    spec = cube.spec
    for kept in spec.sets:
        keys = list(keys_of(spec, kept))
        for key in keys:
            system.put(cell_of(spec, key), count(cube, key), spec.name, clusters=clusters(cube, [key]))
        for apart in _tables(spec, keys):
            along = _along(spec, kept)
            rows = [
                [cell_of(spec, k) for k in apart if k[along] == value]
                for value in dict.fromkeys(k[along] for k in apart)
            ]
            system.publish([cell_of(spec, key) for key in apart], spec.name, rows)
    for parent, children in _additions(spec):
        system.relate(parent, children, spec.name, additive=spec.additive)


def _tables(spec: CubeSpec, keys: Sequence[Key]) -> list[list[Key]]:
    """The keys of a grouping set that are published together or not: of a trend, those of one period."""
    if spec.kind != "trend":
        return [list(keys)]
    return [[k for k in keys if k[0] == period] for period in dict.fromkeys(k[0] for k in keys)]


def _along(spec: CubeSpec, kept: Iterable[str]) -> int:
    """The dimension whose categories can be hidden one by one: the variable, or else what it is broken down by."""
    own = [i for i, d in enumerate(spec.dimensions) if d.name in kept and not (spec.kind == "trend" and i == 0)]
    return next((i for i in own if spec.dimensions[i].name != spec.by), own[0] if own else 0)


def _additions(spec: CubeSpec) -> Iterator[tuple[Cell, list[Cell]]]:
    """Each cell of a grouping set, and the cells of the sets with one dimension more that make it up."""
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


def _periods(system: System, spec: CubeSpec) -> None:
    """Everyone in the cohort is in one of its periods or in several."""
    period = spec.dimensions[0]
    everyone = members(spec)
    found = [everyone.having(period.name, c.key) for c in period.categories]
    if {everyone, *found} <= system.values.keys():
        system.relate(everyone, found, spec.name, additive=False)


def _over_time(system: System, cubes: Sequence[RawCube]) -> None:
    """Who is not followed at one time is not followed later: what lies between two times is a group like a step."""
    series: dict[tuple[str, str, str | None], list[CubeSpec]] = {}
    for cube in cubes:
        series.setdefault((cube.spec.cohort, cube.spec.subject, cube.spec.by), []).append(cube.spec)
    for specs in series.values():
        for earlier, later in pairwise(sorted(specs, key=lambda s: (s.times[0].days, s.times[0].unit))):
            for level in [None, *(c.key for d in later.dimensions if d.name == later.by for c in d.categories)]:
                _not_followed(system, earlier, later, level)


def _not_followed(system: System, earlier: CubeSpec, later: CubeSpec, level: str | None) -> None:
    before, after = (
        cell_of(spec, tuple(level if d.name == spec.by else NOT_FOLLOWED for d in spec.dimensions))
        for spec in (earlier, later)
    )
    if before == after or not {before, after} <= system.values.keys() or system.values[after] < system.values[before]:
        return
    between = Cell(after.people, after.facts | {("followed until then, as of", str(before))}, after.cohort)
    system.put(between, system.values[after] - system.values[before], later.name)
    system.never.add(between)
    system.relate(after, (before, between), later.name, "chain")


def _tie(system: System, cubes: Sequence[RawCube], ties: Iterable[Tie]) -> None:
    """Sums between two variables that divide one value, among everyone and in every level both are counted by."""
    names: dict[str, tuple[str, str]] = {}
    for cube in cubes:
        if cube.spec.kind in ("baseline", "trend"):
            *_, own = (d for d in cube.spec.dimensions if d.name != cube.spec.by)
            names[cube.spec.subject] = (own.name, cube.spec.name)
        if cube.spec.by is not None:
            names.setdefault(cube.spec.by, (cube.spec.by, cube.spec.name))
    for tie in ties:
        if not all(variable in names for variable, _ in (tie.parent, *tie.children)):
            continue
        fact, *facts = ((names[variable][0], category) for variable, category in (tie.parent, *tie.children))
        for cell in [c for c in system.values if fact in c.facts]:
            children = [Cell(cell.people, cell.facts - {fact} | {one}, cell.cohort) for one in facts]
            if all(child in system.values for child in children):
                system.relate(cell, children, names[tie.parent[0]][1], additive=False)


# --- who is at risk when follow-up starts ----------------------------------------------------------------------------


def _start(system: System, cube: RawCube) -> None:
    """Of a start cube only those at risk are published; the others are one cell, what left before follow-up."""
    spec = cube.spec
    levels = _levels(spec)
    for level in levels:
        whole = members(spec) if level is None else members(spec).having(spec.by or "", level)
        staying = at_risk(spec.cohort, spec.subject, spec.by, level)
        leaving = whole.having(f"start of {spec.subject}", "left before")
        keys = {c.key: _start_key(spec, c.key, level) for c in spec.dimensions[0].categories}
        margin = _start_key(spec, None, level)
        of_margin = frozenset(d.name for d, k in zip(spec.dimensions, margin, strict=True) if k is not None)
        counted = of_margin in {frozenset(s) for s in spec.sets}
        total = count(cube, margin) if counted else sum(count(cube, k) for k in keys.values())
        system.put(whole, total, spec.name, clusters=clusters(cube, [margin, *keys.values()]))
        system.put(staying, count(cube, keys["at_risk"]), spec.name, clusters=clusters(cube, [keys["at_risk"]]))
        system.put(leaving, total - count(cube, keys["at_risk"]), spec.name)
        system.never.add(leaving)
        system.relate(whole, (staying, leaving), spec.name, "chain")
    by_level = [level for level in levels if level is not None]
    system.publish([at_risk(spec.cohort, spec.subject, spec.by, level) for level in by_level], spec.name)
    if None in levels:
        system.publish([at_risk(spec.cohort, spec.subject, spec.by, None)], spec.name)
    for kept in (kept for kept in spec.sets if "start" not in kept):
        for key in keys_of(spec, kept):
            system.put(cell_of(spec, key), count(cube, key), spec.name, clusters=clusters(cube, [key]))
        system.publish([cell_of(spec, key) for key in keys_of(spec, kept)], spec.name)
    if by_level and None in levels:
        whole = at_risk(spec.cohort, spec.subject, None, None)
        parts = [at_risk(spec.cohort, spec.subject, spec.by, x) for x in by_level]
        system.relate(whole, parts, spec.name, additive=spec.additive)
        everyone = [members(spec).having(spec.by or "", level) for level in by_level]
        system.relate(members(spec), everyone, spec.name, additive=spec.additive)


def _levels(spec: CubeSpec) -> list[str | None]:
    """The exposure levels by which a start cube counts, and None where it counts everyone together."""
    kept = {frozenset(s) for s in spec.sets}
    names: list[str | None] = []
    if spec.by is not None and frozenset({"start", spec.by}) in kept:
        names += [c.key for d in spec.dimensions if d.name == spec.by for c in d.categories]
    if frozenset({"start"}) in kept:
        names.append(None)
    return names


def _start_key(spec: CubeSpec, start: str | None, level: str | None) -> Key:
    return tuple(start if d.name == "start" else level if d.name == spec.by else None for d in spec.dimensions)
