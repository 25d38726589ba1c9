"""Reads the declared columns of the declared tables into memory, each checked against its declared type.

One scan per table.  A value is converted by a rule that says exactly what it accepts; where one fails, a second scan
finds out which columns do, and only their names are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studyspec.catalogue.types import Site
from studyspec.engine import faults, sources
from studyspec.engine.duckdb_session import Session, literal, quoted
from studyspec.engine.duckdb_statements import SCHEMA
from studyspec.engine.stopped import Stopped
from studyspec.source import Diagnostic, EngineFailed
from studyspec.sql.script import SourceColumn, SourceTable

Fail = Callable[[str, Stopped], EngineFailed]
Tell = Callable[[str], None]

#: Alias of an attached database file, while it is attached.
_FILE: Final = "studyspec_file"
#: Spill directory of the session that reads it.
_READER: Final = "reader"


@dataclass(frozen=True, slots=True)
class _Physical:
    """relation: how DuckDB reads the table.  columns: physical name -> (expression, physical type)."""

    relation: str
    columns: dict[str, tuple[str, str]]


def load(session: Session, tables: tuple[SourceTable, ...], site: Site, private: Path, fail: Fail, tell: Tell) -> None:
    """Fill the schema `source` and seal the session.  private: an empty private directory.  tell: the table at hand.

    A database file is read by a second session, sealed before it reads: a view in it may name any file, and a path that
    was attached stays open to the session that attached it.  What it has checked comes over as Parquet, table by table.
    Raises EngineFailed with every fault of its kind; Unreadable (data-unreadable).
    """
    database = site.connection.kind == "duckdb"
    reader = Session(private / _READER, site.memory_limit, site.threads) if database else session
    wrong: list[Diagnostic] = []
    try:
        found = _database(reader, tables, site) if database else _files(session, tables, site, private)
        _all_declared(tables, found)
        session.run(f"CREATE SCHEMA {SCHEMA}")
        for table in tables:
            tell(table.physical)
            wrong += _load_table(session, reader, private, table, found[table.physical], fail)
    finally:
        if database:
            reader.close()
    if wrong:
        raise EngineFailed(*wrong)
    session.seal()


# --- finding tables --------------------------------------------------------------------------------------------------


def _database(reader: Session, tables: tuple[SourceTable, ...], site: Site) -> dict[str, _Physical]:
    path = sources.database_file(site)
    listing = (
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'main' "
        "UNION ALL "
        "SELECT view_name FROM duckdb_views() WHERE database_name = ? AND schema_name = 'main' AND NOT internal"
    )
    try:
        reader.run(f"ATTACH {literal(str(path))} AS {_FILE} (TYPE duckdb, READ_ONLY)")
        reader.seal()
        present = {name for (name,) in reader.rows(listing, [_FILE, _FILE])}
    except Stopped:
        present = None
    if present is None:
        raise EngineFailed(faults.malformed(path.name))
    missing = [t.physical for t in tables if t.physical not in present]
    if missing:
        raise EngineFailed(*(faults.missing_table(name, present) for name in missing))
    return {t.physical: _described(reader, t.physical, f"{_FILE}.main.{quoted(t.physical)}") for t in tables}


def _files(session: Session, tables: tuple[SourceTable, ...], site: Site, private: Path) -> dict[str, _Physical]:
    """Each file is read through a link whose name is ours: no character of a real path is ever taken for a pattern."""
    files = sources.table_files(site, (t.physical for t in tables))
    csv = site.connection.kind == "csv"
    found: dict[str, _Physical] = {}
    wrong: list[Diagnostic] = []
    for number, (table, path) in enumerate(files.items()):
        link = private / f"{number}.{site.connection.kind}"
        link.symlink_to(path)
        try:
            found[table] = _csv(table, link, site.connection.null) if csv else _parquet(session, table, link)
        except EngineFailed as failed:
            wrong += failed.diagnostics
    if wrong:
        raise EngineFailed(*wrong)
    return found


def _parquet(session: Session, table: str, link: Path) -> _Physical:
    options = "hive_partitioning = false, union_by_name = false, filename = false"
    return _described(session, table, f"read_parquet({literal(str(link))}, {options})")


def _described(session: Session, table: str, relation: str) -> _Physical:
    try:
        columns = session.rows(f"DESCRIBE SELECT * FROM {relation}")  # noqa: S608  # quoted by the callers
    except Stopped:
        columns = None
    if columns is None:
        raise EngineFailed(faults.malformed(table))
    return _Physical(relation, {row[0]: (quoted(row[0]), str(row[1])) for row in columns})


def _csv(table: str, link: Path, null: str) -> _Physical:
    """Nothing is sniffed: the header gives the names, and every field is text until it is checked."""
    try:
        header = sources.csv_header(link)
    except OSError:
        header = None
    if header is None:
        raise EngineFailed(faults.malformed(table))
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    relation = (
        f"read_csv({literal(str(link))}, auto_detect = false, header = true, columns = {{{columns}}}, "
        f"delim = ',', quote = '\"', escape = '\"', nullstr = {literal(null)}, encoding = 'utf-8', "
        "compression = 'none', strict_mode = true, null_padding = false, ignore_errors = false, "
        "hive_partitioning = false, union_by_name = false, filename = false)"
    )
    return _Physical(relation, {name: (f"c{i}", "VARCHAR") for i, name in enumerate(header)})


def _all_declared(tables: Iterable[SourceTable], found: dict[str, _Physical]) -> None:
    wrong = [
        faults.missing_column(table.physical, column.physical, found[table.physical].columns)
        for table in tables
        for column in table.columns
        if column.physical not in found[table.physical].columns
    ]
    if wrong:
        raise EngineFailed(*wrong)


# --- reading values --------------------------------------------------------------------------------------------------

_ISO = r"'([1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])-\d{2}-\d{2}'"
#: Programs that know no missing whole number write `7.0` for 7.
_INTEGER = r"'[+-]?\d{1,19}(\.0{0,9})?'"
_DECIMAL = r"'[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?'"
_DAYS = "BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
_NO_NUL = "NOT contains({c}, chr(0))"

#: (what is wanted, what is there) -> which values {c} may be converted at all.  A pair that is not here never fits.
#: DuckDB's own casts are wider than we want (1.6 is 2 as a whole number, `infinity` is a date) and fail on the rest.
_RULES: Final = {
    ("text", "text"): _NO_NUL,
    ("text", "integer"): "true",
    ("text", "date"): "true",
    ("text", "boolean"): "true",
    ("code", "text"): _NO_NUL,
    ("code", "integer"): "true",
    ("date", "date"): f"{{c}} {_DAYS}",
    ("date", "timestamp"): f"{{c}} {_DAYS} AND {{c}} = date_trunc('day', {{c}})",
    ("date", "text"): f"regexp_full_match({{c}}, {_ISO})",
    ("boolean", "boolean"): "true",
    ("boolean", "integer"): "{c} IN (0, 1)",
    ("boolean", "text"): "lower({c}) IN ('true', 'false', '0', '1')",
    ("integer", "integer"): "true",
    ("integer", "fraction"): "{c} = trunc({c})",
    ("integer", "text"): f"regexp_full_match({{c}}, {_INTEGER})",
    ("decimal", "integer"): "true",
    ("decimal", "fraction"): "true",
    ("decimal", "text"): f"regexp_full_match({{c}}, {_DECIMAL})",
}
_TARGETS: Final = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18, 6)",
}

_WANTED: Final = {"identifier": "code", "category": "code", "duration": "integer"}
_THERE: Final = (
    (r"VARCHAR|ENUM\(.*\)", "text"),
    (r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER", "integer"),
    (r"FLOAT|DOUBLE|DECIMAL\(.*\)", "fraction"),
    (r"DATE", "date"),
    (r"TIMESTAMP(_S|_MS|_NS)?", "timestamp"),
    (r"BOOLEAN", "boolean"),
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one column is read.  value: SQL that converts or fails.  bad: SQL that is true where it would fail."""

    column: SourceColumn
    value: str
    bad: str


