"""Several cohorts in one release: what one less another tells is guarded like any number, or the release is refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.guard import Declared, protect
from studyspec.guard.cohorts import differences, require_apart
from studyspec.guard.cuts import Cut, cuts
from studyspec.guard.declared import CohortSource
from studyspec.guard.types import Guarded, GuardedCube, History
from studyspec.plan.cubes import RawCube
from studyspec.source import Refused
from tests.guard.people_by_hand import dimension, model, policy
from tests.guard.units_by_hand import Unit, members, spec, table, units

SEXES = ("m", "f", "unknown")


def sexes(cohort: str, found: Sequence[Unit]) -> RawCube:
    return table(found, spec(f"{cohort}_sex", "baseline", [dimension("sex", *SEXES)], cohort=cohort, subject="sex"))


def release(cohorts: dict[str, list[Unit]], *more: RawCube, study: Declared | None = None, **rules: object) -> Guarded:
    cubes = [sexes(name, found) for name, found in cohorts.items()]
    memberships = tuple(members(name, found) for name, found in cohorts.items())
    return protect((*cubes, *more), memberships, policy(**rules), model(), History(), study)


def cells(guarded: Guarded, name: str) -> dict[object, int | None]:
    cube = next(c for c in guarded.cubes if c.spec.name == name)
    assert isinstance(cube, GuardedCube)
    return {key[0]: n for key, n in cube.cells.items()}


MEN, WOMEN = units(200, "m", sex="m"), units(200, "f", sex="f")
OTHERS = units(100, "o", sex="m")


def close(*found: list[Unit], minimum: int = 8) -> bool:
    try:
        require_apart([members(str(i), one) for i, one in enumerate(found)], minimum)
    except Refused:
        return True
    return False


@pytest.mark.parametrize("few", [1, 7])
def test_a_cohort_less_a_few_of_its_people_is_refused(few: int) -> None:
    assert close(MEN, MEN[few:])
    with pytest.raises(Refused, match="cohorts-too-close") as refused:
        release({"all": MEN, "most": MEN[few:]})
    assert not [c for c in str(refused.value) if c.isdigit()]


def test_cohorts_that_are_the_same_or_apart_or_far_enough_are_fine() -> None:
    assert not close(MEN, MEN)
    assert not close(MEN, WOMEN)
    assert not close(MEN, MEN[8:])


def test_cohorts_that_share_a_few_people_are_fine_because_no_subtraction_gives_those() -> None:
    assert not close(MEN, [*WOMEN, *MEN[:3]])


def test_set_operations_that_isolate_a_few_are_refused() -> None:
    one, other = MEN, [*MEN[:3], *WOMEN]
    assert not close(one, other)
    assert close(one, other, [*MEN, *WOMEN]), "the union tells how many are in both"
    assert close(one, other, MEN[:3]) or close(one, MEN[:3], minimum=198)
    assert close(MEN, WOMEN, [*MEN, *WOMEN, *OTHERS[:3]])
    assert not close(MEN, WOMEN, [*MEN, *WOMEN])


def test_the_same_people_under_two_names_are_one_number() -> None:
    guarded = release({"one": [*MEN, *WOMEN], "two": [*MEN, *WOMEN]})
    assert cells(guarded, "one_sex") == cells(guarded, "two_sex")


def test_a_few_between_two_cohorts_are_not_given_away_by_their_tables() -> None:
    """Fifty more people, three of them men: the difference of the two numbers of men would tell."""
    more = [*units(47, "x", sex="f"), *units(3, "y", sex="m")]
    guarded = release({"small": [*MEN, *WOMEN], "large": [*MEN, *WOMEN, *more]}, rounding=1)
    small, large = cells(guarded, "small_sex"), cells(guarded, "large_sex")
    assert (small[None], large[None]) == (400, 450)
    for sex in ("m", "f"):
        assert small[sex] is None or large[sex] is None


def test_three_cohorts_give_no_few_away_that_no_two_do() -> None:
    """Everyone less the men's half and the women's half is 40 people, three of them unknown."""
    rest = [*units(20, "x", sex="f"), *units(17, "y", sex="m"), *units(3, "z", sex="unknown")]
    one, other = [*MEN, *units(20, "u", sex="unknown")], [*WOMEN, *units(20, "v", sex="unknown")]
    guarded = release({"one": one, "other": other, "all": [*one, *other, *rest]}, rounding=1)
    shown = [cells(guarded, f"{name}_sex")["unknown"] for name in ("one", "other", "all")]
    assert None in shown


def attrition(cohort: str, left: dict[str, int]) -> RawCube:
    about = spec(f"{cohort}_attrition", "attrition", [dimension("left_at", *left)], cohort=cohort)
    return table([Unit(f"{step}{i}", {"left_at": step}) for step, n in left.items() for i in range(n)], about)


def test_who_a_cohort_begins_with_is_who_is_in_the_one_it_is_made_of() -> None:
    """The number of those with an index is hidden, and is the size of the other cohort: that is hidden too."""
    large, small = [*MEN, *WOMEN], [*MEN, *WOMEN[:150]]
    steps = attrition("small", {"a": 4, "b": 46, "included": 350})
    source = Declared(sources=(CohortSource("small", None, ("large",)),))
    guarded = release({"large": large, "small": small}, steps, study=source, rounding=1)
    assert cells(guarded, "large_sex")[None] == cells(guarded, "small_attrition")[None]
    assert cells(guarded, "small_attrition")["a"] is None


def test_the_same_criteria_leave_the_same_people() -> None:
    """Hidden after the step in one attrition, the number is hidden in the other."""
    one = attrition("one", {"a": 100, "b": 3, "included": 400})
    two = attrition("two", {"a": 100, "b": 203, "included": 200})
    same = Declared(same=((("one", None), ("two", None)), (("one", "a"), ("two", "a"))))
    cohorts = {"one": [*MEN, *WOMEN], "two": MEN}
    guarded = release(cohorts, one, two, study=same, rounding=1)
    assert cells(guarded, "one_attrition")["a"] is None
    assert cells(guarded, "two_attrition")["a"] is None
    apart = release(cohorts, one, two, rounding=1)
    assert cells(apart, "two_attrition")["a"] == 403, "what this test is about"


def test_earlier_releases_and_two_new_cohorts_are_compared_together() -> None:
    earlier = History((members("all", [*MEN, *WOMEN, *OTHERS[:3]]),))
    cubes = (sexes("men", MEN), sexes("women", WOMEN))
    with pytest.raises(Refused, match="differencing"):
        protect(cubes, (members("men", MEN), members("women", WOMEN)), policy(), model(), earlier)
    fine = History((members("all", [*MEN, *WOMEN, *OTHERS]),))
    assert protect(cubes, (members("men", MEN), members("women", WOMEN)), policy(), model(), fine).cubes


def test_a_permit_caps_all_the_people_of_a_study_together() -> None:
    with pytest.raises(Refused, match="permit-population"):
        release({"men": MEN, "women": WOMEN}, study=Declared(population_cap=300))
    assert release({"men": MEN, "again": MEN}, study=Declared(population_cap=300))


def test_differences_say_nothing_of_their_numbers() -> None:
    found = list(differences([members("a", MEN), members("b", MEN[:50])]))
    assert [f.people for f in found] == [150]
    assert "150" not in repr(found) + str(found)


def interval(guarded: Guarded, number: int, base: int) -> tuple[float, float]:
    low = number - base // 2
    return (0, 0) if number == 0 else (max(low, guarded.minimum), low + base - 1)


def assert_withstands(seed: int) -> int:
    """Linear programming over how many of each sex are in exactly which cohorts: no few between cohorts are known."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    rng = random.Random(seed)
    atoms = [(a, s) for a in range(1, 8) for s in SEXES]
    sizes = {atom: rng.choice((0, 0, 2, 6, 30, 90)) for atom in atoms}
    if rng.random() < 0.6:  # nested: the first within the second within the third
        sizes = {(a, s): n if a in (4, 6, 7) else 0 for (a, s), n in sizes.items()}
    names = ("a", "b", "c")
    cohorts = {
        name: [u for (a, s), n in sizes.items() if a >> i & 1 for u in units(n, f"{a}{s}", sex=s)]
        for i, name in enumerate(names)
    }
    rules = policy(rounding=rng.choice((1, 5)), zeros=rng.choice(("show", "hide")))
    memberships = tuple(members(name, found) for name, found in cohorts.items())
    try:
        guarded = protect(tuple(sexes(n, f) for n, f in cohorts.items()), memberships, rules, model(), History())
    except Refused:
        return 0
    inhabited = {a for (a, _), n in sizes.items() if n}  # who is in which cohort is known to be so or not at all
    variables = [(a, s) for a, s in atoms if a in inhabited]
    upper, limits = [], []
    for i, name in enumerate(names):
        for sex, number in cells(guarded, f"{name}_sex").items():
            if number is not None:
                row = [1.0 if a >> i & 1 and sex in (None, s) else 0.0 for a, s in variables]
                low, high = interval(guarded, number, rules.rounding)
                upper += [row, [-x for x in row]]
                limits += [high, -low]
    tried = 0
    for found in (d for d in differences(memberships) if d.each and d.people):
        for sex in SEXES:
            weight = [
                sum(1 for i in found.plus if a >> i & 1) - sum(1 for i in found.minus if a >> i & 1) if s == sex else 0
                for a, s in variables
            ]
            true = sum(w * sizes[v] for w, v in zip(weight, variables, strict=True))
            if true >= guarded.minimum or (true == 0 and rules.zeros == "show"):
                continue
            bounds = [
                sign * linprog([sign * w for w in weight], A_ub=upper or None, b_ub=limits or None, bounds=(0, 1e6),
                               method="highs").fun
                for sign in (1, -1)
            ]  # fmt: skip
            least = 0 if rules.zeros == "hide" else 1
            assert bounds[0] <= least + 1e-6, f"seed {seed}: {found.plus} less {found.minus} {sex}"
            assert bounds[1] >= guarded.minimum - 1 - 1e-6, f"seed {seed}: {found.plus} less {found.minus} {sex}"
            tried += 1
    return tried


