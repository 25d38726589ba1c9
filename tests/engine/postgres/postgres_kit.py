"""Sites on the test server, and rows put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from studyspec.catalogue.types import Connection, Model, Server, Site
from tests.engine.engine_kit import site

TYPES = {"integer": "bigint", "decimal": "numeric(18, 2)", "date": "date", "boolean": "boolean"}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def on_server(dsn: str, root: Path, monkeypatch: Any, schema: str = "registers", kind: str = "synthetic") -> Site:
    monkeypatch.setenv("STUDYSPEC_TEST_DSN", dsn)
    connection = Connection("postgresql", root, server=Server(dsn_env="STUDYSPEC_TEST_DSN", schema=schema))
    return replace(site(root, kind=kind), connection=connection)


def deliver(db: psycopg.Connection[Any], model: Model, rows: Mapping[str, list[dict[str, Any]]], schema: str) -> None:
    """The model's tables, under their own names, in a schema of their own."""
    db.execute(f"drop schema if exists {quoted(schema)} cascade".encode())
    db.execute(f"create schema {quoted(schema)}".encode())
    for table in model.tables.values():
        columns = [f"{quoted(c.name)} {TYPES.get(c.type.kind, 'text')}" for c in table.columns.values()]
        name = f"{quoted(schema)}.{quoted(table.name)}"
        db.execute(f"create table {name} ({', '.join(columns)})".encode())
        listed = ", ".join(quoted(c) for c in table.columns)
        with db.cursor() as cursor, cursor.copy(f"copy {name} ({listed}) from stdin".encode()) as copy:
            for row in rows.get(table.name, []):
                copy.write_row([row[column] for column in table.columns])


def relations(db: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """Everything that is kept on the server, temporary things of any session among them."""
    found = db.execute(
        "select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"
    )
    return set(found.fetchall())
