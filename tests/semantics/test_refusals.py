"""Each fault: its code, the exact text underlined, and nothing else reported."""

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.catalogue.permits import load_permit
from studyspec.language import parse
from studyspec.semantics import resolve
from studyspec.source import Diagnostic, Source
from tests.semantics.sample import OMNIA, TEXT, TODAY, resolved

GROUP = "where client_group"
BASELINE = "report baseline of age_group, sex, education, unemployed_2y by pathway"
UNEMPLOYED = "define unemployed_2y = days of jobseeking during [index - 2 years, index)"
EARLIER = "where any service before index with code in skills_centre"
RESIDENT = "where any residence covering index with municipality = home"
ADULT = "where age at index between 18 and 64"
WINDOW = "exposure pathway during [index, index + 180 days)"
OKM = "where any service starting during window with code in skills_centre"
FOLLOW = "follow-up from index + 180 days to earliest(follow-up start + 3 years, death, emigration, end of data)"
INDEX = "index   first jobseeking starting during [2019-01-01, 2022-12-31]"
RISK = "report risk     of employed, studying by pathway at 1 year, 2 years, 3 years"
DEGREE = "first study starting during follow-up with degree = true"
LAST_KNOWN = '    allow last-known because "Mother tongue hardly ever changes."\n'

CASES = [
    ("unknown-name", GROUP, "where cliengroup", "cliengroup"),
    ("unknown-name", "in skills_centre\n    level usual", "in skill_centre\n    level usual", "skill_centre"),
    ("unknown-name", "any residence covering", "any residences covering", "residences"),
    ("unknown-name", "of employed, studying by", "of employed, studing by", "studing"),
    ("name-means-else", "of employed, studying by", "of employed, study by", "study"),
    ("unknown-name", "unemployed_2y by pathway", "unemployed_2y by path", "path"),
    ("unknown-name", "cohort clients of person", "cohort clients of pupil", "pupil"),
    ("unknown-name", "dated at its start + 30 days\n    competing with death", "competing with deth", "deth"),
    ("unknown-name", INDEX, "index every mnoth during [2019-01-01, 2022-12-31]", "mnoth"),
    ("name-means-else", GROUP, "where employment", "employment"),
    ("name-means-else", GROUP, "where death", "death"),
    ("name-means-else", GROUP, "where skills_centre", "skills_centre"),
    ("duplicate-name", "level usual", "level adult", "adult"),
    ("name-taken", "exclude earlier", "exclude residence", "residence"),
    (
        "circular-definition",
        UNEMPLOYED,
        "define unemployed_2y = no_one\ndefine no_one = unemployed_2y",
        "no_one",
    ),
    ("code-not-in-list", GROUP, 'where sex = "3"', '"3"'),
    ("type-mismatch", GROUP, "where birth_date = 18", "birth_date = 18"),
    ("type-mismatch", GROUP, "where birth_date in skills_centre", "birth_date"),
    ("not-a-condition", GROUP, "where age at index", "age at index"),
    ("wrong-type", UNEMPLOYED, "define unemployed_2y = sex in bands 0-9, 10+", "sex"),
    ("wrong-type", '= "049"', "= mother_tongue", "mother_tongue"),
    ("code-needs-quotes", "municipality = home", "municipality = 49", "49"),
    ("codes-of-other-list", GROUP, "where sex in domestic_languages", "domestic_languages"),
    ("codes-of-other-list", GROUP, "where sex = education", "sex = education"),
    ("order-of-codes", GROUP, 'where education > "5"', 'education > "5"'),
    ("unit-missing", "duration >= 30 days", "duration >= 30", "duration >= 30"),
    ("unit-not-fixed", "duration >= 30 days", "duration >= 1 month", "1 month"),
    ("empty-range", "between 18 and 64", "between 64 and 18", "64 and 18"),
    ("empty-range", "[index - 2 years, index)", "[index, index - 2 years)", "[index, index - 2 years)"),
    ("bands-overlap", "18-29, 30-44", "18-30, 30-44", "30-44"),
    ("at-needed", "age at index between", "age between", "age"),
    ("at-not-dated", GROUP, 'where sex at index = "1"', "sex at index"),
    ("time-as-value", UNEMPLOYED, "define unemployed_2y = index + 30 days", "index + 30 days"),
    ("time-needed", "follow-up from index + 180 days", "follow-up from sex", "sex"),
    ("time-not-yet", EARLIER, "where any service before follow-up start", "follow-up start"),
    ("time-not-yet", EARLIER, "where any service during window", "during window"),
    ("time-not-yet", EARLIER, "where any service during follow-up", "during follow-up"),
    ("time-not-yet", "[2019-01-01, 2022-12-31]", "[index, 2022-12-31]", "index"),
    (
        "date-out-of-range",
        "follow-up start + 3 years",
        "index + 100 years + 20000 days",
        "index + 100 years + 20000 days",
    ),
    ("date-out-of-range", "follow-up start + 3 years", "9999-12-31", "9999-12-31"),
    ("months-first", "follow-up start + 3 years", "follow-up start + 30 days + 1 month", "1 month"),
    ("window-needed", EARLIER, "where any service with code in skills_centre", None),
    ("shape-mismatch", EARLIER, "where any death covering index", "any death covering index"),
    ("shape-mismatch", "days of jobseeking during", "days of death during", "death"),
    ("shape-mismatch", "its start + 30 days", "its date + 30 days", "its date"),
    ("shape-mismatch", EARLIER, "where any person before index", "person"),
    ("edge-needed", "first jobseeking starting during", "first jobseeking during", "jobseeking"),
    ("nested-rows", "with degree = true", "with (degree = true and resident_now)", None),
    ("first-not-a-value", EARLIER, "where first service starting before index", None),
    ("event-needed", DEGREE, "skills_centre", "skills_centre"),
    ("outcome-window", DEGREE, "first study starting during [index, index + 9 days]", "[index, index + 9 days]"),
    ("level-order", "otherwise\n", "otherwise\n    level late where any employment before index\n", None),
    ("not-categorical", "sex, education", "birth_date", "birth_date"),
    ("beyond-follow-up", "2 years, 3 years", "2 years, 10 years", "10 years"),
    ("look-ahead", "covering index with", "covering index + 1 year with", None),
    ("look-ahead", EARLIER, "where any service before index + 2 days", "any service before index + 2 days"),
    ("look-ahead", EARLIER, "where any employment before index with duration > 3 days", None),
    ("look-ahead", EARLIER, "where any service before 2020-01-01", "any service before 2020-01-01"),
    ("last-known", LAST_KNOWN, "", "mother_tongue"),
    ("immortal-time", "follow-up from index + 180 days", "follow-up from index", "index + 180 days"),
    ("exposure-after-start", OKM, "where any employment starting during window with duration >= 365 days", None),
    ("before-coverage", "index - 2 years", "index - 90 years", "index - 90 years"),
    ("past-data", "2022-12-31]", "2099-12-31]", None),
    ("follow-up-past-data", ", emigration, end of data)", ", emigration)", None),
    ("event-known-later", "    dated at its start + 30 days\n", "", "duration >= 30 days"),
    ("event-known-later", "its start + 30 days", "its start + 29 days", "duration >= 30 days"),
    ("allow-refused", "allow last-known", "allow permit-column", None),
    ("permit-unknown", "ESPOO-2021-117", "ESPOO-2012-117", '"ESPOO-2012-117"'),
    ("permit-needed", 'permit   "ESPOO-2021-117"\n', "", None),
    ("direct-identifier", GROUP, 'where person_id = "1"', "person_id"),
    ("direct-identifier", "of age_group, sex", "of age_group, person_id, sex", "person_id"),
]


