"""Both spellings say the same, both ways, without loss: every node, every text, every comment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings

from studyspec.language import parse, parse_expression, terms, tree, write
from studyspec.language.expressions import expression
from studyspec.language.format import convert, fmt, same
from studyspec.source import Source, Span
from tests.language.language_trees import PARTS, documents, expressions, indexes

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(SLOW, max_examples=400)
@given(expressions)
def test_any_expression_prints_and_reads_back(node: tree.Expr) -> None:
    text = expression(node)
    source = Source("x.study", text)
    assert parse_expression(source.span(0, len(text))) == node
    assert expression(parse_expression(source.span(0, len(text)))) == text


@settings(SLOW, max_examples=200)
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


def _kinds() -> set[type]:
    """Every node that a document may hold: what `terms` and `tree` define, without what only others inherit from."""
    found = {kind for module in (terms, tree) for kind in vars(module).values() if isinstance(kind, type)}
    nodes = {kind for kind in found if issubclass(kind, tree.Node) or kind in (tree.Document, tree.Comments)}
    return nodes - {tree.Node, tree.Element, tree.Named}


def _choices() -> set[tuple[str, str, str]]:
    """Every word that a node's field chooses from: node, field, word."""
    found = set()
    for kind in _kinds():
        for field, hint in get_type_hints(kind).items():
            for option in (hint, *get_args(hint)):
                if get_origin(option) is Literal:
                    found |= {(kind.__name__, field, word) for word in get_args(option)}
    return found


def test_every_node_and_every_choice_is_generated() -> None:
    kinds: set[type] = set()
    choices: set[tuple[str, str, str]] = set()

    for strategy, count in ((indexes, 200), *((part, 50) for part in (documents, expressions, *PARTS.values()))):

        @settings(SLOW, max_examples=count, derandomize=True, database=None)
        @given(strategy)
        def gather(value: Any) -> None:
            for node in nodes(value):
                kinds.add(type(node))
                choices.update((type(node).__name__, f.name, str(getattr(node, f.name))) for f in fields(node))

        gather()
    assert _kinds() - kinds == set()
    assert _choices() - choices == set()


def nodes(value: Any) -> Iterator[Any]:
    """A value's nodes, and the comments at them."""
    if isinstance(value, tuple):
        for item in value:
            yield from nodes(item)
    elif is_dataclass(value) and not isinstance(value, Span):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))


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
