"""How matched comparisons and long lists of candidates are planned: nothing is asked of more people than it must be."""

from __future__ import annotations

import pytest

from studyspec.plan.nodes import Call, Step
from studyspec.plan.plain import is_plain
from studyspec.plan.plan import columns_of, plan
from studyspec.semantics import core
from tests.arbiter.by_hand import cohort, study
from tests.plan import kit

YEAR = kit.during(kit.at("2020-01-01"), kit.at("2020-12-31"), "[]")
SEX = kit.attr("sex", "code of sex", True)
AGE = kit.age(kit.at("index"), "born", nullable=True)
VISITED = kit.rows("any", "visit", "dated", YEAR)
GROWN = kit.include("grown", kit.cmp(AGE, ">=", kit.lit(18)))
MAN = kit.include("man", kit.cmp(SEX, "=", kit.lit("1")))
SEEN = kit.include("seen", VISITED)


def matched(*criteria: core.Criterion, on: tuple[core.Expr, ...] = (SEX, AGE)) -> list[Step]:
    first = core.IndexEvent(event=kit.event("visit", "dated", YEAR), pick="first", washout=None)
    index = core.IndexAssigned(cohort="cases", on=on, ratio=1, replacement=False, seed=7)
    cases = cohort("cases", first)
    return list(plan(study(cases, cohort("like", index, *criteria, repeated=True))).steps)


def monthly(*criteria: core.Criterion) -> list[Step]:
    months = core.IndexPeriods(unit="month", window=YEAR)
    return list(plan(study(cohort("every", months, *criteria, repeated=True))).steps)


def named(steps: list[Step], name: str) -> Step:
    return next(one for one in steps if one.name == name)


def reads(step: Step) -> set[str]:
    return {column.table for column in columns_of(step)}


def test_who_is_alike_in_what_needs_no_rows_is_found_in_one_join() -> None:
    steps = matched()
    before = [one.name for one in steps[: steps.index(named(steps, "like_index"))] if one.name.startswith("like")]
    assert before == ["like_cases", "like_sought"]
    assert reads(named(steps, "like_index")) == {"like_sought", "person"}


def test_what_asks_for_rows_is_asked_only_of_who_shares_the_rest() -> None:
    steps = matched(on=(SEX, VISITED))
    assert "like_considered" in reads(named(steps, "like_visit"))
    considered = named(steps, "like_considered")
    assert [join.table for join in considered.joins] == ["person"]
    assert any(isinstance(one, Call) and one.operator == "=" for one in considered.joins[0].on)


def test_only_those_who_met_every_criterion_have_an_order_drawn() -> None:
    steps = matched(GROWN)
    drawn = [one for one in steps if any(output.name == "drawn_order" for output in one.columns)]
    assert drawn[0].name == "like_alike"
    assert drawn[0].table == "like_eligible"


@pytest.mark.parametrize("made", [matched, monthly])
def test_rows_are_asked_about_only_of_who_stayed_until_then(made: object) -> None:
    steps = matched(GROWN, MAN, SEEN) if made is matched else monthly(GROWN, MAN, SEEN)
    own = "like" if made is matched else "every"
    criteria = named(steps, f"{own}_criteria")
    assert [one.element for one in criteria.columns if one.element] == ["grown", "man"]
    staying = next(one for one in steps if one.name.endswith("_staying"))
    assert staying.table == criteria.name
    asked = next(one for one in steps if one.name.endswith("seen_visit"))
    assert asked.table == staying.name


def test_everyone_leaves_once_in_the_order_of_the_criteria() -> None:
    steps = monthly(SEEN, GROWN)
    attrition = named(steps, "every_attrition")
    assert (attrition.table, [one.table for one in attrition.more]) == ("every_criteria", ["every_criteria_2"])
    assert not attrition.once


def test_without_criteria_every_candidate_is_included() -> None:
    assert named(monthly(), "every_attrition").table == "every_index"


def test_an_expression_is_plain_when_the_entity_and_the_index_tell_its_value() -> None:
    assert is_plain(kit.cmp(AGE, ">=", kit.lit(18)), {})
    assert not is_plain(VISITED, {})


def test_a_definition_that_is_long_when_written_out_is_not_plain() -> None:
    value: core.Expr = SEX
    definitions = {}
    for name in "abcdefg":
        condition = kit.cmp(value, "=", value)
        definitions[name] = core.Definition(name=name, labels={}, value=condition)
        value = core.Ref(facts=condition.facts, name=name)
    assert is_plain(definitions["b"].value, definitions)
    assert not is_plain(value, definitions)
