"""The sample study, through the real compiler, on invented data: every kind of data gives the same cubes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.catalogue.types import Connection
from studyspec.engine import execute
from tests.engine.engine_kit import KINDS, as_json, leftovers

SAMPLE = Path(__file__).parents[2] / "examples" / "omnia"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("omnia") / "omnia"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("data", "state", "out"))
    return root


def test_csv_parquet_and_duckdb_give_the_same_cubes_and_members(folder: Path) -> None:
    at = pipeline.site(folder / "site.yaml")
    at.key.parent.mkdir(mode=0o700, exist_ok=True)
    at.key.write_bytes(bytes(32))
    made = pipeline.script(pipeline.understand(folder / "omnia_employment.study", at))
    results = set()
    for kind in KINDS:
        data = folder / kind
        pipeline.synthesise(folder / "site.yaml", data, 1500, 1, kind)
        path = next(data.glob("*.duckdb")) if kind == "duckdb" else data
        cubes, members = execute(made, replace(at, connection=Connection(kind, path)))
        assert [cube.spec.name for cube in cubes] == [spec.name for spec in made.cubes.values()]
        results.add((as_json(cubes), members[0].members))
        assert leftovers(at) == []
    assert len(results) == 1
    assert any(cells for cells, _ in results)
