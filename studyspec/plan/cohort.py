"""The steps of a cohort: its index, its criteria, who leaves where; and of an exposure."""

from __future__ import annotations

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, Frame, in_parts, may_be_null
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Output, Scalar
from studyspec.plan.words import INCLUDED, titled
from studyspec.semantics import core

# --- the cohort ------------------------------------------------------------------------------------------------------


def add_cohort(build: Builder) -> tuple[str, str]:
    """The steps of a cohort; gives the ones that say where candidates leave, and who is in it."""
    cohort = build.study.cohort
    label = build.label(cohort.labels, cohort.name)
    build.section = f"Cohort {titled(cohort.name, label)}"
    name = build.names.take(cohort.name, f"{cohort.name}_cohort")
    candidates = build.names.take(f"{cohort.name}_index")
    _add_index(build, candidates)
    conditions = [one.condition for one in cohort.criteria]
    note = "What the study defines and the criteria read, for everyone with an index"
    build.prepare(conditions, candidates, f"{cohort.name}_definitions", note)
    attrition = _add_criteria(build, candidates)
    members = Column(attrition, "left_at")
    columns = [Output(one, Column(attrition, one)) for one in (build.key, INDEX)]
    where = (Call("=", (members, Constant(INCLUDED.key))),)
    build.add(
        name,
        [f"{titled(cohort.name, label)}: who met every criterion"],
        columns,
        attrition,
        where=where,
        element=cohort.name,
    )
    return attrition, name


def _add_index(build: Builder, name: str) -> None:
    cohort, event = build.study.cohort, build.study.cohort.event
    rows_of = (event.table, build.table(event.table))
    frame = Frame(build, build.table(cohort.table), row=rows_of, own_key=cohort.key)
    day = frame.matched(event.match)
    low, high = frame.window(event.window)
    where = (*times.inside(day, low, high, event.window), *rows.conditions(frame, event.condition))
    which = "first" if event.first else "last"
    build.add(
        name,
        [f"{cohort.name}: everyone with an index, the {which} such day in {event.table}"],
        (Output(build.key, frame.key), Output(INDEX, Aggregate("min" if event.first else "max", day))),
        frame,
        joins=rows.join_rows(frame, event.table),
        where=where,
        group=(frame.key,),
        element=cohort.name,
    )


def _add_criteria(build: Builder, candidates: str) -> str:
    cohort = build.study.cohort
    parts = list(in_parts(cohort.criteria))
    steps = [build.names.take(f"{cohort.name}_criteria") for _ in parts]
    attrition = build.names.take(f"{cohort.name}_attrition")
    last = Frame(build, steps[0])
    whens: list[tuple[Scalar, Scalar]] = []
    for step, part in zip(steps, parts, strict=True):
        frame = Frame(build, candidates)
        taken = Names([build.key, INDEX])
        columns = [Output(build.key, frame.key), Output(INDEX, frame.index)]
        for one in part:
            said = f"{one.kind} {titled(one.name, build.at(one))}"
            column = taken.take(one.name, f"{one.name}_criterion")
            columns.append(Output(column, frame.scalar(one.condition), said, one.name))
            whens += _leaves(one, last.read(Column(step, column)))
        build.add(step, ["Each criterion: true, false, or null where it cannot be told"], columns, frame)
    kept = [Output(build.key, last.key), Output(INDEX, last.index)]
    left = Case(tuple(whens), Constant(INCLUDED.key)) if whens else Constant(INCLUDED.key)
    note = "Where each of them leaves: at the first criterion, in order, that is not met or cannot be told"
    build.add(attrition, [note], [*kept, Output("left_at", left)], last)
    return attrition


def _leaves(criterion: core.Criterion, met: Column) -> list[tuple[Scalar, Scalar]]:
    """Who leaves at a criterion.  What the model says cannot be unknown, and is, leaves as not met."""
    name, include = Constant(criterion.name), criterion.kind == "include"
    out: Scalar = Call("not", (met,)) if include else met
    if criterion.condition.facts.nullable:
        return [(Call("is null", (met,)), Constant(f"{criterion.name} unknown")), (out, name)]
    if may_be_null(criterion.condition):
        out = Call("is not true" if include else "is not false", (met,))
    return [(out, name)]


# --- exposure --------------------------------------------------------------------------------------------------------


def add_exposure(build: Builder, exposure: core.Exposure, cohort: str) -> Column:
    """The step with each unit's level; gives its column."""
    label = build.label(exposure.labels, exposure.name)
    build.section = f"Exposure {titled(exposure.name, label)}"
    conditions = [one.condition for one in exposure.levels if one.condition is not None]
    note = "What the study defines and the exposure reads, for everyone in the cohort"
    build.prepare(conditions, cohort, f"{exposure.name}_definitions", note)
    name = build.names.take(exposure.name, f"{exposure.name}_exposure")
    frame = Frame(build, cohort)
    whens: list[tuple[Scalar, Scalar]] = []
    otherwise: Scalar = Constant("none")
    notes = [f"{titled(exposure.name, label)}: the first of these levels that applies"]
    for level in exposure.levels:
        notes.append(f"  {titled(level.name, build.at(level))}")
        if level.condition is None:
            otherwise = Constant(level.name)
            break
        met = frame.scalar(level.condition)
        whens.append((met, Constant(level.name)))
        if level.condition.facts.nullable:
            whens.append((Call("is null", (met,)), Constant("unknown")))
    column = Names([build.key]).take(exposure.name, f"{exposure.name}_exposure")
    value = Case(tuple(whens), otherwise) if whens else otherwise
    columns = (Output(build.key, frame.key), Output(column, value))
    levels = tuple(one.name for one in exposure.levels)
    build.add(name, notes, columns, frame, element=exposure.name, also=levels)
    return Column(name, column)
