"""What results are made from: special categories, outcomes of rows that decide the exposure, prevalent cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from studyspec.semantics import core, horizon
from studyspec.semantics import lineagefaults as faults
from studyspec.semantics.certainty import Reasoner
from studyspec.semantics.core import ColumnRef, Expr
from studyspec.semantics.design import Finding
from studyspec.semantics.horizon import Order
from studyspec.semantics.selections import FOLLOW_UP, Selection, of_expression, quantities, selections, variables
from studyspec.semantics.walk import spell_rows, walk

_VALUES = (core.Attribute, core.RowColumn, core.YearsSince, core.RowValue, core.LinkedColumn)


def findings(study: core.Study, order: Order) -> Iterator[Finding]:
    """Of breakdowns, and of outcomes against exposures and criteria."""
    yield from _special(study)
    yield from _outcome_of_exposure(study, order)
    yield from _prevalent_cases(study)


def shown(study: core.Study) -> Iterator[tuple[tuple[str, ...], str, Expr]]:
    """What results are broken down by: (elements, name, expression) of variables, strata, levels in use and states."""
    yield from (((name,), name, expr) for name, expr in variables(study))
    used = {report.by for report in study.reports if not isinstance(report, core.AttritionReport)}
    used |= {name for report in study.reports if isinstance(report, core.StateReport) for name in report.of}
    owners: tuple[core.Exposure | core.State, ...] = (*study.exposures, *study.states)
    for owner in (one for one in owners if one.name in used):
        for level in owner.levels:
            since = None if level.since is None else level.since.condition
            during = None if level.during is None else level.during.condition
            for condition in (level.condition, since, during):
                if condition is not None:
                    yield (level.name, owner.name), level.name, condition


def columns_shown(
    study: core.Study, shown: Iterable[tuple[tuple[str, ...], str, Expr]]
) -> Iterator[tuple[tuple[str, ...], str, ColumnRef, Expr]]:
    """The columns whose values are shown; keys and days of rows are no values."""
    values = {d.name: d.value for d in study.definitions}
    for elements, name, expr in shown:
        for node in walk(expr, values):
            if isinstance(node, _VALUES):
                yield elements, name, node.column, node


def _special(study: core.Study) -> Iterator[Finding]:
    seen: set[tuple[str, ColumnRef]] = set()
    described = (((name,), name, value) for name, value in quantities(study))
    for elements, name, column, node in columns_shown(study, (*shown(study), *described)):
        special = study.model.tables[column.table].columns[column.column].sensitivity == "special category"
        if special and (name, column) not in seen and node.span is not None:
            seen.add((name, column))
            yield Finding(faults.special_category(node.span, name, str(column)), elements)


def _outcome_of_exposure(study: core.Study, order: Order) -> Iterator[Finding]:
    """A row that can decide a level and be the outcome too: those without the level cannot have it."""
    owners = {level.name: e.name for e in study.exposures for level in e.levels}
    levels = [s for s in selections(study) if s.elements[0] in owners and s.quantifier not in ("no", "count")]
    risks = [report for report in study.reports if isinstance(report, core.RiskReport | core.EventsReport)]
    compared = {(name, report.by) for report in risks for name in report.of}
    reasoner = Reasoner(study.model, {d.name: d.value for d in study.definitions})
    for outcome in study.outcomes:
        event = outcome.event
        if event is None or outcome.span is None:
            continue
        for level in levels:
            if (outcome.name, owners[level.elements[0]]) not in compared or level.table != event.table:
                continue
            if level.span is None or not _days_meet(level, event.match, order):
                continue
            both = [c for c in (level.condition, event.condition) if c is not None]
            worlds = reasoner.worlds(both[0], True, [{}]) if both else [{}]
            if not both or (worlds and (len(both) == 1 or reasoner.worlds(both[1], True, worlds))):
                fault = faults.outcome_of_exposure(outcome.span, outcome.name, level.elements[0], level.span)
                yield Finding(fault, (outcome.name, *level.elements))
                break


def _days_meet(level: Selection, match: str, order: Order) -> bool:
    """Whether one row can lie in both: a spell can begin in the level's days and end in follow-up."""
    if match == "ending" and level.match != "ending":
        return True
    return horizon.not_after(level.days.high, horizon.moved(FOLLOW_UP.low, 1), order) != "yes"


def _prevalent_cases(study: core.Study) -> Iterator[Finding]:
    """Outcomes whose rows nothing asks about before the index, of the study's one cohort."""
    cohort, values = study.cohort, {d.name: d.value for d in study.definitions}
    conditions = [c.condition for c in cohort.criteria]
    if isinstance(cohort.index, core.IndexUnits) or any(
        isinstance(node, core.MemberOf) for condition in conditions for node in walk(condition, values)
    ):
        return  # Another cohort may have asked.
    asked = {s.table for condition in conditions for s in of_expression(condition, (), values)}
    if isinstance(cohort.index, core.IndexEvent):
        asked.add(cohort.index.event.table)
    made = {one.name: {rows.table for rows in spell_rows(one.value)} for one in study.spells}
    known = _made_of(asked, made)
    reported = {name for report in study.reports if isinstance(report, core.RiskReport) for name in report.of}
    for outcome in study.outcomes:
        event = outcome.event
        if event is None or outcome.name not in reported or known & _made_of({event.table}, made):
            continue
        if outcome.span is not None:
            lasting = study.model.tables[event.table].shape == "spells"
            yield Finding(faults.prevalent_cases(outcome.span, outcome.name, event.table, lasting), (outcome.name,))


def _made_of(tables: set[str], made: Mapping[str, set[str]]) -> set[str]:
    """Tables with those that named spells among them are made of."""
    found, todo = set(tables), list(tables)
    while todo:
        new = made.get(todo.pop(), set()) - found
        found |= new
        todo.extend(new)
    return found
