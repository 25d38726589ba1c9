"""What is certainly wrong with the statements that could be read, beside others that could not.

Only what cannot come from the missing ones is said: no names that they may give, nothing that may be missing because
of them, and no checks of the study as a whole.
"""

from __future__ import annotations

from studyspec.catalogue.types import Catalogue
from studyspec.language import tree
from studyspec.language.recovered import ANY, Lost
from studyspec.semantics.definitions import Definitions
from studyspec.semantics.resolve import Making, told_once
from studyspec.source import Diagnostic, Severity, Span

#: Statements that give a name.
_NAMING = frozenset({"codelist", "import", "parameter", "define", "spells", "exposure", "outcome", "state", ANY})
#: Statements whose meaning rests on follow-up.
_FOLLOWED = frozenset({"outcome", "state", "report"})


def faults(document: tree.Document, catalogue: Catalogue, lost: Lost) -> tuple[Diagnostic, ...]:
    """The errors of the statements in a document that lacks some."""
    known = {name.text for name, _ in lost.cohorts} | {cohort.name.text for cohort in document.cohorts}
    unknown_cohort = any(place.kind in ("cohort", ANY) and not place.declares & known for place in lost.places)
    if unknown_cohort or not (document.cohorts or lost.cohorts):
        return ()  # Whom the study is about is not known.
    found: list[Diagnostic] = []
    Making(document, catalogue, Definitions(document, catalogue, found), found, unread=lost.cohorts).study()
    errors = (one for one in found if one.severity == Severity.ERROR)
    return told_once(one for one in errors if one.span is not None and _certain(one, one.span, lost))


def _certain(fault: Diagnostic, span: Span, lost: Lost) -> bool:
    """Whether a fault is there whatever the lost statements say."""
    if fault.code == "element-missing" or any(place.holds(span) for place in lost.places):
        return False
    text = span.text
    if fault.code == "unknown-name" and any(place.kind in _NAMING and not place.declares for place in lost.places):
        return False
    if text in lost.words or set(text.replace("(", " ").replace(",", " ").split()) & lost.declared:
        return False
    if "follow-up" in lost.kinds and span.source is lost.places[0].span.source:
        followed = any(place.kind in _FOLLOWED and place.holds(span) for place in lost.others)
        return not followed and "follow-up" not in text
    return True
