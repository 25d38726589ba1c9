"""Cases, lengths of time, dates of the data, decimals, codes below a code: their facts and their faults."""

from decimal import Decimal

import pytest

from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.semantics.core import Bound, ColumnRef
from studyspec.source import Source
from tests.semantics.sample import OMNIA, TODAY, resolved, study
from tests.semantics.terms import UNEMPLOYED, value, wrong

WORKING = 'working "In work" where any employment covering index'


# --- cases ---


def test_cases_are_categories_in_their_order_with_their_labels() -> None:
    found = value(f"cases {WORKING}, studying where any study covering index, neither otherwise")
    assert isinstance(found, core.CaseOf)
    assert found.facts.type.categories == ("working", "studying", "neither")
    assert found.labels[0] == {"en": "In work"}
    assert not found.facts.nullable
    assert found.facts.known == {Bound("index")}


def test_cases_are_unknown_where_none_is_true_or_one_before_is_unknown() -> None:
    assert value(f"cases {WORKING}").facts.nullable
    assert value('cases low where education = "3", other otherwise').facts.nullable


def test_cases_compare_with_their_names_only() -> None:
    assert isinstance(value('(cases a where sex = "1", b otherwise) = "a"'), core.Compare)
    assert [f.code for f in wrong('(cases a where sex = "1", b otherwise) = "c"')] == ["code-not-in-list"]


def test_cases_make_the_rows_of_a_baseline_table() -> None:
    text = f"{UNEMPLOYED}\ndefine doing = cases {WORKING}, neither otherwise"
    found = study((UNEMPLOYED, text), ("sex, education", "sex, doing"))
    report = next(r for r in found.reports if isinstance(r, core.BaselineReport))
    categories = next(v.categories for v in report.of if v.name == "doing")
    assert [(c.key, c.labels["en"]) for c in categories] == [("working", "In work"), ("neither", "neither")]


# --- lengths of time and dates of the data ---


def test_a_length_of_time_is_a_number_of_its_unit() -> None:
    found = value("years from birth_date to index + 1 year")
    assert isinstance(found, core.Elapsed)
    assert (found.facts.type.kind, found.facts.type.unit) == ("integer", "years")
    assert found.start.base == "value"
    assert found.facts.known == {Bound("index")}
    assert found.facts.origin == {ColumnRef("person", "birth_date")}


def test_a_length_between_days_in_order_is_not_negative() -> None:
    assert value("days from index - 30 days to index").facts.low == 0
    assert value("days from 2020-01-01 to index").facts.low is None


def test_a_length_of_time_of_rows_is_of_the_row() -> None:
    found = value("any jobseeking before index with (days from its start to index) <= 30")
    assert isinstance(found, core.RowQuery)
    assert isinstance(found.condition, core.Compare)
    assert found.condition.left.facts.grain == core.Grain("row", "jobseeking")


def test_a_date_of_the_data_is_a_time() -> None:
    found = value("birth_date + 18 years <= index")
    assert isinstance(found, core.Compare)
    assert isinstance(found.left, core.TimeValue)
    assert found.left.time.base == "value"
    assert found.left.time.steps == (core.Step(18, "year"),)
    assert found.facts.origin == {ColumnRef("person", "birth_date")}


def test_a_definition_of_a_date_is_a_time() -> None:
    first = "define first_day = first start of jobseeking starting before index"
    found = value("any employment during [first_day, index)", first)
    assert isinstance(found, core.RowQuery)
    assert found.window.low is not None
    assert isinstance(found.window.low.value, core.Ref)
    assert ColumnRef("jobseeking", "start") in found.facts.origin
    assert found.facts.known == {Bound("index", 0, -1)}


def test_what_happens_up_to_a_date_of_the_data_cannot_be_shown_to_be_known() -> None:
    asked = "where client_group and (any employment during [birth_date, birth_date + 1 year])"
    _, faults = resolved(("where client_group", asked))
    assert [f.code for f in faults if f.severity == "error"] == ["look-ahead"]


def test_age_can_be_asked_on_the_day_of_a_row() -> None:
    found = value("any jobseeking before index with age at its start < 25")
    assert isinstance(found, core.RowQuery)
    assert found.facts.known == {Bound("index", 0, -1)}
    assert ColumnRef("person", "birth_date") in found.facts.origin


# --- numbers ---


def test_a_quotient_is_a_decimal_and_unknown_where_the_divisor_can_be_zero() -> None:
    days = "(days of jobseeking before index)"
    share = value(f"{days} / (days of employment before index)")
    assert (share.facts.type.kind, share.facts.type.unit, share.facts.nullable) == ("decimal", None, True)
    half = value(f"{days} / 2")
    assert (half.facts.type.kind, half.facts.type.unit, half.facts.nullable) == ("decimal", "days", False)


def test_the_range_of_decimals_is_that_of_six_digits() -> None:
    found = value("(age at index) / 7")
    assert (found.facts.low, found.facts.high) == (0, Decimal("17.142857"))


def test_whole_numbers_and_decimals_compare() -> None:
    assert isinstance(value("(age at index) * 1.5 >= 30"), core.Compare)


NUMBERS = [
    ("units-do-not-meet", "(age at index) / (days of jobseeking before index)"),
    ("units-do-not-meet", "1 / (age at index)"),
    ("units-do-not-meet", "(age at index) * (days of jobseeking before index)"),
    ("wrong-type", "birth_date / 2"),
    ("wrong-type", "((age at index) / 2) in bands 0-9, 10+"),
]


@pytest.mark.parametrize(("code", "text"), NUMBERS)
def test_numbers_that_do_not_go_together_are_refused(code: str, text: str) -> None:
    assert [f.code for f in wrong(text)] == [code]


# --- faults ---

CASES = [
    ("case-order", 'cases a otherwise, b where sex = "1"', "a otherwise"),
    ("case-twice", 'cases a where sex = "1", A where sex = "2"', "A"),
    ("not-a-condition", "cases a where age at index", "age at index"),
    ("that-day-outside-state", "any employment covering that day", "that day"),
    ("time-needed", "days from sex to index", "sex"),
    ("unknown-name", "days from birth_dat to index", "birth_dat"),
    ("time-needed", "days from (age at index) to index", None),
    (
        "list-without-levels",
        'any jobseeking before index with ((first code of service before its start) in municipal_service under "S01")',
        None,
    ),
]


@pytest.mark.parametrize(("code", "text", "underlined"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_what_is_wrong_is_said_once(code: str, text: str, underlined: str | None) -> None:
    found = wrong(text)
    assert [f.code for f in found] == [code]
    if underlined is not None:
        assert found[0].span is not None
        assert found[0].span.text == underlined


def test_a_definition_of_a_constant_is_that_constant() -> None:
    found = value("any jobseeking covering opened", "define opened = 2018-06-01")
    assert isinstance(found, core.RowQuery)
    assert found.window.low is not None
    assert found.window.low.base == "calendar"


def test_where_there_is_no_index_nothing_is_known_too_late() -> None:
    text = (
        "study a version 1\nlanguage en\nmodel fi_municipal 1\n\ndefine in_work = any employment covering 2020-03-01\n"
    )
    text += "\ncohort everyone of person\n    index none\n\nreport baseline of in_work\n"
    document = parse(Source("a.study", text))
    found, faults = resolve(document, load_catalogue(document, OMNIA, None), TODAY)
    assert found is not None, [f.message for f in faults]
