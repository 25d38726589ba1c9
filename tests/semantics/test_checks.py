"""What the checks find, and what they leave alone; and that what is called certain is."""

from __future__ import annotations

import datetime
import os
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.catalogue.load import load_catalogue, load_model
from studyspec.catalogue.types import Catalogue, Model, ValueType
from studyspec.language import parse
from studyspec.semantics import checks, core, resolve
from studyspec.semantics.certainty import Reasoner
from studyspec.semantics.core import ColumnRef, Expr, Facts, Grain
from studyspec.semantics.facts import BOOLEAN
from studyspec.source import Source
from tests.semantics import checks_page
from tests.semantics.sample import study as sample

ROOT = Path(__file__).parents[2]
INDEX = "index first jobseeking starting during [2021-01-01, 2022-12-31]"
HEAD = "study example version 1.0.0\nlanguage en\nmodel fi_municipal 1\n"


def found(*criteria: str, index: str = INDEX, before: str = "", after: str = "") -> list[str]:
    """The codes told of a cohort with these criteria, but for what is never used."""
    lines = [*before.splitlines(), "cohort people of person", f"    {index}", *(f"    {c}" for c in criteria)]
    lines += after.splitlines() if "report" in after else [*after.splitlines(), "report attrition"]
    document = parse(Source("example.study", HEAD + "\n".join(lines) + "\n"))
    _, faults = resolve(document, load_catalogue(document, ROOT, None), datetime.date(2026, 1, 1))
    return [f.code for f in faults if f.code != "unused"]


# --- every rule has its code, and every code its rule ----------------------------------------------------------------


def test_the_page_of_checks_tells_every_rule_with_its_code() -> None:
    """`UPDATE_PAGES=1` writes it anew."""
    if os.environ.get("UPDATE_PAGES"):
        checks_page.PAGE.write_text(checks_page.page(), encoding="utf-8")
    assert checks_page.PAGE.read_text(encoding="utf-8") == checks_page.page()


def test_no_module_of_faults_is_left_out() -> None:
    assert checks_page.modules() == {name for _, names, _ in checks_page.GROUPS for name in names}


def test_only_what_is_found_can_be_allowed() -> None:
    known = {code for name in checks_page.modules() for code in checks_page.codes(name)}
    assert not checks.ALLOWABLE - known


def test_no_check_of_permits_or_types_can_be_allowed() -> None:
    assert not {c for c in checks.ALLOWABLE if c.startswith("permit")} | (checks.ALLOWABLE & {"direct-identifier"})


# --- found, and left alone -------------------------------------------------------------------------------------------

CRITERIA = [
    ((), []),
    (("include a where age at index between 18 and 64", "include b where age at index between 30 and 40"), []),
    (("include a where age at index >= 18", "exclude b where age at index >= 65"), []),
    (("include a where age at index >= 65", "exclude b where age at index > 60"), ["contradiction"]),
    (('include a where sex = "1"', 'include b where sex = "2"'), ["contradiction"]),
    (('include a where sex = "1"', 'exclude b where sex = "2"'), ["criterion-implied"]),
    (('include a where sex in ("1", "2")',), ["always-true"]),
    (('include a where sex = "1" and sex = "2"',), ["never-true"]),
    (('include a where sex = "1" or sex = "2"',), ["always-true"]),
    (('include a where education = "3"', 'exclude b where education = "6"'), ["criterion-implied"]),
    (('exclude b where education = "6"', "include a where education is known"), ["criterion-implied"]),
    (("include a where any service before index", "exclude b where no service before index"), ["criterion-implied"]),
    (("include a where any service before index", "include b where no service before index"), ["contradiction"]),
    (("include a where any service before index", "include b where (count of service before index) > 1"), []),
    (
        ("include a where exactly one service before index", "include b where no service before index"),
        ["contradiction"],
    ),
    (
        ("include a where exactly one service before index", "exclude b where no service before index"),
        ["criterion-implied"],
    ),
    (("include a where any service before index", "include b where exactly one service before index"), []),
    (("include a where (count of service before index) >= 0",), ["always-true"]),
    (("include a where birth_date < 1890-01-01",), ["never-true"]),
    (("include a where sex is known",), ["always-true"]),
    (("include a where education is known",), []),
    (("include a where (days of jobseeking during [index - 1 year, index)) >= 366",), []),
    (('include a where (education in groups low ("3"), high ("7")) = "low"', 'include b where education = "7"'), []),
    (('include a where any plan during [index - 1 year, index) with (kind = "01" and kind = "02")',), ["never-true"]),
]


