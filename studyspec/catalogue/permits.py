"""Permits: what one decision of a controller allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studyspec.catalogue import faults, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.reader import Form, Read, Sheet
from studyspec.catalogue.types import Permit
from studyspec.source import read

if TYPE_CHECKING:
    from studyspec.language.yamltree import YamlNode

_YEAR = reader.integer(1, 9999)


def _placed(read: Read[str]) -> Read[str]:
    """A name whose place is noted."""

    def read_one(node: YamlNode, sheet: Sheet) -> str:
        value = read(node, sheet)
        if isinstance(value, str):
            sheet.spans[".".join([*sheet.path, value])] = node.span
        return value

    return reader.Reading(read_one, "like", (read,))


def load_permit(path: Path) -> Permit:
    """A permit from its YAML document.  Raises Refused with every fault, Unreadable."""
    permit, sheet = reader.document(read(path), "permit", from_form)
    return replace(permit, hash=digest("permit", permit), spans=sheet.spans)


def from_form(form: Form) -> Permit:
    """A permit from the keys of its document."""
    permit = Permit(
        id=form.need("permit", reader.text),
        controller=form.need("controller", reader.text),
        authority=form.need("authority", reader.text),
        decided=form.need("decided", reader.date),
        expires=form.need("expires", reader.date),
        legal_basis=form.need("legal_basis", reader.text),
        purpose=form.need("purpose", reader.labels),
        registers=form.need("registers", reader.listing(_placed(reader.name))),
        columns=form.need("columns", reader.mapping(reader.listing(_placed(reader.text)), keys=_placed(reader.text))),
        years=_years(form),
        population_cap=form.may("population_cap", reader.integer(1, 10**10), None),
        persons=form.may("persons", reader.listing(reader.text), ()),
        conditions=form.may("conditions", reader.listing(reader.text), ()),
        retention=form.may("retention", reader.text, None),
        supersedes=form.may("supersedes", reader.text, None),
        environment=form.may("environment", reader.text, None),
        linkages=form.may("linkages", reader.listing(reader.listing(reader.name)), None),
        breakdowns=form.may("breakdowns", reader.listing(reader.text), None),
    )
    if not form.sheet.faults:
        if permit.expires < permit.decided:
            form.sheet.fault(faults.dates_out_of_order("decision", "expiry", form.span("expires")))
        if permit.years[1] < permit.years[0]:
            form.sheet.fault(faults.dates_out_of_order("first year", "last year", form.span("years")))
        _inside(permit, form)
    return permit


def _inside(permit: Permit, form: Form) -> None:
    """Linkages and breakdowns name registers and columns that the permit is about."""
    registers = {name for group in permit.linkages or () for name in group}
    for name in sorted(registers - set(permit.registers)):
        where = " among the registers of the permit"
        fault = faults.unknown_reference("register", name, permit.registers, form.span("linkages"), where)
        form.sheet.fault(fault)
    columns = tuple(dict.fromkeys(column for listed in permit.columns.values() for column in listed))
    for name in dict.fromkeys(permit.breakdowns or ()):
        if name not in columns:
            where = " among the columns of the permit"
            form.sheet.fault(faults.unknown_reference("column", name, columns, form.span("breakdowns"), where))


def _years(form: Form) -> tuple[int, int]:
    """`years: {from: 2009, to: 2024}`, both years in."""
    return form.need("years", reader.record("range of years", lambda f: (f.need("from", _YEAR), f.need("to", _YEAR))))
