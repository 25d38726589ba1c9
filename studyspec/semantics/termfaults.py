"""What can be wrong with cases, times of the data, links to other entities, and spells.  See also `faults`."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.semantics.phrases import a
from studyspec.source import Diagnostic, Related, Severity, Span

# --- times -----------------------------------------------------------------------------------------------------------


def that_day(span: Span) -> Diagnostic:
    return Diagnostic(
        "that-day-outside-state",
        "`that day` is the day that a state is asked of, and no state is asked here.",
        span,
        "Use `index`, or move the condition to a level of a `state`.",
    )


# --- other entities --------------------------------------------------------------------------------------------------


def link_missing(span: Span, entity: str, places: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "link-missing",
        f"Nothing here leads to {a(entity)}: no column of {' or '.join(f'`{p}`' for p in places)} identifies one.",
        span,
        f"Ask for it in the condition of a row query whose rows name {a(entity)}.",
    )


def link_ambiguous(span: Span, entity: str, columns: Iterable[str]) -> Diagnostic:
    found = " and ".join(f"`{c}`" for c in sorted(columns))
    return Diagnostic(
        "link-ambiguous",
        f"It is not clear which {entity} is meant: {found} each identify one.",
        span,
        "Ask about an entity that only one column leads to.",
    )


def value_undated(span: Span, column: str, table: str, shape: str) -> Diagnostic:
    at = f"`{column} of {table} at index`, or " if shape == "spells" else ""
    return Diagnostic(
        "value-undated",
        f"`{table}` holds many rows of one entity, and it is not said which of them is meant.",
        span,
        f"Write {at}`last {column} of {table} before index`.",
    )


# --- cohorts ---------------------------------------------------------------------------------------------------------


def cohort_question(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "unknown-name",
        f"A cohort such as `{name}` is asked about with `member of`.",
        span,
        f"Write `member of {name}`.",
    )


def cohort_of_other_entity(span: Span, cohort: str, entity: str, needed: str) -> Diagnostic:
    return Diagnostic(
        "cohort-of-other-entity",
        f"`{cohort}` is a cohort of {entity}, and no {needed} is in it.",
        span,
        f"Ask about a cohort of {needed}.",
    )


# --- cases -----------------------------------------------------------------------------------------------------------


def case_order(span: Span) -> Diagnostic:
    return Diagnostic(
        "case-order", "`otherwise` takes all that is left, so it stands last.", span, "Move it after the other cases."
    )


def case_twice(span: Span, name: str, first: Span) -> Diagnostic:
    return Diagnostic(
        "case-twice",
        f"The case `{name}` is given twice.",
        span,
        "Join their conditions with `or`.",
        (Related(first, "first given here"),),
    )


# --- codes -----------------------------------------------------------------------------------------------------------


def no_levels(span: Span, codelist: str) -> Diagnostic:
    return Diagnostic(
        "list-without-levels",
        f"The code list {codelist} has no levels: no code of it lies below another.",
        span,
        f'Name the codes: `in ("…", "…")`, or a group of the list: `in {codelist} group "…"`.',
    )


# --- spells ----------------------------------------------------------------------------------------------------------


def spells_needed(span: Span, table: str, shape: str) -> Diagnostic:
    return Diagnostic(
        "spells-needed",
        f"`{table}` holds {shape}, and spells are made of days from a start to an end.",
        span,
        "Name a table of spells, or other named spells.",
    )


def spells_of_two(span: Span, entity: str, other: str) -> Diagnostic:
    return Diagnostic(
        "spells-of-two-entities",
        f"Days of {a(entity)} cannot be put together with days of {a(other)}.",
        span,
        f"Use tables whose rows belong to {a(entity)}.",
    )


def spells_relative(span: Span) -> Diagnostic:
    return Diagnostic(
        "spells-relative",
        "Named spells are the same whatever the index is, and this depends on the index.",
        span,
        "Leave it out here, and ask about the index where the spells are used.",
    )


def spells_without_end(span: Span, table: str, end: str) -> Diagnostic:
    return Diagnostic(
        "spells-without-end",
        f"Spells of `{table}` can be open, and the model does not say how far its data go: open ones would never end.",
        span,
        f"Keep those that have ended, `{table} with {end} is known`, or have the coverage of the table declared.",
    )


def spells_by_clock(span: Span, table: str, unit: str) -> Diagnostic:
    return Diagnostic(
        "spells-by-clock",
        f"`{table}` counts {unit}s since an origin, and spells are days of the calendar here.",
        span,
        "Name a table of spells with dates.",
    )


def rows_by_clock(span: Span, table: str, unit: str) -> Diagnostic:
    return Diagnostic(
        "rows-by-clock",
        f"`{table}` counts {unit}s since an origin, and rows are asked about by days of the calendar.",
        span,
        "Follow-up may be recorded in such a table; to ask about its rows, bind its numbers as dates with `counted`.",
    )


def code_unlike(span: Span, code: str, codelist: str, near: str, label: str) -> Diagnostic:
    called = f" ({label})" if label else ""
    return Diagnostic(
        "code-unlike",
        f'"{code}" is not among the codes that {codelist} lists, and looks like "{near}"{called}, which is.',
        span,
        f'Write "{near}" if it is meant: "{code}" will mostly select nobody.',
        severity=Severity.WARNING,
    )


def gap_unit(span: Span, unit: str) -> Diagnostic:
    return Diagnostic(
        "gap-unit",
        f"A {unit} has no fixed number of days, so a gap cannot be measured in it.",
        span,
        "Write the gap in days or weeks: `merged within 30 days`.",
    )
