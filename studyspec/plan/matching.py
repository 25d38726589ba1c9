"""The steps of matched comparisons: who is like a case, and who is taken for one (`core.IndexAssigned`).

Candidates are put in the order of a hash, so that any database takes the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from studyspec.plan import times
from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, OWN_COLUMNS, Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, InStep, Join, Output, Running, Scalar, Step
from studyspec.plan.plain import is_plain
from studyspec.plan.words import INCLUDED, UNMATCHED
from studyspec.semantics import core

CASE, CASE_KEY, ORDER, PLACE, MATCHES = "case_name", "case_key", "drawn_order", "place", "matches"
FIRST, LAST = "first_case", "last_case"


@dataclass(frozen=True)
class Compared:
    """One thing that is compared: its column, and how far apart it may be; None where it must be the same."""

    name: str
    value: core.Expr
    distance: int | Decimal | None = None


@dataclass(frozen=True)
class Alike:
    """What is compared, and where it stands.

    cases: the step of the cases, with those columns.  values: that of everyone looked at; None where all is plain
    """

    shared: tuple[Compared, ...]
    cases: str
    values: str | None = None


def add_candidates(build: Builder, index: core.IndexAssigned, name: str) -> Alike:
    """The step with everyone who is like some case, at that case's index; gives what `add_matches` needs.

    What is plain is compared first, as it needs no steps: anything else is asked only of those who share it.
    """
    shared = _compared(build, index)
    plain = tuple(one for one in shared if is_plain(one.value, build.meant))
    alike = Alike(shared, _cases(build, index, plain))
    if len(plain) < len(shared):
        values = _values(build, shared, _considered(build, alike.cases, plain))
        alike = Alike(shared, _told(build, index, shared, alike.cases, values), values)
    groups = _groups(build, index, alike.cases, shared)
    joins = _who_share(build, groups, plain) if alike.values is None else _whose_values(groups, alike)
    key = Column(alike.values, build.key) if alike.values is not None else _person(build)
    another = Call("or", tuple(times.compare("<>", key, Column(groups, one)) for one in (FIRST, LAST)))
    columns = (Output(build.key, key), Output(INDEX, Column(groups, INDEX)))
    note = f"{build.cohort.name}: everyone with an index, that of a unit of {index.cohort} whom they are like"
    each_once = tuple(one.value for one in columns) if index.near else ()  # one may be near to several
    build.add(name, [note], columns, groups, joins=joins, where=(another,), group=each_once, element=build.cohort.name)
    return alike


def _compared(build: Builder, index: core.IndexAssigned) -> tuple[Compared, ...]:
    taken = Names([build.key, *OWN_COLUMNS])
    distances = (*(None for _ in index.on), *(one.distance for one in index.near))
    pairs = enumerate(zip(index.values, distances, strict=True), 1)
    return tuple(Compared(taken.take(f"on_{place}"), value, distance) for place, (value, distance) in pairs)


def _alike(one: Compared, own: Scalar, case: Scalar) -> tuple[Scalar, ...]:
    """Conditions for someone's own value to be like a case's."""
    if one.distance is None:
        return (times.compare("=", own, case),)
    return tuple(times.compare("<=", *sides) for sides in ((own, _further(one, case)), (case, _further(one, own))))


def _further(one: Compared, value: Scalar) -> Scalar:
    """A value moved up by the distance.

    Whole numbers lie whole numbers apart, and decimals have six digits: what a distance has beyond that says nothing.
    """
    kind, distance = one.value.facts.type.kind, one.distance or 0
    if kind == "date":
        return times.moved(value, (core.Step(int(distance), "day"),))
    digits = Decimal(1) if kind == "integer" else Decimal("0.000001")
    room = Decimal(distance).quantize(digits, ROUND_FLOOR)
    return value if room == 0 else Call("+", (value, Constant(int(room) if room == int(room) else room)))


def _cases(build: Builder, index: core.IndexAssigned, plain: Sequence[Compared]) -> str:
    """The step with the units that others are compared with, each under the name that its order is drawn by."""
    cases = build.draft.cohorts[index.cohort]
    key, day = Column(cases.step, cases.key), Column(cases.step, INDEX)
    repeated = next(one for one in build.study.cohorts if one.name == index.cohort).repeated
    text: Scalar = Call("to text", (key,))
    if repeated:
        text = Call("joined text", (text, Constant("@"), Call("to text", (day,))))
    name = build.take(f"{build.cohort.name}_cases")
    frame = Frame(build, cases.step, own_key=cases.key, inline=True)
    columns = [Output(CASE, text), Output(CASE_KEY, key), Output(INDEX, day)]
    columns += [Output(one.name, frame.scalar(one.value)) for one in plain]
    build.add(
        name, [f"The units of {index.cohort}, to be matched, with what others must share with them"], columns, frame
    )
    return name


def _groups(build: Builder, index: core.IndexAssigned, cases: str, shared: Sequence[Compared]) -> str:
    """The step with what cases have in common, each once; where it is one case's alone, first and last are the same."""
    name = build.take(f"{build.cohort.name}_sought")
    columns = list(_same(cases, INDEX, *(one.name for one in shared)))
    group = tuple(one.value for one in columns)
    columns += [Output(FIRST, Aggregate("min", Column(cases, CASE_KEY)))]
    columns += [Output(LAST, Aggregate("max", Column(cases, CASE_KEY)))]
    note = f"What others must share with units of {index.cohort}, each once, with the first and the last of those"
    build.add(name, [note], columns, cases, group=group)
    return name


def _person(build: Builder) -> Column:
    return Column(build.table(build.cohort.table), build.cohort.key)


