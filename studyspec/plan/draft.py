"""The plan in the making: what the builders of all cohorts share."""

from __future__ import annotations

import datetime

from studyspec.plan.names import Names
from studyspec.plan.nodes import CohortStep, Column, Output, Step
from studyspec.semantics import core

#: The column of a step that lists codes.
CODE = "code"


class Draft:
    """The steps so far, the names they have taken, and the heading that the next ones stand under.

    tables: the model's tables by the names under which the script reads them
    spells: the study's own spells by the steps that make them, which are read like tables
    cohorts: those that are finished, by name
    """

    def __init__(self, study: core.Study) -> None:
        self.study = study
        self.names = Names()
        self.steps: list[Step] = []
        self.section = ""
        self.tables: dict[str, str] = {}
        self.spells: dict[str, str] = {}
        self.cohorts: dict[str, CohortStep] = {}
        self._codes: dict[tuple[str, ...], Column] = {}
        self._linked: dict[tuple[core.ColumnRef, str], str] = {}

    def codes(self, values: tuple[str, ...], name: str | None) -> Column:
        """A step that lists codes.  name: of the code list that they are from."""
        if values not in self._codes:
            step = self.names.take("codes" if name is None else f"{name}_codes")
            self._codes[values] = Column(step, CODE)
            note = f"{len(values):,} codes" if name is None else f"{len(values):,} codes of {name}"
            self.listed(step, note, CODE, values)
        return self._codes[values]

    def linked(self, link: core.ColumnRef, table: str) -> str:
        """The name under which selects join the table that a link leads to: `employer_of_job`."""
        if (link, table) not in self._linked:
            name = f"{table}_of_{link.table}"
            self._linked[link, table] = self.names.take(name, f"{name}_by_{link.column}")
        return self._linked[link, table]

    def listed(self, step: str, note: str, column: str, values: tuple[str | datetime.date, ...]) -> None:
        """Add a step that lists constants in its one column."""
        self.steps.append(
            Step(
                name=step,
                kind="step",
                section=self.section,
                notes=(note,),
                columns=(Output(column, Column(step, column)),),
                table=step,
                values=values,
            )
        )
