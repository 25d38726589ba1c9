"""Reports of what units are at their index: categories counted, period after period where asked, and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from studyspec.plan import words
from studyspec.plan.breakdowns import category
from studyspec.plan.counting import MARGIN, MEASURES, Counting
from studyspec.plan.cubes import MILLIONTHS, QUANTILES, SIDE, Dimension
from studyspec.plan.frame import Frame, in_parts
from studyspec.plan.names import Names
from studyspec.plan.nodes import Aggregate, Call, Case, Column, Constant, Output, Running, Scalar
from studyspec.semantics import core

VALUE, PLACE, SIZE, OWN = "value_millionths", "place", "known_values", "own_sum"


class Described(Counting):
    """Adds the steps and cubes of baselines, trends and distributions."""

    def baseline(self, report: core.BaselineReport) -> None:
        self._categories(report, ())
        if report.numbers:
            self.numbers(report, report.numbers)

    def trend(self, report: core.TrendReport) -> None:
        labels = words.PERIOD[report.unit]
        self._categories(report, (Dimension("period", labels, categories=report.periods),))

    # --- categories ---

    def _categories(self, report: core.BaselineReport | core.TrendReport, periods: tuple[Dimension, ...]) -> None:
        """Cubes of categorical variables; periods: the dimension of a trend, that units fall into by their index."""
        build, cohort = self.build, self.parts.cohort
        name = build.cohort.name
        note = "What the study defines and the reports read, for everyone in the cohort"
        build.prepare([v.value for v in report.of], cohort, f"{name}_values", note)
        for variables in in_parts(report.of):
            self._variables(report, variables, build.take(f"{name}_{report.name}"), periods)

    def _variables(
        self,
        report: core.BaselineReport | core.TrendReport,
        variables: Sequence[core.Variable],
        step: str,
        periods: tuple[Dimension, ...],
    ) -> None:
        build = self.build
        frame = Frame(build, self.parts.cohort)
        columns = [*frame.units()]
        taken = Names([*build.unit, MARGIN, *MEASURES, *(one.name for one in periods)])
        by = self.by_output(frame, report.by, taken, "index")
        columns += [Output(one.name, Call("to text", (frame.index,)), "First day of the period") for one in periods]
        made: list[tuple[core.Variable, str]] = []
        for variable in variables:
            column = taken.take(variable.name, f"{variable.name}_variable")
            build.element = (variable.name, build.label(variable.labels, variable.name))
            value = category(variable, frame.scalar(variable.value))
            columns.append(Output(column, value, words.said(variable.name, build.element[1]), variable.name))
            made.append((variable, column))
        notes = [f"The variables of report {report.name}, each as one of its declared categories"]
        build.add(step, notes, [*columns, *by], frame)
        for variable, column in made:
            self._categories_cube(report, variable, Column(step, column), by, periods)

    def _categories_cube(
        self,
        report: core.BaselineReport | core.TrendReport,
        variable: core.Variable,
        column: Column,
        by: Sequence[Output],
        periods: tuple[Dimension, ...],
    ) -> None:
        dimensions = [*periods, Dimension(column.name, variable.labels, categories=variable.categories)]
        sources = {one.name: Column(column.table, one.name) for one in periods} | {column.name: column}
        for one in by:
            dimensions.append(self.by_dimension(report.by, one.name))
            sources[one.name] = Column(column.table, one.name)
        name = self.build.names.take(f"{report.name}_{variable.name}")
        origins = self.origins.expr(variable.value)
        kind: Literal["trend", "baseline"] = "trend" if periods else "baseline"
        spec = self.spec(name, kind, report, variable.name, variable.labels, "cohort", tuple(dimensions), by, origins)
        if periods:  # nobody is twice in one period
            spec = replace(spec, additive=True)
        note = words.titled(variable.name, self.build.label(variable.labels, variable.name))
        note += f", by {report.by}: people in each cell" if by else ": people in each cell"
        self.count(spec, sources, column.table, (), note)

    # --- numbers ---

    def numbers(
        self, report: core.BaselineReport | core.DistributionReport, quantities: Sequence[core.Quantity]
    ) -> None:
        """Cubes that describe numbers: for the whole cohort, and for each group that the report is broken down by."""
        build, cohort = self.build, self.parts.cohort
        note = "What the study defines and the reports read, for everyone in the cohort"
        build.prepare([one.value for one in quantities], cohort, f"{build.cohort.name}_values", note)
        for quantity in quantities:
            build.element = (quantity.name, build.label(quantity.labels, quantity.name))
            self._numbers_cube(report, quantity, None)
            if report.by is not None:
                self._numbers_cube(report, quantity, report.by)

    def _numbers_cube(
        self, report: core.BaselineReport | core.DistributionReport, quantity: core.Quantity, by: str | None
    ) -> None:
        build = self.build
        ranked, group = self._ranked(quantity, by)
        name = build.names.take(f"{report.name}_{quantity.name}" + (f"_by_{by}" if by else ""))
        dimensions = tuple(self.by_dimension(by, one.name) for one in group)
        origins = self.origins.expr(quantity.value)
        spec = self.spec(name, "numbers", report, quantity.name, quantity.labels, "cohort", dimensions, group, origins)
        more = _measures(ranked, build.key, quantity.value.facts.nullable)
        measures = (spec.measures[0], *(one.name for one in more), *spec.measures[1:])
        sources = {one.name: Column(ranked, one.name) for one in group}
        note = f"{words.titled(quantity.name, build.element[1])}: described" + (f", by {by}" if by else "")
        self.count(replace(spec, measures=measures), sources, ranked, (), note, (), more)

    def _ranked(self, quantity: core.Quantity, by: str | None) -> tuple[str, tuple[Output, ...]]:
        """The step with the value of each unit in millionths, and its place among those of its group; and the group."""
        build = self.build
        frame = Frame(build, self.parts.cohort)
        taken = Names([*build.unit, VALUE, PLACE, SIZE, OWN, MARGIN, *MEASURES])
        group = self.by_output(frame, by, taken, "index")
        value = _millionths(frame.scalar(quantity.value), quantity)
        step = build.take(f"{build.cohort.name}_{quantity.name}" + (f"_by_{by}" if by else ""))
        label = words.titled(quantity.name, build.element[1])
        columns = (*frame.units(), Output(VALUE, value, "In millionths", quantity.name), *group)
        build.add(step, [f"{label}, for everyone in the cohort"], columns, frame)
        ranked = build.take(f"{step}_in_order")
        within = tuple(Column(step, one.name) for one in group)
        known = Column(step, VALUE)
        size = Case(((Call("<", (known, Constant(0))), Call("-", (Constant(0), known))),), known)
        own = Running("sum", size, (*within, Column(step, build.key)))
        described = (
            *(Output(one, Column(step, one)) for one in build.unit),
            *(Output(one.name, Column(step, one.name)) for one in group),
            Output(VALUE, known),
            Output(PLACE, Running("place", known, within, (known,)), "Place among the values, from the smallest"),
            Output(SIZE, Running("count", known, within), "How many values are known"),
            Output(OWN, own, "What one entity adds up to, without signs"),
        )
        build.add(ranked, [f"{label}: values in order" + (f", in each {by}" if by else "")], described, step)
        return ranked, group


def _millionths(value: Scalar, quantity: core.Quantity) -> Scalar:
    """A number in millionths, as a whole number."""
    if quantity.value.facts.type.kind == "decimal":
        return Call("to integer", (Call("*", (value, Constant(MILLIONTHS))),))
    return Call("*", (Call("to integer", (value,)), Constant(MILLIONTHS)))


def _measures(ranked: str, key: str, nullable: bool) -> tuple[Output, ...]:
    """What describes the values of a group (`CubeSpec.measures`)."""
    value, size = Column(ranked, VALUE), Column(ranked, SIZE)
    known = Case(((Call("is not null", (value,)), Column(ranked, key)),))

    def number(found: Scalar) -> Scalar:
        return Call("coalesce", (found, Constant(0)))

    def at(place: Scalar) -> Scalar:
        return number(Aggregate("max", Case(((Call("=", (Column(ranked, PLACE), place)), value),))))

    outputs = [
        *([Output("known", Aggregate("count distinct", known))] if nullable else []),
        Output("values", Aggregate("count", value)),
        Output("sum", number(Call("to integer", (Aggregate("sum", value),)))),
        Output("largest", number(Call("to integer", (Aggregate("max", Column(ranked, OWN)),)))),
    ]
    for percent in QUANTILES:
        of_size = Call("*", (size, Constant(percent)))
        low = Call("whole part", (Call("+", (of_size, Constant(99))), Constant(100)))
        high = Call("+", (Call("whole part", (of_size, Constant(100))), Constant(1)))
        outputs += [
            Output(f"p{percent}_low", at(low), f"The quantile of {percent} percent, and values {SIDE} places away"),
            Output(f"p{percent}_high", at(high)),
            Output(f"p{percent}_before", at(Call("-", (low, Constant(SIDE))))),
            Output(f"p{percent}_after", at(Call("+", (high, Constant(SIDE))))),
        ]
    return tuple(outputs)
