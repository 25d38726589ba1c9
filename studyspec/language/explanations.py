"""Syntax errors in the author's words: what is wrong where the parser could not go on, and the likely remedy."""

from __future__ import annotations

import re
from collections.abc import Callable

from studyspec.language import faults, habitfaults
from studyspec.language.explain import Stop, acceptable
from studyspec.language.habits import ABSENT, CALLS, EVENT_WORDS
from studyspec.language.layout import STATEMENTS
from studyspec.language.lexer import KEYWORDS, PHRASES, RESERVED, TOGETHER, UNITS, Lexer, Token
from studyspec.language.patterns import pattern
from studyspec.language.repair import completes, misspelt, reach, replay
from studyspec.language.shapes import date_meant, spelt_out
from studyspec.language.tables import END, Tables
from studyspec.source import Diagnostic

Explanation = Callable[[Stop], Diagnostic | None]
#: Statements and clauses that give a name.
_NAMING = frozenset(
    {
        *("study", "codelist", "parameter", "define", "spells", "cohort", "exposure", "outcome", "state"),
        *("include", "exclude", "level"),
    }
)


def unexpected(start: str, tables: Tables, lexer: Lexer, token: Token) -> Diagnostic:
    """The diagnostic for a token that the parser cannot take."""
    expected = acceptable(start, tables, replay(start, tables, lexer.taken))
    stop = Stop(start, tables, lexer, token, expected)
    for explanation in _EXPLANATIONS:
        diagnostic = explanation(stop)
        if diagnostic is not None:
            return diagnostic
    return _plain(stop)


def _plain(stop: Stop) -> Diagnostic:
    """Nothing better to say than what is expected, and how the whole line is written."""
    token, before = stop.token, stop.before
    found = "" if token.kind == END else token.text
    advice = pattern(stop.start, [word for t in stop.taken for word in t.text.split()], found, stop.expected)
    words = () if advice and advice.order else stop.words
    remedy = advice.text if advice else None
    if token.kind == END:
        after = f" after {before.text}" if before else ""
        return faults.syntax(f"Something is missing{after}.", stop.place(before or token), words, remedy)
    after = f" after {before.text}" if before else " at the beginning"
    return faults.syntax(f"{token.text} cannot stand{after}.", stop.place(token), words, remedy)


# --- words of the line itself ----------------------------------------------------------------------------------------


def _case(stop: Stop) -> Diagnostic | None:
    """A keyword in capitals."""
    word = stop.token.text
    small = word.lower()
    if stop.token.kind == "TEXT" or small == word or not _wanted(stop.expected).get(small):
        return None
    return faults.keyword_case(word, small, stop.place(stop.token))


def _wanted(expected: frozenset[str]) -> dict[str, str]:
    """The keywords that could stand here."""
    return {word: kind for word, kinds in KEYWORDS.items() for kind in kinds if kind in expected}


def _written_name(stop: Stop) -> Diagnostic | None:
    """`define age-group = …`, `define age group = …`: a name of several words."""
    before, text = stop.before, stop.lexer.text
    if before is None or before.kind != "NAME":
        return None
    if stop.token.kind == "MINUS" and stop.token.start == before.end:
        hyphened = re.compile(r"\w+(?:-\w+)+").match(text, before.start, stop.lexer.end)
        if hyphened:
            whole = hyphened.group()
            span = stop.lexer.place(*hyphened.span())
            return habitfaults.name_written(whole, whole.replace("-", "_"), span)
    together = f"{before.text}_{stop.token.text}"
    if stop.token.text.isidentifier() and re.search(rf"\b{together}\b", text):
        # Elsewhere in the study the two words are one name.
        span = stop.place(before, stop.token)
        return habitfaults.name_written(f"{before.text} {stop.token.text}", together, span)
    if stop.start not in _NAMING or len(stop.taken) != 2 or before.text in KEYWORDS:
        return None
    for more in range(1, 4):
        spaced = re.compile(r"\w+" + r" +\w+" * more).match(text, before.start, stop.lexer.end)
        if spaced and completes(stop.start, stop.tables, stop.lexer, spaced.span(), _joined(spaced.group())):
            span = stop.lexer.place(*spaced.span())
            return habitfaults.name_written(spaced.group(), _joined(spaced.group()), span)
    return None


