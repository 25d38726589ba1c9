"""The value of each column of an invented row: a SQL expression over `i`, `k`, and `day` where the row has a date."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from studyspec.catalogue.types import Code, Column, Model, Table
from studyspec.synth.draw import Draw, date, name, text
from studyspec.synth.hints import DEFAULT_BIRTH, ColumnHints, Given, Test, column_hints, entity_count

T = TypeVar("T")

#: SQL type of every kind of value a column can have.
TYPES = {
    "code": "varchar",
    "text": "varchar",
    "identifier": "varchar",
    "category": "varchar",
    "integer": "bigint",
    "duration": "bigint",
    "decimal": "decimal(18, 2)",
    "date": "date",
    "boolean": "boolean",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What columns of one table are drawn on.

    dated: whether `day` is there.  period: first and last day of the table's rows
    entities: how many entities of each kind are wished for
    """

    model: Model
    table: Table
    draw: Draw
    dated: bool
    period: tuple[datetime.date, datetime.date]
    entities: int


def key(column: Column, number: str = "i") -> str:
    """The identifier of the entity with a number: the letters SYN show anyone that nobody is meant."""
    if column.type.kind == "integer":
        return f"({number} + 1)"
    return f"('SYN' || lpad(({number} + 1)::varchar, 9, '0'))"


def value(column: Column, ground: Ground) -> str:
    """What a column that is neither key nor date of its table holds."""

    def made(hints: ColumnHints) -> str:
        drawn = f"cast({_drawn(column, hints, ground)} as {TYPES[column.type.kind]})"
        if not column.nullable or hints.null_share == 0:
            return drawn
        return f"case when {ground.draw.chance(column.name + ' null', hints.null_share)} then null else {drawn} end"

    return by_case(column_hints(ground.table, column), made)


def tested(column: str) -> str:
    """What a column that others hang on is called while a row is made: with a space, as no column of a model can be."""
    return name(f"given {column}")


def by_case(hints: Given[T], made: Callable[[T], str]) -> str:
    """What is made by the hints of the first case that holds."""
    if not hints.cases:
        return made(hints.otherwise)
    cases = [f"when {_all(tests)} then {made(own)}" for tests, own in hints.cases]
    return f"(case {' '.join(cases)} else {made(hints.otherwise)} end)"


def _all(tests: Mapping[str, Test]) -> str:
    return " and ".join(_holds(tested(column), test) for column, test in tests.items())


def _holds(value: str, test: Test) -> str:
    if test.codes is not None:
        return f"{value}::varchar in ({', '.join(text(code) for code in test.codes)})"
    low = [] if test.low is None else [f"{value} >= {_constant(test.low)}"]
    high = [] if test.high is None else [f"{value} <= {_constant(test.high)}"]
    return " and ".join(low + high)


def _constant(value: Decimal | datetime.date) -> str:
    return date(value) if isinstance(value, datetime.date) else str(value)


def _drawn(column: Column, hints: ColumnHints, ground: Ground) -> str:
    draw, what = ground.draw, column.name
    match column.type.kind:
        case "code":
            return _code(column, hints, ground)
        case "boolean":
            share = Decimal("0.5")
            if hints.weights is not None:
                share = hints.weights.get("true", Decimal(0)) / sum(hints.weights.values())
            return f"({draw.chance(what, share)})"
        case "integer" | "duration":
            return draw.between(what, *_numbers(hints, Decimal(1)))
        case "decimal":
            cents = draw.between(what, *_numbers(hints, Decimal("0.01")))
            return f"cast({cents} as decimal(18, 0)) * 0.01"
        case "date":
            return _date(column, hints, ground)
        case "identifier":
            return _reference(column, ground) or f"printf('SYN%016x', {draw.number(what)})"
        case _:
            return f"'synthetic ' || ({draw.between(what, 1, 999)})::varchar"


def _numbers(hints: ColumnHints, step: Decimal) -> tuple[int, int]:
    """Both ends in steps: whole numbers, or hundredths."""
    low = hints.low if isinstance(hints.low, Decimal) else None
    high = hints.high if isinstance(hints.high, Decimal) else None
    if low is None:
        low = Decimal(0) if high is None or high >= 0 else high - 100
    if high is None:
        high = low + 100
    least, most = -(-low // step), high // step
    return int(least), int(max(least, most))


def _date(column: Column, hints: ColumnHints, ground: Ground) -> str:
    """A date without bounds of its own: a birth for attributes, else a day of the table's period up to its row's."""
    first = hints.low if isinstance(hints.low, datetime.date) else None
    last = hints.high if isinstance(hints.high, datetime.date) else None
    default = ground.period if ground.dated else DEFAULT_BIRTH
    first = first or min(default[0], last or default[0])
    last = max(first, last or default[1])
    drawn = f"({date(first)} + ({ground.draw.below(column.name, (last - first).days + 1)})::integer)"
    return f"greatest({date(first)}, least({drawn}, day))" if ground.dated else drawn


def _reference(column: Column, ground: Ground) -> str | None:
    """An identifier of another entity points to one of those; so does one named as such an entity's key."""
    for entity in ground.model.entities.values():
        attributes = ground.model.tables[entity.attributes]
        named = attributes.key == column.name and entity.name != ground.table.entity
        if column.type.entity == entity.name or (column.type.entity is None and named):
            most = entity_count(attributes, ground.entities)
            return key(attributes.columns[attributes.key], ground.draw.below(column.name, most))
    return None


# --- codes -----------------------------------------------------------------------------------------------------------


def _code(column: Column, hints: ColumnHints, ground: Ground) -> str:
    """A code of the column's list; for a row with a date, one that is valid on it."""
    codes = list(ground.model.codelists[column.type.list or ""].codes.values())
    if not codes:
        return "null" if column.nullable else "''"
    edges = _validity_edges(codes) if ground.dated else []
    if not edges:
        return _pick(codes, column, hints, ground)
    cases = []
    for first, next_ in pairwise([datetime.date.min, *edges, None]):
        valid = [code for code in codes if _valid(code, first or datetime.date.min)]
        none = "null" if column.nullable else _pick(codes, column, hints, ground)
        chosen = _pick(valid, column, hints, ground) if valid else none
        cases.append(f"else {chosen}" if next_ is None else f"when day < {date(next_)} then {chosen}")
    return f"(case {' '.join(cases)} end)"


def _validity_edges(codes: list[Code]) -> list[datetime.date]:
    """The days on which a code begins, or is no longer, valid."""
    edges = {code.valid_from for code in codes if code.valid_from is not None}
    edges |= {
        code.valid_to + datetime.timedelta(days=1)
        for code in codes
        if code.valid_to is not None and code.valid_to < datetime.date.max
    }
    return sorted(edges)


def _valid(code: Code, day: datetime.date) -> bool:
    return (code.valid_from is None or code.valid_from <= day) and (code.valid_to is None or day <= code.valid_to)


def _pick(codes: list[Code], column: Column, hints: ColumnHints, ground: Ground) -> str:
    weights = None
    if hints.weights is not None:
        weighted = [code for code in codes if hints.weights.get(code.code, 0) > 0]
        codes = weighted or codes
        weights = [hints.weights[code.code] for code in codes] if weighted else None
    return ground.draw.pick(column.name, [text(code.code) for code in codes], weights)
