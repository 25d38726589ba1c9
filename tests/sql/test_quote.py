"""Identifiers, literals and comments survive a real database, whatever is in them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.sql.dialects import DIALECTS, Dialect, reserved
from studyspec.sql.layout import wrapped
from studyspec.sql.quote import comment, identifier, literal, string

DUCKDB = DIALECTS["duckdb"]
NASTY = st.sampled_from(
    [*"'\"`;\\-*/$?%{}[]()\n\r\t\x0b\x1c\x85\u2028\u2029\u202e\ufeff äÄ漢😀aZ_0", "--", "*/", "/*", "'';"]
)
TEXTS = st.lists(NASTY | st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).map("".join)
NAMES = TEXTS.filter(bool)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1})


@settings(deadline=None, max_examples=300)
@given(NAMES)
def test_an_identifier_names_what_it_says(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    quoted = identifier(name, DUCKDB)
    sql = f"create or replace temporary table {quoted} as select 1 as {quoted}"
    connection.execute(sql)
    assert connection.execute(f"select {quoted}.{quoted} from {quoted}").description[0][0] == name
    connection.execute(f"drop table {quoted}")


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_a_literal_is_the_text_it_says(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert connection.execute(f"select {string(text, DUCKDB)}").fetchall() == [(text,)]


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_a_comment_ends_with_its_line_and_hides_nothing(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    said = comment(text)
    assert said == said.strip()
    assert said.isprintable()
    assert not any(mark in said for mark in ("--", "*/", "/*"))
    assert connection.execute(f"select 1 -- {said}\n, 2").fetchall() == [(1, 2)]
    assert connection.execute(f"select 1 /* {said} */, 2").fetchall() == [(1, 2)]
    lines = "".join(f"-- {line}\n" for line in wrapped(text))
    assert connection.execute(f"{lines}select 3").fetchall() == [(3,)]


def test_comments_keep_ordinary_words() -> None:
    assert comment("Työllistyminen: ≥ 30 päivää (a/b, 50 %)") == "Työllistyminen: ≥ 30 päivää (a/b, 50 %)"


def test_no_comment_line_is_wider_than_the_page() -> None:
    assert all(len(line) <= 113 for line in wrapped("word " * 200))
    assert " ".join(wrapped("word " * 200)).split() == ["word"] * 200


@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        None,
        0,
        -5,
        2**62,
        Decimal("1.50"),
        Decimal("1E+3"),
        datetime.date(1, 1, 1),
        datetime.date(9999, 12, 31),
    ],
)
def test_constants_come_back_as_they_were(connection: duckdb.DuckDBPyConnection, value: object) -> None:
    (found,) = connection.execute(f"select {literal(value, DUCKDB)}").fetchone() or ()  # type: ignore[arg-type]
    assert found == value


def test_every_word_that_the_database_reserves_is_quoted(connection: duckdb.DuckDBPyConnection) -> None:
    words = connection.execute("select keyword_name, keyword_category from duckdb_keywords()").fetchall()
    assert {word for word, kind in words if kind != "unreserved"} <= reserved()


def test_every_word_of_the_database_can_be_a_name(connection: duckdb.DuckDBPyConnection) -> None:
    for (word,) in connection.execute("select keyword_name from duckdb_keywords()").fetchall():
        name = identifier(word, DUCKDB)
        connection.execute(f"create or replace temporary table {name} as select 1 as {name}")
        sql = f"select {name}.{name} as {name}, count(*) from {name} group by {name}.{name}"
        assert connection.execute(sql).fetchall() == [(1, 1)]
        connection.execute(f"drop table {name}")


def test_plain_names_stay_bare_and_others_do_not() -> None:
    bare = ["clients", "age_at_index", "unemployed_2y", "_x", "start", "date"]
    assert [identifier(name, DUCKDB) for name in bare] == bare
    assert identifier("Clients", DUCKDB) == '"Clients"'
    assert identifier("end", DUCKDB) == '"end"'
    assert identifier("2y", DUCKDB) == '"2y"'
    assert identifier("työ", DUCKDB) == '"työ"'


def test_what_no_database_takes_is_refused() -> None:
    for name in ("", "a\0b"):
        with pytest.raises(ValueError, match="identifier"):
            identifier(name, DUCKDB)
    with pytest.raises(ValueError, match="literal"):
        string("a\0b", DUCKDB)


def test_a_dialect_says_how_it_quotes() -> None:
    spark = Dialect(name="spark", title="Spark", quote="`", backslash=True)
    assert identifier("a`b", spark) == "`a``b`"
    assert string("a\\'b", spark) == "'a\\\\''b'"
