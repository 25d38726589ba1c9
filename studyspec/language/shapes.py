"""Dates and lengths of time as other languages and people write them, and how a study writes them."""

from __future__ import annotations

import datetime
import re
from typing import Any

from studyspec.language import tree
from studyspec.language.habitfaults import date_written
from studyspec.language.lexer import UNITS, Fault

_SHORT = {
    **dict.fromkeys(("d", "dd", "pv", "pva"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "vk"), "week"),
    **dict.fromkeys(("m", "mo", "mon", "mth", "mths", "kk"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "a", "v"), "year"),
}
_LENGTH = re.compile(r"([0-9]+)\s*([A-Za-z]+)")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:T[0-9:.]+Z?)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_RUN_TOGETHER = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEARS = range(1800, 2201)
#: Small numbers in words.
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def date_meant(text: str) -> str | None:
    """The day that a text means, as a study writes it; empty where it may mean several; None where it is no date."""
    match = _RUN_TOGETHER.fullmatch(text)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        return _day(int(match[1]), int(match[3]), int(match[4]))
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    return "" if year in _YEARS else None


def _day(year: int, month: int, day: int) -> str | None:
    if year not in _YEARS:
        return None
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def length_meant(text: str) -> str | None:
    """`30 days` for `30d` and `30days`."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        return None
    amount, word = int(match[1]), match[2].lower()
    unit = UNITS.get(word) or _SHORT.get(word)
    return unit and f"{amount} {unit}{'' if amount == 1 else 's'}"


def spelt_out(text: str) -> str | None:
    """`1 year` for `one year`."""
    words = text.lower().split()
    if len(words) != 2 or words[0] not in NUMBERS or words[1] not in UNITS:
        return None
    return length_meant(f"{NUMBERS.index(words[0]) + 1}{words[1]}")


def dated(node: Any) -> Any:
    """A time; a date written as a number or a text is none.  Raises Fault."""
    written = node.value if isinstance(node, tree.Text) else node.span.text if isinstance(node, tree.Number) else ""
    meant = date_meant(written) if written[:1].isdigit() else None
    if meant is not None:
        raise Fault(date_written(node.span.text, meant, node.span))
    return node
