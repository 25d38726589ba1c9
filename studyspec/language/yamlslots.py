"""What a place of a YAML study may hold: names, texts, expressions, lists and mappings, each checked in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from studyspec.language import build, faults, leaves, tree, yamlfaults
from studyspec.language.characters import word_end
from studyspec.language.lexer import Fault
from studyspec.language.slots import read_scalar
from studyspec.language.yamlkeys import KEYS, ONE_OF
from studyspec.language.yamltree import Map, Scalar, Seq, YamlNode
from studyspec.source import Diagnostic, Refused

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:[-+][0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*)?")
_CHECK_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BREAKS = re.compile(r"[ \t]*\n\s*|\t")


class Slots:
    """Readers of single places; they raise Refused, and `guarded` gathers what they raise."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []
        #: Mappings with a key that is not known: what they lack is most likely what that key should say.
        self.puzzling: set[Map] = set()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """A fault inside stays inside: the next element is read all the same."""
        try:
            yield
        except Refused as refused:
            self.faults.extend(refused.diagnostics)
        except Fault as fault:
            self.faults.append(fault.diagnostic)

    def known(self, node: Map, where: str, kind: str) -> None:
        """Reports keys that do not belong in a mapping of this kind."""
        keys = tuple(KEYS[kind])
        missing = [name for name, key in KEYS[kind].items() if key.needed and node.get(name) is None]
        for key, _ in node.entries:
            if key.text not in KEYS[kind]:
                self.puzzling.add(node)
                self.faults.append(yamlfaults.yaml_unknown_key(key.text, where, keys, key.span, missing))

    def chosen(self, node: Map, what: str, kind: str) -> str:
        """Which of the keys stands in the mapping that exclude one another.  Raises Refused, with nothing to say where
        `known` has said it."""
        given = [key.text for key, _ in node.entries if key.text in ONE_OF[kind]]
        if not given and node in self.puzzling:
            raise Refused
        if len(given) != 1:
            expected, remedy = (
                f"given by one of {faults.listed(ONE_OF[kind])}",
                "Keep one of them." if given else f"Add {ONE_OF[kind][0]}: …",
            )
            raise Refused(yamlfaults.yaml_kind(what, expected, node.span, remedy))
        return given[0]

    def true(self, node: YamlNode, what: str) -> None:
        text = self.scalar(node, what, "true").text
        if text != "true" and text.lower() == "true":
            raise Refused(faults.keyword_case(text, "true", node.span))
        if text != "true":
            raise Refused(yamlfaults.yaml_kind(what, "true", node.span, f"Write {what}: true, or leave it out."))

    def choice(self, node: YamlNode, kind: str, key: str) -> Any:
        """One of the words that a key may hold."""
        words = KEYS[kind][key].holds.split("|")
        word = self.scalar(node, key, faults.listed(words)).text
        if word not in words:
            raise Refused(yamlfaults.yaml_kind(key, faults.listed(words), node.span, f"Write {key}: {words[0]}"))
        return word

    def need(self, node: Map, key: str, owner: Scalar | None) -> YamlNode:
        """What stands under a key.  Raises Refused, with nothing to say where `known` has said it."""
        found = node.get(key)
        if found is None and node in self.puzzling:
            raise Refused
        if found is None:
            where = "This" if owner is None else owner.text
            span = node.span if owner is None else owner.span
            raise Refused(yamlfaults.yaml_missing_key(key, where, span))
        return found

    def scalar(self, node: YamlNode, what: str, expected: str) -> Scalar:
        if not isinstance(node, Scalar) or node.missing:
            listed = isinstance(node, Seq) and node.span.text.startswith("[")
            remedy = f'Put it between quotes: "{faults.shown(node.span.text)}".' if listed else None
            raise Refused(yamlfaults.yaml_kind(what, expected, node.span, remedy))
        return node

    def mapping(self, node: YamlNode, what: str) -> Map:
        if not isinstance(node, Map):
            remedy = "Put each key on a line of its own under it, indented, and without a dash."
            raise Refused(yamlfaults.yaml_kind(what, "keys with values (key: value)", node.span, remedy))
        return node

    def items(self, node: YamlNode, what: str, single: bool = False) -> Sequence[YamlNode]:
        """A list's items; where `single`, one text counts as a list of one."""
        if single and isinstance(node, Scalar) and not node.missing:
            return (node,)
        if not isinstance(node, Seq):
            one = isinstance(node, Scalar) and not node.missing
            remedy = f"Write [{faults.shown(node.span.text)}]." if one else "Begin each item with a dash: - …"
            raise Refused(yamlfaults.yaml_kind(what, "a list (- item)", node.span, remedy))
        return node.items

    def rule(self, rule: str, node: YamlNode, what: str, expected: str) -> Any:
        """An expression, or another rule of the grammar."""
        return read_scalar(rule, self.scalar(node, what, expected))

    def lasting(self, node: YamlNode) -> tree.While:
        return tree.While(spells=self.rule("spell_table", node, "while", "a table of spells"), span=node.span)

    def censored(self, node: YamlNode) -> tree.Censored:
        return tree.Censored(condition=self.rule("expr", node, "censored", "a condition"), span=node.span)

    def text(self, node: YamlNode, what: str) -> tree.Text:
        """A text for people.  Line breaks of a block become spaces: texts are one line."""
        scalar = self.scalar(node, what, "a text")
        value = scalar.text
        if "\n" in value or "\t" in value:
            value = _BREAKS.sub(" ", value).strip(" ")
        return tree.Text(value=value, span=scalar.span)

    def name(self, node: YamlNode, what: str) -> tree.Name:
        scalar = self.scalar(node, what, "a name")
        text = scalar.text
        if not text or word_end(text, 0, len(text)) != len(text):
            raise Refused(faults.name_invalid(text, scalar.span))
        return leaves.name(text, scalar.span)

    def names(self, node: YamlNode, what: str) -> tuple[tree.Name, ...]:
        found = tuple(self.name(item, what) for item in self.items(node, what, single=True))
        if not found:
            raise Refused(yamlfaults.yaml_kind(what, "at least one name", node.span, f"Write {what}: NAME"))
        return found

    def version(self, node: YamlNode) -> str:
        scalar = self.scalar(node, "version", "a version number such as 1.0.0")
        if not _VERSION.fullmatch(scalar.text):
            remedy = "Write version: 1.0.0"
            raise Refused(yamlfaults.yaml_kind("version", "a number with points", scalar.span, remedy))
        return scalar.text

    def language_code(self, scalar: Scalar) -> str:
        return build.language_code(scalar.text, scalar.span)

    def check_code(self, scalar: Scalar) -> str:
        if not _CHECK_CODE.fullmatch(scalar.text):
            remedy = "Write CHECK: REASON under allow, with the code that the warning shows."
            raise Refused(yamlfaults.yaml_kind("allow", "codes of design checks with reasons", scalar.span, remedy))
        return scalar.text
