"""Syntax errors in the author's words: what was expected where the parser could not go on, and the likely remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from studyspec.language import faults
from studyspec.language.habits import ABSENT, CALLS
from studyspec.language.lexer import (
    KEYWORDS,
    PHRASES,
    RESERVED,
    TIME_ZERO_RULES,
    TOGETHER,
    TYPE_WORDS,
    UNITS,
    Lexer,
    Token,
)
from studyspec.language.repair import Repair, misspelt, replay
from studyspec.language.tables import END, Tables
from studyspec.source import Diagnostic

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


def unexpected(start: str, tables: Tables, lexer: Lexer, token: Token) -> Diagnostic:
    """The diagnostic for a token that the parser cannot take."""
    states = replay(start, tables, lexer.taken)
    expected = acceptable(start, tables, states)
    habit = _nameless(lexer, token) or _absent(lexer, token) or _call(lexer, token, CALLS)
    if habit is not None:
        return habit
    repair = misspelt(start, tables, lexer, token)
    if repair is not None:
        words = expected_words(acceptable(start, tables, _before(start, tables, lexer, repair)))
        written = " ".join(lexer.text[repair.start : repair.end].split())
        span = lexer.place(repair.start, repair.end)
        return faults.syntax(f"{written} is not understood here.", span, words, f"Did you mean {repair.meant}?")
    for explanation in _EXPLANATIONS:
        diagnostic = explanation(lexer, token, expected)
        if diagnostic is not None:
            return diagnostic
    words = expected_words(expected)
    before = lexer.taken[-1] if lexer.taken else None
    if token.kind == END:
        span = lexer.place(before.start, before.end) if before else lexer.place(token.start, token.end)
        after = f" after {before.text}" if before else ""
        return faults.syntax(f"Something is missing{after}.", span, words, f"Write {faults.listed(words)}.")
    span = lexer.place(token.start, token.end)
    after = f" after {before.text}" if before else " at the beginning"
    return faults.syntax(f"{token.text} cannot stand{after}.", span, words, f"Here can stand {faults.listed(words)}.")


def _absent(lexer: Lexer, token: Token) -> Diagnostic | None:
    """A word that people try and that the language lacks."""
    small = token.text.lower()
    if token.kind == "TEXT" or small not in ABSENT:
        return None
    return faults.not_in_language(token.text, ABSENT[small], lexer.place(token.start, token.end))


def _nameless(lexer: Lexer, token: Token) -> Diagnostic | None:
    """`cases where …`: a case without its name."""
    before = lexer.taken[-1] if lexer.taken else None
    if before is None or before.kind != "NAME" or before.text != "cases":
        return None
    remedy = "Write cases NAME where CONDITION, NAME otherwise."
    if token.kind == "NAME" and token.text.lower() not in ABSENT:
        span = lexer.place(token.start, token.end)
        return faults.syntax(f"The case {token.text} has no condition.", span, ("where", "otherwise"), remedy)
    if token.text not in ("where", "when"):
        return None
    return faults.syntax("Each case has a name.", lexer.place(before.start, token.end), ("a name",), remedy)


def _call(lexer: Lexer, token: Token, known: dict[str, str]) -> Diagnostic | None:
    """`len(x)`: a name that is called like a function."""
    before = lexer.taken[-1] if lexer.taken else None
    if token.kind != "LEFT_PAREN" or before is None or not before.text[:1].isalpha() or before.end != token.start:
        return None
    instead = known.get(before.text.lower())
    if instead is None:
        return None
    return faults.python_habit(f"{before.text}(…)", instead, lexer.place(before.start, token.end))


def _before(start: str, tables: Tables, lexer: Lexer, repair: Repair) -> list[int]:
    """The parser's states where the misspelt word stands."""
    return replay(start, tables, [token for token in lexer.taken if token.start < repair.start])


Explanation = Callable[[Lexer, Token, frozenset[str]], Diagnostic | None]


