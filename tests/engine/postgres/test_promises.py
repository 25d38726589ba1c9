"""What a run on PostgreSQL promises: it reads what is declared, tells nothing of a row, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from studyspec.catalogue.types import Server, Site
from studyspec.engine import execute
from studyspec.engine.run import Promise
from studyspec.plan.cubes import CubeSpec
from studyspec.source import EngineFailed, Unreadable
from studyspec.sql.script import Script, SourceTable, Statement
from tests.engine.engine_kit import BY_SEX, BY_SEX_STEP, COHORT_STEP, PEOPLE, PERSON, bare, codes, column, refused
from tests.engine.postgres.postgres_kit import on_server, quoted, relations

Db = psycopg.Connection[Any]
VIEW = 'create temporary view person as select id, born, sex from "source.person" as person'
#: Every way that a row could come out of an engine's own words.
SECRET = "010594Y9032"


@pytest.fixture
def db(server: str) -> Iterator[Db]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop schema if exists registers cascade")
        connection.execute("create schema registers")
        connection.execute(f"create table registers.person as {PEOPLE}".encode())
        yield connection


@pytest.fixture
def at(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return on_server(server, tmp_path / "site", monkeypatch)


def script(*steps: tuple[str, str], sources: tuple[SourceTable, ...] = (PERSON,)) -> Script:
    statements = [
        Statement("source", "person", VIEW),
        Statement("step", "cohort", COHORT_STEP),
        *(Statement("step", name, f"create temporary table {name} as\n{sql}") for name, sql in steps),
        Statement("cube", "by_sex", BY_SEX_STEP[len("-- by sex\n") :]),
        Statement("preview", "preview", "select 1"),
    ]
    cubes: dict[str, CubeSpec] = {"by_sex": BY_SEX}
    return replace(bare(statements, sources, cubes), dialect="postgresql")


def others(db: Db) -> int:
    found = db.execute(
        "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    ).fetchone()
    return 0 if found is None else int(found[0])


def alone(db: Db) -> bool:
    """Whether ours is the only connection, within a while: a server takes a moment to see that one was closed."""
    for _ in range(100):
        if others(db) == 0:
            return True
        time.sleep(0.05)
    return False


def test_counts_and_members_come_back_and_nothing_stays(db: Db, at: Site) -> None:
    before = relations(db)
    (cube,), (members,) = execute(script(), at)
    assert dict(cube.cells) == {("1",): (1,), ("2",): (2,), (None,): (3,)}
    assert len(members.members) == 3
    assert alone(db)
    assert relations(db) == before
    assert db.execute("select count(*) from registers.person").fetchone() == (4,)


STEPS = {
    "an undeclared table": "select * from registers.person",
    "an undeclared table after a comma": "select person.id from person, registers.person as p",
    "the server's tables": "select usename from pg_user",
    "the server's tables, in quotes": 'select usename from "pg_user"',
    "the server's statistics": "select most_common_vals from pg_catalog.pg_stats",
    "information_schema": "select table_name from information_schema.tables",
    "a file": "select pg_read_file('/etc/passwd')",
    "a file, in quotes": "select \"pg_read_file\"('/etc/passwd')",
    "a setting": "select set_config('search_path', 'public', true)",
    "a query in a text": "select query_to_xml('select 1', true, true, '')",
    "a function of the site": "select registers.own()",
    "a function of the site, by a listed name": "select registers.sum(1)",
    "two statements": "select 1; drop table registers.person",
    "a commit": "select 1; commit",
    "a change of rows": "with t as (delete from person returning *) select * from t",
    "a locked row": "select * from person for update",
    "a quoted text that is not one": "select E'\\' as x, ' from pg_user --'",
    "dollars": "select $$x$$",
    "a comment inside": "select /* x */ 1",
}


@pytest.mark.parametrize("attempt", STEPS)
def test_statements_that_do_more_than_select_from_steps_are_refused(db: Db, at: Site, attempt: str) -> None:
    for name in ("own()", "sum(integer)"):
        db.execute(f"create function registers.{name} returns integer language sql return 1".encode())
    before = relations(db)
    found = refused(script(("probe", STEPS[attempt])), at)
    assert set(codes(found)) <= {"engine-statement", "engine-failed", "engine-cast"}
    assert relations(db) == before
    assert db.execute("select count(*) from registers.person").fetchone() == (4,)


def test_a_step_may_compute_the_days_that_numbers_tell(db: Db, at: Site) -> None:
    days = "date '2000-01-01' + cast(floor(1.5 * 30.4375) as integer) as day, make_date(1976, 1, 1) as year"
    assert execute(script(("probe", f"select person.id, {days} from person")), at)


@pytest.mark.parametrize("kind", ["synthetic", "register"])
@pytest.mark.parametrize(
    "step",
    [
        "select cast(person.id as integer) as n from person",
        "select cast(person.id as date) as n from person",
        "select 1 / (length(person.id) - length(person.id)) as n from person",
        "select person.nothing from person",
    ],
)
def test_what_the_server_says_of_a_row_is_not_told(db: Db, at: Site, step: str, kind: Any) -> None:
    db.execute("insert into registers.person values (%s, '1994-05-01', '1')", [SECRET])
    found = refused(script(("probe", step)), replace(at, kind=kind))
    assert set(codes(found)) <= {"engine-cast", "engine-failed", "engine-statement"}
    log = at.root / "state" / "engine.log"
    assert not log.exists() or SECRET not in log.read_text(encoding="utf-8")
    assert log.exists() is (kind == "register" and codes(found) != ["engine-statement"])
    assert alone(db)


LOADS = {
    "data-missing-table": "drop table registers.person",
    "data-missing-column": "alter table registers.person drop column born",
    "data-null": f"insert into registers.person values ('{SECRET}', null, '1')",
    "data-type-mismatch": "alter table registers.person alter born type text; "
    f"insert into registers.person values ('{SECRET}', 'x', '1')",
}


@pytest.mark.parametrize("code", LOADS)
def test_data_that_do_not_fit_are_told_by_column(db: Db, at: Site, code: str) -> None:
    db.execute(LOADS[code].encode())
    assert codes(refused(script(), at)) == [code]


@pytest.mark.parametrize(
    ("type_", "value", "kind"),
    [
        ("text", "2021-02-30", "date"),
        ("date", "infinity", "date"),
        ("date", "0044-03-15 BC", "date"),
        ("timestamp", "2021-02-03 10:00", "date"),
        ("text", "99999999999999999999", "integer"),
        ("text", "9999999999999999999", "integer"),
        ("numeric", "1.5", "integer"),
        ("numeric", "NaN", "decimal"),
        ("float8", "Infinity", "decimal"),
        ("integer", "2", "boolean"),
        ("text", "yes", "boolean"),
        ("float8", "1.5", "code"),
        ("bytea", "x", "text"),
        ("timestamptz", "2021-02-03", "date"),
    ],
)
def test_a_value_of_another_kind_stops_the_run(db: Db, at: Site, type_: str, value: str, kind: str) -> None:
    db.execute(f"alter table registers.person add column extra {type_}".encode())
    db.execute(f"update registers.person set extra = '{value}' where id = 'a1'".encode())
    sources = (replace(PERSON, columns=(*PERSON.columns, column("extra", kind, True))),)
    assert codes(refused(script(sources=sources), at)) == ["data-type-mismatch"]


@pytest.mark.parametrize(
    ("type_", "value", "kind"),
    [
        ("text", "2021-02-28", "date"),
        ("timestamp", "2021-02-03 00:00", "date"),
        ("smallint", "7", "code"),
        ("text", "-12", "integer"),
        ("text", "172.0", "integer"),
        ("numeric", "12.000", "integer"),
        ("text", "1e3", "decimal"),
        ("text", "TRUE", "boolean"),
        ("integer", "0", "boolean"),
        ("char(5)", "ab", "code"),
    ],
)
def test_a_value_that_fits_is_read(db: Db, at: Site, type_: str, value: str, kind: str) -> None:
    db.execute(f"alter table registers.person add column extra {type_}".encode())
    db.execute(f"update registers.person set extra = '{value}' where id = 'a1'".encode())
    sources = (replace(PERSON, columns=(*PERSON.columns, column("extra", kind, True))),)
    assert execute(script(sources=sources), at)[0]


def test_marks_stand_for_null_in_columns_of_text(db: Db, at: Site) -> None:
    db.execute(b"alter table registers.person add column extra text")
    db.execute(b"update registers.person set extra = case when id = 'a1' then '7' else 'it''s' end")
    marked = replace(column("extra", "integer", True), marks=("NA", "it's"))
    assert execute(script(sources=(replace(PERSON, columns=(*PERSON.columns, marked)),)), at)[0]
    for wrong, code in (({"marks": ()}, "data-type-mismatch"), ({"nullable": False}, "data-null")):
        columns = (*PERSON.columns, replace(marked, **wrong))
        assert codes(refused(script(sources=(replace(PERSON, columns=columns),)), at)) == [code]


NAMES = ['a"b', "a'b", "a;b", "--", "date", "text", "Größe", "select", "a.b", "%s", "{x}", "pg", " ", "source.x"]


@pytest.mark.parametrize("name", NAMES)
def test_names_and_texts_come_back_as_they_are(db: Db, at: Site, name: str) -> None:
    db.execute(f"create table registers.{quoted(name)} ({quoted(name)} text, born date)".encode())
    db.execute(f"insert into registers.{quoted(name)} values ('{name.replace(chr(39), chr(39) * 2)}', null)".encode())
    source = SourceTable(name, (column(name), column("born", "date", True)))
    text = "'" + name.replace("'", "''") + "'"
    view = f"create temporary view {quoted(name)} as select * from {quoted('source.' + name)}"
    cohort = (
        f"create temporary table cohort as select {quoted(name)} as id, date '2020-01-01' as born, "
        f"cast('2020-01-01' as date) as day from {quoted(name)} where {quoted(name)} = {text}"
    )
    made = bare([Statement("source", name, view), Statement("step", "cohort", cohort)], (source,))
    _, (members,) = execute(replace(made, dialect="postgresql"), at)
    assert len(members.members) == 1


def test_ctrl_c_cancels_on_the_server(db: Db, at: Site) -> None:
    before = relations(db)
    joins = " ".join(f"join person as p{n} on true" for n in range(18))
    slow = script(("slow", f"select count(*) as n from person {joins}"))
    watched: list[threading.Thread] = []

    def interrupt() -> None:
        with psycopg.connect(os.environ["STUDYSPEC_TEST_DSN"], autocommit=True) as other:
            while not other.execute(
                "select 1 from pg_stat_activity where query like %s and state = 'active' and pid <> pg_backend_pid()",
                ['create temporary table "slow"%'],
            ).fetchone():
                time.sleep(0.02)  # fmt: skip
        os.kill(os.getpid(), signal.SIGINT)

    def progress(_done: int, _total: int, label: str, /) -> None:
        if label == "slow":
            watched.append(threading.Thread(target=interrupt, daemon=True))
            watched[0].start()

    with pytest.raises(KeyboardInterrupt):
        execute(slow, at, progress)
    assert alone(db)
    assert relations(db) == before


def test_a_server_that_does_not_answer_is_told_without_its_address(tmp_path: Path, at: Site) -> None:
    for server in (
        Server(host=str(tmp_path), user="matti", database="hidden"),
        Server(dsn_env="STUDYSPEC_TEST_UNSET"),
        Server(service="nowhere"),
    ):
        with pytest.raises(Unreadable) as error:
            execute(script(), replace(at, connection=replace(at.connection, server=server)))
        assert codes(error) == ["data-unreadable"]
        assert "hidden" not in str(error.value.diagnostics)
        assert error.value.__context__ is None


def test_two_rows_of_one_entity_are_refused(db: Db, at: Site) -> None:
    db.execute("insert into registers.person values ('a1', '1994-05-01', '1')")
    with pytest.raises(EngineFailed) as error:
        execute(script(), at, None, {"person": Promise("id")})
    assert codes(error) == ["data-duplicate-key"]


def test_without_the_driver_the_remedy_says_what_to_install(
    at: Site, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unreadable) as error:
        execute(script(), at)
    assert codes(error) == ["engine-driver-missing"]


def test_the_driver_is_loaded_by_runs_alone() -> None:
    code = "import sys, studyspec.cli.main, studyspec.engine.run, studyspec.engine.postgres_engine, studyspec.pipeline"
    found = subprocess.run([sys.executable, "-c", f"{code}; print('psycopg' in sys.modules)"], capture_output=True)
    assert found.stdout.strip() == b"False"
