"""Where the parser could not go on, and what was expected there, in the author's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studyspec.language import faults
from studyspec.language.lexer import TIME_ZERO_RULES, TYPE_WORDS, Lexer, Token
from studyspec.language.repair import replay
from studyspec.language.tables import END, Tables
from studyspec.source import Span

#: What each terminal is called; keywords are called by themselves.
WORDS: dict[str, str] = {
    "NAME": "a name",
    "TEXT": "a text in quotes",
    "NUMBER": "a number",
    "DATE": "a date such as 2020-01-31",
    "VERSION_NUMBER": "a version number such as 1.0.0",
    "CHECK_CODE": "the code of a design check, such as last-known",
    "TYPE_WORD": "a type (" + ", ".join(TYPE_WORDS) + ")",
    "UNIT": "days, weeks, months or years",
    "TIME_ZERO_RULE": faults.listed(TIME_ZERO_RULES),
    "EQUAL": "=",
    "COMPARE": "a comparison (!=, <, <=, >, >=)",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
    "COMMA": "a comma",
    "COLON": "a colon",
    "LEFT_PAREN": "(",
    "RIGHT_PAREN": ")",
    "LEFT_BRACKET": "[",
    "RIGHT_BRACKET": "]",
    "FOLLOW_UP": "follow-up",
    "CODE": "code of a list",
    "SHA": "sha256 with the hash of the file",
    "SWITCH_DAY": "switch-day events",
    "FIRST_EVER": "first-ever",
    "UNIT_FROM": "days, weeks, months or years from",
    END: "the end of the line",
}
#: Terminals that begin a time or a value.
_TIMES = frozenset(
    {
        *("NAME", "TEXT", "NUMBER", "DATE", "TRUE", "FALSE", "MINUS", "LEFT_PAREN", "EARLIEST", "LATEST"),
        "INDEX",
        *("FOLLOW_UP_START", "FOLLOW_UP_END", "ITS_START", "ITS_END", "ITS_DATE", "END_OF_DATA", "START_OF_DATA"),
        "THAT_DAY",
    }
)
_OPERANDS = _TIMES | {"UNIT_FROM", "MEMBER_OF"}
_ROWS = frozenset(
    {
        *("ANY", "NO", "EXACTLY_ONE", "COUNT_OF", "DAYS_OF", "FIRST", "LAST"),
        *("SMALLEST", "LARGEST", "SUM_OF", "MEAN_OF", "DISTINCT"),
    }
)
_VALUES = _OPERANDS | _ROWS
_TESTS = frozenset({"EQUAL", "COMPARE", "BETWEEN", "IN", "NOT_IN", "IS"})
#: Terminals that are said together, the longest groups first.
GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (_VALUES | {"NOT", "AT_LEAST", "CASES"}, "a condition or a value"),
    (_VALUES | {"NOT", "AT_LEAST"}, "a condition or a value"),
    (_VALUES, "a value or a row query"),
    (_OPERANDS, "a time or a value"),
    (_TIMES, "a time or a value"),
    (_TESTS, "a comparison (=, <, between, in, is known)"),
    (frozenset({"EQUAL", "COMPARE"}), "a comparison (=, <, …)"),
    (frozenset({"PLUS", "MINUS", "STAR", "SLASH"}), "+, -, * or /"),
    (frozenset({"STAR", "SLASH"}), "* or /"),
    (
        frozenset({"FIRST", "LAST", "FIRST_EVER", "EVERY", "EXACTLY_ONE"}),
        "first, last, first-ever, every or exactly one with a table",
    ),
    (frozenset({"FIRST", "LAST"}), "first or last with a table"),
    (frozenset({"EVERY_MONTH", "EVERY_QUARTER", "EVERY_YEAR"}), "every month, quarter or year"),
    (frozenset({"GROUP", "UNDER"}), "group or under"),
    (frozenset({"UNION", "INTERSECT"}), "union or intersect"),
    (frozenset({"LEFT_BRACKET", "LEFT_PAREN"}), "a period such as [index, index + 30 days)"),
    (frozenset({"RIGHT_BRACKET", "RIGHT_PAREN"}), "] or ) to end the period"),
    (frozenset({"AND", "OR"}), "and/or"),
)


def word_of(terminal: str) -> str:
    """What a terminal is called in messages."""
    return WORDS.get(terminal) or terminal.lower().replace("_", " ")


def expected_words(terminals: Sequence[str] | frozenset[str]) -> tuple[str, ...]:
    """The terminals in words, those that are said together as one."""
    left = set(terminals)
    words = []
    for group, name in GROUPS:
        if group <= left:
            words.append(name)
            left -= group
    if END in left and words:
        left.discard(END)
        words.append(WORDS[END])
    return (*sorted(word_of(t) for t in left if t != END), *words) if words else tuple(sorted(map(word_of, left)))


def acceptable(start: str, tables: Tables, states: Sequence[int]) -> frozenset[str]:
    """The terminals that the parser could truly take here, reductions followed to their end."""
    final = tables.rows[states[0]][start]
    found = {END} if states[-1] == final else set()
    for terminal in tables.rows[states[-1]]:
        if terminal != END and not terminal.isupper():
            continue
        stack = list(states)
        while (action := tables.rows[stack[-1]].get(terminal)) is not None and action < 0:
            rule = tables.rules[-1 - action]
            del stack[-rule.size :]
            stack.append(tables.rows[stack[-1]][rule.origin])
        if action is not None or (terminal == END and stack[-1] == final):
            found.add(terminal)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser could not go on.

    start: the start symbol; token: what it cannot take; expected: the terminals that it could
    """

    start: str
    tables: Tables
    lexer: Lexer
    token: Token
    expected: frozenset[str]

    @property
    def taken(self) -> list[Token]:
        return self.lexer.taken

    @property
    def before(self) -> Token | None:
        return self.lexer.taken[-1] if self.lexer.taken else None

    @property
    def words(self) -> tuple[str, ...]:
        return expected_words(self.expected)

    def place(self, first: Token, last: Token | None = None) -> Span:
        """The stretch of a token, or from one to another."""
        return self.lexer.place(first.start, (last or first).end)

    def expected_at(self, offset: int) -> frozenset[str]:
        """The terminals that could have stood earlier."""
        states = replay(self.start, self.tables, [token for token in self.taken if token.start < offset])
        return acceptable(self.start, self.tables, states)
