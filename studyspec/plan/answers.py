"""The steps that answer what is asked about rows: who has any, how many, how many days, and values made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studyspec.plan import rows
from studyspec.plan.frame import Frame, WindowsOfRows, differs
from studyspec.plan.names import Names
from studyspec.plan.nodes import Column, Output, Scalar
from studyspec.plan.words import titled
from studyspec.semantics import core

if TYPE_CHECKING:
    from studyspec.plan.build import Builder

START, END = "window_start", "window_end"
_WHO = {
    "any": "Who has such a row",
    "no": "Who does not meet it, having such a row",
    "count": "How many such rows each has that has any",
    "days": "How many distinct days each has that has any",
}
_WHICH_WINDOWS = {
    "any": "Which of the windows hold such a row",
    "no": "Which of the windows do not meet it, holding such a row",
    "count": "How many such rows each window holds that holds any",
    "days": "How many distinct days each window holds that holds any",
}


def answer(build: Builder, query: core.RowQuery | core.RowValue, frame: Frame, name: str) -> Column:
    """Add the steps that answer one question for every unit (and window) of a frame; gives the column.

    frame: of those units, with the rows that are asked about.  name: the name wanted for the last step
    """
    where = rows.kept(frame, query)
    name = build.take(name)
    if isinstance(query, core.RowValue):
        return _value(build, query, frame, where, name)
    if query.quantifier == "days" and rows.has_spells(build.study, query.table):
        return _days(build, query, frame, where, name)
    what = (_WHO if frame.windows is None else _WHICH_WINDOWS)[query.quantifier]
    columns = rows.summary(frame, query)
    element, label = build.element
    build.add(
        name,
        [titled(element, label), f"{what} in {_table(build, query.table)}"],
        columns,
        frame,
        joins=rows.join_rows(frame, query.table),
        where=where,
        group=frame.unit,
        element=element,
    )
    return Column(name, build.key if query.quantifier in ("any", "no") else columns[-1].name)


def _days(build: Builder, query: core.RowQuery, frame: Frame, where: tuple[Scalar, ...], name: str) -> Column:
    """The distinct days of spells: clipped to the window first, then added up."""
    element, label = build.element
    note = titled(element, label)
    spells = build.take(f"{name}_spells")
    notes = [note, f"Spells that share a day with the window, clipped to it, from {_table(build, query.table)}"]
    joins = rows.join_rows(frame, query.table)
    build.add(spells, notes, rows.spells(frame, query), frame, joins=joins, where=where, element=element)
    columns = rows.days_held(frame.names, spells)
    group = tuple(Column(spells, one) for one in frame.names)
    build.add(name, [note, "Distinct days in them"], columns, spells, group=group, element=element)
    return Column(name, rows.DAYS)


def _value(build: Builder, value: core.RowValue, frame: Frame, where: tuple[Scalar, ...], name: str) -> Column:
    element, label = build.element
    column = value.column.column
    table = _table(build, value.table)
    note = titled(element, label)
    made = Names(frame.names).take(f"{value.pick}_{column}")
    joins = rows.join_rows(frame, value.table)
    if value.pick in ("first", "last"):
        step = build.take(f"{name}_rows")
        own = Names([*frame.names, rows.ROW_DATE, rows.CHOSEN]).take(column, f"{column}_value")
        notes = [note, f"Such rows in {table}, each with its day"]
        build.add(step, notes, rows.of_the_day(frame, value, own), frame, joins=joins, where=where, element=element)
        least = "smallest" if value.pick == "first" else "largest"
        notes = [note, f"{column} on the {value.pick} day; the {least} known one where rows share the day"]
        columns = rows.on_the_day(frame.names, step, value, own, made)
        group = tuple(Column(step, one) for one in frame.names)
        build.add(name, notes, columns, step, group=group, element=element)
        return Column(name, made)
    what = {
        "only": f"{column} of the only such row; null where there are several",
        "smallest": f"The smallest known value of {column}",
        "largest": f"The largest known value of {column}",
        "sum": f"The sum of the known values of {column}",
        "mean": f"The mean of the known values of {column}, of six digits, half away from zero",
        "distinct": f"How many different known values of {column}",
    }[value.pick]
    build.add(
        name,
        [note, f"{what}, for everyone with such rows in {table}"],
        rows.summed_up(frame, value, made),
        frame,
        joins=joins,
        where=where,
        group=frame.unit,
        element=element,
    )
    return Column(name, made)


def _table(build: Builder, name: str) -> str:
    return titled(name, build.label(build.study.model.tables[name].labels, name))


# --- asked of the rows of another table ------------------------------------------------------------------------------


def windows_of_rows(build: Builder, query: core.RowQuery | core.RowValue, outer: Frame) -> tuple[str, WindowsOfRows]:
    """Add the step that lists, each once, the windows that rows open on another table.

    outer: a frame of those rows.  Gives the step, and the windows as frames of it know them.
    """
    low, high = outer.window(query.window)
    opened = {START: low} if low == high else {START: low, END: high}
    columns = [Output(name, day) for name, day in opened.items() if differs(day)]
    table, _ = outer.row or ("", "")
    element, label = build.element
    step = build.take(f"{element}_{table}_windows")
    notes = [
        titled(element, label),
        f"The windows that rows of {table} open on those of {query.table}, each once",
    ]
    units = outer.units() if outer.own_key or not build.indexed else outer.carried()
    build.add(
        step,
        notes,
        (*units, *columns),
        outer,
        joins=rows.join_rows(outer, table),
        group=tuple(one.value for one in (*units, *columns)),
        element=element,
    )

    def bound(name: str, day: Scalar | None) -> Scalar | None:
        return Column(step, name) if differs(day) else day

    low_bound = bound(START, low)
    high_bound = low_bound if low == high else bound(END, high)
    return step, WindowsOfRows(low_bound, high_bound, tuple(one.name for one in columns), outer.base)
