"""What each report counts: the cubes, and the steps that count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from studyspec.plan import words
from studyspec.plan.counting import ENTITIES, MARGIN, MEASURES, RECORDS, Counting, Parts, values
from studyspec.plan.cubes import Category, CubeSpec, Dimension, Labels, RiskTime
from studyspec.plan.described import Described
from studyspec.plan.frame import Frame
from studyspec.plan.names import Names
from studyspec.plan.nodes import Column, Output
from studyspec.plan.origins import Origins
from studyspec.plan.records import FIRST, Records
from studyspec.semantics import core


class Reports(Counting):
    """Adds the steps and cubes of the reports about one cohort."""

    def __init__(self, parts: Parts, origins: Origins) -> None:
        super().__init__(parts, origins, [])
        self._described = Described(parts, origins, self.cubes)

    def add(self, report: core.Report) -> list[CubeSpec]:
        """Add the steps of a report; gives its cubes."""
        before = len(self.cubes)
        self.build.section = f"Report {report.name}"
        match report:
            case core.AttritionReport():
                self._attrition(report)
            case core.BaselineReport():
                self._described.baseline(report)
            case core.TrendReport():
                self._described.trend(report)
            case core.DistributionReport():
                self._described.numbers(report, report.of)
            case core.RiskReport():
                self._curves(report, "curve")
            case core.EventsReport():
                self._curves(report, "events")
            case core.StateReport():
                self._states(report)
        return self.cubes[before:]

    # --- attrition ---

    def _attrition(self, report: core.AttritionReport) -> None:
        categories: list[Category] = []
        for one in self.build.cohort.criteria:
            categories.append(Category(one.name, one.labels))
            if one.condition.facts.nullable:
                categories.append(Category(f"{one.name} unknown", words.unknown(one.labels)))
        if isinstance(self.build.cohort.index, core.IndexAssigned):
            categories.append(words.UNMATCHED)
        dimension = Dimension("left_at", words.LEFT_AT, categories=(*categories, words.INCLUDED))
        name = self.build.names.take(report.name, f"{report.name}_report")
        table = self.parts.attrition
        spec = self.spec(name, "attrition", report, "", words.ATTRITION, "candidates", (dimension,))
        self.count(spec, {"left_at": Column(table, "left_at")}, table, (), "Everyone with an index, by where they left")

    # --- risk and events ---

    def _curves(self, report: core.RiskReport | core.EventsReport, kind: Literal["curve", "events"]) -> None:
        for name in report.of:
            outcome = next(one for one in self.build.study.outcomes if one.name == name)
            if self.parts.courses is None or self.parts.records is None:
                raise ValueError(f"report {report.name} needs a follow-up")
            step = self.parts.courses.step(name)
            varying = self.breakdown(report.by).varying if report.by else None
            records = self.parts.records.of(outcome, varying)
            self.build.section = f"Report {report.name}"
            self._start_cube(report, outcome, step)
            if kind == "curve" and records.alone:
                self._curve_cube(report, outcome, records)
            else:
                self._records_cube(report, outcome, records, kind)

    def _start_cube(self, report: core.RiskReport | core.EventsReport, outcome: core.Outcome, step: str) -> None:
        frame = Frame(self.build, step)
        by = self.by_output(frame, report.by, Names(["start", MARGIN, *MEASURES]), "start")
        dimensions = [Dimension("start", words.START, categories=_starts(outcome, self.build.study.follow_up))]
        dimensions += [self.by_dimension(report.by, one.name) for one in by]
        sources = {"start": Column(step, "start")} | values(by)
        name = self.build.names.take(f"{report.name}_{outcome.name}_start")
        origins = self.origins.outcome(outcome)
        spec = self.spec(name, "start", report, outcome.name, outcome.labels, "cohort", tuple(dimensions), by, origins)
        note = f"{outcome.name}: what everyone in the cohort is when follow-up starts"
        self.count(spec, sources, step, tuple(frame.joins.values()), note)

    def _curve_cube(self, report: core.RiskReport | core.EventsReport, outcome: core.Outcome, records: Records) -> None:
        """A curve to which every entity gives one record: where its time at risk ended."""
        step = records.step
        frame = Frame(self.build, step)
        by = self.by_output(frame, report.by, Names(["day", "end", MARGIN, *MEASURES]), "start")
        spec = self._curve_spec(report, outcome, "curve", by)
        sources = values(by) | {"day": Column(step, "day"), "end": Column(step, "end")}
        note = f"{outcome.name}: those at risk, by the day their time at risk ended and by what ended it"
        self.count(spec, sources, step, tuple(frame.joins.values()), note, records.where)

    def _records_cube(
        self,
        report: core.RiskReport | core.EventsReport,
        outcome: core.Outcome,
        records: Records,
        kind: Literal["curve", "events"],
    ) -> None:
        """A curve of records, of which an entity may have several."""
        if self.parts.records is None:
            return
        name = Names(["day", "end", FIRST, MARGIN, *MEASURES, *self.build.unit]).take(
            report.by or "", f"{report.by}_exposure"
        )
        column = None if report.by is None else records.level or self.breakdown(report.by).on("start")
        step = self.parts.records.counted(report.name, outcome, records, column, name)
        by = () if report.by is None else (Output(name, Column(step, name), element=report.by),)
        spec = self._curve_spec(report, outcome, kind, by)
        measures = (ENTITIES, RECORDS, *spec.measures[1:])
        spec = replace(spec, measures=measures, additive=False)
        sources = values(by) | {"day": Column(step, "day"), "end": Column(step, "end")}
        note = (
            f"{outcome.name}: what comes for those at risk, by the day and by what it is; each entity's first, and all"
        )
        self.count(spec, sources, step, (), note)

    def _curve_spec(
        self,
        report: core.RiskReport | core.EventsReport,
        outcome: core.Outcome,
        kind: Literal["curve", "events"],
        by: Sequence[Output],
    ) -> CubeSpec:
        ends = [words.EVENT, *(Category(one.name, self._rival_labels(one)) for one in outcome.competing)]
        ends.append(words.CENSORED)
        if self._comes_and_goes(report):
            ends = [words.ENTERED, *ends, words.LEFT]
        dimensions = [
            *(self.by_dimension(report.by, one.name) for one in by),
            Dimension("day", words.DAY, kind="day"),
            Dimension("end", words.END, categories=tuple(ends)),
        ]
        name = self.build.names.take(f"{report.name}_{outcome.name}_{kind}")
        origins, population = self.origins.outcome(outcome), f"{outcome.name} at_risk"
        return self.spec(
            name, kind, report, outcome.name, outcome.labels, population, tuple(dimensions), by, origins, report.times
        )

    def _comes_and_goes(self, report: core.RiskReport | core.EventsReport) -> bool:
        """Whether units may come under observation late, or go on elsewhere."""
        follow_up = self.build.study.follow_up
        varies = report.by is not None and self.breakdown(report.by).varying is not None
        if isinstance(follow_up, core.RecordedFollowUp):
            rows_of_units = follow_up.table != self.build.cohort.table
            return varies or (follow_up.clock is not None and (follow_up.start is not None or rows_of_units))
        return varies or (follow_up is not None and follow_up.entry is not None)

    def _rival_labels(self, rival: core.Competing) -> Labels:
        study = self.build.study
        among: Sequence[core.Role | core.Outcome] = study.roles if rival.kind == "role" else study.outcomes
        return next((one.labels for one in among if one.name == rival.name), {})

    # --- states ---

    def _states(self, report: core.StateReport) -> None:
        for name in report.of:
            state = next(one for one in self.build.study.states if one.name == name)
            for time in report.times:
                self._state_cube(report, state, time)

    def _state_cube(self, report: core.StateReport, state: core.State, time: RiskTime) -> None:
        if self.parts.states is None:
            raise ValueError(f"report {report.name} needs a follow-up")
        column = self.parts.states.at(state, time)
        self.build.section = f"Report {report.name}"
        frame = Frame(self.build, column.table)
        by = self.by_output(frame, report.by, Names([column.name, MARGIN, *MEASURES]), "start")
        categories = (*state.categories, *(() if _lists_not_followed(state) else (words.NOT_FOLLOWED,)))
        dimensions = [Dimension(column.name, state.labels, categories=categories)]
        dimensions += [self.by_dimension(report.by, one.name) for one in by]
        after = f"{time.amount}_{time.unit}{'' if time.amount == 1 else 's'}"
        name = self.build.names.take(f"{report.name}_{state.name}_{after}")
        origins = self.origins.state(state)
        spec = self.spec(
            name, "state", report, state.name, state.labels, "cohort", tuple(dimensions), by, origins, (time,)
        )
        note = f"{state.name}: people in each state {after.replace('_', ' ')} after the start of follow-up"
        sources = {column.name: column} | values(by)
        self.count(spec, sources, column.table, tuple(frame.joins.values()), note)


def _starts(outcome: core.Outcome, follow_up: core.FollowUp | core.RecordedFollowUp | None) -> tuple[Category, ...]:
    """What a unit may be when follow-up starts; an outcome that comes again takes nobody out for having had it."""
    if outcome.recurring:
        return tuple(one for one in words.STARTS if one.key in ("at_risk", "ended"))
    found = tuple(one for one in words.STARTS if one.key != "time_zero" or outcome.time_zero != "keep")
    declared = isinstance(follow_up, core.RecordedFollowUp) and follow_up.censored is not None
    return (*found, words.UNEXPLAINED) if declared else found


def _lists_not_followed(state: core.State) -> bool:
    return any(one.key == words.NOT_FOLLOWED.key for one in state.categories)
