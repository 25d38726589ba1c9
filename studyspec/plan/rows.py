"""Steps over the rows of one table: who has such rows, how many, and how many days they hold."""

from __future__ import annotations

from typing import Literal

from studyspec.plan import times
from studyspec.plan.frame import Frame
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Join, Output, Running, Scalar
from studyspec.semantics import core

ROWS, DAYS = "number_of_rows", "number_of_days"
ROW_DATE, CHOSEN = "row_date", "chosen_date"
FIRST_DAY, DAY_AFTER = "first_day", "day_after"


def kept(frame: Frame, query: core.RowQuery | core.RowValue) -> tuple[Scalar, ...]:
    """Conditions for the rows that a query keeps: the window's, then its own, one by one."""
    return (*_in_window(frame, query), *conditions(frame, query.condition))


def conditions(frame: Frame, condition: core.Expr | None) -> tuple[Scalar, ...]:
    """A row's condition as one or several that must all be true."""
    if condition is None:
        return ()
    if isinstance(condition, core.Logic) and condition.op == "and":
        return tuple(frame.scalar(part) for part in condition.operands)
    return (frame.scalar(condition),)


def join_rows(frame: Frame, table: str) -> dict[str, Join]:
    """The table of the rows first, then whatever their conditions read."""
    key = frame.steps.study.model.tables[table].key
    name = frame.steps.table(table)
    return {name: Join(name, (Call("=", (Column(name, key), frame.key)),))} | frame.joins


def _in_window(frame: Frame, query: core.RowQuery | core.RowValue) -> tuple[Scalar, ...]:
    window = query.window
    low, high = frame.window(window)
    if query.match == "overlapping":
        return _overlapping(frame, window, low, high)
    if query.match == "covering":
        day = low if low is not None else Constant(None)
        return (times.compare("<=", frame.row_day(), day), times.compare(">", frame.row_end(), day))
    inside = times.inside(frame.matched(query.match), low, high, window)
    if query.match == "ending" and isinstance(query, core.RowQuery) and query.quantifier == "days":
        return (*inside, Call("is not null", (frame.row_day(),)))  # a spell of unknown start holds no day that is known
    return inside


def _overlapping(frame: Frame, window: core.Window, low: Scalar | None, high: Scalar | None) -> tuple[Scalar, ...]:
    """A spell shares a day with the window: it holds one itself, and neither is over before the other begins."""
    found: list[Scalar] = []
    if high is not None:
        found.append(times.compare("<=" if window.high_closed else "<", frame.row_day(), high))
    if low is not None:
        found.append(times.compare(">", frame.row_end(), _first_day(low, window)))
    found.append(times.compare("<", frame.row_day(), frame.row_end()))
    if low is not None and high is not None and not times.surely_holds_a_day(window):
        found.append(times.compare("<", _first_day(low, window), _day_after(high, window)))
    return tuple(found)


def _first_day(low: Scalar, window: core.Window) -> Scalar:
    return low if window.low_closed else times.day_after(low)


def _day_after(high: Scalar, window: core.Window) -> Scalar:
    return times.day_after(high) if window.high_closed else high


# --- what is said of the rows ----------------------------------------------------------------------------------------


def summary(frame: Frame, query: core.RowQuery) -> tuple[Output, ...]:
    """The columns of a step with one row per unit that has rows at all, but for `days` of spells."""
    unit = frame.units()
    if query.quantifier == "count":
        return (*unit, Output(ROWS, Aggregate("count")))
    if query.quantifier == "days":
        return (*unit, Output(DAYS, Aggregate("count distinct", frame.row_day())))
    return unit


def spells(frame: Frame, query: core.RowQuery) -> tuple[Output, ...]:
    """The columns of a step with one row per spell: its days in the window that no earlier spell holds."""
    low, high = frame.window(query.window)
    first: tuple[Scalar, ...] = (frame.row_day(),)
    after: Scalar = frame.row_end()
    if low is not None:
        first = (*first, _first_day(low, query.window))
    if high is not None:
        after = Call("least", (after, _day_after(high, query.window)))
    earlier = Running("max", after, frame.unit, (frame.row_day(),))
    return (
        *frame.units(),
        Output(FIRST_DAY, Call("greatest", (*first, earlier)), "First day in the window that no earlier spell holds"),
        Output(DAY_AFTER, after, "First day after the spell, or after the window"),
    )


