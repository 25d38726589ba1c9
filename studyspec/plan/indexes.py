"""The steps that find the candidates of a cohort: every entity with an index, of each kind of index."""

from __future__ import annotations

import datetime

from studyspec import calendar
from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import INDEX, Frame
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, InStep, Join, Output, Running, Scalar, Step
from studyspec.semantics import core

ROW_DATE, DAY_AFTER, HELD_BEFORE, PERIOD = "row_date", "day_after", "held_before", "first_day_of_period"
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def add_index(build: Builder, name: str) -> None:
    """The step with the key of every candidate, and its index where the cohort has one."""
    index = build.cohort.index
    match index:
        case core.IndexEvent():
            _of_rows(build, index, name)
        case core.IndexDay():
            _of_a_day(build, index, name)
        case core.IndexPeriods():
            _of_periods(build, index, name)
        case core.IndexUnits():
            _of_units(build, index, name)
        case core.IndexNone():
            note = f"{build.cohort.name}: every {build.cohort.entity}"
            _add(build, name, note, _entities(build), (), (_listed(build),))
        case core.IndexAssigned():
            raise ValueError("whose index is assigned is found by the matching")


def _entities(build: Builder) -> Frame:
    """The entity's own table, as what a select starts from."""
    return Frame(build, build.table(build.cohort.table), own_key=build.cohort.key, inline=True)


def _listed(build: Builder) -> Scalar:
    """A row without a key is of no one."""
    return Call("is not null", (_entities(build).key,))


def _add(
    build: Builder, name: str, note: str, frame: Frame, index: tuple[Output, ...], where: tuple[Scalar, ...]
) -> None:
    columns = (Output(build.key, frame.key), *index)
    build.add(name, [note], columns, frame, where=where, element=build.cohort.name)


# --- of rows ---------------------------------------------------------------------------------------------------------


def _of_rows(build: Builder, index: core.IndexEvent, name: str) -> None:
    if index.pick == "first-ever":
        _first_ever(build, index, name)
    elif index.washout is not None:
        _after_washout(build, index, index.washout, name)
    else:
        _in_window(build, index, name)


def _rows_of(build: Builder, event: core.EventQuery) -> Frame:
    frame = _entities(build)
    frame.row = (event.table, build.table(event.table))
    return frame


def _in_window(build: Builder, index: core.IndexEvent, name: str) -> None:
    """The first, the last or every day of the rows that the window takes."""
    event = index.event
    frame = _rows_of(build, event)
    day = frame.matched(event.match)
    low, high = frame.window(event.window)
    where = (*times.inside(day, low, high, event.window), *rows.conditions(frame, event.condition))
    build.add(
        name,
        [f"{build.cohort.name}: everyone with an index, {_which(index)} in {event.table}"],
        (Output(build.key, frame.key), Output(INDEX, _picked(index, day))),
        frame,
        joins=rows.join_rows(frame, event.table),
        where=where,
        group=(frame.key, day) if index.pick == "every" else (frame.key,),
        element=build.cohort.name,
    )


def _first_ever(build: Builder, index: core.IndexEvent, name: str) -> None:
    """The first day of all rows, where it lies in the window.  No washout takes it away: no row is before it."""
    event = index.event
    frame = _rows_of(build, event)
    first = build.take(f"{build.cohort.name}_{event.table}")
    where = rows.conditions(frame, event.condition)
    build.add(
        first,
        [f"{build.cohort.name}: the first such day of all in {event.table}, for everyone with such rows"],
        (Output(build.key, frame.key), Output(ROW_DATE, Aggregate("min", frame.matched(event.match)))),
        frame,
        joins=rows.join_rows(frame, event.table),
        where=where,
        group=(frame.key,),
        element=build.cohort.name,
    )
    own = Frame(build, first)
    day = Column(first, ROW_DATE)
    low, high = own.window(event.window)
    inside = times.inside(day, low, high, event.window)
    note = f"{build.cohort.name}: everyone with an index, the first such day of all where it lies in the window"
    _add(build, name, note, own, (Output(INDEX, day),), inside)


def _after_washout(build: Builder, index: core.IndexEvent, washout: core.Step, name: str) -> None:
    """Of the days of rows, those that no other row holds a day so shortly before."""
    cohort, event = build.cohort.name, index.event
    days, before = build.take(f"{cohort}_{event.table}"), build.take(f"{cohort}_{event.table}_before")
    frame = _rows_of(build, event)
    day = frame.matched(event.match)
    note = "The first day that no such row holds any more"
    where = (Call("is not null", (day,)), *rows.conditions(frame, event.condition))
    build.add(
        days,
        [f"{cohort}: each such day in {event.table}, whatever the window"],
        (Output(build.key, frame.key), Output(ROW_DATE, day), Output(DAY_AFTER, _day_after(frame, event), note)),
        frame,
        joins=rows.join_rows(frame, event.table),
        where=where,
        group=(frame.key, day),
        element=cohort,
    )
    key, day = Column(days, build.key), Column(days, ROW_DATE)
    held = Running("max", Column(days, DAY_AFTER), (key,), (day,))
    columns = (Output(build.key, key), Output(ROW_DATE, day), Output(HELD_BEFORE, held, note))
    build.add(before, [f"{cohort}: each with the day up to which earlier rows hold days"], columns, days)
    own = Frame(build, before)
    day, held_before = Column(before, ROW_DATE), Column(before, HELD_BEFORE)
    low, high = own.window(event.window)
    back = times.moved(day, (core.Step(-washout.amount, washout.unit),))
    free = Call("or", (Call("is null", (held_before,)), times.compare("<=", held_before, back)))
    build.add(
        name,
        [f"{cohort}: everyone with an index, {_which(index)} with no such row so shortly before"],
        (Output(build.key, own.key), Output(INDEX, _picked(index, day))),
        own,
        where=(*times.inside(day, low, high, event.window), free),
        group=() if index.pick == "every" else (own.key,),
        element=cohort,
    )


