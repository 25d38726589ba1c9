"""Values of other entities, `industry of employer`, and membership of other cohorts, `member of clients`."""

from __future__ import annotations

from difflib import get_close_matches

from studyspec.catalogue.types import Entity, Table
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, termfaults
from studyspec.semantics.core import Bound, ColumnRef, Facts, Grain
from studyspec.semantics.facts import BOOLEAN
from studyspec.semantics.meanings import wrong
from studyspec.semantics.names import column_range, identifying
from studyspec.semantics.scope import Scope


def resolve_linked(node: tree.Linked, scope: Scope) -> core.LinkedColumn | None:
    """A column of the entity that the row at hand, or else the unit, points to."""
    entity = scope.model.entities.get(node.entity.text)
    if entity is None:
        _no_entity(node, scope)
        return None
    link = _link(node, entity, scope)
    if link is None:
        return None
    target = scope.model.tables[entity.attributes]
    column = target.columns.get(node.column.text)
    if column is None:
        names = [c.name for c in target.columns.values() if not identifying(c)]
        scope.report(faults.unknown_name(node.column.span, node.column.text, names, f"column of `{entity.name}`"))
        return None
    ref = ColumnRef(target.name, column.name)
    if identifying(column):
        scope.report(faults.direct_identifier(node.column.span, str(ref), entity.name))
        return None
    low, high = column_range(column)
    in_row = scope.row is not None and link.table == scope.row.name and link.column in scope.row.columns
    known = {Bound("row")} if in_row else set()
    if column.as_of or scope.model.tables[link.table].columns[link.column].as_of:
        known.add(horizon.EXTRACTION)
    facts = Facts(
        column.type,
        True,
        Grain("row", link.table) if in_row else Grain("entity"),
        low,
        high,
        known=frozenset(known),
        origin=frozenset({link, ColumnRef(target.name, target.key), ref}),
    )
    return core.LinkedColumn(facts=facts, span=node.span, link=link, column=ref, key=target.key, in_row=in_row)


def _link(node: tree.Linked, entity: Entity, scope: Scope) -> ColumnRef | None:
    """The one column that identifies the entity: of the row at hand, or else of the unit."""
    places = [scope.attributes] if scope.row is None else [scope.row, scope.attributes]
    for table in places:
        found = [ColumnRef(table.name, name) for name in _pointing(table, entity.name)]
        if len(found) > 1:
            scope.report(termfaults.link_ambiguous(node.span, entity.name, map(str, found)))
            return None
        if found:
            return found[0]
    scope.report(termfaults.link_missing(node.span, entity.name, [table.name for table in places]))
    return None


def _pointing(table: Table, entity: str) -> list[str]:
    return [c.name for c in table.columns.values() if c.type.kind == "identifier" and c.type.entity == entity]


def _no_entity(node: tree.Linked, scope: Scope) -> None:
    """Report `x of y` where y is no entity: a table without a time, a cohort, a word misspelt."""
    table = scope.model.tables.get(node.entity.text)
    if table is not None and table.shape in ("events", "spells"):
        scope.report(termfaults.value_undated(node.span, node.column.text, table.name, table.shape))
    elif get_close_matches(node.column.text, ["member"]) or node.entity.text in scope.cohorts:
        scope.report(termfaults.cohort_question(node.column.span, node.entity.text))
    else:
        known = scope.model.entities
        scope.report(faults.unknown_name(node.entity.span, node.entity.text, known, "entity in the model"))


# --- cohorts ---------------------------------------------------------------------------------------------------------


def resolve_member(node: tree.MemberOf, scope: Scope) -> core.MemberOf | None:
    """Whether the unit is one of another cohort, given before this one in the text."""
    cohort = scope.cohorts.get(node.cohort.text)
    if cohort is None and node.cohort.text in scope.faulty:
        return None
    if scope.phase == "spells":
        scope.report(termfaults.spells_relative(node.span))
        return None
    if cohort is None:
        wrong(node.cohort, scope, scope.cohorts, "cohort before this one")
        return None
    if cohort.entity != scope.entity.name:
        fault = termfaults.cohort_of_other_entity(node.cohort.span, cohort.name, cohort.entity, scope.entity.name)
        scope.report(fault)
        return None
    return core.MemberOf(facts=_member_facts(cohort, scope), span=node.span, cohort=cohort.name)


def _member_facts(cohort: core.Cohort, scope: Scope) -> Facts:
    """What the cohort's index and criteria are made of; known at the index, which is the unit's own, or with them.

    Only a last row of a window is known to be the last later than on its day.
    """
    parts = [criterion.condition.facts for criterion in cohort.criteria]
    known = {Bound("index")}
    index = cohort.index
    origin = {ColumnRef(cohort.table, cohort.key)}
    match index:
        case core.IndexEvent():
            origin |= index.event.facts.origin
            if index.pick == "last":
                known |= index.event.facts.known
        case core.IndexDay():
            parts.append(index.day.facts)
        case core.IndexAssigned():
            parts += [value.facts for value in index.values]
    for name in _made_of(index):
        if name in scope.cohorts:
            parts.append(_member_facts(scope.cohorts[name], scope))
    return Facts(
        BOOLEAN,
        False,
        Grain("unit"),
        reads=horizon.join_reads(*(p.reads for p in parts)),
        known=horizon.join_known(frozenset(known), *(p.known for p in parts)),
        origin=frozenset(origin).union(*(p.origin for p in parts)),
    )


def _made_of(index: core.Index) -> tuple[str, ...]:
    """The cohorts that an index is taken from."""
    if isinstance(index, core.IndexUnits):
        return index.cohorts
    return (index.cohort,) if isinstance(index, core.IndexAssigned) else ()
