"""An attacker with linear programming, who shares no code with the guard, finds no hidden small number.

The attacker knows the policy and everything published, and writes down every identity there is between the counts:
people by step, by category and level, at risk and before, by event and time.  For every count that the policy keeps
from being known the attacker computes the least and the greatest value possible.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from studyspec.catalogue.types import Policy
from studyspec.guard import protect
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, History
from studyspec.plan.cubes import RawCube
from tests.guard.people_by_hand import membership, model
from tests.guard.releases_at_random import release

linprog = pytest.importorskip("scipy.optimize").linprog

Sum = tuple[str, ...]


@dataclass
class Attack:
    """Variables are the finest counts, by name; sums of them have known bounds; `same` sums are equal."""

    names: dict[str, int] = field(default_factory=dict)
    bounds: list[tuple[Sum, float, float]] = field(default_factory=list)
    same: list[tuple[Sum, Sum]] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)
    targets: dict[Sum, str] = field(default_factory=dict)
    others: set[Sum] = field(default_factory=set)  # everyone in a group outside one of its categories

    def add(self, name: str, true: int) -> str:
        self.names.setdefault(name, len(self.names))
        self.truth[name] = true
        return name

    def row(self, terms: Sum) -> list[float]:
        row = [0.0] * len(self.names)
        for term in terms:
            row[self.names[term]] += 1
        return row

    def solve(self, target: Sum) -> tuple[float, float]:
        upper, limits, equal = [], [], []
        for terms, low, high in self.bounds:
            row = self.row(terms)
            upper += [row, [-x for x in row]]
            limits += [high, -low]
        for one, other in self.same:
            equal.append([a - b for a, b in zip(self.row(one), self.row(other), strict=True)])
        objective = self.row(target)
        found = []
        for sign in (1, -1):
            solved = linprog(
                [sign * x for x in objective], A_ub=upper or None, b_ub=limits or None, A_eq=equal or None,
                b_eq=[0] * len(equal) or None, bounds=(0, 1e6), method="highs",
            )  # fmt: skip
            assert solved.status == 0, "what was published contradicts itself"
            found.append(sign * solved.fun)
        return found[0], found[1]


def published(number: int, rules: Policy, guarded: Guarded) -> tuple[float, float]:
    if number == 0:
        return 0, 0
    low = number - rules.rounding // 2
    return max(low, guarded.minimum), low + rules.rounding - 1


def attack_on(cubes: tuple[RawCube, ...], guarded: Guarded, rules: Policy) -> Attack:
    attack = Attack()
    by_name: dict[tuple[str, str], Sum] = {}
    for raw, shown in zip(cubes, guarded.cubes, strict=True):
        if isinstance(shown, GuardedCurve):
            _curve(attack, raw, shown, rules, guarded, by_name)
        elif raw.spec.kind == "attrition":
            _attrition(attack, raw, shown, rules, guarded, by_name)
        else:
            _table(attack, raw, shown, rules, guarded, by_name)
    return attack


def _link(attack: Attack, by_name: dict[tuple[str, str], Sum], key: tuple[str, str], terms: Sum) -> None:
    if key in by_name:
        attack.same.append((by_name[key], terms))
    by_name.setdefault(key, terms)


def _attrition(attack, raw, shown, rules, guarded, by_name) -> None:
    names = [c.key for c in raw.spec.dimensions[0].categories]
    all_ = tuple(attack.add(f"left {n}", raw.cells.get((n,), (0,))[0]) for n in names)
    for i, name in enumerate([None, *names]):
        left = all_ if name is None else all_[i:] if name != "included" else all_[-1:]
        if shown.cells[name,] is not None:
            attack.bounds.append((left, *published(shown.cells[name,], rules, guarded)))
    for name in all_[:-1]:
        attack.targets[name,] = "drop"
    _link(attack, by_name, ("cohort", ""), all_[-1:])


def _table(attack, raw, shown, rules, guarded, by_name) -> None:
    own, by = raw.spec.dimensions
    prefix = raw.spec.name
    cell = {
        (c.key, level.key): attack.add(f"{prefix} {c.key} {level.key}", raw.cells.get((c.key, level.key), (0,))[0])
        for c in own.categories
        for level in by.categories
    }
    for (category, level), number in shown.cells.items():
        terms = tuple(n for (c, x), n in cell.items() if category in (None, c) and level in (None, x))
        if number is not None:
            attack.bounds.append((terms, *published(number, rules, guarded)))
        if raw.spec.kind == "baseline" or category is None:
            attack.targets[terms] = "cell"
        for group in {(category, None), (None, level), (None, None)} if raw.spec.kind == "baseline" else ():
            one_more = sum(x is None for x in group) - (category is None) - (level is None) == 1
            values = own.categories if group[0] is None and category is not None else by.categories
            if one_more and len(values) > 1:
                whole = tuple(n for (c, x), n in cell.items() if group[0] in (None, c) and group[1] in (None, x))
                if sum(attack.truth[n] for n in whole):
                    attack.others.add(tuple(n for n in whole if n not in terms))
    for level in by.categories:
        terms = tuple(n for (_, x), n in cell.items() if x == level.key)
        _link(attack, by_name, ("level", level.key), terms)
        if raw.spec.kind == "start":
            staying = tuple(n for (c, x), n in cell.items() if x == level.key and c == "at_risk")
            _link(attack, by_name, ("at risk", level.key), staying)
            attack.targets[tuple(n for n in terms if n not in staying)] = "left before"
    _link(attack, by_name, ("cohort", ""), tuple(cell.values()))
    if raw.spec.kind == "start":
        attack.targets[tuple(n for (c, _), n in cell.items() if c != "at_risk")] = "left before"


def _curve(attack, raw, shown, rules, guarded, by_name) -> None:
    """Per level: the events of each kind between two published times, and everyone else."""
    levels = [c.key for d in raw.spec.dimensions if d.name == raw.spec.by for c in d.categories]
    times = [t.days for t in raw.spec.times]
    new: dict[tuple[str, str, int], int] = defaultdict(int)
    rest: dict[str, int] = defaultdict(int)
    for (level, day, end), (n,) in ((k, v) for k, v in raw.cells.items() if k[0] is not None):
        slot = next((i for i, t in enumerate(times) if day <= t), None)
        if end == "censored" or slot is None:
            rest[level] += n
        else:
            new[level, end, slot] += n
    kinds = ("event", "death")
    for level in levels:
        parts = {(k, i): attack.add(f"{level} {k} {i}", new[level, k, i]) for k in kinds for i in range(len(times))}
        other = attack.add(f"{level} other", rest[level])
        _link(attack, by_name, ("at risk", level), (*parts.values(), other))
        for name in parts.values():
            attack.targets[name,] = "events"
    for level, (_, points) in shown.levels.items():
        for i, point in enumerate(points):
            for kind, number in (("event", point.events), *point.competing):
                terms = tuple(f"{x} {kind} {j}" for x in levels if level in (None, x) for j in range(i + 1))
                if number is not None:
                    attack.bounds.append((terms, *published(number, rules, guarded)))
                attack.targets[terms] = "events so far"
            if point.risk and point.events and level is not None:
                low, _ = published(point.events, rules, guarded)
                if low:
                    places = -point.risk.as_tuple().exponent
                    coarse = float(point.risk) + 5 * 10.0**-places  # no step is wider than ten units of the last place
                    start = by_name["at risk", level]
                    attack.bounds.append((start, low / coarse - 1e-9, 1e6))


def assert_withstands(seed: int) -> int:
    cubes, rules = release(seed)
    guarded = protect(cubes, (membership(),), rules, model(), History())
    attack = attack_on(cubes, guarded, rules)
    tried = 0
    for target, kind in (attack.targets | dict.fromkeys(sorted(attack.others), "others")).items():
        true = sum(attack.truth[n] for n in target)
        small = 0 < true < guarded.minimum or (true == 0 and (rules.zeros == "hide" or target in attack.others))
        if not small:
            continue
        low, high = attack.solve(target)
        least = 0 if rules.zeros == "hide" else min(1, true)
        assert low <= least + 1e-6, f"seed {seed}: {kind} {target} is known to be at least {low}"
        assert high >= guarded.minimum - 1 - 1e-6, f"seed {seed}: {kind} {target} is known to be at most {high}"
        tried += 1
    return tried


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_number_is_pinned_down(seed: int) -> None:
    assert_withstands(seed)


@pytest.mark.sweep
@pytest.mark.parametrize("batch", range(40))
def test_no_hidden_number_is_pinned_down_in_many_releases(batch: int) -> None:
    assert sum(assert_withstands(1000 + 25 * batch + i) for i in range(25)) > 0


def test_the_attacker_attacks() -> None:
    """The attack is no formality: shown every number, it finds small ones."""
    cubes, rules = release(7)
    guarded = protect(cubes, (membership(),), rules, model(), History())
    attack = attack_on(cubes, guarded, rules)
    for name, true in attack.truth.items():
        attack.bounds.append(((name,), true, true))
    name = next(n for n, true in attack.truth.items() if true)
    assert attack.solve((name,)) == pytest.approx((attack.truth[name],) * 2)


def test_generated_releases_show_something_and_hide_something() -> None:
    shown = hidden = 0
    for seed in range(60):
        cubes, rules = release(seed)
        for cube in protect(cubes, (membership(),), rules, model(), History()).cubes:
            if isinstance(cube, GuardedCube) and cube.spec.kind == "baseline":
                shown += sum(v is not None for v in cube.cells.values())
                hidden += sum(v is None for v in cube.cells.values())
    assert shown > 300
    assert hidden > 300
