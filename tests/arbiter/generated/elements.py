"""Exposures, states, follow-up, outcomes and the variables of reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core
from studyspec.semantics.core import Category, ColumnRef, Step, Time, Window
from tests.arbiter.awkward_rows import CODES, Draw
from tests.arbiter.generated.around import Around, category, facts, kind_of, ref_to
from tests.arbiter.generated.cohorts import CALENDAR, events, spell_rows
from tests.arbiter.generated.expressions import conditions, counts, decimals, queries
from tests.arbiter.generated.times import base, times, windows


def categories(keys: Sequence[str]) -> tuple[Category, ...]:
    return tuple(Category(key, {"en": key}) for key in keys)


# --- levels ----------------------------------------------------------------------------------------------------------


def _keys(levels: Sequence[core.Level]) -> tuple[bool, bool, tuple[Category, ...]]:
    """Whether a level can be unknown, whether every unit has one, and what levels there are then."""
    unknown = any(one.condition is not None and one.condition.facts.nullable for one in levels)
    last = levels[-1]
    complete = last.condition is None and last.since is None and last.during is None
    keys = [one.name for one in levels] + ([] if complete else ["none"]) + (["unknown"] if unknown else [])
    return unknown, complete, categories(keys)


@st.composite
def levels_of(draw: Draw, names: Iterator[str], around: Around) -> list[core.Level]:
    levels = [
        core.Level(name=next(names), labels={"en": "l"}, condition=draw(conditions(around)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        levels.append(core.Level(name=next(names), labels={"en": "l"}, condition=None))
    return levels


@st.composite
def exposures(draw: Draw, names: Iterator[str], around: Around) -> core.Exposure:
    levels = draw(levels_of(names, around))
    unknown, complete, found = _keys(levels)
    return core.Exposure(
        name=next(names), labels={"en": "e"}, window=Window(None, None), levels=tuple(levels), can_be_unknown=unknown,
        complete=complete, categories=found,
    )  # fmt: skip


@st.composite
def varying_exposures(draw: Draw, names: Iterator[str], around: Around) -> core.Exposure:
    levels = []
    for _ in range(draw(st.integers(1, 3))):
        since, during = None, None
        if draw(st.booleans()):
            since = draw(events(around, draw(st.one_of(st.just(Window(None, None)), windows(around)))))
        else:
            during = draw(spell_rows(replace(around, bases=CALENDAR, cohorts=())))
        levels.append(core.Level(name=next(names), labels={"en": "l"}, condition=None, since=since, during=during))
    if draw(st.booleans()):
        levels.append(core.Level(name=next(names), labels={"en": "l"}, condition=None))
    _, complete, found = _keys(levels)
    return core.Exposure(
        name=next(names), labels={"en": "e"}, window=None, levels=tuple(levels), can_be_unknown=False,
        complete=complete, categories=found, varying=True, switch_day=draw(st.sampled_from(["before", "after"])),
    )  # fmt: skip


@st.composite
def states(draw: Draw, names: Iterator[str], around: Around) -> core.State:
    on_day = replace(around, bases=("that day", "that day", "that day", *around.bases))
    levels = draw(levels_of(names, on_day))
    unknown, complete, found = _keys(levels)
    return core.State(
        name=next(names), labels={"en": "t"}, levels=tuple(levels), can_be_unknown=unknown, complete=complete,
        categories=found,
    )  # fmt: skip


# --- follow-up -------------------------------------------------------------------------------------------------------


@st.composite
def follow_ups(draw: Draw, around: Around, plain: bool) -> core.FollowUp:
    """From days near the index; where there is no clock, from a day of the calendar or an attribute."""
    far = base("entry", Step(draw(st.sampled_from([1, 3, 12])), "month"))
    if "index none" in around.use:
        start, bases = draw(times(around, "calendar")), ("entry", "calendar", "data.end")
    else:
        near = base("index", Step(draw(st.sampled_from([0, 1, 29, 31])), "day"))
        anywhere = st.one_of(st.just(near), times(around, "index", "index", "calendar", "role death"), times(around))
        start = near if plain else draw(anywhere)
        bases = ("entry", "index", "calendar", "data.end", "role death", "role leaving")
    ends = st.one_of(st.just(far), st.just(far), times(around, *bases))
    if "value times" in around.use:
        ends = st.one_of(ends, times(around))
    entry = None
    if "entry" in around.use:
        soon = base("entry", Step(draw(st.sampled_from([0, 1, 29, 400])), "day"))
        entry = draw(st.one_of(st.just(soon), times(around, *bases)))
        if "index none" not in around.use:
            entry = draw(st.one_of(st.just(entry), st.just(base("index", Step(draw(st.integers(-2, 40)), "day")))))
    found = (far,) if plain else tuple(draw(st.lists(ends, min_size=1, max_size=3)))
    within = draw(spell_rows(replace(around, bases=CALENDAR, cohorts=()))) if "while" in around.use else None
    return core.FollowUp(start=start, ends=found, entry=entry, within=within)


@st.composite
def recorded_follow_ups(draw: Draw, around: Around) -> core.RecordedFollowUp:
    if "clock" in around.use:
        table, starts, ends = draw(st.sampled_from([("person", ("score", None), ("until", "score")),
                                                    ("visit", ("since", "since", None), ("until",))]))  # fmt: skip
        clock = draw(st.sampled_from(["day", "week", "month", "year"]))
    else:
        table, starts, ends = draw(st.sampled_from([("person", ("joined", "birth_date"), ("left", "joined")),
                                                    ("visit", ("date", "settled"), ("settled", "date")),
                                                    ("stay", ("start",), ("end",))]))  # fmt: skip
        clock = None
    start = draw(st.sampled_from(starts))
    censored = draw(st.one_of(st.none(), conditions(at_ends(around, table))))
    return core.RecordedFollowUp(
        table=table, start=None if start is None else ColumnRef(table, start),
        end=ColumnRef(table, draw(st.sampled_from(ends))), clock=clock, facts=facts("date"),
        censored=censored,
    )  # fmt: skip


def at_ends(around: Around, table: str) -> Around:
    """What may be asked of the row that records the follow-up."""
    inside = replace(around, depth=1) if table == "person" else replace(around, table=table, depth=1)
    return replace(inside, use=around.use - {"nested"})


# --- outcomes --------------------------------------------------------------------------------------------------------

FOLLOWED = Window(base("entry"), Time(facts=facts("date", True), base="exit"), True, True)


@st.composite
def outcomes(draw: Draw, names: Iterator[str], around: Around, coverages: list[Coverage]) -> tuple[core.Outcome, ...]:
    labels = [next(names) for _ in range(draw(st.integers(1, 2)))]
    recurring = [name for name in labels if "recurring" in around.use and draw(st.integers(0, 2))]
    found = []
    for name in labels:
        event = draw(st.one_of(st.none(), events(around, FOLLOWED), events(around, FOLLOWED)))
        if name in recurring and event is None:
            event = draw(events(around, FOLLOWED))
        role = draw(st.sampled_from(["death", "leaving"])) if event is None else None
        rivals = [core.Competing(name=one, kind="role") for one in ("death", "leaving") if one != role]
        if "index none" in around.use:
            rivals = []
        rivals += [core.Competing(name=one, kind="outcome") for one in labels if one not in (name, *recurring)]
        chosen = draw(st.lists(st.sampled_from(rivals), max_size=2, unique=True)) if rivals else []
        ends = [one.end for one in coverages if one.end is not None]
        found.append(
            core.Outcome(
                name=name, labels={"en": "o"}, event=event, role=role, competing=tuple(chosen),
                time_zero=draw(st.sampled_from(["keep", "exclude", "refuse"])), recurring=name in recurring,
                end_of_data=draw(st.sampled_from([*ends, None])),
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def recorded_outcomes(
    draw: Draw, names: Iterator[str], around: Around, followed: core.RecordedFollowUp
) -> tuple[core.Outcome, ...]:
    """Conditions on the row that records the follow-up."""
    inside = at_ends(around, followed.table)
    labels = [next(names) for _ in range(draw(st.integers(1, 3)))]
    found = []
    for name in labels:
        rivals = [core.Competing(name=one, kind="outcome") for one in labels if one != name]
        chosen = draw(st.lists(st.sampled_from(rivals), max_size=2, unique=True)) if rivals else []
        found.append(
            core.Outcome(
                name=name, labels={"en": "o"}, event=None, role=None, competing=tuple(chosen),
                time_zero=draw(st.sampled_from(["keep", "exclude", "refuse"])), end_of_data=None,
                recorded=draw(conditions(inside)),
            )
        )  # fmt: skip
    return tuple(found)


# --- variables -------------------------------------------------------------------------------------------------------

NUMBERS = (("0", 0, 0), ("1+", 1, None))


@st.composite
def variables(draw: Draw, names: Iterator[str], around: Around) -> tuple[core.Variable, ...]:
    """Definitions with categories, attributes, and numbers of rows or days."""
    found = []
    for one in around.refs:
        of = one.value.facts
        if kind_of(one.value) not in ("boolean", "category", "kind") or not draw(st.integers(0, 2)):
            continue
        keys = {"boolean": ("true", "false"), "kind": (*CODES[:4], "other")}.get(kind_of(one.value), of.type.categories)
        keys = (*keys, "unknown") if of.nullable else keys
        ref = core.Ref(facts=of, name=one.name)
        found.append(core.Variable(name=one.name, labels={}, value=ref, categories=categories(keys)))
    for name, kind, keys in (("sex", "sex", ("1", "2", "other", "unknown")),
                             ("member", "boolean", ("true", "false", "unknown"))):  # fmt: skip
        if draw(st.booleans()):
            value = core.Attribute(facts=facts(kind, True), column=ColumnRef("person", name))
            found.append(core.Variable(name=name, labels={}, value=value, categories=categories(keys)))
    if "counted" in around.use:
        operand = draw(queries(around, ("count", "days")))
        value = core.BandOf(facts=category(("0", "1+"), False), operand=operand, bands=NUMBERS)
        found.append(core.Variable(name=next(names), labels={}, value=value, categories=categories(("0", "1+"))))
    return tuple(found)


@st.composite
def quantities(draw: Draw, names: Iterator[str], around: Around) -> tuple[core.Quantity, ...]:
    """Definitions and attributes that are numbers, and one made for the purpose."""
    found = [
        core.Quantity(name=one.name, labels={}, value=ref_to(one))
        for one in around.refs
        if one.value.facts.type.kind in ("integer", "decimal")
    ]
    for name, kind in (("score", "integer"), ("income", "decimal")):
        value = core.Attribute(facts=facts(kind, True), column=ColumnRef("person", name))
        found += [core.Quantity(name=name, labels={}, value=value)] if draw(st.booleans()) else []
    made = draw(st.one_of(counts(around), decimals(around)) if "decimals" in around.use else counts(around))
    return (*found, core.Quantity(name=next(names), labels={}, value=made))
