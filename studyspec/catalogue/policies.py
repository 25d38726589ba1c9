"""Disclosure policies, and which of two is weaker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from studyspec.catalogue import faults, reader
from studyspec.catalogue.canonical import digest
from studyspec.catalogue.reader import Form, Read
from studyspec.catalogue.types import Policy
from studyspec.source import read

_MODE: Read[Literal["guarded", "open"]] = reader.choice("guarded", "open")
_ZEROS: Read[Literal["hide", "show"]] = reader.choice("hide", "show")


def load_policy(path: Path) -> Policy:
    """A policy from its YAML document.  Raises Refused with every fault, Unreadable."""
    policy, _ = reader.document(read(path), "policy", from_form)
    return replace(policy, hash=digest("policy", policy))


def from_form(form: Form) -> Policy:
    """A policy from the keys of its document."""
    name = form.need("policy", reader.name)
    version = form.need("version", reader.integer(1, 1_000_000))
    form.may("label", reader.labels, {})
    mode = form.need("mode", _MODE)
    if mode == "open":
        for key in ("minimum_entities", "insiders", "rounding", "zeros"):
            if form.has(key):
                form.sheet.fault(faults.open_policy_key(key, form.span(key)))
        return Policy(name, version, mode, minimum_entities=1, insiders=0, rounding=1, zeros="show")
    return Policy(
        name,
        version,
        mode,
        minimum_entities=form.need("minimum_entities", reader.integer(1, 1_000_000)),
        insiders=form.need("insiders", reader.integer(0, 1000)),
        rounding=form.need("rounding", reader.integer(1, 1_000_000)),
        zeros=form.need("zeros", _ZEROS),
    )


def weakens(policy: Policy, floor: Policy) -> tuple[str, ...]:
    """The fields in which a policy protects less than another one does; empty where it may stand in for it.

    Rounding protects as much only where its base is a multiple of the other's.
    """
    weaker = {
        "mode": policy.mode == "open" and floor.mode == "guarded",
        "minimum_entities": policy.minimum_entities < floor.minimum_entities,
        "insiders": policy.insiders < floor.insiders,
        "rounding": policy.rounding % floor.rounding != 0,
        "zeros": policy.zeros == "show" and floor.zeros == "hide",
    }
    return tuple(field for field, holds in weaker.items() if holds)
