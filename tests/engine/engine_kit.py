"""Sites, data and scripts made by hand, small enough to check in one's head."""

from __future__ import annotations

import csv
import json
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
import pytest

from studyspec.catalogue.types import Binding, Connection, Policy, Site, ValueType
from studyspec.engine import execute
from studyspec.plan.cubes import Category, CubeSpec, Dimension, Membership, RawCube
from studyspec.plan.nodes import CohortStep
from studyspec.source import Refused
from studyspec.sql.script import Script, SourceColumn, SourceTable, Statement

Kind = Literal["duckdb", "parquet", "csv"]
KINDS: tuple[Kind, ...] = ("csv", "parquet", "duckdb")
KEY = bytes(range(32))

#: What must never be seen outside: parts of rows of the data below.
SECRETS = ("010594Y9032", "Matti", "1994-05-01", "Original Line", "Could not convert", "CSV Error", "Conversion Error")


def site(root: Path, connection: Kind = "csv", data: Path | None = None, **more: Any) -> Site:
    root.mkdir(exist_ok=True)
    key = root / "site.key"
    if not key.exists():
        key.write_bytes(KEY)
    path = data or (root / "data.duckdb" if connection == "duckdb" else root / "data")
    null = more.pop("null", "")
    settings: dict[str, Any] = {"kind": "synthetic", "memory_limit": "500MB"} | more
    return Site(
        name="testville",
        population="people of testville",
        connection=Connection(connection, path, null),
        binding=Binding("b", "m", 1, {}),
        policy=Policy("p", 1, "guarded"),
        permits={},
        ledger=root / "state" / "ledger.jsonl",
        key=key,
        accepts={},
        root=root,
        **settings,
    )


def write_csv(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def deliver(where: Site, tables: dict[str, str]) -> None:
    """Put tables, each the rows of a select, where the site's connection looks."""
    kind, path = where.connection.kind, where.connection.path
    if kind == "duckdb":
        path.unlink(missing_ok=True)
        connection = duckdb.connect(str(path))
    else:
        path.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect()
    for name, select in tables.items():
        quoted = '"' + name.replace('"', '""') + '"'
        if kind == "duckdb":
            connection.execute(f"CREATE TABLE {quoted} AS {select}")
        else:
            target = str(path / f"{name}.{kind}").replace("'", "''")
            connection.execute(f"COPY ({select}) TO '{target}' (FORMAT {kind})")
    connection.close()


def column(name: str, kind: str = "text", nullable: bool = False) -> SourceColumn:
    return SourceColumn(name, ValueType(kind), nullable)  # type: ignore[arg-type]


PERSON = SourceTable("person", (column("id", "identifier"), column("born", "date"), column("sex", "code", True)))

SEX = Dimension("sex", {}, "category", (Category("1", {}), Category("2", {})))
BY_SEX = CubeSpec(
    name="by_sex", kind="baseline", report="baseline", subject="sex", labels={}, population="cohort", by=None,
    dimensions=(SEX,), sets=(("sex",), ()), origins=(),
)  # fmt: skip

PERSON_STEP = "CREATE TEMPORARY VIEW person AS SELECT id, born, sex FROM source.person"
COHORT_STEP = "CREATE TEMPORARY TABLE cohort AS SELECT id FROM person WHERE born < DATE '2000-01-01'"
BY_SEX_STEP = """-- by sex
CREATE TEMPORARY TABLE by_sex AS
SELECT person.sex, CASE grouping(person.sex) WHEN 0 THEN 0 ELSE 1 END AS margin_of,
       count(DISTINCT cohort.id) AS entities
FROM cohort JOIN person ON person.id = cohort.id
GROUP BY GROUPING SETS ((person.sex), ())"""


def script(
    *steps: tuple[str, str],
    sources: tuple[SourceTable, ...] = (PERSON,),
    cubes: dict[str, CubeSpec] | None = None,
    preview: str = "SELECT 1",
) -> Script:
    """The small script; `steps` are run just before its cube."""
    statements = [
        Statement("source", "person", PERSON_STEP),
        Statement("step", "cohort", COHORT_STEP),
        *(Statement("step", name, sql) for name, sql in steps),
        Statement("cube", "by_sex", BY_SEX_STEP),
        Statement("preview", "preview", preview),
    ]
    return bare(statements, sources, {"by_sex": BY_SEX} if cubes is None else cubes)


def bare(
    statements: Sequence[Statement],
    sources: tuple[SourceTable, ...] = (PERSON,),
    cubes: dict[str, CubeSpec] | None = None,
) -> Script:
    return Script(
        dialect="duckdb", study="tiny", meaning="sha256:0", text="", statements=tuple(statements), sources=sources,
        cubes=cubes or {}, cohorts=(CohortStep("cohort", "person", "cohort", "id"),), places=(),
    )  # fmt: skip


def probe(select: str, sources: tuple[SourceTable, ...] = (PERSON,)) -> Script:
    """A script with one step of its own, and a cohort of no one: for what loading and statements do."""
    return bare(
        [
            Statement("step", "probe", f"CREATE TEMPORARY TABLE probe AS {select}"),
            Statement("step", "cohort", "CREATE TEMPORARY TABLE cohort AS SELECT 'x' AS id WHERE false"),
        ],
        sources,
    )


PEOPLE = (
    "SELECT * FROM (VALUES ('a1', DATE '1980-02-03', '1'), ('a2', DATE '1990-12-31', '2'), "
    "('a3', DATE '1999-12-31', '2'), ('a4', DATE '2000-01-01', '1')) AS t(id, born, sex)"
)


def codes(error: pytest.ExceptionInfo[Refused] | Refused) -> list[str]:
    refused = error if isinstance(error, Refused) else error.value
    return [d.code for d in refused.diagnostics]


def everything_said(error: BaseException) -> str:
    """Message, repr, arguments and traceback of an exception and of everything that hangs on it."""
    seen: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        seen += [
            str(one),
            repr(one),
            repr(one.args),
            repr(getattr(one, "__notes__", "")),
            repr(getattr(one, "__dict__", "")),
        ]
        seen += traceback.format_exception(one)
        waiting += [one.__cause__, one.__context__]
    if isinstance(error, Refused):
        seen += [repr(d) for d in error.diagnostics]
    return "\n".join(seen)


def refused(made: Script, at: Site) -> Refused:
    """The refusal of a run that must not succeed, with nothing left behind and nothing of a row in sight."""
    with pytest.raises(Refused) as error:
        execute(made, at)
    said = everything_said(error.value)
    assert not [secret for secret in SECRETS if secret in said]
    assert leftovers(at) == []
    return error.value


def leftovers(at: Site) -> list[str]:
    state = at.root / "state"
    return sorted(p.name for p in state.iterdir() if p.is_dir()) if state.exists() else []


def run(made: Script, at: Site) -> tuple[tuple[RawCube, ...], Membership]:
    cubes, (members,) = execute(made, at)
    return cubes, members


def as_json(cubes: tuple[RawCube, ...]) -> str:
    return json.dumps([sorted(([str(part) for part in k], v) for k, v in c.cells.items()) for c in cubes])
