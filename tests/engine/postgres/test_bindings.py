"""Bindings mend on the server what they mend elsewhere: codes keyed anew, and the unfinished doubles of spells."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from studyspec import calendar
from studyspec.catalogue.types import BoundColumn, BoundTable, Counted, DatedCodes
from studyspec.sql import emit
from tests.engine.postgres.postgres_kit import TYPES, quoted
from tests.plan import kit
from tests.sql.test_binding import binding, bound, everything, view

ROWS = [
    {"person_id": person, "first": kit.date(first), "last": last and kit.date(last), "kind": kind}
    for person, first, last, kind in [
        ("p", "2015-12-31", "2222-11-11", "A"),
        ("p", "2015-12-31", "2016-02-01", "A"),
        ("p", "2015-12-31", None, "B"),
        ("p", "2016-01-01", None, "A"),
        ("q", "2016-01-01", "2016-01-01", None),
    ]
]


def test_the_same_rows_are_read_as_by_duckdb(server: str) -> None:
    old, new = DatedCodes({"A": "a"}, last=kit.date("2015-12-31")), DatedCodes({"A": "b"}, first=kit.date("2016-01-01"))
    rules: dict[str, Any] = {
        "person_id": "person_id",
        "start": "first",
        "end": BoundColumn("last", nulls=("2222-11-11",), shift_days=1),
        "code": BoundColumn("kind", codes_by_date=(old, new), null_code="c"),
    }
    stays = replace(bound("stay", "stays", **rules), drop_unfinished_doubles=True, identity=("code",))
    expected = view(emit(everything(), "duckdb", binding(stays)), "stay", {"stays": ROWS})
    assert len(expected) == 4
    assert {tuple(row.values()) for row in expected} == read(server, stays, ROWS)


@pytest.mark.parametrize("unit", ["day", "week", "month", "year", None])
def test_numbers_tell_the_same_days_as_by_duckdb(server: str, unit: calendar.Unit | None) -> None:
    counted = Counted("year") if unit is None else Counted(unit, kit.date("2000-01-01"))
    rules = {"person_id": "person_id", "date": BoundColumn("n", nulls=("-9",), counted=counted)}
    visits = bound("visit", "visits", **rules)
    numbers = ("-9", "1", "60", "26.5", "1976", None)
    rows = [{"person_id": "p", "n": None if one is None else Decimal(one)} for one in numbers]
    expected = view(emit(everything(), "duckdb", binding(visits)), "visit", {"visits": rows})
    assert {tuple(row.values()) for row in expected} == read(server, visits, rows)


def read(server: str, table: BoundTable, rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """What the server makes of physical rows."""
    script = emit(everything(), "postgresql", binding(table))
    (physical,) = [one for one in script.sources if one.physical == table.physical]
    (made,) = [one for one in script.statements if one.name == table.table]
    name = quoted(f"source.{table.physical}")
    with psycopg.connect(server) as db:
        columns = ", ".join(f"{quoted(c.physical)} {TYPES.get(c.type.kind, 'text')}" for c in physical.columns)
        db.execute(f"create temporary table {name} ({columns})".encode())
        for row in rows:
            values = [row[c.physical] for c in physical.columns]
            db.execute(f"insert into {name} values ({', '.join(['%s'] * len(values))})".encode(), values)
        db.execute(made.sql.encode())
        found = db.execute(f"select * from {quoted(table.table)}".encode()).fetchall()
        db.rollback()
    return set(found)
