"""The sample study, on invented people: arbiter and SQL count the same, and every part of it comes about."""

from __future__ import annotations

from pathlib import Path

from studyspec.arbiter.evaluate import evaluate
from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse
from studyspec.plan.plan import plan
from studyspec.semantics import resolve
from studyspec.source import read
from studyspec.synth.generate import generate
from tests.arbiter.duckdb_side import by_sql
from tests.synth.invented import everything

STUDY = Path(__file__).parents[2] / "examples" / "omnia" / "omnia_employment.study"


def test_arbiter_and_sql_agree_on_the_sample_study(tmp_path: Path) -> None:
    document = parse(read(STUDY))
    study, _ = resolve(document, load_catalogue(document, STUDY.parent, None))
    assert study is not None
    generate(study.model, seed=1, entities=1500, out=tmp_path / "data")
    rows = everything(study.model, tmp_path / "data")
    cubes, cohorts = evaluate(study, rows, plan(study).cubes)
    by_name, members = by_sql(study, rows)
    assert cohorts == members
    assert len(members[study.cohort.name]) > 100
    for cube in cubes:
        assert cube.cells
        assert (cube.spec.name, dict(cube.cells)) == (cube.spec.name, dict(by_name[cube.spec.name].cells))
