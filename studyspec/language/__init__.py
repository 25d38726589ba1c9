"""The study language: one tree, two spellings.

`parse` reads either spelling, `recover` what can be read where something is wrong, `write` prints either;
`parse_expression` reads one expression of a YAML document.
"""

from __future__ import annotations

from typing import Literal

from studyspec.language import faults, tree
from studyspec.language.recovered import Recovered
from studyspec.language.yamltree import Scalar
from studyspec.source import Refused, Source, Span, Unreadable

Spelling = Literal["study", "yaml"]

__all__ = ["Recovered", "Spelling", "parse", "parse_expression", "recover", "spelling_of", "write"]


def spelling_of(name: str) -> Spelling:
    """The spelling that a file's name says.  Raises Unreadable (spelling-unknown)."""
    small = name.lower()
    if small.endswith(".study"):
        return "study"
    if small.endswith((".yaml", ".yml")):
        return "yaml"
    raise Unreadable(faults.spelling_unknown(name))


def parse(source: Source) -> tree.Document:
    """A study's document.  Raises Refused with every independent fault, Unreadable when the spelling is not known."""
    read = recover(source)
    if read.document is None or read.faults:
        raise Refused(*read.faults)
    return read.document


def recover(source: Source) -> Recovered:
    """What can be read of a study, with every fault of its text.  Raises Unreadable when the spelling is not known."""
    if spelling_of(source.name) == "study":
        from studyspec.language import dsl

        return dsl.read(source)
    from studyspec.language import yamlstudy

    return yamlstudy.read(source)


def write(document: tree.Document, spelling: Spelling) -> str:
    """The document in canonical form; parsing it gives the same document again (`format` proves it)."""
    if spelling == "study":
        from studyspec.language import printer

        return printer.study(document)
    from studyspec.language import yamlprinter

    return yamlprinter.study(document)


def parse_expression(text: Span | Scalar) -> tree.Expr:
    """One expression, from a stretch of a file or a scalar of a YAML document.  Raises Refused, at the right place."""
    from studyspec.language.slots import read_scalar, read_span

    found: tree.Expr = read_scalar("expr", text) if isinstance(text, Scalar) else read_span("expr", text)
    return found