def _joined(words: str) -> str:
    return "_".join(words.split())


def _unnamed(stop: Stop) -> Diagnostic | None:
    """`include where …`, `outcome any …`: the name is left out, and the next word was taken for it."""
    if stop.start not in _NAMING or len(stop.taken) > 2 or not stop.taken:
        return None
    place = stop.taken[1] if len(stop.taken) == 2 else stop.token
    if place.kind not in ("NAME", "EQUAL", "COLON") or (place.kind == "NAME" and place.text not in KEYWORDS):
        return None
    meant = f"x {place.text}"
    further = reach(stop.start, stop.tables, stop.lexer, (place.start, place.end), meant) > stop.token.start
    if not further and place.text not in RESERVED:
        return None
    advice = pattern(stop.start, [stop.taken[0].text, place.text], "", stop.expected_at(place.start))
    what = f"The name is missing before {place.text}."
    return faults.syntax(what, stop.place(place), (), advice.text if advice else "Write a name before it.")


def _same_line(stop: Stop) -> Diagnostic | None:
    """`outcome x first …`: a clause on the line of its statement."""
    head = stop.start.replace("_", "-")
    word = stop.token.text.split()[0] if stop.token.text else ""
    if len(stop.taken) < 2 or word not in STATEMENTS.get(head, ()):
        return None
    remedy = "Put it on the next line, indented."
    return faults.syntax(f"{word} begins a line of its own under {head}.", stop.place(stop.token), (), remedy)


def _event(stop: Stop) -> Diagnostic | None:
    """`event first …`, `any care …` where an event belongs."""
    first = stop.taken[0] if stop.taken else stop.token
    if stop.start != "event" or first.text.split()[:1] == [] or first.text.split()[0] not in EVENT_WORDS:
        return None
    word = first.text.split()[0]
    return faults.syntax(f"An event does not begin with {word}.", stop.place(first), (), EVENT_WORDS[word])


# --- words that the language lacks -----------------------------------------------------------------------------------


def _absent(stop: Stop) -> Diagnostic | None:
    """A word that people try and that the language lacks."""
    if stop.token.kind != "TEXT" and stop.token.text.lower() in ABSENT:
        return _lacking(stop, stop.token)
    # `avg of cost of care`: it was taken for a column.
    for word, of in zip(stop.taken[-4:], stop.taken[-3:], strict=False):
        if word.kind == "NAME" and of.kind == "OF" and word.text.lower() in ABSENT and stop.token.kind == "OF":
            return _lacking(stop, word)
    return None


def _lacking(stop: Stop, word: Token) -> Diagnostic:
    return faults.not_in_language(word.text, ABSENT[word.text.lower()], stop.place(word))


def _nameless(stop: Stop) -> Diagnostic | None:
    """`cases where …`: a case without its name."""
    before, token = stop.before, stop.token
    if before is None or before.kind != "NAME" or before.text != "cases":
        return None
    remedy = "Write cases NAME where CONDITION, NAME otherwise."
    if token.kind == "NAME" and token.text.lower() not in ABSENT:
        return faults.syntax(f"The case {token.text} has no condition.", stop.place(token), (), remedy)
    if token.text not in ("where", "when"):
        return None
    return faults.syntax("Each case has a name.", stop.place(before, token), (), remedy)


def _call(stop: Stop) -> Diagnostic | None:
    """`len(x)`: a name that is called like a function."""
    before, token = stop.before, stop.token
    if token.kind != "LEFT_PAREN" or before is None or not before.text[:1].isalpha() or before.end != token.start:
        return None
    instead = CALLS.get(before.text.lower())
    if instead is None:
        return None
    return faults.python_habit(f"{before.text}(…)", instead, stop.place(before, token))


