"""What permits and privacy can have against a study.  None of these can be allowed away."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from studyspec.semantics.phrases import a
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


def permit_not_yet_valid(span: Span, permit: str, decided: datetime.date) -> Diagnostic:
    return Diagnostic(
        "permit-not-yet-valid",
        f'The permit "{permit}" is dated {decided.isoformat()}, which is after today.',
        span,
        "Correct `decided` in the permit, or wait for the decision.",
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


def direct_identifier(span: Span, column: str, entity: str = "person") -> Diagnostic:
    """entity: whom it identifies."""
    return Diagnostic(
        "direct-identifier",
        f"`{column}` identifies {a(entity)}, and no study may select by it or show it.",
        span,
        "Use what many have in common.",
    )


def permit_superseded(span: Span, permit: str, by: str) -> Diagnostic:
    return Diagnostic(
        "permit-superseded",
        f'The permit "{permit}" is no longer in force: "{by}" has taken its place.',
        span,
        f'Name the decision in force, `permit "{by}"`, and check the study against it.',
    )


def permit_register(span: Span, register: str, permits: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "permit-register",
        f"The study reads the register {register}, which its permits do not name ({', '.join(permits)}).",
        span,
        "Leave out what comes from it, or name the permit of its controller.",
    )


def permit_linkage(span: Span, one: str, other: str, permits: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "permit-linkage",
        f"The study links the registers {one} and {other}, which its permits do not allow ({', '.join(permits)}).",
        span,
        "Leave out what comes from one of them, or have the permit amended before the study is run.",
    )


def permit_breakdown(span: Span, name: str, physical: str, permits: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "permit-breakdown",
        f"Results would be shown by `{name}`, made from {physical}, and the permit does not allow that breakdown"
        f" ({', '.join(permits)}).",
        span,
        "Show the results by something else, or have the permit amended before the study is run.",
    )
