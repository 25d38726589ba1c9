"""What can be wrong with what a study says about itself, to those who read it."""

from __future__ import annotations

from studyspec.source import Diagnostic, Related, Severity, Span


def effect_wording(span: Span, word: str) -> Diagnostic:
    return Diagnostic(
        "effect-wording",
        f"“{word}” speaks of an effect, and nothing in this study says what would have happened otherwise.",
        span,
        "Say what is counted, “employment after …”; keep the question itself for the `purpose`.",
        severity=Severity.WARNING,
    )


def translation_missing(span: Span, language: str, names: tuple[str, ...], example: Span) -> Diagnostic:
    return Diagnostic(
        "translation-missing",
        f"Some elements have a label in {language} and others have none: {_listed(names)}.",
        span,
        f'Add `label {language} "…"` to each of them, or leave {language} out altogether.',
        (Related(example, "labelled here"),),
        severity=Severity.WARNING,
    )


def category_untranslated(span: Span, name: str, language: str, names: tuple[str, ...], example: Span) -> Diagnostic:
    return Diagnostic(
        "translation-missing",
        f"Categories of `{name}` have no label in {language}: {_listed(names)}.",
        span,
        f'Add `label {language} {names[0]} "…"` and so on, or leave {language} out altogether.',
        (Related(example, "labelled here"),),
        severity=Severity.WARNING,
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) + (" and more" if len(names) > 5 else "")


def purpose_missing(span: Span) -> Diagnostic:
    return Diagnostic(
        "purpose-missing",
        "The study names a permit and does not say what it is for.",
        span,
        'Say it in a sentence, as in the decision: `purpose en "…"`.',
        severity=Severity.WARNING,
    )


def unused(span: Span, what: str, name: str) -> Diagnostic:
    return Diagnostic(
        "unused",
        f"The {what} `{name}` is never used.",
        span,
        "Use it, or leave it out: a reviewer would look for what it does.",
        severity=Severity.WARNING,
    )


def said_twice(span: Span, what: str, name: str, first: Span) -> Diagnostic:
    return Diagnostic(
        "said-twice",
        f"The {what} `{name}` says the same as one before it.",
        span,
        "Keep one of the two.",
        (Related(first, "first said here"),),
        severity=Severity.WARNING,
    )
