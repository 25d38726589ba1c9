"""The steps of outcomes whose follow-up a table records: stretches of time, and what ended each."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import ENTRY, EXIT, Frame
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Join, Output, Running, Scalar
from studyspec.plan.outcomes import DAY, END, ENTERED, Observed
from studyspec.plan.words import CENSORED, titled
from studyspec.semantics import core

RANK, ENDED, NEXT = "rank_of_end", "ended_before", "next_entered"
STRETCHES, AT_ZERO, ORIGIN, UNEXPLAINED = "stretches", "at_zero", "from_date", "unexplained"


class Recorded:
    """The steps of each outcome, made when first asked for.  Implements `outcomes.Courses`."""

    def __init__(self, build: Builder, follow_up: core.RecordedFollowUp, cohort: str) -> None:
        self._build = build
        self._recorded = follow_up
        self._cohort = cohort
        self._own = follow_up.table == build.cohort.table
        self._dated = follow_up.clock is None
        self._all = {one.name: one for one in build.study.outcomes}
        self._stretches: dict[str, str] = {}
        self._done: dict[str, str] = {}
        self._observed: dict[str, Observed] = {}
        self.follow_up = self._add_times()

    def step(self, name: str) -> str:
        """The step that says how an outcome starts for each unit: `start`."""
        if name not in self._done:
            outcome = self._all[name]
            self._section(outcome)
            self._stretches[name] = self._add_stretches(outcome)
            self._done[name] = self._add_start(outcome, self._stretches[name])
        return self._done[name]

    def observed(self, name: str) -> Observed:
        if name not in self._observed:
            self.step(name)
            outcome = self._all[name]
            self._section(outcome)
            late = self._recorded.clock is not None and self._recorded.start is not None
            step = self._add_observed(outcome)
            entered = Column(step, ENTERED) if late else None
            self._observed[name] = Observed(
                step,
                entered=entered,
                follow_up=self.follow_up,
                several=not self._own,
                origin=Column(step, ORIGIN) if self._dated else None,
            )
        return self._observed[name]

    def _section(self, outcome: core.Outcome) -> None:
        label = self._build.at(outcome)
        of = "" if len(self._build.study.cohorts) == 1 else f" of {self._build.cohort.name}"
        self._build.section = f"Outcome{of} {titled(outcome.name, label)}"

    def _accounts(self) -> list[core.Expr]:
        """The conditions of which one must be true of every end; none where ends need not be accounted for."""
        if self._recorded.censored is None:
            return []
        outcomes = (one.recorded for one in self._all.values())
        return [self._recorded.censored, *(one for one in outcomes if one is not None)]

    # --- the rows ---

    def _frame(self) -> Frame:
        """The rows that record follow-up, for everyone in the cohort."""
        build, table = self._build, self._recorded.table
        return Frame(build, self._cohort, row=(table, build.table(table)))

    def _joins(self, frame: Frame) -> dict[str, Join]:
        if not self._own:
            return rows.join_rows(frame, self._recorded.table)
        frame.attribute(self._recorded.end.column)
        return frame.joins

    def _days(self) -> tuple[Scalar | None, Column]:
        table = self._build.table(self._recorded.table)
        start = None if self._recorded.start is None else Column(table, self._recorded.start.column)
        return start, Column(table, self._recorded.end.column)

    def _add_times(self) -> str:
        """The step with the first day and the last one of each unit, which other reports count from."""
        build, (start, end) = self._build, self._days()
        one_cohort = len(build.study.cohorts) == 1
        build.section = "Follow-up" if one_cohort else f"Follow-up of {build.cohort.name}"
        build.element = ("follow-up", "Follow-up")
        name = build.take("follow_up", "follow_up_times")
        frame = self._frame()
        joins = self._joins(frame)
        note = "From when to when each of them is followed, as recorded"
        if self._recorded.clock is not None or start is None:
            columns = (*Frame(build, self._cohort).carried(), *(Output(one, Constant(None)) for one in (ENTRY, EXIT)))
            build.add(name, [f"{note}: by a clock, which has no days"], columns, self._cohort, element="follow-up")
            return name
        holds = times.compare(">=", end, start)
        known = [Case(((holds, one),)) for one in (start, end)]
        columns = (
            *frame.carried(),
            Output(ENTRY, Aggregate("min", known[0]), "First day of follow-up", "follow-up"),
            Output(EXIT, Aggregate("max", known[1]), "Last day of follow-up", "follow-up"),
        )
        left = {table: Join(join.table, join.on, True, join.of) for table, join in joins.items()}
        group = tuple(one.value for one in frame.carried())
        build.add(name, [note], columns, frame, joins=left, group=group, element="follow-up")
        return name

    # --- stretches ---

    def _add_stretches(self, outcome: core.Outcome) -> str:
        """The step with each stretch that holds time, or an event at time 0: from when, to when, what ended it."""
        build, recorded = self._build, self._recorded
        rivals = [self._all[one.name] for one in outcome.competing if one.kind == "outcome"]
        every = [("event", outcome), *((one.name, one) for one in rivals)]
        accounts = self._accounts()
        conditions = [one.recorded for _, one in every if one.recorded is not None]
        conditions += [one for one in accounts if one not in conditions]
        build.prepare(conditions, self._cohort, f"{outcome.name}_definitions", "What the study defines and it reads")
        build.at(outcome)
        frame = self._frame()
        met = [(name, frame.scalar(one.recorded)) for name, one in every if one.recorded is not None]
        accounted = [frame.scalar(one) for one in accounts]
        joins = self._joins(frame)
        start, end = self._days()
        known = [Call("is not null", (one,)) for one in (start, end) if one is not None]
        from_: Scalar = Constant(0)
        if recorded.clock is not None and start is not None:
            from_ = Call("greatest", (start, Constant(0)))
        to = end if recorded.clock is not None else Call("days between", (start or Constant(None), end))
        whens = tuple((condition, Constant(name)) for name, condition in met)
        ranks = tuple((condition, Constant(place)) for place, (_, condition) in enumerate(met))
        holds: list[Scalar] = [times.compare(">", to, from_)]
        at_zero = [condition for name, condition in met if name == "event" or outcome.time_zero == "keep"]
        zero = (Call("=", (to, Constant(0))), Call("=", (from_, Constant(0))))
        holds += [Call("and", (*(zero if from_ != Constant(0) else zero[:1]), one)) for one in at_zero]
        columns = (
            *frame.units(),
            Output(ENTERED, from_, "Under observation after this one"),
            Output(DAY, to, "The last one under observation"),
            Output(END, Case(whens, Constant(CENSORED.key)) if whens else Constant(CENSORED.key), "What ended it"),
            *((Output(ORIGIN, start, "The day that it counts from"),) if self._dated and start is not None else ()),
            Output(RANK, Case(ranks, Constant(len(ranks))) if ranks else Constant(0), "Its place among those"),
            *_unexplained(accounted),
        )
        name = build.take(f"{outcome.name}_stretches")
        note = f"{titled(outcome.name, build.element[1])}: each stretch of time that {recorded.table} records"
        where = (*known, Call("or", tuple(holds)) if len(holds) > 1 else holds[0])
        build.add(name, [note], columns, frame, joins=joins, where=where, element=outcome.name)
        return name

    def _add_start(self, outcome: core.Outcome, stretches: str) -> str:
        build = self._build
        unit = tuple(Column(stretches, one) for one in build.unit)
        zero = Case(((Call("=", (Column(stretches, DAY), Constant(0))), Constant(1)),))
        counted = build.take(f"{outcome.name}_recorded")
        columns = (
            *rows.of(build.unit, stretches),
            Output(STRETCHES, Aggregate("count")),
            Output(AT_ZERO, Aggregate("count", zero), "Events at time 0 among them"),
            *((Output(UNEXPLAINED, Aggregate("count", Column(stretches, UNEXPLAINED))),) if self._accounts() else ()),
        )
        build.add(
            counted, [f"{outcome.name}: how many stretches each has that has any"], columns, stretches, group=unit
        )
        frame = Frame(build, self._cohort)
        found = frame.read(Column(counted, STRETCHES), optional=True)
        starts: list[tuple[Scalar, Scalar]] = [(Call("is null", (found,)), Constant("ended"))]
        if outcome.time_zero != "keep":
            starts.append((Call(">", (Column(counted, AT_ZERO), Constant(0))), Constant("time_zero")))
        if self._accounts():
            starts.append((Call(">", (Column(counted, UNEXPLAINED), Constant(0))), Constant("unexplained")))
        name = build.take(outcome.name, f"{outcome.name}_outcome")
        value = Case(tuple(starts), Constant("at_risk"))
        columns = (*frame.units(), Output("start", value, "What each of them is when follow-up starts"))
        build.add(name, [titled(outcome.name, build.element[1])], columns, frame, element=outcome.name)
        return name

    # --- of those at risk ---

    def _add_observed(self, outcome: core.Outcome) -> str:
        """The step with the stretches of who is at risk; those of a clock one after another, up to what ended them."""
        build = self._build
        start, stretches = self._done[outcome.name], self._stretches[outcome.name]
        in_turn = self._recorded.clock is not None and not self._own
        name = build.take(f"{outcome.name}_observed")
        if in_turn:
            stretches = self._add_turns(outcome, stretches)
        frame = Frame(build, stretches)
        at_risk = times.compare("=", frame.read(Column(start, "start")), Constant("at_risk"))
        end: Scalar = Column(stretches, END)
        where: tuple[Scalar, ...] = (at_risk,)
        if in_turn:
            goes_on = Call("is not null", (Column(stretches, NEXT),))
            censored = times.compare("=", end, Constant(CENSORED.key))
            end = Case(((Call("and", (censored, goes_on)), Constant("left")),), end)
            where = (at_risk, Call("is null", (Column(stretches, ENDED),)))
        columns = (
            *frame.units(),
            Output(ENTERED, Column(stretches, ENTERED)),
            Output(DAY, Column(stretches, DAY)),
            *((Output(ORIGIN, Column(stretches, ORIGIN)),) if self._dated else ()),
            Output(END, end, "`left` where another stretch follows" if in_turn else None),
        )
        notes = [f"{outcome.name}: time under observation of those at risk"]
        build.add(name, notes, columns, frame, where=where, element=outcome.name)
        return name

    def _add_turns(self, outcome: core.Outcome, stretches: str) -> str:
        """The step with the stretches of each unit in order: whether one before it ended all, and which follows."""
        build = self._build
        unit = tuple(Column(stretches, one) for one in build.unit)
        entered, day, end, rank = (Column(stretches, one) for one in (ENTERED, DAY, END, RANK))
        order = (entered, day, rank)
        over = Case(((times.compare("<>", end, Constant(CENSORED.key)), Constant(1)),))
        columns = (
            *rows.of(build.unit, stretches),
            *(Output(one.name, one) for one in (entered, day, end)),
            Output(ENDED, Running("max", over, unit, order), "1 where one before it ended with what counts"),
            Output(NEXT, Running("next", entered, unit, order), "Where the next one begins"),
        )
        name = build.take(f"{outcome.name}_in_turn")
        build.add(name, [f"{outcome.name}: the stretches of each, one after another"], columns, stretches)
        return name


def _unexplained(accounted: Sequence[Scalar]) -> tuple[Output, ...]:
    """Whether nothing accounts for the end of a stretch: no condition is known to be true of it."""
    if not accounted:
        return ()
    any_of = accounted[0] if len(accounted) == 1 else Call("or", tuple(accounted))
    missing = Call("not", (Call("coalesce", (any_of, Constant(False))),))
    return (Output(UNEXPLAINED, Case(((missing, Constant(1)),)), "1 where nothing accounts for its end"),)