def _reading(column: SourceColumn, physical: tuple[str, str]) -> _Reading | None:
    """None where no value of the physical type could be of the declared one."""
    c, kind = physical
    wanted = _WANTED.get(column.type.kind, column.type.kind)
    there = next((name for pattern, name in _THERE if re.fullmatch(pattern, kind, re.DOTALL)), "other")
    rule = _RULES.get((wanted, there))
    if rule is None:
        return None
    if kind.startswith("ENUM"):
        c = f"CAST({c} AS VARCHAR)"
    if there == "text":
        for mark in column.marks:
            c = f"nullif({c}, {literal(mark)})"
    allowed, target = rule.replace("{c}", c), _TARGETS[wanted]
    value = f"CAST({c} AS {target})"
    if allowed != "true":
        value = f"CASE WHEN {c} IS NULL THEN NULL WHEN {allowed} THEN {value} ELSE error('') END"
    bad = f"{c} IS NOT NULL AND NOT coalesce({allowed} AND TRY_CAST({c} AS {target}) IS NOT NULL, false)"
    return _Reading(column, value, bad)


def _load_table(
    session: Session, reader: Session, private: Path, table: SourceTable, found: _Physical, fail: Fail
) -> list[Diagnostic]:
    """Make source.TABLE of the declared columns.  Returns the faults of its values."""
    name = f"{SCHEMA}.{quoted(table.physical)}"
    readings: list[_Reading] = []
    unfit: list[Diagnostic] = []
    for column in table.columns:
        reading = _reading(column, found.columns[column.physical])
        if reading is None:
            unfit.append(_mismatch(table, column))
        else:
            readings.append(reading)
    if unfit:
        return unfit
    select = ", ".join(f"{r.value} AS {quoted(r.column.physical)}" for r in readings) or "NULL AS nothing"
    select = f"SELECT {select} FROM {found.relation}"  # noqa: S608  # quoted above
    try:
        if reader is session:
            session.run(f"CREATE TABLE {name} AS {select}")
        else:
            _bring_over(session, reader, private, name, select)
    except Stopped as stopped:
        return _what_is_wrong(reader, table, found, readings, stopped, fail)
    required = [column for column in table.columns if not column.nullable]
    nulls = _flags(session, name, [f"{quoted(column.physical)} IS NULL" for column in required])
    return [faults.null_found(table.physical, c.physical) for c, null in zip(required, nulls, strict=True) if null]


