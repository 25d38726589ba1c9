"""The product's own attacker: what someone who knows the policy can say of every hidden cell.

Each cell has an interval.  A published number gives its rounding bucket, cut by what the policy would have hidden; a
hidden one gives nothing.  Every relation then narrows every cell in it by the others, until nothing changes.  The
bounds are valid, though not always the narrowest; the tests attack generated releases with linear programming as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studyspec.guard.hide import Decision
from studyspec.guard.system import Cell, Relation
from studyspec.guard.threshold import bucket, rounded

#: No population is larger: stands for "no bound".
UNBOUNDED = 1 << 40


@dataclass(frozen=True, slots=True)
class Interval:
    low: int
    high: int


def intervals(decision: Decision, floors: Mapping[Cell, int]) -> dict[Cell, Interval]:
    """The interval of every cell, given all that is published.

    floors: lower bounds that follow from published risks (a risk and its events bound the people at risk from below)
    """
    system, rules = decision.system, decision.rules
    found: dict[Cell, Interval] = {}
    shown = {c for c in decision.publishable if decision.shown(c)}
    for cell, value in system.values.items():
        if cell not in shown:
            found[cell] = Interval(floors.get(cell, 0), UNBOUNDED)
        elif value == 0:
            found[cell] = Interval(0, 0)
        else:
            low, high = bucket(rounded(value, rules.base), rules.base)
            found[cell] = Interval(max(low, rules.minimum), high)
    relations = list(system.relations)
    touching: dict[Cell, list[int]] = {}
    for i, relation in enumerate(relations):
        for cell in (relation.parent, *relation.children):
            touching.setdefault(cell, []).append(i)
    waiting = dict.fromkeys(range(len(relations)))
    while waiting:
        i = next(iter(waiting))
        del waiting[i]
        for cell in _narrow(relations[i], found):
            waiting |= dict.fromkeys(touching[cell])
    return found


def _narrow(relation: Relation, found: dict[Cell, Interval]) -> list[Cell]:
    """Narrow the cells of one relation by each other; which of them changed."""
    if relation.kind == "union":
        return _narrow_union(relation, found)
    low = sum(found[c].low for c in relation.children)
    high = sum(found[c].high for c in relation.children)
    parent = found[relation.parent]
    bounds = {relation.parent: Interval(max(parent.low, low), min(parent.high, high))}
    for child in relation.children:
        own = found[child]
        bounds[child] = Interval(
            max(own.low, parent.low - (high - own.high)),
            min(own.high, parent.high - (low - own.low)),
        )
    return _narrowed(bounds, found)


def _narrow_union(relation: Relation, found: dict[Cell, Interval]) -> list[Cell]:
    """A union lies between the largest of its parts and their sum."""
    low = max(found[c].low for c in relation.children)
    high = sum(found[c].high for c in relation.children)
    parent = found[relation.parent]
    bounds = {relation.parent: Interval(max(parent.low, low), min(parent.high, high))}
    for child in relation.children:
        own = found[child]
        bounds[child] = Interval(max(own.low, parent.low - (high - own.high)), min(own.high, parent.high))
    return _narrowed(bounds, found)


def _narrowed(bounds: Mapping[Cell, Interval], found: dict[Cell, Interval]) -> list[Cell]:
    changed = [c for c, interval in bounds.items() if interval != found[c]]
    found.update(bounds)
    return changed


def found_out(decision: Decision, floors: Mapping[Cell, int]) -> list[Cell]:
    """Secrets that the attacker can tell too well.

    The interval of a small number has to hold everything from the least that must stay possible up to the threshold;
    that of a larger one (made by too few entities or clusters) has to be as wide.
    """
    known = intervals(decision, floors)
    return [c for c in decision.system.values if c in decision.secret and _told(decision, c, known[c])]


def _told(decision: Decision, cell: Cell, known: Interval) -> bool:
    rules, value = decision.rules, decision.system.values[cell]
    least = rules.least(value)
    if value < rules.minimum:
        return known.low > least or known.high < rules.minimum - 1
    return known.high - known.low < rules.minimum - 1 - least


def enclosing(decision: Decision, secret: Cell) -> list[Cell]:
    """The nearest published cells linked to a secret, the most detailed of them; nothing where none is left."""
    seen, rim = {secret}, [secret]
    shown = {c for c in decision.publishable if decision.shown(c)}
    while rim:
        reached = [
            cell
            for relation in decision.system.relations
            if not seen.isdisjoint((relation.parent, *relation.children))
            for cell in (relation.parent, *relation.children)
            if cell not in seen
        ]
        near = [c for c in dict.fromkeys(reached) if c in shown]
        if near:
            depth = max(len(c.facts) for c in near)
            return [c for c in near if len(c.facts) == depth][:1]
        rim = list(dict.fromkeys(reached))
        seen |= set(rim)
    return []
