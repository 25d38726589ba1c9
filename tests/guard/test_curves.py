"""Curves: the estimate is exact inside; outside stand only points made of enough events."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.guard import protect
from studyspec.guard.series import Series, exact_risk, incidence, step
from studyspec.guard.types import GuardedCurve, GuardedPoint, History
from tests.guard.people_by_hand import TIMES, Person, crowd, cubes, membership, model, person, policy

Course = tuple[int, str]


def series(courses: list[Course], *competing: str) -> Series:
    days: dict[int, dict[str, int]] = {}
    for day, end in courses:
        days.setdefault(day, {})[end] = days.setdefault(day, {}).get(end, 0) + 1
    return Series("employed", None, None, ("event", *competing), days)


def slow(courses: list[Course], time: int) -> Fraction:
    """Aalen-Johansen in fractions, one person at a time in mind."""
    survival, risk = Fraction(1), Fraction(0)
    for day in sorted({d for d, end in courses if d <= time and end != "censored"}):
        at_risk = sum(d >= day for d, _ in courses)
        events = sum(c == (day, "event") for c in courses)
        ended = sum(d == day and end != "censored" for d, end in courses)
        risk += survival * Fraction(events, at_risk)
        survival *= 1 - Fraction(ended, at_risk)
    return risk


courses = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["event", "death", "censored"])), min_size=1, max_size=60
)


@settings(deadline=None)
@given(courses, st.integers(0, 30))
def test_the_estimate_is_aalen_and_johansens(found: list[Course], time: int) -> None:
    risk, _, _ = incidence(series(found, "death"), time)
    assert abs(Fraction(risk) - slow(found, time)) < Fraction(1, 10**40)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["event", "censored"])), min_size=2, max_size=80))
def test_without_competing_events_it_is_one_minus_kaplan_meier(found: list[Course]) -> None:
    lifelines = pytest.importorskip("lifelines")
    fit = lifelines.KaplanMeierFitter().fit([d for d, _ in found], [end == "event" for _, end in found])
    for time in (1, 10, 25, 40):
        risk = exact_risk(series(found), time)
        if risk is not None:
            assert risk == pytest.approx(1 - float(fit.predict(time)), abs=1e-12)


def test_with_competing_events_it_agrees_with_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    rng = random.Random(3)
    days = rng.sample(range(1, 4000), 800)  # no ties, which lifelines would move about
    found = [(d, rng.choice(["event", "death", "censored"])) for d in days]
    code = {"censored": 0, "event": 1, "death": 2}
    fit = lifelines.AalenJohansenFitter(calculate_variance=False)
    fit.fit([d for d, _ in found], [code[end] for _, end in found], event_of_interest=1)
    for time in (365, 1095, 3000):
        theirs = float(fit.cumulative_density_.loc[:time].iloc[-1, 0])
        assert exact_risk(series(found, "death"), time) == pytest.approx(theirs, abs=1e-12)


def test_events_come_before_censorings_on_one_day() -> None:
    assert exact_risk(series([(5, "censored"), (5, "event")]), 5) == 0.5


def test_an_event_at_day_zero_counts_where_it_is_kept() -> None:
    assert exact_risk(series([(0, "event"), (9, "censored")]), 3) == 0.5


def test_a_curve_is_determined_once_no_one_is_left() -> None:
    everyone = series([(3, "event"), (4, "death")], "death")
    assert exact_risk(everyone, 3000) == 0.5
    someone_censored = series([(3, "event"), (4, "censored")], "death")
    assert exact_risk(someone_censored, 4) == 0.5
    assert exact_risk(someone_censored, 5) is None


def test_no_one_at_risk_has_no_risk() -> None:
    assert exact_risk(series([]), 365) is None


@pytest.mark.parametrize(
    ("people", "at_risk", "size"),
    [(5, 1000, "0.005"), (5, 999, "0.01"), (5, 50, "0.1"), (1, 1, "1"), (13, 2000, "0.01"), (5, 100_000, "0.00005")],
)
def test_a_risk_is_told_in_steps_of_one_rounding_base_of_those_at_risk(people: int, at_risk: int, size: str) -> None:
    assert step(people, at_risk) == Decimal(size)


# --- guarded points --------------------------------------------------------------------------------------------------


def group(level: str, events: tuple[int, int, int], deaths: tuple[int, int, int], rest: int) -> list[Person]:
    found = crowd((rest, person("m", level, day=1096)))
    for end, numbers in (("event", events), ("death", deaths)):
        for year, n in enumerate(numbers):
            found += crowd((n, person("f", level, day=365 * year + 100, end=end)))
    return found


def points(people: list[Person], level: str | None = "okm", **more: object) -> tuple[GuardedPoint, ...]:
    rules = more.pop("rules", policy())
    guarded = protect(cubes(people, **more), (membership(),), rules, model(public=True), History())  # type: ignore[arg-type]
    curve = guarded.cubes[-1]
    assert isinstance(curve, GuardedCurve)
    assert [t.time for t in curve.levels[level][1]] == list(TIMES)
    return curve.levels[level][1]


OTHERS = group("usual", (90, 90, 90), (60, 60, 60), 900)


def test_events_are_rounded_and_add_up_over_time() -> None:
    found = points(OTHERS + group("okm", (41, 32, 23), (12, 12, 12), 600))
    assert [p.events for p in found] == [40, 75, 95]
    assert [p.competing for p in found] == [(("death", 10),), (("death", 25),), (("death", 35),)]
    assert [p.risk for p in found] == [Decimal("0.06"), Decimal("0.10"), Decimal("0.13")]


def test_a_time_with_too_few_new_events_is_hidden_and_its_events_join_the_next() -> None:
    found = points(OTHERS + group("okm", (41, 3, 23), (12, 12, 12), 600))
    assert [p.events for p in found] == [40, None, 65]
    assert found[1].risk is None
    assert found[1].competing == (("death", 25),), "the competing events were enough"


def test_no_new_events_may_be_shown_only_where_zeros_may() -> None:
    people = OTHERS + group("okm", (41, 0, 23), (12, 12, 12), 600)
    assert [p.events for p in points(people)] == [40, 40, 65]
    assert [p.events for p in points(people, rules=policy(zeros="hide"))] == [40, None, 65]


def test_too_few_competing_events_hide_their_number_and_make_the_risk_coarser() -> None:
    found = points(OTHERS + group("okm", (41, 32, 23), (3, 12, 12), 600))
    assert found[0].competing == (("death", None),)
    assert found[0].events == 40
    assert found[0].risk == Decimal("0.06")
    assert found[1].competing == (("death", 15),)


def test_all_or_all_but_a_few_with_the_event_are_hidden() -> None:
    found = points(OTHERS + group("okm", (100, 100, 100), (0, 0, 0), 4))
    assert [p.events for p in found] == [100, 200, None]


def test_no_point_where_too_few_are_followed_so_far() -> None:
    people = OTHERS + group("okm", (41, 32, 0), (12, 12, 0), 4) + crowd((500, person("m", "okm", day=740)))
    assert [p.events for p in points(people)] == [40, 75, None]


def test_levels_stand_or_fall_together_where_everyones_curve_is_published() -> None:
    people = OTHERS + group("okm", (41, 3, 23), (12, 12, 12), 600)
    assert points(people, "usual", whole=True)[1].events is None
    assert points(people, None, whole=True)[1].events == 225
    assert points(people, "usual")[1].events == 180


def test_open_gives_every_number_exactly() -> None:
    found = points(OTHERS + group("okm", (41, 3, 0), (1, 0, 0), 600), rules=policy(mode="open"))
    assert [p.events for p in found] == [41, 44, 44]
    assert found[0].competing == (("death", 1),)
    assert found[2].risk == pytest.approx(44 / 645, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.tuples(*[st.integers(0, 25)] * 3), st.tuples(*[st.integers(0, 25)] * 3), st.sampled_from(["hide", "show"]))
def test_every_published_increment_is_enough(
    events: tuple[int, int, int], deaths: tuple[int, int, int], zeros: str
) -> None:
    found = points(OTHERS + group("okm", events, deaths, 600), rules=policy(zeros=zeros))
    true = [sum(events[: i + 1]) for i in range(3)]
    kept = [0, *(n for n, p in zip(true, found, strict=True) if p.events is not None)]
    gained = [b - a for a, b in itertools.pairwise(kept)]
    assert all(n >= 8 or (n == 0 and zeros == "show") for n in gained)