def _day_after(frame: Frame, event: core.EventQuery) -> Scalar:
    """The first day after those that rows of one day hold: of spells by their start, all their days."""
    if event.match != "starting":
        return Aggregate("max", times.day_after(frame.matched(event.match)))
    holds = times.compare("<", frame.row_day(), frame.row_end())
    return Aggregate("max", Case(((holds, frame.row_end()),)))


def _which(index: core.IndexEvent) -> str:
    return "every such day" if index.pick == "every" else f"the {index.pick} such day"


def _picked(index: core.IndexEvent, day: Scalar) -> Scalar:
    match index.pick:
        case "every":
            return day
        case "last":
            return Aggregate("max", day)
        case _:
            return Aggregate("min", day)


# --- of the calendar -------------------------------------------------------------------------------------------------


def _of_a_day(build: Builder, index: core.IndexDay, name: str) -> None:
    frame = _entities(build)
    day = frame.time(index.day)
    known = () if isinstance(day, Constant) and day.value is not None else (Call("is not null", (day,)),)
    note = f"{build.cohort.name}: every {build.cohort.entity} with an index, whose day is known"
    _add(build, name, note, frame, (Output(INDEX, day),), (_listed(build), *known))


def _of_periods(build: Builder, index: core.IndexPeriods, name: str) -> None:
    days = _first_days(index, *_entities(build).window(index.window))
    note = f"{build.cohort.name}: every {build.cohort.entity}, with the first day of every {index.unit}"
    frame = _entities(build)
    if not days:  # a list of nothing is no SQL
        never = Call("is not null", (Constant(None),))
        _add(build, name, note, frame, (Output(INDEX, Constant(None)),), (never,))
        return
    listed = build.take(f"{build.cohort.name}_{index.unit}s")
    build.draft.listed(listed, f"The first day of every {index.unit} in the window", PERIOD, days)
    frame.joins[listed] = Join(listed, ())
    _add(build, name, note, frame, (Output(INDEX, Column(listed, PERIOD)),), (_listed(build),))


def _first_days(index: core.IndexPeriods, low: Scalar | None, high: Scalar | None) -> tuple[datetime.date, ...]:
    """Raises ValueError for a window whose ends are no days of the calendar: it would differ between entities."""
    if not isinstance(low, Constant) or not isinstance(high, Constant):
        raise ValueError("periods need a window of days of the calendar")
    first, last = low.value, high.value
    if not isinstance(first, datetime.date) or not isinstance(last, datetime.date):
        return ()
    found, months = [], _MONTHS[index.unit]
    day: datetime.date | None = datetime.date(first.year, first.month - (first.month - 1) % months, 1)
    while day is not None and day <= last:
        after_low = day >= first if index.window.low_closed else day > first
        if after_low and (day < last or index.window.high_closed):
            found.append(day)
        day = _next(day, months)
    return tuple(found)


def _next(day: datetime.date, months: int) -> datetime.date | None:
    try:
        return calendar.add(day, months, "month")
    except OverflowError:
        return None


# --- of other cohorts ------------------------------------------------------------------------------------------------


def _of_units(build: Builder, index: core.IndexUnits, name: str) -> None:
    """The units of other cohorts: of any of them, or of the first that are in all the others, or in none."""
    first, *others = (build.draft.cohorts[one] for one in index.cohorts)
    listed = ", ".join(index.cohorts)
    said = {
        None: f"the units of {listed}",
        "union": f"the units of any of {listed}, each once",
        "intersect": f"the units of {index.cohorts[0]} who are also in {', '.join(index.cohorts[1:])}",
        "except": f"the units of {index.cohorts[0]} who are not in {', '.join(index.cohorts[1:])}",
    }
    key = Column(first.step, first.key)
    where: tuple[Scalar, ...] = ()
    if index.op in ("intersect", "except"):
        where = tuple(InStep(key, Column(one.step, one.key), index.op == "except") for one in others)
    added = [_units(build, one.step, one.key) for one in others] if index.op == "union" else []
    build.steps.append(
        Step(
            name=name,
            kind="step",
            section=build.section,
            notes=(f"{build.cohort.name}: {said[index.op]}",),
            columns=_units(build, first.step, first.key).columns,
            table=first.step,
            where=where,
            elements=(build.cohort.name,),
            more=tuple(added),
        )
    )


def _units(build: Builder, step: str, key: str) -> Step:
    columns = (Output(build.key, Column(step, key)), *((Output(INDEX, Column(step, INDEX)),) if build.indexed else ()))
    return Step(name=step, kind="step", section="", notes=(), columns=columns, table=step)
