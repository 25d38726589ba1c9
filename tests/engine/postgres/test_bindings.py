"""Bindings mend on the server what they mend elsewhere: codes keyed anew, and the unfinished doubles of spells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg

from studyspec.catalogue.types import BoundColumn, DatedCodes
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
    script = emit(everything(), "postgresql", binding(stays))
    (table,) = [one for one in script.sources if one.physical == "stays"]
    (made,) = [one for one in script.statements if one.name == "stay"]
    with psycopg.connect(server) as db:
        columns = ", ".join(f"{quoted(c.physical)} {TYPES.get(c.type.kind, 'text')}" for c in table.columns)
        db.execute(f'create temporary table "source.stays" ({columns})'.encode())
        for row in ROWS:
            values = [row[c.physical] for c in table.columns]
            db.execute('insert into "source.stays" values (%s, %s, %s, %s)', values)
        db.execute(made.sql.encode())
        found = db.execute("select * from stay").fetchall()
        db.rollback()
    expected = view(emit(everything(), "duckdb", binding(stays)), "stay", {"stays": ROWS})
    assert len(expected) == 4
    assert {tuple(row.values()) for row in expected} == set(found)
