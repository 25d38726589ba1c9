"""How each statement and clause is written, for whoever wrote its parts in another order or left one out.

Words in capitals stand for what the author fills in.  A test holds the table complete against the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studyspec.language.lexer import KEYWORDS, TOGETHER


@dataclass(frozen=True, slots=True)
class Pattern:
    """text: the line; optional: words of it that may be left out with what follows them; more: what is said after it"""

    text: str
    optional: tuple[str, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """text: the help; order: whether a word of the line itself is missing or misplaced, so that the help says all."""

    text: str
    order: bool


_GROUPED = ("in", "by")
_INDEX = (
    Pattern("first TABLE starting during [START, END]"),
    Pattern("at TIME"),
    Pattern("every month during [START, END]"),
    Pattern("from COHORT"),
    Pattern("from COHORT union COHORT"),
    Pattern("from COHORT intersect COHORT"),
    Pattern("from COHORT except COHORT"),
    Pattern(
        "assigned from COHORT matched on NAMES ratio NUMBER with replacement seed NUMBER",
        ("ratio", "with replacement", "seed"),
    ),
    Pattern("none"),
)

#: By start symbol of the grammar.
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "study": (Pattern("study NAME version 1.0.0"),),
    "language": (Pattern("language en"),),
    "title": (Pattern('title "TEXT"'),),
    "purpose": (Pattern('purpose "TEXT"'),),
    "model": (Pattern("model NAME 1"),),
    "permit": (Pattern('permit "ID"'),),
    "policy": (Pattern("policy NAME"),),
    "codelist": (Pattern('codelist NAME "FILE.csv"'),),
    "import": (Pattern('import NAMES from "FILE.study" sha256 "HASH"'),),
    "parameter": (Pattern("parameter NAME: TYPE = VALUE"),),
    "define": (Pattern("define NAME = VALUE"),),
    "spells": (Pattern("spells NAME = TABLE"),),
    "cohort": (Pattern("cohort NAME of ENTITY"),),
    "exposure": (Pattern("exposure NAME during [START, END)"), Pattern("exposure NAME varying")),
    "state": (Pattern("state NAME"),),
    "follow_up": (
        Pattern("follow-up from TIME to TIME"),
        Pattern("follow-up recorded in TABLE from COLUMN to COLUMN", ("from",)),
    ),
    "outcome": (Pattern("outcome NAME", more="and its event on the next line: first TABLE starting during follow-up"),),
    "report": (
        Pattern("report attrition in COHORT", ("in",)),
        Pattern("report baseline of NAMES in COHORT by EXPOSURE", _GROUPED),
        Pattern("report risk of OUTCOMES in COHORT by EXPOSURE at TIMES", _GROUPED),
        Pattern("report events of OUTCOMES in COHORT by EXPOSURE at TIMES", _GROUPED),
        Pattern("report state of STATES in COHORT by EXPOSURE at TIMES", _GROUPED),
        Pattern("report trend of NAMES in COHORT by EXPOSURE", _GROUPED),
        Pattern("report distribution of NAMES in COHORT by EXPOSURE", _GROUPED),
    ),
    "label": (Pattern('label "TEXT"'), Pattern('label fi NAME "TEXT"')),
    "legal": (Pattern('legal "TEXT"'),),
    "gap": (Pattern('gap "TEXT"'),),
    "allow": (Pattern('allow CHECK because "REASON"'),),
    "index": tuple(Pattern(f"index {p.text}", p.optional) for p in _INDEX),
    "include": (Pattern("include NAME where CONDITION"),),
    "exclude": (Pattern("exclude NAME where CONDITION"),),
    "level": (
        Pattern("level NAME where CONDITION"),
        Pattern("level NAME otherwise"),
        Pattern("level NAME from first TABLE"),
        Pattern("level NAME while TABLE"),
    ),
    "switch_day": (Pattern("switch-day events before"), Pattern("switch-day events after")),
    "entry": (Pattern("entry at TIME"),),
    "while": (Pattern("while TABLE"),),
    "censored": (Pattern("censored where CONDITION"),),
    "event": (
        Pattern("first TABLE starting during follow-up"),
        Pattern("ROLE"),
        Pattern("recorded where CONDITION"),
    ),
    "dated": (Pattern("dated at TIME"),),
    "competing": (Pattern("competing with NAMES"),),
    "time_zero": (
        Pattern("at time zero keep"),
        Pattern("at time zero exclude"),
        Pattern("at time zero refuse"),
    ),
    "indexing": _INDEX,
}

_WORD = re.compile(r'"[^"]*"|\[.*?[)\]]|[\w.-]+|[:=]')
#: Parts that hold expressions: a fault inside one is not a fault of the line.
_DEEP = ("CONDITION", "VALUE", "TIME", "TABLE", "[")
_MARKS = {":": "COLON", "=": "EQUAL"}
#: More patterns than this are no help.
_MOST = 2


def pattern(start: str, taken: Sequence[str], found: str, expected: frozenset[str]) -> Advice | None:
    """How the line is written that could not be read on.

    taken: the words before; found: what cannot stand there, empty at the end; expected: terminals that could
    """
    fitting = _fitting(PATTERNS.get(start, ()), taken, found.split())
    if not fitting:
        return None
    words = {word for one in fitting for word in _fixed(one.text)}
    order = any(_takes(word, expected) for word in words if word not in taken)
    order = order or (found in words and "$END" in expected)
    deep = any(mark in one.text for one in fitting for mark in _DEEP)
    if not order and deep and not (taken and taken[-1] in words):
        return None
    said = ", or ".join(one.text for one in fitting)
    optional = fitting[0].optional if len(fitting) == 1 else ()
    return Advice(f"Write {said}{_left_out(optional)}{_more(fitting)}.", order)


def _more(fitting: Sequence[Pattern]) -> str:
    return f", {fitting[0].more}" if fitting[0].more else ""


def _left_out(optional: Sequence[str]) -> str:
    return (
        f" ({' and '.join((', '.join(optional[:-1]), optional[-1]) if optional[1:] else optional)} may be left out)"
        if optional
        else ""
    )


def _fitting(patterns: Sequence[Pattern], taken: Sequence[str], found: Sequence[str]) -> list[Pattern]:
    """The patterns that begin most like the line; empty when these are many."""
    scores = [(_common(_fixed(one.text), taken), _common(_fixed(one.text), [*taken, *found])) for one in patterns]
    best = [one for one, score in zip(patterns, scores, strict=True) if score == max(scores)]
    shortest = min(best, key=lambda one: len(one.text), default=None)
    if shortest is not None and all(one.text.startswith(shortest.text) for one in best):
        return [shortest]
    return best if len(best) <= _MOST else []


def _common(fixed: Sequence[str], words: Sequence[str]) -> tuple[int, int]:
    """How many of a pattern's words stand in the line, in its order; and, taken away, how many are left out between."""
    place = count = skipped = missing = 0
    for word in fixed:
        if word in words[place:]:
            place = words.index(word, place) + 1
            count, skipped = count + 1, missing
        else:
            missing += 1
    return count, -skipped


def _fixed(text: str) -> list[str]:
    """The words of a pattern that are the language's own."""
    return [w for w in _WORD.findall(text) if w in KEYWORDS or w in _MARKS or re.split("[ -]", w)[0] in TOGETHER]


def _takes(word: str, expected: frozenset[str]) -> bool:
    kinds = {*KEYWORDS.get(word, ()), _MARKS.get(word, "")}
    kinds |= {kind for _, kind in TOGETHER.get(re.split("[ -]", word)[0], ())}
    return not kinds.isdisjoint(expected)
