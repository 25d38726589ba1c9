"""What a study imports: the definitions it names and what they read, word for word as they were reviewed."""

from pathlib import Path

import pytest

from studyspec.catalogue.imports import fingerprint
from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.source import Diagnostic, Source
from tests.semantics.sample import TODAY

COMMON = """study common version 1
language en
model fi_municipal 1
parameter grown: integer = 18
define years = age at index
define adult "Grown up" = years >= grown
define broken = no_such_thing
cohort all of person
    index at 2020-01-01
report attrition
"""
STUDY = """study s version 1
language en
model fi_municipal 1
IMPORT
cohort clients of person
    index at 2020-01-01
    include grown_up where adult
report attrition
"""


def understood(
    folder: Path, names: str = "adult", more: str = "", common: str = COMMON
) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    (folder / "common.study").write_text(common)
    line = f'import {names} from "common.study" sha256 "{fingerprint(common)}"\n{more}'
    document = parse(Source("s.study", STUDY.replace("IMPORT\n", line)))
    return resolve(document, load_catalogue(document, folder, None), TODAY)


def test_a_definition_comes_with_what_it_reads_and_its_labels(tmp_path: Path) -> None:
    found, _ = understood(tmp_path)
    assert found is not None
    assert [one.name for one in found.definitions] == ["years", "adult"]
    assert found.definitions[1].labels["en"] == "Grown up"
    assert [one.name for one in found.parameters] == ["grown"]


def test_an_imported_definition_means_what_it_would_mean_if_written_here(tmp_path: Path) -> None:
    imported, _ = understood(tmp_path)
    (tmp_path / "own").mkdir()
    text = STUDY.replace("IMPORT\n", "define years = age at index\ndefine adult = years >= 18\n")
    document = parse(Source("s.study", text))
    own, _ = resolve(document, load_catalogue(document, tmp_path / "own", None), TODAY)
    assert imported is not None
    assert own is not None
    assert imported.hash == own.hash


def test_a_name_the_file_does_not_define_is_told_with_near_ones(tmp_path: Path) -> None:
    found, faults = understood(tmp_path, "adlt, adult")
    assert found is None
    (fault,) = faults
    assert (fault.code, fault.span.text if fault.span else "") == ("unknown-name", "adlt")
    assert "adult" in (fault.remedy or "")


@pytest.mark.parametrize(("name", "own"), [("adult", "adult"), ("adult", "years")])
def test_a_name_of_ones_own_does_not_change_what_is_imported(tmp_path: Path, name: str, own: str) -> None:
    found, faults = understood(tmp_path, name, f"define {own} = age at index > 5\n")
    assert found is None
    assert [fault.code for fault in faults if fault.severity == "error"] == ["import-clash"]


def test_what_is_wrong_in_an_imported_definition_is_told_where_it_stands(tmp_path: Path) -> None:
    found, faults = understood(tmp_path, "adult, broken")
    assert found is None
    (fault,) = [fault for fault in faults if fault.severity == "error"]
    assert fault.code == "unknown-name"
    assert fault.span is not None
    assert fault.span.source.name.endswith("common.study")
