"""The flow of an attrition: who remains in the boxes on the left, who was removed beside the arrows between them."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.estimate.render import value_text
from studyspec.estimate.types import Table
from studyspec.figures import marks, read
from studyspec.figures.lettering import wrapped
from studyspec.figures.page import MARGIN, WIDTH, Block, Drawing
from studyspec.figures.read import Row

_MAIN, _GAP = 380, 28
_MIDDLE = MARGIN + _MAIN / 2
_SIDE_X = MARGIN + _MAIN + _GAP
_SIDE = WIDTH - MARGIN - _SIDE_X
_LINE, _PAD = 16, 9


def flow(table: Table) -> Drawing:
    """A box for every step that says how many remain; a step that does not is beside the arrow with what it removed."""
    blocks: list[Block] = []
    removed: list[str] = []
    for row in read.rows(table):
        if row["removed"] != "":
            if row["remaining"] == "":
                removed += _lines(row.text("label"), _SIDE)
            removed += _lines(_numbered(row, "removed"), _SIDE)
        if row["remaining"] == "":
            continue
        if blocks:
            blocks.append(_arrow(removed))
        last = row.text("step") == "included"
        blocks.append(_box(_lines(row.text("label"), _MAIN), _numbered(row, "remaining"), last or not blocks))
        removed = []
    if removed:
        blocks.append(_arrow(removed))
    return Drawing("flow" if table.people else "flow-other", tuple(blocks), gaps=False)


def _lines(text: str, room: float) -> list[str]:
    return wrapped(text, room - 2 * _PAD, 12)


def _numbered(row: Row, column: str) -> str:
    return f"{read.head(row.table, column)}: {value_text(row[column])}"


def _box(lines: Sequence[str], number: str, bold: bool) -> Block:
    height = _LINE * (len(lines) + 1) + _PAD + 5
    shown = [marks.rect(MARGIN, 0, _MAIN, height, "#ffffff", "#000000")]
    if bold:
        shown.append(marks.rect(MARGIN + 3, 3, _MAIN - 6, height - 6, "none", "#000000"))
    shown += [marks.text(_MIDDLE, _PAD + 11 + _LINE * i, one, 12, "middle") for i, one in enumerate(lines)]
    shown.append(marks.text(_MIDDLE, _PAD + 11 + _LINE * len(lines), number, 12, "middle", bold=True))
    return Block(height, tuple(shown))


def _arrow(removed: Sequence[str]) -> Block:
    """An arrow down, and to the right of it who leaves."""
    side = _LINE * len(removed) + _PAD if removed else 0
    height = max(26, side + 16)
    shown = [marks.line(_MIDDLE, 0, _MIDDLE, height - 5), _head(_MIDDLE, height)]
    if removed:
        y = height / 2 - 3
        shown += [marks.line(_MIDDLE, y, _SIDE_X - 6, y), _right_head(_SIDE_X, y)]
        shown.append(marks.rect(_SIDE_X, y - side / 2, _SIDE, side, "#f2f2f2", "#000000"))
        top = y - side / 2 + _PAD / 2 + 12
        shown += [marks.text(_SIDE_X + _PAD, top + _LINE * i, one, 12) for i, one in enumerate(removed)]
    return Block(height, tuple(shown))


def _head(x: float, y: float) -> str:
    return marks.shape([(x, y - 1), (x - 4, y - 8), (x + 4, y - 8)], "#000000", "#000000")


def _right_head(x: float, y: float) -> str:
    return marks.shape([(x - 1, y), (x - 8, y - 4), (x - 8, y + 4)], "#000000", "#000000")
