"""What a study says about itself: effects it cannot show, languages half used, what is said twice or for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from studyspec.language import tree
from studyspec.semantics import core
from studyspec.semantics import wordingfaults as faults
from studyspec.semantics.design import Finding
from studyspec.source import Span

#: Words of causes, by language.  `Cause of death` and side effects are things to count, not claims.
_EFFECTS = {
    "en": re.compile(
        r"(?<!side )(?<!adverse )\beffects?\b|\bimpacts?\b|\bcausal\b|\bcause[sd]\b(?! of death)|\bleads? to\b", re.I
    ),
    "fi": re.compile(r"\bvaikutu[sk]\w*|\bvaikut(?:ta|ti|tav)\w*|\baiheutta\w*|\bjohtaa\b", re.I),
    "sv": re.compile(r"\beffekt(?:en|er|erna)?\b|\bpåverka\w*|\binverkan\b|\borsaka\w*|\bleder till\b", re.I),
}


def findings(document: tree.Document, study: core.Study) -> Iterator[Finding]:
    """All of them; what stands in the study's head can be allowed nowhere."""
    yield from _effects(document)
    yield from _translations(document)
    if document.permits and not document.purposes:
        yield Finding(faults.purpose_missing(document.permits[0].span), ())
    yield from _unused(document, study)
    yield from _twice(document, study)


def elements(document: tree.Document) -> Iterator[tree.Named]:
    """Everything in a study that readers of its results see by its label."""
    for cohort in document.cohorts:
        yield cohort
        yield from cohort.criteria
    owners: tuple[tree.Exposure | tree.State, ...] = (*document.exposures, *document.states)
    for owner in owners:
        yield owner
        yield from owner.levels
    yield from document.outcomes


# --- effects and languages -------------------------------------------------------------------------------------------


def _texts(document: tree.Document) -> Iterator[tuple[tuple[str, ...], str, str, Span]]:
    """Every title and label with its language."""
    own = document.language.code
    for title in document.titles:
        yield (), title.language or own, title.text, title.span
    for element in elements(document):
        if element.label is not None:
            yield (element.name.text,), own, element.label.value, element.label.span
        for label in element.labels:
            yield (element.name.text,), label.language or own, label.text, label.span


def _effects(document: tree.Document) -> Iterator[Finding]:
    for names, language, text, span in _texts(document):
        found = _EFFECTS[language].search(text) if language in _EFFECTS else None
        if found is not None:
            yield Finding(faults.effect_wording(span, found.group()), names)


def _translations(document: tree.Document) -> Iterator[Finding]:
    labelled: dict[str, Span] = {}
    for element in elements(document):
        for label in element.labels:
            labelled.setdefault(label.language or document.language.code, label.span)
    for language, example in labelled.items():
        bare = [e for e in elements(document) if language not in _languages(e, document.language.code)]
        if bare:
            names = tuple(e.name.text for e in bare)
            fault = faults.translation_missing(bare[0].name.span, language, names, example)
            yield Finding(fault, names)
    for define in document.defines:
        yield from _of_categories(define, document.language.code)


def _of_categories(define: tree.Define, own: str) -> Iterator[Finding]:
    """Categories without a label in a language that the definition or some of its categories have one in.

    One that has no label in the study's own language needs none in others, unless its neighbours have.
    """
    spans = {label.language or own: label.span for label in reversed(define.labels)}
    some = {label.language: label.span for label in reversed(define.categories)}
    labelled = {(label.name.text, label.language) for label in define.categories}
    for language, example in {**some, **spans}.items():
        bare = [
            one.name for one in _categories(define.value)
            if language != own and (one.label is not None or language in some)
            and (one.name.text, language) not in labelled
        ]  # fmt: skip
        if bare:
            fault = faults.category_untranslated(
                define.name.span, define.name.text, language, tuple(name.text for name in bare), example
            )
            yield Finding(fault, (define.name.text,))


def _categories(value: tree.Expr) -> tuple[tree.Case | tree.Group, ...]:
    match value:
        case tree.Cases():
            return value.cases
        case tree.Groups():
            return value.groups
        case _:
            return ()


def _languages(element: tree.Named, own: str) -> set[str]:
    """The languages that an element is labelled in; without a label its name stands in for one in the study's own."""
    return {own, *(label.language or own for label in element.labels)}


# --- for nothing, and twice ------------------------------------------------------------------------------------------


def _unused(document: tree.Document, study: core.Study) -> Iterator[Finding]:
    used = _names(document)
    reported = {report.cohort for report in study.reports}
    declared: list[tuple[str, tree.Name]] = [("code list", c.name) for c in document.codelists]
    for what, nodes in (
        ("parameter", document.parameters),
        ("definition", document.defines),
        ("named spells", document.spells),
        ("cohort", tuple(c for c in document.cohorts if c.name.text not in reported)),
        ("exposure", document.exposures),
        ("outcome", () if _accounts(document) else document.outcomes),
        ("state", document.states),
    ):
        declared += [(what, node.name) for node in nodes]
    for what, name in declared:
        if name.text not in used and name.span.source is document.header.span.source:
            yield Finding(faults.unused(name.span, what, name.text), (name.text,))


def _accounts(document: tree.Document) -> bool:
    """Whether outcomes account for the ends of follow-up, so that one does something that no report shows."""
    return isinstance(document.follow_up, tree.FollowUpRecorded) and document.follow_up.censored is not None


def _names(document: tree.Document) -> frozenset[str]:
    """Every name that is used somewhere; where an element is declared is no use of it."""
    found: set[str] = set()
    todo: list[object] = [document]
    while todo:
        part = todo.pop()
        if isinstance(part, tree.Name):
            found.add(part.text)
        elif isinstance(part, tuple):
            todo.extend(part)
        elif isinstance(part, tree.Node | tree.Document):
            declares = isinstance(
                part, tree.Named | tree.Header | tree.UseModel | tree.UseCodelist | tree.CategoryLabel
            )
            for slot in fields(part):
                if slot.name not in ("span", "comments") and not (declares and slot.name == "name"):
                    todo.append(getattr(part, slot.name))
    return frozenset(found)


def _twice(document: tree.Document, study: core.Study) -> Iterator[Finding]:
    """Reports word for word the same, and outcomes that are the same event."""
    reports: dict[tree.Report, Span] = {}
    for node in document.reports:
        if node in reports:
            yield Finding(faults.said_twice(node.span, "report", node.kind, reports[node]), ())
        reports.setdefault(node, node.span)
    events: dict[tuple[object, ...], Span] = {}
    for outcome in study.outcomes:
        key = (outcome.event, outcome.role, outcome.recorded, outcome.competing, outcome.time_zero, outcome.recurring)
        if outcome.span is not None:
            if key in events:
                fault = faults.said_twice(outcome.span, "outcome", outcome.name, events[key])
                yield Finding(fault, (outcome.name,))
            events.setdefault(key, outcome.span)
