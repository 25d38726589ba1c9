"""Follow-up worked out by hand: delayed entry, events that come again, follow-up as it was recorded, states."""

from __future__ import annotations

from typing import Any

import pytest

from studyspec.catalogue.types import Clock
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef
from tests.arbiter import by_hand
from tests.arbiter.by_hand import cohort, count, curve, on_day, spec, study
from tests.plan import kit

START = spec("start", "o", "start")
C = cohort("c", on_day("2020-01-01"))
MONTH = kit.follow_up(kit.at("index"), kit.at("entry", "30 day"))
ACUTE = kit.event("visit", condition=kit.cmp(kit.col("visit", "kind"), "=", kit.lit("a")))
RISK = core.RiskReport(name="report", cohort="c", of=("o",), by=None, times=())


def followed(follow_up: core.FollowUp, *outcomes: core.Outcome, **more: Any) -> core.Study:
    return study(C, follow_up=follow_up, outcomes=outcomes, reports=(RISK,), **more)


# --- delayed entry ---------------------------------------------------------------------------------------------------

BORN = kit.Time(facts=kit.DATE, base="value", value=kit.attr("born", "date", True))
LATE = core.FollowUp(start=kit.at("index"), ends=(kit.at("entry", "30 day"),), entry=BORN)


def test_who_enters_late_is_under_observation_from_that_day_on() -> None:
    made = followed(LATE, kit.outcome("o", ACUTE, "death"))
    people = ["early 2019-05-01", "first 2020-01-01", "late 2020-01-11"]
    data = by_hand.rows(made.model, person=people, visit=["late 2020-01-21 a"])
    assert count(made, data, START) == {("at_risk",): 3}
    assert count(made, data, curve("o")) == {(10, "entered"): (1, 1), (20, "event"): (1, 1), (30, "censored"): (2, 2)}


@pytest.mark.parametrize(
    ("born", "visit", "death", "start"),
    [
        ("2020-01-11", "2020-01-11", None, "prior"),
        ("2020-01-11", "2020-01-05", None, "prior"),
        ("2020-01-01", "2020-01-01", None, "time_zero"),
        ("2020-01-31", None, None, "ended"),
        ("2020-01-11", None, "2020-01-11", "ended"),
        ("2020-01-11", "2020-01-12", "2020-01-12", "at_risk"),
        ("-", "2020-01-12", None, "ended"),
    ],
)
def test_what_came_by_the_day_of_entry_takes_a_unit_out(
    born: str, visit: str | None, death: str | None, start: str
) -> None:
    made = followed(LATE, kit.outcome("o", ACUTE, "death"))
    visits = [f"p {visit} a"] if visit else []
    data = by_hand.rows(made.model, person=[f"p {born}"], visit=visits, death=[f"p {death}"] if death else [])
    assert count(made, data, START) == {(start,): 1}


# --- events that come again ------------------------------------------------------------------------------------------


def again(**more: Any) -> core.Outcome:
    return kit.replace(kit.outcome("o", ACUTE, "death"), recurring=True, **more)


def test_every_row_is_an_event_and_one_record_ends_the_time() -> None:
    made = followed(MONTH, again())
    visits = [
        "p 2019-12-31 a",
        "p 2020-01-01 a",
        "p 2020-01-02 a",
        "p 2020-01-02 a",
        "p 2020-01-31 a",
        "p 2020-02-01 a",
    ]
    data = by_hand.rows(made.model, visit=[*visits, "q 2020-01-05 b", "r 2020-01-03 a"], death=["r 2020-01-03"])
    assert count(made, data, START) == {("at_risk",): 3}
    assert count(made, data, curve("o", kind="events")) == {
        (1, "event"): (1, 2),
        (2, "event"): (1, 1),
        (30, "event"): (0, 1),
        (2, "death"): (1, 1),
        (30, "censored"): (2, 2),
    }


def test_an_event_at_time_zero_counts_where_it_is_kept() -> None:
    made = followed(MONTH, again(time_zero="keep"))
    data = by_hand.rows(made.model, visit=["p 2020-01-01 a"])
    assert count(made, data, curve("o", kind="events")) == {(0, "event"): (1, 1), (30, "censored"): (1, 1)}


# --- recorded --------------------------------------------------------------------------------------------------------


def recorded(shape: str, clock: Any, start: str | None = "begin", **more: Any) -> core.Study:
    kind = "date?" if clock is None else "integer?"
    columns = {"begin": kind, "finish": kind, "status": "code of status?"}
    table = kit.table("course", "attributes" if shape == "attributes" else "events", columns)
    if clock is not None:
        table = kit.replace(table, clock=Clock("month", "Diagnosis"))
    of = kit.attr if shape == "attributes" else lambda name, *rest: kit.col("course", name, *rest)
    names: dict[str, Any] = {"of": "course"} if shape == "attributes" else {}

    def status(code: str) -> core.Expr:
        return kit.cmp(of("status", "code of status", True, **names), "=", kit.lit(code))

    follow_up = core.RecordedFollowUp(
        table="course",
        start=None if start is None else ColumnRef("course", start),
        end=ColumnRef("course", "finish"),
        clock=clock,
        facts=kit.facts(),
    )
    o = kit.replace(kit.outcome("o", ACUTE, "outcome x"), event=None, recorded=status("1"), **more)
    x = kit.replace(kit.outcome("x", ACUTE), event=None, recorded=status("2"))
    made = by_hand.model(course=table)
    unclocked = cohort("c", core.IndexNone())
    return study(unclocked, model=made, follow_up=follow_up, outcomes=(o, x), reports=(RISK,))


