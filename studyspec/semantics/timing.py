"""The order of index, follow-up and exposure: chosen by the future, followed too early, followed for no time."""

from __future__ import annotations

from collections.abc import Iterator

from studyspec.catalogue.types import Model
from studyspec.semantics import core, horizon
from studyspec.semantics import timingfaults as faults
from studyspec.semantics.core import Bound
from studyspec.semantics.design import Finding, when
from studyspec.semantics.designfaults import before_coverage
from studyspec.semantics.horizon import Order, not_after
from studyspec.semantics.walk import walk

INDEX, ENTRY = Bound("index"), Bound("entry")


def findings(study: core.Study, order: Order) -> Iterator[Finding]:
    """Of one cohort (the study's first) and the follow-up.  order: what is known of the cohort's index."""
    cohort = study.cohort
    if isinstance(cohort.index, core.IndexEvent):
        yield from _chosen_by_future(cohort, cohort.index, study.model)
        yield from _washout(cohort, cohort.index, study, order)
    if isinstance(cohort.index, core.IndexAssigned):
        yield from _cases(cohort, cohort.index, study)
    if isinstance(study.follow_up, core.FollowUp):
        if not isinstance(cohort.index, core.IndexNone):
            yield from _too_early(study.follow_up, order)
        yield from _no_time(study.follow_up, order)
        yield from _dead_at_risk(study, study.follow_up)
        if study.follow_up.within is not None:
            yield from _held_at_start(study, study.follow_up.within, order)


# --- the index -------------------------------------------------------------------------------------------------------


def _chosen_by_future(cohort: core.Cohort, index: core.IndexEvent, model: Model) -> Iterator[Finding]:
    """The last of several rows is last only if no other follows; a condition may look ahead of the row's day."""
    event = index.event
    if index.pick == "last" and event.dated.span is not None:
        yield Finding(faults.last_is_known_later(event.dated.span), (cohort.name,))
    if len(cohort.of_index) > 1 and event.dated.span is not None:
        yield Finding(faults.only_is_known_later(event.dated.span), cohort.of_index)
    if event.condition is None or event.condition.span is None:
        return
    for known in sorted(event.condition.facts.known, key=repr):
        if event.match == "ending":  # by then a spell has no future
            break
        if known.anchor in ("row", "row.end") and (known.anchor == "row.end" or (known.months, known.days) > (0, 0)):
            span = next(
                (n.span for n in walk(event.condition) if known in n.facts.known and n.span is not None),
                event.condition.span,
            )
            yield Finding(faults.index_known_later(span, when(known)), cohort.of_index)
            break
    for node in walk(event.condition):
        if not isinstance(node, core.RowColumn | core.Attribute) or node.span is None:
            continue
        if model.tables[node.column.table].columns[node.column.column].as_of:
            yield Finding(faults.index_last_known(node.span, str(node.column)), cohort.of_index)


def _washout(cohort: core.Cohort, index: core.IndexEvent, study: core.Study, order: Order) -> Iterator[Finding]:
    """A washout that reaches to before the rows are complete cannot show that there was none."""
    coverage = study.coverage.get(index.event.table)
    if index.washout is None or coverage is None or coverage.start is None or index.event.dated.span is None:
        return
    months, days = horizon.offset((index.washout,))
    start = Bound("calendar", 0, coverage.start.toordinal())
    if not_after(start, Bound("index", -months, -days), order) != "yes":
        span = index.event.dated.span
        yield Finding(faults.washout_before_coverage(span, index.event.table, coverage.start), cohort.of_index)


def _cases(cohort: core.Cohort, index: core.IndexAssigned, study: core.Study) -> Iterator[Finding]:
    """A comparison cohort that says nothing of whether its members may be cases themselves."""
    values = {d.name: d.value for d in study.definitions}
    nodes = [n for c in cohort.criteria for n in walk(c.condition, values)]
    if cohort.span is not None and not any(isinstance(n, core.RowQuery | core.MemberOf) for n in nodes):
        yield Finding(faults.case_as_comparison(cohort.span, index.cohort), (cohort.name,))


# --- follow-up -------------------------------------------------------------------------------------------------------


def _too_early(follow_up: core.FollowUp, order: Order) -> Iterator[Finding]:
    """Time before the index cannot hold an event of someone who was chosen at the index."""
    span = follow_up.start.span
    days = horizon.bounds(follow_up.start)
    answer = not_after(INDEX, days, order)
    told = follow_up.start.base in ("index", "calendar") or (len(days) > 1 and all(b.anchor != "value" for b in days))
    if span is not None and answer != "yes" and told:
        yield Finding(faults.follow_up_before_index(span, answer == "no"), ("follow-up",))


def _no_time(follow_up: core.FollowUp, order: Order) -> Iterator[Finding]:
    starts = [follow_up.start, *([follow_up.entry] if follow_up.entry is not None else [])]
    for end in follow_up.ends:
        for start in starts:
            if end.span is None or "role" in (end.base, start.base) or "data.end" in (end.base, start.base):
                continue
            if not_after(horizon.bounds(end), horizon.bounds(start), order) == "yes":
                yield Finding(faults.follow_up_empty(end.span, start.span), ("follow-up",))
                return


def _held_at_start(study: core.Study, within: core.SpellRows, order: Order) -> Iterator[Finding]:
    """The spells that hold the first day of follow-up are told on that day, by what holds then, from complete rows."""
    span = within.span
    if span is None:
        return
    for known in sorted(within.facts.known, key=repr):
        day = Bound("entry", known.months, known.days, known.infinite) if known.anchor == "row" else known
        if day.anchor != "extraction" and not_after(day, ENTRY, order) != "yes":
            yield Finding(faults.spells_known_later(span, when(day)), ("follow-up",))
            break
    read = sorted(c for c in within.facts.origin if study.model.tables[c.table].columns[c.column].as_of)
    if read:
        yield Finding(faults.spells_last_known(span, str(read[0])), ("follow-up",))
    coverage = study.coverage.get(within.table)
    if coverage is not None and coverage.start is not None:
        start = Bound("calendar", 0, coverage.start.toordinal())
        if not_after(start, ENTRY, order) != "yes":
            yield Finding(before_coverage(span, within.table, coverage.start), ("follow-up",))


def _dead_at_risk(study: core.Study, follow_up: core.FollowUp) -> Iterator[Finding]:
    """Where the model tells deaths, an outcome that nothing of the study lets death end."""
    if "death" not in study.model.roles or any(end.role == "death" for end in follow_up.ends):
        return
    if study.model.tables[study.model.roles["death"].table].entity != study.cohort.entity:
        return
    by_name = {o.name: o for o in study.outcomes}
    for outcome in study.outcomes:
        named = {outcome.role, *(c.name for c in outcome.competing)}
        named |= {by_name[c.name].role for c in outcome.competing if c.kind == "outcome"}
        dies = outcome.event is not None and outcome.event.table == study.model.roles["death"].table
        if "death" not in named and not dies and outcome.span is not None:
            yield Finding(faults.dead_at_risk(outcome.span, outcome.name), (outcome.name, "follow-up"))
