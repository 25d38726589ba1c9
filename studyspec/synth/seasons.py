"""When in a year rows start, and when more of them start than usual."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from studyspec.synth.columns import Ground
from studyspec.synth.draw import date
from studyspec.synth.hints import MOST_ROWS_PER_ENTITY, Surge

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def by_month(rows: str, months: Sequence[Decimal] | None, spells: bool) -> str:
    """Rows moved within their year, so that as many start in a month as its weight says.

    The days of a year are stretched and pressed together and never change places: what came first still does.  A spell
    moves as a whole, and keeps one day at least.  months: None leaves all rows where they are
    """
    if months is None:
        return rows
    moved = f"make_date(year(day), 1, 1) + ([{', '.join(str(n) for n in _moved(months))}])[dayofyear(day)]::integer"
    if not spells:
        return f"select * replace ({moved} as day) from ({rows})"
    kept = "greatest(day + 1, day + (stop - old)::integer)"
    with_old = f"select * replace ({moved} as day), day as old from ({rows})"
    return f"select * exclude (old) replace ({kept}::date as stop) from ({with_old})"


def _moved(months: Sequence[Decimal]) -> list[int]:
    """Day of a year, 1 to 366 -> days since the year's first that it is moved to; the 366th stays."""
    whole, found = sum(months, Decimal(0)), []
    for day in range(365):
        wanted, reached, first = whole * day / 365, Decimal(0), 0
        for weight, days in zip(months, _DAYS, strict=True):
            if wanted < reached + weight:
                found.append(first + int((wanted - reached) / weight * days))
                break
            reached, first = reached + weight, first + days
    return [*found, 365]


def each_year(rows: str, on: tuple[int, int] | None) -> str:
    """Rows moved to one day of their year, of several in a year the first.  on: month and day; None for no such day"""
    if on is None:
        return rows
    day = f"make_date(year(day), {on[0]}, {on[1]})"
    return f"select i, min(k) as k, born, died, {day} as day from ({rows}) group by all"


def with_surges(rows: str, ground: Ground, surges: Sequence[Surge], lives: str, spells: bool) -> str:
    """Rows, and those that surges add.  They are numbered beyond all others, so that their draws are their own."""
    for number, surge in enumerate(surges):
        draw = ground.draw.per_entity()
        what = f"surge {number}"
        offset = draw.below(f"{what} day", (surge.last - surge.first).days + 1)
        day = f"{date(surge.first)} + ({offset})::integer"
        stop = f", {day} + ({draw.spread(f'{what} length', surge.length)})::integer as stop" if spells else ""
        named = "i, k, born, died, day" + (", stop" if spells else "")
        more = (
            f"select i, {2 * MOST_ROWS_PER_ENTITY + number} as k, born, died, {day} as day{stop} from {lives} "
            f"where {draw.chance(what, surge.share)}"
        )
        rows = f"select {named} from ({rows}) union all {more}"
    return rows
