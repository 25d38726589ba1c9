"""A plain rendering of refusals for tests: line, underlined text, code, message, remedy."""

from __future__ import annotations

from studyspec.language import parse
from studyspec.source import Refused, Source


def transcript(source: Source) -> str:
    """What the author of a bad study is told."""
    try:
        parse(source)
    except Refused as refused:
        found = refused.diagnostics
    else:
        return "accepted\n"
    parts = []
    for d in found:
        assert d.span is not None
        line, column = source.position(d.span.start)
        text = d.span.text.split("\n")[0]
        parts.append(f"{line}:{column} [{text}] {d.code}\n  {d.message}\n  {d.remedy or ''}".rstrip() + "\n")
        if d.expected:
            parts[-1] += f"  expected: {', '.join(d.expected)}\n"
        parts.extend(f"  see {source.position(r.span.start)[0]} [{r.span.text}] {r.message}\n" for r in d.related)
    return "\n".join(parts)
