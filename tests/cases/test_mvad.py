"""School to work, month by month (McVicar and Anyadike-Danes 2002): states, spells and trends are those of TraMineR.

Its weighted shares and transition rates are not asked for: no report weighs people or counts transitions.
"""

from __future__ import annotations

import pytest

from tests.cases.place import Rows, expected, frame, row, run

ACTIVITIES = ("employment", "FE", "HE", "joblessness", "school", "training")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return run("mvad", "activities", tmp_path_factory.mktemp("mvad"))


def test_three_years_on_everyone_is_in_the_state_that_was_counted(tables: dict[str, Rows]) -> None:
    published = expected("mvad")
    for activity in ACTIVITIES:
        found = row(tables["state"], variable_label="36 mo", category=activity.lower())
        assert int(found["n"]) == published[f"n_1996-07_{activity}"]
    assert row(tables["state"], variable_label="36 mo", category="not_followed")["n"] == "0"


def test_the_trend_is_the_count_of_every_month(tables: dict[str, Rows]) -> None:
    months = frame("mvad", "monthly_status").groupby(["month_start", "state"]).size()
    for one in tables["trend"]:
        if one["category"] in ACTIVITIES:
            assert int(one["n"]) == months.get((one["period"], one["category"]), 0)
    assert len({one["period"] for one in tables["trend"]}) == 72


def test_there_are_as_many_spells_as_were_counted_also_with_gaps_closed(tables: dict[str, Rows]) -> None:
    published = expected("mvad")
    spells = {f"n_{one.lower()}": published[f"spells_{one}"] for one in ACTIVITIES}
    spells |= {f"n_jobless_{months}": published[f"jobless_spells_gap{months}m"] for months in (1, 2)}
    for variable, count in spells.items():
        assert 712 * float(row(tables["distribution"], variable=variable)["mean"]) == pytest.approx(count, abs=0.001)


def test_those_who_were_ever_jobless_or_always_at_work_are_those_published(tables: dict[str, Rows]) -> None:
    published = expected("mvad")
    assert int(row(tables["baseline"], variable="ever_jobless", category="true")["n"]) == published["ever_joblessness"]
    assert int(row(tables["baseline"], variable="always_employed", category="true")["n"]) == published["all_emp70"]
