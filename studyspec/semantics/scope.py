"""Where names are looked up while a study is resolved, and where what is wrong with it is gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from studyspec.catalogue.types import Catalogue, CodeList, Entity, Model, Table
from studyspec.language import tree
from studyspec.semantics import core
from studyspec.source import Diagnostic

Phase = Literal["spells", "index", "criteria", "exposure", "follow-up", "outcome"]

#: What people read in messages.
PHASES: dict[Phase, str] = {
    "spells": "spells",
    "index": "the index",
    "criteria": "a criterion or definition",
    "exposure": "an exposure",
    "follow-up": "the follow-up",
    "outcome": "an outcome",
}


class Define(Protocol):
    """The names that a study gives."""

    def __call__(self, node: tree.Name, scope: Scope) -> core.Expr | None:
        """A definition, resolved on first use; None when there is none of that name, or it is at fault."""

    def other(self, name: str) -> tuple[str, str] | None:
        """What a name is that is no definition, and what is done with it; None where the study gives no such name."""

    def dates(self) -> frozenset[str]:
        """Definitions that are dates, or may be."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What can be said at one place.

    row: the table of the row query we are in; outer: of the one around that.  window: the exposure's, for `during
    window`.  define: the study's own names.
    that_day: whether a state is asked here, so that there is a day it is asked of.
    cohorts: those resolved so far, for `member of`; faulty: names of those at fault, which say nothing more.
    spells: named spells, which the model has as tables too.
    """

    catalogue: Catalogue
    language: str
    entity: Entity
    phase: Phase
    define: Define
    definitions: frozenset[str]
    row: Table | None = None
    outer: Table | None = None
    window: core.Window | None = None
    follow_up: core.FollowUp | None = None
    that_day: bool = False
    cohorts: Mapping[str, core.Cohort] = field(default_factory=dict)
    faulty: frozenset[str] = frozenset()
    spells: Mapping[str, core.SpellSet] = field(default_factory=dict)
    faults: list[Diagnostic] = field(default_factory=list)

    @property
    def model(self) -> Model:
        return self.catalogue.model

    @property
    def attributes(self) -> Table:
        return self.model.tables[self.entity.attributes]

    def report(self, fault: Diagnostic) -> None:
        self.faults.append(fault)

    def in_phase(self, phase: Phase) -> Scope:
        return replace(self, phase=phase)

    def in_row(self, table: Table) -> Scope:
        return replace(self, row=table, outer=self.row)

    def codelist(self, name: str) -> CodeList | None:
        return self.catalogue.codelists.get(name)


def labels(
    language: str, name: tree.Name, label: tree.Text | None = None, more: tuple[tree.Label, ...] = ()
) -> dict[str, str]:
    """Texts by language; the name in words where the study's own language has none."""
    found = {language: label.value if label else name.text.replace("_", " ")}
    found.update(texts(language, more))
    return found


def texts(language: str, items: tuple[tree.Label, ...]) -> dict[str, str]:
    return {item.language or language: item.text for item in items}
