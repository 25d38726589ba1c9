"""Which checks were made of an element, and how each came out.

A study that is explained was not refused: a design fault that is found again here was allowed, with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studyspec.catalogue.types import Site
from studyspec.review.types import Verdict
from studyspec.review.words import Words
from studyspec.semantics import core, design
from studyspec.semantics.cohorts import index_order, ranged
from studyspec.semantics.core import Expr, Facts
from studyspec.semantics.horizon import Order
from studyspec.semantics.walk import Rows, walk

#: The design checks of each kind of element (docs/semantics/facts.md).
DESIGN: dict[str, tuple[str, ...]] = {
    "include": ("look-ahead", "last-known", "before-coverage", "past-data"),
    "exclude": ("look-ahead", "last-known", "before-coverage", "past-data"),
    "variable": ("look-ahead", "last-known", "before-coverage", "past-data"),
    "level": ("exposure-after-start", "last-known", "before-coverage", "past-data"),
    "exposure": ("immortal-time",),
    "outcome": ("event-known-later",),
    "follow-up": ("follow-up-past-data",),
    "index": ("before-coverage", "past-data"),
}
#: Checks that speak of windows of rows, and say nothing where there are none.
OF_ROWS = frozenset({"before-coverage", "past-data"})
OF_FOLLOW_UP = frozenset({"immortal-time", "exposure-after-start"})


def order(study: core.Study) -> Order:
    """What the study says about its anchors: the range of the index, and the follow-up."""
    before = {cohort.name: cohort for cohort in study.cohorts}
    return ranged(index_order(study.cohort.index, before, study.model), study.follow_up)


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of one study's design checks, and how they were set aside."""

    words: Words
    study: core.Study
    site: Site | None
    found: tuple[design.Finding, ...]

    def verdicts(self, name: str, kind: str, expr: Expr | None, facts: tuple[Facts, ...]) -> tuple[Verdict, ...]:
        """For an element: types, design, permits, in that order."""
        values = {d.name: d.value for d in self.study.definitions}
        rows = kind == "index" or (expr is not None and any(isinstance(n, Rows) for n in walk(expr, values)))
        types = (Verdict("types", "proved", self.words("check.types")),) if facts else ()
        design_ = (self._design(code, name, rows) for code in DESIGN.get(kind, ()))
        return (*types, *design_, *self._permits(facts))

    def _design(self, code: str, name: str, rows: bool) -> Verdict:
        question = self.words(f"check.{code}")
        if code in OF_ROWS and not rows:
            return Verdict(code, "not applicable", question, self.words("why.no_rows"))
        if code in OF_FOLLOW_UP and self.study.follow_up is None:
            return Verdict(code, "not applicable", question, self.words("why.no_follow_up"))
        for finding in self.found:
            if finding.fault.code == code and name in finding.elements:
                for allowed in self.study.allowed:
                    if allowed.code == code and allowed.element in finding.elements:
                        return Verdict(code, "allowed", question, allowed.reason)
        return Verdict(code, "proved", question)

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
    """The design checks made again, so that what was allowed shows itself."""
    found = tuple(design.findings(study, order(study), frozenset()))
    return Checked(words, study, site, found)
