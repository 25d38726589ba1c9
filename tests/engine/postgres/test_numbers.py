"""Numbers on the server are those of DuckDB and of the calendar, to the last digit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from studyspec import calendar
from studyspec.plan.nodes import Call, Column, Constant, Scalar
from studyspec.sql.dialects import DIALECTS
from studyspec.sql.scalars import Speller
from tests.sql.test_dates import DAYS
from tests.sql.test_numbers import END, LEFT, NUMBERS, RIGHT, START, exact, months

Db = psycopg.Connection[Any]


@pytest.fixture
def db(server: str) -> Iterator[Db]:
    with psycopg.connect(server) as connection:
        connection.execute("create temporary table days (a date, b date)")
        with connection.cursor().copy("copy days from stdin") as copy:
            for pair in itertools.product(DAYS, DAYS):
                copy.write_row(pair)
        connection.execute("create temporary table numbers (a numeric(18, 6), b numeric(18, 6), n bigint)")
        with connection.cursor().copy("copy numbers from stdin") as copy:
            for a, b in itertools.product(NUMBERS, NUMBERS):
                copy.write_row((a, b, 7))
        yield connection
        connection.rollback()


def found(db: Db, value: Scalar, table: str) -> list[tuple[Any, ...]]:
    return db.execute(f"select a, b, {Speller(DIALECTS['postgresql']).flat(value)} from {table}".encode()).fetchall()


def test_months_and_weeks_are_completed_either_way(db: Db) -> None:
    for start, end, made in found(db, Call("completed months", (START, END)), "days"):
        assert made == months(start, end)
    weeks = Call("whole part", (Call("days between", (START, END)), Constant(7)))
    for start, end, made in found(db, weeks, "days"):
        assert made == int((calendar.days_between(start, end) or 0) / 7)


def test_a_quotient_is_exact_to_six_digits(db: Db) -> None:
    for left, right, made in found(db, Call("/", (LEFT, RIGHT)), "numbers"):
        assert made == (None if right == 0 else exact(left, right))


def test_whole_numbers_are_divided_into_decimals(db: Db) -> None:
    for left, _, made in found(db, Call("/", (LEFT, Column("numbers", "n"))), "numbers"):
        assert made == exact(left, Decimal(7))
    for _, _, made in found(db, Call("/", (Column("numbers", "n"), Constant(-2))), "numbers"):
        assert made == Decimal("-3.5")
