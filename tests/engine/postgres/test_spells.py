"""Named spells in PostgreSQL: the stretches they were worked out to hold."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from studyspec.plan.plan import plan
from studyspec.sql import emit
from tests.engine.postgres.postgres_kit import TYPES, quoted
from tests.plan import kit
from tests.sql.spells_cases import CASES, Made, making
from tests.sql.terms_cases import Case, rows

Db = psycopg.Connection[Any]
FEBRUARY = datetime.date(2020, 2, 1)


@pytest.fixture
def db(server: str) -> Iterator[Db]:
    with psycopg.connect(server) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("made", CASES, ids=str)
def test_spells_hold_the_stretches_they_were_worked_out_to_hold(db: Db, made: Made) -> None:
    script = emit(plan(making(made.sets)), "postgresql", None)
    given = rows(Case(made.name, kit.lit(1), 1, made.rows))
    for table in script.sources:
        name = quoted(f"source.{table.physical}")
        columns = ", ".join(f"{quoted(c.physical)} {TYPES.get(c.type.kind, 'text')}" for c in table.columns)
        db.execute(f"create temporary table {name} ({columns})".encode())
        for row in given[table.physical]:
            slots = ", ".join(["%s"] * len(table.columns))
            values = [row[c.physical] for c in table.columns]
            db.execute(f"insert into {name} values ({slots})".encode(), values)
    for statement in script.statements:
        if statement.kind != "preview":
            db.execute(statement.sql.encode())
    select = f'select start, "end" from set_{len(made.sets)} where person_id = \'p\' order by start, "end"'
    found = [[(day - FEBRUARY).days + 1 for day in run] for run in db.execute(select.encode()).fetchall()]
    assert tuple(map(tuple, found)) == made.expected
