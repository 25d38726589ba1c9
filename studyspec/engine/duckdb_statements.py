"""Which statements may run: selects, and temporary tables and views made from selects, by DuckDB's own parser.

The lock-down of the session already stands between a script and the disk.  This is the second wall, and the one that
keeps a script to the declared columns of the declared tables: what is not on a list here does not run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from studyspec.engine import faults
from studyspec.engine.duckdb_session import Session, quoted
from studyspec.engine.stopped import Stopped
from studyspec.source import Diagnostic, EngineFailed
from studyspec.sql.script import Script, Statement

#: The schema that holds the declared tables.
SCHEMA: Final = "source"

_GAP = r"(?:\s|--[^\n]*\n|/\*(?:[^*/]|\*(?!/)|/(?!\*))*\*/)"
_NAME = r'(?:[A-Za-z_][A-Za-z0-9_]*|"(?:[^"]|"")+")'
_CREATE = re.compile(
    rf"{_GAP}*CREATE{_GAP}+(?:TEMP|TEMPORARY){_GAP}+(?P<what>TABLE|VIEW){_GAP}+(?P<name>{_NAME}){_GAP}+AS(?=[\s(/-])",
    re.IGNORECASE,
)

#: Everything in a parsed select that has a `type` and is no expression.
_NODES: Final = frozenset(
    {
        *("SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE", "RECURSIVE_CTE_NODE"),
        *("BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"),
        *("ORDER_MODIFIER", "DISTINCT_MODIFIER", "LIMIT_MODIFIER"),
        *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
    }
)
_TABLE_FUNCTIONS: Final = frozenset({"range", "generate_series", "unnest"})


def checked(script: Script, session: Session) -> tuple[str, ...]:
    """The SQL of each statement, rebuilt from the parts that were checked; "" for the preview, which is not run.

    Every statement is checked before any runs.  Raises EngineFailed (engine-statement) with every fault.
    """
    known = {table.physical for table in script.sources}
    made: set[str] = set()
    result: list[str] = []
    wrong: list[Diagnostic] = []
    for statement in script.statements:
        sql = _checked(statement, session, known, made)
        if sql is None or (statement.kind != "preview" and statement.name in made):
            wrong.append(faults.statement_refused(statement.name))
        made.add(statement.name)
        result.append(sql or "")
    if wrong:
        raise EngineFailed(*wrong)
    return tuple(result)


def _checked(statement: Statement, session: Session, known: set[str], made: set[str]) -> str | None:
    """The statement as it shall run, or None where it may not."""
    prefix, select = "", statement.sql
    if statement.kind != "preview":
        head = _CREATE.match(statement.sql)
        if head is None or _unquoted(head["name"]) != statement.name:
            return None
        # The head is written anew: what runs is this and a text that DuckDB's parser takes for a single select.
        prefix = f"CREATE TEMPORARY {head['what'].upper()} {quoted(statement.name)} AS\n"
        select = statement.sql[head.end() :]
    parsed = _parse(select, session)
    if parsed is None or not _harmless(parsed, known, made):
        return None
    return "" if statement.kind == "preview" else prefix + select


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _parse(select: str, session: Session) -> Any:
    """The tree DuckDB's parser makes of one select, or None for anything else."""
    try:
        ((text,),) = session.rows("SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)", [select])
        parsed = json.loads(text)
    except (Stopped, RecursionError, ValueError):
        return None
    if parsed.get("error") is not False or len(parsed.get("statements", ())) != 1:
        return None
    return parsed


def _harmless(parsed: Any, known: set[str], made: set[str]) -> bool:
    """Whether a tree only selects, and only from declared tables, earlier steps and its own named parts."""
    nodes = list(_dicts(parsed))
    local = {
        entry["key"] for node in nodes if isinstance(node.get("cte_map"), dict) for entry in node["cte_map"]["map"]
    }
    for node in nodes:
        kind = node.get("type")
        if "class" in node or not isinstance(kind, str):
            continue
        if kind not in _NODES:
            return False
        if kind == "BASE_TABLE" and not _is_known(node, known, made | local):
            return False
        if kind == "TABLE_FUNCTION" and node["function"].get("function_name") not in _TABLE_FUNCTIONS:
            return False
    return True


def _is_known(table: dict[str, Any], known: set[str], steps: set[str]) -> bool:
    if table.get("catalog_name"):
        return False
    schema = table.get("schema_name")
    return table.get("table_name") in known if schema == SCHEMA else not schema and table.get("table_name") in steps


def _dicts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a tree, without recursion: a deep expression must not end in a traceback."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield node
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
