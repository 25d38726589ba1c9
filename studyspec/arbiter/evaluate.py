"""The arbiter: a slow, plain evaluator of a resolved study, which decides what a study means.

Written from docs/semantics, never from the SQL.  It holds true counts of the rows it is given, so it is for data
declared synthetic and for tests: it knows no site, and no face offers it for any other data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from studyspec.arbiter import courses, judgement, quantities, recorded, times, varying
from studyspec.arbiter.indexes import candidates
from studyspec.arbiter.matching import assigned
from studyspec.arbiter.spells import add_spells
from studyspec.arbiter.world import Entry, Row, Unit, World, gather
from studyspec.plan.cubes import ALL, CubeSpec, Key, RawCube
from studyspec.semantics import core


@dataclass(frozen=True)
class Population:
    """left: everyone with an index, and where they leave.  units: those who do not."""

    left: Mapping[Unit, str]
    units: tuple[Unit, ...]


def evaluate(
    study: core.Study, rows: Mapping[str, Sequence[Row]], specs: Iterable[CubeSpec]
) -> tuple[tuple[RawCube, ...], dict[str, frozenset[object]]]:
    """Count every cube of a study over the rows of its model's tables.

    rows: model table -> its rows, column -> value (str, int, Decimal, bool, date, or None for null)
    specs: the cubes to count
    Returns the cubes, in that order, and by cohort the keys of the entities in it.
    """
    world = gather(study, rows)
    add_spells(world)
    populations = {cohort.name: _population(world, cohort) for cohort in study.cohorts}
    cubes = tuple(_cube(spec, world, populations[world.cohort(spec.cohort).name]) for spec in specs)
    return cubes, {name: frozenset(unit.key for unit in found.units) for name, found in populations.items()}


def _population(world: World, cohort: core.Cohort) -> Population:
    """Who is in a cohort; settles it for the cohorts after it, and for conditions."""
    if isinstance(cohort.index, core.IndexAssigned):
        left = assigned(world, cohort, cohort.index)
    else:
        left = {unit: judgement.left_by_criteria(world, unit) for unit in candidates(world, cohort)}
    units = tuple(unit for unit, where in left.items() if where == judgement.INCLUDED)
    world.members[cohort.name] = frozenset((unit.key, unit.index) for unit in units)
    return Population(left, units)


# --- counting --------------------------------------------------------------------------------------------------------


def _cube(spec: CubeSpec, world: World, population: Population) -> RawCube:
    """Count every cell of every grouping set of one cube."""
    found: dict[Key, list[Entry]] = {}
    for entry in _entries(spec, world, population):
        for kept in spec.sets:
            key = tuple(entry.at[d.name] if d.name in kept else ALL for d in spec.dimensions)
            found.setdefault(key, []).append(entry)
    entities = _entities(spec, found)
    cells = {}
    for key, entries in found.items():
        described = quantities.described(_quantity(world.study, spec), entries, world) if spec.kind == "numbers" else {}
        cells[key] = tuple(
            described[name] if name in described else _measure(name, entries, entities[key], world)
            for name in spec.measures
        )
    return RawCube(spec, cells)


def _measure(name: str, entries: list[Entry], entities: int, world: World) -> int:
    """One number of a cell."""
    match name:
        case "entities":
            return entities
        case "records":
            return len(entries)
        case "clusters":
            return len({judgement.cluster(world, entry.unit) for entry in entries} - {None})
        case _:
            raise ValueError(f"the arbiter does not know the measure {name}")


def _entities(spec: CubeSpec, found: Mapping[Key, list[Entry]]) -> dict[Key, int]:
    """The distinct entities of each cell; where records are counted too, those not counted on an earlier day."""
    of = {key: {entry.unit.key for entry in entries} for key, entries in found.items()}
    if "records" not in spec.measures:
        return {key: len(entities) for key, entities in of.items()}
    place = [dimension.kind for dimension in spec.dimensions].index("day")
    counted: dict[Key, set[object]] = {}
    numbers: dict[Key, int] = {}
    for key in sorted(of, key=lambda key: -1 if key[place] is ALL else int(key[place] or 0)):
        before = set() if key[place] is ALL else counted.setdefault((*key[:place], *key[place + 1 :]), set())
        numbers[key] = len(of[key] - before)
        before |= of[key]
    return numbers


# --- who and what is counted -----------------------------------------------------------------------------------------


def _entries(spec: CubeSpec, world: World, population: Population) -> list[Entry]:
    """What a cube counts, with a value for each of its dimensions."""
    match spec.kind:
        case "attrition":
            return [Entry(unit, {"left_at": where}) for unit, where in population.left.items()]
        case "trend":
            variable, by = _variable(world.study, spec), _by(spec, world, lambda unit: unit.index)
            own = next(d.name for d in spec.dimensions[1:] if d.name != spec.by)
            period = spec.dimensions[0].name
            return [
                Entry(u, {**by(u), period: str(u.index), own: judgement.category(variable, world, u)})
                for u in population.units
            ]
        case "numbers":
            by = _by(spec, world, lambda unit: unit.index)
            return [Entry(u, by(u)) for u in population.units]
        case "baseline":
            variable, own = _variable(world.study, spec), _own(spec)
            by = _by(spec, world, lambda unit: unit.index)
            return [Entry(u, {**by(u), own: judgement.category(variable, world, u)}) for u in population.units]
        case "state":
            of = next(one for one in world.study.states if one.name == spec.subject)
            own, by = _own(spec), _by(spec, world, lambda unit: times.entry(world, unit))
            after = spec.times[0]
            return [Entry(u, {**by(u), own: judgement.state(of, world, u, after)}) for u in population.units]
        case "start":
            by = _by(spec, world, lambda unit: times.entry(world, unit))
            return [Entry(u, {**by(u), "start": _course(spec, world, u).start}) for u in population.units]
        case "curve" | "events":
            return [entry for unit in population.units for entry in _records(spec, world, unit)]


def _records(spec: CubeSpec, world: World, unit: Unit) -> list[Entry]:
    """What a curve counts of a unit, if it is at risk: what comes in each of its stretches, on which day."""
    course = _course(spec, world, unit)
    exposure = _exposure(spec, world.study)
    if exposure is not None and exposure.varying:
        levels = varying.levels_of(exposure, world, unit)
        keep = next(one for one in world.study.outcomes if one.name == spec.subject).time_zero == "keep"
        found = [one for s in course.stretches for one in varying.varying_records(s, exposure, levels, keep)]
        return [Entry(unit, {spec.by or "": level or "", "day": day, "end": end}) for level, day, end in found]
    if not course.stretches:
        return []
    by = _by(spec, world, lambda unit: None)(unit)
    found = [one for stretch in course.stretches for one in varying.records(stretch, None)]
    return [Entry(unit, {**by, "day": day, "end": end}) for _, day, end in found]


def _course(spec: CubeSpec, world: World, unit: Unit) -> courses.Course:
    outcome = next(one for one in world.study.outcomes if one.name == spec.subject)
    if isinstance(world.study.follow_up, core.RecordedFollowUp):
        return recorded.course(outcome, world, unit)
    return courses.course(outcome, world, unit)


# --- broken down by --------------------------------------------------------------------------------------------------


def _by(spec: CubeSpec, world: World, on: Callable[[Unit], times.Day]) -> Callable[[Unit], dict[str, str]]:
    """The value of what a cube is broken down by; on: the day whose level counts, where the level varies."""
    dimension = spec.by
    if dimension is None:
        return lambda unit: {}
    exposure = _exposure(spec, world.study)
    if exposure is None:
        stratum = next(one for one in world.study.strata if one.name == _report(spec, world.study).by)
        return lambda unit: {dimension: judgement.category(stratum, world, unit)}
    if not exposure.varying:
        return lambda unit: {dimension: judgement.level(exposure, world, unit)}

    def level(unit: Unit) -> dict[str, str]:
        day = on(unit)
        levels = varying.levels_of(exposure, world, unit)
        return {dimension: levels.of(None if day is None else day.toordinal())}

    return level


def _exposure(spec: CubeSpec, study: core.Study) -> core.Exposure | None:
    """The exposure that a cube is broken down by, if it is one."""
    name = None if spec.by is None else _report(spec, study).by
    return next((one for one in study.exposures if one.name == name), None)


Reported = (
    core.BaselineReport
    | core.TrendReport
    | core.DistributionReport
    | core.StateReport
    | core.RiskReport
    | core.EventsReport
)


def _report(spec: CubeSpec, study: core.Study) -> Reported:
    for report in study.reports:
        if isinstance(report, core.AttritionReport) or report.name != spec.report:
            continue
        if spec.cohort in ("", report.cohort):
            return report
    raise ValueError(f"{spec.name} is of no report of the study")


def _own(spec: CubeSpec) -> str:
    """The dimension that is not what the cube is broken down by."""
    return next(d.name for d in spec.dimensions if d.name != spec.by)


def _quantity(study: core.Study, spec: CubeSpec) -> core.Quantity:
    report = _report(spec, study)
    listed: tuple[core.Quantity, ...] = ()
    if isinstance(report, core.BaselineReport):
        listed = report.numbers
    elif isinstance(report, core.DistributionReport):
        listed = report.of
    return next(quantity for quantity in listed if quantity.name == spec.subject)


def _variable(study: core.Study, spec: CubeSpec) -> core.Variable:
    report = _report(spec, study)
    variables = report.of if isinstance(report, core.BaselineReport | core.TrendReport) else ()
    for variable in variables:
        if variable.name == spec.subject:
            return variable
    raise ValueError(f"{spec.name} is about no variable of the study")
