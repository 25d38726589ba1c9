"""Two releases about the same people must not divide one value at different points."""

import shutil
from pathlib import Path

import pytest

import studyspec
from studyspec.pipeline import site, synthesise

OMNIA = Path(__file__).parents[2] / "examples" / "omnia"
STUDY = (OMNIA / "omnia_employment.study").read_text(encoding="utf-8")
BANDS = "18-29, 30-44, 45-64"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The example with data of its own, at a site that says its data are public: releases there have a history."""
    folder = tmp_path / "omnia"
    shutil.copytree(OMNIA, folder, ignore=shutil.ignore_patterns("state", "data", "results"))
    synthesise(folder / "site.yaml", folder / "data", 6000, 1)
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(text.replace("kind: synthetic", "kind: public"), encoding="utf-8")
    assert site(folder / "site.yaml").kind == "public"
    return folder


def release(place: Path, name: str, text: str) -> None:
    (place / f"{name}.study").write_text(text, encoding="utf-8")
    studyspec.run(place / f"{name}.study", site=place / "site.yaml", out=place / name)


def test_other_cut_points_are_refused_and_the_same_ones_are_not(place: Path) -> None:
    release(place, "first", STUDY)
    release(place, "again", STUDY.replace("age_group", "age_band"))
    with pytest.raises(studyspec.Refused) as refused:
        release(place, "shifted", STUDY.replace(BANDS, "18-30, 31-44, 45-64"))
    assert [d.code for d in refused.value.diagnostics] == ["crossing-releases"]
    assert not (place / "shifted").exists()


def test_another_value_may_be_divided_as_it_likes(place: Path) -> None:
    release(place, "first", STUDY)
    release(place, "other", STUDY.replace("sex, education", "sex"))


def test_invented_people_have_no_history(place: Path) -> None:
    text = (place / "site.yaml").read_text(encoding="utf-8")
    (place / "site.yaml").write_text(text.replace("kind: public", "kind: synthetic"), encoding="utf-8")
    release(place, "first", STUDY)
    release(place, "shifted", STUDY.replace(BANDS, "18-30, 31-44, 45-64"))


def test_a_permit_can_cap_the_cohort(place: Path) -> None:
    permit = place / "permits" / "espoo-2021-117.yaml"
    permit.write_text(
        permit.read_text(encoding="utf-8").replace("population_cap: 400000", "population_cap: 1000"), encoding="utf-8"
    )
    with pytest.raises(studyspec.Refused) as refused:
        release(place, "first", STUDY)
    assert [d.code for d in refused.value.diagnostics] == ["permit-population"]
    assert not any(c.isdigit() for c in str(refused.value))
    assert '"refusal"' in (place / "state" / "ledger.jsonl").read_text(encoding="utf-8")
