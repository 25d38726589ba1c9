"""Levels that exclude each other: of exposures, of varying exposures, and of states on one day."""

from __future__ import annotations

from dataclasses import replace

from studyspec.language import tree
from studyspec.semantics import core, elementfaults, faults
from studyspec.semantics.core import Category
from studyspec.semantics.elements import NONE, UNKNOWN, named
from studyspec.semantics.events import resolve_event
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.scope import Scope
from studyspec.semantics.spells import resolve_spell_rows
from studyspec.semantics.times import resolve_interval

#: The level of a unit that an exposure or state keeps for itself.
RESERVED = frozenset({NONE.key, UNKNOWN.key, "not_followed"})


def resolve_exposure(node: tree.Exposure, scope: Scope) -> core.Exposure | None:
    """An exposure; None after a fault."""
    if node.window is None:
        return _varying(node, scope)
    window = resolve_interval(node.window, scope)
    inner = replace(scope, window=window)
    sound = window is not None and node.switch_day is None
    if node.switch_day is not None:
        scope.report(
            elementfaults.clause_idle(
                node.switch_day.span, "switch-day", "a level that is settled once has no day of switch"
            )
        )
    levels: list[core.Level] = []
    for level in node.levels:
        found = None
        if window is not None or not _uses_window(level.where):
            found = _level(level, inner)
        levels.append(found) if found is not None else None
        sound = sound and found is not None
    if window is None or not sound or not _in_order(node.levels, scope):
        return None
    unknown = any(x.condition is not None and x.condition.facts.nullable for x in levels)
    complete = any(x.where is None for x in node.levels)
    return core.Exposure(
        window=window,
        levels=tuple(levels),
        can_be_unknown=unknown,
        complete=complete,
        categories=_categories(levels, complete, unknown),
        **named(node, scope),  # type: ignore[arg-type]
    )


def resolve_state(node: tree.State, scope: Scope) -> core.State | None:
    """A state, its conditions asked of `that day`; None after a fault."""
    inner = replace(scope, that_day=True)
    levels = [_level(level, inner) for level in node.levels]
    found = [level for level in levels if level is not None]
    if len(found) < len(levels) or not _in_order(node.levels, scope):
        return None
    unknown = any(x.condition is not None and x.condition.facts.nullable for x in found)
    complete = any(x.where is None for x in node.levels)
    return core.State(
        levels=tuple(found),
        can_be_unknown=unknown,
        complete=complete,
        categories=_categories(found, complete, unknown),
        **named(node, scope),  # type: ignore[arg-type]
    )


def _varying(node: tree.Exposure, scope: Scope) -> core.Exposure | None:
    levels = [_level_in_time(level, scope.in_phase("outcome")) for level in node.levels]
    found = [level for level in levels if level is not None]
    if len(found) < len(levels) or not _in_order(node.levels, scope):
        return None
    complete = any(x.condition is None and x.since is None and x.during is None for x in found)
    return core.Exposure(
        window=None,
        levels=tuple(found),
        can_be_unknown=False,
        complete=complete,
        categories=_categories(found, complete, False),
        varying=True,
        switch_day=node.switch_day.rule if node.switch_day else "before",
        **named(node, scope),  # type: ignore[arg-type]
    )


def _level(node: tree.Level, scope: Scope) -> core.Level | None:
    """A level with a condition, or `otherwise`."""
    condition = None if node.where is None else resolve_condition(node.where, scope)
    if (node.where is not None and condition is None) or not _own_name(node, scope):
        return None
    return core.Level(condition=condition, **named(node, scope))  # type: ignore[arg-type]


def _level_in_time(node: tree.Level, scope: Scope) -> core.Level | None:
    """A level of a varying exposure."""
    if not _own_name(node, scope):
        return None
    more = named(node, scope)
    if node.since is not None:
        if not isinstance(node.since, tree.Rows) or node.since.quantifier not in ("first", "last"):
            written = node.since.quantifier if isinstance(node.since, tree.Rows) else None
            if written == "exactly one":
                scope.report(faults.event_claimed(node.since.span, "The start of a level"))
            else:
                scope.report(faults.event_needed(node.since.span, "The start of a level", ("first", "last"), written))
            return None
        event = resolve_event(node.since, None, scope)
        return None if event is None else core.Level(condition=None, since=event, **more)  # type: ignore[arg-type]
    if node.during is not None:
        remedy = "Events have one day: write `from first …` for a level that begins with one."
        spells = resolve_spell_rows(node.during, scope, remedy)
        return None if spells is None else core.Level(condition=None, during=spells, **more)  # type: ignore[arg-type]
    return core.Level(condition=None, **more)  # type: ignore[arg-type]


def _own_name(node: tree.Level, scope: Scope) -> bool:
    if node.name.text in RESERVED:
        scope.report(faults.name_taken(node.name.span, node.name.text, "what units without a level are counted as"))
        return False
    return True


def _in_order(levels: tuple[tree.Level, ...], scope: Scope) -> bool:
    """Whether `otherwise` stands last, where it stands at all."""
    early = [x for x in levels[:-1] if x.where is None and x.since is None and x.during is None]
    for level in early:
        scope.report(faults.level_order(level.span))
    return not early


def _categories(levels: list[core.Level], complete: bool, unknown: bool) -> tuple[Category, ...]:
    own = tuple(Category(x.name, x.labels) for x in levels)
    return own + (() if complete else (NONE,)) + ((UNKNOWN,) if unknown else ())


def _uses_window(node: object) -> bool:
    """Whether a condition says `during window`: it cannot be read when the window is at fault."""
    if isinstance(node, tree.NamedWindow):
        return True
    slots = getattr(type(node), "__dataclass_fields__", {})
    return any(_uses_window(getattr(node, s)) for s in slots) or (
        isinstance(node, tuple) and any(_uses_window(x) for x in node)
    )