def _misspelt(stop: Stop) -> Diagnostic | None:
    repair = misspelt(stop.start, stop.tables, stop.lexer, stop.token)
    if repair is None:
        return None
    written = " ".join(stop.lexer.text[repair.start : repair.end].split())
    span = stop.lexer.place(repair.start, repair.end)
    return faults.syntax(f"{written} is not understood here.", span, (), f"Did you mean {repair.meant}?")


# --- numbers, dates, texts -------------------------------------------------------------------------------------------


def _spelt_out(stop: Stop) -> Diagnostic | None:
    """`one year`."""
    first = stop.before if stop.token.kind == "UNIT" else stop.token
    if first is None or first.kind != "NAME":
        return None
    match = re.compile(r"\w+\s+\w+").match(stop.lexer.text, first.start, stop.lexer.end)
    meant = match and spelt_out(match.group())
    if not match or not meant:
        return None
    return habitfaults.duration_written(match.group(), meant, stop.lexer.place(*match.span()))


def _comma(stop: Stop) -> Diagnostic | None:
    """`18,5`."""
    before = stop.before
    if stop.token.kind != "COMMA" or before is None or before.kind != "NUMBER":
        return None
    match = re.compile(r"[0-9]+,[0-9]+(?!\w)").match(stop.lexer.text, before.start, stop.lexer.end)
    return match and habitfaults.decimal_comma(match.group(), stop.lexer.place(*match.span()))


def _band(stop: Stop) -> Diagnostic | None:
    """`bands 18 to 29`, `bands <18`."""
    for before in reversed(stop.taken):
        if before.kind == "BANDS":
            token = stop.taken[-1] if stop.token.kind == END else stop.token
            remedy = "Write bands as 18-29, with an open end as 75+."
            return faults.syntax(f"{token.text} is not how a band is written.", stop.place(token), (), remedy)
        if before.kind not in ("NUMBER", "MINUS", "PLUS", "COMMA"):
            break
    return None


def _quotes(stop: Stop) -> Diagnostic | None:
    """A text where a name belongs, or the other way round."""
    token, before, expected = stop.token, stop.before, stop.expected
    span = stop.place(token)
    if token.kind == "TEXT" and before is not None and before.text.lower() == "date":
        meant = date_meant(token.text[1:-1])
        if meant is not None:
            return habitfaults.date_written(f"{before.text} {token.text}", meant, stop.place(before, token))
    if token.kind in ("TEXT", "NUMBER") and {"NAME", "LEFT_PAREN"} <= expected and "TEXT" not in expected:
        remedy = 'A list stands between parentheses: in ("1", "2").'
        return faults.syntax(f"{token.text} is not a list.", span, (), remedy)
    if token.kind == "TEXT" and "NAME" in expected:
        plain = completes(stop.start, stop.tables, stop.lexer, (token.start, token.end), token.text[1:-1])
        advice = None if plain else pattern(stop.start, [t.text for t in stop.taken], "", expected)
        remedy = advice.text if advice else "Leave out the quotes."
        return faults.syntax(f"{token.text} is a text, and a name belongs here.", span, (), remedy)
    if token.kind in ("NAME", "NUMBER", "DATE") and "TEXT" in expected and expected <= _LITERALS:
        if token.kind == "NUMBER":
            return faults.code_unquoted(token.text, span)
        whole = stop.lexer.text[token.start : stop.lexer.end].split()[0]
        return faults.syntax(f"{whole} has no quotes.", span, (), f'Texts are quoted: write "{whole}".')
    return None


_LITERALS = frozenset({"TEXT", "NUMBER", "DATE", "MINUS"})


# --- expressions -----------------------------------------------------------------------------------------------------


