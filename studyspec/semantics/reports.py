"""Reports: what will be published, with the categories every table declares before any data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from studyspec import calendar
from studyspec.catalogue.types import CodeList, ValueType
from studyspec.language import tree
from studyspec.semantics import core, elementfaults, faults, horizon
from studyspec.semantics.cohorts import without_index
from studyspec.semantics.core import Bound, Category, Expr
from studyspec.semantics.elements import UNKNOWN
from studyspec.semantics.expressions import resolve
from studyspec.semantics.facts import joined
from studyspec.semantics.scope import Scope
from studyspec.semantics.walk import resolved

OTHER = Category("other", {"en": "Other codes", "fi": "Muut koodit", "sv": "Övriga koder"})
BOOLEANS = (
    Category("true", {"en": "Yes", "fi": "Kyllä", "sv": "Ja"}),
    Category("false", {"en": "No", "fi": "Ei", "sv": "Nej"}),
)
NONE_OR_SOME = (
    Category("0", {"en": "None", "fi": "Ei yhtään", "sv": "Ingen"}),
    Category("1+", {"en": "One or more", "fi": "Yksi tai useampia", "sv": "En eller flera"}),
)


@dataclass(frozen=True, slots=True)
class Reported:
    """What reports can name.

    cohorts, exposures, outcomes, states: by name, those that are sound
    scopes: of every cohort.  values: definitions by name
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
    if node.kind == "baseline":
        variables = [resolve_variable(item, inner, what.values, cohort.criteria) for item in node.of]
        found = tuple(v for v in variables if v is not None and _indexed(v.value, cohort, inner))
        if not sound or len(found) < len(variables):
            return None
        return core.BaselineReport(name=name, cohort=cohort.name, of=found, by=by)
    times = _times(node, what, inner)
    if node.kind == "state":
        subjects = _named(node, what.states, what.written["state"], "state", inner)
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


def _cohort(node: tree.Report, what: Reported, scope: Scope) -> core.Cohort | None:
    """The cohort a report is about: the one it names, or the study's only one."""
    if node.cohort is None:
        if len(what.scopes) > 1:
            scope.report(elementfaults.cohort_needed(node.span, what.scopes))
            return None
        return next(iter(what.cohorts.values()), None)
    if node.cohort.text not in what.written["cohort"]:
        known = what.written["cohort"]
        scope.report(faults.unknown_name(node.cohort.span, node.cohort.text, known, "cohort"))
    return what.cohorts.get(node.cohort.text)


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
        variable = resolve_variable(item, scope, what.values, cohort.criteria)
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
    sound = True
    for item in node.of:
        if item.text not in known:
            if item.text not in written:
                scope.report(faults.unknown_name(item.span, item.text, known, kind))
            sound = False
    return tuple(item.text for item in node.of) if sound else None


def _times(node: tree.Report, what: Reported, scope: Scope) -> tuple[core.RiskTime, ...] | None:
    times = []
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


# --- baseline variables ----------------------------------------------------------------------------------------------


def resolve_variable(
    node: tree.Name, scope: Scope, values: Mapping[str, Expr], criteria: tuple[core.Criterion, ...]
) -> core.Variable | None:
    value = resolve(node, scope)
    if value is None:
        return None
    what = resolved(value, values)
    type_ = what.facts.type
    narrowed = narrowing(criteria, values)
    categories: tuple[Category, ...]
    label: Mapping[str, str] = {scope.language: node.text.replace("_", " ")}
    match type_.kind:
        case "code" if type_.list is not None:
            codes = scope.codelist(type_.list)
            categories = _codes(codes) if codes is not None else ()
            unknown = what.facts.nullable and what not in narrowed
        case "category" if isinstance(what, core.GroupOf):
            named = zip(what.groups, what.labels, strict=True)
            categories = tuple(Category(key, texts) for (key, _), texts in named)
            unknown = not _all_grouped(what, narrowed, scope)
        case "category" if isinstance(what, core.BandOf):
            categories = tuple(Category(key, {"en": key.replace("-", "–")}) for key, _, _ in what.bands)
            unknown = not _within(what, narrowed)
        case "boolean":
            categories = BOOLEANS
            unknown = what.facts.nullable
        case "integer" if isinstance(what, core.RowQuery) or (isinstance(what, core.RowValue) and what.facts.low == 0):
            value, categories, unknown = _none_or_some(value), NONE_OR_SOME, False
        case _:
            scope.report(faults.not_categorical(node.span, node.text, str(type_)))
            return None
    if isinstance(value, core.Attribute):
        label = scope.attributes.columns[value.column.column].labels or label
    return core.Variable(
        name=node.text, labels=label, value=value, categories=categories + ((UNKNOWN,) if unknown else ())
    )


