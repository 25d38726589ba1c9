"""The steps of a cohort: its index, its criteria, and who leaves where."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, Frame, in_parts
from studyspec.plan.indexes import add_index
from studyspec.plan.matching import add_candidates, add_matches
from studyspec.plan.names import Names
from studyspec.plan.nodes import Call, Case, CohortStep, Column, Constant, Output, Scalar, Step
from studyspec.plan.plain import is_plain
from studyspec.plan.shapes import may_be_null
from studyspec.plan.words import INCLUDED, titled
from studyspec.semantics import core

_READ = "What the study defines and the criteria read"
_EACH = "Each criterion: true, false, or null where it cannot be told"
_WHERE = "Where each of them leaves: at the first criterion, in order, that is not met or cannot be told"

# --- the cohort ------------------------------------------------------------------------------------------------------


def add_cohort(build: Builder) -> str:
    """The steps of a cohort; gives the one that says where candidates leave."""
    cohort = build.cohort
    label = build.label(cohort.labels, cohort.name)
    build.section = f"Cohort {titled(cohort.name, label)}"
    name = build.names.take(cohort.name, f"{cohort.name}_cohort")
    candidates = build.take(f"{cohort.name}_index")
    match cohort.index:
        case core.IndexAssigned():
            alike = add_candidates(build, cohort.index, candidates)
            attrition = add_matches(build, cohort.index, alike, _in_stages(build, candidates, "eligible"))
        case core.IndexPeriods():
            add_index(build, candidates)
            attrition = _in_stages(build, candidates, "attrition")
        case _:
            add_index(build, candidates)
            conditions = [one.condition for one in cohort.criteria]
            build.prepare(conditions, candidates, f"{cohort.name}_definitions", f"{_READ}, for everyone with an index")
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
        build.add(step, [_EACH], columns, frame)
    left = Case(tuple(whens), Constant(INCLUDED.key)) if whens else Constant(INCLUDED.key)
    build.add(attrition, [_WHERE], [*last.carried(), Output("left_at", left)], last)
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


# --- in stages -------------------------------------------------------------------------------------------------------


def _in_stages(build: Builder, candidates: str, ending: str) -> str:
    """As `_add_criteria`, of many candidates: what asks for rows or other cohorts is asked only of those who stayed."""
    cohort = build.cohort
    stages = _stages(build)
    leaving: list[Step] = []
    base = candidates
    for number, stage in enumerate(stages, 1):
        last = number == len(stages)
        step, whens = _add_stage(build, stage, base)
        met = tuple(_met(one, Column(step, column)) for one, column in whens)
        left = Case(tuple(when for one, column in whens for when in _leaves(one, Column(step, column))))
        stays = met[0] if len(met) == 1 else Call("and", met)
        columns = [
            *Frame(build, step).carried(),
            Output("left_at", replace(left, otherwise=Constant(INCLUDED.key) if last else None)),
        ]
        where = () if last else (Call("is not true", (stays,)),)
        leaving.append(Step("", "step", "", (), tuple(columns), step, where=where))
        if not last:
            base = build.take(f"{cohort.name}_staying")
            build.add(base, ["Who stays so far"], Frame(build, step).carried(), step, where=met)
    attrition = build.take(f"{cohort.name}_{ending}")
    if not leaving:
        leaving.append(
            Step(
                "",
                "step",
                "",
                (),
                (*Frame(build, candidates).carried(), Output("left_at", Constant(INCLUDED.key))),
                candidates,
            )
        )
    first, *more = leaving
    build.steps.append(
        replace(
            first,
            name=attrition,
            section=build.section,
            notes=(_WHERE,),
            more=tuple(more),
            once=False,
        )
    )
    return attrition


def _stages(build: Builder) -> list[tuple[core.Criterion, ...]]:
    """Criteria in order: plain ones together, as many as one step makes columns of; each other one by itself."""
    stages: list[tuple[core.Criterion, ...]] = []
    for plain, together in groupby(build.cohort.criteria, lambda one: is_plain(one.condition, build.meant)):
        found = tuple(together)
        stages += [tuple(part) for part in in_parts(found)] if plain else [(one,) for one in found]
    return stages


def _add_stage(
    build: Builder, stage: tuple[core.Criterion, ...], base: str
) -> tuple[str, list[tuple[core.Criterion, str]]]:
    """The step of some criteria, for the units of a base step; and the column of each."""
    cohort = build.cohort
    plain = all(is_plain(one.condition, build.meant) for one in stage)
    if not plain:
        conditions = [one.condition for one in stage]
        build.prepare(conditions, base, f"{cohort.name}_definitions", f"{_READ}, for everyone who stays so far")
    step = build.take(f"{cohort.name}_criteria")
    frame = Frame(build, base, inline=plain)
    taken = Names([build.key, INDEX])
    columns = [*frame.carried()]
    found = []
    for one in stage:
        said = f"{one.kind} {titled(one.name, build.at(one))}"
        found.append((one, taken.take(one.name, f"{one.name}_criterion")))
        columns.append(Output(found[-1][1], frame.scalar(one.condition), said, one.name))
    build.add(step, [_EACH], columns, frame)
    return step, found


def _met(criterion: core.Criterion, column: Column) -> Scalar:
    return column if criterion.kind == "include" else Call("not", (column,))
