"""A site takes what its steward accepted, from its own folder, and nothing else."""

import os
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.catalogue.policies import load_policy, weakens
from studyspec.catalogue.types import Policy
from tests.catalogue.world import ROOT, build, change, load, refusals, study, underlined

TOWN = (("town", "town.csv"),)


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    (tmp_path / "parish").mkdir()
    return build(tmp_path / "parish")


def codes(*arguments: object) -> list[str]:
    return [d.code for d in refusals(*arguments)]


# --- acceptance ------------------------------------------------------------------------------------------------------


def test_a_list_beside_the_study_is_used_once_accepted(parish: Path) -> None:
    town = load(parish, study(codelists=TOWN), site=False).codelists["town"]
    change(parish / "site.yaml", "accepts:", f"accepts:\n  town: {town.hash}")
    assert load(parish, study(codelists=TOWN)).codelists["town"] == town
    change(parish / "town.csv", "Harbour", "Harbor")
    assert codes(load, parish, study(codelists=TOWN)) == ["not-accepted"]


def test_the_sites_own_copy_of_a_model_wins_over_one_beside_the_study(parish: Path, tmp_path: Path) -> None:
    softer = build(tmp_path)
    change(softer / "models" / "parish.yaml", "minimum_entities: 3", "minimum_entities: 1")
    site = load_site(parish / "site.yaml")
    assert load_catalogue(study(), softer, site).model.registers["parish_register"].rule.minimum_entities == 3
    assert load_catalogue(study(), softer, None).model.registers["parish_register"].rule.minimum_entities == 1


def test_without_a_copy_of_its_own_a_site_still_takes_the_accepted_model_only(parish: Path, tmp_path: Path) -> None:
    softer = build(tmp_path)
    change(parish / "site.yaml", "model: models/parish.yaml", "# no copy")
    site = load_site(parish / "site.yaml")
    assert load_catalogue(study(), softer, site).model.hash == site.accepts["parish"]
    change(softer / "models" / "parish.yaml", "minimum_entities: 3", "minimum_entities: 1")
    assert codes(load_catalogue, study(), softer, site) == ["not-accepted"]


def test_the_library_is_used_where_no_model_stands_beside_the_study(tmp_path: Path) -> None:
    assert load_catalogue(study("fi_municipal"), tmp_path, None).model.name == "fi_municipal"


def test_another_model_than_the_sites_is_unknown_there(parish: Path) -> None:
    (found,) = refusals(load, parish, study("fi_municipal"))
    assert found.code == "model-unknown"
    assert underlined(found) == "fi_municipal"


# --- paths -----------------------------------------------------------------------------------------------------------

ESCAPES = [
    "../town.csv",
    "a/../../town.csv",
    "/etc/passwd",
    "~/town.csv",
    "..",
    "\\\\host\\share",
    "C:/town.csv",
    "file:town.csv",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_a_study_names_no_file_outside_its_folder(path: str, parish: Path) -> None:
    (parish.parent / "town.csv").write_text("code\n01\n")
    (found,) = refusals(lambda: load(parish, study(codelists=(("town", path),)), site=False))
    assert found.code == "path-escapes"
    assert underlined(found) == f'"{path}"'


@pytest.mark.parametrize("link", ["town.csv", "codelists/town.csv"])
def test_links_that_lead_out_are_refused(link: str, parish: Path) -> None:
    (parish.parent / "secret.csv").write_text("code\n01\n")
    (parish / link).unlink(missing_ok=True)
    os.symlink(parish.parent / "secret.csv", parish / link)
    assert codes(lambda: load(parish, study(codelists=(("town", link),)), site=False)) == ["path-escapes"]
    os.symlink(parish.parent, parish / "up")
    assert codes(lambda: load(parish, study(codelists=(("town", "up/secret.csv"),)), site=False)) == ["path-escapes"]


def test_links_inside_the_folder_are_fine(parish: Path) -> None:
    os.symlink(parish / "town.csv", parish / "codelists" / "same.csv")
    document = study(codelists=(("town", "codelists/same.csv"),))
    assert "town" in load(parish, document, site=False).codelists


def test_a_model_that_is_a_link_out_of_the_study_is_refused(parish: Path) -> None:
    (parish / "models" / "parish.yaml").rename(parish.parent / "parish.yaml")
    os.symlink(parish.parent / "parish.yaml", parish / "models" / "parish.yaml")
    assert codes(lambda: load(parish, site=False)) == ["path-escapes"]


@pytest.mark.parametrize(
    "key", ["binding: bindings/parish_db.yaml", "model: models/parish.yaml", "key: state/site.key"]
)
def test_a_site_names_no_document_outside_its_folder(key: str, parish: Path) -> None:
    word, path = key.split(": ")
    change(parish / "site.yaml", key, f"{word}: ../{path}")
    assert codes(load_site, parish / "site.yaml") == ["path-escapes"]


def test_paths_are_found_from_the_site_wherever_one_stands(parish: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(parish.parent)
    site = load_site(Path("parish/site.yaml"))
    assert site.ledger == Path("parish/state/ledger.jsonl")
    assert site.root == Path("parish")


# --- data ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["synthetic", "public"])
def test_invented_and_public_data_may_lie_where_the_command_says(kind: str, parish: Path) -> None:
    change(parish / "site.yaml", "kind: register", f"kind: {kind}")
    assert load_site(parish / "site.yaml", Path("../elsewhere")).connection.path == Path("../elsewhere")
    assert load_site(parish / "site.yaml").connection.path == Path("/srv/parish/extract")


def test_a_relative_path_of_data_stays_below_the_site(parish: Path) -> None:
    change(parish / "site.yaml", "/srv/parish/extract", "../extract")
    assert codes(load_site, parish / "site.yaml") == ["path-escapes"]
    change(parish / "site.yaml", "../extract", "extract")
    assert load_site(parish / "site.yaml").connection.path == parish / "extract"


# --- policies --------------------------------------------------------------------------------------------------------

DEFAULT = load_policy(ROOT / "specs" / "policies" / "default.yaml")
OPEN = load_policy(ROOT / "specs" / "policies" / "open.yaml")


def policy(minimum: int = 5, insiders: int = 2, rounding: int = 5, zeros: str = "hide") -> Policy:
    return Policy("p", 1, "guarded", minimum, insiders, rounding, "show" if zeros == "show" else "hide")


def test_the_default_policy_is_the_one_in_the_docs() -> None:
    assert (DEFAULT.minimum_entities, DEFAULT.insiders, DEFAULT.rounding, DEFAULT.zeros) == (5, 2, 5, "hide")


def test_no_policy_weakens_itself_and_open_weakens_all() -> None:
    assert weakens(DEFAULT, DEFAULT) == ()
    assert set(weakens(OPEN, DEFAULT)) == {"mode", "minimum_entities", "insiders", "rounding", "zeros"}
    assert weakens(DEFAULT, OPEN) == ()


def test_each_rule_can_be_weakened_on_its_own() -> None:
    assert weakens(policy(minimum=4), DEFAULT) == ("minimum_entities",)
    assert weakens(policy(insiders=1), DEFAULT) == ("insiders",)
    assert weakens(policy(rounding=3), DEFAULT) == ("rounding",)
    assert weakens(policy(zeros="show"), DEFAULT) == ("zeros",)
    assert weakens(policy(minimum=10, insiders=3, rounding=10), DEFAULT) == ()


def test_coarser_rounding_on_another_base_is_no_stronger() -> None:
    assert weakens(policy(rounding=7), DEFAULT) == ("rounding",)
