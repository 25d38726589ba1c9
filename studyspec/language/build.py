"""What each grammar rule builds: nodes of the tree from their children, with the stretch of text they cover."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from studyspec.language import faults, tree
from studyspec.language.habitfaults import unit_missing
from studyspec.language.habits import ABSENT
from studyspec.language.lexer import PERIODS, TYPE_WORDS, UNITS, UNKNOWNS, Fault
from studyspec.language.shapes import dated
from studyspec.source import Span

#: 150 years (`calendar.MOST_YEARS`).
_MAX_AMOUNT = {"day": 55_000, "week": 7_857, "month": 1_800, "year": 150}
_HASH = re.compile(r"[0-9a-f]{64}")


Children = list[Any]


@dataclass(frozen=True, slots=True)
class _Caption:
    """The label on an element's own line, so that it is not taken for the text that follows."""

    text: tree.Text


@dataclass(frozen=True, slots=True)
class _Said:
    """A part that may be left out, with the field it fills."""

    word: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Column:
    """The column that a row query takes its value from, so that it is not taken for the table."""

    name: tree.Name


def _logic(op: Any) -> Callable[[Span, Children], object]:
    return lambda span, parts: tree.Logic(op=op, operands=tuple(parts), span=span)


def _duration(span: Span, parts: Children) -> tree.Duration:
    amount: Decimal = parts[0].value
    unit: Any = UNITS[parts[1]]
    if amount != int(amount) or amount > _MAX_AMOUNT[unit]:
        raise Fault(faults.duration_invalid(span.text, span))
    return tree.Duration(amount=int(amount), unit=unit, span=span)


def _band(span: Span, parts: Children) -> tree.Band:
    low, high = parts[0].value, parts[1].value if len(parts) > 1 else None
    if low != int(low) or (high is not None and (high != int(high) or high < low)):
        raise Fault(faults.band_invalid(span.text, span))
    return tree.Band(low=int(low), high=None if high is None else int(high), span=span)


def _rows(span: Span, parts: Children) -> tree.Rows | tree.RowValue:
    if isinstance(parts[0], _Column):  # `ward of exactly one stay`: the column stands first
        parts[:2] = [parts[1], parts[0]]
    pick, column = parts[0], parts.pop(1).name if isinstance(parts[1], _Column) else None
    edge: Any = None
    window: tree.Window | None = None
    condition: tree.Expr | None = None
    for part in parts[2:]:
        if isinstance(part, str):
            edge = part
        elif isinstance(part, tree.Interval | tree.NamedWindow | tree.Before | tree.Covering):
            window = part
        else:
            condition = part
    if column is not None:
        return tree.RowValue(
            pick=pick, column=column, table=parts[1], edge=edge, window=window, condition=condition, span=span
        )
    return tree.Rows(quantifier=pick, table=parts[1], edge=edge, window=window, condition=condition, span=span)


def _value_at(span: Span, parts: Children) -> tree.RowValue:
    linked, time = parts
    window = tree.Covering(time=dated(time), span=time.span)
    return tree.RowValue(
        pick=None, column=linked.column, table=linked.entity, edge=None, window=window, condition=None, span=span
    )


def _compare(span: Span, parts: Children) -> tree.Compare:
    """Comparing with nothing is never true anywhere it exists, so it is refused before a name is looked for."""
    left, op, right = parts
    for side in (left, right):
        if isinstance(side, tree.Name) and side.text in UNKNOWNS:
            raise Fault(faults.not_in_language(side.text, ABSENT["null"], side.span))
    return tree.Compare(op=op, left=left, right=right, span=span)


def _elapsed(span: Span, parts: Children) -> tree.Elapsed:
    unit: Any = UNITS[parts[0].split()[0]]
    return tree.Elapsed(unit=unit, start=dated(parts[1]), end=dated(parts[2]), span=span)


def _case(span: Span, parts: Children) -> tree.Case:
    head, rest = _named(parts)
    return tree.Case(**head, where=rest[0] if rest else None, span=span)


def _sum(op: Any) -> Callable[[Span, Children], object]:
    """A time moved by a duration, or numbers added or subtracted."""

    def build(span: Span, parts: Children) -> object:
        left, right = parts
        if isinstance(right, tree.Duration):
            return tree.Shift(operand=left, sign=op, duration=right, span=span)
        if isinstance(left, tree.Anchor | tree.Date) and isinstance(right, tree.Number):
            raise Fault(unit_missing(op, right.span.text, right.span))
        return tree.Arithmetic(op=op, left=left, right=right, span=span)

    return build


