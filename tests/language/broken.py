"""Studies broken line by line, and what `check` says of them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import studyspec.catalogue.load
from studyspec.catalogue.load import load_catalogue
from studyspec.catalogue.types import Site
from studyspec.language import recover
from studyspec.pipeline import faults_of
from studyspec.semantics import resolve
from studyspec.source import Diagnostic, Refused, Severity, Source

OMNIA = Path(__file__).parents[2] / "examples/omnia"
LINES = (OMNIA / "omnia_employment.study").read_text(encoding="utf-8").splitlines()
TODAY = datetime.date(2026, 1, 1)
#: Models are read once, not once for each mutant.
load_model = cache(studyspec.catalogue.load.load_model)
_TOKEN = re.compile(r'"[^"]*"|[\w-]+|\S')


@pytest.fixture
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studyspec.catalogue.load, "load_model", load_model)


@dataclass(frozen=True)
class Mutant:
    """way: how it was broken; lines: the study; at: the lines (from 1) where a first error is in its place."""

    way: str
    lines: list[str]
    at: frozenset[int]


def _dependents(lines: list[str], number: int) -> set[int]:
    """The first clause under a statement, and the first line that uses what the line at `number` names."""
    found = {number + 1} if not lines[number].startswith(" ") and lines[number + 1 : number + 2] else set()
    words = lines[number].split()
    names = [word.strip(":") for word in words[1:2]]
    if words and words[0].endswith(":"):
        names.append(words[0].strip(":"))
    for name in names:
        uses = [n for n, line in enumerate(lines) if n != number and name in _TOKEN.findall(line)]
        found |= set(uses[:1])
    return found


def _changed(lines: list[str], number: int, way: str, line: str) -> Mutant:
    at = {number, *_dependents(lines, number)}
    return Mutant(way, [*lines[:number], line, *lines[number + 1 :]], frozenset(n + 1 for n in at))


def mutants(lines: list[str]) -> Iterator[Mutant]:
    for number, line in enumerate(lines):
        tokens = list(_TOKEN.finditer(line))
        if not tokens:
            continue
        for token in tokens[1:] or tokens:
            yield _changed(lines, number, "cut", line[: token.start()].rstrip())
        for token in tokens:
            word = token.group()
            if word.isalpha() and len(word) > 3 and word[1] != word[2]:
                swapped = word[0] + word[2] + word[1] + word[3:]
                yield _changed(lines, number, "misspelt", line[: token.start()] + swapped + line[token.end() :])
        yield Mutant("doubled", [*lines[: number + 1], line, *lines[number + 1 :]], frozenset({number + 1, number + 2}))
        left = [*lines[:number], *lines[number + 1 :]]
        # Where the line was, what stood under it, and what used it have moved up by one.
        at = {number, number + 1, len(lines), *_dependents(lines, number)}
        yield Mutant("moved", [*left, line], frozenset(at))
        last = next((t for t in reversed(tokens) if t.group()[0] == '"' or t.group()[0].isalnum()), tokens[-1])
        wrong = "7" if last.group().startswith('"') else '"x"'
        yield _changed(lines, number, "wrong type", line[: last.start()] + wrong + line[last.end() :])


def errors(lines: list[str], site: Site, spelling: str = "study", root: Path = OMNIA) -> tuple[Diagnostic, ...]:
    """What `check` says of a study."""
    read = recover(Source(f"x.{spelling}", "\n".join(lines) + "\n"))
    try:
        if read.document is None or read.faults:
            return faults_of(read, root, site)
        _, found = resolve(read.document, load_catalogue(read.document, root, site), TODAY)
    except Refused as refused:
        found = refused.diagnostics
    return tuple(d for d in found if d.severity is Severity.ERROR)
