"""Every name of studies that use the whole language can be explained, in words and as JSON, in three languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.cli.main import main
from studyspec.review import Explained

ESPOO = Path(__file__).parents[2] / "examples" / "espoo"
STUDIES = sorted((ESPOO / "studies").glob("*.study"))


def explained(path: Path, *names: str, language: str = "en") -> tuple[Explained, ...]:
    understood = pipeline.understand(path, pipeline.site(ESPOO / "site.yaml"))
    return pipeline.explain(understood, names, language)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_element_is_told_with_what_it_means_and_is_made_from(path: Path) -> None:
    study = pipeline.understand(path, pipeline.site(ESPOO / "site.yaml")).study
    names = {one.name for one in explained(path)}
    wanted = [*study.definitions, *study.spells, *study.cohorts, *study.exposures, *study.outcomes, *study.states]
    wanted += [criterion for cohort in study.cohorts for criterion in cohort.criteria]
    wanted += [level for owner in (*study.exposures, *study.states) for level in owner.levels]
    assert {element.name for element in wanted} <= names
    assert {report.name for report in study.reports} <= names
    for one in explained(path):
        assert one.means, one.name


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_element_is_told_in_three_languages(path: Path, language: str) -> None:
    assert all(one.means for one in explained(path, language=language))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_a_name_is_told_by_itself_and_as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = pipeline.understand(path).study
    assert main(["compile", str(path), "--explain", study.cohorts[-1].name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def means(study: str, name: str) -> str:
    *_, one = explained(ESPOO / "studies" / f"{study}.study", name)
    return " ".join(one.means)


def test_a_comparison_says_whom_it_is_like_and_how_it_is_drawn() -> None:
    said = means("skills_centre", "comparison.index")
    assert "clients" in said


def test_spells_say_what_they_are_made_of() -> None:
    assert "jobseeker_status" in means("long_term_unemployed", "unemployed")
