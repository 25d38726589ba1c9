"""What permits and privacy can have against a study.  None of these can be allowed away."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from studyspec.source import Diagnostic, Span


def permit_column(span: Span | None, column: str, physical: str, permits: Iterable[str]) -> Diagnostic:
    named = ", ".join(permits) or "none"
    return Diagnostic(
        "permit-column",
        f"The study reads `{column}` ({physical} in the database), which its permits do not allow ({named}).",
        span,
        "Leave the variable out, or have the permit amended before the study is run.",
    )


def permit_expired(span: Span, permit: str, expired: datetime.date) -> Diagnostic:
    return Diagnostic(
        "permit-expired",
        f'The permit "{permit}" expired on {expired.isoformat()}.',
        span,
        "Apply for an extension; results may not be made without a valid permit.",
    )


def permit_years(span: Span | None, table: str, read: tuple[int, int], allowed: tuple[int, int]) -> Diagnostic:
    return Diagnostic(
        "permit-years",
        f"The study reads `{table}` for {read[0]} to {read[1]}, and its permits allow {allowed[0]} to {allowed[1]}.",
        span,
        "Narrow the window, or have the permit amended.",
    )


def permit_needed(span: Span | None) -> Diagnostic:
    return Diagnostic(
        "permit-needed",
        "The study names no permit, and the site's data are not public.",
        span,
        'Name the decision that allows it: `permit "…"`.',
    )


def not_bound(span: Span | None, column: str) -> Diagnostic:
    return Diagnostic(
        "not-bound",
        f"The site's binding does not say where `{column}` is found.",
        span,
        "Ask the site's steward to bind it, or leave the variable out.",
    )


def direct_identifier(span: Span, column: str) -> Diagnostic:
    return Diagnostic(
        "direct-identifier",
        f"`{column}` identifies people directly, and no study may select by it or show it.",
        span,
        "Describe people by what they have in common.",
    )
