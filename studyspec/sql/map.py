"""The map between a script and its study, both ways: what `.map.json` holds."""

from __future__ import annotations

from typing import Any

from studyspec.sql.script import Script


def script_map(script: Script) -> dict[str, Any]:
    """elements: name -> the line ranges where it is made; lines: every range with its elements, in order."""
    elements: dict[str, list[list[int]]] = {}
    lines: dict[tuple[int, int], list[str]] = {}
    for place in script.places:
        elements.setdefault(place.element, []).append([place.first_line, place.last_line])
        lines.setdefault((place.first_line, place.last_line), []).append(place.element)
    return {
        "study": script.study,
        "meaning": script.meaning,
        "dialect": script.dialect,
        "elements": {name: elements[name] for name in sorted(elements)},
        "lines": [{"first": first, "last": last, "elements": names} for (first, last), names in sorted(lines.items())],
    }
