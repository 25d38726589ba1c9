"""Stacked bars: how a cohort divides into states, at each time and in each group."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from studyspec.estimate.render import value_text
from studyspec.estimate.types import HIDDEN, Table, Value
from studyspec.estimate.words import word as table_word
from studyspec.figures import keys, marks, read
from studyspec.figures.lettering import width, wrapped
from studyspec.figures.page import MARGIN, ROOM, WIDTH, Block, Drawing
from studyspec.figures.scales import Scale

_NAMES = 190
_LEFT = MARGIN + _NAMES
_RIGHT = WIDTH - MARGIN - 24
_BAR, _LINE = 22, 14


def bars(table: Table) -> Drawing:
    """For each time a heading, and a bar for each level and for all.

    Where one person may be in several states, shares do not make a whole: then every state has a bar of its own.
    """
    found = [r for r in read.rows(table) if r.text("category")]
    times = list(read.together(found, "time_days"))
    shares = read.shares(table)
    labels = [r.text("category_label") for r in times[0]]
    overlap = table_word("note-overlap", table.language) in table.notes
    sums = [read.known([r.number(c) for r in rows]) for rows in times for _, c in shares]
    widest = max([100.0, *((max(s, default=0) if overlap else sum(s)) for s in sums)])
    axis = Scale(Decimal(0), Decimal(repr(widest)), Decimal(10))
    blocks = [_legend(labels)]
    for rows in times:
        blocks.append(_heading(rows[0].text("variable_label")))
        for label, column in shares:
            values = [r[column] for r in rows]
            if not overlap:
                blocks.append(_row(label, values, axis))
                continue
            blocks.append(_heading(label, bold=False))
            blocks += [_single(r.text("category_label"), i, r[column], axis) for i, r in enumerate(rows)]
    blocks.append(_axis(axis))
    return Drawing("bars", tuple(blocks), definitions=tuple(keys.patterns(len(labels))))


def _legend(labels: Sequence[str]) -> Block:
    """What each fill stands for, in as many lines as it takes."""
    shown: list[str] = []
    x, y = float(MARGIN), 0.0
    for index, label in enumerate(labels):
        lines = wrapped(label, ROOM - 30, 12, most=1)
        need = 30 + width(lines[0]) + 14
        if x > MARGIN and x + need > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 22
        shown += [marks.rect(x, y, 22, 14, keys.area(index), "#000000"), marks.text(x + 30, y + 12, lines[0], 12)]
        x += need
    return Block(y + 30, tuple(shown))


def _heading(text: str, bold: bool = True) -> Block:
    lines = wrapped(text, ROOM, 12, bold=bold)
    shown = tuple(marks.text(MARGIN, 16 + 15 * i, one, 12, bold=bold) for i, one in enumerate(lines))
    return Block(15 * len(lines) + 8, shown)


def _label(label: str) -> tuple[list[str], float, float]:
    """A row's label, the height of the row, and where its bar begins."""
    lines = wrapped(label, _NAMES - 12, 12)
    height = max(_BAR, _LINE * len(lines)) + 6.0
    top = (height - _LINE * len(lines)) / 2 + 11
    shown = [marks.text(_LEFT - 8, top + _LINE * i, one, 12, "end") for i, one in enumerate(lines)]
    return shown, height, (height - _BAR) / 2


def _x(axis: Scale, share: float) -> float:
    return _LEFT + axis.part(share) * (_RIGHT - _LEFT)


def _row(label: str, values: Sequence[Value], axis: Scale) -> Block:
    """The published shares one after another, and what is left of a whole as a gap where some are hidden."""
    shown, height, top = _label(label)
    at = 0.0
    for index, value in enumerate(values):
        share = read.drawable(value)
        if share:
            shown += _segment(_x(axis, at), _x(axis, at + share), top, index, value)
            at += share
    if None in values:
        start, end = _x(axis, at), _x(axis, max(at, 100))
        if end - start >= 12:
            shown.append(marks.rect(start, top, end - start, _BAR, "#ffffff", "#000000", "2 3"))
            shown.append(marks.text((start + end) / 2, top + 15, HIDDEN, 12, "middle"))
        else:
            shown.append(marks.text(end + 6, top + 15, HIDDEN, 12))
    return Block(height, tuple(shown))


def _segment(start: float, end: float, top: float, index: int, value: Value) -> list[str]:
    """A piece of a bar, and its share on it where there is room."""
    shown = [marks.rect(start, top, end - start, _BAR, keys.area(index), "#000000")]
    text = value_text(value, "percent")
    need = width(text, 11)
    if end - start > need + 8:
        middle = (start + end) / 2
        shown.append(marks.rect(middle - need / 2 - 2, top + 4, need + 4, _BAR - 8, "#ffffff"))
        shown.append(marks.text(middle, top + 15, text, 11, "middle"))
    return shown


def _single(label: str, index: int, value: Value, axis: Scale) -> Block:
    shown, height, top = _label(label)
    end = _x(axis, read.drawable(value) or 0)
    if value is not None:
        shown.append(marks.rect(_LEFT, top, end - _LEFT, _BAR, keys.area(index), "#000000"))
    shown.append(marks.text(end + 6, top + 15, value_text(value, "percent"), 11))
    return Block(height, tuple(shown))


def _axis(axis: Scale) -> Block:
    shown = [marks.line(_LEFT, 4, _RIGHT, 4)]
    for part, written in axis.ticks():
        x = _LEFT + part * (_RIGHT - _LEFT)
        shown += [marks.line(x, 4, x, 8), marks.text(x, 22, written, 12, "middle")]
    shown.append(marks.text(_RIGHT + 20, 22, "%", 12))
    return Block(28, tuple(shown))
