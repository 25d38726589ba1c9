"""What each report counts: the cubes, and the steps that count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studyspec.plan import words
from studyspec.plan.breakdowns import Breakdown, category
from studyspec.plan.build import Builder
from studyspec.plan.cubes import Category, CubeKind, CubeSpec, Dimension, Labels, RiskTime
from studyspec.plan.frame import Frame, in_parts
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Column, Constant, Join, Output, Scalar, Step
from studyspec.plan.origins import Origins
from studyspec.plan.outcomes import Outcomes
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
    outcomes: Outcomes | None


class Reports:
    """Adds the steps and cubes of the reports about one cohort."""

    def __init__(self, parts: Parts, origins: Origins) -> None:
        self._build = parts.build
        self._parts = parts
        self._origins = origins
        self.cubes: list[CubeSpec] = []

    def add(self, report: core.Report) -> list[CubeSpec]:
        """Add the steps of a report; gives its cubes."""
        self.cubes = []
        self._build.section = f"Report {report.name}"
        match report:
            case core.AttritionReport():
                self._attrition(report)
            case core.BaselineReport():
                self._baseline(report)
            case core.RiskReport():
                self._risk(report)
            case core.EventsReport() | core.StateReport():
                raise ValueError(f"no steps for {type(report).__name__}")
        return self.cubes

    # --- attrition ---

    def _attrition(self, report: core.AttritionReport) -> None:
        categories: list[Category] = []
        for one in self._build.cohort.criteria:
            categories.append(Category(one.name, one.labels))
            if one.condition.facts.nullable:
                categories.append(Category(f"{one.name} unknown", words.unknown(one.labels)))
        dimension = Dimension("left_at", words.LEFT_AT, categories=(*categories, words.INCLUDED))
        name = self._build.names.take(report.name, f"{report.name}_report")
        table = self._parts.attrition
        spec = self._spec(name, "attrition", report, "", words.ATTRITION, "candidates", (dimension,))
        self._count(
            spec, {"left_at": Column(table, "left_at")}, table, (), "Everyone with an index, by where they left"
        )

    # --- baseline ---

    def _baseline(self, report: core.BaselineReport) -> None:
        build, cohort = self._build, self._parts.cohort
        name = build.cohort.name
        note = "What the study defines and the reports read, for everyone in the cohort"
        build.prepare([v.value for v in report.of], cohort, f"{name}_values", note)
        for variables in in_parts(report.of):
            self._variables(report, variables, build.take(f"{name}_{report.name}"))

    def _variables(self, report: core.BaselineReport, variables: Sequence[core.Variable], step: str) -> None:
        build = self._build
        frame = Frame(build, self._parts.cohort)
        columns = [*frame.units()]
        taken = Names([*build.unit, MARGIN, *MEASURES])
        by = self._by_output(frame, report.by, taken)
        made: list[tuple[core.Variable, str]] = []
        for variable in variables:
            column = taken.take(variable.name, f"{variable.name}_variable")
            build.element = (variable.name, build.label(variable.labels, variable.name))
            value = category(variable, frame.scalar(variable.value))
            columns.append(Output(column, value, words.said(variable.name, build.element[1]), variable.name))
            made.append((variable, column))
        notes = [f"The variables of report {report.name}, each as one of its declared categories"]
        build.add(step, notes, [*columns, *by], frame)
        for variable, column in made:
            self._baseline_cube(report, variable, Column(step, column), by)

    def _baseline_cube(
        self, report: core.BaselineReport, variable: core.Variable, column: Column, by: Sequence[Output]
    ) -> None:
        dimensions = [Dimension(column.name, variable.labels, categories=variable.categories)]
        sources = {column.name: column}
        for one in by:
            dimensions.append(self._by_dimension(report.by, one.name))
            sources[one.name] = Column(column.table, one.name)
        name = self._build.names.take(f"{report.name}_{variable.name}")
        origins = self._origins.expr(variable.value)
        spec = self._spec(
            name, "baseline", report, variable.name, variable.labels, "cohort", tuple(dimensions), by, origins
        )
        note = words.titled(variable.name, self._build.label(variable.labels, variable.name))
        note += f", by {report.by}: people in each cell" if by else ": people in each cell"
        self._count(spec, sources, column.table, (), note)

    # --- risk ---

    def _risk(self, report: core.RiskReport) -> None:
        for name in report.of:
            outcome = next(one for one in self._build.study.outcomes if one.name == name)
            if self._parts.outcomes is None:
                raise ValueError("a risk needs a follow-up")
            step = self._parts.outcomes.step(name)
            self._build.section = f"Report {report.name}"
            self._start_cube(report, outcome, step)
            self._curve_cube(report, outcome, step)

    def _start_cube(self, report: core.RiskReport, outcome: core.Outcome, step: str) -> None:
        frame = Frame(self._build, step)
        by = self._by_output(frame, report.by, Names(["start", MARGIN, *MEASURES]))
        starts = [one for one in words.STARTS if one.key != "time_zero" or outcome.time_zero != "keep"]
        dimensions = [Dimension("start", words.START, categories=tuple(starts))]
        dimensions += [self._by_dimension(report.by, one.name) for one in by]
        sources = {"start": Column(step, "start")} | _values(by)
        name = self._build.names.take(f"{report.name}_{outcome.name}_start")
        origins = self._origins.outcome(outcome)
        spec = self._spec(name, "start", report, outcome.name, outcome.labels, "cohort", tuple(dimensions), by, origins)
        note = f"{outcome.name}: what everyone in the cohort is when follow-up starts"
        self._count(spec, sources, step, tuple(frame.joins.values()), note)

    def _curve_cube(self, report: core.RiskReport, outcome: core.Outcome, step: str) -> None:
        frame = Frame(self._build, step)
        by = self._by_output(frame, report.by, Names(["day", "end", MARGIN, *MEASURES]))
        rivals = [Category(one.name, self._rival_labels(one)) for one in outcome.competing]
        dimensions = [
            *(self._by_dimension(report.by, one.name) for one in by),
            Dimension("day", words.DAY, kind="day"),
            Dimension("end", words.END, categories=(words.EVENT, *rivals, words.CENSORED)),
        ]
        sources = _values(by) | {"day": Column(step, "day"), "end": Column(step, "end")}
        name = self._build.names.take(f"{report.name}_{outcome.name}_curve")
        origins = self._origins.outcome(outcome)
        at_risk = f"{outcome.name} at_risk"
        spec = self._spec(
            name, "curve", report, outcome.name, outcome.labels, at_risk, tuple(dimensions), by, origins, report.times
        )
        note = f"{outcome.name}: those at risk, by the day their time at risk ended and by what ended it"
        where = (Call("=", (Column(step, "start"), Constant("at_risk"))),)
        self._count(spec, sources, step, tuple(frame.joins.values()), note, where)

    def _rival_labels(self, rival: core.Competing) -> Labels:
        study = self._build.study
        among: Sequence[core.Role | core.Outcome] = study.roles if rival.kind == "role" else study.outcomes
        return next((one.labels for one in among if one.name == rival.name), {})

    # --- shared ---

    def _by_output(self, frame: Frame, by: str | None, taken: Names) -> tuple[Output, ...]:
        """What the report is broken down by, as a column of a frame."""
        if by is None:
            return ()
        column = frame.read(self._parts.breakdowns[by].column)
        return (Output(taken.take(by, f"{by}_exposure"), column, element=by),)

    def _by_dimension(self, by: str | None, name: str) -> Dimension:
        found = self._parts.breakdowns[by or ""]
        return Dimension(name, found.labels, categories=found.categories)

    def _spec(
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
        build = self._build
        every = self._origins.cohort(build.cohort) | (origins or set())
        if by:
            every |= self._origins.breakdown(by[0].element or "")
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
            sets=_sets(kind, tuple(one.name for one in dimensions)),
            origins=tuple(sorted(every)),
            times=times,
            measures=(ENTITIES,) if build.cohort.cluster is None else (ENTITIES, CLUSTERS),
            cohort=build.cohort.name,
            additive=not build.cohort.repeated,
        )

    def _count(
        self,
        spec: CubeSpec,
        sources: Mapping[str, Scalar],
        table: str,
        joins: tuple[Join, ...],
        note: str,
        where: tuple[Scalar, ...] = (),
    ) -> None:
        """Add the cube's step: distinct entities in every cell of every grouping set."""
        build = self._build
        group = tuple(sources[one.name] for one in spec.dimensions)
        single = len(spec.sets) == 1
        margin: Scalar = Constant(0) if single else Call("grouping", group)
        columns = [
            *(Output(one.name, sources[one.name]) for one in spec.dimensions),
            Output(MARGIN, margin, None if single else "0 for single cells; else which columns are summed over"),
            Output(ENTITIES, Aggregate("count distinct", Column(table, build.key))),
        ]
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


def _values(by: Sequence[Output]) -> dict[str, Scalar]:
    return {one.name: one.value for one in by}


def _sets(kind: CubeKind, names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The grouping sets, in the order that `grouping` numbers them; a curve is kept whole."""
    if kind == "curve":
        return (names,)
    if len(names) == 1:
        return (names, ())
    first, second = names
    return ((first, second), (first,), (second,), ())
