"""The steps of an exposure that varies: the level of a day, and the stretches of days in one level."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import AT_RISK, ENTRY, INDEX, Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Join, Output, Running, Scalar, Step
from studyspec.plan.outcomes import DAY, END, ENTERED, Observed
from studyspec.plan.words import titled
from studyspec.semantics import core

FIRST_DAY, SINCE, FROM, TO = "first_day", "since_date", "from_date", "to_date"
LAST, BEGINS = "last", "begins"


@dataclass(frozen=True)
class _Followed:
    """Where units are followed from: a step with the first day, and the day from which they are at risk."""

    step: str
    at_risk: str


class Varying:
    """The levels of one exposure for the units of one cohort, made when first asked for.

    column: what the level is called in steps.  cohort, follow_up: the steps of the units, and of their follow-up
    """

    def __init__(self, build: Builder, exposure: core.Exposure, cohort: str, follow_up: str, delayed: bool) -> None:
        self._build = build
        self.exposure = exposure
        self.name = exposure.name
        taken = Names([*build.unit, INDEX, FIRST_DAY, "previous_level", FROM, TO, ENTERED, LAST, DAY, END])
        self.column = taken.take(exposure.name, f"{exposure.name}_exposure")
        self._cohort = cohort
        self._followed = _Followed(follow_up, AT_RISK if delayed else ENTRY)
        self._since: dict[str, Column] = {}
        self._prepared = False
        self._of_day: dict[str, Column] = {}
        self._stretches = ""
        self._pieces: dict[str, str] = {}

    # --- the level of one day ---

    def of_index(self) -> Column:
        return self._of(self._cohort, INDEX, "on the index")

    def of_start(self) -> Column:
        return self._of(self._followed.step, ENTRY, "when follow-up starts")

    def _of(self, step: str, day: str, words: str) -> Column:
        if day not in self._of_day:
            self._open()
            name = self._build.take(f"{self.name}_at_{'index' if day == INDEX else 'start'}")
            note = f"{self.name}: the level of everyone {words}"
            self._of_day[day] = self._levels(step, Column(step, day), name, note, ())
        return self._of_day[day]

    # --- stretches of days ---

    def stretches(self) -> str:
        """The step with each unit's stretches of days in one level: from a day, to a day (none for the last)."""
        if not self._stretches:
            self._stretches = self._add_stretches()
        return self._stretches

    def _add_stretches(self) -> str:
        build = self._build
        self._open()
        label = build.at(self.exposure)
        days, leveled = build.take(f"{self.name}_days"), build.take(f"{self.name}_level")
        changes, name = build.take(f"{self.name}_changes"), build.take(self.name, f"{self.name}_exposure")
        selects = [self._first_days(), *(one for level in self.exposure.levels for one in self._changing(level))]
        note = f"{titled(self.name, label)}: the days on which the level of each of them may change, from the first on"
        first = replace(selects[0], name=days, section=build.section, notes=(note,), more=tuple(selects[1:]))
        build.steps.append(replace(first, elements=(self.name,)))
        of_day = (Output(FIRST_DAY, Column(days, FIRST_DAY)),)
        self._levels(
            days, Column(days, FIRST_DAY), leveled, f"{self.name}: the level from each of these days on", of_day
        )
        unit = tuple(Column(leveled, one) for one in build.unit)
        day, level = Column(leveled, FIRST_DAY), Column(leveled, self.column)
        columns = (
            *rows.of(build.unit, leveled),
            Output(FIRST_DAY, day),
            Output(self.column, level),
            Output("previous_level", Running("previous", level, unit, (day,))),
        )
        build.add(changes, [f"{self.name}: with the level before"], columns, leveled)
        unit = tuple(Column(changes, one) for one in build.unit)
        day, level, before = (Column(changes, one) for one in (FIRST_DAY, self.column, "previous_level"))
        columns = (
            *rows.of(build.unit, changes),
            Output(self.column, level),
            Output(FROM, day, "The day of the switch to it, or the first one at risk"),
            Output(TO, Running("next", day, unit, (day,)), "The day of the switch to the next"),
        )
        switch = Call("or", (Call("is null", (before,)), times.compare("<>", level, before)))
        note = f"{titled(self.name, label)}: each stretch of days in one level"
        build.add(name, [note], columns, changes, where=(switch,), element=self.name)
        return name

    def _first_days(self) -> Step:
        followed = self._followed
        day = Column(followed.step, followed.at_risk)
        return self._day(Frame(self._build, followed.step), day, (Call("is not null", (day,)),))

    def _changing(self, level: core.Level) -> list[Step]:
        """The days after the first one on which a level comes on or goes off."""
        build, followed = self._build, self._followed
        at_risk = Column(followed.step, followed.at_risk)
        frame = Frame(build, followed.step)
        if level.since is not None:
            since = frame.read(self._since_day(level, level.since))
            return [self._day(frame, since, (times.compare(">", since, at_risk),))]
        if level.during is None:
            return []
        found = []
        for end in (False, True):
            frame, where = self._spells(followed.step, level.during)
            day: Scalar = frame.row_end() if end else frame.row_day()
            joins = rows.join_rows(frame, level.during.table)
            later = times.compare(">", day, at_risk)
            found.append(self._day(frame, day, (later, *where), joins))
        return found

    def _day(self, frame: Frame, day: Scalar, where: tuple[Scalar, ...], joins: dict[str, Join] | None = None) -> Step:
        columns = (*frame.carried(), Output(FIRST_DAY, day))
        made = tuple((frame.joins if joins is None else joins).values())
        return Step("", "step", "", (), columns, frame.base, made, where)

    # --- levels ---

    def _open(self) -> None:
        """Stand under the exposure's heading, with what its levels read made."""
        build, exposure = self._build, self.exposure
        label = build.at(exposure)
        of = "" if len(build.study.cohorts) == 1 else f" of {build.cohort.name}"
        build.section = f"Exposure{of} {titled(exposure.name, label)}, which varies"
        if self._prepared:
            return
        self._prepared = True
        conditions = [one.condition for one in exposure.levels if one.condition is not None]
        conditions += [one.since.condition for one in exposure.levels if one.since and one.since.condition]
        conditions += [one.during.condition for one in exposure.levels if one.during and one.during.condition]
        note = "What the study defines and the exposure reads, for everyone in follow-up"
        build.prepare(conditions, self._followed.step, f"{exposure.name}_definitions", note)
        for level in exposure.levels:
            if level.since is not None:
                self._since_day(level, level.since)

    def _levels(self, step: str, day: Scalar, name: str, note: str, more: tuple[Output, ...]) -> Column:
        """A step with the level, on one day, of each row of a step."""
        build = self._build
        frame = Frame(build, step)
        whens: list[tuple[Scalar, Scalar]] = []
        otherwise: Scalar = Constant("none")
        for level in self.exposure.levels:
            if level.since is not None:
                met: Scalar = times.compare("<=", frame.read(self._since_day(level, level.since), optional=True), day)
            elif level.during is not None:
                met = self._on(frame, step, day, level, level.during, bool(more))
            elif level.condition is not None:
                met = frame.scalar(level.condition)
            else:
                otherwise = Constant(level.name)
                break
            whens.append((met, Constant(level.name)))
        build.at(self.exposure)
        value = Case(tuple(whens), otherwise) if whens else otherwise
        build.add(name, [note], (*frame.units(), *more, Output(self.column, value)), frame, element=self.name)
        return Column(name, self.column)

    def _on(
        self, frame: Frame, step: str, day: Scalar, level: core.Level, spells: core.SpellRows, days: bool
    ) -> Scalar:
        """Whether a spell of a level holds a day of a step: asked in a step of its own."""
        build = self._build
        name = build.take(f"{step}_{level.name}")
        own, where = self._spells(step, spells)
        holds = (times.compare("<=", own.row_day(), day), times.compare(">", own.row_end(), day))
        units = (*own.units(), *((Output(FIRST_DAY, day),) if days else ()))
        label = build.at(level)
        build.add(
            name,
            [f"{titled(level.name, label)}: on which of these days it is on"],
            units,
            own,
            joins=rows.join_rows(own, spells.table),
            where=(*holds, *where),
            group=tuple(one.value for one in units),
            element=level.name,
        )
        on = [Call("=", (Column(name, one.name), Column(step, one.name))) for one in units]
        frame.joins[name] = Join(name, tuple(on), optional=True)
        return Call("is not null", (Column(name, build.key),))

    def _spells(self, step: str, spells: core.SpellRows) -> tuple[Frame, tuple[Scalar, ...]]:
        """The rows of a level's spells that hold days, and what picks them."""
        build = self._build
        frame = Frame(build, step, row=(spells.table, build.table(spells.table)))
        holds = times.compare("<", frame.row_day(), frame.row_end())
        return frame, (holds, *rows.conditions(frame, spells.condition))

    def _since_day(self, level: core.Level, event: core.EventQuery) -> Column:
        """The day from which a level is on for each unit: that of its event."""
        if level.name not in self._since:
            build = self._build
            label = build.at(level)
            notes = [f"{titled(level.name, label)}: the day from which it is on"]
            frame = Frame(build, self._followed.step, row=(event.table, build.table(event.table)))
            low, high = frame.window(event.window)
            inside = times.inside(frame.matched(event.match), low, high, event.window)
            where = (*inside, *rows.conditions(frame, event.condition))
            name = build.take(f"{level.name}_{event.table}")
            self._since[level.name] = self._dated(level, event, frame, where, name, notes)
        return self._since[level.name]

    def _dated(
        self,
        level: core.Level,
        event: core.EventQuery,
        frame: Frame,
        where: tuple[Scalar, ...],
        name: str,
        notes: list[str],
    ) -> Column:
        build = self._build
        joins = rows.join_rows(frame, event.table)
        if rows.one_day_decides(event):
            matched = Aggregate("min" if event.first else "max", frame.matched(event.match))
            columns = (*frame.units(), Output(SINCE, times.moved(matched, rows.beyond(event))))
            build.add(name, notes, columns, frame, joins=joins, where=where, group=frame.unit, element=level.name)
            return Column(name, SINCE)
        each = build.take(f"{name}_rows")
        build.add(each, notes, rows.dated_rows(frame, event), frame, joins=joins, where=where, element=level.name)
        columns = (*rows.of(build.unit, each), Output(SINCE, rows.dated_on_the_day(each, event)))
        group = tuple(Column(each, one) for one in build.unit)
        build.add(name, notes, columns, each, group=group, element=level.name)
        return Column(name, SINCE)

    # --- stretches of an outcome ---

    def pieces(self, outcome: core.Outcome, observed: Observed) -> str:
        """The step with the time under observation for an outcome, cut where the level changes.

        `entered`: the day number after which a piece begins; `last`: its last one, where the level changes then; `day`
        and `end` as observed.  Pieces without a day at risk are left out; who has no day at risk has a piece of none.
        `begins`: where day 0 is a day at risk that a piece may hold alone, the day on which a piece begins.
        """
        if outcome.name in self._pieces:
            return self._pieces[outcome.name]
        build, course = self._build, observed.step
        stretches = self.stretches()
        label = build.at(outcome)
        frame = Frame(build, course)
        from_day, to_day = frame.read(Column(stretches, FROM)), Column(stretches, TO)
        start = observed.origin or frame.read(Column(self._followed.step, ENTRY))
        entered = observed.entered or Constant(0)
        after: Scalar = Call("days between", (start, from_day))
        last: Scalar = Call("days between", (start, to_day))
        if self.exposure.switch_day == "after":
            after, last = Call("-", (after, Constant(1))), Call("-", (last, Constant(1)))
        if self.exposure.switch_day == "after" or observed.origin is not None:
            after = Call("greatest", (after, entered))
        day = Column(course, DAY)
        holds = Call("and", (times.compare("<", after, day), _unless(last, times.compare("<", after, last))))
        first = Call("days between", (start, from_day))
        later = times.compare(">", Call("days between", (start, to_day)), entered)
        on_first = (times.compare("<=", first, entered), _unless(to_day, later))
        none = Call("and", (times.compare("=", day, entered), *on_first))
        whole = [holds, none]
        zero: tuple[Output, ...] = ()
        if self.counts_zero(outcome):
            alone = (times.compare("=", last, Constant(0)), times.compare("=", after, Constant(0)))
            whole.append(Call("and", (*on_first, *alone)))
            zero = (Output(BEGINS, first, "The number of the day on which it begins"),)
        name = build.take(f"{outcome.name}_{self.name}")
        columns = (
            *frame.units(),
            Output(self.column, Column(stretches, self.column)),
            Output(ENTERED, after, "Days at risk come after this one"),
            Output(LAST, last, "The last day in this level, where another follows"),
            *zero,
            Output(DAY, day),
            Output(END, Column(course, END)),
        )
        note = f"{titled(outcome.name, label)}: time at risk, cut where {self.name} changes"
        where = (*observed.where, Call("or", tuple(whole)))
        build.add(name, [note], columns, frame, where=where, element=outcome.name)
        self._pieces[outcome.name] = name
        return name

    def counts_zero(self, outcome: core.Outcome) -> bool:
        """Whether day 0 is a day at risk that a piece may hold alone, because the level changes on day 1."""
        return outcome.time_zero == "keep" and self.exposure.switch_day == "after"


def _unless(unknown: Scalar, condition: Scalar) -> Scalar:
    return Call("or", (Call("is null", (unknown,)), condition))
