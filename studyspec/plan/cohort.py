"""The steps of a cohort: its index, its criteria, and who leaves where."""

from __future__ import annotations

from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, Frame, in_parts
from studyspec.plan.indexes import add_index
from studyspec.plan.matching import add_matches
from studyspec.plan.names import Names
from studyspec.plan.nodes import Call, Case, CohortStep, Column, Constant, Output, Scalar
from studyspec.plan.shapes import may_be_null
from studyspec.plan.words import INCLUDED, titled
from studyspec.semantics import core

# --- the cohort ------------------------------------------------------------------------------------------------------


def add_cohort(build: Builder) -> str:
    """The steps of a cohort; gives the one that says where candidates leave."""
    cohort = build.cohort
    label = build.label(cohort.labels, cohort.name)
    build.section = f"Cohort {titled(cohort.name, label)}"
    name = build.names.take(cohort.name, f"{cohort.name}_cohort")
    candidates = build.take(f"{cohort.name}_index")
    add_index(build, candidates)
    conditions = [one.condition for one in cohort.criteria]
    note = "What the study defines and the criteria read, for everyone with an index"
    build.prepare(conditions, candidates, f"{cohort.name}_definitions", note)
    if isinstance(cohort.index, core.IndexAssigned):
        attrition = add_matches(build, cohort.index, _add_criteria(build, candidates, "eligible"))
    else:
        attrition = _add_criteria(build, candidates, "attrition")
    members = Column(attrition, "left_at")
    where = (Call("=", (members, Constant(INCLUDED.key))),)
    build.add(
        name,
        [f"{titled(cohort.name, label)}: who met every criterion"],
        Frame(build, attrition).carried(),
        attrition,
        where=where,
        element=cohort.name,
    )
    build.draft.cohorts[cohort.name] = CohortStep(cohort.name, cohort.entity, name, build.key)
    return attrition


def _add_criteria(build: Builder, candidates: str, ending: str) -> str:
    """The steps of the criteria; gives the one that says where candidates leave, named after the cohort."""
    cohort = build.cohort
    parts = list(in_parts(cohort.criteria))
    steps = [build.take(f"{cohort.name}_criteria") for _ in parts]
    attrition = build.take(f"{cohort.name}_{ending}")
    last = Frame(build, steps[0])
    whens: list[tuple[Scalar, Scalar]] = []
    for step, part in zip(steps, parts, strict=True):
        frame = Frame(build, candidates)
        taken = Names([build.key, INDEX])
        columns = [*frame.carried()]
        for one in part:
            said = f"{one.kind} {titled(one.name, build.at(one))}"
            column = taken.take(one.name, f"{one.name}_criterion")
            columns.append(Output(column, frame.scalar(one.condition), said, one.name))
            whens += _leaves(one, last.read(Column(step, column)))
        build.add(step, ["Each criterion: true, false, or null where it cannot be told"], columns, frame)
    left = Case(tuple(whens), Constant(INCLUDED.key)) if whens else Constant(INCLUDED.key)
    note = "Where each of them leaves: at the first criterion, in order, that is not met or cannot be told"
    build.add(attrition, [note], [*last.carried(), Output("left_at", left)], last)
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
