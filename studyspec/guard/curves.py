"""Curves as part of the one system: exact risk sets inside, guarded points outside.

Of an ordinary curve the cells count people.  Where a cube counts records too (varying exposures, delayed entry, several
units of one entity, recurring events), the cells count records, and at least so many entities are known behind each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studyspec.guard import faults
from studyspec.guard.series import CENSORED, ENTERED, EVENT, LEFT, Days, Series, merged
from studyspec.guard.system import Cell, System, at_risk, measured
from studyspec.plan.cubes import CubeSpec, Dimension, RawCube
from studyspec.source import Refused


def _happened(series: Series, end: str) -> str:
    """What is said of those in a cell; of recurring events it is said of the events."""
    return f"{end} of {series.outcome}" + (" (of many)" if series.recurring else "")


def start(series: Series) -> Cell:
    """The cell of those at risk when follow-up starts."""
    return at_risk(series.cohort, series.outcome, series.by, series.level)


def so_far(series: Series, end: str, day: int) -> Cell:
    """The cell of those who had this end by the day."""
    return start(series).having(_happened(series, end), f"by day {day}")


def between(series: Series, end: str, before: int, day: int) -> Cell:
    """The cell of those who had it after one time and by the next."""
    return start(series).having(_happened(series, end), f"after day {before}, by day {day}")


def neither(series: Series, day: int) -> Cell:
    """The cell of those at risk with no end by the day, whether still followed or censored."""
    return start(series).having(series.outcome, f"nothing by day {day}")


def is_curve(spec: CubeSpec) -> bool:
    return spec.kind in ("curve", "events")


def ends_of(spec: CubeSpec) -> tuple[str, ...]:
    """The event and the competing events, in the order declared."""
    return tuple(c.key for c in _dimension(spec, "end").categories if c.key not in (CENSORED, ENTERED, LEFT))


def series_of(cube: RawCube) -> list[Series]:
    """The series of a curve: one for each level of what it is broken down by, and everyone where it counts that margin.

    Raises Refused (cubes-disagree) where more people end than were there.
    """
    spec = cube.spec
    kept = {frozenset(s) for s in spec.sets}
    levels: list[str | None] = []
    if spec.by is not None and frozenset({spec.by, "day", "end"}) in kept:
        levels += [c.key for c in _dimension(spec, spec.by).categories]
    if frozenset({"day", "end"}) in kept:
        levels.append(None)
    records = "records" in spec.measures
    days = _days(cube, levels, "records" if records else "entities")
    entities = _days(cube, levels, "entities") if records else dict.fromkeys(levels)
    clusters = _days(cube, levels, "clusters") if "clusters" in spec.measures else dict.fromkeys(levels)
    found = [
        Series(
            spec.subject, spec.by if x is not None else None, x, ends_of(spec), days[x] or {}, entities[x],
            clusters[x], spec.kind == "events", spec.cohort,
        )
        for x in levels
    ]  # fmt: skip
    if not all(one.possible for one in found):
        raise Refused(faults.cubes_disagree(spec.name))
    return found


def _days(cube: RawCube, levels: Sequence[str | None], measure: str) -> dict[str | None, Days | None]:
    found: dict[str | None, dict[int, dict[str, int]]] = {level: {} for level in levels}
    places = [d.name for d in cube.spec.dimensions]
    for key in cube.cells:
        at = dict(zip(places, key, strict=True))
        level, day, end = at.get(cube.spec.by or ""), at["day"], at["end"]
        if isinstance(day, int) and end is not None and (level is None or isinstance(level, str)) and level in found:
            found[level].setdefault(day, {})[str(end)] = measured(cube, key, measure) or 0
    return dict(found)


def _dimension(spec: CubeSpec, name: str) -> Dimension:
    return next(d for d in spec.dimensions if d.name == name)


def _about(spec: CubeSpec) -> tuple[str, str, bool]:
    return spec.cohort, spec.subject, spec.kind == "events"


def about(series: Series) -> tuple[str, str, bool]:
    """Of which cohort and outcome a series tells, and whether of all its events."""
    return series.cohort, series.outcome, series.recurring


def times_of(cubes: Iterable[RawCube], series: Series) -> list[int]:
    """Every time at which any report of the release shows this outcome of this cohort, in days."""
    found = (c.spec for c in cubes if is_curve(c.spec) and _about(c.spec) == about(series))
    return sorted({t.days for spec in found for t in spec.times})


def all_series(cubes: Iterable[RawCube]) -> list[Series]:
    """Every series of a release once, however many reports show it."""
    found = {(*about(s), s.by, s.level): s for c in cubes if is_curve(c.spec) for s in series_of(c)}
    return list(found.values())


def together(series: Iterable[Series]) -> list[tuple[Series, ...]]:
    """Series whose points are shown or hidden together.

    Where everyone's curve is published too, the levels of an exposure add up to it, so they stand or fall as one.
    """
    series = list(series)
    whole = {about(s) for s in series if s.level is None}
    groups: dict[tuple[object, ...], list[Series]] = {}
    for s in series:
        alone = s.level if s.level is None or about(s) not in whole else ""
        groups.setdefault((about(s), s.by, alone), []).append(s)
    return [tuple(g) for g in groups.values()]


# --- the cells -------------------------------------------------------------------------------------------------------


def add(system: System, cubes: Iterable[RawCube]) -> None:
    """Put the curves' counts at every published time into the system.  Raises Refused (cubes-disagree)."""
    cubes = tuple(cubes)
    name = {_about(c.spec): c.spec.name for c in cubes if is_curve(c.spec)}
    everything = all_series(cubes)
    for s in everything:
        _add_series(system, s, times_of(cubes, s), name[about(s)])
    for group in together(everything):
        for day in times_of(cubes, group[0]):
            for end in group[0].ends:
                system.publish([so_far(s, end, day) for s in group], name[about(group[0])])
    for key in dict.fromkeys(about(s) for s in everything):
        several = [s for s in everything if about(s) == key]
        _add_up(system, several, times_of(cubes, several[0]), name[key])
    _first_and_all(system, everything, cubes, name)


