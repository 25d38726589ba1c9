"""What `compile --explain` promises: every name has its facts, and the facts are those of the resolved study."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec import load, review
from studyspec.catalogue.load import load_site
from studyspec.cli import main
from studyspec.review import checks
from studyspec.review.words import WORDS
from studyspec.semantics import core, design
from studyspec.source import Refused
from tests.semantics.sample import OMNIA, study

STUDY, SITE = OMNIA / "omnia_employment.study", OMNIA / "site.yaml"
INDEX = "index   first jobseeking starting during [2019-01-01, 2022-12-31]"
ADULT = '    include adult    "18 to 64 years old"          where age at index between 18 and 64\n'


def told(name: str, *changes: tuple[str, str], site: bool = True) -> review.Explained:
    at = load_site(SITE) if site else None
    *_, one = review.explain(study(*changes, site=site), [name], at)
    return one


def defined(expression: str) -> review.Explained:
    """A definition `asked` added to the sample."""
    return told("asked", ("define age_group", f"define asked = {expression}\ndefine age_group"))


def meaning(expression: str) -> str:
    return " ".join(defined(expression).means)


# --- which names there are -------------------------------------------------------------------------------------------


def test_without_a_name_every_element_is_told_in_the_order_of_the_study() -> None:
    names = [one.name for one in review.explain(study())]
    elements = "home client_group age_group unemployed_2y clients index adult resident group earlier pathway okm usual"
    assert names == [*elements.split(), "follow-up", "employed", "studying", "attrition", "baseline", "risk"]


@pytest.mark.parametrize("name", ["sex", "person.sex", "service.code", "age", "residence", "death"])
def test_names_of_the_model_are_told_too(name: str) -> None:
    assert told(name).means


def test_a_name_that_is_not_there_gets_the_nearest_ones() -> None:
    with pytest.raises(Refused) as refused:
        review.explain(study(), ["client_grop", "adult"])
    (fault,) = refused.value.diagnostics
    assert fault.code == "nothing-to-explain"
    assert "`client_group`" in (fault.remedy or "")


# --- the sentence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("age at index in bands 0-17, 18+", "falls in: 0–17 or 18+ (both ends included)"),
        ("age at index >= 18", "to the index is at least 18"),
        ("age at index between 18 and 64", "is between 18 and 64 (both included)"),
        ('sex = "1"', 'the person\'s sex is "1" (Man)'),
        ('sex != "1"', 'sex is not "1" (Man)'),
        ('education in ("3", "4")', "level of education is one of"),
        ("mother_tongue in domestic_languages", "is in the code list domestic_languages"),
        ("education is unknown", "level of education is unknown"),
        ("birth_date < index - 18 years", "date of birth is before 18 years before the index"),
        ('not (sex = "1" or age at index > 40)', "not: ("),
        ('sex = "1" and age at index > 40', "(Man) and the number"),
        ("any service before index", "there is a row of service holding at least one day before the index"),
        ("no service starting during [index - 1 year, index]", "from 1 year before the index to the index (that day"),
        ("exactly one service before index", "there is exactly one row of service holding at least one day before the"),
        ('exactly one service before index and sex = "1"', "before the index) and the person"),
        ("days from birth_date to latest(index, 2021-01-01)", "the latest of the index and 2021-01-01"),
        ("municipality of exactly one residence covering index", "of the only row of residence holding the day of"),
        ("count of service starting during [index, index + 7 days)", "how many rows of service starting from"),
        ("days of jobseeking during [index - 30 days, index)", "how many days from 30 days before"),
        ("last code of service starting before index", "(of several on that day, the largest)"),
        ("municipality of residence at index", "holding the day of the index"),
        ('education in groups low ("3"), high ("7", "8")', "low = "),
        ('at least 1 of (sex = "1", education is known)', "at least 1 of these hold: (1) the person's sex"),
        ("(days of jobseeking during [index - 9 days, index)) + 1", "plus 1"),
        ("any service before index with duration > 9 days", "its length in days is more than 9 days"),
        ("client_group", "Holds where `client_group` holds."),
    ],
)  # fmt: skip
def test_a_sentence_reads_the_expression_back(expression: str, sentence: str) -> None:
    if expression.startswith(("last code", "municipality of")):
        expression = f"({expression}) is known"
    assert sentence.casefold() in meaning(expression).casefold()


def test_the_names_in_a_sentence_come_with_their_own_meaning() -> None:
    (term,) = told("group").terms
    assert term[0] == "client_group"
    assert "mother tongue is not in the code list" in term[1]


def test_a_criterion_says_what_happens_where_it_is_unknown() -> None:
    assert any("counted as `group unknown`" in line for line in told("group").means)
    assert not any("unknown" in line for line in told("adult").means)


def test_law_and_gap_are_told() -> None:
    one = told("client_group")
    assert one.legal
    assert one.gap


# --- the facts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "no_rows"),
    [
        ("any service before index", "no"),
        ("no service before index", "yes"),
        ("days of jobseeking during [index - 9 days, index)", "0"),
        ("(days of jobseeking during [index - 9 days, index)) + 1", "1"),
        ("(days of jobseeking during [index - 9 days, index)) < 5", "yes"),
        ("(days of jobseeking during [index - 9 days, index)) in bands 0-4, 5+", "0-4"),
        ("last code of service starting before index", "unknown"),
        ("(last code of service starting before index) is known", "no"),
        ("no service before index or client_group", "yes"),
        ("any service before index or client_group", "depends on other facts of the person"),
        ("any service before index and client_group", "no"),
        ("at least 2 of (no service before index, no study before index, client_group)", "yes"),
        ("not (any service before index)", "yes"),
        ("days from (first start of service starting before index) + 1 month to index > 365", "unknown"),
        ("years from birth_date to (first start of service starting before index) > 17", "unknown"),
        ("(first start of service starting before index) < index", "unknown"),
        ("age at index >= 18", ""),
    ],
)  # fmt: skip
def test_someone_without_rows_gets_what_the_arbiter_would_give(expression: str, no_rows: str) -> None:
    value = defined(expression).value
    assert value is not None
    assert value.no_rows == no_rows


def test_days_are_those_that_months_can_be() -> None:
    horizon = told("unemployed_2y").horizon
    assert horizon is not None
    (reading,) = horizon.reads
    assert reading.days == (-731, -1)
    assert (reading.first, reading.last) == ("2017-01-01", "2022-12-30")
    assert reading.tables == ("jobseeking",)


def test_origin_is_the_physical_column_of_the_site_and_nothing_away_from_it() -> None:
    here, away = told("group").origin, told("group", site=False).origin
    assert here is not None
    assert away is not None
    assert [c.physical for c in here.columns] == ["vaesto_henkilo.kieli"]
    assert [c.physical for c in away.columns] == [""]
    assert here.columns[0].last_known


def test_the_threshold_is_the_guards_own() -> None:
    origin = told("employed").origin
    assert origin is not None
    assert origin.threshold is not None
    assert (origin.threshold.registers, origin.threshold.site, origin.threshold.whole) == (10, 13, 13)
    assert origin.threshold.site == load_site(SITE).policy.insiders + 11  # 12 is raised to where a bucket begins


# --- the checks ------------------------------------------------------------------------------------------------------


def verdict(name: str, code: str, *changes: tuple[str, str], site: bool = True) -> tuple[str, str]:
    (found,) = (v for v in told(name, *changes, site=site).checks if v.code == code)
    return found.status, found.because


def test_what_holds_is_proved() -> None:
    assert verdict("adult", "look-ahead") == ("proved", "")


def test_what_was_set_aside_shows_its_reason_where_it_is_used() -> None:
    assert verdict("group", "last-known") == ("allowed", "Mother tongue hardly ever changes.")


def test_what_says_nothing_here_is_not_applicable() -> None:
    assert verdict("adult", "past-data")[0] == "not applicable"


def test_permits_are_checked_at_a_site_only() -> None:
    assert verdict("adult", "permit-column")[0] == "proved"
    assert verdict("adult", "permit-column", site=False)[0] == "not checked"


def test_an_allowed_look_ahead_is_not_called_proved() -> None:
    late = '    include later "Later" where any employment starting during [index, index + 9 days)\n'
    reason = '        allow look-ahead because "It is meant."\n'
    assert verdict("later", "look-ahead", (ADULT, ADULT + late + reason)) == ("allowed", "It is meant.")


def test_what_an_index_claims_is_told_at_the_index_and_at_its_criterion() -> None:
    claimed = (INDEX, f'allow look-ahead because "So it is."\n    {INDEX.replace("first", "exactly one")}')
    (criterion,) = (n for n in told("index", claimed).means if "exactly_one_jobseeking" in n)
    assert "taken out" in criterion
    for name in ("index", "exactly_one_jobseeking"):
        assert verdict(name, "look-ahead", claimed) == ("allowed", "So it is.")
    assert told("exactly_one_jobseeking", claimed).label == "Exactly one row: Job-search spells"


def test_every_design_check_belongs_to_some_kind_of_element() -> None:
    asked = {code for codes in checks.DESIGN.values() for code in codes}
    assert not design.ALLOWABLE - asked


def test_every_check_has_its_question() -> None:
    assert not [c for codes in checks.DESIGN.values() for c in codes if f"check.{c}" not in WORDS["en"]]


# --- uses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "users"),
    [
        ("client_group", ("criterion group",)),
        ("home", ("criterion resident",)),
        ("age", ("definition age_group", "criterion adult")),
        ("death", ("follow-up", "outcome employed", "outcome studying")),
        ("pathway", ("report baseline", "report risk")),
        ("risk", ("what is published",)),
        ("employment", ("outcome employed",)),
    ],
)
def test_uses_are_told(name: str, users: tuple[str, ...]) -> None:
    assert told(name).used_by == users


def test_a_cohort_says_what_its_index_is_and_what_it_was_matched_on() -> None:
    assert told("clients").means[1].startswith("The index is the day of the first row of jobseeking starting")
    alike = "cohort alike of person\n    index assigned from clients matched on sex, age_group\n\nexposure pathway"
    reports = [(f"report {kind}", f"report {kind} in clients") for kind in ("attrition",)]
    by = [
        (" by pathway\nreport risk", " in clients by pathway\nreport risk"),
        (" by pathway at 1", " in clients by pathway at 1"),
    ]
    means = told("alike", ("exposure pathway", alike), *reports, *by).means
    assert any("`clients`" in one and "sex" in one and "age_group" in one for one in means)


# --- faces -----------------------------------------------------------------------------------------------------------


def test_the_command_line_tells_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["compile", str(STUDY), "--explain", "adult"]) == 0
    assert capsys.readouterr().out.startswith("adult: 18 to 64 years old\n")
    assert main.main(["compile", str(STUDY), "--explain", "adult", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["names"]
    assert one["name"] == "adult"
    assert one["place"]["line"] == 23


def test_it_can_be_written_to_a_file(tmp_path: Path) -> None:
    assert main.main(["compile", str(STUDY), "-o", str(tmp_path / "told.txt"), "--explain"]) == 0
    assert "employed" in (tmp_path / "told.txt").read_text(encoding="utf-8")


def test_python_shows_the_same() -> None:
    explanation = load(STUDY).explain("adult")
    assert str(explanation).startswith("adult: 18 to 64 years old\n")
    assert [one.name for one in explanation] == ["adult"]


def test_no_line_is_wider_than_a_page_but_for_columns() -> None:
    lines = review.text(review.explain(study(), (), load_site(SITE))).splitlines()
    assert not [line for line in lines if len(line) > 100 and "  " not in line[13:]]


def test_other_languages_fall_back_on_english() -> None:
    assert review.explain(study(), ["adult"], language="fi")[0].means


def test_a_study_without_exposure_or_follow_up_is_told() -> None:
    whole = study()
    bare = {"follow_up": None, "outcomes": (), "roles": (), "reports": whole.reports[:1]}
    names = [one.name for one in review.explain(replace(whole, **bare))]
    assert "follow-up" not in names
    assert isinstance(whole.cohort, core.Cohort)
