"""The misspelt word behind a syntax error: the word near a keyword with which reading would have gone on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studyspec.language.lexer import KEYWORDS, PHRASES, Fault, Lexer, Token
from studyspec.language.tables import END, Tables
from studyspec.source import Source

#: How many words before the fault may be the misspelt one.
_BACK = 3
_WORD = r"[^\W\d][\w-]*"


@dataclass(frozen=True, slots=True)
class Repair:
    """Offsets of the misspelt words, and what was meant."""

    start: int
    end: int
    meant: str


def replay(start: str, tables: Tables, taken: Sequence[Token]) -> list[int]:
    """The parser's states when the tokens `taken` had been shifted, before anything the next token made it reduce."""
    states = [tables.starts[start]]
    for token in taken:
        _shift(tables, states, token.kind)
    return states


def _shift(tables: Tables, states: list[int], kind: str) -> bool:
    while (action := tables.rows[states[-1]].get(kind)) is not None and action < 0:
        rule = tables.rules[-1 - action]
        del states[-rule.size :]
        states.append(tables.rows[states[-1]][rule.origin])
    if action is not None:
        states.append(action)
    return action is not None


def misspelt(start: str, tables: Tables, lexer: Lexer, token: Token) -> Repair | None:
    """The nearest keyword that a word at or before the fault may have been meant for."""
    best: tuple[int, int] | None = None
    found: Repair | None = None
    for place in [token, *reversed(lexer.taken[-_BACK:])]:
        if place.kind != "NAME":
            continue
        for meant in (*KEYWORDS, *PHRASES):
            match = re.compile(r"\s+".join([_WORD] * (meant.count(" ") + 1))).match(lexer.text, place.start, lexer.end)
            if match is None:
                continue
            written = " ".join(match.group().split())
            apart = distance(written, meant)
            if not 0 < apart <= _most(meant) or written in KEYWORDS:
                continue
            if len(meant) < 3 and sorted(written) != sorted(meant):
                continue
            reached = reach(start, tables, lexer, match.span(), meant)
            if reached > token.start and (best is None or (reached, -apart) > best):
                best, found = (reached, -apart), Repair(*match.span(), meant)
    return found


def _most(meant: str) -> int:
    """How many wrong letters a word may have and still be meant: short words are near to too many others."""
    return 1 if len(meant) < 6 else 2


def completes(start: str, tables: Tables, lexer: Lexer, span: tuple[int, int], meant: str) -> bool:
    """Whether the text would be read to its end with the words at `span` replaced."""
    return reach(start, tables, lexer, span, meant) > lexer.end


def reach(start: str, tables: Tables, lexer: Lexer, span: tuple[int, int], meant: str) -> int:
    """How far the text would be read with the words at `span` replaced, as an offset of the text that is there."""
    text = lexer.text[: span[0]] + meant + lexer.text[span[1] :]
    more = len(text) - len(lexer.text)

    def original(offset: int) -> int:
        return offset if offset <= span[0] else offset - more

    nowhere = Source("", "").span(0, 0)
    first = lexer.taken[0].start if lexer.taken else span[0]
    trial = lexer.again(text, first, lexer.end + more, lambda _a, _b: nowhere)
    states = [tables.starts[start]]
    final = tables.rows[states[0]][start]
    while True:
        try:
            token = trial.next(tables.rows[states[-1]])
        except Fault:
            return original(trial.position)
        shifted = _shift(tables, states, token.kind)
        if token.kind == END:
            return original(token.start) + (states[-1] == final)
        if not shifted:
            return original(token.start)


def distance(a: str, b: str) -> int:
    """How many letters are missing, too many, wrong, or swapped with their neighbour; 9 when clearly too many."""
    if abs(len(a) - len(b)) > 2:
        return 9
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
