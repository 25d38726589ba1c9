"""Public files: what a spreadsheet, a database and a reader make of them."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyspec.estimate import Table, TableColumn
from studyspec.release import files
from tests.guard.site_by_hand import Script

COLUMNS = (
    TableColumn("key", "", "key"), TableColumn("label", "Label", "label"), TableColumn("n", "N", "count"),
    TableColumn("share", "%", "percent"), TableColumn("risk", "Risk", "risk"),
)  # fmt: skip


def table(*rows: tuple[object, ...]) -> Table:
    return Table("t", "Title", COLUMNS, rows)  # type: ignore[arg-type]


ROWS = table(
    ("a", "Women", 1005, Decimal("9.5"), Decimal("0.020")), ("b", "Men", None, None, None), ("c", "", 0, "", 0.5)
)


def test_csv_is_rfc_4180_with_plain_numbers_and_one_mark() -> None:
    assert files.csv(ROWS, False).decode().split("\r\n") == [
        "key,label,n,share,risk", "a,Women,1005,9.5,0.020", "b,Men,..,..,..", "c,,0,,0.5", "",
    ]  # fmt: skip


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_any_label_survives_a_csv_reader(label: str) -> None:
    read = list(csv.reader(io.StringIO(files.csv(table(("a", label, 5, None, None)), False).decode(), newline="")))
    assert len(read) == 2
    assert read[1][1].removeprefix("'") == label or read[1][1] == label


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")'])
def test_no_cell_is_a_formula(label: str) -> None:
    read = list(csv.reader(io.StringIO(files.csv(table((label, label, 5, None, None)), False).decode(), newline="")))
    assert all(not field.startswith(("=", "+", "-", "@", "\t", "\r")) for field in read[1])


def test_parquet_keeps_order_types_and_absence(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "it's.parquet"
    files.parquet(ROWS, True, path)
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        metadata = connection.execute("SELECT * FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
    assert rows == [
        ("a", "Women", 1005, Decimal("9.5"), 0.02, "synthetic"),
        ("b", "Men", None, None, None, "synthetic"),
        ("c", "", 0, None, 0.5, "synthetic"),
    ]
    assert metadata == []


def test_the_same_table_is_the_same_parquet(tmp_path: Path) -> None:
    files.parquet(ROWS, False, tmp_path / "a")
    files.parquet(ROWS, False, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_table_without_rows_is_a_file_all_the_same(tmp_path: Path) -> None:
    files.parquet(table(), False, tmp_path / "a")
    assert files.csv(table(), False) == b"key,label,n,share,risk\r\n"


def test_a_column_may_have_any_name(tmp_path: Path) -> None:
    odd = Table("t", "T", (TableColumn('n_"; drop', "x", "count"),), ((5,),))
    files.parquet(odd, False, tmp_path / "a")
    assert files.csv(odd, False) == b'"n_""; drop",x'.replace(b",x", b"") + b"\r\n5\r\n"


def test_the_mark_in_the_sql_moves_no_line() -> None:
    assert files.sql(Script(), False) == Script().text.encode()
    assert files.sql(Script(), True).decode().split("\n")[:3] == Script().text.split("\n")[:3]


def test_the_text_says_what_it_is() -> None:
    found = files.results("My\nstudy", "tiny", "1.0.0", [ROWS], "en", True).decode()
    assert found.startswith("My study\ntiny 1.0.0\nSYNTHETIC DATA")
