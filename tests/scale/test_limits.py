"""No legal study is too deep or too long for what comes after the parser; what is too deep is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.definitions import study as of_definitions
from studyspec import pipeline
from studyspec.arbiter.evaluate import evaluate
from studyspec.language import parse
from studyspec.plan.serial import from_data, to_data
from studyspec.source import Refused, Source
from tests.arbiter.duckdb_side import by_sql
from tests.scale import large_studies as large

#: How often a kind may be nested at least: what docs/language.md promises.
PROMISED = {"a sum": 50, "parentheses": 50, "at least": 3, "at least, not": 2, "and, or": 14}


def survives(text: str, folder: Path) -> None:
    """Both spellings, the plan, its serial form, both dialects, DuckDB, and the arbiter, who agrees."""
    for spelling in ("study", "yaml"):
        pipeline.rewrite(Source("large.study", text), spelling)
    understood = large.understood(text, folder)
    plan = pipeline.plan(understood)
    assert from_data(json.loads(json.dumps(to_data(plan)))) == plan
    pipeline.script(understood, "postgresql")
    rows = large.people(understood.study)
    cubes, cohorts = evaluate(understood.study, rows, plan.cubes)
    by_name, members = by_sql(understood.study, rows)
    assert cohorts == members
    assert {cube.spec.name: dict(cube.cells) for cube in cubes} == {n: dict(c.cells) for n, c in by_name.items()}


@pytest.mark.parametrize("kind", large.NESTED)
def test_the_deepest_legal_expression_runs(kind: str, tmp_path: Path) -> None:
    depth = large.deepest(kind)
    assert depth >= PROMISED.get(kind, 19)
    survives(large.conditions(large.nested(kind, depth), definitions=large.NUMBER), tmp_path)


@pytest.mark.parametrize("kind", large.INLINED)
def test_so_does_a_deepest_definition_inside_the_deepest_condition_of_rows(kind: str, tmp_path: Path) -> None:
    inner = f"define deep = {large.nested(kind, large.deepest(kind))}"
    depth = large.deepest("not, in rows")
    condition = large.nested("not, in rows", depth).replace('code = "S01"', "deep")
    survives(large.conditions(condition, definitions=inner), tmp_path)


@pytest.mark.parametrize("kind", large.NESTED)
@pytest.mark.parametrize("depth", [61, 1000, 20_000])
def test_what_is_nested_too_deep_is_refused_in_both_spellings(kind: str, depth: int) -> None:
    condition = large.nested(kind, depth)
    text = large.conditions(condition)
    yaml = f"study: large\nversion: 1.0.0\nlanguage: en\nmodel: fi_municipal 1\ndefine:\n  deep: |\n    {condition}\n"
    for name, written in (("large.study", text), ("large.yaml", yaml)):
        with pytest.raises(Refused) as refused:
            parse(Source(name, written))
        assert "nested-too-deep" in {d.code for d in refused.value.diagnostics}


@pytest.mark.parametrize("kind", large.CHAINS)
def test_a_thousand_definitions_each_made_from_the_one_before(kind: str, tmp_path: Path) -> None:
    survives(large.chain(1000, *large.CHAINS[kind]), tmp_path)


def test_definitions_may_be_written_before_those_they_are_made_from(tmp_path: Path) -> None:
    text = large.chain(1000, *large.CHAINS["conditions"])
    lines = text.split("\n")
    backwards = [*lines[:3], *reversed(lines[3:1003]), *lines[1003:]]
    one = large.understood(text, tmp_path).study
    other = large.understood("\n".join(backwards), tmp_path).study
    assert one.hash == other.hash


def test_a_circle_of_a_thousand_definitions_is_one_error(tmp_path: Path) -> None:
    text = large.chain(1000, "c999", "not {before}", "{}")
    with pytest.raises(Refused) as refused:
        large.understood(text, tmp_path)
    assert [d.code for d in refused.value.diagnostics] == ["circular-definition"]


WIDE = {
    "and": [" and ".join(f"age at index >= {n % 20}" for n in range(3000))],
    "or": [" or ".join(f"age at index < {1 + n % 20}" for n in range(3000))],
    "at least": [f"at least 900 of ({', '.join(f'age at index >= {n % 20}' for n in range(1000))})"],
    "at least, unknown": ["at least 100 of (" + ", ".join(f'education = "{3 + n % 5}"' for n in range(1000)) + ")"],
    "bands": ["((count of service before index) in bands " + ", ".join(f"{n}-{n}" for n in range(3000)) + ") is known"],
    "criteria": [f"age at index >= {n % 20}" for n in range(1200)],
    "ages": [f"age at index + {n} days >= 20" for n in range(1200)],
    "rows": [f"no service during [index - {n + 1} days, index)" for n in range(300)],
}


@pytest.mark.parametrize("kind", WIDE)
def test_the_widest_things_run(kind: str, tmp_path: Path) -> None:
    survives(large.conditions(*WIDE[kind]), tmp_path)


def test_a_thousand_definitions_of_all_kinds_run(tmp_path: Path) -> None:
    survives(of_definitions(1000), tmp_path)


@pytest.mark.sweep
def test_ten_thousand_criteria_run(tmp_path: Path) -> None:
    survives(large.conditions(*(f"age at index >= {n % 20}" for n in range(10_000))), tmp_path)


def test_no_step_has_more_columns_than_every_database_takes(tmp_path: Path) -> None:
    wide = ["criteria", "ages", "rows"]
    plans = [pipeline.plan(large.understood(large.conditions(*WIDE[kind]), tmp_path)) for kind in wide]
    assert max(len(step.columns) for plan in plans for step in plan.steps) <= 502


def test_the_sql_of_a_study_grows_with_its_definitions_and_no_faster(tmp_path: Path) -> None:
    sizes = [len(pipeline.script(large.understood(of_definitions(n), tmp_path)).text) for n in (100, 1000)]
    assert sizes[1] < 12 * sizes[0]


@pytest.mark.parametrize("kind", large.NESTED)
def test_the_sql_of_the_deepest_expression_can_still_be_read(kind: str, tmp_path: Path) -> None:
    text = large.conditions(large.nested(kind, large.deepest(kind)), definitions=large.NUMBER)
    assert len(pipeline.script(large.understood(text, tmp_path)).text) < 20_000
