"""What is read is what was declared: the columns, the types, the nulls; anything else stops the run without a value."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.plan.cubes import CubeSpec
from studyspec.source import Refused
from studyspec.sql.script import Script, SourceTable
from tests.engine.engine_kit import (
    KINDS,
    PEOPLE,
    Kind,
    codes,
    column,
    deliver,
    probe,
    refused,
    run,
    script,
    site,
    write_csv,
)

SPEC = CubeSpec("probe", "baseline", "", "", {}, "", None, (), ((),), (), measures=("n",))


def counting(condition: str, *columns: Any) -> Script:
    """A script whose cube `probe` counts the rows of table `t` that meet a condition."""
    made = probe(f"SELECT 0 AS margin_of, count(*) AS n FROM source.t WHERE {condition}", (SourceTable("t", columns),))
    return type(made)(**{f: getattr(made, f) for f in made.__slots__} | {"cubes": {"probe": SPEC}})


def count(at: Any, condition: str, *columns: Any) -> int:
    ((cube,), _) = run(counting(condition, *columns), at)
    return cube.cells.get((), (0,))[0]


def csv_site(tmp_path: Path, content: bytes, **more: Any) -> Any:
    at = site(tmp_path, "csv", **more)
    at.connection.path.mkdir()
    (at.connection.path / "t.csv").write_bytes(content)
    return at


# --- structure of CSV files ------------------------------------------------------------------------------------------

ROW = b"010594Y9032,Matti,1994-05-01\n"

MALFORMED = {
    "empty": b"",
    "only a line end": b"\n",
    "short record": b"id,name,born\n" + ROW + b"010594Y9032,Matti\n",
    "long record": b"id,name,born\n" + ROW + b"010594Y9032,Matti,1994-05-01,extra\n",
    "short record far down": b"id,name,born\n" + ROW * 60_000 + b"010594Y9032\n" + ROW * 60_000,
    "quote that does not close": b'id,name,born\n010594Y9032,"Matti,1994-05-01\n' + ROW,
    "text after a quote": b'id,name,born\n010594Y9032,"Mat"ti,1994-05-01\n',
    "quote at the very end": b'id,name,born\n010594Y9032,Matti,"1994-05-01',
    "quote in the header": b'id,"name,born\n' + ROW,
    "a column twice": b"id,name,born,name\n",
    "not UTF-8": b"id,name,born\n010594Y9032,Matti\xe4,1994-05-01\n",
    "not UTF-8 in the header": b"id,name,born,\xe4\n" + ROW,
    "UTF-16": "id,name,born\n010594Y9032,Matti,1994-05-01\n".encode("utf-16"),
    "NUL in the header": b"id,na\0me,born\n" + ROW,
    "a field without end": b"id,name,born\n010594Y9032," + b"Matti" * 1_000_000 + b",1994-05-01\n",
    "a header without end": b"id,name,born," + b"x" * 2_000_000,
    "mixed line ends": b"id,name,born\n" + ROW + b"010594Y9032,Matti,1994-05-01\r\n" + ROW,
    "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 100,
    "Parquet": b"PAR1" + b"\x15\x00" * 50 + b"PAR1",
}

T = (column("id", "identifier"), column("name", "text", True), column("born", "date", True))


@pytest.mark.parametrize("name", MALFORMED)
def test_a_damaged_csv_file_is_refused_whole(tmp_path: Path, name: str) -> None:
    at = csv_site(tmp_path, MALFORMED[name])
    assert codes(refused(counting("true", *T), at)) == ["data-malformed"]


@pytest.mark.parametrize(
    "content",
    [
        b"id,name,born\n1,a,1990-01-01\n2,b,\n",
        b"\xef\xbb\xbfid,name,born\n1,a,1990-01-01\n2,b,\n",  # byte-order mark
        b"id,name,born\r\n1,a,1990-01-01\r\n2,b,\r\n",
        b"id,name,born\n1,a,1990-01-01\n2,b,",  # no last line end
        b'"id","name","born"\n"1","a ""quoted"" one, and\nmore","1990-01-01"\n"2","b",\n',
        b'id,"na\nme",name,born\n1,x,a,1990-01-01\n2,y,b,\n',  # a line end in the header
        b"extra,born,name,id\nx,1990-01-01,a,1\nx,,b,2\n",  # other columns, other order
        "id,name,born,ikä\n1,ä,1990-01-01,1\n2,💊,,1\n".encode(),
    ],
)
def test_a_sound_csv_file_is_read_as_it_stands(tmp_path: Path, content: bytes) -> None:
    at = csv_site(tmp_path, content)
    assert count(at, "true", *T) == 2
    assert count(at, "born = DATE '1990-01-01' AND id = '1'", *T) == 1
    assert count(at, "born IS NULL AND id = '2'", *T) == 1


def test_what_stands_for_null_is_the_sites_word(tmp_path: Path) -> None:
    at = csv_site(tmp_path, b"id,name,born\n1,,NA\nNA1,NA,1990-01-01\n", null="NA")
    assert count(at, "born IS NULL", *T) == 1
    assert count(at, "name = ''", *T) == 1
    assert count(at, "name IS NULL", *T) == 1


def test_nothing_is_sniffed(tmp_path: Path) -> None:
    """Codes keep their zeros, a first row of numbers is still a header, a semicolon is no separator."""
    at = csv_site(tmp_path, b"1,0301\n007,049\n008,49\n")
    assert count(at, "\"1\" = '007' AND \"0301\" = '049'", column("1", "identifier"), column("0301", "code")) == 1
    (at.connection.path / "t.csv").write_bytes(b"id;name\n1;2\n")
    assert codes(refused(counting("true", column("id")), at)) == ["data-missing-column"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text("a,\"\n\r;'01-\\", max_size=80).map(str.encode))
def test_any_bytes_give_a_result_or_a_coded_refusal(tmp_path: Path, content: bytes) -> None:
    at = site(tmp_path, "csv")
    at.connection.path.mkdir(exist_ok=True)
    for head in (b"", b"id,name,born\n"):
        (at.connection.path / "t.csv").write_bytes(head + content)
        try:
            run(counting("true", *T), at)
            found = []
        except Refused as refusal:
            found = codes(refusal)
        assert all(code.startswith("data-") for code in found)


# --- types -----------------------------------------------------------------------------------------------------------

UNFIT = [
    (
        "date",
        [
            "Matti",
            "1994-5-1",
            "1994/05/01",
            "01.05.1994",
            "1994-02-30",
            "infinity",
            "epoch",
            " 1994-05-01",
            "0000-01-01",
        ],
    ),
    ("date", ["1994-05-01 00:00:00", "19940501", "1994-05-01T00", "１９９４-05-01", "-1994-05-01", "today"]),
    ("integer", ["1.5", "1.01", "1e3", "Matti", "1_000", " 1", "99999999999999999999", "0x1F", "--1", "1,5", "٣"]),
    ("decimal", ["Matti", "1,5", "nan", "inf", "1e30", "1 000", ".", "1_0.0"]),
    ("boolean", ["yes", "t", "2", "Matti", "on"]),
    ("text", ["Mat\0ti"]),
    ("code", ["\0"]),
]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in UNFIT for value in values])
def test_a_value_that_is_not_of_its_type_stops_the_run(tmp_path: Path, kind: str, value: str) -> None:
    at = site(tmp_path, "csv")
    write_csv(at.connection.path, "t", [("id", "value"), *[("1", "")] * 3, ("010594Y9032", value)])
    error = refused(counting("true", column("id"), column("value", kind, True)), at)
    assert codes(error) == ["data-type-mismatch"]
    assert "`t.value`" in str(error)
    assert value not in str(error).replace("t.value", "") or len(value) < 3


@pytest.mark.parametrize(
    ("kind", "value", "condition"),
    [
        ("date", "1994-05-01", "v = DATE '1994-05-01'"),
        ("date", "0001-01-01", "year(v) = 1"),
        ("date", "9999-12-31", "year(v) = 9999"),
        ("integer", "-9223372036854775808", "v < 0"),
        ("integer", "+007", "v = 7"),
        ("integer", "172.0", "v = 172"),
        ("integer", "-5.", "v = -5"),
        ("decimal", "1.1234567", "v = 1.123457"),
        ("decimal", "-.5", "v = -0.5"),
        ("decimal", "12e-1", "v = 1.2"),
        ("boolean", "TRUE", "v"),
        ("boolean", "0", "NOT v"),
        ("code", "007", "v = '007'"),
        ("text", " a;b' ", "v = ' a;b'' '"),
    ],
)
def test_values_are_read_exactly(tmp_path: Path, kind: str, value: str, condition: str) -> None:
    at = site(tmp_path, "csv")
    write_csv(at.connection.path, "t", [("id", "v"), ("1", value)])
    assert count(at, condition, column("v", kind)) == 1


@pytest.mark.parametrize(("kind", "value"), [("integer", "7"), ("decimal", "0.5"), ("date", "1994-05-01")])
def test_marks_stand_for_null_in_columns_of_text(tmp_path: Path, kind: str, value: str) -> None:
    at = site(tmp_path, "csv")
    write_csv(at.connection.path, "t", [("id", "v"), ("1", value), ("2", "NA"), ("3", "."), ("4", "it's"), ("5", "")])
    marked = replace(column("v", kind, True), marks=("NA", ".", "it's"))
    assert count(at, "v IS NOT NULL", marked) == 1
    assert codes(refused(counting("true", replace(marked, nullable=False)), at)) == ["data-null"]
    assert codes(refused(counting("true", replace(marked, marks=("NA",))), at)) == ["data-type-mismatch"]


PHYSICAL = [
    ("date", "TIMESTAMP '1994-05-01 00:00:00'", True),
    ("date", "TIMESTAMP '1994-05-01 00:00:01'", False),
    ("date", "DATE 'infinity'", False),
    ("date", "TIMESTAMP 'infinity'", False),
    ("date", "TIMESTAMPTZ '1994-05-01 00:00:00+00'", False),
    ("date", "'1994-05-01'", True),
    ("date", "19940501", False),
    ("integer", "7::DOUBLE", True),
    ("integer", "7.5::DOUBLE", False),
    ("integer", "'nan'::DOUBLE", False),
    ("integer", "7::HUGEINT", True),
    ("integer", "170141183460469231731687303715884105727::HUGEINT", False),
    ("integer", "7.00::DECIMAL(9,2)", True),
    ("integer", "true", False),
    ("decimal", "7::INTEGER", True),
    ("decimal", "0.1::DOUBLE", True),
    ("decimal", "'inf'::DOUBLE", False),
    ("decimal", "1e15::DOUBLE", False),
    ("boolean", "true", True),
    ("boolean", "1::TINYINT", True),
    ("boolean", "2::TINYINT", False),
    ("code", "49::SMALLINT", True),
    ("code", "49.0::DOUBLE", False),
    ("code", "'a'::BLOB", False),
    ("identifier", "123456789012.0::DOUBLE", False),
    ("text", "[1]", False),
    ("text", "{'a': 1}", False),
    ("text", "DATE '1994-05-01'", True),
]


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
@pytest.mark.parametrize(("wanted", "value", "fits"), PHYSICAL)
def test_typed_files_are_held_to_the_declared_types(
    tmp_path: Path, kind: Kind, wanted: str, value: str, fits: bool
) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"t": f"SELECT {value} AS v UNION ALL SELECT NULL"})
    made = counting("v IS NOT NULL", column("v", wanted, True))
    if fits:
        assert run(made, at)[0][0].cells == {(): (1,)}
    else:
        assert codes(refused(made, at)) == ["data-type-mismatch"]


def test_an_enumeration_is_read_as_its_text(tmp_path: Path) -> None:
    at = site(tmp_path, "duckdb")
    deliver(at, {"t": "SELECT '049'::ENUM('049', '091') AS v"})
    assert count(at, "v = '049'", column("v", "code")) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_value_where_the_model_has_none_stops_the_run(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": PEOPLE.replace("DATE '1999-12-31'", "NULL")})
    error = refused(script(), at)
    assert codes(error) == ["data-null"]
    assert "`person.born`" in str(error)


def test_all_faults_of_the_values_are_told_at_once(tmp_path: Path) -> None:
    at = site(tmp_path, "csv")
    write_csv(at.connection.path, "a", [("x", "y", "z"), ("Matti", "Matti", "1"), ("1", "2020-01-01", "1")])
    write_csv(at.connection.path, "b", [("x",), ("Matti",)])
    tables = (
        SourceTable("a", (column("x", "integer"), column("y", "date"), column("z", "integer"))),
        SourceTable("b", (column("x", "date"),)),
    )
    error = refused(probe("SELECT 1 AS one", tables), at)
    assert codes(error) == ["data-type-mismatch"] * 3
    assert [d.message.split("`")[1] for d in error.diagnostics] == ["a.x", "a.y", "b.x"]


def test_only_declared_columns_can_be_read(tmp_path: Path) -> None:
    at = csv_site(tmp_path, b"id,name,born\n" + ROW)
    assert codes(refused(counting("name = 'x'", column("id")), at)) == ["engine-failed"]


def test_columns_that_are_not_declared_are_not_checked(tmp_path: Path) -> None:
    at = csv_site(tmp_path, b"id,name,born\n1,Mat\0ti,never\n")
    assert count(at, "true", column("id")) == 1


# --- finding data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_missing_tables_and_columns_are_told_with_near_names(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"persons": PEOPLE, "Person": PEOPLE})
    error = refused(script(), at)
    assert codes(error) == ["data-missing-table"]
    assert "`persons`" in (error.diagnostics[0].remedy or "")
    deliver(at, {"person": PEOPLE.replace("born", "birth") + " WHERE true"})
    error = refused(probe("SELECT 1 AS one", (SourceTable("person", (column("BIRTH"), column("sexx"))),)), at)
    assert codes(error) == ["data-missing-column", "data-missing-column"]
    assert "`sex`" in (error.diagnostics[1].remedy or "")


@pytest.mark.parametrize("kind", KINDS)
def test_no_data_at_all_is_told(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    error = refused(script(), at)
    assert codes(error) == ["data-unreadable"]
    assert str(at.connection.path) in str(error)
    assert error.exit_code == 2


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    "name", ["../outside", "sub/t", "/etc/passwd", "*", "?", "t*", ".", "..", "", "t\0", "pers{on,x}", "[p]erson"]
)
def test_table_names_are_names_and_no_paths_or_patterns(tmp_path: Path, kind: Kind, name: str) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": PEOPLE, "t": PEOPLE})
    for other in (tmp_path, at.connection.path / "sub"):
        other.mkdir(exist_ok=True)
        (other / f"outside.{kind}").write_bytes((at.connection.path / f"t.{kind}").read_bytes())
        (other / f"t.{kind}").write_bytes((at.connection.path / f"t.{kind}").read_bytes())
    made = probe("SELECT 1 AS one", (SourceTable(name, (column("id"),)),))
    assert codes(refused(made, at)) == ["data-missing-table"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"real": PEOPLE})
    outside = tmp_path / f"outside.{kind}"
    outside.write_bytes((at.connection.path / f"real.{kind}").read_bytes())
    (at.connection.path / f"person.{kind}").symlink_to(outside)
    assert codes(refused(script(), at)) == ["data-outside-folder"]
    (at.connection.path / f"person.{kind}").unlink()
    (at.connection.path / f"person.{kind}").symlink_to("real." + kind)
    run(script(), at)


@pytest.mark.parametrize("what", ["folder", "pipe", "nowhere", "itself"])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, what: str) -> None:
    at = site(tmp_path, "csv")
    deliver(at, {"other": PEOPLE})
    path = at.connection.path / "person.csv"
    match what:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "nowhere":
            path.symlink_to(tmp_path / "gone.csv")
        case _:
            path.symlink_to(path)
    assert codes(refused(script(), at)) == ["data-outside-folder"]


@pytest.mark.parametrize("name", ["da*ta", "d'a;ta", 'd"ata', "{a,b}", "[x]", "hive=1", "da ta"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_path_of_the_data_may_hold_anything(tmp_path: Path, kind: Kind, name: str) -> None:
    at = site(tmp_path / "site", kind, data=tmp_path / name)
    deliver(at, {"person": PEOPLE})
    (cube,), _ = run(script(), at)
    assert cube.cells[(None,)] == (3,)


def test_folders_named_like_hive_partitions_add_no_column(tmp_path: Path) -> None:
    at = site(tmp_path / "site", "parquet", data=tmp_path / "id=7")
    deliver(at, {"person": "SELECT DATE '1980-01-01' AS born, '1' AS sex"})
    assert codes(refused(script(), at)) == ["data-missing-column"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 1000 + b"PAR1", b"id\n1\n"])
def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    at = site(tmp_path, "parquet")
    at.connection.path.mkdir()
    (at.connection.path / "person.parquet").write_bytes(content)
    assert codes(refused(script(), at)) == ["data-malformed"]


def test_a_parquet_file_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": "SELECT i AS id, DATE '1980-01-01' AS born, (i % 2)::VARCHAR AS sex FROM range(50000) t(i)"})
    path = at.connection.path / "person.parquet"
    content = bytearray(path.read_bytes())
    content[100:20_000] = bytes(19_900)
    path.write_bytes(bytes(content))
    assert codes(refused(script(), at)) == ["data-malformed"]


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000, b"SQLite format 3\0" + b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    at = site(tmp_path, "duckdb")
    at.connection.path.write_bytes(content)
    assert codes(refused(script(), at))[0] in ("data-malformed", "data-missing-table")
    assert at.connection.path.read_bytes() == content


def test_a_view_of_the_database_reads_its_own_tables_and_no_file(tmp_path: Path) -> None:
    at = site(tmp_path, "duckdb")
    other = tmp_path / "other.csv"
    other.write_text("id,born,sex\n010594Y9032,1994-05-01,1\n")
    deliver(at, {"base": PEOPLE})
    connection = duckdb.connect(str(at.connection.path))
    connection.execute("CREATE VIEW person AS SELECT * FROM base")
    connection.close()
    assert run(script(), at)[0][0].cells[(None,)] == (3,)
    connection = duckdb.connect(str(at.connection.path))
    connection.execute(f"CREATE OR REPLACE VIEW person AS SELECT * FROM read_csv('{other}')")
    connection.close()
    assert codes(refused(script(), at)) == ["data-malformed"]


def test_a_database_open_elsewhere_for_reading_does_not_disturb(tmp_path: Path) -> None:
    at = site(tmp_path, "duckdb")
    deliver(at, {"person": PEOPLE})
    run(script(), at)
    run(script(), at)
