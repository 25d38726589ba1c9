"""What a model says of how its data look, read into typed values with defaults (docs/models.md, hints)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Generic, TypeVar

from studyspec import calendar
from studyspec.catalogue.types import Column, Coverage, Table
from studyspec.source import Refused
from studyspec.synth import faults

#: Where a model bounds neither coverage nor a date, invented data lie here.
DEFAULT_COVERAGE: Final = (datetime.date(2010, 1, 1), datetime.date(2019, 12, 31))
DEFAULT_BIRTH: Final = (datetime.date(1930, 1, 1), datetime.date(2009, 12, 31))
DEFAULT_NULL_SHARE: Final = Decimal("0.05")
MOST_ROWS_PER_ENTITY: Final = 500

_TABLE_KEYS: Final = frozenset(
    ("share", "per_entity", "rate_per_year", "length_days", "gap_days", "ongoing", "fill", "late", "follows", "ages",
     "months", "surges", "each_year", "sampled", "given")
)  # fmt: skip
_COLUMN_KEYS: Final = frozenset(("weights", "null_share", "low", "high", "given"))
#: What must be the same for every entity of a table.
_SETTLED: Final = frozenset(("fill", "ages", "months", "surges", "each_year", "sampled"))

T = TypeVar("T")


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
class Test:
    """What another column must hold: one of some codes, or a value from low to high, both included."""

    codes: tuple[str, ...] | None
    low: Decimal | datetime.date | None = None
    high: Decimal | datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Given(Generic[T]):
    """Hints that hang on other columns: those of the first case whose tests all hold, else those of `otherwise`."""

    otherwise: T
    cases: tuple[tuple[Mapping[str, Test], T], ...] = ()

    def columns(self) -> set[str]:
        """The columns that the tests read."""
        return {column for tests, _ in self.cases for column in tests}


@dataclass(frozen=True, slots=True)
class Surge:
    """Between two days, both included, that share of all entities gets one more row.  length: of a spell."""

    first: datetime.date
    last: datetime.date
    share: Decimal
    length: Spread


@dataclass(frozen=True, slots=True)
class Sampled:
    """Up to a day, included, there are rows only of those born on some days of a month."""

    until: datetime.date
    born_on: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TableHints:
    """count: mean rows per entity over the coverage, or None where `share` or `follows` says.  gap None: spread out.

    late: share of the entities whose filling spells begin on any day of the coverage instead of its first
    ages: fewest and most completed years at which a row may start.  months: weights of the months of a row's start
    each_year: month and day on which all rows are dated, one a year at most
    """

    count: Decimal
    share: Decimal | None
    length: Spread
    gap: Spread | None
    ongoing: Decimal | None
    fill: bool
    late: Decimal
    follows: Follows | None
    ages: tuple[int, int] | None
    months: tuple[Decimal, ...] | None
    surges: tuple[Surge, ...]
    each_year: tuple[int, int] | None
    sampled: Sampled | None


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


def table_hints(table: Table, years: Decimal) -> Given[TableHints]:
    """years: length of the table's coverage.  Raises Refused (synth-hint)."""
    place = f"the table {table.name}"
    return _given(table.synth, place, _TABLE_KEYS, lambda given: _table_hints(given, place, years))


def column_hints(table: Table, column: Column) -> Given[ColumnHints]:
    """Raises Refused (synth-hint)."""
    place = f"the column {table.name}.{column.name}"
    return _given(column.synth, place, _COLUMN_KEYS, lambda given: _column_hints(given, place, column))


def _table_hints(given: Mapping[str, object], place: str, years: Decimal) -> TableHints:
    count = _number(given, "per_entity", place, most=MOST_ROWS_PER_ENTITY)
    rate = _number(given, "rate_per_year", place)
    if count is None:
        count = min(rate * years, Decimal(MOST_ROWS_PER_ENTITY)) if rate is not None else Decimal(1)
    fill = given.get("fill", False)
    if not isinstance(fill, bool):
        raise Refused(faults.hint(place, "fill", "true or false"))
    hints = TableHints(
        count=count,
        share=_number(given, "share", place, most=1),
        length=_spread(given, "length_days", place, 1) or Spread(1, 60, 400),
        gap=_spread(given, "gap_days", place, 0),
        ongoing=_number(given, "ongoing", place, most=1),
        fill=fill,
        late=_number(given, "late", place, most=1) or Decimal(0),
        follows=_follows(given, place),
        ages=_ages(given, place),
        months=_months(given, place),
        surges=_surges(given, place),
        each_year=_each_year(given, place),
        sampled=_sampled(given, place),
    )
    if hints.surges and (fill or hints.follows is not None):
        raise Refused(faults.hint(place, "surges", "left out where rows fill their time or follow others"))
    if hints.months and fill:
        raise Refused(faults.hint(place, "months", "left out where rows fill their time"))
    return hints


def _column_hints(given: Mapping[str, object], place: str, column: Column) -> ColumnHints:
    null_share = _number(given, "null_share", place, most=1)
    return ColumnHints(
        weights=_weights(given, place),
        null_share=DEFAULT_NULL_SHARE if null_share is None else null_share,
        low=_edge(given, "low", column, place) if "low" in given else column.low,
        high=_edge(given, "high", column, place) if "high" in given else column.high,
    )


