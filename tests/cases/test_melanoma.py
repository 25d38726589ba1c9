"""Skin melanoma in Finland, 1975 to 1994: how it ended, by dates and by a clock in months, against lifelines and R.

The published curves count in half months (26.5, 27.5, …).  A clock has whole numbers: the half months are rounded up,
which changes neither their order nor what has come by a whole month.
"""

from __future__ import annotations

import pytest

from tests.cases.place import Rows, case, expected, frame, row, run


@pytest.fixture(scope="module")
def by_dates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return run("melanoma_fi", "causes", tmp_path_factory.mktemp("melanoma"))


@pytest.fixture(scope="module")
def by_months(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """On the same people, with follow-up in whole months."""
    place = tmp_path_factory.mktemp("melanoma_months")
    (place / "data").mkdir()
    (place / "data" / "persons.csv").write_bytes((case("melanoma_fi") / "persons.csv").read_bytes())
    followed = frame("melanoma_fi", "followup")
    followed["months"] = (followed["surv_mm"] + 0.5).astype(int)
    followed.to_csv(place / "data" / "followup.csv", index=False)
    return run("melanoma_fi", "months", place, place / "data")


def test_the_stages_are_those_published(by_dates: dict[str, Rows]) -> None:
    for stage in ("Localised", "Regional", "Distant", "Unknown"):
        found = row(by_dates["baseline"], variable="stage", category=stage)
        assert int(found["n"]) == expected("melanoma_fi")[f"n_{stage}"]


def test_the_deaths_by_stage_are_those_published(by_dates: dict[str, Rows]) -> None:
    """All deaths of cancer up to the end of follow-up, which none of the tables' times cuts off."""
    died = frame("melanoma_fi", "followup").merge(frame("melanoma_fi", "persons"), on="person_id")
    days = (frame("melanoma_fi", "followup", parse_dates=["start_date", "end_date"])).eval("end_date - start_date")
    died["days"] = days.dt.days
    for stage in ("Localised", "Regional", "Distant", "Unknown"):
        of = died[(died.stage == stage) & (died.status == "Dead: cancer") & (died.days > 0) & (died.days <= 3652)]
        assert int(row(by_dates["risk_2_cancer"], level=stage, time="120 mo")["events"]) == len(of)


@pytest.mark.parametrize("months", [12, 60, 120])
def test_the_risk_by_months_is_that_of_kaplan_and_meier(by_months: dict[str, Rows], months: int) -> None:
    found = row(by_months["risk_cause_specific"], time=f"{months} mo")
    assert float(found["risk"]) == pytest.approx(1 - expected("melanoma_fi")[f"km_loc_{months}m"], abs=1e-9)


@pytest.mark.parametrize("cause", ["cancer", "other"])
@pytest.mark.parametrize("months", [60, 120])
def test_the_competing_risks_by_months_are_those_of_aalen_and_johansen(
    by_months: dict[str, Rows], cause: str, months: int
) -> None:
    found = row(by_months[f"risk_{cause}"], time=f"{months} mo")
    assert float(found["risk"]) == pytest.approx(expected("melanoma_fi")[f"cif_loc_{cause}_{months}m"], abs=1e-9)


@pytest.mark.parametrize("months", [12, 60, 120])
def test_the_risk_by_dates_is_that_of_lifelines(by_dates: dict[str, Rows], months: int) -> None:
    lifelines = pytest.importorskip("lifelines")
    people = frame("melanoma_fi", "followup", parse_dates=["start_date", "end_date"])
    people = people[frame("melanoma_fi", "persons").stage == "Localised"]
    days = (people.end_date - people.start_date).dt.days
    fitted = lifelines.KaplanMeierFitter().fit(days, people.status == "Dead: cancer")
    risk = 1 - fitted.predict(int(months * 365.25 / 12))
    assert float(row(by_dates["risk_cause_specific"], time=f"{months} mo")["risk"]) == pytest.approx(risk, abs=1e-9)
