"""What a study takes from the files it imports: the definitions it names, and what those read."""

from __future__ import annotations

from collections.abc import Container

from studyspec.catalogue.types import Catalogue
from studyspec.language import tree
from studyspec.semantics import elementfaults, faults
from studyspec.semantics.dependencies import in_order
from studyspec.source import Diagnostic

Node = tree.Define | tree.Parameter


def imported(
    document: tree.Document, catalogue: Catalogue, found: list[Diagnostic]
) -> tuple[dict[str, Node], set[str]]:
    """Imported definitions and parameters by name, each after those that it reads; and the names at fault.

    What a definition reads comes with it, under its own name, which must not be one of the study's own.
    """
    own = {n.name.text for n in (*document.parameters, *document.defines)}
    taken: dict[str, Node] = {}
    failed: set[str] = set()
    for use in document.imports:
        other = catalogue.imports.get(use.path.value)
        if other is None:
            continue
        nodes: dict[str, Node] = {n.name.text: n for n in other.parameters}
        nodes |= {n.name.text: n for n in other.defines}
        for name in use.names:
            if name.text not in nodes:
                found.append(faults.unknown_name(name.span, name.text, nodes, "definition in that file"))
                continue
            for needed in in_order(name.text, nodes, lambda _: False):
                if _clashes(nodes[needed], own, taken):
                    found.append(elementfaults.import_clash(name.span, name.text, needed))
                    taken.setdefault(name.text, nodes[name.text])
                    failed.add(name.text)
                    break
                taken[needed] = nodes[needed]
    return taken, failed


def _clashes(node: Node, own: Container[str], taken: dict[str, Node]) -> bool:
    """Whether the name is used for something else already."""
    before = taken.get(node.name.text)
    return node.name.text in own or (before is not None and before.span != node.span)
