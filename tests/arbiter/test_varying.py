"""Exposures that vary: which level each day is in, and what is counted when a level begins and ends."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.arbiter.courses import Stretch
from studyspec.arbiter.varying import Levels, varying_records
from studyspec.semantics import core
from tests.arbiter import by_hand
from tests.arbiter.by_hand import cohort, count, curve, on_day, spec, study
from tests.plan import kit

FOLLOW_UP = kit.during(kit.at("entry"), kit.at("exit"), "[]")
Switch = Literal["before", "after"]
SWITCHES = kit.event("visit", "dated", FOLLOW_UP, kit.cmp(kit.col("visit", "kind"), "=", kit.lit("s")))
SINCE = kit.replace(kit.level("on"), since=SWITCHES)
DURING = kit.replace(kit.level("ward"), during=core.SpellRows(table="stay", condition=None, facts=kit.facts()))


def exposure(*levels: core.Level, switch: Switch = "before") -> core.Exposure:
    return core.Exposure(
        name="e",
        labels={},
        window=None,
        levels=levels,
        can_be_unknown=False,
        complete=False,
        categories=by_hand.categories("on", "ward", "off", "none"),
        varying=True,
        switch_day=switch,
    )


def followed(of: core.Exposure, *, entry: core.Time | None = None, recurring: bool = False) -> core.Study:
    event = kit.event("visit", condition=kit.cmp(kit.col("visit", "kind"), "=", kit.lit("a")))
    follow_up = core.FollowUp(start=kit.at("index"), ends=(kit.at("entry", "30 day"),), entry=entry)
    return study(
        cohort("c", on_day("2020-01-01")),
        follow_up=follow_up,
        exposures=(of,),
        outcomes=(kit.replace(kit.outcome("o", event, "death"), recurring=recurring),),
        reports=(core.RiskReport(name="report", cohort="c", of=("o",), by="e", times=()),),
    )


def counted(made: core.Study, **tables: list[str]) -> dict[Any, Any]:
    found = count(made, by_hand.rows(made.model, person=["p"], **tables), curve("o", by="e"))
    return {key: records for key, (_, records) in found.items()}


def test_a_level_is_on_from_its_event_for_good_and_while_spells_last() -> None:
    made = followed(exposure(SINCE, DURING, kit.level("off")))
    stays, switch = ["p 2020-01-05 2020-01-08", "p 2020-01-20 2020-02-20"], ["p 2020-01-23 s"]
    assert counted(made, stay=stays, visit=switch) == {
        ("off", 4, "left"): 1,
        ("ward", 4, "entered"): 1,
        ("ward", 7, "left"): 1,
        ("off", 7, "entered"): 1,
        ("off", 19, "left"): 1,
        ("ward", 19, "entered"): 1,
        ("ward", 22, "left"): 1,
        ("on", 22, "entered"): 1,
        ("on", 30, "censored"): 1,
    }


def test_a_level_that_never_comes_has_no_records_and_none_on_is_none() -> None:
    assert counted(followed(exposure(SINCE))) == {("none", 30, "censored"): 1}
    assert counted(followed(exposure(SINCE)), visit=["p 2020-01-01 s"]) == {("on", 30, "censored"): 1}


def test_spells_that_touch_are_no_switch() -> None:
    stays = ["p 2019-12-01 2020-01-10", "p 2020-01-10 2020-02-20"]
    assert counted(followed(exposure(DURING)), stay=stays) == {("ward", 30, "censored"): 1}


@pytest.mark.parametrize(
    ("switch", "wanted"),
    [
        ("before", {("none", 10, "event"): 1}),
        ("after", {("none", 9, "left"): 1, ("on", 9, "entered"): 1, ("on", 10, "event"): 1}),
    ],
)
def test_the_switch_day_says_whose_event_it_is(switch: Switch, wanted: dict[Any, int]) -> None:
    made = followed(exposure(SINCE, switch=switch))
    assert counted(made, visit=["p 2020-01-11 s", "p 2020-01-11 a"]) == wanted


def test_a_level_that_holds_no_day_at_risk_has_no_record() -> None:
    made = followed(exposure(SINCE, switch="after"))
    assert counted(made, visit=["p 2020-01-02 s"]) == {("on", 30, "censored"): 1}
    made = followed(exposure(SINCE))
    assert counted(made, visit=["p 2020-01-31 s"]) == {("none", 30, "censored"): 1}


def test_with_a_delayed_entry_levels_begin_there() -> None:
    made = followed(exposure(SINCE), entry=kit.at("2020-01-11"))
    assert counted(made, visit=["p 2020-01-05 s"]) == {("on", 10, "entered"): 1, ("on", 30, "censored"): 1}
    assert counted(made, visit=["p 2020-01-15 s"]) == {
        ("none", 10, "entered"): 1,
        ("none", 14, "left"): 1,
        ("on", 14, "entered"): 1,
        ("on", 30, "censored"): 1,
    }


def test_each_event_that_comes_again_is_in_the_level_of_its_day() -> None:
    made = followed(exposure(SINCE), recurring=True)
    visits = [f"p 2020-01-{day} a" for day in ("05", "11", "12", "31")]
    assert counted(made, visit=[*visits, "p 2020-01-11 s"]) == {
        ("none", 4, "event"): 1,
        ("none", 10, "event"): 1,
        ("none", 10, "left"): 1,
        ("on", 10, "entered"): 1,
        ("on", 11, "event"): 1,
        ("on", 30, "event"): 1,
        ("on", 30, "censored"): 1,
    }


def test_what_is_counted_once_has_the_level_of_the_index_or_of_the_start() -> None:
    made = followed(exposure(SINCE, DURING, kit.level("off")))
    data = by_hand.rows(made.model, person=["q"], stay=["p 2020-01-01 2020-01-02"], visit=["p 2020-01-02 s"])
    start = spec("start", "o", "start", "e", by="e")
    assert count(made, data, start) == {("at_risk", "ward"): 1, ("at_risk", "off"): 1}


def test_an_entity_counts_once_for_each_level_and_end_on_the_first_such_day() -> None:
    made = followed(exposure(DURING))
    stays = ["p 2020-01-05 2020-01-08", "p 2020-01-20 2020-01-25"]
    found = count(made, by_hand.rows(made.model, stay=stays), curve("o", by="e"))
    assert found[("ward", 4, "entered")] == (1, 1)
    assert found[("ward", 19, "entered")] == (0, 1)


@given(
    st.integers(0, 5), st.integers(1, 12), st.dictionaries(st.integers(-3, 20), st.sampled_from("ab")),
    st.sampled_from(["before", "after"]), st.booleans(),
)  # fmt: skip
@settings(deadline=None)
def test_every_day_at_risk_is_in_one_level_and_no_record_is_without_a_day(
    entered: int, length: int, switches: dict[int, str], switch: Switch, keep: bool
) -> None:
    """Day 0 is such a day where events on it are kept."""
    origin = kit.date("2020-01-01")
    zero, end = origin.toordinal(), entered + length

    def level(day: int | None) -> str:
        assert day is not None
        return next((switches[one] for one in sorted(switches, reverse=True) if one + zero <= day), "c")

    levels = Levels(level, frozenset(zero + one for one in switches))
    stretch = Stretch(origin, entered, ((end, "event"),))
    records = varying_records(stretch, exposure(switch=switch), levels, keep)
    first = 0 if keep and entered == 0 else entered + 1
    begins = [(first - 1, records[0][0])] if records[0][2] != "entered" else []
    begins += [(day, name) for name, day, what in records if what == "entered"]
    ends = [(day, name) for name, day, what in records if what in ("left", "event")]
    assert [what for _, _, what in records].count("event") == 1
    days = []
    for (after, name), (last, same) in zip(begins, ends, strict=True):
        assert name == same
        assert after < last
        days += [(day, name) for day in range(after + 1, last + 1)]
    told = [(d, level(zero + (max(d - 1, 0) if switch == "before" else d))) for d in range(first, end + 1)]
    assert days == told
