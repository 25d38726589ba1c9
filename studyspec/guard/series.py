"""What happened to those at risk of one outcome, day by day, and the estimates made of it.

Risk is Aalen and Johansen's cumulative incidence (Scand J Stat 1978; 5: 141-150), taken at every day at which something
happened, from the integers at risk.  With Y people at risk on a day, of whom d have the event and c a competing event:
risk += S * d / Y,  then  S *= 1 - (d + c) / Y.  At one day events and competing events come before censorings.  Without
competing events this is one minus the Kaplan-Meier estimate; with delayed entry Y counts those who have come under
observation before that day, and with a varying exposure those then in the level (Simon and Makuch, Stat Med 1984; 3:
35-44).

The mean number of events of a recurring outcome is that of Ghosh and Lin (Biometrics 2000; 56: 554-562):
mean += S * d / Y,  then  S *= 1 - c / Y.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from functools import cached_property

EVENT, CENSORED, ENTERED, LEFT = "event", "censored", "entered", "left"

#: Wide enough that the conversion to a double at the end is the only rounding anyone can see.
_EXACT = Context(prec=50)

#: A risk that can only be told to a coarser step than this is not worth telling.
COARSEST = Decimal("0.1")

Days = Mapping[int, Mapping[str, int]]


@dataclass(frozen=True)
class Series:
    """What happened, day by day, to those at risk of one outcome in one level.  True counts: shows nothing of itself.

    ends: `event` and the competing events, in the order declared
    days: day -> end -> how many entities, or records where `entities` is given
    entities: where `days` counts records, how many entities had their first such record then
    clusters: day -> end -> how many clusters, where they are counted
    recurring: `event` ends no one's time at risk
    """

    outcome: str
    by: str | None
    level: str | None
    ends: tuple[str, ...]
    days: Days = field(repr=False)
    entities: Days | None = field(default=None, repr=False)
    clusters: Days | None = field(default=None, repr=False)
    recurring: bool = False
    cohort: str = ""

    def __repr__(self) -> str:
        return f"Series({self.outcome!r}, not releasable)"

    def so_far(self, end: str, day: int) -> int:
        return sum(ends.get(end, 0) for d, ends in self.days.items() if d <= day)

    def entities_between(self, end: str, after: int, day: int) -> int:
        """At least so many distinct entities had this end after one day and by another."""
        days = self.days if self.entities is None else self.entities
        return sum(ends.get(end, 0) for d, ends in days.items() if after < d <= day)

    def clusters_between(self, end: str, after: int, day: int) -> int | None:
        """At least so many distinct clusters: the same one may be behind several days."""
        if self.clusters is None:
            return None
        return max((ends.get(end, 0) for d, ends in self.clusters.items() if after < d <= day), default=0)

    @cached_property
    def at_risk(self) -> Mapping[int, int]:
        """How many were under observation just before each day at which something happened, and after the last."""
        now, found = self.total, {}
        for day in sorted(self.days):
            found[day] = now
            now += self.days[day].get(ENTERED, 0) - self.ended(self.days[day])
        return {**found, max(self.days, default=0) + 1: now}

    def observed_to(self, day: int) -> int:
        """How many were still under observation when the day began."""
        return next((n for d, n in self.at_risk.items() if d >= day), 0)

    def followed_from(self, day: int) -> int:
        """At least so many distinct entities were under observation on the day or later."""
        if self.entities is None:
            return self.observed_to(day)
        ends = {end for ends in self.entities.values() for end in ends if end not in (ENTERED, *self._passing)}
        return max((self.entities_between(end, day - 1, max(self.days, default=day)) for end in ends), default=0)

    @property
    def _passing(self) -> tuple[str, ...]:
        return (EVENT,) if self.recurring else ()

    def ended(self, ends: Mapping[str, int]) -> int:
        """How many of these records end a time under observation in this level."""
        return sum(n for end, n in ends.items() if end not in (ENTERED, *self._passing))

    @cached_property
    def total(self) -> int:
        """How many were under observation from the first day on."""
        return sum(self.ended(ends) - ends.get(ENTERED, 0) for ends in self.days.values())

    @property
    def closed(self) -> bool:
        """Whether everyone is under observation from the first day to their own end, each once: no one enters later."""
        return not any(ends.get(ENTERED) or ends.get(LEFT) for ends in self.days.values())

    @property
    def possible(self) -> bool:
        """Whether everyone who ends was there."""
        return all(
            self.at_risk[day] >= max(self.ended(ends), 1 if ends.get(EVENT) else 0) for day, ends in self.days.items()
        )


def merged(several: Iterable[Series]) -> Series:
    """The levels of an exposure as one series of everyone."""
    parts = list(several)

    def added(found: Iterable[Days | None]) -> Days | None:
        days: dict[int, dict[str, int]] = {}
        for one in found:
            for day, ends in one.items() if one is not None else ():
                for end, n in ends.items():
                    days.setdefault(day, {})[end] = days.setdefault(day, {}).get(end, 0) + n
        return days

    one = parts[0]
    entities = None if one.entities is None else added(s.entities for s in parts)
    return Series(
        one.outcome, None, None, one.ends, added(s.days for s in parts) or {}, entities, None, one.recurring, one.cohort
    )


def incidence(series: Series, day: int) -> tuple[Decimal, int, Decimal]:
    """Cumulative incidence by a day (of a recurring outcome, the mean number of events); the fewest at risk at any day
    it rests on; and what is left of S.

    Where no event has happened the incidence is 0 and the number at risk that of the day itself.
    """
    survival, found = Decimal(1), Decimal(0)
    fewest, rests_on = series.observed_to(day), None
    seen: list[int] = []
    for d in sorted(series.days):
        if d > day:
            break
        ends = series.days[d]
        events, rivals = ends.get(EVENT, 0), sum(ends.get(e, 0) for e in series.ends if e != EVENT)
        if events or rivals:
            seen.append(series.at_risk[d])
            y = Decimal(series.at_risk[d])
            found = _EXACT.add(found, _EXACT.divide(_EXACT.multiply(survival, Decimal(events)), y))
            ended = rivals if series.recurring else events + rivals
            survival = _EXACT.divide(_EXACT.multiply(survival, y - ended), y)
            rests_on = min(seen) if events else rests_on
    return found, fewest if rests_on is None else rests_on, survival


def exact_risk(series: Series, day: int) -> float | None:
    """The risk as a double; None past the last observed day, unless everyone had an event before it (S = 0)."""
    risk, _, survival = incidence(series, day)
    if series.observed_to(day) == 0 and survival != 0:
        return None
    return float(risk) if series.days else None


def step(people: Decimal | int, at_risk_at_last: int) -> Decimal:
    """The least of 1, 2, 5, 10, ... times a power of ten that is not finer than `people` of those at risk."""
    need = Decimal(people) / Decimal(at_risk_at_last)
    scale = Decimal(1).scaleb(need.adjusted())
    return next(scale * m for m in (1, 2, 5, 10) if scale * m >= need)


def coarse_risk(series: Series, day: int, people: int, minimum: int = 1) -> tuple[Decimal, Decimal] | None:
    """The risk in whole steps, and the step: too wide to tell apart courses that differ by `people` at the day with
    the fewest at risk that it rests on, each with as many events as those with events have on average.

    None where the step would be coarser than is worth telling, or so few as `minimum` were at risk on such a day.
    """
    risk, rests_on, _ = incidence(series, day)
    events, entities = series.so_far(EVENT, day), series.entities_between(EVENT, -1, day)
    each = Decimal(events) / entities if entities else Decimal(1)
    if rests_on < max(1, minimum) or (size := step(people * each, rests_on)) > COARSEST * each:
        return None
    places = Decimal(1).scaleb(min(0, size.normalize().adjusted()))
    return ((risk / size).quantize(Decimal(1)) * size).quantize(places), size
