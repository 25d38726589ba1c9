"""What is left of a study when some of its statements cannot be read, and what may be missing because of them."""

from __future__ import annotations

from dataclasses import dataclass

from studyspec.language import tree
from studyspec.source import Diagnostic, Span

#: A statement that nobody knows: it may have been of any kind.
ANY = "?"


#: Clauses that say something each for itself: without one of them, the rest of its statement still stands.
PARTS = frozenset({"include", "exclude", "level"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where one statement stands, or one clause of it.

    kind: the word it begins with, or ANY
    declares: names it gives, as far as known
    parts: its clauses of the kinds PARTS, with what is said under them
    """

    kind: str
    span: Span
    declares: frozenset[str] = frozenset()
    parts: tuple[Stretch, ...] = ()

    def holds(self, span: Span) -> bool:
        return self.span.start <= span.start < self.span.end


@dataclass(frozen=True, slots=True)
class Lost:
    """The statements that could not be read, and the clauses of others that could not.

    words: every word in them: a name that is one of these may be theirs
    cohorts: name and entity of each cohort among them whose own line could be read
    others: the statements that could be read
    """

    places: tuple[Stretch, ...]
    words: frozenset[str]
    cohorts: tuple[tuple[tree.Name, tree.Name], ...]
    others: tuple[Stretch, ...]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(place.kind for place in self.places)

    @property
    def declared(self) -> frozenset[str]:
        return frozenset(name for place in self.places for name in place.declares)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A study as far as it could be read.

    document: whole where nothing is wrong; without what is at fault where only that is missing; else None
    faults: everything that is wrong with the text
    lost: None where nothing is
    """

    document: tree.Document | None
    faults: tuple[Diagnostic, ...] = ()
    lost: Lost | None = None
