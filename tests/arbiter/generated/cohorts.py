"""Events, named spells, and cohorts with every kind of index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from hypothesis import strategies as st

from studyspec.semantics import core
from studyspec.semantics.core import Step, Time, Window
from studyspec.semantics.rows import exactly_one
from tests.arbiter.awkward_rows import Draw, days
from tests.arbiter.generated.around import Around, columns, facts, is_spell, ref_to
from tests.arbiter.generated.expressions import anything, conditions, counts, values
from tests.arbiter.generated.times import base, calendar, moves, times, wide_windows, windows

#: What an expression may speak of that is about an entity and no unit of it.
CALENDAR = ("calendar", "data.start", "data.end")


def of_events(around: Around) -> Around:
    """Around the conditions of events, roles and spells, where row queries are a feature of their own."""
    deep = {"nested"} if {"nested", "nested events"} <= around.use else set()
    return replace(around, use=around.use - {"nested"} | deep, depth=2 if deep else 1, table=None)


@st.composite
def events(draw: Draw, around: Around, window: Window | None) -> core.EventQuery:
    """window: the follow-up's; None draws one, for an index."""
    table = draw(st.sampled_from(["visit", "stay", *around.spells]))
    match: Literal["dated", "starting", "ending"] = "dated"
    if is_spell(table):
        match = draw(st.sampled_from(["starting", "ending"]))
    own = base("row.end", Step(-1, "day")) if match == "ending" else base("row")
    if window is not None and draw(st.booleans()):
        own = draw(times(around, *(("row", "row.end") if is_spell(table) else ("row",))))
    inside = replace(of_events(around), table=table)
    return core.EventQuery(
        table=table,
        match=match,
        window=window or draw(st.one_of(st.just(Window(None, None)), wide_windows(), windows(around))),
        condition=draw(st.one_of(st.none(), st.none(), conditions(inside))),
        dated=own,
        first=draw(st.integers(0, 4)) > 0,
        facts=facts("date"),
    )


# --- spells ----------------------------------------------------------------------------------------------------------


@st.composite
def spell_rows(draw: Draw, around: Around) -> core.SpellRows:
    table = draw(st.sampled_from(["stay", "stay", *around.spells]))
    inside = replace(of_events(around), table=table)
    condition = draw(st.one_of(st.none(), conditions(inside)))
    return core.SpellRows(table=table, condition=condition, facts=facts("date"))


@st.composite
def spell_exprs(draw: Draw, around: Around) -> core.SpellExpr:
    match draw(st.sampled_from(["rows", "logic", "logic", "merged"] if around.depth > 0 else ["rows"])):
        case "logic":
            operands = draw(st.lists(spell_exprs(around.deeper()), min_size=2, max_size=3))
            return core.SpellLogic(op=draw(st.sampled_from(["or", "and", "except"])), operands=tuple(operands))
        case "merged":
            return core.Merged(operand=draw(spell_exprs(around.deeper())), days=draw(st.sampled_from([0, 1, 2, 30])))
        case _:
            return draw(spell_rows(around))


@st.composite
def spell_sets(draw: Draw, names: Iterator[str], use: frozenset[str]) -> tuple[core.SpellSet, ...]:
    found: list[core.SpellSet] = []
    for _ in range(draw(st.integers(1, 2)) if "spells" in use else 0):
        around = Around(use, CALENDAR, spells=tuple(one.name for one in found))
        found.append(core.SpellSet(name=next(names), labels={"en": "s"}, value=draw(spell_exprs(around))))
    return tuple(found)


# --- cohorts ---------------------------------------------------------------------------------------------------------


@st.composite
def criteria(draw: Draw, names: Iterator[str], around: Around) -> tuple[core.Criterion, ...]:
    return tuple(
        core.Criterion(name=next(names), labels={"en": "c"}, kind=draw(st.sampled_from(["include", "exclude"])),
                       condition=draw(conditions(around)))
        for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3])))
    )  # fmt: skip


def plain_index() -> core.IndexEvent:
    """Everyone with a visit has an index, so that what a study is about does come about."""
    first = core.EventQuery(table="visit", match="dated", window=Window(None, None), condition=None, dated=base("row"),
                            facts=facts("date"))  # fmt: skip
    return core.IndexEvent(event=first, pick="first", washout=None)


@st.composite
def index_events(draw: Draw, use: frozenset[str], spells: tuple[str, ...]) -> core.IndexEvent:
    event = draw(events(Around(use, ("calendar",), spells=spells), None))
    if draw(st.booleans()):
        event = replace(event, condition=None)
    washout = None
    if "washout" in use and draw(st.integers(0, 3)):
        washout = draw(st.sampled_from([Step(1, "day"), Step(30, "day"), Step(4, "week"), Step(1, "month"),
                                        Step(1, "year")]))  # fmt: skip
    pick: Literal["first", "last", "first-ever", "every"] = "first" if event.first else "last"
    if "index picks" in use and draw(st.integers(0, 3)):
        pick = draw(st.sampled_from(["first-ever", "every"]))
        event = replace(event, first=True)
    return core.IndexEvent(event=event, pick=pick, washout=washout)


@st.composite
def claims(draw: Draw, names: Iterator[str], index: core.Index) -> tuple[core.Criterion, ...]:
    """What `exactly one` makes of an index: who has several such rows leaves at once."""
    if not isinstance(index, core.IndexEvent) or index.pick != "first" or draw(st.integers(0, 3)) == 0:
        return ()
    event = index.event
    count = core.RowQuery(facts=facts("integer"), quantifier="count", table=event.table, match=event.match,
                          window=event.window, condition=event.condition)  # fmt: skip
    return (core.Criterion(name=next(names), labels={"en": "o"}, kind="include", condition=exactly_one(count),
                           claimed=True),)  # fmt: skip


