"""The one place for date arithmetic in Python: proleptic Gregorian days of the years 1 to 9999.

Every function is pure.  Unknown in, unknown out: a date that is None gives None.  A move that leaves the years 1 to
9999 raises OverflowError, for the caller to settle: a check takes such a time for infinite, the arbiter for unknown.
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from itertools import accumulate
from operator import add as add_int
from operator import sub as sub_int
from typing import Final, Literal, overload

Unit = Literal["day", "week", "month", "year"]

FIRST_DAY: Final = datetime.date.min
LAST_DAY: Final = datetime.date.max
#: Days of data that studies reckon with, and the longest move: so no move of a move of a move leaves the calendar.
FIRST_RECKONED: Final = datetime.date(1000, 1, 1)
LAST_RECKONED: Final = datetime.date(8999, 12, 31)
MOST_YEARS: Final = 150

#: The Gregorian calendar repeats after 400 years: so many months, and so many days.
_CYCLE_MONTHS: Final = 4_800
_CYCLE_DAYS: Final = 146_097
_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_OUTSIDE: Final = "a day outside the years 1 to 9999"
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def parse_date(text: str) -> datetime.date | None:
    """The day written `YYYY-MM-DD`, four, two and two digits; None for anything else and for days that do not exist."""
    parts = _DATE.fullmatch(text)
    if parts is None:
        return None
    try:
        return datetime.date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return None


@overload
def add(day: datetime.date, amount: int, unit: Unit) -> datetime.date: ...
@overload
def add(day: datetime.date | None, amount: int, unit: Unit) -> datetime.date | None: ...
def add(day: datetime.date | None, amount: int, unit: Unit) -> datetime.date | None:
    """The day moved by a whole, possibly negative, number of units.

    Months and years keep the day of the month, or take the last day of a month that is too short: 31 January plus one
    month is 28 or 29 February.  None when the day is.  Raises OverflowError outside the years 1 to 9999.
    """
    if day is None:
        return None
    if unit == "day" or unit == "week":
        ordinal = day.toordinal() + amount * (7 if unit == "week" else 1)
        if not FIRST_DAY.toordinal() <= ordinal <= LAST_DAY.toordinal():
            raise OverflowError(_OUTSIDE)
        return datetime.date.fromordinal(ordinal)
    months = day.year * 12 + day.month - 1 + amount * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise OverflowError(_OUTSIDE)
    return datetime.date(year, month, min(day.day, _length(year, month)))


def days_between(start: datetime.date | None, end: datetime.date | None) -> int | None:
    """Days from start to end, negative when end is earlier; None when either is unknown."""
    if start is None or end is None:
        return None
    return end.toordinal() - start.toordinal()


def completed_years(birth: datetime.date | None, at: datetime.date | None) -> int | None:
    """The largest n with `birth + n years <= at`: age in completed years, negative before birth.

    Who is born on 29 February turns a year older on 28 February of common years, since adding years clamps to the end
    of the month.  None when either day is unknown.
    """
    if birth is None or at is None:
        return None
    years = at.year - birth.year
    birthday = datetime.date(at.year, birth.month, min(birth.day, _length(at.year, birth.month)))
    return years if birthday <= at else years - 1


def duration_days(amount: int, unit: Unit) -> int:
    """A duration as a fixed number of days, for the times of reports: a year is 365.25 days, a month a twelfth of that.

    Rounded down: an event on that day after entry counts as within the time.
    """
    if unit == "year":
        return amount * 1461 // 4
    if unit == "month":
        return amount * 1461 // 48
    return amount * (7 if unit == "week" else 1)


def month_days(months: int) -> tuple[int, int]:
    """The fewest and the most days by which adding months can move any day: (28, 31) for 1, (365, 366) for 12."""
    cycles, rest = divmod(months, _CYCLE_MONTHS)
    low, high = _month_range(rest)
    return low + cycles * _CYCLE_DAYS, high + cycles * _CYCLE_DAYS


def min_days(amount: int, unit: Unit) -> int:
    """The fewest days by which `add` can move any day forward: 28 for one month, 365 for one year, -31 for -1 month."""
    return _day_range(amount, unit)[0]


def max_days(amount: int, unit: Unit) -> int:
    """The most days by which `add` can move any day forward: 31 for one month, 366 for one year, -28 for -1 month."""
    return _day_range(amount, unit)[1]


def _length(year: int, month: int) -> int:
    """Days of a month."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def _day_range(amount: int, unit: Unit) -> tuple[int, int]:
    if unit == "day" or unit == "week":
        days = duration_days(amount, unit)
        return days, days
    return month_days(amount * (12 if unit == "year" else 1))


@lru_cache(maxsize=256)
def _month_range(months: int) -> tuple[int, int]:
    """Exact bounds for 0 <= months < 4800, over every month of the cycle that a day can start in.

    From a month of `have` days to one of `want` days, days 1 to `want` all move by as much as the first does, and the
    last day of a longer month moves by `have - want` days less.
    """
    firsts, lengths = _months()
    moved = list(map(sub_int, firsts[months : months + _CYCLE_MONTHS], firsts))
    changed = map(sub_int, lengths[months : months + _CYCLE_MONTHS], lengths)
    return min(map(min, moved, map(add_int, moved, changed))), max(moved)


@lru_cache(maxsize=1)
def _months() -> tuple[list[int], list[int]]:
    """Day number of the first day, and the length, of every month of two cycles (any 400 years are like any others)."""
    lengths = [_length(year, month) for year in range(400) for month in range(1, 13)] * 2
    firsts = [0, *accumulate(lengths[:-1])]
    return firsts, lengths
