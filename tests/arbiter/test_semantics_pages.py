"""The examples of docs/semantics run, and both the arbiter and DuckDB count what the pages say."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from studyspec import calendar
from studyspec.arbiter.evaluate import evaluate
from studyspec.catalogue.load import load_model
from studyspec.catalogue.types import Catalogue, Column, Model
from studyspec.language import parse
from studyspec.plan.cubes import RawCube
from studyspec.plan.plan import plan
from studyspec.semantics import core, resolve
from studyspec.source import Severity, Source
from tests.arbiter.duckdb_side import by_sql

PAGES = Path(__file__).parents[2] / "docs" / "semantics"
BLOCK = re.compile(r"^```(study|rows|counts)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADER = "study example version 1.0.0\n\nlanguage en\nmodel clinic 1\n\n"
COHORT = "cohort everyone of person\n    index first visit during [2021-01-01, 2021-12-31]\n\n"
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class Example:
    place: str
    study: str
    rows: Mapping[str, str]
    counts: str


def examples() -> Iterator[Example]:
    """Each begins with a `study` block and ends with a `counts` block."""
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        study, rows = "", {}
        for block in BLOCK.finditer(text):
            kind, table, content = block.groups()
            if kind == "study":
                study, rows = content, {}
            elif kind == "rows":
                rows[table] = content
            else:
                yield Example(f"{page.name}:{text.count(chr(10), 0, block.start()) + 1}", study, rows, content)


def understood(text: str, model: Model) -> core.Study:
    statements = text if re.search("^cohort ", text, re.MULTILINE) else COHORT + text
    document = parse(Source("example.study", HEADER + _in_order(statements)))
    study, found = resolve(document, Catalogue(model, model.codelists, None))
    assert not [d.message for d in found if d.severity is Severity.ERROR]
    assert study is not None
    return study


def _in_order(text: str) -> str:
    """Definitions before the cohort that may speak of them."""
    statements = re.split(r"\n(?=\S)", text.strip())
    return "\n".join(sorted(statements, key=lambda s: not s.startswith("define"))) + "\n"


def read_rows(example: Example, model: Model) -> Rows:
    found: Rows = {table: [] for table in model.tables}
    for table, text in example.rows.items():
        columns = model.tables[table].columns
        for row in csv.DictReader(text.splitlines()):
            found[table].append({name: value(row.get(name) or "", column) for name, column in columns.items()})
    listed = {row["id"] for row in found["person"]}
    for other in sorted({str(row["id"]) for rows in found.values() for row in rows if "id" in row} - listed):
        found["person"].append(dict.fromkeys(model.tables["person"].columns) | {"id": other})
    return found


def value(text: str, column: Column) -> object:
    if text == "":
        return None
    if column.type.kind == "date":
        return calendar.parse_date(text)
    if column.type.kind == "integer":
        return int(text)
    return text == "true" if column.type.kind == "boolean" else text


def told(cubes: Mapping[str, RawCube], cohort: frozenset[object], asked: str) -> str:
    """What came out, in the words of a `counts` block."""
    if asked == "cohort":
        return ", ".join(sorted(map(str, cohort)))
    cube = cubes[asked]
    places = [{c.key: n for n, c in enumerate(d.categories)} for d in cube.spec.dimensions]
    cells = {key: "/".join(map(str, n)) for key, n in cube.cells.items() if None not in key}
    order = sorted(cells, key=lambda key: [at.get(str(k), k) for at, k in zip(places, key, strict=True)][::-1])
    return ", ".join(" ".join(map(str, [*key, cells[key]])) for key in order)


@pytest.mark.parametrize("example", [pytest.param(e, id=e.place) for e in examples()])
def test_example_counts_what_the_page_says(example: Example) -> None:
    model = load_model(PAGES / "clinic.yaml")[0]
    study, rows = understood(example.study, model), read_rows(example, model)
    cubes, cohorts = evaluate(study, rows, plan(study).cubes)
    by_name, members = by_sql(study, rows)
    for line in example.counts.strip().splitlines():
        name, _, wanted = line.partition(": ")
        assert told({cube.spec.name: cube for cube in cubes}, cohorts[study.cohort.name], name) == wanted
        assert told(by_name, members[study.cohort.name], name) == wanted


def test_every_page_is_listed_and_has_numbered_rules() -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    for page in PAGES.glob("*.md"):
        assert page.name == "index.md" or f"({page.name})" in index


def test_rules_are_numbered_once_and_in_order() -> None:
    for page in PAGES.glob("*.md"):
        rules = re.findall(r"^\*\*([A-Z])(\d+)\.\*\*", page.read_text("utf-8"), re.MULTILINE)
        assert [int(number) for _, number in rules] == list(range(1, len(rules) + 1))
        assert len({letter for letter, _ in rules}) <= 1
