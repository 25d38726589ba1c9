"""Numbers described: how many are known, their sum, and the values at the ranks of quantiles; all in millionths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from studyspec.arbiter.values import value
from studyspec.arbiter.world import Entry, Scene, World
from studyspec.plan.cubes import MILLIONTHS, QUANTILES, SIDE
from studyspec.semantics import core


def described(quantity: core.Quantity, entries: Sequence[Entry], world: World) -> dict[str, int]:
    """Every measure of a cell that is not a count of people (`CubeSpec.measures`)."""
    known: list[int] = []
    own: dict[object, int] = {}
    for entry in entries:
        found = value(quantity.value, Scene(world, entry.unit))
        if found is None:
            continue
        number = _millionths(cast(int | Decimal, found))
        known.append(number)
        own[entry.unit.key] = own.get(entry.unit.key, 0) + abs(number)
    known.sort()

    def at(rank: int) -> int:
        return known[rank - 1] if 1 <= rank <= len(known) else 0

    measures = {"known": len(own), "values": len(known), "sum": sum(known), "largest": max(own.values(), default=0)}
    for percent in QUANTILES:
        low, high = math.ceil(percent * len(known) / 100), percent * len(known) // 100 + 1
        measures[f"p{percent}_low"] = at(low)
        measures[f"p{percent}_high"] = at(high)
        measures[f"p{percent}_before"] = at(low - SIDE)
        measures[f"p{percent}_after"] = at(high + SIDE)
    return measures


def _millionths(number: int | Decimal) -> int:
    return int((Decimal(number) * MILLIONTHS).quantize(Decimal(1), rounding=ROUND_HALF_UP))
