"""From a document and its catalogue to the resolved study, or to everything that is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from studyspec.catalogue.types import Catalogue
from studyspec.language import tree
from studyspec.semantics import checks, core, design, elementfaults, faults, permits
from studyspec.semantics.allows import unallowed
from studyspec.semantics.cohorts import index_order, ranged, resolve_cohort, without_index
from studyspec.semantics.complete import column_spans, completed
from studyspec.semantics.dataends import unknown_ends
from studyspec.semantics.definitions import Definitions
from studyspec.semantics.exposures import resolve_exposure, resolve_state
from studyspec.semantics.horizon import Order
from studyspec.semantics.outcomes import (
    resolve_follow_up,
    resolve_outcome,
    resolve_recorded,
    resolve_role,
    used_roles,
)
from studyspec.semantics.reports import Reported, resolve_report
from studyspec.semantics.scope import Scope, labels, texts
from studyspec.semantics.spells import with_spells
from studyspec.semantics.walk import times_in
from studyspec.source import Diagnostic, Related

T = TypeVar("T")
E = TypeVar("E", bound=core.Element)


def resolve(
    document: tree.Document, catalogue: Catalogue, today: datetime.date | None = None
) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    """The study, unless something is wrong with it; and all that is wrong, or worth saying, in the order of the text.

    today: the day permits must be valid on; by default the day it is.
    """
    found: list[Diagnostic] = []
    names = Definitions(document, catalogue, found)
    made = Making(document, catalogue, names, found).study()
    if made is not None:
        study, orders = made
        spans = column_spans(study)
        settled = frozenset(n for n in names.allowing("last-known") if n in names.values)
        findings: list[design.Finding] = []
        for cohort in study.cohorts:  # each with its own range of the index
            order, alone = orders[cohort.name], checks.alone(study, cohort)
            found += permits.check(alone, document, catalogue, spans, order, today or datetime.date.today())
            findings += checks.of_cohort(alone, catalogue, order, settled, today or datetime.date.today())
        findings += checks.of_study(study, document)
        found += unallowed(document, [*findings, *names.settled_findings(study)])
    errors = [f for f in found if f.severity == "error"]
    return (None if made is None or errors else made[0]), told_once(found)


def told_once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings in the order of the text; a name that is not there is told at its first use, with the others."""
    told: list[Diagnostic] = []
    first: dict[str, int] = {}
    for one in sorted(dict.fromkeys(found), key=lambda f: f.span.start if f.span else -1):
        at = first.get(one.message) if one.code == "unknown-name" else None
        if at is None or one.span is None:
            first.setdefault(one.message, len(told))
            told.append(one)
        else:
            told[at] = replace(told[at], related=(*told[at].related, Related(one.span, "and here")))
    return tuple(told)


