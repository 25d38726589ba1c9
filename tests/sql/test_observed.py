"""Time under observation in a real database: delayed entry, events that come again, states, varying levels, recorded
follow-up.  Known answers, and the arbiter held to them too."""

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
    kit.table(
        "person", "attributes", {"joined": "date?", "weeks": "integer?", "from_week": "integer?", "cause": "code of c?"}
    ),
    kit.table("entry", "events", {}),
    kit.table("visit", "events", {}),
    kit.table("drug", "events", {}),
    kit.table("ward", "spells", {}, coverage=Coverage(None, kit.date("2020-12-31"))),
    kit.table("death", "events", {}),
    kit.table("spell", "spells", {"cause": "code of c?"}),
)
ANY = during(None, None)
MONTH = core.RiskTime(amount=1, unit="month", days=30)
BLANK = {"joined": None, "weeks": None, "from_week": None, "cause": None}


def rows(joined: str | None = None, **tables: list[str]) -> dict[str, list[dict[str, Any]]]:
    """One person p who enters on 2020-01-01; tables of days, or of starts and ends."""
    person = {"person_id": "p", **BLANK, "joined": kit.date(joined) if joined else None}
    found: dict[str, list[dict[str, Any]]] = {"person": [person], "entry": days("p 2020-01-01")}
    for table, given in tables.items():
        found[table] = spells(*given) if table == "ward" else days(*given)
    return found


def days(*given: str) -> list[dict[str, Any]]:
    parts = [one.split() if " " in one else ["p", one] for one in given]
    return [{"person_id": who, "date": kit.date(day)} for who, day in parts]


def spells(*given: str) -> list[dict[str, Any]]:
    parts = [one.split() for one in given]
    return [{"person_id": "p", "start": kit.date(a), "end": None if b == "open" else kit.date(b)} for a, b in parts]


JOINED = replace(at("index"), base="value", value=kit.attr("joined", "date", True))
SEEN = kit.outcome("seen", kit.event("visit"), "death")


def study(outcome: core.Outcome, *reports: core.Report, **more: Any) -> core.Study:
    """Follow-up is from 2020-01-01 to death or 2020-01-31."""
    follow_up = kit.follow_up(at("index"), at("entry", "30 day"), at("role death"))
    if "entry" in more:
        follow_up = replace(follow_up, entry=more.pop("entry"))
    return kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ANY)),
        *reports or (kit.risk(outcome.name),),
        outcomes=[outcome],
        **{"follow_up": follow_up, "roles": [kit.role("death", "death")], **more},
    )


def curve(cubes: dict[str, Any], name: str) -> dict[Any, Any]:
    return {key: cell for key, cell in cubes[name].items() if None not in key}


# --- delayed entry ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("joined", "tables", "start", "records"),
    [
        ("2020-01-11", {}, "at_risk", {(10, "entered"): (1, 1), (30, "censored"): (1, 1)}),
        ("2019-06-01", {}, "at_risk", {(30, "censored"): (1, 1)}),
        ("2020-01-01", {}, "at_risk", {(30, "censored"): (1, 1)}),
        (None, {}, "ended", {}),
        ("2020-01-31", {}, "ended", {}),
        ("2020-01-11", {"visit": ["2020-01-05"]}, "prior", {}),
        ("2020-01-11", {"visit": ["2020-01-11"]}, "prior", {}),
        ("2020-01-11", {"visit": ["2020-01-12"]}, "at_risk", {(10, "entered"): (1, 1), (11, "event"): (1, 1)}),
        ("2020-01-11", {"death": ["2020-01-11"]}, "ended", {}),
        ("2020-01-11", {"death": ["2020-01-12"]}, "at_risk", {(10, "entered"): (1, 1), (11, "death"): (1, 1)}),
        ("2019-06-01", {"visit": ["2020-01-01"]}, "time_zero", {}),
    ],
)
def test_who_enters_late_is_at_risk_from_then_on(joined: str | None, tables: Any, start: str, records: Any) -> None:
    cubes = agree(study(SEEN, entry=JOINED), rows(joined, **tables))
    assert cubes["risk_seen_start"][(start,)] == (1,)
    assert cubes["risk_seen_curve"] == records


