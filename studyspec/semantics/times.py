"""Times and windows: from words to days relative to an anchor."""

from __future__ import annotations

from studyspec import calendar
from studyspec.catalogue.types import Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core, faults, horizon
from studyspec.semantics.core import Facts, Grain
from studyspec.semantics.scope import PHASES, Phase, Scope

DATE = ValueType("date")
_BASES: dict[str, core.TimeBase] = {
    "index": "index",
    "follow-up start": "entry",
    "follow-up end": "exit",
    "its start": "row",
    "its date": "row",
    "its end": "row.end",
}
#: The first phase in which an anchor means something.
_FROM: dict[str, Phase] = {"index": "criteria", "follow-up start": "follow-up", "follow-up end": "outcome"}
_ORDER: tuple[Phase, ...] = ("index", "criteria", "exposure", "follow-up", "outcome")


def resolve_time(
    node: tree.Expr, scope: Scope, *, roles: bool = False, row: Table | None = None, data: tuple[str, ...] = ()
) -> core.Time | None:
    """A time, or None after a fault was reported.

    roles: whether a role's name may stand here.  row: the table whose row `its start` speaks of.  data: the tables
    whose coverage `end of data` and `start of data` speak of; they are filled in later where this is empty.
    """
    match node:
        case tree.Date():
            return _time(node, "calendar", date=node.value)
        case tree.Anchor():
            return _anchor(node, scope, row, data)
        case tree.Shift():
            time = resolve_time(node.operand, scope, roles=roles, row=row, data=data)
            return None if time is None else _moved(node, time, scope)
        case tree.Name() if roles and node.text in scope.model.roles:
            return _time(node, "role", role=node.text, nullable=True)
        case tree.Name() if node.text in scope.model.roles:
            scope.report(
                faults.name_means_else(
                    node.span, node.text, "a role", "A role can end follow-up, compete with an outcome, or be one."
                )
            )
        case _:
            scope.report(faults.time_needed(node.span))
    return None


def _anchor(node: tree.Anchor, scope: Scope, row: Table | None, data: tuple[str, ...]) -> core.Time | None:
    if node.name in ("start of data", "end of data"):
        covered = [scope.model.tables[t].coverage for t in data]
        if node.name == "start of data":
            return _time(node, "data.start", tables=data, date=max((c.start for c in covered if c.start), default=None))
        return _time(node, "data.end", tables=data, date=min((c.end for c in covered if c.end), default=None))
    first = _FROM.get(node.name)
    if first is not None:
        if _ORDER.index(scope.phase) < _ORDER.index(first):
            scope.report(faults.time_not_yet(node.span, node.name, PHASES[scope.phase]))
            return None
    elif row is None:
        scope.report(faults.time_not_yet(node.span, node.name, PHASES[scope.phase]))
        return None
    elif (node.name == "its date") != (row.shape == "events"):
        remedy = "Write `its date`." if row.shape == "events" else "Write `its start` or `its end`."
        scope.report(faults.shape_mismatch(node.span, node.name, row.name, row.shape, remedy))
        return None
    return _time(node, _BASES[node.name], nullable=node.name in ("its end", "follow-up end"))


def _time(node: tree.Expr, base: core.TimeBase, *, nullable: bool = False, **more: object) -> core.Time:
    grain = Grain("constant") if base in ("calendar", "data.start", "data.end") else Grain("unit")
    return core.Time(facts=Facts(DATE, nullable, grain), span=node.span, base=base, **more)  # type: ignore[arg-type]


def _moved(node: tree.Shift, time: core.Time, scope: Scope) -> core.Time | None:
    amount = node.duration.amount if node.sign == "+" else -node.duration.amount
    step = core.Step(amount, node.duration.unit)
    if time.steps and step.unit in ("month", "year"):
        scope.report(faults.months_first(node.duration.span))
        return None
    day = time.date
    if day is not None:
        try:
            for s in (*time.steps, step):
                day = calendar.add(day, s.amount, s.unit)
        except OverflowError:
            scope.report(faults.date_out_of_range(node.span))
            return None
    elif abs(amount) > {"day": 400_000, "week": 60_000, "month": 12_000, "year": 1_000}[step.unit]:
        scope.report(faults.date_out_of_range(node.span))
        return None
    return core.Time(
        facts=time.facts,
        span=node.span,
        base=time.base,
        steps=(*time.steps, step),
        date=time.date,
        role=time.role,
        tables=time.tables,
    )


def resolve_interval(node: tree.Interval, scope: Scope, data: tuple[str, ...] = ()) -> core.Window | None:
    low = resolve_time(node.low, scope, data=data)
    high = resolve_time(node.high, scope, data=data)
    if low is None or high is None:
        return None
    window = core.Window(low, high, node.low_closed, node.high_closed)
    if horizon.not_after(horizon.hull(window).high, horizon.hull(window).low, horizon.Order()) == "yes":
        scope.report(faults.empty_range(node.span))
        return None
    return window


def follow_up_window(scope: Scope, node: tree.Expr | tree.NamedWindow) -> core.Window:
    """The follow-up as a window: both its first and its last day are in."""
    return core.Window(
        core.Time(facts=Facts(DATE, False, Grain("unit")), span=node.span, base="entry"),
        core.Time(facts=Facts(DATE, True, Grain("unit")), span=node.span, base="exit"),
        True,
        True,
    )
