"""Both spellings say the same, both ways, without loss: every node, every text, every comment."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from studyspec.language import parse, parse_expression, tree, write
from studyspec.language.expressions import expression
from studyspec.language.format import convert, fmt, same
from studyspec.source import Source
from tests.language.language_trees import documents, expressions

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(SLOW, max_examples=400)
@given(expressions)
def test_any_expression_prints_and_reads_back(node: tree.Expr) -> None:
    text = expression(node)
    source = Source("x.study", text)
    assert parse_expression(source.span(0, len(text))) == node
    assert expression(parse_expression(source.span(0, len(text)))) == text


@settings(SLOW, max_examples=150)
@given(documents)
def test_any_study_prints_and_reads_back_in_both_spellings(document: tree.Document) -> None:
    text, yaml = write(document, "study"), write(document, "yaml")
    assert parse(Source("x.study", text)) == document
    assert parse(Source("x.yaml", yaml)) == document


@settings(SLOW, max_examples=100)
@given(documents)
def test_formatting_is_idempotent_and_conversion_there_and_back_changes_nothing(document: tree.Document) -> None:
    text, yaml = Source("x.study", write(document, "study")), Source("x.yaml", write(document, "yaml"))
    assert fmt(text) == text.text
    assert fmt(yaml) == yaml.text
    assert convert(text, "yaml") == yaml.text
    assert convert(yaml, "study") == text.text


def test_a_study_that_does_not_read_back_is_never_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from studyspec.language import format as formatting
    from studyspec.source import Refused

    source = Source("x.study", "study a version 1\nlanguage en\nmodel m 1\n")
    for broken in ("study a version 2\nlanguage en\nmodel m 1\n", "study a version (", ""):
        monkeypatch.setattr(formatting, "write", lambda document, spelling, text=broken: text)
        with pytest.raises(Refused) as caught:
            fmt(source)
        assert [d.code for d in caught.value.diagnostics] == ["format-unsafe"]


def test_comments_take_part_in_the_comparison() -> None:
    document = parse(Source("x.study", "study a version 1 # one\nlanguage en\nmodel m 1\n"))
    assert same(document, "study a version 1 # one\nlanguage   en\nmodel m 1\n", "study")
    assert not same(document, "study a version 1\nlanguage en\nmodel m 1\n", "study")
