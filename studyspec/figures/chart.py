"""A panel of lines: points of several groups along one axis, each group named where its line ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from studyspec.estimate.types import HIDDEN
from studyspec.figures import keys, marks
from studyspec.figures.lettering import width, wrapped
from studyspec.figures.page import MARGIN, WIDTH, Block
from studyspec.figures.read import known
from studyspec.figures.scales import Scale, apart, scale, thinned

_LEFT = MARGIN + 52
_NAMES = 190
_RIGHT = WIDTH - MARGIN - _NAMES
_LINE = 14
_GREY = "#d0d0d0"


@dataclass(frozen=True, slots=True)
class Series:
    """One group.

    values: its number at each place of the panel, None where hidden
    written: the same as text, below the axis; none where there is no room for it
    more: a line below the name
    """

    label: str
    values: tuple[float | None, ...]
    written: tuple[str, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """title: above it ("" for none).  head, along: what the upright and the level axis are.

    places: from 0 to 1 along the level axis; labels: what is written there
    top: the highest number that the upright axis has to hold
    """

    title: str
    head: str
    along: str
    places: tuple[float, ...]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    top: float


def chart(panel: Panel) -> Block:
    """The panel, with a row below the axis for every group that has numbers to write or hidden ones to mark."""
    title = wrapped(panel.title, WIDTH - 2 * MARGIN, 13, bold=True) if panel.title else []
    above = 18 * len(title) + 24
    names = [_name(one) for one in panel.series]
    sizes = [_LINE * len(lines) + 6.0 for lines in names]
    height = max(200.0, sum(sizes))
    axis = scale(0, panel.top)
    xs = [_LEFT + 8 + place * (_RIGHT - _LEFT - 16) for place in panel.places]
    shown = [marks.text(MARGIN, 13 + 18 * i, one, 13, bold=True) for i, one in enumerate(title)]
    shown.append(marks.text(MARGIN, above - 12, panel.head, 12))
    shown += _axes(axis, above, height)
    ticks, depth = _places(panel, xs, above + height)
    shown += ticks
    ends = [_end(axis, one, xs, height) for one in panel.series]
    middles = apart([y for _, y in ends], sizes, height)
    for index, one in enumerate(panel.series):
        heights = [None if v is None else above + height * (1 - axis.part(v)) for v in one.values]
        x, y = ends[index]
        shown += _named(index, names[index], x, above + y, above + middles[index], bool(known(one.values)))
        shown += _line(index, xs, heights)
    below, more = _rows(panel, xs, above + height + depth + 8)
    return Block(above + height + depth + more + 26, tuple(shown + below))


def _axes(axis: Scale, above: float, height: float) -> list[str]:
    shown = []
    for part, written in axis.ticks():
        y = above + height * (1 - part)
        shown.append(marks.line(_LEFT, y, _RIGHT, y, "#000000" if part == 0 else _GREY))
        shown.append(marks.text(_LEFT - 6, y + 4, written, 12, "end"))
    return shown


def _places(panel: Panel, xs: Sequence[float], y: float) -> tuple[list[str], float]:
    """Ticks below the axis, and as many labels as do not overlap; also how deep they are."""
    kept = thinned(xs, [width(label) for label in panel.labels])
    shown = [marks.line(x, y, x, y + 4) for x in xs]
    shown += [marks.text(xs[i], y + 18, panel.labels[i], 12, "middle") for i in kept]
    shown.append(marks.text(_RIGHT, y + 34, panel.along, 12, "end", fill="#333333"))
    return shown, 38


def _name(one: Series) -> list[str]:
    return wrapped(one.label, _NAMES - 50, 12) + (wrapped(one.more, _NAMES - 50, 12) if one.more else [])


def _end(axis: Scale, one: Series, xs: Sequence[float], height: float) -> tuple[float, float]:
    """Where the last published point of a group is; the foot of the axis for one that has none."""
    found = [(x, height * (1 - axis.part(v))) for x, v in zip(xs, one.values, strict=True) if v is not None]
    return found[-1] if found else (_RIGHT, height)


def _named(index: int, lines: Sequence[str], x: float, y: float, middle: float, drawn: bool) -> list[str]:
    """The name of a group beside the end of its line, and a thin line that leads there."""
    shown = []
    if drawn:
        shown = [marks.path([(x + 6, y), (_RIGHT, y), (_RIGHT + 10, middle)], "#999999", 0.7, "1 2")]
    shown += keys.sample(index, _RIGHT + 12, middle)
    top = middle - _LINE * len(lines) / 2 + 11
    shown += [marks.text(_RIGHT + 46, top + _LINE * i, one, 12) for i, one in enumerate(lines)]
    return shown


def _line(index: int, xs: Sequence[float], heights: Sequence[float | None]) -> list[str]:
    """Lines between published points next to each other, a gap where one is hidden, and a mark at every point."""
    shown = []
    run: list[tuple[float, float]] = []
    for x, y in [*zip(xs, heights, strict=True), (0.0, None)]:
        if y is not None:
            run.append((x, y))
            continue
        if len(run) > 1:
            shown.append(marks.path(run, keys.colour(index), 2, keys.dash(index)))
        run = []
    points = [(x, y) for x, y in zip(xs, heights, strict=True) if y is not None]
    every = max(1, len(points) // 12) if _close(xs) else 1
    shown += [keys.mark(index, x, y) for i, (x, y) in enumerate(points) if i % every == 0 or _alone(i, points, xs)]
    return shown


def _close(xs: Sequence[float]) -> bool:
    return len(xs) > 1 and min(b - a for a, b in pairwise(xs)) < 14


def _alone(index: int, points: Sequence[tuple[float, float]], xs: Sequence[float]) -> bool:
    """Whether a point has no published neighbour: without its mark it would not be seen."""
    at = list(xs).index(points[index][0])
    near = {xs[i] for i in (at - 1, at + 1) if 0 <= i < len(xs)}
    return not near & {x for x, _ in points}


def _rows(panel: Panel, xs: Sequence[float], y: float) -> tuple[list[str], float]:
    """Below the axis, for each group: its numbers where they are written, and the sign of those that are hidden."""
    shown: list[str] = []
    done = 0
    for index, one in enumerate(panel.series):
        if not one.written and None not in one.values:
            continue
        at = y + 18 * done + 14
        shown += [marks.line(MARGIN + 4, at - 4, MARGIN + 32, at - 4, keys.colour(index), 2, keys.dash(index))]
        shown.append(keys.mark(index, MARGIN + 18, at - 4))
        shown += _written(one, xs, at) if one.written else _signs(one.values, xs, at)
        if one.written and not done:
            shown.append(marks.text(_RIGHT + 20, at, panel.head, 12, fill="#333333"))
        done += 1
    return shown, 18.0 * done + (8 if done else 0)


def _written(one: Series, xs: Sequence[float], y: float) -> list[str]:
    kept = thinned(xs, [width(text) for text in one.written])
    return [marks.text(xs[i], y, one.written[i], 12, "middle") for i in kept]


def _signs(values: Sequence[float | None], xs: Sequence[float], y: float) -> list[str]:
    """One sign for every run of hidden numbers, over a line as long as the run."""
    shown: list[str] = []
    free = 0.0
    start: int | None = None
    for i, value in enumerate([*values, 0.0]):
        if value is None:
            start = i if start is None else start
            continue
        if start is None:
            continue
        if i - 1 > start:
            shown.append(marks.line(xs[start], y + 3, xs[i - 1], y + 3, "#333333"))
        middle = (xs[start] + xs[i - 1]) / 2
        if middle - 5 > free:
            shown.append(marks.text(middle, y, HIDDEN, 12, "middle"))
            free = middle + 5
        else:
            shown.append(marks.line(xs[start] - 1, y + 3, xs[i - 1] + 1, y + 3, "#333333"))
        start = None
    return shown
