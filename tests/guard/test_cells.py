"""What is published of a table: rounded, in one system, and nothing by which a small number could be known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studyspec.catalogue.types import Policy
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, History
from studyspec.plan.cubes import Key, RawCube
from studyspec.source import Refused
from tests.guard.people_by_hand import SEXES, Person, crowd, cubes, membership, model, person, policy


def release(people: list[Person], rules: Policy | None = None, **more: object) -> Guarded:
    return protect(cubes(people, **more), (membership(),), rules or policy(), model(), History())  # type: ignore[arg-type]


def table(guarded: Guarded, name: str = "baseline_sex") -> dict[Key, int | None]:
    cube = next(c for c in guarded.cubes if c.spec.name == name)
    assert isinstance(cube, GuardedCube)
    return dict(cube.cells)


FAIR = [(103, person("m", "okm")), (97, person("f", "okm")), (101, person("m")), (204, person("f"))]


def test_every_count_is_rounded_on_its_own() -> None:
    cells = table(release(crowd(*FAIR)))
    assert cells["m", "okm"] == 105
    assert cells["f", "okm"] == 95
    assert cells[None, "okm"] == 200
    assert cells["m", None] == 205
    assert cells[None, None] == 505


def test_every_declared_category_has_a_cell() -> None:
    cells = table(release(crowd(*FAIR)))
    assert len(cells) == (len(SEXES) + 1) * 3
    assert cells["unknown", None] == 0


def test_zeros_are_hidden_like_small_counts_where_the_policy_says_so() -> None:
    shown, hidden = table(release(crowd(*FAIR))), table(release(crowd(*FAIR), policy(zeros="hide")))
    assert shown["unknown", "okm"] == 0
    assert hidden["unknown", "okm"] is None
    assert hidden["unknown", None] is None


def test_a_small_cell_takes_enough_beside_it_along() -> None:
    cells = table(release(crowd(*FAIR, (4, person("unknown", "okm")), (30, person("unknown")))))
    assert cells["unknown", "okm"] is None
    assert cells["m", "okm"] is None or cells["f", "okm"] is None
    for level in ("okm", "usual"):
        assert sum(cells[sex, level] is None for sex in SEXES) >= 2
    assert cells["unknown", None] == 35


def test_where_no_one_else_can_be_kept_everyone_is_hidden() -> None:
    cells = table(
        release(crowd((100, person("m", "okm")), (4, person("f", "okm")), (300, person("m")), (90, person("f"))))
    )
    assert {cells[sex, level] for sex in ("m", "f") for level in ("okm", "usual")} == {None}


def test_a_category_with_everyone_in_it_is_not_published() -> None:
    cells = table(release(crowd((100, person("m", "okm")), (50, person("f")), (60, person("m")))))
    assert cells["m", "okm"] is None


def test_a_category_with_all_but_a_few_is_not_published() -> None:
    cells = table(release(crowd((200, person("m", "okm")), (6, person("f", "okm")), (50, person("f")), (60, person()))))
    assert cells["m", "okm"] is None


def test_insiders_are_counted_off() -> None:
    people = crowd(*FAIR, (8, person("unknown", "okm")), (30, person("unknown")))
    assert table(release(people, policy(insiders=0)))["unknown", "okm"] == 10
    assert table(release(people, policy(insiders=2)))["unknown", "okm"] == 10
    assert table(release(people, policy(insiders=4)))["unknown", "okm"] is None


def test_a_number_that_stands_in_several_cubes_is_published_as_one() -> None:
    people = [replace(p, values={**p.values, "age": "old" if i % 3 else "young"}) for i, p in enumerate(crowd(*FAIR))]
    guarded = release(people, variables={"sex": SEXES, "age": ("young", "old")})
    attrition = table(guarded, "attrition")
    for level in ("okm", "usual", None):
        found = {table(guarded, n)[None, level] for n in ("baseline_sex", "baseline_age", "employed_start")}
        assert len(found) == 1
    assert attrition["included",] == table(guarded)[None, None]


def test_a_level_hidden_in_one_table_is_hidden_in_all() -> None:
    guarded = release(crowd(*FAIR, (4, person("m", "rare"))), levels=("okm", "usual", "rare"))
    for name in ("baseline_sex", "employed_start"):
        assert table(guarded, name)[None, "rare"] is None
        assert sum(table(guarded, name)[None, level] is None for level in ("okm", "usual")) >= 1


def test_of_a_start_cube_only_the_number_at_risk_is_published() -> None:
    people = crowd(*FAIR, (40, person("m", "okm", start="prior")), (40, person("f", start="ended")))
    cells = table(release(people), "employed_start")
    assert cells["at_risk", "okm"] == 200
    assert {v for k, v in cells.items() if k[0] in ("prior", "ended", "time_zero")} == {None}


def test_the_number_at_risk_is_hidden_where_too_few_left_before() -> None:
    people = crowd(*FAIR, (3, person("m", "okm", start="prior")), (40, person("f", start="ended")))
    guarded = release(people)
    cells = table(guarded, "employed_start")
    assert cells[None, "okm"] == 205
    assert cells["at_risk", "okm"] is None
    assert cells["at_risk", "usual"] is None, "or the other would follow from the sum"


def test_a_cohort_of_a_few_people_shows_nothing() -> None:
    guarded = release(crowd((4, person("m", "okm")), (1, person("f"))))
    for cube in guarded.cubes:
        if isinstance(cube, GuardedCurve):
            points = [p for _, found in cube.levels.values() for p in found]
            assert {p.events for p in points} | {p.risk for p in points} == {None}
        else:
            assert not [v for v in cube.cells.values() if v]


def test_the_reasons_are_for_the_reviewer() -> None:
    guarded = release(crowd(*FAIR, (4, person("unknown", "okm")), (30, person("unknown"))))
    assert guarded.reasons
    assert {r.rule for r in guarded.reasons} >= {"too few"}
    assert "too few" not in repr(guarded)


def test_the_same_cubes_give_the_same_release() -> None:
    people = crowd(*FAIR, (4, person("unknown", "okm")), (30, person("unknown")))
    assert release(people) == release(list(reversed(people)))


def broken(cube: RawCube, **cells: int) -> RawCube:
    key = next(iter(cube.cells))
    return replace(cube, cells={**cube.cells, key: (cube.cells[key][0] + 1,)})


@pytest.mark.parametrize("which", range(4))
def test_counts_that_disagree_are_refused_without_a_number(which: int) -> None:
    made = list(cubes(crowd(*FAIR)))
    made[which] = broken(made[which])
    with pytest.raises(Refused, match="cubes-disagree") as caught:
        protect(tuple(made), (membership(),), policy(), model(), History())
    assert not [c for c in str(caught.value) if c.isdigit()]


def test_a_category_that_no_one_declared_is_refused() -> None:
    made = list(cubes(crowd(*FAIR)))
    made[1] = replace(made[1], cells={**made[1].cells, ("surprise", None): (20,)})
    with pytest.raises(Refused, match="cubes-disagree") as caught:
        protect(tuple(made), (membership(),), policy(), model(), History())
    assert "surprise" not in str(caught.value)


def test_true_counts_show_in_no_repr() -> None:
    from studyspec.guard.curves import series_of
    from studyspec.guard.hide import Rules, decide
    from studyspec.guard.kinds import build

    made = cubes(crowd((1234, person())))
    system = build(made)
    shown = [repr(x) + str(x) for x in (*made, system, decide(system, made, Rules(5, 5, "show")), *series_of(made[-1]))]
    assert not [text for text in shown if "1234" in text]


def test_the_same_people_are_one_cell_whatever_a_plan_had_to_call_their_column() -> None:
    """A level hidden in one cube is hidden in the other, though the exposure's column has another name there."""
    made = list(cubes(crowd(*FAIR, (3, person("m", "okm", start="prior")), (40, person("f", start="ended")))))
    start = made[2].spec
    names = {"pathway": "pathway_exposure"}
    spec = replace(
        start,
        by="pathway_exposure",
        dimensions=tuple(replace(d, name=names.get(d.name, d.name)) for d in start.dimensions),
        sets=tuple(tuple(names.get(n, n) for n in kept) for kept in start.sets),
    )
    renamed = tuple(replace(c, spec=spec) if c is made[2] else c for c in made)
    one, other = (protect(x, (membership(),), policy(), model(), History()) for x in (tuple(made), renamed))
    assert [getattr(c, "cells", None) for c in one.cubes] == [getattr(c, "cells", None) for c in other.cubes]
    assert [c.spec for c in other.cubes] == [c.spec for c in renamed]
