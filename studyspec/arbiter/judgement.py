"""What a study makes of each unit: where it leaves, its category, its level, its state."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.arbiter import times
from studyspec.arbiter.values import first_true, value
from studyspec.arbiter.world import Scene, Unit, World
from studyspec.semantics import core

#: Where a unit that met every criterion is counted, unless a cohort is matched and no case took it.
INCLUDED, UNMATCHED = "included", "unmatched"
#: Where a unit is counted whose state nobody asks for any more.
NOT_FOLLOWED = "not_followed"


def left_by_criteria(world: World, unit: Unit) -> str:
    """The first criterion that a unit does not meet, `NAME unknown` where that cannot be told, or `included`."""
    for criterion in world.cohort(unit.cohort).criteria:
        met = value(criterion.condition, Scene(world, unit))
        if met is None:
            return f"{criterion.name} unknown"
        if met is not (criterion.kind == "include"):
            return criterion.name
    return INCLUDED


def category(variable: core.Variable, world: World, unit: Unit) -> str:
    """The declared category of a variable: `unknown` where its value is, `other` for a code not listed."""
    found = value(variable.value, Scene(world, unit))
    if found is None:
        return "unknown"
    key = str(found).lower() if isinstance(found, bool) else str(found)
    return key if key in {one.key for one in variable.categories} - {"unknown", "other"} else "other"


def level(exposure: core.Exposure, world: World, unit: Unit) -> str:
    """The level of an exposure that does not vary."""
    return _first_level(exposure.levels, Scene(world, unit))


def state(of: core.State, world: World, unit: Unit, after: core.RiskTime) -> str:
    """The state so long after the start of follow-up, by the calendar; the day of exit still counts."""
    day = times.moved(times.entry(world, unit), after.amount, after.unit)
    exit_ = times.exit_(world, unit)
    if day is None or exit_ is None or exit_ < day:
        return NOT_FOLLOWED
    return _first_level(of.levels, Scene(world, unit, that_day=day))


def _first_level(levels: Sequence[core.Level], scene: Scene) -> str:
    """The first level whose condition is true, `unknown` if one before it is unknown, else `none`."""
    conditions = [(one.name, one.condition) for one in levels]
    found = first_true(conditions, scene)
    if found is not None:
        return found
    return "unknown" if any(one is not None and value(one, scene) is None for _, one in conditions) else "none"


def cluster(world: World, unit: Unit) -> object:
    """What stands behind the entity of a unit together with others; None where that is unknown."""
    cohort = world.cohort(unit.cohort)
    return None if cohort.cluster is None else world.listed[cohort.table][unit.key][cohort.cluster]
