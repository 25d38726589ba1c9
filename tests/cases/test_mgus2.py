"""Gammopathy (Kyle and others 2002), in whole months since the diagnosis: death by sex."""

from __future__ import annotations

import pytest

from tests.cases.place import Rows, expected, row, run


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