@pytest.mark.parametrize(("criteria", "expected"), CRITERIA, ids=range(len(CRITERIA)))
def test_criteria_are_held_against_each_other(criteria: tuple[str, ...], expected: list[str]) -> None:
    assert found(*criteria) == expected


INDEXES = [
    ("index last jobseeking starting during [2021-01-01, 2022-12-31]", ["look-ahead"]),
    ("index exactly one jobseeking starting during [2021-01-01, 2022-12-31]", ["look-ahead"]),
    (f"{INDEX} with duration >= 30 days", ["look-ahead"]),
    ("index first jobseeking ending during [2021-01-01, 2022-12-31] with duration >= 30 days", []),
    (f"{INDEX} washout 90 days", []),
    ("index first jobseeking starting during [2011-02-01, 2022-12-31] washout 3 years", ["before-coverage"]),
]


@pytest.mark.parametrize(("index", "expected"), INDEXES, ids=range(len(INDEXES)))
def test_an_index_is_known_on_its_own_day(index: str, expected: list[str]) -> None:
    assert found(index=index) == expected


WORK = "outcome works\n    first employment starting during follow-up\n    competing with death\n"
FOLLOW_UPS = [
    ("follow-up from index to earliest(index + 1 year, death, end of data)", []),
    ("follow-up from index - 30 days to earliest(index + 1 year, death, end of data)", ["immortal-time"]),
    ("follow-up from 2021-06-01 to earliest(index + 1 year, death, end of data)", ["immortal-time"]),
    ("follow-up from 2023-01-01 to earliest(2024-01-01, death, end of data)", []),
    ("follow-up from index + 1 year to earliest(index + 12 months, death, end of data)", ["follow-up-empty"]),
]


@pytest.mark.parametrize(("follow_up", "expected"), FOLLOW_UPS, ids=range(len(FOLLOW_UPS)))
def test_follow_up_begins_at_the_index_or_later_and_lasts(follow_up: str, expected: list[str]) -> None:
    assert found(after=f"{follow_up}\n{WORK}report attrition") == expected


YEAR = "follow-up from index to earliest(index + 1 year, death, end of data)\n"
KNOWN = WORK.replace("outcome works", 'outcome works\n    allow prevalent-cases because "An example."')
LATER = "define later = any service starting during [index, index + 30 days)\n"
PAY = "sum of amount of pay during"
MONTHS = "index every month during [2021-01-01, 2022-12-31]"
#: Definitions, what stands after the cohort, and what is found: whatever is shown is looked at.
SHOWN = [
    (LATER, "report baseline of later", ["look-ahead"]),
    (LATER, "report baseline of sex by later", ["look-ahead"]),
    (LATER, f"{YEAR}{KNOWN}report risk of works by later at 6 months", ["exposure-after-start"]),
    (
        LATER,
        YEAR.replace("from index", "from index + 30 days") + KNOWN + "report risk of works by later at 6 months",
        [],
    ),
    (f"define ahead = {PAY} [index, index + 1 year)\n", "report baseline of ahead", ["look-ahead"]),
    (f"define ahead = {PAY} [index, index + 1 year)\n", "report distribution of ahead", []),
    (f"define far = {PAY} [index, index + 9 years)\n", "report distribution of far", ["past-data"]),
    (f"define early = {PAY} [index - 4 years, index)\n", "report distribution of early", ["before-coverage"]),
    (f"define early = {PAY} [index - 4 years, index)\n", "report baseline of early", ["before-coverage"]),
    ("", "report baseline of sex by mother_tongue", ["last-known"]),
]


@pytest.mark.parametrize(("before", "after", "expected"), SHOWN, ids=range(len(SHOWN)))
def test_whatever_is_shown_is_asked_when_it_is_known_and_if_its_data_are_there(
    before: str, after: str, expected: list[str]
) -> None:
    assert found(before=before, after=after) == expected


def test_a_trend_is_asked_too() -> None:
    assert found(index=MONTHS, after="report trend of mother_tongue") == ["last-known"]
    grounds = "define ground = ground of residence_permit at index\n"
    assert "special-category" in found(index=MONTHS, before=grounds, after="report trend of ground")


