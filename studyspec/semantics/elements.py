"""Cohort, exposure, follow-up and outcomes: from statements to the resolved core."""

from __future__ import annotations

import datetime
from dataclasses import replace

from studyspec.catalogue.types import Model, Table
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Category, ColumnRef, Facts
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.rows import day_columns, resolve_selection, selection_facts
from studyspec.semantics.scope import Scope, labels, texts
from studyspec.semantics.times import DATE, resolve_interval, resolve_time

UNKNOWN = Category("unknown", {"en": "Unknown", "fi": "Tuntematon", "sv": "Okänd"})
NONE = Category("none", {"en": "None of these", "fi": "Ei mikään näistä", "sv": "Ingen av dessa"})


def named(node: tree.Named, scope: Scope) -> dict[str, object]:
    """What every named element of the core carries."""
    return {
        "name": node.name.text,
        "labels": labels(scope.language, node.name, node.label, node.labels),
        "legal": texts(scope.language, node.legal),
        "gap": texts(scope.language, node.gap),
        "span": node.name.span,
    }


# --- index and cohort ------------------------------------------------------------------------------------------------


def resolve_index(node: tree.Index, scope: Scope) -> core.EventQuery | None:
    rows = node.event
    if not isinstance(rows, tree.Rows) or rows.quantifier not in ("first", "last"):
        scope.report(faults.event_needed(rows.span, "An index"))
        return None
    return _event(rows, None, scope)


def _event(rows: tree.Rows, dated: tree.Dated | None, scope: Scope) -> core.EventQuery | None:
    found = resolve_selection(rows, scope, resolve_condition)
    table = scope.model.tables.get(rows.table.text)
    day = None
    if dated is not None and table is not None:
        day = resolve_time(dated.time, scope, row=table, data=(table.name,))
        if day is not None and day.base not in ("row", "row.end"):
            scope.report(faults.time_needed(dated.time.span))
            day = None
        if day is None:
            return None
    if found is None:
        return None
    table, match, window, condition, facts = found
    if match in ("overlapping", "covering"):
        scope.report(faults.edge_needed(rows.table.span, table.name))
        return None
    edge = _day_of(match, rows) if day is None else day
    return core.EventQuery(
        table=table.name,
        match=match,  # type: ignore[arg-type]
        window=window,
        condition=condition,
        dated=edge,
        first=rows.quantifier == "first",
        facts=replace(facts, origin=facts.origin | _columns_of_day(table, edge)),
    )


def _day_of(match: str, node: tree.Expr) -> core.Time:
    """The day that `match` looks at: for a spell's end, the last day in it."""
    facts = Facts(DATE, True, core.Grain("row"))
    if match == "ending":
        return core.Time(facts=facts, span=node.span, base="row.end", steps=(core.Step(-1, "day"),))
    return core.Time(facts=facts, span=node.span, base="row")


def _columns_of_day(table: Table, day: core.Time) -> frozenset[ColumnRef]:
    return day_columns(table, "ending" if day.base == "row.end" else "dated" if table.shape == "events" else "starting")


def index_order(index: core.EventQuery, model: Model) -> horizon.Order:
    """The range of the index: its window, met with the coverage of its table."""
    coverage = model.tables[index.table].coverage

    def day(time: core.Time | None, fallback: datetime.date | None, move: int) -> datetime.date | None:
        b = None if time is None else horizon.bound(time)
        if b is None or b.anchor != "calendar" or b.infinite:
            return fallback
        ordinal = min(max(b.days + move, 1), datetime.date.max.toordinal())
        return datetime.date.fromordinal(ordinal)

    low = day(index.window.low, coverage.start, 0 if index.window.low_closed else 1)
    high = day(index.window.high, coverage.end, 0 if index.window.high_closed else -1)
    return horizon.Order(low, high)


def resolve_criteria(node: tree.Cohort, scope: Scope) -> tuple[core.Criterion, ...]:
    found = []
    for criterion in node.criteria:
        condition = resolve_condition(criterion.where, scope)
        if condition is not None:
            found.append(
                core.Criterion(kind=criterion.kind, condition=condition, **named(criterion, scope))  # type: ignore[arg-type]
            )
    return tuple(found)


# --- exposure --------------------------------------------------------------------------------------------------------


