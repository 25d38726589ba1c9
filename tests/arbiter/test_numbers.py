"""Numbers of the arbiter: exact decimals of six digits, and completed units of time."""

from __future__ import annotations

import contextlib
import datetime
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import calendar
from studyspec.arbiter.numbers import arithmetic, elapsed, mean, total

D = Decimal
DATE = datetime.date


def test_whole_numbers_stay_whole_however_large() -> None:
    assert arithmetic("*", 10**30, 10**30) == 10**60
    assert isinstance(arithmetic("-", 3, 5), int)


@pytest.mark.parametrize(
    ("op", "left", "right", "made"),
    [
        ("/", 1, 3, "0.333333"),
        ("/", 2, 3, "0.666667"),
        ("/", -2, 3, "-0.666667"),
        ("/", 1, 2_000_000, "0.000001"),
        ("/", -1, 2_000_000, "-0.000001"),
        ("/", 6, 3, "2.000000"),
        ("*", D("0.0000005"), 1, "0.000001"),
        ("*", D("0.001"), D("0.0004999"), "0.000000"),
        ("+", D("0.1"), D("0.2"), "0.300000"),
        ("-", 1, D("0.9999995"), "0.000001"),
        ("+", D(10**28), D("0.000001"), f"{10**28}.000001"),
    ],
)
def test_decimals_have_six_digits_half_away_from_zero(op: str, left: Any, right: Any, made: str) -> None:
    assert str(arithmetic(op, left, right)) == made


def test_division_by_zero_and_anything_with_an_unknown_side_is_unknown() -> None:
    assert arithmetic("/", 1, 0) is None
    assert arithmetic("/", D("0.0"), D("0.0")) is None
    assert arithmetic("*", 0, None) is None


def test_a_mean_is_rounded_once_and_a_sum_never() -> None:
    assert str(mean([1, 1, 2])) == "1.333333"
    assert str(mean([D("0.0000005"), D("0.0000005")])) == "0.000001"
    assert mean([]) is None
    assert total([]) == 0
    assert total([D("0.00000001"), 10**20]) == D("100000000000000000000.00000001")


@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_mean_is_as_near_as_six_digits_can_be(values: list[Decimal]) -> None:
    found = mean(values)
    assert found is not None
    assert abs(found * len(values) - sum(values)) * 2 <= len(values) * D("0.000001")


@pytest.mark.parametrize(
    ("unit", "start", "end", "made"),
    [
        ("day", "2020-02-28", "2020-03-01", 2),
        ("week", "2020-01-01", "2020-01-14", 1),
        ("week", "2020-01-14", "2020-01-01", -1),
        ("month", "2020-01-31", "2020-02-28", 0),
        ("month", "2020-01-31", "2020-02-29", 1),
        ("month", "2020-02-29", "2020-01-31", -1),
        ("month", "2021-03-30", "2021-02-28", -1),
        ("year", "2000-02-29", "2001-02-28", 1),
        ("year", "2000-03-01", "2001-02-28", 0),
        ("year", "2001-02-28", "2000-03-01", 0),
    ],
)
def test_units_are_counted_once_completed(unit: calendar.Unit, start: str, end: str, made: int) -> None:
    assert elapsed(unit, DATE.fromisoformat(start), DATE.fromisoformat(end)) == made


@given(st.sampled_from(get_args(calendar.Unit)), st.dates(), st.dates())
@settings(deadline=None)
def test_so_many_units_and_not_one_more_fit_between_two_days(
    unit: calendar.Unit, one: datetime.date, other: datetime.date
) -> None:
    first, last = min(one, other), max(one, other)
    made = elapsed(unit, first, last)
    assert made is not None
    assert calendar.add(first, made, unit) <= last
    with contextlib.suppress(OverflowError):
        assert calendar.add(first, made + 1, unit) > last
    assert elapsed(unit, last, first) == -made
