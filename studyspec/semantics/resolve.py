"""From a document and its catalogue to the resolved study, or to everything that is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from studyspec.catalogue.types import Catalogue, Coverage, ValueType
from studyspec.language import tree
from studyspec.semantics import core, design, elements, faults, permits
from studyspec.semantics.core import ColumnRef, Expr
from studyspec.semantics.dependencies import in_order
from studyspec.semantics.digest import digest
from studyspec.semantics.expressions import resolve as resolve_expression
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.horizon import EXTRACTION, Order
from studyspec.semantics.reports import resolve_report
from studyspec.semantics.rows import day_columns
from studyspec.semantics.scope import Scope, labels, texts
from studyspec.semantics.values import literal, text_literal
from studyspec.semantics.walk import Rows, expressions, walk
from studyspec.source import Diagnostic, Span


def resolve(
    document: tree.Document, catalogue: Catalogue, today: datetime.date | None = None
) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    """The study, unless something is wrong with it; and all that is wrong, or worth saying, in the order of the text.

    today: the day permits must be valid on; by default the day it is.
    """
    faults_found: list[Diagnostic] = []
    names = _Names(document, catalogue, faults_found)
    study, order = _study(document, catalogue, names, faults_found)
    if study is not None:
        spans = _column_spans(study)
        faults_found += permits.check(study, document, catalogue, spans, order, today or datetime.date.today())
        settled = frozenset(n for n in names.allowing("last-known") if n in names.values)
        found = design.findings(study, order, settled)
        faults_found += _allowed(document, [*found, *names.settled_findings(study)])
    errors = [f for f in faults_found if f.severity == "error"]
    ordered = tuple(sorted(dict.fromkeys(faults_found), key=lambda f: f.span.start if f.span else -1))
    return (None if errors else study), ordered


# --- definitions -----------------------------------------------------------------------------------------------------


@dataclass
class _Names:
    """Parameters and definitions, resolved when they are first used, and the order they came to be known in."""

    document: tree.Document
    catalogue: Catalogue
    faults: list[Diagnostic]
    nodes: dict[str, tree.Define | tree.Parameter] = field(default_factory=dict)
    constants: dict[str, core.Literal_] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = {n.name.text: n for n in self.document.parameters}
        self.nodes |= {n.name.text: n for n in self.document.defines}
        self._distinct()

    def _elements(self) -> Iterator[tree.Named]:
        document = self.document
        yield from (*document.parameters, *document.defines)
        for cohort in document.cohorts:
            yield cohort
            yield from cohort.criteria
        for exposure in document.exposures:
            yield exposure
            yield from exposure.levels
        yield from document.outcomes

    def _distinct(self) -> None:
        """Every element has a name of its own, which is no name of the model."""
        first: dict[str, Span] = {}
        model = self.catalogue.model
        taken = {**dict.fromkeys(model.tables, "a table"), **dict.fromkeys(model.roles, "a role")}
        for entity in model.entities.values():
            columns = model.tables[entity.attributes].columns
            taken.update({**dict.fromkeys(columns, "an attribute"), **dict.fromkeys(entity.derived, "a value")})
        for node in self._elements():
            name = node.name.text
            if name.casefold() in first:
                self.faults.append(faults.duplicate_name(node.name.span, name, first[name.casefold()]))
            elif name in taken:
                self.faults.append(faults.name_taken(node.name.span, name, taken[name]))
            first.setdefault(name.casefold(), node.name.span)

    def allowing(self, code: str) -> frozenset[str]:
        """The elements that allow a check's code."""
        if code not in self.allowed:
            found = (n.name.text for n in self._elements() if any(a.code == code for a in n.allows))
            self.allowed[code] = frozenset(found)
        return self.allowed[code]

    def allows(self) -> Iterator[tuple[str, tree.Allow]]:
        for node in self._elements():
            yield from ((node.name.text, a) for a in node.allows)
        if self.document.follow_up is not None:
            yield from (("follow-up", a) for a in self.document.follow_up.allows)

    def settled_findings(self, study: core.Study) -> Iterator[design.Finding]:
        """Last-known columns inside definitions that allow them: their `allow` is in use."""
        for name in sorted(self.allowing("last-known") & set(self.values)):
            for column in self.values[name].facts.origin:
                if study.model.tables[column.table].columns[column.column].as_of:
                    span = self.nodes[name].name.span
                    yield design.Finding(faults.last_known(span, str(column), f"`{name}`"), (name,))

    def use(self, node: tree.Name, scope: Scope) -> Expr | None:
        """A definition where it is used: a reference, or inside a row query the expression itself."""
        name = node.text
        if name in self.open:
            scope.report(faults.circular_definition(node.span, name))
            return None
        if not self._settled(name):
            for needed in in_order(name, self.nodes, self._settled):
                self._resolve(needed, scope)
        if name in self.constants:
            return replace(self.constants[name], span=node.span)
        value = self.values.get(name)
        if value is None:
            return None
        if scope.row is not None:
            if any(isinstance(n, Rows) for n in walk(value, self.values)):
                scope.report(faults.nested_rows(node.span))
                return None
            return value
        facts = value.facts
        if name in self.allowing("last-known"):
            facts = replace(facts, known=facts.known - {EXTRACTION})
        return core.Ref(facts=facts, span=node.span, name=name)

    def _settled(self, name: str) -> bool:
        """Whether a definition is known, at fault, or being looked at."""
        return name in self.values or name in self.constants or name in self.failed or name in self.open

    def _resolve(self, name: str, scope: Scope) -> None:
        node = self.nodes[name]
        inner = replace(scope, row=None, outer=None, that_day=False, window=None, phase="criteria")
        self.open.append(name)
        value: Expr | None
        if isinstance(node, tree.Parameter) and node.type.kind != "condition":
            value = _constant(node, inner)
            if value is not None:
                self.constants[name] = value
        else:
            of = resolve_condition if isinstance(node, tree.Parameter) else resolve_expression
            value = of(node.value, inner)
            if value is not None:
                self.values[name] = value
        if value is None:
            self.failed.add(name)
        self.open.pop()

    def definitions(self, language: str) -> tuple[core.Definition, ...]:
        """In the order they came to be known, which is an order of dependency."""
        return tuple(
            core.Definition(
                name=name,
                labels=labels(language, self.nodes[name].name, self.nodes[name].label, self.nodes[name].labels),
                legal=texts(language, self.nodes[name].legal),
                gap=texts(language, self.nodes[name].gap),
                span=self.nodes[name].name.span,
                value=value,
            )
            for name, value in self.values.items()
        )


