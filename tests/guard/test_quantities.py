"""Means and quantiles say nothing of one person: what is hidden, and how far the rest is rounded."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.catalogue.types import Policy
from studyspec.guard import protect
from studyspec.guard.quantities import _stepped
from studyspec.guard.types import Described, GuardedNumbers, History
from studyspec.plan.cubes import MILLIONTHS, QUANTILES, SIDE, CubeSpec, Key, RawCube
from tests.guard.people_by_hand import LEVELS, PERSON, dimension, membership, model, policy

PLACES = [f"p{p}_{which}" for p in QUANTILES for which in ("low", "high", "before", "after")]


def described(values: list[int], unknown: int = 0, nullable: bool = True) -> dict[str, int]:
    """The measures of a cell of people with one value each."""
    known = sorted(v * MILLIONTHS for v in values)

    def at(rank: int) -> int:
        return known[rank - 1] if 1 <= rank <= len(known) else 0

    found = {
        "entities": len(known) + unknown, "known": len(known), "values": len(known), "sum": sum(known),
        "largest": max((abs(v) for v in known), default=0),
    }  # fmt: skip
    for p in QUANTILES:
        low, high = -(-p * len(known) // 100), p * len(known) // 100 + 1
        found |= {f"p{p}_low": at(low), f"p{p}_high": at(high)}
        found |= {f"p{p}_before": at(low - SIDE), f"p{p}_after": at(high + SIDE)}
    return found if nullable else {name: n for name, n in found.items() if name != "known"}


def cube(groups: dict[str | None, dict[str, int]]) -> RawCube:
    by = None if None in groups else "pathway"
    dimensions = () if by is None else (dimension("pathway", *LEVELS),)
    measures = tuple(next(iter(groups.values())))
    spec = CubeSpec(
        "distribution_pay" + (f"_by_{by}" if by else ""), "numbers", "distribution", "pay", {"en": "Pay"}, "cohort", by,
        dimensions, (tuple(d.name for d in dimensions),), PERSON, (), measures,
    )  # fmt: skip
    cells: dict[Key, tuple[int, ...]] = {
        () if key is None else (key,): tuple(found[m] for m in measures) for key, found in groups.items()
    }
    return RawCube(spec, cells)


def published(*cubes: RawCube, rules: Policy | None = None, public: bool = False) -> list[GuardedNumbers]:
    guarded = protect(cubes, (membership(),), rules or policy(), model(public=public), History())
    return [c for c in guarded.cubes if isinstance(c, GuardedNumbers)]


def everyone(values: list[int], **more: object) -> Described:
    (found,) = published(cube({None: described(values, **more)}))  # type: ignore[arg-type]
    return found.groups[None]


SPREAD = list(range(1000, 3000, 5))  # 400 people


def test_a_number_of_many_people_is_described() -> None:
    found = everyone(SPREAD)
    assert found.known == 400
    assert found.mean == 2000
    assert dict(found.quantiles)[50] == Decimal(2000)


def test_a_mean_is_rounded_to_what_one_person_can_move_it_by() -> None:
    values = [100] * 99 + [4321]
    assert everyone(values).mean == Decimal(100 * round((100 * 99 + 4321) / 100 / 50) // 2)


def test_one_person_with_most_of_a_sum_hides_the_mean() -> None:
    assert everyone([1] * 99 + [1_000_000]).mean is None


def test_few_known_values_hide_everything_made_of_them() -> None:
    found = everyone([10, 20, 30], unknown=400)
    assert found == Described(None, None, ())


def test_where_everyone_is_counted_beside_few_unknown_hide_the_number_known() -> None:
    spec = CubeSpec(
        "baseline_sex", "baseline", "baseline", "sex", {}, "cohort", None, (dimension("sex", "m", "f"),),
        (("sex",), ()), PERSON,
    )  # fmt: skip
    people = RawCube(spec, {("m",): (202,), ("f",): (200,), (None,): (402,)})
    described_too = cube({None: described(SPREAD, unknown=2)})
    guarded = protect((people, described_too), (membership(),), policy(), model(), History())
    (found,) = [c for c in guarded.cubes if isinstance(c, GuardedNumbers)]
    assert found.groups[None] == Described(None, None, ())


def test_where_nothing_can_be_unknown_everyone_counts() -> None:
    assert everyone(SPREAD, nullable=False).known == 400


def test_a_quantile_needs_people_on_both_sides() -> None:
    found = dict(everyone(list(range(60))).quantiles)
    assert found[50] is not None
    assert found[10] is None
    assert found[90] is None


def test_a_quantile_is_no_finer_than_the_values_around_it() -> None:
    values = [0] * 200 + [1000 + 137 * n for n in range(200)]
    quantile = dict(everyone(values).quantiles)[75]
    assert quantile is not None
    assert quantile % 5000 == 0  # the values of SIDE others take 137 * 20 = 2,740 to each side


@given(st.lists(st.integers(-2_000_000, 2_000_000), min_size=60, max_size=150))
@settings(deadline=None, max_examples=50)
def test_quantiles_keep_their_order_however_they_are_rounded(values: list[int]) -> None:
    told = [value for _, value in everyone(values).quantiles if value is not None]
    assert told == sorted(told)


def test_quantiles_are_hidden_where_a_person_may_have_several_values() -> None:
    several = described(SPREAD) | {"entities": 200, "known": 200}
    (found,) = published(cube({None: several}))
    assert all(value is None for _, value in found.groups[None].quantiles)
    assert found.groups[None].mean is not None


def test_groups_make_up_everyone_and_are_hidden_with_each_other() -> None:
    groups = cube({"okm": described(SPREAD[:3]), "usual": described(SPREAD[3:])})
    whole = cube({None: described(SPREAD)})
    by, _ = published(groups, whole)
    assert by.groups["okm"] == Described(None, None, ())
    assert by.groups["usual"] == Described(None, None, ())


def test_public_data_are_described_exactly() -> None:
    (found,) = published(
        cube({None: described([1, 2, 4])}), rules=Policy("open", 1, "open", 1, 0, 1, "show"), public=True
    )
    assert found.groups[None].mean == Decimal("2.333333")
    assert dict(found.groups[None].quantiles)[50] == 2


@given(st.lists(st.integers(0, 10_000), min_size=30, max_size=200), st.integers(0, 10_000), st.data())
def test_one_persons_value_is_never_told_by_the_mean(values: list[int], other: int, data: st.DataObject) -> None:
    """Two data sets that differ in one person's value, no larger than the largest, differ by two steps at most."""
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values[:place], min(other, max(values)), *values[place + 1 :]]
    one, two = everyone(values).mean, everyone(changed).mean
    if one is not None and two is not None:
        step = Decimal(max(values)) / len(values)
        assert abs(one - two) <= 11 * step  # a step is less than five times what it must be at least, twice over


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**9))
def test_a_step_is_no_less_than_it_must_be_and_less_than_three_times_as_much(value: int, least: int) -> None:
    found = _stepped(Decimal(value), least) * MILLIONTHS
    off = abs(found - value)
    assert off <= Decimal("1.25") * least + 1
