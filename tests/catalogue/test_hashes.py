"""A hash tells whether a document says the same, however it is laid out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studyspec.catalogue.bindings import load_binding
from studyspec.catalogue.canonical import codelist_digest, digest
from studyspec.catalogue.codelists import load_codelist, load_rows
from studyspec.catalogue.load import load_model
from studyspec.catalogue.permits import load_permit
from studyspec.catalogue.policies import load_policy
from studyspec.catalogue.types import (
    Binding,
    BoundColumn,
    BoundTable,
    Code,
    CodeList,
    Column,
    DisclosureRule,
    Entity,
    Model,
    Register,
    Table,
    ValueType,
)
from tests.catalogue.world import build, change

LOADERS: dict[str, Callable[[Path], str]] = {
    "models/parish.yaml": lambda path: load_model(path)[0].hash,
    "codelists/parish.yaml": lambda path: load_codelist(path, path.parent).hash,
    "bindings/parish_db.yaml": lambda path: load_binding(path).hash,
    "policies/strict.yaml": lambda path: load_policy(path).hash,
    "permits/2020-7.yaml": lambda path: load_permit(path).hash,
}


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    return build(tmp_path)


@pytest.mark.parametrize("name", LOADERS)
def test_comments_blank_lines_and_line_ends_do_not_count(name: str, parish: Path) -> None:
    before = LOADERS[name](parish / name)
    text = (parish / name).read_text(encoding="utf-8")
    lines = [f"{line}  # a remark" if line.endswith("}") else line for line in text.splitlines()]
    (parish / name).write_bytes("\r\n\r\n".join(["# first", *lines]).encode())
    assert LOADERS[name](parish / name) == before


@pytest.mark.parametrize("name", LOADERS)
def test_every_document_has_a_hash_of_its_own(name: str, parish: Path) -> None:
    found = [load(parish / other) for other, load in LOADERS.items()]
    assert all(len(value) == 71 for value in found)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("models/parish.yaml", "label: {en: Parishioners}", "label:\n  en: 'Parishioners'"),
        ("models/parish.yaml", "low: 1, high: 8", "high: 8, low: 1"),
        ("models/parish.yaml", 'parish = "01"', 'parish   =   "01"'),
        (
            "models/parish.yaml",
            "sensitivity: quasi-identifier}",
            "sensitivity: quasi-identifier, synth: {low: 1950-01-01}}",
        ),
        ("bindings/parish_db.yaml", "person_id: HNRO", "person_id: {physical: HNRO}"),
        ("bindings/parish_db.yaml", 'nulls: "2222-11-11"', 'nulls: ["2222-11-11"]'),
        ("codelists/parish.yaml", 'version: "2020"', "version: 2020"),
    ],
)
def test_spelling_order_of_keys_and_hints_do_not_count(name: str, old: str, new: str, parish: Path) -> None:
    before = LOADERS[name](parish / name)
    change(parish / name, old, new)
    assert LOADERS[name](parish / name) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("models/parish.yaml", "minimum_entities: 3", "minimum_entities: 2"),
        ("models/parish.yaml", "public: false", "public: true"),
        ("models/parish.yaml", "sensitivity: direct identifier", "sensitivity: ordinary"),
        ("models/parish.yaml", 'parish = "01"', 'parish = "02"'),
        ("models/parish.yaml", "en: Burials", "en: Weddings"),
        ("models/parish.yaml", "        as_of: extraction", "        # as_of"),
        ("codelists/parish.csv", "Harbour", "Harbor"),
        ("codelists/parish.csv", "2015", "2016"),
        ("bindings/parish_db.yaml", "shift_days: 1", "shift_days: 2"),
        ("policies/strict.yaml", "minimum_entities: 8", "minimum_entities: 7"),
        ("permits/2020-7.yaml", "LAJI]", "LAJI, MUU]"),
        ("models/parish.yaml", "2016-01-01", "2016-01-02"),
        ("models/parish.yaml", "clusters: {household: household_id}", "# no clusters"),
        ("models/parish.yaml", "percent: 75", "percent: 85"),
        ("models/parish.yaml", "deaths per million days", "deaths per year"),
        ("codelists/parish.csv", "2015-12-31,1,01", "2015-12-31,,01"),
        ("codelists/parish.csv", "2015-12-31,1,01", "2015-12-31,1,"),
        ("bindings/parish_db.yaml", "identity: [parish]", ""),
        ("bindings/parish_db.yaml", "until: 2004-12-31", "until: 2003-12-31"),
        ("permits/2020-7.yaml", "breakdowns: [SPVM, SUKUP, SRK]", "breakdowns: []"),
    ],
)
def test_what_a_document_says_counts(name: str, old: str, new: str, parish: Path) -> None:
    loader = LOADERS[name] if name in LOADERS else LOADERS["codelists/parish.yaml"]
    place = parish / (name if name in LOADERS else "codelists/parish.yaml")
    before = loader(place)
    change(parish / name, old, new)
    assert loader(place) != before


def test_a_change_in_a_code_list_changes_its_model(parish: Path) -> None:
    before = LOADERS["models/parish.yaml"](parish / "models/parish.yaml")
    change(parish / "codelists" / "parish.csv", "Harbour", "Harbor")
    assert LOADERS["models/parish.yaml"](parish / "models/parish.yaml") != before


def test_the_order_of_codes_counts_because_tables_follow_it(parish: Path) -> None:
    before = load_rows("town", parish / "town.csv").hash
    rows = (parish / "town.csv").read_text().splitlines()
    (parish / "town.csv").write_text("\n".join([rows[0], rows[2], rows[1]]))
    assert load_rows("town", parish / "town.csv").hash != before


def test_quotes_and_order_of_columns_in_a_csv_file_do_not_count(parish: Path) -> None:
    before = load_rows("town", parish / "town.csv").hash
    (parish / "town.csv").write_text('label_en,code,group,valid_to\r\n"Cathedral","01",town,\r\nHarbour,02,,\r\n')
    assert load_rows("town", parish / "town.csv").hash == before


def test_what_a_document_does_not_say_has_no_part_in_its_hash() -> None:
    """Sites accept models by hash: one given before a key existed holds as long as the key is not used."""
    codelist = CodeList("sex", "1", {"en": "Sex"}, "Manual", {"1": Code("1", {"en": "Man"})})
    assert codelist_digest(codelist) == "sha256:bfeb3ee24605fe8968b115b53c5f516dfb24eddb750c1e78f1e72aea01fe8431"
    rule = DisclosureRule(3)
    register = Register("parish", {"en": "Parish"}, "The parish", rule)
    column = Column("id", ValueType("identifier"), {"en": "Id"}, "parish")
    table = Table("person", {"en": "People"}, "person", "id", "attributes", "parish", {"id": column})
    entity = Entity("person", {"en": "person"}, {"en": "people"}, "person", {})
    model = Model("m", 1, {"en": "M"}, {"person": entity}, {"person": table}, {"parish": register}, {}, {})
    assert digest("model", model) == "sha256:0c56d82e1a5aa51f00d9d46dbaafa9cfd2e6d5cd538af70da76666ac52cd1d2a"
    binding = Binding("b", "m", 1, {"person": BoundTable("person", "P", {"id": BoundColumn("ID")})})
    assert digest("binding", binding) == "sha256:3a036b0fc75a3873b1ac4b2f65fa6820916027c6ac13f5189218394c19b19a88"