def _constant(node: tree.Parameter, scope: Scope) -> core.Literal_ | None:
    """The value of a parameter, which must be a constant of its type."""
    if not isinstance(node.value, (tree.Text, tree.Number, tree.Boolean, tree.Date, tree.Duration)):
        scope.report(faults.wrong_type(node.value.span, f"constant {node.type.kind}", "expression"))
        return None
    value = literal(node.value, scope)
    if value is None:
        return None
    if node.type.kind == "code":
        assert node.type.list is not None
        codes = scope.codelist(node.type.list.text)
        if codes is None:
            known = scope.catalogue.codelists
            scope.report(faults.unknown_name(node.type.list.span, node.type.list.text, known, "code list"))
            return None
        return text_literal(value, ValueType("code", list=codes.of or codes.name), scope)
    if value.facts.type.kind != node.type.kind and (node.type.kind, value.facts.type.kind) != ("decimal", "integer"):
        scope.report(faults.wrong_type(node.value.span, node.type.kind, str(value.facts.type)))
        return None
    return value


# --- the study -------------------------------------------------------------------------------------------------------


def _study(
    document: tree.Document, catalogue: Catalogue, names: _Names, found: list[Diagnostic]
) -> tuple[core.Study | None, Order]:
    before = len(found)
    if not document.cohorts:
        remedy = "Write `cohort clients of person` with an index and criteria."
        found.append(faults.element_missing(document.header.span, "cohort", "every study is about", remedy))
        return None, Order()
    for surplus in document.cohorts[1:]:
        found.append(faults.too_many(surplus.name.span, "cohort"))
    for surplus_exposure in document.exposures[1:]:
        found.append(faults.too_many(surplus_exposure.name.span, "exposure"))
    if not document.reports:
        remedy = "Write at least `report attrition`."
        found.append(faults.element_missing(document.header.span, "report", "says what is published", remedy))
    node = document.cohorts[0]
    entity = catalogue.model.entities.get(node.entity.text)
    if entity is None:
        found.append(
            faults.unknown_name(node.entity.span, node.entity.text, catalogue.model.entities, "entity in the model")
        )
        return None, Order()
    scope = Scope(catalogue, document.language.code, entity, "index", names.use, frozenset(names.nodes), faults=found)
    index = None
    if isinstance(node.index, tree.Index) and node.index.washout is None:
        index = elements.resolve_index(node.index, scope)
    else:
        scope.report(faults.not_run(node.index.span, "This index"))
    for part in (document.policy, *document.imports, *document.spells, *document.states):
        if part is not None:
            scope.report(faults.not_run(part.span, "This statement"))
    order = Order() if index is None else elements.index_order(index, scope.model)
    scope = scope.in_phase("criteria")
    criteria = elements.resolve_criteria(node, scope)
    for name in names.nodes:
        if not {name} & (names.values.keys() | names.constants.keys() | names.failed):
            names.use(names.nodes[name].name, scope)
    return _rest(document, catalogue, names, scope, node, index, criteria, order, before)


