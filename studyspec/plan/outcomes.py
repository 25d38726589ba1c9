"""The steps of follow-up, and of each outcome: its event, what competes with it, and how time at risk ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import AT_RISK, ENTRY, EXIT, INDEX, Frame, first_of
from studyspec.plan.lasting import add_last_day
from studyspec.plan.names import Names
from studyspec.plan.nodes import Call, Case, Column, Constant, Output, Scalar
from studyspec.plan.words import titled
from studyspec.semantics import core

ENTERED, DAY, END = "entered", "day", "end"


@dataclass(frozen=True)
class Observed:
    """Time under observation for an outcome: a step with a row for each stretch, its `day` and `end`.

    where: which of its rows are such stretches.  entered: the day number after which it is, where that may be above 0
    events: the step with every event of an outcome that comes again: `day`.  follow_up: the step with days themselves
    several: whether a unit may have several stretches
    origin: of the step, the day that its numbers count from, where that is not the start of follow-up
    """

    step: str
    where: tuple[Scalar, ...] = ()
    entered: Column | None = None
    events: str | None = None
    follow_up: str | None = None
    several: bool = False
    origin: Column | None = None


class Courses(Protocol):
    """What reports ask of outcomes, however their follow-up is known."""

    follow_up: str

    def step(self, name: str) -> str:
        """The step that says how an outcome starts for each unit: `start`."""
        ...

    def observed(self, name: str) -> Observed: ...


class FollowUp:
    """The step with each unit's entry and exits, and what outcomes read of it."""

    def __init__(self, build: Builder, follow_up: core.FollowUp, outcomes: Sequence[core.Outcome], cohort: str) -> None:
        self._build = build
        one_cohort = len(build.study.cohorts) == 1
        build.section = "Follow-up" if one_cohort else f"Follow-up of {build.cohort.name}"
        build.element = ("follow-up", "Follow-up")
        self.name = build.take("follow_up", "follow_up_times")
        self.entry_known = follow_up.start.base in ("index", "calendar") and build.indexed
        self.delayed = follow_up.entry is not None
        conditions = [time.value for time in (follow_up.start, *follow_up.ends, follow_up.entry) if time and time.value]
        within = follow_up.within
        if within is not None and within.condition is not None:
            conditions.append(within.condition)
        note = "What the study defines and follow-up reads, for everyone in the cohort"
        build.prepare(conditions, cohort, f"{build.cohort.name}_follow_up_definitions", note)
        if within is not None:
            build.last_day = add_last_day(build, follow_up.start, within, cohort)
        frame = Frame(build, cohort)
        entry = frame.time(follow_up.start)
        last_days = {one.end_of_data for one in outcomes} if any(e.base == "data.end" for e in follow_up.ends) else ()
        self._exits: dict[str, str] = {}
        exits: dict[str, Scalar] = {}
        taken = Names([build.key, INDEX, ENTRY, AT_RISK])
        shared = taken.take(EXIT) if len(last_days) < 2 else ""
        for one in outcomes:
            column = shared or taken.take(f"{one.name}_{EXIT}")
            self._exits[one.name] = column
            exits[column] = _exit(frame, follow_up, one)
        columns = [
            *frame.carried(),
            Output(ENTRY, entry, "First day of follow-up", "follow-up"),
            *_delayed(frame, follow_up, entry),
            *(Output(name, value, "Last day of follow-up", "follow-up") for name, value in exits.items()),
        ]
        build.add(self.name, ["From when to when each of them is followed"], columns, frame, element="follow-up")

    def frame(self, outcome: core.Outcome, row: tuple[str, str] | None = None) -> Frame:
        entry, exit_ = Column(self.name, ENTRY), Column(self.name, self._exits[outcome.name])
        return Frame(self._build, self.name, row=row, entry=entry, exit=exit_)

    @property
    def at_risk(self) -> Column | None:
        """The day from which each of them is at risk, where that may be after entry."""
        return Column(self.name, AT_RISK) if self.delayed else None


def _delayed(frame: Frame, follow_up: core.FollowUp, entry: Scalar) -> tuple[Output, ...]:
    if follow_up.entry is None:
        return ()
    late = frame.time(follow_up.entry)
    later, not_later = times.compare(">", late, entry), times.compare("<=", late, entry)
    note = "The day after which each of them is at risk: with a delayed entry after the first one"
    return (Output(AT_RISK, Case(((later, late), (not_later, entry))), note, "follow-up"),)


