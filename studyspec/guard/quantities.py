"""Means and quantiles: published only where they say nothing of one person, and rounded to say no more.

docs/disclosure.md, "Means and quantiles".  How many have a known value is a count like any other, and is decided in the
one system; where it is hidden, so is everything made of those values.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from studyspec.guard.hide import Decision
from studyspec.guard.system import Cell, System, cell_of, clusters, count, declared, measured
from studyspec.guard.types import Described, GuardedNumbers
from studyspec.plan.cubes import MILLIONTHS, QUANTILES, SIDE, CubeSpec, Key, RawCube

#: The greatest share of a sum, in per cent, that one entity may have, unless a register demands less.
GREATEST_SHARE = 50


def add(system: System, cube: RawCube) -> None:
    """The cells of a `numbers` cube: who there is and, where a value can be unknown, whose is known."""
    spec = cube.spec
    for key in declared(spec):
        whole, known = cell_of(spec, key), _known(spec, key)
        behind = clusters(cube, [key])
        system.put(whole, count(cube, key), spec.name, clusters=behind)
        if known != whole:
            unknown = _known(spec, key, "unknown")
            system.put(known, measured(cube, key, "known") or 0, spec.name, clusters=behind)
            system.put(unknown, system.values[whole] - system.values[known], spec.name)
            system.never.add(unknown)
            system.relate(whole, (known, unknown), spec.name, "chain")
    keys = declared(spec)
    system.publish([_known(spec, key) for key in keys], spec.name, [[_known(spec, key)] for key in keys])


def relate(system: System, cubes: tuple[RawCube, ...]) -> None:
    """Groups of what a number is broken down by make up everyone."""
    for cube in cubes:
        spec = cube.spec
        if spec.kind != "numbers" or spec.by is None:
            continue
        for state in ("known", "unknown") if "known" in spec.measures else ("known",):
            whole = _known(spec, (None,), state)
            if whole in system.values:
                parts = [_known(spec, key, state) for key in declared(spec)]
                system.relate(whole, parts, spec.name, additive=spec.additive)


def _known(spec: CubeSpec, key: Key, state: str = "known") -> Cell:
    """Those whose value is known (or unknown); everyone, where it cannot be unknown."""
    cell = cell_of(spec, key)
    return cell.having(f"value of {spec.subject}", state) if "known" in spec.measures else cell


# --- publishing ------------------------------------------------------------------------------------------------------


def published(cube: RawCube, decision: Decision, exact: bool) -> GuardedNumbers:
    """What of a described number leaves, group by group."""
    from studyspec.guard.threshold import rounded

    spec = cube.spec
    groups: dict[str | None, Described] = {}
    for key in declared(spec):
        group = str(key[0]) if key and key[0] is not None else None
        cell = _known(spec, key)
        known = decision.system.values[cell]
        if not decision.shown(cell):
            groups[group] = Described(None, None, ())
            continue
        values = {"known": known} | {name: measured(cube, key, name) or 0 for name in spec.measures}
        number = known if exact else rounded(known, decision.rules.base)
        mean = _mean(values, decision, exact)
        quantiles = _in_order((percent, _quantile(percent, values, decision, exact)) for percent in QUANTILES)
        groups[group] = Described(number, mean, quantiles)
    return GuardedNumbers(spec, groups)


def _in_order(quantiles: Iterable[tuple[int, Decimal | None]]) -> tuple[tuple[int, Decimal | None], ...]:
    """Quantiles that are rounded to different steps can change places: a later one is then as large as those before."""
    found: list[tuple[int, Decimal | None]] = []
    least: Decimal | None = None
    for percent, value in quantiles:
        if value is not None:
            least = value if least is None else max(least, value)
            value = least
        found.append((percent, value))
    return tuple(found)


def _mean(values: dict[str, int], decision: Decision, exact: bool) -> Decimal | None:
    """The mean, rounded to a step that one entity's values alone can make a difference of.

    Hidden where one entity has more of the sum than it may (dominance).
    """
    number, total, largest = values["values"], values["sum"], values["largest"]
    if number == 0:
        return None
    if exact:
        return _units(Decimal(total) / number)
    if largest * 100 > _share(decision) * abs(total):
        return None if largest else Decimal(0)
    return _stepped(Decimal(total) / number, -(-largest // number))


def _share(decision: Decision) -> int:
    return min([GREATEST_SHARE, *(d.percent for d in decision.rules.dominance)])


def _quantile(percent: int, values: dict[str, int], decision: Decision, exact: bool) -> Decimal | None:
    """A quantile, rounded to a step as wide as the values of SIDE others on its wider side.

    Hidden where there are not so many on both sides, or where one entity may have several values.
    """
    number = values["values"]
    if number == 0:
        return None
    low, high = values[f"p{percent}_low"], values[f"p{percent}_high"]
    middle = Decimal(low + high) / 2
    if exact:
        return _units(middle)
    first, last = -(-percent * number // 100), percent * number // 100 + 1
    if decision.rules.minimum > SIDE or values["known"] != number or first <= SIDE or last + SIDE > number:
        return None
    before, after = values[f"p{percent}_before"], values[f"p{percent}_after"]
    return _stepped(middle, max(high - before, after - low))


def _stepped(value: Decimal, least: int) -> Decimal:
    """A number of millionths, rounded to the smallest of 1, 2 and 5 times a power of ten that is no less than least."""
    if least <= 0:
        return _units(value)
    step = Decimal(1)
    while step < least:
        for times in (2, 5, 10):
            if step * times >= least or times == 10:
                step *= times
                break
    return _units((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def _units(millionths: Decimal) -> Decimal:
    """In the number's own unit, six digits at most."""
    found = (millionths / MILLIONTHS).quantize(Decimal("0.000001"), ROUND_HALF_UP).normalize()
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found
