"""Assigned indexes: who is compared with whom, in an order that anyone can work out again."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.arbiter.evaluate import evaluate
from studyspec.semantics import core
from tests.arbiter import by_hand
from tests.arbiter.by_hand import cohort, count, study
from tests.plan import kit

SEX = kit.attr("sex", "code of sex", True)
YEAR = kit.during(kit.at("2020-01-01"), kit.at("2020-12-31"), "[]")
CASES = cohort("cases", core.IndexEvent(event=kit.event("visit", "dated", YEAR), pick="first", washout=None))


def matched(*criteria: core.Criterion, repeated: bool = False, **how: Any) -> core.Study:
    given = {"cohort": "cases", "on": (SEX,), "ratio": 1, "replacement": False, "seed": 7}
    pick = "every" if repeated else "first"
    index = core.IndexEvent(event=kit.event("visit", "dated", YEAR), pick=pick, washout=None)
    cases = cohort("cases", index, repeated=repeated)
    return study(cases, cohort("like", core.IndexAssigned(**(given | how)), *criteria, repeated=True))


def order(case: str, *candidates: str, seed: int = 7) -> list[str]:
    return sorted(candidates, key=lambda one: hashlib.md5(f"{seed}:{case}:{one}".encode()).hexdigest())


def who(of: core.Study, data: by_hand.Rows) -> set[object]:
    return by_hand.members(of, data)["like"]


PEOPLE = ["case - 1", "a - 1", "b - 1", "c - 1", "woman - 2", "unknown - -"]


def test_a_case_gets_the_first_of_those_like_it() -> None:
    made = matched()
    data = by_hand.rows(made.model, person=PEOPLE, visit=["case 2020-03-01"])
    assert who(made, data) == set(order("case", "a", "b", "c")[:1])
    cells = count(made, data, by_hand.attrition("like"))
    assert cells == {("included",): 1, ("unmatched",): 2}


def test_the_seed_and_the_ratio_say_who_and_how_many() -> None:
    made = matched(seed=8, ratio=2)
    data = by_hand.rows(made.model, person=PEOPLE, visit=["case 2020-03-01"])
    assert who(made, data) == set(order("case", "a", "b", "c", seed=8)[:2])


def test_criteria_are_asked_at_the_index_of_the_case() -> None:
    age = kit.age(kit.at("index"), "born", nullable=True)
    made = matched(kit.include("grown", kit.cmp(age, ">=", kit.lit(18))), ratio=5)
    people = ["case - 1", "a 2002-03-01 1", "b 2002-03-02 1", "c - 1"]
    data = by_hand.rows(made.model, person=people, visit=["case 2020-03-01"])
    cells = count(made, data, by_hand.attrition("like"))
    assert cells == {("included",): 1, ("grown",): 1, ("grown unknown",): 1}


def test_a_case_with_an_unknown_value_is_like_nobody() -> None:
    made = matched()
    data = by_hand.rows(made.model, person=PEOPLE, visit=["unknown 2020-03-01"])
    assert count(made, data, by_hand.attrition("like")) == {}


BORN = kit.attr("born", "date", True)


def near(value: core.Expr, distance: int | Decimal) -> core.Near:
    return core.Near(value=value, distance=distance)


def test_dates_may_lie_so_many_days_apart_both_ends_in() -> None:
    made = matched(near=(near(BORN, 30),), ratio=9)
    people = ["case 1980-03-01 1", "same 1980-03-01 1", "before 1980-01-31 1", "after 1980-03-31 1"]
    people += ["too_old 1980-01-30 1", "too_young 1980-04-01 1", "woman 1980-03-01 2", "unknown - 1"]
    data = by_hand.rows(made.model, person=people, visit=["case 2020-03-01"])
    assert who(made, data) == {"same", "before", "after"}


@pytest.mark.parametrize(("distance", "expected"), [(0, "b"), (1, "abc"), (Decimal("1.9"), "abc"), (2, "abcd")])
def test_numbers_may_lie_so_far_apart(distance: int | Decimal, expected: str) -> None:
    age = kit.age(kit.at("index"), "born", nullable=True)
    made = matched(on=(), near=(near(age, distance),), ratio=9)
    people = ["case 1980-03-01", "a 1979-03-01", "b 1980-03-01", "c 1981-03-01", "d 1982-03-01", "e -"]
    data = by_hand.rows(made.model, person=people, visit=["case 2020-03-01"])
    assert who(made, data) == set(expected)


def test_a_case_whose_value_is_unknown_is_near_nobody() -> None:
    made = matched(near=(near(BORN, 99999),), ratio=9)
    data = by_hand.rows(made.model, person=["case - 1", "a 1980-03-01 1", "b - 1"], visit=["case 2020-03-01"])
    assert who(made, data) == set()


def test_who_is_near_to_two_cases_of_one_day_is_one_candidate() -> None:
    made = matched(near=(near(BORN, 30),), ratio=9, replacement=True)
    people = ["one 1980-03-01 1", "two 1980-03-11 1", "between 1980-03-06 1"]
    data = by_hand.rows(made.model, person=people, visit=["one 2020-03-01", "two 2020-03-01"])
    cells = count(made, data, by_hand.attrition("like"))
    assert cells == {("included",): 3}


def test_with_replacement_cases_may_share() -> None:
    people = ["one - 1", "two - 1", "only - 1"]
    visits = ["one 2020-03-01", "two 2020-04-01"]
    shared = matched(replacement=True, ratio=3)
    data = by_hand.rows(shared.model, person=people, visit=visits)
    cells = count(shared, data, by_hand.attrition("like"))
    assert cells == {("included",): 3}  # the two cases are candidates for each other
    ((cube,), _) = evaluate(shared, data, [by_hand.spec("attrition", "", "left_at", cohort="like")])
    assert cube.cells[("included",)] == (3,)


def test_without_replacement_the_better_place_wins_and_the_other_goes_on() -> None:
    not_a_case = core.MemberOf(facts=kit.facts(), cohort="cases")
    people = ["one - 1", "two - 1", "a - 1", "b - 1"]
    made = matched(kit.exclude("case", not_a_case))
    data = by_hand.rows(made.model, person=people, visit=["one 2020-03-01", "two 2020-03-01"])
    assert who(made, data) == {"a", "b"}
    once = matched(kit.exclude("case", not_a_case), rounds=1)
    firsts = {order(case, "a", "b")[0] for case in ("one", "two")}
    assert who(once, data) == firsts


def test_an_entity_that_is_a_case_twice_is_two_cases() -> None:
    made = matched(repeated=True, replacement=True)
    people = ["case - 1", "a - 1", "b - 1", "c - 1"]
    data = by_hand.rows(made.model, person=people, visit=["case 2020-03-01", "case 2020-04-01"])
    firsts = {order(f"case@2020-0{month}-01", "a", "b", "c")[0] for month in (3, 4)}
    assert who(made, data) == firsts


@given(
    st.lists(st.sampled_from("12"), min_size=1, max_size=9),
    st.integers(0, 6),
    st.integers(1, 3),
    st.integers(1, 4),
    st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_nobody_is_matched_to_another_sex_nor_more_often_than_asked(
    sexes: list[str], cases: int, ratio: int, rounds: int, replacement: bool
) -> None:
    is_case = core.MemberOf(facts=kit.facts(), cohort="cases")
    made = matched(kit.exclude("case", is_case), ratio=ratio, rounds=rounds, replacement=replacement)
    people = [f"p{n} - {sex}" for n, sex in enumerate(sexes)]
    data = by_hand.rows(made.model, person=people, visit=[f"p{n} 2020-03-01" for n in range(min(cases, len(sexes)))])
    found = who(made, data)
    for sex in "12":
        own = {f"p{n}" for n, one in enumerate(sexes) if one == sex}
        of_cases = {f"p{n}" for n in range(cases)} & own
        assert not found & of_cases
        assert len(found & own) <= len(of_cases) * (ratio if replacement else min(ratio, rounds))
        if of_cases and own - of_cases:
            assert found & own
