"""Which checks were made of an element, and how each came out.

A study that is explained was not refused: a fault that is found again here was allowed, with a reason, or only warned.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from studyspec.catalogue.types import Catalogue, Site
from studyspec.review.types import Verdict
from studyspec.review.words import Words
from studyspec.semantics import checks, contradictions, core, design
from studyspec.semantics.cohorts import index_order, ranged
from studyspec.semantics.core import Expr, Facts
from studyspec.semantics.horizon import Order
from studyspec.semantics.walk import Rows, walk

_DECIDED = ("look-ahead", "last-known", "before-coverage", "past-data")
_SERIES = ("series-break", "code-not-in-use")
#: The checks of each kind of element that can refuse (docs/semantics/checks.md); those that only warn are told of where
#: they found something.
DESIGN: dict[str, tuple[str, ...]] = {
    "include": (*_DECIDED, *_SERIES, "never-true", "contradiction"),
    "exclude": (*_DECIDED, *_SERIES, "never-true", "contradiction"),
    "variable": (*_DECIDED, *_SERIES, "special-category"),
    "level": ("exposure-after-start", *_DECIDED[1:], *_SERIES, "never-reached", "special-category"),
    "level in time": (*_SERIES, "special-category"),
    "exposure": ("immortal-time",),
    "outcome": ("event-known-later", *_SERIES, "outcome-of-exposure", "prevalent-cases"),
    "follow-up": ("follow-up-past-data", "follow-up-empty"),
    "follow-up while": ("follow-up-past-data", "follow-up-empty", "before-coverage", *_SERIES),
    "index": (*_DECIDED, *_SERIES),
}
#: What is proved for everyone or refused; of the others only what is certain is found.
PROVED = design.ALLOWABLE
#: Checks that speak of windows of rows, and say nothing where there are none.
OF_ROWS = frozenset({"before-coverage", "past-data", *_SERIES})
OF_INDEX = frozenset({"look-ahead", "last-known"})
OF_FOLLOW_UP = frozenset({"immortal-time", "exposure-after-start"})
OF_EXPOSURES = frozenset({"outcome-of-exposure"})


def order(study: core.Study, cohorts: tuple[core.Cohort, ...]) -> Order:
    """What the study says about the anchors of cohorts: the range of their indexes, and the follow-up."""
    before = {cohort.name: cohort for cohort in study.cohorts}
    together = core.IndexUnits(op="union", cohorts=tuple(cohort.name for cohort in cohorts))
    return ranged(index_order(together, before, study.model), study.follow_up)


def findings(study: core.Study, site: Site | None) -> Iterator[design.Finding]:
    """The checks made again, each cohort with its own range of the index, so that what was allowed shows itself."""
    catalogue = Catalogue(model=study.model, codelists=study.model.codelists, site=site)
    for cohort in study.cohorts:
        alone = checks.alone(study, cohort)
        yield from checks.of_cohort(alone, catalogue, order(study, (cohort,)), frozenset(), datetime.date.today())
    yield from contradictions.findings(study)


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one study's checks, and how they were set aside."""

    words: Words
    study: core.Study
    site: Site | None
    found: tuple[design.Finding, ...]

    def verdicts(
        self, name: str, kind: str, parts: tuple[Expr, ...], facts: tuple[Facts, ...], indexed: bool
    ) -> tuple[Verdict, ...]:
        """For an element: types, design, what was found beside, permits, in that order.

        kind: of `DESIGN`; one that is not there has no design checks of its own.  parts: what may ask about rows
        indexed: whether it tells of a cohort with an index
        """
        values = {d.name: d.value for d in self.study.definitions}
        rows = kind in ("index", "outcome", "level in time", "follow-up while")
        rows = rows or any(isinstance(n, Rows) for part in parts for n in walk(part, values))
        types = (Verdict("types", "proved", self.words("check.types")),) if facts else ()
        asked = DESIGN.get(kind, ())
        design_ = (self._design(code, name, rows, indexed) for code in asked)
        return (*types, *design_, *self._beside(name, asked), *self._permits(facts))

    def _design(self, code: str, name: str, rows: bool, indexed: bool) -> Verdict:
        question = self.words(f"check.{code}")
        if code in OF_INDEX and not indexed:
            return Verdict(code, "not applicable", question, self.words("why.no_index"))
        if code in OF_ROWS and not rows:
            return Verdict(code, "not applicable", question, self.words("why.no_rows"))
        if code in OF_FOLLOW_UP and self.study.follow_up is None:
            return Verdict(code, "not applicable", question, self.words("why.no_follow_up"))
        if code in OF_FOLLOW_UP and any(e.varying and e.name == name for e in self.study.exposures):
            return Verdict(code, "not applicable", question, self.words("why.varying"))
        if code in OF_EXPOSURES and not self.study.exposures:
            return Verdict(code, "not applicable", question, self.words("why.no_exposure"))
        for finding in self.found:
            if finding.fault.code == code and name in finding.elements:
                return self._found(finding)
        return Verdict(code, "proved" if code in PROVED else "not found", question)

    def _found(self, finding: design.Finding) -> Verdict:
        """What was found again: set aside with a reason, or told as a warning."""
        code = finding.fault.code
        question = self.words(f"check.{code}")
        for allowed in self.study.allowed:
            if allowed.code == code and allowed.element in finding.elements:
                return Verdict(code, "allowed", question, allowed.reason)
        return Verdict(code, "warned", question, finding.fault.message)

    def _beside(self, name: str, asked: tuple[str, ...]) -> Iterator[Verdict]:
        """What was found of an element beyond the checks that are always told of."""
        own = {a.code for a in self.study.allowed if a.element == name}
        told = set(asked)
        for finding in self.found:
            code = finding.fault.code
            first = bool(finding.elements) and finding.elements[0] == name
            if code not in told and (first or (code in own and name in finding.elements)):
                told.add(code)
                yield self._found(finding)

    def _permits(self, facts: tuple[Facts, ...]) -> Iterator[Verdict]:
        columns = {c for f in facts for c in f.origin}
        if not columns:
            return
        tables = self.study.model.tables
        public = all(self.study.model.registers[tables[c.table].columns[c.column].register].public for c in columns)
        for code in ("permit-column", "permit-years"):
            question = self.words(f"check.{code}")
            if self.site is None:
                yield Verdict(code, "not checked", question, self.words("why.no_site"))
            elif public and not self.study.permits:
                yield Verdict(code, "not applicable", question, self.words("why.no_permit"))
            else:
                yield Verdict(code, "proved", question)


def checked(study: core.Study, site: Site | None, words: Words) -> Checked:
    """The checks of a study, made again."""
    return Checked(words, study, site, tuple(findings(study, site)))
