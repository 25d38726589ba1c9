"""A study of every construct, in both spellings: each node stands in it, and each file is the other's conversion.

Renew the YAML with `studyspec convert tests/language/whole.study --to yaml`, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

from studyspec.language import parse, tree
from studyspec.language.format import convert, fmt
from studyspec.language.layout import STATEMENTS
from studyspec.language.yamlkeys import KEYS, ONE_OF, REPORTS
from studyspec.language.yamltree import Map, Seq, YamlNode, compose
from studyspec.source import read
from tests.language.test_roundtrip import _kinds, nodes

FOLDER = Path(__file__).parent
STUDY, YAML = read(FOLDER / "whole.study"), read(FOLDER / "whole.yaml")


#: A study has one follow-up, and an outcome one event: what cannot stand in it besides what does.
OTHERWISE = {tree.FollowUpRecorded, tree.Censored}


def test_every_node_stands_in_it() -> None:
    assert _kinds() - {type(node) for node in nodes(parse(STUDY))} == OTHERWISE


def test_every_statement_and_every_clause_stands_in_it() -> None:
    begins = [line.strip() for line in STUDY.text.splitlines()]
    words = {*STATEMENTS, *(word for clauses in STATEMENTS.values() for word in clauses)} - {
        "last",
        "first",
        "first-ever",
        "exactly",
        "censored",
    }
    assert {word for word in words if not any(line.startswith(f"{word} ") for line in begins)} == set()


def test_both_spellings_are_one_tree_in_canonical_form() -> None:
    assert parse(STUDY) == parse(YAML)
    assert fmt(STUDY) == STUDY.text
    assert convert(STUDY, "yaml") == YAML.text
    assert convert(YAML, "study") == STUDY.text


def keys(node: YamlNode) -> set[str]:
    """Every key of a document."""
    if isinstance(node, Map):
        return {key.text for key, _ in node.entries}.union(*(keys(value) for _, value in node.entries))
    return set().union(*map(keys, node.items)) if isinstance(node, Seq) else set()


def test_every_key_of_the_yaml_spelling_stands_in_it() -> None:
    named = {key for kind, held in KEYS.items() if kind != "period" for key in held}
    assert named - keys(compose(YAML)) == {"recorded in", "censored"}


def test_the_tables_of_keys_agree_with_one_another() -> None:
    assert set(REPORTS.values()) <= set(KEYS)
    assert all(set(group) <= set(KEYS[kind]) for kind, group in ONE_OF.items())
    kinds = {
        part.partition(":")[2] for held in KEYS.values() for key in held.values() for part in key.holds.split("/")
        if part.partition(":")[0] in ("each", "list", "one")
    }  # fmt: skip
    assert kinds <= {*KEYS, "text", "report"}
