"""Matched comparisons: the index of a case assigned to entities like it (`core.IndexAssigned`)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from studyspec.arbiter.judgement import INCLUDED, UNMATCHED, left_by_criteria
from studyspec.arbiter.values import value
from studyspec.arbiter.world import Scene, Unit, Value, World
from studyspec.semantics import core


@dataclass(frozen=True)
class _Case:
    """A unit to be matched.  name: its key as text, with its index where an entity can be several cases."""

    name: str
    key: object
    index: datetime.date | None


def assigned(world: World, cohort: core.Cohort, index: core.IndexAssigned) -> dict[Unit, str]:
    """Every entity at the index of a case that it is like, and where it leaves."""
    cases = _cases(world, index)
    alike = {case: _alike(world, cohort, index, case) for case in cases}
    left = {unit: left_by_criteria(world, unit) for units in alike.values() for unit in units}
    wanted = {
        case: _in_order(index, case, [unit for unit in units if left[unit] == INCLUDED])
        for case, units in alike.items()
    }
    taken = _with_replacement(wanted, index) if index.replacement else _in_rounds(wanted, index)
    return {unit: UNMATCHED if where == INCLUDED and unit not in taken else where for unit, where in left.items()}


def _cases(world: World, index: core.IndexAssigned) -> list[_Case]:
    repeated = world.cohort(index.cohort).repeated
    return [
        _Case(f"{key}@{day}" if repeated else str(key), key, day)
        for key, day in sorted(world.members[index.cohort], key=str)
    ]


def _alike(world: World, cohort: core.Cohort, index: core.IndexAssigned, case: _Case) -> list[Unit]:
    """The others who, at the index of a case, have the same known values as the case, and known ones near its own."""
    wanted = _values(world, index, Unit(case.key, case.index, index.cohort))
    if None in wanted:
        return []
    others = [Unit(key, case.index, cohort.name) for key in world.keys(cohort) if key != case.key]
    return [unit for unit in others if _like(index, _values(world, index, unit), wanted)]


def _values(world: World, index: core.IndexAssigned, unit: Unit) -> list[Value]:
    return [value(expr, Scene(world, unit)) for expr in index.values]


def _like(index: core.IndexAssigned, own: list[Value], wanted: list[Value]) -> bool:
    exact = len(index.on)
    pairs = zip(own[exact:], wanted[exact:], index.near, strict=True)
    return own[:exact] == wanted[:exact] and all(_near(a, b, one.distance) for a, b, one in pairs)


def _near(a: Value, b: Value, distance: int | Decimal) -> bool:
    """Whether two values, the first perhaps unknown, differ by the distance at most; dates by so many days."""
    if isinstance(a, datetime.date) and isinstance(b, datetime.date):
        return abs((a - b).days) <= distance
    if not isinstance(a, int | Decimal) or not isinstance(b, int | Decimal):
        return False
    return abs(Fraction(a) - Fraction(b)) <= Fraction(distance)


def _in_order(index: core.IndexAssigned, case: _Case, units: list[Unit]) -> list[Unit]:
    return sorted(units, key=lambda unit: _place(index, case, unit.key))


def _place(index: core.IndexAssigned, case: _Case, candidate: object) -> tuple[str, str]:
    """The place of a candidate in the order of a case: as if drawn, but the same wherever it is worked out."""
    text = f"{index.seed}:{case.name}:{candidate}"
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest(), str(candidate)


def _with_replacement(wanted: Mapping[_Case, list[Unit]], index: core.IndexAssigned) -> set[Unit]:
    return {unit for units in wanted.values() for unit in units[: index.ratio]}


def _in_rounds(wanted: Mapping[_Case, list[Unit]], index: core.IndexAssigned) -> set[Unit]:
    """In each round every case that wants more proposes to its first free candidate, who takes one of the proposals."""
    matches: dict[_Case, list[Unit]] = {case: [] for case in wanted}
    used: set[object] = set()
    for _ in range(index.rounds):
        proposals: dict[object, list[tuple[str, str, _Case, Unit]]] = {}
        for case, units in wanted.items():
            free = [unit for unit in units if unit.key not in used]
            if free and len(matches[case]) < index.ratio:
                place, _ = _place(index, case, free[0].key)
                proposals.setdefault(free[0].key, []).append((place, case.name, case, free[0]))
        for key, made in proposals.items():
            _, _, case, unit = min(made, key=lambda one: one[:2])
            matches[case].append(unit)
            used.add(key)
    return {unit for units in matches.values() for unit in units}
