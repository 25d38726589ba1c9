"""The plan: one step or column per named element, cubes as the contract says, and nothing read that is not used."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studyspec.plan.nodes import Step
from studyspec.plan.plan import Plan, columns_of, plan
from studyspec.plan.serial import from_data, to_data
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef
from tests.plan import kit
from tests.plan.kit import at, during
from tests.plan.sample import sample_model, sample_study


@pytest.fixture(scope="module")
def sample() -> Plan:
    return plan(sample_study())


def step(of: Plan, name: str) -> Step:
    return next(one for one in of.steps if one.name == name)


def test_every_named_element_of_the_sample_is_a_step_or_a_column(sample: Plan) -> None:
    made = {name for one in sample.steps for name in one.elements}
    made |= {c.element for one in sample.steps for c in one.columns if c.element is not None}
    named = ["clients", "adult", "resident", "group", "earlier", "client_group", "age_group", "unemployed_2y"]
    named += ["pathway", "okm", "usual", "employed", "studying", "death", "emigration", "attrition", "baseline", "risk"]
    assert set(named) <= made


def test_steps_are_named_after_the_elements_they_serve(sample: Plan) -> None:
    names = [one.name for one in sample.steps]
    assert names[:8] == [
        "clients_index",
        "clients_age",
        "clients_definitions",
        "resident_residence",
        "earlier_service",
        "clients_criteria",
        "clients_attrition",
        "clients",
    ]
    assert {"okm_service", "pathway", "follow_up", "unemployed_2y_jobseeking", "employed_employment"} <= set(names)


def test_a_step_reads_only_what_was_made_before_it(sample: Plan) -> None:
    made = {source.name: {field.name for field in source.fields} for source in sample.sources}
    for one in sample.steps:
        tables = {one.table, *(join.table for join in one.joins)}
        assert tables <= set(made)
        assert len(tables) == len(one.joins) + 1
        assert all(column.table in tables and column.name in made[column.table] for column in columns_of(one))
        names = [output.name for output in one.columns]
        assert len({name.casefold() for name in names}) == len(names)
        assert one.name not in made
        made[one.name] = set(names)


def test_only_columns_that_a_step_reads_are_asked_for(sample: Plan) -> None:
    found = {source.table: [field.name for field in source.fields] for source in sample.sources}
    assert found["study"] == ["person_id", "start", "degree"]
    assert found["death"] == ["person_id", "date"]


def test_a_table_that_nothing_reads_is_not_in_the_script() -> None:
    found = plan(replace(sample_study(), reports=(kit.ATTRITION,)))
    assert [source.table for source in found.sources] == [
        "person",
        "residence",
        "jobseeking",
        "service",
        "death",
        "migration",
    ]


def test_a_definition_is_evaluated_once_however_often_it_is_named() -> None:
    flag = kit.ref("flag")
    visits = kit.rows("any", "visit", "dated", during(None, at("index")))
    of = kit.model(
        kit.table("person", "attributes", {"birth_date": "date"}), kit.table("visit", "events", {"code": "text"})
    )
    found = plan(
        kit.study(
            of,
            kit.cohort(kit.event("visit", window=during(None, None)), kit.include("a", flag), kit.exclude("b", flag)),
            kit.baseline(kit.variable("flag", flag, "true", "false")),
            definitions=[kit.define("flag", visits), kit.define("other", kit.neg(flag))],
        )
    )
    assert [one.name for one in found.steps if "visit" in one.name] == ["flag_visit"]
    assert [c.name for one in found.steps for c in one.columns if c.element == "flag"] == ["flag", "flag"]
    assert not any(c.name == "other" for one in found.steps for c in one.columns)


def test_the_same_question_asked_twice_is_one_step() -> None:
    visits = kit.rows("any", "visit", "dated", during(None, at("index")))
    of = kit.model(kit.table("person", "attributes", {}), kit.table("visit", "events", {}))
    index = kit.event("visit", window=during(None, None))
    found = plan(kit.study(of, kit.cohort(index, kit.include("a", visits), kit.exclude("b", kit.neg(visits)))))
    assert [one.name for one in found.steps if "_visit" in one.name] == ["a_visit"]


# --- cubes -----------------------------------------------------------------------------------------------------------


def test_the_cubes_are_what_the_contract_says(sample: Plan) -> None:
    found = {spec.name: (spec.kind, spec.report, spec.subject, spec.population, spec.by) for spec in sample.cubes}
    assert found["attrition"] == ("attrition", "attrition", "", "candidates", None)
    assert found["baseline_sex"] == ("baseline", "baseline", "sex", "cohort", "pathway")
    assert found["risk_employed_start"] == ("start", "risk", "employed", "cohort", "pathway")
    assert found["risk_employed_curve"] == ("curve", "risk", "employed", "employed at_risk", "pathway")


def test_dimensions_list_their_categories_as_declared(sample: Plan) -> None:
    cubes = {spec.name: spec for spec in sample.cubes}
    assert [c.key for c in cubes["attrition"].dimensions[0].categories] == [
        "adult",
        "resident",
        "group",
        "group unknown",
        "earlier",
        "included",
    ]
    start, by = cubes["risk_employed_start"].dimensions
    assert [c.key for c in start.categories] == ["at_risk", "prior", "ended", "time_zero"]
    assert (start.name, by.name, [c.key for c in by.categories]) == ("start", "pathway", ["okm", "usual"])
    by, day, end = cubes["risk_employed_curve"].dimensions
    assert (by.name, day.name, day.kind, day.categories) == ("pathway", "day", "day", ())
    assert [c.key for c in end.categories] == ["event", "death", "censored"]


def test_every_margin_is_a_grouping_set_numbered_as_the_sql_does(sample: Plan) -> None:
    sets = {spec.name: spec.sets for spec in sample.cubes}
    assert sets["attrition"] == (("left_at",), ())
    assert sets["baseline_sex"] == (("sex", "pathway"), ("sex",), ("pathway",), ())
    assert sets["risk_employed_curve"] == (("pathway", "day", "end"),)


def test_curves_carry_the_times_of_their_report(sample: Plan) -> None:
    times = {spec.name: [time.days for time in spec.times] for spec in sample.cubes}
    assert times["risk_employed_curve"] == [365, 730, 1095]
    assert times["risk_employed_start"] == []


def test_origins_name_every_column_behind_a_number_filters_included(sample: Plan) -> None:
    origins = {spec.name: {str(ref) for ref in spec.origins} for spec in sample.cubes}
    assert {"person.birth_date", "person.mother_tongue", "jobseeking.start", "service.code"} <= origins["attrition"]
    assert {"residence.municipality", "residence.end"} <= origins["attrition"]
    assert origins["attrition"] & {"person.sex", "employment.start"} == set()
    assert origins["baseline_sex"] - origins["attrition"] == {"person.sex"}
    extra = origins["risk_employed_curve"] - origins["attrition"]
    assert extra == {"employment.start", "employment.end", "death.date", "migration.date", "migration.kind"}


def test_the_preview_takes_the_strictest_register_behind_a_cube() -> None:
    model = sample_model()
    strict = replace(model.registers["r"], name="wages", rule=replace(model.registers["r"].rule, minimum_entities=12))
    employment = model.tables["employment"]
    columns = {name: replace(column, register="wages") for name, column in employment.columns.items()}
    tables = {**model.tables, "employment": replace(employment, columns=columns)}
    found = plan(
        replace(sample_study(), model=replace(model, tables=tables, registers={**model.registers, "wages": strict}))
    )
    smallest = {glance.cube: glance.smallest for glance in found.glances}
    assert (smallest["attrition"], smallest["risk_employed_curve"], smallest["risk_studying_curve"]) == (5, 12, 5)


def test_an_event_at_time_zero_that_is_kept_leaves_no_level_for_it() -> None:
    study = sample_study()
    keep = replace(study, outcomes=tuple(replace(one, time_zero="keep") for one in study.outcomes))
    cubes = {spec.name: spec for spec in plan(keep).cubes}
    assert [c.key for c in cubes["risk_employed_start"].dimensions[0].categories] == ["at_risk", "prior", "ended"]


# --- as data ---------------------------------------------------------------------------------------------------------


def test_a_plan_survives_json(sample: Plan) -> None:
    assert from_data(json.loads(json.dumps(to_data(sample)))) == sample


def test_what_is_no_plan_is_refused() -> None:
    for data in ({}, {"is": "os.system"}, {"is": "Column", "table": "a", "name": "b"}):
        with pytest.raises(ValueError, match="not a plan"):
            from_data(data)


def test_the_same_study_gives_the_same_plan() -> None:
    assert plan(sample_study()) == plan(sample_study())


def test_origins_follow_definitions_and_roles_to_their_columns() -> None:
    cubes = {spec.name: spec for spec in plan(sample_study()).cubes}
    assert ColumnRef("jobseeking", "end") in cubes["baseline_unemployed_band"].origins


# --- values of rows --------------------------------------------------------------------------------------------------


def valued() -> core.Study:
    """A study with a value of the first day, one of all rows, and a condition on a row's other day."""
    model = kit.model(
        kit.table("person", "attributes", {"birth_date": "date?"}),
        kit.table("visit", "events", {"code": "code of c?", "cost": "integer?", "unused": "text?"}),
        kit.table("stay", "spells", {}),
    )
    before = during(None, at("index"))
    first = kit.grouped(kit.pick("first", "visit", "code", "dated", before), some="a b", other="c")
    total = kit.cmp(kit.pick("sum", "visit", "cost", "dated", before, of="integer"), ">=", kit.lit(2))
    ended = kit.cmp(kit.day(at("row.end")), "<", kit.day(at("2020-01-01")))
    return kit.study(
        model,
        kit.cohort(kit.event("visit", window=during(None, None))),
        kit.baseline(
            kit.variable("first_kind", first, "some", "other", "unknown"),
            kit.variable("costly", total, "true", "false"),
            kit.variable("ended", kit.rows("any", "stay", "starting", before, ended), "true", "false"),
        ),
    )


def test_a_value_of_rows_is_a_step_of_its_own_and_the_first_days_rows_another() -> None:
    made = plan(valued())
    names = [one.name for one in made.steps]
    assert {"first_kind_visit_rows", "first_kind_visit", "costly_visit"} <= set(names)
    assert names.index("first_kind_visit_rows") < names.index("first_kind_visit")
    assert [one.name for one in step(made, "first_kind_visit").columns] == ["person_id", "first_code"]
    assert [one.name for one in step(made, "costly_visit").columns] == ["person_id", "sum_cost"]


def test_a_value_of_rows_comes_from_its_column_and_from_the_days_of_its_rows() -> None:
    made = plan(valued())
    origins = {spec.subject: {str(ref) for ref in spec.origins} for spec in made.cubes if spec.subject}
    assert origins == {
        "first_kind": {"visit.date", "visit.code"},
        "costly": {"visit.date", "visit.cost"},
        "ended": {"visit.date", "stay.start", "stay.end"},
    }
    assert from_data(json.loads(json.dumps(to_data(made)))) == made
