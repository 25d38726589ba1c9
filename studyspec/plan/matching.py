"""The steps of matched comparisons: who is like a case, and who is taken for one (`core.IndexAssigned`).

Candidates are put in the order of a hash, so that any database takes the same ones.
"""

from __future__ import annotations

from studyspec.plan import times
from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, Frame
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, InStep, Join, Output, Running, Scalar, Step
from studyspec.plan.words import INCLUDED, UNMATCHED
from studyspec.semantics import core

CASE, CASE_KEY, ORDER, PLACE, MATCHES = "case_name", "case_key", "drawn_order", "place", "matches"


def add_alike(build: Builder, index: core.IndexAssigned, name: str) -> None:
    """The step with everyone who is like some case, at that case's index; the candidates."""
    cohort = build.cohort.name
    cases = _cases(build, index)
    considered = _considered(build, index, cases)
    note = "What the study defines and the matching reads, for everyone considered"
    build.prepare(index.on, considered, f"{cohort}_matching_definitions", note)
    values = _values(build, index, considered)
    names = [f"on_{place + 1}" for place in range(len(index.on))]
    known = build.take(f"{cohort}_cases_alike_on")
    frame = _joined(build, cases, values, CASE_KEY)
    columns = (*_same(cases, CASE, CASE_KEY, INDEX), *(Output(one, Column(values, one)) for one in names))
    build.add(known, [f"Each unit of {index.cohort}, with what others must share with it"], columns, frame)
    pairs = _pairs_step(build)
    on = [Call("=", (Column(values, INDEX), Column(known, INDEX)))]
    on += [Call("=", (Column(values, one), Column(known, one))) for one in names]
    key = Column(values, build.key)
    columns = (
        Output(CASE, Column(known, CASE)),
        Output(build.key, key),
        Output(INDEX, Column(known, INDEX)),
        Output(ORDER, _order(index, Column(known, CASE), key), "The order of candidates, as if drawn"),
    )
    others = times.compare("<>", key, Column(known, CASE_KEY))
    note = f"Who is like each unit of {index.cohort}, but for itself"
    build.add(pairs, [note], columns, known, joins={values: Join(values, tuple(on))}, where=(others,), element=cohort)
    unit = tuple(Column(pairs, one) for one in (build.key, INDEX))
    note = f"{cohort}: everyone with an index, that of a unit of {index.cohort} whom they are like"
    build.add(name, [note], _same(pairs, build.key, INDEX), pairs, group=unit, element=cohort)


def _pairs_step(build: Builder) -> str:
    """Named once, and found again by what follows the criteria."""
    name = build.take(f"{build.cohort.name}_alike")
    build.pairs = name
    return name


def _cases(build: Builder, index: core.IndexAssigned) -> str:
    """The step with the units that others are compared with, each under the name that its order is drawn by."""
    cases = build.draft.cohorts[index.cohort]
    key, day = Column(cases.step, cases.key), Column(cases.step, INDEX)
    repeated = next(one for one in build.study.cohorts if one.name == index.cohort).repeated
    text: Scalar = Call("to text", (key,))
    if repeated:
        text = Call("joined text", (text, Constant("@"), Call("to text", (day,))))
    name = build.take(f"{build.cohort.name}_cases")
    columns = [Output(CASE, text), Output(CASE_KEY, key), Output(INDEX, day)]
    frame = Frame(build, cases.step, own_key=cases.key)
    for one in _of_people(index):
        columns.append(Output(_shared(one), frame.attribute(one.column.column)))
    build.add(name, [f"The units of {index.cohort}, to be matched"], columns, frame)
    return name


def _considered(build: Builder, index: core.IndexAssigned, cases: str) -> str:
    """The step with who is looked at, with which index: all who share what does not change with the index."""
    people = build.table(build.cohort.table)
    on = [Call("=", (Column(people, one.column.column), Column(cases, _shared(one)))) for one in _of_people(index)]
    key = Column(people, build.cohort.key)
    name = build.take(f"{build.cohort.name}_considered")
    columns = (Output(build.key, key), Output(INDEX, Column(cases, INDEX)))
    where = (Call("is not null", (key,)),)
    note = "Who is looked at, with each index: all who share what does not change with it"
    joins = {people: Join(people, tuple(on))}
    build.add(name, [note], columns, cases, joins=joins, where=where, group=tuple(one.value for one in columns))
    return name


def _of_people(index: core.IndexAssigned) -> list[core.Attribute]:
    return [one for one in index.on if isinstance(one, core.Attribute)]


def _shared(attribute: core.Attribute) -> str:
    return f"shared_{attribute.column.column}"


def _values(build: Builder, index: core.IndexAssigned, considered: str) -> str:
    name = build.take(f"{build.cohort.name}_alike_on")
    frame = Frame(build, considered)
    build.element = (build.cohort.name, build.cohort.name)
    columns = [*frame.units()]
    for place, expr in enumerate(index.on):
        columns.append(Output(f"on_{place + 1}", frame.scalar(expr)))
    build.add(name, ["What must be the same, for everyone looked at"], columns, frame)
    return name


def _joined(build: Builder, cases: str, values: str, key: str) -> Frame:
    frame = Frame(build, cases, own_key=key)
    on = (
        Call("=", (Column(values, build.key), Column(cases, key))),
        Call("=", (Column(values, INDEX), Column(cases, INDEX))),
    )
    frame.joins[values] = Join(values, on)
    return frame


def _order(index: core.IndexAssigned, case: Scalar, key: Scalar) -> Scalar:
    parts = (Constant(f"{index.seed}:"), case, Constant(":"), Call("to text", (key,)))
    return Call("md5", (Call("joined text", parts),))