def _bare_with(stop: Stop) -> Diagnostic | None:
    """`with a = b and c = d`, and a second comparison after a with."""
    token, expected, taken = stop.token, stop.expected, stop.taken
    if token.kind not in ("AND", "OR", "EQUAL", "COMPARE", "BETWEEN", "IN", "NOT_IN", "IS", "EXCEPT"):
        return None
    depth = 0
    for before in reversed(taken):
        depth += (before.kind in ("RIGHT_PAREN", "RIGHT_BRACKET")) - (before.kind in ("LEFT_PAREN", "LEFT_BRACKET"))
        if depth < 0:
            break
        if depth == 0 and before.kind == "WITH" and (len(taken) < 2 or taken[-1] is not before):
            if token.kind in ("AND", "OR", "EXCEPT"):
                return faults.bare_with(token.text, stop.place(token), stop.place(before))
            return faults.chained_comparison(stop.place(token))
    if (token.kind in ("EQUAL", "COMPARE", "BETWEEN", "IN", "NOT_IN") and "AND" in expected) or (
        token.kind in ("EQUAL", "COMPARE") and END in expected and "PLUS" in expected
    ):
        return faults.chained_comparison(stop.place(token))
    return None


def _mixed(stop: Stop) -> Diagnostic | None:
    """`a or b and c` of spells, `from a union b except c` of cohorts."""
    families = (("AND", "OR", "EXCEPT", "MERGED_WITHIN"), ("UNION", "INTERSECT", "EXCEPT"))
    depth, token = 0, stop.token
    for before in reversed(stop.taken):
        depth += (before.kind == "RIGHT_PAREN") - (before.kind == "LEFT_PAREN")
        if depth < 0:
            break
        for family in families:
            if depth == 0 and before.kind != token.kind and {before.kind, token.kind} <= set(family):
                cohorts = "UNION" in family and stop.taken[0].kind != "SPELLS"
                return faults.mixed_operators(
                    token.text, before.text, stop.place(token), stop.place(before), cohorts
                )  # fmt: skip
    return None


def _bracket(stop: Stop) -> Diagnostic | None:
    before, token = stop.before, stop.token
    if token.kind == "LEFT_BRACKET" and before is not None and before.text.lower() == "exists":
        instead = "Write any TABLE, and which of its rows."
        return faults.cql_habit(f"{before.text} […]", instead, stop.place(before, token))
    if token.kind == "LEFT_BRACKET":
        return faults.period_bracket(stop.place(token))
    return None


def _habit_word(stop: Stop) -> Diagnostic | None:
    """A word that the language lacks, or a misspelt keyword."""
    token, before = stop.token, stop.before
    if token.kind != "NAME" or "NAME" in stop.expected or not token.text[:1].isalpha():
        return None
    if before and before.kind == "NAME" and before.text.lower() in ABSENT:
        return _lacking(stop, before)
    word = token.text
    wanted = _wanted(stop.expected)
    if before and before.kind == "NUMBER" and "UNIT" in stop.expected and word.lower() not in wanted:
        near = faults.nearest(word, UNITS)
        return faults.syntax(
            f"{word} is not a unit of time.", stop.place(token), () if near else ("days", "weeks", "months", "years"),
            f"Did you mean {near}?" if near else None,
        )  # fmt: skip
    near = faults.nearest(word, wanted)
    if near:
        return faults.syntax(f"{word} is not understood here.", stop.place(token), (), f"Did you mean {near}?")
    return None


def _is(stop: Stop) -> Diagnostic | None:
    """`x is 3`, `x is not known`."""
    before = stop.before
    if before is None or before.kind != "IS" or stop.token.kind == END:
        return None
    remedy = "Write is known or is unknown; values are compared with = and !=."
    span = stop.place(before, stop.token)
    return faults.syntax("After is stands only whether a value is known.", span, (), remedy)


def _column(stop: Stop) -> Diagnostic | None:
    """`smallest grade study`, `sum of amount before index`: a column or its table is missing."""
    for before in [t for t in stop.taken[-1:-4:-2] if t.kind == "NAME"]:
        if before.text in ("sum", "mean", "smallest", "largest", "distinct"):
            example = f"{before.text}{' of' if before.text in ('sum', 'mean') else ''} COLUMN of TABLE"
            what = f"{before.text} takes a column and its table."
            return faults.syntax(what, stop.place(before), (), f"Write {example}.")
    return None


