"""Whole studies, with rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from studyspec.catalogue.types import Column, Coverage, Model, Table
from studyspec.semantics import core
from studyspec.semantics.cohorts import periods
from studyspec.semantics.core import ColumnRef
from tests.arbiter.awkward_rows import DATE, Draw, Rows, model, tables, type_of
from tests.arbiter.generated.around import Around, facts
from tests.arbiter.generated.cohorts import several_cohorts, spell_sets
from tests.arbiter.generated.elements import (
    exposures,
    follow_ups,
    outcomes,
    quantities,
    recorded_follow_ups,
    recorded_outcomes,
    states,
    variables,
    varying_exposures,
)
from tests.arbiter.generated.expressions import conditions
from tests.arbiter.generated.features import FEATURES, RUN
from tests.arbiter.generated.show import shown
from tests.arbiter.generated.subjects import definitions

#: Words that a careless emitter would trip over.
NAMES = [
    *("d", "order", "visit_2", "index_date", "left_at", "entities", "end", "väli", "group", "start", "person_id"),
    *("margin_of", "day", "exit_date", "entry_date", "select", "x", "y", "z", "w", "q", "attrition", "age", "one"),
    *("records", "clusters", "firm_id", "follow_up", "state", "unmatched", "table", "r2", "d2", "d3", "d4", "d5"),
    *(f"v{n}" for n in range(16)),
]

#: Features that cannot be in one study: the clock of the second is another.
APART = (("recorded", "clock"), ("recorded", "entry"), ("recorded", "while"), ("recorded", "varying"),
         ("recorded", "recurring"), ("recorded", "states"), ("clock", "entry"), ("clock", "while"),
         ("clock", "varying"), ("clock", "recurring"), ("clock", "states"), ("index none", "trends"),
         ("index none", "index day"), ("index none", "index periods"), ("index none", "index picks"),
         ("index none", "washout"), ("index none", "assigned"))  # fmt: skip
FULL = Coverage(DATE(2000, 1, 1), DATE(2020, 12, 31))


@st.composite
def features(draw: Draw, among: frozenset[str]) -> frozenset[str]:
    """A handful, so that they meet in pairs and threes and no study is of everything a little."""
    found = draw(st.lists(st.sampled_from(sorted(among)), max_size=6, unique=True)) if among else []
    for first, second in APART:
        if first in found and second in found:
            found.remove(second)
    return frozenset(found)


@st.composite
def roles(draw: Draw, around: Around) -> tuple[core.Role, ...]:
    inside = Around(around.use - {"nested"}, ("calendar",), table="stay", depth=1)
    return (
        core.Role(name="death", labels={}, table="death", match="dated", condition=None, facts=facts("date", True)),
        core.Role(name="leaving", labels={}, table="stay", match=draw(st.sampled_from(["starting", "ending"])),
                  condition=draw(st.one_of(st.none(), conditions(inside))), facts=facts("date", True)),
    )  # fmt: skip


@dataclass(frozen=True)
class Parts:
    """What reports speak of."""

    cohorts: tuple[core.Cohort, ...]
    exposures: tuple[core.Exposure, ...]
    strata: tuple[core.Variable, ...]
    variables: tuple[core.Variable, ...]
    outcomes: tuple[core.Outcome, ...]
    states: tuple[core.State, ...]
    quantities: tuple[core.Quantity, ...]


@st.composite
def described(draw: Draw, of: Parts, n: int, cohort: core.Cohort, by: str | None) -> list[core.Report]:
    """What the units of a cohort are at their index: their categories and numbers, once or period after period."""
    inside = tuple(one for one in of.variables if one.name != by)
    numbers = tuple(one for one in of.quantities if draw(st.booleans()))
    found: list[core.Report] = []
    if inside or numbers:
        found.append(core.BaselineReport(name=f"baseline_{n}", cohort=cohort.name, of=inside, by=by, numbers=numbers))
    if of.quantities:
        every = of.quantities
        found.append(core.DistributionReport(name=f"distribution_{n}", cohort=cohort.name, of=every, by=by))
    if inside and isinstance(cohort.index, core.IndexPeriods) and (months := periods(cohort.index)):
        found.append(core.TrendReport(name=f"trend_{n}", cohort=cohort.name, of=inside, by=by, unit=cohort.index.unit,
                                      periods=months))  # fmt: skip
    return found


@st.composite
def reports(draw: Draw, of: Parts) -> tuple[core.Report, ...]:
    """An attrition of each cohort, and what else there is to report, each of one of them."""
    names = [one.name for one in of.cohorts]
    breakdowns = [one.name for one in (*of.exposures, *of.strata)]
    steady = [one.name for one in (*(one for one in of.exposures if not one.varying), *of.strata)]
    cohorts = st.sampled_from(names)
    found: list[core.Report] = [core.AttritionReport(name=f"attrition_{n}", cohort=one) for n, one in enumerate(names)]

    def by(among: list[str]) -> str | None:
        return draw(st.sampled_from(among)) if among and draw(st.integers(0, 3)) else None

    for n in range(draw(st.integers(1, 2)) if len(names) > 1 else 1):
        found += draw(described(of, n, draw(st.sampled_from(of.cohorts)), by(steady)))
        once = tuple(one.name for one in of.outcomes if not one.recurring)
        often = tuple(one.name for one in of.outcomes if one.recurring)
        year = (core.RiskTime(amount=1, unit="year", days=365),)
        if once:
            found.append(
                core.RiskReport(name=f"risk_{n}", cohort=draw(cohorts), of=once, by=by(breakdowns), times=year)
            )
        if often:
            found.append(
                core.EventsReport(name=f"events_{n}", cohort=draw(cohorts), of=often, by=by(breakdowns), times=year)
            )
        if of.states:
            moments = st.sampled_from([core.RiskTime(amount=0, unit="day", days=0), *year,
                                       core.RiskTime(amount=1, unit="month", days=30),
                                       core.RiskTime(amount=2, unit="week", days=14)])  # fmt: skip
            times = draw(st.lists(moments, min_size=1, max_size=2, unique=True))
            named = tuple(one.name for one in of.states)
            found.append(core.StateReport(name=f"states_{n}", cohort=draw(cohorts), of=named, by=by(steady),
                                          times=tuple(times)))  # fmt: skip
    return tuple(found)


@st.composite
def followed(
    draw: Draw, names: Iterator[str], around: Around, coverages: list[Coverage], plain: bool
) -> tuple[core.FollowUp | core.RecordedFollowUp | None, tuple[core.Outcome, ...], tuple[core.State, ...]]:
    """Follow-up, with what happens in it."""
    use = around.use
    needed = use & {"entry", "while", "varying", "recurring", "states", "recorded", "clock"}
    if not (plain or needed or draw(st.integers(0, 2))):
        return None, (), ()
    if use & {"recorded", "clock"}:
        recorded = draw(recorded_follow_ups(around))
        return recorded, draw(recorded_outcomes(names, around, recorded)), ()
    follow_up = draw(follow_ups(around, plain))
    inside = replace(around, bases=(*around.bases, "entry"))
    found = draw(states(names, inside)) if "states" in use else None
    return follow_up, draw(outcomes(names, inside, coverages)), () if found is None else (found,)


@st.composite
def studies(draw: Draw, use: frozenset[str]) -> core.Study:
    names = iter(draw(st.permutations(NAMES)))
    bounded = use & {"spells", "varying"}
    coverages = [
        draw(
            st.sampled_from([FULL, Coverage(None, DATE(2020, 3, 1)), *([] if bounded else [Coverage(None, None)] * 2)])
        )
        for _ in range(2)
    ]
    spells = draw(spell_sets(names, use))
    of = with_spells(model(*coverages), spells, coverages[1])
    bases = ("index", "index", "calendar", "data.start", "data.end")
    around = Around(use, bases[2:] if "index none" in use else bases, spells=tuple(one.name for one in spells))
    around = replace(around, refs=draw(definitions(names, around, 3)))
    plain = draw(st.booleans())
    cohorts = draw(several_cohorts(names, around, plain))
    if "member" in use:
        around = replace(around, cohorts=tuple(one.name for one in cohorts))
        around = replace(around, refs=(*around.refs, *draw(definitions(names, around, 2))))
    exposed = [draw(exposures(names, around)) for _ in range(draw(st.integers(0, 2 if "strata" in use else 1)))]
    if "varying" in use:
        exposed.append(draw(varying_exposures(names, around)))
    follow_up, found, at_times = draw(followed(names, around, coverages, plain))
    every = draw(variables(names, around))
    strata = tuple(one for one in every if draw(st.booleans())) if "strata" in use else ()
    numbers = draw(quantities(names, around)) if "numbers" in use else ()
    parts = Parts(cohorts, tuple(exposed), strata, every, found, at_times, numbers)
    return core.Study(
        name="generated", version="1", language="en", titles={}, purposes={}, model=of, permits=(), codelists={},
        parameters=(), definitions=around.refs, roles=draw(roles(around)), spells=spells, cohorts=cohorts,
        exposures=tuple(exposed), strata=strata, follow_up=follow_up, outcomes=found, states=at_times,
        reports=draw(reports(parts)), allowed=(), coverage={name: one.coverage for name, one in of.tables.items()},
        columns=tuple(ColumnRef(t.name, c) for t in of.tables.values() for c in t.columns), hash="sha256:0",
    )  # fmt: skip


def with_spells(of: Model, spells: tuple[core.SpellSet, ...], coverage: Coverage) -> Model:
    """The model with a table for each of the named spells."""
    kinds = {"person_id": "identifier", "start": "date", "end": "date"}
    columns = {one: Column(one, type_of(kind), {"en": one}, "r") for one, kind in kinds.items()}
    made = {
        one.name: Table(name=one.name, labels={"en": "s"}, entity="person", key="person_id", shape="spells",
                        register="r", columns=columns, start="start", end="end", coverage=coverage)
        for one in spells
    }  # fmt: skip
    return replace(of, tables={**of.tables, **made})


@dataclass(frozen=True, repr=False)
class Case:
    """A study with data, which shows itself by what matters when two evaluators disagree about it."""

    study: core.Study
    rows: Rows
    use: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return shown(self.study, self.rows, self.use)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis asks for, who would list every field else."""
        printer.text(repr(self))


@st.composite
def cases(draw: Draw, among: frozenset[str] = RUN, always: frozenset[str] = frozenset()) -> Case:
    """among: the features that a study may use; always: those that it does use."""
    use = draw(features(among)) | always
    assert use <= set(FEATURES)
    return Case(draw(studies(use)), draw(tables(use)), use)
