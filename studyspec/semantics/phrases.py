"""Pieces of sentences that several faults say alike: articles, lists of names, the nearest of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

#: Most names that one message lists.
MOST = 8
_AN = re.compile(r"(?!one\b|eu|uni|us)[aeiou]", re.IGNORECASE)


def a(thing: str) -> str:
    """With its article: `an integer`, `a code of sex`."""
    return f"{'an' if _AN.match(thing) else 'a'} {thing}"


def upper(sentence: str) -> str:
    """A sentence as it begins."""
    return sentence[:1].upper() + sentence[1:]


def alternatives(words: Iterable[str]) -> str:
    """`a`, `b` or `c`."""
    *others, last = (f"`{word}`" for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def nearest(word: str, words: Iterable[str]) -> tuple[str, ...]:
    """Words so near that one of them may be meant."""
    return tuple(get_close_matches(word, sorted(set(words)), n=3, cutoff=0.6))


def did_you_mean(word: str, words: Iterable[str], otherwise: str) -> str:
    near = nearest(word, words)
    return f"Did you mean {alternatives(near)}?" if near else otherwise


def listed(word: str, words: Iterable[str]) -> str:
    """What can stand in the place of a word, the nearest first and few of them: `a`, `b` and others."""
    found = sorted(set(words), key=lambda one: (-SequenceMatcher(None, word, one).ratio(), one))
    more = " and others" if len(found) > MOST else ""
    return ", ".join(f"`{one}`" for one in found[:MOST]) + more


_BARE = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "integer": re.compile(r"-?\d+(\.\d+)?"),
    "decimal": re.compile(r"-?\d+(\.\d+)?"),
    "duration": re.compile(r"\d+ (day|week)s?"),
    "boolean": re.compile(r"true|false"),
}


def bare(text: str, kind: str) -> str | None:
    """A text as a value of this kind is written, without quotes; None where it is no such value."""
    pattern = _BARE.get(kind)
    written = text.strip().lower()
    return written if pattern is not None and pattern.fullmatch(written) else None
