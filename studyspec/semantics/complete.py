"""What only the whole study tells: coverage, the end of data of its outcomes, the columns it reads, its hash."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace

from studyspec.catalogue.types import Catalogue, Coverage
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef
from studyspec.semantics.digest import digest
from studyspec.semantics.spells import coverage as spells_coverage
from studyspec.semantics.walk import Rows, expressions, spell_rows, times_in, walk
from studyspec.source import Span


def completed(study: core.Study, catalogue: Catalogue) -> core.Study:
    """With the coverage of its tables, the end of data of each outcome, its columns, and its hash."""
    columns = _columns(study)
    coverage = {t: _coverage(t, catalogue) for t in sorted({c.table for c in columns})}
    coverage |= {s.name: spells_coverage(s.value, coverage) for s in study.spells}
    roles = {r.name: r for r in study.roles}
    outcomes = tuple(replace(o, end_of_data=_end_of_data(o, study, roles, coverage)) for o in study.outcomes)
    follow_up = _with_end_of_data(study, roles, coverage)
    study = replace(study, columns=columns, coverage=coverage, outcomes=outcomes, follow_up=follow_up)
    return replace(study, hash=digest(study))


def _coverage(table: str, catalogue: Catalogue) -> Coverage:
    """The model's coverage met with that of the delivered extract."""
    model = catalogue.model.tables[table].coverage
    bound = catalogue.site.binding.tables.get(table) if catalogue.site else None
    extract = bound.coverage if bound is not None else None
    if extract is None:
        return model
    starts = [d for d in (model.start, extract.start) if d is not None]
    ends = [d for d in (model.end, extract.end) if d is not None]
    return Coverage(max(starts, default=None), min(ends, default=None))


def _end_of_data(
    outcome: core.Outcome, study: core.Study, roles: dict[str, core.Role], coverage: dict[str, Coverage]
) -> datetime.date | None:
    """The last day covered by every table that the outcome, what competes with it, and the censoring read."""
    by_name = {o.name: o for o in study.outcomes}
    tables: set[str] = set()
    for one in (outcome, *(by_name[c.name] for c in outcome.competing if c.kind == "outcome")):
        if one.event is not None:
            tables.add(one.event.table)
        tables |= {roles[one.role].table} if one.role is not None else set()
    tables |= {roles[c.name].table for c in outcome.competing if c.kind == "role"}
    return _last_day(tables | _censoring(study, roles), coverage)


def _with_end_of_data(
    study: core.Study, roles: dict[str, core.Role], coverage: dict[str, Coverage]
) -> core.FollowUp | core.RecordedFollowUp | None:
    """With what `end of data` is to states: the last day covered by every table that they and the censoring read."""
    follow_up = study.follow_up
    if not isinstance(follow_up, core.FollowUp):
        return follow_up
    definitions = {one.name: one.value for one in study.definitions}
    conditions = [level.condition for state in study.states for level in state.levels if level.condition is not None]
    asked = {node.table for one in conditions for node in walk(one, definitions) if isinstance(node, Rows)}
    tables = asked | _censoring(study, roles)
    day = _last_day(tables, coverage)
    ends = tuple(
        replace(end, tables=tuple(sorted(tables)), date=day) if end.base == "data.end" else end
        for end in follow_up.ends
    )
    return replace(follow_up, ends=ends)


def _censoring(study: core.Study, roles: dict[str, core.Role]) -> set[str]:
    """The tables of the roles and rows whose days end follow-up, and of the spells that it lasts no longer than."""
    if not isinstance(study.follow_up, core.FollowUp):
        return set()
    definitions = {one.name: one.value for one in study.definitions}
    ends = tuple(times_in(*study.follow_up.ends))
    asked = (node for end in ends if end.value is not None for node in walk(end.value, definitions))
    tables = {node.table for node in asked if isinstance(node, Rows)}
    tables |= {roles[end.role].table for end in ends if end.role is not None}
    within = study.follow_up.within
    return tables if within is None else tables | {within.table}


def _last_day(tables: Iterable[str], coverage: dict[str, Coverage]) -> datetime.date | None:
    ends = [coverage[table].end for table in tables]
    return min((end for end in ends if end is not None), default=None)


def _columns(study: core.Study) -> tuple[ColumnRef, ...]:
    """Every column the study may read, keys and days included, in order."""
    found: set[ColumnRef] = set()
    for cohort in study.cohorts:
        found |= {ColumnRef(cohort.table, name) for name in (cohort.key, cohort.cluster) if name is not None}
    for expr in expressions(study):
        found |= expr.facts.origin
    for part in selections(study):
        found |= part.facts.origin
    found |= {ColumnRef(t, study.model.tables[t].key) for t in {c.table for c in found}}
    return tuple(sorted(found))


def selections(study: core.Study) -> Iterator[core.EventQuery | core.Role | core.SpellRows | core.RecordedFollowUp]:
    """All that takes rows without being an expression: what dates an index, an outcome or a level, and spells."""
    yield from events(study)
    yield from study.roles
    for level in (level for exposure in study.exposures for level in exposure.levels):
        if level.during is not None:
            yield level.during
    for spells in study.spells:
        yield from spell_rows(spells.value)
    if isinstance(study.follow_up, core.RecordedFollowUp):
        yield study.follow_up
    elif study.follow_up is not None and study.follow_up.within is not None:
        yield study.follow_up.within


def events(study: core.Study) -> Iterator[core.EventQuery]:
    """The events of indexes, outcomes and levels."""
    for cohort in study.cohorts:
        if isinstance(cohort.index, core.IndexEvent):
            yield cohort.index.event
    yield from (o.event for o in study.outcomes if o.event is not None)
    for exposure in study.exposures:
        yield from (level.since for level in exposure.levels if level.since is not None)


_ONE_COLUMN = (core.Attribute, core.RowColumn, core.YearsSince, core.RowValue, core.LinkedColumn)


def column_spans(study: core.Study) -> dict[ColumnRef, Span]:
    """Where each column is first used in the text."""
    spans: dict[ColumnRef, Span] = {}
    for expr in expressions(study):
        for node in walk(expr):
            if node.span is None or isinstance(node, core.Ref):
                continue
            own = {node.column} if isinstance(node, _ONE_COLUMN) else set()
            for column in own or (node.facts.origin if isinstance(node, Rows) else ()):
                if column not in spans or (own and node.span.start < spans[column].start):
                    spans[column] = node.span
    for event in events(study):
        for column in event.facts.origin:
            if event.dated.span is not None:
                spans.setdefault(column, event.dated.span)
    within = study.follow_up.within if isinstance(study.follow_up, core.FollowUp) else None
    if within is not None and within.span is not None:
        for column in within.facts.origin:
            spans.setdefault(column, within.span)
    return spans
