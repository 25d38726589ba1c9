"""Where each character of a YAML scalar's text stands in the file, whatever quotes, escapes and folds lie between."""

from __future__ import annotations

import re

from studyspec.source import Span

_LONG_ESCAPES = {"x": 2, "u": 4, "U": 8}
_CONTINUATION = re.compile(r"\\\n[ \t]*")
_WHITE = re.compile(r"[ \t\n]+")

Places = list[tuple[int, int]]


def places(text: str, span: Span, quoted: bool, block: bool) -> Places:
    """For each character of `text`, the stretch [start, end) of the file that it was made from."""
    raw = span.source.text
    if quoted:
        found = _between_quotes(raw, span.start + 1, span.end - 1, raw[span.start])
        if len(found) == len(text):
            return found
    start = span.start
    if block:
        header = raw.find("\n", start, span.end)
        start = span.end if header < 0 else header + 1
    return _aligned(text, raw, start, span.end)


def _between_quotes(raw: str, position: int, stop: int, mark: str) -> Places:
    found: Places = []
    while position < stop:
        continuation = _CONTINUATION.match(raw, position, stop) if mark == '"' else None
        white = _WHITE.match(raw, position, stop)
        if continuation:
            position = continuation.end()
        elif white and (breaks := white.group().count("\n")):
            # One line break is a space; of several, the first is left out.
            found.extend([(position, white.end())] * max(1, breaks - 1))
            position = white.end()
        else:
            width = _width(raw, position, mark)
            found.append((position, position + width))
            position += width
    return found


def _width(raw: str, position: int, mark: str) -> int:
    """How many characters of the file make the one that stands at `position`."""
    if mark == "'" and raw.startswith("''", position):
        return 2
    if mark == '"' and raw.startswith("\\", position):
        return 2 + _LONG_ESCAPES.get(raw[position + 1 : position + 2], 0)
    return 1


def _aligned(text: str, raw: str, position: int, stop: int) -> Places:
    """Folding and indentation only add, drop or change white space, so the rest is aligned one by one."""
    found: Places = []
    for character in text:
        if not character.isspace():
            while position < stop and raw[position].isspace():
                position += 1
        end = position + 1 if position < stop and raw[position] == character else position
        found.append((position, end))
        position = end
    return found
