"""What every report needs to count: what it is broken down by, the cube it declares, and the step that counts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studyspec.plan.breakdowns import Breakdown
from studyspec.plan.build import Builder
from studyspec.plan.cubes import CubeKind, CubeSpec, Dimension, Labels, RiskTime
from studyspec.plan.frame import Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Join, Output, Scalar, Step
from studyspec.plan.origins import Origins
from studyspec.plan.outcomes import Courses
from studyspec.plan.records import FIRST, RecordsMade
from studyspec.plan.states import States
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef

MARGIN = "margin_of"
ENTITIES, RECORDS, CLUSTERS = MEASURES = ("entities", "records", "clusters")


@dataclass(frozen=True)
class Parts:
    """What reports about one cohort read: its attrition and cohort steps, what divides it, and its outcomes' steps."""

    build: Builder
    attrition: str
    cohort: str
    breakdowns: Mapping[str, Breakdown]
    courses: Courses | None
    records: RecordsMade | None
    states: States | None


class Counting:
    """Adds cubes of one cohort to those of a report."""

    def __init__(self, parts: Parts, origins: Origins, cubes: list[CubeSpec]) -> None:
        self.build = parts.build
        self.parts = parts
        self.origins = origins
        self.cubes = cubes

    def breakdown(self, name: str) -> Breakdown:
        return self.parts.breakdowns[name]

    def by_output(
        self, frame: Frame, by: str | None, taken: Names, on: Literal["index", "start"]
    ) -> tuple[Output, ...]:
        """What the report is broken down by, as a column of a frame.  on: the day of its level, where that varies."""
        if by is None:
            return ()
        column = frame.read(self.breakdown(by).on(on))
        return (Output(taken.take(by, f"{by}_exposure"), column, element=by),)

    def by_dimension(self, by: str | None, name: str) -> Dimension:
        found = self.breakdown(by or "")
        return Dimension(name, found.labels, categories=found.categories)

    def spec(
        self,
        name: str,
        kind: CubeKind,
        report: core.Report,
        subject: str,
        labels: Labels,
        population: str,
        dimensions: tuple[Dimension, ...],
        by: Sequence[Output] = (),
        origins: set[ColumnRef] | None = None,
        times: tuple[RiskTime, ...] = (),
    ) -> CubeSpec:
        build = self.build
        every = self.origins.cohort(build.cohort) | (origins or set())
        if by:
            every |= self.origins.breakdown(by[0].element or "")
        if build.cohort.cluster is not None:
            every.add(ColumnRef(build.cohort.table, build.cohort.cluster))
        return CubeSpec(
            name=name,
            kind=kind,
            report=report.name,
            subject=subject,
            labels=labels,
            population=population,
            by=by[0].name if by else None,
            dimensions=dimensions,
            sets=sets_of(kind, tuple(one.name for one in dimensions)),
            origins=tuple(sorted(every)),
            times=times,
            measures=(ENTITIES,) if build.cohort.cluster is None else (ENTITIES, CLUSTERS),
            cohort=build.cohort.name,
            additive=len(build.unit) == 1 or (kind != "attrition" and not build.cohort.repeated),
        )

    def count(
        self,
        spec: CubeSpec,
        sources: Mapping[str, Scalar],
        table: str,
        joins: tuple[Join, ...],
        note: str,
        where: tuple[Scalar, ...] = (),
        more: Sequence[Output] = (),
    ) -> None:
        """Add the cube's step: distinct entities in every cell of every grouping set, and more measures after them."""
        build = self.build
        group = tuple(sources[one.name] for one in spec.dimensions)
        single = len(spec.sets) == 1
        margin: Scalar = Constant(0) if single else Call("grouping", group)
        columns = [
            *(Output(one.name, sources[one.name]) for one in spec.dimensions),
            Output(MARGIN, margin, None if single else "0 for single cells; else which columns are summed over"),
            Output(ENTITIES, _entities(spec, table, build.key)),
        ]
        if RECORDS in spec.measures:
            columns.append(Output(RECORDS, Aggregate("count")))
        columns += more
        if build.cohort.cluster is not None:
            people = build.table(build.cohort.table)
            on = Call("=", (Column(people, build.cohort.key), Column(table, build.key)))
            joins = (*(one for one in joins if one.table != people), Join(people, (on,)))
            columns.append(Output(CLUSTERS, Aggregate("count distinct", Column(people, build.cohort.cluster))))
        places = {one.name: at for at, one in enumerate(spec.dimensions)}
        sets = tuple(tuple(places[name] for name in kept) for kept in spec.sets)
        build.steps.append(
            Step(
                name=spec.name,
                kind="cube",
                section=build.section,
                notes=(note,),
                columns=tuple(columns),
                table=table,
                joins=joins,
                where=where,
                group=group,
                sets=() if single else sets,
                elements=(spec.report,),
            )
        )
        self.cubes.append(spec)


def values(by: Sequence[Output]) -> dict[str, Scalar]:
    return {one.name: one.value for one in by}


def sets_of(kind: CubeKind, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The grouping sets, in the order that `grouping` numbers them.

    A curve, and what describes numbers, is kept whole; a trend keeps its periods apart.
    """
    if kind in ("curve", "events"):
        return (names,)
    if kind == "trend":
        period, *others = names
        return tuple((period, *kept) for kept in sets_of("baseline", tuple(others)))
    if kind == "numbers":
        return (names,)
    if len(names) == 1:
        return (names, ())
    first, second = names
    return ((first, second), (first,), (second,), ())


def _entities(spec: CubeSpec, table: str, key: str) -> Aggregate:
    """Distinct entities; of records, those whose first such record is in the cell.

    Of a trend, rows: every set keeps the period, in which nobody has two indexes.
    """
    if spec.kind == "trend":
        return Aggregate("count")
    entity = Column(table, key)
    if RECORDS not in spec.measures:
        return Aggregate("count distinct", entity)
    first = Call("=", (Column(table, "day"), Column(table, FIRST)))
    return Aggregate("count distinct", Case(((first, entity),)))
