"""Text with places: what every room uses to say where something stands and what is wrong with it.

Data only.  Nothing here prints: rendering belongs to the faces (`studyspec.cli.render`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

#: No document a person writes is larger; larger files are refused before they are parsed.
MAX_SOURCE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One text that was read, with the name under which people know it (a path as they gave it)."""

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted from 1."""
        if not self._starts:
            self._starts.append(0)
            self._starts.extend(i + 1 for i, c in enumerate(self.text) if c == "\n")
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its end; empty past the last line."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""

    def span(self, start: int, end: int) -> Span:
        """The stretch [start, end) of this text, in characters."""
        return Span(self, start, end)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch [start, end) of one source, in characters."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def first_word(self) -> str:
        """What stands before the first space; empty where there is nothing else."""
        return next(iter(self.text.split(maxsplit=1)), "")

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of the other one, in the same source."""
        return Span(self.source, self.start, max(self.end, other.end))


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a diagnostic, with what stands there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong, or worth saying, about a document.

    code: stable kebab-case name with a page in docs/errors/CODE.md
    message: one sentence in the user's words, without the place
    span: what to underline; None where no text is at fault (a missing file, a failing engine)
    remedy: what to write or do instead; None only where the message already says it
    expected: the words or values that would have been accepted here
    """

    code: str
    message: str
    span: Span | None = None
    remedy: str | None = None
    related: tuple[Related, ...] = ()
    expected: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


class Refused(Exception):
    """The input was refused: carries every diagnostic found.  Exit code 1."""

    exit_code = 1

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in diagnostics))
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics


class Unreadable(Refused):
    """A file or a command line could not be used at all.  Exit code 2."""

    exit_code = 2


class EngineFailed(Refused):
    """The database refused or broke.  Carries our words, never the engine's.  Exit code 3."""

    exit_code = 3


def read(path: str | Path, limit: int = MAX_SOURCE_BYTES) -> Source:
    """Read a UTF-8 text file of at most `limit` bytes.

    Raises Unreadable (file-unreadable, file-too-large, file-not-text) without quoting the content.
    """
    name = str(path)
    try:
        with open(path, "rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise Unreadable(
            Diagnostic(
                "file-unreadable", f"Cannot read {name}: {reason}.", remedy="Check the path and its permissions."
            )
        ) from None
    if len(raw) > limit:
        raise Unreadable(
            Diagnostic(
                "file-too-large",
                f"{name} is larger than {limit:,} bytes.",
                remedy="Keep data out of documents; long code lists belong in a CSV file of their own.",
            )
        )
    return decode(name, raw)


def decode(name: str, raw: bytes) -> Source:
    """Text of a file's bytes: UTF-8, a leading byte-order mark dropped, no NUL.  Raises Unreadable (file-not-text)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Unreadable(
            Diagnostic("file-not-text", f"{name} is not UTF-8 text.", remedy="Save the file as UTF-8 text.")
        )
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))