def _at_least(span: Span, parts: Children) -> tree.AtLeast:
    return tree.AtLeast(count=_whole(parts[0]), operands=tuple(parts[1:]), span=span)


def _code_group(span: Span, parts: Children) -> tree.Group:
    head, codes = _named(parts)
    return tree.Group(**head, codes=tuple(codes), span=span)


def _label(span: Span, parts: Children) -> tree.Label:
    language = None
    if len(parts) == 2:
        language = language_code(parts[0].text, parts[0].span)
    return tree.Label(language=language, text=parts[-1].value, span=span)


def _category_label(span: Span, parts: Children) -> tree.CategoryLabel:
    language, name, text = parts
    code = language_code(language.text, language.span)
    return tree.CategoryLabel(name=name, language=code, text=text.value, span=span)


def language_code(text: str, span: Span) -> str:
    """A checked ISO 639 code.  Raises Fault."""
    if not (2 <= len(text) <= 3 and text.isascii() and text.islower() and text.isalpha()):
        raise Fault(faults.language_code(text, span))
    return text


def _named(parts: Children) -> tuple[dict[str, Any], Children]:
    """The name and the optional label that begin a named element's line, and the rest."""
    if len(parts) > 1 and isinstance(parts[1], _Caption):
        return {"name": parts[0], "label": parts[1].text}, parts[2:]
    return {"name": parts[0], "label": None}, parts[1:]


def _parameter(span: Span, parts: Children) -> dict[str, Any]:
    head, rest = _named(parts)
    return {**head, "type": rest[0], "value": rest[2], "span": span}


def _define(span: Span, parts: Children) -> dict[str, Any]:
    head, rest = _named(parts)
    return {**head, "value": rest[1], "span": span}


def _head(*fields: str) -> Callable[[Span, Children], dict[str, Any]]:
    def build(span: Span, parts: Children) -> dict[str, Any]:
        head, rest = _named(parts)
        return {**head, **dict(zip(fields, rest, strict=True)), "span": span}

    return build


def _criterion(kind: str) -> Callable[[Span, Children], dict[str, Any]]:
    return lambda span, parts: {**_head("where")(span, parts), "kind": kind}


def _level(field: str) -> Callable[[Span, Children], dict[str, Any]]:
    def build(span: Span, parts: Children) -> dict[str, Any]:
        head, rest = _named(parts)
        return {**head, "where": None, **({field: rest[0]} if rest else {}), "span": span}

    return build


def _exposure(span: Span, parts: Children) -> dict[str, Any]:
    head, rest = _named(parts)
    return {**head, "window": rest[0] if rest else None, "span": span}


def _type(span: Span, parts: Children) -> tree.TypeName:
    if isinstance(parts[0], str) and parts[0] in TYPE_WORDS:
        kind: Any = parts[0]
        return tree.TypeName(kind=kind, span=span)
    return tree.TypeName(kind="code", list=parts[0], span=span)


def _model(span: Span, parts: Children) -> tree.UseModel:
    return tree.UseModel(name=parts[0], version=_whole(parts[1]), span=span)


def _report(kind: Any) -> Callable[[Span, Children], tree.Report]:
    def build(span: Span, parts: Children) -> tree.Report:
        said = {part.word: part.value for part in parts if isinstance(part, _Said)}
        plain = [part for part in parts if not isinstance(part, _Said)]
        return tree.Report(
            kind=kind, of=plain[0] if plain else (), cohort=said.get("in"), by=said.get("by", ()),
            times=plain[1] if len(plain) > 1 else (), span=span,
        )  # fmt: skip

    return build


def _in(negated: bool, which: Literal["group", "under"] | None = None) -> Callable[[Span, Children], tree.In]:
    def build(span: Span, parts: Children) -> tree.In:
        choice = {} if which is None else {which: parts[2]}
        return tree.In(operand=parts[0], items=parts[1], negated=negated, **choice, span=span)

    return build


# --- indexes, spells, imports ----------------------------------------------------------------------------------------


def _whole(number: tree.Number) -> int:
    if number.value != int(number.value):
        raise Fault(faults.number_invalid(number.span.text, number.span))
    return int(number.value)


