"""What each grammar rule builds: nodes of the tree from their children, with the stretch of text they cover."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from studyspec.language import faults, tree
from studyspec.language.characters import MAX_NAME_BYTES, normal, scripts
from studyspec.language.lexer import TYPE_WORDS, UNITS, Fault, Token
from studyspec.source import Span

_MAX_DIGITS = 18
_MAX_AMOUNT = {"day": 3_660_000, "week": 522_000, "month": 119_988, "year": 9_999}
_ESCAPE = re.compile(r"\\(.)")


def name(text: str, span: Span) -> tree.Name:
    """A checked name: NFC, one script, short enough for every database.  Raises Fault."""
    if text.isascii() and len(text) <= MAX_NAME_BYTES:
        return tree.Name(text=text, span=span)
    text = normal(text)
    mixed = scripts(text)
    if mixed:
        raise Fault(faults.name_mixed_scripts(text, mixed, span))
    if len(text.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise Fault(faults.name_too_long(text, MAX_NAME_BYTES, span))
    return tree.Name(text=text, span=span)


def _text(token: Token, span: Span) -> tree.Text:
    value = token.text[1:-1]
    if "\\" in value:
        for escape in _ESCAPE.finditer(value):
            if escape.group(1) not in '"\\':
                start = span.start + 1 + escape.start()
                straight = span.text == token.text
                raise Fault(faults.escape_unknown(Span(span.source, start, start + 2) if straight else span))
        value = _ESCAPE.sub(r"\1", value)
    return tree.Text(value=value, span=span)


def _number(token: Token, span: Span) -> tree.Number:
    digits = token.text
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        raise Fault(faults.code_unquoted(digits, span))
    if len(digits) > _MAX_DIGITS:
        raise Fault(faults.number_invalid(digits, span))
    return tree.Number(value=Decimal(digits), span=span)


def _date(token: Token, span: Span) -> tree.Date:
    try:
        return tree.Date(value=datetime.date.fromisoformat(token.text), span=span)
    except ValueError:
        raise Fault(faults.date_invalid(token.text, span)) from None


def _anchor(token: Token, span: Span) -> tree.Anchor:
    return tree.Anchor(name=" ".join(token.text.split()), span=span)  # type: ignore[arg-type]


def _word(token: Token, span: Span) -> str:
    return " ".join(token.text.split())


#: What a token becomes; tokens of other kinds are only marks and leave nothing behind.
LEAVES: dict[str, Callable[[Token, Span], object]] = {
    "NAME": lambda token, span: name(token.text, span),
    "TEXT": _text,
    "NUMBER": _number,
    "DATE": _date,
    "TRUE": lambda token, span: tree.Boolean(value=True, span=span),
    "FALSE": lambda token, span: tree.Boolean(value=False, span=span),
    **dict.fromkeys(
        (
            "INDEX",
            "FOLLOW_UP_START",
            "FOLLOW_UP_END",
            "ITS_START",
            "ITS_END",
            "ITS_DATE",
            "END_OF_DATA",
            "START_OF_DATA",
        ),
        _anchor,
    ),
    **dict.fromkeys(
        ("EQUAL", "COMPARE", "UNIT", "TYPE_WORD", "TIME_ZERO_RULE", "VERSION_NUMBER", "CHECK_CODE", "ANY", "NO"), _word
    ),
    **dict.fromkeys(("COUNT_OF", "DAYS_OF", "FIRST", "LAST", "STARTING", "ENDING"), _word),
    **dict.fromkeys(("SMALLEST", "LARGEST", "SUM_OF", "DISTINCT"), _word),
}

Children = list[Any]


@dataclass(frozen=True, slots=True)
class _Caption:
    """The label on an element's own line, so that it is not taken for the text that follows."""

    text: tree.Text


@dataclass(frozen=True, slots=True)
class _Column:
    """The column that a row query takes its value from, so that it is not taken for the table."""

    name: tree.Name


