"""The public files of a release, as bytes.  The same tables give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from studyspec.estimate.render import one_line, text, width
from studyspec.estimate.types import HIDDEN, Table, Value
from studyspec.estimate.words import word

#: The column that marks every row of made-up data as such.
MARK_COLUMN, MARK = "data", "synthetic"


class Place(Protocol):
    @property
    def element(self) -> str: ...
    @property
    def first_line(self) -> int: ...
    @property
    def last_line(self) -> int: ...


class SqlScript(Protocol):
    """What a release needs to know of a script; `studyspec.sql.script.Script` is one."""

    @property
    def text(self) -> str: ...
    @property
    def dialect(self) -> str: ...
    @property
    def study(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def places(self) -> Sequence[Place]: ...


# --- CSV (RFC 4180) --------------------------------------------------------------------------------------------------


def csv(table: Table, synthetic: bool) -> bytes:
    """Header and rows, lines ended with CR LF, hidden numbers as `..`, numbers with a decimal point and no groups."""
    head = [c.name for c in table.columns] + [MARK_COLUMN] * synthetic
    rows = [[_csv_value(v) for v in row] + [MARK] * synthetic for row in table.rows]
    lines = (",".join(_csv_quoted(field) for field in row) + "\r\n" for row in [head, *rows])
    return "".join(lines).encode()


def _csv_value(value: Value) -> str:
    if value is None:
        return HIDDEN
    if isinstance(value, str):
        # Spreadsheets take a cell that begins like a formula for one.
        return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
    return f"{value:f}" if isinstance(value, Decimal) else repr(value)


def _csv_quoted(field: str) -> str:
    return (
        '"' + field.replace('"', '""') + '"' if any(c in field for c in '",\r\n') or field != field.strip() else field
    )


# --- Parquet ---------------------------------------------------------------------------------------------------------


def parquet(table: Table, synthetic: bool, path: Path) -> None:
    """Write the table as Parquet: hidden numbers are null, rows in the table's order, no metadata beside the schema."""
    import duckdb

    types = {
        "key": "VARCHAR",
        "label": "VARCHAR",
        "count": "BIGINT",
        "percent": "DECIMAL(9,1)",
        "risk": "DOUBLE",
        "number": "DOUBLE",
    }
    columns = [(c.name, types[c.kind]) for c in table.columns]
    if synthetic:
        columns.append((MARK_COLUMN, "VARCHAR"))
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "threads": "1",
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        declared = ", ".join(f"{_name(name)} {kind}" for name, kind in columns)
        connection.execute(f"CREATE TABLE result ({declared})")
        result = connection.table("result")
        for row in table.rows:
            values = [_parquet_value(v, c.kind) for v, c in zip(row, table.columns, strict=True)] + [MARK] * synthetic
            result.insert(values)
        target = str(path).replace("'", "''")
        connection.execute("COPY result TO '" + target + "' (FORMAT parquet, COMPRESSION zstd)")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parquet_value(value: Value, kind: str) -> object:
    if value == "" and kind not in ("key", "label"):
        return None
    return float(value) if kind in ("risk", "number") and isinstance(value, Decimal) else value


# --- figures ---------------------------------------------------------------------------------------------------------


def figures(tables: Sequence[Table]) -> dict[str, bytes]:
    """The figures of those tables that have one, by file name: a table may be there in several languages."""
    from studyspec.figures import draw

    drawn = {f"{table.name}.{table.language}.svg": draw(table) for table in tables}
    return {name: content for name, content in drawn.items() if content is not None}


# --- text, SQL, JSON -------------------------------------------------------------------------------------------------


def results(title: str, study: str, version: str, tables: Sequence[Table], language: str, synthetic: bool) -> bytes:
    """All tables as one text, for reading."""
    head = [one_line(title), f"{study} {version}"]
    if synthetic:
        head.append(word("synthetic", language))
    rule = "═" * max(width(line) for line in head)
    return "\n\n".join(["\n".join([*head, rule]), *(text(t).rstrip() for t in tables)]).encode() + b"\n"


def sql(script: SqlScript, synthetic: bool) -> bytes:
    """The script as it was run; made-up data are marked after its last line, so that every line keeps its number."""
    ending = "" if script.text.endswith("\n") else "\n"
    return (script.text + (ending + "-- Run on synthetic data.\n" if synthetic else "")).encode()


def sql_map(script: SqlScript, synthetic: bool) -> bytes:
    """Which lines of the SQL each element of the study became."""
    places = [{"element": p.element, "first_line": p.first_line, "last_line": p.last_line} for p in script.places]
    found: dict[str, object] = {
        "study": script.study, "meaning": script.meaning, "dialect": script.dialect, "elements": places,
    }  # fmt: skip
    return json_bytes({**found, MARK_COLUMN: MARK} if synthetic else found)


def json_bytes(value: Mapping[str, object]) -> bytes:
    import json

    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
