"""The four facts of the sample's expressions, and what the hash of meaning sees."""

from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse, write
from studyspec.semantics import core, digest, resolve
from studyspec.semantics.core import Bound, ColumnRef, Hull
from studyspec.source import Source
from tests.semantics.sample import OMNIA, TEXT, TODAY, resolved, study

GROUP = "where client_group"


def definition(found: core.Study, name: str) -> core.Expr:
    return next(d.value for d in found.definitions if d.name == name)


def test_a_number_of_days_reads_its_window_and_is_known_at_its_end() -> None:
    facts = definition(study(), "unemployed_2y").facts
    assert facts.type.kind == "integer"
    assert facts.type.unit == "days"
    assert not facts.nullable
    assert facts.grain.kind == "unit"
    assert facts.reads == (Hull(Bound("index", -24), Bound("index")),)
    assert facts.known == {Bound("index", 0, -1)}
    assert facts.origin == {ColumnRef("jobseeking", c) for c in ("person_id", "start", "end")}


def test_a_last_known_attribute_is_settled_at_extraction() -> None:
    facts = definition(study(), "client_group").facts
    assert facts.known == {Bound("extraction")}
    assert facts.nullable
    assert facts.origin == {ColumnRef("person", "mother_tongue")}


def test_a_use_of_it_is_not_where_the_definition_allows_it() -> None:
    criterion = study().cohort.criteria[2]
    assert isinstance(criterion.condition, core.Ref)
    assert criterion.condition.facts.known == frozenset()


def test_age_is_known_when_its_time_is_and_has_the_range_of_the_model() -> None:
    band = definition(study(), "age_group")
    assert isinstance(band, core.BandOf)
    assert band.operand.facts.known == {Bound("index")}
    assert (band.operand.facts.low, band.operand.facts.high) == (0, 120)
    assert band.facts.type.categories == ("18-29", "30-44", "45-64")


def test_criteria_make_certain_which_categories_there_are() -> None:
    def categories(name: str, *changes: tuple[str, str]) -> list[str]:
        report = next(r for r in study(*changes).reports if isinstance(r, core.BaselineReport))
        return [c.key for c in next(v for v in report.of if v.name == name).categories]

    assert categories("age_group") == ["18-29", "30-44", "45-64"]
    assert categories("age_group", ("between 18 and 64", "between 16 and 64"))[-1] == "unknown"
    assert categories("age_group", ("45-64", "46-64"))[-1] == "unknown"
    assert categories("education")[-1] == "unknown"
    assert categories("education", (GROUP, 'where education in ("6", "7")'))[-1] != "unknown"
    assert categories("unemployed_2y") == ["0", "1+"]


def test_an_exposure_is_unknown_only_where_a_condition_can_be() -> None:
    exposure = study().exposure
    assert exposure is not None
    assert [c.key for c in exposure.categories] == ["okm", "usual"]
    by_sex = study(
        (
            '"Skills centre"  where any service starting during window with code in skills_centre',
            '"Skills centre" where education = "6"',
        )
    ).exposure
    assert by_sex is not None
    assert [c.key for c in by_sex.categories] == ["okm", "usual", "unknown"]
    open_end = study(('    level usual "Usual services" otherwise\n', "")).exposure
    assert open_end is not None
    assert [c.key for c in open_end.categories] == ["okm", "none"]


def test_the_columns_of_a_study_are_all_it_may_read() -> None:
    columns = {str(c) for c in study().columns}
    assert {"death.date", "migration.kind", "employment.end", "service.code", "person.person_id"} <= columns
    assert "study.end" not in columns


def test_end_of_data_is_the_last_day_that_outcome_and_censoring_cover() -> None:
    assert {o.end_of_data for o in study().outcomes} == {min(c.end for c in study().coverage.values() if c.end)}


SAME = [
    ("a comment", ("language en", "# a comment\nlanguage en")),
    ("layout", ("    include adult    ", "    include   adult ")),
    ("a label", ('"18 to 64 years old"', '"Of working age"')),
    ("a title", ("Learn which", "Find out which")),
    ("a reason", ("hardly ever changes", "is stable")),
    ("a legal text", ("Foreign-language speaker", "Speaker of a foreign language")),
]
OTHER = [
    ("an age", ("between 18 and 64", "between 18 and 63")),
    ("a window", ("index - 2 years", "index - 3 years")),
    ("an end of a window", ("[index - 2 years, index)", "[index - 2 years, index]")),
    ("a municipality", ('"049"', '"091"')),
    ("a criterion's name", ("exclude earlier", "exclude before")),
    ("a kind of criterion", ("exclude earlier", "include earlier")),
    ("the order of levels", ("otherwise", "where any employment before index")),
    ("a day", ("its start + 30 days", "its start + 31 days")),
    ("a time", ("1 year, 2 years, 3 years", "1 year, 2 years")),
    ("what competes", ("dated at its start + 30 days\n    competing with death", "dated at its start + 30 days")),
]


@pytest.mark.parametrize("change", [c for _, c in SAME], ids=[n for n, _ in SAME])
def test_the_hash_of_meaning_is_blind_to(change: tuple[str, str]) -> None:
    assert study(change).hash == study().hash


@pytest.mark.parametrize("change", [c for _, c in OTHER], ids=[n for n, _ in OTHER])
def test_the_hash_of_meaning_sees(change: tuple[str, str]) -> None:
    assert study(change).hash != study().hash


def test_the_hash_is_blind_to_the_names_of_definitions() -> None:
    assert study(("parameter client_group:", "parameter target:"), (GROUP, "where target")).hash == study().hash


def test_both_spellings_mean_the_same() -> None:
    document = parse(Source("sample.study", TEXT))
    other = parse(Source("sample.yaml", write(document, "yaml")))
    found, _ = resolve(other, load_catalogue(other, OMNIA, None), TODAY)
    assert found is not None
    assert found.hash == study(site=False).hash == digest(found)


def test_the_hash_does_not_depend_on_the_site() -> None:
    assert study(site=True).hash == study(site=False).hash


def test_a_code_list_is_seen_by_its_codes(tmp_path: Path) -> None:
    document = parse(Source("sample.study", TEXT))
    lists = tmp_path / "codelists"
    lists.mkdir()
    rows = (OMNIA / "codelists" / "skills_centre.csv").read_text(encoding="utf-8").splitlines()
    (lists / "skills_centre.csv").write_text("\n".join(rows[:2]) + "\n", encoding="utf-8")
    found, _ = resolve(document, load_catalogue(document, tmp_path, None), TODAY)
    assert found is not None
    assert (found.hash == study().hash) == (len(rows) == 2)


def test_allowed_checks_are_kept_for_the_reviewer() -> None:
    assert [(a.code, a.element) for a in study().allowed] == [
        ("last-known", "client_group"),
        ("prevalent-cases", "employed"),
        ("prevalent-cases", "studying"),
    ]


def test_resolving_finds_nothing_wrong_with_the_sample() -> None:
    found, faults = resolved()
    assert found is not None
    assert not faults
