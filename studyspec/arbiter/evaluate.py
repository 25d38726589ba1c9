"""The arbiter: a slow, plain evaluator of a resolved study, which decides what a study means.

Written from docs/semantics, never from the SQL.  It holds true counts of the rows it is given, so it is for data
declared synthetic and for tests: it knows no site, and no face offers it for any other data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from studyspec.arbiter import judgement
from studyspec.arbiter.world import Row, Unit, World, gather
from studyspec.plan.cubes import ALL, CubeSpec, Key, RawCube
from studyspec.semantics import core

#: What a dimension's value is for a unit.
Coordinate = Callable[[Unit], str | int]


def evaluate(
    study: core.Study, rows: Mapping[str, Sequence[Row]], specs: Iterable[CubeSpec]
) -> tuple[tuple[RawCube, ...], frozenset[object]]:
    """Count every cube of a study over the rows of its model's tables.

    rows: model table -> its rows, column -> value (str, int, Decimal, bool, date, or None for null)
    specs: the cubes to count
    Returns the cubes, in that order, and the keys of the entities in the cohort.
    """
    world = gather(study, rows)
    everyone = list(judgement.candidates(world))
    cohort = [unit for unit in everyone if judgement.left_at(world, unit) == judgement.INCLUDED]
    cubes = tuple(_cube(spec, world, everyone, cohort) for spec in specs)
    return cubes, frozenset(unit.key for unit in cohort)


def _cube(spec: CubeSpec, world: World, everyone: list[Unit], cohort: list[Unit]) -> RawCube:
    """Count distinct entities in every cell of every grouping set of one cube."""
    if spec.measures != ("entities",):
        raise ValueError(f"the arbiter does not know the measures of {spec.name}")
    population, coordinates = _population(spec, world, everyone, cohort)
    found: dict[Key, set[object]] = {}
    for unit in population:
        full = {dimension.name: coordinates[dimension.name](unit) for dimension in spec.dimensions}
        for kept in spec.sets:
            key = tuple(full[d.name] if d.name in kept else ALL for d in spec.dimensions)
            found.setdefault(key, set()).add(unit.key)
    return RawCube(spec, {key: (len(keys),) for key, keys in found.items()})


def _population(
    spec: CubeSpec, world: World, everyone: list[Unit], cohort: list[Unit]
) -> tuple[list[Unit], Mapping[str, Coordinate]]:
    """Whom a cube counts, and how each of its dimensions is told for one of them."""
    by: dict[str, Coordinate] = {} if spec.by is None else {spec.by: lambda unit: judgement.level(world, unit)}
    match spec.kind:
        case "attrition":
            return everyone, {"left_at": lambda unit: judgement.left_at(world, unit)}
        case "baseline":
            variable = _variable(world.study, spec)
            own = next(d.name for d in spec.dimensions if d.name != spec.by)
            return cohort, {**by, own: lambda unit: judgement.category(variable, world, unit)}
        case "start" | "curve":
            outcome = next(o for o in world.study.outcomes if o.name == spec.subject)
            courses = {unit: judgement.course(outcome, world, unit) for unit in cohort}
            if spec.kind == "start":
                return cohort, {**by, "start": lambda unit: courses[unit].start}
            at_risk = [unit for unit in cohort if courses[unit].start == "at_risk"]
            return at_risk, {
                **by,
                "day": lambda unit: courses[unit].day or 0,
                "end": lambda unit: str(courses[unit].end),
            }


def _variable(study: core.Study, spec: CubeSpec) -> core.Variable:
    for report in study.reports:
        if isinstance(report, core.BaselineReport) and report.name == spec.report:
            for variable in report.of:
                if variable.name == spec.subject:
                    return variable
    raise ValueError(f"{spec.name} is about no variable of the study")
