"""Follow-up for as long as spells last: what is understood of `while`, and what is refused."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue, load_model
from studyspec.catalogue.types import Clock, Coverage
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.semantics.core import ColumnRef
from studyspec.source import Diagnostic, Source
from tests.semantics.sample import TODAY

HEAD = "study s version 1\nlanguage en\nmodel fi_municipal 1\n"
MONTHLY = "cohort c of person\n    index every month during [2019-01-01, 2019-12-31]\n"
NONE = "cohort c of person\n    index none\n"
FOLLOW = "follow-up from index to earliest(index + 1 year, death, end of data)\n"
REST = "outcome employed\n    first employment starting during follow-up\nreport risk of employed at 6 months\n"
LIVES = 'residence with municipality = "049"'
MODEL = load_model(Path(__file__).parents[2] / "specs/models/fi_municipal.yaml")[0]
OPEN = Coverage(None, None)


def understood(while_: str, *before: str, **table: object) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    """A study with this `while`, each person's residence being as the model says, or as `table` says."""
    follow = "".join(before) or MONTHLY + FOLLOW
    document = parse(Source("s.study", f"{HEAD}{follow}    while {while_}\n{REST}"))
    catalogue = load_catalogue(document, Path(__file__).parent, None)
    changed = {**catalogue.model.tables, "residence": replace(catalogue.model.tables["residence"], **table)}  # type: ignore[arg-type]
    return resolve(document, replace(catalogue, model=replace(catalogue.model, tables=changed)), TODAY)


def codes(while_: str, *before: str, **table: object) -> list[str]:
    _, found = understood(while_, *before, **table)
    return [f.code for f in found if f.severity == "error"]


def study(while_: str, *before: str, **table: object) -> core.Study:
    found, faults = understood(while_, *before, **table)
    assert found is not None, faults
    return found


def test_the_spells_and_their_columns_are_part_of_the_study() -> None:
    found = study(LIVES)
    assert isinstance(found.follow_up, core.FollowUp)
    assert found.follow_up.within is not None
    assert found.follow_up.within.table == "residence"
    assert {ColumnRef("residence", name) for name in ("person_id", "start", "end", "municipality")} <= set(
        found.columns
    )


def test_the_end_of_data_is_that_of_their_table_too() -> None:
    early = Coverage(datetime.date(2010, 1, 1), datetime.date(2021, 6, 30))
    assert study(LIVES, coverage=early).outcomes[0].end_of_data == early.end


def test_they_change_what_a_study_means() -> None:
    assert len({study(one).hash for one in ("residence", LIVES, "employment")}) == 3


def test_named_spells_are_spells() -> None:
    named = f"spells here = {LIVES}\n"
    assert codes("here", named, MONTHLY, FOLLOW) == []
    assert study("here", named, MONTHLY, FOLLOW).outcomes[0].end_of_data == datetime.date(2024, 12, 31)


@pytest.mark.parametrize(
    ("while_", "code"),
    [
        ("residenc", "unknown-name"),
        ("death", "shape-mismatch"),
        ("person", "shape-mismatch"),
        ("residence with start < follow-up end", "time-not-yet"),
        ("employment with duration >= 30 days", "look-ahead"),
        ("employment with end is known", "look-ahead"),
        ('residence with (municipality = "049" and municipality = "091")', "never-true"),
    ],
)
def test_what_is_wrong_is_refused(while_: str, code: str) -> None:
    assert codes(while_) == [code]


def test_a_filled_gap_is_known_only_when_it_is_over() -> None:
    named = "spells steady = employment merged within 30 days\n"
    assert codes("steady", named, MONTHLY, FOLLOW) == ["look-ahead"]
    allowed = '    allow look-ahead because "Gaps are paid leave."\n'
    assert codes("steady", named, MONTHLY, FOLLOW, allowed) == []


def test_open_spells_need_an_end_of_their_data() -> None:
    assert codes(LIVES, coverage=OPEN) == ["spells-without-end"]
    assert "spells-without-end" not in codes("residence with end is known", coverage=OPEN)


def test_spells_by_a_clock_hold_no_days() -> None:
    assert codes(LIVES, clock=Clock("month", "Birth")) == ["spells-by-clock"]


def test_the_first_day_of_follow_up_is_within_the_coverage() -> None:
    late = Coverage(datetime.date(2019, 6, 1), datetime.date(2024, 12, 31))
    assert codes(LIVES, coverage=late) == ["before-coverage"]
    assert codes(LIVES, coverage=replace(late, start=datetime.date(2019, 1, 1))) == []


def test_a_value_last_known_is_no_value_of_the_day() -> None:
    columns = MODEL.tables["residence"].columns
    known = {**columns, "municipality": replace(columns["municipality"], as_of=True)}
    assert codes(LIVES, columns=known) == ["last-known"]


def test_without_an_index_nothing_may_speak_of_it() -> None:
    follow = "follow-up from 2019-01-01 to 2020-01-01\n"
    assert codes("residence", NONE, follow) == []
    assert codes("residence with start < index", NONE, follow) == ["no-index"]
