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

from studyspec.catalogue.types import Dominance
from studyspec.guard import curves
from studyspec.guard.series import Series
from studyspec.guard.system import Cell, Relation, System, candidates, clusters, drop, members, remaining, steps
from studyspec.plan.cubes import RawCube


@dataclass(frozen=True, slots=True)
class Rules:
    """minimum: the threshold in force; base: of rounding; zeros: of the policy.

    clusters: the fewest clusters behind a number, where they are counted; 0 for no such rule
    dominance: what the registers demand of sums to which one entity can add more than one
    """

    minimum: int
    base: int
    zeros: Literal["hide", "show"]
    clusters: int = 0
    dominance: tuple[Dominance, ...] = ()

    def small(self, value: int, entities: int | None = None, clusters: int | None = None) -> bool:
        """Whether a number may not be known.

        entities: how many are behind it at the least, where it counts records; clusters: likewise, None where not
        counted
        """
        if value == 0:
            return self.zeros == "hide"
        few = value < self.minimum or (entities is not None and entities < self.minimum)
        return few or (clusters is not None and clusters < self.clusters) or self._dominated(value, entities)

    def _dominated(self, records: int, entities: int | None) -> bool:
        """Whether the n largest could hold more than their share: everyone else has one record at the least."""
        if entities is None:
            return False
        return any(100 * (records - max(0, entities - r.n)) > r.percent * records for r in self.dominance)

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

    def small(self, cell: Cell) -> bool:
        """Whether a cell's number may not be known."""
        system = self.system
        return self.rules.small(system.values[cell], system.entities.get(cell), system.clusters.get(cell))

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
        if cube.spec.kind == "attrition" and cube.spec.additive:
            _thin_attrition(decision, cube)
    _thin_curves(decision, cubes)
    settle(decision)
    return decision


def _find_secrets(decision: Decision) -> None:
    """Cells too small to show, and small rests: of those at risk, too few who had none of the events."""
    for cell, value in decision.system.values.items():
        if cell in decision.system.impossible:
            continue
        if decision.small(cell) or (cell in decision.system.rests and value < decision.rules.minimum):
            decision.secret.add(cell)


def _groups_alike(decision: Decision) -> dict[Cell, str]:
    """All and all but a few: a part that leaves out too few of its group tells what almost everyone in it is."""
    system, rules = decision.system, decision.rules
    found: dict[Cell, str] = {}
    for relation, cube in list(system.relations.items()):
        if relation.kind == "chain" or len(relation.children) < 2 or system.values[relation.parent] == 0:
            continue
        if relation.parent.people == "candidates":
            continue  # that all or almost all are in the cohort is what an attrition is for
        for part in relation.children:
            others = system.values[relation.parent] - system.values[part]
            if part not in system.entities and others < rules.minimum:
                outside = Cell(part.people, part.facts | {("outside it in", str(relation.parent))}, part.cohort)
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
            relation.kind != "chain"
            and 0 < len(inside) < len(relation.children)
            and sum(values[c] for c in inside) < 2 * decision.rules.minimum
        ):
            return False
    return rows > 1


def _thin_attrition(decision: Decision, cube: RawCube) -> None:
    """Keep only remaining counts between which no fewer than the threshold left; the cohort itself is kept longest."""
    spec = cube.spec
    names = steps(spec)
    if not names:
        return
    cohort = members(spec)
    chain = [candidates(spec), *(remaining(spec, n) for n in names)]
    gone = [decision.system.values[drop(spec, n)] for n in names]

    def small(after: int, by: int) -> bool:
        """Whether too few left between two places of the chain."""
        return decision.rules.small(sum(gone[after:by]), clusters=clusters(cube, [(n,) for n in names[after:by]]))

    shown: list[int] = []
    for i, cell in enumerate(chain):
        if cell not in decision.hidden and (not shown or not small(shown[-1], i)):
            shown.append(i)
    if cohort not in decision.hidden and shown and chain[shown[-1]] != cohort:
        while shown and small(shown[-1], len(names)):
            shown.pop()
        shown.append(len(names))
    decision.hide([c for i, c in enumerate(chain) if i not in shown], "too few between two steps")


def _thin_curves(decision: Decision, cubes: Sequence[RawCube]) -> None:
    for group in curves.together(curves.all_series(cubes)):
        times = curves.times_of(cubes, group[0])
        for end in group[0].ends:
            _thin_series(decision, group, end, times)


def _thin_series(decision: Decision, group: tuple[Series, ...], end: str, times: list[int]) -> None:
    """Keep only times between which no fewer than the threshold had the event, in every level of the group."""
    least = decision.rules.minimum
    last = -1
    for day in times:
        cells = [curves.so_far(s, end, day) for s in group]
        if any(_small_between(decision, s, end, last, day) for s in group):
            decision.hide(cells, "too few events since the last published time")
        elif any(curves.without(decision.system, s, day) < least for s in group):
            decision.hide(cells, "too few without the event")
        elif any(s.followed_from(day) < least for s in group):
            decision.hide(cells, "too few followed that far")
        else:
            last = day


def _small_between(decision: Decision, series: Series, end: str, after: int, day: int) -> bool:
    records = series.so_far(end, day) - series.so_far(end, after)
    entities = None if series.entities is None else series.entities_between(end, after, day)
    return decision.rules.small(records, entities, series.clusters_between(end, after, day))


def settle(decision: Decision) -> None:
    """Hide until no hidden cell is the only unknown of a sum; of a union the attacker sees to the rest."""
    changed = True
    while changed:
        changed = False
        for relation in (r for r in decision.system.relations if r.kind != "union"):
            unknown = [c for c in (relation.parent, *relation.children) if not decision.shown(c)]
            if len(unknown) == 1 and (unknown[0] not in decision.system.never or unknown[0] in decision.secret):
                beside = _beside(relation, unknown[0], decision)
                changed |= decision.hide(beside, "would give a hidden cell back")


def _beside(relation: Relation, unknown: Cell, decision: Decision) -> list[Cell]:
    """What to hide with the one unknown of a relation: its parts rather than their sum."""
    parts = [c for c in relation.children if c != unknown and decision.shown(c)]
    return parts[:1] or [relation.parent]
