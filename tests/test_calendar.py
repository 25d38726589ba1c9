"""What date arithmetic promises, checked against formulas of other make and against DuckDB."""

from __future__ import annotations

import datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import calendar
from studyspec.calendar import Unit

DATE = datetime.date
days = st.dates()


def added(day: datetime.date | None, amount: int, unit: Unit) -> datetime.date | None:
    """None where the calendar ends."""
    try:
        return calendar.add(day, amount, unit)
    except OverflowError:
        return None


recent = st.dates(DATE(1600, 1, 1), DATE(2399, 12, 31))
units: st.SearchStrategy[Unit] = st.sampled_from(["day", "week", "month", "year"])


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length(year: int, month: int) -> int:
    return (31, 29 if is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def walked(day: datetime.date, months: int) -> datetime.date | None:
    """Months added one month at a time, the day of the month remembered and clamped at the end only."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    if not 1 <= year <= 9999:
        return None
    return DATE(year, month, min(day.day, length(year, month)))


@given(days, st.integers(-1500, 1500))
@settings(deadline=None)
def test_adding_months_agrees_with_walking_month_by_month(day: datetime.date, months: int) -> None:
    assert added(day, months, "month") == walked(day, months)


@given(days, st.integers(-120, 120))
@settings(deadline=None)
def test_a_year_is_twelve_months_and_a_week_seven_days(day: datetime.date, amount: int) -> None:
    assert added(day, amount, "year") == added(day, 12 * amount, "month")
    assert added(day, amount, "week") == added(day, 7 * amount, "day")


@pytest.mark.parametrize(
    ("day", "amount", "unit", "expected"),
    [
        ("2021-01-31", 1, "month", "2021-02-28"),
        ("2020-01-31", 1, "month", "2020-02-29"),
        ("2020-02-29", 1, "year", "2021-02-28"),
        ("2020-02-29", 4, "year", "2024-02-29"),
        ("2020-02-29", -1, "year", "2019-02-28"),
        ("2021-03-31", -1, "month", "2021-02-28"),
        ("1900-02-28", 1, "day", "1900-03-01"),
        ("9999-12-31", 1, "day", None),
        ("9999-12-31", 1, "month", None),
        ("0001-01-01", -1, "week", None),
        ("0001-01-31", -1, "month", None),
    ],
)
def test_ends_of_months_and_of_the_calendar(day: str, amount: int, unit: Unit, expected: str | None) -> None:
    moved = added(calendar.parse_date(day), amount, unit)
    assert moved == (calendar.parse_date(expected) if expected else None)


@given(days, days)
@settings(deadline=None)
def test_completed_years_is_the_largest_number_of_years_that_fit(birth: datetime.date, at: datetime.date) -> None:
    years = calendar.completed_years(birth, at)
    assert years is not None
    moved, next_year = added(birth, years, "year"), added(birth, years + 1, "year")
    assert moved is None or moved <= at
    assert next_year is None or next_year > at


def test_who_is_born_on_a_leap_day_has_birthday_on_28_february_in_common_years() -> None:
    birth = DATE(2000, 2, 29)
    assert calendar.completed_years(birth, DATE(2018, 2, 27)) == 17
    assert calendar.completed_years(birth, DATE(2018, 2, 28)) == 18
    assert calendar.completed_years(birth, DATE(2020, 2, 28)) == 19
    assert calendar.completed_years(birth, DATE(2020, 2, 29)) == 20


def test_unknown_in_unknown_out() -> None:
    day = DATE(2020, 1, 1)
    assert calendar.add(None, 1, "day") is None
    assert calendar.days_between(None, day) is None
    assert calendar.days_between(day, None) is None
    assert calendar.completed_years(None, day) is None
    assert calendar.completed_years(day, None) is None


@given(days, days)
@settings(deadline=None)
def test_days_between_is_what_must_be_added(start: datetime.date, end: datetime.date) -> None:
    assert calendar.add(start, calendar.days_between(start, end) or 0, "day") == end


@given(st.integers(0, 500))
@settings(deadline=None)
def test_a_time_of_a_report_is_rounded_down_to_whole_days(amount: int) -> None:
    year = Fraction(1461, 4)
    assert calendar.duration_days(amount, "year") == int(year * amount)
    assert calendar.duration_days(amount, "month") == int(year / 12 * amount)
    assert calendar.duration_days(amount, "week") == 7 * amount
    assert calendar.duration_days(amount, "day") == amount


def test_times_of_reports_that_people_use() -> None:
    assert [calendar.duration_days(n, "year") for n in (1, 2, 3, 5, 10)] == [365, 730, 1095, 1826, 3652]
    assert [calendar.duration_days(n, "month") for n in (1, 3, 6)] == [30, 91, 182]


@given(recent, st.integers(-600, 600), units)
@settings(deadline=None)
def test_no_move_leaves_its_bounds(day: datetime.date, amount: int, unit: Unit) -> None:
    moved = calendar.days_between(day, calendar.add(day, amount, unit))
    assert moved is not None
    assert calendar.min_days(amount, unit) <= moved <= calendar.max_days(amount, unit)


@pytest.mark.parametrize("months", [*range(-14, 15), 24, 36, 48, 60, 96, 1200, 4800])
def test_bounds_are_reached(months: int) -> None:
    moves = set()
    for ordinal in range(DATE(2000, 1, 1).toordinal(), DATE(2000, 1, 1).toordinal() + 146_097, 1):
        day = DATE.fromordinal(ordinal)
        if day.day in (1, 28, 29, 30, 31):
            year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
            moved = DATE(year, month + 1, min(day.day, length(year, month + 1)))
            moves.add(moved.toordinal() - ordinal)
    assert (min(moves), max(moves)) == (calendar.min_days(months, "month"), calendar.max_days(months, "month"))


@given(st.text(max_size=12))
@settings(deadline=None)
def test_only_written_days_are_dates(text: str) -> None:
    day = calendar.parse_date(text)
    assert day is None or day.isoformat() == text


@given(days)
@settings(deadline=None)
def test_every_day_reads_as_it_is_written(day: datetime.date) -> None:
    assert calendar.parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text", ["2021-02-29", "2021-13-01", "0000-01-01", "21-01-01", "2021-1-1", "２０２１-01-01", ""]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert calendar.parse_date(text) is None


def test_duckdb_adds_months_alike() -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as db:
        rows = db.execute(
            "select d::date, n::integer, cast(d + to_months(n::integer) as date) from "
            "(select date '1999-12-25' + (i * 3)::integer as d from range(600) as r(i)), range(-61, 62, 7) as s(n)"
        ).fetchall()
    assert len(rows) == 600 * 18
    for day, months, moved in rows:
        assert calendar.add(day, months, "month") == moved
