"""A script can select from its declared tables into temporary ones, and do nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from studyspec.engine.duckdb_load import load
from studyspec.engine.duckdb_session import Session
from studyspec.engine.stopped import Stopped
from studyspec.source import EngineFailed
from studyspec.sql.script import SourceTable, Statement
from tests.engine.engine_kit import (
    COHORT_STEP,
    KINDS,
    PEOPLE,
    PERSON,
    PERSON_STEP,
    Kind,
    bare,
    codes,
    column,
    deliver,
    probe,
    refused,
    run,
    script,
    site,
)

NOT_A_SELECT = [
    "COPY (SELECT 1) TO 'out.csv'",
    "COPY source.person TO 'out.csv'",
    "ATTACH 'other.duckdb' AS other",
    "DETACH studyspec_file",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "SET threads = 1",
    "RESET memory_limit",
    "SET enable_external_access = true",
    "EXPORT DATABASE 'here'",
    "IMPORT DATABASE 'here'",
    "CREATE TABLE probe AS SELECT 1 AS a",
    "CREATE TABLE source.probe AS SELECT 1 AS a",
    "CREATE TEMPORARY TABLE other AS SELECT 1 AS a",
    "CREATE OR REPLACE TEMPORARY TABLE probe AS SELECT 1 AS a",
    "CREATE TEMPORARY TABLE IF NOT EXISTS probe AS SELECT 1 AS a",
    "CREATE TEMPORARY TABLE probe (a INTEGER)",
    "CREATE TEMPORARY MACRO probe() AS 1",
    "CREATE TEMPORARY SEQUENCE probe",
    "CREATE SECRET (TYPE s3)",
    "CREATE TYPE probe AS ENUM ('a')",
    "INSERT INTO source.person VALUES ('a', NULL, NULL)",
    "DELETE FROM source.person",
    "UPDATE source.person SET sex = '1'",
    "DROP TABLE source.person",
    "ALTER TABLE source.person ADD COLUMN x INTEGER",
    "CALL range(3)",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "SELECT 1 AS a",
    "",
    "-- nothing",
    "not SQL at all",
    "CREATE TEMPORARY TABLE probe AS SELECT 1; SELECT 2",
    "CREATE TEMPORARY TABLE probe AS SELECT 1; COPY (SELECT 1) TO 'out.csv'",
    "CREATE TEMPORARY TABLE probe AS COPY (SELECT 1) TO 'out.csv'",
    "CREATE TEMPORARY TABLE probe AS",
    "CREATE /* /* */ TEMPORARY TABLE probe AS SELECT 1 */ TABLE probe AS SELECT 2",
    "CREATE TEMPORARY TABLE probe AS EXECUTE p",
    "CREATE TEMPORARY TABLE probe AS " + "(" * 50_000 + "SELECT 1" + ")" * 50_000,
    "CREATE TEMPORARY TABLE probe AS SELECT " + "(" * 50_000 + "1" + ")" * 50_000,
    "CREATE TEMPORARY TABLE probe AS SELECT '\0'",
]

NOT_OURS = [
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('person.parquet')",
    "SELECT * FROM parquet_metadata('person.parquet')",
    "SELECT * FROM read_duckdb('data.duckdb')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM 'https://example.org/a.csv'",
    "SELECT * FROM read_parquet('s3://bucket/a.parquet')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('person')",
    "SELECT * FROM studyspec_file.main.person",
    "SELECT * FROM memory.source.person",
    "SELECT * FROM source.other",
    "SELECT * FROM other",
    "SELECT (SELECT count(*) FROM glob('/etc/*')) AS a",
    "SELECT 1 AS a WHERE EXISTS (SELECT 1 FROM read_text('/etc/passwd'))",
    "SELECT CASE WHEN 1 IN (SELECT size FROM read_blob('/etc/passwd')) THEN 1 END AS a",
    "SELECT * FROM source.person ORDER BY (SELECT count(*) FROM glob('*'))",
    "SELECT * FROM source.person, LATERAL (SELECT * FROM read_text(person.id)) AS t",
    "SELECT 1 AS a UNION ALL SELECT size FROM read_blob('/etc/passwd')",
    "WITH t AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM t",
    "WITH t AS (DELETE FROM source.person RETURNING *) SELECT * FROM t",
    "WITH t AS (INSERT INTO source.person VALUES ('z', NULL, NULL) RETURNING *) SELECT * FROM t",
    "WITH t AS (UPDATE source.person SET sex = '1' RETURNING *) SELECT * FROM t",
    "DESCRIBE source.person",
    "SHOW TABLES",
    "SUMMARIZE source.person",
]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    where = site(tmp_path_factory.mktemp("site"), "parquet")
    deliver(where, {"person": PEOPLE, "other": PEOPLE})
    return where


@pytest.mark.parametrize("sql", NOT_A_SELECT, ids=lambda sql: sql[:70])
def test_only_selects_into_temporary_tables_run(at, sql: str) -> None:  # type: ignore[no-untyped-def]
    made = bare([Statement("step", "probe", sql), Statement("step", "cohort", COHORT_STEP)])
    assert "engine-statement" in codes(refused(made, at))


@pytest.mark.parametrize("select", NOT_OURS)
def test_a_select_reads_declared_tables_and_earlier_steps_only(at, select: str) -> None:  # type: ignore[no-untyped-def]
    assert "engine-statement" in codes(refused(probe(select), at))


@pytest.mark.parametrize("select", [*NOT_OURS[:4], "SELECT 1; SELECT 2", "COPY (SELECT 1) TO 'x'", "SET threads = 1"])
def test_the_preview_is_held_to_the_same_rules(at, select: str) -> None:  # type: ignore[no-untyped-def]
    assert codes(refused(script(preview=select), at)) == ["engine-statement"]


def test_every_statement_is_checked_before_any_runs(at) -> None:  # type: ignore[no-untyped-def]
    made = script(
        ("one", "SELECT 1"), ("two", "CREATE TEMPORARY TABLE two AS SELECT 1 / 'x' AS a"), ("three", "LOAD x")
    )
    assert codes(refused(made, at)) == ["engine-statement", "engine-statement"]


def test_two_statements_of_one_name_are_refused(at) -> None:  # type: ignore[no-untyped-def]
    assert codes(refused(script(("person", PERSON_STEP)), at)) == ["engine-statement"]


@pytest.mark.parametrize(
    "select",
    [
        "SELECT 1 AS a",
        "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS t(a, b)",
        "WITH RECURSIVE d(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM d WHERE n < 5) SELECT n FROM d",
        "WITH a AS MATERIALIZED (SELECT id FROM person) SELECT id FROM a EXCEPT SELECT id FROM cohort LIMIT 5",
        "SELECT DISTINCT ON (sex) id, row_number() OVER (PARTITION BY sex ORDER BY born NULLS LAST) FROM person",
        "SELECT sex, count(*) FILTER (WHERE born IS NOT NULL) AS n FROM person GROUP BY CUBE (sex, born) HAVING n > 0",
        "SELECT i FROM range(0, 3) AS r(i) UNION SELECT unnest([4, 5]) AS i",
        "SELECT p.id FROM person AS p LEFT JOIN LATERAL (SELECT 1 FROM cohort AS c WHERE c.id = p.id) AS q ON true",
        "SELECT 'LOAD x; COPY -- /* ' AS a -- ; DROP",
        "SELECT CAST('2020-01-31' AS DATE) + INTERVAL 1 MONTH AS d, {'a': 1} AS j, [x * 2 FOR x IN [1]] AS l",
    ],
)
def test_ordinary_selects_run(at, select: str) -> None:  # type: ignore[no-untyped-def]
    run(script(("probe", f"/* a; b */ -- c\nCREATE TEMPORARY TABLE probe AS\n{select}")), at)


@pytest.mark.parametrize("name", ['a"b', "a;b", "a'b", "a--b", "/*a", "sélect", "a b", "drop table x", "{c}", "💊"])
def test_names_may_hold_anything(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    physical = SourceTable(name.replace("/", "\\"), (column(name, "identifier"), column("born", "date")))
    table = '"' + physical.physical.replace('"', '""') + '"'
    for kind in ("csv", "parquet", "duckdb"):
        at = site(tmp_path / kind, kind)  # type: ignore[arg-type]
        deliver(at, {physical.physical: f"SELECT 'a1' AS {quoted}, DATE '1980-01-01' AS born"})
        steps = [
            Statement("source", name, f"CREATE TEMPORARY VIEW {quoted} AS SELECT * FROM source.{table}"),
            Statement("step", "cohort", f"CREATE TEMPORARY TABLE cohort AS SELECT {quoted} AS id FROM {quoted}"),
        ]
        _, members = run(bare(steps, (physical,)), at)
        assert len(members.members) == 1


# --- the lock, without the list of statements in front of it ---------------------------------------------------------

CLOSED = [
    "COPY (SELECT 1) TO '{data}/out.csv'",
    "COPY (SELECT 1) TO '{data}/person.parquet'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('{data}/*')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
    "SELECT * FROM 'https://127.0.0.1:9/a.parquet'",
    "SELECT getenv('HOME')",
    "ATTACH '{data}/new.duckdb' AS other",
    "ATTACH 'other.duckdb' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{data}/x.duckdb_extension'",
    "FORCE INSTALL spatial FROM community",
    "EXPORT DATABASE '{data}/export'",
    "SET enable_external_access = true",
    "SET allowed_paths = ['/etc/passwd']",
    "SET allowed_directories = ['/etc']",
    "SET lock_configuration = false",
    "SET autoload_known_extensions = true",
    "SET threads = 8",
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "SET temp_directory = '/tmp'",
    "PRAGMA enable_logging",
    "SET log_query_path = '{data}/log'",
    "PRAGMA enable_profiling = 'json'",
    "SET profiling_output = '{data}/profile.json'",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_loaded_session_reaches_nothing_even_without_the_list(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": PEOPLE})
    private = tmp_path / "private"
    private.mkdir()
    session = Session(private / "spill", "500MB", 1)
    load(session, (PERSON,), at, private, lambda step, why: EngineFailed(), lambda step: None)
    data, file = (tmp_path, at.connection.path) if kind == "duckdb" else (at.connection.path,) * 2
    before = {p.name: p.read_bytes() for p in data.iterdir() if p.is_file()}
    assert [sql for sql in CLOSED if _runs(session, sql.format(data=data))] == []
    own = file if kind == "duckdb" else file / f"person.{kind}"
    for sql in (
        f"SELECT * FROM '{own}'",
        f"SELECT * FROM read_{kind}('{own}')",
        f"ATTACH '{own}' AS again (READ_ONLY)",
        f"COPY (SELECT 1) TO '{own}'",
        f"COPY (SELECT 1) TO '{own}' (USE_TMP_FILE false)",
        f"COPY (SELECT 1) TO '{own}.wal' (USE_TMP_FILE false)",
        "SELECT * FROM studyspec_file.main.person",
    ):
        assert not _runs(session, sql), sql
    assert {p.name: p.read_bytes() for p in data.iterdir() if p.is_file()} == before
    assert session.rows("SELECT count(*) FROM source.person") == [(4,)]
    session.close()


def _runs(session: Session, sql: str) -> bool:
    try:
        session.run(sql)
    except Stopped:
        return False
    return True
