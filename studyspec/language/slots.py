"""One rule of the grammar, read from a stretch of text or from a scalar of a YAML document."""

from __future__ import annotations

from typing import Any

from studyspec.language import yamlfaults
from studyspec.language.lalr import parse
from studyspec.language.lexer import Fault
from studyspec.language.yamltree import Scalar
from studyspec.source import Refused, Source, Span


def read_span(rule: str, span: Span) -> Any:
    """What `rule` builds from a stretch of a file.  Raises Refused."""
    try:
        return parse(rule, span.source.text, span.source.span, span.start, span.end, True)
    except Fault as fault:
        raise Refused(fault.diagnostic) from None


def read_scalar(rule: str, scalar: Scalar) -> Any:
    """What `rule` builds from a scalar's text; places are those in the file.  Raises Refused."""
    try:
        return parse(rule, scalar.text, scalar.inner, 0, len(scalar.text), False)
    except Fault as fault:
        comment = _cut(scalar)
        place = fault.diagnostic.span
        if comment is not None and place is not None and place.end >= scalar.span.end:
            raise Refused(yamlfaults.yaml_comment_in_expression(comment)) from None
        raise Refused(fault.diagnostic) from None


def _cut(scalar: Scalar) -> Span | None:
    """The comment that directly follows an unquoted scalar on its line."""
    if scalar.quoted or scalar.block:
        return None
    source: Source = scalar.span.source
    text, end = source.text, scalar.span.end
    stop = text.find("\n", end)
    rest = text[end : len(text) if stop < 0 else stop]
    if not rest.lstrip(" \t").startswith("#"):
        return None
    start = end + rest.index("#")
    return source.span(start, end + len(rest.rstrip()))
