"""YAML is read with every character's place, and what could deceive or exhaust is refused before a tree is built."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.language.yamltree import Map, Scalar, Seq, comments, compose, scalars
from studyspec.source import Refused, Source


def codes(text: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        compose(Source("x.yaml", text))
    return [d.code for d in caught.value.diagnostics]


def value(text: str) -> Scalar:
    root = compose(Source("x.yaml", text))
    assert isinstance(root, Map)
    node = root.entries[0][1]
    assert isinstance(node, Scalar)
    return node


def test_codes_stay_text() -> None:
    root = compose(Source("x.yaml", "{a: 0301, b: no, c: 1e3, d: 2020-01-01, e: ~, f: , g: 0x1F}"))
    assert isinstance(root, Map)
    texts = [node.text for _, node in root.entries if isinstance(node, Scalar)]
    assert texts == ["0301", "no", "1e3", "2020-01-01", "~", "", "0x1F"]
    empty = root.get("f")
    assert isinstance(empty, Scalar)
    assert empty.missing


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2", "yaml-duplicate-key"),
        ("a: &x 1", "yaml-anchor"),
        ("a: *x", "yaml-anchor"),
        ("&x a: 1", "yaml-anchor"),
        ("a: !!python/object 1", "yaml-tag"),
        ("a: !x 1", "yaml-tag"),
        ("%YAML 1.1\n---\na: 1", "yaml-tag"),
        ("a: 1\n---\nb: 2", "yaml-documents"),
        ("[a, b]: 1", "yaml-key"),
        ("{a: 1}: 1", "yaml-key"),
        ("", "yaml-empty"),
        ("# only a comment\n", "yaml-empty"),
        ("a: b: c", "yaml-invalid"),
        ("a: 'x", "yaml-invalid"),
        ("a: [1,", "yaml-invalid"),
        ("\ta: 1", "tab-character"),
        ("a: @x", "yaml-invalid"),
        ("a: \u202ex", "invisible-character"),
        ('a: "\\u202ex"', "invisible-character"),
        ('a: "\\0"', "invisible-character"),
        ("a: \ud800", "invisible-character"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: ", "&a [", '["'])
def test_a_hundred_thousand_brackets_are_refused_at_once(opening: str) -> None:
    assert codes(opening * 100_000)[0] in ("yaml-too-deep", "yaml-anchor", "yaml-invalid")


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(9))
    assert codes(bomb) == ["yaml-anchor"]


def test_duplicates_are_all_reported_with_the_first_place() -> None:
    with pytest.raises(Refused) as caught:
        compose(Source("x.yaml", "a: 1\na: 2\nb: {c: 1, c: 2}"))
    spans = [(d.span.start, d.related[0].span.start) for d in caught.value.diagnostics if d.span]
    assert sorted(spans) == [(5, 0), (20, 14)]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: one two", "two"),
        ("a: one\n  two\n\n  three", "three"),
        ("a: 'it''s two'", "two"),
        ('a: "\\u00e4\\t\\x41 \\\n   two \\" three"', "three"),
        ('a: "one\n\n  two"', "two"),
        ("a: |\n  one\n   two\n", "two"),
        ("a: |2-\n   one\n  two\n", "two"),
        ("a: >+\n\n  one\n  two\n   three\n\n  four\n\n", "four"),
        ("a: >-\n  one\n  two\n   three\n\nb: 1", "three"),
        ("ä𐍈: 'é𐍈 two'", "two"),
    ],
)
def test_a_place_inside_a_scalar_is_its_place_in_the_file(text: str, part: str) -> None:
    node = value(text)
    start = node.text.index(part)
    assert node.inner(start, start + len(part)).text == part


def test_an_escape_is_underlined_whole() -> None:
    node = value('a: "x\\u00e4y"')
    assert node.text == "xäy"
    assert node.inner(1, 2).text == "\\u00e4"
    assert value("a: 'x''y'").inner(1, 2).text == "''"
    assert node.inner(3, 3).start == len('a: "x\\u00e4y')


def test_spans_of_collections_end_with_their_content() -> None:
    text = "a:\n  - 1\n  - {b: 2}\n# comment\nc: []\n"
    root = compose(Source("x.yaml", text))
    assert isinstance(root, Map)
    first, second = root.get("a"), root.get("c")
    assert isinstance(first, Seq)
    assert isinstance(second, Seq)
    assert first.span.text == "- 1\n  - {b: 2}"
    assert first.items[1].span.text == "{b: 2}"
    assert second.span.text == "[]"


def test_comments_are_found_between_scalars_only() -> None:
    text = (
        "# first\na: 'x # y' # second\nb: | # third\n  text # no\n  # no\n\n# fourth\n"
        'c: {d: "# no", # fifth\n  e: f#no} #sixth\n#   seventh'
    )
    source = Source("x.yaml", text)
    found = comments(source, compose(source))
    assert [c.text for c in found] == ["first", "second", "third", "fourth", "fifth", "sixth", "  seventh"]
    assert [c.own_line for c in found] == [True, False, False, True, False, False, True]
    assert [c.line for c in found] == [1, 2, 3, 7, 8, 9, 10]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_text_composes_or_is_refused(text: str) -> None:
    try:
        root = compose(Source("x.yaml", text))
    except Refused:
        return
    for node in scalars(root):
        for index in range(len(node.text)):
            place = node.inner(index, index + 1)
            assert node.span.start <= place.start <= place.end <= node.span.end


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=" \n#'\"\\ab:-|>é𐍈", max_size=40), st.sampled_from(['"', "'", "|", ">"]))
def test_visible_characters_keep_their_places_in_every_style(text: str, style: str) -> None:
    import yaml

    spelled = yaml.safe_dump({"a": text}, default_style=style, allow_unicode=True, width=20)
    try:
        root = compose(Source("x.yaml", spelled))
    except Refused:
        return
    assert isinstance(root, Map)
    node = root.entries[0][1]
    assert isinstance(node, Scalar)
    assert node.text == text
    for index, character in enumerate(text):
        place = node.inner(index, index + 1).text
        if not character.isspace():
            assert place == character or (place[:1] == "\\" and node.quoted) or place == "''"
