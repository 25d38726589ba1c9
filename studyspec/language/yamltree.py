"""YAML with every character's place: nodes made from the parser's event stream, never from `safe_load`.

Texts stay texts (`0301` is not a number, `no` is a language).  Anchors, aliases, tags, several documents, keys that are
not plain texts, repeated keys, and depth or size beyond a limit are refused while walking the events, before any node
is built: the C parser's own composer dies on nesting that its event stream survives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studyspec.language import faults, yamlfaults
from studyspec.language.characters import unseen
from studyspec.source import Diagnostic, Refused, Source, Span

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 50
MAX_NODES = 500_000


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One text.  quoted: written between quotes; block: written under `|` or `>`."""

    text: str
    span: Span
    quoted: bool
    block: bool
    _places: list[tuple[int, int]] = field(default_factory=list, repr=False)

    @property
    def missing(self) -> bool:
        """Whether nothing was written after the key."""
        return not self.text and not self.quoted and not self.block

    def inner(self, start: int, end: int) -> Span:
        """Where the characters [start, end) of `text` stand in the file."""
        source, origin = self.span.source, self.span.start
        if not self.quoted and not self.block and len(self.text) == self.span.end - origin:
            return Span(source, origin + start, origin + end)
        if not self._places:
            from studyspec.language.yamlplaces import places

            self._places.extend(places(self.text, self.span, self.quoted, self.block))
            self._places.append((self._places[-1][1],) * 2 if self._places else (self.span.end,) * 2)
        last = len(self.text)
        first = self._places[min(start, last)][0]
        return Span(source, first, max(first, self._places[end - 1][1] if start < end <= last else first))


