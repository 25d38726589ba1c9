"""From the kinds of columns to a model: which file lists everyone, which rows are events, which are spells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from studyspec.catalogue.reader import is_name
from studyspec.draft import faults
from studyspec.draft.profile import Column, File
from studyspec.draft.spellings import Spelling
from studyspec.language.lexer import RESERVED
from studyspec.source import Refused

_BORN = re.compile(r"birth|born|dob|synty|f[oö]d")
_START = re.compile(r"(^|_)(start|begin|from|alku|alka|b[oö]rj)")
_END = re.compile(r"(^|_)(end|until|stop|loppu|p[aä][aä]tt|slut)")
#: Words of the language that a column may not be called, or would be mistaken for.
_TAKEN = RESERVED | {"duration", "window", "age", "days", "count", "sum", "mean", "with", "and", "or", "in", "at"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the model to be.  names: physical column -> name.  date, start, end: names of columns."""

    name: str
    file: File
    shape: Literal["attributes", "events", "spells"]
    names: dict[str, str]
    date: str | None = None
    start: str | None = None
    end: str | None = None

    @property
    def years(self) -> tuple[int, int] | None:
        """First and last year of the days that place its rows in time."""
        days = [c.years for c in self.file.columns if self.names[c.physical] in (self.date, self.start, self.end)]
        known = [y for y in days if y is not None]
        return (min(y[0] for y in known), max(y[1] for y in known)) if known else None


@dataclass(frozen=True, slots=True)
class Guess:
    """people: the table that lists everyone.  born: its column with dates of birth.  left_out: files without dates."""

    people: Table
    others: tuple[Table, ...]
    born: str | None
    left_out: tuple[File, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        return (self.people, *self.others)

    @property
    def folder(self) -> Path:
        return self.people.file.path.resolve().parent


def guess(files: tuple[File, ...]) -> Guess:
    """Raises Refused (draft-no-list, draft-no-dates)."""
    listing = next((f for f in files if f.listing), None)
    if listing is None:
        raise Refused(faults.no_list(files[0].key, (f.path.name for f in files)))
    tables = [t for f in files if f is not listing and (t := _dated(f)) is not None]
    if not tables:
        raise Refused(faults.no_dates([f.path.name for f in files], _nearly_dated(files, listing)))
    people = Table(_name(listing.stem), listing, "attributes", _names(listing))
    born = next((c.physical for c in listing.columns if c.kind == "date" and _BORN.search(c.physical.lower())), None)
    dated = {t.file.stem for t in tables}
    left_out = tuple(f for f in files if f is not listing and f.stem not in dated)
    tables = [replace(t, name=f"{t.name}_{n}") if _twice(t, [people, *tables]) else t for n, t in enumerate(tables, 2)]
    return Guess(people, tuple(tables), None if born is None else people.names[born], left_out)


def _nearly_dated(files: tuple[File, ...], listing: File) -> tuple[str, str, Spelling] | None:
    """The first column that holds days in a spelling that is not read."""
    spelt = [(f.path.name, c.physical, c.spelling) for f in files if f is not listing for c in f.columns]
    return next(((file, name, one) for file, name, one in spelt if one is not None and one.what == "dates"), None)


def _twice(table: Table, among: list[Table]) -> bool:
    return [t.name.casefold() for t in among].count(table.name.casefold()) > 1


def _dated(file: File) -> Table | None:
    names = _names(file)
    dates = [c for c in file.columns if c.kind == "date"]
    known = [c for c in dates if c.years is not None]
    start, end = _like(known, _START), _like(dates, _END)
    if start is not None and end is not None and start is not end:
        return Table(_name(file.stem), file, "spells", names, start=names[start.physical], end=names[end.physical])
    if not known:
        return None
    return Table(_name(file.stem), file, "events", names, date=names[known[0].physical])


def _like(columns: list[Column], words: re.Pattern[str]) -> Column | None:
    return next((c for c in columns if words.search(c.physical.lower())), None)


def _names(file: File) -> dict[str, str]:
    """A name of the language for every column that holds anything; no two alike."""
    found: dict[str, str] = {}
    for column in file.columns:
        name, n = _name(column.physical), 2
        while name.casefold() in {other.casefold() for other in found.values()}:
            name, n = f"{_name(column.physical)}_{n}", n + 1
        found[column.physical] = name
    return found


def _name(text: str) -> str:
    """Letters, digits and underscores, a letter first, and no word that the language has taken."""
    plain = unicodedata.normalize("NFC", text).lower()
    name = re.sub(r"[^\w]+", "_", plain).strip("_")[:40] or "column"
    if not is_name(name):
        name = f"c_{name}" if is_name(f"c_{name}") else "column"
    return f"{name}_" if name in _TAKEN else name
