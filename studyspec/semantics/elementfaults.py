"""What can be wrong with cohorts, exposures, follow-up, outcomes and reports, apart from their expressions."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.semantics.phrases import a
from studyspec.source import Diagnostic, Span

# --- cohorts ---------------------------------------------------------------------------------------------------------


def no_index(span: Span, cohort: str) -> Diagnostic:
    return Diagnostic(
        "no-index",
        f"This speaks of the index, and the cohort `{cohort}` has none: it says `index none`.",
        span,
        "Give the cohort an index, such as `index at 2020-01-01`, or say it without the index.",
    )


def periods_unbounded(span: Span, unit: str) -> Diagnostic:
    return Diagnostic(
        "periods-unbounded",
        f"An index every {unit} needs a first and a last date.",
        span,
        f"Write two dates: `index every {unit} during [2019-01-01, 2020-12-31]`.",
    )


def too_many_periods(span: Span, unit: str, most: int) -> Diagnostic:
    return Diagnostic(
        "too-many-periods",
        f"This is more than {most:,} {unit}s.",
        span,
        "Take a shorter window or a longer period.",
    )


def cohort_of_other_entity(span: Span, cohort: str, entity: str, needed: str) -> Diagnostic:
    return Diagnostic(
        "cohort-of-other-entity",
        f"The cohort `{cohort}` is of {entity}, and this needs one of {needed}.",
        span,
        "Cohorts of one entity can be put together; what belongs to another is reached by its own rows.",
    )


def definition_of_other_entity(span: Span, name: str, entity: str, needed: str) -> Diagnostic:
    return Diagnostic(
        "definition-of-other-entity",
        f"`{name}` says something of {a(entity)}, and this place is about {a(needed)}.",
        span,
        f"Define it for {a(needed)} under a name of its own.",
    )


def never_the_same(span: Span, name: str, is_a: str, near: bool) -> Diagnostic:
    """near: whether such values have a distance."""
    instead = f"Say how far apart it may be, `{name} within 1`" if near else "Match on something else"
    return Diagnostic(
        "wrong-type",
        f"What is matched on must be the same, and `{name}` is a {is_a}.",
        span,
        f"{instead}, or put it in bands.",
    )


def no_distance(span: Span, name: str, is_a: str) -> Diagnostic:
    return Diagnostic(
        "wrong-type",
        f"Only numbers and dates lie so far apart, and `{name}` is a {is_a}.",
        span,
        f"Leave the distance out: matched on `{name}` is having the same.",
    )


def distance_without_unit(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "unit-missing",
        f"`{name}` is a date, and how far dates lie apart has a unit.",
        span,
        f"Say the unit: `{name} within {span.text} days`.",
    )


def distance_unit(span: Span, name: str, unit: str, date: bool) -> Diagnostic:
    """date: whether it is one, rather than a number."""
    return Diagnostic(
        "unit-not-fixed",
        f"A {unit} has no fixed number of days, so a distance cannot be measured in it.",
        span,
        "Write the distance in days or weeks." if date else f"Write the number alone: `{name} within 2`.",
    )


def distance_in_days(span: Span, name: str, is_a: str) -> Diagnostic:
    return Diagnostic(
        "type-mismatch",
        f"`{name}` ({is_a}) is not counted in days.",
        span,
        f"Write the number alone: `{name} within 2`.",
    )


def named_twice(span: Span, name: str) -> Diagnostic:
    return Diagnostic("named-twice", f"`{name}` stands here twice.", span, "Name it once.")


def time_twice(span: Span, before: str, days: int) -> Diagnostic:
    return Diagnostic(
        "named-twice", f"This time stands here twice: `{before}` is {days:,} days too.", span, "Name it once."
    )


def import_clash(span: Span, name: str, needed: str) -> Diagnostic:
    what = "the name is" if name == needed else f"it reads `{needed}`, whose name is"
    return Diagnostic(
        "import-clash",
        f"`{name}` cannot be imported: {what} used for something else in this study.",
        span,
        f"Give this study's own `{needed}` another name, or leave the import out.",
    )


# --- exposures and states --------------------------------------------------------------------------------------------


def clause_idle(span: Span, clause: str, why: str) -> Diagnostic:
    return Diagnostic("clause-idle", f"`{clause}` would do nothing here: {why}.", span, "Leave it out.")


# --- follow-up and outcomes ------------------------------------------------------------------------------------------


def clock_unknown(span: Span, table: str) -> Diagnostic:
    return Diagnostic(
        "clock-unknown",
        f"This is a number, and the model does not say what clock {table} counts by.",
        span,
        f"Add `clock` to the table {table} in the model, with its unit and what happened at 0; or use dates.",
    )


def data_end_unknown(span: Span, side: str, tables: Iterable[str]) -> Diagnostic:
    named = ", ".join(f"`{table}`" for table in sorted(tables))
    if not named:
        return Diagnostic(
            "data-end-unknown",
            f"Each table has its own {side} of data, and no table is meant here.",
            span,
            "Ask where a table is meant, `any TABLE during [start of data, index)`, or name a day.",
        )
    return Diagnostic(
        "data-end-unknown",
        f"This is the {side} of the data, and no coverage says where the data of {named} {side}.",
        span,
        "Let the `coverage` of the table in the model say from when to when its rows are complete, or name a day.",
    )


def recorded_start(span: Span) -> Diagnostic:
    return Diagnostic(
        "recorded-start",
        "Follow-up recorded by dates needs a start.",
        span,
        "Write `from COLUMN to COLUMN`; only time told by a clock can start at 0.",
    )


def not_recorded(span: Span) -> Diagnostic:
    return Diagnostic(
        "not-recorded",
        "`recorded` says how a recorded follow-up ended, and this study's is not recorded.",
        span,
        "Write `follow-up recorded in TABLE …`, or say which rows the outcome is found in: `first …`.",
    )


def recorded_needed(span: Span) -> Diagnostic:
    return Diagnostic(
        "recorded-needed",
        "Where follow-up is recorded, an outcome is how it ended.",
        span,
        'Write `recorded where …`, for instance `recorded where status = "1"`.',
    )


def competing_recurs(span: Span, name: str) -> Diagnostic:
    return Diagnostic(
        "competing-recurs",
        f"`{name}` can come more than once, and what competes ends the time at risk.",
        span,
        "Let the first such event compete: an outcome with `first`.",
    )


# --- reports ---------------------------------------------------------------------------------------------------------


def cohort_needed(span: Span, cohorts: Iterable[str]) -> Diagnostic:
    known = " or ".join(f"`in {name}`" for name in cohorts)
    return Diagnostic(
        "cohort-needed",
        "The study has several cohorts, and this report does not say which it is about.",
        span,
        f"Write {known}.",
    )


def trend_periods(span: Span, cohort: str) -> Diagnostic:
    return Diagnostic(
        "trend-periods",
        f"A trend goes from period to period, and the cohort `{cohort}` has no index in each.",
        span,
        "Give it a cohort with `index every month during [2019-01-01, 2020-12-31]`, or every quarter or year.",
    )


def one_breakdown(span: Span) -> Diagnostic:
    return Diagnostic(
        "one-breakdown",
        "A report is broken down by one thing.",
        span,
        "Keep one, and write the other as a report of its own; or define one variable that combines both.",
    )


def by_varying(span: Span, name: str, kind: str) -> Diagnostic:
    return Diagnostic(
        "by-varying",
        f"`{name}` varies over time, so that `report {kind}` has no one level to put a person under.",
        span,
        "Compare `risk` or `events` by it; for other reports, use an exposure with a window.",
    )


def recurring_outcome(span: Span, name: str, kind: str) -> Diagnostic:
    if kind == "risk":
        message = f"`{name}` can come more than once, and a risk is of coming at all."
        remedy = "Write `report events` for it, or an outcome with `first`."
    else:
        message = f"`{name}` comes once at most, and `report events` counts how often."
        remedy = "Write `report risk` for it, or an outcome with `every`."
    return Diagnostic("recurring-outcome", message, span, remedy)


def other_clock(span: Span, unit: str, clock: str) -> Diagnostic:
    return Diagnostic(
        "other-clock",
        f"Follow-up is recorded in whole {clock}s, and this time is in {unit}s.",
        span,
        f"Write the time in {clock}s.",
    )
