"""What the messages of the semantics say: the place, the code, and a help that is itself no error."""

from __future__ import annotations

import pytest

from tests.semantics.sample import resolved

GROUP = "where client_group"
BASELINE = "of age_group, sex, education, unemployed_2y by"
RISK = "of employed, studying by"
TIMES = "at 1 year, 2 years, 3 years"
COMPETING = "dated at its start + 30 days\n    competing with death"

HELPS = [
    (
        GROUP,
        "where death < index",
        "name-means-else",
        "death",
        "Ask about its rows: `any death before index`, `count of death before index`.",
    ),
    (
        GROUP,
        "where service < index",
        "name-means-else",
        "service",
        "Ask about its rows: `any service covering index`, `days of service before index`.",
    ),
    (
        GROUP,
        "where any emigration before index",
        "name-means-else",
        "emigration",
        "A role can end follow-up, compete with an outcome, or be one; its rows are in `migration`.",
    ),
    (GROUP, "where amount of pay > 10", "value-undated", "amount of pay", "Write `last amount of pay before index`."),
    (
        GROUP,
        "where amount of pay at index > 10",
        "shape-mismatch",
        "amount of pay at index",
        "Events have one day: write `last amount of pay before index`.",
    ),
    (
        GROUP,
        "where any death covering index",
        "shape-mismatch",
        "any death covering index",
        "Events have one day: write `before index`, or `during [index, index]` for that very day.",
    ),
    (
        BASELINE,
        "of birth_date, sex by",
        "not-categorical",
        "birth_date",
        "Count up to it: `define birth_date_years = years from birth_date to index in bands 0-9, 10-19, 20+`.",
    ),
    (
        BASELINE,
        "of fund, sex by",
        "not-categorical",
        "fund",
        'Divide it: `define fund_group = cases one where fund = "…", rest otherwise`.',
    ),
    (
        BASELINE,
        "of age, sex by",
        "at-needed",
        "age",
        "Define it on a day, `define age_then = age at index`, and name `age_then` here.",
    ),
]

NAMES = [
    (
        "emigration, end of data",
        "emigration, end_of_data",
        "unknown-name",
        "end_of_data",
        "Did you mean `end of data`?",
    ),
    (GROUP, "where any service before indx", "unknown-name", "indx", "Did you mean `index`?"),
    (
        GROUP,
        "where any residence covering index with hours > 3",
        "unknown-name",
        "hours",
        "Columns of `residence`: `duration`, `start`, `municipality`, `end`.",
    ),
    (
        GROUP,
        "where max_hours of employment at index > 3",
        "unknown-name",
        "max_hours",
        "Known here: `start`, `occupation`, `end`.",
    ),
    (GROUP, "where employed", "name-means-else", "employed", "Report it: `report risk of employed at 1 year`."),
    (
        GROUP,
        'where pathway = "okm"',
        "name-means-else",
        "pathway",
        "Compare by it: `report risk of … by pathway at 1 year`.",
    ),
    (
        GROUP,
        "where adult",
        "name-means-else",
        "adult",
        "Define its condition, `define is_adult = …`, and use `is_adult` in both places.",
    ),
    (
        GROUP,
        "where okm",
        "name-means-else",
        "okm",
        "Define its condition, `define is_okm = …`, and use `is_okm` in both places.",
    ),
    (
        GROUP,
        "where clients",
        "name-means-else",
        "clients",
        "Ask whether the unit is in it, in a cohort after it: `member of clients`.",
    ),
    (BASELINE, "of employed, sex by", "name-means-else", "employed", "Report it: `report risk of employed at 1 year`."),
    (RISK, "of pathway by", "name-means-else", "pathway", "Compare by it: `report risk of … by pathway at 1 year`."),
    (
        RISK,
        "of death by",
        "name-means-else",
        "death",
        "Make it an outcome: `outcome death_seen`, with `death` on a line below it.",
    ),
    (
        COMPETING,
        COMPETING.replace("death", "employed"),
        "name-means-else",
        "employed",
        "Name another: `emigration`, `death`, `studying`.",
    ),
    (
        COMPETING,
        COMPETING.replace("death", "service"),
        "name-means-else",
        "service",
        "A role or other outcome is needed here: `emigration`, `studying`, `death`.",
    ),
    (GROUP, 'where sex = "Man"', "code-not-in-list", '"Man"', 'Write "1" (Man).'),
    (GROUP, 'where sex = "male"', "code-not-in-list", '"male"', 'Its codes are "1" (Man), "2" (Woman).'),
    (
        GROUP,
        'where education = "upper secondary"',
        "code-not-in-list",
        '"upper secondary"',
        'Write "3" (Upper secondary).',
    ),
]

