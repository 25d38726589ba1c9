"""The arbiter and the SQL, made from the same study by different hands, count the same on any data."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from studyspec.arbiter.evaluate import evaluate
from studyspec.plan.plan import plan
from studyspec.semantics import core
from tests.arbiter.duckdb_side import by_sql
from tests.arbiter.generated import Case, cases, parts, studies

ALL_CHECKS = list(HealthCheck)
GENERATE = settings(
    max_examples=3000, database=None, phases=[Phase.generate], suppress_health_check=ALL_CHECKS, deadline=None
)


def agree(case: Case) -> None:
    cubes, cohort = evaluate(case.study, case.rows, plan(case.study).cubes)
    by_name, members = by_sql(case.study, case.rows)
    assert cohort == members
    for cube in cubes:
        assert (cube.spec.name, dict(cube.cells)) == (cube.spec.name, dict(by_name[cube.spec.name].cells))


@given(cases())
@settings(deadline=None, max_examples=150, suppress_health_check=ALL_CHECKS)
def test_arbiter_and_duckdb_count_the_same(case: Case) -> None:
    agree(case)


@pytest.mark.sweep
@given(cases())
@settings(deadline=None, max_examples=5000, suppress_health_check=ALL_CHECKS)
def test_arbiter_and_duckdb_count_the_same_on_thousands(case: Case) -> None:
    agree(case)


@pytest.mark.parametrize(
    "node", [*get_args(core.Expr), core.Exposure, core.Outcome, core.Competing, core.BaselineReport]
)
def test_every_kind_of_node_is_generated(node: type) -> None:
    found = find(
        studies(),
        lambda study: any(isinstance(part, node) for part in parts(study)),
        settings=GENERATE,
    )
    assert any(isinstance(part, node) for part in parts(found))
