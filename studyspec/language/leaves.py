"""What each token becomes: names, texts, numbers, dates and words, each checked by itself."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from studyspec.language import faults, tree
from studyspec.language.characters import MAX_NAME_BYTES, normal, scripts
from studyspec.language.lexer import Fault, Token
from studyspec.source import Span

_MAX_DIGITS = 18
#: What engines keep of a decimal (docs/engine.md).
_MAX_DECIMALS = 6
_ESCAPE = re.compile(r"\\(.)")


def name(text: str, span: Span) -> tree.Name:
    """A checked name: NFC, one script, short enough for every database.  Raises Fault."""
    if text.isascii() and len(text) <= MAX_NAME_BYTES:
        return tree.Name(text=text, span=span)
    text = normal(text)
    mixed = scripts(text)
    if mixed:
        raise Fault(faults.name_mixed_scripts(text, mixed, span))
    if len(text.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise Fault(faults.name_too_long(text, MAX_NAME_BYTES, span))
    return tree.Name(text=text, span=span)


def _text(token: Token, span: Span) -> tree.Text:
    value = token.text[1:-1]
    if "\\" in value:
        for escape in _ESCAPE.finditer(value):
            if escape.group(1) not in '"\\':
                start = span.start + 1 + escape.start()
                straight = span.text == token.text
                raise Fault(faults.escape_unknown(Span(span.source, start, start + 2) if straight else span))
        value = _ESCAPE.sub(r"\1", value)
    return tree.Text(value=value, span=span)


def _number(token: Token, span: Span) -> tree.Number:
    digits = token.text
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        raise Fault(faults.code_unquoted(digits, span))
    if len(digits) > _MAX_DIGITS:
        raise Fault(faults.number_invalid(digits, span))
    if len(digits.partition(".")[2].rstrip("0")) > _MAX_DECIMALS:
        raise Fault(faults.too_fine(digits, _MAX_DECIMALS, span))
    return tree.Number(value=Decimal(digits), span=span)


def _date(token: Token, span: Span) -> tree.Date:
    try:
        return tree.Date(value=datetime.date.fromisoformat(token.text), span=span)
    except ValueError:
        raise Fault(faults.date_invalid(token.text, span)) from None


def _read_name(token: Token, span: Span) -> tree.Name:
    if token.text in _CAPITALS:
        raise Fault(faults.keyword_case(token.text, token.text.lower(), span))
    return name(token.text, span)


#: What other languages write for true and false: never a name, for it would look like them.
_CAPITALS = frozenset({"True", "TRUE", "False", "FALSE"})


def _anchor(token: Token, span: Span) -> tree.Anchor:
    words: Any = _word(token, span)
    return tree.Anchor(name=words, span=span)


def _word(token: Token, span: Span) -> str:
    return " ".join(token.text.split())


#: What a token becomes; tokens of other kinds are only marks and leave nothing behind.
LEAVES: dict[str, Callable[[Token, Span], object]] = {
    "NAME": _read_name,
    "TEXT": _text,
    "NUMBER": _number,
    "DATE": _date,
    "TRUE": lambda token, span: tree.Boolean(value=True, span=span),
    "FALSE": lambda token, span: tree.Boolean(value=False, span=span),
    **dict.fromkeys(
        (
            "INDEX",
            "FOLLOW_UP_START",
            "FOLLOW_UP_END",
            "ITS_START",
            "ITS_END",
            "ITS_DATE",
            "END_OF_DATA",
            "START_OF_DATA",
            "THAT_DAY",
        ),
        _anchor,
    ),
    **dict.fromkeys(
        ("EQUAL", "COMPARE", "UNIT", "TYPE_WORD", "TIME_ZERO_RULE", "VERSION_NUMBER", "CHECK_CODE", "ANY", "NO"), _word
    ),
    **dict.fromkeys(("COUNT_OF", "DAYS_OF", "EXACTLY_ONE", "FIRST", "LAST", "STARTING", "ENDING"), _word),
    **dict.fromkeys(("SMALLEST", "LARGEST", "SUM_OF", "MEAN_OF", "DISTINCT"), _word),
    **dict.fromkeys(("FIRST_EVER", "EVERY", "EVERY_MONTH", "EVERY_QUARTER", "EVERY_YEAR", "UNIT_FROM"), _word),
}
