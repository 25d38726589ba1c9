"""The sample study, changed in one place at a time."""

from __future__ import annotations

import datetime
from pathlib import Path

from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.language import parse
from studyspec.semantics import core, resolve
from studyspec.source import Diagnostic, Source

OMNIA = Path(__file__).parents[2] / "examples" / "omnia"
TEXT = (OMNIA / "omnia_employment.study").read_text(encoding="utf-8")
TODAY = datetime.date(2024, 1, 1)


def resolved(
    *changes: tuple[str, str], site: bool = True, today: datetime.date = TODAY
) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    """The sample after replacing each old text, which must stand in it once, by the new one."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    document = parse(Source("sample.study", text))
    at = load_site(OMNIA / "site.yaml") if site else None
    return resolve(document, load_catalogue(document, OMNIA, at), today)


def study(*changes: tuple[str, str], site: bool = True) -> core.Study:
    found, faults = resolved(*changes, site=site)
    assert found is not None, faults
    return found