def test_a_late_event_dated_before_entry_is_prior() -> None:
    wards = kit.outcome("wards", kit.event("ward", "starting", dated=at("row.end")))
    found = agree(
        study(wards, entry=JOINED), rows("2020-01-11", ward=["2020-01-12 2020-01-11", "2020-01-20 2020-01-22"])
    )
    assert found["risk_wards_start"] == {("prior",): (1,), (None,): (1,)}


# --- events that come again ------------------------------------------------------------------------------------------

AGAIN = replace(SEEN, recurring=True)


def events(*of: str, by: str | None = None) -> core.EventsReport:
    return core.EventsReport(name="events", cohort="", of=of, by=by, times=(MONTH,))


def test_every_event_counts_until_time_ends_and_one_record_says_what_ended_it() -> None:
    given = rows(
        visit=["2019-12-01", "2020-01-01", "2020-01-05", "2020-01-05", "2020-01-20", "2020-01-25", "2020-02-05"],
        death=["2020-01-20"],
    )
    cubes = agree(study(AGAIN, events("seen")), given)
    assert cubes["events_seen_start"] == {("at_risk",): (1,), (None,): (1,)}
    assert cubes["events_seen_events"] == {(4, "event"): (1, 2), (19, "event"): (0, 1), (19, "death"): (1, 1)}
    kept = agree(study(replace(AGAIN, time_zero="keep"), events("seen")), given)["events_seen_events"]
    assert kept == {(0, "event"): (1, 1), (4, "event"): (0, 2), (19, "event"): (0, 1), (19, "death"): (1, 1)}


def test_events_of_a_role_come_again_too() -> None:
    visits = replace(kit.outcome("seen", "visiting"), recurring=True)
    made = study(visits, events("seen"), roles=[kit.role("death", "death"), kit.role("visiting", "visit")])
    found = agree(made, rows(visit=["2020-01-02", "2020-01-03"]))["events_seen_events"]
    assert found == {(1, "event"): (1, 1), (2, "event"): (0, 1), (30, "censored"): (1, 1)}


# --- states ----------------------------------------------------------------------------------------------------------


def test_a_state_is_that_of_one_day() -> None:
    then = core.Time(base="that day", facts=kit.DATE)
    inside = kit.rows("any", "ward", "covering", kit.covering(then))
    before = kit.rows("any", "ward", "starting", during(None, then))
    state = core.State(
        name="where",
        labels={"en": "Where"},
        levels=(kit.level("ward", inside), kit.level("been", before), kit.level("home")),
        can_be_unknown=False,
        complete=True,
        categories=tuple(core.Category(key, {"en": key}) for key in ("ward", "been", "home")),
    )
    times = tuple(core.RiskTime(amount=n, unit="day", days=n) for n in (1, 10, 30, 31))
    report = core.StateReport(name="states", cohort="", of=("where",), by=None, times=times)
    cubes = agree(study(SEEN, report, states=(state,)), rows(ward=["2020-01-05 2020-01-15"]))
    assert cubes["states_where_1_day"][("home",)] == (1,)
    assert cubes["states_where_10_days"][("ward",)] == (1,)
    assert cubes["states_where_30_days"][("been",)] == (1,)  # the day of exit is followed
    assert cubes["states_where_31_days"][("not_followed",)] == (1,)


# --- levels that vary ------------------------------------------------------------------------------------------------


def varying(*levels: core.Level, switch_day: str = "before") -> core.Exposure:
    made = kit.exposure("care", ANY, *levels)
    return replace(made, window=None, varying=True, switch_day=switch_day)  # type: ignore[arg-type]


ON_DRUG = replace(kit.level("drug"), since=kit.event("drug", window=ANY))
IN_WARD = replace(kit.level("ward"), during=core.SpellRows(table="ward", condition=None, facts=kit.facts()))
USUAL = kit.level("usual")
BY_CARE = kit.risk("seen", by="care")


def levels(given: Any, *of: core.Level, switch_day: str = "before", **more: Any) -> dict[Any, Any]:
    made = study(SEEN, BY_CARE, exposures=(varying(*of, switch_day=switch_day),), **more)
    return curve(agree(made, given), "risk_seen_curve")


