"""Everything the semantics can find wrong, one function per variant.  Each code has a page in docs/errors.

Faults of design, of what conditions can mean, and of permits have modules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from studyspec import calendar
from studyspec.semantics.codefaults import bands_lack as bands_lack
from studyspec.semantics.codefaults import code_not_in_list as code_not_in_list
from studyspec.semantics.codefaults import without_quotes as without_quotes
from studyspec.semantics.designfaults import allow_refused as allow_refused
from studyspec.semantics.designfaults import before_coverage as before_coverage
from studyspec.semantics.designfaults import exposure_reads_follow_up as exposure_reads_follow_up
from studyspec.semantics.designfaults import follow_up_past_data as follow_up_past_data
from studyspec.semantics.designfaults import immortal_time as immortal_time
from studyspec.semantics.designfaults import last_known as last_known
from studyspec.semantics.designfaults import look_ahead as look_ahead
from studyspec.semantics.designfaults import looks_ahead_undated as looks_ahead_undated
from studyspec.semantics.designfaults import past_data as past_data
from studyspec.semantics.designfaults import unused_allow as unused_allow
from studyspec.semantics.permitfaults import direct_identifier as direct_identifier
from studyspec.semantics.permitfaults import not_bound as not_bound
from studyspec.semantics.permitfaults import permit_column as permit_column
from studyspec.semantics.permitfaults import permit_expired as permit_expired
from studyspec.semantics.permitfaults import permit_needed as permit_needed
from studyspec.semantics.permitfaults import permit_not_yet_valid as permit_not_yet_valid
from studyspec.semantics.permitfaults import permit_years as permit_years
from studyspec.semantics.phrases import a, alternatives, did_you_mean, listed, upper
from studyspec.source import Diagnostic, Related, Span

# --- names -----------------------------------------------------------------------------------------------------------


def unknown_name(
    span: Span,
    name: str,
    known: Iterable[str],
    what: str = "name",
    place: str = "Known here",
    shown: Iterable[str] | None = None,
) -> Diagnostic:
    """known: what can stand there.  shown: those of them to list where none is near; place: what they are said to be"""
    known = tuple(known)
    shown = known if shown is None else tuple(shown)
    return Diagnostic(
        "unknown-name",
        f"There is no name `{name}` here." if what == "name" else f"There is no {what} named `{name}`.",
        span,
        did_you_mean(name, known, f"{place}: {listed(name, shown)}." if shown else "There is none to name."),
    )


def name_means_else(span: Span, name: str, is_a: str, remedy: str) -> Diagnostic:
    return Diagnostic("name-means-else", f"`{name}` is {is_a}, which cannot stand here.", span, remedy)


def duplicate_name(span: Span, name: str, first: Span) -> Diagnostic:
    return Diagnostic(
        "duplicate-name",
        f"The name `{name}` is given twice.",
        span,
        "Give each element a name of its own; names that differ only in case count as the same.",
        (Related(first, "first given here"),),
    )


def name_taken(span: Span, name: str, is_a: str) -> Diagnostic:
    return Diagnostic(
        "name-taken", f"`{name}` is already {is_a} of the model.", span, "Choose another name for this element."
    )


def circular_definition(span: Span, name: str) -> Diagnostic:
    return Diagnostic("circular-definition", f"`{name}` is defined by itself.", span, "Define it by other names.")


def permit_unknown(span: Span, permit: str, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "permit-unknown",
        f'The site holds no permit "{permit}".',
        span,
        did_you_mean(permit, known, "Ask the site's steward to add the decision."),
    )


# --- values ----------------------------------------------------------------------------------------------------------


def type_mismatch(span: Span, left: str, right: str, remedy: str) -> Diagnostic:
    return Diagnostic("type-mismatch", f"{upper(a(left))} cannot be compared with {a(right)}.", span, remedy)


def not_a_condition(span: Span, is_a: str) -> Diagnostic:
    return Diagnostic(
        "not-a-condition",
        f"A condition is needed here, but this is {a(is_a)}.",
        span,
        "Compare it with something: `… = …`, `… between … and …`, `… in …`.",
    )


def wrong_type(span: Span, needed: str, is_a: str, remedy: str | None = None) -> Diagnostic:
    return Diagnostic(
        "wrong-type",
        f"{upper(a(needed))} is needed here, but this is {a(is_a)}.",
        span,
        remedy or f"Write {a(needed)}.",
    )


def code_needs_quotes(span: Span, text: str, type_: str) -> Diagnostic:
    return Diagnostic(
        "code-needs-quotes",
        f"This is compared with {a(type_)}, and codes are written in quotes.",
        span,
        f'Write "{text}", with every digit of the code: "049" and "49" are different codes.',
    )


def code_as_name(span: Span, code: str) -> Diagnostic:
    return Diagnostic(
        "code-needs-quotes",
        f"There is no name `{code}` here, but a code list has this code, and codes are written in quotes.",
        span,
        f'Write "{code}".',
    )


def codes_of_other_list(span: Span, left: str, right: str) -> Diagnostic:
    return Diagnostic(
        "codes-of-other-list",
        f"Codes of {left} are compared with codes of {right}.",
        span,
        "The same code means different things in different lists; compare codes of one list.",
    )


def order_of_codes(span: Span, type_: str) -> Diagnostic:
    return Diagnostic(
        "order-of-codes",
        f"{upper(a(type_))} has no order.",
        span,
        "Use `=`, `!=` or `in` with the codes that are meant.",
    )


def unit_missing(span: Span, number: str) -> Diagnostic:
    return Diagnostic(
        "unit-missing", "A duration is compared with a bare number.", span, f"Say the unit: `{number} days`."
    )


def unit_not_fixed(span: Span, unit: str) -> Diagnostic:
    return Diagnostic(
        "unit-not-fixed",
        f"A {unit} has no fixed number of days, so a number of days cannot be compared with it.",
        span,
        "Write the duration in days or weeks.",
    )


def empty_range(span: Span) -> Diagnostic:
    return Diagnostic(
        "empty-range", "Nothing lies in this range: its low end is above its high end.", span, "Swap the two ends."
    )


def units_do_not_meet(span: Span, left: str, right: str, remedy: str) -> Diagnostic:
    return Diagnostic(
        "units-do-not-meet", f"{left.capitalize()} and {right} cannot be reckoned together.", span, remedy
    )


def count_out_of_range(span: Span, count: int, conditions: int) -> Diagnostic:
    return Diagnostic(
        "count-out-of-range",
        f"At least {count} of {conditions} conditions can never be a question.",
        span,
        f"Ask for at least 1 and at most {conditions}.",
    )


def code_in_two_groups(span: Span, code: str, group: str) -> Diagnostic:
    return Diagnostic(
        "code-in-two-groups", f'The code "{code}" is already in the group `{group}`.', span, "Keep it in one group."
    )


def bands_overlap(span: Span) -> Diagnostic:
    return Diagnostic(
        "bands-overlap",
        "Bands must rise and not overlap, and only the last one may be open.",
        span,
        "Write them in order, each starting above the end of the one before: `18-29, 30-44, 45+`.",
    )


def at_needed(span: Span, name: str, time: str) -> Diagnostic:
    return Diagnostic("at-needed", f"`{name}` changes over time.", span, f"Say when it is meant: `{name} at {time}`.")


def at_needed_first(span: Span, name: str) -> Diagnostic:
    """Where only names can stand."""
    return Diagnostic(
        "at-needed",
        f"`{name}` changes over time.",
        span,
        f"Define it on a day, `define {name}_then = {name} at index`, and name `{name}_then` here.",
    )


def at_not_dated(span: Span) -> Diagnostic:
    return Diagnostic(
        "at-not-dated",
        "Only a value that changes over time, such as `age`, can be taken `at` a time.",
        span,
        "Leave `at …` out, or ask with a row query: `any … covering index with …`.",
    )


def time_as_value(span: Span) -> Diagnostic:
    return Diagnostic(
        "time-as-value",
        "A time cannot be used as a value here.",
        span,
        "Compare a date with it, `birth_date < index - 18 years`, or count up to it, `days from birth_date to index`.",
    )


def time_needed(span: Span, known: Iterable[str], is_a: str | None = None) -> Diagnostic:
    """known: the words that mean a day there.  is_a: the type of what stands there."""
    return Diagnostic(
        "time-needed",
        "A time is needed here." if is_a is None else f"A time is needed here, and this is {a(is_a)}.",
        span,
        f"Write a date, `2020-01-31`, the name of one, or {alternatives(known)}; `+ 180 days` may follow.",
    )


def day_of_row(span: Span, shape: str) -> Diagnostic:
    day = "its date" if shape == "events" else "its start"
    return Diagnostic(
        "time-needed", "An event is dated by a day of its own row.", span, f"Write `{day}`, or `{day} + 30 days`."
    )


def time_to_define(span: Span) -> Diagnostic:
    return Diagnostic(
        "time-needed",
        "A time is needed here, and a value of rows has a name of its own before it is one.",
        span,
        f"Define it, `define that_date = {span.text}`, and write `that_date` here.",
    )


def time_in_quotes(span: Span, text: str) -> Diagnostic:
    return Diagnostic("time-needed", "A time is needed here, and this is a text.", span, without_quotes(text, "date"))


def time_not_yet(span: Span, name: str, where: str) -> Diagnostic:
    return Diagnostic(
        "time-not-yet",
        f"`{name}` has no meaning in {where}.",
        span,
        "A study is decided in order: index, criteria, exposure, follow-up, outcomes; use a time that comes before.",
    )


def months_first(span: Span) -> Diagnostic:
    return Diagnostic(
        "months-first",
        "Months and years are added once and before anything else, since months differ in length.",
        span,
        "Write them first and in one: `index + 14 months + 30 days`.",
    )


def date_out_of_range(span: Span) -> Diagnostic:
    return Diagnostic(
        "date-out-of-range",
        f"This time lies outside the years {calendar.FIRST_RECKONED.year} to {calendar.LAST_RECKONED.year}, or is moved"
        f" by more than {calendar.MOST_YEARS} years.",
        span,
        "Use a nearer date.",
    )


# --- row queries -----------------------------------------------------------------------------------------------------


def window_needed(span: Span, table: str) -> Diagnostic:
    return Diagnostic(
        "window-needed",
        f"It is not said when the rows of `{table}` are meant.",
        span,
        "Add `during [index - 1 year, index)`, `before index`, or `covering index`.",
    )


def shape_mismatch(span: Span, words: str, table: str, shape: str, remedy: str) -> Diagnostic:
    return Diagnostic("shape-mismatch", f"`{words}` does not suit `{table}`, whose rows are {shape}.", span, remedy)


def edge_needed(span: Span, table: str) -> Diagnostic:
    return Diagnostic(
        "edge-needed",
        f"`{table}` holds spells, and it is not said whether their start or their end is meant.",
        span,
        f"Write `{table} starting during …` or `{table} ending during …`.",
    )


def nested_rows(span: Span) -> Diagnostic:
    return Diagnostic(
        "nested-rows",
        "Inside the condition of a row query, others stand one deep and are written out there.",
        span,
        "Write it out there, its window speaking of `its date`; or give both a `define`, and join them with `and`.",
    )


def first_not_a_value(span: Span, quantifier: str) -> Diagnostic:
    return Diagnostic(
        "first-not-a-value",
        f"`{quantifier} …` picks a row; here a value is needed.",
        span,
        "Ask `any …`, `no …`, `count of …` or `days of …`; `first …` belongs to an index or an outcome.",
    )


def other_entity(span: Span, table: str, entity: str, cohort_entity: str) -> Diagnostic:
    return Diagnostic(
        "other-entity",
        f"The rows of `{table}` belong to {a(entity)}, and this is about {a(cohort_entity)}.",
        span,
        f"Use a table whose rows belong to {a(cohort_entity)}.",
    )


def event_needed(span: Span, what: str, picks: Iterable[str], written: str | None) -> Diagnostic:
    """picks: the words it takes.  written: another such word that stands there instead."""
    picks = tuple(picks)
    words = alternatives(picks)
    if written is not None:
        return Diagnostic(
            "event-needed",
            f"{what} takes {words}, and not `{written}`.",
            span,
            f"Write `{span.text.replace(written, picks[0], 1)}`.",
        )
    role = ", or the name of a role such as `death`" if what == "An outcome" else ""
    return Diagnostic(
        "event-needed",
        f"{what} is the day of a row.",
        span,
        f"Begin with {words}, as in `first TABLE starting during …` or, of events, `first TABLE during …`{role}.",
    )


def event_claimed(span: Span, where: str) -> Diagnostic:
    return Diagnostic(
        "event-needed",
        f"{where} is the day of a row, and no claim that there is only one.",
        span,
        "Write `first TABLE …`; take those with several rows out by a criterion, `where exactly one TABLE …`.",
    )


def outcome_window(span: Span) -> Diagnostic:
    return Diagnostic(
        "outcome-window",
        "An outcome is looked for during follow-up.",
        span,
        "Write `during follow-up`; what happened earlier belongs in a criterion or in the baseline.",
    )


# --- the study as a whole --------------------------------------------------------------------------------------------


def element_missing(span: Span | None, what: str, why: str, remedy: str) -> Diagnostic:
    return Diagnostic("element-missing", f"The study has no {what}, which {why}.", span, remedy)


def level_order(span: Span) -> Diagnostic:
    return Diagnostic(
        "level-order", "`otherwise` takes all that is left, so it stands last.", span, "Move it after the other levels."
    )


def not_categorical(span: Span, name: str, is_a: str) -> Diagnostic:
    """is_a: the type, as it is said: `date`, `integer in years`."""
    kind = is_a.split(" ")[0]
    if kind == "date":
        remedy = f"Count up to it: `define {name}_years = years from {name} to index in bands 0-9, 10-19, 20+`."
    elif kind == "integer":
        remedy = f"Put it in bands: `define {name}_band = {name} in bands 0-9, 10-19, 20+`."
    elif kind in ("decimal", "duration"):
        remedy = f"Divide it: `define {name}_level = cases low where {name} < …, high otherwise`."
    else:
        remedy = f'Divide it: `define {name}_group = cases one where {name} = "…", rest otherwise`.'
    return Diagnostic("not-categorical", f"Categories are needed here, and `{name}` is {a(is_a)}.", span, remedy)


def beyond_follow_up(span: Span, follow_up: Span) -> Diagnostic:
    return Diagnostic(
        "beyond-follow-up",
        "Nobody is followed for as long as this.",
        span,
        "Report at a time within the follow-up, or lengthen the follow-up.",
        (Related(follow_up, "follow-up ends here"),),
    )
