"""Copies the declared columns of the declared tables into temporary tables, each checked against its declared type.

One scan finds out which columns do not fit, and only their names are told; a second one converts.  Both see the data as
they were when the transaction began.  Text comes with the collation "C": it is compared by code point in every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from studyspec.engine import faults
from studyspec.engine.postgres_session import Session, quoted
from studyspec.engine.stopped import Stopped
from studyspec.source import Diagnostic, EngineFailed
from studyspec.sql.script import SourceColumn, SourceTable

Fail = Callable[[str, Stopped], EngineFailed]
Tell = Callable[[str], None]

#: The name that a script reads a physical table by.
SOURCE: Final = "source.{}"

_TABLES: Final = """
select c.relname::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
#: A domain is read as what it is made of.
_COLUMNS: Final = """
select a.attname::text, case when t.typtype = 'e' then 'enum' else coalesce(b.typname, t.typname)::text end
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type as t on t.oid = a.atttypid left join pg_type as b on b.oid = t.typbasetype
where n.nspname = %s and c.relname = %s
"""

_ISO = "'^([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}$'"
#: Programs that know no missing whole number write `7.0` for 7.
_INTEGER = r"'^[+-]?[0-9]{1,19}(\.0{0,9})?$'"
_DECIMAL = r"'^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$'"
_DAYS = "between date '0001-01-01' and date '9999-12-31'"