def test_a_level_is_on_from_its_event_and_the_event_of_a_switch_day_belongs_where_the_study_says() -> None:
    drug = rows(drug=["2020-01-11", "2020-01-15"])
    assert levels(drug, ON_DRUG, USUAL) == {
        ("usual", 10, "left"): (1, 1),
        ("drug", 10, "entered"): (1, 1),
        ("drug", 30, "censored"): (1, 1),
    }
    both = rows(drug=["2020-01-11"], visit=["2020-01-11"])
    assert levels(both, ON_DRUG, USUAL) == {("usual", 10, "event"): (1, 1)}
    assert levels(both, ON_DRUG, USUAL, switch_day="after") == {
        ("usual", 9, "left"): (1, 1),
        ("drug", 9, "entered"): (1, 1),
        ("drug", 10, "event"): (1, 1),
    }
    early = rows(drug=["2020-01-02"], visit=["2020-01-02"])
    assert levels(early, ON_DRUG, USUAL, switch_day="after") == {("drug", 1, "event"): (1, 1)}
    assert levels(rows(drug=["2019-06-01"]), ON_DRUG, USUAL) == {("drug", 30, "censored"): (1, 1)}
    assert levels(rows(), ON_DRUG) == {("none", 30, "censored"): (1, 1)}


def test_spells_switch_levels_on_and_off_and_the_first_level_wins() -> None:
    given = rows(ward=["2020-01-05 2020-01-10", "2020-01-10 2020-01-15", "2020-02-01 open"], drug=["2020-01-20"])
    assert levels(given, ON_DRUG, IN_WARD, USUAL) == {
        ("usual", 4, "left"): (1, 1),
        ("ward", 4, "entered"): (1, 1),
        ("ward", 14, "left"): (1, 1),
        ("usual", 14, "entered"): (1, 1),
        ("usual", 19, "left"): (0, 1),
        ("drug", 19, "entered"): (1, 1),
        ("drug", 30, "censored"): (1, 1),
    }


def test_what_is_counted_once_has_the_level_of_the_index_or_of_the_start() -> None:
    made = study(SEEN, BY_CARE, kit.baseline(kit.variable("one", kit.lit(1), "1"), by="care"))
    late = kit.follow_up(at("index", "10 day"), at("entry", "30 day"))
    made = replace(made, exposures=(varying(IN_WARD, USUAL),), follow_up=late)
    cubes = agree(made, rows(ward=["2020-01-11 2020-01-12"]))
    assert cubes["baseline_one"][("1", "usual")] == (1,)
    assert cubes["risk_seen_start"][("at_risk", "ward")] == (1,)
    assert curve(cubes, "risk_seen_curve") == {
        ("ward", 1, "left"): (1, 1),
        ("usual", 1, "entered"): (1, 1),
        ("usual", 30, "censored"): (1, 1),
    }


def test_late_entry_and_varying_levels_go_together() -> None:
    found = levels(rows("2020-01-11", drug=["2020-01-05", "2020-01-20"]), ON_DRUG, USUAL, entry=JOINED)
    assert found == {("drug", 10, "entered"): (1, 1), ("drug", 30, "censored"): (1, 1)}


def test_events_that_come_again_are_in_the_level_of_their_day() -> None:
    made = study(AGAIN, events("seen", by="care"), exposures=(varying(ON_DRUG, USUAL),))
    found = agree(made, rows(drug=["2020-01-11"], visit=["2020-01-03", "2020-01-11", "2020-01-12"]))
    assert found["events_seen_events"] == {
        ("usual", 2, "event"): (1, 1),
        ("usual", 10, "event"): (0, 1),
        ("usual", 10, "left"): (1, 1),
        ("drug", 10, "entered"): (1, 1),
        ("drug", 11, "event"): (1, 1),
        ("drug", 30, "censored"): (1, 1),
    }


# --- follow-up as recorded -------------------------------------------------------------------------------------------


def caused(code: str, of: str) -> core.Expr:
    where = kit.attr("cause", "code of c", True) if of == "person" else kit.col("spell", "cause", "code of c", True)
    return kit.inset(where, code)


def recorded(of: str, start: str | None, end: str, clock: Any, time_zero: str = "exclude", **people: Any) -> core.Study:
    follow_up = core.RecordedFollowUp(
        table=of,
        start=None if start is None else core.ColumnRef(of, start),
        end=core.ColumnRef(of, end),
        clock=clock,
        facts=kit.facts(),
    )
    died = replace(kit.outcome("died", "x", "outcome moved", time_zero=time_zero), role=None, recorded=caused("d", of))
    moved = replace(kit.outcome("moved", "x"), role=None, recorded=caused("m", of))
    cohort = replace(kit.cohort(kit.event("entry", window=ANY)), index=core.IndexNone())
    return kit.study(MODEL, cohort, kit.risk("died"), follow_up=follow_up, outcomes=[died, moved])  # type: ignore[arg-type]


