"""Where the elements of a study in YAML stand, for what is left of it when some cannot be read."""

from __future__ import annotations

from studyspec.language.recovered import ANY, Stretch
from studyspec.language.yamlkeys import KEYS
from studyspec.language.yamltree import Map, Scalar, Seq, YamlNode

#: Sections of named elements, with the word that begins each of them in the study spelling.
_SECTIONS = {
    "parameters": "parameter", "define": "define", "spells": "spells", "cohort": "cohort", "exposure": "exposure",
    "outcomes": "outcome", "states": "state",
}  # fmt: skip


def stretches(root: Map) -> list[Stretch]:
    """Where the elements stand; of a section that holds no elements, the whole."""
    found: list[Stretch] = []
    for key, node in root.entries:
        kind = _SECTIONS.get(key.text, key.text if key.text in KEYS["study"] else ANY)
        if key.text in _SECTIONS and isinstance(node, Map) and node.entries:
            found.append(Stretch(kind, key.span))
            found += [_element(kind, name, body) for name, body in node.entries]
        elif key.text == "reports" and isinstance(node, Seq):
            found += [Stretch("report", item.span) for item in node.items]
        else:
            found.append(Stretch(kind, key.span.to(node.span)))
    return found


def _element(kind: str, key: Scalar, node: YamlNode) -> Stretch:
    names = {key.text}
    parts: list[Stretch] = []
    for under in ("criteria", "levels"):
        items = node.get(under) if isinstance(node, Map) else None
        for item in items.items if isinstance(items, Seq) else ():
            given = item.get("level") if isinstance(item, Map) else None
            own = frozenset((given.text,) if isinstance(given, Scalar) else ())
            names |= own
            parts.append(Stretch("level" if under == "levels" else "criterion", item.span, own))
    return Stretch(kind, key.span.to(node.span), frozenset(names), tuple(parts))
