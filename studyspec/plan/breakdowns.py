"""What reports are broken down by: the level of an exposure or the category of a variable, of each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studyspec.plan.build import Builder
from studyspec.plan.cubes import Category, Labels
from studyspec.plan.frame import Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Call, Case, Column, Constant, InList, Output, Scalar
from studyspec.plan.varying import Varying
from studyspec.plan.words import titled
from studyspec.semantics import core


@dataclass(frozen=True)
class Breakdown:
    """A division of units.

    column: of the step that says where each of them falls; None where that varies
    """

    column: Column | None
    labels: Labels
    categories: tuple[Category, ...]
    varying: Varying | None = None

    def on(self, day: Literal["index", "start"]) -> Column:
        """Where units fall; on the day of the index, or of the start of follow-up, where that varies."""
        if self.varying is not None:
            return self.varying.of_index() if day == "index" else self.varying.of_start()
        if self.column is None:
            raise ValueError("a breakdown that does not vary has a column")
        return self.column


def add_exposure(build: Builder, exposure: core.Exposure, cohort: str) -> Breakdown:
    """The step with each unit's level."""
    label = build.label(exposure.labels, exposure.name)
    build.section = f"Exposure {titled(exposure.name, label)}"
    conditions = [one.condition for one in exposure.levels if one.condition is not None]
    note = "What the study defines and the exposure reads, for everyone in the cohort"
    build.prepare(conditions, cohort, f"{exposure.name}_definitions", note)
    name = build.take(exposure.name, f"{exposure.name}_exposure")
    frame = Frame(build, cohort)
    notes = [f"{titled(exposure.name, label)}: the first of these levels that applies"]
    value = first_level(build, frame, exposure.levels, notes)
    column = Names(build.unit).take(exposure.name, f"{exposure.name}_exposure")
    columns = (*frame.units(), Output(column, value))
    levels = tuple(one.name for one in exposure.levels)
    build.add(name, notes, columns, frame, element=exposure.name, also=levels)
    return Breakdown(Column(name, column), exposure.labels, exposure.categories)


def first_level(build: Builder, frame: Frame, levels: Sequence[core.Level], notes: list[str]) -> Scalar:
    """The first level whose condition is true; `unknown` where one before it is unknown; else `none`.

    Adds a line to the notes for each level.
    """
    whens: list[tuple[Scalar, Scalar]] = []
    otherwise: Scalar = Constant("none")
    for level in levels:
        notes.append(f"  {titled(level.name, build.at(level))}")
        if level.condition is None:
            otherwise = Constant(level.name)
            break
        met = frame.scalar(level.condition)
        whens.append((met, Constant(level.name)))
        if level.condition.facts.nullable:
            whens.append((Call("is null", (met,)), Constant("unknown")))
    return Case(tuple(whens), otherwise) if whens else otherwise


def add_stratum(build: Builder, variable: core.Variable, cohort: str) -> Breakdown:
    """The step with each unit's category of a variable."""
    label = build.label(variable.labels, variable.name)
    build.section = f"Breakdown {titled(variable.name, label)}"
    note = "What the study defines and the breakdown reads, for everyone in the cohort"
    build.prepare([variable.value], cohort, f"{variable.name}_definitions", note)
    name = build.take(f"by_{variable.name}")
    frame = Frame(build, cohort)
    build.element = (variable.name, label)
    column = Names(build.unit).take(variable.name, f"{variable.name}_variable")
    columns = (*frame.units(), Output(column, category(variable, frame.scalar(variable.value))))
    notes = [f"{titled(variable.name, label)}: one of its declared categories, for everyone in the cohort"]
    build.add(name, notes, columns, frame, element=variable.name)
    return Breakdown(Column(name, column), variable.labels, variable.categories)


def category(variable: core.Variable, value: Scalar) -> Scalar:
    """A value as one of the declared keys: nothing else in the data can become one."""
    unknown, kind = Constant("unknown"), variable.value.facts.type.kind
    if kind == "boolean":
        return Case(((value, Constant("true")), (Call("not", (value,)), Constant("false"))), unknown)
    if kind == "category":
        if isinstance(value, Case):
            whens = tuple((test, unknown if key == Constant(None) else key) for test, key in value.whens)
            return Case(whens, unknown if value.otherwise is None else value.otherwise)
        return Call("coalesce", (value, unknown))
    keys = tuple(one.key for one in variable.categories if one.key not in ("unknown", "other"))
    as_text = value if kind in ("code", "text", "identifier") else Call("to text", (value,))
    return Case(((Call("is null", (value,)), unknown), (InList(as_text, keys), as_text)), Constant("other"))
