"""What can be wrong with codes, and with values that are quoted like codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studyspec.semantics.phrases import MOST, a, bare, nearest
from studyspec.source import Diagnostic, Span


def code_not_in_list(
    span: Span, code: str, codelist: str, known: Iterable[str], labels: Mapping[str, Iterable[str]] | None = None
) -> Diagnostic:
    """labels: of each code, the study's own language first."""
    return Diagnostic(
        "code-not-in-list",
        f'The code "{code}" is not in the code list {codelist}.',
        span,
        _meant(code, codelist, tuple(known), {c: tuple(texts) for c, texts in (labels or {}).items()}),
    )


def bands_lack(span: Span, key: str, known: Iterable[str]) -> Diagnostic:
    """Of bands, groups and cases."""
    listed = ", ".join(f'"{one}"' for one in known)
    return Diagnostic("code-not-in-list", f'No category here is called "{key}".', span, f"They are {listed}.")


def without_quotes(text: str, kind: str) -> str:
    """What to write in the place of a quoted value."""
    written = bare(text, kind)
    if written is not None:
        return f"Write it without quotes: `{written}`."
    if kind == "date":
        return "Write a date without quotes, year first: `2020-01-31`."
    if kind == "boolean":
        return "Write `true` or `false`, without quotes."
    return f"Write {a('duration such as `30 days`' if kind == 'duration' else 'number')}, without quotes."


def _meant(code: str, codelist: str, known: tuple[str, ...], labels: Mapping[str, tuple[str, ...]]) -> str:
    """The code by its label, by its likeness, or all of them where they are few."""
    by_label = {text.casefold(): one for one, texts in labels.items() for text in texts}
    codes = [by_label[text] for text in nearest(code.casefold(), by_label)] or list(nearest(code, known))
    exact = by_label.get(code.casefold())
    if exact is not None:
        return f"Write {_shown(exact, labels)}."
    if codes:
        return f"Did you mean {' or '.join(_shown(one, labels) for one in dict.fromkeys(codes))}?"
    if 0 < len(known) <= MOST:
        return f"Its codes are {', '.join(_shown(one, labels) for one in known)}."
    return f"Look the code up in {codelist}."


def _shown(code: str, labels: Mapping[str, tuple[str, ...]]) -> str:
    texts = labels.get(code, ())
    return f'"{code}" ({texts[0]})' if texts and texts[0].casefold() != code.casefold() else f'"{code}"'
