"""Which definitions a definition reads, or which spells; followed without recursion, chains being long as a study."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import fields

from studyspec.language import tree

_LEAVES = (tree.Text, tree.Number, tree.Boolean, tree.Date, tree.Duration, str, int)


def in_order(
    name: str, nodes: Mapping[str, tree.Define | tree.Parameter | tree.Spells], settled: Callable[[str], bool]
) -> Iterator[str]:
    """The definitions that one reads, itself or through others, each after those that it reads; then its own name.

    settled: whether a definition needs no looking at any more.  A circle is cut: using the name it closes at tells it.
    """
    yielded = {name}
    path = [(name, _read(nodes[name].value, nodes))]
    while path:
        current, rest = path[-1]
        for found in rest:
            if found not in yielded and not settled(found):
                yielded.add(found)
                path.append((found, _read(nodes[found].value, nodes)))
                break
        else:
            path.pop()
            yield current


def _read(node: tree.Node, nodes: Container[str]) -> Iterator[str]:
    """The names of definitions in an expression, in the order of the text."""
    todo: list[object] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, tree.Name):
            if part.text in nodes:
                yield part.text
        elif isinstance(part, tuple):
            todo.extend(reversed(part))
        elif isinstance(part, tree.Node) and not isinstance(part, _LEAVES):
            todo.extend(getattr(part, field.name) for field in reversed(fields(part)) if field.name != "span")
