"""Releases made at random, rich in small cells, for attacks on the guard."""

from __future__ import annotations

import random
from collections.abc import Sequence

from studyspec.catalogue.types import Policy
from studyspec.plan.cubes import RawCube
from tests.guard.people_by_hand import SEXES, TIMES, Person, cubes, policy

STEPS = ("adult", "resident", "resident unknown", "earlier")


def people(rng: random.Random, levels: Sequence[str], ages: Sequence[str]) -> list[Person]:
    """A few hundred people or a few; shares drawn so that rare categories are common."""

    def weights(n: int) -> list[float]:
        return [rng.choice((0.0, 0.01, 0.04, 0.2, 1.0, 3.0)) + 1e-9 for _ in range(n)]

    size = rng.choice((8, 40, 150, 400, 900))
    left = [*STEPS, "included"]
    w_left, w_level, w_sex, w_age = [*weights(len(STEPS)), 5.0], weights(len(levels)), weights(3), weights(len(ages))
    w_start, w_end = [5.0, *weights(3)], weights(3)
    last = rng.choice((200, 800, 1200))
    made = []
    for _ in range(size):
        day = rng.randint(0, last)
        made.append(
            Person(
                rng.choices(left, w_left)[0],
                {"sex": rng.choices(SEXES, w_sex)[0], "age": rng.choices(ages, w_age)[0]},
                rng.choices(levels, w_level)[0],
                rng.choices(("at_risk", "prior", "ended", "time_zero"), w_start)[0],
                min(day, 1100),
                rng.choices(("event", "death", "censored"), w_end)[0] if day < 1100 else "censored",
            )
        )
    return made


def release(seed: int) -> tuple[tuple[RawCube, ...], Policy]:
    rng = random.Random(seed)
    levels = ("okm", "usual", "none")[: rng.choice((1, 2, 2, 3))]
    ages = ("18-29", "30-44", "45-64", "unknown")[: rng.choice((2, 3, 4))]
    made = cubes(
        people(rng, levels, ages),
        steps=STEPS,
        variables={"sex": SEXES, "age": ages},
        levels=levels,
        times=TIMES[: rng.choice((1, 2, 3))],
        whole=rng.random() < 0.5,
    )
    rules = policy(
        minimum_entities=rng.choice((3, 5, 10)),
        insiders=rng.choice((0, 2)),
        rounding=rng.choice((1, 5, 10)),
        zeros=rng.choice(("hide", "show")),
    )
    return made, rules