def test_a_look_back_that_the_calendar_shows_to_be_covered_is_covered() -> None:
    """`index - 2 years` of an index on 1 January 2011 or later, and of one a day before."""
    for day, expected in (("2011-01-01", []), ("2010-12-31", ["before-coverage"])):
        index = f"index first jobseeking starting during [{day}, 2012-12-31]"
        criterion = "exclude served where any service during [index - 2 years, index)"
        assert [c for c in found(criterion, index=index) if c != "series-break"] == expected, day


def test_what_is_shown_of_one_cohort_is_not_asked_of_another() -> None:
    men = 'cohort men of person\n    index none\n    include man where sex = "1"\n'
    served = "exposure served during [index, index + 30 days)\n    level yes where any service starting during window\n"
    after = served + "    level other otherwise\n" + YEAR.replace("from index", "from index + 30 days") + KNOWN
    reports = "report attrition in men\nreport risk of works in people by served at 6 months"
    assert found(before=men, after=after + reports) == []


def test_a_state_that_no_report_shows_shows_no_special_category() -> None:
    state = 'state permit\n    level family where any residence_permit covering that day with ground = "1"\n'
    state += "    level other otherwise\n"
    assert "special-category" not in found(after=f"{YEAR}{state}report attrition")
    assert "special-category" in found(after=f"{YEAR}{state}report state of permit at 6 months")


@pytest.mark.parametrize("code", ["49", "Espoo", "esbo", "049*"])
def test_a_code_that_only_looks_like_one_of_an_incomplete_list_is_told(code: str) -> None:
    assert found(f'include here where any residence covering index with municipality = "{code}"') == ["code-unlike"]


def test_a_code_that_looks_like_none_is_taken() -> None:
    assert found('include here where any residence covering index with municipality = "999"') == []


def test_rows_that_a_clock_counts_are_not_asked_about() -> None:
    model, _ = load_model(ROOT / "docs/semantics/clinic.yaml")
    head = HEAD.replace("fi_municipal", model.name)
    cohort = "cohort people of person\n    index first visit during [2021-01-01, 2021-12-31]\n"
    include = "    include treated where any course during [index - 1 year, index)\nreport attrition\n"
    document = parse(Source("example.study", head + cohort + include))
    _, faults = resolve(document, Catalogue(model=model, codelists=model.codelists, site=None))
    assert [f.code for f in faults] == ["rows-by-clock"]


SERIES = [
    ('include a where any jobseeking during [2011-01-01, index) with consent = "06"', []),
    ("include a where any jobseeking during [2010-01-01, 2010-12-31]", []),
    ("include a where any jobseeking before index", ["series-break"]),
    ('include a where any jobseeker_status during [2011-06-01, 2012-06-01] with status = "9"', ["code-not-in-use"]),
    ('include a where any residence during [2013-01-01, index) with municipality = "564"', []),
    (
        "include a where any residence during [2010-01-01, index)"
        ' with municipality in ("564", "084", "255", "567", "972")',
        [],
    ),
]


@pytest.mark.parametrize(("criterion", "expected"), SERIES, ids=range(len(SERIES)))
def test_windows_are_held_against_what_registers_went_through(criterion: str, expected: list[str]) -> None:
    assert [c for c in found(criterion) if c in checks.ALLOWABLE][: len(expected) or None] == expected


def test_a_reason_sets_a_finding_aside() -> None:
    criterion = 'include a where age at index >= 0\n        allow always-true because "Said for the reader."'
    assert found(criterion) == []


@pytest.mark.parametrize("title", ["Side effects of a drug", "Causes of death", "Työhön palvelun jälkeen"])
def test_words_that_only_look_like_effects_are_left_alone(title: str) -> None:
    assert found(before=f'title en "{title}"') == []


@pytest.mark.parametrize("title", ['fi "Palvelun vaikutus työllisyyteen"', 'sv "Effekten av service"'])
def test_effects_are_known_in_three_languages(title: str) -> None:
    assert found(before=f"title {title}") == ["effect-wording"]


def test_the_sample_has_nothing_to_be_said_about_it() -> None:
    assert sample().allowed[0].code == "last-known"


# --- what is called certain is certain -------------------------------------------------------------------------------