def _exit(frame: Frame, follow_up: core.FollowUp, outcome: core.Outcome) -> Scalar:
    """The earliest of the ends that come; `end of data` is the outcome's own."""
    ends = []
    for end in follow_up.ends:
        if end.base == "data.end":
            ends.append(times.moved(Constant(outcome.end_of_data), end.steps))
        else:
            ends.append(frame.time(end))
    return frame.ended(*ends)


class Outcomes:
    """The steps of each outcome, made when first asked for.  Implements `Courses`."""

    def __init__(self, build: Builder, follow_up: FollowUp) -> None:
        self._build = build
        self._follow_up = follow_up
        self.follow_up = follow_up.name
        self._events: dict[str, tuple[Column, Column | None]] = {}
        self._every: dict[str, str] = {}
        self._done: dict[str, str] = {}
        self._all = {one.name: one for one in build.study.outcomes}

    def step(self, name: str) -> str:
        """The step that says how an outcome starts and ends for each unit: `start`, `day`, `end`."""
        if name not in self._done:
            outcome = self._all[name]
            for rival in outcome.competing:
                if rival.kind == "outcome":
                    self._event(self._all[rival.name])
            self._done[name] = self._add(outcome)
        return self._done[name]

    def observed(self, name: str) -> Observed:
        step = self.step(name)
        return Observed(
            step,
            where=(times.compare("=", Column(step, "start"), Constant("at_risk")),),
            entered=Column(step, ENTERED) if self._follow_up.delayed else None,
            events=self._every.get(name),
            follow_up=self.follow_up,
        )

    def _section(self, outcome: core.Outcome) -> str:
        label = self._build.at(outcome)
        of = "" if len(self._build.study.cohorts) == 1 else f" of {self._build.cohort.name}"
        self._build.section = f"Outcome{of} {titled(outcome.name, label)}"
        return label

    # --- events ---

    def _event(self, outcome: core.Outcome) -> tuple[Column, Column | None]:
        """The day of an outcome's event, and the number of its rows before follow-up (None for a role's)."""
        if outcome.name not in self._events:
            self._section(outcome)
            if outcome.event is None:
                day = self._build.role(outcome.role or "", self._follow_up.name)
                self._events[outcome.name] = (day, None)
            else:
                step = self._add_event(outcome, outcome.event)
                self._events[outcome.name] = (Column(step, "event_date"), Column(step, "rows_before"))
        return self._events[outcome.name]

    def _rows(self, outcome: core.Outcome, event: core.EventQuery) -> tuple[Frame, tuple[Scalar, ...]]:
        """The rows of an outcome on or after the index, and what picks them."""
        build = self._build
        build.at(outcome)
        if event.condition is not None:
            what = "What the study defines and the outcome reads, for everyone in follow-up"
            build.prepare([event.condition], self._follow_up.name, f"{outcome.name}_definitions", what)
            build.at(outcome)
        frame = self._follow_up.frame(outcome, row=(event.table, build.table(event.table)))
        on_or_after = build.from_index(frame, frame.matched(event.match))
        return frame, (*on_or_after, *rows.conditions(frame, event.condition))

    def _add_event(self, outcome: core.Outcome, event: core.EventQuery) -> str:
        build = self._build
        frame, where = self._rows(outcome, event)
        notes = [titled(outcome.name, build.element[1]), f"Such rows of {event.table}{_from_index(build)}"]
        entry, exit_ = frame.entry or Constant(None), frame.exit or Constant(None)
        name = build.take(f"{outcome.name}_{event.table}")
        at_risk = self._follow_up.at_risk
        if rows.one_day_decides(event):
            columns = rows.first_event(frame, event, entry, exit_, at_risk)
            joins = rows.join_rows(frame, event.table)
            build.add(name, notes, columns, frame, joins=joins, where=where, group=frame.unit)
            return name
        each = build.take(f"{name}_rows")
        columns = rows.each_event(frame, event, entry, exit_, at_risk)
        # A row without its day (a stay that has not ended) is none, whatever day `dated` gives it.
        there = () if build.indexed else (Call("is not null", (frame.matched(event.match),)),)
        build.add(each, notes, columns, frame, joins=rows.join_rows(frame, event.table), where=(*there, *where))
        columns = rows.chosen_event(build.unit, each, event)
        build.add(name, notes, columns, each, group=tuple(Column(each, one) for one in build.unit))
        return name

    def _add_every(self, outcome: core.Outcome, course: str) -> str:
        """The step with every event of an outcome that comes again, while its units are at risk."""
        build, event = self._build, _query(self._build.study, outcome)
        frame, where = self._rows(outcome, event)
        matched, dated = frame.matched(event.match), frame.time(event.dated)
        entry, exit_ = frame.entry or Constant(None), frame.exit or Constant(None)
        from_day = self._follow_up.at_risk or entry
        day = Call("days between", (entry, dated))
        last = frame.read(Column(course, DAY))
        after: Scalar = times.compare(">", dated, from_day)
        if outcome.time_zero == "keep":
            at_zero = [times.compare("=", dated, entry), times.compare("=", from_day, entry)]
            after = Call("or", (after, Call("and", tuple(at_zero))))
        where = (
            times.compare("=", Column(course, "start"), Constant("at_risk")),
            Call("between", (matched, entry, exit_)),
            after,
            times.compare("<=", day, last),
            *where,
        )
        name = build.take(f"{outcome.name}_events")
        build.add(
            name,
            [titled(outcome.name, build.element[1]), f"Every such row of {event.table} while its unit is at risk"],
            (*frame.units(), Output(DAY, day, "Days since the start of follow-up")),
            frame,
            joins=rows.join_rows(frame, event.table),
            where=where,
            element=outcome.name,
        )
        return name

    # --- how it goes ---

    def _add(self, outcome: core.Outcome) -> str:
        build = self._build
        if not outcome.recurring:
            self._event(outcome)
        label = self._section(outcome)
        name = build.take(outcome.name, f"{outcome.name}_outcome")
        dates = build.take(f"{outcome.name}_dates", f"{outcome.name}_outcome_dates")
        rivals = self._add_dates(outcome, dates)
        known, delayed = self._follow_up.entry_known, self._follow_up.delayed
        columns = _course(build.unit, outcome, dates, rivals, known, delayed)
        notes = [titled(outcome.name, label), "How each of them starts follow-up, and what ends the time at risk"]
        build.add(name, notes, columns, dates, element=outcome.name)
        if outcome.recurring:
            self._every[outcome.name] = self._add_every(outcome, name)
        return name

    def _add_dates(self, outcome: core.Outcome, dates: str) -> list[tuple[str, Column]]:
        """The step with every day that matters for an outcome; gives the columns of what competes with it."""
        build, frame = self._build, self._follow_up.frame(outcome)
        entry, exit_ = frame.entry or Constant(None), frame.exit or Constant(None)
        columns = [*frame.units(), Output(ENTRY, entry)]
        if self._follow_up.at_risk is not None:
            columns.append(Output(AT_RISK, self._follow_up.at_risk))
        columns.append(Output(EXIT, exit_))
        days: list[Scalar] = []
        if not outcome.recurring:
            event, had = self._own(outcome, frame, entry)
            columns.append(Output("had_before", had, "Whether it came before follow-up started"))
            columns.append(Output("event_date", event, "The outcome"))
            days.append(event)
        taken = Names([*(one.name for one in columns), "end_date"])
        rivals: list[tuple[str, Column]] = []
        for rival in outcome.competing:
            day = build.role(rival.name, self._follow_up.name) if rival.kind == "role" else self._rival(rival.name)
            frame.read(day, optional=True)
            column = taken.take(f"{rival.name}_date", f"{rival.name}_competing_date")
            columns.append(Output(column, day, f"Competing: {rival.name}"))
            rivals.append((rival.name, Column(dates, column)))
            days.append(day)
        note = "The first of these days, and so the end of the time at risk"
        columns.append(Output("end_date", first_of(*days, exit_), note))
        self._section(outcome)
        build.add(dates, [f"{outcome.name}: the days that count"], columns, frame)
        return rivals

    def _own(self, outcome: core.Outcome, frame: Frame, entry: Scalar) -> tuple[Column, Scalar]:
        """The day of an outcome's event, and whether it came before its units were at risk."""
        event, before = self._event(outcome)
        frame.read(event, optional=True)
        if before is not None:
            return event, Call(">", (Call("coalesce", (before, Constant(0))), Constant(0)))
        at_risk = self._follow_up.at_risk
        if at_risk is None:
            return event, Call("coalesce", (times.compare("<", event, entry), Constant(False)))
        late = Call("and", (times.compare(">", at_risk, entry), times.compare("=", event, at_risk)))
        early = Call("or", (times.compare("<", event, at_risk), late))
        return event, Call("coalesce", (early, Constant(False)))

    def _rival(self, name: str) -> Column:
        return self._event(self._all[name])[0]


