"""From true counts to files on disk: whatever the people, no small number is in anything a reader can open."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from studyspec import release
from studyspec.catalogue.types import Policy
from studyspec.estimate import tables
from studyspec.guard import protect
from studyspec.plan.cubes import RawCube
from tests.guard.people_by_hand import Person, crowd, cubes, membership, model, person, policy
from tests.guard.releases_at_random import release as at_random
from tests.guard.site_by_hand import Script, site, study


def published(made: tuple[RawCube, ...], rules: Policy, root: Path) -> Path:
    at = site(root, rules)
    found = protect(made, (membership(),), rules, model(), release.history(at))
    one = release.stage(tables(found, "en"), found, Script(), study(), at, (membership(),))
    return release.publish(one, root / "out").out


def numbers(out: Path) -> Iterator[tuple[str, str]]:
    """Every number of every CSV file, with its column."""
    for path in sorted(out.glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for name, value in row.items():
                    if name.startswith(("n", "removed", "remaining", "at_risk", "events", "competing")) and value:
                        yield name, value


@pytest.mark.parametrize("seed", range(12))
def test_every_number_is_hidden_or_rounded_and_large_enough(seed: int, tmp_path: Path) -> None:
    made, rules = at_random(seed)
    out = published(made, rules, tmp_path)
    least = 0
    for name, value in numbers(out):
        if value == "..":
            continue
        assert int(value) % rules.rounding == 0
        least = rules.minimum_entities + rules.insiders - rules.rounding
        assert int(value) >= least or int(value) == 0 or name == "removed"
        assert rules.zeros == "show" or int(value) > 0 or name == "removed"


def everyone(hidden: int) -> list[Person]:
    """The same but for how the few and those hidden with them divide."""
    return crowd(
        (200, person(left="adult")), (hidden, person(left="resident")), (60 - hidden, person(left="earlier")),
        (400, person("m", "okm", day=1096)), (300, person("m", day=1096)), (300, person("f", day=1096)),
        (hidden, person("unknown", "okm", day=1096)), (130 - hidden, person("f", "okm", day=1096)),
        (60, person("unknown", day=1096)), (40, person("m", day=100, end="event")),
        (50, person("m", "okm", day=100, end="event")), (hidden, person("m", "okm", day=500, end="event")),
        (60 - hidden, person("m", "okm", day=900, end="event")),
    )  # fmt: skip


def test_who_is_hidden_leaves_no_trace_in_any_byte(tmp_path: Path) -> None:
    """One to seven people of a kind: the files are the same, but for what the sum over levels still publishes."""
    found = []
    for hidden in range(1, 8):
        made = cubes(everyone(hidden), steps=("adult", "resident", "earlier"))
        out = published(made, policy(), tmp_path / str(hidden))
        found.append({p.name: p.read_bytes() for p in out.iterdir() if p.name != "manifest.json"})
        for cell in (b"unknown", b"resident"):
            assert cell in b"".join(found[-1].values())
    for name in ("attrition.csv", "attrition.parquet"):
        assert len({files[name] for files in found}) == 1
    rows = {tuple(r.split(",")[4] for r in files["baseline.csv"].decode().split("\r\n")[2:5]) for files in found}
    assert len(rows) == 1, "shares of the level with the few in it"


def test_true_numbers_appear_in_no_file(tmp_path: Path) -> None:
    people = crowd(
        (1237, person("m", "okm", day=1096)), (1473, person("f", day=1096)), (1318, person("f", "okm", day=1096)),
        (1682, person("m", day=1096)), (1129, person(left="adult")), (873, person("m", "okm", day=100, end="event")),
    )  # fmt: skip
    out = published(cubes(people), policy(), tmp_path)
    true = {str(n) for cube in cubes(people) for (n,) in cube.cells.values() if n % 5}
    text = " ".join(p.read_text(encoding="utf-8") for p in out.iterdir() if p.suffix in (".csv", ".txt"))
    words = text.replace("\u00a0", "").replace(",", " ").split()
    assert len(true) > 5
    assert not true & set(words)
