"""Numbers on the engine: months and weeks completed either way, and decimals to the last digit."""

from __future__ import annotations

import datetime
import itertools
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import calendar
from studyspec.plan.nodes import Call, Column, Constant, Scalar
from studyspec.sql.dialects import DIALECTS
from studyspec.sql.scalars import Speller
from tests.sql.test_dates import DAYS

START, END = Column("days", "a"), Column("days", "b")
LEFT, RIGHT = Column("numbers", "a"), Column("numbers", "b")
SIX = Decimal("0.000001")
#: Ties of either sign, thirds, the smallest step, and what a column can hold at most.
NUMBERS = [
    Decimal(text)
    for text in (
        "0",
        "1",
        "-1",
        "2",
        "3",
        "-7",
        "0.000001",
        "-0.000003",
        "0.5",
        "1.5",
        "999999999999.999999",
        "8",
        "1e6",
    )
]


@pytest.fixture(scope="module")
def db() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("create table days (a date, b date)")
    values = ", ".join(f"(date '{a}', date '{b}')" for a, b in itertools.product(DAYS, DAYS))
    connection.execute(f"insert into days values {values}, (null, date '2020-01-01'), (date '2020-01-01', null)")
    return connection


def found(db: duckdb.DuckDBPyConnection, value: Scalar) -> list[tuple[datetime.date, datetime.date, int | None]]:
    text = Speller(DIALECTS["duckdb"]).flat(value)
    assert "".join(text.split()) == "".join("".join(Speller(DIALECTS["duckdb"]).lines(value)).split())
    return db.execute(f"select a, b, {text} from days").fetchall()


def months(start: datetime.date, end: datetime.date) -> int:
    """Counted one by one: how many fit."""
    if end < start:
        return -months(end, start)
    fit = max(0, (end.year - start.year) * 12 + end.month - start.month - 1)
    while calendar.add(start, fit + 1, "month") <= end:
        fit += 1
    return fit


def test_completed_months_are_those_that_fit_either_way(db: duckdb.DuckDBPyConnection) -> None:
    for start, end, made in found(db, Call("completed months", (START, END))):
        assert made == (None if start is None or end is None else months(start, end))


def test_completed_years_between_two_days_are_twelve_months_each(db: duckdb.DuckDBPyConnection) -> None:
    years = Call("whole part", (Call("completed months", (START, END)), Constant(12)))
    for start, end, made in found(db, years):
        if start is None or end is None:
            assert made is None
        elif start <= end:
            assert made == calendar.completed_years(start, end)
        else:
            assert made == -(calendar.completed_years(end, start) or 0)


def test_weeks_are_sevens_of_days_cut_towards_nought(db: duckdb.DuckDBPyConnection) -> None:
    for start, end, made in found(db, Call("whole part", (Call("days between", (START, END)), Constant(7)))):
        days = calendar.days_between(start, end)
        assert made == (None if days is None else abs(days) // 7 * (1 if days > 0 else -1))


def test_of_a_day_that_never_comes_no_months_are_told() -> None:
    never = Call("completed months", (Constant(None), END))
    assert Speller(DIALECTS["duckdb"]).flat(never) == "cast(null as bigint)"


def divided(db: duckdb.DuckDBPyConnection, left: Decimal, right: Decimal) -> Decimal | None:
    text = Speller(DIALECTS["duckdb"]).flat(Call("/", (LEFT, RIGHT)))
    columns = f"cast('{left:f}' as decimal(18, 6)) as a, cast('{right:f}' as decimal(18, 6)) as b"
    ((made,),) = db.execute(f"select {text} from (select {columns}) as numbers").fetchall()
    assert made is None or isinstance(made, Decimal)
    return made


@pytest.mark.parametrize(("left", "right"), [*itertools.product(NUMBERS, NUMBERS)])
def test_a_quotient_is_rounded_half_away_from_nought(
    db: duckdb.DuckDBPyConnection, left: Decimal, right: Decimal
) -> None:
    expected = None if right == 0 else exact(left, right)
    assert divided(db, left, right) == expected


def exact(left: Decimal, right: Decimal) -> Decimal:
    """By whole numbers alone."""
    over, under = abs(int(left / SIX)), abs(int(right / SIX))
    whole = (2 * over * 10**6 + under) // (2 * under)
    return Decimal(whole if (left < 0) == (right < 0) else -whole).scaleb(-6)


SIXES = st.decimals(-(10**12) + 1, 10**12 - 1, places=6)


@settings(deadline=None, max_examples=200)
@given(SIXES, SIXES.filter(bool))
def test_any_quotient_is_exact_to_six_digits(db: duckdb.DuckDBPyConnection, left: Decimal, right: Decimal) -> None:
    assert divided(db, left, right) == exact(left, right)


def test_six_digits_are_kept_half_away_from_nought(db: duckdb.DuckDBPyConnection) -> None:
    for text in ("0.0000005", "-0.0000005", "1.2345675", "-1.2345674999999", "2.5"):
        made = Speller(DIALECTS["duckdb"]).flat(Call("to decimal", (Constant(Decimal(text)),)))
        assert db.execute(f"select {made}").fetchall() == [(Decimal(text).quantize(SIX, ROUND_HALF_UP),)]
