"""Attrition, exposure, follow-up and outcomes in a real database: known answers, the arbiter held to them too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree

MODEL = kit.model(
    kit.table("person", "attributes", {"birth_date": "date?", "sex": "code of sex?"}),
    kit.table("entry", "events", {}),
    kit.table("visit", "events", {"code": "code of c?"}),
    kit.table("stay", "spells", {}, coverage=Coverage(None, kit.date("2021-12-31"))),
    kit.table("death", "events", {}),
)
ANY = during(None, None)


def rows(**tables: list[tuple[str | None, ...]]) -> dict[str, list[dict[str, Any]]]:
    """One person p who enters on 2020-01-01; tables of days, or of starts and ends."""
    found: dict[str, list[dict[str, Any]]] = {
        "person": [{"person_id": "p", "birth_date": None, "sex": None}],
        "entry": [{"person_id": "p", "date": kit.date("2020-01-01")}],
    }
    for table, given in tables.items():
        columns = ("start", "end") if table == "stay" else ("date", "code")
        days = [tuple(kit.date(x) if x and x[0].isdigit() else x for x in one) for one in given]
        found[table] = [{"person_id": "p", "code": None, **dict(zip(columns, one, strict=False))} for one in days]
    return found


def course(outcome: core.Outcome, given: dict[str, list[dict[str, Any]]], *more: core.Outcome) -> tuple[Any, ...]:
    """How an outcome goes for p: where p starts, and where at risk the day and the end.

    Follow-up is from 2020-01-11 to death or 2020-02-10.
    """
    study = kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ANY)),
        kit.risk(outcome.name),
        roles=[kit.role("death", "death")],
        follow_up=kit.follow_up(at("index", "10 day"), at("entry", "30 day"), at("role death"), at("data.end")),
        outcomes=[replace(one, end_of_data=kit.date("2021-12-31")) for one in (outcome, *more)],
    )
    cubes = agree(study, given)
    (start,) = [key[0] for key in cubes[f"risk_{outcome.name}_start"] if key[0] is not None]
    if start != "at_risk":
        return (start,)
    ((day, end),) = cubes[f"risk_{outcome.name}_curve"]
    return start, day, end


VISIT = kit.outcome("seen", kit.event("visit"), "death")


@pytest.mark.parametrize(
    ("visit", "death", "expected"),
    [
        (None, None, ("at_risk", 30, "censored")),
        ("2020-01-12", None, ("at_risk", 1, "event")),
        ("2020-02-10", None, ("at_risk", 30, "event")),  # the last day is in
        ("2020-02-11", None, ("at_risk", 30, "censored")),
        ("2020-01-11", None, ("time_zero",)),
        ("2020-01-10", None, ("prior",)),
        ("2020-01-01", None, ("prior",)),  # on the index
        ("2019-12-31", None, ("at_risk", 30, "censored")),  # before the index is no business of follow-up
        (None, "2020-01-20", ("at_risk", 9, "death")),
        (None, "2020-01-11", ("ended",)),
        (None, "2020-01-05", ("ended",)),
        ("2020-01-03", "2020-01-05", ("prior",)),  # both: prior
        ("2020-01-20", "2020-01-20", ("at_risk", 9, "event")),  # ties go to the outcome
        ("2020-01-21", "2020-01-20", ("at_risk", 9, "death")),
        (None, "2020-02-10", ("at_risk", 30, "death")),
        (None, "2019-06-01", ("at_risk", 30, "censored")),  # a role counts from the index on
    ],
)
def test_where_a_unit_starts_and_how_its_time_ends(visit: str | None, death: str | None, expected: tuple[Any]) -> None:
    given = rows(visit=[(visit,)] if visit else [], death=[(death,)] if death else [])
    assert course(VISIT, given) == expected


@pytest.mark.parametrize(
    ("rule", "expected"), [("keep", ("at_risk", 0, "event")), ("exclude", ("time_zero",)), ("refuse", ("time_zero",))]
)
def test_time_zero_follows_its_rule(rule: str, expected: tuple[Any]) -> None:
    kept = kit.outcome("seen", kit.event("visit"), time_zero=rule)
    assert course(kept, rows(visit=[("2020-01-11",), ("2020-01-20",)])) == expected


def test_the_first_row_in_follow_up_decides_not_the_first_of_all() -> None:
    given = rows(visit=[("2020-01-20", "b"), ("2020-01-25", "a"), ("2019-05-05", "a")])
    picked = kit.cmp(kit.col("visit", "code", "code of c", True), "=", kit.lit("a"))
    assert course(kit.outcome("seen", kit.event("visit", condition=picked)), given) == ("at_risk", 14, "event")
    last = kit.outcome("seen", kit.event("visit", first=False))
    assert course(last, given) == ("at_risk", 14, "event")


def test_an_event_is_dated_when_it_is_known() -> None:
    long_enough = kit.cmp(kit.duration("stay"), ">=", kit.lit(10))
    stays = kit.outcome(
        "stays", kit.event("stay", "starting", condition=long_enough, dated=at("row", "10 day")), "death"
    )
    assert course(stays, rows(stay=[("2020-01-15", "2020-02-01")])) == ("at_risk", 14, "event")
    assert course(stays, rows(stay=[("2020-01-15", "2020-01-20")])) == ("at_risk", 30, "censored")
    assert course(stays, rows(stay=[("2020-02-05", None)])) == ("at_risk", 30, "censored")  # known after the exit
    assert course(stays, rows(stay=[("2020-01-11", "2020-02-11")])) == ("at_risk", 10, "event")
    given = rows(stay=[("2020-01-15", None)], death=[("2020-01-20",)])
    assert course(stays, given) == ("at_risk", 9, "death")  # died before it could be known


def test_an_event_dated_at_the_end_of_its_row_takes_the_first_row_by_start() -> None:
    left = kit.outcome("left", kit.event("stay", "starting", dated=at("row.end")))
    assert course(left, rows(stay=[("2020-01-12", "2020-02-01"), ("2020-01-13", "2020-01-15")])) == (
        "at_risk",
        21,
        "event",
    )
    assert course(left, rows(stay=[("2020-01-12", "2020-02-01"), ("2020-01-12", "2020-01-15")])) == (
        "at_risk",
        4,
        "event",
    )
    assert course(left, rows(stay=[("2020-01-12", None)])) == ("at_risk", 30, "censored")
    early = kit.outcome("early", kit.event("stay", "starting", dated=at("row", "-5 day")))
    assert course(early, rows(stay=[("2020-01-12", None)])) == ("prior",)  # dated before follow-up


def test_a_role_can_be_the_outcome() -> None:
    died = kit.outcome("died", "death")
    assert course(died, rows(death=[("2020-01-20",), ("2020-01-25",)])) == ("at_risk", 9, "event")
    assert course(died, rows(death=[("2020-01-05",)])) == ("prior",)
    assert course(died, rows(death=[("2020-01-11",)])) == ("ended",)
    assert course(died, rows()) == ("at_risk", 30, "censored")


def test_an_outcome_can_compete_with_another_and_order_settles_ties() -> None:
    stays = kit.outcome("stays", kit.event("stay", "starting"))
    one = kit.outcome("seen", kit.event("visit"), "outcome stays", "death")
    given = rows(visit=[("2020-01-20",)], stay=[("2020-01-19", None)])
    assert course(one, given, stays) == ("at_risk", 8, "stays")
    given = rows(stay=[("2020-01-19", None)], death=[("2020-01-19",)])
    assert course(one, given, stays) == ("at_risk", 8, "stays")
    other = kit.outcome("seen", kit.event("visit"), "death", "outcome stays")
    assert course(other, given, stays) == ("at_risk", 8, "death")
    assert course(one, rows(stay=[("2020-01-11", None)]), stays) == ("ended",)


def test_outcomes_with_their_own_end_of_data_are_followed_to_it() -> None:
    given = rows()
    study = kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ANY)),
        kit.risk("seen", "stays"),
        follow_up=kit.follow_up(at("index"), at("data.end")),
        outcomes=[
            kit.outcome("seen", kit.event("visit"), end_of_data="2020-01-11"),
            kit.outcome("stays", kit.event("stay", "starting"), end_of_data="2020-01-31"),
        ],
    )
    cubes = agree(study, given)
    assert cubes["risk_seen_curve"] == {(10, "censored"): (1,)}
    assert cubes["risk_stays_curve"] == {(30, "censored"): (1,)}


def test_without_an_end_that_comes_nobody_is_at_risk() -> None:
    study = kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ANY)),
        kit.risk("seen"),
        roles=[kit.role("death", "death")],
        follow_up=kit.follow_up(at("index"), at("role death")),
        outcomes=[kit.outcome("seen", kit.event("visit"))],
    )
    assert agree(study, rows())["risk_seen_start"] == {("ended",): (1,), (None,): (1,)}


# --- attrition -------------------------------------------------------------------------------------------------------


def left_at(*criteria: core.Criterion, given: dict[str, list[dict[str, Any]]] | None = None) -> str:
    study = kit.study(MODEL, kit.cohort(kit.event("entry", window=ANY), *criteria), kit.ATTRITION)
    (found,) = [key for (key,) in agree(study, given or rows())["attrition"] if key is not None]
    return str(found)


def test_a_unit_leaves_at_the_first_criterion_it_does_not_meet() -> None:
    yes, no = kit.rows("no", "visit", "dated", ANY), kit.rows("any", "visit", "dated", ANY)
    unknown = kit.inset(kit.attr("sex", "code of sex", True), "1")
    assert left_at(kit.include("a", yes), kit.exclude("b", no)) == "included"
    assert left_at(kit.include("a", no), kit.exclude("b", yes)) == "a"
    assert left_at(kit.include("a", yes), kit.exclude("b", yes), kit.include("c", no)) == "b"
    assert left_at(kit.include("a", unknown), kit.include("b", no)) == "a unknown"
    assert left_at(kit.exclude("a", unknown)) == "a unknown"
    assert left_at() == "included"


@pytest.mark.parametrize(("first", "expected"), [(True, "2020-01-05"), (False, "2020-03-01")])
def test_the_index_is_the_first_or_the_last_matched_day(first: bool, expected: str) -> None:
    given = rows()
    given["entry"] = [{"person_id": "p", "date": kit.date(d)} for d in ("2020-03-01", "2020-01-05", "2020-02-01")]
    there = kit.rows("any", "visit", "dated", during(at("index"), at("index"), "[]"))
    study = kit.study(MODEL, kit.cohort(kit.event("entry", window=ANY, first=first), kit.include("there", there)))
    given["visit"] = [{"person_id": "p", "date": kit.date(expected), "code": None}]
    assert ("included",) in agree(study, given)["attrition"]


def test_only_listed_entities_with_an_index_are_candidates() -> None:
    given = rows()
    given["person"].append({"person_id": "without index", "birth_date": None, "sex": None})
    given["entry"].append({"person_id": "not listed", "date": kit.date("2020-01-01")})
    study = kit.study(MODEL, kit.cohort(kit.event("entry", window=ANY)))
    assert agree(study, given)["attrition"] == {("included",): (1,), (None,): (1,)}


# --- exposure and baseline -------------------------------------------------------------------------------------------


def arm(*levels: core.Level) -> str:
    study = kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ANY)),
        kit.baseline(kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "unknown"), by="arm"),
        exposure=kit.exposure("arm", ANY, *levels),
    )
    (found,) = {key[1] for key in agree(study, rows())["baseline_sex"] if key[1] is not None}
    return str(found)


def test_the_first_level_that_is_true_wins_and_unknown_is_never_swallowed() -> None:
    yes, no = kit.rows("no", "visit", "dated", ANY), kit.rows("any", "visit", "dated", ANY)
    unknown = kit.inset(kit.attr("sex", "code of sex", True), "1")
    assert arm(kit.level("a", no), kit.level("b", yes), kit.level("rest")) == "b"
    assert arm(kit.level("a", yes), kit.level("b", yes)) == "a"
    assert arm(kit.level("a", no), kit.level("rest")) == "rest"
    assert arm(kit.level("a", no)) == "none"
    assert arm(kit.level("a", unknown), kit.level("b", yes), kit.level("rest")) == "unknown"
    assert arm(kit.level("a", yes), kit.level("b", unknown)) == "a"
    assert arm(kit.level("rest")) == "rest"


@pytest.mark.parametrize(("sex", "expected"), [("1", "1"), ("7", "other"), (None, "unknown"), ("", "other")])
def test_only_declared_keys_become_categories(sex: str | None, expected: str) -> None:
    given = rows()
    given["person"][0]["sex"] = sex
    variable = kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "other", "unknown")
    study = kit.study(MODEL, kit.cohort(kit.event("entry", window=ANY)), kit.baseline(variable))
    assert agree(study, given)["baseline_sex"] == {(expected,): (1,), (None,): (1,)}
