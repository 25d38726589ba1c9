"""JSON Schemas of every kind of document, for editors: `python -m studyspec.catalogue.schemas` writes them.

They are derived from the readers: each record is built once on a form that notes which keys are asked for, and by which
reader, instead of looking for them.  Names that must exist elsewhere, and whatever else needs more than one place to be
judged, are the readers' alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from studyspec.catalogue import bindings, codelists, invented, models, permits, policies, reader, sites, studyschema
from studyspec.catalogue.faults import missing_key
from studyspec.catalogue.reader import D, Form, Read, Reading, Sheet, T
from studyspec.catalogue.types import ValueType
from studyspec.resources import folder
from studyspec.source import Source

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SCALAR: Final = ["string", "number", "boolean"]
_W: Final = r"[^\s!-/:-@\[-^`{-~]"
_NAME: Final = rf"^(?![0-9]){_W}{{1,63}}$"
_DATE: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
#: From `calendar.FIRST_RECKONED` to `calendar.LAST_RECKONED`.
_RECKONED: Final = r"^[1-8][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_TYPE: Final = (
    rf"^(code of {_W}+|identifier of {_W}+|(integer|decimal) in {_W}({_W}|[ /%])*"
    r"|integer|decimal|boolean|text|identifier)$"
)
#: Places that are the same in every document.  A text may be written as a number: `version: 2020` is the text "2020".
_COMMON: Final[Mapping[str, Schema]] = {
    "text": {"type": _SCALAR, "pattern": r"\S"},
    "any_text": {"type": _SCALAR},
    "name": {"type": ["string", "boolean"], "pattern": _NAME},
    "code": {"type": _SCALAR, "pattern": r"^\S([\s\S]*\S)?$"},
    "date": {"type": "string", "pattern": _DATE, "format": "date"},
    "reckoned": {"type": "string", "pattern": _RECKONED, "format": "date"},
    "number": {"type": "number", "exclusiveMinimum": -(10**18), "exclusiveMaximum": 10**18},
    "boolean": {"type": "boolean"},
    "anything": {"type": "object"},
    "labels": {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z]{2,3}$"},
        "additionalProperties": {"$ref": "#/$defs/text"},
    },
}
_PLAIN: Final[Mapping[Any, str]] = {
    reader.text: "text",
    reader.any_text: "any_text",
    reader.name: "name",
    reader.code: "code",
    reader.date: "date",
    reader.reckoned: "reckoned",
    reader.number: "number",
    reader.boolean: "boolean",
    reader.labels: "labels",
}
_HERE: Final = Path()
#: Kind of document -> what builds it from its keys.
KINDS: Final[Mapping[str, Callable[[Form], object]]] = {
    "model": lambda form: models.from_form(form, _HERE),
    "codelist": lambda form: codelists.document(form, _HERE, _HERE),
    "binding": bindings.from_form,
    "policy": policies.from_form,
    "permit": permits.from_form,
    "invented": invented.from_form,
    "site": lambda form: sites.from_form(form, _HERE, None),
}


def schema(kind: str) -> Schema:
    """The schema of one kind of document: `study`, which templates are too, or one of KINDS."""
    if kind == "study":
        return {"$schema": DIALECT, **studyschema.schema(dict(_COMMON)), "title": "studyspec study"}
    whole = _record(kind, KINDS[kind])
    used = {name: one for name, one in _COMMON.items() if f'"#/$defs/{name}"' in json.dumps(whole)}
    if "labels" in used:
        used["text"] = _COMMON["text"]
    return {"$schema": DIALECT, "title": f"studyspec {kind}", **whole, "$defs": dict(sorted(used.items()))}


def text(kind: str) -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def stored(kind: str) -> Path:
    """Where the schema of a kind of document lies."""
    return folder("grammar") / "schemas" / f"{kind}.schema.json"


# --- readers ---------------------------------------------------------------------------------------------------------


def _of(read: Read[Any]) -> Schema:
    """The schema of what a reader takes."""
    if not isinstance(read, Reading):
        return {"$ref": f"#/$defs/{_PLAIN[read]}"}
    parts = read.parts
    match read.kind:
        case "record":
            return _record(parts[0], parts[1])
        case "named":
            what, build, names = parts
            return _mapping(_record(what, lambda form: build("name", form)), _of(names))
        case "mapping":
            return _mapping(_of(parts[0]), _of(parts[1]))
        case "listing":
            return {"type": "array", "items": _of(parts[0])}
        case "either":
            return {"anyOf": [_of(one) for one in parts]}
        case "like":
            return _of(parts[0])
        case "integer":
            return {"type": "integer", "minimum": parts[0], "maximum": parts[1]}
        case "choice":
            return {"enum": list(parts)}
        case "matching":
            words = ["string", "boolean"] if re.fullmatch(parts[0], "true") else ["string"]
            return {"type": words, "pattern": f"^({parts[0]})$"}
        case "type":
            return {"type": "string", "pattern": _TYPE.replace("boolean", "date|boolean")}
        case "anything":
            return {"$ref": "#/$defs/anything"}
    raise ValueError(f"no schema for {read.kind}")


def _mapping(value: Schema, keys: Schema) -> Schema:
    return {"type": "object", "propertyNames": keys, "additionalProperties": value}


# --- records ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """One thing that may stand under a key, when what else is asked for depends on it.

    schema: what it looks like, None where the key is not there.  value: what the builder is given
    """

    schema: Schema | None
    value: object


@dataclass(slots=True)
class _Noted(Form):
    """A form that notes what is asked of it.

    chosen: key -> which of its cases the builder is given, the first where nothing is said
    """

    chosen: Mapping[str, int] = field(default_factory=dict)
    keys: dict[str, Schema] = field(default_factory=dict)
    needed: list[str] = field(default_factory=list)
    cases: dict[str, list[_Case]] = field(default_factory=dict)

    def need(self, key: str, read: Read[T]) -> T:
        self.needed.append(key)
        return self._note(key, read)

    def may(self, key: str, read: Read[T], default: D) -> T | D:
        return self._note(key, read)

    def has(self, key: str) -> bool:
        return bool(self._case(key, [_Case(None, False), _Case({}, True)]))

    def _note(self, key: str, read: Read[T]) -> T:
        self.keys[key] = _of(read)
        cases = _cases(read)
        return cast("T", self._case(key, cases)) if cases else reader.hole()

    def _case(self, key: str, cases: list[_Case]) -> object:
        known = self.cases.setdefault(key, cases)
        return known[self.chosen.get(key, 0)].value if known is cases else cases[0].value


def _cases(read: Read[Any]) -> list[_Case]:
    """What a builder may find under a key and go by."""
    if isinstance(read, Reading) and read.kind == "choice":
        return [_Case({"const": word}, word) for word in read.parts]
    if isinstance(read, Reading) and read.kind == "type":
        dates = {"const": "date"}
        return [_Case({"not": dates}, ValueType("integer")), _Case(dates, ValueType("date"))]
    return []


def _noted(what: str, build: Callable[[Form], object], chosen: Mapping[str, int]) -> _Noted:
    from studyspec.language.yamltree import Map

    span = Source("schema", "").span(0, 0)
    # A builder looks no further than its keys once something is wrong with the document.
    sheet = Sheet(Source("schema", ""), [missing_key(what, "", span)])
    form = _Noted(Map((), span), sheet, what, chosen=chosen)
    build(form)
    return form


def _record(what: str, build: Callable[[Form], object]) -> Schema:
    """The keys of a record, and how they differ by what stands under one of them."""
    plain = _noted(what, build, {})
    for key, cases in plain.cases.items():
        forms = [_noted(what, build, {key: at}) for at in range(len(cases))]
        if all((one.keys, one.needed) == (plain.keys, plain.needed) for one in forms):
            continue
        listed = [_keys(what, one, key, case) for one, case in zip(forms, cases, strict=True)]
        return {"anyOf": _merged(listed, key)}
    return _keys(what, plain)


def _keys(what: str, form: _Noted, key: str = "", case: _Case | None = None) -> Schema:
    properties = {name: dict(one) for name, one in form.keys.items()}
    needed = list(dict.fromkeys(form.needed))
    if case is not None and case.schema is None:
        properties.pop(key, None)
    elif case is not None and case.schema:
        given = properties[key]
        properties[key] = case.schema if "const" in case.schema else {"allOf": [given, case.schema]}
    return {
        "title": what,
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _merged(listed: list[Schema], key: str) -> list[Schema]:
    """Forms that differ only in the word under a key, as one form with a choice of words."""
    found: list[Schema] = []
    for one in listed:
        word = one["properties"].get(key, {}).get("const")
        for other in found:
            words = other["properties"].get(key, {}).get("enum")
            if word is not None and words and _but(one, key) == _but(other, key):
                words.append(word)
                break
        else:
            if word is not None:
                one["properties"][key] = {"enum": [word]}
            found.append(one)
    return found


def _but(one: Schema, key: str) -> Schema:
    """A form without one of its keys."""
    return {**one, "properties": {name: value for name, value in one["properties"].items() if name != key}}


def main() -> None:
    """Write the schemas anew after a change of the readers."""
    for kind in (*KINDS, "study"):
        stored(kind).parent.mkdir(exist_ok=True)
        stored(kind).write_text(text(kind), encoding="utf-8")


if __name__ == "__main__":
    main()
