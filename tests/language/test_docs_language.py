"""Every example of docs/language.md is read; those of the model `fi_municipal` mean something there."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from studyspec.catalogue.load import load_catalogue
from studyspec.language import parse, parse_expression
from studyspec.semantics import resolve
from studyspec.source import Source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
HEAD = "study a version 1\nlanguage en\nmodel fi_municipal 1\n"
#: Beginnings of the examples that are about what the model or its files lack.
ONLY_READ = ("study small", "import ", "follow-up recorded", "outcome relapse", "code in procedures")
#: What the examples take from each other, each left out where an example says it itself.
AROUND = [
    'codelist skills_centre "codelists/skills_centre.csv"',
    'parameter home: code of municipality = "049"',
    "parameter client_group: condition = mother_tongue not in domestic_languages\n"
    '    allow last-known because "Tested."',
    "define age_group = age at index in bands 18-29, 30-44, 45-64",
    "define earnings = sum of amount of pay during [index - 1 year, index)",
    "define employed_then = any employment covering index",
    "cohort clients of person\n    index first jobseeking starting during [2020-01-01, 2021-12-31]",
    "cohort new_clients of person\n    index first-ever jobseeking starting during [2020-01-01, 2021-12-31]",
    "cohort monthly of person\n    index every month during [2020-01-01, 2020-12-31]",
    "exposure pathway during [index, index + 180 days)\n"
    "    level okm where any service starting during window\n    level usual otherwise",
    "follow-up from index + 180 days to earliest(index + 3 years, death, emigration, end of data)",
    "outcome employed\n    first employment starting during follow-up",
    "outcome died\n    death",
    "outcome planned\n    every planned_service during follow-up",
    "state activity\n    level working where any employment covering that day\n    level neither otherwise",
    "report attrition in clients",
]


def parts() -> list[tuple[str, str]]:
    """Every example in its kind, an expression for itself."""
    found = []
    for kind, text in BLOCKS:
        found += [(kind, line) for line in text.splitlines()] if kind == "expression" else [(kind, text)]
    return found


def errors(text: str) -> list[str]:
    document = parse(Source("x.study", text))
    _, faults = resolve(document, load_catalogue(document, ROOT / "examples/omnia", None), datetime.date(2024, 1, 1))
    return [f"{f.code}: {f.span.text if f.span else ''}" for f in faults if f.severity == "error"]


def whole(example: str) -> str:
    """A study of an example and what it takes from others, and these from others again."""
    needed: dict[str, str] = {}
    told = HEAD + example
    while more := [one for one in AROUND if one not in needed and _named(one, told) and not _given(one, example)]:
        needed |= dict.fromkeys(more, "")
        told = "\n".join([HEAD, *(one for one in AROUND if one in needed), example, ""])
    return told


def _head(statement: str) -> tuple[str, str]:
    kind, name = re.findall(r"[\w-]+", statement)[:2]
    return kind, name


def _given(statement: str, example: str) -> bool:
    """Whether an example says it itself."""
    kind, name = _head(statement)
    name = "" if kind in ("follow-up", "report") else rf" {name}\b"
    return re.search(rf"^{kind}{name}", example, re.MULTILINE) is not None


def _named(statement: str, text: str) -> bool:
    """Whether a text needs it: every study is of a cohort and has a report."""
    kind, name = _head(statement)
    if kind == "follow-up":
        return re.search(r"^(outcome|state|exposure \w+( \".*\")? varying)", text, re.MULTILINE) is not None
    return kind == "report" or name == "clients" or re.search(rf"\b{name}\b", text) is not None


@pytest.mark.parametrize(("kind", "text"), BLOCKS, ids=[text.split("\n")[0][:40] for _, text in BLOCKS])
def test_the_example_is_read(kind: str, text: str) -> None:
    if kind == "expression":
        for line in text.splitlines():
            parse_expression(Source("x", line).span(0, len(line)))
    else:
        assert kind in ("study", "yaml")
        alone = kind == "yaml" or text.startswith("study ")
        parse(Source(f"x.{kind}", text if alone else HEAD + text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [one for one in parts() if one[0] != "yaml" and not one[1].startswith(ONLY_READ)],
    ids=lambda value: value.split("\n")[0][:50],
)
def test_the_example_means_something(kind: str, text: str) -> None:
    if kind == "expression":
        text = f"define probe = {text}"
    assert errors(text if text.startswith("study ") else whole(text)) == []


def test_there_are_examples() -> None:
    assert len(BLOCKS) >= 10
