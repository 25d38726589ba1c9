"""Names: the study's words, each once, never longer than an engine keeps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studyspec.plan.names import MAX_BYTES, Names, cut


def test_the_first_free_name_is_taken() -> None:
    names = Names(["person"])
    assert names.take("clients", "clients_cohort") == "clients"
    assert names.take("person", "person_cohort") == "person_cohort"
    assert names.take("clients", "person_cohort") == "person_cohort_2"
    assert names.take("clients", "person_cohort") == "person_cohort_3"


def test_names_that_differ_by_case_alone_are_one() -> None:
    names = Names()
    assert [names.take("Työ"), names.take("työ"), names.take("TYÖ")] == ["Työ", "työ_2", "TYÖ_3"]


@given(st.lists(st.text(min_size=1, max_size=70), max_size=30))
def test_no_two_names_meet_and_none_is_too_long(wanted: list[str]) -> None:
    names = Names()
    made = [names.take(name) for name in wanted]
    assert len({name.casefold() for name in made}) == len(made)
    assert all(len(name.encode()) <= MAX_BYTES for name in made)


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending() -> None:
    assert cut("ä" * 40) == "ä" * 31
    assert cut("ä" * 40, "_2") == "ä" * 30 + "_2"
