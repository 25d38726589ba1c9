"""What has to be hidden: small cells, groups of which everyone is alike, and whatever would give those away.

There is no optimal complementary suppression yet.  Of a set of cells that holds an unsafe one, whole categories are
hidden until together they are large enough, or else the whole set; sums that would give a hidden cell back are hidden
too; and chains (attrition, events over time) are thinned until every difference of two published numbers is safe.
More is hidden than must be, never less.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from studyspec.guard import curves
from studyspec.guard.system import CANDIDATES, COHORT, Cell, Relation, System, remaining, steps
from studyspec.plan.cubes import RawCube


@dataclass(frozen=True, slots=True)
class Rules:
    """minimum: the threshold in force; base: of rounding; zeros: of the policy."""

    minimum: int
    base: int
    zeros: Literal["hide", "show"]

    def small(self, value: int) -> bool:
        """Whether a count of people may not be known."""
        return value < self.minimum and (value > 0 or self.zeros == "hide")

    def least(self, value: int) -> int:
        """The least number an attacker must still hold possible for a hidden cell."""
        return 0 if self.zeros == "hide" else min(1, value)


@dataclass(slots=True)
class Decision:
    """hidden: cells that are not published, with the first rule that hid them; secret: cells no one may work out.

    A secret is either a cell too small to show or what is left of a group beside one of its parts.
    """

    system: System = field(repr=False)
    rules: Rules
    hidden: dict[Cell, str] = field(default_factory=dict, repr=False)
    secret: set[Cell] = field(default_factory=set, repr=False)
    publishable: frozenset[Cell] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        self.publishable = frozenset(c for together in self.system.sets for c in together) - self.system.never

    def shown(self, cell: Cell) -> bool:
        return cell in self.publishable and cell not in self.hidden

    def hide(self, cells: Iterable[Cell], rule: str) -> bool:
        """Hide cells, and every set that holds one of them; True where anything changed."""
        before = len(self.hidden)
        for cell in cells:
            self.hidden.setdefault(cell, rule)
        size = -1
        while size != len(self.hidden):
            size = len(self.hidden)
            for together in self.system.sets:
                if not self.hidden.keys().isdisjoint(together):
                    for c in together:
                        self.hidden.setdefault(c, "hidden with the cells beside it")
        return len(self.hidden) > before


def decide(system: System, cubes: Sequence[RawCube], rules: Rules) -> Decision:
    """Everything that the rules themselves hide, to a fixpoint."""
    decision = Decision(system, rules)
    _find_secrets(decision)
    unsafe = {cell: "too few" for cell in system.values if cell in decision.secret and cell not in system.never}
    unsafe |= _groups_alike(decision)
    _keep_safe_rows(decision, unsafe)
    for cell, rule in unsafe.items():
        decision.hide([cell], rule)
    for cube in cubes:
        if cube.spec.kind == "attrition":
            _thin_attrition(decision, cube)
    _thin_curves(decision, cubes)
    settle(decision)
    return decision


def _find_secrets(decision: Decision) -> None:
    """Cells too small to show, and small rests: of those at risk, too few who had none of the events."""
    for cell, value in decision.system.values.items():
        if decision.rules.small(value) or (cell in decision.system.rests and value < decision.rules.minimum):
            decision.secret.add(cell)


def _groups_alike(decision: Decision) -> dict[Cell, str]:
    """All and all but a few: a part that leaves out too few of its group tells what almost everyone in it is."""
    system, rules = decision.system, decision.rules
    found: dict[Cell, str] = {}
    for relation, cube in list(system.relations.items()):
        if relation.kind != "partition" or len(relation.children) < 2 or system.values[relation.parent] == 0:
            continue
        for part in relation.children:
            others = system.values[relation.parent] - system.values[part]
            if others < rules.minimum:
                outside = Cell(part.people, part.facts | {("outside it in", str(relation.parent))})
                system.put(outside, others, cube)
                system.never.add(outside)
                system.relate(relation.parent, (part, outside), cube, "chain")
                decision.secret.add(outside)
                found[part] = "all, or all but too few"
    return found


def _keep_safe_rows(decision: Decision, unsafe: dict[Cell, str]) -> None:
    """Hide categories rather than the whole set, where those hidden are together large enough to be one category.

    What a reader can work out is then the sum of the hidden categories, in every group.  It has to be twice the
    threshold: someone who knows that one of them is safe still cannot say that another is not.
    """
    system = decision.system
    for together, rows in list(system.rows.items()):
        hidden = [row for row in rows if not unsafe.keys().isdisjoint(row)]
        others = sorted((row for row in rows if row not in hidden), key=lambda r: sum(system.values[c] for c in r))
        while hidden and others and not _large_together(decision, {c for row in hidden for c in row}, len(hidden)):
            hidden.append(others.pop(0))
        if hidden and others:
            name = system.sets.pop(together)
            for part in (hidden, others):
                system.sets[tuple(c for c in together if any(c in row for row in part))] = name


def _large_together(decision: Decision, cells: set[Cell], rows: int) -> bool:
    values = decision.system.values
    for relation in decision.system.relations:
        inside = [c for c in relation.children if c in cells]
        if (
            relation.kind == "partition"
            and 0 < len(inside) < len(relation.children)
            and sum(values[c] for c in inside) < 2 * decision.rules.minimum
        ):
            return False
    return rows > 1


def _thin_attrition(decision: Decision, cube: RawCube) -> None:
    """Keep only remaining counts between which no fewer than the threshold left; the cohort itself is kept longest."""
    names = steps(cube.spec)
    if not names:
        return
    chain = [CANDIDATES, *(remaining(n, i == len(names) - 1) for i, n in enumerate(names))]
    values = decision.system.values
    shown: list[Cell] = []
    for cell in chain:
        if cell in decision.hidden:
            continue
        if not shown or not decision.rules.small(values[shown[-1]] - values[cell]):
            shown.append(cell)
    if COHORT not in decision.hidden and shown and shown[-1] != COHORT:
        while shown and decision.rules.small(values[shown[-1]] - values[COHORT]):
            shown.pop()
        shown.append(COHORT)
    decision.hide([c for c in chain if c not in shown], "too few between two steps")


def _thin_curves(decision: Decision, cubes: Sequence[RawCube]) -> None:
    for group in curves.together(curves.all_series(cubes)):
        times = curves.times_of(cubes, group[0].outcome)
        for end in group[0].ends:
            _thin_series(decision, group, end, times)


def _thin_series(decision: Decision, group: tuple[curves.Series, ...], end: str, times: list[int]) -> None:
    """Keep only times between which no fewer than the threshold had the event, in every level of the group."""
    rules, values = decision.rules, decision.system.values
    last = [0] * len(group)
    for day in times:
        cells = [curves.so_far(s, end, day) for s in group]
        now = [values[c] for c in cells]
        few_left = any(values[curves.neither(s, day)] < rules.minimum for s in group)
        followed = all(s.observed_to(day) >= rules.minimum for s in group)
        if any(rules.small(n - before) for n, before in zip(now, last, strict=True)):
            decision.hide(cells, "too few events since the last published time")
        elif few_left or any(s.total - n < rules.minimum for s, n in zip(group, now, strict=True)):
            decision.hide(cells, "too few without the event")
        elif not followed:
            decision.hide(cells, "too few followed that far")
        else:
            last = now


def settle(decision: Decision) -> None:
    """Hide until no hidden cell is the only unknown of a relation."""
    changed = True
    while changed:
        changed = False
        for relation in decision.system.relations:
            unknown = [c for c in (relation.parent, *relation.children) if not decision.shown(c)]
            if len(unknown) == 1 and (unknown[0] not in decision.system.never or unknown[0] in decision.secret):
                beside = _beside(relation, unknown[0], decision)
                changed |= decision.hide(beside, "would give a hidden cell back")


def _beside(relation: Relation, unknown: Cell, decision: Decision) -> list[Cell]:
    """What to hide with the one unknown of a relation: its parts rather than their sum."""
    parts = [c for c in relation.children if c != unknown and decision.shown(c)]
    return parts[:1] or [relation.parent]