def days_held(unit: tuple[str, ...], spells_step: str) -> tuple[Output, ...]:
    """The columns of a step that adds up the days of clipped spells, each day once."""
    new = Call("days between", (Column(spells_step, FIRST_DAY), Column(spells_step, DAY_AFTER)))
    total = Aggregate("sum", Call("greatest", (new, Constant(0))))
    return (*of(unit, spells_step), Output(DAYS, total))


def of_the_day(frame: Frame, value: core.RowValue, column: str) -> tuple[Output, ...]:
    """The columns of a step with one row per row taken: the value, its day, and the first (or last) of the days."""
    day = frame.matched(value.match)
    first = value.pick == "first"
    chosen = Running("min" if first else "max", day, frame.unit)
    return (
        *frame.units(),
        Output(column, Column(frame.steps.table(value.table), value.column.column)),
        Output(ROW_DATE, day, "The day that the window looks at"),
        Output(CHOSEN, chosen, f"The {value.pick} such day"),
    )


def on_the_day(
    unit: tuple[str, ...], rows_step: str, value: core.RowValue, column: str, made: str
) -> tuple[Output, ...]:
    """The columns of a step with one row per unit, from those of `of_the_day`: one value where rows share the day."""
    on = times.compare("=", Column(rows_step, ROW_DATE), Column(rows_step, CHOSEN))
    known = Case(((on, Column(rows_step, column)),))
    picked = _extreme(value, known)
    return (*of(unit, rows_step), Output(made, picked))


def _extreme(value: core.RowValue, known: Scalar) -> Scalar:
    """The smallest (or largest) of values of any type: text by code point, false before true."""
    function: Literal["min", "max"] = "min" if value.pick in ("first", "smallest") else "max"
    match value.facts.type.kind:
        case "boolean":  # not every database puts booleans in order
            number = Case(((known, Constant(1)), (Call("not", (known,)), Constant(0))))
            return times.compare("=", Aggregate(function, number), Constant(1))
        case "code" | "text" | "identifier" | "category":
            return Aggregate(function, Call("by code point", (known,)))
        case _:
            return Aggregate(function, known)


def summed_up(frame: Frame, value: core.RowValue, made: str) -> tuple[Output, ...]:
    """The columns of a step with one row per unit that has rows at all: what is made of their known values."""
    column = Column(frame.steps.table(value.table), value.column.column)
    found: Scalar
    match value.pick:
        case "distinct":
            found = Aggregate("count distinct", column)
        case "sum":
            found = Aggregate("sum", column)
            if value.facts.type.kind == "integer":  # databases widen the sum of integers
                found = Call("to integer", (found,))
        case "only":
            one = times.compare("=", Aggregate("count"), Constant(1))
            boolean = value.facts.type.kind == "boolean"
            found = Case(((one, _extreme(value, column) if boolean else Aggregate("min", column)),))
        case "mean":
            found = Call("/", (Aggregate("sum", column), Aggregate("count", column)))
        case _:
            found = _extreme(value, column)
    return (*frame.units(), Output(made, found))


def of(unit: tuple[str, ...], step: str) -> tuple[Output, ...]:
    """The columns of a step that say which unit a row is of, as another has them."""
    return tuple(Output(name, Column(step, name)) for name in unit)


def has_spells(study: core.Study, table: str) -> bool:
    return study.model.tables[table].date is None


# --- outcomes --------------------------------------------------------------------------------------------------------


def one_day_decides(event: core.EventQuery) -> bool:
    """Whether the day an event is dated follows from its matched day alone, and is never before it."""
    base = "row.end" if event.match == "ending" else "row"
    return event.dated.base == base and not any(step.amount < 0 for step in beyond(event))


