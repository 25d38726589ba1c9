"""Lines: shares over periods, and risks or mean numbers at the times of a report."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.estimate.render import value_text
from studyspec.estimate.types import HIDDEN, Table
from studyspec.estimate.words import word as table_word
from studyspec.figures import read
from studyspec.figures.chart import Panel, Series, chart
from studyspec.figures.page import Drawing
from studyspec.figures.read import Row
from studyspec.figures.words import word


def trend(table: Table) -> Drawing:
    """A panel for each category of each variable, a line for each level, or for all where there is none.

    Of what is true or false, how many it is true of says it all, and one panel stands.  All panels of a variable have
    one axis.
    """
    shares = read.shares(table)
    drawn = shares[:-1] or shares
    panels: list[Panel] = []
    for variable in read.together(read.rows(table), "variable"):
        parts = [r for r in variable if r.text("category")]
        categories = list(dict.fromkeys(r.text("category") for r in parts))
        if "true" in categories and set(categories) <= {"true", "false", "unknown"}:
            categories = ["true"]
        told = [r for r in parts if r.text("category") in categories]
        top = max(read.known([r.number(column) for r in told for _, column in drawn]), default=100)
        for category in categories:
            points = [r for r in parts if r.text("category") == category]
            panels.append(_period_panel(points, drawn, top))
    return Drawing("lines", tuple(chart(p) for p in panels), (word("joined", table.language),))


def _period_panel(points: Sequence[Row], drawn: Sequence[tuple[str, str]], top: float) -> Panel:
    first = points[0]
    title = first.text("variable_label")
    if first.text("category") != "true":
        title = f"{title}: {first.text('category_label')}"
    series = tuple(Series(label, tuple(r.number(column) for r in points)) for label, column in drawn)
    places = tuple(i / max(1, len(points) - 1) for i in range(len(points)))
    labels = tuple(r.text("period_label") for r in points)
    return Panel(title, "%", read.head(first.table, "period_label"), places, labels, series, top)


def curves(table: Table) -> Drawing:
    """A line for each level through its published risks or mean numbers; time runs from 0, in days or by a clock."""
    column = "mean" if read.has(table, "mean") else "risk"
    found = read.rows(table)
    levels = list(read.together(found, "level")) if read.has(table, "level") else [found]
    times = levels[0]
    days = [int(r.text(read.keys(table)[-1])) for r in times]
    series = tuple(_level(rows, column) for rows in levels)
    panel = Panel(
        "",
        read.head(table, column),
        read.head(table, "time"),
        tuple(d / max(1, *days) for d in days),
        tuple(r.text("time") for r in times),
        series,
        max((v for one in series for v in read.known(one.values)), default=1) or 1,
    )
    return Drawing("curves", (chart(panel),), (word("joined", table.language),))


def _level(rows: Sequence[Row], column: str) -> Series:
    first = rows[0]
    name = (
        first.text("level_label") if read.has(first.table, "level_label") else table_word("all", first.table.language)
    )
    people = value_text(first["at_risk"])
    more = f"{read.head(first.table, 'at_risk')}: {people}"
    return Series(name, tuple(r.number(column) for r in rows), tuple(_short(r[column]) for r in rows), more)


def _short(value: object) -> str:
    """A risk as the table has it; an exact one with three decimals."""
    if value is None:
        return HIDDEN
    return f"{value:.3f}" if isinstance(value, float) else str(value)
