"""Known, at least, arithmetic, groups, times as dates, and values made of rows: their facts and their faults."""

import pytest

from studyspec.semantics import core
from studyspec.semantics.core import Bound, ColumnRef
from tests.semantics.sample import resolved, study

UNEMPLOYED = "define unemployed_2y = days of jobseeking during [index - 2 years, index)"
BEFORE = "days of jobseeking during [index - 2 years, index)"
GROUP = "where client_group"
LOW_HIGH = 'education in groups low "Basic" ("3", "4"), high ("5", "6", "7", "8")'


def value(text: str) -> core.Expr:
    """A definition of this text, beside the sample's own."""
    found = study((UNEMPLOYED, f"{UNEMPLOYED}\ndefine probe = {text}"))
    return next(d.value for d in found.definitions if d.name == "probe")


def test_whether_something_is_known_is_never_unknown() -> None:
    known = value("education is known")
    assert isinstance(known, core.Known)
    assert not known.negated
    assert not known.facts.nullable
    assert value("education").facts.nullable


def test_a_criterion_that_asks_for_a_known_value_leaves_no_unknown_category() -> None:
    found = study((GROUP, "where client_group and education is known"))
    report = next(r for r in found.reports if isinstance(r, core.BaselineReport))
    assert "unknown" not in [c.key for v in report.of if v.name == "education" for c in v.categories]


def test_at_least_so_many_is_unknown_when_a_condition_can_be() -> None:
    some = value('at least 2 of (sex = "1", education = "6", any service before index)')
    assert isinstance(some, core.AtLeast)
    assert some.count == 2
    assert some.facts.nullable


def test_sums_keep_unit_and_range() -> None:
    total = value(f"({BEFORE}) + 30")
    assert (total.facts.type.kind, total.facts.type.unit) == ("integer", "days")
    age = value("(age at index) * 2 - 1")
    assert (age.facts.low, age.facts.high, age.facts.type.unit) == (-1, 239, "years")


def test_a_time_compares_with_a_date() -> None:
    adult = value("birth_date < index - 18 years")
    assert isinstance(adult, core.Compare)
    assert isinstance(adult.right, core.TimeValue)
    assert adult.facts.known == {Bound("index")}
    assert adult.facts.origin == {ColumnRef("person", "birth_date")}


def test_groups_are_categories_with_their_labels() -> None:
    found = study((UNEMPLOYED, f"{UNEMPLOYED}\ndefine level = {LOW_HIGH}"), ("sex, education", "sex, level"))
    report = next(r for r in found.reports if isinstance(r, core.BaselineReport))
    categories = next(v.categories for v in report.of if v.name == "level")
    assert [(c.key, c.labels.get("en")) for c in categories[:2]] == [("low", "Basic"), ("high", "high")]
    assert categories[-1].key == "unknown"


def test_a_value_on_a_day_is_unknown_when_no_spell_holds_it() -> None:
    home = value("municipality of residence at index")
    assert isinstance(home, core.RowValue)
    assert (home.pick, home.match) == ("first", "covering")
    assert home.facts.nullable
    assert home.facts.known == {Bound("index")}
    assert ColumnRef("residence", "municipality") in home.facts.origin


def test_a_number_of_different_values_is_known_and_not_negative() -> None:
    kinds = value("distinct code of service during [index - 1 year, index)")
    assert (kinds.facts.type.kind, kinds.facts.nullable, kinds.facts.low) == ("integer", False, 0)


def test_the_end_of_a_spell_that_goes_on_is_known_when_it_ends() -> None:
    _, faults = resolved((GROUP, "where first end of service starting before index is known"))
    assert [f.code for f in faults if f.severity == "error"] == ["look-ahead"]


def test_the_codes_of_a_group_are_those_of_the_list() -> None:
    _, faults = resolved((GROUP, 'where any service before index with code in skills_centre group "nothing"'))
    assert [f.code for f in faults] == ["unknown-name"]


CASES = [
    ("count-out-of-range", 'where at least 3 of (sex = "1", education = "6")', None),
    ("units-do-not-meet", f"where (age at index) + ({BEFORE}) > 3", None),
    ("wrong-type", "where sex + 1 > 2", "sex"),
    ("code-in-two-groups", 'where (education in groups low ("3", "4"), high ("4")) = "low"', '"4"'),
    ("code-not-in-list", 'where (education in groups low ("33")) = "low"', '"33"'),
    ("wrong-type", 'where (birth_date in groups low ("3")) = "low"', "birth_date"),
    ("order-of-codes", 'where largest code of service before index = "S01"', "code"),
    ("wrong-type", "where sum of code of service before index > 3", "code"),
    ("unknown-name", 'where first kode of service before index = "S01"', "kode"),
    ("direct-identifier", "where distinct person_id of service before index > 3", "person_id"),
    ("last-known", "where mother_tongue is known", "mother_tongue"),
    ("look-ahead", 'where first code of service starting during [index, index + 9 days] = "S01"', None),
    ("time-not-yet", "where birth_date < follow-up start", "follow-up start"),
]


@pytest.mark.parametrize(("code", "where", "underlined"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_what_is_wrong_with_them_is_said_once(code: str, where: str, underlined: str | None) -> None:
    found, faults = resolved((GROUP, where))
    assert found is None
    assert [f.code for f in faults if f.severity == "error"] == [code]
    if underlined is not None:
        fault = next(f for f in faults if f.severity == "error")
        assert fault.span is not None
        assert fault.span.text == underlined
