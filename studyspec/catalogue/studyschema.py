"""The schema of a study in YAML, and of a template: derived from the tables of keys that its reader goes by.

What stands under a key is told as far as words, lists and mappings go.  Expressions are texts here: what is in them is
the grammar's to say.
"""

from __future__ import annotations

from typing import Any, Final

from studyspec.language.yamlkeys import KEYS, ONE_OF, REPORTS, Key

Schema = dict[str, Any]

_SCALAR: Final = ["string", "number", "boolean"]


def schema(common: Schema) -> Schema:
    """The schema of a study.  common: the definitions that it shares with other kinds of document."""
    texts = {"anyOf": [_ref("line"), _by_key("language", _ref("line"))]}
    shared = {
        "name": common["name"],
        "line": {"type": _SCALAR},
        "expression": {"type": _SCALAR},
        "language": {"type": "string", "pattern": "^[a-z]{2,3}$"},
        "version": {"type": _SCALAR, "pattern": "^[0-9]"},
        "true": {"enum": [True, "true"]},
        "names": {"anyOf": [_ref("name"), {"type": "array", "items": _ref("name"), "minItems": 1}]},
        "texts": {"anyOf": [*texts["anyOf"], {"type": "array", "items": texts}]},
        "reasons": _by_key("check", _ref("line")),
        "check": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
        "paths": _by_key("name", _ref("line")),
        "labels": _by_key("name", _by_key("language", _ref("line"))),
        "durations": {"anyOf": [_ref("expression"), {"type": "array", "items": _ref("expression")}]},
        "report": _report(),
    }
    kinds = {kind: _kind(kind) for kind in KEYS if kind != "study"}
    return {**_kind("study"), "$defs": dict(sorted({**shared, **kinds}.items()))}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _by_key(keys: str, value: Schema) -> Schema:
    return {"type": "object", "propertyNames": _ref(keys), "additionalProperties": value}


def _kind(kind: str) -> Schema:
    """A mapping of one kind: its keys, those it must have, and those that exclude one another."""
    keys = KEYS[kind]
    found: Schema = {
        "title": kind,
        "type": "object",
        "properties": {name: _holds(key) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.needed],
        "additionalProperties": False,
    }
    if kind in ONE_OF:
        found["oneOf"] = [{"required": [name]} for name in ONE_OF[kind]]
    return found


def _holds(key: Key) -> Schema:
    """What stands under a key."""
    if "|" in key.holds:
        return {"enum": key.holds.split("|")}
    before, _, rest = key.holds.partition(":")
    if before == "each":
        return _by_key("name", _either(rest))
    if before == "list":
        return {"type": "array", "items": _either(rest)}
    return _either(key.holds)


def _either(holds: str) -> Schema:
    found = [_one(word.removeprefix("one:")) for word in holds.split("/")]
    return found[0] if len(found) == 1 else {"anyOf": found}


def _one(word: str) -> Schema:
    """A kind of mapping, a kind of text, or else an expression."""
    if word == "text":
        return _ref("line")
    simple = (
        "name",
        "names",
        "texts",
        "version",
        "language",
        "reasons",
        "true",
        "paths",
        "durations",
        "report",
        "labels",
    )
    return _ref(word) if word in simple or word in KEYS else _ref("expression")


def _report() -> Schema:
    """`attrition` alone, or one kind of report with its keys."""
    kinds = {name: _ref(kind) for name, kind in REPORTS.items()}
    kinds["attrition"] = {"anyOf": [kinds["attrition"], {"type": "null"}]}
    whole = {
        "type": "object",
        "properties": kinds,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [{"const": "attrition"}, whole]}
