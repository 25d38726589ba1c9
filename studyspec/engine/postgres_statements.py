"""Which statements may run on PostgreSQL: selects, into temporary tables and views, from the steps before them.

The transaction is rolled back whatever happens, and the account should hold no right but to read: this is the wall that
keeps a script to the declared columns of the declared tables, and from functions that reach beyond the transaction.
"""

from __future__ import annotations

import re
from typing import Final

from studyspec.engine import faults
from studyspec.engine.postgres_session import Session, quoted
from studyspec.source import EngineFailed
from studyspec.sql.script import Statement

_NAME = r'(?:[a-z_][a-z0-9_]*|"(?:[^"]|"")+")'
_CREATE = re.compile(rf"\s*create temporary (?P<what>table|view) (?P<name>{_NAME}) as(?=\s)", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<gap>\s+|--[^\n]*(?:\n|$))|(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")+")|(?P<word>[^\W\d]\w*)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<sign><>|<=|>=|\|\||::|/(?!\*)|[-+*%=<>(),.\[\]])"""
)
#: Words that may stand before an opening parenthesis: functions that only compute, and the syntax of a select.
_BEFORE_PARENTHESIS: Final = frozenset(
    {
        *("coalesce", "least", "greatest", "nullif", "grouping", "cast", "extract", "abs", "div", "decimal", "varchar"),
        *("floor", "make_date"),
        *("count", "sum", "min", "max", "bool_and", "bool_or", "over", "filter"),
        *("row_number", "rank", "first_value", "lead", "lag", "md5"),
        *("select", "from", "join", "on", "where", "by", "sets", "having", "values", "with", "union", "all", "as"),
        *("and", "or", "not", "in", "any", "exists", "distinct", "when", "then", "else", "case", "between"),
    }
)
#: No select that only computes needs these; as names they are written in quotes.
_NEVER: Final = frozenset({"insert", "update", "delete", "merge", "into", "for", "copy", "returning", "table"})
#: The view that a select is made into before it runs, so that the server's own parser says what it refers to.
_PROBE: Final = "studyspec probe"
_STRANGERS: Final = """
select 1 from pg_depend as d join pg_rewrite as r on d.objid = r.oid
left join pg_class as c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
where d.classid = 'pg_rewrite'::regclass and r.ev_class = %s::regclass
and (d.refclassid = 'pg_proc'::regclass or c.relnamespace <> pg_my_temp_schema()) limit 1
"""


def checked(statement: Statement, session: Session) -> str:
    """The SQL to run; "" for the preview, which is not run.  Raises EngineFailed (engine-statement)."""
    prefix, select = "", statement.sql
    if statement.kind != "preview":
        head = _CREATE.match(statement.sql)
        if head is None or _unquoted(head["name"]) != statement.name:
            raise EngineFailed(faults.statement_refused(statement.name))
        # The head is written anew: what runs is this and a text that the server took for the select of a view.
        prefix = f"create temporary {head['what'].lower()} {quoted(statement.name)} as\n"
        select = statement.sql[head.end() :]
    if not _computes(select) or session.tried(lambda: _strangers(session, select)) is not False:
        raise EngineFailed(faults.statement_refused(statement.name))
    return "" if statement.kind == "preview" else prefix + select


def _strangers(session: Session, select: str) -> bool:
    """Whether a select refers to a table or function that is not of this transaction, nor the server's own."""
    session.run(f"create temporary view {quoted(_PROBE)} as\n{select}")
    return bool(session.rows(_STRANGERS, [quoted(_PROBE)]))


def _computes(select: str) -> bool:
    """Whether a text is made of known tokens, calls only listed functions, and names nothing of the server's own."""
    at, before = 0, ""
    while at < len(select):
        token = _TOKEN.match(select, at)
        if token is None:
            return False
        kind, text, glued = token.lastgroup, token.group(), at > 0 and select[at - 1].isalnum()
        at = token.end()
        if kind == "gap":
            continue
        word = _unquoted(text) if kind == "quoted" else text.lower()
        if kind in ("word", "quoted") and (word.startswith("pg_") or (kind == "word" and word in _NEVER)):
            return False
        # A letter right before a quote gives it another meaning: E'', U&"", B''.
        if kind in ("text", "quoted") and glued:
            return False
        if text == "(" and before and before not in _BEFORE_PARENTHESIS:
            return False
        before = word if kind == "word" else '"' if kind == "quoted" else ""
    return True


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
