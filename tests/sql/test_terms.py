"""Expressions in DuckDB: each says what was worked out by hand, and what the arbiter says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb
import pytest

from studyspec.plan.plan import plan
from studyspec.sql import emit
from tests.plan import kit
from tests.sql.duck import agree, connect
from tests.sql.terms_cases import ALL, CASES, MAN, MODEL, PAY, SMALL, Case, asking, person, rows


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_is_what_it_was_worked_out_to_be(case: Case) -> None:
    counted = agree(asking(case), rows(case))
    assert [key for (key,) in counted["baseline_answer"] if key is not None] == ["true"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"sex": "1"}, "man"),
        ({"sex": "2", "size": 1}, "small"),
        ({"size": 1}, "unknown"),
        ({"sex": "2", "size": 99}, "other"),
        ({"sex": "2"}, "unknown"),
    ],
)
def test_a_report_has_a_category_for_what_is_unknown(known: dict[str, Any], expected: str) -> None:
    cases = kit.case_of(man=MAN, small=SMALL, other=None)
    variable = kit.variable("kind", cases, "man", "small", "other", "unknown")
    study = kit.study(MODEL, kit.cohort(kit.event("entry", window=ALL)), kit.baseline(variable))
    counted = agree(study, rows(Case("report", cases, None, {"person": [person(**known)]})))
    assert [key for (key,) in counted["baseline_kind"] if key is not None] == [expected]


@pytest.mark.parametrize("value", [kit.sums(PAY, "*", PAY), kit.sums(PAY, "/", kit.lit(Decimal("1e-18")))])
def test_a_decimal_too_large_stops_the_run(value: Any) -> None:
    case = Case(
        "large", kit.known(kit.sums(value, "*", value)), True, {"person": [person(pay=Decimal("999999999999"))]}
    )
    with pytest.raises((duckdb.OutOfRangeException, duckdb.ConversionException)):
        connect(emit(plan(asking(case)), "duckdb", None), rows(case))
