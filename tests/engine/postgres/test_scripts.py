"""Kept scripts run on PostgreSQL from their first statement to their preview, by hand as a steward would."""

from __future__ import annotations

import psycopg
import pytest

from studyspec import pipeline
from studyspec.plan.plan import plan
from studyspec.sql import emit
from studyspec.sql.script import Script
from tests.engine.postgres.postgres_kit import TYPES, quoted
from tests.sql.test_golden import EXAMPLES, ROOT, constructs


def to_the_preview(server: str, script: Script) -> None:
    with psycopg.connect(server) as db:
        for table in script.sources:
            columns = ", ".join(f"{quoted(c.physical)} {TYPES.get(c.type.kind, 'text')}" for c in table.columns)
            db.execute(f"create temporary table {quoted('source.' + table.physical)} ({columns})".encode())
        # The file as a whole, as `psql` would run it.
        db.execute(script.text.encode())
        assert db.execute(script.statements[-1].sql.encode()).description is not None
        db.rollback()


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_script_of_an_example(server: str, path: str) -> None:
    study = ROOT / "examples" / path
    understood = pipeline.understand(study, pipeline.site(study.parent / EXAMPLES[path], study.parent))
    to_the_preview(server, pipeline.script(understood, "postgresql"))


def test_the_script_of_every_other_construct(server: str) -> None:
    to_the_preview(server, emit(plan(constructs()), "postgresql", None))
