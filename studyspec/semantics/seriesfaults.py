"""What can be wrong between the days a study reads and what the registers held on those days."""

from __future__ import annotations

import datetime

from studyspec.source import Diagnostic, Severity, Span


def series_break(span: Span, table: str, date: datetime.date, what: str, proved: bool) -> Diagnostic:
    verb = "reads" if proved else "may read"
    return Diagnostic(
        "series-break",
        f"This {verb} `{table}` on both sides of {date.isoformat()}, where the series breaks: {what}.",
        span,
        'Keep to one side of the break, or allow it: `allow series-break because "…"` with what it does to the result.',
    )


def not_yet_published(span: Span, table: str, end: datetime.date, out: datetime.date) -> Diagnostic:
    return Diagnostic(
        "not-yet-published",
        f"This reads `{table}` up to {end.isoformat()}, whose data are published by {out.isoformat()} at the earliest.",
        span,
        "End the window earlier, or bind an extract whose coverage says how far it is complete.",
        severity=Severity.WARNING,
    )


def code_not_in_use(span: Span, code: str, codelist: str, days: str, when: str) -> Diagnostic:
    return Diagnostic(
        "code-not-in-use",
        f'No row of this window can have the code "{code}": {codelist} uses it {when}, and the window reads {days}.',
        span,
        "Use the code that is in use on those days, or move the window.",
    )


def code_changed(span: Span, code: str, day: datetime.date, other: str, before: bool) -> Diagnostic:
    then, was = ("up to", "was") if before else ("after", "is")
    return Diagnostic(
        "code-changed",
        f'This window also reads days {then} {day.isoformat()}, when the code {was} "{other}" and not "{code}".',
        span,
        f'Ask for both: `in ("{code}", "{other}")`, or keep the window to one classification.',
        severity=Severity.WARNING,
    )


def doubled_rows(span: Span, table: str, quantifier: str) -> Diagnostic:
    return Diagnostic(
        "doubled-rows",
        f"`{table}` can hold one spell twice, unfinished and finished, and this `{quantifier}` takes both.",
        span,
        "Have the binding leave the unfinished one out (`drop_unfinished_doubles`), or ask for `any` or for `days`.",
        severity=Severity.WARNING,
    )
