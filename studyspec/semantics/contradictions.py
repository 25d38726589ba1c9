"""Conditions that nobody can meet, that everybody meets, or that an earlier one has decided already.

Only what `certainty` can show is reported; where it cannot, nothing is said.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal

from studyspec.semantics import core
from studyspec.semantics import logicfaults as faults
from studyspec.semantics.certainty import Reasoner, World
from studyspec.semantics.core import Expr
from studyspec.semantics.design import Finding
from studyspec.semantics.walk import Rows, resolved, walk
from studyspec.source import Span

#: Among how many earlier criteria the one that decides is looked for by name.
_NEAR = 20
#: How many sums of conditions inside one are looked into.
_SUMS = 8
_COMPARISONS = (core.Compare, core.Between, core.InSet, core.Known)


def findings(study: core.Study) -> Iterator[Finding]:
    """All of them, of a study with its cohorts."""
    values = {d.name: d.value for d in study.definitions}
    here = Reasoner(study.model, values, deep=False)
    for names, expr in _written(study):
        yield from _alone(expr, names, here)
        yield from _branches(expr, names, here)
    reasoner = Reasoner(study.model, values)
    for owner in _owners(study):
        yield from _levels(owner, reasoner)
    if isinstance(study.follow_up, core.RecordedFollowUp):
        yield from _ends(study, study.follow_up, reasoner)
    for cohort in study.cohorts:
        yield from _criteria(cohort, reasoner)
        yield from _without_rows(cohort, Reasoner(study.model, values, without_rows=True))


def _written(study: core.Study) -> Iterator[tuple[tuple[str, ...], Expr]]:
    """Every condition or value where it is written, with the names whose `allow` would set a finding aside."""
    for definition in study.definitions:
        yield (definition.name,), definition.value
    for cohort in study.cohorts:
        yield from (((c.name,), c.condition) for c in cohort.written)
        if isinstance(cohort.index, core.IndexEvent) and cohort.index.event.condition is not None:
            yield cohort.of_index, cohort.index.event.condition
    for owner in _owners(study):
        for level in owner.levels:
            since = None if level.since is None else level.since.condition
            during = None if level.during is None else level.during.condition
            for condition in (level.condition, since, during):
                if condition is not None:
                    yield (level.name, owner.name), condition
    followed = study.follow_up
    within = followed.within if isinstance(followed, core.FollowUp) else None
    how = followed.censored if isinstance(followed, core.RecordedFollowUp) else None
    for condition in (None if within is None else within.condition, how):
        if condition is not None:
            yield ("follow-up",), condition
    for outcome in study.outcomes:
        for condition in (outcome.recorded, None if outcome.event is None else outcome.event.condition):
            if condition is not None:
                yield (outcome.name,), condition


def _owners(study: core.Study) -> tuple[core.Exposure | core.State, ...]:
    return (*study.exposures, *study.states)


# --- one condition alone ---------------------------------------------------------------------------------------------


def _alone(expr: Expr, names: tuple[str, ...], reasoner: Reasoner) -> Iterator[Finding]:
    """Comparisons that hold for everyone or for no one; and sums of them that do, where no part does so by itself."""
    decided = False
    sums: list[core.Logic] = []
    for node in walk(expr):
        if isinstance(node, core.Logic):
            sums.append(node)
        if not isinstance(node, _COMPARISONS) or node.span is None:
            continue
        certain = reasoner.truth(node) - {None}
        if len(certain) == 1:
            decided = True
            make = faults.always_true if True in certain else faults.never_true
            yield Finding(make(node.span, _why(node, reasoner)), names)
    for both in sums[:_SUMS] if not decided else ():
        if both.span is None:
            continue
        if not reasoner.worlds(both, True, [{}]):
            yield Finding(faults.never_true(both.span, "its parts rule each other out"), names)
            return
        if not reasoner.worlds(both, False, [{}]):
            yield Finding(faults.always_true(both.span, "its parts leave nothing out"), names)
            return


def _why(node: Expr, reasoner: Reasoner) -> str:
    """What is known of the side that is compared, in words."""
    match node:
        case core.Known():
            return "the value is never unknown"
        case core.InSet():
            return "the codes listed are all there are"
        case core.Compare() if isinstance(node.left, core.Literal_) and isinstance(node.right, core.Literal_):
            return "two constants are compared"
        case core.Compare() if isinstance(node.left, core.Literal_):
            operand = node.right
        case core.Compare():
            if reasoner.same(node.left, node.right):
                return "a value is compared with itself"
            operand = node.left
        case core.Between():
            operand = node.operand
        case _:
            raise ValueError(f"no words for {type(node).__name__}")
    domain = reasoner.domain(operand, {})
    dates = operand.facts.type.kind == "date"
    low, high = (None if end is None else _end(end, dates) for end in (domain.low, domain.high))
    if low is not None and high is not None:
        return f"the value lies between {low} and {high}"
    if low is not None or high is not None:
        return f"the value is {'at least' if low is not None else 'at most'} {low if low is not None else high}"
    return "of what the value can be, nothing is left"


def _end(end: Decimal, dates: bool) -> str:
    return datetime.date.fromordinal(int(end)).isoformat() if dates else str(end)


# --- levels, cases and bands -----------------------------------------------------------------------------------------


def _branches(expr: Expr, names: tuple[str, ...], reasoner: Reasoner) -> Iterator[Finding]:
    """Cases and bands inside an expression that no value can come to; bands that leave a gap."""
    for node in walk(expr):
        if node.span is None:
            continue
        if isinstance(node, core.CaseOf):
            cases = [(key, condition, None if condition is None else condition.span) for key, condition in node.cases]
            for key, span, why in _unreached(cases, reasoner):
                yield Finding(faults.never_reached(span or node.span, key, "case", why), names)
        elif isinstance(node, core.BandOf):
            yield from _bands(node, node.span, names, reasoner)


def _bands(node: core.BandOf, span: Span, names: tuple[str, ...], reasoner: Reasoner) -> Iterator[Finding]:
    domain = reasoner.domain(node.operand, {})
    before: tuple[str, int, int | None] | None = None
    for key, low, high in node.bands:
        if (domain.high is not None and domain.high < low) or (
            domain.low is not None and high is not None and high < domain.low
        ):
            ends = (None if end is None else str(end) for end in (domain.low, domain.high))
            why = "the value lies between {} and {}".format(*(end or "any number" for end in ends))
            yield Finding(faults.never_reached(span, key, "band", why), names)
        if before is not None and before[2] is not None and low > before[2] + 1:
            missing = str(before[2] + 1) if low == before[2] + 2 else f"{before[2] + 1} to {low - 1}"
            yield Finding(faults.bands_gap(span, before[0], key, missing), names)
        before = (key, low, high)


def _levels(owner: core.Exposure | core.State, reasoner: Reasoner) -> Iterator[Finding]:
    if any(level.since is not None or level.during is not None for level in owner.levels):
        return
    for name, span, why in _unreached([(x.name, x.condition, x.span) for x in owner.levels], reasoner):
        if span is not None:
            yield Finding(faults.never_reached(span, name, "level", why), (name, owner.name))


def _unreached(
    levels: Iterable[tuple[str, Expr | None, Span | None]], reasoner: Reasoner
) -> Iterator[tuple[str, Span | None, str]]:
    """Of conditions asked in order, those that cannot be true once all before them are false."""
    left: list[World] = [{}]
    for name, condition, span in levels:
        if not left:
            yield name, span, "those before it leave nobody out"
            continue
        if condition is None:
            continue
        if not reasoner.worlds(condition, True, left):
            if reasoner.worlds(condition, True, [{}]):  # by itself it was reported already
                yield name, span, "whoever meets its condition has met one before it"
            continue
        left = reasoner.worlds(condition, False, left)


# --- recorded ends ---------------------------------------------------------------------------------------------------


def _ends(study: core.Study, followed: core.RecordedFollowUp, reasoner: Reasoner) -> Iterator[Finding]:
    """Codes that say how follow-up ended, and with which neither `censored` nor any outcome can hold."""
    censored = followed.censored
    if censored is None or censored.span is None:
        return
    accounts = [censored, *(one.recorded for one in study.outcomes if one.recorded is not None)]
    nodes = (node for one in accounts for node in walk(one, reasoner.values))
    columns = dict.fromkeys(n for n in nodes if isinstance(n, core.RowColumn | core.Attribute))
    for column in columns:
        codes = reasoner.domain(column, {}).among if column.facts.type.kind == "code" else None
        left = [code for code in sorted(map(str, codes or ())) if not _accounted(column, code, accounts, reasoner)]
        if left:
            yield Finding(faults.end_unexplained(censored.span, str(column.column), left), ("follow-up",))


def _accounted(column: Expr, code: str, accounts: Iterable[Expr], reasoner: Reasoner) -> bool:
    """Whether one of the conditions can be true where a column has a code."""
    has = core.InSet(facts=column.facts, operand=column, values=(code,), negated=False)
    worlds = reasoner.worlds(has, True, [{}])
    return any(reasoner.worlds(one, True, worlds) for one in accounts)


# --- criteria --------------------------------------------------------------------------------------------------------


def _criteria(cohort: core.Cohort, reasoner: Reasoner) -> Iterator[Finding]:
    """Criteria one after the other: each against what those before it leave."""
    worlds: list[World] = [{}]
    before: list[core.Criterion] = []
    for criterion in cohort.criteria:
        want = criterion.kind == "include"
        span = criterion.condition.span or criterion.span
        assert span is not None
        found = reasoner.worlds(criterion.condition, want, worlds)
        alone = reasoner.worlds(criterion.condition, want, [{}])
        if not found and (alone or not want):  # never true by itself was reported already
            other = next((c for c in before[:_NEAR] if not _both(c, criterion, reasoner)), None)
            place = None if other is None else _place(other)
            yield Finding(faults.contradiction(span, criterion.name, place), (criterion.name, cohort.name))
        elif found and before and _implied(criterion, worlds, reasoner) and not _implied(criterion, [{}], reasoner):
            by = next((c for c in before[:_NEAR] if _implied(criterion, _passing(c, reasoner), reasoner)), None)
            place = None if by is None else _place(by)
            fault = faults.criterion_implied(span, criterion.name, criterion.kind, place)
            yield Finding(fault, (criterion.name, cohort.name))
        worlds = found or worlds
        before.append(criterion)


def _place(criterion: core.Criterion) -> tuple[str, Span] | None:
    return None if criterion.condition.span is None else (criterion.name, criterion.condition.span)


def _passing(criterion: core.Criterion, reasoner: Reasoner) -> list[World]:
    return reasoner.worlds(criterion.condition, criterion.kind == "include", [{}])


def _both(one: core.Criterion, other: core.Criterion, reasoner: Reasoner) -> bool:
    return bool(reasoner.worlds(other.condition, other.kind == "include", _passing(one, reasoner)))


def _implied(criterion: core.Criterion, worlds: list[World], reasoner: Reasoner) -> bool:
    """Whether everyone in these worlds stays, and nobody is unknown."""
    want = frozenset({criterion.kind == "include"})
    return bool(worlds) and all(reasoner.truth(criterion.condition, world) == want for world in worlds)


def _without_rows(cohort: core.Cohort, reasoner: Reasoner) -> Iterator[Finding]:
    """Criteria that let in people without any row, where neither the index nor another criterion asks for one."""
    if not isinstance(cohort.index, core.IndexDay | core.IndexPeriods | core.IndexNone):
        return
    judged = [(c, c.kind == "include", reasoner.truth(c.condition)) for c in cohort.criteria]
    if any(want not in truth for _, want, truth in judged):
        return
    for criterion, want, truth in judged:
        asks = any(isinstance(n, Rows) for n in walk(resolved(criterion.condition, reasoner.values), reasoner.values))
        if truth == {want} and asks and criterion.span is not None:
            yield Finding(faults.true_without_rows(criterion.span, criterion.name), (criterion.name, cohort.name))
