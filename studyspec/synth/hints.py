"""What a model says of how its data look, read into typed values with defaults (docs/models.md, hints)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from studyspec import calendar
from studyspec.catalogue.types import Column, Coverage, Table
from studyspec.source import Refused
from studyspec.synth import faults

#: Where a model bounds neither coverage nor a date, invented data lie here.
DEFAULT_COVERAGE: Final = (datetime.date(2010, 1, 1), datetime.date(2019, 12, 31))
DEFAULT_BIRTH: Final = (datetime.date(1930, 1, 1), datetime.date(2009, 12, 31))
DEFAULT_NULL_SHARE: Final = Decimal("0.05")
MOST_ROWS_PER_ENTITY: Final = 500


@dataclass(frozen=True, slots=True)
class Spread:
    """Whole days from least to most, most often near the typical."""

    least: int
    typical: int
    most: int


@dataclass(frozen=True, slots=True)
class Follows:
    table: str
    share: Decimal
    days: Spread


@dataclass(frozen=True, slots=True)
class TableHints:
    """count: mean rows per entity over the coverage, or None where `share` or `follows` says.  gap None: spread out."""

    count: Decimal
    share: Decimal | None
    length: Spread
    gap: Spread | None
    ongoing: Decimal | None
    fill: bool
    follows: Follows | None


@dataclass(frozen=True, slots=True)
class ColumnHints:
    weights: Mapping[str, Decimal] | None
    null_share: Decimal
    low: Decimal | datetime.date | None
    high: Decimal | datetime.date | None


def period(table: Table, delivered: Coverage | None) -> tuple[datetime.date, datetime.date]:
    """First and last day of a table's rows: the model's coverage met with the delivered extract's."""
    both = [table.coverage] if delivered is None else [table.coverage, delivered]
    first = max((c.start for c in both if c.start is not None), default=None)
    last = min((c.end for c in both if c.end is not None), default=None)
    if first is None:
        first = DEFAULT_COVERAGE[0] if last is None else _moved(last, -10)
    if last is None:
        last = DEFAULT_COVERAGE[1] if first <= DEFAULT_COVERAGE[1] else _moved(first, 10)
    return first, last


def _moved(day: datetime.date, years: int) -> datetime.date:
    try:
        return calendar.add(day, years, "year")
    except OverflowError:
        return day


def entity_count(table: Table, entities: int) -> int:
    """How many rows a table with one row for each entity gets, where `entities` are wished for.

    Raises Refused (synth-hint).
    """
    share = _number(table.synth, "share", f"the table {table.name}")
    return entities if share is None else max(1, int(share * entities))


def table_hints(table: Table, years: Decimal) -> TableHints:
    """years: length of the table's coverage.  Raises Refused (synth-hint)."""
    place, given = f"the table {table.name}", table.synth
    count = _number(given, "per_entity", place, most=MOST_ROWS_PER_ENTITY)
    rate = _number(given, "rate_per_year", place)
    if count is None:
        count = min(rate * years, Decimal(MOST_ROWS_PER_ENTITY)) if rate is not None else Decimal(1)
    fill = given.get("fill", False)
    if not isinstance(fill, bool):
        raise Refused(faults.hint(place, "fill", "true or false"))
    return TableHints(
        count=count,
        share=_number(given, "share", place, most=1),
        length=_spread(given, "length_days", place, 1) or Spread(1, 60, 400),
        gap=_spread(given, "gap_days", place, 0),
        ongoing=_number(given, "ongoing", place, most=1),
        fill=fill,
        follows=_follows(given, place),
    )


def column_hints(table: Table, column: Column) -> ColumnHints:
    """Raises Refused (synth-hint)."""
    place, given = f"the column {table.name}.{column.name}", column.synth
    null_share = _number(given, "null_share", place, most=1)
    return ColumnHints(
        weights=_weights(given, place),
        null_share=DEFAULT_NULL_SHARE if null_share is None else null_share,
        low=_edge(given, "low", column, place) if "low" in given else column.low,
        high=_edge(given, "high", column, place) if "high" in given else column.high,
    )


def _number(given: Mapping[str, object], key: str, place: str, most: int | None = None) -> Decimal | None:
    if key not in given:
        return None
    number = decimal(given[key])
    if number is None or number < 0 or (most is not None and number > most):
        raise Refused(faults.hint(place, key, "a number, 0 or more" if most is None else f"a number from 0 to {most}"))
    return number


def decimal(value: object) -> Decimal | None:
    """A finite number, however YAML spelled it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _spread(given: Mapping[str, object], key: str, place: str, least: int) -> Spread | None:
    value = given.get(key)
    if value is None:
        return None
    numbers = [decimal(one) for one in value] if isinstance(value, list | tuple) else []
    if len(numbers) == 3:
        whole = [int(n) for n in numbers if n is not None and n == n.to_integral_value()]
        if len(whole) == 3 and least <= whole[0] <= whole[1] <= whole[2] <= 36_525:
            return Spread(*whole)
    raise Refused(faults.hint(place, key, f"[least, typical, most] in whole days, in that order, from {least}"))


def _follows(given: Mapping[str, object], place: str) -> Follows | None:
    value = given.get("follows")
    if value is None:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("table"), str):
        raise Refused(faults.hint(place, "follows", "a mapping with `table`, `share` and `days`"))
    share = _number(value, "share", place, most=1)
    days = _spread(value, "days", place, 0)
    return Follows(str(value["table"]), Decimal(1) if share is None else share, days or Spread(0, 30, 365))


def _weights(given: Mapping[str, object], place: str) -> Mapping[str, Decimal] | None:
    value = given.get("weights")
    if value is None:
        return None
    found = {}
    if isinstance(value, Mapping):
        for key, weight in value.items():
            number = decimal(weight)
            if number is not None and number >= 0:
                found[str(key).lower() if isinstance(key, bool) else str(key)] = number
        if len(found) == len(value) and any(found.values()):
            return found
    raise Refused(faults.hint(place, "weights", "a mapping of codes to numbers, not all of them 0"))


def _edge(given: Mapping[str, object], key: str, column: Column, place: str) -> Decimal | datetime.date | None:
    value = given[key]
    if column.type.kind == "date":
        day = value if isinstance(value, datetime.date) else calendar.parse_date(str(value))
        if day is None:
            raise Refused(faults.hint(place, key, "a date"))
        return day
    number = decimal(value)
    if number is None:
        raise Refused(faults.hint(place, key, "a number"))
    return number
