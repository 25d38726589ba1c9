"""Hashes of what documents say: blind to layout, comments, and the order of keys."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from pathlib import PurePath

from studyspec.catalogue.types import CodeList

#: Left out of every hash: the hash itself, and hints for invented data, which have no part in what a study means.
_UNHASHED = frozenset({"hash", "synth"})

_ALWAYS = object()


def digest(kind: str, value: object) -> str:
    """`sha256:…` of a catalogue value.  kind keeps documents of different kinds apart."""
    return _sha256([kind, _content(value)])


def codelist_digest(codelist: CodeList) -> str:
    """`sha256:…` of a code list.  The order of its codes counts: it is the order of rows in tables."""
    head = [codelist.name, codelist.version, _content(codelist.labels), codelist.source, codelist.of, codelist.complete]
    rows = [
        (c.code, dict(c.labels), c.groups, _day(c.valid_from), _day(c.valid_to), *_place(c.parent, c.becomes))
        for c in codelist.codes.values()
    ]
    return _sha256(["codelist", head, rows])


def _place(parent: str | None, becomes: tuple[str, ...]) -> tuple[object, ...]:
    """Where a code stands among the others, or nothing where that is not said."""
    return (parent, becomes) if parent is not None or becomes else ()


def _content(value: object) -> object:
    """A value as lists, mappings and texts.  Parts that take no part in equality (places in a text) are left out."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, CodeList):
        return value.hash
    if is_dataclass(value):
        parts = {f: getattr(value, f.name) for f in fields(value) if f.compare and f.name not in _UNHASHED}
        said = {f.name: _content(part) for f, part in parts.items() if part != _default(f)}
        return [type(value).__name__, said]
    if isinstance(value, Mapping):
        return {str(key): _content(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return ["number", str(value.normalize())]
    if isinstance(value, datetime.date):
        return ["date", value.isoformat()]
    if isinstance(value, Iterable) and not isinstance(value, PurePath):
        return [_content(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _default(one: Field[object]) -> object:
    """What a field holds while it says nothing, for fields that then have no part in a hash."""
    if "silent" not in one.metadata:
        return _ALWAYS
    return one.default_factory() if one.default_factory is not MISSING else one.default


def _day(value: datetime.date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _sha256(value: object) -> str:
    import hashlib
    import json

    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
