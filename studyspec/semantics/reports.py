"""Reports: what will be published, with the categories every table declares before any data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studyspec import calendar
from studyspec.language import tree
from studyspec.semantics import core, elementfaults, faults, horizon
from studyspec.semantics.cohorts import periods, without_index
from studyspec.semantics.core import Bound, Expr
from studyspec.semantics.meanings import wrong
from studyspec.semantics.scope import Scope
from studyspec.semantics.variables import is_quantity, resolve_quantity, resolve_variable


@dataclass(frozen=True, slots=True)
class Reported:
    """What reports can name.

    cohorts, exposures, outcomes, states: by name, those that are sound
    scopes: of every cohort.  values: definitions by name; labels: theirs
    written: by kind, the names in the text, sound or not
    strata: the variables that reports turn out to be broken down by
    """

    cohorts: Mapping[str, core.Cohort]
    scopes: Mapping[str, Scope]
    exposures: Mapping[str, core.Exposure]
    outcomes: Mapping[str, core.Outcome]
    states: Mapping[str, core.State]
    follow_up: core.FollowUp | core.RecordedFollowUp | None
    values: Mapping[str, Expr]
    labels: Mapping[str, Mapping[str, str]]
    written: Mapping[str, frozenset[str]]
    strata: dict[str, core.Variable] = field(default_factory=dict)


def resolve_report(node: tree.Report, number: int, what: Reported, scope: Scope) -> core.Report | None:
    """number: which of the reports of its kind this is; the first is named by its kind alone."""
    name = node.kind if number == 1 else f"{node.kind}_{number}"
    cohort = _cohort(node, what, scope)
    if cohort is None:
        return None
    inner = what.scopes[cohort.name].in_phase("criteria")
    if node.kind == "attrition":
        for surplus in (*node.of, *node.by):
            scope.report(faults.name_means_else(surplus.span, surplus.text, "too much", "Write `report attrition`."))
        return core.AttritionReport(name=name, cohort=cohort.name)
    by, sound = _by(node, cohort, what, inner)
    if node.kind == "baseline" or node.kind == "distribution" or node.kind == "trend":
        described = _described(node, name, cohort, by, what, inner)
        return described if sound else None
    times = _times(node, what, inner)
    if node.kind == "state":
        subjects = _named(node, what.states, what.written["state"], "state", inner)
        if what.follow_up is None and what.written["follow-up"]:
            return None
        if what.follow_up is None:
            remedy = "Write `follow-up from index to earliest(index + 1 year, end of data)`."
            why = "its states are asked so long after the start of"
            scope.report(faults.element_missing(node.span, "follow-up", why, remedy))
            return None
        if isinstance(what.follow_up, core.RecordedFollowUp):
            scope.report(elementfaults.clause_idle(node.span, "report state", "a recorded follow-up has no calendar"))
            return None
        if not sound or subjects is None or times is None:
            return None
        return core.StateReport(name=name, cohort=cohort.name, of=subjects, by=by, times=times)
    subjects = _named(node, what.outcomes, what.written["outcome"], "outcome", inner)
    for item in node.of:
        outcome = what.outcomes.get(item.text)
        if outcome is not None and outcome.recurring != (node.kind == "events"):
            scope.report(elementfaults.recurring_outcome(item.span, item.text, node.kind))
            sound = False
    if not sound or subjects is None or times is None:
        return None
    made = core.EventsReport if node.kind == "events" else core.RiskReport
    return made(name=name, cohort=cohort.name, of=subjects, by=by, times=times)


def _described(
    node: tree.Report, name: str, cohort: core.Cohort, by: str | None, what: Reported, scope: Scope
) -> core.Report | None:
    """A report of what units are at their index."""
    if not _once(node, scope):
        return None
    variables: list[core.Variable] = []
    numbers: list[core.Quantity] = []
    for item in node.of:
        number = node.kind == "distribution" or (node.kind == "baseline" and is_quantity(item, scope, what.values))
        if number:
            quantity = resolve_quantity(item, scope, what.labels)
            numbers += [quantity] if quantity is not None and _indexed(quantity.value, cohort, scope) else []
        else:
            variable = resolve_variable(item, scope, what.values, _met(cohort, what), what.labels)
            variables += [variable] if variable is not None and _indexed(variable.value, cohort, scope) else []
    if node.kind == "trend" and not isinstance(cohort.index, core.IndexPeriods):
        scope.report(elementfaults.trend_periods(node.span, cohort.name))
        return None
    if len(variables) + len(numbers) < len(node.of):
        return None
    if node.kind == "distribution":
        return core.DistributionReport(name=name, cohort=cohort.name, of=tuple(numbers), by=by)
    if isinstance(cohort.index, core.IndexPeriods) and node.kind == "trend":
        return core.TrendReport(
            name=name,
            cohort=cohort.name,
            of=tuple(variables),
            by=by,
            unit=cohort.index.unit,
            periods=periods(cohort.index),
        )
    return core.BaselineReport(name=name, cohort=cohort.name, of=tuple(variables), by=by, numbers=tuple(numbers))


def _once(node: tree.Report, scope: Scope) -> bool:
    """Whether a report names each thing once."""
    first = {item.text: item for item in reversed(node.of)}
    again = [item for item in node.of if first[item.text] is not item]
    for item in again:
        scope.report(elementfaults.named_twice(item.span, item.text))
    return not again


def _cohort(node: tree.Report, what: Reported, scope: Scope) -> core.Cohort | None:
    """The cohort a report is about: the one it names, or the study's only one."""
    if node.cohort is None:
        if len(what.scopes) > 1:
            scope.report(elementfaults.cohort_needed(node.span, what.scopes))
            return None
        return next(iter(what.cohorts.values()), None)
    if node.cohort.text not in what.written["cohort"]:
        wrong(node.cohort, scope, what.written["cohort"], "cohort")
    return what.cohorts.get(node.cohort.text)


