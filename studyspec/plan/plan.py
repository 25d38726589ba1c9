"""A study as a relational plan: the steps that make its cubes, ready for any dialect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from studyspec.plan import times
from studyspec.plan.breakdowns import Breakdown, add_exposure, add_stratum
from studyspec.plan.build import Builder
from studyspec.plan.cohort import add_cohort
from studyspec.plan.counting import Parts
from studyspec.plan.cubes import CubeSpec
from studyspec.plan.draft import Draft
from studyspec.plan.frame import coverage
from studyspec.plan.nodes import (
    Aggregate,
    Call,
    Case,
    Column,
    Constant,
    Glance,
    InList,
    InStep,
    Plan,
    Running,
    Scalar,
    Shift,
    Source,
    SourceField,
    Step,
)
from studyspec.plan.origins import Origins
from studyspec.plan.outcomes import Courses, FollowUp, Outcomes
from studyspec.plan.recorded import Recorded
from studyspec.plan.records import RecordsMade
from studyspec.plan.reports import Reports
from studyspec.plan.spells import add_spells
from studyspec.plan.states import States
from studyspec.plan.varying import Varying
from studyspec.plan.words import text, titled
from studyspec.semantics import core

__all__ = ["Plan", "plan"]


def plan(study: core.Study) -> Plan:
    """The steps and cubes of a study, the same for the same meaning and labels."""
    draft = Draft(study)
    for table in _tables(study):
        draft.tables[table] = draft.names.take(table)
    add_spells(draft)
    builders = [Builder(draft, one) for one in study.cohorts]
    attritions = [add_cohort(build) for build in builders]
    origins = Origins(study)
    reports = {
        build.cohort.name: Reports(_parts(build, attrition), origins)
        for build, attrition in zip(builders, attritions, strict=True)
    }
    cubes: list[CubeSpec] = []
    for report in study.reports:
        cubes += reports[report.cohort or study.cohort.name].add(report)
    steps = tuple(draft.steps)
    return Plan(
        study=study.name,
        version=study.version,
        title=text(study.titles, study.language, study.name),
        meaning=study.hash,
        sources=_sources(study, draft.tables, steps),
        steps=steps,
        cubes=tuple(cubes),
        glances=tuple(_glance(study, spec) for spec in cubes),
        cohorts=tuple(draft.cohorts.values()),
    )


def _parts(build: Builder, attrition: str) -> Parts:
    """What the reports about one cohort read: its breakdowns and outcomes.

    The only cohort of a study gets all that the study declares; of several, each gets what its reports ask for.
    """
    study, cohort = build.study, build.draft.cohorts[build.cohort.name].step
    reports = [one for one in study.reports if len(study.cohorts) == 1 or one.cohort == build.cohort.name]
    asked = {one.by for one in reports if not isinstance(one, core.AttritionReport)}
    breakdowns: dict[str, Breakdown] = {}
    for exposure in study.exposures:
        if not exposure.varying and (len(study.cohorts) == 1 or exposure.name in asked):
            breakdowns[exposure.name] = add_exposure(build, exposure, cohort)
    for variable in study.strata:
        if variable.name in asked:
            breakdowns[variable.name] = add_stratum(build, variable, cohort)
    courses = _courses(build, reports, cohort)
    records = None if courses is None else RecordsMade(build, courses)
    for exposure in study.exposures:
        if exposure.varying and exposure.name in asked and courses is not None:
            delayed = isinstance(study.follow_up, core.FollowUp) and study.follow_up.entry is not None
            varying = Varying(build, exposure, cohort, courses.follow_up, delayed)
            breakdowns[exposure.name] = Breakdown(None, exposure.labels, exposure.categories, varying)
    states = None if courses is None else States(build, courses.follow_up)
    return Parts(build, attrition, cohort, breakdowns, courses, records, states)


def _courses(build: Builder, reports: Sequence[core.Report], cohort: str) -> Courses | None:
    """The steps of follow-up and of the outcomes that reports are about."""
    study = build.study
    names = [name for one in reports if isinstance(one, core.RiskReport | core.EventsReport) for name in one.of]
    followed = any(isinstance(one, core.StateReport) for one in reports)
    if study.follow_up is None or not (names or followed or (study.outcomes and len(study.cohorts) == 1)):
        return None
    courses: Courses
    if isinstance(study.follow_up, core.RecordedFollowUp):
        courses = Recorded(build, study.follow_up, cohort)
    else:
        courses = Outcomes(build, FollowUp(build, study.follow_up, study.outcomes, cohort))
    for name in names:
        courses.step(name)
    return courses


# --- sources ---------------------------------------------------------------------------------------------------------


def _tables(study: core.Study) -> list[str]:
    """The tables a study may read, the entity's own first, the others as the model lists them."""
    used = {ref.table for ref in study.columns} | {one.table for one in study.cohorts}
    used |= {one.index.event.table for one in study.cohorts if isinstance(one.index, core.IndexEvent)}
    used -= {one.name for one in study.spells}
    return sorted(used, key=lambda name: (name != study.cohort.table, list(study.model.tables).index(name)))


