"""What kinds of values the columns of a CSV file hold.

Whatever is kept of a file could stand in a public document: kinds of columns, years, and codes that many people share.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from studyspec.draft import faults
from studyspec.source import Refused

Kind = Literal["date", "integer", "decimal", "boolean", "code", "text", "empty"]

#: A code is written down only if so many people have it: what the library's default policy lets be published.
SHARED_BY = 8
#: A column of more different values is text, or a number.
MOST_CODES = 50
#: Whole numbers with no more different values than this are taken for codes.
MOST_NUMBERS = 9
#: Days that stand for "still open" where registers have no empty end.
OPEN_ENDS = frozenset({"9999-12-31", "2999-12-31", "2222-11-11", "9999-01-01"})

_INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Column:
    """physical: the name in the file.  years: first and last, of dates.  open_ends: those days found that stand for no
    end.  codes: those that many people share.  all_codes: whether these are all there are."""

    physical: str
    kind: Kind
    nullable: bool
    years: tuple[int, int] | None = None
    open_ends: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    all_codes: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """stem: the file's name without its ending.  listing: whether the key is in every row, and in no two."""

    path: Path
    stem: str
    key: str
    listing: bool
    columns: tuple[Column, ...]


def profile(paths: Sequence[Path]) -> tuple[File, ...]:
    """The files, joined by one column.  Raises Refused (draft-not-csv, draft-two-folders, draft-no-key)."""
    headers = [_header(path) for path in paths]
    for path in paths[1:]:
        if path.resolve().parent != paths[0].resolve().parent or [p.name for p in paths].count(path.name) > 1:
            raise Refused(faults.two_folders(paths[0].name, path.name))
    shared = [name for name in headers[0] if all(name in header for header in headers)]
    if not shared:
        raise Refused(faults.no_key(path.name for path in paths))
    key = next((name for name in shared if re.search(r"(^|_|[^a-z])id$|id_|tunnus|hetu", name.lower())), shared[0])
    return tuple(_file(path, header, key) for path, header in zip(paths, headers, strict=True))


def _header(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise Refused(faults.no_file(str(path)))
    first = next(_records(path), ())
    if len(first) == 1 and re.search("[;\t|]", first[0]):
        raise Refused(faults.not_csv(path.name))
    unnamed = (
        not first or len(set(first)) < len(first) or not all(name.strip() and name.isprintable() for name in first)
    )
    if path.suffix != ".csv" or unnamed:
        raise Refused(faults.not_csv(path.name))
    return tuple(first)


def _records(path: Path) -> Iterator[list[str]]:
    import csv

    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise Refused(faults.not_csv(path.name)) from None


def _file(path: Path, header: tuple[str, ...], key: str) -> File:
    seen = [_Seen() for _ in header]
    position = header.index(key)
    keys: set[str] = set()
    rows = 0
    records = _records(path)
    next(records)
    for record in records:
        if len(record) != len(header):
            raise Refused(faults.not_csv(path.name))
        rows += 1
        keys.add(record[position])
        for value, column in zip(record, seen, strict=True):
            column.add(value, record[position])
    columns = tuple(column.told(name) for name, column in zip(header, seen, strict=True))
    return File(path, path.stem, key, len(keys) == rows and "" not in keys, columns)


@dataclass(slots=True, repr=False)
class _Seen:
    """What was seen of one column so far; people per value only while the values are few."""

    kinds: set[Kind] = field(default_factory=lambda: {"date", "integer", "decimal", "boolean"})
    nullable: bool = False
    years: tuple[int, int] | None = None
    open_ends: set[str] = field(default_factory=set)
    people: dict[str, set[str]] | None = field(default_factory=dict)

    def add(self, value: str, key: str) -> None:
        if value == "":
            self.nullable = True
            return
        if "date" in self.kinds:
            self._date(value)
        if "integer" in self.kinds and not _INTEGER.fullmatch(value):
            self.kinds.discard("integer")
        if "decimal" in self.kinds and not (_DECIMAL.fullmatch(value) or _INTEGER.fullmatch(value)):
            self.kinds.discard("decimal")
        if "boolean" in self.kinds and value not in ("true", "false"):
            self.kinds.discard("boolean")
        if self.people is not None:
            people = self.people.setdefault(value, set())
            if len(people) < SHARED_BY:
                people.add(key)
            if len(self.people) > MOST_CODES:
                self.people = None

    def _date(self, value: str) -> None:
        try:
            day = datetime.date.fromisoformat(value) if len(value) == 10 else None
        except ValueError:
            day = None
        if day is None:
            self.kinds.discard("date")
        elif value in OPEN_ENDS:
            self.open_ends.add(value)
        else:
            low, high = self.years or (day.year, day.year)
            self.years = min(low, day.year), max(high, day.year)

    def told(self, name: str) -> Column:
        if self.people == {}:
            return Column(name, "empty", True)
        if "date" in self.kinds:
            return Column(name, "date", self.nullable, self.years, tuple(sorted(self.open_ends)))
        if "boolean" in self.kinds:
            return Column(name, "boolean", self.nullable)
        few = MOST_NUMBERS if "integer" in self.kinds else MOST_CODES
        if "integer" in self.kinds and (self.people is None or len(self.people) > few):
            return Column(name, "integer", self.nullable)
        if "decimal" in self.kinds and "integer" not in self.kinds:
            return Column(name, "decimal", self.nullable)
        if self.people is None:
            return Column(name, "text", self.nullable)
        codes = tuple(sorted(v for v, people in self.people.items() if len(people) >= SHARED_BY and _harmless(v)))
        return Column(
            name, "code" if codes else "text", self.nullable, codes=codes, all_codes=len(codes) == len(self.people)
        )


def _harmless(value: str) -> bool:
    return value.isprintable() and value == value.strip() and len(value) <= 60
