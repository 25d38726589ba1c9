"""`exactly one`: as a condition, as a value, and as what an index claims of the data."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.source import Diagnostic, Source

ROOT = Path(__file__).parents[2]
HEAD = "study example version 1.0.0\nlanguage en\nmodel fi_municipal 1\n"
WINDOW = "jobseeking starting during [2021-01-01, 2022-12-31]"
ALLOWED = '    allow look-ahead because "Nobody seeks twice."\n'


def understood(*lines: str) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    document = parse(Source("example.study", HEAD + "\n".join(lines) + "\n"))
    return resolve(document, load_catalogue(document, ROOT, None), datetime.date(2026, 1, 1))


def study(*lines: str) -> core.Study:
    found, faults = understood(*lines)
    assert found is not None, faults
    return found


def claiming(index: str = f"exactly one {WINDOW}", *criteria: str, name: str = "people") -> str:
    return "\n".join([f"cohort {name} of person", ALLOWED.rstrip(), f"    index {index}", *criteria])


def defined(text: str) -> core.Expr:
    found = study(f"define probe = {text}", f"cohort people of person\n    index first {WINDOW}", "report attrition")
    return found.definitions[0].value


# --- conditions and values -------------------------------------------------------------------------------------------


def test_as_a_condition_it_is_a_count_of_one() -> None:
    assert defined("exactly one employment covering index") == defined("(count of employment covering index) = 1")
    assert not defined("exactly one employment covering index").facts.nullable


@pytest.mark.parametrize("text", ["covering index", "starting before index", "during [index - 1 year, index)"])
def test_as_a_value_it_is_unknown_without_the_only_row_and_asks_for_no_order(text: str) -> None:
    found = defined(f"municipality of exactly one residence {text}")
    assert isinstance(found, core.RowValue)
    assert (found.pick, found.column.column, found.facts.nullable) == ("only", "municipality", True)
    first = defined(f"first municipality of residence {text}")
    assert (found.facts.known, found.facts.origin) == (first.facts.known, first.facts.origin)


def test_columns_called_like_quantifiers_have_a_row_too() -> None:
    _, faults = understood(
        "define probe = days of exactly one residence covering index", claiming(), "report attrition"
    )
    assert [(f.code, f.span.text) for f in faults if f.span and f.severity == "error"] == [("unknown-name", "days")]


# --- the index -------------------------------------------------------------------------------------------------------


def test_an_index_of_exactly_one_row_is_the_first_with_a_criterion_before_all_others() -> None:
    adult = "    include adult where age at index >= 18"
    claimed = study(claiming(f"exactly one {WINDOW}", adult), "report attrition")
    first, second = claimed.cohort.criteria
    assert (first.name, first.kind, first.claimed, second.name) == ("exactly_one_jobseeking", "include", True, "adult")
    assert set(first.labels) == {"en", "fi", "sv"}
    assert isinstance(claimed.cohort.index, core.IndexEvent)
    assert claimed.cohort.index.pick == "first"
    own = f"    include exactly_one_jobseeking where exactly one {WINDOW}"
    reason = '        allow look-ahead because "Nobody seeks twice."'
    by_hand = study(f"cohort people of person\n    index first {WINDOW}\n{own}\n{reason}\n{adult}", "report attrition")
    assert claimed.hash == by_hand.hash


def test_the_criterion_takes_no_name_that_is_taken() -> None:
    own = "    include Exactly_One_Jobseeking where age at index >= 18"
    found = study(claiming(f"exactly one {WINDOW}", own), "report attrition")
    assert found.cohort.criteria[0].name == "people_exactly_one_jobseeking"
    both = study(claiming(), claiming(name="others"), "report attrition in people", "report attrition in others")
    names = [one.criteria[0].name for one in both.cohorts]
    assert names == ["exactly_one_jobseeking", "others_exactly_one_jobseeking"]


def test_a_washout_takes_days_away_but_no_row_from_those_that_are_counted() -> None:
    found = study(claiming(f"exactly one {WINDOW} washout 90 days"), "report attrition").cohort
    assert isinstance(found.index, core.IndexEvent)
    assert found.index.washout == core.Step(90, "day")
    assert found.criteria == study(claiming(), "report attrition").cohort.criteria


def test_that_no_other_row_follows_is_known_later_and_one_fault() -> None:
    _, faults = understood(claiming().replace(ALLOWED, ""), "report attrition")
    assert [f.code for f in faults] == ["look-ahead"]


def test_a_column_of_last_known_values_in_the_claim_is_one_fault() -> None:
    _, faults = understood(claiming(f'exactly one {WINDOW} with education = "6"'), "report attrition")
    assert [f.code for f in faults if f.code != "last-known"] == []
    assert len(faults) <= 1


def test_criteria_are_held_against_the_claim() -> None:
    again = f"    include again where any {WINDOW}"
    more = '        allow look-ahead because "x"'
    _, faults = understood(claiming(f"exactly one {WINDOW}", again, more), "report attrition")
    assert [f.code for f in faults] == ["criterion-implied"]


# --- where no claim can stand ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "outcome job\n    exactly one employment starting during follow-up\nreport risk of job at 1 year",
        "exposure work varying\n    level on from exactly one employment starting during follow-up\n"
        "    level off otherwise\nreport attrition",
    ],
)
def test_an_event_is_no_claim(text: str) -> None:
    followed = "follow-up from index to earliest(index + 1 year, death, end of data)"
    _, faults = understood(claiming(), followed, text)
    (fault,) = (f for f in faults if f.severity == "error")
    assert fault.code == "event-needed"
    assert "exactly one TABLE" in (fault.remedy or "")