# --- hints that hang on other columns --------------------------------------------------------------------------------


def _given(
    given: Mapping[str, object], place: str, known: frozenset[str], build: Callable[[Mapping[str, object]], T]
) -> Given[T]:
    """What holds in each case: a case says what differs, everything else is as it is otherwise."""
    plain = {key: value for key, value in given.items() if key != "given"}
    _known(plain, known, place)
    cases = []
    for one in _listed(given, "given", place):
        own = {key: value for key, value in one.items() if key != "when"}
        _known(own, known - _SETTLED - {"given"}, place)
        cases.append((_tests(one.get("when"), place), build({**plain, **own})))
    return Given(build(plain), tuple(cases))


def _known(given: Mapping[str, object], known: frozenset[str], place: str) -> None:
    for key in given:
        if key not in known:
            raise Refused(faults.hint(place, key, f"one of {', '.join(sorted(known))}"))


def _listed(given: Mapping[str, object], key: str, place: str) -> list[Mapping[str, object]]:
    value = given.get(key, ())
    if isinstance(value, list | tuple) and all(isinstance(one, Mapping) for one in value):
        return [one for one in value if isinstance(one, Mapping)]
    raise Refused(faults.hint(place, key, "a list of mappings"))


def _tests(when: object, place: str) -> Mapping[str, Test]:
    if isinstance(when, Mapping) and when and all(isinstance(one, Mapping | list | tuple) for one in when.values()):
        return {str(column): _test(one, place) for column, one in when.items()}
    raise Refused(faults.hint(place, "given", "a list of cases, each with `when`: columns, and what they hold"))


def _test(value: object, place: str) -> Test:
    if isinstance(value, Mapping) and value and set(value) <= {"low", "high"}:
        low, high = (_limit(value.get(key), place) for key in ("low", "high"))
        return Test(None, low, high)
    if isinstance(value, list | tuple) and value:
        return Test(tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in value))
    raise Refused(faults.hint(place, "given", "told by a list of codes, or by `low` and `high`"))


def _limit(value: object, place: str) -> Decimal | datetime.date | None:
    if value is None or isinstance(value, datetime.date):
        return value
    found = decimal(value) or calendar.parse_date(str(value))
    if found is None:
        raise Refused(faults.hint(place, "given", "told by dates or numbers where it says `low` and `high`"))
    return found


# --- one hint --------------------------------------------------------------------------------------------------------


def _ages(given: Mapping[str, object], place: str) -> tuple[int, int] | None:
    if "ages" not in given:
        return None
    value = given["ages"]
    ages = [decimal(one) for one in value] if isinstance(value, list | tuple) else []
    whole = [int(age) for age in ages if age is not None and age == age.to_integral_value()]
    if len(whole) == len(ages) == 2 and 0 <= whole[0] <= whole[1] <= 150:
        return whole[0], whole[1]
    raise Refused(faults.hint(place, "ages", "[youngest, oldest] in whole years, in that order"))


def _months(given: Mapping[str, object], place: str) -> tuple[Decimal, ...] | None:
    if "months" not in given:
        return None
    value = given["months"]
    weights = [decimal(one) for one in value] if isinstance(value, list | tuple) else []
    found = tuple(weight for weight in weights if weight is not None and weight > 0)
    if len(found) == len(weights) == 12:
        return found
    raise Refused(faults.hint(place, "months", "twelve numbers above 0, January first"))


def _surges(given: Mapping[str, object], place: str) -> tuple[Surge, ...]:
    found = []
    for one in _listed(given, "surges", place):
        first, last = (calendar.parse_date(str(one.get(key))) for key in ("first", "last"))
        share = _number(one, "share", place, most=1)
        if first is None or last is None or first > last or share is None:
            raise Refused(faults.hint(place, "surges", "a list of mappings with `first`, `last` and `share`"))
        found.append(Surge(first, last, share, _spread(one, "length_days", place, 1) or Spread(1, 60, 400)))
    return tuple(found)


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


def _each_year(given: Mapping[str, object], place: str) -> tuple[int, int] | None:
    if "each_year" not in given:
        return None
    day = calendar.parse_date(f"2001-{given['each_year']}")
    if day is None:
        raise Refused(faults.hint(place, "each_year", "a day of every year, such as 12-31"))
    return day.month, day.day


def _sampled(given: Mapping[str, object], place: str) -> Sampled | None:
    if "sampled" not in given:
        return None
    value = given["sampled"]
    until = calendar.parse_date(str(value.get("until"))) if isinstance(value, Mapping) else None
    listed = value.get("born_on") if isinstance(value, Mapping) else None
    days = tuple(day for day in listed if isinstance(day, int)) if isinstance(listed, list | tuple) else ()
    if until is None or not days or any(not 1 <= day <= 31 for day in days):
        raise Refused(faults.hint(place, "sampled", "a mapping with `until`, a date, and `born_on`, days of a month"))
    return Sampled(until, days)


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
