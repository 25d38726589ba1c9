"""What the study may read: its columns, traced through the site's binding, against the permits it names.

None of these can be allowed away.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from studyspec.catalogue.bindings import behind
from studyspec.catalogue.types import Catalogue, Permit, Site
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, linkages, misspelt
from studyspec.semantics.complete import events
from studyspec.semantics.core import ColumnRef
from studyspec.semantics.horizon import Order
from studyspec.semantics.selections import FOLLOW_UP
from studyspec.semantics.walk import expressions, queries
from studyspec.source import Diagnostic, Span


def check(
    study: core.Study,
    document: tree.Document,
    catalogue: Catalogue,
    spans: Mapping[ColumnRef, Span],
    order: Order,
    today: datetime.date,
) -> Iterator[Diagnostic]:
    """Faults of permits at one site; nothing when no site is given.  spans: where each column is first used."""
    site = catalogue.site
    if site is None:
        return
    named = [(use, site.permits.get(use.id.value)) for use in document.permits]
    for use, permit in named:
        if permit is None:
            yield faults.permit_unknown(use.id.span, use.id.value, site.permits)
        elif today < permit.decided:
            yield faults.permit_not_yet_valid(use.id.span, permit.id, permit.decided)
        elif permit.expires < today:
            yield faults.permit_expired(use.id.span, permit.id, permit.expires)
    yield from linkages.superseded(document.permits, site)
    permits = [permit for _, permit in named if permit is not None]
    if not document.permits:
        registers = {study.model.tables[c.table].columns[c.column].register for c in study.columns}
        if any(not study.model.registers[r].public for r in registers):
            yield faults.permit_needed(document.header.span)
    elif not permits:
        return
    yield from _columns(study, site, permits, spans, bool(document.permits))
    if permits:
        yield from linkages.check(study, site, permits, spans, document.permits[0].span)
        yield from _years(study, permits, order)


def _columns(
    study: core.Study, site: Site, permits: list[Permit], spans: Mapping[ColumnRef, Span], checked: bool
) -> Iterator[Diagnostic]:
    reported: set[str] = set()
    told: list[Span | None] = []
    for column in study.columns:
        table = site.binding.tables.get(column.table)
        bound = table.columns.get(column.column) if table is not None else None
        if table is None or bound is None:
            yield faults.not_bound(spans.get(column), str(column))
            continue
        for physical in behind(table, study.model.tables[column.table], column.column):
            place = f"{table.physical}.{physical}"
            allowed = any(physical in p.columns.get(table.physical, ()) for p in permits)
            if checked and not allowed and place not in reported:
                reported.add(place)
                meant = misspelt.column(table.physical, physical, permits, site.binding, spans.get(column))
                if meant is None:
                    yield faults.permit_column(spans.get(column), str(column), place, [p.id for p in permits])
                elif meant.span not in told:
                    told.append(meant.span)
                    yield meant


def _years(study: core.Study, permits: list[Permit], order: Order) -> Iterator[Diagnostic]:
    """Windows that reach outside the years the permits allow, as far as the data reach there at all."""
    allowed = min(p.years[0] for p in permits), max(p.years[1] for p in permits)
    windows = [(e.table, horizon.hull(e.window), e.dated.span) for e in events(study)]
    for expr in expressions(study):
        windows += [(node.table, days, node.span) for node, days in queries(expr)]
    if isinstance(study.follow_up, core.FollowUp) and study.follow_up.within is not None:
        windows.append((study.follow_up.within.table, FOLLOW_UP, study.follow_up.within.span))
    for table, hull, span in windows:
        coverage = study.coverage[table]
        low, high = horizon.calendar_range(hull.low, order)[0], horizon.calendar_range(hull.high, order)[1] - 1
        low = max(low, (coverage.start or datetime.date.min).toordinal())
        high = min(high, (coverage.end or datetime.date.max).toordinal())
        if low > high:
            continue
        read = datetime.date.fromordinal(low).year, datetime.date.fromordinal(high).year
        if read[0] < allowed[0] or read[1] > allowed[1]:
            yield faults.permit_years(span, table, read, allowed)
