"""Everything that comes with studyspec loads, and fits together."""

from pathlib import Path

import pytest

from studyspec.catalogue import checks
from studyspec.catalogue.codelists import load_codelist, load_rows
from studyspec.catalogue.load import load_catalogue, load_model, load_site
from studyspec.catalogue.policies import load_policy
from studyspec.language import tree
from tests.catalogue.world import ROOT, study

SPECS, EXAMPLES = ROOT / "specs", ROOT / "examples"
OMNIA = EXAMPLES / "omnia"
DMLATE = EXAMPLES / "dmlate"
CENTRE = ("skills_centre", "codelists/skills_centre.csv")


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in sorted(paths)]


@pytest.mark.parametrize("path", named([*SPECS.glob("models/*.yaml"), *EXAMPLES.glob("*/models/*.yaml")]))
def test_models_load_under_their_file_name(path: Path) -> None:
    model, spans = load_model(path)
    assert model.name == path.stem
    assert model.hash.startswith("sha256:")
    assert spans["tables"].text == "tables" if "tables" in spans else True
    for table in model.tables.values():
        assert spans[f"tables.{table.name}"].text == table.name
        for column in table.columns:
            assert spans[f"tables.{table.name}.columns.{column}"].text == column


@pytest.mark.parametrize("path", named(list(SPECS.glob("codelists/*.yaml"))))
def test_code_lists_load_under_their_file_name_with_labels_in_three_languages(path: Path) -> None:
    codelist = load_codelist(path, SPECS)
    assert codelist.name == path.stem
    assert all(set(code.labels) == {"en", "fi", "sv"} for code in codelist.codes.values())


@pytest.mark.parametrize("path", named(list(SPECS.glob("policies/*.yaml"))))
def test_policies_load_under_their_file_name(path: Path) -> None:
    assert load_policy(path).name == path.stem


@pytest.mark.parametrize("path", named(list(EXAMPLES.glob("*/site*.yaml"))))
def test_sites_of_the_examples_accept_their_models_and_bind_what_is_there(path: Path) -> None:
    site = load_site(path, Path("elsewhere"))
    model, _ = load_model(site.model or SPECS / "models" / f"{site.binding.model}.yaml")
    assert site.accepts[model.name] == model.hash, f"accept {model.hash}"
    assert not list(checks.binding(site.binding, model))
    bound = {(t.table, column) for t in site.binding.tables.values() for column in t.columns}
    whole = {(t.name, column) for t in model.tables.values() for column in t.columns}
    if path.parent == OMNIA:  # the design's sample: a database that holds a part of the model
        assert bound < whole
    else:
        assert bound == whole


def test_the_sample_study_finds_its_catalogue_at_its_site() -> None:
    catalogue = load_catalogue(study("fi_municipal", 1, (CENTRE,)), OMNIA, load_site(OMNIA / "site.yaml"))
    assert set(catalogue.codelists["skills_centre"].codes) == {"S01", "S02", "S03"}
    assert catalogue.model.codelists["domestic_languages"].of == "language"
    assert catalogue.site is not None
    assert set(catalogue.site.permits) == {"ESPOO-2021-117"}


def test_the_codes_of_the_sample_are_services_of_the_model() -> None:
    model, _ = load_model(SPECS / "models" / "fi_municipal.yaml")
    centre = load_rows("skills_centre", OMNIA / "codelists" / "skills_centre.csv")
    services = {c.code for c in model.codelists["municipal_service"].codes.values() if "skills_centre" in c.groups}
    assert set(centre.codes) == services


def test_the_permit_of_the_sample_names_physical_columns_that_its_site_binds() -> None:
    site = load_site(OMNIA / "site.yaml")
    bound = {t.physical: {c.physical for c in t.columns.values()} for t in site.binding.tables.values()}
    permit = site.permits["ESPOO-2021-117"]
    assert {table: set(columns) for table, columns in permit.columns.items()} == bound


def test_emigration_is_a_move_out_of_the_country() -> None:
    model, _ = load_model(SPECS / "models" / "fi_municipal.yaml")
    condition = model.roles["emigration"].condition
    assert isinstance(condition, tree.Compare)
    assert isinstance(condition.right, tree.Text)
    assert condition.right.value == "42"
    assert condition.right.span.text == '"42"'
    assert model.roles["death"].condition is None


def test_wages_need_ten_people_and_mother_tongue_is_a_last_known_value() -> None:
    model, _ = load_model(SPECS / "models" / "fi_municipal.yaml")
    assert model.registers["incomes"].rule.minimum_entities == 10
    assert model.tables["employment"].register == "incomes"
    assert model.tables["person"].columns["mother_tongue"].as_of
    assert list(model.codelists["education_level"].codes) == list("3456789")
    assert not model.codelists["municipality"].complete


def test_norwegian_is_a_language() -> None:
    assert "no" in load_codelist(SPECS / "codelists" / "language.yaml", SPECS).codes


def test_the_danish_sample_is_public_and_bound_to_one_table_of_events() -> None:
    site = load_site(DMLATE / "site_open.yaml", Path("data"))
    assert site.policy.mode == "open"
    assert site.connection.path == Path("data")
    assert site.model is not None
    model, _ = load_model(site.model)
    assert all(register.public for register in model.registers.values())
    assert site.binding.tables["death"].where == {"event": ("death",)}
    guarded = load_site(DMLATE / "site_guarded.yaml", Path("data"))
    assert guarded.policy.mode == "guarded"
    assert guarded.ledger != site.ledger
