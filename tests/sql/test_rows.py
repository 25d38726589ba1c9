"""Row queries in a real database: which rows a window takes and what is made of them, with known answers."""

from __future__ import annotations

from typing import Any

import pytest

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree

INDEX = kit.date("2020-03-01")


def answer(expr: core.Expr, **tables: list[dict[str, Any]]) -> str:
    """What an expression says of one person with the index 2020-03-01: `true`, `false`, `unknown`, or a band."""
    model = kit.model(
        kit.table("person", "attributes", {"birth_date": "date?", "sex": "code of sex?"}),
        kit.table("entry", "events", {}),
        kit.table("visit", "events", {"code": "code of c?"}),
        kit.table("stay", "spells", {"code": "code of c?"}, coverage=Coverage(None, kit.date("2020-12-31"))),
    )
    numeric = expr.facts.type.kind == "integer"
    value = kit.bands(expr, *(f"{n}-{n}" for n in range(100))) if numeric else expr
    keys = [f"{n}-{n}" for n in range(100)] if numeric else ["true", "false"]
    study = kit.study(
        model,
        kit.cohort(kit.event("entry", window=during(None, None))),
        kit.baseline(kit.variable("answer", value, *keys, "unknown")),
    )
    rows = {"person": [{"person_id": "p", "birth_date": None, "sex": None}], "visit": [], "stay": []}
    rows |= {"entry": [{"person_id": "p", "date": INDEX}]} | tables
    (key,) = [key for (key,) in agree(study, rows)["baseline_answer"] if key is not None]
    return str(key).split("-")[0] if numeric else str(key)


def visits(*days: str | None, code: str | None = "a") -> list[dict[str, Any]]:
    return [{"person_id": "p", "date": kit.date(day) if day else None, "code": code} for day in days]


def stays(*spells: tuple[str | None, str | None], code: str | None = "a") -> list[dict[str, Any]]:
    return [
        {"person_id": "p", "start": kit.date(a) if a else None, "end": kit.date(b) if b else None, "code": code}
        for a, b in spells
    ]


# --- windows over events ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "day", "expected"),
    [
        ("[)", "2020-02-20", "true"),
        ("()", "2020-02-20", "false"),
        ("[)", "2020-03-01", "false"),
        ("[]", "2020-03-01", "true"),
        ("(]", "2020-02-21", "true"),
        ("[]", "2020-03-02", "false"),
        ("[]", None, "false"),
    ],
)
def test_a_bracket_says_whether_its_day_is_in(ends: str, day: str | None, expected: str) -> None:
    window = during(at("2020-02-20"), at("index"), ends)
    assert answer(kit.rows("any", "visit", "dated", window), visit=visits(day)) == expected


def test_before_reads_from_the_start_up_to_and_without_the_day() -> None:
    before = kit.rows("any", "visit", "dated", during(None, at("index")))
    assert answer(before, visit=visits("1950-01-01")) == "true"
    assert answer(before, visit=visits("2020-03-01")) == "false"


def test_a_row_without_its_day_is_in_no_window_not_even_an_open_one() -> None:
    assert answer(kit.rows("any", "visit", "dated", during(None, None)), visit=visits(None)) == "false"
    assert answer(kit.rows("any", "stay", "overlapping", during(None, None)), stay=stays((None, None))) == "false"


def test_months_clamp_to_the_end_of_the_month() -> None:
    window = during(at("2020-03-31", "-1 month"), at("2020-01-31", "1 month"), "[]")
    assert (
        answer(kit.rows("count", "visit", "dated", window), visit=visits("2020-02-28", "2020-02-29", "2020-03-01"))
        == "1"
    )
    window = during(at("index", "30 day", "-1 month"), None)  # 31 March, a month earlier
    assert (
        answer(kit.rows("count", "visit", "dated", window), visit=visits("2020-02-28", "2020-02-29", "2020-03-01"))
        == "2"
    )


def test_a_bound_that_is_unknown_takes_no_rows() -> None:
    window = during(None, at("exit"), "[]")
    assert answer(kit.rows("any", "visit", "dated", window), visit=visits("2020-01-01")) == "false"
    assert answer(kit.rows("no", "visit", "dated", window), visit=visits("2020-01-01")) == "true"


