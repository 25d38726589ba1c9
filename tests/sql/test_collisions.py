"""Names that meet: keywords, capitals, quotes, other alphabets, and elements named like tables and steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from tests.plan import kit
from tests.plan.kit import at, during
from tests.plan.sample import sample_study
from tests.sql.duck import agree, connect

ANY = during(None, None)


def study_named(*names: str, label: str = "", key: str = "person_id", table: str = "visit") -> core.Study:
    """A study whose cohort, criteria, definition, exposure, levels, outcome and variables bear the given names."""
    cohort, criterion, definition, exposure, level, outcome, role = names
    model = kit.model(
        kit.table("person", "attributes", {"sex": "code of sex"}, key=key),
        kit.table(table, "events", {"code": "code of c"}, key=key),
        kit.table("gone", "events", {}, key=key),
    )
    flag = kit.ref(definition)
    some = kit.cmp(kit.col(table, "code", "code of c"), "=", kit.lit("a'b"))
    made = kit.study(
        model,
        kit.cohort(kit.event(table, window=ANY), kit.include(criterion, flag, label), name=cohort, label=label),
        kit.ATTRITION,
        kit.baseline(
            kit.variable(definition, flag, "true", "false", label=label),
            kit.variable("sex", kit.attr("sex", "code of sex"), "1", "2"),
            by=exposure,
        ),
        kit.risk(outcome, by=exposure),
        definitions=[kit.define(definition, kit.rows("any", table, "dated", ANY, some), label)],
        roles=[kit.role(role, "gone")],
        exposure=kit.exposure(exposure, ANY, kit.level(level, flag, label), kit.level(f"not {level}"), label=label),
        follow_up=kit.follow_up(at("index"), at("index", "1 year")),
        outcomes=[kit.outcome(outcome, kit.event(table), role, label=label, time_zero="keep")],
    )
    return replace(made, cohorts=(replace(made.cohort, key=key),))


def rows(key: str = "person_id", table: str = "visit") -> dict[str, list[dict[str, object]]]:
    days = ("2020-01-01", "2020-02-01", "2020-03-01")
    return {
        "person": [{key: f"p{n}", "sex": str(1 + n % 2)} for n in range(3)],
        table: [{key: f"p{n}", "date": kit.date(day), "code": "a'b"} for n, day in enumerate(days)],
    }


NAMES = {
    "keywords": ("select", "where", "group", "table", "end", "order", "from"),
    "capitals": ("Clients", "CLIENTS", "cLIENTS", "Clients_Index", "INDEX_DATE", "Visit", "PERSON"),
    "tables": ("person", "visit", "person", "visit", "person", "visit", "visit"),
    "steps": ("clients", "clients_index", "clients_criteria", "follow_up", "left_at", "clients_attrition", "clients"),
    "columns": ("person_id", "index_date", "person_id", "margin_of", "entities", "entry_date", "event_date"),
    "cube columns": ("start", "day", "entities", "start", "end", "day", "exit_date"),
    "cubes": ("attrition", "risk_seen_start", "baseline_sex", "baseline", "risk", "seen", "preview"),
    "alphabets": ("työtön", "väestö", "ålder", "возраст", "年齢", "ΗΛΙΚΊΑ", "ñ"),
    "quotes": ('a"b', "a'b", "a;b", "a--b", "a*/b", "a b", "a\\b"),
    "long": ("x" * 63, "x" * 62, "y" * 63, "z" * 63, "w" * 63, "v" * 63, "u" * 63),
    "schemas": ("source", "main", "temp", "memory", "information_schema", "system", "pg_catalog"),
}


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_any_names_give_the_right_result(names: tuple[str, ...]) -> None:
    cubes = agree(study_named(*names), rows())
    assert len(cubes) == 5
    assert all(cubes.values())


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_names_are_unique_and_the_same_every_time(names: tuple[str, ...]) -> None:
    first, second = plan(study_named(*names)), plan(study_named(*names))
    assert first == second
    made = [source.name for source in first.sources] + [step.name for step in first.steps]
    assert len({name.casefold() for name in made}) == len(made)
    assert all(len(name.encode()) <= 63 for name in made)
    for step in first.steps:
        columns = [output.name.casefold() for output in step.columns]
        assert len(set(columns)) == len(columns)


@pytest.mark.parametrize(
    ("key", "table"), [("order", "group"), ("index_date", "day"), ("P id", 'we"ird'), ("left_at", "x")]
)
def test_the_models_own_names_may_be_anything(key: str, table: str) -> None:
    study = study_named("clients", "c", "flag", "arm", "level", "seen", "role", key=key, table=table)
    assert all(agree(study, rows(key, table)).values())


@pytest.mark.parametrize(
    "label", ["a'b\"c", "*/ drop table person; --", "two\nlines\r\n;select 1", "työ – 漢字 😀", "\u202edesrever", ""]
)
def test_no_label_can_leave_its_comment(label: str) -> None:
    study = study_named("clients", "c", "flag", "arm", "level", "seen", "role", label=label or " ")
    assert agree(study, rows()) == agree(study_named("clients", "c", "flag", "arm", "level", "seen", "role"), rows())


def test_the_title_and_version_cannot_leave_the_header() -> None:
    study = replace(sample_study(), titles={"en": "x\n; drop table y"}, version="1\n;", hash="\n;")
    script = emit(plan(study), "duckdb", None)
    head = script.text.split("create temporary", 1)[0]
    assert all(not line or line.startswith("--") for line in head.splitlines())
    connect(script, {}).execute(script.statements[-1].sql)