VALUES = [
    (
        GROUP,
        'where birth_date < "2019-01-01"',
        "type-mismatch",
        'birth_date < "2019-01-01"',
        "Write it without quotes: `2019-01-01`.",
    ),
    (GROUP, 'where age at index > "18"', "type-mismatch", 'age at index > "18"', "Write it without quotes: `18`."),
    (
        GROUP,
        'where any study before index with degree = "true"',
        "type-mismatch",
        'degree = "true"',
        "Write it without quotes: `true`.",
    ),
    (GROUP, "where any study before index with degree = 1", "type-mismatch", "degree = 1", "Write `true` or `false`."),
    (GROUP, "where birth_date > 2000", "type-mismatch", "birth_date > 2000", "Write a whole date: `2000-01-01`."),
    (
        "first study starting",
        "last study starting",
        "event-needed",
        "last study starting during follow-up with degree = true",
        "Write `first study starting during follow-up with degree = true`.",
    ),
    (
        GROUP,
        "where start of data < index",
        "data-end-unknown",
        "start of data",
        "Ask where a table is meant, `any TABLE during [start of data, index)`, or name a day.",
    ),
]

SENTENCES = [
    ("of person\n", "of persons\n", "unknown-name", "persons", "Did you mean `person`?"),
    (
        GROUP,
        'where any residence covering index with municipality in skills_centre group "x"',
        "unknown-name",
        '"x"',
        "Known here: `skills_centre`.",
    ),
    (
        GROUP,
        'where industry of employer = "C"',
        "link-missing",
        "industry of employer",
        "Ask for it in the condition of a row query whose rows name an employer.",
    ),
    (
        GROUP,
        'where any employment covering index with employer_id = "1"',
        "direct-identifier",
        "employer_id",
        "Use what many have in common.",
    ),
    (
        GROUP,
        'where age at index in ("1")',
        "type-mismatch",
        "age at index",
        "Use `between … and …` for numbers and dates.",
    ),
]

TWICE = [
    (TIMES, "at 1 year, 12 months", "named-twice", "12 months", "Name it once."),
    (RISK, "of employed, employed by", "named-twice", "employed", "Name it once."),
    (BASELINE, "of sex, sex by", "named-twice", "sex", "Name it once."),
]


Case = tuple[str, str, str, str, str]


@pytest.mark.parametrize("case", [*HELPS, *NAMES, *VALUES, *SENTENCES, *TWICE], ids=lambda case: case[1][:50])
def test_one_error_at_its_place_with_what_to_write(case: Case) -> None:
    old, new, code, underlined, remedy = case
    _, found = resolved((old, new), site=False)
    told = [(f.code, f.span.text if f.span else "", f.remedy) for f in found if f.severity == "error"]
    assert told == [(code, underlined, remedy)]


def test_an_article_suits_its_word() -> None:
    _, found = resolved((GROUP, 'where age at index > "18"'), site=False)
    assert found[0].message == "An integer in years cannot be compared with a text."


def test_a_date_taken_from_rows_is_reckoned_with_where_it_stands() -> None:
    day = "(first date of plan before index)"
    condition = f"where days from {day} + 1 month to index > 30 and age at {day} > 17"
    _, found = resolved((GROUP, condition), site=False)
    assert not [f for f in found if f.severity == "error"]
    _, found = resolved((GROUP, f"where any service before {day}"), site=False)
    assert [f.remedy for f in found if f.severity == "error"] == [
        "Define it, `define that_date = first date of plan before index`, and write `that_date` here."
    ]


#: What helps tell to write, where it is a whole thing.
FOLLOWED = [
    ("", "any death before index"),
    ("", "any service covering index"),
    ("", "(days of service before index) > 0"),
    ("", "(last amount of pay before index) > 10"),
    ("", "any death during [index, index]"),
    ("", "any u before index - 30 days"),
    ("", "any employment ending before index with end > 2020-01-01"),
    ("define birth_date_years = years from birth_date to index in bands 0-9, 10-19, 20+", 'birth_date_years = "20+"'),
    ('define fund_group = cases one where fund = "A", rest otherwise', 'fund_group = "one"'),
    ("define age_then = age at index", "age_then > 17"),
]


@pytest.mark.parametrize(("before", "condition"), FOLLOWED)
def test_a_help_leads_into_no_other_error(before: str, condition: str) -> None:
    spells = "spells u = jobseeking merged within 30 days"
    allow = f'where {condition}\n    allow last-known because "Tested."\n    allow before-coverage because "Tested."'
    _, found = resolved(
        (GROUP, allow), ("define unemployed_2y", f"{spells}\n{before}\ndefine unemployed_2y"), site=False
    )
    assert [f.code for f in found if f.severity == "error"] == []
