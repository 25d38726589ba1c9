"""Permits: what one decision of a controller allows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studyspec.catalogue import faults, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.reader import Form
from studyspec.catalogue.types import Permit
from studyspec.source import read

_YEAR = reader.integer(1, 9999)


def load_permit(path: Path) -> Permit:
    """A permit from its YAML document.  Raises Refused with every fault, Unreadable."""
    permit, _ = reader.document(read(path), "permit", _permit)
    return replace(permit, hash=digest("permit", permit))


def _permit(form: Form) -> Permit:
    permit = Permit(
        id=form.need("permit", reader.text),
        controller=form.need("controller", reader.text),
        authority=form.need("authority", reader.text),
        decided=form.need("decided", reader.date),
        expires=form.need("expires", reader.date),
        legal_basis=form.need("legal_basis", reader.text),
        purpose=form.need("purpose", reader.labels),
        registers=form.need("registers", reader.listing(reader.name)),
        columns=form.need("columns", reader.mapping(reader.listing(reader.text), keys=reader.text)),
        years=_years(form),
        population_cap=form.may("population_cap", reader.integer(1, 10**10), None),
    )
    if not form.sheet.faults:
        if permit.expires < permit.decided:
            form.sheet.fault(faults.dates_out_of_order("decision", "expiry", form.span("expires")))
        if permit.years[1] < permit.years[0]:
            form.sheet.fault(faults.dates_out_of_order("first year", "last year", form.span("years")))
    return permit


def _years(form: Form) -> tuple[int, int]:
    """`years: {from: 2009, to: 2024}`, both years in."""
    return form.need("years", reader.record("range of years", lambda f: (f.need("from", _YEAR), f.need("to", _YEAR))))
