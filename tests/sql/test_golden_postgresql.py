"""How scripts for PostgreSQL differ from those for DuckDB, kept as files.  `--update-golden` writes them anew."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.plan.plan import plan
from studyspec.sql import emit
from studyspec.sql.script import Script
from tests.sql.test_golden import EXAMPLES, GOLDEN, ROOT, constructs


def hold(name: str, duckdb: Script, postgresql: Script, update: bool) -> None:
    lines = unified_diff(duckdb.text.splitlines(), postgresql.text.splitlines(), "duckdb", "postgresql", "", "", 0, "")
    # Without line numbers: what changes in both dialects alike is no difference between them.
    found = "".join("@@\n" if line.startswith("@@") else f"{line}\n" for line in lines)
    path = GOLDEN / f"{name}.postgresql.diff"
    if update:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), "run pytest tests/sql --update-golden and read the difference"


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_script_of_an_example(path: str, update_golden: bool) -> None:
    study = ROOT / "examples" / path
    site = pipeline.site(study.parent / EXAMPLES[path], study.parent)
    understood = pipeline.understand(study, site)
    hold(
        Path(path).stem,
        pipeline.script(understood, "duckdb"),
        pipeline.script(understood, "postgresql"),
        update_golden,
    )


def test_the_script_of_every_other_construct(update_golden: bool) -> None:
    made = plan(constructs())
    hold("constructs", emit(made, "duckdb", None), emit(made, "postgresql", None), update_golden)
