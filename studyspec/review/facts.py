"""The four facts of a name, in words and in days: value, grain, horizon, origin."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from studyspec import calendar
from studyspec.catalogue.types import Column, Site
from studyspec.guard.threshold import threshold
from studyspec.review import norows
from studyspec.review.readback import Reader, inside
from studyspec.review.types import Horizon, Origin, Reading, Register, Settled, Source, Threshold, Value
from studyspec.semantics import core, design, horizon
from studyspec.semantics.core import Bound, ColumnRef, Expr, Facts, Hull
from studyspec.semantics.horizon import Order
from studyspec.semantics.walk import Rows, children, queries, walk


@dataclass(frozen=True, slots=True)
class FourFacts:
    """Makes the four facts of one study's names.  order: what the study says about its anchors."""

    reader: Reader
    site: Site | None
    order: Order
    definitions: Mapping[str, Expr]
    answers: Mapping[str, norows.Answer]

    # --- value -------------------------------------------------------------------------------------------------------

    def value(self, expr: Expr) -> Value:
        facts = expr.facts
        looks = any(isinstance(n, Rows) for n in walk(expr, self.definitions))
        return Value(
            type=self.reader.type(facts.type),
            low=_number(facts.low),
            high=_number(facts.high),
            unknown=facts.nullable,
            unknown_when=tuple(dict.fromkeys(self._unknown_when(expr))) if facts.nullable else (),
            no_rows=self._no_rows(norows.without_rows(expr, self.answers)) if looks else "",
        )

    def column_value(self, column: Column) -> Value:
        """Of a column itself, as its model declares it."""
        low, high = ("" if edge is None else str(edge) for edge in (column.low, column.high))
        words = self.reader.words
        meaning = words("unknown.meaning", meaning=inside(column.null_meaning)) if column.null_meaning else ""
        label = inside(words.text(column.labels, column.name))
        when = (words("unknown.column", column=label, meaning=meaning),) if column.nullable else ()
        return Value(self.reader.type(column.type), low, high, column.nullable, when, "")

    def _no_rows(self, answer: norows.Answer) -> str:
        words = self.reader.words
        if isinstance(answer, norows.Depends):
            return words("value.depends", entity=self.reader.entity)
        if answer.value is None:
            return words("value.unknown")
        if isinstance(answer.value, bool):
            return words("value.true" if answer.value else "value.false")
        return str(answer.value)

    def _unknown_when(self, expr: Expr) -> Iterable[str]:
        """The innermost reasons why a value may be unknown."""
        words = self.reader.words
        todo = [expr]
        while todo:
            node = todo.pop()
            if not node.facts.nullable:
                continue
            match node:
                case core.Attribute() | core.RowColumn() | core.YearsSince() if self.reader.column_of(
                    node.column
                ).nullable:
                    yield self._no_column(node.column)
                case core.RowValue():
                    yield words("unknown.no_row")
                    if self.reader.column_of(node.column).nullable:
                        yield self._no_column(node.column)
                case core.BandOf():
                    yield words("unknown.band")
                case core.GroupOf():
                    yield words("unknown.group")
                case core.CaseOf() if node.cases and node.cases[-1][1] is not None:
                    yield words("unknown.case")
                case core.Arithmetic(op="/"):
                    yield words("unknown.zero")
                case core.LinkedColumn():
                    yield words("unknown.link")
                    if self.reader.column_of(node.column).nullable:
                        yield self._no_column(node.column)
                case core.Elapsed():
                    yield from self._no_day(node.start, node.end)
                case core.LatestOf():
                    yield from self._no_day(*node.times)
                case _:
                    pass
            if isinstance(node, core.YearsSince | core.TimeValue):
                yield from self._no_day(node.time)
            inner = [self.definitions[node.name]] if isinstance(node, core.Ref) else list(children(node))
            todo.extend(inner)

    def _no_day(self, *times: core.Time) -> Iterable[str]:
        """Why times are unknown: a role that never came."""
        for time in times:
            if time.role is not None:
                yield self.reader.words("unknown.role", role=self.reader.role(time.role))

    def _no_column(self, ref: ColumnRef) -> str:
        return self.column_value(self.reader.column_of(ref)).unknown_when[0]

    def grain(self, facts: Facts) -> str:
        grain = facts.grain
        return self.reader.words(f"grain.{grain.kind}", entity=self.reader.entity, table=grain.table)

    # --- horizon -----------------------------------------------------------------------------------------------------

    def horizon(self, facts: Facts, tables: Mapping[Hull, tuple[str, ...]]) -> Horizon:
        """tables: which tables each stretch is read from."""
        reads = tuple(self._reading(h, tables.get(h, ())) for h in facts.reads)
        known = tuple(self._settled(b) for b in sorted(facts.known, key=repr))
        return Horizon(reads, known)

    def tables_of(self, parts: Iterable[Expr]) -> dict[Hull, tuple[str, ...]]:
        """Which tables each stretch of days is read from."""
        found: dict[Hull, tuple[str, ...]] = {}
        for node, hull in (q for part in parts for q in queries(part, self.definitions)):
            found[hull] = tuple(sorted({*found.get(hull, ()), node.table}))
        return found

    def _reading(self, hull: Hull, tables: tuple[str, ...]) -> Reading:
        words = self.reader.words
        low = words("reads.from_start") if hull.low.infinite else self._bound(hull.low)
        final = horizon.moved(hull.high, -1)
        if hull.high.infinite:
            said = words("reads.to_end", low=low)
        elif final == hull.low:
            said = low
        else:
            said = words("reads.hull", low=low, high=self._bound(final))
        first, last = self._calendar(hull, tables)
        anchors = {b.anchor for b in (hull.low, hull.high) if not b.infinite}
        alone = len(anchors) == 1 and anchors <= _COUNTED
        anchor = words(f"anchor.{anchors.pop()}") if alone else ""
        return Reading(tables, said, anchor, _days(hull) if alone else (None, None), first, last)

    def _bound(self, bound: Bound) -> str:
        """A bound as the day it names, `2 years before the index`."""
        if bound.anchor == "calendar" and not bound.infinite:
            return datetime.date.fromordinal(bound.days).isoformat()
        if not bound.months and not bound.days:
            words = self.reader.words
            return words(f"anchor.{bound.anchor}") if words.has(f"anchor.{bound.anchor}") else design.when(bound)
        return design.when(bound)

    def _calendar(self, hull: Hull, tables: tuple[str, ...]) -> tuple[str | None, str | None]:
        """The first and last day of the calendar that can be read, as far as the data of the tables reach."""
        low = horizon.calendar_range(hull.low, self.order)[0]
        high = horizon.calendar_range(hull.high, self.order)[1] - 1
        covered = [self.reader.study.coverage[t] for t in tables if t in self.reader.study.coverage]
        starts, ends = [c.start for c in covered], [c.end for c in covered]
        if starts and all(starts):
            low = max(low, min(d.toordinal() for d in starts if d is not None))
        if ends and all(ends):
            high = min(high, max(d.toordinal() for d in ends if d is not None))
        return _day(low), _day(high)

    def _settled(self, bound: Bound) -> Settled:
        if bound.anchor == "calendar":
            return Settled(design.when(bound), None)
        return Settled(design.when(bound), _day(horizon.calendar_range(bound, self.order)[1]))

    # --- origin ------------------------------------------------------------------------------------------------------

    def origin(self, columns: Iterable[ColumnRef]) -> Origin:
        found = tuple(sorted(set(columns)))
        model = self.reader.model
        names = {c for ref in found for c in (self.reader.column_of(ref).register, model.tables[ref.table].register)}
        registers = tuple(self._register(name) for name in sorted(names))
        return Origin(tuple(self._source(c) for c in found), registers, self._threshold(names))

    def _source(self, ref: ColumnRef) -> Source:
        column = self.reader.column_of(ref)
        label = self.reader.words.text(column.labels, ref.column)
        return Source(str(ref), label, self._physical(ref), column.register, column.sensitivity, column.as_of)

    def _physical(self, ref: ColumnRef) -> str:
        table = self.site.binding.tables.get(ref.table) if self.site is not None else None
        column = table.columns.get(ref.column) if table is not None else None
        return f"{table.physical}.{column.physical}" if table is not None and column is not None else ""

    def _register(self, name: str) -> Register:
        register = self.reader.model.registers[name]
        label = self.reader.words.text(register.labels, name)
        return Register(name, label, register.controller, register.public, register.rule.minimum_entities)

    def _threshold(self, names: set[str]) -> Threshold | None:
        if not names:
            return None
        model = self.reader.model
        own = [model.registers[n] for n in sorted(names)]
        least = max(r.rule.minimum_entities for r in own)
        if self.site is None:
            return Threshold(least, None, None, "", 0, 0, 0, False)
        columns = self.reader.study.columns
        behind = {n for c in columns for n in (self.reader.column_of(c).register, model.tables[c.table].register)}
        policy = self.site.policy
        whole = threshold(policy, (model.registers[n] for n in behind))
        rules = (policy.name, policy.minimum_entities, policy.insiders, policy.rounding, policy.mode == "open")
        return Threshold(least, threshold(policy, own), whole, *rules)


#: Anchors that days are counted from.
_COUNTED = frozenset({"index", "entry", "exit", "row", "row.end"})


def _number(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _day(ordinal: int) -> str | None:
    if not 1 <= ordinal <= datetime.date.max.toordinal():
        return None
    return datetime.date.fromordinal(ordinal).isoformat()


def _days(hull: Hull) -> tuple[int | None, int | None]:
    """First and last day read, counted from the anchor; months are as short or as long as months can be."""

    def edge(bound: Bound, side: int, move: int) -> int | None:
        if bound.infinite:
            return None
        return calendar.month_days(bound.months)[side] + bound.days + move

    return edge(hull.low, 0, 0), edge(hull.high, 1, -1)