def _category(stop: Stop) -> Diagnostic | None:
    """`at least 1 of (age at index in bands 18-29)`: bands and groups inside another expression."""
    before = stop.before
    if before is None or before.kind != "NAME" or before.text not in ("bands", "groups", "cases"):
        return None
    remedy = f"Define the {before.text} by themselves, and compare with between or in here."
    return faults.syntax(f"in {before.text} makes a category, not a condition.", stop.place(before), (), remedy)


def _unwrapped(stop: Stop) -> Diagnostic | None:
    """`with not (…)`, `days from first date of plan … to index`: what needs parentheses where it stands."""
    for place in (stop.before, stop.token):
        word = place.text.split()[0] if place is not None and place.text else ""
        if place is None or word not in _WRAPPED or "LEFT_PAREN" not in stop.expected_at(place.start):
            continue
        span = (place.start, place.start + len(word))
        if reach(stop.start, stop.tables, stop.lexer, span, f"({word}") > stop.token.start:
            what = f"What begins with {word} stands between parentheses here."
            return faults.syntax(what, stop.lexer.place(*span), (), f"Put ( before {word}, and ) where it ends.")
    return None


_WRAPPED = frozenset(
    {"not", "any", "no", "first", "last", "count", "days", "smallest", "largest", "sum", "mean", "distinct"}
)


def _arithmetic(stop: Stop) -> Diagnostic | None:
    """`count of service during [a, b) + 1`."""
    token = stop.token
    if token.kind not in ("PLUS", "MINUS", "STAR", "SLASH") or not stop.taken:
        return None
    if stop.taken[-1].kind not in ("RIGHT_PAREN", "RIGHT_BRACKET") and "DURING" not in stop.expected:
        return None
    remedy = "Put a row query between parentheses: (count of TABLE before index) + 1."
    what = f"Nothing that {token.text} could go on with ends here."
    return faults.syntax(what, stop.place(token), (), remedy)


def _half(stop: Stop) -> Diagnostic | None:
    """`merged 30 days`, `member clients`: words that belong together, of which only the first is there."""
    before, token = stop.before, stop.token
    place = before if before is not None and before.kind == "NAME" and before.text in TOGETHER else token
    if place is token and (token.kind not in ("NAME", "WITH") or "NAME" in stop.expected):
        return None
    expected = stop.expected_at(place.start)
    whole = tuple(phrase for phrase in PHRASES if _FIRST.split(phrase)[0] == place.text and _stands(phrase, expected))
    if not whole:
        return None
    remedy = f"Did you mean {faults.listed(whole)}?"
    return faults.syntax(f"{place.text} is not whole here.", stop.place(place), (), remedy)


_FIRST = re.compile("[ -]")
#: What may have to follow words for them to be one token.
_TAILS = ("", " x of y", " during", " x where")


def _stands(phrase: str, expected: frozenset[str]) -> bool:
    """Whether words that are one token could stand here."""
    return any(
        kind in expected and any(shape.match(phrase + tail) for tail in _TAILS)
        for shape, kind in TOGETHER.get(_FIRST.split(phrase)[0], ())
    )


def _days(stop: Stop) -> Diagnostic | None:
    """`spells x = any jobseeking`: a row query where the days of rows belong."""
    before = stop.before
    if before is None or stop.taken[0].kind != "SPELLS" or before.text not in RESERVED or stop.token.kind != "NAME":
        return None
    remedy = "Write spells NAME = TABLE with CONDITION: the days that such rows hold."
    return faults.syntax(f"{before.text} asks for rows, and spells are days.", stop.place(before), (), remedy)


_EXPLANATIONS: tuple[Explanation, ...] = (
    *(_case, _unnamed, _written_name, _same_line, _event, _nameless, _spelt_out, _comma, _band, _column, _absent),
    *(_call, _misspelt, _category, _days, _unwrapped, _half, _bare_with, _mixed, _bracket, _habit_word, _is),
    *(_quotes, _arithmetic),
)
