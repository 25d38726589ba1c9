"""The studies of the city: whole in both spellings, accepted at every site, and published with numbers to read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.language import parse
from studyspec.language.format import same
from studyspec.source import Refused, Severity, read
from tests.espoo.city import ESPOO, example, made

STUDIES = sorted((ESPOO / "studies").glob("*.study"))
NAMES = [study.stem for study in STUDIES]
SITES = ("site", "site_extract", "site_extract_shnro")
PEOPLE = 30_000
#: The clients and their comparison share those who were first the one and then the other: they must be some.
MORE_PEOPLE = {"skills_centre": 150_000}
LANGUAGES = {"en", "fi", "sv"}


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Path]:
    """Parts of the city by how many are in them, each as a database of its own and as registers deliver it."""
    found = {}
    for people in (PEOPLE, *MORE_PEOPLE.values()):
        found[people] = example(tmp_path_factory.mktemp("studies") / "espoo")
        for site in SITES[:2]:
            made(found[people], site, people)
    return found


def published(cities: Mapping[int, Path], name: str, site: str, people: int | None = None) -> dict[str, str]:
    """The tables that a study publishes at a site, in the language of the study."""
    place = cities[people or MORE_PEOPLE.get(name, PEOPLE)]
    out = place / f"results_{site}_{name}"
    if not out.exists():
        pipeline.run(
            pipeline.understand(place / "studies" / f"{name}.study", pipeline.site(place / f"{site}.yaml")), out
        )
    return {file.name: file.read_text("utf-8") for file in sorted(out.glob("*.csv"))}


def numbers(table: str) -> Iterator[tuple[str, bool]]:
    """The counts of a table: the column, and whether the number is there."""
    for row in csv.DictReader(table.splitlines()):
        yield from ((name, bool(text) and text != "..") for name, text in row.items() if name.split("_")[0] == "n")


# --- as text ---------------------------------------------------------------------------------------------------------


def test_the_seven_studies_are_there() -> None:
    assert NAMES == [
        "employment_trial",
        "highly_educated",
        "long_term_unemployed",
        "skills_centre",
        "unemployment_by_origin",
        "vacancies",
        "youth",
    ]


@pytest.mark.parametrize("study", STUDIES, ids=NAMES)
def test_both_spellings_are_one_tree(study: Path) -> None:
    other = study.with_suffix(".yaml")
    assert same(parse(read(study)), other.read_text("utf-8"), "yaml")
    assert pipeline.rewrite(read(study), "yaml") == other.read_text("utf-8")
    assert pipeline.rewrite(read(other), "study") == study.read_text("utf-8")


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("study", STUDIES, ids=NAMES)
def test_every_site_takes_the_study_without_a_warning(study: Path, site: str) -> None:
    understood = pipeline.understand(study, pipeline.site(ESPOO / f"{site}.yaml"))
    assert [d.code for d in understood.diagnostics if d.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("study", STUDIES, ids=NAMES)
def test_all_that_readers_see_has_a_label_in_three_languages(study: Path) -> None:
    meaning = pipeline.understand(study).study
    assert set(meaning.titles) == set(meaning.purposes) == LANGUAGES
    seen = [*meaning.parameters, *meaning.definitions, *meaning.cohorts, *meaning.outcomes, *meaning.states]
    seen += [criterion for cohort in meaning.cohorts for criterion in cohort.criteria]
    seen += [*meaning.exposures, *(level for exposure in meaning.exposures for level in exposure.levels)]
    assert [one.name for one in seen if not set(one.labels) >= LANGUAGES] == []


@pytest.mark.parametrize("study", STUDIES, ids=NAMES)
def test_every_category_that_tables_show_has_a_label_in_three_languages(study: Path) -> None:
    """But for bands and periods, which numbers tell."""
    cubes = pipeline.plan(pipeline.understand(study)).cubes
    dimensions = [d for cube in cubes for d in cube.dimensions if d.name != "period"]
    shown = {(c.key, *c.labels.values()): set(c.labels) for d in dimensions for c in d.categories}
    shown |= {(d.name, *d.labels.values()): set(d.labels) for d in dimensions}
    lacking = [texts for texts, languages in shown.items() if not languages >= LANGUAGES]
    assert [texts for texts in lacking if any(letter.isalpha() for text in texts for letter in text)] == []


# --- as run ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_both_shapes_of_the_same_people_publish_the_same_tables(cities: Mapping[int, Path], name: str) -> None:
    ours, delivered = (published(cities, name, site) for site in SITES[:2])
    assert ours
    assert ours == delivered


@pytest.mark.parametrize("name", NAMES)
def test_enough_is_left_to_read(cities: Mapping[int, Path], name: str) -> None:
    """Even of a part of the city."""
    told = [there for table in published(cities, name, "site").values() for _, there in numbers(table)]
    assert told
    assert sum(told) > len(told) / 4


def test_vacancies_are_not_called_people(cities: Mapping[int, Path]) -> None:
    table = published(cities, "vacancies", "site")["baseline.csv"]
    assert next(csv.DictReader(table.splitlines()))["variable_label"] == "Vacancies"


def test_a_comparison_that_shares_too_few_with_the_clients_is_refused(cities: Mapping[int, Path]) -> None:
    with pytest.raises(Refused, match="cohorts-too-close"):
        published(cities, "skills_centre", "site", PEOPLE)
