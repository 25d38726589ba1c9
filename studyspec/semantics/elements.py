"""What the elements of a study share: their names and labels, and the categories that are nobody's own."""

from __future__ import annotations

from studyspec.language import tree
from studyspec.semantics.core import Category
from studyspec.semantics.scope import Scope, labels, texts

UNKNOWN = Category("unknown", {"en": "Unknown", "fi": "Tuntematon", "sv": "Okänd"})
NONE = Category("none", {"en": "None of these", "fi": "Ei mikään näistä", "sv": "Ingen av dessa"})
NOT_FOLLOWED = Category("not_followed", {"en": "No longer followed", "fi": "Ei enää seurattu", "sv": "Följs ej längre"})


def named(node: tree.Named, scope: Scope) -> dict[str, object]:
    """What every named element of the core carries."""
    return {
        "name": node.name.text,
        "labels": labels(scope.language, node.name, node.label, node.labels),
        "legal": texts(scope.language, node.legal),
        "gap": texts(scope.language, node.gap),
        "span": node.name.span,
    }
