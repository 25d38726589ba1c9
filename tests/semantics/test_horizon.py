"""One time is said to come before another only when it does for everyone."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import calendar
from studyspec.catalogue.types import ValueType
from studyspec.semantics.core import Bound, Facts, FollowUp, Grain, Hull, Step, Time, Window
from studyspec.semantics.horizon import (
    EARLIEST,
    EXTRACTION,
    LATEST,
    Order,
    bound,
    hull,
    join_known,
    last_days,
    not_after,
)

FACTS = Facts(ValueType("date"), False, Grain("unit"))
LOW, HIGH = dt.date(2019, 1, 1), dt.date(2022, 12, 31)
long = st.builds(Step, st.integers(-40, 40), st.sampled_from(["month", "year"]))
short = st.builds(Step, st.integers(-400, 400), st.sampled_from(["day", "week"]))
steps = st.tuples(st.lists(long, max_size=1), st.lists(short, max_size=2)).map(lambda p: (*p[0], *p[1]))


def time(base: str, moves: tuple[Step, ...] = (), date: dt.date | None = None) -> Time:
    return Time(facts=FACTS, base=base, steps=moves, date=date)  # type: ignore[arg-type]


times = st.one_of(
    st.builds(lambda s: time("index", s), steps),
    st.builds(lambda s: time("entry", s), steps),
    st.builds(lambda d, s: time("calendar", s, d), st.dates(dt.date(2010, 1, 1), dt.date(2030, 1, 1)), steps),
)


def day(t: Time, index: dt.date, follow_up: FollowUp) -> dt.date:
    """What a time is for one person."""
    start = index if t.base == "index" else t.date or day(follow_up.start, index, follow_up)
    for step in t.steps:
        start = calendar.add(start, step.amount, step.unit)
    return start


@settings(deadline=None, max_examples=600)
@given(
    times, times, st.builds(lambda s: time("index", s), steps), st.lists(st.dates(LOW, HIGH), min_size=8, max_size=8)
)
def test_a_proof_holds_for_every_person(a: Time, b: Time, start: Time, people: list[dt.date]) -> None:
    follow_up = FollowUp(start=start, ends=())
    answer = not_after(bound(a), bound(b), Order(LOW, HIGH, follow_up))
    truth = {day(a, i, follow_up) <= day(b, i, follow_up) for i in [LOW, HIGH, *people]}
    if answer != "unknown":
        assert truth == {answer == "yes"}


def test_the_same_anchor_is_compared_exactly() -> None:
    assert not_after(Bound("index", 0, 180), Bound("index", 0, 180), Order()) == "yes"
    assert not_after(Bound("index", 0, 181), Bound("index", 0, 180), Order()) == "no"
    assert not_after(Bound("index", 12, 0), Bound("index", 0, 366), Order()) == "yes"
    assert not_after(Bound("index", 12, 0), Bound("index", 0, 365), Order()) == "unknown"


def test_entry_is_where_the_follow_up_starts() -> None:
    follow_up = FollowUp(start=time("index", (Step(180, "day"),)), ends=())
    order = Order(LOW, HIGH, follow_up)
    assert not_after(Bound("index", 0, 180), Bound("entry"), order) == "yes"
    assert not_after(Bound("index", 0, 181), Bound("entry"), order) == "no"


def test_exit_comes_no_later_than_any_of_the_ends() -> None:
    ends = (time("entry", (Step(3, "year"),)), time("data.end", (), dt.date(2023, 12, 31)))
    order = Order(LOW, HIGH, FollowUp(start=time("index"), ends=ends))
    assert not_after(Bound("exit"), Bound("index", 36, 0), order) == "yes"
    assert not_after(Bound("exit"), Bound("calendar", 0, dt.date(2023, 12, 31).toordinal()), order) == "yes"
    assert not_after(Bound("exit"), Bound("index"), order) == "unknown"


def test_the_extract_and_the_end_of_time_come_last() -> None:
    assert not_after(EXTRACTION, Bound("index"), Order(LOW, HIGH)) == "no"
    assert not_after(LATEST, Bound("index"), Order(LOW, HIGH)) == "no"


def test_without_a_range_of_the_index_nothing_is_shown_about_the_calendar() -> None:
    assert not_after(Bound("index"), Bound("calendar", 0, dt.date(2050, 1, 1).toordinal()), Order()) == "unknown"


def test_a_window_reads_up_to_its_open_end() -> None:
    index, before = time("index"), time("index", (Step(-2, "year"),))
    window = Window(before, index, True, False)
    assert hull(window) == Hull(Bound("index", -24, 0), Bound("index"))
    assert last_days(window) == {Bound("index", 0, -1)}
    assert last_days(Window(before, index, True, True)) == {Bound("index")}


def test_of_two_bounds_at_one_anchor_the_later_stays() -> None:
    both = join_known(frozenset({Bound("index", 0, 3)}), frozenset({Bound("index", 0, 9), Bound("exit")}))
    assert both == {Bound("index", 0, 9), Bound("exit")}


def test_nothing_is_known_to_come_before_or_after_a_day_of_the_data() -> None:
    day = bound(time("value"))
    assert not_after(day, day, Order()) == "unknown"
    assert not_after(day, LATEST, Order()) == "unknown"
    assert not_after(Bound("index"), day, Order()) == "unknown"
    assert hull(Window(time("value"), time("value"))) == Hull(EARLIEST, LATEST)
