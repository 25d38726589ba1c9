"""What can be wrong with what results are made from."""

from __future__ import annotations

from studyspec.source import Diagnostic, Related, Severity, Span


def special_category(span: Span, name: str, column: str) -> Diagnostic:
    return Diagnostic(
        "special-category",
        f"Results would be shown by `{name}`, which is made from `{column}`, a special category of personal data.",
        span,
        'Leave it out of what is shown, or write `allow special-category because "…"` for the reviewer to weigh.',
    )


def outcome_of_exposure(span: Span, outcome: str, level: str, place: Span) -> Diagnostic:
    return Diagnostic(
        "outcome-of-exposure",
        f"One and the same row can put someone in the level `{level}` and be the outcome `{outcome}`.",
        span,
        "Take the outcome from other rows, or from rows that begin after the exposure is decided.",
        (Related(place, "the level is decided by these rows"),),
    )


def prevalent_cases(span: Span, outcome: str, table: str, lasting: bool) -> Diagnostic:
    """lasting: whether the table holds spells, which can be going on."""
    who, when = (f"is in `{table}` at", "covering") if lasting else (f"had a row in `{table}` before", "before")
    return Diagnostic(
        "prevalent-cases",
        f"Who {who} the index is at risk of `{outcome}` like all others: no criterion asks about it.",
        span,
        f"Exclude them, as in `exclude had_{outcome} where any {table} {when} index`, or tell why they belong:"
        ' `allow prevalent-cases because "…"`.',
        severity=Severity.WARNING,
    )
