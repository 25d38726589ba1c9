"""The design's sample study, in both spellings: one tree, places to the column, a canonical form that is its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studyspec.language import parse, tree
from studyspec.language.format import convert, fmt
from studyspec.source import Source, Span, read

ROOT = Path(__file__).parents[2]
STUDY = read(ROOT / "examples/omnia/omnia_employment.study")
YAML = read(ROOT / "examples/omnia/omnia_employment.yaml")


@pytest.fixture(scope="module", params=[STUDY, YAML], ids=["study", "yaml"])
def document(request: pytest.FixtureRequest) -> tree.Document:
    return parse(request.param)


def nodes(value: Any) -> Iterator[Any]:
    """Every node under a value."""
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)
    elif is_dataclass(value) and hasattr(value, "span"):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))


def test_both_spellings_are_one_tree() -> None:
    assert parse(STUDY) == parse(YAML)


def test_both_are_in_canonical_form_and_convert_into_each_other() -> None:
    assert fmt(STUDY) == STUDY.text
    assert fmt(YAML) == YAML.text
    assert convert(STUDY, "yaml") == YAML.text
    assert convert(YAML, "study") == STUDY.text


def test_the_statements_are_all_there(document: tree.Document) -> None:
    assert (document.header.name.text, document.header.version) == ("omnia_employment", "1.0.0")
    assert [(t.language, t.text[:4]) for t in document.titles] == [("en", "Empl"), ("fi", "Työl")]
    assert (document.model.name.text, document.model.version) == ("fi_municipal", 1)
    assert [p.id.value for p in document.permits] == ["ESPOO-2021-117"]
    home, group = document.parameters
    assert (home.type.kind, home.type.list and home.type.list.text) == ("code", "municipality")
    assert isinstance(home.value, tree.Text)
    assert home.value.value == "049"
    assert [a.code for a in group.allows] == ["last-known"]
    assert [c.name.text for c in document.cohorts[0].criteria] == ["adult", "resident", "group", "earlier"]
    assert [level.where is None for level in document.exposures[0].levels] == [False, True]
    assert [o.name.text for o in document.outcomes] == ["employed", "studying"]
    assert [r.kind for r in document.reports] == ["attrition", "baseline", "risk"]
    assert [t.amount for t in document.reports[2].times] == [1, 2, 3]


def test_the_expressions_mean_what_they_say(document: tree.Document) -> None:
    bands = document.defines[0].value
    assert isinstance(bands, tree.Bands)
    assert [(b.low, b.high) for b in bands.bands] == [(18, 29), (30, 44), (45, 64)]
    assert isinstance(bands.operand, tree.At)
    days = document.defines[1].value
    assert isinstance(days, tree.Rows)
    assert isinstance(days.window, tree.Interval)
    assert (days.quantifier, days.window.low_closed, days.window.high_closed) == ("days of", True, False)
    assert isinstance(days.window.low, tree.Shift)
    end = document.follow_up and document.follow_up.end
    assert isinstance(end, tree.Earliest)
    assert [type(item).__name__ for item in end.items] == ["Shift", "Name", "Name", "Anchor"]
    between = document.cohorts[0].criteria[0].where
    assert isinstance(between, tree.Between)
    assert between.high == tree.Number(value=Decimal(64), span=between.span)


def test_every_place_is_right_to_the_column(document: tree.Document) -> None:
    """Leaves are underlined as they are written; what holds them spans them."""
    for node in nodes(document):
        span: Span = node.span
        if isinstance(node, tree.Name):
            assert span.text == node.text
        elif isinstance(node, tree.Text):
            assert span.text == f'"{node.value}"'
        elif isinstance(node, tree.Number):
            assert span.text == str(node.value)
        elif isinstance(node, tree.Date):
            assert span.text == node.value.isoformat()
        elif isinstance(node, tree.Anchor):
            assert span.text == node.name
        elif isinstance(node, tree.Duration):
            assert span.text.split() == [str(node.amount), *span.text.split()[1:]]
        elif isinstance(node, tree.Rows):
            assert span.text.startswith(node.quantifier)
        elif isinstance(node, tree.Compare):
            assert f" {node.op} " in span.text
            assert (span.start, span.end) == (node.left.span.start, node.right.span.end)


def test_places_of_the_yaml_spelling_hold_under_every_style_of_scalar() -> None:
    expression = 'any service before index with code in ("1", "2") or age at index >= 18'
    quoted = expression.replace('"', '\\"')
    styles = [
        f"  x: {expression}\n",
        f"  x: '{expression}'\n",
        f'  x: "{quoted}"\n',
        f"  x: |\n    {expression}\n",
        "  x: >-\n      " + expression.replace(" with", "\n      with").replace(" or", "\n      or") + "\n",
        "  x:\n    " + expression.replace(" with", "\n    with") + "\n",
    ]
    for style in styles:
        text = f"study: a\nversion: 1.0.0\nlanguage: en\nmodel: m 1\ndefine:\n{style}"
        if " or age" in style and "with code" in style:
            text = text.replace("with code in", "with (code in").replace('2")', '2"))').replace('2\\")', '2\\"))')
        document = parse(Source("x.yaml", text))
        for node in nodes(document.defines[0].value):
            if isinstance(node, tree.Name | tree.Number | tree.Anchor):
                assert node.span.text in ("service", "index", "code", "age", "18")
            if isinstance(node, tree.Text):
                assert node.span.text.replace("\\", "") == f'"{node.value}"'
