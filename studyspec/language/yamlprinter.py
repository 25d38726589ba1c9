"""The canonical YAML spelling: texts and codes in double quotes, names and expressions plain where YAML allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from studyspec.language import tree
from studyspec.language.comments import NONE
from studyspec.language.expressions import duration, event, expression, index, interval, spells, type_name

#: Words that other YAML readers take for booleans or null.
_WORDS = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
_PLAIN = re.compile(r"[^\W_]|[(_]")
_UNSAFE = re.compile(r": |:$| #")

Lines = list[str]


def study(document: tree.Document) -> str:
    """The text of a study, ending with a newline."""
    header = document.header
    sections = [
        [*_entry("study", _name(header.name.text), header.comments), f"version: {_version(header.version)}"],
        [
            *_entry("language", _name(document.language.code), document.language.comments),
            *_texts("title", None, document.titles),
            *_texts("purpose", None, document.purposes),
        ],
        [
            *_entry("model", f"{document.model.name.text} {document.model.version}", document.model.comments),
            *_group("permits", [_item(_quoted(p.id.value), p.comments) for p in document.permits]),
            *([] if document.policy is None else _use_policy(document.policy)),
            *_group("codelists", [_entry(_key(c), _quoted(c.path.value), c.comments) for c in document.codelists]),
        ],
        _group("imports", map(_import, document.imports)),
        _group("parameters", map(_parameter, document.parameters)),
        _group("define", map(_define, document.defines)),
        _group("spells", map(_spells, document.spells)),
        _group("cohort", map(_cohort, document.cohorts)),
        _group("exposure", map(_exposure, document.exposures)),
        _follow_up(document.follow_up),
        _group("outcomes", map(_outcome, document.outcomes)),
        _group("states", map(_state, document.states)),
        _group("reports", map(_report, document.reports)),
    ]
    parts = ["\n".join(section) for section in sections if section]
    if document.end_comments:
        parts.append("\n".join(map(_comment, document.end_comments)))
    return "\n\n".join(parts) + "\n"


# --- lines -----------------------------------------------------------------------------------------------------------


def _comment(text: str) -> str:
    return f"# {text}" if text else "#"


def _indented(lines: Iterable[str], indent: str = "  ") -> Lines:
    return [indent + line for line in lines]


def _commented(lines: Lines, comments: tree.Comments) -> Lines:
    """Comments above an element's first line and at its end."""
    if comments == NONE:
        return lines
    first = lines[0] if comments.after is None else f"{lines[0]}  {_comment(comments.after)}"
    return [*map(_comment, comments.before), first, *lines[1:]]


def _entry(key: str, value: str | Lines, comments: tree.Comments = NONE) -> Lines:
    """`key: value`; a value of several lines is a block that follows its mark, or an indented mapping."""
    if isinstance(value, str):
        return _commented([f"{key}: {value}"], comments)
    if value and value[0].startswith("|"):
        return _commented([f"{key}: {value[0]}", *_indented(value[1:])], comments)
    return _commented([f"{key}:", *_indented(value)], comments)


def _item(value: str | Lines, comments: tree.Comments = NONE) -> Lines:
    lines = [value] if isinstance(value, str) else value
    return _commented([f"- {lines[0]}", *_indented(lines[1:])], comments)


def _group(key: str, entries: Iterable[Lines]) -> Lines:
    lines = [line for entry in entries for line in entry]
    return [f"{key}:", *_indented(lines)] if lines else []


# --- scalars ---------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _name(text: str) -> str:
    return _quoted(text) if text.lower() in _WORDS else text


def _key(element: Any) -> str:
    return _name(element.name.text)


def _version(text: str) -> str:
    return text if text.count(".") > 1 else _quoted(text)


def _plain(text: str) -> str | Lines:
    """An expression: plain where YAML reads it back as it stands, else a block on its own line."""
    if _PLAIN.match(text) and not _UNSAFE.search(text):
        return text
    return ["|-", text]


def _names(names: Sequence[tree.Name]) -> str:
    return f"[{', '.join(_name(n.text) for n in names)}]"


# --- elements --------------------------------------------------------------------------------------------------------


def _texts(key: str, own: tree.Text | None, labels: Sequence[tree.Label]) -> Lines:
    """One text, texts by language, or a list of both."""
    if own is not None and not labels:
        return _entry(key, _quoted(own.value))
    if own is None and all(label.language for label in labels):
        return _group(key, [_entry(_name(str(n.language)), _quoted(n.text), n.comments) for n in labels])
    if own is None and len(labels) == 1:
        return _entry(key, _quoted(labels[0].text), labels[0].comments)
    lines = [] if own is None else _item(_quoted(own.value))
    for label in labels:
        text = _quoted(label.text)
        lines += _item(f"{_name(label.language)}: {text}" if label.language else text, label.comments)
    return [f"{key}:", *_indented(lines)]


def _label(element: tree.Named) -> Lines:
    return _texts("label", element.label, element.labels)


def _extras(element: tree.Named) -> Lines:
    return [*_texts("legal", None, element.legal), *_texts("gap", None, element.gap), *_allows(element.allows)]


def _allows(allows: Sequence[tree.Allow]) -> Lines:
    return _group("allow", [_entry(_name(a.code), _quoted(a.reason), a.comments) for a in allows])


def _parameter(element: tree.Parameter) -> Lines:
    value: str | Lines = _plain(expression(element.value))
    if element.type.kind in ("code", "text") and isinstance(element.value, tree.Text):
        text = element.value.value
        value = _quoted(text) if not text.startswith('"') else ["|-", expression(element.value)]
    lines = [*_label(element), f"type: {type_name(element.type)}", *_entry("value", value), *_extras(element)]
    return _entry(_key(element), lines, element.comments)