def _bare_with(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`with a = b and c = d`, and a second comparison after a with."""
    if token.kind not in ("AND", "OR", "EQUAL", "COMPARE", "BETWEEN", "IN", "NOT_IN", "IS", "EXCEPT"):
        return None
    depth = 0
    for before in reversed(lexer.taken):
        depth += (before.kind in ("RIGHT_PAREN", "RIGHT_BRACKET")) - (before.kind in ("LEFT_PAREN", "LEFT_BRACKET"))
        if depth < 0:
            break
        if depth == 0 and before.kind == "WITH" and (len(lexer.taken) < 2 or lexer.taken[-1] is not before):
            span = lexer.place(token.start, token.end)
            if token.kind in ("AND", "OR", "EXCEPT"):
                return faults.bare_with(token.text, span, lexer.place(before.start, before.end))
            return faults.chained_comparison(span)
    if (token.kind in ("EQUAL", "COMPARE", "BETWEEN", "IN", "NOT_IN") and "AND" in expected) or (
        token.kind in ("EQUAL", "COMPARE") and END in expected and "PLUS" in expected
    ):
        return faults.chained_comparison(lexer.place(token.start, token.end))
    return None


def _mixed(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`a or b and c` of spells, `from a union b except c` of cohorts."""
    families = (("AND", "OR", "EXCEPT", "MERGED_WITHIN"), ("UNION", "INTERSECT", "EXCEPT"))
    depth = 0
    for before in reversed(lexer.taken):
        depth += (before.kind == "RIGHT_PAREN") - (before.kind == "LEFT_PAREN")
        if depth < 0:
            break
        for family in families:
            if depth == 0 and before.kind != token.kind and {before.kind, token.kind} <= set(family):
                cohorts = "UNION" in family and lexer.taken[0].kind != "SPELLS"
                span, first = (lexer.place(t.start, t.end) for t in (token, before))
                return faults.mixed_operators(token.text, before.text, span, first, cohorts)
    return None


def _bracket(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    before = lexer.taken[-1] if lexer.taken else None
    if token.kind == "LEFT_BRACKET" and before is not None and before.text.lower() == "exists":
        instead = "Write any TABLE, and which of its rows."
        return faults.cql_habit(f"{before.text} […]", instead, lexer.place(before.start, token.end))
    if token.kind == "LEFT_BRACKET":
        return faults.period_bracket(lexer.place(token.start, token.end))
    return None


def _habit_word(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """A word that the language lacks, a keyword in capitals, a misspelt keyword."""
    if not token.text[:1].isalpha() or token.kind == "TEXT":
        return None
    span = lexer.place(token.start, token.end)
    word = token.text
    small = word.lower()
    wanted = {w: k for w, kinds in KEYWORDS.items() for k in kinds if k in expected}
    if small != word and small in wanted:
        return faults.keyword_case(word, small, span)
    if token.kind == "NAME" and "NAME" not in expected:
        before = lexer.taken[-1] if lexer.taken else None
        if before and before.kind == "NAME" and before.text.lower() in ABSENT:
            place = lexer.place(before.start, before.end)
            return faults.not_in_language(before.text, ABSENT[before.text.lower()], place)
        if before and before.kind == "NUMBER" and "UNIT" in expected and small not in wanted:
            near = faults.nearest(word, UNITS)
            return faults.syntax(
                f"{word} is not a unit of time.", span, ("days", "weeks", "months", "years"),
                f"Did you mean {near}?" if near else "Write days, weeks, months or years.",
            )  # fmt: skip
        near = faults.nearest(word, wanted)
        if near:
            words = expected_words(expected)
            return faults.syntax(f"{word} is not understood here.", span, words, f"Did you mean {near}?")
    return None


def _is(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`x is 3`, `x is not known`."""
    before = lexer.taken[-1] if lexer.taken else None
    if before is None or before.kind != "IS" or token.kind == END:
        return None
    span = lexer.place(before.start, token.end)
    remedy = "Write is known or is unknown; values are compared with = and !=."
    return faults.syntax("After is stands only whether a value is known.", span, expected_words(expected), remedy)


def _column(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`smallest grade study`, `sum of amount before index`: a column or its table is missing."""
    for before in [t for t in lexer.taken[-1:-4:-2] if t.kind == "NAME"]:
        if before.text in ("sum", "mean", "smallest", "largest", "distinct"):
            words = expected_words(expected)
            example = f"{before.text}{' of' if before.text in ('sum', 'mean') else ''} COLUMN of TABLE"
            span = lexer.place(before.start, before.end)
            return faults.syntax(f"{before.text} takes a column and its table.", span, words, f"Write {example}.")
    return None


def _category(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`at least 1 of (age at index in bands 18-29)`: bands and groups inside another expression."""
    before = lexer.taken[-1] if lexer.taken else None
    if before is None or before.kind != "NAME" or before.text not in ("bands", "groups", "cases"):
        return None
    span = lexer.place(before.start, before.end)
    remedy = f"Define the {before.text} by themselves, and compare with between or in here."
    return faults.syntax(f"in {before.text} makes a category, not a condition.", span, expected_words(expected), remedy)


def _arithmetic(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`count of service during [a, b) + 1`."""
    ends = ("RIGHT_PAREN", "RIGHT_BRACKET")
    if token.kind not in ("PLUS", "MINUS", "STAR", "SLASH") or not lexer.taken:
        return None
    if lexer.taken[-1].kind not in ends and "DURING" not in expected:
        return None
    span = lexer.place(token.start, token.end)
    remedy = "Put a row query between parentheses: (count of TABLE before index) + 1."
    return faults.syntax(
        f"Nothing that {token.text} could go on with ends here.", span, expected_words(expected), remedy
    )


def _half(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`merged 30 days`, `member clients`: words that belong together, of which only the first is there."""
    before = lexer.taken[-1] if lexer.taken else None
    place = before if before is not None and before.kind == "NAME" and before.text in TOGETHER else token
    if place is token:
        expected_here = any(kind in expected for _, kind in TOGETHER.get(token.text, ()))
        if token.kind not in ("NAME", "WITH") or "NAME" in expected or not expected_here:
            return None
    whole = tuple(phrase for phrase in PHRASES if re.split(r"[ -]", phrase)[0] == place.text)
    span = lexer.place(place.start, place.end)
    return faults.syntax(f"{place.text} is not whole here.", span, whole, f"Did you mean {faults.listed(whole)}?")


def _days(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """`spells x = any jobseeking`: a row query where the days of rows belong."""
    before = lexer.taken[-1] if lexer.taken else None
    if before is None or lexer.taken[0].kind != "SPELLS" or before.text not in RESERVED or token.kind != "NAME":
        return None
    span = lexer.place(before.start, before.end)
    remedy = "Write spells NAME = TABLE with CONDITION: the days that such rows hold."
    return faults.syntax(f"{before.text} asks for rows, and spells are days.", span, ("a table",), remedy)


def _quotes(lexer: Lexer, token: Token, expected: frozenset[str]) -> Diagnostic | None:
    """A text where a name belongs, or the other way round."""
    span = lexer.place(token.start, token.end)
    words = expected_words(expected)
    if token.kind in ("TEXT", "NUMBER") and {"NAME", "LEFT_PAREN"} <= expected and "TEXT" not in expected:
        remedy = 'A list stands between parentheses: in ("1", "2").'
        return faults.syntax(f"{token.text} is not a list.", span, words, remedy)
    if token.kind == "TEXT" and "NAME" in expected:
        return faults.syntax(f"{token.text} is a text, and a name belongs here.", span, words, "Leave out the quotes.")
    if token.kind in ("NAME", "NUMBER", "DATE") and "TEXT" in expected and "NAME" not in expected:
        if token.kind == "NUMBER":
            return faults.code_unquoted(token.text, span)
        whole = lexer.text[token.start : lexer.end].split()[0]
        return faults.syntax(f"{whole} has no quotes.", span, words, f'Texts are quoted: write "{whole}".')
    return None


_EXPLANATIONS: tuple[Explanation, ...] = (
    *(_column, _category, _days, _half, _bare_with, _mixed, _bracket, _habit_word, _is, _quotes, _arithmetic),
)