# --- windows over spells ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2020-02-01", "2020-03-01", "false"),  # the end is the first day out
        ("2020-02-01", "2020-03-02", "true"),
        ("2020-03-01", "2020-03-02", "true"),
        ("2020-03-02", "2020-04-01", "false"),
        ("2020-02-01", None, "true"),
        ("2020-03-01", "2020-03-01", "false"),  # a spell of no day
        (None, None, "false"),
    ],
)
def test_covering_takes_spells_that_hold_the_day(start: str | None, end: str | None, expected: str) -> None:
    query = kit.rows("any", "stay", "covering", kit.covering(at("index")))
    assert answer(query, stay=stays((start, end))) == expected


def test_an_open_spell_covers_no_day_after_its_tables_coverage() -> None:
    after = kit.rows("any", "stay", "covering", kit.covering(at("index", "1 year")))
    assert answer(after, stay=stays(("2020-02-01", None))) == "false"
    last = kit.rows("any", "stay", "covering", kit.covering(at("2020-12-31")))
    assert answer(last, stay=stays(("2020-02-01", None))) == "true"


@pytest.mark.parametrize(
    ("start", "end", "ends", "expected"),
    [
        ("2020-01-01", "2020-02-10", "[)", "false"),  # over on the day before the window
        ("2020-01-01", "2020-02-11", "[)", "true"),
        ("2020-01-01", "2020-02-11", "()", "false"),
        ("2020-03-01", "2020-04-01", "[)", "false"),
        ("2020-03-01", "2020-04-01", "[]", "true"),
        ("2020-01-01", None, "[)", "true"),
        ("2020-02-15", "2020-02-15", "[)", "false"),
        ("2020-02-20", "2020-02-15", "[)", "false"),
    ],
)
def test_overlapping_takes_spells_that_share_a_day(start: str, end: str | None, ends: str, expected: str) -> None:
    query = kit.rows("any", "stay", "overlapping", during(at("2020-02-10"), at("index"), ends))
    assert answer(query, stay=stays((start, end))) == expected


def test_a_window_that_holds_no_day_overlaps_nothing() -> None:
    for low, high in ((at("index"), at("2020-02-01")), (at("index"), at("index"))):
        query = kit.rows("any", "stay", "overlapping", during(low, high))
        assert answer(query, stay=stays(("2020-01-01", "2020-12-01"))) == "false"


def test_starting_and_ending_look_at_one_end() -> None:
    window = during(at("2020-02-01"), at("2020-02-10"), "[]")
    rows = stays(("2020-02-10", "2020-05-01"))
    assert answer(kit.rows("any", "stay", "starting", window), stay=rows) == "true"
    assert answer(kit.rows("any", "stay", "ending", window), stay=rows) == "false"
    rows = stays(("2020-01-10", "2020-02-11"))  # 10 February is the last day in
    assert answer(kit.rows("any", "stay", "ending", window), stay=rows) == "true"
    assert answer(kit.rows("any", "stay", "starting", window), stay=rows) == "false"


def test_an_open_spell_does_not_end() -> None:
    assert answer(kit.rows("any", "stay", "ending", during(None, None)), stay=stays(("2020-01-01", None))) == "false"


# --- quantifiers -----------------------------------------------------------------------------------------------------

ALL = during(None, None)


def test_any_and_no_are_never_unknown() -> None:
    some = kit.inset(kit.col("visit", "code", "code of c", True), "a")
    for code, found in (("a", "true"), ("b", "false"), (None, "false")):
        rows = visits("2020-01-01", code=code)
        assert answer(kit.rows("any", "visit", "dated", ALL, some), visit=rows) == found
        assert (
            answer(kit.rows("no", "visit", "dated", ALL, some), visit=rows) == {"true": "false", "false": "true"}[found]
        )
    assert answer(kit.rows("no", "visit", "dated", ALL)) == "true"


def test_a_row_stays_where_its_condition_is_true_not_where_it_is_unknown() -> None:
    other = kit.inset(kit.col("visit", "code", "code of c", True), "a", negated=True)
    assert answer(kit.rows("any", "visit", "dated", ALL, other), visit=visits("2020-01-01", code=None)) == "false"
    assert (
        answer(kit.rows("any", "visit", "dated", ALL, kit.neg(other)), visit=visits("2020-01-01", code=None)) == "false"
    )