@pytest.mark.parametrize("batch", range(4))
def test_no_few_between_cohorts_are_pinned_down(batch: int) -> None:
    assert sum(assert_withstands(15 * batch + i) for i in range(15)) > 0


@pytest.mark.sweep
@pytest.mark.parametrize("batch", range(20))
def test_no_few_between_cohorts_are_pinned_down_in_many_releases(batch: int) -> None:
    assert sum(assert_withstands(2000 + 30 * batch + i) for i in range(30)) > 0


def test_a_cohort_that_is_a_category_of_another_is_one_number() -> None:
    """Three are of unknown sex, so the men are hidden with them; the cohort of men would tell how many."""
    everyone = [*MEN, *WOMEN, *units(3, "u", sex="unknown")]
    cut = Declared(cuts=(Cut("men", "man", True, "all", "sex", ("m",), ("m",)),))
    age = table(
        [Unit(u.entity, {"age": "old"}) for u in MEN],
        spec("men_age", "baseline", [dimension("age", "young", "old")], cohort="men", subject="age"),
    )
    apart = (members("all", everyone), members("men", MEN))

    def given_away(study: Declared) -> bool:
        guarded = protect((sexes("all", everyone), age), apart, policy(rounding=1), model(), History(), study)
        table, men = cells(guarded, "all_sex"), cells(guarded, "men_age")[None]
        assert table["unknown"] is None
        return None not in (men, table["f"], table[None])

    assert given_away(Declared()), "what this test is about"
    assert not given_away(cut)


