"""Checks of the study's design: what is known when, immortal time, looking further than the data go.

Each can be allowed with a reason on the element it concerns; the reviewer sees the reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Bound, Expr
from studyspec.semantics.horizon import Order, not_after
from studyspec.semantics.selections import quantities, variables
from studyspec.semantics.walk import Rows, queries, walk
from studyspec.source import Diagnostic, Related, Span

ALLOWABLE = frozenset(
    {
        "look-ahead",
        "last-known",
        "immortal-time",
        "exposure-after-start",
        "before-coverage",
        "past-data",
        "follow-up-past-data",
        "event-known-later",
    }
)
INDEX = Bound("index")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one element; elements: the names whose `allow` would set it aside."""

    fault: Diagnostic
    elements: tuple[str, ...]


def findings(study: core.Study, order: Order, settled: frozenset[str]) -> Iterator[Finding]:
    """All design faults.  settled: definitions that allow last-known columns, so that they count as dated."""
    values = {d.name: d.value for d in study.definitions}
    immortal = set()
    for exposure in study.exposures:
        found = _immortal(exposure, study.follow_up, order) if isinstance(study.follow_up, core.FollowUp) else None
        if found is not None:
            immortal.add(exposure.name)
            yield found
    for criterion in study.cohort.written:
        what, names = f"Criterion `{criterion.name}`", (criterion.name,)
        yield from _decided(study, criterion.condition, what, names, order, values, settled)
    for report in study.reports:
        yield from _shown(study, report, order, values, settled)
    for exposure in study.exposures:
        for level in exposure.levels:
            if level.condition is None:
                continue
            either = (level.name, exposure.name)
            yield from _dated(study, level.condition, f"Level `{level.name}`", either, settled)
            if exposure.name not in immortal and study.follow_up is not None:
                yield from _before_entry(level.condition, either, order, values)
    for outcome in study.outcomes:
        yield from _event_known(outcome)
    yield from _follow_up_end(study, order)
    yield from _coverage(study, order, values)


# --- what is known when ----------------------------------------------------------------------------------------------


def _decided(
    study: core.Study,
    expr: Expr,
    what: str,
    names: tuple[str, ...],
    order: Order,
    values: Mapping[str, Expr],
    settled: frozenset[str],
) -> Iterator[Finding]:
    """Whether what is decided at the index is known by then; where there is no index, nothing is too late."""
    if isinstance(study.cohort.index, core.IndexNone):
        return
    yield from _at_index(expr, what, names, order, values)
    yield from _dated(study, expr, what, names, settled)


def _shown(
    study: core.Study, report: core.Report, order: Order, values: Mapping[str, Expr], settled: frozenset[str]
) -> Iterator[Finding]:
    """What a baseline holds is known at the index; what results are broken down by is, or before follow-up starts.

    A trend or a distribution may be of what comes later: that is what it is about.
    """
    of: tuple[core.Variable | core.Quantity, ...] = ()
    if isinstance(report, core.BaselineReport | core.TrendReport | core.DistributionReport):
        of = (*report.of, *(report.numbers if isinstance(report, core.BaselineReport) else ()))
    for variable in of:
        if isinstance(report, core.BaselineReport):
            what = f"Baseline variable `{variable.name}`"
            yield from _decided(study, variable.value, what, (variable.name,), order, values, settled)
        else:
            yield from _dated(study, variable.value, f"`{variable.name}`", (variable.name,), settled)
    stratum = None if isinstance(report, core.AttritionReport) else _stratum(study, report.by)
    if stratum is None:
        return
    followed = isinstance(report, core.RiskReport | core.EventsReport | core.StateReport)
    if followed and isinstance(study.follow_up, core.FollowUp):
        yield from _dated(study, stratum.value, f"Breakdown `{stratum.name}`", (stratum.name,), settled)
        yield from _before_entry(stratum.value, (stratum.name,), order, values)
    else:
        what = f"Breakdown `{stratum.name}`"
        yield from _decided(study, stratum.value, what, (stratum.name,), order, values, settled)


def _stratum(study: core.Study, name: str | None) -> core.Variable | None:
    return next((variable for variable in study.strata if variable.name == name), None)


