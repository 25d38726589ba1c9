"""Everything there is to tell about a name of a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from studyspec.catalogue.types import Column, Coverage, Derived, Site, Table
from studyspec.review import faults, means, norows
from studyspec.review.checks import Checked, checked, order
from studyspec.review.facts import FourFacts
from studyspec.review.readback import Reader
from studyspec.review.types import Explained, Place
from studyspec.review.uses import Use, index_event, uses
from studyspec.review.words import Words
from studyspec.semantics import core, horizon
from studyspec.semantics.core import ColumnRef, Expr, Facts
from studyspec.semantics.rows import day_columns
from studyspec.semantics.walk import walk
from studyspec.source import Refused, Span

Make = Callable[[], Explained]


def explain(
    study: core.Study, names: Iterable[str] = (), site: Site | None = None, language: str = "en"
) -> tuple[Explained, ...]:
    """What the compiler understood by each name; without names, by every element of the study, in its order.

    site: adds physical columns, the threshold and the permits.  language: of the sentences; English where there are
    none.  Raises Refused (nothing-to-explain) for names the study and its model do not have.
    """
    explainer = _explainer(study, site, Words(language))
    own = dict(explainer.elements())
    known: dict[str, Make] = {**dict(explainer.of_model()), **own}
    wanted = list(names) or list(own)
    unknown = [faults.no_such_name(name, study.name, known) for name in wanted if name not in known]
    if unknown:
        raise Refused(*unknown)
    return tuple(known[name]() for name in wanted)


def _explainer(study: core.Study, site: Site | None, words: Words) -> _Explainer:
    tests = checked(study, site, words)
    definitions = {d.name: d.value for d in study.definitions}
    reader = Reader(words, study)
    four = FourFacts(reader, site, order(study), definitions, norows.definitions(study))
    return _Explainer(study, reader, four, tests, tuple(uses(study)))


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Makes what is told, one method for each kind of name."""

    study: core.Study
    reader: Reader
    four: FourFacts
    checks: Checked
    uses: tuple[Use, ...]

    # --- which names there are ---------------------------------------------------------------------------------------

    def elements(self) -> Iterator[tuple[str, Make]]:
        """The study's own names, in its order."""
        study, cohort = self.study, self.study.cohort
        yield from ((p.name, partial(self._parameter, p)) for p in study.parameters)
        yield from ((d.name, partial(self._definition, d)) for d in study.definitions)
        yield cohort.name, self._cohort
        yield "index", self._index
        yield from ((c.name, partial(self._criterion, c)) for c in cohort.criteria)
        if study.exposure is not None:
            yield study.exposure.name, partial(self._exposure, study.exposure)
            yield from ((x.name, partial(self._level, x)) for x in study.exposure.levels)
        if study.follow_up is not None:
            yield "follow-up", partial(self._follow_up, study.follow_up)
        yield from ((o.name, partial(self._outcome, o)) for o in study.outcomes)
        yield from ((r.name, partial(self._report, r)) for r in study.reports)

    def of_model(self) -> Iterator[tuple[str, Make]]:
        """What the study may name of its model: tables and their columns, attributes, values, the roles it uses."""
        model = self.study.model
        for table in model.tables.values():
            for column in table.columns.values():
                yield f"{table.name}.{column.name}", partial(self._column, table, column)
        entity = model.entities[self.study.cohort.entity]
        attributes = model.tables[entity.attributes]
        for column in attributes.columns.values():
            yield column.name, partial(self._column, attributes, column)
        yield from ((d.name, partial(self._derived, d)) for d in entity.derived.values())
        yield from ((t.name, partial(self._table, t)) for t in model.tables.values())
        yield from ((r.name, partial(self._role, r)) for r in self.study.roles)

    # --- the study's own ---------------------------------------------------------------------------------------------

    def _parameter(self, one: core.Parameter) -> Explained:
        return self._told("parameter", one, means.parameter(self.reader, one), one.value)

    def _definition(self, one: core.Definition) -> Explained:
        return self._told("definition", one, means.definition(self.reader, one), one.value, self._check_kind(one))

    def _check_kind(self, one: core.Definition) -> str:
        """A definition is checked where it is used: as a baseline variable, if it is one."""
        reports = (r for r in self.study.reports if isinstance(r, core.BaselineReport))
        return "variable" if any(v.name == one.name for r in reports for v in r.of) else "definition"

    def _criterion(self, one: core.Criterion) -> Explained:
        return self._told(one.kind, one, means.criterion(self.reader, one), one.condition)

    def _level(self, one: core.Level) -> Explained:
        if one.condition is None:
            return self._base("level", one, means.level(self.reader, one), [])
        return self._told("level", one, means.level(self.reader, one), one.condition)

    def _exposure(self, one: core.Exposure) -> Explained:
        conditions = [x.condition for x in one.levels if x.condition is not None]
        return self._whole("exposure", one, means.exposure(self.reader, one), conditions)

    def _cohort(self) -> Explained:
        cohort = self.study.cohort
        conditions = [c.condition for c in cohort.criteria]
        event = index_event(self.study)
        more = () if event is None else (event.facts,)
        return self._whole("cohort", cohort, means.cohort(self.reader, cohort), conditions, more)

    def _index(self) -> Explained:
        event, index = index_event(self.study), self.study.cohort.index
        said = means.index(self.reader, index)
        if event is None:
            return self._whole("index", core.Element(name="index", labels={}), said, [])
        return self._event("index", core.Element(name="index", labels={}, span=event.dated.span), said, event)

    def _outcome(self, one: core.Outcome) -> Explained:
        said = means.outcome(self.reader, one)
        if one.event is not None:
            return self._event("outcome", one, said, one.event)
        facts = next((r.facts for r in self.study.roles if r.name == one.role), None)
        return self._whole("outcome", one, said, [], () if facts is None else (facts,))

    def _follow_up(self, one: core.FollowUp | core.RecordedFollowUp) -> Explained:
        if not isinstance(one, core.FollowUp):
            element = core.Element(name="follow-up", labels={})
            return self._whole("follow-up", element, means.recorded(self.reader, one), [], (one.facts,))
        roles = {t.role for t in (one.start, *one.ends)}
        facts = tuple(r.facts for r in self.study.roles if r.name in roles)
        element = core.Element(name="follow-up", labels={}, span=one.start.span)
        return self._whole("follow-up", element, means.follow_up(self.reader, one), [], facts)

    def _report(self, one: core.Report) -> Explained:
        element = core.Element(name=one.name, labels={})
        parts = [c.condition for c in self.study.cohort.criteria]
        parts += [v.value for v in one.of] if isinstance(one, core.BaselineReport) else []
        event = index_event(self.study)
        facts = [] if event is None else [event.facts]
        if not isinstance(one, core.AttritionReport) and one.by is not None and self.study.exposure is not None:
            parts += [x.condition for x in self.study.exposure.levels if x.condition is not None]
        if not isinstance(one, core.AttritionReport | core.BaselineReport):
            facts += [o.event.facts for o in self.study.outcomes if o.name in one.of and o.event is not None]
            facts += [r.facts for r in self.study.roles]
        told = self._whole("report", element, means.report(self.reader, one), parts, tuple(facts))
        return replace(told, used_by=(self.reader.words("use.release"),))

    # --- the model's -------------------------------------------------------------------------------------------------

    def _role(self, one: core.Role) -> Explained:
        element = core.Element(name=one.name, labels=one.labels)
        return self._whole("role", element, means.role(self.reader, one), [], (one.facts,))

    def _derived(self, one: Derived) -> Explained:
        entity = self.study.model.entities[self.study.cohort.entity]
        column = self.study.model.tables[entity.attributes].columns[one.column]
        said = means.derived(self.reader, self.reader.words.text(column.labels, column.name))
        return self._of_columns("derived", one.name, one.labels, said, [ColumnRef(entity.attributes, one.column)])

    def _column(self, table: Table, one: Column) -> Explained:
        attribute = table.name == self.study.cohort.table
        said = means.column(self.reader, table, one, attribute)
        name = one.name if attribute else f"{table.name}.{one.name}"
        kind = "attribute" if attribute else "column"
        return self._of_columns(kind, name, one.labels, said, [ColumnRef(table.name, one.name)])

    def _table(self, one: Table) -> Explained:
        coverage: Coverage = self.study.coverage.get(one.name, one.coverage)
        columns = [c for c in self.study.columns if c.table == one.name]
        said = means.table(self.reader, one, coverage)
        return self._of_columns("table", one.name, one.labels, said, columns)

    # --- put together ------------------------------------------------------------------------------------------------

    def _told(
        self, kind: str, one: core.Element, said: tuple[str, ...], expr: Expr, checks: str | None = None
    ) -> Explained:
        """Of an element that is one expression."""
        return replace(
            self._base(kind, one, said, [expr]),
            value=self.four.value(expr),
            grain=self.four.grain(expr.facts),
            horizon=self.four.horizon(expr.facts, self.four.tables_of([expr])),
            origin=self.four.origin(expr.facts.origin),
            checks=self.checks.verdicts(one.name, checks or kind, expr, (expr.facts,)),
        )

    def _event(self, kind: str, one: core.Element, said: tuple[str, ...], event: core.EventQuery) -> Explained:
        table = self.study.model.tables[event.table]
        columns = event.facts.origin | day_columns(table, event.match)
        hulls = {horizon.hull(event.window): (event.table,)}
        parts = [] if event.condition is None else [event.condition]
        return replace(
            self._base(kind, one, said, parts, (event.table,)),
            grain=self.four.grain(event.facts),
            horizon=self.four.horizon(event.facts, hulls),
            origin=self.four.origin(columns),
            checks=self.checks.verdicts(one.name, kind, event.condition, (event.facts,)),
        )

    def _whole(
        self, kind: str, one: core.Element, said: tuple[str, ...], parts: list[Expr], more: tuple[Facts, ...] = ()
    ) -> Explained:
        """Of an element that is made of several: its parts have their own facts, the whole has its origin."""
        facts = (*(p.facts for p in parts), *more)
        columns = {c for f in facts for c in f.origin}
        return replace(
            self._base(kind, one, said, []),
            origin=self.four.origin(columns) if columns else None,
            checks=self.checks.verdicts(one.name, kind, None, facts),
        )

    def _of_columns(
        self, kind: str, name: str, labels: Mapping[str, str], said: tuple[str, ...], columns: list[ColumnRef]
    ) -> Explained:
        one = core.Element(name=name, labels=labels)
        column = self.reader.column_of(columns[0]) if kind in ("attribute", "column") else None
        return replace(
            self._base(kind, one, said, []),
            value=None if column is None else self.four.column_value(column),
            origin=self.four.origin(columns) if columns else None,
        )

    def _base(
        self, kind: str, one: core.Element, said: tuple[str, ...], parts: list[Expr], tables: tuple[str, ...] = ()
    ) -> Explained:
        """What every name has; the facts are still to be filled in."""
        words = self.reader.words
        label = words.text(one.labels, "") if one.labels else ""
        return Explained(
            name=one.name,
            kind=words(f"kind.{kind}"),
            label="" if label.casefold() == one.name.replace("_", " ").casefold() else label,
            place=_place(one.span),
            means=said,
            legal=words.text(one.legal, "") if one.legal else "",
            gap=words.text(one.gap, "") if one.gap else "",
            terms=self._terms(parts, tables),
            used_by=self._used_by(one.name),
        )

    def _terms(self, parts: list[Expr], tables: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The definitions and tables that a meaning names, each with its own."""
        found: dict[str, str] = {}
        definitions = {d.name: d for d in self.study.definitions}
        asked = list(tables)
        for node in (n for part in parts for n in walk(part)):
            if isinstance(node, core.Ref):
                found[node.name] = " ".join(means.definition(self.reader, definitions[node.name]))
            elif isinstance(node, core.RowQuery | core.RowValue):
                asked.append(node.table)
        for name in asked:
            table = self.study.model.tables[name]
            coverage = self.study.coverage.get(name, table.coverage)
            label = self.reader.words.text(table.labels, name)
            found[name] = " ".join((f"{label}.", *means.table(self.reader, table, coverage)))
        return tuple(found.items())

    def _used_by(self, name: str) -> tuple[str, ...]:
        users = dict.fromkeys((u.kind, u.name) for u in self.uses if name in u.names and name != u.name)
        return tuple(self.reader.words(f"use.{kind}", name=user) for kind, user in users)


def _place(span: Span | None) -> Place | None:
    if span is None:
        return None
    line, column = span.source.position(span.start)
    return Place(span.source.name, line, column)