@dataclass
class Making:
    """A study in the making, element after element; what is at fault is left out, and ends it at the last."""

    document: tree.Document
    catalogue: Catalogue
    names: Definitions
    found: list[Diagnostic]
    scopes: dict[str, Scope] = field(default_factory=dict)
    cohorts: dict[str, core.Cohort] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    #: Cohorts of which only the name and the entity could be read.
    unread: tuple[tuple[tree.Name, tree.Name], ...] = ()

    def study(self) -> tuple[core.Study, dict[str, Order]] | None:
        """The study and the range of each cohort's index; None after a fault."""
        before = len(self.found)
        document = self.document
        for name, entity in self.unread:
            self._entered(name, entity)
            self.faulty.add(name.text)
        if not document.cohorts and not self.unread:
            remedy = "Write `cohort clients of person` with an index and criteria."
            self.found.append(faults.element_missing(document.header.span, "cohort", "every study is about", remedy))
            return None
        if not document.reports:
            remedy = "Write at least `report attrition`."
            self.found.append(faults.element_missing(document.header.span, "report", "says what is published", remedy))
        for node in document.cohorts:
            self._cohort(node)
        if not self.scopes:
            return None
        self.scopes = {name: self._after(scope) for name, scope in self.scopes.items()}
        alone = len({scope.entity.name for scope in self.scopes.values()}) == 1
        if alone:
            self._unused()
        made = self._rest()
        if not alone:
            self._unused()
        if made is None or len(self.scopes) < len(document.cohorts) or _errors(self.found[before:]):
            return None
        study = completed(made, self.catalogue)
        unknown = list(unknown_ends(study))
        self.found.extend(unknown)
        return None if unknown else (study, self.orders)

    # --- cohorts and definitions ---

    def _cohort(self, node: tree.Cohort) -> None:
        scope = self._entered(node.name, node.entity)
        cohort = None if scope is None else resolve_cohort(node, scope, self.names.taken())
        if scope is not None and cohort is not None:
            self.orders[cohort.name] = index_order(cohort.index, self.cohorts, scope.model)
            self.cohorts[cohort.name] = cohort
        else:
            self.faulty.add(node.name.text)

    def _entered(self, name: tree.Name, entity: tree.Name) -> Scope | None:
        """The scope of a cohort, by its entity."""
        entities = self.catalogue.model.entities
        if entity.text not in entities:
            self.found.append(faults.unknown_name(entity.span, entity.text, entities, "entity in the model"))
            return None
        scope = self._scope(entity.text)
        self.scopes[name.text] = scope
        return scope

    def _scope(self, entity: str) -> Scope:
        """The scope of an entity, with the cohorts so far; named spells are resolved the first time."""
        known = next((s for s in self.scopes.values() if s.entity.name == entity), None)
        if known is not None:
            return self._after(known)
        other = next(iter(self.scopes.values()), None)
        if other is not None:
            entities = self.catalogue.model.entities
            return self._after(replace(other, entity=entities[entity]))
        first = Scope(
            catalogue=self.catalogue,
            language=self.document.language.code,
            entity=self.catalogue.model.entities[entity],
            phase="criteria",
            define=self.names.use,
            definitions=frozenset(self.names.nodes),
            faults=self.found,
        )
        return self._after(with_spells(self.document.spells, first))

    def _after(self, scope: Scope) -> Scope:
        """A scope after the cohorts so far."""
        return replace(scope, cohorts=dict(self.cohorts), faulty=frozenset(self.faulty))

    def _unused(self) -> None:
        """Resolve the definitions that nothing has used, for what is wrong with them."""
        names, scope = self.names, next(iter(self.scopes.values()))
        for name in names.nodes:
            if not {name} & (names.values.keys() | names.constants.keys() | names.failed):
                names.use(names.nodes[name].name, scope)

    # --- everything after the criteria ---

    def _of(self, name: str) -> Scope:
        """The scope of an element: that of the first report that names it, or of the first cohort."""
        for report in self.document.reports:
            if any(item.text == name for item in (*report.of, *report.by)):
                cohort = report.cohort.text if report.cohort else ""
                return self.scopes.get(cohort) or next(iter(self.scopes.values()))
        return next(iter(self.scopes.values()))

    def _rest(self) -> core.Study | None:
        document = self.document
        exposures = [resolve_exposure(e, self._of(e.name.text).in_phase("exposure")) for e in document.exposures]
        follow_up = self._follow_up()
        described = follow_up if isinstance(follow_up, core.FollowUp) else None
        recorded = follow_up if isinstance(follow_up, core.RecordedFollowUp) else None

        def after(name: str) -> Scope:
            return replace(self._of(name), phase="outcome", follow_up=described)

        written = isinstance(document.follow_up, tree.FollowUpRecorded)
        outcomes = _sound(
            resolve_outcome(o, document.outcomes, recorded, after(o.name.text), written) for o in document.outcomes
        )
        states = _sound(resolve_state(s, after(s.name.text)) for s in document.states)
        what = Reported(
            cohorts=self.cohorts,
            scopes={name: replace(scope, follow_up=described) for name, scope in self.scopes.items()},
            exposures=_by_name(_sound(exposures)),
            outcomes=_by_name(outcomes),
            states=_by_name(states),
            follow_up=follow_up,
            values=self.names.values,
            labels={one.name: one.labels for one in self.names.definitions(self._of("").language)},
            written={
                "cohort": frozenset(n.name.text for n in document.cohorts),
                "exposure": frozenset(n.name.text for n in document.exposures),
                "outcome": frozenset(n.name.text for n in document.outcomes),
                "state": frozenset(n.name.text for n in document.states),
                "follow-up": frozenset(() if document.follow_up is None else ("follow-up",)),
            },
        )
        reports = self._reports(what)
        first = next(iter(self.scopes.values()))
        found = [resolve_role(name, after(name)) for name in used_roles(follow_up, outcomes)]
        roles = _sound(found)
        if len(roles) < len(found) or not self.cohorts:
            return None
        self._indexed(follow_up, outcomes, roles)
        self.orders = {name: ranged(order, follow_up) for name, order in self.orders.items()}
        return self._made(first, roles, what, outcomes, states, reports)

    def _follow_up(self) -> core.FollowUp | core.RecordedFollowUp | None:
        node, scope = self.document.follow_up, next(iter(self.scopes.values()))
        subjects = [n.name.text for n in (*self.document.outcomes, *self.document.states)]
        if subjects:
            scope = self._of(subjects[0])
        if isinstance(node, tree.FollowUp):
            return resolve_follow_up(node, scope)
        if node is not None:
            return resolve_recorded(node, scope)
        if self.document.outcomes:
            remedy = "Write `follow-up from index to earliest(index + 1 year, end of data)`."
            place = self.document.outcomes[0].name.span
            scope.report(faults.element_missing(place, "follow-up", "its outcomes are looked for in", remedy))
        return None

    def _reports(self, what: Reported) -> tuple[core.Report, ...]:
        numbers: dict[str, int] = {}
        reports = []
        for node in self.document.reports:
            numbers[node.kind] = numbers.get(node.kind, 0) + 1
            scope = next(iter(self.scopes.values()))
            reports.append(resolve_report(node, numbers[node.kind], what, scope))
        return _sound(reports)

    def _indexed(
        self,
        follow_up: core.FollowUp | core.RecordedFollowUp | None,
        outcomes: tuple[core.Outcome, ...],
        roles: tuple[core.Role, ...],
    ) -> None:
        """A cohort without an index has follow-up of its own days only."""
        named = {r.cohort.text for r in self.document.reports if r.cohort is not None and r.kind != "attrition"}
        for cohort in self.cohorts.values():
            if not isinstance(cohort.index, core.IndexNone) or (len(self.cohorts) > 1 and cohort.name not in named):
                continue
            scope = self.scopes[cohort.name]
            times = (follow_up.start, *follow_up.ends) if isinstance(follow_up, core.FollowUp) else ()
            late = next((t.span for t in times_in(*times) if t.base in ("index", "role") and t.span is not None), None)
            if late is not None:
                scope.report(elementfaults.no_index(late, cohort.name))
            for condition in (_condition(follow_up), *(one.recorded for one in outcomes)):
                if condition is not None:
                    without_index(condition, cohort.name, scope)

    def _made(
        self,
        scope: Scope,
        roles: tuple[core.Role, ...],
        what: Reported,
        outcomes: tuple[core.Outcome, ...],
        states: tuple[core.State, ...],
        reports: tuple[core.Report, ...],
    ) -> core.Study:
        document, names = self.document, self.names
        used = {r.by for r in reports if not isinstance(r, core.AttritionReport)}
        return core.Study(
            name=document.header.name.text,
            version=document.header.version,
            language=document.language.code,
            titles=texts(document.language.code, document.titles),
            purposes=texts(document.language.code, document.purposes),
            model=scope.model,
            permits=tuple(p.id.value for p in document.permits),
            codelists={c.name.text: self.catalogue.codelists[c.name.text].hash for c in document.codelists},
            parameters=tuple(
                core.Parameter(name=n, labels=labels(scope.language, one.name, one.label, one.labels), value=v)
                for n, v, one in ((n, v, names.nodes[n]) for n, v in names.constants.items())
            ),
            definitions=names.definitions(scope.language),
            roles=roles,
            spells=tuple(scope.spells.values()),
            cohorts=tuple(self.cohorts.values()),
            exposures=tuple(what.exposures.values()),
            strata=tuple(v for name, v in what.strata.items() if name in used),
            follow_up=what.follow_up,
            outcomes=outcomes,
            states=states,
            reports=reports,
            allowed=tuple(core.Allowed(a.code, a.reason, name) for name, a in names.allows()),
            coverage={},
            columns=(),
        )


def _condition(follow_up: core.FollowUp | core.RecordedFollowUp | None) -> core.Expr | None:
    """The condition that a follow-up has itself, of its spells or of its ends."""
    if isinstance(follow_up, core.FollowUp):
        return None if follow_up.within is None else follow_up.within.condition
    return None if follow_up is None else follow_up.censored


def _errors(found: Iterable[Diagnostic]) -> bool:
    return any(f.severity == "error" for f in found)


def _sound(found: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(one for one in found if one is not None)


def _by_name(elements: Iterable[E]) -> Mapping[str, E]:
    return {one.name: one for one in elements}
