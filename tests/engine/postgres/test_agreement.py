"""Arbiter, DuckDB and PostgreSQL count the same: the sample study, and studies nobody thought of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from studyspec import pipeline
from studyspec.arbiter.evaluate import evaluate
from studyspec.engine import execute
from studyspec.plan.plan import plan
from studyspec.sql import emit
from studyspec.sql.script import Script
from tests.arbiter.duckdb_side import by_sql
from tests.arbiter.generated import Case, cases
from tests.engine.postgres.postgres_kit import deliver, on_server, relations
from tests.synth.invented import everything

SAMPLE = Path(__file__).parents[3] / "examples" / "omnia"
CHECKS = list(HealthCheck)


@pytest.fixture(scope="module")
def agree(server: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch, psycopg.connect(server, autocommit=True) as db:
        at = on_server(server, root / "site", patch)

        def check(case: Case) -> None:
            deliver(db, case.study.model, case.rows, "registers")
            before = relations(db)
            cubes, members = execute(unchecked(emit(plan(case.study), "postgresql", None)), at)
            found = {cube.spec.name: dict(cube.cells) for cube in cubes}
            wanted, cohorts = evaluate(case.study, case.rows, plan(case.study).cubes)
            assert {cube.spec.name: dict(cube.cells) for cube in wanted} == found
            assert {name: len(keys) for name, keys in cohorts.items()} == {m.cohort: len(m.members) for m in members}
            duckdb, _ = by_sql(case.study, case.rows)
            assert {name: dict(cube.cells) for name, cube in duckdb.items()} == found
            assert relations(db) == before

        yield check


def unchecked(script: Script) -> Script:
    """The arbiter and DuckDB take rows that no model allows; loading would refuse them."""
    sources = [
        replace(table, columns=tuple(replace(column, nullable=True) for column in table.columns))
        for table in script.sources
    ]
    return replace(script, sources=tuple(sources))


@given(case=cases())
@settings(deadline=None, max_examples=60, database=None, suppress_health_check=CHECKS)
def test_generated_studies_count_the_same(agree: Any, case: Case) -> None:
    agree(case)


@pytest.mark.sweep
@pytest.mark.parametrize("hundred", range(20))
@given(case=cases())
@settings(deadline=None, max_examples=100, derandomize=False, suppress_health_check=CHECKS)
def test_thousands_of_generated_studies_count_the_same(agree: Any, hundred: int, case: Case) -> None:
    agree(case)


def test_the_sample_study_counts_the_same(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "omnia"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("data", "state", "out"))
    at = pipeline.site(root / "site.yaml", root / "data")
    at.key.parent.mkdir(mode=0o700, exist_ok=True)
    at.key.write_bytes(bytes(32))
    understood = pipeline.understand(root / "omnia_employment.study", at)
    pipeline.synthesise(root / "site.yaml", root / "data", 1500, 1, "parquet")
    model = understood.study.model
    made = emit(plan(understood.study), "duckdb", None)
    pipeline.synthesise(model_file(), root / "plain", 1500, 1, "parquet")
    plain = replace(at, connection=replace(at.connection, kind="parquet", path=root / "plain"))
    wanted, members = execute(made, plain)
    with psycopg.connect(server, autocommit=True) as db:
        deliver(db, model, everything(model, root / "plain"), "omnia")
    there = replace(at, connection=on_server(server, tmp_path / "s", monkeypatch, "omnia").connection)
    found, same = execute(emit(plan(understood.study), "postgresql", None), there)
    assert [(c.spec.name, dict(c.cells)) for c in found] == [(c.spec.name, dict(c.cells)) for c in wanted]
    assert same == members
    assert members[0].members


def model_file() -> Path:
    from studyspec.resources import folder

    return folder("specs") / "models" / "fi_municipal.yaml"
