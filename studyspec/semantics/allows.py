"""Design faults that a study sets aside with a reason, and what is wrong with its reasons."""

from __future__ import annotations

from collections.abc import Iterator

from studyspec.language import tree
from studyspec.semantics import checks, design, faults
from studyspec.source import Diagnostic


def unallowed(document: tree.Document, found: list[design.Finding]) -> Iterator[Diagnostic]:
    """Design faults that no `allow` sets aside, and what is wrong with the `allow`s themselves."""
    given = {}
    for named in _named(document):
        for allow in named.allows:
            if allow.code not in checks.ALLOWABLE:
                yield faults.allow_refused(allow.span, allow.code, checks.ALLOWABLE)
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
    yield from (*document.parameters, *document.defines, *document.spells, *document.cohorts, *document.exposures)
    yield from (*document.outcomes, *document.states)
    for cohort in document.cohorts:
        yield from cohort.criteria
    for exposure in document.exposures:
        yield from exposure.levels
    for state in document.states:
        yield from state.levels
