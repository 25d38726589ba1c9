"""What each report counts: the cubes, and the steps that count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from studyspec.plan import words
from studyspec.plan.breakdowns import Breakdown, category
from studyspec.plan.build import Builder
from studyspec.plan.cubes import Category, CubeKind, CubeSpec, Dimension, Labels, RiskTime
from studyspec.plan.frame import Frame, in_parts
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Join, Output, Scalar, Step
from studyspec.plan.origins import Origins
from studyspec.plan.outcomes import Courses
from studyspec.plan.records import FIRST, Records, RecordsMade
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
                self._curves(report, "curve")
            case core.EventsReport():
                self._curves(report, "events")
            case core.StateReport():
                self._states(report)
        return self.cubes

    # --- attrition ---

    def _attrition(self, report: core.AttritionReport) -> None:
        categories: list[Category] = []
        for one in self._build.cohort.criteria:
            categories.append(Category(one.name, one.labels))
            if one.condition.facts.nullable:
                categories.append(Category(f"{one.name} unknown", words.unknown(one.labels)))
        if isinstance(self._build.cohort.index, core.IndexAssigned):
            categories.append(words.UNMATCHED)
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
        by = self._by_output(frame, report.by, taken, "index")
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

    # --- risk and events ---

    def _curves(self, report: core.RiskReport | core.EventsReport, kind: Literal["curve", "events"]) -> None:
        for name in report.of:
            outcome = next(one for one in self._build.study.outcomes if one.name == name)
            if self._parts.courses is None or self._parts.records is None:
                raise ValueError(f"report {report.name} needs a follow-up")
            step = self._parts.courses.step(name)
            varying = self._breakdown(report.by).varying if report.by else None
            records = self._parts.records.of(outcome, varying)
            self._build.section = f"Report {report.name}"
            self._start_cube(report, outcome, step)
            if kind == "curve" and records.alone:
                self._curve_cube(report, outcome, records)
            else:
                self._records_cube(report, outcome, records, kind)

    def _start_cube(self, report: core.RiskReport | core.EventsReport, outcome: core.Outcome, step: str) -> None:
        frame = Frame(self._build, step)
        by = self._by_output(frame, report.by, Names(["start", MARGIN, *MEASURES]), "start")
        dimensions = [Dimension("start", words.START, categories=_starts(outcome))]
        dimensions += [self._by_dimension(report.by, one.name) for one in by]
        sources = {"start": Column(step, "start")} | _values(by)
        name = self._build.names.take(f"{report.name}_{outcome.name}_start")
        origins = self._origins.outcome(outcome)
        spec = self._spec(name, "start", report, outcome.name, outcome.labels, "cohort", tuple(dimensions), by, origins)
        note = f"{outcome.name}: what everyone in the cohort is when follow-up starts"
        self._count(spec, sources, step, tuple(frame.joins.values()), note)

    def _curve_cube(self, report: core.RiskReport | core.EventsReport, outcome: core.Outcome, records: Records) -> None:
        """A curve to which every entity gives one record: where its time at risk ended."""
        step = records.step
        frame = Frame(self._build, step)
        by = self._by_output(frame, report.by, Names(["day", "end", MARGIN, *MEASURES]), "start")
        spec = self._curve_spec(report, outcome, "curve", by)
        sources = _values(by) | {"day": Column(step, "day"), "end": Column(step, "end")}
        note = f"{outcome.name}: those at risk, by the day their time at risk ended and by what ended it"
        self._count(spec, sources, step, tuple(frame.joins.values()), note, records.where)

    def _records_cube(
        self,
        report: core.RiskReport | core.EventsReport,
        outcome: core.Outcome,
        records: Records,
        kind: Literal["curve", "events"],
    ) -> None:
        """A curve of records, of which an entity may have several."""
        if self._parts.records is None:
            return
        name = Names(["day", "end", FIRST, MARGIN, *MEASURES, *self._build.unit]).take(
            report.by or "", f"{report.by}_exposure"
        )
        column = None if report.by is None else records.level or self._breakdown(report.by).on("start")
        step = self._parts.records.counted(report.name, outcome, records, column, name)
        by = () if report.by is None else (Output(name, Column(step, name), element=report.by),)
        spec = self._curve_spec(report, outcome, kind, by)
        measures = (ENTITIES, RECORDS, *spec.measures[1:])
        spec = replace(spec, measures=measures, additive=False)
        sources = _values(by) | {"day": Column(step, "day"), "end": Column(step, "end")}
        note = (
            f"{outcome.name}: what comes for those at risk, by the day and by what it is; each entity's first, and all"
        )
        self._count(spec, sources, step, (), note)

    def _curve_spec(
        self,
        report: core.RiskReport | core.EventsReport,
        outcome: core.Outcome,
        kind: Literal["curve", "events"],
        by: Sequence[Output],
    ) -> CubeSpec:
        ends = [words.EVENT, *(Category(one.name, self._rival_labels(one)) for one in outcome.competing)]
        ends.append(words.CENSORED)
        if self._comes_and_goes(report):
            ends = [words.ENTERED, *ends, words.LEFT]
        dimensions = [
            *(self._by_dimension(report.by, one.name) for one in by),
            Dimension("day", words.DAY, kind="day"),
            Dimension("end", words.END, categories=tuple(ends)),
        ]
        name = self._build.names.take(f"{report.name}_{outcome.name}_{kind}")
        origins, population = self._origins.outcome(outcome), f"{outcome.name} at_risk"
        return self._spec(
            name, kind, report, outcome.name, outcome.labels, population, tuple(dimensions), by, origins, report.times
        )

    def _comes_and_goes(self, report: core.RiskReport | core.EventsReport) -> bool:
        """Whether units may come under observation late, or go on elsewhere."""
        follow_up = self._build.study.follow_up
        varies = report.by is not None and self._breakdown(report.by).varying is not None
        if isinstance(follow_up, core.RecordedFollowUp):
            rows_of_units = follow_up.table != self._build.cohort.table
            return varies or (follow_up.clock is not None and (follow_up.start is not None or rows_of_units))
        return varies or (follow_up is not None and follow_up.entry is not None)

    # --- states ---

    def _states(self, report: core.StateReport) -> None:
        for name in report.of:
            state = next(one for one in self._build.study.states if one.name == name)
            for time in report.times:
                self._state_cube(report, state, time)

    def _state_cube(self, report: core.StateReport, state: core.State, time: RiskTime) -> None:
        if self._parts.states is None:
            raise ValueError(f"report {report.name} needs a follow-up")
        column = self._parts.states.at(state, time)
        self._build.section = f"Report {report.name}"
        frame = Frame(self._build, column.table)
        by = self._by_output(frame, report.by, Names([column.name, MARGIN, *MEASURES]), "start")
        categories = (*state.categories, *(() if _lists_not_followed(state) else (words.NOT_FOLLOWED,)))
        dimensions = [Dimension(column.name, state.labels, categories=categories)]
        dimensions += [self._by_dimension(report.by, one.name) for one in by]
        after = f"{time.amount}_{time.unit}{'' if time.amount == 1 else 's'}"
        name = self._build.names.take(f"{report.name}_{state.name}_{after}")
        origins = self._origins.state(state)
        spec = self._spec(
            name, "state", report, state.name, state.labels, "cohort", tuple(dimensions), by, origins, (time,)
        )
        note = f"{state.name}: people in each state {after.replace('_', ' ')} after the start of follow-up"
        sources = {column.name: column} | _values(by)
        self._count(spec, sources, column.table, tuple(frame.joins.values()), note)

    # --- shared ---

    def _rival_labels(self, rival: core.Competing) -> Labels:
        study = self._build.study
        among: Sequence[core.Role | core.Outcome] = study.roles if rival.kind == "role" else study.outcomes
        return next((one.labels for one in among if one.name == rival.name), {})

    def _breakdown(self, name: str) -> Breakdown:
        return self._parts.breakdowns[name]

    def _by_output(
        self, frame: Frame, by: str | None, taken: Names, on: Literal["index", "start"]
    ) -> tuple[Output, ...]:
        """What the report is broken down by, as a column of a frame.  on: the day of its level, where that varies."""
        if by is None:
            return ()
        column = frame.read(self._breakdown(by).on(on))
        return (Output(taken.take(by, f"{by}_exposure"), column, element=by),)

    def _by_dimension(self, by: str | None, name: str) -> Dimension:
        found = self._breakdown(by or "")
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
            additive=len(build.unit) == 1 or (kind != "attrition" and not build.cohort.repeated),
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
            Output(ENTITIES, _entities(spec, table, build.key)),
        ]
        if RECORDS in spec.measures:
            columns.append(Output(RECORDS, Aggregate("count")))
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
    if kind in ("curve", "events"):
        return (names,)
    if len(names) == 1:
        return (names, ())
    first, second = names
    return ((first, second), (first,), (second,), ())


def _entities(spec: CubeSpec, table: str, key: str) -> Aggregate:
    """Distinct entities; of records, those whose first such record is in the cell."""
    entity = Column(table, key)
    if RECORDS not in spec.measures:
        return Aggregate("count distinct", entity)
    first = Call("=", (Column(table, "day"), Column(table, FIRST)))
    return Aggregate("count distinct", Case(((first, entity),)))


def _starts(outcome: core.Outcome) -> tuple[Category, ...]:
    """What a unit may be when follow-up starts; an outcome that comes again takes nobody out for having had it."""
    if outcome.recurring:
        return tuple(one for one in words.STARTS if one.key in ("at_risk", "ended"))
    return tuple(one for one in words.STARTS if one.key != "time_zero" or outcome.time_zero != "keep")


def _lists_not_followed(state: core.State) -> bool:
    return any(one.key == words.NOT_FOLLOWED.key for one in state.categories)
