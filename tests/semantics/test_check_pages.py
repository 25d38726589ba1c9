"""The example on the page of each check of conditions, series, timing, lineage, wording and permits shows that fault.

The transcript on the page is what the author is told.  `UPDATE_PAGES=1` writes it anew.
"""

from __future__ import annotations

import ast
import datetime
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.catalogue.types import Permit, Site
from studyspec.language import parse
from studyspec.semantics import resolve
from studyspec.source import Diagnostic, Source

ROOT = Path(__file__).parents[2]
ESPOO = ROOT / "examples" / "espoo"
MODULES = ("logicfaults", "seriesfaults", "timingfaults", "lineagefaults", "wordingfaults")
PERMIT = "ESPOO-2024-1"
#: What a site has to be like for the fault to show, as the page says.
PERMITS: Mapping[str, Mapping[str, object]] = {
    "permit-superseded": {},
    "permit-register": {"registers": ("population", "employment_services")},
    "permit-linkage": {"linkages": (("population", "employment_services"), ("population", "education"))},
    "permit-breakdown": {"breakdowns": ("sex", "birth_date")},
}
AT_SITE = {*PERMITS, "doubled-rows", "not-yet-published"}
TODAY = datetime.date(2024, 6, 1)
#: Codes whose pages are older and show a line alone.
ELSEWHERE = {"look-ahead", "last-known", "before-coverage", "immortal-time"}


def codes() -> list[str]:
    found = set(PERMITS)
    for module in MODULES:
        text = (ROOT / f"studyspec/semantics/{module}.py").read_text(encoding="utf-8")
        calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)]
        named = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "Diagnostic"]
        found |= {str(n.args[0].value) for n in named if isinstance(n.args[0], ast.Constant)}
    return sorted(found - ELSEWHERE)


def whole(fragment: str) -> str:
    """The study that a page's lines stand in."""
    criteria = re.search(r"^(?:include|exclude) .*\Z", fragment, re.MULTILINE | re.DOTALL)
    rest = fragment[: criteria.start()] if criteria else fragment
    head = "study example version 1.0.0\nlanguage en\nmodel fi_municipal 1\n"
    reports = re.search(r"^report .*\Z", rest, re.MULTILINE | re.DOTALL)
    if re.search("^cohort ", fragment, re.MULTILINE):
        return head + fragment
    cohort = "cohort people of person\n    index first jobseeking starting during [2021-01-01, 2023-12-31]\n"
    lines = criteria.group().splitlines() if criteria else []
    cohort += "".join(f"    {line}\n" for line in lines)
    early = re.split(r"^(?=exposure|follow-up|report)", rest, maxsplit=1, flags=re.MULTILINE)
    after = early[1] if len(early) > 1 else ""
    return head + early[0] + cohort + after + ("" if reports else "report attrition\n")


def at_site(code: str) -> Site:
    site = load_site(ESPOO / "site.yaml")
    permit: Permit = replace(site.permits[PERMIT], **PERMITS.get(code, {}))  # type: ignore[arg-type]
    permits = {PERMIT: permit}
    if code == "permit-superseded":
        permits["ESPOO-2025-9"] = replace(permit, id="ESPOO-2025-9", supersedes=PERMIT)
    kind = "register" if code == "not-yet-published" else "synthetic"
    return replace(site, permits=permits, kind=kind)  # type: ignore[arg-type]


def told(code: str, text: str) -> tuple[Diagnostic, ...]:
    document = parse(Source("example.study", text))
    site = at_site(code) if code in AT_SITE else None
    _, found = resolve(document, load_catalogue(document, ESPOO, site), TODAY)
    return found


def transcript(found: tuple[Diagnostic, ...]) -> str:
    lines = []
    for d in found:
        assert d.span is not None
        lines += [f"{d.severity.value}[{d.code}]: {d.message}", f"  | {d.span.text}"]
        lines += [f"  = note: {r.message}: {r.span.text}" for r in d.related]
        lines += [f"  = help: {d.remedy}"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("code", codes())
def test_the_example_shows_the_fault_and_nothing_else(code: str) -> None:
    page = ROOT / f"docs/errors/{code}.md"
    text = page.read_text(encoding="utf-8")
    fragment = re.search(r"```study\n(.*?)```", text, re.DOTALL)
    assert fragment is not None
    found = tuple(d for d in told(code, whole(fragment.group(1))) if code == "unused" or d.code != "unused")
    assert {d.code for d in found} == {code}
    printed = f"```text\n{transcript(found)}```"
    if os.environ.get("UPDATE_PAGES"):
        page.write_text(re.sub(r"```text\n.*?```", lambda _: printed, text, flags=re.DOTALL), encoding="utf-8")
    else:
        assert printed in text