def _same(step: str, *names: str) -> tuple[Output, ...]:
    return tuple(Output(one, Column(step, one)) for one in names)


# --- who is taken ----------------------------------------------------------------------------------------------------


def add_matches(build: Builder, index: core.IndexAssigned, eligible: str) -> str:
    """The step that says where candidates leave, those that no case took as `unmatched`."""
    cohort = build.cohort.name
    open_ = build.take(f"{cohort}_candidates")
    frame = Frame(build, build.pairs)
    left = frame.read(Column(eligible, "left_at"))
    where = (times.compare("=", left, Constant(INCLUDED.key)),)
    columns = _same(build.pairs, CASE, build.key, INDEX, ORDER)
    build.add(open_, [f"Who may be taken for each unit of {index.cohort}"], columns, frame, where=where)
    taken = _with_replacement(build, index, open_) if index.replacement else _in_rounds(build, index, open_)
    attrition = build.take(f"{cohort}_attrition")
    frame = Frame(build, eligible)
    left, found = Column(eligible, "left_at"), frame.read(Column(taken, build.key), optional=True)
    nobody = Call("and", (times.compare("=", left, Constant(INCLUDED.key)), Call("is null", (found,))))
    columns = (*frame.units(), Output("left_at", Case(((nobody, Constant(UNMATCHED.key)),), left)))
    note = "Where each of them leaves; those whom no case took as unmatched"
    build.add(attrition, [note], columns, frame)
    return attrition


def _place(step: str, of: str, *order: Scalar) -> Scalar:
    return Running("place", Column(step, of), (Column(step, of),), order)


def _by_text(step: str, name: str) -> Scalar:
    return Call("by code point", (Call("to text", (Column(step, name),)),))


def _with_replacement(build: Builder, index: core.IndexAssigned, open_: str) -> str:
    cohort = build.cohort.name
    ordered, taken = build.take(f"{cohort}_in_order"), build.take(f"{cohort}_taken")
    place = _place(open_, CASE, _by_text(open_, ORDER), _by_text(open_, build.key))
    build.add(ordered, ["In the order of each"], (*_same(open_, build.key, INDEX), Output(PLACE, place)), open_)
    first = times.compare("<=", Column(ordered, PLACE), Constant(index.ratio))
    unit = tuple(Column(ordered, one) for one in (build.key, INDEX))
    note = f"The first {index.ratio} of each" if index.ratio > 1 else "The first of each"
    build.add(taken, [note], _same(ordered, build.key, INDEX), ordered, where=(first,), group=unit)
    return taken


def _in_rounds(build: Builder, index: core.IndexAssigned, open_: str) -> str:
    """In each round every case that wants more asks its first free candidate, who goes with one of those who ask."""
    matched = ""
    for number in range(1, index.rounds + 1):
        matched = _round(build, index, open_, matched, number)
    unit = tuple(Column(matched, one) for one in (build.key, INDEX))
    taken = build.take(f"{build.cohort.name}_taken")
    build.add(taken, ["Who was taken, in any round"], _same(matched, build.key, INDEX), matched, group=unit)
    return taken


def _round(build: Builder, index: core.IndexAssigned, open_: str, matched: str, number: int) -> str:
    """One round; gives the step with the matches up to it.  matched: that of the round before, if any."""
    name = f"{build.cohort.name}_round_{number}"
    asking, asked, made = (build.take(one) for one in (f"{name}_free", f"{name}_asked", name))
    where = _still_free(build, index, open_, matched, name) if matched else ()
    place = _place(open_, CASE, _by_text(open_, ORDER), _by_text(open_, build.key))
    columns = (*_same(open_, CASE, build.key, INDEX, ORDER), Output(PLACE, place))
    note = "Who is free, in the order of each that wants one" if matched else "In the order of each"
    build.add(asking, [f"Round {number}: {note[0].lower()}{note[1:]}"], columns, open_, where=where)
    first = (times.compare("=", Column(asking, PLACE), Constant(1)),)
    place = _place(asking, build.key, _by_text(asking, ORDER), _by_text(asking, CASE))
    columns = (*_same(asking, CASE, build.key, INDEX), Output(PLACE, place, "Whose turn it is with the one asked"))
    build.add(asked, [f"Round {number}: each asks the first"], columns, asking, where=first)
    own = _same(asked, CASE, build.key, INDEX)
    first = (times.compare("=", Column(asked, PLACE), Constant(1)),)
    more: tuple[Step, ...] = ()
    if matched:
        more = (Step("", "step", "", (), _same(matched, CASE, build.key, INDEX), matched),)
    notes = (f"Matches up to round {number}: who is asked goes with the first who asks",)
    build.steps.append(
        Step(made, "step", build.section, notes, own, asked, where=first, elements=(build.cohort.name,), more=more)
    )
    return made


def _still_free(build: Builder, index: core.IndexAssigned, open_: str, matched: str, name: str) -> tuple[Scalar, ...]:
    """Conditions for a candidate to be free, and for a case to want one more."""
    free = InStep(Column(open_, build.key), Column(matched, build.key), negated=True)
    served = matched
    if index.ratio > 1:
        counted, served = build.take(f"{name}_matches"), build.take(f"{name}_served")
        case = Column(matched, CASE)
        columns = (Output(CASE, case), Output(MATCHES, Aggregate("count")))
        build.add(counted, ["How many each has so far"], columns, matched, group=(case,))
        enough = times.compare(">=", Column(counted, MATCHES), Constant(index.ratio))
        build.add(served, ["Who has enough"], _same(counted, CASE), counted, where=(enough,))
    return (free, InStep(Column(open_, CASE), Column(served, CASE), negated=True))