def _index_rows(span: Span, parts: Children) -> tree.Index:
    rows = parts[0]
    if rows.quantifier == "every" and rows.table.text in PERIODS and rows.window is None:
        what = f"It is not said from when to when there is an index every {rows.table.text}."
        raise Fault(faults.syntax(what, span, (), f"Write every {rows.table.text} during [START, END]."))
    return tree.Index(event=rows, washout=parts[1] if len(parts) > 1 else None, span=span)


def _index_each(span: Span, parts: Children) -> tree.IndexEach:
    return tree.IndexEach(unit=parts[0].split()[1], window=parts[1], span=span)


def _index_from(op: Any) -> Callable[[Span, Children], tree.IndexFrom]:
    return lambda span, parts: tree.IndexFrom(cohorts=tuple(parts), op=op, span=span)


def _index_assigned(span: Span, parts: Children) -> tree.IndexAssigned:
    said = {part.word: part.value for part in parts[2:]}
    return tree.IndexAssigned(cohort=parts[0], on=parts[1], **said, span=span)


def _said(word: str, value: Callable[[Children], object]) -> Callable[[Span, Children], _Said]:
    return lambda span, parts: _Said(word, value(parts))


def _spell_logic(op: Any) -> Callable[[Span, Children], tree.SpellLogic]:
    return lambda span, parts: tree.SpellLogic(op=op, operands=tuple(parts), span=span)


def _import(span: Span, parts: Children) -> tree.Import:
    return tree.Import(names=parts[0], path=parts[1], hash=content_hash(parts[2]), span=span)


def content_hash(text: tree.Text) -> tree.Text:
    """A checked SHA-256 in hexadecimal digits.  Raises Fault."""
    if not _HASH.fullmatch(text.value):
        raise Fault(faults.hash_invalid(text.span))
    return text


