"""Where each character of a YAML scalar's text stands in the file, whatever quotes, escapes and folds lie between."""

from __future__ import annotations

from studyspec.source import Span

_LONG_ESCAPES = {"x": 2, "u": 4, "U": 8}


def places(text: str, span: Span, quoted: bool, block: bool) -> list[tuple[int, int]]:
    """For each character of `text`, the stretch [start, end) of the file that it was made from.

    Only white space is added, dropped or changed by folding and indentation, so the rest is aligned one by one.
    """
    raw, position, stop = span.source.text, span.start, span.end
    mark = raw[position] if quoted else ""
    if quoted:
        position, stop = position + 1, stop - 1
    elif block:
        position = raw.find("\n", position, stop)
        position = stop if position < 0 else position + 1
    found: list[tuple[int, int]] = []
    for character in text:
        if character.isspace() and not _is_escape(raw, position, mark):
            end = position + 1 if position < stop and raw[position] == character else position
            found.append((position, end))
            position = end
            continue
        while position < stop and (raw[position].isspace() or (mark == '"' and raw.startswith("\\\n", position))):
            position += 2 if raw[position] == "\\" else 1
        width = _width(raw, position, mark)
        found.append((min(position, stop), min(position + width, stop)))
        position += width
    return found


def _is_escape(raw: str, position: int, mark: str) -> bool:
    return mark == '"' and raw[position : position + 1] == "\\" and raw[position + 1 : position + 2] != "\n"


def _width(raw: str, position: int, mark: str) -> int:
    """How many characters of the file make the one that stands at `position`."""
    if mark == "'" and raw.startswith("''", position):
        return 2
    if mark == '"' and raw.startswith("\\", position):
        return 2 + _LONG_ESCAPES.get(raw[position + 1 : position + 2], 0)
    return 1
