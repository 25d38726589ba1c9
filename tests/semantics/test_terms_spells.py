"""Named spells: what they are made of, when they are known, what is wrong with them."""

import pytest

from studyspec.semantics import core
from studyspec.semantics.core import Bound, ColumnRef
from tests.semantics.sample import resolved, study
from tests.semantics.terms import UNEMPLOYED, value, wrong

DAYS = {ColumnRef("jobseeking", c) for c in ("person_id", "start", "end")}
WORK = {ColumnRef("employment", c) for c in ("person_id", "start", "end")}


def sets(text: str) -> dict[str, core.SpellSet]:
    found = study((UNEMPLOYED, f"{text}\n{UNEMPLOYED}"))
    return {s.name: s for s in found.spells}


def test_spells_are_rows_of_a_table_with_their_condition() -> None:
    value = sets("spells here = residence with municipality = home")["here"].value
    assert isinstance(value, core.SpellRows)
    assert value.table == "residence"
    names = ("person_id", "start", "end", "municipality")
    assert value.facts.origin == {ColumnRef("residence", name) for name in names}


def test_gaps_are_counted_in_days() -> None:
    value = sets("spells steady = employment merged within 2 weeks")["steady"].value
    assert isinstance(value, core.Merged)
    assert value.days == 14


def test_spells_of_spells_come_in_dependency_order_wherever_they_stand() -> None:
    found = sets("spells neither = work except open\nspells work = employment or study\nspells open = jobseeking")
    assert list(found) == ["work", "open", "neither"]
    assert isinstance(found["neither"].value, core.SpellLogic)
    assert found["neither"].value.op == "except"


def test_a_query_over_spells_is_made_of_the_columns_behind_them() -> None:
    days = value("days of either during [index - 1 year, index)", "spells either = jobseeking or employment")
    assert isinstance(days, core.RowQuery)
    assert days.table == "either"
    assert days.facts.origin == DAYS | WORK
    assert days.facts.known == {Bound("index", 0, -1)}


def test_a_filled_gap_is_known_only_when_it_is_over() -> None:
    days = value("days of steady before index", "spells steady = jobseeking merged within 30 days")
    assert Bound("index", 0, 29) in days.facts.known
    found, faults = resolved(
        (UNEMPLOYED, f"spells steady = jobseeking merged within 30 days\n{UNEMPLOYED}"),
        ("where client_group", "where client_group and (days of steady before index) > 3"),
    )
    assert found is None
    assert [f.code for f in faults if f.severity == "error"] == ["look-ahead"]


def test_a_condition_on_a_length_delays_what_is_known() -> None:
    asked = value("any long covering index", "spells long = employment with duration >= 30 days")
    assert asked.facts.known == {Bound("index", 0, 30)}


def test_the_model_has_them_as_a_table_of_spells_without_open_ones() -> None:
    found = study((UNEMPLOYED, f"spells either = jobseeking or employment\n{UNEMPLOYED}"))
    table = found.model.tables["either"]
    assert (table.shape, table.entity, table.key, table.start, table.end) == (
        "spells",
        "person",
        "person_id",
        "start",
        "end",
    )
    assert not table.columns["end"].nullable
    assert found.coverage["either"].end == min(
        e for e in (found.coverage[t].end for t in ("jobseeking", "employment")) if e is not None
    )
    assert "either" not in {c.table for c in found.columns}


def test_an_index_can_be_the_start_of_spells() -> None:
    found = study(
        (UNEMPLOYED, f"spells steady = jobseeking merged within 30 days\n{UNEMPLOYED}"),
        ("first jobseeking starting during", "first steady starting during"),
    )
    assert found.cohort.event.table == "steady"
    assert ColumnRef("jobseeking", "start") in found.cohort.event.facts.origin
    assert "steady" not in {c.table for c in found.columns}


def test_the_hash_follows_what_spells_hold_and_not_what_they_are_called() -> None:
    def hashed(name: str, text: str) -> str:
        probe = f"spells {name} = {text}\ndefine probe = any {name} before index\n{UNEMPLOYED}"
        return study((UNEMPLOYED, probe), ("sex, education", "sex, probe")).hash

    assert hashed("one", "jobseeking") == hashed("other", "jobseeking")
    assert hashed("one", "jobseeking") != hashed("one", "jobseeking or employment")


CASES = [
    ("unknown-name", "spells a = jobseekin", "jobseekin"),
    ("spells-needed", "spells a = death", "death"),
    ("spells-of-two-entities", "spells a = jobseeking or vacancy_open", "vacancy_open"),
    ("gap-unit", "spells a = jobseeking merged within 1 month", "1 month"),
    ("circular-definition", "spells a = jobseeking or b\nspells b = a except employment", None),
    ("time-not-yet", "spells a = jobseeking with its start > index", "index"),
    ("spells-relative", "define old = age at index > 60\nspells a = jobseeking with old", "old"),
    ("spells-relative", "spells a = jobseeking with member of clients", None),
    ("unknown-name", 'spells a = jobseeking with statu = "02"', "statu"),
]


@pytest.mark.parametrize(("code", "text", "underlined"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_what_is_wrong_with_spells_is_said_once(code: str, text: str, underlined: str | None) -> None:
    found = wrong("any a before index", text)
    assert [f.code for f in found] == [code]
    if underlined is not None:
        assert found[0].span is not None
        assert found[0].span.text == underlined
