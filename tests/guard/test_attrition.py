"""Attrition: no two published remaining counts whose difference is a few people."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.guard import protect
from studyspec.guard.types import GuardedCube, History
from tests.guard.people_by_hand import crowd, cubes, membership, model, person, policy

STEPS = ("a", "b", "c", "d")


def remaining(*gone: int, cohort: int = 500, **rules: object) -> list[int | None]:
    """Published counts: everyone, after each step."""
    people = crowd(
        *((n, person(left=step)) for n, step in zip(gone, STEPS, strict=False)),
        (cohort, person("m", "okm")), (cohort, person("f")),
    )  # fmt: skip
    steps = STEPS[: len(gone)]
    guarded = protect(cubes(people, steps=steps), (membership(),), policy(**rules), model(), History())
    cube = guarded.cubes[0]
    assert isinstance(cube, GuardedCube)
    assert cube.cells["included",] == cube.cells[steps[-1],]
    return [cube.cells[None,], *(cube.cells[s,] for s in steps)]


def test_steps_that_take_out_many_are_published_rounded() -> None:
    assert remaining(103, 51) == [1155, 1050, 1000]


def test_a_small_step_is_merged_with_the_next_one() -> None:
    assert remaining(100, 3, 40) == [1145, 1045, None, 1000]


def test_a_small_last_step_is_merged_with_the_one_before() -> None:
    assert remaining(100, 40, 3) == [1145, 1045, None, 1000]


def test_a_small_first_step_leaves_the_first_count() -> None:
    assert remaining(3, 40, 100) == [1145, None, 1100, 1000]


def test_a_single_small_step_hides_how_many_there_were_before() -> None:
    assert remaining(4) == [None, 1000]


def test_a_step_that_takes_no_one_out_is_shown_where_zeros_are() -> None:
    assert remaining(100, 0, 40) == [1140, 1040, 1040, 1000]
    assert remaining(100, 0, 40, zeros="hide") == [1140, 1040, None, 1000]


def test_small_steps_are_merged_until_they_are_enough() -> None:
    assert remaining(3, 3, 3, 3) == [1010, None, None, None, 1000]
    assert remaining(1, 1, 1, 1) == [None, None, None, None, 1000]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=4), st.sampled_from(["hide", "show"]))
def test_no_published_difference_is_a_few_people(gone: list[int], zeros: str) -> None:
    shown = remaining(*gone, cohort=60, zeros=zeros)
    true = [120 + sum(gone[i:]) for i in range(len(gone) + 1)]
    kept = [n for n, published in zip(true, shown, strict=True) if published is not None]
    drops = [a - b for a, b in itertools.pairwise(kept)]
    assert all(d >= 8 or (d == 0 and zeros == "show") for d in drops)
    assert shown[-1] == 120


@pytest.mark.parametrize("size", [1, 3])
def test_a_study_without_criteria_has_one_count(size: int) -> None:
    people = crowd((size * 100, person("m", "okm")), (size * 100, person("f")))
    cube = protect(cubes(people, steps=()), (membership(),), policy(), model(), History()).cubes[0]
    assert isinstance(cube, GuardedCube)
    assert dict(cube.cells) == {("included",): size * 200, (None,): size * 200}
