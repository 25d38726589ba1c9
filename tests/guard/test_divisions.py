"""Variables that divide one value: what subtracting one table from another would tell is guarded, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.guard import Declared, protect
from studyspec.guard.divisions import Tie, ties
from studyspec.guard.types import GuardedCube, History
from studyspec.source import Refused
from tests.guard.people_by_hand import Person, cubes, membership, model, policy

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "omnia"

STUDY = """study small version 1.0.0
language en
title en "Small"
purpose en "Small."
model fi_municipal 1
permit "ESPOO-2021-117"
{definitions}
cohort clients of person
    index first jobseeking starting during [2019-01-01, 2022-12-31]
    include adult "Adult" where age at index between 18 and 64
report baseline of {variables}
"""


def tied(tmp_path: Path, *definitions: str) -> set[Tie]:
    """The ties of a study with a baseline of some definitions, or of an attribute by its bare name."""
    lines = "\n".join(f"define {d}" for d in definitions if "=" in d)
    names = ", ".join(d.split("=")[0].strip() for d in definitions)
    path = tmp_path / "small.study"
    path.write_text(STUDY.format(definitions=lines, variables=names))
    return set(ties(pipeline.understand(path, pipeline.site(EXAMPLES / "site.yaml")).study))


def tie(parent: str, *children: str) -> Tie:
    a, *rest = ((one.split(":")[0], one.split(":")[1]) for one in (parent, *children))
    return Tie(a, tuple(rest))


CROSSING = [
    ("a = age at index in bands 18-29, 30-64", "b = age at index in bands 18-30, 31-64"),
    ("a = age at index in bands 18-29, 30-64", "b = age at index < 31"),
    ("a = age at index in bands 18-29, 30-64", "b = 31 > age at index"),
    ("a = age at index in bands 18-29, 30-64", "b = age at index - 1 day in bands 18-29, 30-64"),
    ("a = birth_date < 1980-01-01", "b = not birth_date <= 1980-01-01"),
    ("a = age at index between 18 and 29", "b = age at index between 19 and 30"),
    ("a = (count of service before index) in bands 0-1, 2+", "b = any service before index"),
]


@pytest.mark.parametrize("pair", CROSSING)
def test_bands_that_cross_are_refused(tmp_path: Path, pair: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="crossing-variables"):
        tied(tmp_path, *pair)


def test_bands_made_of_whole_bands_are_tied(tmp_path: Path) -> None:
    found = tied(
        tmp_path, "a = age at index in bands 18-29, 30-44, 45-64", "b = age at index in bands 18-44, 45-54, 55-64"
    )
    assert found == {tie("b:18-44", "a:18-29", "a:30-44"), tie("a:45-64", "b:45-54", "b:55-64")}


def test_the_same_bands_under_two_names_are_tied(tmp_path: Path) -> None:
    found = tied(tmp_path, "a = age at index in bands 18-29, 30-64", "b = age at index >= 30")
    assert found == {tie("a:18-29", "b:false"), tie("a:30-64", "b:true")}


def test_codes_and_a_condition_on_them_are_tied(tmp_path: Path) -> None:
    found = tied(tmp_path, "sex", 'man = sex = "1"')
    assert tie("sex:1", "man:true") in found


def test_rows_and_their_number_are_tied(tmp_path: Path) -> None:
    found = tied(tmp_path, "a = count of service before index", "b = any service before index")
    assert found == {tie("a:0", "b:false"), tie("a:1+", "b:true")}


def test_different_values_are_not_tied(tmp_path: Path) -> None:
    assert not tied(
        tmp_path,
        "a = days of jobseeking during [index - 1 year, index)",
        "b = days of jobseeking during [index - 2 years, index)",
        "sex",
    )


def test_a_small_group_between_two_tables_is_not_given_away() -> None:
    """18-30 less 18-29 are three people in each level: a table that hides them is not undone by another one."""
    sizes = {"18-29": 100, "30-30": 3, "31-44": 50, "45-64": 200}
    coarse = {"18-29": "18-30", "30-30": "18-30", "31-44": "31-64", "45-64": "31-64"}
    people = [
        Person("included", {"fine": age, "coarse": coarse[age]}, level)
        for age, n in sizes.items()
        for level in ("okm", "usual")
        for _ in range(n)
    ]
    made = cubes(people, variables={"fine": tuple(sizes), "coarse": ("18-30", "31-64")})
    links = (tie("coarse:18-30", "fine:18-29", "fine:30-30"), tie("coarse:31-64", "fine:31-44", "fine:45-64"))

    def given_away(links: tuple[Tie, ...]) -> bool:
        guarded = protect(made, (membership(),), policy(rounding=1), model(), History(), Declared(ties=links))
        cells = {
            key: number
            for cube in guarded.cubes
            if isinstance(cube, GuardedCube) and cube.spec.kind == "baseline"
            for key, number in cube.cells.items()
        }
        assert cells["30-30", "okm"] is None
        return cells["18-29", "okm"] is not None and cells["18-30", "okm"] is not None

    assert given_away(()), "what this test is about"
    assert not given_away(links)