AGE = core.Attribute(
    facts=Facts(ValueType("integer"), True, Grain("entity"), Decimal(0), Decimal(5)), column=ColumnRef("person", "age")
)
SEX = core.Attribute(
    facts=Facts(ValueType("category", categories=("1", "2")), True, Grain("entity")), column=ColumnRef("person", "sex")
)
WHOLE = Facts(BOOLEAN, True, Grain("entity"))
PEOPLE = [(age, sex) for age in (None, 0, 1, 2, 3, 4, 5) for sex in (None, "1", "2")]


@cache
def model() -> Model:
    return sample().model


def constant(value: int | str) -> core.Literal_:
    number = Decimal(value) if isinstance(value, int) else None
    type_ = ValueType("integer" if number is not None else "text")
    return core.Literal_(facts=Facts(type_, False, Grain("constant"), number, number), value=value)


ATOMS: st.SearchStrategy[Expr] = st.one_of(
    st.builds(
        lambda op, n: core.Compare(facts=WHOLE, op=op, left=AGE, right=constant(n)),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.integers(-1, 6),
    ),
    st.builds(
        lambda a, b: core.Between(facts=WHOLE, operand=AGE, low=constant(a), high=constant(b)),
        st.integers(-1, 6),
        st.integers(-1, 6),
    ),
    st.builds(
        lambda op, s: core.Compare(facts=WHOLE, op=op, left=SEX, right=constant(s)),
        st.sampled_from(["=", "!="]),
        st.sampled_from(["1", "2"]),
    ),
    st.builds(lambda v, n: core.InSet(facts=WHOLE, operand=SEX, values=v, negated=n), st.just(("1",)), st.booleans()),
    st.builds(lambda e, n: core.Known(facts=WHOLE, operand=e, negated=n), st.sampled_from([AGE, SEX]), st.booleans()),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda o: core.Not(facts=WHOLE, operand=o), inner),
        st.builds(
            lambda op, os: core.Logic(facts=WHOLE, op=op, operands=tuple(os)),
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        st.builds(
            lambda n, os: core.AtLeast(facts=WHOLE, count=n, operands=tuple(os)),
            st.integers(1, 2),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


def judged(expr: Expr, age: int | None, sex: str | None) -> bool | None:
    """Kleene logic, plainly."""

    def value(e: Expr) -> object:
        return age if e == AGE else sex if e == SEX else e.value if isinstance(e, core.Literal_) else None

    match expr:
        case core.Not():
            inner = judged(expr.operand, age, sex)
            return None if inner is None else not inner
        case core.Logic():
            parts = [judged(o, age, sex) for o in expr.operands]
            settles = expr.op == "or"
            return settles if settles in parts else None if None in parts else not settles
        case core.AtLeast():
            parts = [judged(o, age, sex) for o in expr.operands]
            if parts.count(True) >= expr.count:
                return True
            return False if len(parts) - parts.count(False) < expr.count else None
        case core.Known():
            return (value(expr.operand) is None) == expr.negated
        case core.InSet():
            return None if sex is None else (sex in expr.values) != expr.negated
        case core.Between():
            assert isinstance(expr.low, core.Literal_)
            assert isinstance(expr.high, core.Literal_)
            return None if age is None else int(str(expr.low.value)) <= age <= int(str(expr.high.value))
        case core.Compare():
            a, b = value(expr.left), value(expr.right)
            if a is None or b is None:
                return None
            if isinstance(a, int) and isinstance(b, int):
                return {"=": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[expr.op]
            return (a == b) == (expr.op == "=")
        case _:
            raise ValueError(expr)


@settings(deadline=None, max_examples=150)
@given(CONDITIONS)
def test_what_cannot_be_happens_to_nobody(condition: Expr) -> None:
    possible = Reasoner(model(), {}).truth(condition)
    assert {judged(condition, *person) for person in PEOPLE} <= possible


@settings(deadline=None, max_examples=150)
@given(CONDITIONS, CONDITIONS, st.booleans(), st.booleans())
def test_two_conditions_that_rule_each_other_out_are_met_by_nobody(
    one: Expr, other: Expr, first: bool, second: bool
) -> None:
    reasoner = Reasoner(model(), {})
    worlds = reasoner.worlds(one, first, [{}])
    met = [p for p in PEOPLE if judged(one, *p) is first]
    if not reasoner.worlds(other, second, worlds):
        assert not [p for p in met if judged(other, *p) is second]
    possible = {truth for world in worlds for truth in reasoner.truth(other, world)}
    assert {judged(other, *p) for p in met} <= possible
