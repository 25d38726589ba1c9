"""What the faces themselves can find wrong: one function per fault, each with a page in docs/errors."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.source import Diagnostic, Source


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, if any is like it at all."""
    from difflib import get_close_matches

    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def usage(message: str, remedy: str) -> Diagnostic:
    return Diagnostic("usage", message, remedy=remedy)


def unknown_command(word: str, known: Iterable[str]) -> Diagnostic:
    near = nearest(word, known)
    remedy = f"Did you mean `studyspec {near}`?" if near else "`studyspec --help` lists the commands."
    return Diagnostic("usage", f"There is no command `{word}`.", remedy=remedy)


def unknown_code(code: str, known: Iterable[str]) -> Diagnostic:
    near = nearest(code, known)
    remedy = f"Did you mean `{near}`?" if near else "`studyspec explain` without a code lists them all."
    return Diagnostic("unknown-code", f"There is no message with the code `{code}`.", remedy=remedy)


def unwritable(path: str, reason: str) -> Diagnostic:
    return Diagnostic(
        "output-unwritable",
        f"Cannot write {path}: {reason}.",
        remedy="Choose a place that exists and that you may write to.",
    )


def not_formatted(source: Source, line: int) -> Diagnostic:
    """line: the first line, from 1, that formatting would change."""
    start = sum(len(text) + 1 for text in source.text.split("\n")[: line - 1])
    return Diagnostic(
        "not-formatted",
        "This study is not in the standard layout from here on.",
        span=source.span(start, start + len(source.line(line))),
        remedy="Run `studyspec fmt` on it; only layout changes, never meaning.",
    )


def no_site(study: str) -> Diagnostic:
    return Diagnostic(
        "no-site", f"`{study}` was loaded away from any site, so there are no data to run it on.",
        remedy="Give the site's document too.",
    )  # fmt: skip


def internal_error(kind: str, place: str) -> Diagnostic:
    """kind: the exception's class; place: module and line.  Never its text, which may quote data."""
    return Diagnostic(
        "internal-error",
        f"studyspec itself failed ({kind} at {place}).",
        remedy="Nothing was released; please report this line, it holds nothing of your study or data.",
    )


def input_too_large(limit: int) -> Diagnostic:
    return Diagnostic(
        "file-too-large",
        f"Standard input is larger than {limit:,} bytes.",
        remedy="Keep data out of documents; long code lists belong in a CSV file of their own.",
    )
