"""Which columns stand behind what is made of values, links, rows of rows and named spells."""

from __future__ import annotations

import json

import pytest

from studyspec.plan.origins import Origins
from studyspec.plan.plan import plan
from studyspec.plan.serial import from_data, to_data
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during, on
from tests.sql.spells_cases import CASES as SPELLS
from tests.sql.spells_cases import making
from tests.sql.terms_cases import BORN, CASES, MET, MINE, asking

INDUSTRY = kit.linked("person.employer_id", "employer.industry", "code of i", key="employer_id")
BEFORE = during(at("row", "-30 day"), at("row"))
FIRM = "job.employer_id employer.industry employer.employer_id"
ANY = during(None, None)
ADULT = kit.cmp(kit.age(at("row"), nullable=True), ">=", kit.lit(18))


def behind(expr: core.Expr) -> set[str]:
    held = kit.any_of(kit.held("job", MINE), kit.without(kit.held("stay"), kit.merged(kit.held("job"), 7)))
    study = kit.with_spells(making((kit.held("stay", ADULT),)), kit.spell_set("busy", held))
    return set(map(str, Origins(study).expr(expr)))


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (kit.case_of(a=kit.inset(kit.attr("sex"), "1"), b=None), "person.sex"),
        (kit.elapsed("year", on(BORN), on(MET, "1 day")), "person.birth_date person.met"),
        (kit.age(on(MET)), "person.birth_date person.met"),
        (INDUSTRY, "person.employer_id employer.industry employer.employer_id"),
        (kit.rows("any", "visit", "dated", during(on(MET), None)), "visit.date person.met"),
        (kit.rows("any", "job", "ending", ANY, MINE), f"job.end {FIRM}"),
        (
            kit.rows("any", "job", "ending", ANY, kit.rows("no", "visit", "dated", BEFORE)),
            "job.end job.start visit.date",
        ),
        (kit.pick("mean", "visit", "cost", "dated", ANY), "visit.cost visit.date"),
        (kit.rows("any", "set_1", "starting", ANY), "stay.start stay.end person.birth_date"),
        (kit.pick("last", "set_1", "end", "starting", ANY), "stay.start stay.end person.birth_date"),
        (
            kit.rows("count", "busy", "starting", ANY, kit.cmp(kit.duration("busy"), ">", kit.lit(1))),
            f"job.start job.end stay.start stay.end {FIRM}",
        ),
    ],
)
def test_every_column_behind_a_value_is_named(expr: core.Expr, expected: str) -> None:
    assert behind(expr) == set(expected.split())


def test_sources_hold_the_columns_that_links_and_spells_read() -> None:
    study = kit.with_spells(asking(CASES[0]), kit.spell_set("busy", kit.held("job", MINE)))
    fields = {one.name: {field.name for field in one.fields} for one in plan(study).sources}
    assert fields["employer"] == {"employer_id", "industry"}
    assert fields["job"] == {"person_id", "start", "end", "employer_id"}
    assert "busy" not in fields


def test_plans_of_every_kind_of_value_and_spells_are_the_same_after_a_journey() -> None:
    for study in [*map(asking, CASES), *(making(made.sets) for made in SPELLS)]:
        made = plan(study)
        assert from_data(json.loads(json.dumps(to_data(made)))) == made
