"""docs/disclosure.md says what the guard does: every example on it is run."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from studyspec.catalogue.types import Policy
from studyspec.guard import protect
from studyspec.guard.threshold import registers, threshold
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, History
from tests.guard.people_by_hand import Person, crowd, cubes, membership, model, person, policy

PAGE = (Path(__file__).parent.parent.parent / "docs" / "disclosure.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```(threshold|table|attrition|events)(.*?)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def rules(said: str) -> Policy:
    return policy(**dict(setting.split("=") for setting in said.split()))


def number(text: str) -> int | None:
    return None if text == ".." else int(text)


def release(people: list[Person], said: str, **more: object) -> Guarded:
    return protect(cubes(people, **more), (membership(),), rules(said), model(), History())  # type: ignore[arg-type]


def threshold_example(lines: list[str], said: str) -> None:
    for line in lines[1:]:
        least, register, insiders, base, in_force = map(int, line.split())
        specs = [c.spec for c in cubes(crowd((50, person())))]
        site = policy(minimum_entities=least, insiders=insiders, rounding=base)
        assert threshold(site, registers(specs, model(person=register))) == in_force


def table_example(lines: list[str], said: str) -> None:
    levels = lines[0].split()
    found = {line.split()[0]: re.findall(r"(\d+) → (\d+|\.\.)", line) for line in lines[1:]}
    people = [
        one
        for name, cells in found.items()
        for level, (true, _) in zip(levels, cells, strict=True)
        for one in crowd((int(true), person(name, level)))
    ]
    guarded = release(people, said, variables={"sex": tuple(found)}, levels=tuple(levels))
    cube = guarded.cubes[1]
    assert isinstance(cube, GuardedCube)
    for name, cells in found.items():
        for level, (_, published) in zip(levels, cells, strict=True):
            assert cube.cells[name, level] == number(published), (name, level)


def attrition_example(lines: list[str], said: str) -> None:
    rows = [line.split() for line in lines[1:]]
    people = crowd((int(rows[-1][1]) // 2, person("m", "okm")), (-(-int(rows[-1][1]) // 2), person("f")))
    for before, after in itertools.pairwise(rows):
        people += crowd((int(before[1]) - int(after[1]), person(left=after[0])))
    cube = release(people, said, steps=[r[0] for r in rows[1:]]).cubes[0]
    assert isinstance(cube, GuardedCube)
    for name, _, published in rows:
        assert cube.cells[None if name == "everyone" else name,] == number(published), name


def events_example(lines: list[str], said: str) -> None:
    rows = [(int(true), number(published)) for _, _, true, published in (line.split() for line in lines[1:])]
    people = crowd((700, person("m", "okm", day=1096)), (900, person("f", day=1096)), (90, person(day=9, end="event")))
    last = 0
    for year, (true, _) in enumerate(rows):
        people += crowd((true - last, person("f", "okm", day=365 * year + 100, end="event")))
        last = true
    curve = release(people, said, competing=()).cubes[-1]
    assert isinstance(curve, GuardedCurve)
    assert [p.events for p in curve.levels["okm"][1]] == [published for _, published in rows]


RUN = {
    "threshold": threshold_example, "table": table_example, "attrition": attrition_example, "events": events_example,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "text"), EXAMPLES, ids=[f"{i}-{e[0]}" for i, e in enumerate(EXAMPLES)])
def test_the_page_is_true(kind: str, said: str, text: str) -> None:
    RUN[kind](text.strip("\n").split("\n"), said)


def test_the_page_has_an_example_of_every_kind() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == set(RUN)
