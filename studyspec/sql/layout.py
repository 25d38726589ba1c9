"""The page a script is written on: sections, comments, statements, and where each element stands."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.sql.quote import comment
from studyspec.sql.script import Place

WIDTH = 116


class Page:
    """Lines in order.  Every word of a study that stands in a comment is cleaned here or by `quote.comment`."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._places: list[Place] = []

    def comment(self, text: str) -> None:
        """A comment, its words wrapped to the page; spaces at its start stay."""
        self._lines += [f"-- {line}" for line in wrapped(text)]

    def fact(self, name: str, text: str) -> None:
        """A line of the header: a name and what it is, one below the other."""
        self._lines.append(f"-- {name:<9} {comment(text)}")

    def blank_comment(self) -> None:
        self._lines.append("--")

    def section(self, title: str) -> None:
        rule = "-- " + "-" * (WIDTH - 3)
        self._lines += ["", rule]
        self.comment(title)
        self._lines.append(rule)

    def statement(self, notes: Sequence[str], lines: Sequence[str]) -> int:
        """A statement under its notes; gives the number of its first line."""
        self._lines.append("")
        for note in notes:
            self.comment(note)
        first = len(self._lines) + 1
        self._lines += [*lines[:-1], lines[-1] + ";"]
        return first

    def place(self, element: str, first: int, last: int) -> None:
        self._places.append(Place(element, first, last))

    def places(self) -> tuple[Place, ...]:
        """In the order of the script."""
        return tuple(sorted(self._places, key=lambda place: (place.first_line, -place.last_line, place.element)))

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Cleaned text cut at spaces to lines that fit the page; an indent at its start is kept on every line."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines, line = [], ""
    for word in comment(text).split(" "):
        if line and len(indent) + len(line) + len(word) + 4 > width:
            lines.append(indent + line)
            line = ""
        line = f"{line} {word}" if line else word
    return [*lines, indent + line]
