"""Times and windows."""

from __future__ import annotations

import datetime
from dataclasses import replace

from hypothesis import strategies as st

from studyspec.semantics import core
from studyspec.semantics.core import Step, Time, Window
from tests.arbiter.awkward_rows import DAYS, Draw, days
from tests.arbiter.generated.around import Around, columns, facts, ref_to


@st.composite
def moves(draw: Draw) -> tuple[Step, ...]:
    """Months once and first, then days."""
    found = []
    if draw(st.booleans()):
        found.append(Step(draw(st.sampled_from([-12, -2, -1, 0, 1, 2, 13])), "month"))
    elif draw(st.integers(0, 3)) == 0:
        found.append(Step(draw(st.sampled_from([-19, -1, 1, 2])), "year"))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["day", "day", "week"]))
        found.append(Step(draw(st.sampled_from([-30, -1, 0, 1, 2, 30])), unit))
    return tuple(found)


@st.composite
def times(draw: Draw, around: Around, *bases: str) -> Time:
    """bases: what it may start from; all that may be spoken of when none is given."""
    if "latest" in around.use and draw(st.integers(0, 3)) == 0:
        few = replace(around, use=around.use - {"latest"})
        several = tuple(draw(st.lists(times(few, *bases), min_size=1, max_size=3)))
        latest = core.LatestOf(facts=facts("date", any(one.facts.nullable for one in several)), times=several)
        return Time(facts=latest.facts, base="value", value=latest, steps=draw(moves()))
    if not bases and "value times" in around.use and draw(st.integers(0, 2)) == 0:
        value = draw(date_values(around))
        return Time(facts=facts("date", True), base="value", value=value, steps=draw(moves()))
    base = draw(st.sampled_from(bases or around.times))
    steps = draw(moves())
    if base.startswith("role "):
        return Time(facts=facts("date", True), base="role", role=base[5:], steps=steps)
    if base == "calendar":
        return calendar(draw(days), *steps)
    used = tuple(draw(st.lists(st.sampled_from(["visit", "stay"]), min_size=1, unique=True))) if "data" in base else ()
    nullable = base in ("row", "row.end", "data.start", "data.end", "exit")
    return Time(facts=facts("date", nullable), base=base, steps=steps, tables=used)  # type: ignore[arg-type]


@st.composite
def date_values(draw: Draw, around: Around) -> core.Expr:
    """What a time may be the value of: a column or a definition that is a date."""
    refs = [one for one in around.refs if one.value.facts.type.kind == "date"]
    if refs and draw(st.booleans()):
        return ref_to(draw(st.sampled_from(refs)))
    return draw(columns(around, ("date",)))


def calendar(day: datetime.date, *steps: Step) -> Time:
    return Time(facts=facts("date"), base="calendar", date=day, steps=steps)


def base(name: str, *steps: Step) -> Time:
    """A time of a base that is never unknown."""
    return Time(facts=facts("date"), base=name, steps=steps)  # type: ignore[arg-type]


@st.composite
def windows(draw: Draw, around: Around) -> Window:
    low = draw(st.one_of(times(around), times(around), st.none()))
    high = draw(st.one_of(times(around), times(around), st.none()))
    return Window(low, high, draw(st.booleans()), draw(st.booleans()))


@st.composite
def wide_windows(draw: Draw) -> Window:
    low, high = calendar(draw(st.sampled_from(DAYS[:8]))), calendar(draw(st.sampled_from(DAYS[16:])))
    return Window(low, high, draw(st.booleans()), draw(st.booleans()))