def test_few_between_a_cohort_and_a_category_are_not_told() -> None:
    """Forty and older are 45 and older and three more."""
    everyone = [*units(200, "y", band="18-44"), *units(150, "o", band="45-64")]
    bands = table(everyone, spec("all_band", "baseline", [dimension("band", "18-44", "45-64")], cohort="all",
                                 subject="band"))  # fmt: skip
    older = units(153, "q", sex="m")
    cut = Declared(cuts=(Cut("older", "forty", True, "all", "band", ("45-64",), ("18-44", "45-64")),))
    apart = (members("all", everyone), members("older", older))
    guarded = protect((bands, sexes("older", older)), apart, policy(rounding=1), model(), History(), cut)
    assert None in (cells(guarded, "all_band")["45-64"], cells(guarded, "older_sex")[None])


def test_which_cohorts_are_categories_is_read_from_the_study(tmp_path: Path) -> None:
    text = """study cut version 1.0.0
language en
title en "Cut"
purpose en "Cut."
model fi_municipal 1
permit "ESPOO-2021-117"
define age_group = age at index in bands 18-29, 30-44, 45-64
cohort clients of person
    index first jobseeking starting during [2019-01-01, 2022-12-31]
    include adult "Adult" where age at index between 18 and 64
cohort men of person
    index from clients
    include man "Man" where sex = "1"
cohort older of person
    index first jobseeking starting during [2019-01-01, 2022-12-31]
    include grown "Adult" where age at index between 18 and 64
    include forty "Forty" where age at index >= 40
report baseline of sex, age_group in clients
report attrition in men
report attrition in older
"""
    (tmp_path / "cut.study").write_text(text)
    examples = Path(__file__).parents[2] / "examples" / "omnia"
    site = pipeline.site(examples / "site.yaml")
    found = {(c.cohort, c.variable): c for c in cuts(pipeline.understand(tmp_path / "cut.study", site).study)}
    man = found["men", "sex"]
    assert (man.base, man.step, man.last, man.inside, man.touching) == ("clients", "man", True, ("1",), ("1",))
    forty = found["older", "age_group"]
    assert (forty.base, forty.inside) == ("clients", ("45-64",))
    assert forty.touching is None or set(forty.touching) >= {"30-44", "45-64"}


