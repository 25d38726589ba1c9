"""Imports are pinned to what was read; a study's own policy can only protect more."""

from dataclasses import replace
from pathlib import Path

import pytest

from studyspec.catalogue.imports import fingerprint
from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.catalogue.types import Catalogue
from studyspec.language import parse
from studyspec.source import Refused, Source
from tests.catalogue.world import build

COMMON = "study common version 1\nlanguage en\nmodel parish 1\ndefine adult = age at index >= 18\n"
POLICY = """policy: own
version: 1
mode: guarded
minimum_entities: {}
insiders: 2
rounding: {}
zeros: hide
"""


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    build(tmp_path)
    (tmp_path / "common.study").write_text(COMMON)
    return tmp_path


def load(parish: Path, *lines: str, at: bool = False) -> Catalogue:
    text = "\n".join(["study s version 1", "language en", "model parish 1", *lines, ""])
    site = load_site(parish / "site.yaml") if at else None
    return load_catalogue(parse(Source("s.study", text)), parish, site)


def refused(parish: Path, *lines: str, at: bool = False) -> list[str]:
    with pytest.raises(Refused) as found:
        load(parish, *lines, at=at)
    return [one.code for one in found.value.diagnostics]


def line(text: str = COMMON, file: str = "common.study") -> str:
    return f'import adult from "{file}" sha256 "{fingerprint(text)}"'


def test_an_import_is_the_file_that_was_reviewed(parish: Path) -> None:
    found = load(parish, line()).imports["common.study"]
    assert [one.name.text for one in found.defines] == ["adult"]


def test_the_ends_of_lines_do_not_matter(parish: Path) -> None:
    (parish / "common.study").write_bytes(COMMON.replace("\n", "\r\n").encode())
    assert "common.study" in load(parish, line()).imports


def test_a_changed_file_is_refused_with_its_hash(parish: Path) -> None:
    changed = COMMON.replace("18", "16")
    (parish / "common.study").write_text(changed)
    with pytest.raises(Refused) as found:
        load(parish, line())
    (fault,) = found.value.diagnostics
    assert fault.code == "import-changed"
    assert fingerprint(changed) in (fault.remedy or "")


def test_a_file_that_is_missing_outside_or_broken_is_refused(parish: Path) -> None:
    assert refused(parish, line(file="comon.study")) == ["file-missing"]
    assert refused(parish, line(file="../common.study")) == ["path-escapes"]
    broken = COMMON + "cohrt x of person\n"
    (parish / "broken.study").write_text(broken)
    assert refused(parish, line(broken, "broken.study")) == ["unknown-statement"]


def test_what_imports_itself_or_speaks_another_language_is_refused(parish: Path) -> None:
    nested = COMMON.replace("define", line() + "\ndefine")
    (parish / "nested.study").write_text(nested)
    assert refused(parish, line(nested, "nested.study")) == ["import-nested"]
    finnish = COMMON.replace("language en", "language fi")
    (parish / "finnish.study").write_text(finnish)
    assert refused(parish, line(finnish, "finnish.study")) == ["import-language"]


def test_a_study_can_ask_for_more_protection_and_gets_it(parish: Path) -> None:
    floor = load_site(parish / "site.yaml").policy
    own = POLICY.format(floor.minimum_entities + 5, floor.rounding * 2)
    (parish / "policies" / "own.yaml").write_text(own)
    found = load(parish, "policy own", at=True)
    assert found.site is not None
    assert found.site.policy.minimum_entities == floor.minimum_entities + 5
    assert replace(found.site, policy=floor) == load_site(parish / "site.yaml")


def test_a_study_cannot_ask_for_less(parish: Path) -> None:
    (parish / "policies" / "own.yaml").write_text(POLICY.format(1, 1))
    assert refused(parish, "policy own", at=True) == ["policy-weakened"]
    assert load(parish, "policy own").site is None


def test_a_policy_that_is_not_there_is_refused(parish: Path) -> None:
    assert refused(parish, "policy onw") == ["policy-unknown"]
