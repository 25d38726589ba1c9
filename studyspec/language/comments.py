"""Comments belong to the element they stand at: the same rule for both spellings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from studyspec.language.tree import Comments


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment without its mark.  own_line: nothing else stands on its line."""

    text: str
    line: int
    own_line: bool


NONE = Comments()


def attach(extents: Sequence[tuple[int, int]], comments: Sequence[Comment]) -> tuple[list[Comments], tuple[str, ...]]:
    """The comments of each element, and those after the last one.

    extents: first and last line of each element, in the order of the text; an element stands before what it contains.

    A comment on a line of its own belongs to the next element; inside an element that has nothing more to come, to that
    element.  A comment after text belongs to the innermost element on its line.  An element keeps one comment at the
    end of its line, the last; earlier ones move to the lines before it.
    """
    found: list[list[tuple[str, bool]]] = [[] for _ in extents]
    ends: list[str] = []
    if not comments:
        return [NONE] * len(extents), ()
    starts = [start for start, _ in extents]
    for comment in comments:
        following = bisect_right(starts, comment.line)
        inside = next((i for i in range(following - 1, -1, -1) if extents[i][1] >= comment.line), None)
        target: int | None = following if following < len(extents) else None
        if inside is not None and (not comment.own_line or target is None or extents[target][1] > extents[inside][1]):
            target = inside
        if target is None:
            ends.append(comment.text)
        else:
            found[target].append((comment.text, not comment.own_line and target == inside))
    return [_settled(items) for items in found], tuple(ends)


def _settled(items: list[tuple[str, bool]]) -> Comments:
    if not items:
        return NONE
    last = next((i for i in range(len(items) - 1, -1, -1) if items[i][1]), None)
    before = tuple(text for i, (text, _) in enumerate(items) if i != last)
    return Comments(before, None if last is None else items[last][0])
