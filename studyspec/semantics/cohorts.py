"""Cohorts: of whom, from which index, by which criteria; one after the other, each able to name those before it."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from studyspec import calendar
from studyspec.catalogue.types import Model, ValueType
from studyspec.language import tree
from studyspec.semantics import core, elementfaults, faults, horizon
from studyspec.semantics.claims import claims
from studyspec.semantics.elements import named
from studyspec.semantics.events import resolve_event
from studyspec.semantics.expressions import resolve, resolve_condition
from studyspec.semantics.meanings import wrong
from studyspec.semantics.scope import Scope
from studyspec.semantics.times import resolve_interval, resolve_time

#: Most periods that an index may be asked for.
MOST_PERIODS = 1_200
_MATCHABLE = ("code", "category", "text", "boolean", "integer", "date")


def resolve_cohort(node: tree.Cohort, scope: Scope, taken: Container[str] = ()) -> core.Cohort | None:
    """A cohort of the scope's entity, whose `cohorts` are those before it; None after a fault.

    taken: names, in small letters, that are something else's in the study or its model
    """
    before = len(scope.faults)
    index = resolve_index(node, scope.in_phase("index"))
    criteria = resolve_criteria(node, scope.in_phase("criteria"))
    if isinstance(index, core.IndexNone):
        for criterion in criteria:
            without_index(criterion.condition, node.name.text, scope)
    if index is None or len(scope.faults) > before:
        return None
    return core.Cohort(
        entity=scope.entity.name,
        table=scope.attributes.name,
        key=scope.attributes.key,
        index=index,
        criteria=(*claims(node.index, index, node.name.text, scope, taken), *criteria),
        repeated=_repeated(index, scope.cohorts),
        cluster=next(iter(scope.entity.clusters.values()), None),
        **named(node, scope),  # type: ignore[arg-type]
    )


def resolve_criteria(node: tree.Cohort, scope: Scope) -> tuple[core.Criterion, ...]:
    found = []
    for criterion in node.criteria:
        condition = resolve_condition(criterion.where, scope)
        if condition is not None:
            found.append(
                core.Criterion(kind=criterion.kind, condition=condition, **named(criterion, scope))  # type: ignore[arg-type]
            )
    return tuple(found)


def without_index(expr: core.Expr, cohort: str, scope: Scope) -> bool:
    """Whether an expression says nothing of the index, which a cohort does not have; else it is refused."""
    anchors = {b.anchor for b in expr.facts.known} | {b.anchor for h in expr.facts.reads for b in (h.low, h.high)}
    if "index" in anchors and expr.span is not None:
        scope.report(elementfaults.no_index(expr.span, cohort))
        return False
    return True


# --- index -----------------------------------------------------------------------------------------------------------


def resolve_index(cohort: tree.Cohort, scope: Scope) -> core.Index | None:
    node = cohort.index
    match node:
        case tree.Index():
            return _from_rows(node, scope)
        case tree.IndexAt():
            day = resolve_time(node.time, scope)
            return None if day is None else core.IndexDay(day=day)
        case tree.IndexEach():
            return _periods(node, scope)
        case tree.IndexFrom():
            return _from_cohorts(node, scope)
        case tree.IndexAssigned():
            return _assigned(node, scope)
        case tree.IndexNone():
            return core.IndexNone()


def _from_rows(node: tree.Index, scope: Scope) -> core.IndexEvent | None:
    rows = node.event
    picks = {name: name for name in ("first", "last", "first-ever", "every")} | {"exactly one": "first"}
    if not isinstance(rows, tree.Rows) or rows.quantifier not in picks:
        written = rows.quantifier if isinstance(rows, tree.Rows) else None
        scope.report(faults.event_needed(rows.span, "An index", picks, written))
        return None
    event = resolve_event(rows, None, scope)
    if event is None:
        return None
    washout = None if node.washout is None else core.Step(node.washout.amount, node.washout.unit)
    return core.IndexEvent(event=event, pick=picks[rows.quantifier], washout=washout)  # type: ignore[arg-type]


def _periods(node: tree.IndexEach, scope: Scope) -> core.IndexPeriods | None:
    window = resolve_interval(node.window, scope)
    if window is None:
        return None
    days = [None if t is None else horizon.bound(t) for t in (window.low, window.high)]
    low, high = (None if b is None or b.anchor != "calendar" or b.infinite else b.days for b in days)
    if low is None or high is None:
        scope.report(elementfaults.periods_unbounded(node.window.span, node.unit))
        return None
    most = (high - low) // {"month": 28, "quarter": 90, "year": 365}[node.unit]
    if most > MOST_PERIODS:
        scope.report(elementfaults.too_many_periods(node.window.span, node.unit, MOST_PERIODS))
        return None
    return core.IndexPeriods(unit=node.unit, window=window)


def periods(index: core.IndexPeriods) -> tuple[core.Category, ...]:
    """The periods whose first day lies in the window, oldest first; keys are these days, as `2020-01-01`."""
    low, high = (None if t is None else horizon.bound(t).days for t in (index.window.low, index.window.high))
    if low is None or high is None:
        raise ValueError("the window of periods has two dates")
    first, last = low + (not index.window.low_closed), high - (not index.window.high_closed)
    length = {"month": 1, "quarter": 3, "year": 12}[index.unit]
    start = datetime.date.fromordinal(first)
    month = (start.year * 12 + start.month - 1) // length * length
    found = []
    while month < datetime.MAXYEAR * 12 + 12 - length:
        day = datetime.date(month // 12, month % 12 + 1, 1)
        if day.toordinal() > last:
            break
        if day.toordinal() >= first:
            shown = {"month": f"{day:%Y-%m}", "quarter": f"{day:%Y} Q{month % 12 // 3 + 1}", "year": f"{day:%Y}"}
            found.append(core.Category(day.isoformat(), {"en": shown[index.unit]}))
        month += length
    return tuple(found)


def _other_cohort(name: tree.Name, scope: Scope) -> core.Cohort | None:
    """A cohort before this one, of the same entity."""
    found = scope.cohorts.get(name.text)
    if found is None and name.text in scope.faulty:
        return None
    if found is None:
        wrong(name, scope, scope.cohorts, "cohort before this one")
    elif found.entity != scope.entity.name:
        scope.report(elementfaults.cohort_of_other_entity(name.span, found.name, found.entity, scope.entity.name))
        found = None
    return found


def _from_cohorts(node: tree.IndexFrom, scope: Scope) -> core.IndexUnits | None:
    found = [_other_cohort(name, scope) for name in node.cohorts]
    seen: set[str] = set()
    for name in node.cohorts:
        if name.text in seen:
            scope.report(elementfaults.named_twice(name.span, name.text))
            found.append(None)
        seen.add(name.text)
    if any(one is None for one in found):
        return None
    return core.IndexUnits(op=node.op, cohorts=tuple(name.text for name in node.cohorts))


def _assigned(node: tree.IndexAssigned, scope: Scope) -> core.IndexAssigned | None:
    cases = _other_cohort(node.cohort, scope)
    if cases is not None and isinstance(cases.index, core.IndexNone):
        scope.report(elementfaults.no_index(node.cohort.span, cases.name))
        cases = None
    found = [_alike(one, scope.in_phase("criteria")) for one in node.on]
    if cases is None or any(one is None for one in found):
        return None
    return core.IndexAssigned(
        cohort=cases.name,
        on=tuple(one for one in found if one is not None and not isinstance(one, core.Near)),
        ratio=node.ratio,
        replacement=node.replacement,
        seed=node.seed,
        near=tuple(one for one in found if isinstance(one, core.Near)),
    )


def _alike(node: tree.Matched, scope: Scope) -> core.Expr | core.Near | None:
    """What must be the same, or near enough; None after a fault."""
    if node.name.text in scope.entity.derived and node.name.text not in scope.definitions:
        scope.report(faults.at_needed_first(node.name.span, node.name.text))
        return None
    value = resolve(node.name, scope)
    if value is None:
        return None
    if node.within is not None:
        distance = _distance(node.name.text, value.facts.type, node.within, scope)
        return None if distance is None else core.Near(value=value, distance=distance)
    if value.facts.type.kind not in _MATCHABLE:
        type_ = value.facts.type
        scope.report(elementfaults.never_the_same(node.name.span, node.name.text, str(type_), type_.kind == "decimal"))
        return None
    return value


def _distance(name: str, type_: ValueType, within: tree.Number | tree.Duration, scope: Scope) -> int | Decimal | None:
    """How far apart two values may lie, of dates in days; None after a fault.

    Units meet as they do in comparisons: a number of days is near within `90` and within `90 days`.
    """
    if type_.kind not in ("integer", "decimal", "date"):
        scope.report(elementfaults.no_distance(within.span, name, str(type_)))
        return None
    if isinstance(within, tree.Number):
        if type_.kind == "date":
            scope.report(elementfaults.distance_without_unit(within.span, name))
            return None
        return int(within.value) if within.value == int(within.value) else within.value
    if within.unit in ("month", "year"):
        scope.report(elementfaults.distance_unit(within.span, name, within.unit, type_.kind == "date"))
        return None
    if type_.kind != "date" and (type_.kind, type_.unit) != ("integer", "days"):
        scope.report(elementfaults.distance_in_days(within.span, name, str(type_)))
        return None
    return calendar.duration_days(within.amount, within.unit)


def _repeated(index: core.Index, cohorts: Mapping[str, core.Cohort]) -> bool:
    """Whether an entity may be a unit more than once."""
    match index:
        case core.IndexEvent():
            return index.pick == "every"
        case core.IndexPeriods():
            return True
        case core.IndexUnits(op="union"):
            return True
        case core.IndexUnits():
            return cohorts[index.cohorts[0]].repeated
        case core.IndexAssigned():
            return index.replacement
        case _:
            return False


# --- the range of the index ------------------------------------------------------------------------------------------


def index_order(index: core.Index, cohorts: Mapping[str, core.Cohort], model: Model) -> horizon.Order:
    """Between which days an index lies, as far as the text and the coverage of its table tell.

    cohorts: those before it, by name
    """
    match index:
        case core.IndexEvent():
            coverage = model.tables[index.event.table].coverage
            return _within(index.event.window, coverage.start, coverage.end)
        case core.IndexDay():
            return _between(index.day, model)
        case core.IndexPeriods():
            return _within(index.window, None, None)
        case core.IndexUnits(op="union"):
            return _all([index_order(cohorts[name].index, cohorts, model) for name in index.cohorts])
        case core.IndexUnits():
            return index_order(cohorts[index.cohorts[0]].index, cohorts, model)
        case core.IndexAssigned():
            return index_order(cohorts[index.cohort].index, cohorts, model)
        case core.IndexNone():
            return horizon.Order()


def _between(time: core.Time, model: Model) -> horizon.Order:
    """Of a time at which everyone has the index; for a column, the days that the model says it can hold."""
    if not isinstance(time.value, core.Attribute):
        low, high = horizon.latest_range(horizon.bounds(time), horizon.Order())
        return horizon.Order(_date(low), _date(high))
    column = model.tables[time.value.column.table].columns[time.value.column.column]
    return horizon.Order(_moved(column.low, time.steps), _moved(column.high, time.steps))


def _moved(day: object, steps: Iterable[core.Step]) -> datetime.date | None:
    if not isinstance(day, datetime.date):
        return None
    for step in steps:
        day = calendar.add(day, step.amount, step.unit)
    return day


def _within(window: core.Window, start: datetime.date | None, end: datetime.date | None) -> horizon.Order:
    low = _day(window.low, start, 0 if window.low_closed else 1)
    high = _day(window.high, end, 0 if window.high_closed else -1)
    return horizon.Order(low, high)


def _all(orders: list[horizon.Order]) -> horizon.Order:
    lows, highs = [o.index_low for o in orders], [o.index_high for o in orders]
    low = None if None in lows else min(d for d in lows if d is not None)
    high = None if None in highs else max(d for d in highs if d is not None)
    return horizon.Order(low, high)


def _date(ordinal: int) -> datetime.date | None:
    return datetime.date.fromordinal(ordinal) if 1 <= ordinal <= datetime.date.max.toordinal() else None


def _day(time: core.Time | None, fallback: datetime.date | None, move: int) -> datetime.date | None:
    b = None if time is None else horizon.bound(time)
    if b is None or b.anchor != "calendar" or b.infinite:
        return fallback
    ordinal = min(max(b.days + move, 1), datetime.date.max.toordinal())
    return datetime.date.fromordinal(ordinal)


def ranged(order: horizon.Order, follow_up: core.FollowUp | core.RecordedFollowUp | None) -> horizon.Order:
    """The order with the follow-up, where it is one that the text describes."""
    return replace(order, follow_up=follow_up) if isinstance(follow_up, core.FollowUp) else order