@pytest.mark.parametrize(("code", "old", "new", "underlined"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_a_fault_is_named_underlined_and_explained(code: str, old: str, new: str, underlined: str | None) -> None:
    if "resident_now" in new:
        extra = (UNEMPLOYED, f"{UNEMPLOYED}\ndefine resident_now = any residence covering index")
        study, faults = resolved((old, new), extra)
    else:
        study, faults = resolved((old, new))
    errors = [f for f in faults if f.severity == "error"]
    assert study is None
    assert code in [f.code for f in errors]
    fault = next(f for f in errors if f.code == code)
    assert fault.remedy
    assert fault.span is not None
    if underlined is not None:
        assert fault.span.text == underlined


#: Changes that are one fault; the others break what stands elsewhere too.
ALONE = [
    c
    for c in CASES
    if c[0] not in ("duplicate-name", "past-data", "allow-refused", "immortal-time") and "resident_now" not in c[2]
]


@pytest.mark.parametrize(("code", "old", "new", "underlined"), ALONE, ids=[f"{c[0]}-{i}" for i, c in enumerate(ALONE)])
def test_one_fault_gives_one_error(code: str, old: str, new: str, underlined: str | None) -> None:
    _, faults = resolved((old, new))
    assert [f.code for f in faults if f.severity == "error"] == [code]


def test_independent_faults_are_all_reported_in_the_order_of_the_text() -> None:
    _, faults = resolved(
        (ADULT, "where age between 18 and 64"),
        (RESIDENT, "where any residence covering index with municipality = 49"),
        (GROUP, "where cliengroup"),
    )
    assert [f.code for f in faults] == ["at-needed", "code-needs-quotes", "unknown-name"]


def test_a_missing_part_is_said_once() -> None:
    _, faults = resolved((FOLLOW, ""))
    assert "element-missing" in [f.code for f in faults]


def test_an_expired_permit_stops_the_study() -> None:
    _, faults = resolved(today=datetime.date(2200, 1, 1))
    assert [f.code for f in faults] == ["permit-expired"]


def test_permit_checks_wait_for_a_site() -> None:
    study, faults = resolved(("ESPOO-2021-117", "ANY-1"), site=False)
    assert study is not None
    assert not faults


def test_an_allow_that_sets_nothing_aside_is_a_warning() -> None:
    allow = '\n    allow look-ahead because "x"'
    study, faults = resolved(('legal "Foreign', 'allow look-ahead because "x"\n    legal "Foreign'))
    assert study is not None, allow
    assert [(f.code, f.severity) for f in faults] == [("allow-unused", "warning")]


def test_near_names_are_offered() -> None:
    _, faults = resolved((GROUP, "where client_grop"))
    assert "`client_group`" in str(faults[0].remedy)


# --- permits that are misspelt ---------------------------------------------------------------------------------------


def at_permit(tmp_path: Path, old: str, new: str, today: datetime.date = TODAY) -> list[Diagnostic]:
    """The errors of the sample study at its site, one text of the permit replaced."""
    site = load_site(OMNIA / "site.yaml")
    (path,) = (OMNIA / "permits").glob("*.yaml")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    changed = tmp_path / "permit.yaml"
    changed.write_text(text.replace(old, new), encoding="utf-8")
    permit = load_permit(changed)
    document = parse(Source("sample.study", TEXT))
    catalogue = load_catalogue(document, OMNIA, replace(site, permits={permit.id: permit}))
    return [f for f in resolve(document, catalogue, today)[1] if f.severity == "error"]


@pytest.mark.parametrize(
    ("old", "new", "written", "remedy"),
    [
        ("[population,", "[populaton,", "populaton", "Did you mean population?"),
        ("  ura_ythaku:", "  ura_ythku:", "ura_ythku", "Did you mean ura_ythaku?"),
        ("alkpv1, loppv1", "alkpv1, lopv1", "lopv1", "Did you mean loppv1?"),
    ],
)
def test_what_is_misspelt_in_a_permit_is_told_there_and_once(
    tmp_path: Path, old: str, new: str, written: str, remedy: str
) -> None:
    (found,) = at_permit(tmp_path, old, new)
    assert found.code == "unknown-reference"
    assert found.span is not None
    assert (found.span.text, found.span.source.name) == (written, str(tmp_path / "permit.yaml"))
    assert found.remedy == remedy
    assert found.related[0].span.source.name == "sample.study"


def test_a_permit_may_name_more_than_the_site_has(tmp_path: Path) -> None:
    assert not at_permit(tmp_path, "alkpv1, loppv1", "alkpv1, loppv1, loppv2")
    (found,) = at_permit(tmp_path, "alkpv1, loppv1", "alkpv1, kuolin_pv")
    assert found.code == "permit-column"


def test_a_permit_of_a_day_to_come_is_not_valid_yet(tmp_path: Path) -> None:
    (found,) = at_permit(tmp_path, "decided: 2021-03-15", "decided: 2030-02-01")
    assert found.code == "permit-not-yet-valid"
    assert found.span is not None
    assert found.span.text == '"ESPOO-2021-117"'
    assert found.remedy == "Correct `decided` in the permit, or wait for the decision."
    assert not at_permit(tmp_path, "decided: 2021-03-15", "decided: 2024-01-01", datetime.date(2024, 1, 1))
