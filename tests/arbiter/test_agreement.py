"""The arbiter and the SQL, made from the same study by different hands, count the same on any data."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from studyspec.arbiter.evaluate import evaluate
from studyspec.plan.plan import plan
from tests.arbiter.duckdb_side import by_sql
from tests.arbiter.generated import Case, cases

ALL_CHECKS = list(HealthCheck)


def agree(case: Case) -> None:
    cubes, cohorts = evaluate(case.study, case.rows, plan(case.study).cubes)
    by_name, members = by_sql(case.study, case.rows)
    assert cohorts == members
    for cube in cubes:
        assert (cube.spec.name, dict(cube.cells)) == (cube.spec.name, dict(by_name[cube.spec.name].cells))


@given(cases())
@settings(deadline=None, max_examples=200, suppress_health_check=ALL_CHECKS)
def test_arbiter_and_duckdb_count_the_same(case: Case) -> None:
    agree(case)


# Hypothesis remembers all that it drew until a test ends, a quarter of a megabyte a study: a hundred stay small.
# Each draws anew, in continuous integration too.
@pytest.mark.sweep
@pytest.mark.parametrize("hundred", range(50))
@given(case=cases())
@settings(deadline=None, max_examples=100, derandomize=False, suppress_health_check=ALL_CHECKS)
def test_arbiter_and_duckdb_count_the_same_on_thousands(hundred: int, case: Case) -> None:
    agree(case)
