"""On the largest numbers, and very early and late days, the SQL counts as the arbiter does or stops with its code."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.arbiter.awkward_rows import FIRM, TYPES, Draw
from tests.arbiter.generated import Case, cases
from tests.arbiter.test_agreement import agree

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))
#: What the engine tells as `engine-cast`.
OVERFLOW = (duckdb.ConversionException, duckdb.OutOfRangeException)

NUMBERS: dict[str, tuple[object, ...]] = {
    "integer": (2**63 - 1, -(2**63), 2**31, 2**53 + 1, 0),
    "decimal": tuple(map(Decimal, ("9999999999999999.99", "-9999999999999999.99", "0.01"))),
}
#: As early and as late as days can be (docs/semantics/time.md, T6).
DAYS: dict[str, tuple[object, ...]] = {
    "date": (
        datetime.date(1000, 1, 1),
        datetime.date(8999, 12, 31),
        datetime.date(8999, 2, 28),
        datetime.date(1900, 2, 28),
    )
}


@st.composite
def with_some(draw: Draw, among: dict[str, tuple[object, ...]]) -> Case:
    """Rows with one value in eight or so an extreme one."""
    case = draw(cases())
    chance = draw(st.randoms(use_true_random=False))
    kinds = {**TYPES, "firm": FIRM}

    def value(kind: str, found: object) -> object:
        extremes = among.get(kind.rstrip("?"))
        return chance.choice(extremes) if extremes and chance.random() < 0.12 else found

    rows = {
        table: [{name: value(kinds[table].get(name, ""), found) for name, found in row.items()} for row in listed]
        for table, listed in case.rows.items()
    }
    return replace(case, rows=rows)


def unless_it_overflows(check: Callable[[Case], None], case: Case) -> None:
    with contextlib.suppress(*OVERFLOW):
        check(case)


@settings(CALM, max_examples=30)
@given(with_some(NUMBERS))
def test_large_numbers_count_the_same_or_stop_the_run(case: Case) -> None:
    unless_it_overflows(agree, case)


@settings(CALM, max_examples=30)
@given(with_some(DAYS))
def test_early_and_late_days_count_the_same(case: Case) -> None:
    agree(case)
