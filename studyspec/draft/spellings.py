"""Ways to write days and numbers that files have and that are not read: told by what they look like, never read."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spelling:
    """what: it is of.  example: an invented value spelt so; instead: the same as it is read."""

    what: Literal["dates", "numbers"]
    pattern: re.Pattern[str]
    example: str
    instead: str

    def of(self, value: str) -> bool:
        return self.pattern.fullmatch(value) is not None and (self is not _RUN_TOGETHER or _day(value))


def _day(value: str) -> bool:
    try:
        return 1800 <= datetime.date.fromisoformat(value).year <= 2200
    except ValueError:
        return False


_RUN_TOGETHER = Spelling("dates", re.compile(r"\d{8}"), "20210131", "2021-01-31")

SPELLINGS = (
    Spelling("dates", re.compile(r"\d{1,2}\. ?\d{1,2}\. ?\d{4}"), "31.1.2021", "2021-01-31"),
    Spelling("dates", re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), "31/1/2021", "2021-01-31"),
    Spelling("dates", re.compile(r"\d{4}[/.]\d{1,2}[/.]\d{1,2}"), "2021/01/31", "2021-01-31"),
    Spelling("dates", re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*"), "2021-01-31 00:00:00", "2021-01-31"),
    _RUN_TOGETHER,
    Spelling("numbers", re.compile(r"[+-]?\d+,\d+"), "4,70", "4.70"),
)