def beyond(event: core.EventQuery) -> tuple[core.Step, ...]:
    """The moves from the matched day to the dated one; the last day in is one before the end."""
    if event.match != "ending":
        return event.dated.steps
    first = event.dated.steps[:1]
    return event.dated.steps[1:] if first == (core.Step(-1, "day"),) else (core.Step(1, "day"), *event.dated.steps)


def first_event(
    frame: Frame, event: core.EventQuery, entry: Scalar, exit_: Scalar, at_risk: Scalar | None = None
) -> tuple[Output, ...]:
    """The columns of a step with one row per unit: rows before follow-up, and the day of the first one within.

    at_risk: the day from which units are at risk, where that may be after entry
    """
    matched = frame.matched(event.match)
    within = Case(((Call("between", (matched, entry, exit_)), matched),))
    day = Aggregate("min" if event.first else "max", within)
    before = Case(((_before(matched, times.moved(matched, beyond(event)), entry, at_risk), Constant(1)),))
    return (
        *frame.units(),
        Output("rows_before", Aggregate("count", before), "Such rows from the index up to the start of follow-up"),
        Output("event_date", times.moved(day, beyond(event)), "The day it counts as known"),
    )


def _before(matched: Scalar, dated: Scalar, entry: Scalar, at_risk: Scalar | None, also_dated: bool = False) -> Scalar:
    """Whether a row is before a unit is at risk; after a delayed entry, one dated on that very day is too."""
    if at_risk is None:
        early = times.compare("<", matched, entry)
        return Call("or", (early, times.compare("<", dated, entry))) if also_dated else early
    late = Call("and", (times.compare(">", at_risk, entry), times.compare("<=", dated, at_risk)))
    found = [times.compare("<", matched, at_risk), late]
    return Call("or", (*found, times.compare("<", dated, at_risk)) if also_dated else tuple(found))


def each_event(
    frame: Frame, event: core.EventQuery, entry: Scalar, exit_: Scalar, at_risk: Scalar | None = None
) -> tuple[Output, ...]:
    """The columns of a step with one row per row of the table, where the dated day depends on more than one day."""
    matched, dated = frame.matched(event.match), frame.time(event.dated)
    within = Case(((Call("between", (matched, entry, exit_)), matched),))
    before = _before(matched, dated, entry, at_risk, also_dated=True)
    return (
        *frame.units(),
        Output("row_date", matched, "The day that follow-up looks at"),
        Output("known_date", dated, "The day it counts as known"),
        Output("before_start", Case(((before, Constant(1)),)), "1 for a row before the start of follow-up"),
        Output(
            "chosen_date",
            Running("min" if event.first else "max", within, frame.unit),
            "The first such day within follow-up" if event.first else "The last such day within follow-up",
        ),
    )


def dated_rows(frame: Frame, event: core.EventQuery) -> tuple[Output, ...]:
    """The columns of a step with one row per row taken: the day it counts as known, and which day is picked."""
    matched = frame.matched(event.match)
    picked = Running("min" if event.first else "max", matched, frame.unit)
    return (
        *frame.units(),
        Output("row_date", matched, "The day that the window looks at"),
        Output("known_date", frame.time(event.dated), "The day it counts as known"),
        Output("chosen_date", picked, "The first such day" if event.first else "The last such day"),
    )


def dated_on_the_day(rows_step: str, event: core.EventQuery) -> Scalar:
    """Of the rows of `dated_rows`, the day that those on the picked day count as known."""
    row, known, chosen = (Column(rows_step, name) for name in ("row_date", "known_date", "chosen_date"))
    return Aggregate("min" if event.first else "max", Case(((times.compare("=", row, chosen), known),)))


def chosen_event(unit: tuple[str, ...], rows_step: str, event: core.EventQuery) -> tuple[Output, ...]:
    """The columns of a step with one row per unit, from those of `each_event`."""
    before = Column(rows_step, "before_start")
    return (
        *of(unit, rows_step),
        Output("rows_before", Aggregate("count", before), "Such rows from the index up to the start of follow-up"),
        Output("event_date", dated_on_the_day(rows_step, event), "The day it counts as known"),
    )
