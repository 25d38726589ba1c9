"""Named spells: days that something holds, made of rows and of other spells, and used like a table.

docs/semantics/spells.md states the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from studyspec.catalogue.types import Catalogue, Column, Coverage, Entity, Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon, termfaults
from studyspec.semantics.core import Bound, Facts, Grain, Hull
from studyspec.semantics.dependencies import in_order
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.facts import BOOLEAN, spells_origin, spells_reads
from studyspec.semantics.meanings import wrong
from studyspec.semantics.names import columns_of
from studyspec.semantics.rows import row_known
from studyspec.semantics.scope import Scope, labels, texts
from studyspec.semantics.walk import walk
from studyspec.source import Span

#: The day that is asked about, as what is read around it is told.
_DAY = Hull(Bound("row"), Bound("row", 0, 1))


def with_spells(nodes: tuple[tree.Spells, ...], scope: Scope) -> Scope:
    """The scope with the named spells of a study, of whatever entity: in dependency order, and as tables of the model.

    Of spells at fault there is an empty table, so that where they are used nothing is reported once more.
    """
    making = _Making({n.name.text: n for n in nodes}, replace(scope, phase="spells", that_day=False, cohorts={}))
    for node in nodes:
        if node.name.text not in making.scope.spells:
            for name in in_order(node.name.text, making.nodes, lambda n: n in making.scope.spells):
                making.make(name)
    found = making.scope
    return replace(scope, catalogue=found.catalogue, spells=found.spells)


def coverage(value: core.SpellExpr, tables: Mapping[str, Coverage]) -> Coverage:
    """The days for which all that spells are made from is complete.  tables: the coverage of each table."""
    read = [tables[name] for name in sorted({c.table for c in spells_origin(value)})]
    starts = [c.start for c in read if c.start is not None]
    ends = [c.end for c in read if c.end is not None]
    return Coverage(max(starts, default=None), min(ends, default=None))


@dataclass
class _Making:
    """Named spells in the making, one after the other."""

    nodes: Mapping[str, tree.Spells]
    scope: Scope
    failed: set[str] = field(default_factory=set)

    def make(self, name: str) -> None:
        node = self.nodes[name]
        found = self._value(node.value)
        if found is None:
            self.failed.add(name)
        entity, value = found or (self.scope.entity, core.SpellLogic(op="or", operands=()))
        made = core.SpellSet(
            name=name,
            labels=labels(self.scope.language, node.name, node.label, node.labels),
            legal=texts(self.scope.language, node.legal),
            gap=texts(self.scope.language, node.gap),
            span=node.name.span,
            value=value,
        )
        tables = {**self.scope.model.tables, name: _table(made, entity, self.scope.catalogue)}
        catalogue = replace(self.scope.catalogue, model=replace(self.scope.model, tables=tables))
        self.scope = replace(self.scope, catalogue=catalogue, spells={**self.scope.spells, name: made})

    def _value(self, node: tree.SpellExpr) -> tuple[Entity, core.SpellExpr] | None:
        """The days meant, and whose; None after a fault."""
        match node:
            case tree.SpellRows():
                return self._rows(node)
            case tree.Merged():
                inner = self._value(node.operand)
                if node.gap.unit in ("month", "year"):
                    self.scope.report(termfaults.gap_unit(node.gap.span, node.gap.unit))
                    return None
                days = node.gap.amount * (7 if node.gap.unit == "week" else 1)
                return None if inner is None else (inner[0], core.Merged(operand=inner[1], days=days))
            case tree.SpellLogic():
                return self._logic(node)

    def _logic(self, node: tree.SpellLogic) -> tuple[Entity, core.SpellExpr] | None:
        found = [self._value(operand) for operand in node.operands]
        known = [one for one in found if one is not None]
        for operand, one in zip(node.operands, found, strict=True):
            if one is not None and one[0].name != known[0][0].name:
                self.scope.report(termfaults.spells_of_two(operand.span, known[0][0].name, one[0].name))
                return None
        if len(known) < len(found):
            return None
        return known[0][0], core.SpellLogic(op=node.op, operands=tuple(value for _, value in known))

    def _rows(self, node: tree.SpellRows) -> tuple[Entity, core.SpellRows] | None:
        table = self._source(node.table)
        if table is None:
            return None
        entity = self.scope.model.entities[table.entity]
        condition = None
        if node.condition is not None:
            condition = resolve_condition(node.condition, replace(self.scope, entity=entity).in_row(table))
            if condition is None:
                return None
            if any(part.facts.grain.kind == "unit" for part in walk(condition)):
                self.scope.report(termfaults.spells_relative(node.condition.span))
                return None
        if _endless(table, condition, self.scope.catalogue):
            self.scope.report(termfaults.spells_without_end(node.table.span, table.name, table.end or "end"))
            return None
        return entity, spell_rows(table, condition, self.scope.spells)

    def _source(self, name: tree.Name) -> Table | None:
        """The table of spells, or the other named spells, that a name means; None after a fault."""
        if name.text in self.failed:
            return None
        if name.text in self.nodes and name.text not in self.scope.spells:
            self.scope.report(faults.circular_definition(name.span, name.text))
            return None
        table = self.scope.model.tables.get(name.text)
        if table is None:
            known = {t.name for t in self.scope.model.tables.values() if t.shape == "spells"} | set(self.nodes)
            wrong(name, self.scope, known, "table of spells")
        elif table.shape != "spells":
            shape = "events" if table.shape == "events" else "one row for each"
            self.scope.report(termfaults.spells_needed(name.span, table.name, shape))
        elif table.clock is not None:
            self.scope.report(termfaults.spells_by_clock(name.span, table.name, table.clock.unit))
        else:
            return table
        return None


def resolve_spell_rows(node: tree.SpellRows, scope: Scope, remedy: str) -> core.SpellRows | None:
    """The spells after `while`; None after a fault.  remedy: for a table that holds none."""
    table = scope.model.tables.get(node.table.text)
    if table is None or table.shape != "spells":
        own = (t for t in scope.model.tables.values() if t.entity == scope.entity.name)
        if table is None:
            wrong(node.table, scope, [t.name for t in own if t.shape == "spells"], "table of spells")
        else:
            scope.report(faults.shape_mismatch(node.table.span, "while", table.name, table.shape, remedy))
        return None
    if table.entity != scope.entity.name:
        scope.report(faults.other_entity(node.table.span, table.name, table.entity, scope.entity.name))
        return None
    condition = None if node.condition is None else resolve_condition(node.condition, scope.in_row(table))
    if node.condition is not None and condition is None:
        return None
    return spell_rows(table, condition, scope.spells, node.span)


def resolve_lasting(node: tree.SpellRows, scope: Scope) -> core.SpellRows | None:
    """The spells that follow-up lasts no longer than; None after a fault."""
    found = resolve_spell_rows(node, scope, "Name a table of spells, or named spells.")
    if found is None:
        return None
    table = scope.model.tables[found.table]
    if table.clock is not None:
        scope.report(termfaults.spells_by_clock(node.table.span, table.name, table.clock.unit))
    elif _endless(table, found.condition, scope.catalogue):
        scope.report(termfaults.spells_without_end(node.table.span, table.name, table.end or "end"))
    else:
        return found
    return None


def spell_rows(
    table: Table, condition: core.Expr | None, spells: Mapping[str, core.SpellSet], span: Span | None = None
) -> core.SpellRows:
    """The days that rows hold.  Their facts are about one day that they may hold, which is `row` there.

    Whether it is held is known on that day, or as much later as the condition is known after a row's start.
    """
    reads: list[Hull] = []
    origin = columns_of(table, (table.key, table.start, table.end), spells)
    if table.name in spells:
        reads += spells_reads(spells[table.name].value)
    if condition is not None:
        origin |= condition.facts.origin
        reads += [horizon.reach(h, _DAY, "overlapping") for h in condition.facts.reads]
    facts = Facts(
        BOOLEAN,
        False,
        Grain("row", table.name),
        reads=horizon.join_reads(reads),
        known=row_known(table, "overlapping", condition, spells),
        origin=origin,
    )
    return core.SpellRows(table=table.name, condition=condition, facts=facts, span=span)


def _endless(table: Table, condition: core.Expr | None, catalogue: Catalogue) -> bool:
    """Whether spells can be open for ever: an end can be missing, and nothing says how far the data go."""
    assert table.end is not None
    if not table.columns[table.end].nullable or table.coverage.end is not None:
        return False
    bound = catalogue.site.binding.tables.get(table.name) if catalogue.site is not None else None
    if bound is not None and bound.coverage is not None and bound.coverage.end is not None:
        return False
    parts = condition.operands if isinstance(condition, core.Logic) and condition.op == "and" else (condition,)
    return not any(isinstance(part, core.Known) and _is_end(part, table) for part in parts)


def _is_end(known: core.Known, table: Table) -> bool:
    column = known.operand
    return not known.negated and isinstance(column, core.RowColumn) and column.column.column == table.end


def _table(spells: core.SpellSet, entity: Entity, catalogue: Catalogue) -> Table:
    """Named spells as a table: the entity's key, the first day in and the first day out, both always known."""
    tables = catalogue.model.tables
    attributes = tables[entity.attributes]
    origin = sorted(c.table for c in spells_origin(spells.value))
    register = tables[origin[0]].register if origin else attributes.register
    days = (Column(name, ValueType("date"), {}, register) for name in ("start", "end"))
    return Table(
        name=spells.name,
        labels=spells.labels,
        entity=entity.name,
        key=attributes.key,
        shape="spells",
        register=register,
        columns={c.name: c for c in (attributes.columns[attributes.key], *days)},
        start="start",
        end="end",
        coverage=coverage(spells.value, {name: table.coverage for name, table in tables.items()}),
    )