@dataclass(frozen=True, slots=True, eq=False)
class Seq:
    items: tuple[YamlNode, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    entries: tuple[tuple[Scalar, YamlNode], ...]
    span: Span

    def get(self, key: str) -> YamlNode | None:
        for name, node in self.entries:
            if name.text == key:
                return node
        return None

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        for name, _ in self.entries:
            if name.text == key:
                return name
        return None


YamlNode = Scalar | Seq | Map


@dataclass(frozen=True, slots=True)
class YamlComment:
    """One comment without its mark.  own_line: nothing but the comment stands on its line."""

    text: str
    span: Span
    line: int
    own_line: bool


def compose(source: Source) -> YamlNode:
    """The one document in a YAML text.

    Raises Refused with every independent fault (yaml-invalid, yaml-duplicate-key, yaml-anchor, yaml-tag, …).
    """
    hidden = unseen(source.text)
    if hidden:
        raise Refused(*(faults.invisible_character(source.span(i, i + 1)) for i in hidden))
    events = _events(source)
    if not events:
        raise Refused(yamlfaults.yaml_empty(source.span(0, 0)))
    builder = _Builder(source)
    for event in events:
        builder.take(event)
    if builder.faults:
        raise Refused(*builder.faults)
    assert builder.root is not None
    return builder.root


def comments(source: Source, root: YamlNode) -> tuple[YamlComment, ...]:
    """Every comment of a composed text, in order.  YAML's events leave them out, so they are found between scalars."""
    found: list[YamlComment] = []
    text, position = source.text, 0
    spans = [(s.span.start, s.span.end, s.block) for s in scalars(root)]
    for start, end, block in [*spans, (len(text), len(text), False)]:
        found.extend(_comments_between(source, position, start))
        position = end
        if block:
            header = text.find("\n", start)
            header = end if header < 0 else min(header, end)
            found.extend(_comments_between(source, start, header))
            # A block's event may end after blank lines and comments that follow it at a lower indentation.
    return tuple(found)


def scalars(node: YamlNode) -> Iterator[Scalar]:
    """Every scalar of a tree in the order of the text."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Seq):
        for item in node.items:
            yield from scalars(item)
    else:
        for key, value in node.entries:
            yield key
            yield from scalars(value)


def _comments_between(source: Source, position: int, end: int) -> Iterator[YamlComment]:
    text = source.text
    while (start := text.find("#", position, end)) >= 0:
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        line, column = source.position(start)
        own = not text[start - column + 1 : start].strip()
        body = text[start + 1 : stop].rstrip()
        yield YamlComment(body.removeprefix(" "), source.span(start, stop), line, own)
        position = stop


def _events(source: Source) -> list[yaml.Event]:
    """The events inside the one document, checked; raises Refused."""
    import yaml

    # Attributes of the parser's marks are missing from the type stubs of the C extension.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    kept: list[yaml.Event] = []
    found: list[Diagnostic] = []
    depth = documents = 0
    try:
        for event in yaml.parse(source.text, Loader=loader):
            if isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                continue
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    found.append(yamlfaults.yaml_documents(_place(source, event)))
                    break
                if event.version or event.tags:
                    found.append(yamlfaults.yaml_tag(_place(source, event)))
                continue
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                found.append(yamlfaults.yaml_too_deep(_place(source, event), MAX_DEPTH))
                break
            if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
                found.append(yamlfaults.yaml_anchor(_place(source, event)))
                break
            if getattr(event, "tag", None) is not None:
                found.append(yamlfaults.yaml_tag(_place(source, event)))
            kept.append(event)
            if len(kept) > MAX_NODES:
                found.append(yamlfaults.yaml_too_large(_place(source, event), MAX_NODES))
                break
    except yaml.YAMLError as error:
        found.append(_invalid(source, error))
    if found:
        raise Refused(*found)
    return kept


def _place(source: Source, event: yaml.Event) -> Span:
    assert event.start_mark is not None
    assert event.end_mark is not None
    return source.span(event.start_mark.index, event.end_mark.index)


def _invalid(source: Source, error: yaml.YAMLError) -> Diagnostic:
    """The parser stops where it can read no further; what is to blame often stands before that."""
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    stopped = min(getattr(mark, "index", None) or getattr(error, "position", 0) or 0, len(source.text))
    problem = str(getattr(error, "problem", None) or "")
    start = stopped if begun is None else min(begun.index, len(source.text))
    if source.text[stopped : stopped + 1] == "\t":
        guilty = [line for line in source.text.split("\n") if line.lstrip(" ").startswith("\t")]
        return faults.tab_character(source.span(stopped, stopped + 1), max(1, len(guilty)))
    if problem == _SECOND_COLON:
        start = _keyless(source.text, stopped)
        problem = _NO_COLON if start != stopped else problem
    elif problem not in _BEGUN or source.position(start)[0] == source.position(stopped)[0]:
        start, stopped = stopped, start
    period = _PERIOD.match(source.text, start)
    if period:
        return yamlfaults.yaml_period(
            period.group(), source.span(*period.span()), source.text[:start].endswith((": ", "- "))
        )
    if start == stopped:
        return yamlfaults.yaml_invalid(source.span(start, min(start + 1, len(source.text))), problem, None)
    first, second = (source.span(at, min(at + 1, len(source.text))) for at in (start, stopped))
    return yamlfaults.yaml_invalid(first, problem, second, later=start < stopped)


#: A period without its last day, which YAML takes for a list that is never closed.
_PERIOD = re.compile(r"\[[^\[\]\n]*\)")
#: What the parser calls a key on the line after a word alone: it takes both for one value.
_SECOND_COLON = "mapping values are not allowed in this context"
_NO_COLON = "could not find expected ':'"
#: Problems that are where something began, and not where the parser found that it does not end.
_BEGUN = frozenset(
    {
        _NO_COLON,
        "found unexpected end of stream",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "did not find expected node content",
    }
)


def _keyless(text: str, stopped: int) -> int:
    """Where the line before a key begins, if it is a word without its colon; else where the parser stopped."""
    line = text.rfind("\n", 0, stopped) + 1
    while line > 0:
        start = text.rfind("\n", 0, line - 1) + 1
        before = text[start:line].split(" #")[0].strip()
        if before and not before.startswith("#"):
            word = before.removeprefix("- ").strip()
            keyless = bool(word) and ":" not in word and word[0] not in "\"'[{|>"
            return start + text[start:line].index(word) if keyless else stopped
        line = start
    return stopped


class _Builder:
    """Nodes from events, with a stack of its own instead of recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: YamlNode | None = None
        self.faults: list[Diagnostic] = []
        self.stack: list[tuple[int, bool, list[YamlNode]]] = []

    def take(self, event: yaml.Event) -> None:
        import yaml

        assert event.start_mark is not None
        assert event.end_mark is not None
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.ScalarEvent):
            self.add(self.scalar(event.value, start, end))
        elif isinstance(event, yaml.CollectionStartEvent):
            self.stack.append((start, isinstance(event, yaml.MappingStartEvent), []))
        else:
            begun, mapping, nodes = self.stack.pop()
            # A block collection's event ends at the next token: its text ends with its last node.
            flow = end > begun and self.source.text[end - 1 : end] in ("]", "}") and start < end
            last = end if flow or not nodes else nodes[-1].span.end
            span = self.source.span(begun, max(begun, last))
            self.add(self.mapping(nodes, span) if mapping else Seq(tuple(nodes), span))

    def scalar(self, text: str, start: int, end: int) -> Scalar:
        raw = self.source.text
        head = raw[start : start + 1]
        block = head in ("|", ">") and start < end
        if block:
            # Trailing blank lines and comments at a lower indentation are not the block's.
            end = _block_end(raw, start, end)
        node = Scalar(text, self.source.span(start, end), head in ('"', "'") and start < end, block)
        if not text.isascii() or not text.isprintable():
            for index in unseen(text)[:1]:
                self.faults.append(faults.invisible_character(node.inner(index, index + 1)))
        return node

    def mapping(self, nodes: list[YamlNode], span: Span) -> Map:
        entries: list[tuple[Scalar, YamlNode]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.faults.append(yamlfaults.yaml_key(key.span))
                continue
            if key.text in seen:
                self.faults.append(yamlfaults.yaml_duplicate_key(key.text, key.span, seen[key.text].span))
                continue
            seen[key.text] = key
            entries.append((key, value))
        return Map(tuple(entries), span)

    def add(self, node: YamlNode) -> None:
        if self.stack:
            self.stack[-1][2].append(node)
        else:
            self.root = node


def _block_end(text: str, start: int, end: int) -> int:
    """Where the last line of a block scalar's own content ends."""
    return start + len(text[start:end].rstrip())
