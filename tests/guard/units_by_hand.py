"""Hand-made cubes of units: several for one entity, in clusters, with records over time, in cohorts of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from studyspec.plan.cubes import CubeKind, CubeSpec, Dimension, Key, Membership, RawCube, RiskTime
from tests.guard.people_by_hand import DAY, PERSON, TIMES, dimension, subsets

STARTS = ("at_risk", "prior", "ended", "time_zero")


@dataclass(frozen=True)
class Unit:
    """at: what is true of it, by dimension (`left_at`, `start`, variables, exposures, states).

    records: (level, day, end) of its time at risk, in order of time
    """

    entity: str
    at: Mapping[str, str] = field(default_factory=dict)
    records: tuple[tuple[str, int, str], ...] = ()
    cluster: str = "c"


def units(size: int, prefix: str, cluster: str | None = None, records: object = (), **at: str) -> list[Unit]:
    """So many entities alike, each with one unit; each its own cluster where none is given."""
    return [Unit(f"{prefix}{i}", at, records, cluster or f"{prefix}{i}") for i in range(size)]  # type: ignore[arg-type]


def spec(
    name: str,
    kind: CubeKind,
    dimensions: Sequence[Dimension],
    *,
    cohort: str = "",
    subject: str = "",
    by: str | None = None,
    additive: bool = True,
    measures: tuple[str, ...] = ("entities",),
    sets: tuple[tuple[str, ...], ...] | None = None,
    times: tuple[RiskTime, ...] = (),
) -> CubeSpec:
    names = [d.name for d in dimensions]
    return CubeSpec(
        name, kind, kind, subject, {"en": subject.title()}, "cohort", by, tuple(dimensions), sets or subsets(names),
        PERSON, times, measures, cohort, additive,
    )  # fmt: skip


def table(found: Iterable[Unit], about: CubeSpec) -> RawCube:
    """Distinct entities, and clusters where asked for, in every cell of every grouping set."""
    entities: dict[Key, set[str]] = defaultdict(set)
    clusters: dict[Key, set[str]] = defaultdict(set)
    for unit in found:
        for kept in about.sets:
            key = tuple(unit.at[d.name] if d.name in kept else None for d in about.dimensions)
            entities[key].add(unit.entity)
            clusters[key].add(unit.cluster)
    counted = "clusters" in about.measures
    return RawCube(about, {key: (len(e), len(clusters[key])) if counted else (len(e),) for key, e in entities.items()})


def curve(found: Iterable[Unit], about: CubeSpec) -> RawCube:
    """Records by (by, day, end); entities whose first record with that (by, end) it is, and clusters if asked for."""
    records: dict[Key, int] = defaultdict(int)
    first: dict[Key, set[str]] = defaultdict(set)
    clusters: dict[Key, set[str]] = defaultdict(set)
    seen: set[tuple[str | None, str, str]] = set()
    every = [(day, level, end, unit) for unit in found for level, day, end in unit.records]
    for day, level, end, unit in sorted(every, key=lambda r: (r[0], r[1], r[2], r[3].entity)):
        at: dict[str, str | int] = {"day": day, "end": end, **({about.by: level} if about.by else {})}
        key: Key = tuple(at[d.name] for d in about.dimensions)
        records[key] += 1
        clusters[key].add(unit.cluster)
        shown = level if about.by else None
        if (shown, end, unit.entity) not in seen:
            seen.add((shown, end, unit.entity))
            first[key].add(unit.entity)
    cells: dict[Key, tuple[int, ...]] = {}
    for key, n in records.items():
        have = {"entities": len(first[key]), "records": n, "clusters": len(clusters[key])}
        cells[key] = tuple(have[m] for m in about.measures)
    return RawCube(about, cells)


def curve_spec(
    levels: Sequence[str] = (),
    *,
    kind: CubeKind = "curve",
    ends: Sequence[str] = ("event", "death", "censored"),
    cohort: str = "",
    subject: str = "employed",
    measures: tuple[str, ...] = ("entities", "records"),
    times: tuple[RiskTime, ...] = TIMES,
) -> CubeSpec:
    by = [dimension("pathway", *levels)] if levels else []
    dims = [*by, DAY, dimension("end", *ends)]
    return spec(
        f"{cohort}_{subject}_{kind}", kind, dims, cohort=cohort, subject=subject, by="pathway" if levels else None,
        additive=False, measures=measures, sets=(tuple(d.name for d in dims),), times=times,
    )  # fmt: skip


def start_spec(levels: Sequence[str] = (), *, cohort: str = "", subject: str = "employed", additive: bool = True,
               measures: tuple[str, ...] = ("entities",)) -> CubeSpec:  # fmt: skip
    by = [dimension("pathway", *levels)] if levels else []
    return spec(
        f"{cohort}_{subject}_start", "start", [dimension("start", *STARTS), *by], cohort=cohort, subject=subject,
        by="pathway" if levels else None, additive=additive, measures=measures,
    )  # fmt: skip


def followed(
    found: Sequence[Unit], levels: Sequence[str] = (), *, whole: bool = True, **more: object
) -> tuple[RawCube, RawCube]:
    """The start cube and the curve of units that are all at risk; their level is that of their first record."""
    about = curve_spec(levels, **more)  # type: ignore[arg-type]
    begun = [Unit(u.entity, {"start": "at_risk", "pathway": u.records[0][0]}, u.records, u.cluster) for u in found]
    additive = len({u.entity for u in found}) == len(found)
    measures = ("entities", "clusters") if "clusters" in about.measures else ("entities",)
    start = start_spec(levels, cohort=about.cohort, subject=about.subject, additive=additive, measures=measures)
    return table(begun, start), curve(found, about)


def members(cohort: str, found: Iterable[Unit], population: str = "p") -> Membership:
    return Membership(population, cohort, frozenset(u.entity.encode().ljust(16, b"_")[:16] for u in found))
