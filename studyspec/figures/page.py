"""A figure's page: title, drawing and notes below each other, and what a reader who cannot see it is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studyspec.estimate.render import value_text
from studyspec.estimate.types import HIDDEN, Table
from studyspec.figures import marks
from studyspec.figures.lettering import wrapped
from studyspec.figures.words import word

#: Pixels; at 96 to the inch it is as wide as the text of an A4 page.
WIDTH, MARGIN = 720, 24
ROOM = WIDTH - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a drawing, as high as it needs; its marks have y from 0, and x of the page."""

    height: float
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """about: the kind of figure, a key of `words`.  blocks: below each other.  notes: how to read it.

    gaps: whether what is hidden leaves a gap.  definitions: patterns.
    """

    about: str
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    gaps: bool = True
    definitions: tuple[str, ...] = ()


def page(table: Table, drawing: Drawing) -> bytes:
    """The figure of a table as SVG: the same table and drawing give the same bytes."""
    gap = (word("gap", table.language, mark=HIDDEN),) if drawing.gaps and _hides(table) else ()
    blocks = [_title(table), *drawing.blocks, _notes((*table.notes, *gap, *drawing.notes))]
    body: list[str] = []
    y = float(MARGIN)
    for block in blocks:
        body.append(marks.moved(y, block.marks))
        y += block.height
    height = marks.number(y + MARGIN)
    language = table.language if re.fullmatch(r"[A-Za-z0-9-]{1,35}", table.language) else "und"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" xml:lang="{language}" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="{marks.FONTS}">'
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            head,
            f"<title>{marks.clean(table.title)}</title>",
            f"<desc>{_description(table, drawing.about)}</desc>",
            *drawing.definitions,
            marks.rect(0, 0, WIDTH, y + MARGIN, "#ffffff"),
            *body,
            "</svg>\n",
        ]
    ).encode()


def _hides(table: Table) -> bool:
    return any(value is None for row in table.rows for value in row)


def _title(table: Table) -> Block:
    lines = wrapped(table.title, ROOM, 16, bold=True)
    shown = [marks.text(MARGIN, 16 + 20 * i, one, 16, bold=True) for i, one in enumerate(lines)]
    return Block(20 * len(lines) + 12, tuple(shown))


def _notes(notes: Sequence[str]) -> Block:
    lines = [line for note in notes for line in wrapped(note, ROOM, 11, most=6)]
    return Block(
        16 + 15 * len(lines),
        tuple(marks.text(MARGIN, 26 + 15 * i, line, 11, fill="#333333") for i, line in enumerate(lines)),
    )


def _description(table: Table, about: str) -> str:
    """The table in sentences: a row's labels, then its numbers with their heads."""
    lines = [word(about, table.language), word("numbers", table.language, name=table.name)]
    for row in table.rows:
        cells = [(c, v) for c, v in zip(table.columns, row, strict=True) if c.kind != "key" and v != ""]
        labels = ", ".join(str(v) for c, v in cells if c.kind == "label")
        numbers = "; ".join(
            f"{c.group} {c.label} {value_text(v, c.kind)}".strip() for c, v in cells if c.kind != "label"
        )
        lines.append(f"{labels}: {numbers}.")
    return "\n".join(marks.clean(line) for line in [*lines, *table.notes])
