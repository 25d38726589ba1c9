"""Expressions in PostgreSQL: each says what was worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from studyspec.engine import execute
from studyspec.plan.cubes import RawCube
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from tests.engine.postgres.postgres_kit import TYPES, deliver, on_server
from tests.engine.postgres.test_agreement import unchecked
from tests.plan import kit
from tests.sql.terms_cases import ALL, CASES, MODEL, Case, Rows, asking, person, rows, visit

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


def test_a_run_lists_the_entities_of_each_of_several_cohorts(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = on_server(server, tmp_path / "site", monkeypatch, "several")
    visits = kit.cohort(kit.event("visit", window=ALL), name="visitors")
    entries = kit.cohort(kit.event("entry", window=ALL), name="entered")
    study = replace(kit.study(MODEL, entries), cohorts=(entries, visits))
    given = rows(Case("several", kit.lit(1), 1, {"visit": [visit("2020-01-01"), visit("2020-01-02", person_id="q")]}))
    given["person"].append(person(person_id="q"))
    with psycopg.connect(server, autocommit=True) as db:
        deliver(db, study.model, given, "several")
    _, members = execute(unchecked(emit(plan(study), "postgresql", None)), at)
    assert {one.cohort: len(one.members) for one in members} == {"entered": 1, "visitors": 2}
