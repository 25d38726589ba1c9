"""Arrest after prison (Rossi, Berk and Lenihan 1980), by dates: aid, work that changes weekly, and spells of work."""

from __future__ import annotations

import pytest

from tests.cases.place import Rows, expected, frame, row, run


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return run("rossi", "work", tmp_path_factory.mktemp("rossi"))


@pytest.mark.parametrize(("level", "aid"), [("true", "yes"), ("false", "no")])
@pytest.mark.parametrize("week", [26, 51, 52])
def test_the_risk_by_aid_is_one_minus_kaplan_and_meier(
    tables: dict[str, Rows], level: str, aid: str, week: int
) -> None:
    found = row(tables["risk_arrested"], level=level, time=f"{week} wk")
    assert float(found["risk"]) == pytest.approx(1 - expected("rossi")[f"km_fin_{aid}_{week}"], abs=1e-9)


def test_arrests_fall_into_the_week_they_end(tables: dict[str, Rows]) -> None:
    """Of the 114 arrests 20 fall into a week at work: the arrest ends the week that it belongs to."""
    published = expected("rossi")
    for level, worked in (("working", "yes"), ("not_working", "no")):
        assert int(row(tables["risk_2_arrested"], level=level)["events"]) == published[f"ev_{worked}"]


def test_the_risk_by_work_is_that_of_the_weeks_at_risk(tables: dict[str, Rows]) -> None:
    """The estimator of Simon and Makuch, week by week from the rows of the case."""
    weeks = frame("rossi", "weekly_status")
    last = frame("rossi", "followup").set_index("person_id")
    arrested = [
        last.arrest[one] == 1 and last.week[one] == week
        for one, week in zip(weeks.person_id, weeks.week_no, strict=True)
    ]
    for level, worked in (("working", "yes"), ("not_working", "no")):
        free = 1.0
        at_risk = weeks.assign(arrested=arrested)[weeks.employed == worked].groupby("week_no").arrested
        for events, people in zip(at_risk.sum(), at_risk.count(), strict=True):
            free *= 1 - events / people
        assert float(row(tables["risk_2_arrested"], level=level)["risk"]) == pytest.approx(1 - free, abs=1e-9)


def test_there_are_as_many_spells_of_work_as_were_counted_also_with_gaps_closed(tables: dict[str, Rows]) -> None:
    published = expected("rossi")
    for variable, gap in (("stretches", 0), ("stretches_1w", 1), ("stretches_4w", 4)):
        mean = float(row(tables["distribution"], variable=variable)["mean"])
        assert 432 * mean == pytest.approx(published[f"emp_spells_gap{gap}w"], abs=0.001)
    never = row(tables["baseline"], variable="never_worked", category="true")
    assert int(never["n"]) == published["never_employed"]
