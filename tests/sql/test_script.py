"""The script as a stranger reads it: true to its statements, to its map, and to its bytes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studyspec.plan.plan import plan
from studyspec.sql import emit, script_map
from studyspec.sql.script import Script
from tests.plan import kit
from tests.plan.sample import sample_study
from tests.sql.duck import connect

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> Script:
    return emit(plan(sample_study()), "duckdb", None)


def test_the_text_holds_the_statements_in_order_and_nothing_else_but_comments(script: Script) -> None:
    rest = script.text
    for statement in script.statements:
        before, found, rest = rest.partition(statement.sql + ";\n")
        assert found
        assert all(not line or line.startswith("--") for line in before.splitlines())
    assert rest == ""


def test_it_makes_temporary_tables_and_ends_with_the_one_bare_select(script: Script) -> None:
    heads = {
        "source": "create temporary view ",
        "step": "create temporary table ",
        "cube": "create temporary table ",
        "preview": "select\n",
    }
    assert all(statement.sql.startswith(heads[statement.kind]) for statement in script.statements)
    assert [statement.kind for statement in script.statements].count("preview") == 1
    assert script.statements[-1].kind == "preview"
    assert {statement.name for statement in script.statements if statement.kind == "cube"} == set(script.cubes)


def test_it_reads_nothing_by_star_makes_up_no_name_and_says_no_time(script: Script) -> None:
    assert "select *" not in script.text
    assert not re.search(r"\b(t|table|tmp|cte|sub)_?\d+\b", script.text)
    assert not re.search(r"\bas [a-z]\b", script.text)
    assert not re.search(r"\b\d\d:\d\d\b", script.text)
    assert str(ROOT) not in script.text


def test_the_header_says_what_made_it_and_of_what(script: Script) -> None:
    head = script.text.split("\n\n")[0]
    for said in (
        "omnia_employment, version 1.0.0",
        "sha256:0000000000000000",
        "studyspec ",
        "DuckDB",
        "not releasable",
    ):
        assert said in head


def test_lines_stay_within_a_page(script: Script) -> None:
    assert max(len(line) for line in script.text.splitlines()) <= 116


# --- the map ---------------------------------------------------------------------------------------------------------


def test_every_named_element_is_found_in_the_script_and_back(script: Script) -> None:
    found = json.loads(json.dumps(script_map(script)))
    lines = script.text.splitlines()
    for name in ("adult", "resident", "group", "earlier", "age_group", "pathway", "employed", "death", "clients"):
        assert any(name in line for first, last in found["elements"][name] for line in lines[first - 1 : last])
    for place in found["lines"]:
        for name in place["elements"]:
            assert [place["first"], place["last"]] in found["elements"][name]
    assert sum(map(len, found["elements"].values())) == sum(len(place["elements"]) for place in found["lines"])


def test_a_column_is_placed_on_its_own_lines(script: Script) -> None:
    lines = script.text.splitlines()
    ((first, last),) = script_map(script)["elements"]["adult"]
    assert lines[first - 1] == "    -- include adult: 18 to 64 years old"
    assert lines[last - 1].endswith("as adult,")


def test_a_step_is_placed_from_its_first_line_to_its_last(script: Script) -> None:
    lines = script.text.splitlines()
    (first, last) = script_map(script)["elements"]["studying"][0]
    assert lines[first - 1] == "create temporary table studying as"
    assert lines[last - 1] == "from studying_dates;"


# --- the preview -----------------------------------------------------------------------------------------------------


def preview(people: int) -> list[tuple[str, ...]]:
    """The preview of a study with so many people."""
    study = kit.study(
        kit.model(kit.table("person", "attributes", {"sex": "code of sex"}), kit.table("entry", "events", {})),
        kit.cohort(kit.event("entry", window=kit.during(None, None))),
        kit.ATTRITION,
        kit.baseline(kit.variable("sex", kit.attr("sex", "code of sex"), "1", "2")),
        kit.risk("again"),
        follow_up=kit.follow_up(kit.at("index"), kit.at("index", "1 year")),
        outcomes=[kit.outcome("again", kit.event("entry"), time_zero="keep")],
    )
    rows = {
        "person": [{"person_id": str(n), "sex": "1"} for n in range(people)],
        "entry": [{"person_id": str(n), "date": kit.date("2020-01-01")} for n in range(people)],
    }
    script = emit(plan(study), "duckdb", None)
    return connect(script, rows).execute(script.statements[-1].sql).fetchall()


@pytest.mark.parametrize(
    ("people", "status", "band"),
    [
        (1, "small", "<5"),
        (4, "small", "<5"),
        (5, "published after guarding", "5-99"),
        (99, "published after guarding", "5-99"),
        (100, "published after guarding", "100-999"),
        (1000, "published after guarding", "1000+"),
    ],
)
def test_the_preview_shows_bands_and_never_a_count(people: int, status: str, band: str) -> None:
    found = preview(people)
    assert {row[2:] for row in found} == {(status, band, "NOT RELEASABLE")}
    assert [row[:2] for row in found] == [
        ("attrition", "all"),
        ("attrition", "included"),
        ("baseline_sex", "all"),
        ("baseline_sex", "1"),
        ("risk_again_start", "all"),
        ("risk_again_start", "at_risk"),
        ("risk_again_curve", "event"),
    ]


def test_the_preview_of_no_people_says_nothing_of_anyone() -> None:
    assert {row[2:] for row in preview(0)} <= {("small", "<5", "NOT RELEASABLE")}


# --- the same bytes --------------------------------------------------------------------------------------------------

_SHOW = """
import sys
from tests.plan.sample import sample_study
from studyspec.plan.plan import plan
from studyspec.sql import emit, script_map
import json
script = emit(plan(sample_study()), "duckdb", None)
heavy = {"duckdb", "lark", "yaml", "jinja2", "jsonschema", "pandas"} & set(sys.modules)
sys.stdout.write(script.text + json.dumps(script_map(script)) + repr(script) + repr(sorted(heavy)))
"""


def test_the_same_study_gives_the_same_bytes_whatever_the_hash_seed_and_imports_nothing_heavy() -> None:
    outputs = set()
    for seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", _SHOW], env=env, capture_output=True, check=True, cwd=ROOT)
        outputs.add(done.stdout)
    (output,) = outputs
    assert output.endswith(b"[]")