def course(made: core.Study, *lines: str) -> by_hand.Rows:
    """`p 0 12 1`: who, from, to, status."""
    table = made.model.tables["course"]
    found = []
    for line in lines:
        key, begin, finish, status = line.split()
        days = [None if one == "-" else int(one) if table.clock else kit.date(one) for one in (begin, finish)]
        code = None if status == "-" else status
        found.append({"person_id": key, "date": None, "begin": days[0], "finish": days[1], "status": code})
    data = by_hand.rows(made.model, person=sorted({line.split()[0] for line in lines}))
    return data | {"course": found}


def test_one_stretch_of_dates_for_each_counts_days_from_its_start() -> None:
    made = recorded("attributes", None)
    data = course(
        made,
        "event 2020-01-01 2020-01-11 1",
        "rival 2019-01-01 2019-01-11 2",
        "censored 2020-02-01 2020-03-01 -",
        "empty 2020-02-01 2020-02-01 -",
        "open 2020-02-01 - 1",
        "zero 2020-02-01 2020-02-01 1",
        "back 2020-02-02 2020-02-01 1",
    )
    assert count(made, data, START) == {("at_risk",): 3, ("ended",): 3, ("time_zero",): 1}
    plain = curve("o", measures=("entities",))
    assert count(made, data, plain) == {(10, "event"): 1, (10, "x"): 1, (29, "censored"): 1}


def test_rows_of_dates_stand_each_for_itself() -> None:
    made = recorded("rows", None)
    data = course(made, "p 2020-01-01 2020-01-11 -", "p 2020-01-05 2020-01-25 1", "p 2020-03-01 2020-03-21 1")
    assert count(made, data, curve("o")) == {(10, "censored"): (1, 1), (20, "event"): (1, 2)}


def test_stretches_by_a_clock_follow_one_another() -> None:
    made = recorded("rows", "month")
    data = course(made, "p 12 24 -", "p 0 6 -", "p 24 30 1", "p 40 50 1", "late 5 9 2", "minus -3 4 -")
    assert count(made, data, START) == {("at_risk",): 3}
    assert count(made, data, curve("o")) == {
        (6, "left"): (1, 1),
        (12, "entered"): (1, 1),
        (24, "left"): (0, 1),
        (24, "entered"): (0, 1),
        (30, "event"): (1, 1),
        (5, "entered"): (1, 1),
        (9, "x"): (1, 1),
        (4, "censored"): (1, 1),
    }


def test_without_a_start_column_a_clock_begins_at_0_and_an_unknown_start_is_no_stretch() -> None:
    data = course(recorded("attributes", "month"), "p - 7 1")
    assert count(recorded("attributes", "month", None), data, curve("o")) == {(7, "event"): (1, 1)}
    assert count(recorded("attributes", "month"), data, START) == {("ended",): 1}


def test_an_event_at_time_zero_of_a_clock_is_kept_or_taken_out() -> None:
    kept = recorded("attributes", "month", None, time_zero="keep")
    data = course(kept, "p - 0 1", "q - 0 -")
    assert count(kept, data, curve("o")) == {(0, "event"): (1, 1)}
    assert count(kept, data, START) == {("at_risk",): 1, ("ended",): 1}
    assert count(recorded("attributes", "month", None), data, START) == {("time_zero",): 1, ("ended",): 1}


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_state_is_asked_on_the_day_that_the_calendar_gives() -> None:
    that_day = kit.covering(kit.at("that day"))
    levels = (
        kit.level("north", kit.rows("any", "stay", "covering", that_day, of_ward("n"))),
        kit.level("in", kit.rows("any", "stay", "covering", that_day)),
        kit.level("out"),
    )
    state = core.State(
        name="where", labels={}, levels=levels, can_be_unknown=False, complete=True,
        categories=by_hand.categories("north", "in", "out"),
    )  # fmt: skip
    after = core.RiskTime(amount=1, unit="month", days=30)
    report = core.StateReport(name="report", cohort="c", of=("where",), by=None, times=(after,))
    start_of_c = cohort("c", on_day("2020-01-31"))
    made = study(
        start_of_c,
        follow_up=kit.follow_up(kit.at("index"), kit.at("role death"), kit.at("2020-03-31")),
        states=(state,),
        reports=(report,),
    )
    data = by_hand.rows(
        made.model,
        stay=[
            "south 2020-02-01 2020-03-01 s",
            "north 2020-02-29 2020-03-01 n",
            "north 2020-02-01 2020-03-01 s",
            "left 2020-02-01 2020-02-29 n",
            "dead 2020-02-01 2020-03-01 n",
            "dies 2020-02-01 2020-03-01 n",
        ],
        death=["dead 2020-02-28", "dies 2020-02-29"],
    )
    found = count(made, data, spec("state", "where", "where", times=(after,)))
    assert found == {("in",): 1, ("north",): 2, ("out",): 1, ("not_followed",): 1}


def of_ward(code: str) -> core.Expr:
    return kit.cmp(kit.col("stay", "ward"), "=", kit.lit(code))
