"""PostgreSQL takes the deepest and the widest studies that are legal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench.definitions import study as of_definitions
from studyspec import pipeline
from studyspec.arbiter.evaluate import evaluate
from studyspec.engine import execute
from tests.engine.postgres.postgres_kit import deliver, on_server
from tests.scale import large_studies as large
from tests.scale import test_code_lists as code_lists
from tests.scale.test_limits import WIDE

STUDIES = {
    **{f"nested {kind}": kind for kind in large.NESTED},
    **{f"wide {kind}": kind for kind in WIDE},
    **{f"chained {kind}": kind for kind in large.CHAINS},
    "definitions": "",
}


def text_of(name: str) -> str:
    kind = STUDIES[name]
    match name.split(" ")[0]:
        case "nested":
            return large.conditions(large.nested(kind, large.deepest(kind)), definitions=large.NUMBER)
        case "wide":
            return large.conditions(*WIDE[kind])
        case "chained":
            return large.chain(1000, *large.CHAINS[kind])
    return of_definitions(1000)


def assert_same(
    understood: pipeline.Understood,
    rows: dict[str, list[dict[str, Any]]],
    server: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script = pipeline.script(understood, "postgresql")
    sources = [replace(t, columns=tuple(replace(c, nullable=True) for c in t.columns)) for t in script.sources]
    with psycopg.connect(server, autocommit=True) as db:
        deliver(db, understood.study.model, rows, "large")
    cubes, _ = execute(replace(script, sources=tuple(sources)), on_server(server, folder / "s", monkeypatch, "large"))
    wanted, _ = evaluate(understood.study, rows, pipeline.plan(understood).cubes)
    assert {c.spec.name: dict(c.cells) for c in cubes} == {c.spec.name: dict(c.cells) for c in wanted}


@pytest.mark.parametrize("name", STUDIES)
def test_it_runs_and_counts_what_the_arbiter_counts(
    server: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood = large.understood(text_of(name), tmp_path)
    assert_same(understood, large.people(understood.study), server, tmp_path, monkeypatch)


def test_a_list_of_a_hundred_thousand_codes_runs(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    understood = code_lists.study(tmp_path, code_lists.LARGE)
    assert_same(understood, code_lists.people(understood, code_lists.LARGE), server, tmp_path, monkeypatch)