def _from_index(build: Builder) -> str:
    return " on or after the index" if build.indexed else ""


def _query(study: core.Study, outcome: core.Outcome) -> core.EventQuery:
    """The rows of an outcome; those of its role where it is one."""
    if outcome.event is not None:
        return outcome.event
    role = next(one for one in study.roles if one.name == outcome.role)
    steps = (core.Step(-1, "day"),) if role.match == "ending" else ()
    day = core.Time(base="row.end" if steps else "row", steps=steps, facts=role.facts)
    window = core.Window(None, None)
    return core.EventQuery(
        table=role.table, match=role.match, window=window, condition=role.condition, dated=day, facts=role.facts
    )


def _over_early(exit_: Column, entry: Column, at_risk: Column, days: Sequence[Column]) -> tuple[Scalar, ...]:
    """Whether follow-up is over as it starts, of an outcome that is kept on its first day, as is what competes with it.

    days: of the event, and of what competes with it; on the day of a delayed entry that is no first day
    """
    elsewhere = (Call("coalesce", (times.compare("<>", day, at_risk), Constant(True))) for day in days)
    found: list[Scalar] = [times.compare("<", exit_, at_risk)]
    found.append(Call("and", (times.compare("=", exit_, at_risk), *elsewhere)))
    for day in days[1:]:
        found.append(times.compare("<", day, at_risk))
        if at_risk != entry:
            found.append(Call("and", (times.compare("=", day, at_risk), times.compare(">", at_risk, entry))))
    return tuple(found)


