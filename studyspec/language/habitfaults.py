"""What people write as they do elsewhere, one function per fault: dates, durations, names, comments, characters."""

from __future__ import annotations

from studyspec.language.faults import shown
from studyspec.source import Diagnostic, Span


def comment_mark(found: str, span: Span, count: int = 1) -> Diagnostic:
    """count: comments that begin so, each on a line of its own"""
    more = f" (and {count - 1} more)" if count > 1 else ""
    what = f"{found} does not begin a comment{more}."
    return Diagnostic("operator-habit", what, span, "Comments begin with #.")


def date_written(text: str, meant: str, span: Span) -> Diagnostic:
    """meant: the day as a study writes it; empty where it is not certain"""
    remedy = f"Write {meant}, without quotes." if meant else "Write year-month-day, without quotes: 2019-01-31."
    return Diagnostic("date-invalid", f"{shown(text)} is not how a study writes dates.", span, remedy)


def duration_written(text: str, meant: str, span: Span) -> Diagnostic:
    what = f"{shown(text)} is not how a study writes lengths of time."
    return Diagnostic("duration-invalid", what, span, f"Write {meant}.")


def unit_missing(sign: str, number: str, span: Span) -> Diagnostic:
    return Diagnostic("unit-missing", f"It is not said {number} of what.", span, f"Write {sign} {number} days.")


def decimal_comma(text: str, span: Span) -> Diagnostic:
    remedy = f"Write {text.replace(',', '.')}: decimals follow a point."
    return Diagnostic("number-invalid", f"{shown(text)} is not a number of the language.", span, remedy)


def name_written(text: str, meant: str, span: Span) -> Diagnostic:
    remedy = f"Names hold letters, digits and _: write {meant}."
    return Diagnostic("name-invalid", f"{shown(text)} is not a name.", span, remedy)


def character_habit(character: str, instead: str, span: Span) -> Diagnostic:
    what = f"The character {character} has no meaning outside quotes."
    return Diagnostic("character-unknown", what, span, instead)
