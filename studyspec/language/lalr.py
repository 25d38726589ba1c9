"""The parser: runs the grammar's tables over tokens, without recursion, and builds nodes from the leaves up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studyspec.language import faults
from studyspec.language.build import BUILDERS
from studyspec.language.leaves import LEAVES
from studyspec.language.lexer import Fault, Lexer, Token
from studyspec.language.tables import END, Tables, load
from studyspec.source import Span

#: How deep expressions may nest.
MAX_DEPTH = 60
#: How many levels a rule counts for: in SQL, `at least` says each of its conditions twice.
WEIGHTS = {"at_least": 15}


def parse(start: str, text: str, place: Callable[[int, int], Span], first: int, last: int, comments: bool) -> Any:
    """What the rule `start` builds from text[first:last].  Raises Fault."""
    tables = load()
    lexer = Lexer(text, first, last, place, comments)
    return _Parser(tables, lexer).run(start)


class _Parser:
    """states: the LALR stack; parts: per state above the first, (children, start, end, depth)."""

    __slots__ = ("lexer", "parts", "states", "tables")

    def __init__(self, tables: Tables, lexer: Lexer) -> None:
        self.tables, self.lexer = tables, lexer
        self.states: list[int] = []
        self.parts: list[tuple[list[Any], int, int, int]] = []

    def run(self, start: str) -> Any:
        rows, lexer, states = self.tables.rows, self.lexer, self.states
        states.append(self.tables.starts[start])
        final = rows[states[-1]][start]
        token = lexer.next(rows[states[-1]])
        while True:
            if token.kind == END and states[-1] == final:
                return self.parts[-1][0][0]
            action = rows[states[-1]].get(token.kind)
            if action is None:
                from studyspec.language.explanations import unexpected

                raise Fault(unexpected(start, self.tables, lexer, token))
            if action < 0:
                self.reduce(-1 - action)
            else:
                self.shift(action, token)
                token = lexer.next(rows[action])

    def shift(self, state: int, token: Token) -> None:
        leaf = LEAVES.get(token.kind)
        children = [] if leaf is None else [leaf(token, self.lexer.place(token.start, token.end))]
        self.lexer.taken.append(token)
        self.states.append(state)
        self.parts.append((children, token.start, token.end, 0))

    def reduce(self, number: int) -> None:
        rule = self.tables.rules[number]
        taken = self.parts[-rule.size :]
        del self.parts[-rule.size :], self.states[-rule.size :]
        # The first part's list is nobody else's: growing it keeps long chains linear.
        children = taken[0][0]
        for part in taken[1:]:
            children += part[0]
        depth = max(part[3] for part in taken)
        start, end = taken[0][1], taken[-1][2]
        if not (rule.spliced or (rule.single and len(children) == 1)):
            span = self.lexer.place(start, end)
            depth += WEIGHTS.get(rule.builder, 1)
            if depth > MAX_DEPTH:
                raise Fault(faults.nested_too_deep(span, MAX_DEPTH))
            children = [BUILDERS[rule.builder](span, children)]
        self.parts.append((children, start, end, depth))
        self.states.append(self.tables.rows[self.states[-1]][rule.origin])
