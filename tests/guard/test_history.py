"""Differencing: no new cohort that is a few people away from earlier ones, alone or together."""

import pytest

from studyspec.guard import protect
from studyspec.guard.history import require_apart
from studyspec.guard.types import History
from studyspec.plan.cubes import Membership
from studyspec.source import Refused
from tests.guard.people_by_hand import crowd, cubes, membership, model, person, policy


def cohort(*ranges: range, population: str = "p") -> Membership:
    members = frozenset(i.to_bytes(16, "big") for r in ranges for i in r)
    return Membership(population, "clients", members)


def refused(new: Membership, *earlier: Membership, minimum: int = 8) -> bool:
    try:
        require_apart(new, History(earlier), minimum)
    except Refused:
        return True
    return False


def test_the_refusal_says_nothing_of_the_people() -> None:
    with pytest.raises(Refused) as one:
        require_apart(cohort(range(101)), History((cohort(range(100)),)), 8)
    with pytest.raises(Refused) as other:
        require_apart(cohort(range(493)), History((cohort(range(500)),)), 8)
    assert str(one.value) == str(other.value)
    assert not [c for c in str(one.value) if c.isdigit()]


def test_the_first_cohort_and_the_same_one_again_are_fine() -> None:
    assert not refused(cohort(range(100)))
    assert not refused(cohort(range(100)), cohort(range(100)))
    assert not refused(cohort(range(100)), cohort(range(100)), cohort(range(50)))


@pytest.mark.parametrize("few", [1, 7])
def test_a_few_more_or_a_few_less_are_refused(few: int) -> None:
    assert refused(cohort(range(100 + few)), cohort(range(100)))
    assert refused(cohort(range(100 - few)), cohort(range(100)))


def test_enough_more_or_less_are_fine() -> None:
    assert not refused(cohort(range(108)), cohort(range(100)))
    assert not refused(cohort(range(92)), cohort(range(100)))
    assert not refused(cohort(range(200, 300)), cohort(range(100)))


def test_three_cohorts_that_isolate_a_few_are_refused_though_no_two_do() -> None:
    a, b = cohort(range(100)), cohort(range(100, 200))
    union_and_a_few = cohort(range(203))
    assert not refused(b, a)
    assert refused(union_and_a_few, a, b)


def test_a_new_cohort_that_cuts_an_earlier_overlap_finely_is_refused() -> None:
    a, b = cohort(range(100)), cohort(range(50, 150))
    assert refused(cohort(range(20, 53), range(200, 240)), a, b)


def test_another_population_is_no_history() -> None:
    assert not refused(cohort(range(103)), cohort(range(100), population="q"))


def test_many_earlier_cohorts_are_compared_in_pairs() -> None:
    earlier = [cohort(range(20 * i, 20 * i + 20)) for i in range(12)]
    assert refused(cohort(range(23)), *earlier)
    assert not refused(cohort(range(40)), *earlier)


def test_the_guard_refuses_before_anything_is_decided_and_open_does_not_ask() -> None:
    made, old = cubes(crowd((50, person("m", "okm")), (50, person("f")))), History((membership(99),))
    with pytest.raises(Refused, match="differencing"):
        protect(made, (membership(100),), policy(), model(), old)
    assert protect(made, (membership(100),), policy(mode="open"), model(public=True), old).mode == "open"