def _add_up(system: System, several: Sequence[Series], times: Sequence[int], cube: str) -> None:
    """The levels of every exposure or stratum add up to everyone, whether or not everyone's curve is published."""
    broken_down = dict.fromkeys(s.by for s in several if s.by is not None)
    whole = next((s for s in several if s.level is None), None)
    for by in broken_down:
        levels = [s for s in several if s.by == by]
        if whole is None and len(broken_down) > 1:
            whole = merged(levels)
            _add_series(system, whole, times, cube)
            system.never |= {so_far(whole, end, day) for end in whole.ends for day in times}
        for day in times if whole is not None else ():
            for end in levels[0].ends:
                children = [so_far(s, end, day) for s in levels]
                system.relate(so_far(whole or levels[0], end, day), children, cube)


def _add_series(system: System, series: Series, times: Sequence[int], cube: str) -> None:
    if series.entities is None:
        system.put(start(series), series.total, cube)
    for i, day in enumerate(times):
        for end in series.ends:
            _put(system, series, end, (-1, day), so_far(series, end, day), cube)
            if i:
                new = between(series, end, times[i - 1], day)
                _put(system, series, end, (times[i - 1], day), new, cube)
                system.never.add(new)
                system.relate(so_far(series, end, day), (so_far(series, end, times[i - 1]), new), cube, "chain")
        _add_neither(system, series, day, cube)


def _put(system: System, series: Series, end: str, days: tuple[int, int], cell: Cell, cube: str) -> None:
    after, day = days
    number = series.so_far(end, day) - series.so_far(end, after)
    entities = None if series.entities is None else series.entities_between(end, after, day)
    system.put(cell, number, cube, entities, series.clusters_between(end, after, day))


def _add_neither(system: System, series: Series, day: int, cube: str) -> None:
    """Where everyone at risk ends once, those with none of the ends are the rest."""
    at_start = start(series)
    plain = series.entities is None or (
        not series.recurring
        and not any(LEFT in ends for ends in series.days.values())
        and system.values.get(at_start) == sum(series.ended(ends) for ends in series.days.values())
    )
    if not plain:
        return
    ended = [so_far(series, end, day) for end in series.ends]
    rest = neither(series, day)
    system.put(rest, system.values[at_start] - sum(system.values[c] for c in ended), cube)
    system.never.add(rest)
    system.rests.add(rest)
    system.relate(at_start, (*ended, rest), cube, "chain")


def _first_and_all(
    system: System, everything: Sequence[Series], cubes: Sequence[RawCube], name: dict[tuple[str, str, bool], str]
) -> None:
    """A competing event that ended someone's time before the outcome is one of all such: what lies between the two is
    those who had the outcome first."""
    for every in (s for s in everything if s.recurring):
        for first in everything:
            if (first.cohort, first.outcome, first.by, first.level, first.recurring) != (
                every.cohort, every.outcome, every.by, every.level, False,
            ):  # fmt: skip
                continue
            for day in sorted({*times_of(cubes, every)} & {*times_of(cubes, first)}):
                for end in [e for e in every.ends if e != EVENT and e in first.ends]:
                    _and_after(system, so_far(every, end, day), so_far(first, end, day), name[about(every)])


def _and_after(system: System, every: Cell, first: Cell, cube: str) -> None:
    if system.values[every] < system.values[first]:
        return
    after = Cell(every.people, every.facts | {("after the outcome", "yes")}, every.cohort)
    system.put(after, system.values[every] - system.values[first], cube)
    system.never.add(after)
    system.relate(every, (first, after), cube, "chain")


def without(system: System, series: Series, day: int) -> int:
    """At least so many distinct entities at risk had none of the ends by the day."""
    rest = neither(series, day)
    if rest in system.values:
        return system.values[rest]
    ends = {end for ends in (series.entities or {}).values() for end in ends}
    last = max(series.days, default=0)
    ever = [series.entities_between(end, -1, last) for end in ends]
    there = max([system.values.get(start(series), 0), *ever])
    return there - sum(series.entities_between(end, -1, day) for end in series.ends)
