"""Records over time: delayed entry, levels that change, several units of one entity, events that come again."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.catalogue.types import Dominance, Policy
from studyspec.guard import protect
from studyspec.guard.curves import series_of
from studyspec.guard.series import exact_risk, incidence
from studyspec.guard.types import GuardedCurve, GuardedPoint, History
from studyspec.plan.cubes import RawCube
from studyspec.source import Refused
from tests.guard.people_by_hand import model, policy
from tests.guard.units_by_hand import Unit, curve, curve_spec, followed, members, units

ENTERED = ("entered", "event", "death", "censored")
MOVING = ("entered", "event", "death", "censored", "left")
Course = tuple[int, int, str]


def late(courses: list[Course]) -> RawCube:
    """One unit for each (day of entry, last day, end)."""
    found = [
        Unit(str(i), {}, ((("", entry, "entered"),) if entry else ()) + (("", day, end),))
        for i, (entry, day, end) in enumerate(courses)
    ]
    return curve(found, curve_spec(ends=ENTERED))


def slow(courses: list[Course], time: int) -> Fraction:
    """Aalen-Johansen with delayed entry in fractions: at risk on a day is who entered before it and has not ended."""
    survival, risk = Fraction(1), Fraction(0)
    for day in sorted({d for _, d, end in courses if d <= time and end != "censored"}):
        at_risk = sum((entry < day or entry == 0) and d >= day for entry, d, _ in courses)
        risk += survival * Fraction(sum((d, end) == (day, "event") for _, d, end in courses), at_risk)
        survival *= 1 - Fraction(sum(d == day and end != "censored" for _, d, end in courses), at_risk)
    return risk


def course(entry: int, length: int, end: str) -> Course:
    return entry, entry + length, end


courses = st.lists(
    st.builds(course, st.integers(0, 20), st.integers(1, 20), st.sampled_from(["event", "death", "censored"])),
    min_size=1, max_size=40,
)  # fmt: skip


@settings(deadline=None)
@given(courses, st.integers(0, 40))
def test_with_delayed_entry_only_those_who_have_entered_are_at_risk(found: list[Course], time: int) -> None:
    (series,) = series_of(late(found))
    assert abs(Fraction(incidence(series, time)[0]) - slow(found, time)) < Fraction(1, 10**40)


def test_with_delayed_entry_it_agrees_with_lifelines() -> None:
    lifelines = pytest.importorskip("lifelines")
    rng = random.Random(11)
    found = [course(rng.choice((0, 0, rng.randint(1, 300))), rng.randint(1, 900), rng.choice(["event", "censored"]))
             for _ in range(600)]  # fmt: skip
    fit = lifelines.KaplanMeierFitter().fit(
        [d for _, d, _ in found], [end == "event" for _, _, end in found], entry=[e for e, _, _ in found]
    )
    (series,) = series_of(late(found))
    for time in (100, 365, 730, 1000):
        assert exact_risk(series, time) == pytest.approx(1 - float(fit.predict(time)), abs=1e-9)


def test_a_stretch_in_another_level_is_under_observation_there_alone() -> None:
    """Simon and Makuch: of ten at the start, four move on day 10; events on day 20, one in each level."""
    still = [Unit(f"s{i}", {}, (("off", 20 if i == 0 else 30, "event" if i == 0 else "censored"),)) for i in range(6)]
    moved = [
        Unit(f"m{i}", {}, (("off", 10, "left"), ("on", 10, "entered"),
                           ("on", 20 if i == 0 else 30, "event" if i == 0 else "censored")))
        for i in range(4)
    ]  # fmt: skip
    off, on = series_of(curve(still + moved, curve_spec(("off", "on"), ends=MOVING)))
    assert (off.total, on.total) == (10, 0)
    assert exact_risk(off, 25) == pytest.approx(1 / 6)
    assert exact_risk(on, 25) == pytest.approx(1 / 4)


def test_more_endings_than_people_are_refused() -> None:
    broken = curve([Unit("a", {}, (("", 5, "entered"), ("", 5, "event")))], curve_spec(ends=ENTERED))
    with pytest.raises(Refused, match="cubes-disagree"):
        series_of(broken)


# --- the mean number of events ---------------------------------------------------------------------------------------


def recurring(found: list[tuple[list[int], int, str]]) -> RawCube:
    """Units with the days of their events, and what ended their time when."""
    made = [
        Unit(str(i), {}, (*(("", d, "event") for d in events), ("", day, end)))
        for i, (events, day, end) in enumerate(found)
    ]
    return curve(made, curve_spec(kind="events"))


def test_the_mean_number_of_events_worked_out_by_hand() -> None:
    """Four people; one dies on day 5, so that S is 3/4 afterwards; one is censored on day 7.

    Day 2: 1 of 4.  Day 5: 1 of 4, before the death counts.  Day 6: 3/4 * 1/3.  Day 9: 3/4 * 2/2, one of them twice.
    """
    cube = recurring([([2, 6, 9], 10, "censored"), ([], 5, "death"), ([5], 7, "censored"), ([9], 10, "censored")])
    (series,) = series_of(cube)
    assert incidence(series, 5)[0] == Decimal("0.5")
    assert incidence(series, 6)[0] == Decimal("0.75")
    assert incidence(series, 9)[0] == Decimal("1.5")


def test_without_death_it_is_nelson_and_aalens_sum() -> None:
    lifelines = pytest.importorskip("lifelines")
    rng = random.Random(5)
    people = [(sorted(rng.sample(range(1, 700), rng.choice((0, 0, 1, 2, 4)))), rng.randint(300, 900))
              for _ in range(200)]  # fmt: skip
    found = [([d for d in events if d <= last], last, "censored") for events, last in people]
    (series,) = series_of(recurring(found))
    # As counting process rows: a new row begins where an event ended the one before.
    rows = [
        (start, stop, event)
        for events, last, _ in found
        for start, stop, event in zip([0, *events], [*events, last], [*[True] * len(events), False], strict=True)
        if stop > start
    ]
    fit = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False).fit(
        [b for _, b, _ in rows], [e for _, _, e in rows], entry=[a for a, _, _ in rows]
    )
    for time in (100, 365, 650):
        assert float(incidence(series, time)[0]) == pytest.approx(float(fit.predict(time)), abs=1e-6)


# --- what is published -----------------------------------------------------------------------------------------------


def points(
    found: list[Unit], rules: Policy | None = None, level: str | None = None, **more: object
) -> list[GuardedPoint]:
    levels = more.pop("levels", ())
    cubes = followed(found, levels, **more)  # type: ignore[arg-type]
    guarded = protect(cubes, (members("", found),), rules or policy(), model(public=True), History())
    shown = guarded.cubes[-1]
    assert isinstance(shown, GuardedCurve)
    return list(shown.levels[level][1])


def again(events: int, who: str, size: int, day: int = 100) -> list[Unit]:
    return units(size, who, records=(*(("", day + i, "event") for i in range(events)), ("", 1096, "censored")))


REST = units(400, "rest", records=(("", 1096, "censored"),))


def test_published_are_events_and_not_people() -> None:
    shown = points(REST + again(3, "a", 40), kind="events")
    assert shown[0].events == 120
    assert shown[0].risk == Decimal("0.25"), "a step is worth five people with three events each"


def test_many_events_of_a_few_people_are_a_few_people() -> None:
    shown = points(REST + again(30, "a", 7), kind="events")
    assert [p.events for p in shown] == [None] * 3
    assert [p.risk for p in shown] == [None] * 3


def test_more_events_of_those_already_counted_are_not_shown_alone() -> None:
    """In the second year only three of the forty have one more event: no one new."""
    early = again(1, "a", 37)
    both = units(3, "b", records=(("", 100, "event"), ("", 500, "event"), ("", 1096, "censored")))
    shown = points(REST + early + both, kind="events")
    assert [p.events for p in shown] == [40, None, None]


def test_all_but_a_few_with_an_event_are_hidden() -> None:
    shown = points(again(2, "a", 100) + REST[:5], kind="events")
    assert [p.events for p in shown] == [None] * 3


def test_a_sum_that_a_few_could_dominate_is_hidden_where_a_register_forbids_it() -> None:
    site = model(public=True)
    person = site.registers["person"]
    rule = replace(person.rule, dominance=Dominance(1, 60))
    strict = replace(site, registers={**site.registers, "person": replace(person, rule=rule)})
    heavy = again(1, "a", 20) + units(
        1, "h", records=(*(("", 10 + i, "event") for i in range(200)), ("", 1096, "censored"))
    )
    for rules, events in ((site, 220), (strict, None)):
        cubes = followed(REST + heavy, kind="events")
        shown = protect(cubes, (members("", REST + heavy),), policy(), rules, History()).cubes[-1]
        assert isinstance(shown, GuardedCurve)
        assert shown.levels[None][1][0].events == events


def test_a_level_that_people_come_to_is_guarded_like_any_other() -> None:
    stay = units(500, "s", records=(("off", 1096, "censored"),))
    go = units(200, "g", records=(("off", 30, "left"), ("on", 30, "entered"), ("on", 1096, "censored")))
    hit = units(60, "h", records=(("off", 30, "left"), ("on", 30, "entered"), ("on", 300, "event")))
    few = units(4, "f", records=(("off", 200, "event"),))
    found = stay + go + hit + few
    on = points(found, level="on", levels=("off", "on"), ends=MOVING)
    off = points(found, level="off", levels=("off", "on"), ends=MOVING)
    assert on[0].events == 60
    assert on[0].risk == Decimal("0.25")
    assert off[0].events is None


def test_a_risk_that_rests_on_a_day_with_few_under_observation_is_not_told() -> None:
    """Two enter first, one of them has the event: half the risk would be hers, whoever comes later."""
    early = units(2, "e", records=(("on", 5, "event"),))[:1] + units(1, "f", records=(("on", 1096, "censored"),))
    late = units(300, "l", records=(("on", 30, "entered"), ("on", 1096, "censored")))
    hit = units(60, "h", records=(("on", 30, "entered"), ("on", 300, "event")))
    shown = points(early + late + hit, levels=("on",), level="on", ends=("entered", "event", "censored"))
    assert shown[0].events == 60
    assert shown[0].risk is None


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 30)), min_size=1, max_size=5), st.sampled_from([1, 5]))
def test_no_published_increment_is_made_by_a_few(groups: list[tuple[int, int]], base: int) -> None:
    found = REST + [u for i, (n, size) in enumerate(groups) for u in again(n, f"g{i}_", size, 365 * (i % 3) + 50)]
    shown = points(found, policy(rounding=base), kind="events")
    before = -1
    for point in shown:
        if point.events is None:
            continue
        new = {u.entity for u in found for _, d, end in u.records if end == "event" and before < d <= point.time.days}
        assert len(new) >= 5 or not new
        before = point.time.days
