"""The design's sample study, built by hand on a small model of its own."""

from __future__ import annotations

from studyspec.catalogue.types import Coverage, Model
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during

_COVERED = Coverage(kit.date("2009-01-01"), kit.date("2024-12-31"))


def sample_model() -> Model:
    return kit.model(
        kit.table(
            "person",
            "attributes",
            {
                "birth_date": "date",
                "sex": "code of sex",
                "mother_tongue": "code of language?",
                "education": "code of education_level?",
            },
        ),
        kit.table("residence", "spells", {"municipality": "code of municipality"}, coverage=_COVERED),
        kit.table("jobseeking", "spells", {}, coverage=_COVERED),
        kit.table("service", "spells", {"code": "code of municipal_service"}, coverage=_COVERED),
        kit.table("employment", "spells", {}, coverage=_COVERED),
        kit.table("study", "spells", {"degree": "boolean"}, coverage=_COVERED),
        kit.table("death", "events", {}, coverage=_COVERED),
        kit.table("migration", "events", {"kind": "code of migration_kind"}, coverage=_COVERED),
    )


def sample_study() -> core.Study:
    index = at("index")
    in_centre = kit.inset(kit.col("service", "code"), "S01", "S02", "S03")
    return kit.study(
        sample_model(),
        _cohort(in_centre),
        kit.ATTRITION,
        kit.baseline(
            kit.variable("age_group", kit.ref("age_group", "category", True), "18-29", "30-44", "45-64"),
            kit.variable("sex", kit.attr("sex", "code of sex"), "1", "2", label="Sex"),
            kit.variable(
                "education", kit.attr("education", "code of education_level", True), *"345678", "other", "unknown"
            ),
            kit.variable("unemployed_band", kit.ref("unemployed_band", "category", True), "0-30", "31-182", "366+"),
            by="pathway",
        ),
        kit.risk("employed", "studying", by="pathway", years=(1, 2, 3)),
        name="omnia_employment",
        titles={"en": "Employment after starting at the Omnia skills centre"},
        definitions=_definitions(),
        roles=[
            kit.role("death", "death"),
            kit.role("emigration", "migration", kit.cmp(kit.col("migration", "kind"), "=", kit.lit("42"))),
        ],
        exposure=kit.exposure(
            "pathway",
            during(index, at("index", "180 day")),
            kit.level(
                "okm",
                kit.rows("any", "service", "starting", during(index, at("index", "180 day")), in_centre),
                "Skills centre",
            ),
            kit.level("usual", label="Usual services"),
        ),
        follow_up=kit.follow_up(
            at("index", "180 day"),
            at("entry", "3 year"),
            at("role death"),
            at("role emigration"),
            at("data.end", tables=("employment", "death", "migration")),
        ),
        outcomes=_outcomes(),
    )


def _definitions() -> list[core.Definition]:
    mother_tongue = kit.attr("mother_tongue", "code of language", True)
    return [
        kit.define("client_group", kit.inset(mother_tongue, "fi", "sv", "se", negated=True)),
        kit.define("age_group", kit.bands(kit.age(at("index")), "18-29", "30-44", "45-64")),
        kit.define(
            "unemployed_2y",
            kit.rows("days", "jobseeking", "overlapping", during(at("index", "-2 year"), at("index"))),
        ),
        kit.define("unemployed_band", kit.bands(kit.ref("unemployed_2y", "integer"), "0-30", "31-182", "366+")),
    ]


def _cohort(in_centre: core.Expr) -> core.Cohort:
    living = kit.cmp(kit.col("residence", "municipality"), "=", kit.lit("049"))
    index = at("index")
    return kit.cohort(
        kit.event("jobseeking", "starting", during(at("2019-01-01"), at("2022-12-31"), "[]")),
        kit.include("adult", kit.between(kit.age(index), kit.lit(18), kit.lit(64)), "18 to 64 years old"),
        kit.include(
            "resident",
            kit.rows("any", "residence", "covering", kit.covering(index), living),
            "Lives in the municipality",
        ),
        kit.include("group", kit.ref("client_group", nullable=True), "Belongs to the client group"),
        kit.exclude(
            "earlier",
            kit.rows("any", "service", "overlapping", during(None, index), in_centre),
            "Has been a client before",
        ),
    )


def _outcomes() -> list[core.Outcome]:
    long_enough = kit.cmp(kit.duration("employment"), ">=", kit.lit(30))
    degree = kit.cmp(kit.col("study", "degree", "boolean"), "=", kit.lit(True))
    return [
        kit.outcome(
            "employed",
            kit.event("employment", "starting", condition=long_enough, dated=at("row", "30 day")),
            "death",
            label="Starts a job that lasts at least 30 days",
            end_of_data="2024-12-31",
        ),
        kit.outcome(
            "studying",
            kit.event("study", "starting", condition=degree),
            "death",
            label="Starts degree studies",
            end_of_data="2024-12-31",
        ),
    ]
