"""Curves: exact risk sets inside, guarded points outside.

The estimator is Aalen and Johansen's cumulative incidence (Scand J Stat 1978; 5: 141-150), taken at every day at which
something happened, from the integers at risk.  With Y people at risk on a day, of whom d have the event and c a
competing event:  risk += S * d / Y,  then  S *= 1 - (d + c) / Y.  At one day events and competing events come before
censorings.  Without competing events this is one minus the Kaplan-Meier estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

from studyspec.guard.system import Cell, System, at_risk, count
from studyspec.plan.cubes import CubeSpec, Dimension, RawCube

EVENT, CENSORED = "event", "censored"

#: Wide enough that the conversion to a double at the end is the only rounding anyone can see.
_EXACT = Context(prec=50)

#: A risk that can only be told to a coarser step than this is not worth telling.
COARSEST = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Series:
    """What happened, day by day, to those at risk of one outcome in one level.  True counts: shows nothing of itself.

    ends: `event` and the competing events, in the order declared; days: day -> end -> how many
    """

    outcome: str
    by: str | None
    level: str | None
    ends: tuple[str, ...]
    days: Mapping[int, Mapping[str, int]] = field(repr=False)

    def __repr__(self) -> str:
        return f"Series({self.outcome!r}, not releasable)"

    def so_far(self, end: str, day: int) -> int:
        return sum(ends.get(end, 0) for d, ends in self.days.items() if d <= day)

    def observed_to(self, day: int) -> int:
        """How many were still under observation when the day began."""
        return sum(sum(ends.values()) for d, ends in self.days.items() if d >= day)

    @property
    def total(self) -> int:
        return self.observed_to(0)


def incidence(series: Series, day: int) -> tuple[Decimal, int, Decimal]:
    """Cumulative incidence by a day; the number at risk at the last event it rests on; and what is left of S.

    Where no event has happened the incidence is 0 and the number at risk that of the day itself.
    """
    at_risk_now, survival, risk = series.total, Decimal(1), Decimal(0)
    rests_on = series.observed_to(day)
    for d in sorted(series.days):
        if d > day:
            break
        ends = series.days[d]
        events, ended = ends.get(EVENT, 0), sum(ends.get(e, 0) for e in series.ends)
        if ended:
            y = Decimal(at_risk_now)
            risk = _EXACT.add(risk, _EXACT.divide(_EXACT.multiply(survival, Decimal(events)), y))
            survival = _EXACT.divide(_EXACT.multiply(survival, Decimal(at_risk_now - ended)), y)
            rests_on = at_risk_now if events else rests_on
        at_risk_now -= sum(ends.values())
    return risk, rests_on, survival


def exact_risk(series: Series, day: int) -> float | None:
    """The risk as a double; None past the last observed day, unless everyone had an event before it (S = 0)."""
    risk, _, survival = incidence(series, day)
    if series.observed_to(day) == 0 and survival != 0:
        return None
    return float(risk) if series.total else None


def step(people: int, at_risk_at_last: int) -> Decimal:
    """The least of 1, 2, 5, 10, ... times a power of ten that is not finer than `people` of those at risk."""
    need = Decimal(people) / Decimal(at_risk_at_last)
    scale = Decimal(1).scaleb(need.adjusted())
    return next(scale * m for m in (1, 2, 5, 10) if scale * m >= need)


def coarse_risk(series: Series, day: int, people: int) -> tuple[Decimal, Decimal] | None:
    """The risk in whole steps, and the step: too wide to tell apart courses that differ by `people` at the last event.

    None where the step would be coarser than is worth telling.
    """
    risk, rests_on, _ = incidence(series, day)
    if rests_on == 0 or (size := step(people, rests_on)) > COARSEST:
        return None
    places = Decimal(1).scaleb(size.normalize().adjusted())
    return ((risk / size).quantize(Decimal(1)) * size).quantize(places), size


# --- curves as part of the one system --------------------------------------------------------------------------------


def so_far(series: Series, end: str, day: int) -> Cell:
    """The cell of those who had this end by the day."""
    return at_risk(series.outcome, series.by, series.level).having(f"{end} of {series.outcome}", f"by day {day}")


def between(series: Series, end: str, before: int, day: int) -> Cell:
    """The cell of those who had it after one time and by the next."""
    return at_risk(series.outcome, series.by, series.level).having(
        f"{end} of {series.outcome}", f"after day {before}, by day {day}"
    )


def neither(series: Series, day: int) -> Cell:
    """The cell of those at risk with no end by the day, whether still followed or censored."""
    return at_risk(series.outcome, series.by, series.level).having(f"{series.outcome}", f"nothing by day {day}")


def ends_of(spec: CubeSpec) -> tuple[str, ...]:
    return tuple(c.key for c in _dimension(spec, "end").categories if c.key != CENSORED)


def series_of(cube: RawCube) -> list[Series]:
    """The series of a curve cube: one for each level of its exposure, and everyone where it counts that margin."""
    spec = cube.spec
    kept = {frozenset(s) for s in spec.sets}
    levels: list[str | None] = []
    if spec.by is not None and frozenset({spec.by, "day", "end"}) in kept:
        levels += [c.key for c in _dimension(spec, spec.by).categories]
    if frozenset({"day", "end"}) in kept:
        levels.append(None)
    found: dict[str | None, dict[int, dict[str, int]]] = {level: {} for level in levels}
    places = [d.name for d in spec.dimensions]
    for key in cube.cells:
        at = dict(zip(places, key, strict=True))
        level, day, end = at.get(spec.by or ""), at["day"], at["end"]
        if isinstance(day, int) and end is not None and (level is None or isinstance(level, str)) and level in found:
            found[level].setdefault(day, {})[str(end)] = count(cube, key)
    by = spec.by
    return [Series(spec.subject, by if x is not None else None, x, ends_of(spec), found[x]) for x in levels]


def _dimension(spec: CubeSpec, name: str) -> Dimension:
    return next(d for d in spec.dimensions if d.name == name)


def times_of(cubes: Iterable[RawCube], outcome: str) -> list[int]:
    """Every time at which any report of the release shows this outcome, in days."""
    return sorted({t.days for c in cubes if c.spec.kind == "curve" and c.spec.subject == outcome for t in c.spec.times})


def all_series(cubes: Iterable[RawCube]) -> list[Series]:
    """Every series of a release once, however many reports show it."""
    found = {(s.outcome, s.by, s.level): s for c in cubes if c.spec.kind == "curve" for s in series_of(c)}
    return list(found.values())


def together(series: Iterable[Series]) -> list[tuple[Series, ...]]:
    """Series whose points are shown or hidden together.

    Where everyone's curve is published too, the levels of an exposure add up to it, so they stand or fall as one.
    """
    series = list(series)
    whole = {s.outcome for s in series if s.level is None}
    groups: dict[tuple[str, str | None, str | None], list[Series]] = {}
    for s in series:
        alone = s.level if s.level is None or s.outcome not in whole else ""
        groups.setdefault((s.outcome, s.by, alone), []).append(s)
    return [tuple(g) for g in groups.values()]


def add(system: System, cubes: Iterable[RawCube]) -> None:
    """Put the curves' counts at every published time into the system.  Raises Refused (cubes-disagree)."""
    cubes = tuple(cubes)
    name = {c.spec.subject: c.spec.name for c in cubes if c.spec.kind == "curve"}
    everything = all_series(cubes)
    for s in everything:
        _add_series(system, s, times_of(cubes, s.outcome), name[s.outcome])
    for group in together(everything):
        for day in times_of(cubes, group[0].outcome):
            for end in (EVENT, *group[0].ends[1:]):
                system.publish([so_far(s, end, day) for s in group], name[group[0].outcome])
    for outcome, by in {(s.outcome, s.by) for s in everything if s.by is not None}:
        levels = [s for s in everything if (s.outcome, s.by) == (outcome, by)]
        for whole in (s for s in everything if s.outcome == outcome and s.level is None):
            for day in times_of(cubes, outcome):
                for end in whole.ends:
                    children = [so_far(s, end, day) for s in levels]
                    system.relate(so_far(whole, end, day), children, name[outcome])


def _add_series(system: System, series: Series, times: list[int], cube: str) -> None:
    start = at_risk(series.outcome, series.by, series.level)
    system.put(start, series.total, cube)
    for i, day in enumerate(times):
        for end in series.ends:
            now = so_far(series, end, day)
            system.put(now, series.so_far(end, day), cube)
            if i:
                before = so_far(series, end, times[i - 1])
                new = between(series, end, times[i - 1], day)
                system.put(new, system.values[now] - system.values[before], cube)
                system.never.add(new)
                system.relate(now, (before, new), cube, "chain")
        ended = [so_far(series, end, day) for end in series.ends]
        rest = neither(series, day)
        system.put(rest, series.total - sum(system.values[c] for c in ended), cube)
        system.never.add(rest)
        system.rests.add(rest)
        system.relate(start, (*ended, rest), cube, "chain")
