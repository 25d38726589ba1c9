"""Registers against permits: which may be read, which may be linked with each other, what may be shown by what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from studyspec.catalogue.bindings import behind
from studyspec.catalogue.types import Permit, Site
from studyspec.language import tree
from studyspec.semantics import core, misspelt
from studyspec.semantics import permitfaults as faults
from studyspec.semantics.core import ColumnRef
from studyspec.semantics.lineage import columns_shown, shown
from studyspec.source import Diagnostic, Span


def superseded(uses: tuple[tree.UsePermit, ...], site: Site) -> Iterator[Diagnostic]:
    """Permits that another decision at the site has taken the place of."""
    later = {p.supersedes: p for p in site.permits.values() if p.supersedes is not None}
    for use in uses:
        if use.id.value in later:
            yield faults.permit_superseded(use.id.span, use.id.value, later[use.id.value].id)


def check(
    study: core.Study, site: Site, permits: list[Permit], spans: Mapping[ColumnRef, Span], place: Span
) -> Iterator[Diagnostic]:
    """spans: where each column is first used.  place: what to underline where no column is written."""
    behind_study: dict[str, Span] = {}
    for column in study.columns:
        register = study.model.tables[column.table].columns[column.column].register
        if not study.model.registers[register].public:
            behind_study.setdefault(register, spans.get(column, place))
            if column in spans and behind_study[register] is place:
                behind_study[register] = spans[column]
    named = [p.id for p in permits]
    missing = [r for r in behind_study if not any(r in p.registers for p in permits)]
    for register in missing:
        meant = misspelt.register(register, permits, study.model, behind_study[register])
        yield meant or faults.permit_register(behind_study[register], register, named)
    for one, other in combinations([r for r in behind_study if r not in missing], 2):
        if not _linked(one, other, permits):
            yield faults.permit_linkage(behind_study[other], one, other, named)
    yield from _breakdowns(study, site, permits)


def _linked(one: str, other: str, permits: list[Permit]) -> bool:
    """Whether a permit that says which registers may be linked says so of these two; one that is silent allows its own.

    Registers of different permits that are all silent are linked on the word of each controller.
    """
    both = {one, other}
    for permit in permits:
        groups = permit.linkages if permit.linkages is not None else (permit.registers,)
        if any(both <= set(group) for group in groups):
            return True
    return all(p.linkages is None for p in permits if both & set(p.registers))


def _breakdowns(study: core.Study, site: Site, permits: list[Permit]) -> Iterator[Diagnostic]:
    reported: set[tuple[str, str]] = set()
    for _, name, column, node in columns_shown(study, shown(study)):
        table = site.binding.tables.get(column.table)
        if table is None or column.column not in table.columns:
            continue
        for physical in behind(table, study.model.tables[column.table], column.column):
            allowing = [p for p in permits if physical in p.columns.get(table.physical, ())]
            allowed = not allowing or any(p.breakdowns is None or physical in p.breakdowns for p in allowing)
            if not allowed and (name, physical) not in reported and node.span is not None:
                reported.add((name, physical))
                yield faults.permit_breakdown(node.span, name, f"{table.physical}.{physical}", [p.id for p in allowing])
