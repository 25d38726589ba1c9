"""Guarded cubes laid out as tables.  Every number here is a function of published numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from studyspec.estimate.numbers import numbers
from studyspec.estimate.types import HIDDEN, Table, TableColumn, Value
from studyspec.estimate.words import Counted, label, word
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve, GuardedNumbers
from studyspec.plan.cubes import SIDE, Category, CubeSpec, Dimension, Key, Labels

#: Ends of a time at risk that are no competing events.
_NOT_COMPETING = ("event", "censored", "entered", "left")


def tables(
    guarded: Guarded,
    language: str,
    synthetic: bool = False,
    cohorts: Mapping[str, Labels] | None = None,
    counted: Mapping[str, Counted] | None = None,
) -> tuple[Table, ...]:
    """One table per attrition, baseline and state report, one per outcome of the others, in the order of the cubes.

    language: of heads, labels and notes; English where it has no words of its own
    synthetic: whether every table says that its people are invented
    cohorts: labels by name; a title names the cohort where a release has several
    counted: what is counted in each cohort, by its name; people where nothing is said
    """
    several = len({cube.spec.cohort for cube in guarded.cubes}) > 1
    made: list[Table] = []
    done: set[tuple[str, str, str]] = set()
    for cube in guarded.cubes:
        spec = cube.spec
        about, of = _about(spec), (counted or {}).get(spec.cohort, Counted())
        if spec.kind == "start" or about in done:
            continue
        if isinstance(cube, GuardedNumbers):
            done.add(about)
            same = [c for c in guarded.cubes if isinstance(c, GuardedNumbers) and _about(c.spec) == about]
            more = () if guarded.mode == "open" else (of.word("note-numbers", language, side=SIDE),)
            table = numbers(same, _notes(guarded, language, *more), guarded.mode, language)
        elif isinstance(cube, GuardedCurve):
            table = _curve(cube, guarded, language, of)
        elif spec.kind == "attrition":
            table = _attrition(cube, guarded, language, of)
        else:
            done.add(about)
            lay_out = _trend if spec.kind == "trend" else _shares
            table = lay_out(_of_report(guarded, about), guarded, language, of)
        if several:
            name = label((cohorts or {}).get(spec.cohort, {}), language, spec.cohort)
            table = replace(table, title=word("of-cohort", language, title=table.title, cohort=name))
        made.append(replace(table, people=of.people))
    if synthetic:
        made = [replace(t, notes=(word("synthetic", language), *t.notes)) for t in made]
    return tuple(_named_apart(made))


def _of_report(guarded: Guarded, about: tuple[str, str, str]) -> list[GuardedCube]:
    """The cubes that stand in one table together."""
    return [c for c in guarded.cubes if isinstance(c, GuardedCube) and _about(c.spec) == about]


def _about(spec: CubeSpec) -> tuple[str, str, str]:
    return spec.kind, spec.report, spec.cohort


def _named_apart(made: Iterable[Table]) -> list[Table]:
    """Names fit for files, and no two alike, also where capital letters make no difference."""
    taken: set[str] = set()
    named: list[Table] = []
    for table in made:
        base = name = re.sub(r"[^\w-]+", "_", table.name).strip("_") or "table"
        number = 2
        while name.casefold() in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name.casefold())
        named.append(replace(table, name=name))
    return named


def percent(part: int | None, whole: int | None, base: int, exact: bool) -> Decimal | float | None:
    """Per cent of published counts: unrounded where counts are exact; else a decimal only where one rounding step is no
    more than it."""
    if part is None or not whole:
        return None
    if exact:
        return 100 * part / whole
    place = Decimal("0.1") if whole >= 1000 * base else Decimal(1)
    return (Decimal(100) * part / whole).quantize(place, ROUND_HALF_UP)


def _notes(guarded: Guarded, language: str, *more: str) -> tuple[str, ...]:
    if guarded.mode == "open":
        return (word("note-open", language), *more)
    hidden = word(
        "note-zeros" if guarded.zeros == "hide" else "note-hidden", language, mark=HIDDEN, minimum=guarded.minimum
    )
    rounding = (word("note-rounded", language, base=guarded.rounding),) if guarded.rounding > 1 else ()
    clusters = (word("note-clusters", language, mark=HIDDEN, minimum=guarded.clusters),) if guarded.clusters > 1 else ()
    unchecked = tuple(
        word(f"note-unchecked-{one.rule}", language, register=one.register, least=one.least)
        for one in guarded.unchecked
    )
    return (*rounding, hidden, *clusters, *more, *unchecked)


def _by(spec: CubeSpec, title: str, language: str) -> str:
    dimension = next((d for d in spec.dimensions if d.name == spec.by), None)
    if dimension is None:
        return title
    return word("by", language, title=title, exposure=label(dimension.labels, language, dimension.name))


# --- attrition -------------------------------------------------------------------------------------------------------


def _attrition(cube: GuardedCube, guarded: Guarded, language: str, of: Counted) -> Table:
    columns = (
        TableColumn("step", "", "key"),
        TableColumn("label", word("step", language), "label"),
        TableColumn("removed", word("removed", language), "count"),
        TableColumn("remaining", word("remaining", language), "count"),
    )
    rows: list[tuple[Value, ...]] = [("", word("everyone", language), "", cube.cells[None,])]
    before = cube.cells[None,]
    for category in cube.spec.dimensions[0].categories:
        now = cube.cells[category.key,]
        if category.key == "included":
            text = label(category.labels, language, word("included", language))
            rows.append((category.key, text, "", now))
            continue
        text = label(category.labels, language, category.key)
        if not cube.spec.additive:
            rows.append((category.key, text, now, ""))
            continue
        rows.append((category.key, text, None if now is None or before is None else before - now, now))
        before = now if now is not None else before
    more = () if guarded.mode == "open" else (word("note-steps", language, mark=HIDDEN),)
    if not cube.spec.additive:
        more = (word("note-leavers", language),)
    title = of.word("attrition", language)
    name = cube.spec.report or "attrition"
    return Table(name, title, columns, tuple(rows), _notes(guarded, language, *more), guarded.mode, language)


# --- baseline and state -----------------------------------------------------------------------------------------------


def _levels(spec: CubeSpec) -> list[Category]:
    return [c for d in spec.dimensions if d.name == spec.by for c in d.categories]


def _key(spec: CubeSpec, category: str | None, level: str | None, period: str | None = None) -> Key:
    periods = spec.dimensions[0].name if spec.kind == "trend" else None
    return tuple(level if d.name == spec.by else period if d.name == periods else category for d in spec.dimensions)


def _variable(spec: CubeSpec) -> Dimension:
    return next(d for d in spec.dimensions if d.name != spec.by)


def _shares(cubes: Sequence[GuardedCube], guarded: Guarded, language: str, of: Counted) -> Table:
    """Counts and shares per category, for every level and all; the first row says how many there are.

    Of states, the categories stand once for each time.
    """
    first = cubes[0].spec
    state = first.kind == "state"
    columns = [
        TableColumn("state" if state else "variable", "", "key"),
        *([TableColumn("after", "", "key")] if state else []),
        TableColumn("category", "", "key"),
        TableColumn("variable_label", word("time" if state else "variable", language), "label"),
        TableColumn("category_label", word("state" if state else "category", language), "label"),
    ]
    columns += _share_columns(first, language)
    head = ("", "", "") if state else ("", "")
    rows = [_share_row(cubes[0], guarded, (*head, of.word("people", language), ""), None)]
    for cube in cubes:
        variable = _variable(cube.spec)
        text = label(variable.labels, language, variable.name)
        keys: tuple[str, ...] = (variable.name,)
        if state:
            text = _times(cube.spec, language)
            # A state is asked by the calendar, so many months after the start: which day that is differs.
            keys = (
                cube.spec.subject,
                " ".join(f"{t.amount} {t.unit}{'s' if t.amount != 1 else ''}" for t in cube.spec.times),
            )
        for category in variable.categories:
            named = (*keys, category.key, text, label(category.labels, language, category.key))
            rows.append(_share_row(cube, guarded, named, category.key))
    title = label(first.labels, language, first.subject) if state else word("baseline", language)
    title = _by(first, title, language)
    more = (word("note-overlap", language),) if not first.additive else ()
    return Table(
        first.report, title, tuple(columns), tuple(rows), _notes(guarded, language, *more), guarded.mode, language
    )


def _share_columns(spec: CubeSpec, language: str) -> list[TableColumn]:
    """A number and a share for every level, and for all."""
    columns: list[TableColumn] = []
    shown = [(label(c.labels, language, c.key), f"_{c.key}") for c in _levels(spec)]
    for text, suffix in [*shown, (word("all", language), "")]:
        columns.append(TableColumn(f"n{suffix}", word("count", language), "count", text))
        columns.append(TableColumn(f"percent{suffix}", word("percent", language), "percent", text))
    return columns


def _trend(cubes: Sequence[GuardedCube], guarded: Guarded, language: str, of: Counted) -> Table:
    """Counts and shares per category in every period, variable after variable."""
    first = cubes[0].spec
    columns = [
        TableColumn("variable", "", "key"),
        TableColumn("period", "", "key"),
        TableColumn("category", "", "key"),
        TableColumn("variable_label", word("variable", language), "label"),
        TableColumn("period_label", word("period", language), "label"),
        TableColumn("category_label", word("category", language), "label"),
        *_share_columns(first, language),
    ]
    rows = []
    for cube in cubes:
        periods, *others = cube.spec.dimensions
        variable = next(d for d in others if d.name != cube.spec.by)
        name = label(variable.labels, language, cube.spec.subject)
        for period in periods.categories:
            when = label(period.labels, language, period.key)
            head = (cube.spec.subject, period.key, "", name, when, of.word("people", language))
            rows.append(_share_row(cube, guarded, head, None, period.key))
            for category in variable.categories:
                text = label(category.labels, language, category.key)
                named = (cube.spec.subject, period.key, category.key, name, when, text)
                rows.append(_share_row(cube, guarded, named, category.key, period.key))
    title = _by(first, word("trend", language), language)
    more = () if first.additive else (word("note-overlap", language),)
    notes = _notes(guarded, language, *more)
    return Table(first.report, title, tuple(columns), tuple(rows), notes, guarded.mode, language)


def _times(spec: CubeSpec, language: str) -> str:
    return ", ".join(word(t.unit, language, n=t.amount) for t in spec.times)


def _share_row(
    cube: GuardedCube, guarded: Guarded, head: tuple[str, ...], category: str | None, period: str | None = None
) -> tuple[Value, ...]:
    row: list[Value] = list(head)
    for level in (*(c.key for c in _levels(cube.spec)), None):
        part = cube.cells.get(_key(cube.spec, category, level, period))
        whole = cube.cells.get(_key(cube.spec, None, level, period))
        row += [part, percent(part, whole, guarded.rounding, guarded.mode == "open")]
    return tuple(row)


# --- risk and number of events ---------------------------------------------------------------------------------------


def _curve(curve: GuardedCurve, guarded: Guarded, language: str, of: Counted) -> Table:
    spec = curve.spec
    ends = next(d for d in spec.dimensions if d.name == "end").categories
    competing = [c for c in ends if c.key not in _NOT_COMPETING]
    by = next((d for d in spec.dimensions if d.name == spec.by), None)
    every = spec.kind == "events"
    columns = [TableColumn("outcome", "", "key")]
    if by is not None:
        head = label(by.labels, language, word("level", language))
        columns += [TableColumn("level", "", "key"), TableColumn("level_label", head, "label")]
    columns += [
        TableColumn(f"time_{max(spec.times, key=lambda time: time.amount).counts}s", "", "key"),
        TableColumn("at_risk", word("at_risk", language), "count"),
        TableColumn("time", word("time", language), "label"),
        TableColumn("events", word("events", language), "count"),
        *(TableColumn(f"competing_{c.key}", label(c.labels, language, c.key), "count") for c in competing),
        TableColumn("mean", word("mean", language), "risk") if every else
        TableColumn("risk", word("estimate", language), "risk"),
    ]  # fmt: skip
    names = {c.key: label(c.labels, language, c.key) for c in _levels(spec)}
    rows: list[tuple[Value, ...]] = []
    for level, (at_risk, points) in curve.levels.items():
        who = names.get(level, level) if level is not None else word("all", language)
        for point in points:
            start: tuple[Value, ...] = (spec.subject, level or "", who) if by is not None else (spec.subject,)
            time = word(point.time.unit, language, n=point.time.amount)
            numbers = (point.events, *(n for _, n in point.competing), point.risk)
            rows.append((*start, str(point.time.days), at_risk, time, *numbers))
    title = word("every" if every else "risk", language, outcome=label(spec.labels, language, spec.subject))
    notes = _notes(guarded, language, *_curve_notes(spec, guarded, language, of))
    name = f"{spec.report}_{spec.subject}" if spec.subject else spec.report
    return Table(name, _by(spec, title, language), tuple(columns), tuple(rows), notes, guarded.mode, language)


def _curve_notes(spec: CubeSpec, guarded: Guarded, language: str, of: Counted) -> list[str]:
    """What is estimated, and what the counts are of."""
    kind = "mean" if spec.kind == "events" else "risk"
    notes = [of.word(f"note-{kind}-exact" if guarded.mode == "open" else f"note-{kind}", language)]
    if any(c.key == "entered" for d in spec.dimensions if d.name == "end" for c in d.categories):
        notes.append(of.word("note-entry" if spec.by is None else "note-moving", language))
    return notes
