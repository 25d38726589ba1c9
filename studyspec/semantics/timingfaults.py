"""What can be wrong with the order of index and follow-up."""

from __future__ import annotations

import datetime

from studyspec.source import Diagnostic, Related, Severity, Span


def last_is_known_later(span: Span) -> Diagnostic:
    return Diagnostic(
        "look-ahead",
        "The index is the last row in its window, and that it was the last is known only when the window is over.",
        span,
        "Take the `first` row, or `every` row with a washout, so that each index is known on its own day.",
    )


def only_is_known_later(span: Span) -> Diagnostic:
    return Diagnostic(
        "look-ahead",
        "The index is the only row in its window, and that no other follows is known only when the window is over.",
        span,
        'Take the `first` row, or write `allow look-ahead because "…"` under the cohort, with why it does no harm.',
    )


def index_known_later(span: Span, known: str) -> Diagnostic:
    return Diagnostic(
        "look-ahead",
        f"The index is the day of the row, but this is settled {known}.",
        span,
        "Choose the row by what is known on its day; ask for what comes later in an outcome.",
    )


def index_last_known(span: Span, column: str) -> Diagnostic:
    return Diagnostic(
        "last-known",
        f"The index uses `{column}`, which holds the last known value, not the value on the row's day.",
        span,
        'Use a dated source, or write `allow last-known because "…"` with the reason why it does no harm.',
    )


def spells_known_later(span: Span, known: str) -> Diagnostic:
    return Diagnostic(
        "look-ahead",
        f"Whether such a spell holds the first day of follow-up is settled {known}: people would be followed by their "
        "own future.",
        span,
        "Name spells that are told on each of their days: not by their length, not by their end, and no filled gaps.",
    )


def spells_last_known(span: Span, column: str) -> Diagnostic:
    return Diagnostic(
        "last-known",
        f"`while` reads `{column}`, which holds the last known value, not the value on the day follow-up starts.",
        span,
        'Use a dated source, or write `allow last-known because "…"` with the reason why it does no harm.',
    )


def washout_before_coverage(span: Span, table: str, start: datetime.date) -> Diagnostic:
    return Diagnostic(
        "before-coverage",
        f"The washout reaches further back than the data: `{table}` is complete from {start.isoformat()}.",
        span,
        'Start the index later, shorten the washout, or allow it: `allow before-coverage because "…"` on the cohort.',
    )


def case_as_comparison(span: Span, cohort: str) -> Diagnostic:
    return Diagnostic(
        "case-as-comparison",
        f"Nothing keeps people of `{cohort}` out of their own comparison: no criterion asks what they had by then.",
        span,
        "Say it with a criterion, for example `exclude treated where any service before index`.",
        severity=Severity.WARNING,
    )


def follow_up_before_index(span: Span, proved: bool) -> Diagnostic:
    verb = "starts before the index" if proved else "cannot be shown to start on the index or after it"
    return Diagnostic(
        "immortal-time",
        f"Follow-up {verb}: whoever is chosen at the index had no event before it, and that time would count as safe.",
        span,
        "Start follow-up at the index or later: `follow-up from index to …`.",
    )


def follow_up_empty(span: Span, start: Span | None) -> Diagnostic:
    return Diagnostic(
        "follow-up-empty",
        "Nobody is followed: follow-up ends here, on or before the day it starts.",
        span,
        "End it later than it starts.",
        () if start is None else (Related(start, "it starts here"),),
    )


def dead_at_risk(span: Span, outcome: str) -> Diagnostic:
    return Diagnostic(
        "dead-at-risk",
        f"The dead still count as at risk of `{outcome}`: death neither ends follow-up nor competes with it.",
        span,
        "Write `competing with death`, and `death` among the ends of follow-up.",
        severity=Severity.WARNING,
    )