def _logic(op: Any) -> Callable[[Span, Children], object]:
    return lambda span, parts: tree.Logic(op=op, operands=tuple(parts), span=span)


def _duration(span: Span, parts: Children) -> tree.Duration:
    amount, unit = parts[0].value, UNITS[parts[1]]
    if amount != int(amount) or amount > _MAX_AMOUNT[unit]:
        raise Fault(faults.duration_invalid(span.text, span))
    return tree.Duration(amount=int(amount), unit=unit, span=span)  # type: ignore[arg-type]


def _band(span: Span, parts: Children) -> tree.Band:
    low, high = parts[0].value, parts[1].value if len(parts) > 1 else None
    if low != int(low) or (high is not None and (high != int(high) or high < low)):
        raise Fault(faults.band_invalid(span.text, span))
    return tree.Band(low=int(low), high=None if high is None else int(high), span=span)


def _rows(span: Span, parts: Children) -> tree.Rows | tree.RowValue:
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
    window = tree.Covering(time=parts[2], span=parts[2].span)
    return tree.RowValue(
        pick=None, column=parts[0], table=parts[1], edge=None, window=window, condition=None, span=span
    )


def _sum(op: Any) -> Callable[[Span, Children], object]:
    """A time moved by a duration, or numbers added or subtracted."""

    def build(span: Span, parts: Children) -> object:
        left, right = parts
        if isinstance(right, tree.Duration):
            return tree.Shift(operand=left, sign=op, duration=right, span=span)
        return tree.Arithmetic(op=op, left=left, right=right, span=span)

    return build


def _at_least(span: Span, parts: Children) -> tree.AtLeast:
    number = parts[0]
    if number.value != int(number.value):
        raise Fault(faults.number_invalid(number.span.text, number.span))
    return tree.AtLeast(count=int(number.value), operands=tuple(parts[1:]), span=span)


def _code_group(span: Span, parts: Children) -> tree.Group:
    head, codes = _named(parts)
    return tree.Group(**head, codes=tuple(codes), span=span)


def _label(span: Span, parts: Children) -> tree.Label:
    language = None
    if len(parts) == 2:
        language = language_code(parts[0].text, parts[0].span)
    return tree.Label(language=language, text=parts[-1].value, span=span)


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


def _level(span: Span, parts: Children) -> dict[str, Any]:
    head, rest = _named(parts)
    return {**head, "where": rest[0] if rest else None, "span": span}


def _type(span: Span, parts: Children) -> tree.TypeName:
    if isinstance(parts[0], str) and parts[0] in TYPE_WORDS:
        return tree.TypeName(kind=parts[0], span=span)  # type: ignore[arg-type]
    return tree.TypeName(kind="code", list=parts[0], span=span)


def _model(span: Span, parts: Children) -> tree.UseModel:
    version = parts[1].value
    if version != int(version):
        raise Fault(faults.number_invalid(parts[1].span.text, parts[1].span))
    return tree.UseModel(name=parts[0], version=int(version), span=span)


def _report(kind: Any) -> Callable[[Span, Children], tree.Report]:
    def build(span: Span, parts: Children) -> tree.Report:
        groups: list[Any] = list(parts)
        times = groups.pop() if kind == "risk" else ()
        of = groups[0] if groups else ()
        by = groups[1] if len(groups) > 1 else ()
        return tree.Report(kind=kind, of=of, by=by, times=times, span=span)

    return build


def _in(negated: bool) -> Callable[[Span, Children], tree.In]:
    return lambda span, parts: tree.In(
        operand=parts[0], items=parts[1], negated=negated, group=parts[2] if len(parts) > 2 else None, span=span
    )


