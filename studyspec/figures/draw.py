"""One figure for each kind of table that has one."""

from __future__ import annotations

from studyspec.estimate.types import Table
from studyspec.figures import bars, flow, lines, quantiles, read
from studyspec.figures.page import Drawing, page


def draw(table: Table) -> bytes | None:
    """The figure of a published table as SVG, in the table's language; None where its kind has no figure.

    Everything in the figure, each coordinate included, is a function of this table.
    """
    drawing = _drawing(table)
    return None if drawing is None else page(table, drawing)


def _drawing(table: Table) -> Drawing | None:
    if not table.rows:
        return None
    match read.keys(table):
        case ("step",):
            return flow.flow(table)
        case ("state", "time_days", "category"):
            return bars.bars(table)
        case ("variable", "period", "category"):
            return lines.trend(table)
        case ("outcome", *_, time) if time.startswith("time_"):
            return lines.curves(table)
        case ("variable",) | ("variable", "group") if read.has(table, "p50"):
            return quantiles.quantiles(table)
    return None
