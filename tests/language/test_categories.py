"""Labels of the categories of a definition: in both spellings, with their comments, and where they cannot stand."""

from __future__ import annotations

import pytest

from studyspec.language import parse, tree
from studyspec.language.format import convert, fmt
from studyspec.source import Refused, Source

HEAD = "study a version 1\n\nlanguage en\n\nmodel m 1\n\n"
CASES = 'define activity "Activity" = cases working "In work" where worked, neither otherwise\n'


def source(text: str, spelling: str = "study") -> Source:
    return Source(f"x.{spelling}", HEAD + text if spelling == "study" else text)


def labels(text: str) -> list[tuple[str, str, str]]:
    (define,) = parse(source(text)).defines
    return [(label.name.text, label.language, label.text) for label in define.categories]


def codes(text: str, spelling: str = "study") -> list[str]:
    with pytest.raises(Refused) as caught:
        parse(source(text, spelling))
    return [d.code for d in caught.value.diagnostics]


def test_a_category_has_a_label_in_another_language_beside_that_of_the_definition() -> None:
    text = CASES + '    label fi "Toiminta"\n    label fi working "Töissä"\n    label fi neither "Ei"\n'
    (define,) = parse(source(text)).defines
    assert [(label.language, label.text) for label in define.labels] == [("fi", "Toiminta")]
    assert labels(text) == [("working", "fi", "Töissä"), ("neither", "fi", "Ei")]


def test_so_has_a_group_of_codes() -> None:
    text = 'define level = education in groups low "Basic" ("1"), high ("2")\n    label sv high "Hög"\n'
    assert labels(text) == [("high", "sv", "Hög")]


def test_words_of_the_language_are_names_of_categories_too() -> None:
    text = 'define x = cases a where b, label where c, fi otherwise\n    label fi label "L"\n    label fi fi "F"\n'
    assert labels(text) == [("label", "fi", "L"), ("fi", "fi", "F")]


def test_labels_of_one_category_are_printed_together() -> None:
    text = CASES + '    label fi neither "Ei"\n    label fi working "T"\n    label sv neither "Inget"\n'
    assert labels(text) == [("neither", "fi", "Ei"), ("neither", "sv", "Inget"), ("working", "fi", "T")]
    assert fmt(source(text)).endswith(
        '    label fi neither "Ei"\n    label sv neither "Inget"\n    label fi working "T"\n'
    )


def test_either_spelling_gives_the_other_with_its_comments() -> None:
    text = HEAD + CASES + (
        '    label fi "Toiminta"\n    # Of the glossary.\n    label fi working "Töissä"  # not: työssä\n'
        '    label sv working "I arbete"\n    legal "Employment"\n'
    )  # fmt: skip
    in_yaml = convert(source(text.removeprefix(HEAD)), "yaml")
    assert in_yaml.endswith(
        "    categories:\n      working:\n        # Of the glossary.\n"
        '        fi: "Töissä"  # not: työssä\n        sv: "I arbete"\n    legal: "Employment"\n'
    )
    assert convert(source(in_yaml, "yaml"), "study") == text


def test_a_comment_above_a_category_in_yaml_is_kept() -> None:
    text = (
        'study: a\nversion: "1"\n\nlanguage: en\n\nmodel: m 1\n\ndefine:\n  x:\n    value: cases a where b, c where d\n'
    )
    more = '    categories:\n      # here\n      a: {fi: "A"}  # there\n'
    assert fmt(source(text + more, "yaml")) == text + (
        '    categories:\n      a:\n        # here\n        fi: "A"  # there\n'
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CASES + '    label fi working "T"\n    label fi working "U"\n', "repeated-statement"),
        (CASES + '    label finnish working "T"\n', "language-code"),
        (CASES + '    label working "T"\n', "language-code"),
        ("define age_group = age at index in bands 18-29\n    label fi young \"N\"\n", "no-categories"),
        ("define other = activity\n    label fi working \"T\"\n", "no-categories"),
        ("parameter home: text = \"a\"\n    label fi working \"T\"\n", "no-categories"),
        (
            "cohort c of person\n    index none\n    include adult where grown\n        label fi working \"T\"\n",
            "no-categories",
        ),
        ("state s\n    label fi working \"T\"\n    level working where grown\n", "no-categories"),
    ],
)  # fmt: skip
def test_what_cannot_be_labelled_is_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("categories: [a]", "yaml-kind"),
        ('categories: {a: "A"}', "yaml-kind"),
        ('categories: {a: {finnish: "A"}}', "language-code"),
        ('categories: {a: {fi: "A", fi: "B"}}', "yaml-duplicate-key"),
    ],
)
def test_labels_in_yaml_are_texts_by_language_by_category(body: str, code: str) -> None:
    text = f'study: a\nversion: "1"\nlanguage: en\nmodel: m 1\ndefine:\n  x:\n    value: cases a where b\n    {body}\n'
    assert codes(text, "yaml") == [code]


def test_only_definitions_have_the_key() -> None:
    text = (
        'study: a\nversion: "1"\nlanguage: en\nmodel: m 1\nparameters:\n  x: {type: text, value: "a", categories: {}}\n'
    )
    assert codes(text, "yaml") == ["yaml-unknown-key"]


def test_a_label_is_no_part_of_the_value() -> None:
    bare, labelled = (parse(source(CASES + more)).defines[0] for more in ("", '    label fi working "T"\n'))
    assert isinstance(labelled.value, tree.Cases)
    assert bare.value == labelled.value