BUILDERS: dict[str, Callable[[Span, Children], object]] = {
    "study": lambda span, p: tree.Header(name=p[0], version=p[1], span=span),
    "language": lambda span, p: tree.Language(code=language_code(p[0].text, p[0].span), span=span),
    "title": _label,
    "purpose": _label,
    "label": _label,
    "legal": _label,
    "gap": _label,
    "model": lambda span, p: replace(p[0], span=span),
    "model_ref": _model,
    "permit": lambda span, p: tree.UsePermit(id=p[0], span=span),
    "codelist": lambda span, p: tree.UseCodelist(name=p[0], path=p[1], span=span),
    "parameter": _parameter,
    "define": _define,
    "cohort": _head("entity"),
    "exposure": _head("window"),
    "outcome": _head(),
    "follow_up": lambda span, p: {"start": p[0], "end": p[1], "span": span},
    "allow": lambda span, p: tree.Allow(code=p[0], reason=p[1].value, span=span),
    "index": lambda span, p: tree.Index(event=p[-1], span=span),
    "include": _criterion("include"),
    "exclude": _criterion("exclude"),
    "level": _level,
    "event": lambda span, p: p[0],
    "dated": lambda span, p: tree.Dated(time=p[0], span=span),
    "competing": lambda span, p: tree.Competing(names=p[0], span=span),
    "time_zero": lambda span, p: tree.AtTimeZero(rule=p[0], span=span),
    "report_attrition": _report("attrition"),
    "report_baseline": _report("baseline"),
    "report_risk": _report("risk"),
    "type": _type,
    "caption": lambda span, p: _Caption(p[0]),
    "names": lambda span, p: tuple(p),
    "durations": lambda span, p: tuple(p),
    "literals": lambda span, p: tuple(p),
    "bands": lambda span, p: tuple(p),
    "duration": _duration,
    "band": _band,
    "open_band": _band,
    "condition": _logic("or"),
    "both": _logic("and"),
    "open_both": _logic("and"),
    "negated": lambda span, p: tree.Not(operand=p[0], span=span),
    "compare": lambda span, p: tree.Compare(op=p[1], left=p[0], right=p[2], span=span),
    "between": lambda span, p: tree.Between(operand=p[0], low=p[1], high=p[2], span=span),
    "in_name": _in(False),
    "in_list": _in(False),
    "not_in_name": _in(True),
    "not_in_list": _in(True),
    "in_group": _in(False),
    "not_in_group": _in(True),
    "is_known": lambda span, p: tree.Known(operand=p[0], negated=False, span=span),
    "is_unknown": lambda span, p: tree.Known(operand=p[0], negated=True, span=span),
    "at_least": _at_least,
    "groups": lambda span, p: tuple(p),
    "code_group": _code_group,
    "in_groups": lambda span, p: tree.Groups(operand=p[0], groups=p[1], span=span),
    "column": lambda span, p: _Column(p[0]),
    "value_at": _value_at,
    "times": lambda span, p: tree.Arithmetic(op="*", left=p[0], right=p[1], span=span),
    "in_bands": lambda span, p: tree.Bands(operand=p[0], bands=p[1], span=span),
    "at": lambda span, p: tree.At(operand=p[0], time=p[1], span=span),
    "later": _sum("+"),
    "earlier": _sum("-"),
    "negative": lambda span, p: tree.Number(value=-p[0].value, span=span),
    "earliest": lambda span, p: tree.Earliest(items=tuple(p), span=span),
    "group": lambda span, p: p[0],
    "rows": _rows,
    "window_follow_up": lambda span, p: tree.NamedWindow(name="follow-up", span=span),
    "window_exposure": lambda span, p: tree.NamedWindow(name="window", span=span),
    "before": lambda span, p: tree.Before(time=p[0], span=span),
    "covering": lambda span, p: tree.Covering(time=p[0], span=span),
    "interval": lambda span, p: tree.Interval(low=p[1], high=p[2], low_closed=p[0], high_closed=p[3], span=span),
    "closed": lambda span, p: True,
    "open": lambda span, p: False,
}