def person(name: str, weeks: int | None, cause: str | None = None, first: int | None = None) -> dict[str, Any]:
    return {"person_id": name, **BLANK, "weeks": weeks, "cause": cause, "from_week": first}


def test_time_by_a_clock_is_what_the_table_says() -> None:
    people = [
        person("a", 12, "d"), person("b", 52), person("c", 7, "m"), person("d", None, "d"), person("e", 0, "d"),
        person("f", 0), person("g", -3, "d"), person("h", 12, "d"),
    ]  # fmt: skip
    cubes = agree(recorded("person", None, "weeks", "week"), {"person": people})
    assert cubes["risk_died_start"] == {("at_risk",): (4,), ("ended",): (3,), ("time_zero",): (1,), (None,): (8,)}
    assert cubes["risk_died_curve"] == {(12, "event"): (2,), (52, "censored"): (1,), (7, "moved"): (1,)}
    kept = agree(recorded("person", None, "weeks", "week", "keep"), {"person": people})
    assert kept["risk_died_curve"][(0, "event")] == (1,)


def test_a_start_above_zero_by_a_clock_is_a_late_entry() -> None:
    people = [person("a", 12, "d", 4), person("b", 9, None, 0), person("c", 9, "d", None), person("e", 5, "d", -2)]
    cubes = agree(recorded("person", "from_week", "weeks", "week"), {"person": people})
    assert cubes["risk_died_curve"] == {
        (4, "entered"): (1, 1),
        (12, "event"): (1, 1),
        (9, "censored"): (1, 1),
        (5, "event"): (1, 1),
    }


def stretch(who: str, low: str, high: str | None, cause: str | None = None) -> dict[str, Any]:
    end = None if high is None else kit.date(high)
    return {"person_id": who, "start": kit.date(low), "end": end, "cause": cause}


def test_dated_rows_are_stretches_of_their_own() -> None:
    given = {
        "person": [person(name, None) for name in "abc"],
        "spell": [
            stretch("a", "2020-01-01", "2020-01-11"),
            stretch("a", "2020-03-01", "2020-03-06", "d"),
            stretch("b", "2020-01-01", "2020-01-01", "d"),
            stretch("b", "2020-02-01", "2020-02-06"),
            stretch("c", "2020-01-01", None, "d"),
        ],
    }
    cubes = agree(recorded("spell", "start", "end", None), given)
    assert cubes["risk_died_start"] == {("at_risk",): (1,), ("time_zero",): (1,), ("ended",): (1,), (None,): (3,)}
    assert cubes["risk_died_curve"] == {(10, "censored"): (1, 1), (5, "event"): (1, 1)}


CLOCKED = kit.model(
    kit.table("person", "attributes", {"cause": "code of c?"}),
    kit.table("spell", "events", {"low": "integer?", "high": "integer?", "cause": "code of c?"}),
)


def test_stretches_by_a_clock_follow_one_another_until_one_ends_with_what_counts() -> None:
    made = replace(recorded("spell", "low", "high", "month"), model=CLOCKED, coverage={})
    columns = tuple(core.ColumnRef(t.name, c) for t in CLOCKED.tables.values() for c in t.columns)
    made = replace(made, columns=columns)
    given = [("a", 0, 5, None), ("a", 5, 9, None), ("a", 12, 20, "d"), ("a", 30, 40, None), ("b", 3, 8, None)]
    rows = [{"person_id": w, "date": None, "low": low, "high": high, "cause": c} for w, low, high, c in given]
    people = [{"person_id": name, "cause": None} for name in "ab"]
    assert agree(made, {"person": people, "spell": rows})["risk_died_curve"] == {
        (5, "left"): (1, 1),
        (5, "entered"): (1, 1),
        (9, "left"): (0, 1),
        (12, "entered"): (0, 1),
        (20, "event"): (1, 1),
        (3, "entered"): (1, 1),
        (8, "censored"): (1, 1),
    }
