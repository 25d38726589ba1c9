"""Other entities, other cohorts, and row queries inside row queries: their facts and their faults."""

import pytest

from studyspec.semantics import core
from studyspec.semantics.core import Bound, ColumnRef, Grain
from tests.semantics.sample import resolved
from tests.semantics.terms import value, wrong

COHORT = "cohort clients of person\n"
OTHERS = "cohort others of person\n    index at 2020-01-01\n\n"
GROUP = "where client_group"
REPORTS = (
    ("report attrition\n", "report attrition in clients\n"),
    ("unemployed_2y by pathway\n", "unemployed_2y in clients by pathway\n"),
    ("studying by pathway at", "studying in clients by pathway at"),
)


# --- other entities ---


def test_a_column_of_another_entity_is_found_by_the_row_that_names_it() -> None:
    found = value('any employment covering index with industry of employer = "C"')
    assert isinstance(found, core.RowQuery)
    assert isinstance(found.condition, core.Compare)
    linked = found.condition.left
    assert isinstance(linked, core.LinkedColumn)
    assert (linked.link, linked.column) == (
        ColumnRef("employment", "employer_id"),
        ColumnRef("employer", "industry"),
    )
    assert (linked.key, linked.in_row) == ("employer_id", True)
    assert linked.facts.grain == Grain("row", "employment")
    assert linked.facts.nullable
    assert {linked.link, linked.column, ColumnRef("employer", "employer_id")} <= found.facts.origin


LINKS = [
    ("link-missing", 'industry of employer = "C"', "industry of employer"),
    ("link-missing", 'any jobseeking covering index with industry of employer = "C"', "industry of employer"),
    ("unknown-name", 'any employment covering index with industri of employer = "C"', "industri"),
    ("unknown-name", 'any employment covering index with industry of employr = "C"', "employr"),
    ("direct-identifier", 'any employment covering index with employer_id of employer = "C"', "employer_id"),
    ("value-undated", 'municipality of residence = "049"', "municipality of residence"),
    ("unknown-name", "memebr of clients", "memebr"),
]


@pytest.mark.parametrize(("code", "text", "underlined"), LINKS, ids=[f"{c[0]}-{i}" for i, c in enumerate(LINKS)])
def test_what_is_wrong_with_a_link_is_said_once(code: str, text: str, underlined: str) -> None:
    found = wrong(text)
    assert [f.code for f in found] == [code]
    assert found[0].span is not None
    assert found[0].span.text == underlined


# --- other cohorts ---


def test_a_criterion_can_ask_for_members_of_a_cohort_before() -> None:
    found, faults = resolved((COHORT, OTHERS + COHORT), (GROUP, "where member of others"), *REPORTS, site=False)
    assert found is not None, [f.code for f in faults]
    member = found.cohorts[1].criteria[2].condition
    assert isinstance(member, core.MemberOf)
    assert member.cohort == "others"
    assert not member.facts.nullable
    assert member.facts.known == {Bound("index")}


def test_members_are_of_the_same_entity() -> None:
    other = OTHERS.replace("of person", "of vacancy")
    _, faults = resolved((COHORT, other + COHORT), (GROUP, "where member of others"), *REPORTS, site=False)
    assert "cohort-of-other-entity" in [f.code for f in faults]


# --- rows inside rows ---

INNER = "any employment before index with (any jobseeking covering its start)"


def test_the_window_of_an_inner_query_speaks_of_the_outer_row() -> None:
    found = value(INNER)
    assert isinstance(found, core.RowQuery)
    inner = found.condition
    assert isinstance(inner, core.RowQuery)
    assert inner.window.low is not None
    assert inner.window.low.base == "row"
    assert inner.facts.grain == Grain("row", "employment")
    assert inner.facts.known == {Bound("row")}


def test_an_outer_query_is_known_when_the_inner_one_is() -> None:
    assert value(INNER).facts.known == {Bound("index", 0, -1)}
    later = value("any employment before index with (any jobseeking during [its start, its start + 60 days])")
    assert Bound("index", 0, 59) in later.facts.known
    ended = value("any employment before index with (any jobseeking covering its end)")
    assert any(b.infinite > 0 for b in ended.facts.known)


def test_an_outer_query_reads_what_the_inner_one_reads() -> None:
    inner = "any service during [its start - 30 days, its start)"
    found = value(f"any employment starting during [index - 1 year, index) with ({inner})")
    assert core.Hull(Bound("index", -12, -30), Bound("index", 0, -1)) in found.facts.reads
    assert ColumnRef("service", "start") in found.facts.origin
    assert found.facts.grain == Grain("unit")


def test_a_value_of_rows_can_be_asked_of_a_row() -> None:
    found = value("count of employment before index with (municipality of residence at its start) = home")
    assert isinstance(found, core.RowQuery)
    assert isinstance(found.condition, core.Compare)
    assert isinstance(found.condition.left, core.RowValue)


NESTED = [
    (f"any service before index with ({INNER.replace('before index', 'before its start')})", ""),
    ("any service before index with jobless", "define jobless = any jobseeking covering index"),
]


@pytest.mark.parametrize(("text", "before"), NESTED)
def test_inner_queries_go_one_deep_and_are_written_out(text: str, before: str) -> None:
    assert [f.code for f in wrong(text, before)] == ["nested-rows"]


def test_coverage_and_permits_look_as_far_as_the_inner_rows_can_lie() -> None:
    near = "where any study starting during [index - 1 year, index) with (any service covering its start)"
    found, faults = resolved((GROUP, f"{GROUP} and ({near.removeprefix('where ')})"))
    assert found is not None, [f.code for f in faults]
    far = near.replace("service covering its start", "service during [its start - 90 years, its start)")
    _, faults = resolved((GROUP, f"{GROUP} and ({far.removeprefix('where ')})"))
    assert "before-coverage" in [f.code for f in faults]
