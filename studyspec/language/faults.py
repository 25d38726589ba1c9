"""Everything that can be wrong with the text of a study, one function per fault, in the author's words.

Each code has a page in docs/errors.  Faults of YAML as such are in `yamlfaults`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from studyspec.source import Diagnostic, Related, Span

_SHOWN = 40


def shown(text: str) -> str:
    """A piece of the author's text inside a message: one line, and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word closest to a misspelt one, if any is close."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower()[:100], {k.lower(): k for k in known}, n=1, cutoff=0.7)
    return next((k for k in known if close and k.lower() == close[0]), None)


def listed(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


# --- characters and names --------------------------------------------------------------------------------------------


def invisible_character(span: Span) -> Diagnostic:
    number = ord(span.text[:1] or "\0")
    return Diagnostic(
        "invisible-character",
        f"An invisible or direction-changing character (U+{number:04X}) stands here.",
        span,
        "Delete it: what a reviewer signs must be what the compiler reads.",
    )


def character_unknown(span: Span) -> Diagnostic:
    character = span.text
    if character.isspace():
        return Diagnostic(
            "character-unknown",
            f"This is not an ordinary space (U+{ord(character[:1]):04X}).",
            span,
            "Replace it with a space from the keyboard.",
        )
    return Diagnostic(
        "character-unknown",
        f"The character {shown(character)} has no meaning outside quotes.",
        span,
        'Texts and codes stand between straight double quotes ("); comments begin with #.',
    )


def tab_character(span: Span, lines: int) -> Diagnostic:
    more = f" (and on {lines - 1} more line{'s' if lines > 2 else ''})" if lines > 1 else ""
    return Diagnostic(
        "tab-character",
        f"A tab stands here{more}.",
        span,
        "Use spaces: a tab looks different in every editor, and places in messages would be wrong.",
    )


def name_mixed_scripts(name: str, scripts: Sequence[str], span: Span) -> Diagnostic:
    return Diagnostic(
        "name-mixed-scripts",
        f"The name {shown(name)} mixes {' and '.join(scripts)} letters, which can look alike.",
        span,
        "Write each name in one alphabet.",
    )


def name_too_long(name: str, limit: int, span: Span) -> Diagnostic:
    size = len(name.encode("utf-8", "replace"))
    return Diagnostic(
        "name-too-long",
        f"The name {shown(name)} takes {size} bytes; databases keep {limit}.",
        span,
        "Shorten the name and say the rest in its label.",
    )


def name_invalid(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "name-invalid",
        f"{shown(text) or 'Nothing'} is not a name.",
        span,
        "A name begins with a letter and goes on with letters, digits and _; it stands without quotes.",
    )


def name_reserved(name: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "name-reserved",
        f"{name} is a word of the language where values are expected, so an expression could never use it as a name.",
        span,
        f"Choose another name, for example {name}_.",
    )


def name_case(name: str, other: str, span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "name-case",
        f"{name} and {other} differ only by capital letters.",
        span,
        "Give one of them a name that differs by more.",
        (Related(first, f"{other} is named here"),),
    )


def repeated_name(kind: str, name: str, span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "repeated-name",
        f"There is already {kind} named {name}.",
        span,
        "Rename or delete one of them.",
        (Related(first, f"{name} is named here first"),),
    )


def identity_code(span: Span) -> Diagnostic:
    return Diagnostic(
        "identity-code",
        "This has the shape and the check character of a real person's identity code.",
        span,
        "Delete it. Studies never name people; examples use test codes, whose number is 900 to 999.",
    )


# --- literals --------------------------------------------------------------------------------------------------------


def unclosed_string(span: Span) -> Diagnostic:
    return Diagnostic(
        "unclosed-string",
        "The quotation mark that opens this text is never closed on its line.",
        span,
        'A text ends on its line: add " there, or join the lines. Inside a text, a quotation mark is written \\".',
    )


def escape_unknown(span: Span) -> Diagnostic:
    return Diagnostic(
        "escape-unknown",
        f'{shown(span.text)} is not an escape: a text knows only \\" and \\\\.',
        span,
        "Write the character itself, or \\\\ for a backslash.",
    )


def quotation_marks(span: Span) -> Diagnostic:
    return Diagnostic(
        "quotation-marks",
        f"{span.text[:1]} does not open a text.",
        span,
        'Use straight double quotes: "like this".',
    )


def code_unquoted(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "code-unquoted",
        f"{shown(text)} looks like a code, and codes are always quoted.",
        span,
        f'Write "{shown(text)}": without quotes it would be a number or a name.',
    )


def date_invalid(text: str, span: Span) -> Diagnostic:
    return Diagnostic("date-invalid", f"There is no day {text} in the calendar.", span, "Dates are year-month-day.")


def number_invalid(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "number-invalid",
        f"{shown(text)} is not a number of the language.",
        span,
        "Write digits, with at most one decimal point, and a space before the word that follows: 30 days, 0.5.",
    )


def too_fine(text: str, most: int, span: Span) -> Diagnostic:
    return Diagnostic(
        "number-invalid",
        f"{shown(text)} has more than {most} decimals, and data are read to {most}: no value could equal it.",
        span,
        "Let the extract hold the column in a smaller unit, such as deaths per million days, and compare with that.",
    )


def duration_invalid(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "duration-invalid",
        f"{shown(text)} is no length of time that studies reckon with.",
        span,
        "Durations are whole numbers of days, weeks, months or years, up to 150 years.",
    )


def band_invalid(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "band-invalid",
        f"The band {shown(text)} ends before it begins, or is not made of whole numbers.",
        span,
        "A band is two whole numbers, both included (18-29), or an open end (75+); decimals are divided by "
        "`cases low where x < 0.5, high otherwise`.",
    )


def language_code(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "language-code",
        f"{shown(text)} is not a language code.",
        span,
        "Use the two or three small letters of ISO 639: en, fi, sv.",
    )


def hash_invalid(span: Span) -> Diagnostic:
    return Diagnostic(
        "hash-invalid",
        "This is not a SHA-256: 64 digits from 0 to 9 and a to f.",
        span,
        "Write what `sha256sum FILE` says of the imported file.",
    )


# --- habits from other languages -------------------------------------------------------------------------------------


def operator_habit(found: str, instead: str, span: Span) -> Diagnostic:
    return Diagnostic("operator-habit", f"{found} is not an operator here.", span, f"Write {instead}.")


def keyword_case(found: str, word: str, span: Span) -> Diagnostic:
    return Diagnostic("keyword-case", f"{found} is not a word of the language.", span, f"Write it small: {word}.")


INSTEAD = "Say who is in (cohort), what they met (exposure) and what happened (outcome)"


def sql_habit(found: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "sql-habit",
        f"{shown(found)} is SQL, and a study is not a query.",
        span,
        f"{INSTEAD}; the SQL is made from that.",
    )


def python_habit(found: str, instead: str, span: Span) -> Diagnostic:
    return Diagnostic("python-habit", f"{shown(found)} is how a program says it, not a study.", span, instead)


def cql_habit(found: str, instead: str, span: Span) -> Diagnostic:
    return Diagnostic("cql-habit", f"{shown(found)} is CQL, and a study says it otherwise.", span, instead)


def not_in_language(found: str, instead: str, span: Span) -> Diagnostic:
    return Diagnostic("not-in-language", f"{found} is not in the language.", span, instead)


# --- statements and clauses ------------------------------------------------------------------------------------------


def syntax(message: str, span: Span, expected: Sequence[str], remedy: str | None) -> Diagnostic:
    return Diagnostic("syntax", message, span, remedy, expected=tuple(expected))


def unknown_statement(word: str, known: Sequence[str], span: Span) -> Diagnostic:
    near = nearest(word, known)
    return Diagnostic(
        "unknown-statement",
        f"No statement begins with {shown(word)}.",
        span,
        f"Did you mean {near}?" if near else "If the line goes on from the one above, put spaces before it.",
        expected=() if near else tuple(known),
    )


def indented_statement(word: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "indented-statement",
        f"{shown(word)} is indented, but there is no statement above that it could belong to.",
        span,
        "Begin statements at the very start of a line.",
    )


def unknown_clause(word: str, statement: str, known: Sequence[str], span: Span) -> Diagnostic:
    near = nearest(word, known)
    alone = None if known else f"Nothing stands under {statement}."
    return Diagnostic(
        "unknown-clause",
        f"{shown(word)} does not begin a clause of {statement}.",
        span,
        f"Did you mean {near}?" if near else alone,
        expected=() if near else tuple(known),
    )


def statement_indented(word: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "indented-statement",
        f"{word} is a statement of its own, and it is indented.",
        span,
        f"Statements begin in the first column: delete the spaces before {word}.",
    )


def clause_not_indented(word: str, statement: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "clause-not-indented",
        f"{shown(word)} is a clause of {statement}, and clauses are indented.",
        span,
        "Put spaces before it.",
    )


def missing_statement(word: str, example: str, span: Span) -> Diagnostic:
    return Diagnostic("missing-statement", f"The study has no {word} statement.", span, f"Add: {example}")


def missing_clause(what: str, statement: str, example: str, span: Span) -> Diagnostic:
    return Diagnostic("missing-clause", f"{statement} has no {what}.", span, f"Add: {example}", expected=(what,))


def misplaced_clause(stray: Diagnostic, lacking: Diagnostic) -> Diagnostic:
    """One fault of two: a clause where it does not belong, and a statement that lacks such a clause."""
    what = lacking.expected[0]
    related = (Related(lacking.span, "here it is missing"),) if lacking.span else ()
    return Diagnostic(
        "misplaced-clause",
        f"This {what} does not belong here: {lacking.message[0].lower()}{lacking.message[1:]}",
        stray.span,
        "Bring the two together: a statement begins with its own line, and its clauses stand right under it.",
        related,
    )


def headless(first: Diagnostic) -> Diagnostic:
    """The first of several clauses that are said twice: they seem to be of another statement."""
    return replace(
        first,
        remedy="Keep one of them; or, if the lines from here belong to something else, put its first line above them.",
    )


def no_categories(span: Span) -> Diagnostic:
    return Diagnostic(
        "no-categories",
        "The label of a category stands where nothing has categories of its own.",
        span,
        'Write it under a definition by `cases` or `in groups`; a level has its own: `label fi "…"` right under it.',
    )


def level_rule(level: str, what: str, allowed: Sequence[str], span: Span) -> Diagnostic:
    return Diagnostic(
        "level-rule",
        f"The level {level} is not given as levels of {what} are.",
        span,
        f"Write {listed((*allowed, 'otherwise'))}.",
    )


def entry_recorded(word: str, span: Span) -> Diagnostic:
    where, other = ("begins", "from COLUMN to COLUMN") if word == "entry" else ("ends", "to COLUMN")
    return Diagnostic(
        "entry-recorded",
        f"A recorded follow-up {where} where its table says, so it takes no {word}.",
        span,
        f"Name the column with which it {where}: follow-up recorded in TABLE {other}.",
    )


def repeated_statement(what: str, span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "repeated-statement",
        f"{what} is said twice.",
        span,
        "Keep one of them.",
        (Related(first, "said here first"),),
    )


def unclosed_bracket(bracket: str, span: Span) -> Diagnostic:
    pair = {"(": ")", "[": "] or )"}[bracket]
    return Diagnostic("unclosed-bracket", f"This {bracket} is never closed.", span, f"Add {pair} where it ends.")


def stray_bracket(bracket: str, span: Span) -> Diagnostic:
    return Diagnostic("stray-bracket", f"This {bracket} closes nothing.", span, "Delete it, or open it before.")


def period_bracket(span: Span) -> Diagnostic:
    return Diagnostic(
        "period-bracket",
        "A period between brackets stands only after during.",
        span,
        'Write during [start, end); lists of codes stand between parentheses: in ("1", "2").',
    )


def bare_with(word: str, span: Span, start: Span) -> Diagnostic:
    return Diagnostic(
        "bare-with",
        f"It is unclear whether this {word} goes on inside the with or after it.",
        span,
        f"A with holds one comparison. Write with (a = b {word} c = d) to filter rows by both, "
        f"or put the whole row query between parentheses before {word}.",
        (Related(start, "the with begins here"),),
    )


def mixed_operators(word: str, other: str, span: Span, first: Span, cohorts: bool) -> Diagnostic:
    return Diagnostic(
        "mixed-operators",
        f"It is unclear which comes first, {other} or {word}.",
        span,
        "Make a cohort of the first ones, and use its name here."
        if cohorts
        else f"Put the part that comes first between parentheses: (a {other} b) {word} c.",
        (Related(first, f"{other} stands here"),),
    )


def chained_comparison(span: Span) -> Diagnostic:
    return Diagnostic(
        "chained-comparison",
        "Two comparisons cannot follow one another.",
        span,
        "Write x between a and b, or join two comparisons with and. "
        'After a with, put the row query between parentheses: (count of t with c = "1") > 2.',
    )


def nested_too_deep(span: Span, limit: int) -> Diagnostic:
    return Diagnostic(
        "nested-too-deep",
        f"More than {limit} things are nested in one another here.",
        span,
        "Name parts of it with define and use the names.",
    )


# --- spellings -------------------------------------------------------------------------------------------------------


def spelling_unknown(name: str) -> Diagnostic:
    return Diagnostic(
        "spelling-unknown",
        f"{name} is neither a .study nor a .yaml file.",
        remedy="Rename it so that its spelling is known: .study for the study language, .yaml for YAML.",
    )


def empty_study(span: Span) -> Diagnostic:
    return Diagnostic(
        "empty-study", "There is no study in this file.", span, "Begin with: study my_study version 1.0.0"
    )


def too_many_faults(span: Span, shown: int) -> Diagnostic:
    return Diagnostic(
        "too-many-faults", f"There is more wrong than the first {shown} faults.", span, "Mend those first."
    )


def format_unsafe(span: Span) -> Diagnostic:
    return Diagnostic(
        "format-unsafe",
        "Printing this study and reading it back did not give the same study, so nothing was written.",
        span,
        "Please report this; the file is unchanged.",
    )
