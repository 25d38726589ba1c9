"""The few SVG elements that figures are made of.

Texts stand between tags and nowhere else: attributes are numbers and words of this room, so no label can end one.
"""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.estimate.render import one_line

#: Any of them will do; the room is measured for the widest (`lettering`).
FONTS = "Arial, Helvetica, Liberation Sans, DejaVu Sans, sans-serif"


def number(value: float) -> str:
    """A coordinate in tenths of a pixel, spelled one way."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def clean(text: str) -> str:
    """Text on one line that XML can hold and that turns no direction; markup in it is text."""
    kept = "".join(c for c in one_line(text) if c not in "\ufffe\uffff" and (ord(c) & 0xFFFE) != 0xFFFE)
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def text(
    x: float, y: float, content: str, size: int = 12, anchor: str = "start", bold: bool = False, fill: str = "#000000"
) -> str:
    """One line of text; y is its baseline.  anchor: `start`, `middle` or `end`."""
    more = "" if anchor == "start" else f' text-anchor="{anchor}"'
    more += ' font-weight="bold"' if bold else ""
    more += "" if fill == "#000000" else f' fill="{fill}"'
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{size}"{more}>{clean(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = "#000000", width: float = 1, dash: str = "") -> str:
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{number(width)}"{_dashed(dash)}/>'


def rect(x: float, y: float, width: float, height: float, fill: str = "none", stroke: str = "", dash: str = "") -> str:
    edge = f' stroke="{stroke}"{_dashed(dash)}' if stroke else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place} fill="{fill}"{edge}/>'


def path(points: Iterable[tuple[float, float]], stroke: str, width: float = 2, dash: str = "") -> str:
    """A line through points."""
    along = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polyline points="{along}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"{_dashed(dash)}/>'


def shape(points: Iterable[tuple[float, float]], fill: str, stroke: str) -> str:
    """A closed figure."""
    along = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f'<polygon points="{along}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'


def circle(x: float, y: float, radius: float, fill: str, stroke: str) -> str:
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    return f'<circle {place} fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'


def moved(y: float, marks: Iterable[str]) -> str:
    """Marks, all moved down by y."""
    return "\n".join([f'<g transform="translate(0 {number(y)})">', *marks, "</g>"])


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""