def _bring_over(session: Session, reader: Session, private: Path, name: str, select: str) -> None:
    """Through a file in the reader's spill directory, the one place that a sealed session can write to."""
    passage = private / _READER / "passage.parquet"
    passage.parent.mkdir(mode=0o700, exist_ok=True)
    reader.run(f"COPY ({select}) TO {literal(str(passage))} (FORMAT parquet, COMPRESSION lz4)")
    session.run(f"CREATE TABLE {name} AS FROM read_parquet({literal(str(passage))}, hive_partitioning = false)")
    passage.unlink()


def _mismatch(table: SourceTable, column: SourceColumn) -> Diagnostic:
    return faults.type_mismatch(table.physical, column.physical, column.type.kind)


def _what_is_wrong(
    reader: Session, table: SourceTable, found: _Physical, readings: list[_Reading], stopped: Stopped, fail: Fail
) -> list[Diagnostic]:
    """Why a load stopped: values of some columns, or the file itself."""
    if stopped.trouble == "memory":
        return list(fail(table.physical, stopped).diagnostics)
    try:
        flags = _flags(reader, found.relation, [reading.bad for reading in readings])
    except Stopped as again:
        if again.trouble == "memory":
            return list(fail(table.physical, again).diagnostics)
        return [faults.malformed(table.physical)]
    wrong = [_mismatch(table, reading.column) for reading, bad in zip(readings, flags, strict=True) if bad]
    return wrong or [faults.malformed(table.physical)]


def _flags(session: Session, relation: str, conditions: list[str]) -> list[bool]:
    """For each condition whether any row meets it."""
    if not conditions:
        return []
    select = ", ".join(f"coalesce(bool_or({condition}), false)" for condition in conditions)
    ((*flags,),) = session.rows(f"SELECT {select} FROM {relation}")  # noqa: S608  # quoted by the callers
    return flags
