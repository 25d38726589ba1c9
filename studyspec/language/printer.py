"""The canonical study spelling: what `fmt` writes.  Lines that say the same kind of thing stand in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from studyspec.language import tree
from studyspec.language.expressions import (
    duration,
    event,
    expression,
    index,
    level,
    name,
    quoted,
    spells,
    type_name,
    window,
)

INDENT = "    "
#: Cells wider than this do not push the columns of the other lines apart.
_WIDEST = 48


class _Line:
    """One line to be: its cells (all but the last padded to the column), with its element's comments."""

    def __init__(self, cells: Sequence[str], comments: tree.Comments, indent: str = "") -> None:
        self.cells, self.comments, self.indent = list(cells), comments, indent


def study(document: tree.Document) -> str:
    """The text of a study, ending with a newline."""
    sections = [
        [_Line([f"study {name(document.header.name)} version {document.header.version}"], document.header.comments)],
        [
            _Line([f"language {document.language.code}"], document.language.comments),
            *(_text("title", label) for label in document.titles),
            *(_text("purpose", label) for label in document.purposes),
        ],
        _columns(
            [
                _Line(["model", f"{name(document.model.name)} {document.model.version}"], document.model.comments),
                *(_Line(["permit", quoted(p.id.value)], p.comments) for p in document.permits),
                *(_Line(["policy", name(p.name)], p.comments) for p in (document.policy,) if p is not None),
                *(
                    _Line(["codelist", f"{name(c.name)} {quoted(c.path.value)}"], c.comments)
                    for c in document.codelists
                ),
            ]
        ),
        [_import(element) for element in document.imports],
        [line for parameter in document.parameters for line in _parameter(parameter)],
        _defines(document.defines),
        [line for element in document.spells for line in _spells(element)],
        *(_cohort(cohort) for cohort in document.cohorts),
        *(_exposure(exposure) for exposure in document.exposures),
        _follow_up(document.follow_up),
        [line for outcome in document.outcomes for line in _outcome(outcome)],
        *(_state(state) for state in document.states),
        _reports(document.reports),
    ]
    parts = ["\n".join(_written(section)) for section in sections if section]
    if document.end_comments:
        parts.append("\n".join(_comment(text) for text in document.end_comments))
    return "\n\n".join(parts) + "\n"


def _comment(text: str) -> str:
    return f"# {text}" if text else "#"


def _written(section: Iterable[_Line]) -> Iterable[str]:
    for line in section:
        for text in line.comments.before:
            yield line.indent + _comment(text)
        after = "" if line.comments.after is None else "  " + _comment(line.comments.after)
        yield line.indent + " ".join(cell for cell in line.cells if cell.strip() or cell) + after


def _columns(lines: list[_Line]) -> list[_Line]:
    """Pads every cell but a line's last to the widest of its column."""
    for column in range(max((len(line.cells) for line in lines), default=0)):
        cells = [line.cells[column] for line in lines if len(line.cells) > column + 1]
        width = max((len(cell) for cell in cells if len(cell) <= _WIDEST), default=0)
        for line in lines:
            if len(line.cells) > column + 1 and width:
                line.cells[column] = line.cells[column].ljust(width)
    return lines


def _text(word: str, label: tree.Label, indent: str = "") -> _Line:
    language = f"{label.language} " if label.language else ""
    return _Line([word, language + quoted(label.text)], label.comments, indent)


def _categories(element: Any) -> tuple[tree.CategoryLabel, ...]:
    return element.categories if isinstance(element, tree.Define) else ()


def _category(label: tree.CategoryLabel, indent: str) -> _Line:
    return _Line(["label", f"{label.language} {name(label.name)} {quoted(label.text)}"], label.comments, indent)


def _extras(element: Any, indent: str = INDENT) -> list[_Line]:
    """The label, legal, gap and allow clauses of a named element, and the labels of its categories."""
    lines = [
        _text(word, label, indent)
        for word, labels in (("label", element.labels), ("legal", element.legal), ("gap", element.gap))
        for label in labels
    ]
    lines[len(element.labels) : len(element.labels)] = (_category(c, indent) for c in _categories(element))
    return _columns(lines + _allows(element.allows, indent))


def _allows(allows: Iterable[tree.Allow], indent: str = INDENT) -> list[_Line]:
    return [_Line(["allow", f"{a.code} because {quoted(a.reason)}"], a.comments, indent) for a in allows]


def _called(element: Any) -> str:
    """A named element's name and label."""
    return name(element.name) + ("" if element.label is None else f" {quoted(element.label.value)}")


def _parameter(element: tree.Parameter) -> list[_Line]:
    line = f"parameter {_called(element)}: {type_name(element.type)} = {expression(element.value)}"
    return [_Line([line], element.comments), *_extras(element)]