#: (what is wanted, what is there) -> which values {c} may be converted at all.  A pair that is not here never fits.
#: PostgreSQL's own casts are wider than we want: 1.6 is 2 as a whole number, `infinity` is a date, NaN a decimal.
_RULES: Final = {
    ("text", "text"): "true",
    ("text", "integer"): "true",
    ("text", "date"): "true",
    ("text", "boolean"): "true",
    ("code", "text"): "true",
    ("code", "integer"): "true",
    ("date", "date"): f"{{c}} {_DAYS}",
    ("date", "timestamp"): f"{{c}} {_DAYS} and {{c}} = date_trunc('day', {{c}})",
    ("date", "text"): f"{{c}} ~ {_ISO}",
    ("boolean", "boolean"): "true",
    ("boolean", "integer"): "{c} in (0, 1)",
    ("boolean", "text"): "lower({c}) in ('true', 'false', '0', '1')",
    ("integer", "integer"): "true",
    ("integer", "fraction"): "{c} = trunc({c}) and {c} <> 'NaN'",
    ("integer", "text"): f"{{c}} ~ {_INTEGER}",
    ("decimal", "integer"): "true",
    ("decimal", "fraction"): "{c} <> 'NaN'",
    ("decimal", "text"): f"{{c}} ~ {_DECIMAL}",
}
_TARGETS: Final = {
    "text": 'cast({c} as text) collate "C"',
    "code": 'cast({c} as text) collate "C"',
    "date": "cast({c} as date)",
    "boolean": "cast({c} as boolean)",
    "integer": "cast({c} as bigint)",
    "decimal": "cast({c} as decimal(18, 6))",
}
_WANTED: Final = {"identifier": "code", "category": "code", "duration": "integer"}
_THERE: Final = {
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "enum"), "text"),
    **dict.fromkeys(("int2", "int4", "int8"), "integer"),
    **dict.fromkeys(("numeric", "float4", "float8"), "fraction"),
    "date": "date",
    "timestamp": "timestamp",
    "bool": "boolean",
}


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one column is read.  there: SQL of what is there, null where it stands for null.
    value: SQL that converts or fails.  allowed: SQL that is true where it may.
    """

    column: SourceColumn
    name: str
    there: str
    value: str
    allowed: str


def load(session: Session, tables: tuple[SourceTable, ...], schema: str, fail: Fail, tell: Tell) -> None:
    """Fill the temporary tables `source.TABLE`.  Raises EngineFailed with every fault of its kind, Stopped."""
    present = {name for (name,) in session.rows(_TABLES, [schema])}
    missing = [faults.missing_table(t.physical, present) for t in tables if t.physical not in present]
    if missing:
        raise EngineFailed(*missing)
    found = {t.physical: dict(session.rows(_COLUMNS, [schema, t.physical])) for t in tables}
    absent = [
        faults.missing_column(table.physical, column.physical, found[table.physical])
        for table in tables
        for column in table.columns
        if column.physical not in found[table.physical]
    ]
    if absent:
        raise EngineFailed(*absent)
    wrong: list[Diagnostic] = []
    for table in tables:
        tell(table.physical)
        wrong += _load_table(session, schema, table, found[table.physical], fail)
    if wrong:
        raise EngineFailed(*wrong)


def _load_table(
    session: Session, schema: str, table: SourceTable, types: dict[str, str], fail: Fail
) -> list[Diagnostic]:
    """Make one temporary table.  Returns the faults of its values."""
    readings = [_reading(column, types[column.physical]) for column in table.columns]
    unfit = [_mismatch(table, c) for c, reading in zip(table.columns, readings, strict=True) if reading is None]
    if unfit:
        return unfit
    known = [reading for reading in readings if reading is not None]
    relation = f"{quoted(schema)}.{quoted(table.physical)}"
    wrong = _misfits(session, relation, table, known)
    if wrong:
        return wrong
    values = ", ".join(f"{reading.value} as {quoted(reading.name)}" for reading in known) or "null as nothing"
    name = quoted(SOURCE.format(table.physical))
    try:
        session.run("savepoint loading")
        session.run(f"create temporary table {name} as select {values} from {relation}")  # noqa: S608  # quoted
        session.run(f"analyze {name}")
    except Stopped as stopped:
        if stopped.trouble != "cast":
            return list(fail(table.physical, stopped).diagnostics)
        session.run("rollback to savepoint loading")
    else:
        return []
    # Some value passed its pattern and is none all the same: 30 February, or a number beyond the type.
    bad = [reading for reading in known if isinstance(_converted(session, relation, reading), Stopped)]
    return [_mismatch(table, reading.column) for reading in bad] or [faults.cast_failed(table.physical)]


def _reading(column: SourceColumn, kind: str) -> _Reading | None:
    """None where no value of the physical type could be of the declared one."""
    wanted = _WANTED.get(column.type.kind, column.type.kind)
    there = _THERE.get(kind, "other")
    rule = _RULES.get((wanted, there))
    if rule is None:
        return None
    c = quoted(column.physical)
    if there == "text":
        c = f"cast({c} as text)"
        for mark in column.marks:
            c = f"nullif({c}, {_text(mark)})"
    allowed = rule.replace("{c}", c)
    if (wanted, there) == ("boolean", "text"):
        value = f"lower({c}) in ('true', '1')"
    elif (wanted, there) == ("boolean", "integer"):
        value = f"{c} = 1"
    elif (wanted, there) == ("integer", "text"):
        value = f"cast(cast({c} as numeric) as bigint)"
    else:
        value = _TARGETS[wanted].replace("{c}", c)
    if allowed != "true":
        value = f"case when {allowed} then {value} end"
    return _Reading(column, column.physical, c, value, allowed)


def _text(mark: str) -> str:
    return "'" + mark.replace("'", "''") + "'"


def _misfits(session: Session, relation: str, table: SourceTable, readings: list[_Reading]) -> list[Diagnostic]:
    """Columns with a value that may not be converted, and columns that miss values they must have."""
    if not readings:
        return []
    tests = [f"{r.there} is not null and not coalesce({r.allowed}, false)" for r in readings]
    tests += [f"{r.there} is null" for r in readings if not r.column.nullable]
    select = ", ".join(f"coalesce(bool_or({test}), false)" for test in tests)
    ((*flags,),) = session.rows(f"select {select} from {relation}")  # noqa: S608  # quoted by the caller
    unfit, null = flags[: len(readings)], flags[len(readings) :]
    if any(unfit):
        return [_mismatch(table, r.column) for r, bad in zip(readings, unfit, strict=True) if bad]
    required: Iterable[SourceColumn] = (r.column for r in readings if not r.column.nullable)
    return [faults.null_found(table.physical, c.physical) for c, bad in zip(required, null, strict=True) if bad]


def _converted(session: Session, relation: str, reading: _Reading) -> object:
    """Stopped where some value of a column does not convert."""
    return session.tried(lambda: session.rows(f"select count({reading.value}) from {relation}"))  # noqa: S608  # quoted


def _mismatch(table: SourceTable, column: SourceColumn) -> Diagnostic:
    return faults.type_mismatch(table.physical, column.physical, column.type.kind)
