"""What goes wrong is told in our words; what the engine says quotes rows, and goes nowhere."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from studyspec.engine import execute
from studyspec.source import EngineFailed
from studyspec.sql.script import SourceTable
from tests.engine.engine_kit import (
    KINDS,
    SECRETS,
    Kind,
    codes,
    column,
    deliver,
    everything_said,
    leftovers,
    probe,
    refused,
    script,
    site,
    write_csv,
)

MATTI = "SELECT '010594Y9032' AS id, DATE '1994-05-01' AS born, 'Matti' AS sex"

FAILING = [
    ("CAST(id AS DATE)", "engine-cast"),
    ("CAST(id || ' ' || sex AS DATE)", "engine-cast"),
    ("CAST(sex AS INTEGER)", "engine-cast"),
    ("CAST(length(id) * 1000 AS TINYINT)", "engine-cast"),
    ("5 // (length(sex) - 5)", "engine-cast"),
    ("error(id || sex)", "engine-failed"),
    ("(SELECT id FROM (VALUES (sex), (id)) AS t(id))", "engine-failed"),
    ("regexp_matches(id, '(' || sex)", "engine-failed"),
    ("no_such_column_of_matti", "engine-failed"),
    ("no_such_function(id)", "engine-failed"),
    ("strptime(id, '%Y')", "engine-failed"),
    ("json_extract(sex, '$')", "engine-failed"),
]


@pytest.mark.parametrize(("expression", "code"), FAILING)
def test_a_failing_step_is_named_and_nothing_else(
    tmp_path: Path, expression: str, code: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    at = site(tmp_path, "parquet")
    deliver(at, {"person": MATTI})
    error = refused(script(("probe", f"CREATE TEMPORARY TABLE probe AS SELECT {expression} AS x FROM person")), at)
    assert codes(error)[0] in (code, "engine-failed", "engine-cast")
    assert "`probe`" in str(error)
    assert error.exit_code == 3
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize("kind", KINDS)
def test_data_that_do_not_fit_are_named_by_column_and_nothing_else(
    tmp_path: Path, kind: Kind, capfd: pytest.CaptureFixture[str]
) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": "SELECT '010594Y9032' AS born, 'Matti' AS id, '1' AS sex"})
    error = refused(script(), at)
    assert codes(error) == ["data-type-mismatch"]
    assert str(error) == "data-type-mismatch: The column `person.born` does not hold dates (YYYY-MM-DD) throughout."
    assert capfd.readouterr() == ("", "")


def test_the_engine_does_quote_rows(tmp_path: Path) -> None:
    """Why all this: DuckDB's own words, for the same data."""
    (tmp_path / "t.csv").write_text("id,name\n010594Y9032 Matti,x,y\n")
    with pytest.raises(duckdb.Error) as ragged:
        duckdb.sql(
            f"SELECT * FROM read_csv('{tmp_path}/t.csv', auto_detect = false, header = true, "
            "columns = {'a': 'VARCHAR'})"
        ).fetchall()
    assert "010594Y9032" in str(ragged.value)
    with pytest.raises(duckdb.Error) as cast:
        duckdb.sql("SELECT CAST(x AS DATE) FROM (VALUES ('010594Y9032 Matti')) AS t(x)").fetchall()
    assert "Matti" in str(cast.value)


def test_no_exception_of_the_engine_hangs_on_ours(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": MATTI})
    with pytest.raises(EngineFailed) as error:
        execute(script(("probe", "CREATE TEMPORARY TABLE probe AS SELECT CAST(id AS DATE) AS x FROM person")), at)
    chain: list[BaseException] = []
    waiting: list[BaseException | None] = [error.value]
    while waiting:
        one = waiting.pop()
        if one is not None:
            chain.append(one)
            waiting += [one.__cause__, one.__context__]
    assert not [one for one in chain if isinstance(one, duckdb.Error)]
    for one in chain:
        trace = one.__traceback__
        while trace is not None:
            held = repr(dict(trace.tb_frame.f_locals))
            if "tests" not in trace.tb_frame.f_code.co_filename:
                assert not [s for s in SECRETS if s in held], trace.tb_frame
            trace = trace.tb_next


def test_the_steward_learns_step_and_class_and_no_more(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet", kind="register")
    deliver(at, {"person": MATTI})
    old = os.umask(0)
    try:
        refused(script(("probe", "CREATE TEMPORARY TABLE probe AS SELECT CAST(id AS DATE) AS x FROM person")), at)
    finally:
        os.umask(old)
    log = tmp_path / "state" / "engine.log"
    assert log.read_text() == "'probe' ConversionException\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["synthetic", "public"])
def test_other_sites_keep_no_log(tmp_path: Path, kind: str) -> None:
    at = site(tmp_path, "parquet", kind=kind)
    deliver(at, {"person": MATTI})
    refused(script(("probe", "CREATE TEMPORARY TABLE probe AS SELECT CAST(id AS DATE) AS x FROM person")), at)
    assert not (tmp_path / "state" / "engine.log").exists()


def test_a_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet", kind="register")
    deliver(at, {"person": MATTI})
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "engine.log").symlink_to(tmp_path / "elsewhere")
    refused(script(("probe", "CREATE TEMPORARY TABLE probe AS SELECT CAST(id AS DATE) AS x FROM person")), at)
    assert not (tmp_path / "elsewhere").exists()


def test_progress_that_raises_stops_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": MATTI.replace("Matti", "1")})

    def progress(done: int, total: int, label: str) -> None:
        if label == "by_sex":
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more") as error:
        execute(script(), at, progress)
    assert not [s for s in SECRETS if s in everything_said(error.value)]
    assert leftovers(at) == []


def test_a_hostile_file_says_nothing_of_its_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    at: Any = site(tmp_path, "csv")
    write_csv(
        at.connection.path, "t", [("id", "name"), ("010594Y9032", "Matti"), ("010594Y9032", "Matti", "1994-05-01")]
    )
    error = refused(probe("SELECT 1 AS a", (SourceTable("t", (column("id"),)),)), at)
    assert codes(error) == ["data-malformed"]
    assert capfd.readouterr() == ("", "")