def _course(
    unit: tuple[str, ...],
    outcome: core.Outcome,
    dates: str,
    rivals: list[tuple[str, Column]],
    entry_known: bool,
    delayed: bool,
) -> tuple[Output, ...]:
    """How an outcome starts for a unit, and when and how its time at risk ends."""
    entry, exit_, event, end = (Column(dates, name) for name in (ENTRY, EXIT, "event_date", "end_date"))
    at_risk = Column(dates, AT_RISK) if delayed else entry
    over: list[Scalar] = [] if entry_known and not delayed else [Call("is null", (at_risk,))]
    over.append(Call("is null", (exit_,)))
    if outcome.time_zero == "keep" and not outcome.recurring:
        over += _over_early(exit_, entry, at_risk, (event, *(day for _, day in rivals)))
    else:
        over += [times.compare("<=", day, at_risk) for day in (exit_, *(day for _, day in rivals))]
    starts: list[tuple[Scalar, Scalar]] = [(Call("or", tuple(over)), Constant("ended"))]
    ends: list[tuple[Scalar, Scalar]] = [(times.compare("=", day, end), Constant(name)) for name, day in rivals]
    if not outcome.recurring:
        starts.insert(0, (Column(dates, "had_before"), Constant("prior")))
        ends.insert(0, (times.compare("=", event, end), Constant("event")))
        if outcome.time_zero != "keep":
            starts.append((times.compare("=", event, entry), Constant("time_zero")))
    entered = (Output(ENTERED, Call("days between", (entry, at_risk)), "The day after which they are at risk"),)
    return (
        *rows.of(unit, dates),
        Output("start", Case(tuple(starts), Constant("at_risk")), "What each of them is when follow-up starts"),
        *(entered if delayed else ()),
        Output(DAY, Call("days between", (entry, end)), "Days at risk, for those at risk"),
        Output(
            END,
            Case(tuple(ends), Constant("censored")) if ends else Constant("censored"),
            "What ended their time at risk",
        ),
    )
