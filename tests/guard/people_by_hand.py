"""Hand-made releases for the tests of guard, estimate and release: a tiny model, and cubes of made-up people."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from studyspec.catalogue.types import Column, DisclosureRule, Model, Policy, Register, Table, ValueType
from studyspec.plan.cubes import Category, CubeSpec, Dimension, Key, Membership, RawCube, RiskTime
from studyspec.semantics.core import ColumnRef

LEVELS = ("okm", "usual")
SEXES = ("m", "f", "unknown")


def model(*, person: int = 3, wages: int = 3, public: bool = False) -> Model:
    def register(name: str, minimum: int) -> Register:
        return Register(name, {"en": name}, "Office", DisclosureRule(minimum), public)

    def table(name: str, *columns: str) -> Table:
        made = {c: Column(c, ValueType("integer"), {}, name) for c in columns}
        return Table(name, {}, "person", "id", "events", name, made)

    return Model(
        "tiny",
        1,
        {},
        {},
        {"person": table("person", "id", "sex"), "wages": table("wages", "id", "day")},
        {"person": register("person", person), "wages": register("wages", wages)},
        {},
        {},
    )


def policy(**changes: object) -> Policy:
    return replace(Policy("test", 1, "guarded", 5, 0, 5, "show"), **changes)  # type: ignore[arg-type]


def membership(size: int = 1000, start: int = 0, population: str = "p") -> Membership:
    return Membership(population, "clients", frozenset(i.to_bytes(16, "big") for i in range(start, start + size)))


def dimension(name: str, *keys: str) -> Dimension:
    return Dimension(name, {"en": name}, "category", tuple(Category(k, {"en": k.title()}) for k in keys))


DAY = Dimension("day", {}, "day")
PERSON = (ColumnRef("person", "sex"),)
TIMES = tuple(RiskTime(amount=n, unit="year", days=365 * n) for n in (1, 2, 3))


@dataclass(frozen=True)
class Person:
    """left: the attrition step that took them out, or `included`."""

    left: str
    values: Mapping[str, str]
    level: str = "usual"
    start: str = "at_risk"
    day: int = 400
    end: str = "censored"


def subsets(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(n for n in names if n in kept)
        for size in range(len(names), -1, -1)
        for kept in itertools.combinations(names, size)
    )


def count(spec: CubeSpec, coordinates: Iterable[Mapping[str, str | int]]) -> RawCube:
    cells: Counter[Key] = Counter()
    for at in coordinates:
        for kept in spec.sets:
            cells[tuple(at[d.name] if d.name in kept else None for d in spec.dimensions)] += 1
    return RawCube(spec, {key: (n,) for key, n in cells.items()})


def cubes(
    people: Sequence[Person],
    *,
    steps: Sequence[str] = ("adult", "resident"),
    variables: Mapping[str, Sequence[str]] | None = None,
    levels: Sequence[str] = LEVELS,
    competing: Sequence[str] = ("death",),
    times: tuple[RiskTime, ...] = TIMES,
    whole: bool = False,
) -> tuple[RawCube, ...]:
    """The cubes of a study with an attrition, a baseline by `pathway`, and the risk of `employed` by `pathway`."""
    variables = {"sex": SEXES} if variables is None else variables
    cohort = [p for p in people if p.left == "included"]
    by = dimension("pathway", *levels)

    def spec(name: str, kind: str, subject: str, population: str, *dims: Dimension) -> CubeSpec:
        names = [d.name for d in dims]
        sets = subsets(names)
        if kind == "curve":
            sets = (("pathway", "day", "end"), ("day", "end")) if whole else (("pathway", "day", "end"),)
        return CubeSpec(
            name,
            kind,
            kind,
            subject,
            {"en": subject.title()},
            population,  # type: ignore[arg-type]
            "pathway" if "pathway" in names else None,
            dims,
            sets,
            PERSON,
            times if kind == "curve" else (),
        )

    found = [
        count(
            spec("attrition", "attrition", "", "candidates", dimension("left_at", *steps, "included")),
            ({"left_at": p.left} for p in people),
        )
    ]
    for variable, categories in variables.items():
        found.append(
            count(
                spec(f"baseline_{variable}", "baseline", variable, "cohort", dimension(variable, *categories), by),
                ({variable: p.values[variable], "pathway": p.level} for p in cohort),
            )
        )
    found.append(
        count(
            spec(
                "employed_start",
                "start",
                "employed",
                "cohort",
                dimension("start", "at_risk", "prior", "ended", "time_zero"),
                by,
            ),
            ({"start": p.start, "pathway": p.level} for p in cohort),
        )
    )
    found.append(
        count(
            spec(
                "employed_curve",
                "curve",
                "employed",
                "at_risk",
                by,
                DAY,
                dimension("end", "event", *competing, "censored"),
            ),
            ({"pathway": p.level, "day": p.day, "end": p.end} for p in cohort if p.start == "at_risk"),
        )
    )
    return tuple(found)


def crowd(*groups: tuple[int, Person]) -> list[Person]:
    return [person for size, person in groups for _ in range(size)]


def person(sex: str = "m", level: str = "usual", **rest: object) -> Person:
    return Person(rest.pop("left", "included"), {"sex": sex}, level, **rest)  # type: ignore[arg-type]