def _at_index(
    expr: Expr, what: str, names: tuple[str, ...], order: Order, values: Mapping[str, Expr]
) -> Iterator[Finding]:
    late = [b for b in expr.facts.known if b.anchor != "extraction" and not_after(b, INDEX, order) != "yes"]
    if not late:
        return
    worst = max(late, key=lambda b: (not_after(b, INDEX, order) == "no", b.infinite, b.months, b.days))
    proved = not_after(worst, INDEX, order) == "no"
    span, related = _culprit(expr, worst, values)
    yield Finding(faults.look_ahead(span, what, when(worst), proved, related), names)


def _culprit(expr: Expr, late: Bound, values: Mapping[str, Expr]) -> tuple[Span, tuple[Related, ...]]:
    """The smallest part that is known so late; where it stands in a definition, the use is underlined."""
    own = [n for n in walk(expr) if late in n.facts.known and n.span is not None]
    deep = [n for n in walk(expr, values) if late in n.facts.known and n.span is not None]
    span = own[-1].span if own else expr.span
    assert span is not None
    inner = deep[-1].span if deep else None
    if inner is not None and inner != span and not isinstance(own[-1] if own else None, Rows):
        return span, (Related(inner, "decided here"),)
    return span, ()


def when(b: Bound) -> str:
    """A bound in words: `180 days after the index`."""
    if b.infinite > 0:
        return "when the data end"
    if b.anchor == "calendar":
        return f"on {datetime.date.fromordinal(b.days).isoformat()}"
    place = {
        "index": "the index",
        "entry": "follow-up starts",
        "exit": "follow-up ends",
        "row": "the row's day",
        "row.end": "the spell ends",
        "extraction": "the extract is made",
        "value": "that day",
    }[b.anchor]
    if not b.months and not b.days:
        return f"at {place}" if b.anchor in ("index", "row") else f"when {place}"
    later = b.months > 0 or (not b.months and b.days > 0)
    years, months = divmod(abs(b.months), 12)
    parts = [_number(n, unit) for n, unit in ((years, "year"), (months, "month")) if n]
    length = " and ".join(parts)
    if b.days:
        same_way = not parts or (b.days > 0) == later
        length = (
            " and ".join([*parts, _number(abs(b.days), "day")])
            if same_way
            else (f"{length} less {_number(abs(b.days), 'day')}")
        )
    return f"{length} {'after' if later else 'before'} {place}"


def _number(n: int, unit: str) -> str:
    return f"{n} {unit}{'s' if n > 1 else ''}"


def _dated(
    study: core.Study, expr: Expr, what: str, names: tuple[str, ...], settled: frozenset[str]
) -> Iterator[Finding]:
    """Last-known columns used as if they were known at the index, unless a definition on the way allows it."""
    values = {d.name: d.value for d in study.definitions if d.name not in settled}
    seen: set[str] = set()
    for node in walk(expr, values):
        if not isinstance(node, (core.Attribute, core.RowColumn, core.YearsSince, core.RowValue)):
            continue
        column = study.model.tables[node.column.table].columns[node.column.column]
        if column.as_of and str(node.column) not in seen and node.span is not None:
            seen.add(str(node.column))
            through = tuple(n.name for n in walk(expr, values) if isinstance(n, core.Ref))
            yield Finding(faults.last_known(node.span, str(node.column), what), (*names, *through))


def _immortal(exposure: core.Exposure, follow_up: core.FollowUp, order: Order) -> Finding | None:
    if exposure.window is None:  # a varying exposure counts the time in each level where it is spent
        return None
    if not_after(horizon.highs(exposure.window), horizon.bounds(follow_up.start), order) == "yes":
        return None
    span = exposure.window.high.span if exposure.window.high is not None else exposure.span
    assert span is not None
    assert follow_up.start.span is not None
    return Finding(faults.immortal_time(span, follow_up.start.span), (exposure.name,))


def _before_entry(expr: Expr, names: tuple[str, ...], order: Order, values: Mapping[str, Expr]) -> Iterator[Finding]:
    for b in sorted(expr.facts.known, key=repr):
        if b.anchor != "extraction" and not_after(horizon.moved(b, 1), Bound("entry"), order) != "yes":
            span, _ = _culprit(expr, b, values)
            yield Finding(faults.exposure_reads_follow_up(span, when(b)), names)
            return


