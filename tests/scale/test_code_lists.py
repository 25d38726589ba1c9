"""A code list of 100,000 codes is looked through once, and stands in the SQL once, under its own name."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from studyspec import pipeline
from studyspec.arbiter.evaluate import evaluate
from studyspec.plan.frame import MANY
from studyspec.plan.serial import from_data, to_data
from tests.arbiter.duckdb_side import by_sql
from tests.scale import large_studies as large

LARGE = 100_000
CRITERIA = (
    "    include a where any service before index with code in many",
    "    include b where (first code of service before index) not in many",
    "    include c where at least 1 of (education = \"7\", (last code of service before index) in many)",
    "    exclude d where ((count of service before index with code in many) > 3)"
    " or (first code of service before index) in few",
)  # fmt: skip


def code(number: int) -> str:
    return f"C{number:06}"


def write_list(path: Path, numbers: range) -> None:
    path.write_text("code,label_en\n" + "".join(f"{code(n)},Code {n}\n" for n in numbers), encoding="utf-8")


def study(folder: Path, count: int, criterion: str = "\n".join(CRITERIA)) -> pipeline.Understood:
    write_list(folder / "many.csv", range(count))
    write_list(folder / "few.csv", range(10))
    lists = 'codelist many "many.csv"\ncodelist few "few.csv"'
    return large.understood(large.FRAME.format(definitions=lists, criteria=criterion), folder)


def people(understood: pipeline.Understood, count: int) -> dict[str, list[dict[str, Any]]]:
    """Someone with a code of the list, with one of none, with an unknown one, with each, and without any."""
    rows = large.people(understood.study)
    held = [[code(count - 1)], ["other"], [None], [code(0), "other"], [None, code(5)], []]
    columns = understood.study.model.tables["service"].columns
    rows["service"] = [
        dict.fromkeys(columns) | {"person_id": f"p{who}", "start": datetime.date(2021, 1, 1 + at), "code": one}
        for who, codes in enumerate(held)
        for at, one in enumerate(codes)
    ]
    return rows


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("count", [MANY, MANY + 1])
def test_a_list_of_many_codes_selects_what_a_list_of_few_does(count: int, criterion: str, tmp_path: Path) -> None:
    understood = study(tmp_path, count, criterion)
    plan = pipeline.plan(understood)
    assert any(step.values for step in plan.steps) is (count > MANY and "many" in criterion)
    assert from_data(to_data(plan)) == plan
    rows = people(understood, count)
    cubes, cohorts = evaluate(understood.study, rows, plan.cubes)
    found, members = by_sql(understood.study, rows)
    assert cohorts == members
    assert {c.spec.name: dict(c.cells) for c in cubes} == {name: dict(c.cells) for name, c in found.items()}


def test_a_list_of_a_hundred_thousand_codes_runs_and_is_written_once(tmp_path: Path) -> None:
    understood = study(tmp_path, LARGE)
    for dialect in ("duckdb", "postgresql"):
        assert pipeline.script(understood, dialect).text.count(f"('{code(77_777)}')") == 1
    rows = people(understood, LARGE)
    cubes, cohorts = evaluate(understood.study, rows, pipeline.plan(understood).cubes)
    found, members = by_sql(understood.study, rows)
    assert cohorts == members
    assert {c.spec.name: dict(c.cells) for c in cubes} == {name: dict(c.cells) for name, c in found.items()}
