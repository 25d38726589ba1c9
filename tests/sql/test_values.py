"""Values in a real database: what is made of rows, of codes, of numbers and of days, with known answers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from studyspec.catalogue.types import Coverage
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree, connect

INDEX = kit.date("2020-03-01")
ALL = during(None, None)
MODEL = kit.model(
    kit.table("person", "attributes", {"birth_date": "date?", "sex": "code of sex?", "size": "integer?"}),
    kit.table("entry", "events", {}),
    kit.table(
        "visit",
        "events",
        {"code": "code of c?", "n": "integer?", "cost": "decimal?", "urgent": "boolean?", "due": "date?"},
    ),
    kit.table("stay", "spells", {"code": "code of c?"}, coverage=Coverage(None, kit.date("2020-12-31"))),
)


def asking(condition: core.Expr) -> core.Study:
    return kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ALL)),
        kit.baseline(kit.variable("answer", condition, "true", "false", "unknown")),
    )


def says(expr: core.Expr, **tables: list[dict[str, Any]]) -> str:
    """What a condition says of one person with the index 2020-03-01: `true`, `false` or `unknown`."""
    (key,) = [key for (key,) in agree(asking(expr), _rows(tables))["baseline_answer"] if key is not None]
    return str(key)


def is_(value: core.Expr, expected: Any, **tables: list[dict[str, Any]]) -> bool:
    """Whether a value is the expected one; None for unknown."""
    if expected is None:
        return says(kit.known(value, negated=True), **tables) == "true"
    return says(kit.cmp(value, "=", kit.lit(expected)), **tables) == "true"


def _rows(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {"person": person(), "visit": [], "stay": []}
    return rows | {"entry": [{"person_id": "p", "date": INDEX}]} | tables


def person(**known: Any) -> list[dict[str, Any]]:
    return [{"person_id": "p", "birth_date": None, "sex": None, "size": None} | known]


def visit(day: str, **known: Any) -> dict[str, Any]:
    empty = {"code": None, "n": None, "cost": None, "urgent": None, "due": None}
    return {"person_id": "p", "date": kit.date(day)} | empty | known


def stay(start: str, end: str | None, code: str | None) -> dict[str, Any]:
    return {"person_id": "p", "start": kit.date(start), "end": kit.date(end) if end else None, "code": code}


# --- a value made of rows --------------------------------------------------------------------------------------------

KINDS = {"code": "code of c", "n": "integer", "cost": "decimal", "urgent": "boolean", "due": "date"}


def of_visits(how: str, column: str, condition: core.Expr | None = None) -> core.RowValue:
    return kit.pick(how, "visit", column, "dated", during(None, at("index")), condition, of=KINDS[column])


@pytest.mark.parametrize(("how", "expected"), [("first", "b"), ("last", "a")])
def test_the_value_of_the_first_and_the_last_day(how: str, expected: str) -> None:
    rows = [visit("2020-02-02", code="c"), visit("2020-01-01", code="b"), visit("2020-02-29", code="a")]
    outside = [visit("2020-03-01", code="z"), dict(visit("2019-01-01", code="x"), person_id="q")]
    assert is_(of_visits(how, "code"), expected, visit=[*rows, *outside])


@pytest.mark.parametrize(
    ("column", "values", "first", "last"),
    [
        ("code", ["b", "a", "Z", "ä", None], "Z", "ä"),  # by code point, not by any language
        ("code", ["\U0001f600", "\ufffd"], "\ufffd", "\U0001f600"),
        ("n", [10, 9, -1, None], -1, 10),
        ("cost", [Decimal("10.5"), Decimal("9.25")], Decimal("9.25"), Decimal("10.5")),
        ("urgent", [True, False, None], False, True),
        ("urgent", [True, None], True, True),
        ("urgent", [False], False, False),
        ("due", [kit.date("2021-01-01"), kit.date("2019-12-31")], kit.date("2019-12-31"), kit.date("2021-01-01")),
    ],
)
def test_where_rows_share_the_day_first_takes_the_smallest_and_last_the_largest(
    column: str, values: list[Any], first: Any, last: Any
) -> None:
    rows = [visit("2020-02-02", **{column: value}) for value in values]
    assert is_(of_visits("first", column), first, visit=rows)
    assert is_(of_visits("last", column), last, visit=rows)


@pytest.mark.parametrize("column", KINDS)
def test_a_day_with_no_known_value_is_unknown_though_another_day_has_one(column: str) -> None:
    known = {"code": "a", "n": 1, "cost": Decimal(1), "urgent": True, "due": INDEX}[column]
    rows = [visit("2020-01-01"), visit("2020-01-02", **{column: known}), visit("2020-01-03")]
    assert is_(of_visits("first", column), None, visit=rows)
    assert is_(of_visits("last", column), None, visit=rows)


def test_a_condition_chooses_the_rows_before_the_day_is_chosen() -> None:
    rows = [visit("2020-01-01", code="a", n=1), visit("2020-01-02", code="b", n=2)]
    condition = kit.known(kit.col("visit", "n", "integer", True))
    assert is_(of_visits("first", "code", condition), "a", visit=rows)
    condition = kit.cmp(kit.sums(kit.col("visit", "n", "integer", True), "*", kit.lit(2)), ">", kit.lit(2))
    assert is_(of_visits("first", "code", condition), "b", visit=rows)


@pytest.mark.parametrize("column", KINDS)
def test_the_value_of_the_only_row_is_unknown_once_there_are_several(column: str) -> None:
    known = {"code": "ä", "n": 1, "cost": Decimal("1.5"), "urgent": False, "due": INDEX}[column]
    one, other = visit("2020-01-01", **{column: known}), visit("2020-01-02")
    assert is_(of_visits("only", column), known, visit=[one])
    assert is_(of_visits("only", column), None, visit=[one, one])
    assert is_(of_visits("only", column), None, visit=[one, other])
    assert is_(of_visits("only", column), None, visit=[other])
    assert is_(of_visits("only", column), None, visit=[])
    kept = kit.known(kit.col("visit", column, KINDS[column], True))
    assert is_(of_visits("only", column, kept), known, visit=[one, other])


def test_smallest_largest_sum_and_distinct_leave_unknown_values_out() -> None:
    rows = [visit("2020-01-01", n=n) for n in (5, 5, None, -2)]
    for how, expected in (("smallest", -2), ("largest", 5), ("sum", 8), ("distinct", 2)):
        assert is_(of_visits(how, "n"), expected, visit=rows)


@pytest.mark.parametrize("rows", [[], [visit("2020-01-01")], [visit("2020-03-01", n=3, cost=Decimal(3))]])
def test_of_no_known_value_the_sum_is_nought_and_the_rest_unknown(rows: list[dict[str, Any]]) -> None:
    for column in ("n", "cost"):
        for how in ("sum", "distinct"):
            assert is_(of_visits(how, column), 0, visit=rows)
        for how in ("first", "last", "smallest", "largest"):
            assert is_(of_visits(how, column), None, visit=rows)


def test_decimals_add_up_exactly() -> None:
    rows = [visit("2020-01-01", cost=Decimal("0.1")) for _ in range(10)]
    assert is_(of_visits("sum", "cost"), Decimal(1), visit=rows)
    rows = [visit("2020-01-01", cost=Decimal("123456789012.000001")) for _ in range(3)]
    assert is_(of_visits("sum", "cost"), Decimal("370370367036.000003"), visit=rows)


def of_stays(how: str, match: str, window: core.Window) -> core.RowValue:
    return kit.pick(how, "stay", "code", match, window)


def test_the_value_at_a_day_is_of_the_spell_that_holds_it() -> None:
    rows = [stay("2019-01-01", "2020-02-01", "a"), stay("2020-02-01", None, "b"), stay("2020-03-02", None, "c")]
    assert is_(of_stays("first", "covering", kit.covering(at("index"))), "b", stay=rows)
    assert is_(of_stays("first", "covering", kit.covering(at("2020-01-31"))), "a", stay=rows)
    assert is_(of_stays("first", "covering", kit.covering(at("2018-01-01"))), None, stay=rows)
    after = kit.covering(at("2021-01-01"))  # no open spell holds a day after its table's coverage
    assert is_(of_stays("last", "covering", after), None, stay=rows)


def test_spells_that_hold_the_day_together_are_in_the_order_of_their_starts() -> None:
    rows = [stay("2019-01-01", None, "z"), stay("2020-02-01", "2020-06-01", "b"), stay("2020-02-01", None, "a")]
    day = kit.covering(at("index"))
    assert is_(of_stays("first", "covering", day), "z", stay=rows)
    assert is_(of_stays("last", "covering", day), "b", stay=rows)


def test_each_way_to_match_spells_has_its_own_day() -> None:
    rows = [
        stay("2020-01-01", "2020-02-20", "long"),
        stay("2020-01-10", "2020-01-15", "short"),
        stay("2020-01-05", None, "open"),
    ]
    window = during(at("2020-01-01"), at("index"))
    for match, first, last in (
        ("starting", "long", "short"),
        ("overlapping", "long", "short"),
        ("ending", "short", "long"),  # an open spell does not end
    ):
        assert is_(of_stays("first", match, window), first, stay=rows)
        assert is_(of_stays("last", match, window), last, stay=rows)


# --- known, groups, at least -----------------------------------------------------------------------------------------

SEX = kit.attr("sex", "code of sex", True)


def test_known_is_never_unknown() -> None:
    missing, has = kit.inset(SEX, "1"), kit.rows("any", "visit", "dated", ALL)
    for operand, expected in ((SEX, "false"), (missing, "false"), (has, "true"), (kit.neg(missing), "false")):
        assert says(kit.known(operand)) == expected
        assert says(kit.known(operand, negated=True)) == {"true": "false", "false": "true"}[expected]
    assert says(kit.known(SEX), person=person(sex="1")) == "true"


@pytest.mark.parametrize(("sex", "expected"), [("1", "one"), ("2", "more"), ("3", "more"), ("9", None), (None, None)])
def test_a_code_falls_in_the_group_that_lists_it_or_is_unknown(sex: str | None, expected: str | None) -> None:
    group = kit.grouped(SEX, one="1", more="2 3")
    study = kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ALL)),
        kit.baseline(kit.variable("group", group, "one", "more", "unknown")),
    )
    found = agree(study, _rows({"person": person(sex=sex)}))["baseline_group"]
    assert [key for (key,) in found if key is not None] == [expected or "unknown"]


TRUE, FALSE, UNKNOWN = (
    kit.rows("no", "visit", "dated", ALL),
    kit.rows("any", "visit", "dated", ALL),
    kit.inset(SEX, "1"),
)


@pytest.mark.parametrize(
    ("count", "conditions", "expected"),
    [
        (2, "ttf", "true"),
        (2, "ttu", "true"),  # so many are true already
        (2, "tff", "false"),
        (2, "tfu", "unknown"),
        (2, "ffu", "false"),  # it cannot be so many any more
        (2, "fuu", "unknown"),
        (2, "ttttuu", "true"),
        (1, "fu", "unknown"),
        (1, "tu", "true"),
        (1, "ff", "false"),
        (2, "tu", "unknown"),
        (2, "fu", "false"),
        (1, "u", "unknown"),
        (3, "tttf", "true"),
    ],
)
def test_at_least_so_many_is_told_as_soon_as_it_can_be(count: int, conditions: str, expected: str) -> None:
    operands = [{"t": TRUE, "f": FALSE, "u": UNKNOWN}[one] for one in conditions]
    assert says(kit.at_least(count, *operands)) == expected
    opposite = {"true": "false", "false": "true", "unknown": "unknown"}[expected]
    assert says(kit.neg(kit.at_least(count, *operands))) == opposite


# --- numbers and days ------------------------------------------------------------------------------------------------

SIZE = kit.attr("size", "integer", True)


def test_arithmetic_holds_together_as_it_was_written() -> None:
    sums, lit = kit.sums, kit.lit
    eight = person(size=8)
    for value, expected in (
        (sums(lit(10), "-", sums(SIZE, "-", lit(3))), 5),
        (sums(sums(lit(10), "-", SIZE), "-", lit(3)), -1),
        (sums(sums(SIZE, "+", lit(1)), "*", lit(2)), 18),
        (sums(lit(2), "*", sums(SIZE, "-", lit(-1))), 18),
        (sums(SIZE, "-", sums(lit(2), "*", SIZE)), -8),
        (sums(SIZE, "*", lit(3_000_000_000)), 24_000_000_000),
        (sums(sums(lit(2_000_000_000), "+", lit(2_000_000_000)), "+", SIZE), 4_000_000_008),
    ):
        assert is_(value, expected, person=eight)


def test_a_number_too_large_stops_the_run() -> None:
    square = kit.cmp(kit.sums(SIZE, "*", SIZE), ">", kit.lit(0))
    script = emit(plan(asking(square)), "duckdb", None)
    with pytest.raises(duckdb.OutOfRangeException):
        connect(script, _rows({"person": person(size=2**32)}))


def test_arithmetic_of_the_unknown_is_unknown() -> None:
    for op in ("+", "-", "*"):
        assert is_(kit.sums(SIZE, op, kit.lit(0)), None)
        assert is_(kit.sums(kit.lit(0), op, SIZE), None)


def test_arithmetic_takes_ages_durations_counts_and_sums() -> None:
    born = person(birth_date=kit.date("2000-02-29"))
    age = kit.age(at("index"), nullable=True)
    assert is_(kit.sums(kit.sums(age, "*", kit.lit(2)), "-", kit.lit(1)), 39, person=born)
    rows = [visit("2020-01-01", n=4), visit("2020-01-02", n=5)]
    count = kit.rows("count", "visit", "dated", ALL)
    assert is_(kit.sums(of_visits("sum", "n"), "-", count), 7, visit=rows)
    spells = [stay("2020-01-01", "2020-01-11", "a"), stay("2020-02-01", None, "b")]
    long = kit.cmp(kit.sums(kit.duration("stay"), "-", kit.lit(9)), "=", kit.lit(1))
    assert is_(kit.rows("count", "stay", "starting", ALL, long), 1, stay=spells)
    days = kit.rows("days", "stay", "overlapping", during(None, at("index")))
    assert is_(kit.sums(kit.lit(100), "-", days), 61, stay=spells)


@pytest.mark.parametrize(
    ("born", "expected"), [("2002-02-28", "true"), ("2002-03-01", "false"), ("2002-03-02", "false"), (None, "unknown")]
)
def test_a_date_is_compared_with_a_day(born: str | None, expected: str) -> None:
    known = person(birth_date=kit.date(born) if born else None)
    grown = kit.cmp(kit.attr("birth_date", "date", True), "<", kit.day(at("index", "-18 year")))
    assert says(grown, person=known) == expected


def test_a_date_lies_between_days_both_in() -> None:
    birth = kit.attr("birth_date", "date", True)
    within = kit.between(birth, kit.day(at("1980-01-01")), kit.day(at("index")))
    for born, expected in (("1980-01-01", "true"), ("2020-03-01", "true"), ("2020-03-02", "false")):
        assert says(within, person=person(birth_date=kit.date(born))) == expected


def test_a_day_of_the_row_at_hand_is_compared_with_the_rows_own_dates() -> None:
    rows = [visit("2020-01-01", due=kit.date(day)) for day in ("2020-01-31", "2020-02-01")]
    late = kit.cmp(kit.col("visit", "due", "date", True), ">=", kit.day(at("row", "1 month")))
    assert is_(kit.rows("count", "visit", "dated", ALL, late), 1, visit=rows)
    after = kit.cmp(kit.day(at("row.end")), ">", kit.day(at("index")))
    spells = [
        stay("2020-01-01", "2020-03-01", "a"),
        stay("2020-01-01", None, "b"),
    ]  # an open one ends with its coverage
    assert is_(kit.rows("count", "stay", "starting", ALL, after), 1, stay=spells)


def test_a_day_that_never_comes_is_unknown() -> None:
    never: datetime.date = kit.date("9999-12-31")
    birth = kit.attr("birth_date", "date", True)
    beyond = kit.cmp(birth, "<", kit.day(at(never.isoformat(), "1 day")))
    assert says(beyond, person=person(birth_date=INDEX)) == "unknown"
