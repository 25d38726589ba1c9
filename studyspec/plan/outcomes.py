"""The steps of follow-up, and of each outcome: its event, what competes with it, and how time at risk ends."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import ENTRY, EXIT, INDEX, Frame, first_of
from studyspec.plan.names import Names
from studyspec.plan.nodes import Call, Case, Column, Constant, Output, Scalar
from studyspec.plan.words import titled
from studyspec.semantics import core


class FollowUp:
    """The step with each unit's entry and exits, and what outcomes read of it."""

    def __init__(self, build: Builder, follow_up: core.FollowUp, outcomes: Sequence[core.Outcome], cohort: str) -> None:
        self._build = build
        build.section = "Follow-up" if len(build.study.cohorts) == 1 else f"Follow-up of {build.cohort.name}"
        self.name = build.take("follow_up", "follow_up_times")
        self.entry_known = follow_up.start.base in ("index", "calendar")
        frame = Frame(build, cohort)
        entry = frame.time(follow_up.start)
        build.element = ("follow-up", "Follow-up")
        last_days = {one.end_of_data for one in outcomes} if any(e.base == "data.end" for e in follow_up.ends) else ()
        self._exits: dict[str, str] = {}
        exits: dict[str, Scalar] = {}
        taken = Names([build.key, INDEX, ENTRY])
        shared = taken.take(EXIT) if len(last_days) < 2 else ""
        for one in outcomes:
            column = shared or taken.take(f"{one.name}_{EXIT}")
            self._exits[one.name] = column
            exits[column] = _exit(frame, follow_up, one)
        columns = [
            *frame.carried(),
            Output(ENTRY, entry, "First day of follow-up", "follow-up"),
            *(Output(name, value, "Last day of follow-up", "follow-up") for name, value in exits.items()),
        ]
        build.add(self.name, ["From when to when each of them is followed"], columns, frame, element="follow-up")

    def frame(self, outcome: core.Outcome, row: tuple[str, str] | None = None) -> Frame:
        entry, exit_ = Column(self.name, ENTRY), Column(self.name, self._exits[outcome.name])
        return Frame(self._build, self.name, row=row, entry=entry, exit=exit_)


def _exit(frame: Frame, follow_up: core.FollowUp, outcome: core.Outcome) -> Scalar:
    """The earliest of the ends that come; `end of data` is the outcome's own."""
    ends = []
    for end in follow_up.ends:
        if end.base == "data.end":
            ends.append(times.moved(Constant(outcome.end_of_data), end.steps))
        else:
            ends.append(frame.time(end))
    return first_of(*ends)


