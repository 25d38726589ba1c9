"""SQL expressions that draw: a value that depends on the seed, on what is drawn, and on the row, and on nothing else.

Every draw is whole-number arithmetic on a hash of (row, salt), so it comes out alike however many threads there are.
A row is named by `i`, the number of its entity, and `k`, its number within the entity and table.
"""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from studyspec.synth.hints import Spread

_ONE: Final = 1 << 32


def name(text: str) -> str:
    """A quoted SQL name."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted SQL string."""
    return "'" + value.replace("'", "''") + "'"


def date(day: datetime.date) -> str:
    """A SQL date."""
    return f"date '{day.isoformat()}'"


class Draw:
    """The draws of one table: `what` names each, so that no two of them go together."""

    def __init__(self, seed: int, table: str, row: Sequence[str] = ("i", "k")) -> None:
        self._seed, self._table, self._row = seed, table, ", ".join(row)

    def per_entity(self) -> Draw:
        """The draws that are the same for all rows of an entity."""
        return Draw(self._seed, self._table, ("i",))

    def number(self, what: str) -> str:
        """64 even bits.  Hashed twice: once would only join the salt by exclusive or, and draws would go together."""
        label = f"{self._seed}\0{self._table}\0{what}".encode()
        salt = int.from_bytes(hashlib.blake2b(label, digest_size=8).digest(), "big") >> 1
        return f"hash(hash({self._row}, {salt}::bigint))"

    def below(self, what: str, bound: str | int) -> str:
        """A whole number from 0 up to, and not including, a bound of 1 or more."""
        return f"({self.number(what)} % ({bound})::ubigint)::bigint"

    def chance(self, what: str, share: Decimal | Fraction) -> str:
        """True for that share of the rows."""
        return f"({self.number(what)} >> 32) < {int(Fraction(share) * _ONE)}"

    def between(self, what: str, low: int, high: int) -> str:
        return f"({low} + {self.below(what, high - low + 1)})" if high > low else f"({low})"

    def spread(self, what: str, of: Spread) -> str:
        """Triangular: the larger of two even draws, on the side of the typical that a third one picks."""
        if of.least == of.most:
            return f"({of.least})"
        left, right = of.typical - of.least, of.most - of.typical
        up = f"{of.least} + greatest({self.below(what + ' a', left + 1)}, {self.below(what + ' b', left + 1)})"
        down = f"{of.most} - greatest({self.below(what + ' a', right + 1)}, {self.below(what + ' b', right + 1)})"
        return f"(case when {self.below(what, left + right)} < {left} then {up} else {down} end)"

    def count(self, what: str, mean: Decimal) -> str:
        """A Poisson count."""
        total, term, cumulated = 0.0, math.exp(-float(mean)), []
        for n in range(int(mean) + 12 + int(10 * math.sqrt(float(mean)))):
            total += term
            term *= float(mean) / (n + 1)
            cumulated.append(min(_ONE, int(total * _ONE)))
        return self._by_thresholds(what, cumulated, [str(n) for n in range(len(cumulated) + 1)])

    def pick(self, what: str, values: Sequence[str], weights: Sequence[Decimal] | None = None) -> str:
        """One of several SQL expressions, each as likely as its weight says."""
        parts = [Fraction(w) for w in weights] if weights is not None else [Fraction(1)] * len(values)
        total, reached, cumulated = sum(parts), Fraction(0), []
        for part in parts[:-1]:
            reached += part
            cumulated.append(int(reached / total * _ONE))
        return self._by_thresholds(what, cumulated, list(values))

    def _by_thresholds(self, what: str, cumulated: Sequence[int], values: Sequence[str]) -> str:
        """values[n] where n thresholds are at or below the draw, as a balanced tree of cases."""
        drawn = f"({self.number(what)} >> 32)"

        def tree(low: int, high: int) -> str:
            if low == high:
                return values[low]
            middle = (low + high) // 2
            return f"case when {drawn} < {cumulated[middle]} then {tree(low, middle)} else {tree(middle + 1, high)} end"

        return f"({tree(0, len(values) - 1)})"
