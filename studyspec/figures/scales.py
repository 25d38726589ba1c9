"""Axes of round numbers, and labels kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise, product


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from low to high with a tick every step."""

    low: Decimal
    high: Decimal
    step: Decimal

    def part(self, value: float) -> float:
        """Where on the axis a value lies: 0 at its low end, 1 at its high end."""
        return (value - float(self.low)) / float(self.high - self.low)

    def ticks(self) -> list[tuple[float, str]]:
        """Where the ticks are, and what is written at them."""
        count = int((self.high - self.low) / self.step)
        values = [self.low + self.step * i for i in range(count + 1)]
        return [(self.part(float(v)), _written(v, self.step)) for v in values]


def scale(low: float, high: float, ticks: int = 5) -> Scale:
    """The narrowest axis of round numbers that holds both, with about so many ticks."""
    least, most = Decimal(repr(low)), Decimal(repr(high))
    if least >= most:
        least, most = min(least, Decimal(0)), max(most, Decimal(0)) or Decimal(1)
    step = next(
        step
        for exponent, digit in product(range(-8, 30), (1, 2, 5))
        if (step := Decimal(digit).scaleb(exponent)) * ticks >= most - least
    )
    return Scale(
        (least / step).to_integral_value(ROUND_FLOOR) * step,
        (most / step).to_integral_value(ROUND_CEILING) * step,
        step,
    )


def _written(value: Decimal, step: Decimal) -> str:
    places = max(0, -int(step.normalize().as_tuple().exponent))
    text = f"{value:,.{places}f}".replace(",", "\u00a0")
    return text.replace("-", "\u2212")


def apart(wanted: Sequence[float], sizes: Sequence[float], room: float) -> list[float]:
    """Middles as near to the wanted ones as can be, so that no two things of these sizes overlap in a room from 0.

    They keep their order; the room has to be large enough for all.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], i))
    tops: dict[int, float] = {}
    free = 0.0
    for i in order:
        tops[i] = max(free, wanted[i] - sizes[i] / 2)
        free = tops[i] + sizes[i]
    limit = room
    for i in reversed(order):
        tops[i] = min(tops[i], limit - sizes[i])
        limit = tops[i]
    return [tops[i] + sizes[i] / 2 for i in range(len(wanted))]


def thinned(middles: Sequence[float], widths: Sequence[float], gap: float = 6) -> list[int]:
    """Which labels along a line to write so that none overlaps: every n-th, for the least n that does."""
    for every in range(1, len(middles) + 1):
        kept = list(range(0, len(middles), every))
        edges = [(middles[i] - widths[i] / 2, middles[i] + widths[i] / 2) for i in kept]
        if all(a[1] + gap <= b[0] for a, b in pairwise(edges)):
            return kept
    return []