def _met(cohort: core.Cohort, what: Reported) -> tuple[core.Criterion, ...]:
    """What everyone in a cohort meets: its criteria, and those of the cohorts that its units are of."""
    if not isinstance(cohort.index, core.IndexUnits):
        return cohort.criteria
    first, *others = (_met(what.cohorts[name], what) for name in cohort.index.cohorts)
    if cohort.index.op == "union":
        met = [{(one.kind, one.condition) for one in other} for other in others]
        first = tuple(one for one in first if all((one.kind, one.condition) in other for other in met))
    return (*cohort.criteria, *first)


def _indexed(value: Expr, cohort: core.Cohort, scope: Scope) -> bool:
    return not isinstance(cohort.index, core.IndexNone) or without_index(value, cohort.name, scope)


def _by(node: tree.Report, cohort: core.Cohort, what: Reported, scope: Scope) -> tuple[str | None, bool]:
    """What a report is broken down by: an exposure, or a variable with categories; and whether all was well."""
    if len(node.by) > 1:
        scope.report(elementfaults.one_breakdown(node.by[1].span))
        return None, False
    for item in node.by:
        exposure = what.exposures.get(item.text)
        if exposure is not None:
            if exposure.varying and node.kind not in ("risk", "events"):
                scope.report(elementfaults.by_varying(item.span, item.text, node.kind))
                return None, False
            conditions = [x.condition for x in exposure.levels if x.condition is not None]
            return item.text, all(_indexed(one, cohort, scope) for one in conditions)
        if item.text in what.written["exposure"]:
            return None, False
        variable = resolve_variable(item, scope, what.values, _met(cohort, what), what.labels)
        if variable is None or not _indexed(variable.value, cohort, scope):
            return None, False
        before = what.strata.get(item.text)
        if before is not None and len(before.categories) > len(variable.categories):
            variable = before
        what.strata[item.text] = variable
        return item.text, True
    return None, True


def _named(
    node: tree.Report, known: Mapping[str, object], written: frozenset[str], kind: str, scope: Scope
) -> tuple[str, ...] | None:
    """The names a report is of; None where one is not known, or was at fault already."""
    sound = _once(node, scope)
    for item in node.of:
        if item.text not in known:
            if item.text not in written:
                wrong(item, scope, written, kind)
            sound = False
    return tuple(item.text for item in node.of) if sound else None


def _times(node: tree.Report, what: Reported, scope: Scope) -> tuple[core.RiskTime, ...] | None:
    times: list[core.RiskTime] = []
    sound = True
    clock = what.follow_up.clock if isinstance(what.follow_up, core.RecordedFollowUp) else None
    for time in node.times:
        days = calendar.duration_days(time.amount, time.unit)
        if clock is not None:
            if time.unit != clock:
                scope.report(elementfaults.other_clock(time.span, time.unit, clock))
                sound = False
            days = time.amount
        if isinstance(what.follow_up, core.FollowUp) and _beyond(days, what.follow_up):
            span = next((e.span for e in what.follow_up.ends if e.span), node.span)
            scope.report(faults.beyond_follow_up(time.span, span))
            sound = False
        same = next((t for t in times if t.days == days), None)
        if same is not None:
            scope.report(elementfaults.time_twice(time.span, f"{same.amount} {same.unit}", days))
            sound = False
        times.append(core.RiskTime(amount=time.amount, unit=time.unit, days=days))
    return tuple(sorted(times, key=lambda t: (t.days, t.unit))) if sound else None


def _beyond(days: int, follow_up: core.FollowUp) -> bool:
    """Whether a time is longer than every possible follow-up, as far as the declaration says."""
    order = horizon.Order(follow_up=follow_up)
    return any(
        horizon.not_after(Bound("entry", 0, days), horizon.bound(end), order) == "no"
        for end in follow_up.ends
        if end.base in ("index", "entry")
    )
