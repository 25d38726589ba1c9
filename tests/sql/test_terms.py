"""Expressions in DuckDB: each says what was worked out by hand, and what the arbiter says."""

from __future__ import annotations

import pytest

from tests.sql.duck import agree
from tests.sql.terms_cases import CASES, Case, asking, rows


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_is_what_it_was_worked_out_to_be(case: Case) -> None:
    counted = agree(asking(case), rows(case))
    assert [key for (key,) in counted["baseline_answer"] if key is not None] == ["true"]