def _defines(elements: Sequence[tree.Define]) -> list[_Line]:
    heads = [_Line([f"define {_called(e)}", f"= {expression(e.value)}"], e.comments) for e in elements]
    _columns(heads)
    return [line for head, element in zip(heads, elements, strict=True) for line in (head, *_extras(element))]


def _import(element: tree.Import) -> _Line:
    names = ", ".join(map(name, element.names))
    line = f"import {names} from {quoted(element.path.value)} sha256 {quoted(element.hash.value)}"
    return _Line([line], element.comments)


def _spells(element: tree.Spells) -> list[_Line]:
    return [_Line([f"spells {_called(element)} = {spells(element.value)}"], element.comments), *_extras(element)]


def _labelled(word: str, element: Any, rest: str, any_label: bool) -> _Line:
    label = [] if not any_label else ["" if element.label is None else quoted(element.label.value)]
    return _Line([f"{word} {name(element.name)}", *label, rest], element.comments, INDENT)


def _members(lines: list[_Line], elements: Sequence[Any]) -> list[_Line]:
    """Named clauses in columns, each followed by its own clauses."""
    return [
        line for head, element in zip(lines, elements, strict=True) for line in (head, *_extras(element, INDENT * 2))
    ]


def _cohort(cohort: tree.Cohort) -> list[_Line]:
    head = _Line([f"cohort {_called(cohort)} of {name(cohort.entity)}"], cohort.comments)
    first = _Line([f"index   {index(cohort.index)}"], cohort.index.comments, INDENT)
    labels = any(c.label for c in cohort.criteria)
    lines = [_labelled(c.kind, c, f"where {expression(c.where)}", labels) for c in cohort.criteria]
    return [head, *_extras(cohort), first, *_members(_columns(lines), cohort.criteria)]


def _exposure(exposure: tree.Exposure) -> list[_Line]:
    over = "varying" if exposure.window is None else window(exposure.window)
    head = _Line([f"exposure {_called(exposure)} {over}"], exposure.comments)
    lines = [head, *_extras(exposure)]
    if exposure.switch_day:
        lines.append(_Line([f"switch-day events {exposure.switch_day.rule}"], exposure.switch_day.comments, INDENT))
    return [*lines, *_levels(exposure.levels)]


def _levels(levels: Sequence[tree.Level]) -> list[_Line]:
    labels = any(element.label for element in levels)
    lines = [_labelled("level", element, level(element), labels) for element in levels]
    return _members(_columns(lines), levels)


def _state(state: tree.State) -> list[_Line]:
    return [_Line([f"state {_called(state)}"], state.comments), *_extras(state), *_levels(state.levels)]


def _follow_up(element: tree.FollowUp | tree.FollowUpRecorded | None) -> list[_Line]:
    if element is None:
        return []
    if isinstance(element, tree.FollowUpRecorded):
        start = "" if element.start is None else f" from {name(element.start)}"
        line = f"follow-up recorded in {name(element.table)}{start} to {name(element.end)}"
        lines = [_Line([line], element.comments), *_allows(element.allows)]
        if element.censored:
            where = f"censored where {expression(element.censored.condition)}"
            lines.append(_Line([where], element.censored.comments, INDENT))
        return lines
    line = f"follow-up from {expression(element.start, 'sum')} to {expression(element.end, 'sum')}"
    lines = [_Line([line], element.comments), *_allows(element.allows)]
    if element.entry:
        lines.append(_Line([f"entry at {expression(element.entry.time, 'sum')}"], element.entry.comments, INDENT))
    if element.within:
        lines.append(_Line([f"while {spells(element.within.spells)}"], element.within.comments, INDENT))
    return lines


def _outcome(outcome: tree.Outcome) -> list[_Line]:
    lines = [_Line([f"outcome {_called(outcome)}"], outcome.comments), *_extras(outcome)]
    lines.append(_Line([event(outcome.event)], tree.Comments(), INDENT))
    if outcome.dated:
        lines.append(_Line([f"dated at {expression(outcome.dated.time, 'sum')}"], outcome.dated.comments, INDENT))
    if outcome.competing:
        names = ", ".join(map(name, outcome.competing.names))
        lines.append(_Line([f"competing with {names}"], outcome.competing.comments, INDENT))
    if outcome.time_zero:
        lines.append(_Line([f"at time zero {outcome.time_zero.rule}"], outcome.time_zero.comments, INDENT))
    return lines


def _reports(reports: Sequence[tree.Report]) -> list[_Line]:
    lines = []
    for report in reports:
        words = []
        if report.of:
            words.append("of " + ", ".join(map(name, report.of)))
        if report.cohort:
            words.append(f"in {name(report.cohort)}")
        if report.by:
            words.append("by " + ", ".join(map(name, report.by)))
        if report.times:
            words.append("at " + ", ".join(map(duration, report.times)))
        cells = [f"report {report.kind}", " ".join(words)] if words else [f"report {report.kind}"]
        lines.append(_Line(cells, report.comments))
    return _columns(lines)