@st.composite
def index_days(draw: Draw, around: Around) -> core.IndexDay:
    attribute = draw(columns(replace(around, use=around.use - {"linked"}), ("date",)))
    own = Time(facts=facts("date", True), base="value", value=attribute, steps=draw(moves()))
    return core.IndexDay(day=draw(st.one_of(st.just(own), st.just(calendar(draw(days), *draw(moves()))))))


@st.composite
def index_periods(draw: Draw) -> core.IndexPeriods:
    low = draw(days)
    high = calendar(low, Step(draw(st.sampled_from([-1, 0, 1, 2, 7, 14])), "month"), *draw(moves())[:1])
    window = Window(calendar(low), high, draw(st.booleans()), draw(st.booleans()))
    return core.IndexPeriods(unit=draw(st.sampled_from(["month", "month", "quarter", "year"])), window=window)


@st.composite
def index_units(draw: Draw, before: tuple[core.Cohort, ...]) -> core.IndexUnits:
    op = draw(st.sampled_from([None, "union", "union", "intersect", "except"])) if len(before) > 1 else None
    names = st.sampled_from([one.name for one in before])
    chosen = draw(st.lists(names, min_size=2 if op else 1, max_size=3 if op else 1, unique=True))
    return core.IndexUnits(op=op, cohorts=tuple(chosen))


@st.composite
def nears(draw: Draw, around: Around) -> core.Near:
    """Numbers and dates of the entity, definitions, and now and then what asks for rows."""
    measured = ("integer", "decimal", "date")
    refs = [one for one in around.refs if one.value.facts.type.kind in measured]
    choices = [columns(replace(around, depth=0), measured)] * 2
    choices += [st.sampled_from(refs).map(ref_to)] if refs else []
    choices += [values(replace(around, depth=1), measured), counts(replace(around, depth=1))]
    value = draw(st.one_of(choices))
    apart = (
        [0, 1, 2, 30, 400]
        if value.facts.type.kind == "date"
        else [0, 1, 2, 5, *map(Decimal, ("0.5", "1.25", "0.0000019"))]
    )
    return core.Near(value=value, distance=draw(st.sampled_from(apart)))


@st.composite
def index_assigned(draw: Draw, around: Around, before: tuple[core.Cohort, ...]) -> core.IndexAssigned:
    on = draw(st.lists(columns(replace(around, depth=0), ("sex", "boolean", "integer", "text")), max_size=2))
    if around.refs and draw(st.booleans()):
        one = draw(st.sampled_from(around.refs))
        on.append(core.Ref(facts=one.value.facts, name=one.name))
    if draw(st.integers(0, 3)) == 0:
        on.append(draw(anything(replace(around, depth=1))))
    return core.IndexAssigned(
        cohort=draw(st.sampled_from([one.name for one in before])),
        on=tuple(on),
        near=tuple(draw(st.lists(nears(around), max_size=2))) if draw(st.booleans()) else (),
        ratio=draw(st.integers(1, 3)),
        replacement=draw(st.booleans()),
        seed=draw(st.integers(0, 3)),
        rounds=draw(st.sampled_from([1, 2, 8])),
    )


def _repeated(index: core.Index, before: tuple[core.Cohort, ...]) -> bool:
    of = {one.name: one for one in before}
    match index:
        case core.IndexEvent():
            return index.pick == "every"
        case core.IndexPeriods():
            return True
        case core.IndexUnits():
            return of[index.cohorts[0]].repeated or (
                index.op == "union" and not any(isinstance(one.index, core.IndexNone) for one in before)
            )
        case core.IndexAssigned():
            return index.replacement
        case _:
            return False


@st.composite
def indexes(draw: Draw, around: Around, before: tuple[core.Cohort, ...], plain: bool) -> core.Index:
    """The index of the next cohort."""
    use = around.use
    if "index none" in use:
        return draw(index_units(before)) if before and "units" in use and draw(st.booleans()) else core.IndexNone()
    choices = ["event"] + [one for one in ("index day", "index periods") if one in use for _ in range(2)]
    choices += ["index periods"] * 6 if "trends" in use else []
    choices += [one for one in ("units", "assigned") if one in use and before for _ in range(4)]
    match draw(st.sampled_from(choices)):
        case "index day":
            return draw(index_days(around))
        case "index periods":
            return draw(index_periods())
        case "units":
            return draw(index_units(before))
        case "assigned":
            return draw(index_assigned(around, before))
        case _:
            special = use & {"index picks", "washout", "claims"}
            return plain_index() if plain and not special else draw(index_events(use, around.spells))


@st.composite
def several_cohorts(draw: Draw, names: Iterator[str], around: Around, plain: bool) -> tuple[core.Cohort, ...]:
    """around: criteria and what is matched on."""
    few = 2 if around.use & {"units", "assigned", "member"} else 1
    most = 3 if around.use & {"several", "units", "assigned", "member"} else 1
    found: tuple[core.Cohort, ...] = ()
    for _ in range(draw(st.integers(few, most))):
        inner = around
        if "member" in around.use:
            inner = replace(around, cohorts=tuple(one.name for one in found))
        index = draw(indexes(inner, found, plain))
        claimed = draw(claims(names, index)) if "claims" in around.use else ()
        found += (
            core.Cohort(
                name=next(names), labels={"en": "k"}, entity="person", table="person", key="person_id", index=index,
                criteria=claimed + (() if plain and not found else draw(criteria(names, inner))),
                repeated=_repeated(index, found),
                cluster="employer" if "cluster" in around.use and draw(st.booleans()) else None,
            ),
        )  # fmt: skip
    return found