def resolve_exposure(node: tree.Exposure, scope: Scope) -> core.Exposure | None:
    window = None if node.window is None else resolve_interval(node.window, scope)
    if node.window is None:
        scope.report(faults.not_run(node.span, "A varying exposure"))
    inner = replace(scope, window=window)
    levels: list[core.Level] = []
    sound = window is not None
    for position, level in enumerate(node.levels):
        condition = None
        if level.where is None:
            if position < len(node.levels) - 1:
                scope.report(faults.level_order(level.span))
        elif window is not None or not _uses_window(level.where):
            condition = resolve_condition(level.where, inner)
            sound = sound and condition is not None
        levels.append(core.Level(condition=condition, **named(level, scope)))  # type: ignore[arg-type]
    if window is None or not sound:
        return None
    unknown = any(x.condition is not None and x.condition.facts.nullable for x in levels)
    complete = any(x.where is None for x in node.levels)
    categories = tuple(Category(x.name, x.labels) for x in levels)
    return core.Exposure(
        window=window,
        levels=tuple(levels),
        can_be_unknown=unknown,
        complete=complete,
        categories=categories + (() if complete else (NONE,)) + ((UNKNOWN,) if unknown else ()),
        **named(node, scope),  # type: ignore[arg-type]
    )


def _uses_window(node: object) -> bool:
    """Whether a condition says `during window`: it cannot be read when the window is at fault."""
    if isinstance(node, tree.NamedWindow):
        return True
    slots = getattr(type(node), "__dataclass_fields__", {})
    return any(_uses_window(getattr(node, s)) for s in slots) or (
        isinstance(node, tuple) and any(_uses_window(x) for x in node)
    )


# --- follow-up and outcomes ------------------------------------------------------------------------------------------


def resolve_follow_up(node: tree.FollowUp, scope: Scope) -> core.FollowUp | None:
    if node.entry is not None:
        scope.report(faults.not_run(node.entry.span, "A delayed entry"))
    start = resolve_time(node.start, scope.in_phase("exposure"))
    items = node.end.items if isinstance(node.end, tree.Earliest) else (node.end,)
    ends = [resolve_time(item, scope.in_phase("follow-up"), roles=True) for item in items]
    known = tuple(e for e in ends if e is not None)
    return None if start is None or len(known) < len(ends) else core.FollowUp(start=start, ends=known)


def resolve_role(name: str, scope: Scope) -> core.Role | None:
    """A role of the model, its condition resolved over its table."""
    role = scope.model.roles[name]
    table = scope.model.tables[role.table]
    condition = None
    if role.condition is not None:
        condition = resolve_condition(role.condition, replace(scope.in_row(table), phase="outcome", window=None))
        if condition is None:
            return None
    match = "dated" if table.shape == "events" else (role.edge or "starting")
    window = core.Window(
        core.Time(facts=Facts(DATE, False, core.Grain("unit")), base="index"),
        core.Time(facts=Facts(DATE, True, core.Grain("unit")), base="exit"),
        True,
        True,
    )
    facts = selection_facts(table, match, window, condition)
    return core.Role(name=name, labels=role.labels, table=table.name, match=match, condition=condition, facts=facts)


def resolve_outcome(node: tree.Outcome, names: frozenset[str], scope: Scope) -> core.Outcome | None:
    """names: of all outcomes of the study, which may compete with each other."""
    event: core.EventQuery | None = None
    role: str | None = None
    sound = True
    match node.event:
        case tree.Rows(quantifier="first"):
            if node.event.window is not None and not isinstance(node.event.window, tree.NamedWindow):
                scope.report(faults.outcome_window(node.event.window.span))
                sound = False
            else:
                event = _event(node.event, node.dated, scope)
                sound = event is not None
        case tree.Name() if node.event.text in scope.model.roles:
            role = node.event.text
        case _:
            scope.report(faults.event_needed(node.event.span, "An outcome"))
            sound = False
    competing = []
    for name in node.competing.names if node.competing else ():
        if name.text in scope.model.roles:
            competing.append(core.Competing(name=name.text, kind="role"))
        elif name.text in names and name.text != node.name.text:
            competing.append(core.Competing(name=name.text, kind="outcome"))
        else:
            known = {*scope.model.roles, *names} - {node.name.text}
            scope.report(faults.unknown_name(name.span, name.text, known, "role or other outcome"))
            sound = False
    if not sound:
        return None
    return core.Outcome(
        event=event,
        role=role,
        competing=tuple(competing),
        time_zero=node.time_zero.rule if node.time_zero else "exclude",
        end_of_data=None,
        **named(node, scope),  # type: ignore[arg-type]
    )
