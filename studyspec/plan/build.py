"""What every part of a plan needs made first: definitions, ages, roles, and who has which rows.

A step is added to the plan once everything it reads has been: asking for a definition, an age, a role or the rows of a
table adds the step that makes it, the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass

from studyspec.plan import answers, rows, times
from studyspec.plan.draft import Draft
from studyspec.plan.frame import INDEX, OWN_COLUMNS, Frame, WindowsOfRows, in_parts, is_unit_years
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, CohortStep, Column, Join, Output, Scalar, Step
from studyspec.plan.words import said, text, titled
from studyspec.semantics import core
from studyspec.semantics.walk import walk


class Builder:
    """The part of a plan that is about one cohort.  Implements `frame.Steps`.

    key: the column of steps with the entity's identifier; unit: the columns that tell units apart
    indexed: whether units have an index at all
    meant: the study's definitions, in order of dependency
    last_day: of the spells that follow-up lasts no longer than, where there are such, once follow-up is worked out
    """

    def __init__(self, draft: Draft, cohort: core.Cohort) -> None:
        study = draft.study
        self.draft = draft
        self.study = study
        self.cohort = cohort
        self.key = Names(OWN_COLUMNS).take(cohort.key, f"{cohort.key}_key")
        self.indexed = has_index(study, cohort)
        several = cohort.repeated or isinstance(cohort.index, core.IndexAssigned)  # candidates of several cases
        self.unit: tuple[str, ...] = (self.key, INDEX) if several else (self.key,)
        self.names = draft.names
        self.steps = draft.steps
        self.last_day: Column | None = None
        self.element: tuple[str, str] = ("", "")  # name and label of the element at work
        self.meant: Mapping[str, core.Definition] = {d.name: d for d in study.definitions}
        self._definitions: dict[str, Column] = {}
        self._years: dict[core.YearsSince, Column] = {}
        self._rows: dict[core.RowQuery | core.RowValue, Column] = {}
        self._of_rows: dict[tuple[core.RowQuery | core.RowValue, object, str], tuple[Column, WindowsOfRows]] = {}
        self._roles: dict[str, Column] = {}

    def for_another_day(self) -> Builder:
        """A builder that has made all that this one has, but for what was asked of `that day`."""
        made = Builder(self.draft, self.cohort)
        made._definitions = {
            name: column for name, column in self._definitions.items() if not asks_that_day(self.meant[name].value)
        }
        made._years = {expr: column for expr, column in self._years.items() if not asks_that_day(expr)}
        made._rows = {query: column for query, column in self._rows.items() if not asks_that_day(query)}
        made._roles = self._roles
        made.last_day = self.last_day
        return made

    # --- adding steps ---

    @property
    def section(self) -> str:
        """The heading that the next steps stand under."""
        return self.draft.section

    @section.setter
    def section(self, title: str) -> None:
        self.draft.section = title

    def take(self, *wanted: str) -> str:
        """A free name for a step about this cohort's units; it says the cohort where the study has several."""
        own = self.cohort.name
        if len(self.study.cohorts) > 1:
            wanted = tuple(name if name == own or name.startswith(f"{own}_") else f"{own}_{name}" for name in wanted)
        return self.names.take(*wanted)

    def label(self, labels: core.Labels, name: str) -> str:
        return text(labels, self.study.language, name)

    def at(self, element: core.Element) -> str:
        """Work on an element from here on; gives its label."""
        self.element = (element.name, self.label(element.labels, element.name))
        return self.element[1]

    def said(self, element: core.Element, label: str) -> str | None:
        """What stands above an element's column: its label, the law, and how the data differ from it."""
        legal = self.label(element.legal, "")
        gap = self.label(element.gap, "")
        return said(element.name, label, legal and f"law: {legal}", gap and f"gap: {gap}")

    def add(
        self,
        name: str,
        notes: Sequence[str],
        columns: Iterable[Output],
        frame: Frame | str,
        *,
        joins: dict[str, Join] | None = None,
        where: tuple[Scalar, ...] = (),
        group: tuple[Scalar, ...] = (),
        element: str | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        """Add a step that selects from a frame's base and joins, or from one step.  element, also: made in it."""
        base = frame if isinstance(frame, str) else frame.base
        if joins is None:
            joins = {} if isinstance(frame, str) else frame.joins
        self.steps.append(
            Step(
                name=name,
                kind="step",
                section=self.section,
                notes=tuple(notes),
                columns=tuple(columns),
                table=base,
                joins=tuple(joins.values()),
                where=where,
                group=group,
                elements=also if element is None else (element, *also),
            )
        )

    # --- what frames ask for ---

    def table(self, name: str) -> str:
        """The name under which the script reads a table of the model, or spells of the study."""
        return self.draft.spells.get(name) or self.draft.tables[name]

    def definition(self, name: str) -> Column:
        return self._definitions[name]

    def years(self, expr: core.YearsSince, base: str) -> Column:
        if expr not in self._years:
            self.prepare_years([expr], base)
        return self._years[expr]

    def rows(self, query: core.RowQuery | core.RowValue, base: str) -> Column:
        if query not in self._rows:
            frame = Frame(self, base, row=(query.table, self.table(query.table)))
            self._rows[query] = answers.answer(self, query, frame, f"{self.element[0]}_{query.table}")
        return self._rows[query]

    def rows_of_windows(self, query: core.RowQuery | core.RowValue, outer: Frame) -> tuple[Column, WindowsOfRows]:
        """What a query says for every window that rows of an outer frame open."""
        asked = (query, outer.row, outer.base)
        if asked in self._of_rows:
            return self._of_rows[asked]
        step, windows = answers.windows_of_rows(self, query, outer)
        frame = Frame(self, step, row=(query.table, self.table(query.table)), windows=windows)
        name = f"{self.element[0]}_{outer.row[0] if outer.row else ''}_{query.table}"
        self._of_rows[asked] = answers.answer(self, query, frame, name), windows
        return self._of_rows[asked]

    def role(self, name: str, base: str) -> Column:
        if name not in self._roles:
            self._roles[name] = self._add_role(name, base)
        return self._roles[name]

    def other(self, cohort: str) -> tuple[CohortStep, bool]:
        """A cohort made before, and whether its units and these are the same only with the same index."""
        its = next(one for one in self.study.cohorts if one.name == cohort)
        return self.draft.cohorts[cohort], self.indexed and has_index(self.study, its)

    def codes(self, values: tuple[str, ...], name: str | None) -> Column:
        return self.draft.codes(values, name)

    def linked(self, link: core.ColumnRef, table: str) -> str:
        return self.draft.linked(link, table)

    # --- values of units ---

    def prepare(self, exprs: Iterable[core.Expr], base: str, name: str, note: str) -> None:
        """Make the ages and the definitions that expressions will ask for, each once, for the units of a base step."""
        needed = self._missing(exprs)
        every = [*exprs, *(self.meant[one].value for one in needed)]
        self.prepare_years([part for expr in every for part in walk(expr)], base)
        for ready in self._in_steps(needed):
            for part in in_parts(ready):
                self._add_definitions(part, base, self.take(name), note)

    def _in_steps(self, needed: list[str]) -> list[list[str]]:
        """Definitions by the step that can make them: after those that they read.  needed: in order of dependency."""
        steps: list[list[str]] = []
        made_in: dict[str, int] = {}
        for name in needed:
            read = [part.name for part in walk(self.meant[name].value) if isinstance(part, core.Ref)]
            made_in[name] = max((made_in[one] + 1 for one in read if one in made_in), default=0)
            if made_in[name] == len(steps):
                steps.append([])
            steps[made_in[name]].append(name)
        return steps

    def _missing(self, exprs: Iterable[core.Expr]) -> list[str]:
        """The definitions that expressions read, themselves or through others, and that no step has yet; in order."""
        found: set[str] = set()
        waiting = list(exprs)
        while waiting:
            for part in walk(waiting.pop()):
                if isinstance(part, core.Ref) and part.name not in found and part.name not in self._definitions:
                    found.add(part.name)
                    waiting.append(self.meant[part.name].value)
        return [name for name in self.meant if name in found]

    def _add_definitions(self, ready: Sequence[str], base: str, step: str, note: str) -> None:
        frame = Frame(self, base)
        columns = [*frame.units()]
        taken = Names(self.unit)
        made = {}
        for name in ready:
            definition = self.meant[name]
            label = self.at(definition)
            column = taken.take(name, f"{name}_value")
            made[name] = Column(step, column)
            columns.append(Output(column, frame.scalar(definition.value), self.said(definition, label), name))
        self.add(step, [note], columns, frame)
        self._definitions |= made

    def prepare_years(self, exprs: Iterable[core.Expr], base: str) -> None:
        """Make one step per date attribute with every age that is asked for."""
        wanted: dict[str, dict[core.YearsSince, None]] = {}
        for expr in exprs:
            if isinstance(expr, core.YearsSince) and is_unit_years(expr) and expr not in self._years:
                wanted.setdefault(expr.column.column, {})[expr] = None
        for column, ages in wanted.items():
            for part in in_parts(list(ages)):
                self._add_years(column, part, base)

    def _add_years(self, column: str, ages: Sequence[core.YearsSince], base: str) -> None:
        entity = self.study.model.entities[self.cohort.entity]
        name = next((d.name for d in entity.derived.values() if d.column == column), f"years_since_{column}")
        frame = Frame(self, base)
        step = self.take(f"{self.cohort.name}_{name}")
        columns = [*frame.units()]
        taken = Names(self.unit)
        for age in ages:
            made = taken.take(f"{name}_{_moment(age.time)}")
            value = Call("completed years", (frame.attribute(column), frame.time(age.time)))
            columns.append(Output(made, value))
            self._years[age] = Column(step, made)
        note = f"{name}: completed years since {column}; who is born on 29 February has a birthday every 28 February"
        self.add(step, [note], columns, frame)

    # --- rows and roles ---

    def from_index(self, frame: Frame, day: Scalar) -> tuple[Scalar, ...]:
        """Conditions for rows to be on or after the index, where units have one."""
        return (times.compare(">=", day, frame.index),) if self.indexed else ()

    def _add_role(self, name: str, base: str) -> Column:
        role = next(one for one in self.study.roles if one.name == name)
        frame = Frame(self, base, row=(role.table, self.table(role.table)))
        day = frame.matched(role.match)
        where = (*self.from_index(frame, day), *rows.conditions(frame, role.condition))
        step = self.take(f"{name}_date", f"{name}_role_date")
        column = Names(self.unit).take(f"{name}_date", f"{name}_role_date")
        self.add(
            step,
            [f"{titled(name, self.label(role.labels, name))}: the first one{' on or after the index' * self.indexed}"],
            (*frame.units(), Output(column, Aggregate("min", day))),
            frame,
            joins=rows.join_rows(frame, role.table),
            where=where,
            group=frame.unit,
            element=name,
        )
        return Column(step, column)


def _moment(time: core.Time) -> str:
    """A time in the words of a column name: `at_index`, `at_index_plus_180_days`, `on_2020_01_01`."""
    bases = {
        "index": "at_index",
        "entry": "at_follow_up_start",
        "exit": "at_follow_up_end",
        "data.start": "at_start_of_data",
        "data.end": "at_end_of_data",
        "role": f"at_{time.role}",
    }
    words = [bases.get(time.base) or f"on_{time.date}".replace("-", "_")]
    for step in time.steps:
        words += ["minus" if step.amount < 0 else "plus", str(abs(step.amount)), f"{step.unit}s"]
    return "_".join(words)


def has_index(study: core.Study, cohort: core.Cohort) -> bool:
    """Whether the units of a cohort have an index: not so where there is no clock, here or in the cohorts behind."""
    if isinstance(cohort.index, core.IndexUnits):
        behind = [one for one in study.cohorts if one.name in cohort.index.cohorts]
        return all(has_index(study, one) for one in behind)
    return not isinstance(cohort.index, core.IndexNone)


def asks_that_day(part: object) -> bool:
    """Whether an expression speaks of the day that a state is asked of."""
    if isinstance(part, core.Time) and part.base == "that day":
        return True
    if isinstance(part, tuple):
        return any(asks_that_day(one) for one in part)
    if isinstance(part, core.Facts) or not is_dataclass(part):
        return False
    return any(asks_that_day(getattr(part, one.name)) for one in fields(part))
