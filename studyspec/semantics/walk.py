"""Walking through typed expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studyspec.semantics import core, horizon
from studyspec.semantics.core import Expr

#: What asks about the rows of a table.
Rows = core.RowQuery | core.RowValue


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions an expression is directly made of; a reference has none."""
    match expr:
        case core.BandOf() | core.GroupOf() | core.InSet() | core.Not() | core.Known():
            return (expr.operand,)
        case core.Compare() | core.Arithmetic():
            return (expr.left, expr.right)
        case core.Between():
            return (expr.operand, expr.low, expr.high)
        case core.Logic() | core.AtLeast():
            return expr.operands
        case core.CaseOf():
            return tuple(condition for _, condition in expr.cases if condition is not None)
        case core.RowQuery() | core.RowValue():
            condition = () if expr.condition is None else (expr.condition,)
            return (*_inside(expr.window.low, expr.window.high), *condition)
        case core.TimeValue() | core.YearsSince():
            return _inside(expr.time)
        case core.Elapsed():
            return _inside(expr.start, expr.end)
        case core.LatestOf():
            return _inside(*expr.times)
        case _:
            return ()


def times_in(*times: core.Time | None) -> Iterator[core.Time]:
    """Times, and those that they are the latest of."""
    todo = [time for time in reversed(times) if time is not None]
    while todo:
        time = todo.pop()
        yield time
        if isinstance(time.value, core.LatestOf):
            todo.extend(reversed(time.value.times))


def _inside(*times: core.Time | None) -> tuple[Expr, ...]:
    """The expressions that times are taken from."""
    return tuple(time.value for time in times if time is not None and time.value is not None)


def walk(expr: Expr, definitions: Mapping[str, Expr] | None = None) -> Iterator[Expr]:
    """An expression and all it is made of; with definitions, through references too (each once)."""
    seen: set[str] = set()
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, core.Ref):
            if definitions is not None and node.name not in seen and node.name in definitions:
                seen.add(node.name)
                todo.append(definitions[node.name])
        else:
            todo.extend(reversed(children(node)))


def queries(expr: Expr, definitions: Mapping[str, Expr] | None = None) -> Iterator[tuple[Rows, core.Hull]]:
    """Every query of rows in an expression, with the days it reads: of one inside another, for any row of that one."""
    seen: set[str] = set()
    todo: list[tuple[Expr, tuple[core.Hull, str] | None]] = [(expr, None)]
    while todo:
        node, around = todo.pop()
        if isinstance(node, core.Ref):
            if definitions is not None and node.name not in seen and node.name in definitions:
                seen.add(node.name)
                todo.append((definitions[node.name], around))
            continue
        if isinstance(node, Rows):
            days = horizon.hull(node.window)
            days = days if around is None else horizon.reach(days, *around)
            yield node, days
            around = days, node.match
        todo.extend((child, around) for child in reversed(children(node)))


def resolved(expr: Expr, definitions: Mapping[str, Expr]) -> Expr:
    """What a reference stands for; any other expression as it is."""
    while isinstance(expr, core.Ref):
        expr = definitions[expr.name]
    return expr


def expressions(study: core.Study) -> Iterator[Expr]:
    """Every expression a study is made of: definitions, conditions of spells, criteria, levels, baseline variables, the
    dates of the data that an index is, or that follow-up begins or ends by, and how a recorded follow-up ended.
    """
    yield from (d.value for d in study.definitions)
    for spells in study.spells:
        yield from (rows.condition for rows in spell_rows(spells.value) if rows.condition is not None)
    for cohort in study.cohorts:
        yield from (c.condition for c in cohort.criteria)
        yield from cohort.index.values if isinstance(cohort.index, core.IndexAssigned) else ()
        yield from _inside(cohort.index.day) if isinstance(cohort.index, core.IndexDay) else ()
    if isinstance(study.follow_up, core.FollowUp):
        yield from _inside(study.follow_up.start, *study.follow_up.ends, study.follow_up.entry)
        within = study.follow_up.within
        yield from () if within is None or within.condition is None else (within.condition,)
    elif study.follow_up is not None and study.follow_up.censored is not None:
        yield study.follow_up.censored
    yield from (outcome.recorded for outcome in study.outcomes if outcome.recorded is not None)
    levels = [level for one in study.exposures for level in one.levels]
    levels += [level for one in study.states for level in one.levels]
    yield from (level.condition for level in levels if level.condition is not None)
    yield from (v.value for v in study.strata)
    for report in study.reports:
        if isinstance(report, core.BaselineReport | core.TrendReport | core.DistributionReport):
            yield from (v.value for v in report.of)
        if isinstance(report, core.BaselineReport):
            yield from (q.value for q in report.numbers)


def spell_rows(value: core.SpellExpr) -> Iterator[core.SpellRows]:
    """The rows that spells are made from, others of the study's own named spells among them."""
    todo = [value]
    while todo:
        part = todo.pop()
        if isinstance(part, core.SpellRows):
            yield part
        elif isinstance(part, core.Merged):
            todo.append(part.operand)
        else:
            todo.extend(reversed(part.operands))
