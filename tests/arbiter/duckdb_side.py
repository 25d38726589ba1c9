"""A study run as its SQL says, on plain rows, in DuckDB."""

from __future__ import annotations

from collections.abc import Mapping

from studyspec.plan.cubes import RawCube
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit

TYPES = {"integer": "bigint", "decimal": "decimal(18, 2)", "date": "date", "boolean": "boolean"}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def by_sql(
    study: core.Study, rows: Mapping[str, list[dict[str, object]]]
) -> tuple[dict[str, RawCube], dict[str, frozenset[object]]]:
    """The cubes that the script makes, and who is in the cohorts, by name."""
    import duckdb

    script = emit(plan(study), "duckdb", None)
    with duckdb.connect(config={"threads": "1"}) as db:
        db.execute("create schema source")
        for table in study.model.tables.values():
            columns = [f"{quoted(c.name)} {TYPES.get(c.type.kind, 'varchar')}" for c in table.columns.values()]
            db.execute(f"create table source.{quoted(table.name)} ({', '.join(columns)})")
            values = [[row[name] for name in table.columns] for row in rows.get(table.name, [])]
            if values:
                marks = ", ".join("?" for _ in columns)
                db.executemany(f"insert into source.{quoted(table.name)} values ({marks})", values)
        for statement in script.statements:
            db.execute(statement.sql)
        cubes = {}
        for step, spec in script.cubes.items():
            listed = ", ".join([quoted(d.name) for d in spec.dimensions] + ["margin_of", *spec.measures])
            cells = {}
            for row in db.execute(f"select {listed} from {quoted(step)}").fetchall():
                width = len(spec.dimensions)
                key, margin, measures = row[:width], row[width], row[width + 1 :]
                kept = spec.sets[margin]
                assert all((d.name in kept) == (k is not None) for d, k in zip(spec.dimensions, key, strict=True))
                if any(measures):
                    assert key not in cells
                    cells[key] = tuple(measures)
            cubes[spec.name] = RawCube(spec, cells)
        members = {}
        for one in script.cohorts:
            found = db.execute(f"select {quoted(one.key)} from {quoted(one.step)}").fetchall()
            members[one.name] = frozenset(key for (key,) in found)
            repeated = next(cohort.repeated for cohort in study.cohorts if cohort.name == one.name)
            assert repeated or len(found) == len(members[one.name])
        return cubes, members
