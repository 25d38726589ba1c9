"""Which names each element of a study uses, and so what uses a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studyspec.semantics import core
from studyspec.semantics.core import Expr
from studyspec.semantics.walk import walk


@dataclass(frozen=True, slots=True)
class Use:
    """kind, name: of the element that uses them."""

    kind: str
    name: str
    names: frozenset[str]


def uses(study: core.Study) -> Iterator[Use]:
    """Every element and the names it says itself; what it uses through definitions is theirs to say."""
    parameters = {p.name for p in study.parameters}

    def of(*parts: Expr | None) -> frozenset[str]:
        return frozenset(n for part in parts if part is not None for n in _said(part, parameters, study))

    cohort = study.cohort
    for definition in study.definitions:
        yield Use("definition", definition.name, of(definition.value))
    event = index_event(study)
    if event is not None:
        yield Use("index", "index", of(event.condition) | {event.table})
    for criterion in cohort.criteria:
        yield Use(criterion.kind, criterion.name, of(criterion.condition))
    yield Use("cohort", cohort.name, frozenset({"index", *(c.name for c in cohort.criteria)}))
    if study.exposure is not None:
        for level in study.exposure.levels:
            yield Use("level", level.name, of(level.condition))
        yield Use("exposure", study.exposure.name, frozenset(x.name for x in study.exposure.levels))
    if study.follow_up is not None:
        yield Use("follow-up", "follow-up", _follow_up(study.follow_up))
    for outcome in study.outcomes:
        condition = None if outcome.event is None else outcome.event.condition
        yield Use("outcome", outcome.name, _outcome(outcome, study) | of(condition))
    for role in study.roles:
        yield Use("role", role.name, of(role.condition) | {role.table})
    for report in study.reports:
        yield Use("report", report.name, _report(report, study) | of(*_variables(report)))


def _said(expr: Expr, parameters: set[str], study: core.Study) -> Iterator[str]:
    for node in walk(expr):
        match node:
            case core.Ref():
                yield node.name
            case core.Attribute() | core.RowColumn():
                yield from (node.column.column, str(node.column))
            case core.YearsSince():
                yield from (node.column.column, str(node.column))
                derived = study.model.entities[study.cohort.entity].derived.values()
                yield from (d.name for d in derived if d.column == node.column.column)
            case core.Literal_() if node.span is not None and node.span.text in parameters:
                yield node.span.text  # a constant stands where its name was written
            case core.RowQuery() | core.RowValue():
                yield node.table
                if isinstance(node, core.RowValue):
                    yield str(node.column)
            case _:
                pass


def index_event(study: core.Study) -> core.EventQuery | None:
    """The rows that the index is taken from; None where it is taken from none."""
    index = study.cohort.index
    if isinstance(index, core.EventQuery):
        return index
    return index.event if isinstance(index, core.IndexEvent) else None


def _follow_up(one: core.FollowUp | core.RecordedFollowUp) -> frozenset[str]:
    if isinstance(one, core.FollowUp):
        return frozenset(t.role for t in (one.start, *one.ends) if t.role is not None)
    columns = [str(c) for c in (one.start, one.end) if c is not None]
    return frozenset({one.table, *columns})


def _outcome(outcome: core.Outcome, study: core.Study) -> frozenset[str]:
    found = {c.name for c in outcome.competing}
    found |= {outcome.event.table} if outcome.event is not None else set()
    found |= {outcome.role} if outcome.role is not None else set()
    return frozenset(found | ({"follow-up"} if study.follow_up is not None else set()))


def _variables(report: core.Report) -> tuple[Expr, ...]:
    return tuple(v.value for v in report.of) if isinstance(report, core.BaselineReport) else ()


def _report(report: core.Report, study: core.Study) -> frozenset[str]:
    by = set() if isinstance(report, core.AttritionReport) or report.by is None else {report.by}
    of = set() if isinstance(report, core.AttritionReport | core.BaselineReport) else set(report.of)
    return frozenset({study.cohort.name, *by, *of})
