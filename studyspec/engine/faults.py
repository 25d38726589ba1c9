"""Everything that can go wrong while a script runs, one function per variant.  Each code has a page in docs/errors.

No message holds a value, a row number or a count: names of tables, columns and steps only.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from studyspec import calendar
from studyspec.source import Diagnostic


def _near(word: str, words: Iterable[str], otherwise: str) -> str:
    """Names of physical tables and columns are not personal data: near ones may be shown."""
    near = get_close_matches(word, sorted(set(words)), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(f'`{n}`' for n in near)}?  Names must match exactly." if near else otherwise


# --- the data --------------------------------------------------------------------------------------------------------


def unreadable_data(site: str, what: str, path: str) -> Diagnostic:
    return Diagnostic(
        "data-unreadable",
        f"There is no {what} {path} to read the data of the site `{site}` from.",
        remedy="Check `path` and `kind` of the site's connection, or what --data says, and that you may read it.",
    )


def missing_table(table: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "data-missing-table",
        f"The data hold no table `{table}`.",
        remedy=_near(table, known, "The binding names it: check the binding against what was delivered."),
    )


def table_outside(table: str) -> Diagnostic:
    return Diagnostic(
        "data-outside-folder",
        f"The file of the table `{table}` does not lie in the data folder itself.",
        remedy="Put the file in the folder: a link that leads out of it is not followed.",
    )


def missing_column(table: str, column: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "data-missing-column",
        f"The table `{table}` holds no column `{column}`.",
        remedy=_near(column, known, "The binding names it: check the binding against what was delivered."),
    )


def type_mismatch(table: str, column: str, expected: str) -> Diagnostic:
    return Diagnostic(
        "data-type-mismatch",
        f"The column `{table}.{column}` does not hold {_KINDS.get(expected, expected)} throughout.",
        remedy="No value is shown here: look for those that are none yourself.  Mend them, or name what stands for a "
        "missing value in `nulls` of the column's binding.",
    )


_KINDS = {
    "date": "dates (YYYY-MM-DD)",
    "integer": "whole numbers",
    "duration": "whole numbers of days",
    "decimal": "decimal numbers",
    "boolean": "true and false",
    "text": "text",
    "code": "codes, as text or whole numbers",
    "identifier": "identifiers, as text or whole numbers",
    "category": "text",
}


def null_found(table: str, column: str) -> Diagnostic:
    return Diagnostic(
        "data-null",
        f"The column `{table}.{column}` has missing values, and the model says that it has none.",
        remedy="Mend the extract; or write `nullable: true` at the column in the model; or say in the binding what a "
        "missing value means, `null_code: …`.",
    )


def duplicate_key(table: str) -> Diagnostic:
    return Diagnostic(
        "data-duplicate-key",
        f"The table `{table}` holds two rows for the same entity, and the model says that it has one for each.",
        remedy="Mend the extract, or let the binding's `where` pick the rows that count.",
    )


def day_extreme(table: str, column: str) -> Diagnostic:
    first, last = calendar.FIRST_RECKONED.year, calendar.LAST_RECKONED.year
    return Diagnostic(
        "data-day-extreme",
        f"The column `{table}.{column}` holds days outside the years {first} to {last}.",
        remedy="Such a day mostly stands for `not yet` or `not known`: name it among the column's `nulls` in the "
        "binding.",
    )


def malformed(table: str) -> Diagnostic:
    return Diagnostic(
        "data-malformed",
        f"The file of the table `{table}` is damaged, or not built as its kind must be.",
        remedy="A CSV file is UTF-8, separated by commas, one record per line with as many fields as its header has, "
        "and one kind of line end throughout; deliver the extract again.",
    )


def outside_model(cube: str, dimension: str) -> Diagnostic:
    return Diagnostic(
        "data-outside-model",
        f"The data hold a value of `{dimension}` that its declaration does not list (counting `{cube}`).",
        remedy="Complete the code list or the bands, or map the value in the binding.",
    )


# --- the engine ------------------------------------------------------------------------------------------------------


def failed(step: str) -> Diagnostic:
    return Diagnostic(
        "engine-failed",
        f"The database stopped at `{step}`.",
        remedy="What it said may quote a row and is not shown; the steward can run the script up to this step by hand.",
    )


def out_of_memory(step: str, limit: str) -> Diagnostic:
    return Diagnostic(
        "engine-memory",
        f"The database ran out of memory or spill space at `{step}`, with a limit of {limit}.",
        remedy="Raise `memory_limit` of the site, or free space on its disk.",
    )


def server_out_of_memory(step: str) -> Diagnostic:
    return Diagnostic(
        "engine-memory",
        f"The database server ran out of memory, disk or connections at `{step}`.",
        remedy="Ask its administrator: the limits are the server's own.",
    )


def server_silent(site: str) -> Diagnostic:
    return Diagnostic(
        "data-unreadable",
        f"The database server of the site `{site}` did not let the engine in.",
        remedy="Check the connection, and that your account may use it: try `psql` with the same settings.",
    )


def driver_missing() -> Diagnostic:
    return Diagnostic(
        "engine-driver-missing",
        "The driver for PostgreSQL is not installed.",
        remedy="Install studyspec with it: `pip install 'studyspec[postgresql]'`.",
    )


def cast_failed(step: str) -> Diagnostic:
    return Diagnostic(
        "engine-cast",
        f"A value met at `{step}` cannot be turned into the type the step needs.",
        remedy="Check the binding of the columns this step reads: a number or a date is beyond what can be computed.",
    )


def unknown_engine(dialect: str, kind: str) -> Diagnostic:
    return Diagnostic(
        "engine-unknown",
        f"A script written for `{dialect}` cannot run on a connection of kind `{kind}`.",
        remedy="Compile the study for the dialect of the site.",
    )


def statement_refused(step: str) -> Diagnostic:
    return Diagnostic(
        "engine-statement",
        f"The statement `{step}` does more than select from the declared tables into a temporary one.",
        remedy="Only scripts made by the compiler run; if this one was, please report it.",
    )


def cube_broken(cube: str) -> Diagnostic:
    return Diagnostic(
        "engine-cube",
        f"The cube `{cube}` did not come out as the plan says.",
        remedy="This is a fault of the program: please report it with the study, without any data.",
    )


def no_workspace() -> Diagnostic:
    return Diagnostic(
        "engine-workspace",
        "The engine cannot make its private directory in the site's folder `state`.",
        remedy="Let the account that runs studies write there, and no one else.",
    )


def not_wiped(place: str) -> Diagnostic:
    return Diagnostic(
        "engine-not-wiped",
        f"The engine's private directory {place} could not be removed.",
        remedy="It may hold personal data: remove it now.",
    )


def key_missing(site: str) -> Diagnostic:
    return Diagnostic(
        "site-key-missing",
        f"The site `{site}` has no readable key for its membership sets.",
        remedy="The key is made by the first run; restore it from the steward's backup if releases were made before.",
    )


def key_unusable(site: str) -> Diagnostic:
    return Diagnostic(
        "site-key-unusable",
        f"The key of the site `{site}` is not 32 bytes long.",
        remedy="Restore it from the steward's backup: with another key, earlier releases cannot be compared.",
    )