def _event_known(outcome: core.Outcome) -> Iterator[Finding]:
    event = outcome.event
    if event is None or event.condition is None or event.condition.span is None:
        return
    dated = horizon.bounds(event.dated)
    base = "row.end" if event.match == "ending" else "row"
    for b in sorted(event.condition.facts.known, key=repr):
        if b.anchor not in ("row", "row.end") or (b.anchor == "row.end" and any(d.anchor == "row.end" for d in dated)):
            continue
        if b.anchor == "row" and (base == "row.end" or not_after(b, dated, Order()) == "yes"):
            continue
        span = next(
            (n.span for n in walk(event.condition) if b in n.facts.known and n.span is not None), event.condition.span
        )
        known = f"it is settled {when(b)}"
        yield Finding(faults.looks_ahead_undated(span, known), (outcome.name,))
        return


# --- the ends of the data --------------------------------------------------------------------------------------------


def _follow_up_end(study: core.Study, order: Order) -> Iterator[Finding]:
    follow_up = study.follow_up
    if not isinstance(follow_up, core.FollowUp) or any(
        e.base == "data.end" and horizon.offset(e.steps) <= (0, 0) for e in follow_up.ends
    ):
        return
    if all(end.base == "role" or _told(end) for end in follow_up.ends) and any(map(_told, follow_up.ends)):
        return
    data_ends = [o.end_of_data for o in study.outcomes if o.end_of_data is not None]
    limit = Bound("calendar", 0, min(data_ends).toordinal()) if data_ends else None
    for end in follow_up.ends:
        if limit is not None and horizon.comes(end) and not_after(horizon.bounds(end), limit, order) == "yes":
            return
    if limit is not None:
        span = next((e.span for e in reversed(follow_up.ends) if e.span), None)
        assert span is not None
        yield Finding(faults.follow_up_past_data(span), ("follow-up",))


def _told(end: core.Time) -> bool:
    """Whether the data tell the day: it is within them, and who has none is not followed."""
    return end.base == "value" and not isinstance(end.value, core.LatestOf) and horizon.offset(end.steps) <= (0, 0)


def _coverage(study: core.Study, order: Order, values: Mapping[str, Expr]) -> Iterator[Finding]:
    """Windows that look further than the rows of their table are complete."""
    if isinstance(study.cohort.index, core.IndexEvent):
        index = study.cohort.index.event
        days, own = horizon.hull(index.window), ("index", *study.cohort.of_index)
        yield from _window_covered(study, index.table, index.window, days, index.window, own, order)
    for names, expr in _expressions(study):
        through = tuple(n.name for n in walk(expr, values) if isinstance(n, core.Ref))
        for node, days in queries(expr, values):
            yield from _window_covered(study, node.table, node.window, days, node, (*names, *through), order)


def _expressions(study: core.Study) -> Iterable[tuple[tuple[str, ...], Expr]]:
    for criterion in study.cohort.written:
        yield (criterion.name,), criterion.condition
    for exposure in study.exposures:
        for level in exposure.levels:
            if level.condition is not None:
                yield (level.name, exposure.name), level.condition
    yield from (((name,), value) for name, value in (*variables(study), *quantities(study)))


def _window_covered(
    study: core.Study,
    table: str,
    window: core.Window,
    hull: core.Hull,
    node: Rows | core.Window,
    names: tuple[str, ...],
    order: Order,
) -> Iterator[Finding]:
    coverage = study.coverage.get(table)
    if coverage is None:
        return
    own = node.span if isinstance(node, Rows) else None
    low_span = (window.low.span if window.low else None) or own
    high_span = (window.high.span if window.high else None) or own
    if coverage.start is not None and not hull.low.infinite and low_span is not None:
        start = Bound("calendar", 0, coverage.start.toordinal())
        if not_after(start, hull.low, order) != "yes":
            yield Finding(faults.before_coverage(low_span, table, coverage.start), names)
    if coverage.end is not None and not hull.high.infinite and high_span is not None:
        end = Bound("calendar", 0, coverage.end.toordinal() + 1)
        if hull.high.anchor != "exit" and not_after(hull.high, end, order) != "yes":
            yield Finding(faults.past_data(high_span, table, coverage.end), names)
