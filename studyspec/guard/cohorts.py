"""Several cohorts in one release: who is in them is compared, and numbers of one less those of another are cells too.

Where a cohort holds another (or others, apart or together), a number of the one less the same number of the other
counts those who are in the one alone.  Who is in which cohort tells when that is so, for sums and differences of up to
three cohorts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from studyspec.guard import faults
from studyspec.guard.cuts import Cut
from studyspec.guard.declared import CohortSource, Declared, Place
from studyspec.guard.system import Cell, System, candidates, remaining
from studyspec.plan.cubes import CubeSpec, Membership, RawCube
from studyspec.source import Refused

#: Sums and differences of more cohorts than this are not looked at.
TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """plus: places of the cohorts whose numbers are added.  minus: of those then taken away.

    people: how many people that tells of; each: whether it counts each of them once, so that it is a number of people
    """

    plus: tuple[int, ...]
    minus: tuple[int, ...]
    people: int
    each: bool

    def __repr__(self) -> str:
        return f"Difference({self.plus!r}, {self.minus!r}, not releasable)"


def differences(memberships: Sequence[Membership]) -> Iterator[Difference]:
    """Every sum and difference of two or three of the cohorts; of a difference and its opposite, one."""
    atoms = _atoms([m.members for m in memberships])
    for size in range(2, TOGETHER + 1):
        for chosen in combinations(range(len(memberships)), size):
            for signs in ((1, *rest) for rest in product((1, -1), repeat=size - 1) if -1 in rest):
                told: Counter[int] = Counter()
                for cohorts, n in atoms.items():
                    told[sum(s for i, s in zip(chosen, signs, strict=True) if cohorts >> i & 1)] += n
                plus, minus = (
                    tuple(i for i, s in zip(chosen, signs, strict=True) if s == sign)
                    for sign in ((-1, 1) if -1 in told else (1, -1))
                )
                people = sum(n for value, n in told.items() if value)
                yield Difference(plus, minus, people, told.keys() <= {0, 1} or told.keys() <= {0, -1})


def _atoms(sets: Sequence[frozenset[bytes]]) -> Counter[int]:
    """How many people are in exactly the same of the sets: a bit for each set."""
    seen_in: dict[bytes, int] = {}
    for i, members in enumerate(sets):
        for person in members:
            seen_in[person] = seen_in.get(person, 0) | 1 << i
    return Counter(seen_in.values())


def require_apart(memberships: Sequence[Membership], minimum: int) -> None:
    """Raises Refused (cohorts-too-close) where cohorts of one release can be subtracted to a few people."""
    different = list({m.members: m for m in memberships}.values())
    if any(0 < found.people < minimum for found in differences(different)):
        raise Refused(faults.cohorts_too_close())


def tie(system: System, cubes: Sequence[RawCube], memberships: Sequence[Membership], study: Declared) -> None:
    """Put into the system what subtracting one cohort from another tells.  Raises Refused (cubes-disagree)."""
    name = {c.spec.cohort: c.spec.name for c in reversed(cubes)}
    by_cohort: dict[str, dict[frozenset[tuple[str, str]], Cell]] = {}
    for cell in system.values:
        if cell.people == "cohort":
            by_cohort.setdefault(cell.cohort, {})[cell.facts] = cell
    names = [m.cohort for m in memberships]
    told = [one for one in differences(memberships) if one.each]
    for found in told:
        plus, minus = ([names[i] for i in places] for places in (found.plus, found.minus))
        first, *others = (by_cohort.get(cohort, {}) for cohort in (*plus, *minus))
        label = _label(found, names)
        for facts in [f for f in first if all(f in other for other in others)]:
            added, taken = ([by_cohort[cohort][facts] for cohort in cohorts] for cohorts in (plus, minus))
            _subtract(system, added, taken, label, found.people == 0, name[plus[0]])
        for made in (label, " and ".join(dict.fromkeys(plus))):
            _add_up_alike(system, plus[0], made)
    for two, three in product(told, told):
        if len(two.plus + two.minus) < len(three.plus + three.minus) and two.people and three.people:
            _nest(system, two, three, names)
    attritions = {c.spec.cohort: c.spec for c in cubes if c.spec.kind == "attrition" and c.spec.additive}
    for source in study.sources:
        _tie_source(system, source, attritions)
    for cut in study.cuts:
        _tie_cut(system, cut, attritions)
        _find_impossible(system, cut, cubes)
    for one, other in study.same:
        cells = [cell for place in (one, other) for cell in _placed(place, attritions) if cell in system.values]
        if len(cells) == 2:
            _subtract(system, cells[:1], cells[1:], "", True, attritions[one[0]].name)


def _tie_cut(system: System, cut: Cut, attritions: dict[str, CubeSpec]) -> None:
    """A cohort that is a category of another cohort's table, or several, or lies between; so are its own tables."""
    if not cut.last:
        for left in _placed((cut.cohort, cut.step), attritions):
            _tie_part(system, cut, left, frozenset())
        return
    for cell in [c for c in system.values if c.people == "cohort" and c.cohort == cut.cohort]:
        _tie_part(system, cut, cell, cell.facts)


def _find_impossible(system: System, cut: Cut, cubes: Sequence[RawCube]) -> None:
    """A category that the larger cohort is declared not to have (no one's age is unknown) is empty in one cut out."""
    had: dict[str, set[str]] = {}
    for dimension in (d for c in cubes if c.spec.cohort == cut.base for d in c.spec.dimensions):
        had.setdefault(dimension.name, set()).update(c.key for c in dimension.categories)
    empty = [c for c, n in system.values.items() if (c.people, c.cohort, n) == ("cohort", cut.cohort, 0)]
    system.impossible |= {c for c in empty if any(name in had and k not in had[name] for name, k in c.facts)}


