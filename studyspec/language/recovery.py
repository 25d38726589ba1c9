"""What faults in a text take with them: whole statements, or single clauses of one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from studyspec.language import tree
from studyspec.language.recovered import Lost, Stretch
from studyspec.source import Diagnostic, Source, Span

_WORD = re.compile(r"\w+(?:-\w+)*")
_NAMELESS = re.compile(r"\s*\S+\s*[=:]")


def declared(text: str, kind: str) -> frozenset[str]:
    """The names that a statement or clause gives, by its text in the study spelling."""
    words = _WORD.findall(text)
    if kind == "import":
        return frozenset(words[1 : words.index("from") if "from" in words else None])
    inner = re.findall(r"^\s+level\s+([\w-]+)", text, re.MULTILINE)
    return frozenset((*_own(text, words), *inner))


def _own(text: str, words: Sequence[str]) -> Iterable[str]:
    """The name that stands first, and what it may be used as where it is no name: `2nd-job`, `second job`."""
    if _NAMELESS.match(text) is None:
        for word in words[1:2]:
            yield from (word, word.replace("-", "_"), word.lstrip("0123456789_"), "_".join(words[1:3]))


def lost(
    faults: Sequence[Diagnostic],
    statements: Iterable[Stretch],
    built: Collection[int],
    cohorts: Sequence[tuple[tree.Name, tree.Name]],
) -> Lost | None:
    """What the faults took with them; None where one of them is in no statement.

    built: where statements begin of which all was read, or all but some of their parts
    """
    statements = tuple(statements)
    hit: list[Stretch] = []
    for fault in faults:
        if fault.span is None or not any(one.holds(fault.span) for one in statements):
            return None
        for span in (fault.span, *(near.span for near in fault.related)):
            hit += [_innermost(one, span, built) for one in statements if one.holds(span)]
    places = tuple(one for one in (*statements, *(part for s in statements for part in s.parts)) if one in hit)
    words = frozenset(word for place in places for word in _WORD.findall(place.span.text))
    others = tuple(one for one in statements if one not in hit)
    return Lost(places, words, tuple(cohorts), others)


def _innermost(statement: Stretch, span: Span, built: Collection[int]) -> Stretch:
    if statement.span.start not in built:
        return statement
    return next((part for part in statement.parts if part.holds(span)), statement)


def stretches(
    source: Source, begins: Sequence[tuple[int, str]], parts: Sequence[tuple[int, str]]
) -> tuple[Stretch, ...]:
    """The statements of the study spelling.  begins, parts: where each begins, with its kind"""
    ends = [*(start for start, _ in begins[1:]), len(source.text)][: len(begins)]
    found = []
    for (start, kind), end in zip(begins, ends, strict=True):
        inner = [part for part in parts if start < part[0] < end]
        until = [*(place for place, _ in inner[1:]), end][: len(inner)]
        clauses = [_stretch(source, a, b, k) for (a, k), b in zip(inner, until, strict=True)]
        found.append(_stretch(source, start, end, kind, clauses))
    return tuple(found)


def _stretch(source: Source, start: int, end: int, kind: str, parts: Iterable[Stretch] = ()) -> Stretch:
    span = source.span(start, end)
    return Stretch(kind, span, declared(span.text, kind), tuple(parts))
