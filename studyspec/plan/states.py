"""The steps of states: which of them each unit is in so long after the start of follow-up."""

from __future__ import annotations

from studyspec.catalogue.types import ValueType
from studyspec.plan import times
from studyspec.plan.breakdowns import first_level
from studyspec.plan.build import Builder
from studyspec.plan.frame import ENTRY, THAT_DAY, Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Case, Column, Constant, Output
from studyspec.plan.words import NOT_FOLLOWED, titled
from studyspec.semantics import core

#: Columns of a cube besides its dimensions.
TAKEN = ("margin_of", "entities", "records", "clusters")
_FACTS = core.Facts(ValueType("date"), True, core.Grain("unit"))


class States:
    """The states of the units of one cohort, made when first asked for."""

    def __init__(self, build: Builder, follow_up: str) -> None:
        self._build = build
        self._follow_up = follow_up
        self._days: dict[core.RiskTime, str] = {}
        self._made: dict[tuple[str, core.RiskTime], Column] = {}

    def at(self, state: core.State, time: core.RiskTime) -> Column:
        """The step that says in which state each unit is then, or that it is not followed any more; its column."""
        if (state.name, time) not in self._made:
            self._made[state.name, time] = self._add(state, time)
        return self._made[state.name, time]

    def _add_days(self, time: core.RiskTime) -> str:
        """The step with the day that is asked of, and whether a unit is followed then."""
        build, follow_up = self._build, self._follow_up
        frame = Frame(build, follow_up, entry=Column(follow_up, ENTRY))
        entry = Column(follow_up, ENTRY)
        day = times.moved(entry, (core.Step(time.amount, time.unit),))
        last = frame.time(core.Time(base="exit", facts=_FACTS))
        name = build.take(f"{build.cohort.name}_after_{_after(time)}")
        columns = (
            *frame.carried(),
            Output(ENTRY, entry),
            Output(THAT_DAY, day, f"{_after(time).replace('_', ' ')} after the start of follow-up"),
            Output("followed", times.compare("<=", day, last), "Whether follow-up is not over before that day"),
        )
        build.add(name, [f"The day that states are asked of, {_after(time).replace('_', ' ')} on"], columns, frame)
        return name

    def _add(self, state: core.State, time: core.RiskTime) -> Column:
        build = self._build.for_another_day()
        label = build.at(state)
        build.section = f"States {titled(state.name, label)}"
        if time not in self._days:
            self._days[time] = self._add_days(time)
        days = self._days[time]
        conditions = [one.condition for one in state.levels if one.condition is not None]
        note = "What the study defines and the states read, on that day"
        build.prepare(conditions, days, f"{state.name}_definitions", note)
        frame = Frame(build, days)
        notes = [f"{titled(state.name, label)}, {_after(time).replace('_', ' ')} on: the first of these that applies"]
        value = first_level(build, frame, state.levels, notes)
        build.at(state)
        followed = Column(days, "followed")
        found = Case(((followed, value),), Constant(NOT_FOLLOWED.key))
        name = build.take(f"{state.name}_after_{_after(time)}")
        column = Names([*build.unit, *TAKEN]).take(state.name, f"{state.name}_state")
        levels = tuple(one.name for one in state.levels)
        build.add(name, notes, (*frame.units(), Output(column, found)), frame, element=state.name, also=levels)
        return Column(name, column)


def _after(time: core.RiskTime) -> str:
    return f"{time.amount}_{time.unit}{'' if time.amount == 1 else 's'}"
