"""Gammopathy (Kyle and others 2002), in whole months since the diagnosis: death, and what comes before it, by sex."""

from __future__ import annotations

import pytest

from tests.cases.place import Rows, case, expected, row, run


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    return run("mgus2", "death", tmp_path_factory.mktemp("mgus2"))


@pytest.mark.parametrize("sex", ["F", "M"])
def test_the_people_are_those_published(deaths: dict[str, Rows], sex: str) -> None:
    published = expected("mgus2")
    age = row(deaths["baseline_numbers"], variable="age", group=sex)
    assert int(age["n"]) == published[f"n_{sex}"]
    assert float(age["mean"]) == pytest.approx(published[f"age_{sex}"], abs=1e-6)


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("months", [60, 120, 240])
def test_the_risk_of_death_is_one_minus_kaplan_and_meier(deaths: dict[str, Rows], sex: str, months: int) -> None:
    found = row(deaths["risk_died"], level=sex, time=f"{months} mo")
    assert float(found["risk"]) == pytest.approx(1 - expected("mgus2")[f"km_{sex}_{months}"], abs=1e-9)


def test_the_column_of_times_says_what_it_counts(deaths: dict[str, Rows], first_events: dict[str, Rows]) -> None:
    """Months of the clock; days where follow-up is told by dates."""
    assert [one["time_months"] for one in deaths["risk_died"]] == ["60", "120", "240"] * 2
    assert {one["time_days"] for one in first_events["risk_died"]} == {"1826", "3652", "7305", "12905"}


# --- malignancy, or death before it: months that the binding puts on a calendar, so that tables can be combined -------


@pytest.fixture(scope="module")
def first_events(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    place = tmp_path_factory.mktemp("mgus2_dated")
    return run("mgus2_dated", "first_events", place, case("mgus2"))


@pytest.mark.parametrize(("outcome", "event", "number"), [("malignancy", "pcm", 1), ("died", "death", 2)])
def test_the_competing_risks_are_those_of_aalen_and_johansen(
    first_events: dict[str, Rows], outcome: str, event: str, number: int
) -> None:
    """Of a malignancy and a death in one month the malignancy counts: the case says so, and the study with it."""
    published = expected("mgus2")
    for sex in ("F", "M"):
        for months in (60, 120, 240):
            found = row(first_events[f"risk_{outcome}"], level=sex, time=f"{months} mo")
            assert float(found["risk"]) == pytest.approx(published[f"cif_{event}_{sex}_{months}"], abs=1e-9)
    last = [int(one["events"]) for one in first_events[f"risk_{outcome}"] if one["time"] == "424 mo"]
    assert sum(last) == published[f"ev_{number}"]
