"""Quantile plots: how the numbers of a group spread, from the 10 % to the 90 % quantile."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.estimate.render import value_text
from studyspec.estimate.types import HIDDEN, Table
from studyspec.figures import marks, read
from studyspec.figures.lettering import width, wrapped
from studyspec.figures.page import MARGIN, WIDTH, Block, Drawing
from studyspec.figures.read import Row
from studyspec.figures.scales import Scale, scale, thinned
from studyspec.figures.words import word

_NAMES, _NUMBERS = 160, 150
_LEFT = MARGIN + _NAMES
_RIGHT = WIDTH - MARGIN - _NUMBERS
_COLUMNS = (("n", WIDTH - MARGIN - 74), ("p50", WIDTH - MARGIN))
_LINE, _BOX = 14, 16
_DRAWN = ("p10", "p25", "p50", "p75", "p90", "mean")


def quantiles(table: Table) -> Drawing:
    """A panel with an axis of its own for each variable, a row for each group."""
    blocks: list[Block] = []
    for rows in read.together(read.rows(table), "variable"):
        values = [v for r in rows for v in read.known([r.number(c) for c in _DRAWN])]
        axis = scale(min(values, default=0), max(values, default=1))
        blocks.append(_heading(rows[0]))
        blocks += [_group(row, axis) for row in rows]
        blocks.append(_axis(axis))
    return Drawing("quantiles", tuple(blocks), (word("box", table.language),))


def _heading(row: Row) -> Block:
    lines = wrapped(row.text("variable_label"), _RIGHT - MARGIN, 13, bold=True)
    shown = [marks.text(MARGIN, 14 + 17 * i, one, 13, bold=True) for i, one in enumerate(lines)]
    shown += [marks.text(x, 14, read.head(row.table, column), 12, "end", fill="#333333") for column, x in _COLUMNS]
    return Block(17 * len(lines) + 10, tuple(shown))


def _x(axis: Scale, value: float) -> float:
    return _LEFT + axis.part(value) * (_RIGHT - _LEFT)


def _group(row: Row, axis: Scale) -> Block:
    """The row of a group: its name, its quantiles as they are published, how many it is of, and the median."""
    label = row.text("group_label") if read.has(row.table, "group_label") else ""
    lines = wrapped(label, _NAMES - 14, 12)
    height = max(30.0, _LINE * len(lines) + 8.0)
    middle = height / 2
    top = middle - _LINE * len(lines) / 2 + 11
    shown = [marks.text(MARGIN, top + _LINE * i, one, 12) for i, one in enumerate(lines)]
    shown.append(marks.line(_LEFT, middle, _RIGHT, middle, "#e8e8e8"))
    shown += _spread({c: row.number(c) for c in _DRAWN}, axis, middle)
    shown += [marks.text(x, middle + 4, value_text(row[column]), 12, "end") for column, x in _COLUMNS]
    return Block(height, tuple(shown))


def _spread(found: dict[str, float | None], axis: Scale, y: float) -> list[str]:
    """What joins two published quantiles; the sign of what is hidden stands where it would be."""
    at = {name: None if value is None else _x(axis, value) for name, value in found.items()}
    p10, p25, p50, p75, p90, mean = (at[name] for name in _DRAWN)
    shown: list[str] = []
    if p25 is not None and p75 is not None:
        shown.append(marks.rect(p25, y - _BOX / 2, p75 - p25, _BOX, "#b9d9ee", "#000000"))
    for tail, edge in ((p10, p25), (p90, p75)):
        if tail is not None and edge is not None:
            shown.append(marks.line(tail, y, edge, y, "#000000", 1.5))
    for x, half in ((p10, 5), (p90, 5), (p25, _BOX / 2), (p75, _BOX / 2)):
        if x is not None:
            shown.append(marks.line(x, y - half, x, y + half, "#000000", 1.5))
    if p50 is not None:
        shown.append(marks.line(p50, y - _BOX / 2, p50, y + _BOX / 2, "#000000", 3.5))
    shown += _signs((p10, p25, p50, p75, p90), y)
    if mean is not None:
        shown.append(marks.shape([(mean, y - 5), (mean + 5, y), (mean, y + 5), (mean - 5, y)], "#ffffff", "#000000"))
    return shown


def _signs(at: Sequence[float | None], y: float) -> list[str]:
    """A sign for each run of hidden quantiles: left of the first published one, right of the last, or between two."""
    published = [i for i, x in enumerate(at) if x is not None]
    if not published:
        return [_sign((_LEFT + _RIGHT) / 2, y)]
    xs = [x for x in at if x is not None]
    shown = []
    if published[0] > 0:
        shown.append(_sign(xs[0] - 14, y))
    if published[-1] < len(at) - 1:
        shown.append(_sign(xs[-1] + 14, y))
    for (i, a), (j, b) in zip(zip(published, xs, strict=True), zip(published[1:], xs[1:], strict=True), strict=False):
        if j - i > 1:
            shown.append(_sign((a + b) / 2, y))
    return shown


def _sign(x: float, y: float) -> str:
    return marks.rect(x - 6, y - 7, 12, 14, "#ffffff") + marks.text(x, y + 4, HIDDEN, 12, "middle")


def _axis(axis: Scale) -> Block:
    shown = [marks.line(_LEFT, 2, _RIGHT, 2)]
    ticks = [(_LEFT + part * (_RIGHT - _LEFT), written) for part, written in axis.ticks()]
    kept = thinned([x for x, _ in ticks], [width(written) for _, written in ticks])
    shown += [marks.line(x, 2, x, 6) for x, _ in ticks]
    shown += [marks.text(ticks[i][0], 20, ticks[i][1], 12, "middle") for i in kept]
    return Block(38, tuple(shown))
