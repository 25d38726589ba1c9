"""The three doors through which a study's text enters SQL: identifiers, literals, comments."""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal

from studyspec.source import Refused
from studyspec.sql import faults
from studyspec.sql.dialects import Dialect, reserved

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)


def identifier(name: str, dialect: Dialect) -> str:
    """A name as it must be written: bare where that reads the same everywhere, else quoted.

    Raises ValueError for what no database can be asked for: the empty name, and the character NUL; Refused
    (dialect-name-too-long).
    """
    if not name or "\0" in name:
        raise ValueError("no identifier can be empty or hold NUL")
    if dialect.longest_name is not None and len(name.encode()) > dialect.longest_name:
        raise Refused(faults.name_too_long(name, dialect.title, dialect.longest_name))
    if _PLAIN.fullmatch(name) and name not in reserved():
        return name
    return dialect.quote + name.replace(dialect.quote, dialect.quote * 2) + dialect.quote


def string(text: str, dialect: Dialect) -> str:
    """A text literal.  Raises ValueError for the character NUL."""
    if "\0" in text:
        raise ValueError("no text literal can hold NUL")
    if dialect.backslash:
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def literal(value: str | int | Decimal | bool | datetime.date | None, dialect: Dialect) -> str:
    """A constant of any type that a study knows."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.date):
        return f"date '{value.isoformat()}'"
    return string(value, dialect)


def comment(text: str) -> str:
    """Text for one line of comment: nothing in it can end the comment, open another, or turn the reader's eye.

    Line breaks and characters without a shape become spaces; marks that change the direction of writing are dropped.
    """
    kept = "".join(_seen(character) for character in text)
    kept = re.sub(r"-(?=-)", "- ", kept)
    kept = re.sub(r"\*(?=/)", "* ", re.sub(r"/(?=\*)", "/ ", kept))
    return " ".join(kept.split())


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp"):
        return " "
    return "" if category == "Cf" else character
