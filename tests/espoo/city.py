"""Invented cities for tests: Espoo whole and small, another city by its few numbers, and questions to their tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from studyspec import pipeline

ESPOO = Path(__file__).parent.parent.parent / "examples" / "espoo"


def example(place: Path) -> Path:
    """A copy of the example without its data: ledgers are written beside it."""
    shutil.copytree(ESPOO, place, ignore=shutil.ignore_patterns("state*", "data*"))
    return place


def made(example: Path, site: str = "site", entities: int | None = None, seed: int = 1) -> Path:
    """Data of one of the example's sites: as many as its population says, or fewer for a quick look."""
    out = example / site.replace("site", "data")
    pipeline.synthesise(example / f"{site}.yaml", out, entities, seed)
    return out


def ask(data: Path, query: str) -> tuple[Any, ...]:
    """The first row of the answer to a query on the tables of a folder."""
    return answers(data, query)[0]


def answers(data: Path, query: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect() as db:
        for file in sorted(data.glob("*.parquet")):
            db.execute(f"create view {file.stem} as from '{file}'")
        return db.execute(query).fetchall()
