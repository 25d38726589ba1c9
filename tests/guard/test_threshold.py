"""How few is too few: by policy, by every register behind a release, for insiders, at a rounding edge."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyspec.guard import protect
from studyspec.guard.threshold import bucket, edge, registers, rounded, threshold
from studyspec.guard.types import History
from studyspec.semantics.core import ColumnRef
from studyspec.source import Refused
from tests.guard.people_by_hand import crowd, cubes, membership, model, person, policy


@pytest.mark.parametrize(
    ("minimum", "base", "least"),
    [(12, 5, 13), (13, 5, 13), (8, 5, 8), (5, 5, 8), (10, 10, 15), (5, 10, 5), (7, 1, 7), (7, 3, 8), (3, 5, 3)],
)
def test_the_threshold_is_raised_to_the_lower_edge_of_a_rounding_bucket(minimum: int, base: int, least: int) -> None:
    assert edge(minimum, base) == least


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_a_count_is_published_as_the_nearest_multiple(count: int, base: int) -> None:
    published = rounded(count, base)
    assert published % base == 0
    assert 2 * abs(published - count) <= base
    low, high = bucket(published, base)
    assert low <= count <= high


@given(st.integers(1, 200), st.integers(1, 50))
def test_no_bucket_lies_across_the_threshold(minimum: int, base: int) -> None:
    least = edge(minimum, base)
    assert minimum <= least < minimum + base
    assert bucket(rounded(least, base), base)[0] == least


def test_half_goes_up_for_an_even_base() -> None:
    assert [rounded(n, 10) for n in (4, 5, 14, 15, 24, 25)] == [0, 10, 10, 20, 20, 30]


def test_the_strictest_register_counts_and_insiders_come_on_top() -> None:
    rules = policy(minimum_entities=5, insiders=2, rounding=5)
    site = model(person=3, wages=10)
    person_only = cubes(crowd((50, person())))
    with_wages = [replace(c.spec, origins=(*c.spec.origins, ColumnRef("wages", "day"))) for c in person_only]
    assert threshold(rules, registers([c.spec for c in person_only], site)) == 8
    assert threshold(rules, registers(with_wages, site)) == 13


def test_one_cube_from_a_strict_register_makes_the_whole_release_strict() -> None:
    made = list(cubes(crowd((50, person()))))
    spec = replace(made[-1].spec, origins=(ColumnRef("wages", "day"),))
    made[-1] = replace(made[-1], spec=spec)
    assert protect(tuple(made), (membership(),), policy(), model(wages=20), History()).minimum == 23


@pytest.mark.parametrize("column", [ColumnRef("wages", "unheard_of"), ColumnRef("nowhere", "day")])
def test_a_column_without_a_rule_is_refused(column: ColumnRef) -> None:
    made = list(cubes(crowd((50, person()))))
    made[0] = replace(made[0], spec=replace(made[0].spec, origins=(column,)))
    with pytest.raises(Refused, match="origin-unknown"):
        protect(tuple(made), (membership(),), policy(), model(), History())


def test_open_needs_every_register_to_be_public() -> None:
    made = cubes(crowd((3, person())))
    with pytest.raises(Refused, match="open-not-public"):
        protect(made, (membership(),), policy(mode="open"), model(), History())
    nameless = tuple(replace(c, spec=replace(c.spec, origins=())) for c in made)
    with pytest.raises(Refused, match="open-not-public"):
        protect(nameless, (membership(),), policy(mode="open"), model(public=True), History())
    shown = protect(made, (membership(),), policy(mode="open"), model(public=True), History())
    assert shown.cubes[1].cells[None, None] == 3
    assert (shown.minimum, shown.rounding) == (1, 1)