def test_count_counts_rows_and_is_nought_without_any() -> None:
    count = kit.rows("count", "visit", "dated", ALL)
    assert answer(count, visit=visits("2020-01-01", "2020-01-01", "2020-01-02")) == "3"
    assert answer(count) == "0"


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], "0"),
        ([("2020-02-10", "2020-02-15")], "5"),
        ([("2020-02-10", "2020-02-15"), ("2020-02-12", "2020-02-20")], "10"),  # overlapping
        ([("2020-02-10", "2020-02-15"), ("2020-02-15", "2020-02-20")], "10"),  # touching
        ([("2020-02-10", "2020-02-25"), ("2020-02-12", "2020-02-14"), ("2020-02-13", "2020-02-26")], "16"),  # inside
        ([("2020-02-10", "2020-02-15"), ("2020-02-10", "2020-02-15")], "5"),  # twice the same
        ([("2020-02-10", "2020-02-12"), ("2020-02-20", "2020-02-22")], "4"),  # apart
        ([("2020-01-01", "2020-02-05")], "4"),  # clipped at the window's start
        ([("2020-02-25", "2020-06-01")], "5"),  # clipped at its end, in a leap year
        ([("2020-02-25", None), ("2020-02-27", None)], "5"),  # open
        ([("2020-02-10", "2020-02-10")], "0"),
        ([("2020-02-15", "2020-02-10"), ("2020-02-12", "2020-02-13")], "1"),  # one that ends before it starts
    ],
)
def test_days_are_counted_once_however_spells_lie(spells: list[tuple[str, str | None]], expected: str) -> None:
    days = kit.rows("days", "stay", "overlapping", during(at("index", "-29 day"), at("index")))
    assert answer(days, stay=stays(*spells)) == expected


def test_a_spell_of_unknown_start_holds_no_day_and_hides_none() -> None:
    days = kit.rows("days", "stay", "ending", during(at("2020-01-01"), at("2020-02-28")))
    assert answer(days, stay=stays(("2020-01-10", "2020-01-13"), (None, "2020-02-20"))) == "3"
    assert answer(days, stay=stays((None, "2020-02-20"))) == "0"


def test_days_without_a_window_end_with_the_coverage() -> None:
    days = kit.rows("days", "stay", "overlapping", during(at("2020-12-20"), None))
    assert answer(days, stay=stays(("2020-02-01", None))) == "12"


def test_the_rows_of_others_do_not_count() -> None:
    rows = [dict(one, person_id="q") for one in visits("2020-01-01")]
    assert answer(kit.rows("any", "visit", "dated", ALL), visit=rows) == "false"


# --- unknown values --------------------------------------------------------------------------------------------------


def test_logic_is_kleenes() -> None:
    unknown = kit.inset(kit.attr("sex", "code of sex", True), "1")
    true = kit.rows("no", "visit", "dated", ALL)
    false = kit.rows("any", "visit", "dated", ALL)
    cases = {
        "true": [kit.logic("or", unknown, true), kit.logic("and", true, true), kit.neg(false)],
        "false": [kit.logic("and", unknown, false), kit.logic("or", false, false), kit.neg(true)],
        "unknown": [unknown, kit.neg(unknown), kit.logic("and", unknown, true), kit.logic("or", unknown, false)],
    }
    for expected, exprs in cases.items():
        for expr in exprs:
            assert answer(expr) == expected


def test_membership_in_no_codes_is_false_or_unknown() -> None:
    nothing, anything = (
        kit.inset(kit.attr("sex", "code of sex", True)),
        kit.inset(kit.attr("sex", "code of sex", True), negated=True),
    )
    man = [{"person_id": "p", "birth_date": None, "sex": "1"}]
    assert (answer(nothing), answer(anything)) == ("unknown", "unknown")
    assert (answer(nothing, person=man), answer(anything, person=man)) == ("false", "true")


def test_codes_compare_by_code_point() -> None:
    for code, expected in (("a", "true"), ("A", "false"), ("a ", "false"), ("á", "false")):
        same = kit.cmp(kit.col("visit", "code", "code of c", True), "=", kit.lit("a"))
        assert answer(kit.rows("any", "visit", "dated", ALL, same), visit=visits("2020-01-01", code=code)) == expected