def _who_share(build: Builder, step: str, plain: Sequence[Compared]) -> dict[str, Join]:
    """The entity's own table, joined where it shares what is plain, at the index of a step."""
    people = build.table(build.cohort.table)
    frame = Frame(build, people, own_key=build.cohort.key, at=Column(step, INDEX), inline=True)
    on: list[Scalar] = [Call("is not null", (frame.key,))]
    for one in plain:
        on += _alike(one, frame.scalar(one.value), Column(step, one.name))
    return {people: Join(people, tuple(on))}


def _whose_values(step: str, alike: Alike) -> dict[str, Join]:
    """The step of everyone looked at, joined where it shares everything, at the same index."""
    if alike.values is None:
        return {}
    on: list[Scalar] = [times.compare("=", Column(alike.values, INDEX), Column(step, INDEX))]
    for one in alike.shared:
        on += _alike(one, Column(alike.values, one.name), Column(step, one.name))
    return {alike.values: Join(alike.values, tuple(on))}


# --- where rows must be asked ----------------------------------------------------------------------------------------


def _considered(build: Builder, cases: str, plain: Sequence[Compared]) -> str:
    """The step with who is looked at, with which index: all who share what is plain, the cases themselves too."""
    name = build.take(f"{build.cohort.name}_considered")
    columns = (Output(build.key, _person(build)), Output(INDEX, Column(cases, INDEX)))
    note = "Who is looked at, with each index: all who share what can be told without rows"
    joins = _who_share(build, cases, plain)
    build.add(name, [note], columns, cases, joins=joins, group=tuple(one.value for one in columns))
    return name


def _values(build: Builder, shared: Sequence[Compared], considered: str) -> str:
    note = "What the study defines and the matching reads, for everyone considered"
    build.prepare([one.value for one in shared], considered, f"{build.cohort.name}_matching_definitions", note)
    name = build.take(f"{build.cohort.name}_alike_on")
    frame = Frame(build, considered)
    build.element = (build.cohort.name, build.cohort.name)
    columns = [*frame.units()]
    columns += [Output(one.name, frame.scalar(one.value)) for one in shared]
    near = any(one.distance is not None for one in shared)
    note = f"What must be {'the same or near' if near else 'the same'}, for everyone looked at"
    build.add(name, [note], columns, frame)
    return name


def _told(build: Builder, index: core.IndexAssigned, shared: Sequence[Compared], cases: str, values: str) -> str:
    """The cases again, with all that others must share with them."""
    name = build.take(f"{build.cohort.name}_cases_alike_on")
    on = (
        Call("=", (Column(values, build.key), Column(cases, CASE_KEY))),
        Call("=", (Column(values, INDEX), Column(cases, INDEX))),
    )
    columns = (*_same(cases, CASE, CASE_KEY, INDEX), *_same(values, *(one.name for one in shared)))
    note = f"Each unit of {index.cohort}, with what others must share with it"
    build.add(name, [note], columns, cases, joins={values: Join(values, on)})
    return name


def _order(index: core.IndexAssigned, case: Scalar, key: Scalar) -> Scalar:
    parts = (Constant(f"{index.seed}:"), case, Constant(":"), Call("to text", (key,)))
    return Call("md5", (Call("joined text", parts),))


def _same(step: str, *names: str) -> tuple[Output, ...]:
    return tuple(Output(one, Column(step, one)) for one in names)


# --- who is taken ----------------------------------------------------------------------------------------------------


def add_matches(build: Builder, index: core.IndexAssigned, alike: Alike, eligible: str) -> str:
    """The step that says where candidates leave, those that no case took as `unmatched`.

    eligible: the step that says so of the criteria alone
    """
    cohort = build.cohort.name
    open_ = _pairs(build, index, alike, eligible)
    taken = _with_replacement(build, index, open_) if index.replacement else _in_rounds(build, index, open_)
    attrition = build.take(f"{cohort}_attrition")
    frame = Frame(build, eligible)
    left, found = Column(eligible, "left_at"), frame.read(Column(taken, build.key), optional=True)
    nobody = Call("and", (times.compare("=", left, Constant(INCLUDED.key)), Call("is null", (found,))))
    columns = (*frame.units(), Output("left_at", Case(((nobody, Constant(UNMATCHED.key)),), left)))
    note = "Where each of them leaves; those whom no case took as unmatched"
    build.add(attrition, [note], columns, frame)
    return attrition


def _pairs(build: Builder, index: core.IndexAssigned, alike: Alike, eligible: str) -> str:
    """The step with each case and everyone who may be taken for it; only their order is drawn."""
    cases, name = alike.cases, build.take(f"{build.cohort.name}_alike")
    frame = Frame(build, eligible, inline=True)
    if alike.values is None:
        own: list[Scalar] = [frame.scalar(one.value) for one in alike.shared]
    else:
        own = [frame.read(Column(alike.values, one.name)) for one in alike.shared]
    on: list[Scalar] = [Call("=", (frame.index, Column(cases, INDEX)))]
    for value, one in zip(own, alike.shared, strict=True):
        on += _alike(one, value, Column(cases, one.name))
    frame.joins[cases] = Join(cases, tuple(on))
    columns = (
        Output(CASE, Column(cases, CASE)),
        *frame.units(),
        Output(ORDER, _order(index, Column(cases, CASE), frame.key), "The order of candidates, as if drawn"),
    )
    open_ = times.compare("=", Column(eligible, "left_at"), Constant(INCLUDED.key))
    where = (open_, times.compare("<>", frame.key, Column(cases, CASE_KEY)))
    note = f"Who may be taken for each unit of {index.cohort}: all who are like it and met every criterion"
    build.add(name, [note], columns, frame, where=where)
    return name


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