class Outcomes:
    """The steps of each outcome, made when first asked for."""

    def __init__(self, build: Builder, follow_up: FollowUp) -> None:
        self._build = build
        self._follow_up = follow_up
        self._events: dict[str, tuple[Column, Column | None]] = {}
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

    def _section(self, outcome: core.Outcome) -> str:
        label = self._build.at(outcome)
        self._build.section = f"Outcome {titled(outcome.name, label)}"
        return label

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

    def _add_event(self, outcome: core.Outcome, event: core.EventQuery) -> str:
        build = self._build
        notes = [titled(outcome.name, build.at(outcome)), f"Such rows of {event.table} on or after the index"]
        if event.condition is not None:
            what = "What the study defines and the outcome reads, for everyone in follow-up"
            build.prepare([event.condition], self._follow_up.name, f"{outcome.name}_definitions", what)
            build.at(outcome)
        frame = self._follow_up.frame(outcome, row=(event.table, build.table(event.table)))
        entry, exit_ = frame.entry or Constant(None), frame.exit or Constant(None)
        on_or_after = times.compare(">=", frame.matched(event.match), frame.index)
        where = (on_or_after, *rows.conditions(frame, event.condition))
        name = build.take(f"{outcome.name}_{event.table}")
        if rows.one_day_decides(event):
            columns = rows.first_event(frame, event, entry, exit_)
            joins = rows.join_rows(frame, event.table)
            build.add(name, notes, columns, frame, joins=joins, where=where, group=frame.unit)
            return name
        each = build.take(f"{name}_rows")
        columns = rows.each_event(frame, event, entry, exit_)
        build.add(each, notes, columns, frame, joins=rows.join_rows(frame, event.table), where=where)
        columns = rows.chosen_event(build.unit, each, event)
        build.add(name, notes, columns, each, group=tuple(Column(each, one) for one in build.unit))
        return name

    def _add(self, outcome: core.Outcome) -> str:
        build = self._build
        self._event(outcome)
        label = self._section(outcome)
        name = build.take(outcome.name, f"{outcome.name}_outcome")
        dates = build.take(f"{outcome.name}_dates", f"{outcome.name}_outcome_dates")
        rivals = self._add_dates(outcome, dates)
        columns = _course(build.unit, outcome, dates, rivals, self._follow_up.entry_known)
        notes = [titled(outcome.name, label), "How each of them starts follow-up, and what ends the time at risk"]
        build.add(name, notes, columns, dates, element=outcome.name)
        return name

    def _add_dates(self, outcome: core.Outcome, dates: str) -> list[tuple[str, Column]]:
        """The step with every day that matters for an outcome; gives the columns of what competes with it."""
        build, frame = self._build, self._follow_up.frame(outcome)
        entry, exit_ = frame.entry or Constant(None), frame.exit or Constant(None)
        event, before = self._event(outcome)
        frame.read(event, optional=True)
        if before is None:
            had: Scalar = Call("coalesce", (times.compare("<", event, entry), Constant(False)))
        else:
            had = Call(">", (Call("coalesce", (before, Constant(0))), Constant(0)))
        columns = [
            *frame.units(),
            Output(ENTRY, entry),
            Output(EXIT, exit_),
            Output("had_before", had, "Whether it came before follow-up started"),
            Output("event_date", event, "The outcome"),
        ]
        taken = Names([*(one.name for one in columns), "end_date"])
        rivals: list[tuple[str, Column]] = []
        days: list[Scalar] = [event]
        for rival in outcome.competing:
            day = build.role(rival.name, self._follow_up.name) if rival.kind == "role" else self._rival(rival.name)
            frame.read(day, optional=True)
            column = taken.take(f"{rival.name}_date", f"{rival.name}_competing_date")
            columns.append(Output(column, day, f"Competing: {rival.name}"))
            rivals.append((rival.name, Column(dates, column)))
            days.append(day)
        note = "The first of these days, and so the end of the time at risk"
        columns.append(Output("end_date", first_of(*days, exit_), note))
        build.section = f"Outcome {titled(outcome.name, build.at(outcome))}"
        build.add(dates, [f"{outcome.name}: the days that count"], columns, frame)
        return rivals

    def _rival(self, name: str) -> Column:
        return self._event(self._all[name])[0]


def _course(
    unit: tuple[str, ...], outcome: core.Outcome, dates: str, rivals: list[tuple[str, Column]], entry_known: bool
) -> tuple[Output, ...]:
    """How an outcome starts for a unit, and when and how its time at risk ends."""
    entry, exit_, event, end = (Column(dates, name) for name in (ENTRY, EXIT, "event_date", "end_date"))
    over: list[Scalar] = [Call("is null", (exit_,)), times.compare("<=", exit_, entry)]
    if not entry_known:
        over.insert(0, Call("is null", (entry,)))
    over += [times.compare("<=", day, entry) for _, day in rivals]
    starts: list[tuple[Scalar, Scalar]] = [
        (Column(dates, "had_before"), Constant("prior")),
        (Call("or", tuple(over)), Constant("ended")),
    ]
    if outcome.time_zero != "keep":
        starts.append((times.compare("=", event, entry), Constant("time_zero")))
    ends: list[tuple[Scalar, Scalar]] = [(times.compare("=", event, end), Constant("event"))]
    ends += [(times.compare("=", day, end), Constant(name)) for name, day in rivals]
    return (
        *rows.of(unit, dates),
        Output("start", Case(tuple(starts), Constant("at_risk")), "What each of them is when follow-up starts"),
        Output("day", Call("days between", (entry, end)), "Days at risk, for those at risk"),
        Output("end", Case(tuple(ends), Constant("censored")), "What ended their time at risk"),
    )
