"""Which names each element of a study uses, and so what uses a name, and which cohorts it tells of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef, Expr
from studyspec.semantics.walk import spell_rows, walk

Names = frozenset[str]
Of = Callable[..., Names]


@dataclass(frozen=True, slots=True)
class Use:
    """kind, name: of the element that uses them."""

    kind: str
    name: str
    names: Names


def index_name(study: core.Study, cohort: core.Cohort) -> str:
    """What a cohort's index is asked for by: `index`, or `clients.index` where the study has several cohorts."""
    return "index" if len(study.cohorts) == 1 else f"{cohort.name}.index"


def uses(study: core.Study) -> Iterator[Use]:
    """Every element and the names it says itself; what it uses through definitions is theirs to say."""
    parameters = {p.name for p in study.parameters}

    def of(*parts: Expr | None) -> Names:
        return frozenset(n for part in parts if part is not None for n in _said(part, parameters, study))

    for definition in study.definitions:
        yield Use("definition", definition.name, of(definition.value))
    for spells in study.spells:
        rows = list(spell_rows(spells.value))
        yield Use("spells", spells.name, of(*(r.condition for r in rows)) | {r.table for r in rows})
    for cohort in study.cohorts:
        own = index_name(study, cohort)
        yield Use("index", own, _index(cohort.index, of))
        for criterion in cohort.criteria:
            yield Use(criterion.kind, criterion.name, of(criterion.condition))
        yield Use("cohort", cohort.name, frozenset({own, *(c.name for c in cohort.criteria)}))
    for exposure in study.exposures:
        yield from _levels(exposure, "exposure", of)
    if study.follow_up is not None:
        yield Use("follow-up", "follow-up", _follow_up(study.follow_up, of))
    for outcome in study.outcomes:
        yield Use("outcome", outcome.name, _outcome(outcome, study, of))
    for state in study.states:
        yield from _levels(state, "state", of)
    for role in study.roles:
        yield Use("role", role.name, of(role.condition) | {role.table})
    for report in study.reports:
        yield Use("report", report.name, _report(report, study, of))


def concerned(study: core.Study, every: Iterable[Use]) -> Mapping[str, tuple[core.Cohort, ...]]:
    """The cohorts that each name tells of: those that it decides about, and those whose reports show it."""
    names: dict[str, set[str]] = {}
    for use in every:
        names.setdefault(use.name, set()).update(use.names)
    cohorts = {c.name: c for c in study.cohorts}
    found: dict[str, tuple[core.Cohort, ...]] = {}
    for cohort in study.cohorts:
        reports = [r.name for r in study.reports if r.cohort in ("", cohort.name)]
        todo, seen = [cohort.name, *reports], set[str]()
        while todo:
            name = todo.pop()
            if name not in seen and (name not in cohorts or name == cohort.name):
                seen.add(name)
                todo.extend(names.get(name, ()))
        for name in seen:
            found[name] = (*found.get(name, ()), cohort)
    return found


# --- what is said ----------------------------------------------------------------------------------------------------


def _said(expr: Expr, parameters: set[str], study: core.Study) -> Iterator[str]:
    for node in walk(expr):
        yield from (time.role for time in _times(node) if time.role is not None)
        match node:
            case core.Ref():
                yield node.name
            case core.MemberOf():
                yield node.cohort
            case core.Attribute() | core.RowColumn():
                yield from _column(node.column)
            case core.LinkedColumn():
                yield from (*_column(node.column), *_column(node.link), node.column.table)
            case core.YearsSince():
                yield from _column(node.column)
                entity = study.model.entities[study.model.tables[node.column.table].entity]
                yield from (d.name for d in entity.derived.values() if d.column == node.column.column)
            case core.InSet() if node.name is not None:
                yield node.name
            case core.Literal_() if node.span is not None and node.span.text in parameters:
                yield node.span.text  # a constant stands where its name was written
            case core.RowQuery() | core.RowValue():
                yield node.table
                if isinstance(node, core.RowValue):
                    yield str(node.column)
            case _:
                pass


