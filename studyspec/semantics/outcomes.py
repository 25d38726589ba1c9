"""Follow-up, described or recorded; the roles that end it; and the outcomes it looks for."""

from __future__ import annotations

from dataclasses import replace

from studyspec.catalogue.types import Column, Table
from studyspec.language import tree
from studyspec.semantics import core, elementfaults, faults
from studyspec.semantics.core import ColumnRef, Facts, Grain
from studyspec.semantics.elements import named
from studyspec.semantics.events import resolve_event
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.meanings import wrong
from studyspec.semantics.phrases import listed
from studyspec.semantics.rows import selection_facts
from studyspec.semantics.scope import Scope
from studyspec.semantics.spells import resolve_lasting
from studyspec.semantics.times import DATE, resolve_time
from studyspec.semantics.walk import times_in

# --- follow-up -------------------------------------------------------------------------------------------------------


def resolve_follow_up(node: tree.FollowUp, scope: Scope) -> core.FollowUp | None:
    start = resolve_time(node.start, scope.in_phase("exposure"))
    items = node.end.items if isinstance(node.end, tree.Earliest) else (node.end,)
    ends = [resolve_time(item, scope.in_phase("follow-up"), roles=True) for item in items]
    entry = None if node.entry is None else resolve_time(node.entry.time, scope.in_phase("follow-up"))
    within = None if node.within is None else resolve_lasting(node.within.spells, scope.in_phase("follow-up"))
    known = tuple(e for e in ends if e is not None)
    if start is None or len(known) < len(ends) or (node.entry is not None and entry is None):
        return None
    if node.within is not None and within is None:
        return None
    return core.FollowUp(start=start, ends=known, entry=entry, within=within)


def resolve_recorded(node: tree.FollowUpRecorded, scope: Scope) -> core.RecordedFollowUp | None:
    """Follow-up as a table of the entity records it: by dates, or by whole numbers of the table's clock."""
    table = scope.model.tables.get(node.table.text)
    if table is None or table.entity != scope.entity.name:
        own = [t.name for t in scope.model.tables.values() if t.entity == scope.entity.name]
        if table is None:
            wrong(node.table, scope, own, "table")
        else:
            scope.report(faults.other_entity(node.table.span, table.name, table.entity, scope.entity.name))
        return None
    start = None if node.start is None else _recorded_column(node.start, table, scope)
    end = _recorded_column(node.end, table, scope)
    if end is None or (node.start is not None and start is None):
        return None
    clock = None
    if end.type.kind == "integer":
        if table.clock is None:
            scope.report(elementfaults.clock_unknown(node.end.span, table.name))
            return None
        clock = table.clock.unit
    if start is not None and start.type.kind != end.type.kind:
        scope.report(faults.type_mismatch(node.span, str(start.type), str(end.type), "Use columns of one type."))
        return None
    if node.start is None and clock is None:
        scope.report(elementfaults.recorded_start(node.span))
        return None
    censored = None
    if node.censored is not None:
        censored = _how_it_ended(node.censored, table, scope.in_phase("outcome"))
        if censored is None:
            return None
    refs = [ColumnRef(table.name, c.name) for c in (start, end) if c is not None]
    origin = frozenset({ColumnRef(table.name, table.key), *refs})
    return core.RecordedFollowUp(
        table=table.name,
        start=None if start is None else refs[0],
        end=refs[-1],
        clock=clock,
        facts=Facts(end.type, end.nullable, Grain("entity"), origin=origin),
        censored=censored,
    )


def _recorded_column(name: tree.Name, table: Table, scope: Scope) -> Column | None:
    column = table.columns.get(name.text)
    if column is None:
        columns = [c.name for c in table.columns.values() if c.type.kind in ("date", "integer")]
        scope.report(faults.unknown_name(name.span, name.text, columns, f"column of `{table.name}`"))
    elif column.type.kind not in ("date", "integer"):
        scope.report(faults.wrong_type(name.span, "date or whole number", str(column.type)))
        column = None
    return column


# --- roles -----------------------------------------------------------------------------------------------------------


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


def used_roles(
    follow_up: core.FollowUp | core.RecordedFollowUp | None, outcomes: tuple[core.Outcome, ...]
) -> tuple[str, ...]:
    """The roles that a study uses, in the order it names them."""
    ends = follow_up.ends if isinstance(follow_up, core.FollowUp) else ()
    used = [time.role for time in times_in(*ends) if time.role is not None]
    for outcome in outcomes:
        used += [outcome.role] if outcome.role is not None else []
        used += [c.name for c in outcome.competing if c.kind == "role"]
    return tuple(dict.fromkeys(used))


