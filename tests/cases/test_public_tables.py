"""Public tables that come with lifelines, brought to a model by its binding alone: times as numbers, and no dates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.place import Rows, run

pytest.importorskip("lifelines")


# --- AIDS (Multicenter Cohort Study): years with decimals, and people who come under observation late ----------------


@pytest.fixture(scope="module")
def aids() -> Any:
    from lifelines.datasets import load_multicenter_aids_cohort_study

    people = load_multicenter_aids_cohort_study()
    people.insert(0, "id", range(1, len(people) + 1))
    return people


@pytest.fixture(scope="module")
def aids_tables(aids: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    place = written(tmp_path_factory.mktemp("aids"), aids=aids)
    return run("aids", "risk", place, place / "data")


def test_late_entry_and_years_with_decimals_are_those_of_lifelines(aids: Any, aids_tables: dict[str, Rows]) -> None:
    from lifelines import KaplanMeierFitter

    fitted = KaplanMeierFitter().fit(aids["T"], aids["D"], entry=aids["W"])
    rows = aids_tables["risk_dies"]
    assert [row["time"] for row in rows] == ["3 y", "5 y", "7 y"]
    for row in rows:
        years = int(row["time"].split()[0])
        assert float(row["risk"]) == pytest.approx(1 - fitted.predict(years), abs=1e-9)


# --- Stanford heart transplants: stretches of days in which the exposure changes, and deaths on the first day --------


@pytest.fixture(scope="module")
def heart() -> Any:
    from lifelines.datasets import load_stanford_heart_transplants

    return load_stanford_heart_transplants()


@pytest.fixture(scope="module")
def heart_tables(heart: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    persons = heart.groupby("id").agg(surgery=("surgery", "first"), age=("age", "first")).reset_index()
    place = written(tmp_path_factory.mktemp("heart"), heart=heart, persons=persons)
    return run("heart", "risk", place, place / "data")


@pytest.mark.parametrize(("level", "transplant"), [("new", 1), ("old", 0)])
def test_the_risk_by_an_exposure_that_changes_is_that_of_simon_and_makuch(
    heart: Any, heart_tables: dict[str, Rows], level: str, transplant: int
) -> None:
    stretches = heart[heart["transplant"] == transplant].assign(start=heart["start"] // 1, stop=heart["stop"] // 1)
    for row in [one for one in heart_tables["risk_dies"] if one["level"] == level]:
        free = 1.0
        for day in sorted(set(stretches["stop"][stretches["event"] == 1])):
            if day <= int(row["time_days"]):
                at_risk = stretches[(stretches["start"] < day) & (day <= stretches["stop"])]
                free *= 1 - ((at_risk["stop"] == day) & (at_risk["event"] == 1)).sum() / len(at_risk)
        assert float(row["risk"]) == pytest.approx(1 - free, abs=1e-9)


def written(place: Path, **tables: Any) -> Path:
    """The place, with the tables as CSV files in its folder `data`."""
    (place / "data").mkdir()
    for name, table in tables.items():
        table.to_csv(place / "data" / f"{name}.csv", index=False)
    return place