def _column(ref: ColumnRef) -> tuple[str, str]:
    return ref.column, str(ref)


def _times(node: Expr) -> tuple[core.Time, ...]:
    match node:
        case core.RowQuery() | core.RowValue():
            return _sides(node.window)
        case core.YearsSince() | core.TimeValue():
            return (node.time,)
        case core.Elapsed():
            return node.start, node.end
        case core.LatestOf():
            return node.times
        case _:
            return ()


def _sides(window: core.Window) -> tuple[core.Time, ...]:
    return tuple(time for time in (window.low, window.high) if time is not None)


def _of_times(times: Iterable[core.Time], of: Of) -> Names:
    found = list(times)
    return of(*(t.value for t in found)) | {t.role for t in found if t.role is not None}


# --- elements --------------------------------------------------------------------------------------------------------


def index_event(index: core.Index) -> core.EventQuery | None:
    """The rows that an index is taken from; None where it is taken from none."""
    return index.event if isinstance(index, core.IndexEvent) else None


def _event(event: core.EventQuery, of: Of) -> Names:
    return of(event.condition) | _of_times(_sides(event.window), of) | {event.table}


def _index(index: core.Index, of: Of) -> Names:
    match index:
        case core.IndexEvent():
            return _event(index.event, of)
        case core.IndexDay():
            return _of_times([index.day], of)
        case core.IndexUnits():
            return frozenset(index.cohorts)
        case core.IndexAssigned():
            return of(*index.values) | {index.cohort}
        case _:
            return frozenset()


def _levels(one: core.Exposure | core.State, kind: str, of: Of) -> Iterator[Use]:
    for level in one.levels:
        names = of(level.condition)
        names |= frozenset() if level.since is None else _event(level.since, of)
        if level.during is not None:
            names |= of(level.during.condition) | {level.during.table}
        yield Use("level", level.name, names)
    window = () if not isinstance(one, core.Exposure) or one.window is None else _sides(one.window)
    yield Use(kind, one.name, _of_times(window, of) | {x.name for x in one.levels})


def _follow_up(one: core.FollowUp | core.RecordedFollowUp, of: Of) -> Names:
    if isinstance(one, core.FollowUp):
        found = _of_times((one.start, *one.ends, *(() if one.entry is None else (one.entry,))), of)
        return found if one.within is None else found | of(one.within.condition) | {one.within.table}
    columns = [n for c in (one.start, one.end) if c is not None for n in _column(c)]
    return frozenset({one.table, *columns}) | of(one.censored)


def _outcome(outcome: core.Outcome, study: core.Study, of: Of) -> Names:
    found = of(outcome.recorded) | {c.name for c in outcome.competing}
    found |= frozenset() if outcome.event is None else _event(outcome.event, of)
    found |= {outcome.role} if outcome.role is not None else set()
    return found | ({"follow-up"} if study.follow_up is not None else set())


def described(report: core.Report) -> tuple[core.Variable | core.Quantity, ...]:
    """The variables and the numbers that a report shows the index of its units by."""
    match report:
        case core.BaselineReport():
            return (*report.of, *report.numbers)
        case core.TrendReport() | core.DistributionReport():
            return report.of
        case _:
            return ()


def subjects(report: core.Report) -> tuple[str, ...]:
    """The outcomes or states that a report is of."""
    return report.of if isinstance(report, core.RiskReport | core.EventsReport | core.StateReport) else ()


def by(report: core.Report) -> str | None:
    """What a report is broken down by."""
    return None if isinstance(report, core.AttritionReport) else report.by


def _report(report: core.Report, study: core.Study, of: Of) -> Names:
    cohort = {report.cohort} if report.cohort else {c.name for c in study.cohorts}
    broken = by(report)
    found = of(*(v.value for v in described(report))) | cohort | set(subjects(report))
    found |= {broken} if broken is not None else set()
    follows = isinstance(report, core.RiskReport | core.EventsReport | core.StateReport)
    return found | ({"follow-up"} if follows else set())
