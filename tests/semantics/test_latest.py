"""`latest(…)`: where it stands, when it is known, and what can be shown of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import calendar
from studyspec.semantics import core, horizon
from studyspec.semantics.core import Bound, FollowUp, LatestOf, Step, Time, Window
from studyspec.semantics.horizon import Order, bounds, highs, hull, last_days, not_after
from tests.semantics.test_claims import WINDOW, understood
from tests.semantics.test_horizon import FACTS, HIGH, LOW, day, steps, time, times

COHORT = f"cohort people of person\n    index first {WINDOW}"
ENDS = "to earliest(follow-up start + 1 year, death, end of data)"
EXPOSED = (
    "exposure e during [index, index + 90 days)\n    level some where any service starting during window\n"
    "    level none_ otherwise"
)
RISK = "outcome job\n    first employment starting during follow-up\nreport risk of job at 6 months"


def latest(*items: Time, moves: tuple[Step, ...] = ()) -> Time:
    return Time(facts=FACTS, base="value", value=LatestOf(facts=FACTS, times=items), steps=moves)


def codes(*lines: str) -> list[str]:
    _, faults = understood(*lines)
    return [f.code for f in faults if f.severity == "error"]


# --- what can be shown -----------------------------------------------------------------------------------------------

several = st.builds(lambda items, moves: latest(*items, moves=moves), st.lists(times, min_size=1, max_size=3), steps)


starts = st.one_of(
    st.builds(lambda s: time("index", s), steps),
    st.builds(lambda s, t, d: latest(time("index", s), time("calendar", t, d)), steps, steps, st.dates(LOW, HIGH)),
)


@settings(deadline=None, max_examples=400)
@given(st.one_of(several, times), st.one_of(several, times), starts, st.lists(st.dates(LOW, HIGH), min_size=8))
def test_a_proof_holds_for_every_person(a: Time, b: Time, start: Time, people: list[dt.date]) -> None:
    follow_up = FollowUp(start=start, ends=())

    def of(t: Time, index: dt.date) -> dt.date:
        if isinstance(t.value, LatestOf):
            found = max(of(one, index) for one in t.value.times)
        elif t.base == "entry":
            found = of(start, index)
        else:
            return day(t, index, follow_up)
        for step in t.steps:
            found = calendar.add(found, step.amount, step.unit)
        return found

    answer = not_after(bounds(a), bounds(b), Order(LOW, HIGH, follow_up))
    truth = {of(a, i) <= of(b, i) for i in [LOW, HIGH, *people]}
    if answer != "unknown":
        assert truth == {answer == "yes"}


def test_it_is_on_or_after_a_day_when_one_is_and_before_when_all_are() -> None:
    index, later = time("index"), time("index", (Step(9, "day"),))
    new_year = time("calendar", (), dt.date(2030, 1, 1))
    assert not_after(Bound("index", 0, 9), bounds(latest(later, new_year)), Order()) == "yes"
    assert not_after(bounds(latest(index, later)), Bound("index", 0, 9), Order()) == "yes"
    assert not_after(bounds(latest(index, new_year)), Bound("index", 0, 9), Order()) == "unknown"
    assert not_after(bounds(latest(index, later)), Bound("index", 0, 8), Order()) == "no"
    assert not_after(bounds(latest(time("role"), later)), Bound("exit"), Order()) == "unknown"


def test_follow_up_starts_on_or_after_each_of_the_days() -> None:
    start = latest(time("index", (Step(180, "day"),)), time("calendar", (), dt.date(2020, 1, 1)))
    order = Order(LOW, HIGH, FollowUp(start=start, ends=(latest(time("entry", (Step(1, "year"),)), time("index")),)))
    assert not_after(Bound("index", 0, 180), Bound("entry"), order) == "yes"
    assert not_after(Bound("index", 0, 181), Bound("entry"), order) == "unknown"
    assert not_after(Bound("entry"), Bound("entry", 0, 1), order) == "yes"
    assert not_after(Bound("exit"), Bound("entry", 12, 0), order) == "unknown"
    assert horizon.calendar_range(Bound("entry"), order)[0] == dt.date(2020, 1, 1).toordinal()


def test_a_window_takes_days_up_to_the_last_of_them() -> None:
    window = Window(latest(time("index"), time("value")), latest(time("index"), time("entry")), True, False)
    assert hull(window) == core.Hull(Bound("index"), horizon.LATEST)
    assert set(highs(window)) == {Bound("index"), Bound("entry")}
    assert last_days(window) == {Bound("index", 0, -1), Bound("entry", 0, -1)}


# --- where it stands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        (COHORT, f"follow-up from latest(index, 2021-06-01) {ENDS}", RISK),
        (COHORT, f"follow-up from latest(index, 2021-06-01) + 1 month {ENDS}\n    entry at latest(index, 2021-09-01)",
         RISK),
        (COHORT, "follow-up from index to earliest(latest(index + 1 year, 2022-01-01), death, end of data)", RISK),
        (COHORT, "follow-up from index to earliest(latest(index + 1 year, emigration), death, end of data)", RISK),
        (
            COHORT,
            f"follow-up from index {ENDS}",
            "outcome job\n    first employment starting during follow-up with duration >= 30 days\n"
            "    dated at latest(its start + 30 days, follow-up start + 60 days)\nreport risk of job at 6 months",
        ),
        ("cohort people of person\n    index at latest(birth_date + 18 years, 2020-01-01)", "report attrition"),
        (COHORT, "    include a where any service during [latest(index - 1 year, 2020-01-01), index)",
         "report attrition"),
        (COHORT, "    include a where birth_date < latest(index, 2021-06-01) - 18 years", "report attrition"),
        (COHORT, "    include a where age at latest(index, 2021-06-01) >= 18", "report attrition"),
    ],
)  # fmt: skip
def test_it_stands_wherever_a_time_does(lines: tuple[str, ...]) -> None:
    assert codes(*lines) == []


def test_its_facts_are_those_of_all_its_times() -> None:
    found, faults = understood(
        "define probe = days from index to latest(index, birth_date)", COHORT, "report distribution of probe"
    )
    assert found is not None, faults
    facts = found.definitions[0].value.facts
    assert facts.known == {Bound("index")}
    assert {str(c) for c in facts.origin} == {"person.birth_date"}


@pytest.mark.parametrize("day", ["birth_date + 18 years", "latest(birth_date + 18 years, 2021-06-01)"])
def test_a_study_reads_the_dates_that_its_index_or_follow_up_is_reckoned_from(day: str) -> None:
    for index, start in ((f"index first {WINDOW}", day), (f"index at {day}", "index")):
        found, faults = understood(f"cohort people of person\n    {index}", f"follow-up from {start} {ENDS}", RISK)
        assert found is not None, faults
        assert core.ColumnRef("person", "birth_date") in found.columns


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((COHORT, "    include a where any service during [index, latest(index, 2021-06-01)]", "report attrition"),
         ["look-ahead"]),
        ((COHORT, f"follow-up from latest(index - 30 days, 2021-06-01) {ENDS}", RISK), ["immortal-time"]),
        ((COHORT, f"follow-up from latest(index, 2021-06-01) {ENDS}",
          EXPOSED, RISK),
         ["immortal-time"]),
        ((COHORT, f"follow-up from latest(index + 90 days, 2021-06-01) {ENDS}",
          EXPOSED, RISK), []),
        ((COHORT, "follow-up from index to latest(index + 1 year, end of data)", RISK), ["data-end-unknown"]),
        ((COHORT, "define a = latest(index, 2021-06-01)", "report attrition"), ["time-as-value"]),
        ((COHORT, f"follow-up from index {ENDS}", "outcome job\n    first employment starting during follow-up\n"
          "    dated at latest(index, 2021-06-01)\nreport risk of job at 6 months"), ["time-needed"]),
        ((COHORT, f"follow-up from latest(index, death) {ENDS}", RISK), ["name-means-else"]),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(lines: tuple[str, ...], expected: list[str]) -> None:
    assert codes(*lines) == expected
