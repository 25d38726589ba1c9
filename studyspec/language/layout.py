"""How a study's text falls into statements and clauses, before any of it is parsed: so each fault stays in its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from studyspec.language import faults
from studyspec.language.comments import Comment
from studyspec.language.habitfaults import comment_mark
from studyspec.language.habits import CQL_WORDS, PYTHON_WORDS, SQL_WORDS
from studyspec.language.recovered import ANY
from studyspec.source import Diagnostic, Source, Span

#: Words that an outcome's event begins with, besides a role's name.
EVENTS = ("first", "last", "first-ever", "every", "exactly", "recorded")
_NAMED = ("label", "legal", "gap", "allow")
#: Each statement with the words its clauses begin with, in the order in which they are printed.
STATEMENTS: dict[str, tuple[str, ...]] = {
    "study": (),
    "language": (),
    "title": (),
    "purpose": (),
    "model": (),
    "permit": (),
    "policy": (),
    "codelist": (),
    "import": (),
    "parameter": _NAMED,
    "define": _NAMED,
    "spells": _NAMED,
    "cohort": (*_NAMED, "index", "include", "exclude"),
    "exposure": (*_NAMED, "switch-day", "level"),
    "follow-up": ("allow", "entry", "while", "censored"),
    "outcome": (*_NAMED, *EVENTS, "dated", "competing", "at time zero"),
    "state": (*_NAMED, "level"),
    "report": (),
}
#: Every word that begins a clause of some statement.
CLAUSES = frozenset(word for words in STATEMENTS.values() for word in words)
#: The grammar's start symbol for a clause's word; other words are their own.
RULES = dict.fromkeys(EVENTS, "event") | {
    "at time zero": "time_zero", "follow-up": "follow_up", "switch-day": "switch_day",
}  # fmt: skip

_MARK = re.compile(r'"(?:[^"\\]|\\.)*"?|#.*|[()\[\]]')
#: Comments of other languages on lines of their own; a line that goes on with a sum has one sign.
_COMMENT_LINE = re.compile(r"--(?![0-9])|//|/\*|\*(?=\s)")
_COMPLETE = re.compile(r'"(?:[^"\\]|\\.)*"')
_FIRST = re.compile(r"at\s+time\s+zero\b|\w+(?:-\w+)?")


@dataclass(slots=True)
class Line:
    """A line with something on it besides a comment.  start, end: its text; brackets: (which, place) in order."""

    number: int
    start: int
    end: int
    column: int
    word: str
    brackets: list[tuple[str, int]]


@dataclass(slots=True)
class Piece:
    """A statement's own line or one clause, with the lines that continue it.  word: what it begins with."""

    word: str
    lines: list[Line]

    @property
    def start(self) -> int:
        return self.lines[0].start

    @property
    def end(self) -> int:
        return self.lines[-1].end


@dataclass(slots=True)
class Block:
    """A statement: its own line, and its clauses."""

    head: Piece
    clauses: list[Piece] = field(default_factory=list)


def lines(source: Source) -> tuple[list[Line], list[Comment]]:
    """The lines that are not blank, and the comments."""
    found: list[Line] = []
    comments: list[Comment] = []
    offset = 0
    for number, raw in enumerate(source.text.split("\n"), 1):
        code, brackets = raw, []
        if "#" in raw or "(" in raw or "[" in raw or ")" in raw or "]" in raw:
            for mark in _MARK.finditer(raw):
                character = mark.group()[0]
                if character == "#":
                    code = raw[: mark.start()]
                    text = mark.group()[1:].rstrip().removeprefix(" ")
                    comments.append(Comment(text, number, not code.strip()))
                elif character != '"':
                    brackets.append((character, offset + mark.start()))
        stripped = code.strip(" \t")
        if stripped:
            column = len(code) - len(code.lstrip(" \t"))
            word = _FIRST.match(stripped)
            start = offset + column
            first = " ".join(word.group().split()) if word else ""
            found.append(Line(number, start, start + len(stripped), column, first, brackets))
        offset += len(raw) + 1
    return found, comments


def blocks(source: Source, found: list[Line]) -> tuple[list[Block], list[Diagnostic], list[tuple[int, str]]]:
    """The statements, each split into clauses; what is wrong with the layout; and where statements begin, known or not,
    with what they most likely are."""
    statements: list[list[Line]] = []
    found, wrong = _uncommented(source, found)
    open_text = False
    for line in found:
        text = source.text[line.start : line.end]
        if open_text and statements and _text_goes_on(line, text):
            statements[-1].append(replace(line, word="", brackets=[]))
            open_text = '"' not in text
            continue
        open_text = _COMPLETE.sub("", text).count('"') > 0
        span = source.span(line.start, line.start + max(len(line.word), 1))
        begins = line.column == 0 and source.text[line.start] not in ")]"
        if begins and statements and line.word not in STATEMENTS:
            above = statements[-1][0].word
            if line.word in STATEMENTS.get(above, ()):
                wrong.append(faults.clause_not_indented(line.word, above, span))
                begins = False
        if begins:
            statements.append([line])
        elif statements:
            statements[-1].append(line)
        else:
            wrong.append(faults.indented_statement(line.word or source.text[line.start], span))
            statements.append([line])
            if line.word not in STATEMENTS:
                wrong.pop()
                wrong.append(_unknown(source, line))
    result = []
    for group in statements:
        if group[0].word in STATEMENTS:
            result.append(_split(source, group, wrong))
        elif group[0].column == 0:
            wrong.append(_unknown(source, group[0]))
    return result, wrong, [(group[0].start, _likely(group[0].word)) for group in statements]


