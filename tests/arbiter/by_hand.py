"""Small studies and rows for the arbiter, worked out by hand in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from studyspec.arbiter.evaluate import evaluate
from studyspec.catalogue.types import Coverage, Model, Table
from studyspec.plan.cubes import CubeKind, CubeSpec, Dimension, Key
from studyspec.semantics import core
from studyspec.semantics.core import Category
from tests.plan import kit

COVERED = Coverage(kit.date("2010-01-01"), kit.date("2022-12-31"))
Rows = dict[str, list[dict[str, object]]]


def model(**more: Table) -> Model:
    return kit.model(
        kit.table("person", "attributes", {"born": "date?", "sex": "code of sex?", "firm": "identifier?"}),
        kit.table("visit", "events", {"kind": "code of kind?", "cost": "decimal?"}, coverage=COVERED),
        kit.table("stay", "spells", {"ward": "code of ward?"}, coverage=COVERED),
        kit.table("death", "events", {}, coverage=COVERED),
        *more.values(),
        derived={},
    )


def rows(of: Model, **tables: Sequence[str]) -> Rows:
    """`"p 2020-01-01 a"`: the columns in order, `-` for null, those left out null; people in any table are listed."""
    found: Rows = {name: [] for name in of.tables}
    for name, lines in tables.items():
        table = of.tables[name]
        for line in lines:
            parts = [None if part == "-" else part for part in line.split()]
            given: dict[str, Any] = dict(zip(table.columns, parts, strict=False))
            found[name].append({c: _read(given.get(c), table.columns[c].type.kind) for c in table.columns})
    people = {row["person_id"] for row in found["person"]}
    for other in sorted({str(r["person_id"]) for n in found for r in found[n] if "person_id" in r} - people):
        found["person"].append(dict.fromkeys(of.tables["person"].columns) | {"person_id": other})
    return found


def _read(text: str | None, of: str) -> object:
    if text is None:
        return None
    return kit.date(text) if of == "date" else int(text) if of == "integer" else text


def spec(kind: CubeKind, subject: str = "", *dims: str, by: str | None = None, **more: Any) -> CubeSpec:
    """A cube of the first report of its kind, named `report`; only its finest grouping set."""
    dimensions = tuple(Dimension(name, {}, "day" if name == "day" else "category") for name in dims)
    made = CubeSpec(
        name="cube",
        kind=kind,
        report="report",
        subject=subject,
        labels={},
        population="",
        by=by,
        dimensions=dimensions,
        sets=(tuple(dims),),
        origins=(),
    )
    return replace(made, **more)


def attrition(cohort: str = "") -> CubeSpec:
    return spec("attrition", "", "left_at", cohort=cohort)


def curve(of: str, *, by: str | None = None, kind: CubeKind = "curve", **more: Any) -> CubeSpec:
    """With `entities` and `records`."""
    dims = ("day", "end") if by is None else (by, "day", "end")
    return spec(kind, of, *dims, by=by, **({"measures": ("entities", "records")} | more))


def count(study: core.Study, data: Rows, of: CubeSpec) -> dict[Key, Any]:
    """The cells of a cube; of one measure, the number alone."""
    ((cube,), _) = evaluate(study, data, [of])
    return {key: numbers[0] if len(numbers) == 1 else numbers for key, numbers in cube.cells.items()}


def members(study: core.Study, data: Rows) -> dict[str, set[object]]:
    return {name: set(keys) for name, keys in evaluate(study, data, [])[1].items()}


def cohort(name: str, index: core.Index, *criteria: core.Criterion, **more: Any) -> core.Cohort:
    made = core.Cohort(
        name=name, labels={}, entity="person", table="person", key="person_id", index=index, criteria=criteria
    )
    return replace(made, **more)


def on_day(day: str) -> core.IndexDay:
    return core.IndexDay(day=kit.at(day))


def study(*cohorts: core.Cohort, **more: Any) -> core.Study:
    """A study of one or more cohorts; other parts by the names of `core.Study`."""
    made = kit.study(more.pop("model", None) or model(), cohorts[0])
    return replace(made, **{"cohorts": cohorts, "roles": (kit.role("death", "death"),), **more})


def categories(*keys: str) -> tuple[Category, ...]:
    return tuple(Category(key, {}) for key in keys)
