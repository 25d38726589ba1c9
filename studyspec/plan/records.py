"""The records that curves count: what comes in each stretch of time under observation, and where it begins late."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import Frame
from studyspec.plan.nodes import Call, Column, Constant, Join, Output, Running, Scalar, Step
from studyspec.plan.outcomes import DAY, END, ENTERED, Courses, Observed
from studyspec.plan.varying import BEGINS, LAST, Varying
from studyspec.plan.words import titled
from studyspec.semantics import core

FIRST = "first_record"


@dataclass(frozen=True)
class Records:
    """A step with a row for each record: `day`, `end`.  where: which of its rows are records.

    level: the level that a record is in, where that varies
    alone: whether every entity has one record
    """

    step: str
    where: tuple[Scalar, ...] = ()
    level: Column | None = None
    alone: bool = False


class RecordsMade:
    """The records of the outcomes of one cohort, made when first asked for."""

    def __init__(self, build: Builder, courses: Courses) -> None:
        self._build = build
        self._courses = courses
        self._made: dict[tuple[str, str], Records] = {}

    def of(self, outcome: core.Outcome, varying: Varying | None) -> Records:
        """varying: the exposure that the report is broken down by, where it varies."""
        asked = (outcome.name, varying.name if varying else "")
        if asked not in self._made:
            observed = self._courses.observed(outcome.name)
            if varying is None:
                self._made[asked] = self._plain(outcome, observed)
            else:
                self._made[asked] = self._in_levels(outcome, observed, varying)
        return self._made[asked]

    def _plain(self, outcome: core.Outcome, observed: Observed) -> Records:
        """The end of each stretch is a record as it stands; others are added where there are any."""
        build, step = self._build, observed.step
        if observed.entered is None and observed.events is None:
            alone = not observed.several and not build.cohort.repeated
            return Records(step, observed.where, alone=alone)
        label = build.at(outcome)
        selects = [_select(build, step, Column(step, DAY), Column(step, END), observed.where)]
        if observed.entered is not None:
            late = times.compare(">", observed.entered, Constant(0))
            selects.append(_select(build, step, observed.entered, Constant("entered"), (*observed.where, late)))
        if observed.events is not None:
            selects.append(_select(build, observed.events, Column(observed.events, DAY), Constant("event"), ()))
        name = build.take(f"{outcome.name}_records")
        note = f"{titled(outcome.name, label)}: what comes, and when, for those at risk"
        _add(build, name, note, selects, outcome.name)
        return Records(name)

    def _in_levels(self, outcome: core.Outcome, observed: Observed, varying: Varying) -> Records:
        build = self._build
        pieces = varying.pieces(outcome, observed)
        build.at(outcome)
        after, last, course, day = (Column(pieces, one) for one in (ENTERED, LAST, END, DAY))
        level = (Output(varying.column, Column(pieces, varying.column)),)
        ended = Call("or", (Call("is null", (last,)), times.compare("<=", day, last)))
        begun: Scalar = times.compare(">", after, Constant(0))
        begins = Column(pieces, BEGINS) if varying.counts_zero(outcome) else None
        if begins is not None:
            begun = Call("or", (begun, times.compare(">", begins, Constant(0))))
        selects = [
            _select(build, pieces, day, course, (ended,), level),
            _select(build, pieces, after, Constant("entered"), (begun,), level),
            _select(build, pieces, last, Constant("left"), (times.compare("<", last, day),), level),
        ]
        if observed.events is not None:
            selects.append(self._events_in_levels(observed.events, pieces, level, begins))
        name = build.take(f"{outcome.name}_{varying.name}_records")
        note = f"{outcome.name}: what comes, and when, in each level of {varying.name}, for those at risk"
        _add(build, name, note, selects, outcome.name)
        return Records(name, level=Column(name, varying.column))

    def _events_in_levels(self, events: str, pieces: str, level: tuple[Output, ...], begins: Column | None) -> Step:
        """Every event in the piece that holds its day; one on day 0 in the first."""
        build, day = self._build, Column(events, DAY)
        after, last = Column(pieces, ENTERED), Column(pieces, LAST)
        first = () if begins is None else (times.compare("<=", begins, Constant(0)),)
        at_zero = Call("and", (Call("=", (day, Constant(0))), Call("=", (after, Constant(0))), *first))
        inside = Call("or", (times.compare(">", day, after), at_zero))
        by_last = Call("or", (Call("is null", (last,)), times.compare("<=", day, last)))
        same = tuple(Call("=", (Column(pieces, one), Column(events, one))) for one in build.unit)
        select = _select(build, events, day, Constant("event"), (inside, by_last), level)
        return replace(select, joins=(Join(pieces, same),))

    def counted(self, report: str, outcome: core.Outcome, records: Records, by: Column | None, name: str) -> str:
        """The step that a curve counts: records by what it is broken down by, each entity's first one told apart.

        name: of the column of what it is broken down by, if any
        """
        build, step = self._build, records.step
        frame = Frame(build, step)
        found = () if by is None else (Output(name, by if by == records.level else frame.read(by)),)
        key, day, end = Column(step, build.key), Column(step, DAY), Column(step, END)
        same = (key, *(one.value for one in found), end)
        columns = (
            Output(build.key, key),
            *found,
            Output(DAY, day),
            Output(END, end),
            Output(FIRST, Running("min", day, same), "The day of the first such record of the same entity"),
        )
        made = build.take(f"{report}_{outcome.name}_records")
        build.add(made, [f"{outcome.name}: the records that the curve counts"], columns, frame, where=records.where)
        return made


def _select(
    build: Builder, step: str, day: Scalar, end: Scalar, where: tuple[Scalar, ...], more: tuple[Output, ...] = ()
) -> Step:
    columns = (*rows.of(build.unit, step), *more, Output(DAY, day), Output(END, end))
    return Step(name="", kind="step", section="", notes=(), columns=columns, table=step, where=where)


def _add(build: Builder, name: str, note: str, selects: list[Step], element: str) -> None:
    first, *more = selects
    whole = replace(first, name=name, section=build.section, notes=(note,), elements=(element,))
    build.steps.append(replace(whole, more=tuple(more), once=False))
