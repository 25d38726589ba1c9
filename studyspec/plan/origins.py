"""Which columns a number is made from, filters included: what permits and thresholds are read off."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef
from studyspec.semantics.walk import children, times_in, walk


class Origins:
    """Columns behind the parts of one study."""

    def __init__(self, study: core.Study) -> None:
        self._study = study
        self._roles = {r.name: r for r in study.roles}
        self._cohorts = {one.name: one for one in study.cohorts}
        self._definitions: dict[str, set[ColumnRef]] = {}
        self._spells: dict[str, set[ColumnRef]] = {}
        for spells in study.spells:  # each after those that it reads
            self._spells[spells.name] = self._held(spells.value)
        for definition in study.definitions:  # likewise
            self._definition(definition.name)

    def candidates(self, cohort: core.Cohort) -> set[ColumnRef]:
        """Behind who is a candidate of a cohort, and the index."""
        index = cohort.index
        match index:
            case core.IndexEvent():
                every = {} if index.washout is None else self._days(index.event.table, "overlapping")
                return self._event(index.event) | set(every)
            case core.IndexDay():
                return self._times(index.day)
            case core.IndexPeriods():
                return self._window(index.window)
            case core.IndexUnits():
                return set().union(*(self.cohort(self._cohorts[name]) for name in index.cohorts))
            case core.IndexAssigned():
                return self.cohort(self._cohorts[index.cohort]).union(*(self.expr(one) for one in index.values))
            case core.IndexNone():
                return {ColumnRef(cohort.table, cohort.key)}

    def cohort(self, cohort: core.Cohort) -> set[ColumnRef]:
        return self.candidates(cohort).union(*(self.expr(one.condition) for one in cohort.criteria))

    def breakdown(self, name: str) -> set[ColumnRef]:
        """Behind an exposure or a variable that reports are broken down by."""
        for variable in self._study.strata:
            if variable.name == name:
                return self.expr(variable.value)
        found = next(one for one in self._study.exposures if one.name == name)
        return set().union(*(self._level(one) for one in found.levels))

    def _level(self, level: core.Level) -> set[ColumnRef]:
        found = self.expr(level.condition)
        if level.since is not None:
            found |= self._event(level.since)
        if level.during is not None:
            found |= self._rows(level.during.table, "overlapping", level.during.condition)
        return found

    def state(self, state: core.State) -> set[ColumnRef]:
        return self.follow_up().union(*(self._level(one) for one in state.levels))

    def follow_up(self) -> set[ColumnRef]:
        follow_up = self._study.follow_up
        if isinstance(follow_up, core.RecordedFollowUp):
            return {follow_up.end} if follow_up.start is None else {follow_up.start, follow_up.end}
        found: set[ColumnRef] = set()
        for time in () if follow_up is None else times_in(follow_up.start, *follow_up.ends, follow_up.entry):
            if time.role is not None:
                found |= self._role(time.role)
            if time.value is not None and not isinstance(time.value, core.LatestOf):
                found |= self.expr(time.value)
        if follow_up is not None and follow_up.within is not None:
            found |= self._rows(follow_up.within.table, "overlapping", follow_up.within.condition)
        return found

    def outcome(self, outcome: core.Outcome) -> set[ColumnRef]:
        """Of its rows, its follow-up, and what competes with it."""
        found = self._events(outcome) | self.follow_up() | self._accounts()
        for rival in outcome.competing:
            if rival.kind == "role":
                found |= self._role(rival.name)
            else:
                found |= self._events(next(o for o in self._study.outcomes if o.name == rival.name))
        return found

    def _accounts(self) -> set[ColumnRef]:
        """Of whether every recorded end is accounted for, where it has to be: by any outcome, or by being censored."""
        follow_up = self._study.follow_up
        if not isinstance(follow_up, core.RecordedFollowUp) or follow_up.censored is None:
            return set()
        return self.expr(follow_up.censored).union(*(self.expr(one.recorded) for one in self._study.outcomes))

    def expr(self, expr: core.Expr | None) -> set[ColumnRef]:
        """Of an expression, definitions followed."""
        match expr:
            case None | core.Literal_():
                return set()
            case core.Attribute() | core.RowColumn():
                return self._columns(expr.column)
            case core.LinkedColumn():
                return {expr.link, expr.column, ColumnRef(expr.column.table, expr.key)}
            case core.RowDuration():
                return self._days(expr.table, "overlapping")
            case core.YearsSince():
                return {expr.column} | self._times(expr.time)
            case core.Ref():
                return self._definition(expr.name)
            case core.MemberOf():
                return self.cohort(self._cohorts[expr.cohort])
            case core.TimeValue():
                return self._times(expr.time)
            case core.Elapsed():
                return self._times(expr.start, expr.end)
            case core.LatestOf():
                return self._times(*expr.times)
            case core.RowQuery():
                return self._window(expr.window) | self._rows(expr.table, expr.match, expr.condition)
            case core.RowValue():
                found = self._window(expr.window) | self._rows(expr.table, expr.match, expr.condition)
                return found | self._columns(expr.column)
            case _:
                return set().union(*(self.expr(part) for part in children(expr)))

    def _definition(self, name: str) -> set[ColumnRef]:
        if name not in self._definitions:
            self._definitions[name] = self.expr(next(one.value for one in self._study.definitions if one.name == name))
        return set(self._definitions[name])

    def _columns(self, column: ColumnRef) -> set[ColumnRef]:
        """A column, or what named spells are made from."""
        return set(self._spells.get(column.table, {column}))

    def _held(self, spells: core.SpellExpr) -> set[ColumnRef]:
        """Behind the days that spells hold."""
        match spells:
            case core.SpellRows():
                return self._rows(spells.table, "overlapping", spells.condition)
            case core.Merged():
                return self._held(spells.operand)
            case core.SpellLogic():
                return set().union(*(self._held(one) for one in spells.operands))

    def _events(self, outcome: core.Outcome) -> set[ColumnRef]:
        if outcome.recorded is not None:
            return self.expr(outcome.recorded)
        return self._role(outcome.role or "") if outcome.event is None else self._event(outcome.event)

    def _event(self, event: core.EventQuery) -> set[ColumnRef]:
        found = self._window(event.window) | self._rows(event.table, event.match, event.condition)
        for time in times_in(event.dated):
            if time.base in ("row", "row.end"):
                found |= self._days(event.table, "ending" if time.base == "row.end" else "starting")
        return found | self._times(event.dated)

    def _role(self, name: str) -> set[ColumnRef]:
        role = self._roles[name]
        return self._rows(role.table, role.match, role.condition)

    def _rows(self, table: str, match: str, condition: core.Expr | None) -> set[ColumnRef]:
        """Of rows that are found by their days and a condition, which may look at the row's other day."""
        found = self._days(table, match) | self.expr(condition)
        for part in () if condition is None else walk(condition):
            for time in times_of(part):
                if time.base in ("row", "row.end"):
                    found |= self._days(table, "ending" if time.base == "row.end" else "starting")
        return found

    def _window(self, window: core.Window) -> set[ColumnRef]:
        return self._times(*(time for time in (window.low, window.high) if time is not None))

    def _times(self, *times: core.Time) -> set[ColumnRef]:
        found: set[ColumnRef] = set()
        for time in times:
            if time.base == "role" and time.role is not None:
                found |= self._role(time.role)
            elif time.base in ("entry", "exit"):
                found |= self.follow_up()
            found |= self.expr(time.value)
        return found

    def _days(self, table: str, match: str) -> set[ColumnRef]:
        if table in self._spells:
            return set(self._spells[table])
        described = self._study.model.tables[table]
        if described.date is not None:
            names: Iterable[str | None] = (described.date,)
        elif match == "starting":
            names = (described.start,)
        elif match == "ending":
            names = (described.end,)
        else:
            names = (described.start, described.end)
        return {ColumnRef(table, name) for name in names if name is not None}


def times_of(expr: core.Expr) -> tuple[core.Time, ...]:
    """The times that an expression itself speaks of."""
    match expr:
        case core.YearsSince() | core.TimeValue():
            return (expr.time,)
        case core.Elapsed():
            return (expr.start, expr.end)
        case core.LatestOf():
            return expr.times
        case core.RowQuery() | core.RowValue():
            return tuple(time for time in (expr.window.low, expr.window.high) if time is not None)
        case _:
            return ()
