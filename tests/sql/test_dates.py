"""Dates on the engine are the calendar's: completed years, months that clamp, days between."""

from __future__ import annotations

import datetime
import itertools

import duckdb
import pytest

from studyspec import calendar
from studyspec.plan.nodes import Call, Column, Constant, Scalar, Shift
from studyspec.sql.dialects import DIALECTS
from studyspec.sql.scalars import Speller

YEARS = (1896, 1899, 1900, 1999, 2000, 2019, 2020, 2021, 2024)
EDGES = ((1, 1), (1, 31), (2, 1), (2, 27), (2, 28), (3, 1), (3, 31), (4, 30), (12, 31))
DAYS = sorted(
    {datetime.date(y, m, d) for y in YEARS for m, d in EDGES}
    | {datetime.date(y, 2, 29) for y in YEARS if y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)}
)


@pytest.fixture(scope="module")
def pairs() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("create table days (a date, b date)")
    values = ", ".join(f"(date '{a}', date '{b}')" for a, b in itertools.product(DAYS, DAYS))
    connection.execute(f"insert into days values {values}, (null, date '2020-01-01'), (date '2020-01-01', null)")
    return connection


def rows(pairs: duckdb.DuckDBPyConnection, value: Scalar) -> list[tuple[datetime.date, datetime.date, object]]:
    text = Speller(DIALECTS["duckdb"]).flat(value)
    return pairs.execute(f"select a, b, {text} from days").fetchall()


def test_completed_years_are_the_calendars(pairs: duckdb.DuckDBPyConnection) -> None:
    for birth, day, years in rows(pairs, Call("completed years", (Column("days", "a"), Column("days", "b")))):
        assert years == calendar.completed_years(birth, day)


def test_days_between_are_the_calendars(pairs: duckdb.DuckDBPyConnection) -> None:
    for start, end, days in rows(pairs, Call("days between", (Column("days", "a"), Column("days", "b")))):
        assert days == calendar.days_between(start, end)


@pytest.mark.parametrize("unit", ["day", "month", "year"])
@pytest.mark.parametrize("amount", [-48, -13, -1, 1, 2, 11, 12, 48, 365])
def test_moves_are_the_calendars(pairs: duckdb.DuckDBPyConnection, unit: calendar.Unit, amount: int) -> None:
    for day, _, moved in rows(pairs, Shift(Column("days", "a"), amount, unit)):  # type: ignore[arg-type]
        assert moved == calendar.add(day, amount, unit)
        assert not isinstance(moved, datetime.datetime)


def test_sums_of_moves_and_differences_keep_their_grouping(pairs: duckdb.DuckDBPyConnection) -> None:
    late = Shift(Column("days", "a"), -3, "day")
    value = Call("days between", (late, Shift(Column("days", "b"), 2, "day")))
    for a, b, days in rows(pairs, value):
        between = calendar.days_between(a, b)
        assert days == (None if between is None else between + 5)
    value = Call("not", (Call("or", (Call("<", (late, Column("days", "b"))), Constant(False))),))
    for a, b, found in rows(pairs, value):
        assert found == (None if a is None or b is None else not a - datetime.timedelta(days=3) < b)