def _tie_part(system: System, cut: Cut, left: Cell, facts: frozenset[tuple[str, str]]) -> None:
    inside, touching = (
        [Cell("cohort", facts | {(cut.variable, c)}, cut.base) for c in categories]
        for categories in (cut.inside, cut.touching or ())
    )
    exact = cut.inside == cut.touching
    for less, more, name in ((inside, [left], "beyond"), ([left], touching, "not in it")):
        if not less or not more or not {*less, *more} <= system.values.keys():
            continue
        between = sum(system.values[c] for c in more) - sum(system.values[c] for c in less)
        if between < 0 or (exact and between):
            continue
        label = f"{cut.cohort} of {cut.base} by {cut.variable}, {name}"
        whole, rest = (Cell("cohort", facts | {(what, label)}, cut.base) for what in ("together", "between"))
        for cell, value in ((whole, sum(system.values[c] for c in more)), *(() if exact else ((rest, between),))):
            system.put(cell, value, label)
            system.never.add(cell)
        system.relate(whole, more, label, "chain")
        system.relate(whole, less if exact else (*less, rest), label, "chain")


def _label(found: Difference, names: Sequence[str]) -> str:
    """What stands for the cohort in the cells of a difference."""
    plus, minus = (" and ".join(names[i] for i in places) for places in (found.plus, found.minus))
    return f"{plus} less {minus}"


def _nest(system: System, two: Difference, three: Difference, names: Sequence[str]) -> None:
    """A difference of three cohorts is made of a difference of two of them and of the third alone."""
    signs, within = ({**dict.fromkeys(d.plus, 1), **dict.fromkeys(d.minus, -1)} for d in (three, two))
    if not within.keys() < signs.keys() or len({signs[i] * within[i] for i in within}) > 1:
        return
    (alone,) = signs.keys() - within.keys()
    third, inner, outer = names[alone], _label(two, names), _label(three, names)
    if all(signs[i] == within[i] for i in within):
        parent, children = (outer, (third, inner)) if signs[alone] > 0 else (inner, (third, outer))
    elif signs[alone] > 0:
        parent, children = third, (inner, outer)
    else:
        return
    for cell in [c for c in system.values if c.people == "cohort" and c.cohort == parent]:
        _relate_known(system, cell, [Cell(cell.people, cell.facts, child) for child in children], outer)


def _add_up_alike(system: System, cohort: str, label: str) -> None:
    """The cells of a sum or difference of cohorts add up as those of one of the cohorts do."""
    for relation, cube in list(system.relations.items()):
        if relation.parent.cohort == cohort and relation.kind != "union" and label != cohort:
            parent, *children = (Cell(c.people, c.facts, label) for c in (relation.parent, *relation.children))
            _relate_known(system, parent, children, cube)


def _relate_known(system: System, parent: Cell, children: Sequence[Cell], cube: str) -> None:
    """Relate cells that are there and add up; those that do not are not about the same."""
    values = system.values
    if {parent, *children} <= values.keys() and values[parent] == sum(values[c] for c in children):
        system.relate(parent, children, cube, "chain")


def _placed(place: Place, attritions: dict[str, CubeSpec]) -> list[Cell]:
    """The cell of those with an index for a cohort, or of those left after one of its steps, if it has an attrition."""
    cohort, step = place
    return [
        candidates(spec) if step is None else remaining(spec, step)
        for spec in ([attritions[cohort]] if cohort in attritions else [])
    ]


def _tie_source(system: System, source: CohortSource, attritions: dict[str, CubeSpec]) -> None:
    """Who has an index for a cohort made of others, by how it is made of them."""
    own = _placed((source.cohort, None), attritions)
    others = [Cell("cohort", cohort=name) for name in source.cohorts]
    if not own or not {*own, *others} <= system.values.keys():
        return
    together = others if source.op == "union" else others[:1]
    exact = source.op is None or len(others) == 1
    _subtract(system, together, own, f"{source.cohort} of {' and '.join(source.cohorts)}", exact, source.cohort)


def _subtract(system: System, plus: Sequence[Cell], minus: Sequence[Cell], label: str, exact: bool, cube: str) -> None:
    """Relate sums of cells of different cohorts: what is left is a cell of its own, or no one where `exact`.

    Numbers that cannot be subtracted are not about the same (a variable told at each cohort's own index).
    """
    left = sum(system.values[c] for c in plus) - sum(system.values[c] for c in minus)
    if left < 0 or (exact and left) or plus == minus:
        return
    rest: list[Cell] = []
    facts = plus[0].facts
    if not exact:
        rest = [Cell(plus[0].people, facts, label)]
        entities = None
        if any(c in system.entities for c in (*plus, *minus)):
            entities = max(0, sum(_entities(system, c) for c in plus) - sum(_entities(system, c) for c in minus))
        system.put(rest[0], left, cube, entities)
        system.never.add(rest[0])
    whole = plus[0]
    if len(plus) > 1:
        whole = Cell(whole.people, facts, " and ".join(dict.fromkeys(c.cohort for c in plus)))
        system.put(whole, sum(system.values[c] for c in plus), cube)
        system.never.add(whole)
        system.relate(whole, plus, cube, "chain")
    system.relate(whole, (*minus, *rest), cube, "chain")


def _entities(system: System, cell: Cell) -> int:
    return system.entities.get(cell, system.values[cell])
