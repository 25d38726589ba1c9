"""The keys of the YAML spelling: which stand where, which are needed, and what each holds.

What a key holds is one of
- `name`, `names` (one or a list), `durations` (one or a list), `text`, `texts` (one, by language, or a list of both),
  `version`, `language`, `reasons` (texts by code of a design check), `true`, `paths` (texts by name), `labels` (texts
  by language, by name);
- `value`: a quoted text, or an expression;
- a start symbol of the grammar: an expression, or a part of one;
- `before|after`: one of these words;
- `list:KIND` a list of mappings, `each:KIND` mappings by name, `one:KIND` one mapping, `report` a kind of report.
A slash stands between two that a key may hold.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What stands under a key, and whether the key must be there."""

    holds: str
    needed: bool = False


_LABELS = {"label": Key("texts"), "legal": Key("texts"), "gap": Key("texts"), "allow": Key("reasons")}
_GROUPED = {"in": Key("name"), "by": Key("names")}
_TIMED = {"of": Key("names", True), **_GROUPED, "at": Key("durations", True)}

#: Keys by the kind of mapping.  Where either of two kinds may stand, one is told by a key that only it has.
KEYS: dict[str, dict[str, Key]] = {
    "study": {
        "study": Key("name", True), "version": Key("version", True), "language": Key("language", True),
        "title": Key("texts"), "purpose": Key("texts"), "model": Key("model_ref", True),
        "permits": Key("list:text"), "policy": Key("name"), "codelists": Key("paths"), "imports": Key("list:import"),
        "parameters": Key("each:parameter"), "define": Key("each:define/expr"),
        "spells": Key("each:spells/spell_expr"), "cohort": Key("each:cohort"), "exposure": Key("each:exposure"),
        "follow-up": Key("one:follow-up/one:recorded"), "outcomes": Key("each:outcome"), "states": Key("each:state"),
        "reports": Key("list:report"),
    },
    "import": {"names": Key("names", True), "from": Key("text", True), "sha256": Key("text", True)},
    "parameter": {"type": Key("type", True), "value": Key("value", True), **_LABELS},
    "define": {"value": Key("expr", True), "categories": Key("labels"), **_LABELS},
    "spells": {"value": Key("spell_expr", True), **_LABELS},
    "cohort": {"of": Key("name", True), "index": Key("indexing", True), "criteria": Key("list:criterion"), **_LABELS},
    "criterion": {"include": Key("name"), "exclude": Key("name"), "where": Key("expr", True), **_LABELS},
    "exposure": {
        "during": Key("interval/one:period"), "varying": Key("true"), "switch-day events": Key("before|after"),
        "levels": Key("list:level", True), **_LABELS,
    },
    "period": {"from": Key("sum", True), "to": Key("sum", True)},
    "level": {
        "level": Key("name", True), "where": Key("expr"), "from": Key("pick"), "while": Key("spell_table"),
        "otherwise": Key("true"), **_LABELS,
    },
    "state": {"levels": Key("list:level", True), **_LABELS},
    "follow-up": {
        "from": Key("sum", True), "to": Key("sum", True), "entry at": Key("sum"), "while": Key("spell_table"),
        "allow": Key("reasons"),
    },
    "recorded": {
        "recorded in": Key("name", True), "from": Key("name"), "to": Key("name", True), "censored": Key("expr"),
        "allow": Key("reasons"),
    },
    "outcome": {
        "event": Key("event", True), "dated at": Key("sum"), "competing with": Key("names"),
        "at time zero": Key("keep|exclude|refuse"), **_LABELS,
    },
    "attrition": {"in": Key("name")},
    "baseline": {"of": Key("names", True), **_GROUPED},
    "risk": _TIMED,
    "events": _TIMED,
    "state of": _TIMED,
    "trend": {"of": Key("names", True), **_GROUPED},
    "distribution": {"of": Key("names", True), **_GROUPED},
}  # fmt: skip

#: Kinds of report, with the kind of mapping that says more; attrition may stand alone.
REPORTS = {
    "attrition": "attrition", "baseline": "baseline", "risk": "risk", "events": "events", "state": "state of",
    "trend": "trend", "distribution": "distribution",
}  # fmt: skip
#: Groups of keys of which exactly one stands in a mapping.
ONE_OF = {
    "criterion": ("include", "exclude"),
    "exposure": ("during", "varying"),
    "level": ("where", "from", "while", "otherwise"),
}
