"""What every part of a plan needs made first: definitions, ages, roles, and who has which rows.

A step is added to the plan once everything it reads has been: asking for a definition, an age, a role or the rows of a
table adds the step that makes it, the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studyspec.plan import rows, times
from studyspec.plan.frame import OWN_COLUMNS, Frame, in_parts, is_unit_years
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Column, Join, Output, Scalar, Step
from studyspec.plan.origins import walk
from studyspec.plan.words import said, text, titled
from studyspec.semantics import core

#: The column of a step that lists codes.
CODE = "code"


class Builder:
    """The plan in the making.  Implements `frame.Steps`."""

    def __init__(self, study: core.Study) -> None:
        self.study = study
        self.key = Names(OWN_COLUMNS).take(study.cohort.key, f"{study.cohort.key}_key")
        self.names = Names()
        self.steps: list[Step] = []
        self.section = ""
        self.element: tuple[str, str] = ("", "")  # name and label of the element at work
        self.tables: dict[str, str] = {}
        self._values = {d.name: d for d in study.definitions}
        self._definitions: dict[str, Column] = {}
        self._years: dict[core.YearsSince, Column] = {}
        self._rows: dict[core.RowQuery | core.RowValue, Column] = {}
        self._roles: dict[str, Column] = {}
        self._codes: dict[tuple[str, ...], Column] = {}

    # --- adding steps ---

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
        """The name under which the script reads a table of the model."""
        return self.tables[name]

    def definition(self, name: str) -> Column:
        return self._definitions[name]

    def years(self, expr: core.YearsSince, base: str) -> Column:
        if expr not in self._years:
            self.prepare_years([expr], base)
        return self._years[expr]

    def rows(self, query: core.RowQuery | core.RowValue, base: str) -> Column:
        if query not in self._rows:
            found = self._add_value(query, base) if isinstance(query, core.RowValue) else self._add_rows(query, base)
            self._rows[query] = found
        return self._rows[query]

    def role(self, name: str, base: str) -> Column:
        if name not in self._roles:
            self._roles[name] = self._add_role(name, base)
        return self._roles[name]

    def codes(self, values: tuple[str, ...], name: str | None) -> Column:
        """A step that lists codes.  name: of the code list that they are from."""
        if values not in self._codes:
            step = self.names.take("codes" if name is None else f"{name}_codes")
            self._codes[values] = Column(step, CODE)
            note = f"{len(values):,} codes" if name is None else f"{len(values):,} codes of {name}"
            self.steps.append(
                Step(
                    name=step,
                    kind="step",
                    section=self.section,
                    notes=(note,),
                    columns=(Output(CODE, self._codes[values]),),
                    table=step,
                    values=values,
                )
            )
        return self._codes[values]

    # --- values of units ---

    def prepare(self, exprs: Iterable[core.Expr], base: str, name: str, note: str) -> None:
        """Make the ages and the definitions that expressions will ask for, each once, for the units of a base step."""
        needed = self._missing(exprs)
        every = [*exprs, *(self._values[one].value for one in needed)]
        self.prepare_years([part for expr in every for part in walk(expr)], base)
        for ready in self._in_steps(needed):
            for part in in_parts(ready):
                self._add_definitions(part, base, self.names.take(name), note)

    def _in_steps(self, needed: list[str]) -> list[list[str]]:
        """Definitions by the step that can make them: after those that they read.  needed: in order of dependency."""
        steps: list[list[str]] = []
        made_in: dict[str, int] = {}
        for name in needed:
            read = [part.name for part in walk(self._values[name].value) if isinstance(part, core.Ref)]
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
                    waiting.append(self._values[part.name].value)
        return [name for name in self._values if name in found]

    def _add_definitions(self, ready: Sequence[str], base: str, step: str, note: str) -> None:
        frame = Frame(self, base)
        columns = [Output(self.key, frame.key)]
        taken = Names([self.key])
        made = {}
        for name in ready:
            definition = self._values[name]
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
        entity = self.study.model.entities[self.study.cohort.entity]
        name = next((d.name for d in entity.derived.values() if d.column == column), f"years_since_{column}")
        frame = Frame(self, base)
        step = self.names.take(f"{self.study.cohort.name}_{name}")
        columns = [Output(self.key, frame.key)]
        taken = Names([self.key])
        for age in ages:
            made = taken.take(f"{name}_{_moment(age.time)}")
            value = Call("completed years", (frame.attribute(column), frame.time(age.time)))
            columns.append(Output(made, value))
            self._years[age] = Column(step, made)
        note = f"{name}: completed years since {column}; who is born on 29 February has a birthday every 28 February"
        self.add(step, [note], columns, frame)

    # --- rows and roles ---

    def _add_rows(self, query: core.RowQuery, base: str) -> Column:
        element, label = self.element
        frame = Frame(self, base, row=(query.table, self.table(query.table)))
        where = rows.kept(frame, query)
        name = self.names.take(f"{element}_{query.table}")
        table = self.label(self.study.model.tables[query.table].labels, query.table)
        note = titled(element, label)
        if query.quantifier == "days" and rows.has_spells(self.study, query.table):
            spells = self.names.take(f"{name}_spells")
            notes = [
                note,
                f"Spells that share a day with the window, clipped to it, from {titled(query.table, table)}",
            ]
            columns = rows.spells(frame, query)
            joins = rows.join_rows(frame, query.table)
            self.add(spells, notes, columns, frame, joins=joins, where=where, element=element)
            columns = rows.days_held(self.key, spells)
            self.add(name, [note, "Distinct days in them"], columns, spells, group=(columns[0].value,), element=element)
            return Column(name, rows.DAYS)
        what = {
            "any": "Who has such a row",
            "no": "Who does not meet it, having such a row",
            "count": "How many such rows each has that has any",
            "days": "How many distinct days each has that has any",
        }[query.quantifier]
        columns = rows.summary(frame, query)
        self.add(
            name,
            [note, f"{what} in {titled(query.table, table)}"],
            columns,
            frame,
            joins=rows.join_rows(frame, query.table),
            where=where,
            group=(frame.key,),
            element=element,
        )
        return Column(name, columns[-1].name)

    def _add_value(self, value: core.RowValue, base: str) -> Column:
        element, label = self.element
        frame = Frame(self, base, row=(value.table, self.table(value.table)))
        where = rows.kept(frame, value)
        name = self.names.take(f"{element}_{value.table}")
        column = value.column.column
        table = titled(value.table, self.label(self.study.model.tables[value.table].labels, value.table))
        note = titled(element, label)
        made = Names([self.key]).take(f"{value.pick}_{column}")
        joins = rows.join_rows(frame, value.table)
        if value.pick in ("first", "last"):
            step = self.names.take(f"{name}_rows")
            own = Names([self.key, rows.ROW_DATE, rows.CHOSEN]).take(column, f"{column}_value")
            notes = [note, f"Such rows in {table}, each with its day"]
            self.add(step, notes, rows.of_the_day(frame, value, own), frame, joins=joins, where=where, element=element)
            least = "smallest" if value.pick == "first" else "largest"
            notes = [note, f"{column} on the {value.pick} day; the {least} known one where rows share the day"]
            columns = rows.on_the_day(self.key, step, value, own, made)
            self.add(name, notes, columns, step, group=(columns[0].value,), element=element)
            return Column(name, made)
        what = {
            "smallest": f"The smallest known value of {column}",
            "largest": f"The largest known value of {column}",
            "sum": f"The sum of the known values of {column}",
            "distinct": f"How many different known values of {column}",
        }[value.pick]
        self.add(
            name,
            [note, f"{what}, for everyone with such rows in {table}"],
            rows.summed_up(frame, value, made),
            frame,
            joins=joins,
            where=where,
            group=(frame.key,),
            element=element,
        )
        return Column(name, made)

    def _add_role(self, name: str, base: str) -> Column:
        role = next(one for one in self.study.roles if one.name == name)
        frame = Frame(self, base, row=(role.table, self.table(role.table)))
        day = frame.matched(role.match)
        where = (times.compare(">=", day, frame.index), *rows.conditions(frame, role.condition))
        step = self.names.take(f"{name}_date", f"{name}_role_date")
        column = Names([self.key]).take(f"{name}_date", f"{name}_role_date")
        self.add(
            step,
            [f"{titled(name, self.label(role.labels, name))}: the first one on or after the index"],
            (Output(self.key, frame.key), Output(column, Aggregate("min", day))),
            frame,
            joins=rows.join_rows(frame, role.table),
            where=where,
            group=(frame.key,),
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
