"""What is told of each kind of name: the elements of a study, and what it names of its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from studyspec.catalogue.types import CodeList, Column, Coverage, Derived, Entity, Table
from studyspec.review import means
from studyspec.review.checks import Checked
from studyspec.review.facts import FourFacts
from studyspec.review.readback import Reader
from studyspec.review.types import Explained, Group, Place, Verdict
from studyspec.review.uses import Use, by, described, index_event, index_name, subjects
from studyspec.semantics import core, horizon
from studyspec.semantics.core import ColumnRef, Expr, Facts
from studyspec.semantics.facts import spells_origin
from studyspec.semantics.walk import spell_rows, times_in, walk
from studyspec.source import Span


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes what is told, one method for each kind of name.  cohorts: those that it tells of."""

    study: core.Study
    reader: Reader
    four: FourFacts
    checks: Checked
    uses: tuple[Use, ...]
    cohorts: tuple[core.Cohort, ...]

    # --- named expressions -------------------------------------------------------------------------------------------

    def parameter(self, one: core.Parameter) -> Explained:
        return self._told("parameter", one, means.parameter(self.reader, one), one.value)

    def definition(self, one: core.Definition) -> Explained:
        said = means.definition(self.reader, one)
        return replace(self._told("definition", one, said, one.value, self._check_kind(one)), groups=self._shown(one))

    def _check_kind(self, one: core.Definition) -> str:
        """A definition is checked where it is used: as a baseline variable, if it is one."""
        reports = (r for r in self.study.reports if isinstance(r, core.BaselineReport))
        return "variable" if any(v.name == one.name for r in reports for v in r.of) else "definition"

    def _shown(self, one: core.Definition) -> tuple[Group, ...]:
        """The categories that reports show a definition by."""
        every = [*self.study.strata, *(v for r in self.study.reports for v in described(r))]
        found = (v for v in every if isinstance(v, core.Variable) and v.name == one.name)
        variable = next(found, None)
        return () if variable is None else self._groups(variable.categories)

    def _groups(self, categories: Iterable[core.Category]) -> tuple[Group, ...]:
        return tuple(Group(c.key, self.reader.words.text(c.labels, "")) for c in categories)

    def spells(self, one: core.SpellSet) -> Explained:
        rows = list(spell_rows(one.value))
        parts = [r.condition for r in rows if r.condition is not None]
        said = means.spells(self.reader, one)
        origin = spells_origin(one.value)
        told = self._base("spells", one, said, parts, tuple(r.table for r in rows))
        facts = tuple(r.facts for r in rows)
        return replace(
            told,
            origin=self.four.origin(origin) if origin else None,
            checks=self._verdicts(one.name, "spells", parts, facts),
        )

    # --- cohorts -----------------------------------------------------------------------------------------------------

    def cohort(self, one: core.Cohort) -> Explained:
        event = index_event(one.index)
        more = () if event is None else (event.facts,)
        return self._whole("cohort", one, means.cohort(self.reader, one), _conditions(one), more)

    def index(self, cohort: core.Cohort) -> Explained:
        """Of an index that is taken from rows, the facts of these; of any other, what it is made from."""
        index, event = cohort.index, index_event(cohort.index)
        said, name = means.index(self.reader, cohort), index_name(self.study, cohort)
        if event is not None:
            element = core.Element(name=name, labels={}, span=event.dated.span)
            return self._event("index", element, said, event, checks=(cohort.name, "index"))
        element = core.Element(name=name, labels={}, span=cohort.span)
        match index:
            case core.IndexDay() if index.day.value is not None:
                return self._whole("index", element, said, [index.day.value], checks=False)
            case core.IndexAssigned():
                told = self._whole("index", element, said, list(index.values), checks=False)
                return replace(told, terms=self._terms(list(index.values), ()))
            case _:
                return self._whole("index", element, said, [], checks=False)

    def criterion(self, one: core.Criterion) -> Explained:
        return self._told(one.kind, one, means.criterion(self.reader, one), one.condition)

    # --- exposures and states ----------------------------------------------------------------------------------------

    def exposure(self, one: core.Exposure) -> Explained:
        return self._of_levels("exposure", one, means.exposure(self.reader, one))

    def state(self, one: core.State) -> Explained:
        return self._of_levels("state", one, means.state(self.reader, one))

    def _of_levels(self, kind: str, one: core.Exposure | core.State, said: tuple[str, ...]) -> Explained:
        conditions, facts = _of_levels(one)
        told = self._whole(kind, one, said, conditions, facts)
        return replace(told, groups=self._groups(one.categories))

    def level(self, one: core.Level, owner: core.Exposure | core.State) -> Explained:
        state = isinstance(owner, core.State)
        kind = "state level" if state else "level"
        said = means.level(self.reader, one, isinstance(owner, core.Exposure) and owner.varying)
        if one.since is not None:
            return self._event(kind, one, said, one.since, checks=(one.name, "level in time"))
        if one.during is not None:
            parts = [] if one.during.condition is None else [one.during.condition]
            origin = one.during.facts.origin
            return replace(
                self._base(kind, one, said, parts, (one.during.table,)),
                origin=self.four.origin(origin) if origin else None,
                checks=self._verdicts(one.name, "level in time", parts, (one.during.facts,)),
            )
        if one.condition is None:
            return self._base(kind, one, said, [])
        return self._told(kind, one, said, one.condition, "level in time" if state else "level")

    # --- follow-up and outcomes --------------------------------------------------------------------------------------

    def follow_up(self, one: core.FollowUp | core.RecordedFollowUp) -> Explained:
        if not isinstance(one, core.FollowUp):
            element = core.Element(name="follow-up", labels={})
            parts = [] if one.censored is None else [one.censored]
            said = means.recorded(self.reader, one)
            told = self._whole("follow-up", element, said, parts, (one.facts,), checks=False)
            return replace(told, terms=self._terms(parts, (one.table,)))
        times = (one.start, *one.ends, *(() if one.entry is None else (one.entry,)))
        roles = {t.role for t in times_in(*times)}
        facts = tuple(r.facts for r in self.study.roles if r.name in roles)
        values = [t.value for t in times if t.value is not None]
        element = core.Element(name="follow-up", labels={}, span=one.start.span)
        said, within = means.follow_up(self.reader, one), one.within
        if within is None:
            return self._whole("follow-up", element, said, values, facts)
        parts = [] if within.condition is None else [within.condition]
        told = self._whole("follow-up", element, said, values, (*facts, within.facts), checks=False)
        checks = self._verdicts("follow-up", "follow-up while", [*values, *parts], (*facts, within.facts))
        return replace(told, terms=self._terms(parts, (within.table,)), checks=checks)

    def outcome(self, one: core.Outcome) -> Explained:
        said = means.outcome(self.reader, one)
        if one.recorded is not None:
            told = self._told("outcome", one, said, one.recorded, "recorded")
            return replace(told, value=None)
        if one.event is not None:
            return self._event("outcome", one, said, one.event, checks=(one.name, "outcome"))
        facts = next((r.facts for r in self.study.roles if r.name == one.role), None)
        return self._whole("outcome", one, said, [], () if facts is None else (facts,), checks=False)

    # --- reports -----------------------------------------------------------------------------------------------------

    def report(self, one: core.Report) -> Explained:
        cohorts = {c.name: c for c in self.study.cohorts}
        cohort = cohorts.get(one.cohort, self.study.cohorts[0])
        parts, facts = self._behind(cohort)
        parts += [v.value for v in described(one)]
        broken = by(one)
        parts += [v.value for v in self.study.strata if v.name == broken]
        shown = subjects(one)
        owners: tuple[core.Exposure | core.State, ...] = (*self.study.exposures, *self.study.states)
        for owner in owners:
            if owner.name == broken or owner.name in shown:
                own, more = _of_levels(owner)
                parts, facts = parts + own, [*facts, *more]
        if shown:
            facts += self._followed(shown)
        element = core.Element(name=one.name, labels={})
        told = self._whole("report", element, means.report(self.reader, one), parts, tuple(facts))
        terms = {v.name: ", ".join(f"`{c.key}`" for c in v.categories) for v in _variables(one)}
        about = (cohort.name,) if len(cohorts) > 1 else ()
        return replace(told, terms=tuple(terms.items()), used_by=(self.reader.words("use.release"),), cohorts=about)

    def _behind(self, cohort: core.Cohort) -> tuple[list[Expr], list[Facts]]:
        """All that decides who is in a cohort, through the cohorts that its index is taken from."""
        cohorts = {c.name: c for c in self.study.cohorts}
        parts, facts, todo = list[Expr](), list[Facts](), [cohort]
        while todo:
            one = todo.pop()
            parts += _conditions(one)
            event = index_event(one.index)
            facts += [] if event is None else [event.facts]
            if isinstance(one.index, core.IndexDay) and one.index.day.value is not None:
                parts.append(one.index.day.value)
            elif isinstance(one.index, core.IndexUnits):
                todo += [cohorts[name] for name in one.index.cohorts]
            elif isinstance(one.index, core.IndexAssigned):
                parts += one.index.values
                todo.append(cohorts[one.index.cohort])
        return parts, facts

    def _followed(self, shown: tuple[str, ...]) -> list[Facts]:
        """What follow-up and outcomes are taken from; of each outcome, with what competes with it."""
        every = {o.name: o for o in self.study.outcomes}
        own = [every[name] for name in shown if name in every]
        own += [every[c.name] for o in own for c in o.competing if c.kind == "outcome"]
        facts = [o.event.facts for o in own if o.event is not None]
        facts += [o.recorded.facts for o in own if o.recorded is not None]
        facts += [r.facts for r in self.study.roles]
        follow_up = self.study.follow_up
        if isinstance(follow_up, core.RecordedFollowUp):
            facts += [follow_up.facts] if follow_up.censored is None else [follow_up.facts, follow_up.censored.facts]
            return facts
        within = None if follow_up is None else follow_up.within
        return facts if within is None else [*facts, within.facts]

    # --- the model's -------------------------------------------------------------------------------------------------

    def role(self, one: core.Role) -> Explained:
        element = core.Element(name=one.name, labels=one.labels)
        return self._whole("role", element, means.role(self.reader, one), [], (one.facts,))

    def derived(self, entity: Entity, one: Derived) -> Explained:
        column = self.study.model.tables[entity.attributes].columns[one.column]
        label = self.reader.words.text(column.labels, column.name)
        columns = [ColumnRef(entity.attributes, one.column)]
        return self._of_columns(
            "derived", one.name, one.labels, means.derived(self.reader, entity.name, label), columns
        )

    def column(self, table: Table, one: Column) -> Explained:
        attribute = table.name in {c.table for c in self.study.cohorts}
        alone = len({c.table for c in self.study.cohorts}) == 1
        name = one.name if attribute and alone else f"{table.name}.{one.name}"
        kind = "attribute" if table.shape == "attributes" else "column"
        said = means.column(self.reader, table, one)
        told = self._of_columns(kind, name, one.labels, said, self._columns(table, [one.name]))
        return replace(told, value=self.four.column_value(one))

    def table(self, one: Table) -> Explained:
        coverage: Coverage = self.study.coverage.get(one.name, one.coverage)
        columns = [c for c in self.study.columns if c.table == one.name] or self._own_columns(one)
        said = means.table(self.reader, one, coverage)
        return self._of_columns("table", one.name, one.labels, said, columns)

    def _columns(self, table: Table, names: list[str]) -> list[ColumnRef]:
        return self._own_columns(table) or [ColumnRef(table.name, name) for name in names]

    def _own_columns(self, table: Table) -> list[ColumnRef]:
        """The columns of the model behind named spells."""
        return [c for s in self.study.spells if s.name == table.name for c in spells_origin(s.value)]

    def codelist(self, one: CodeList) -> Explained:
        element = core.Element(name=one.name, labels=one.labels)
        return self._base("codelist", element, means.codelist(self.reader, one), [])

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
            checks=self._verdicts(one.name, checks or kind, [expr], (expr.facts,)),
        )

    def _event(
        self, kind: str, one: core.Element, said: tuple[str, ...], event: core.EventQuery, checks: tuple[str, str]
    ) -> Explained:
        """Of an element that rows date.  checks: by which name its checks find it, and of which kind it is to them."""
        parts = [] if event.condition is None else [event.condition]
        hulls = {**self.four.tables_of(parts), horizon.hull(event.window): (event.table,)}
        name, like = checks
        return replace(
            self._base(kind, one, said, parts, (event.table,)),
            grain=self.four.grain(event.facts),
            horizon=self.four.horizon(event.facts, hulls),
            origin=self.four.origin(event.facts.origin),
            checks=self._verdicts(name, like, parts, (event.facts,)),
        )

    def _whole(
        self,
        kind: str,
        one: core.Element,
        said: tuple[str, ...],
        parts: list[Expr],
        more: tuple[Facts, ...] = (),
        checks: bool = True,
    ) -> Explained:
        """Of an element that is made of several: its parts have their own facts, the whole has its origin.

        checks: whether the design checks of its kind speak of it
        """
        facts = (*(p.facts for p in parts), *more)
        columns = {c for f in facts for c in f.origin}
        return replace(
            self._base(kind, one, said, []),
            origin=self.four.origin(columns) if columns else None,
            checks=self._verdicts(one.name, kind if checks else "", parts, facts),
        )

    def _verdicts(self, name: str, kind: str, parts: list[Expr], facts: tuple[Facts, ...]) -> tuple[Verdict, ...]:
        return self.checks.verdicts(name, kind, tuple(parts), facts, self.reader.indexed)

    def _of_columns(
        self, kind: str, name: str, labels: Mapping[str, str], said: tuple[str, ...], columns: list[ColumnRef]
    ) -> Explained:
        one = core.Element(name=name, labels=labels)
        return replace(self._base(kind, one, said, []), origin=self.four.origin(columns) if columns else None)

    def _base(
        self, kind: str, one: core.Element, said: tuple[str, ...], parts: list[Expr], tables: tuple[str, ...] = ()
    ) -> Explained:
        """What every name has; the facts are still to be filled in."""
        words = self.reader.words
        label = words.text(one.labels, "") if one.labels else ""
        several = len(self.study.cohorts) > 1
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
            cohorts=tuple(c.name for c in self.cohorts) if several and kind in _TELLING else (),
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
        own = {s.name: s for s in self.study.spells}
        for name in asked:
            table = self.study.model.tables[name]
            coverage = self.study.coverage.get(name, table.coverage)
            label = self.reader.words.text(table.labels, name)
            made = means.spells(self.reader, own[name]) if name in own else ()
            found[name] = " ".join((f"{label}.", *made, *means.table(self.reader, table, coverage)[bool(made) :]))
        return tuple(found.items())

    def _used_by(self, name: str) -> tuple[str, ...]:
        users = dict.fromkeys((u.kind, u.name) for u in self.uses if name in u.names and name != u.name)
        return tuple(self.reader.words(f"use.{kind}", name=user) for kind, user in users)


#: Kinds of which it has to be said what cohorts they tell of, where there are several.
_TELLING = frozenset(
    {"definition", "include", "exclude", "exposure", "level", "outcome", "follow-up", "state", "state level"}
)


def _conditions(cohort: core.Cohort) -> list[Expr]:
    return [c.condition for c in cohort.criteria]


def _of_levels(one: core.Exposure | core.State) -> tuple[list[Expr], tuple[Facts, ...]]:
    """The conditions of levels, and the facts of those that rows date or spells hold."""
    conditions = [x.condition for x in one.levels if x.condition is not None]
    facts = [x.since.facts for x in one.levels if x.since is not None]
    facts += [x.during.facts for x in one.levels if x.during is not None]
    return conditions, tuple(facts)


def _variables(report: core.Report) -> list[core.Variable]:
    return [v for v in described(report) if isinstance(v, core.Variable)]


def _place(span: Span | None) -> Place | None:
    if span is None:
        return None
    line, column = span.source.position(span.start)
    return Place(span.source.name, line, column)