# --- outcomes --------------------------------------------------------------------------------------------------------


def resolve_outcome(
    node: tree.Outcome,
    others: tuple[tree.Outcome, ...],
    recorded: core.RecordedFollowUp | None,
    scope: Scope,
    written: bool = False,
) -> core.Outcome | None:
    """others: all outcomes of the study, which may compete with each other.

    recorded: the follow-up, where it is.  written: whether it is so written, though it may be at fault
    """
    event: core.EventQuery | None = None
    role: str | None = None
    how: core.Expr | None = None
    sound = True
    match node.event:
        case tree.Recorded() if recorded is not None:
            how = _how_it_ended(node.event, scope.model.tables[recorded.table], scope)
            sound = how is not None
        case tree.Recorded():
            if not written:
                scope.report(elementfaults.not_recorded(node.event.span))
            sound = False
        case _ if recorded is not None:
            scope.report(elementfaults.recorded_needed(node.event.span))
            sound = False
        case tree.Rows(quantifier="first" | "every"):
            if node.event.window is not None and not isinstance(node.event.window, tree.NamedWindow):
                scope.report(faults.outcome_window(node.event.window.span))
                sound = False
            else:
                event = resolve_event(node.event, node.dated, scope)
                sound = event is not None
        case tree.Name() if node.event.text in scope.model.roles:
            role = node.event.text
        case tree.Rows(quantifier="exactly one"):
            scope.report(faults.event_claimed(node.event.span, "An outcome"))
            sound = False
        case _:
            word = node.event.quantifier if isinstance(node.event, tree.Rows) else None
            scope.report(faults.event_needed(node.event.span, "An outcome", ("first", "every"), word))
            sound = False
    if node.dated is not None and event is None and sound:
        scope.report(
            elementfaults.clause_idle(
                node.dated.span, "dated at", "only the rows of an event have another day to count"
            )
        )
        sound = False
    if node.time_zero is not None and _recurring(node):
        why = "events that recur count from the day after follow-up starts"
        scope.report(elementfaults.clause_idle(node.time_zero.span, "at time zero", why))
        sound = False
    competing = _competing(node, others, recorded, scope)
    if not sound or competing is None:
        return None
    return core.Outcome(
        event=event,
        role=role,
        competing=competing,
        time_zero=node.time_zero.rule if node.time_zero else "exclude",
        end_of_data=None,
        recorded=how,
        recurring=_recurring(node),
        **named(node, scope),  # type: ignore[arg-type]
    )


def _recurring(node: tree.Outcome) -> bool:
    return isinstance(node.event, tree.Rows) and node.event.quantifier == "every"


def _how_it_ended(node: tree.Recorded | tree.Censored, table: Table, scope: Scope) -> core.Expr | None:
    """A condition on how follow-up ended, over the row that records it."""
    inner = scope if table.shape == "attributes" else scope.in_row(table)
    return resolve_condition(node.condition, inner)


def _competing(
    node: tree.Outcome, others: tuple[tree.Outcome, ...], recorded: core.RecordedFollowUp | None, scope: Scope
) -> tuple[core.Competing, ...] | None:
    names = {o.name.text: o for o in others if o.name.text != node.name.text}
    roles = {} if recorded is not None else scope.model.roles
    found: list[core.Competing] | None = []
    for name in node.competing.names if node.competing else ():
        if name.text in roles:
            one = core.Competing(name=name.text, kind="role")
        elif name.text in names:
            if _recurring(names[name.text]):
                scope.report(elementfaults.competing_recurs(name.span, name.text))
                found = None
            one = core.Competing(name=name.text, kind="outcome")
        elif name.text == node.name.text:
            others_known = {*roles, *names}
            remedy = f"Name another: {listed(name.text, others_known)}." if others_known else "Leave it out."
            scope.report(faults.name_means_else(name.span, name.text, "this outcome itself", remedy))
            found = None
            continue
        else:
            wrong(name, scope, {*roles, *names}, "role or other outcome")
            found = None
            continue
        if found is not None and one in found:
            scope.report(elementfaults.named_twice(name.span, name.text))
        elif found is not None:
            found.append(one)
    return None if found is None else tuple(found)
