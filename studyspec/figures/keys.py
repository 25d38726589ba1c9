"""How groups are told apart: by colour (Okabe and Ito's, which most eyes can tell apart), and in grey without it."""

from __future__ import annotations

from studyspec.figures.marks import circle, line, shape

BLACK, BLUE, VERMILION, GREEN = "#000000", "#0072b2", "#d55e00", "#009e73"
ORANGE, SKY, PURPLE, YELLOW = "#e69f00", "#56b4e9", "#cc79a7", "#f0e442"

#: Lines, in order: seven colours, six dashes and seven marks; no two of the first 42 agree in all of them.
_LINES = (BLUE, VERMILION, GREEN, BLACK, PURPLE, ORANGE, SKY)
_DASHES = ("", "7 4", "2 3", "10 3 2 3", "14 4", "4 2 1 2")
#: After seven groups the marks move on by one, so that no colour comes back with the same mark.
_MARKS = 7

#: Areas, in order: a colour and the number of a pattern; light and dark ones in turn.
_AREAS = (SKY, ORANGE, GREEN, YELLOW, BLUE, PURPLE, VERMILION, "#bbbbbb")


def colour(index: int) -> str:
    return _LINES[index % len(_LINES)]


def dash(index: int) -> str:
    return _DASHES[index % len(_DASHES)]


def mark(index: int, x: float, y: float, size: float = 4) -> str:
    """The mark of a group at a point."""
    tint = colour(index)
    which = (index + index // _MARKS) % _MARKS
    if which == 0:
        return circle(x, y, size, tint, tint)
    if which == 1:
        return shape(
            [(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)], "#ffffff", tint
        )
    if which == 2:
        return shape([(x, y - size - 1), (x + size + 0.5, y + size), (x - size - 0.5, y + size)], tint, tint)
    if which == 3:
        return shape([(x, y - size - 1), (x + size + 1, y), (x, y + size + 1), (x - size - 1, y)], "#ffffff", tint)
    if which == 4:
        return line(x - size, y - size, x + size, y + size, tint, 2) + line(
            x - size, y + size, x + size, y - size, tint, 2
        )
    if which == 5:
        return line(x - size - 1, y, x + size + 1, y, tint, 2) + line(x, y - size - 1, x, y + size + 1, tint, 2)
    return shape([(x, y + size + 1), (x + size + 0.5, y - size), (x - size - 0.5, y - size)], "#ffffff", tint)


def sample(index: int, x: float, y: float) -> list[str]:
    """A piece of a group's line with its mark, 28 pixels long."""
    return [line(x, y, x + 28, y, colour(index), 2, dash(index)), mark(index, x + 14, y)]


def area(index: int) -> str:
    """What fills an area of a group: with `patterns`, which hold it."""
    return f"url(#area-{index})"


def patterns(count: int) -> list[str]:
    """The fills of the first `count` groups: a light colour under lines that print in grey."""
    made = ["<defs>"]
    for index in range(count):
        tint = _AREAS[index % len(_AREAS)]
        body = f'<rect width="8" height="8" fill="{tint}"/>' + _lines(index)
        made.append(f'<pattern id="area-{index}" width="8" height="8" patternUnits="userSpaceOnUse">{body}</pattern>')
    return [*made, "</defs>"]


def _lines(index: int) -> str:
    ways = (
        "", "M0 8L8 0M-1 1L1 -1M7 9L9 7", "M2 2h2v2h-2z", "M0 4H8", "M0 0L8 8M-1 7L1 9M7 -1L9 1", "M4 0V8",
        "M0 0L8 8M0 8L8 0", "M0 4H8M4 0V8",
    )  # fmt: skip
    way = ways[index % len(ways)]
    return f'<path d="{way}" fill="none" stroke="#000000" stroke-width="0.8"/>' if way else ""
