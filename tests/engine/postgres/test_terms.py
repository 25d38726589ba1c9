"""Expressions in PostgreSQL: each says what was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from studyspec.engine import execute
from studyspec.plan.cubes import RawCube
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from tests.engine.postgres.postgres_kit import TYPES, deliver, on_server
from tests.engine.postgres.test_agreement import unchecked
from tests.sql.terms_cases import CASES, Case, Rows, asking, rows

Ask = Callable[[core.Study, Rows], dict[str, RawCube]]


@pytest.fixture(scope="module")
def ask(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    with pytest.MonkeyPatch.context() as patch, psycopg.connect(server, autocommit=True) as db:
        patch.setitem(TYPES, "decimal", "numeric(18, 6)")
        at = on_server(server, tmp_path_factory.mktemp("terms") / "site", patch, "terms")

        def asked(study: core.Study, given: Rows) -> dict[str, RawCube]:
            deliver(db, study.model, {name: list(some) for name, some in given.items()}, "terms")
            cubes, *_ = execute(unchecked(emit(plan(study), "postgresql", None)), at)
            return {cube.spec.name: cube for cube in cubes}

        yield asked


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_is_what_it_was_worked_out_to_be(ask: Ask, case: Case) -> None:
    cube = ask(asking(case), rows(case))["baseline_answer"]
    assert [key for (key,) in cube.cells if key is not None] == ["true"]
