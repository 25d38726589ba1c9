"""The examples of docs/models.md load as they stand."""

import datetime
from pathlib import Path

import pytest

from studyspec.catalogue.bindings import behind, load_binding
from studyspec.catalogue.codelists import load_codelist
from studyspec.catalogue.load import load_model, load_site
from studyspec.catalogue.permits import load_permit
from studyspec.catalogue.policies import load_policy
from studyspec.catalogue.types import BoundColumn, Clock, Coverage, DatedCodes, Dominance, Lag
from tests.catalogue.world import blocks, build, load, study


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    return build(tmp_path)


def test_every_kind_of_document_has_an_example() -> None:
    kinds = {text.split(":", 1)[0] for path, text in blocks().items() if path.endswith(".yaml")}
    assert kinds == {"model", "codelist", "binding", "policy", "permit", "site", "invented"}


def test_the_world_of_the_page_fits_together(parish: Path) -> None:
    assert set(load(parish).codelists) == {"sex", "parish"}
    catalogue = load(parish, study(codelists=(("town", "town.csv"),)), site=False)
    assert set(catalogue.codelists) == {"sex", "parish", "town"}


def test_the_model_says_what_its_comments_say(parish: Path) -> None:
    model, _ = load_model(parish / "models" / "parish.yaml")
    occupation = model.tables["person"].columns["occupation"]
    assert occupation.as_of
    assert occupation.nullable
    assert occupation.null_meaning == "Never asked"
    assert str(model.tables["membership"].columns["parish"].type) == "code of parish"
    assert model.entities["person"].derived["age"].column == "birth_date"
    assert model.roles["joining"].edge == "starting"
    assert model.entities["person"].clusters == {"household": "household_id"}
    assert str(model.tables["person"].columns["household_id"].type) == "identifier of household"
    assert model.registers["parish_register"].rule.dominance == Dominance(1, 75)


def test_the_model_says_what_its_register_is_like(parish: Path) -> None:
    model, _ = load_model(parish / "models" / "parish.yaml")
    membership = model.tables["membership"]
    assert membership.publication_lag == Lag(6, "month")
    assert membership.doubled == "unfinished"
    assert [(str(b.date), b.columns) for b in membership.breaks] == [("2016-01-01", ("parish",))]
    assert membership.traps[0].source == "Parish office"
    assert model.tables["class"].clock == Clock("week", "First class")


def test_a_table_of_rates_is_about_no_entity(parish: Path) -> None:
    model, _ = load_model(parish / "models" / "parish.yaml")
    assert "mortality" not in model.tables
    assert model.rates["mortality"].keys == ("sex", "age", "year")
    assert model.rates["mortality"].value == "rate"


def test_the_code_list_has_groups_and_validity(parish: Path) -> None:
    harbour = load_codelist(parish / "codelists" / "parish.yaml", parish).codes["02"]
    assert harbour.groups == ("town", "coast")
    assert str(harbour.valid_to) == "2015-12-31"
    assert harbour.parent == "1"
    assert harbour.becomes == ("01",)


def test_the_binding_mends_what_it_says(parish: Path) -> None:
    tables = load_binding(parish / "bindings" / "parish_db.yaml").tables
    assert tables["membership"].columns["end"] == BoundColumn("LOPPU", nulls=("2222-11-11",), shift_days=1)
    assert tables["person"].columns["sex"].codes == {"M": "1", "N": "2"}
    assert tables["membership"].where == {"LAJI": ("J", "JV")}
    assert tables["membership"].coverage != Coverage(None, None)
    assert tables["membership"].drop_unfinished_doubles
    assert tables["membership"].identity == ("parish",)
    assert tables["membership"].columns["parish"].codes_by_date == (
        DatedCodes({"A": "01", "B": "02"}, last=datetime.date(2004, 12, 31)),
        DatedCodes({"K": "01", "S": "02"}, first=datetime.date(2005, 1, 1)),
    )


def test_what_mends_a_column_is_behind_it(parish: Path) -> None:
    model, _ = load_model(parish / "models" / "parish.yaml")
    tables = load_binding(parish / "bindings" / "parish_db.yaml").tables
    assert behind(tables["person"], model.tables["person"], "sex") == ("SUKUP",)
    assert behind(tables["membership"], model.tables["membership"], "parish") == (
        "SRK",
        "ALKU",
        "HNRO",
        "LAJI",
        "LOPPU",
    )
    assert behind(tables["person"], model.tables["person"], "occupation") == ()


def test_policy_permit_and_site_say_what_they_say(parish: Path) -> None:
    policy = load_policy(parish / "policies" / "strict.yaml")
    assert (policy.minimum_entities, policy.insiders, policy.rounding, policy.zeros) == (8, 2, 5, "hide")
    permit = load_permit(parish / "permits" / "2020-7.yaml")
    assert permit.years == (1990, 2020)
    assert permit.linkages == (("parish_register",),)
    assert permit.breakdowns == ("SPVM", "SUKUP", "SRK")
    assert permit.supersedes == "PARISH-2018-3"
    site = load_site(parish / "site.yaml")
    assert site.policy == policy
    assert site.permits == {"PARISH-2020-7": permit}
    assert site.memory_limit == "2GB"
    assert site.connection.null == "NA"
