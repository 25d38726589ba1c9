"""The only place that turns diagnostics into something people or programs read: text, JSON, SARIF 2.1.0.

Whatever comes from a document or a path is made harmless first: control characters and invisible direction marks are
shown by name, so that a study cannot write escape sequences to the terminal of the person who checks it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from studyspec.source import Diagnostic, Severity, Span

TAB = 4
#: Widest stretch of a source line that is shown, in terminal cells.
WIDTH = 140
#: A span over more lines than this shows its first and its last line only.
WHOLE_LINES = 3

_COLOURS: Mapping[str, str] = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m", "dim": "\x1b[34m"}
_RESET = "\x1b[0m"


# --- making text harmless --------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """The text on one line with nothing in it that a terminal obeys: `<U+001B>` stands for an escape character."""
    return "".join(_shown(c) for c in text)


def _shown(char: str) -> str:
    if char == "\t":
        return " "
    if char.isascii():
        return char if char.isprintable() else f"<U+{ord(char):04X}>"
    unsafe = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return f"<U+{ord(char):04X}>" if unsafe else char


def width(text: str) -> int:
    """Terminal cells that a text of harmless characters takes: 2 for wide characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_cells(c) for c in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


# --- text ------------------------------------------------------------------------------------------------------------


class _Painter:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, style: str, text: str) -> str:
        return f"{_COLOURS[style]}{text}{_RESET}" if self._colour and text else text


