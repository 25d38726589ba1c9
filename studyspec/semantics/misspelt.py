"""Names in a permit that lead nowhere at the site, where a study is refused for want of the name that was meant.

A permit may name more than a site has: a name is misspelt only where one like it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.catalogue.faults import nearest, unknown_reference
from studyspec.catalogue.types import Binding, Model, Permit
from studyspec.source import Diagnostic, Related, Span


def column(table: str, name: str, permits: list[Permit], binding: Binding, used: Span | None) -> Diagnostic | None:
    """The name in a permit that stands for a physical column, or for its table.  used: where the study reads it"""
    bound = [one for one in binding.tables.values() if one.physical == table]
    columns = {physical for one in bound for physical in (*one.where, *(c.physical for c in one.columns.values()))}
    tables = {one.physical for one in binding.tables.values()}
    for permit in permits:
        if table not in permit.columns:
            found = _meant("table", table, permit.columns, tables, permit, "columns", used)
        else:
            listed, where = permit.columns[table], f" in the table {table}"
            found = _meant("column", name, listed, columns, permit, f"columns.{table}", used, where)
        if found is not None:
            return found
    return None


def register(name: str, permits: list[Permit], model: Model, used: Span | None) -> Diagnostic | None:
    """The name in a permit that stands for a register."""
    found = (_meant("register", name, p.registers, set(model.registers), p, "registers", used) for p in permits)
    return next((one for one in found if one is not None), None)


def _meant(
    what: str,
    name: str,
    listed: Iterable[str],
    known: set[str],
    permit: Permit,
    path: str,
    used: Span | None,
    where: str = "",
) -> Diagnostic | None:
    for one in listed:
        place = permit.spans.get(f"{path}.{one}")
        if one not in known and place is not None and nearest(one, sorted(known - set(listed)))[:1] == (name,):
            related = () if used is None else (Related(used, f"the study reads this {what} here"),)
            return unknown_reference(what, one, (name,), place, where or " at the site", related)
    return None
