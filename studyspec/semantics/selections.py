"""Every selection of rows that a study makes: which table, which days, under which condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from studyspec.semantics import core, horizon
from studyspec.semantics.core import Bound, ColumnRef, Expr, Hull
from studyspec.semantics.walk import Rows, children, times_in
from studyspec.source import Span

#: What follow-up takes, its last day included.
FOLLOW_UP = Hull(Bound("entry"), Bound("exit", 0, 1))


@dataclass(frozen=True, slots=True)
class Selection:
    """elements: whose `allow` counts.  days: what is read, [low, high).  column: whose value is taken, if any.

    quantifier: `any`, `no`, `count`, `days`, a pick of row values, `exactly one`, or `first` for an index or an outcome
    """

    elements: tuple[str, ...]
    quantifier: str
    table: str
    match: str
    days: Hull
    condition: Expr | None
    column: ColumnRef | None
    span: Span | None


def selections(study: core.Study) -> Iterator[Selection]:
    """Of cohorts, exposures, follow-up, states, outcomes and reports.  The same selection may come more than once."""
    values = {d.name: d.value for d in study.definitions}
    for cohort in study.cohorts:
        if isinstance(cohort.index, core.IndexEvent):
            event = cohort.index.event
            taken = _event(event, horizon.hull(event.window), cohort.of_index)
            yield replace(taken, quantifier="exactly one") if len(cohort.of_index) > 1 else taken
        for names, expr in _cohort_expressions(cohort):
            yield from of_expression(expr, names, values)
    owners: tuple[core.Exposure | core.State, ...] = (*study.exposures, *study.states)
    for owner in owners:
        for level in owner.levels:
            names = (level.name, owner.name)
            if level.condition is not None:
                yield from of_expression(level.condition, names, values)
            if level.since is not None:
                yield _event(level.since, horizon.hull(level.since.window), names)
            if level.during is not None:
                condition = level.during.condition
                yield Selection(names, "any", level.during.table, "overlapping", FOLLOW_UP, condition, None, level.span)
    if isinstance(study.follow_up, core.FollowUp):
        names = ("follow-up",)
        for time in times_in(study.follow_up.start, *study.follow_up.ends, study.follow_up.entry):
            if time.value is not None:
                yield from of_expression(time.value, names, values)
        within = study.follow_up.within
        if within is not None:
            yield Selection(names, "any", within.table, "overlapping", FOLLOW_UP, within.condition, None, within.span)
    for outcome in study.outcomes:
        if outcome.event is not None:
            yield _event(outcome.event, FOLLOW_UP, (outcome.name,))
    for name, value in (*variables(study), *quantities(study)):
        yield from of_expression(value, (name,), values)


def variables(study: core.Study) -> Iterator[tuple[str, Expr]]:
    """What reports show people by, exposures apart: variables of baselines and trends, and strata, by name."""
    yield from ((v.name, v.value) for v in study.strata)
    for report in study.reports:
        if isinstance(report, core.BaselineReport | core.TrendReport):
            yield from ((v.name, v.value) for v in report.of)


def quantities(study: core.Study) -> Iterator[tuple[str, Expr]]:
    """The numbers that reports describe, by name."""
    for report in study.reports:
        if isinstance(report, core.BaselineReport):
            yield from ((q.name, q.value) for q in report.numbers)
        elif isinstance(report, core.DistributionReport):
            yield from ((q.name, q.value) for q in report.of)


def _cohort_expressions(cohort: core.Cohort) -> Iterator[tuple[tuple[str, ...], Expr]]:
    yield from (((c.name,), c.condition) for c in cohort.written)
    if isinstance(cohort.index, core.IndexAssigned):
        yield from (((cohort.name,), expr) for expr in cohort.index.values)


def _event(event: core.EventQuery, days: Hull, names: tuple[str, ...]) -> Selection:
    span = event.dated.span if event.condition is None else event.condition.span or event.dated.span
    return Selection(names, "first", event.table, event.match, days, event.condition, None, span)


def of_expression(expr: Expr, names: tuple[str, ...], values: Mapping[str, Expr]) -> Iterator[Selection]:
    """The selections inside an expression, through definitions; those inside another one as far as that reaches."""
    seen: set[str] = set()
    todo: list[tuple[Expr, tuple[str, ...], tuple[Hull, str] | None]] = [(expr, names, None)]
    while todo:
        node, through, around = todo.pop()
        if isinstance(node, core.Ref):
            if node.name not in seen and node.name in values:
                seen.add(node.name)
                todo.append((values[node.name], (*through, node.name), around))
            continue
        if isinstance(node, Rows):
            days = horizon.hull(node.window)
            if around is not None:
                days = horizon.reach(days, *around)
            asked: str = node.quantifier if isinstance(node, core.RowQuery) else node.pick
            how = "exactly one" if asked == "only" else asked
            column = node.column if isinstance(node, core.RowValue) else None
            yield Selection(through, how, node.table, node.match, days, node.condition, column, node.span)
            around = (days, node.match)
        todo.extend((child, through, around) for child in reversed(children(node)))
