"""Guarded cubes laid out as tables.  Every number here is a function of published numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from studyspec.estimate.types import HIDDEN, Table, TableColumn, Value
from studyspec.estimate.words import label, word
from studyspec.guard.types import Guarded, GuardedCube, GuardedCurve
from studyspec.plan.cubes import Category, CubeSpec, Dimension, Key


def tables(guarded: Guarded, language: str, synthetic: bool = False) -> tuple[Table, ...]:
    """One table per attrition and baseline report, one per outcome of a risk report, in the order of the cubes.

    language: of heads, labels and notes; English where it has no words of its own
    synthetic: whether every table says that its people are invented
    """
    made: list[Table] = []
    done: set[str] = set()
    for cube in guarded.cubes:
        if isinstance(cube, GuardedCurve):
            made.append(_risk(cube, guarded, language))
        elif cube.spec.kind == "attrition":
            made.append(_attrition(cube, guarded, language))
        elif cube.spec.kind == "baseline" and cube.spec.report not in done:
            done.add(cube.spec.report)
            together = [
                cast(GuardedCube, c)
                for c in guarded.cubes
                if _is_cube(c, "baseline") and c.spec.report == cube.spec.report
            ]
            made.append(_baseline(together, guarded, language))
    if synthetic:
        made = [replace(t, notes=(word("synthetic", language), *t.notes)) for t in made]
    return tuple(_named_apart(made))


def _is_cube(cube: GuardedCube | GuardedCurve, kind: str) -> bool:
    return isinstance(cube, GuardedCube) and cube.spec.kind == kind


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
    unchecked = tuple(word("note-unchecked", language, register=r, minimum=n) for r, n in guarded.unchecked)
    return (*rounding, hidden, *more, *unchecked)


def _by(spec: CubeSpec, title: str, language: str) -> str:
    dimension = next((d for d in spec.dimensions if d.name == spec.by), None)
    if dimension is None:
        return title
    return word("by", language, title=title, exposure=label(dimension.labels, language, dimension.name))


# --- attrition -------------------------------------------------------------------------------------------------------


def _attrition(cube: GuardedCube, guarded: Guarded, language: str) -> Table:
    columns = (
        TableColumn("step", "", "key"),
        TableColumn("label", word("step", language), "label"),
        TableColumn("removed", word("removed", language), "count"),
        TableColumn("remaining", word("remaining", language), "count"),
    )
    before = cube.cells[None,]
    rows: list[tuple[Value, ...]] = [("", word("everyone", language), "", before)]
    for category in cube.spec.dimensions[0].categories:
        now = cube.cells[category.key,]
        if category.key == "included":
            text = label(category.labels, language, word("included", language))
            rows.append((category.key, text, "", now))
            continue
        removed = None if now is None or before is None else before - now
        rows.append((category.key, label(category.labels, language, category.key), removed, now))
        before = now if now is not None else before
    more = () if guarded.mode == "open" else (word("note-steps", language, mark=HIDDEN),)
    title = word("attrition", language)
    name = cube.spec.report or "attrition"
    return Table(name, title, columns, tuple(rows), _notes(guarded, language, *more), guarded.mode, language)


# --- baseline --------------------------------------------------------------------------------------------------------


def _levels(spec: CubeSpec) -> list[Category]:
    return [c for d in spec.dimensions if d.name == spec.by for c in d.categories]


def _key(spec: CubeSpec, category: str | None, level: str | None) -> Key:
    return tuple(level if d.name == spec.by else category for d in spec.dimensions)


def _variable(spec: CubeSpec) -> Dimension:
    return next(d for d in spec.dimensions if d.name != spec.by)


def _baseline(cubes: Sequence[GuardedCube], guarded: Guarded, language: str) -> Table:
    """Counts and shares per category, for every level and all; the first row says how many there are."""
    first = cubes[0].spec
    levels = [(c.key, label(c.labels, language, c.key)) for c in _levels(first)]
    columns = [
        TableColumn("variable", "", "key"),
        TableColumn("category", "", "key"),
        TableColumn("variable_label", word("variable", language), "label"),
        TableColumn("category_label", word("category", language), "label"),
    ]
    shown: list[tuple[str | None, str, str]] = [(key, text, f"_{key}") for key, text in levels]
    for _, text, suffix in [*shown, (None, word("all", language), "")]:
        columns.append(TableColumn(f"n{suffix}", word("count", language), "count", text))
        columns.append(TableColumn(f"percent{suffix}", word("percent", language), "percent", text))
    rows = [_baseline_row(cubes[0], guarded, ("", "", word("people", language), ""), None)]
    for cube in cubes:
        variable = _variable(cube.spec)
        text = label(variable.labels, language, variable.name)
        for category in variable.categories:
            head = (variable.name, category.key, text, label(category.labels, language, category.key))
            rows.append(_baseline_row(cube, guarded, head, category.key))
    title = _by(first, word("baseline", language), language)
    return Table(first.report, title, tuple(columns), tuple(rows), _notes(guarded, language), guarded.mode, language)


def _baseline_row(
    cube: GuardedCube, guarded: Guarded, head: tuple[str, ...], category: str | None
) -> tuple[Value, ...]:
    row: list[Value] = list(head)
    for level in (*(c.key for c in _levels(cube.spec)), None):
        part = cube.cells.get(_key(cube.spec, category, level))
        whole = cube.cells.get(_key(cube.spec, None, level))
        row += [part, percent(part, whole, guarded.rounding, guarded.mode == "open")]
    return tuple(row)


# --- risk ------------------------------------------------------------------------------------------------------------


def _risk(curve: GuardedCurve, guarded: Guarded, language: str) -> Table:
    spec = curve.spec
    ends = next(d for d in spec.dimensions if d.name == "end").categories
    competing = [c for c in ends if c.key not in ("event", "censored")]
    exposed = spec.by is not None
    columns = [TableColumn("outcome", "", "key")]
    if exposed:
        columns += [TableColumn("level", "", "key"), TableColumn("level_label", word("level", language), "label")]
    columns += [
        TableColumn("time_days", "", "key"),
        TableColumn("at_risk", word("at_risk", language), "count"),
        TableColumn("time", word("time", language), "label"),
        TableColumn("events", word("events", language), "count"),
        *(TableColumn(f"competing_{c.key}", label(c.labels, language, c.key), "count") for c in competing),
        TableColumn("risk", word("estimate", language), "risk"),
    ]
    names = {c.key: label(c.labels, language, c.key) for c in _levels(spec)}
    rows: list[tuple[Value, ...]] = []
    for level, (at_risk, points) in curve.levels.items():
        who = names.get(level, level) if level is not None else word("all", language)
        for point in points:
            head: tuple[Value, ...] = (spec.subject, level or "", who) if exposed else (spec.subject,)
            time = word(point.time.unit, language, n=point.time.amount)
            numbers = (point.events, *(n for _, n in point.competing), point.risk)
            rows.append((*head, str(point.time.days), at_risk, time, *numbers))
    title = word("risk", language, outcome=label(spec.labels, language, spec.subject))
    more = word("note-risk-exact" if guarded.mode == "open" else "note-risk", language)
    notes = _notes(guarded, language, more)
    name = f"{spec.report}_{spec.subject}" if spec.subject else spec.report
    return Table(name, _by(spec, title, language), tuple(columns), tuple(rows), notes, guarded.mode, language)
