"""What a name means that cannot stand where it stands, and what can be done with it; or that there is no such name."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.catalogue.types import Role, Table
from studyspec.language import tree
from studyspec.semantics import faults
from studyspec.semantics.phrases import a, did_you_mean, listed, upper
from studyspec.semantics.scope import Scope


def wrong(
    node: tree.Name,
    scope: Scope,
    known: Iterable[str],
    what: str = "name",
    *,
    shown: Iterable[str] | None = None,
    place: str = "Known here",
) -> None:
    """Report a name that cannot stand here: what it is, or that it is nothing.

    known: what can stand here.  shown: those of them to list where none is near; place: what they are said to be.
    """
    name = node.text
    table = scope.model.tables.get(name)
    if table is not None and table.entity != scope.entity.name and what == "name":
        scope.report(faults.other_entity(node.span, name, table.entity, scope.entity.name))
        return
    meant = _meant(name, scope)
    if meant is not None:
        is_a, remedy = meant
        known = tuple(known)
        if what == "outcome" and name in scope.model.roles:
            is_a, remedy = "a role", f"Make it an outcome: `outcome {name}_seen`, with `{name}` on a line below it."
        elif not _helps(is_a, what) and known:
            remedy = did_you_mean(name, known, f"{upper(a(what))} is needed here: {listed(name, known)}.")
        scope.report(faults.name_means_else(node.span, name, is_a, remedy))
    elif what == "name" and _is_code(name, scope):
        scope.report(faults.code_as_name(node.span, name))
    else:
        scope.report(faults.unknown_name(node.span, name, known, what, place, shown))


def _helps(is_a: str, what: str) -> bool:
    """Whether what is done with a thing helps where something else is needed."""
    if what in ("outcome", "state"):
        return is_a in ("an outcome", "a recurring outcome", "an exposure", "a state", "a definition")
    return what == "name" or (is_a == "a role" and what in ("time", "table"))


def of_table(table: Table, scope: Scope) -> str:
    """How its rows are asked about, at this place and by its shape."""
    if table.shape == "attributes":
        return "Name its columns directly: they hold one value each."
    time = moment(scope)
    if table.shape == "events":
        return f"Ask about its rows: `any {table.name} before {time}`, `count of {table.name} before {time}`."
    return f"Ask about its rows: `any {table.name} covering {time}`, `days of {table.name} before {time}`."


def moment(scope: Scope) -> str:
    """The day that a condition here most likely speaks of."""
    if scope.row is not None:
        return "its date" if scope.row.shape == "events" else "its start"
    return "that day" if scope.that_day else "index"


def _meant(name: str, scope: Scope) -> tuple[str, str] | None:
    """What a name is, and what is done with it; None where it is nothing."""
    if name in scope.model.tables:
        return "a table", of_table(scope.model.tables[name], scope)
    if name in scope.model.roles:
        return "a role", _of_role(scope.model.roles[name])
    if name in scope.catalogue.codelists:
        return "a code list", f"Compare a code with it: `… in {name}`."
    if name in scope.cohorts:
        return "a cohort", f"Ask whether the unit is in it: `member of {name}`."
    if name in scope.definitions:
        return "a definition", f"Describe it: `report baseline of {name}`."
    if name in scope.entity.derived or name in scope.attributes.columns:
        return f"an attribute of {a(scope.entity.name)}", "Use it in a condition, or describe it by `report baseline`."
    if name in scope.model.entities:
        return "an entity", f"Ask for one of its columns: `COLUMN of {name}`."
    return None if _is_code(name, scope) else scope.define.other(name)


def _is_code(name: str, scope: Scope) -> bool:
    return any(name in codes.codes for codes in scope.catalogue.codelists.values())


def _of_role(role: Role) -> str:
    return f"A role can end follow-up, compete with an outcome, or be one; its rows are in `{role.table}`."
