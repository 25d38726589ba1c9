"""What can be wrong when a plan becomes SQL: one function per fault, each with a page in docs/errors."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.source import Diagnostic


def dialect_unknown(name: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "dialect-unknown",
        f"There is no SQL dialect called `{name}`.",
        remedy="Choose one of: " + ", ".join(f"`{one}`" for one in known) + ".",
        expected=tuple(known),
    )


def not_bound(binding: str, what: str) -> Diagnostic:
    """what: a table, or `table.column`."""
    return Diagnostic(
        "not-bound",
        f"The study reads {what}, and the binding `{binding}` does not say where that is.",
        remedy="Ask the data steward to bind it, or leave it out of the study.",
    )


def binding_value(binding: str, column: str, type_: str) -> Diagnostic:
    """column: `table.column`.  The value itself is not repeated: it may come from data."""
    return Diagnostic(
        "binding-value",
        f"A rule of the binding `{binding}` for {column} names a value that is no {type_}.",
        remedy=f"Write the value as a {type_}; dates are written YYYY-MM-DD.",
    )


def name_too_long(name: str, database: str, limit: int) -> Diagnostic:
    return Diagnostic(
        "dialect-name-too-long",
        f"The SQL would need the name `{name}`, and {database} cuts names after {limit} bytes.",
        remedy="Give the element or the table a shorter name.",
    )
