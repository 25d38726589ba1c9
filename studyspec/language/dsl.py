"""The study spelling: text to document, every independent fault reported at once."""

from __future__ import annotations

from typing import Any

from studyspec.language import faults, tree
from studyspec.language.assemble import Extras, Parts, finish
from studyspec.language.comments import attach
from studyspec.language.lalr import parse as parse_rule
from studyspec.language.layout import CLAUSES, EVENTS, RULES, STATEMENTS, Block, Piece, blocks, broken, lines, whole
from studyspec.language.lexer import Fault
from studyspec.language.recovered import PARTS, Recovered
from studyspec.language.recovery import stretches
from studyspec.source import Diagnostic, Source, Span

_EXTRAS = ("label", "legal", "gap", "allow")
#: Faults of clauses that most likely belong to another statement.
_ASTRAY = frozenset({"unknown-clause", "repeated-statement", "indented-statement"})


def read(source: Source) -> Recovered:
    found, comments = lines(source)
    if not found:
        return Recovered(None, (faults.empty_study(source.span(0, 0)),))
    statements, wrong, begins = blocks(source, found)
    extents: list[tuple[int, int]] = []
    for block in statements:
        last = (block.clauses or [block.head])[-1].lines[-1].number
        extents.append((block.head.lines[0].number, last))
        extents.extend((piece.lines[0].number, piece.lines[-1].number) for piece in block.clauses)
    attached, after = attach(extents, comments)
    reader = _Reader(source, wrong, Parts())
    position = 0
    for block in statements:
        reader.statement(block, attached[position : position + 1 + len(block.clauses)])
        position += 1 + len(block.clauses)
    parts = [(piece.start, piece.word) for block in statements for piece in block.clauses if piece.word in PARTS]
    return finish(
        source.span(0, len(source.text)), reader.parts, after, reader.faults, _tabs(source),
        lambda: stretches(source, begins, parts),
    )  # fmt: skip


def _tabs(source: Source) -> list[Diagnostic]:
    place = source.text.find("\t")
    if place < 0:
        return []
    guilty = [n for n, line in enumerate(source.text.split("\n"), 1) if "\t" in line]
    return [faults.tab_character(source.span(place, place + 1), len(guilty))]


def _until_astray(wrong: list[Diagnostic]) -> list[Diagnostic]:
    """The faults of one statement up to its first clause that seems to be of another: what follows is that one's."""
    for i, fault in enumerate(wrong):
        word = fault.span.first_word if fault.span else ""
        run = fault.code == "repeated-statement" and any(_below(fault, other) for other in wrong[i + 1 :])
        if run or (fault.code == "unknown-clause" and word in CLAUSES) or fault.code == "indented-statement":
            return [*wrong[:i], faults.headless(fault) if run else fault]
    return wrong


def _below(upper: Diagnostic, lower: Diagnostic) -> bool:
    """Whether the line right under a clause that is said twice says another one twice."""
    if upper.span is None or lower.span is None or lower.code != "repeated-statement":
        return False
    source = upper.span.source
    return source.position(lower.span.start)[0] == source.position(upper.span.end)[0] + 1


