"""The one door: true counts go in, published numbers and marks come out, or the release is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from math import ceil

from studyspec.catalogue.types import Model, Policy
from studyspec.guard import attack, cohorts, curves, faults, quantities, threshold
from studyspec.guard.align import aligned
from studyspec.guard.declared import Declared
from studyspec.guard.hide import Decision, Rules, decide, settle
from studyspec.guard.history import require_all_apart, require_same_divisions
from studyspec.guard.kinds import build, leaver
from studyspec.guard.series import EVENT, Series, coarse_risk, exact_risk
from studyspec.guard.system import Cell, candidates, cell_of, declared, members, remaining, steps
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, GuardedNumbers, GuardedPoint, History, Reason
from studyspec.plan.cubes import CubeSpec, Key, Membership, RawCube
from studyspec.source import Refused


def protect(
    cubes: tuple[RawCube, ...],
    memberships: tuple[Membership, ...],
    policy: Policy,
    model: Model,
    history: History,
    study: Declared | None = None,
) -> Guarded:
    """Decide what of a release may be published, as one system, and publish it.

    memberships: who is in each cohort of the release
    study: what the study declares that its cubes do not say (`declared.declared`)
    model: the site's own copy; registers and their rules are read from it by the lineage of every cube
    Raises Refused: open-not-public, origin-unknown, cohorts-too-close, differencing, crossing-releases,
    permit-population, cubes-disagree, cannot-protect.
    """
    study = study or Declared()
    everyone = frozenset[bytes]().union(*(m.members for m in memberships))
    if study.population_cap is not None and len(everyone) > study.population_cap:
        raise Refused(faults.permit_population())
    behind = threshold.registers([c.spec for c in cubes], model)
    if policy.mode == "open":
        threshold.require_public(behind)
        rules = Rules(minimum=1, base=1, zeros="show")
    else:
        rules = Rules(
            threshold.threshold(policy, behind), policy.rounding, policy.zeros,
            threshold.fewest_clusters(behind), threshold.dominance(behind),
        )  # fmt: skip
        _require_apart(memberships, history, study, rules.minimum)
    inner = aligned(cubes)
    system = build(inner, study.ties if policy.mode == "guarded" else ())
    if policy.mode == "open":
        decision = Decision(system, rules)
    else:
        cohorts.tie(system, inner, memberships, study)
        decision = decide(system, inner, rules)
        _withstand(decision, inner)
    return Guarded(
        cubes=tuple(
            replace(_published(own, decision, policy.mode == "open"), spec=cube.spec)
            for own, cube in zip(inner, cubes, strict=True)
        ),
        mode=policy.mode,
        minimum=rules.minimum,
        rounding=rules.base,
        reasons=_reasons(decision),
        zeros=rules.zeros,
        unchecked=threshold.unchecked([c.spec for c in cubes], model),
        clusters=rules.clusters if any("clusters" in c.spec.measures for c in cubes) else 0,
    )


def _require_apart(memberships: tuple[Membership, ...], history: History, study: Declared, minimum: int) -> None:
    cohorts.require_apart(memberships, minimum)
    require_all_apart(memberships, history, minimum)
    for membership in memberships:
        require_same_divisions(membership, history, study.divisions)


def _withstand(decision: Decision, cubes: tuple[RawCube, ...]) -> None:
    """Hide more until the attacker finds nothing; refuse where there is nothing left to hide."""
    while found := attack.found_out(decision, _floors(decision, cubes)):
        around = attack.enclosing(decision, found[0])
        if not around:
            name = next((n for r, n in decision.system.relations.items() if found[0] in (r.parent, *r.children)), "")
            raise Refused(faults.cannot_protect(name))
        decision.hide(around, "narrows a hidden cell too much")
        settle(decision)


def _floors(decision: Decision, cubes: tuple[RawCube, ...]) -> Mapping[Cell, int]:
    """What published risks say of the people at risk: where all are followed from the start, each event adds at least
    one part in so many to the risk."""
    floors: dict[Cell, int] = {}
    for series in curves.all_series(cubes):
        start = curves.start(series)
        if not series.closed or decision.system.values.get(start) != series.total:
            continue
        for day in curves.times_of(cubes, series):
            cell = curves.so_far(series, EVENT, day)
            risk = _coarse(series, day, decision)
            if risk is not None and decision.system.values[cell] > 0:
                published = threshold.rounded(decision.system.values[cell], decision.rules.base)
                fewest = max(decision.rules.minimum, threshold.bucket(published, decision.rules.base)[0])
                floors[start] = max(floors.get(start, 0), ceil(Decimal(fewest) / (risk[0] + risk[1] / 2)))
    return floors


def _coarse(series: Series, day: int, decision: Decision) -> tuple[Decimal, Decimal] | None:
    """A published risk and its step, or None.

    A step is worth at least the rounding base in people; where the number at risk or a competing event is hidden, at
    least the threshold, so that the risk cannot stand in for what is hidden.
    """
    if not decision.shown(curves.so_far(series, EVENT, day)):
        return None
    beside = [curves.start(series)]
    beside += [curves.so_far(series, end, day) for end in series.ends if end != EVENT]
    hidden = any(not decision.shown(c) for c in beside)
    least = 1 if series.entities is None else decision.rules.minimum
    return coarse_risk(series, day, decision.rules.minimum if hidden else decision.rules.base, least)


# --- publishing ------------------------------------------------------------------------------------------------------


def _published(cube: RawCube, decision: Decision, exact: bool) -> GuardedCube | GuardedCurve | GuardedNumbers:
    spec = cube.spec
    if spec.kind == "numbers":
        return quantities.published(cube, decision, exact)
    if curves.is_curve(spec):
        return _curve(cube, decision, exact)
    if spec.kind == "attrition":
        return GuardedCube(spec, _attrition_cells(spec, decision))
    if spec.kind == "start":
        return GuardedCube(spec, {key: _start_number(spec, key, decision) for key in declared(spec)})
    return GuardedCube(spec, {key: _number(cell_of(spec, key), decision) for key in declared(spec)})


def _number(cell: Cell, decision: Decision) -> int | None:
    if not decision.shown(cell):
        return None
    return threshold.rounded(decision.system.values[cell], decision.rules.base)


def _attrition_cells(spec: CubeSpec, decision: Decision) -> dict[Key, int | None]:
    if not spec.additive:
        return {key: _number(leaver(spec, key), decision) for key in (*declared(spec), (None,))}
    names = steps(spec)
    cells: dict[Key, int | None] = {(name,): _number(remaining(spec, name), decision) for name in names}
    cells["included",] = _number(members(spec), decision)
    cells[None,] = _number(candidates(spec) if names else members(spec), decision)
    return cells


def _start_number(spec: CubeSpec, key: Key, decision: Decision) -> int | None:
    start = next(k for d, k in zip(spec.dimensions, key, strict=True) if d.name == "start")
    return None if start not in ("at_risk", None) else _number(cell_of(spec, key), decision)


def _curve(cube: RawCube, decision: Decision, exact: bool) -> GuardedCurve:
    spec = cube.spec
    levels: dict[str | None, tuple[int | None, tuple[GuardedPoint, ...]]] = {}
    for series in curves.series_of(cube):
        start = curves.start(series)
        number = decision.system.values.get(start) if exact else _number(start, decision)
        points = []
        for time in spec.times:
            events, *competing = (_number(curves.so_far(series, end, time.days), decision) for end in series.ends)
            risk: Decimal | float | None
            if exact:
                risk = exact_risk(series, time.days)
            else:
                coarse = _coarse(series, time.days, decision)
                risk = coarse[0] if coarse else None
            named = tuple(zip(series.ends[1:], competing, strict=True))
            points.append(GuardedPoint(time, events, named, risk))
        levels[series.level] = (number, tuple(points))
    return GuardedCurve(spec, levels)


def _reasons(decision: Decision) -> tuple[Reason, ...]:
    """Every hidden cell with the rule that hid it, for the reviewer."""
    cube_of = {c: name for together, name in reversed(decision.system.sets.items()) for c in together}
    return tuple(Reason(cube_of[cell], str(cell), decision.hidden[cell]) for cell in cube_of if cell in decision.hidden)