def _use_policy(element: tree.UsePolicy) -> Lines:
    return _entry("policy", _name(element.name.text), element.comments)


def _import(element: tree.Import) -> Lines:
    lines = [
        f"names: {_names(element.names)}", f"from: {_quoted(element.path.value)}",
        f"sha256: {_quoted(element.hash.value)}",
    ]  # fmt: skip
    return _item(lines, element.comments)


def _define(element: tree.Define) -> Lines:
    return _valued(element, expression(element.value), _categories(element.categories))


def _categories(labels: Sequence[tree.CategoryLabel]) -> Lines:
    return _group("categories", [_group(_name(key), map(_text, group)) for key, group in groupby(labels, _category)])


def _category(label: tree.CategoryLabel) -> str:
    return label.name.text


def _text(label: tree.CategoryLabel) -> Lines:
    return _entry(_name(label.language), _quoted(label.text), label.comments)


def _spells(element: tree.Spells) -> Lines:
    return _valued(element, spells(element.value))


def _valued(element: tree.Named, text: str, more: Lines | None = None) -> Lines:
    value = _plain(text)
    label, rest = _label(element), [*(more or ()), *_extras(element)]
    if not label and not rest:
        return _entry(_key(element), value, element.comments)
    return _entry(_key(element), [*label, *_entry("value", value), *rest], element.comments)


def _cohort(cohort: tree.Cohort) -> Lines:
    criteria = [
        _item(
            [f"{c.kind}: {_key(c)}", *_label(c), *_entry("where", _plain(expression(c.where))), *_extras(c)], c.comments
        )
        for c in cohort.criteria
    ]
    lines = [
        *_label(cohort),
        f"of: {_name(cohort.entity.text)}",
        *_extras(cohort),
        *_entry("index", _plain(index(cohort.index)), cohort.index.comments),
        *_group("criteria", criteria),
    ]
    return _entry(_key(cohort), lines, cohort.comments)


def _exposure(exposure: tree.Exposure) -> Lines:
    over = ["varying: true"] if exposure.window is None else _entry("during", _window(exposure.window))
    lines = [*_label(exposure), *over, *_extras(exposure)]
    if exposure.switch_day:
        lines += _entry("switch-day events", exposure.switch_day.rule, exposure.switch_day.comments)
    return _entry(_key(exposure), [*lines, *_group("levels", map(_level, exposure.levels))], exposure.comments)


def _level(level: tree.Level) -> Lines:
    if level.where is not None:
        rule = _entry("where", _plain(expression(level.where)))
    elif level.since is not None:
        rule = _entry("from", _plain(expression(level.since)))
    elif level.during is not None:
        rule = _entry("while", _plain(spells(level.during)))
    else:
        rule = ["otherwise: true"]
    return _item([f"level: {_key(level)}", *_label(level), *rule, *_extras(level)], level.comments)


def _state(state: tree.State) -> Lines:
    lines = [*_label(state), *_extras(state), *_group("levels", map(_level, state.levels))]
    return _entry(_key(state), lines, state.comments)


def _window(node: tree.Interval) -> str | Lines:
    text = interval(node)
    return ["|-", text] if '"' in text or "\\" in text else f'"{text}"'


def _follow_up(element: tree.FollowUp | tree.FollowUpRecorded | None) -> Lines:
    if element is None:
        return []
    if isinstance(element, tree.FollowUpRecorded):
        lines = [f"recorded in: {_name(element.table.text)}"]
        if element.start is not None:
            lines.append(f"from: {_name(element.start.text)}")
        lines.append(f"to: {_name(element.end.text)}")
        lines += _allows(element.allows)
        if element.censored:
            lines += _entry("censored", _plain(expression(element.censored.condition)), element.censored.comments)
        return _entry("follow-up", lines, element.comments)
    lines = [
        *_entry("from", _plain(expression(element.start, "sum"))),
        *_entry("to", _plain(expression(element.end, "sum"))),
        *_allows(element.allows),
    ]
    if element.entry:
        lines += _entry("entry at", _plain(expression(element.entry.time, "sum")), element.entry.comments)
    if element.within:
        lines += _entry("while", _plain(spells(element.within.spells)), element.within.comments)
    return _entry("follow-up", lines, element.comments)


def _outcome(outcome: tree.Outcome) -> Lines:
    lines = [*_label(outcome), *_extras(outcome), *_entry("event", _plain(event(outcome.event)))]
    if outcome.dated:
        lines += _entry("dated at", _plain(expression(outcome.dated.time, "sum")), outcome.dated.comments)
    if outcome.competing:
        lines += _entry("competing with", _names(outcome.competing.names), outcome.competing.comments)
    if outcome.time_zero:
        lines += _entry("at time zero", outcome.time_zero.rule, outcome.time_zero.comments)
    return _entry(_key(outcome), lines, outcome.comments)


def _report(report: tree.Report) -> Lines:
    lines = [f"of: {_names(report.of)}"] if report.of else []
    if report.cohort:
        lines.append(f"in: {_name(report.cohort.text)}")
    if report.by:
        lines.append(f"by: {_name(report.by[0].text) if len(report.by) == 1 else _names(report.by)}")
    if report.times:
        lines.append(f"at: [{', '.join(map(duration, report.times))}]")
    if not lines:
        return _item(report.kind, report.comments)
    return _item([f"{report.kind}:", *_indented(lines)], report.comments)