class _Reader:
    """Statements into parts of a document, one after the other."""

    def __init__(self, source: Source, wrong: list[Diagnostic], parts: Parts) -> None:
        self.source, self.faults, self.parts = source, wrong, parts
        self.layout = list(wrong)

    def read(self, piece: Piece, statement: str) -> Any:
        """What a clause says; None when it is at fault."""
        if broken(piece, self.layout):
            return None
        try:
            rule = RULES.get(piece.word, piece.word)
            return parse_rule(rule, self.source.text, self.source.span, piece.start, piece.end, True)
        except Fault as fault:
            self.faults.append(self.sharper(piece, statement, fault.diagnostic))
            return None

    def sharper(self, piece: Piece, statement: str, diagnostic: Diagnostic) -> Diagnostic:
        """A fault on the first word of a continued line is a clause that nobody knows."""
        words = STATEMENTS[statement]
        first = piece.lines[0]
        if first.word in STATEMENTS and first.column > 0 and first.word != piece.word:
            # It was taken for an event, which may begin with any name.
            return faults.statement_indented(first.word, self.source.span(first.start, first.start + len(first.word)))
        for line in piece.lines[1:]:
            place = diagnostic.span
            if place is not None and place.start == line.start and line.word and diagnostic.code == "syntax":
                if line.word in STATEMENTS:
                    return faults.statement_indented(line.word, place)
                return faults.unknown_clause(line.word, statement, words, place)
        return diagnostic

    def statement(self, block: Block, comments: list[tree.Comments]) -> None:
        before = len(self.faults)
        self._statement(block, comments)
        self.faults[before:] = _until_astray(self.faults[before:])

    def _statement(self, block: Block, comments: list[tree.Comments]) -> None:
        word = block.head.word
        self.parts.seen.add(word)
        before = len(self.faults) + sum(broken(piece, self.layout) for piece in (block.head, *block.clauses))
        head = self.read(block.head, word)
        clauses = [(piece, self.read(piece, word), c) for piece, c in zip(block.clauses, comments[1:], strict=True)]
        whole = all(value is not None for _, value, _ in clauses)
        if head is None or (whole and len(self.faults) > before):
            return
        if isinstance(head, dict):
            readable = clauses if whole else self.readable(clauses, before)
            if readable is None:
                self.parts.unreadable(word, head)
            else:
                self.element(word, block, head, readable, comments[0])
        else:
            self.parts.add(word, head, comments[0], self.faults)

    def readable(
        self, clauses: list[tuple[Piece, Any, tree.Comments]], before: int
    ) -> list[tuple[Piece, Any, tree.Comments]] | None:
        """The clauses of a statement without those that say something each for itself and could not be read, nor what
        is said under these; None where another one is missing, or one may be another statement's.

        before: number of faults before the statement
        """
        if any(fault.code in _ASTRAY for fault in self.faults[before:]):
            return None
        kept: list[tuple[Piece, Any, tree.Comments]] = []
        unread = False
        for piece, value, said in clauses:
            if piece.word in PARTS or piece.word not in _EXTRAS:
                unread = value is None
            if value is None and piece.word not in PARTS and piece.word not in _EXTRAS:
                return None
            if value is not None and not unread:
                kept.append((piece, value, said))
        return kept if any(piece.word in PARTS for piece, _, _ in kept) else None

    def element(
        self, word: str, block: Block, head: dict[str, Any], clauses: list[tuple[Piece, Any, tree.Comments]],
        comments: tree.Comments,
    ) -> None:  # fmt: skip
        """A statement with clauses.  A label, legal, gap or allow belongs to the nearest named element above it."""
        own = Extras(head.pop("label", None))
        current = own
        inner: list[tuple[dict[str, Any], Extras, tree.Comments]] = []
        single: dict[str, tuple[Any, tree.Comments, Span]] = {}
        for piece, value, said in clauses:
            if piece.word in _EXTRAS:
                current.add(piece.word, value, said, self.faults)
            elif isinstance(value, dict):
                current = Extras(value.pop("label", None))
                inner.append((value, current, said))
            else:
                key = "event" if piece.word in EVENTS else piece.word
                if key == "event":
                    # An event is an expression: comments at it are the outcome's.
                    own.keep(said)
                    said = tree.Comments()
                if key in single:
                    what = f"{piece.word} of {word}" if key != "event" else "The event of the outcome"
                    self.faults.append(faults.repeated_statement(what, whole(self.source, piece), single[key][2]))
                single[key] = (value, said, whole(self.source, piece))
        span = whole(self.source, block.head)
        self.parts.element(word, span, head, own, comments, inner, {k: v[:2] for k, v in single.items()}, self.faults)
