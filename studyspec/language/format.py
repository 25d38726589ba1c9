"""`fmt` and `convert`: nothing is handed back to be written before it was read again and found to be the same study."""

from __future__ import annotations

from studyspec.language import Spelling, faults, parse, spelling_of, tree, write
from studyspec.source import Refused, Source


def fmt(source: Source) -> str:
    """A study in the canonical form of its own spelling.  Raises Refused (format-unsafe among others)."""
    return convert(source, spelling_of(source.name))


def convert(source: Source, spelling: Spelling) -> str:
    """A study in the canonical form of a spelling.  Raises Refused (format-unsafe among others)."""
    document = parse(source)
    text = write(document, spelling)
    if not same(document, text, spelling):
        raise Refused(faults.format_unsafe(document.header.span))
    return text


def same(document: tree.Document, text: str, spelling: Spelling) -> bool:
    """Whether a text reads back as the document: words, order and comments, but not layout."""
    try:
        return parse(Source(f"printed.{spelling}", text)) == document
    except Refused:
        return False