BUILDERS: dict[str, Callable[[Span, Children], object]] = {
    "study": lambda span, p: tree.Header(name=p[0], version=p[1], span=span),
    "language": lambda span, p: tree.Language(code=language_code(p[0].text, p[0].span), span=span),
    "title": _label,
    "purpose": _label,
    "label": _label,
    "category_label": _category_label,
    "legal": _label,
    "gap": _label,
    "model": lambda span, p: replace(p[0], span=span),
    "model_ref": _model,
    "permit": lambda span, p: tree.UsePermit(id=p[0], span=span),
    "codelist": lambda span, p: tree.UseCodelist(name=p[0], path=p[1], span=span),
    "parameter": _parameter,
    "define": _define,
    "cohort": _head("entity"),
    "exposure": _exposure,
    "state": _head(),
    "spells": _define,
    "policy": lambda span, p: tree.UsePolicy(name=p[0], span=span),
    "import": _import,
    "outcome": _head(),
    "follow_up": lambda span, p: {"start": dated(p[0]), "end": dated(p[1]), "span": span},
    "follow_up_recorded": lambda span, p: {
        "table": p[0],
        "start": p[1] if len(p) > 2 else None,
        "end": p[-1],
        "span": span,
    },
    "allow": lambda span, p: tree.Allow(code=p[0], reason=p[1].value, span=span),
    "index": lambda span, p: replace(p[-1], span=span),
    "index_rows": _index_rows,
    "index_at": lambda span, p: tree.IndexAt(time=dated(p[0]), span=span),
    "index_each": _index_each,
    "index_from": _index_from(None),
    "index_union": _index_from("union"),
    "index_intersect": _index_from("intersect"),
    "index_except": _index_from("except"),
    "index_assigned": _index_assigned,
    "matched_on": lambda span, p: tuple(p),
    "matched": lambda span, p: tree.Matched(name=p[0], within=p[1] if len(p) > 1 else None, span=span),
    "index_none": lambda span, p: tree.IndexNone(span=span),
    "ratio": _said("ratio", lambda p: _whole(p[0])),
    "replacement": _said("replacement", lambda p: True),
    "seed": _said("seed", lambda p: _whole(p[0])),
    "spell_rows": lambda span, p: tree.SpellRows(table=p[0], condition=p[1] if len(p) > 1 else None, span=span),
    "spell_any": _spell_logic("or"),
    "spell_all": _spell_logic("and"),
    "spell_except": _spell_logic("except"),
    "merged": lambda span, p: tree.Merged(operand=p[0], gap=p[1], span=span),
    "include": _criterion("include"),
    "exclude": _criterion("exclude"),
    "level": _level("where"),
    "level_since": _level("since"),
    "level_while": _level("during"),
    "switch_day": lambda span, p: tree.SwitchDay(rule=p[0], span=span),
    "switch_before": lambda span, p: "before",
    "switch_after": lambda span, p: "after",
    "entry": lambda span, p: tree.EntryAt(time=dated(p[0]), span=span),
    "while": lambda span, p: tree.While(spells=p[0], span=span),
    "censored": lambda span, p: tree.Censored(condition=p[0], span=span),
    "event_recorded": lambda span, p: tree.Recorded(condition=p[0], span=span),
    "event": lambda span, p: p[0],
    "dated": lambda span, p: tree.Dated(time=dated(p[0]), span=span),
    "competing": lambda span, p: tree.Competing(names=p[0], span=span),
    "time_zero": lambda span, p: tree.AtTimeZero(rule=p[0], span=span),
    "report_attrition": _report("attrition"),
    "report_baseline": _report("baseline"),
    "report_risk": _report("risk"),
    "report_events": _report("events"),
    "report_state": _report("state"),
    "report_trend": _report("trend"),
    "report_distribution": _report("distribution"),
    "in_cohort": _said("in", lambda p: p[0]),
    "by_groups": _said("by", lambda p: p[0]),
    "type": _type,
    "caption": lambda span, p: _Caption(p[0]),
    "names": lambda span, p: tuple(p),
    "durations": lambda span, p: tuple(p),
    "literals": lambda span, p: tuple(p),
    "bands": lambda span, p: tuple(p),
    "duration": _duration,
    "days_apart": _duration,
    "band": _band,
    "open_band": _band,
    "condition": _logic("or"),
    "both": _logic("and"),
    "open_both": _logic("and"),
    "negated": lambda span, p: tree.Not(operand=p[0], span=span),
    "compare": _compare,
    "between": lambda span, p: tree.Between(operand=p[0], low=p[1], high=p[2], span=span),
    "in_name": _in(False),
    "in_list": _in(False),
    "not_in_name": _in(True),
    "not_in_list": _in(True),
    "in_group": _in(False, "group"),
    "not_in_group": _in(True, "group"),
    "in_under": _in(False, "under"),
    "not_in_under": _in(True, "under"),
    "is_known": lambda span, p: tree.Known(operand=p[0], negated=False, span=span),
    "is_unknown": lambda span, p: tree.Known(operand=p[0], negated=True, span=span),
    "at_least": _at_least,
    "groups": lambda span, p: tuple(p),
    "code_group": _code_group,
    "in_groups": lambda span, p: tree.Groups(operand=p[0], groups=p[1], span=span),
    "column": lambda span, p: _Column(p[0]),
    "cases": lambda span, p: tree.Cases(cases=tuple(p), span=span),
    "case": _case,
    "elapsed": _elapsed,
    "member": lambda span, p: tree.MemberOf(cohort=p[0], span=span),
    "linked": lambda span, p: tree.Linked(column=p[0], entity=p[1], span=span),
    "value_at": _value_at,
    "times": lambda span, p: tree.Arithmetic(op="*", left=p[0], right=p[1], span=span),
    "divided": lambda span, p: tree.Arithmetic(op="/", left=p[0], right=p[1], span=span),
    "in_bands": lambda span, p: tree.Bands(operand=p[0], bands=p[1], span=span),
    "at": lambda span, p: tree.At(operand=p[0], time=dated(p[1]), span=span),
    "later": _sum("+"),
    "earlier": _sum("-"),
    "negative": lambda span, p: tree.Number(value=-p[0].value, span=span),
    "earliest": lambda span, p: tree.Earliest(items=tuple(p), span=span),
    "latest": lambda span, p: tree.Latest(items=tuple(p), span=span),
    "group": lambda span, p: p[0],
    "rows": _rows,
    "window_follow_up": lambda span, p: tree.NamedWindow(name="follow-up", span=span),
    "window_exposure": lambda span, p: tree.NamedWindow(name="window", span=span),
    "before": lambda span, p: tree.Before(time=dated(p[0]), span=span),
    "covering": lambda span, p: tree.Covering(time=dated(p[0]), span=span),
    "interval": lambda span, p: tree.Interval(
        low=dated(p[1]), high=dated(p[2]), low_closed=p[0], high_closed=p[3], span=span
    ),
    "closed": lambda span, p: True,
    "open": lambda span, p: False,
}