def _all_grouped(what: core.GroupOf, narrowed: Mapping[Expr, Range], scope: Scope) -> bool:
    """Whether every unit of the cohort falls in a group: the code is known and the groups take the whole list."""
    codes = scope.codelist(what.operand.facts.type.list or "")
    grouped = {code for _, members in what.groups for code in members}
    whole = codes is not None and codes.complete and set(codes.codes) <= grouped
    return whole and (not what.operand.facts.nullable or what.operand in narrowed)


def _none_or_some(value: Expr) -> core.BandOf:
    """A number of days or rows as `0` or `1+`: how many have none, and how many have some."""
    bands = (("0", 0, 0), ("1+", 1, None))
    facts = joined(ValueType("category", categories=("0", "1+")), value.facts)
    return core.BandOf(facts=facts, span=value.span, operand=value, bands=bands)


def _codes(codes: CodeList) -> tuple[Category, ...]:
    return tuple(Category(c.code, c.labels) for c in codes.codes.values()) + (() if codes.complete else (OTHER,))


Range = tuple[Decimal | None, Decimal | None]


def narrowing(criteria: tuple[core.Criterion, ...], values: Mapping[str, Expr]) -> dict[Expr, Range]:
    """What the criteria make certain of everyone in the cohort: expressions that are known, and between what."""
    found: dict[Expr, Range] = {}
    todo = [c.condition for c in criteria if c.kind == "include"]
    while todo:
        condition = resolved(todo.pop(), values)
        match condition:
            case core.Logic(op="and"):
                todo.extend(condition.operands)
            case core.Between(low=core.Literal_(), high=core.Literal_()):
                what = resolved(condition.operand, values)
                found[what] = _meet(found.get(what), (_number(condition.low), _number(condition.high)))
            case core.Compare(right=core.Literal_()):
                n = _number(condition.right)
                what = resolved(condition.left, values)
                found[what] = _meet(found.get(what), _half(condition.op, n))
            case core.InSet(negated=False) | core.Known(negated=False):
                what = resolved(condition.operand, values)
                found[what] = _meet(found.get(what), (None, None))
            case _:
                pass
    return found


def _number(value: Expr) -> Decimal | None:
    raw = value.value if isinstance(value, core.Literal_) else None
    return Decimal(raw) if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool) else None


def _half(op: str, n: Decimal | None) -> Range:
    if n is None:
        return None, None
    low = {"=": n, ">=": n, ">": n + 1}.get(op)
    high = {"=": n, "<=": n, "<": n - 1}.get(op)
    return low, high


def _meet(a: Range | None, b: Range) -> Range:
    if a is None:
        return b
    lows = [x for x in (a[0], b[0]) if x is not None]
    highs = [x for x in (a[1], b[1]) if x is not None]
    return max(lows, default=None), min(highs, default=None)


def _within(band: core.BandOf, narrowed: Mapping[Expr, Range]) -> bool:
    """Whether every unit of the cohort falls in a band: the value is known and the bands leave no gap."""
    facts = band.operand.facts
    low, high = _meet(narrowed.get(band.operand), (facts.low, facts.high))
    if (facts.nullable and band.operand not in narrowed) or low is None:
        return False
    expected = low
    for _, start, end in band.bands:
        if start > expected:
            return False
        if end is None:
            return True
        expected = max(expected, Decimal(end + 1))
    return high is not None and expected > high