def _sources(study: core.Study, tables: dict[str, str], steps: Iterable[Step]) -> tuple[Source, ...]:
    """The tables that steps read, with only the columns that they read, as the model lists them."""
    read: dict[str, set[str]] = {}
    for step in steps:
        for column in columns_of(step):
            read.setdefault(column.table, set()).add(column.name)
    found = []
    for table, name in tables.items():
        described = study.model.tables[table]
        columns = [SourceField(one.name, one.type, one.nullable) for one in described.columns.values()]
        fields = tuple(one for one in columns if one.name in read.get(name, ()))
        others = tuple(one for one in columns if one not in fields)
        if fields:
            notes = _notes(study, table, {one.name for one in fields})
            start = described.date or described.start
            found.append(Source(name, table, notes, fields, others, described.key, start, described.end))
    return tuple(found)


def _notes(study: core.Study, table: str, read: set[str]) -> tuple[str, ...]:
    """What readers must know of a table."""
    described = study.model.tables[table]
    title = titled(table, text(described.labels, study.language, table))
    last = times.moved(Constant(coverage(study, table).end), (core.Step(1, "day"),))
    end = described.end
    if end is None or end not in read or not isinstance(last, Constant) or last.value is None:
        return (title,)
    return (title, f"{end} is the first day after a spell; one that is still open is taken to end on {last.value}")


def columns_of(step: Step) -> Iterator[Column]:
    """Every column that a step reads, of the tables that are meant."""
    for more in step.more:
        yield from columns_of(more)
    meant = {join.table: join.of for join in step.joins if join.of is not None}
    for column in _named(step):
        yield Column(meant.get(column.table, column.table), column.name)


def _named(step: Step) -> Iterator[Column]:
    for scalar in (
        *(output.value for output in step.columns),
        *(condition for join in step.joins for condition in join.on),
        *step.where,
        *step.group,
    ):
        yield from _columns(scalar)


def _columns(scalar: Scalar) -> Iterator[Column]:
    match scalar:
        case Column():
            yield scalar
        case Call():
            for operand in scalar.operands:
                yield from _columns(operand)
        case Shift() | InList() | InStep():
            yield from _columns(scalar.operand)
        case Case():
            for condition, value in scalar.whens:
                yield from _columns(condition)
                yield from _columns(value)
            if scalar.otherwise is not None:
                yield from _columns(scalar.otherwise)
        case Aggregate():
            if scalar.operand is not None:
                yield from _columns(scalar.operand)
        case Running():
            for operand in (scalar.operand, *scalar.partition, *scalar.order):
                yield from _columns(operand)
        case _:
            pass


# --- preview ---------------------------------------------------------------------------------------------------------


def _glance(study: core.Study, spec: CubeSpec) -> Glance:
    """A cube in the preview: no days, and nothing below what its registers demand told apart."""
    registers = {study.model.tables[ref.table].columns[ref.column].register for ref in spec.origins}
    demanded = [
        study.model.registers[name].rule.minimum_entities for name in registers if name in study.model.registers
    ]
    columns = tuple(one.name for one in spec.dimensions if one.kind == "category")
    return Glance(spec.name, columns, max([5, *demanded]))
