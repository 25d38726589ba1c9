"""What can be wrong with conditions taken together: nobody, everybody, or nobody who is left can meet them."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.source import Diagnostic, Related, Severity, Span

#: So many codes are named.
_FEW = 6


def always_true(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        "always-true",
        f"This is true of everyone for whom it is known: {why}.",
        span,
        "Leave it out, or compare with a value that divides people; ask `is known` if that is what is meant.",
        severity=Severity.WARNING,
    )


def never_true(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        "never-true",
        f"This can never be true: {why}.",
        span,
        "Compare with a value that can occur; look the range up in the model.",
    )


def contradiction(span: Span, name: str, conflicting: tuple[str, Span] | None) -> Diagnostic:
    related = () if conflicting is None else (Related(conflicting[1], "nobody can meet both"),)
    whom = "the criteria before it" if conflicting is None else f"`{conflicting[0]}`"
    return Diagnostic(
        "contradiction",
        f"Nobody can be in the cohort: whoever meets {whom} cannot meet `{name}`.",
        span,
        "Change one of the two, or leave one out.",
        related,
    )


def criterion_implied(span: Span, name: str, kind: str, by: tuple[str, Span] | None) -> Diagnostic:
    related = () if by is None else (Related(by[1], "already decided here"),)
    whom = "the criteria before it" if by is None else f"`{by[0]}`"
    verb = "keeps everyone that is left" if kind == "include" else "takes nobody out"
    return Diagnostic(
        "criterion-implied",
        f"After {whom}, `{name}` {verb}.",
        span,
        "Leave it out, or write what it was meant to add.",
        related,
        severity=Severity.WARNING,
    )


def never_reached(span: Span, name: str, what: str, why: str) -> Diagnostic:
    return Diagnostic(
        "never-reached",
        f"Nobody can come to the {what} `{name}`: {why}.",
        span,
        "Levels are asked in order and the first that is true wins: put the narrower one first, or leave this one out.",
    )


def end_unexplained(span: Span, column: str, codes: Sequence[str]) -> Diagnostic:
    named = [f'"{code}"' for code in codes[:_FEW]] + ([f"one of {len(codes) - _FEW} more"] if len(codes) > _FEW else [])
    some = " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return Diagnostic(
        "end-unexplained",
        f"No outcome is recorded and nothing is censored where `{column}` is {some}: whoever ends so is not followed.",
        span,
        "Say which of them are censored, or name an outcome that they are.",
        severity=Severity.WARNING,
    )


def bands_gap(span: Span, before: str, after: str, missing: str) -> Diagnostic:
    return Diagnostic(
        "bands-gap",
        f"Between the bands {before} and {after} lies {missing}, which falls in no band and counts as unknown.",
        span,
        "Let each band begin right after the one before, or keep the gap and say so in a label.",
        severity=Severity.WARNING,
    )


def true_without_rows(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "true-without-rows",
        f"`{name}` lets in people of whom no table holds a row, and nothing else in the cohort asks for one.",
        span,
        "Ask that they were there to be seen: `include resident where any residence covering index`.",
        severity=Severity.WARNING,
    )
