"""Runs scripts in real DuckDB on rows given in Python, and compares what they count with the arbiter."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb

from studyspec.arbiter.evaluate import evaluate
from studyspec.catalogue.types import Binding
from studyspec.plan.cubes import Key
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from studyspec.sql.script import Script

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
TYPES = {"date": "DATE", "integer": "BIGINT", "decimal": "DECIMAL(18, 6)", "boolean": "BOOLEAN"}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def value(cell: Any) -> str:
    """A Python value as a literal, by a rule of its own: not the one under test."""
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, datetime.date):
        return f"DATE '{cell.isoformat()}'"
    return "'" + str(cell).replace("'", "''") + "'"


def connect(script: Script, rows: Rows) -> duckdb.DuckDBPyConnection:
    """A database with the script's physical tables filled, and every statement run but the preview."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute("CREATE SCHEMA source")
    for table in script.sources:
        columns = ", ".join(f"{quoted(c.physical)} {TYPES.get(c.type.kind, 'VARCHAR')}" for c in table.columns)
        connection.execute(f"CREATE TABLE source.{quoted(table.physical)} ({columns})")
        given = rows.get(table.physical, ())
        if given:
            lines = ["(" + ", ".join(value(row[c.physical]) for c in table.columns) + ")" for row in given]
            connection.execute(f"INSERT INTO source.{quoted(table.physical)} VALUES {', '.join(lines)}")
    for statement in script.statements:
        if statement.kind != "preview":
            connection.execute(statement.sql)
    return connection


def cubes(script: Script, connection: duckdb.DuckDBPyConnection) -> dict[str, dict[Key, tuple[int, ...]]]:
    """What each cube's table holds, cells with no one left out."""
    found: dict[str, dict[Key, tuple[int, ...]]] = {}
    for name, spec in script.cubes.items():
        columns = [d.name for d in spec.dimensions] + ["margin_of", *spec.measures]
        select = ", ".join(quoted(column) for column in columns)
        cells: dict[Key, tuple[int, ...]] = {}
        for row in connection.execute(f"SELECT {select} FROM {quoted(name)}").fetchall():
            width = len(spec.dimensions)
            key, margin, numbers = row[:width], row[width], row[width + 1 :]
            kept = spec.sets[margin]
            assert [d.name in kept for d in spec.dimensions] == [part is not None for part in key]
            assert key not in cells
            if any(numbers):
                cells[key] = numbers
        found[name] = cells
    return found


def run(
    study: core.Study, rows: Rows, binding: Binding | None = None
) -> tuple[dict[str, dict[Key, tuple[int, ...]]], set[Any]]:
    """The cubes of a study by name, and who is in its first cohort."""
    script = emit(plan(study), "duckdb", binding)
    first = script.cohorts[0]
    connection = connect(script, rows)
    counted = cubes(script, connection)
    members = connection.execute(f"SELECT {quoted(first.key)} FROM {quoted(first.step)}").fetchall()
    connection.close()
    return counted, {member for (member,) in members}


def agree(study: core.Study, rows: Rows) -> dict[str, dict[Key, tuple[int, ...]]]:
    """Run a study in DuckDB and by the arbiter, and hold them to each other; gives the cubes."""
    counted, members = run(study, rows)
    every = {name: list(rows.get(name, ())) for name in study.model.tables}
    expected, cohorts = evaluate(study, every, plan(study).cubes)
    assert counted == {cube.spec.name: dict(cube.cells) for cube in expected}
    assert members == set(cohorts[study.cohort.name])
    return counted
