"""All checks of a study whose findings a reason can set aside, and the codes of those findings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from studyspec.catalogue.types import Catalogue
from studyspec.language import tree
from studyspec.semantics import contradictions, core, design, lineage, series, timing, wording
from studyspec.semantics.design import Finding
from studyspec.semantics.horizon import Order

#: What `allow CODE because "…"` can set aside.
ALLOWABLE = design.ALLOWABLE | {
    "always-true",
    "never-true",
    "contradiction",
    "criterion-implied",
    "never-reached",
    "bands-gap",
    "end-unexplained",
    "true-without-rows",
    "series-break",
    "not-yet-published",
    "code-not-in-use",
    "code-changed",
    "doubled-rows",
    "case-as-comparison",
    "follow-up-empty",
    "dead-at-risk",
    "special-category",
    "outcome-of-exposure",
    "effect-wording",
    "translation-missing",
    "unused",
    "said-twice",
}


def of_cohort(
    study: core.Study, catalogue: Catalogue, order: Order, settled: frozenset[str], today: datetime.date
) -> Iterator[Finding]:
    """What depends on when the index of the study's one cohort can be.  settled: see `design.findings`."""
    yield from design.findings(study, order, settled)
    yield from timing.findings(study, order)
    yield from series.findings(study, catalogue, order, today)
    yield from lineage.findings(study, order)


def of_study(study: core.Study, document: tree.Document) -> Iterator[Finding]:
    """What depends on no index: conditions among themselves, and what the study says about itself."""
    yield from contradictions.findings(study)
    yield from wording.findings(document, study)