def text(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """Diagnostics as people read them, in the order of their places; empty for none."""
    return "\n".join(_one(d, _Painter(colour)) for d in ordered(diagnostics))


def ordered(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By file, place and code; those without a place first."""

    def key(d: Diagnostic) -> tuple[str, int, int, str]:
        return (d.span.source.name, d.span.start, d.span.end, d.code) if d.span else ("", -1, -1, d.code)

    return sorted(diagnostics, key=key)


def _one(diagnostic: Diagnostic, paint: _Painter) -> str:
    head = paint(diagnostic.severity.value, f"{diagnostic.severity.value}[{clean(diagnostic.code)}]")
    spans = [diagnostic.span] if diagnostic.span else []
    spans += [related.span for related in diagnostic.related]
    margin = max((len(str(_last_line(span))) for span in spans), default=1)
    lines = [f"{head}: {clean(diagnostic.message)}"]
    if diagnostic.span:
        lines += _excerpt(diagnostic.span, margin, paint, diagnostic.severity.value, "^")
    gutter = " " * (margin + 1)
    for related in diagnostic.related:
        lines.append(f"{gutter}{paint('dim', '=')} {paint('note', 'note')}: {clean(related.message)}")
        lines += _excerpt(related.span, margin, paint, "note", "-")
    if diagnostic.expected:
        lines.append(f"{gutter}{paint('dim', '=')} expected: {clean(_alternatives(diagnostic.expected))}")
    if diagnostic.remedy:
        lines.append(f"{gutter}{paint('dim', '=')} help: {clean(diagnostic.remedy)}")
    lines.append(f"{gutter}{paint('dim', '=')} more: studyspec explain {clean(diagnostic.code)}")
    return "\n".join(lines) + "\n"


def _alternatives(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _excerpt(span: Span, margin: int, paint: _Painter, style: str, mark: str) -> list[str]:
    """The place, and every line of the span with the span's part of it underlined."""
    line, column = span.source.position(span.start)
    bar = paint("dim", "|")
    result = [f"{' ' * margin}{paint('dim', '-->')} {clean(span.source.name)}:{line}:{column}"]
    if not span.source.text:
        return result
    result.append(f"{' ' * (margin + 1)}{bar}")
    last = _last_line(span)
    numbers = list(range(line, last + 1))
    for number in numbers if len(numbers) <= WHOLE_LINES else (line, last):
        if number == last and len(numbers) > WHOLE_LINES:
            result.append(paint("dim", "..."))
        shown, blank, marked = _underlined(span, number)
        result.append(f"{paint('dim', str(number).rjust(margin))} {bar}{' ' + shown if shown else ''}")
        result.append(f"{' ' * (margin + 1)}{bar} {' ' * blank}{paint(style, mark * marked)}")
    return result


def _last_line(span: Span) -> int:
    """The line of the span's last character; a final line end does not open another line."""
    if span.end <= span.start:
        return span.source.position(span.start)[0]
    kept = len(span.text.rstrip("\n"))
    return span.source.position(span.start + max(kept - 1, 0))[0]


def _underlined(span: Span, number: int) -> tuple[str, int, int]:
    """A line as shown, the cells before its underlined part, and the cells of that part (at least one)."""
    raw = span.source.line(number)
    first_line, first_column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    low = first_column - 1 if number == first_line else len(raw) - len(raw.lstrip())
    high = end_column - 1 if number == end_line else len(raw.rstrip())
    low, high = min(low, len(raw)), min(max(low, high), len(raw))
    cut_left, cut_right = max(0, low - WIDTH // 2), min(len(raw), max(high, low) + WIDTH // 2)
    if cut_right - cut_left > 2 * WIDTH:
        cut_right = cut_left + 2 * WIDTH
        high = min(high, cut_right)
    before = ("…" if cut_left else "") + _expand(raw[cut_left:low], 1 if cut_left else 0)
    start = width(before)
    marked = _expand(raw[low:high], start)
    after = _expand(raw[high:cut_right], start + width(marked))
    shown = before + marked + after + ("…" if cut_right < len(raw) else "")
    return shown.rstrip(), start, max(width(marked), 1)


def _expand(text: str, column: int) -> str:
    """Harmless text with tabs filled up to the next stop, beginning at a cell."""
    if "\t" not in text:
        return clean(text)
    parts: list[str] = []
    for char in text:
        part = " " * (TAB - column % TAB) if char == "\t" else _shown(char)
        column += width(part)
        parts.append(part)
    return "".join(parts)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty for none."""
    counts = [(s, sum(d.severity is s for d in diagnostics)) for s in Severity]
    return ", ".join(f"{n} {s.value}{'' if n == 1 else 's'}" for s, n in counts if n)


# --- JSON and SARIF --------------------------------------------------------------------------------------------------


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """`{"version": 1, "diagnostics": [...]}`: lines and columns from 1, columns in code points, ends exclusive."""
    import json

    return json.dumps({"version": 1, "diagnostics": [_object(d) for d in ordered(diagnostics)]}, indent=2) + "\n"


def _object(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "remedy": diagnostic.remedy,
        "expected": list(diagnostic.expected),
        "place": _place(diagnostic.span) if diagnostic.span else None,
        "related": [{"message": r.message, "place": _place(r.span)} for r in diagnostic.related],
    }


def _place(span: Span) -> dict[str, object]:
    (line, column), (end_line, end_column) = span.source.position(span.start), span.source.position(span.end)
    return {"file": span.source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def sarif(diagnostics: Iterable[Diagnostic]) -> str:
    """A SARIF 2.1.0 log with one run."""
    import json

    from studyspec import __version__

    found = ordered(diagnostics)
    codes = sorted({d.code for d in found})
    driver = {
        "name": "studyspec",
        "version": __version__,
        "rules": [{"id": code, "help": {"text": f"studyspec explain {code}"}} for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, codes.index(d.code)) for d in found],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, object]:
    words = [diagnostic.message]
    if diagnostic.expected:
        words.append(f"Expected: {_alternatives(diagnostic.expected)}.")
    if diagnostic.remedy:
        words.append(diagnostic.remedy)
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": " ".join(words)},
    }
    if diagnostic.span:
        result["locations"] = [_location(diagnostic.span)]
    if diagnostic.related:
        result["relatedLocations"] = [
            {"id": i, "message": {"text": r.message}, **_location(r.span)} for i, r in enumerate(diagnostic.related)
        ]
    return result


def _location(span: Span) -> dict[str, object]:
    from urllib.parse import quote

    (line, column), (end_line, end_column) = span.source.position(span.start), span.source.position(span.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    uri = quote(span.source.name.replace("\\", "/"), safe="/.-_~", errors="surrogateescape")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
