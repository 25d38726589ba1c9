"""All checks of a study whose findings a reason can set aside, and the codes of those findings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

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
    "prevalent-cases",
    "effect-wording",
    "translation-missing",
    "unused",
    "said-twice",
}


def alone(study: core.Study, cohort: core.Cohort) -> core.Study:
    """The study as far as it is about one of its cohorts: its reports, and what they are of and broken down by.

    What no report names at all goes with the first cohort.
    """
    reports = tuple(r for r in study.reports if r.cohort in ("", cohort.name))
    own, all_named = _named(reports), _named(study.reports)
    first = cohort.name == study.cohorts[0].name
    competing = {c.name for o in study.outcomes if o.name in own for c in o.competing}

    def kept(name: str) -> bool:
        return name in own or name in competing or (first and name not in all_named)

    return replace(
        study,
        cohorts=(cohort,),
        reports=reports,
        exposures=tuple(e for e in study.exposures if kept(e.name)),
        outcomes=tuple(o for o in study.outcomes if kept(o.name)),
        states=tuple(s for s in study.states if kept(s.name)),
        strata=tuple(v for v in study.strata if kept(v.name)),
    )


def _named(reports: tuple[core.Report, ...]) -> set[str]:
    """What reports are of and broken down by, as far as it is an element of its own."""
    found: set[str] = set()
    for report in reports:
        if isinstance(report, core.AttritionReport):
            continue
        found |= {one if isinstance(one, str) else one.name for one in report.of}
        if report.by is not None:
            found.add(report.by)
    return found


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