def _text_goes_on(line: Line, text: str) -> bool:
    """Whether a line after one with an unclosed text is more of that text."""
    quotes = text.count('"')
    known = line.word in STATEMENTS or line.word in CLAUSES
    return (quotes % 2 == 1 and text.endswith('"')) or (not known and (quotes == 0 or quotes % 2 == 1))


def _uncommented(source: Source, found: list[Line]) -> tuple[list[Line], list[Diagnostic]]:
    """The lines that are not comments as other languages write them; these are one fault together."""
    kept: list[Line] = []
    marks: list[tuple[str, int]] = []
    inside = False
    for line in found:
        text = source.text[line.start : line.end]
        mark = _COMMENT_LINE.match(text)
        if inside:
            inside = "*/" not in text
        elif mark and (line.column == 0 or mark.group() != "*"):
            marks.append((mark.group(), line.start))
            # One that never ends would take the whole study with it.
            inside = mark.group() == "/*" and "*/" not in text and source.text.find("*/", line.end) >= 0
        else:
            kept.append(line)
    if not marks:
        return kept, []
    mark_text, place = marks[0]
    return kept, [comment_mark(mark_text, source.span(place, place + len(mark_text)), len(marks))]


def _likely(word: str) -> str:
    return word if word in STATEMENTS else faults.nearest(word.lower(), tuple(STATEMENTS)) or ANY


def _unknown(source: Source, line: Line) -> Diagnostic:
    end = line.start + max(len(line.word), 1)
    span = source.span(line.start, end)
    small = line.word.lower()
    if small in SQL_WORDS:
        return faults.sql_habit(line.word, span)
    for words, fault in ((PYTHON_WORDS, faults.python_habit), (CQL_WORDS, faults.cql_habit)):
        if small in words:
            return fault(line.word, f"{faults.INSTEAD}.", span)
    if small in STATEMENTS:
        return faults.keyword_case(line.word, small, span)
    return faults.unknown_statement(span.text, tuple(STATEMENTS), span)


def _split(source: Source, group: list[Line], wrong: list[Diagnostic]) -> Block:
    """One statement into clauses.  Brackets that never close do not swallow the clauses after them."""
    head = group[0].word
    words = STATEMENTS[head]
    balanced = sum(1 if b in "([" else -1 for line in group for b, _ in line.brackets) == 0
    block = Block(Piece(head, [group[0]]))
    piece = block.head
    depth = _depth(0, group[0])
    for line in group[1:]:
        begins = line.word in words and (depth <= 0 or not balanced)
        event = head == "outcome" and line.word and piece.word in ("outcome", *_NAMED)
        if begins or (event and not begins and depth <= 0 and _event_missing(block)):
            piece = Piece(line.word if begins else "first", [line])
            block.clauses.append(piece)
            depth = 0
        else:
            piece.lines.append(line)
        depth = _depth(depth, line)
    for part in (block.head, *block.clauses):
        wrong.extend(_bracket_faults(source, part))
    return block


def _event_missing(block: Block) -> bool:
    return not any(piece.word in EVENTS for piece in block.clauses)


def _depth(depth: int, line: Line) -> int:
    return depth + sum(1 if bracket in "([" else -1 for bracket, _ in line.brackets)


def _bracket_faults(source: Source, piece: Piece) -> list[Diagnostic]:
    """The innermost bracket left open, or the first that closes nothing: one fault for a clause."""
    opened: list[tuple[str, int]] = []
    for line in piece.lines:
        for bracket, place in line.brackets:
            if bracket in "([":
                opened.append((bracket, place))
            elif opened:
                opened.pop()
            else:
                return [faults.stray_bracket(bracket, source.span(place, place + 1))]
    if not opened:
        return []
    bracket, place = opened[-1]
    return [faults.unclosed_bracket(bracket, source.span(place, place + 1))]


def broken(piece: Piece, wrong: list[Diagnostic]) -> bool:
    """Whether the layout already found a fault in this clause, so that parsing it would say it twice."""
    return any(d.span is not None and piece.start <= d.span.start < piece.end for d in wrong)


def whole(source: Source, piece: Piece) -> Span:
    """The stretch of a clause."""
    return source.span(piece.start, piece.end)
