"""Definitions beside the sample's own: what they come to, and what is wrong with them."""

from __future__ import annotations

from studyspec.semantics import core
from studyspec.source import Diagnostic
from tests.semantics.sample import resolved, study

UNEMPLOYED = "define unemployed_2y = days of jobseeking during [index - 2 years, index)"


def value(text: str, before: str = "") -> core.Expr:
    """A definition of this text.  before: statements that stand before it."""
    found = study((UNEMPLOYED, f"{UNEMPLOYED}\n{before}\ndefine probe = {text}"), site=False)
    return next(d.value for d in found.definitions if d.name == "probe")


def wrong(text: str, before: str = "") -> list[Diagnostic]:
    """What is wrong with a definition of this text; the sample has no other fault."""
    found, faults = resolved((UNEMPLOYED, f"{UNEMPLOYED}\n{before}\ndefine probe = {text}"), site=False)
    assert found is None
    return [f for f in faults if f.severity == "error"]
