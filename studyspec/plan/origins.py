"""Which columns a number is made from, filters included: what permits and thresholds are read off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef


class Origins:
    """Columns behind the parts of one study."""

    def __init__(self, study: core.Study) -> None:
        self._study = study
        self._roles = {r.name: r for r in study.roles}
        self._definitions: dict[str, set[ColumnRef]] = {}
        for definition in study.definitions:  # each after those that it reads
            self._definitions[definition.name] = self.expr(definition.value)

    def candidates(self) -> set[ColumnRef]:
        return self._event(self._study.cohort.event)

    def cohort(self) -> set[ColumnRef]:
        return self.candidates().union(*(self.expr(c.condition) for c in self._study.cohort.criteria))

    def exposure(self) -> set[ColumnRef]:
        levels = self._study.exposure.levels if self._study.exposure else ()
        return set().union(*(self.expr(one.condition) for one in levels))

    def follow_up(self) -> set[ColumnRef]:
        follow_up = self._study.follow_up
        if not isinstance(follow_up, core.FollowUp):
            return set()
        roles = {time.role for time in (follow_up.start, *follow_up.ends) if time.base == "role"}
        return set().union(*(self._role(name) for name in roles if name is not None))

    def outcome(self, outcome: core.Outcome) -> set[ColumnRef]:
        """Of its rows, its follow-up, and what competes with it."""
        found = self._events(outcome) | self.follow_up()
        for rival in outcome.competing:
            if rival.kind == "role":
                found |= self._role(rival.name)
            else:
                found |= self._events(next(o for o in self._study.outcomes if o.name == rival.name))
        return found

    def expr(self, expr: core.Expr | None) -> set[ColumnRef]:
        """Of an expression, definitions followed."""
        match expr:
            case None | core.Literal_():
                return set()
            case core.Attribute() | core.RowColumn():
                return {expr.column}
            case core.RowDuration():
                return self._days(expr.table, "overlapping")
            case core.YearsSince():
                return {expr.column} | self._times(expr.time)
            case core.Ref():
                return set(self._definitions[expr.name])
            case core.TimeValue():
                return self._times(expr.time)
            case core.RowQuery():
                return self._window(expr.window) | self._rows(expr.table, expr.match, expr.condition)
            case core.RowValue():
                found = self._window(expr.window) | self._rows(expr.table, expr.match, expr.condition)
                return found | {expr.column}
            case _:
                return set().union(*(self.expr(part) for part in parts(expr)))

    def _events(self, outcome: core.Outcome) -> set[ColumnRef]:
        return self._role(outcome.role or "") if outcome.event is None else self._event(outcome.event)

    def _event(self, event: core.EventQuery) -> set[ColumnRef]:
        found = self._window(event.window) | self._rows(event.table, event.match, event.condition)
        if event.dated.base == "row.end":
            found |= self._days(event.table, "ending")
        return found

    def _role(self, name: str) -> set[ColumnRef]:
        role = self._roles[name]
        return self._rows(role.table, role.match, role.condition)

    def _rows(self, table: str, match: str, condition: core.Expr | None) -> set[ColumnRef]:
        """Of rows that are found by their days and a condition, which may look at the row's other day."""
        found = self._days(table, match) | self.expr(condition)
        for part in () if condition is None else walk(condition):
            if isinstance(part, core.YearsSince | core.TimeValue) and part.time.base in ("row", "row.end"):
                found |= self._days(table, "ending" if part.time.base == "row.end" else "starting")
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
        return found

    def _days(self, table: str, match: str) -> set[ColumnRef]:
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


def parts(expr: core.Expr) -> tuple[core.Expr, ...]:
    """The expressions directly inside one."""
    match expr:
        case core.Compare() | core.Arithmetic():
            return (expr.left, expr.right)
        case core.Between():
            return (expr.operand, expr.low, expr.high)
        case core.Not() | core.BandOf() | core.InSet() | core.GroupOf() | core.Known():
            return (expr.operand,)
        case core.Logic() | core.AtLeast():
            return expr.operands
        case core.RowQuery() | core.RowValue():
            return () if expr.condition is None else (expr.condition,)
        case _:
            return ()


def walk(expr: core.Expr) -> Iterator[core.Expr]:
    """An expression and all inside it, definitions not followed."""
    yield expr
    for part in parts(expr):
        yield from walk(part)