def _rest(
    document: tree.Document,
    catalogue: Catalogue,
    names: _Names,
    scope: Scope,
    node: tree.Cohort,
    index: core.EventQuery | None,
    criteria: tuple[core.Criterion, ...],
    order: Order,
    before: int,
) -> tuple[core.Study | None, Order]:
    """Everything that comes after the criteria."""
    exposure = None
    if document.exposures:
        exposure = elements.resolve_exposure(document.exposures[0], scope.in_phase("exposure"))
    follow_up = None
    if isinstance(document.follow_up, tree.FollowUp):
        follow_up = elements.resolve_follow_up(document.follow_up, scope)
        order = replace(order, follow_up=follow_up)
    elif document.follow_up is not None:
        scope.report(faults.not_run(document.follow_up.span, "A recorded follow-up"))
    elif document.outcomes:
        remedy = "Write `follow-up from index to earliest(index + 1 year, end of data)`."
        scope.report(
            faults.element_missing(
                document.outcomes[0].name.span, "follow-up", "its outcomes are looked for in", remedy
            )
        )
    outcome_scope = replace(scope, phase="outcome", follow_up=follow_up)
    outcome_names = frozenset(o.name.text for o in document.outcomes)
    found = [elements.resolve_outcome(o, outcome_names, outcome_scope) for o in document.outcomes]
    outcomes = tuple(o for o in found if o is not None)
    exposures = {} if exposure is None else {exposure.name: exposure}
    reports = _reports(document, names, outcome_scope, exposures, outcome_names, criteria)
    roles = _roles(follow_up, outcomes, outcome_scope)
    if index is None or roles is None or any(f.severity == "error" for f in scope.faults[before:]):
        return None, order
    cohort = core.Cohort(
        entity=scope.entity.name,
        table=scope.attributes.name,
        key=scope.attributes.key,
        index=core.IndexEvent(event=index, pick="first" if index.first else "last", washout=None),
        criteria=criteria,
        **elements.named(node, scope),  # type: ignore[arg-type]
    )
    study = core.Study(
        name=document.header.name.text,
        version=document.header.version,
        language=document.language.code,
        titles=texts(document.language.code, document.titles),
        purposes=texts(document.language.code, document.purposes),
        model=catalogue.model,
        permits=tuple(p.id.value for p in document.permits),
        codelists={c.name.text: catalogue.codelists[c.name.text].hash for c in document.codelists},
        parameters=tuple(
            core.Parameter(name=n, labels=labels(scope.language, names.nodes[n].name), value=v)
            for n, v in names.constants.items()
        ),
        definitions=names.definitions(scope.language),
        roles=roles,
        spells=(),
        cohorts=(cohort,),
        exposures=() if exposure is None else (exposure,),
        strata=(),
        follow_up=follow_up,
        outcomes=outcomes,
        states=(),
        reports=reports,
        allowed=tuple(core.Allowed(a.code, a.reason, name) for name, a in names.allows()),
        coverage={},
        columns=(),
    )
    return _completed(study, catalogue), order