def test_the_tables_of_such_a_cohort_are_parts_of_the_other_tables_too() -> None:
    """Of the men three are of unknown age; the clients' table by sex and age must not give that back."""
    ages = ("young", "old", "unknown")
    size = {("m", "young"): 100, ("m", "old"): 90, ("m", "unknown"): 3, ("f", "young"): 80, ("f", "old"): 70,
            ("f", "unknown"): 60}  # fmt: skip
    everyone = [Unit(f"{s}{a}{i}", {"sex": s, "age": a}) for (s, a), n in size.items() for i in range(n)]
    men = [u for u in everyone if u.at["sex"] == "m"]
    age = dimension("age", *ages)
    both = table(everyone, spec("all_age", "baseline", [age, dimension("sex", "m", "f")], cohort="all",
                                subject="age", by="sex"))  # fmt: skip
    alone = table(men, spec("men_age", "baseline", [age], cohort="men", subject="age"))
    apart = (members("all", everyone), members("men", men))
    cut = Declared(cuts=(Cut("men", "man", True, "all", "sex", ("m",), ("m",)),))
    guarded = protect((both, alone), apart, policy(rounding=1), model(), History(), cut)
    table_of_all = next(c for c in guarded.cubes if isinstance(c, GuardedCube)).cells
    men_of = cells(guarded, "men_age")
    known = {a: men_of[a] if men_of[a] is not None else table_of_all[a, "m"] for a in ages}
    total = men_of[None] if men_of[None] is not None else table_of_all[None, "m"]
    assert known["unknown"] is None
    assert None in (known["young"], known["old"], total)