def _reports(
    document: tree.Document,
    names: _Names,
    scope: Scope,
    exposures: dict[str, core.Exposure],
    outcomes: frozenset[str],
    criteria: tuple[core.Criterion, ...],
) -> tuple[core.Report, ...]:
    numbers: dict[str, int] = {}
    reports = []
    by_names = exposures
    if not exposures and document.exposures:
        by_names = {document.exposures[0].name.text: None}  # type: ignore[dict-item]
    for node in document.reports:
        numbers[node.kind] = numbers.get(node.kind, 0) + 1
        inner = replace(scope, phase="criteria")
        report = resolve_report(node, numbers[node.kind], inner, by_names, outcomes, names.values, criteria)
        if report is not None:
            reports.append(report)
    return tuple(reports)


def _roles(
    follow_up: core.FollowUp | None, outcomes: tuple[core.Outcome, ...], scope: Scope
) -> tuple[core.Role, ...] | None:
    """The roles that the study uses, in the order it names them."""
    used = [e.role for e in follow_up.ends if e.role is not None] if follow_up else []
    for outcome in outcomes:
        used += [outcome.role] if outcome.role is not None else []
        used += [c.name for c in outcome.competing if c.kind == "role"]
    found = [elements.resolve_role(name, scope) for name in dict.fromkeys(used)]
    return None if any(r is None for r in found) else tuple(r for r in found if r is not None)


# --- what only the whole study tells ---------------------------------------------------------------------------------


def _completed(study: core.Study, catalogue: Catalogue) -> core.Study:
    """With the coverage of its tables, the end of data of each outcome, its columns, and its hash."""
    columns = _columns(study)
    coverage = {t: _coverage(t, catalogue) for t in sorted({c.table for c in columns})}
    roles = {r.name: r for r in study.roles}
    outcomes = tuple(replace(o, end_of_data=_end_of_data(o, study, roles, coverage)) for o in study.outcomes)
    study = replace(study, columns=columns, coverage=coverage, outcomes=outcomes)
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
    if isinstance(study.follow_up, core.FollowUp):
        tables |= {roles[e.role].table for e in study.follow_up.ends if e.role is not None}
    ends = [coverage[t].end for t in tables]
    return min((e for e in ends if e is not None), default=None)


def _columns(study: core.Study) -> tuple[ColumnRef, ...]:
    """Every column the study may read, keys and days included, in order."""
    found: set[ColumnRef] = {ColumnRef(study.cohort.table, study.cohort.key)}
    for expr in expressions(study):
        found |= expr.facts.origin
    events: tuple[core.EventQuery | core.Role, ...] = (
        study.cohort.event,
        *(o.event for o in study.outcomes if o.event is not None),
        *study.roles,
    )
    for event in events:
        found |= event.facts.origin
        found |= day_columns(study.model.tables[event.table], event.match)
    found |= {ColumnRef(t, study.model.tables[t].key) for t in {c.table for c in found}}
    return tuple(sorted(found))


_ONE_COLUMN = (core.Attribute, core.RowColumn, core.YearsSince, core.RowValue)


def _column_spans(study: core.Study) -> dict[ColumnRef, Span]:
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
    for event in (study.cohort.event, *(o.event for o in study.outcomes if o.event is not None)):
        for column in event.facts.origin:
            if event.dated.span is not None:
                spans.setdefault(column, event.dated.span)
    return spans


def _allowed(document: tree.Document, found: list[design.Finding]) -> Iterator[Diagnostic]:
    """Design faults that no `allow` sets aside, and what is wrong with the `allow`s themselves."""
    given = {}
    for named in _named(document):
        for allow in named.allows:
            if allow.code not in design.ALLOWABLE:
                yield faults.allow_refused(allow.span, allow.code, design.ALLOWABLE)
            else:
                given[(named.name.text, allow.code)] = allow
    for allow in document.follow_up.allows if document.follow_up else ():
        given[("follow-up", allow.code)] = allow
    used = set()
    for finding in found:
        keys = [(name, finding.fault.code) for name in finding.elements if (name, finding.fault.code) in given]
        used.update(keys)
        if not keys:
            yield finding.fault
    for key, allow in given.items():
        if key not in used:
            yield faults.unused_allow(allow.span, allow.code)


def _named(document: tree.Document) -> Iterator[tree.Named]:
    yield from (*document.parameters, *document.defines, *document.cohorts, *document.exposures, *document.outcomes)
    for cohort in document.cohorts:
        yield from cohort.criteria
    for exposure in document.exposures:
        yield from exposure.levels
