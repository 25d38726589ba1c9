"""What kinds of values the columns of a CSV file hold.

Whatever is kept of a file could stand in a public document: kinds of columns, years, and codes that many people share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from studyspec.catalogue.reader import parse_date
from studyspec.draft import faults
from studyspec.draft.spellings import SPELLINGS, Spelling
from studyspec.source import Diagnostic, Refused

Kind = Literal["date", "integer", "decimal", "boolean", "code", "text", "empty"]

#: A code is written down only if so many people have it: what the library's default policy lets be published.
SHARED_BY = 8
#: A column of more different values is text, or a number.
MOST_CODES = 50
#: Whole numbers with no more different values than this are taken for codes.
MOST_NUMBERS = 9
#: Days that stand for "still open" where registers have no empty end.
OPEN_ENDS = frozenset({"9999-12-31", "2999-12-31", "2222-11-11", "9999-01-01"})
#: Words for "missing" in files, as `casefold` writes them.  They stand in documents, for they are nobody's.
MARKS = frozenset({"na", "n/a", "#n/a", "nan", "null", ".", "-", "?"})
#: A column is of a kind when at most one in so many of its values is not: those are mistakes, and are told.
ONE_STRAY_IN = 20

_INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")
_BEGINS = frozenset("+-0123456789")


@dataclass(frozen=True, slots=True)
class Column:
    """physical: the name in the file.  years: first and last, of dates.  nulls: the marks found, and those days that
    stand for no end.  codes: those that many people share.  all_codes: whether these are all there are.  stray: whether
    some values are not of the kind.  spelling: what its values look like, where that is not read as what they are."""

    physical: str
    kind: Kind
    nullable: bool
    years: tuple[int, int] | None = None
    nulls: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    all_codes: bool = False
    stray: bool = False
    spelling: Spelling | None = None


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
        raise Refused(faults.no_key([path.name for path in paths], _alike(headers)))
    key = next((name for name in shared if re.search(r"(^|_|[^a-z])id$|id_|tunnus|hetu", name.lower())), shared[0])
    return tuple(_file(path, header, key) for path, header in zip(paths, headers, strict=True))


def _alike(headers: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Names that may mean the same column, one of each header; empty where no column has one like it in every file."""
    plain = [{re.sub(r"[\W_]+", "", name.casefold()): name for name in header} for header in headers]
    for cutoff in (1.0, 0.7):
        for name in plain[0]:
            near = [get_close_matches(name, list(other), 1, cutoff) for other in plain[1:]]
            if name and all(near):
                found = zip(plain[1:], near, strict=True)
                return (plain[0][name], *(other[match[0]] for other, match in found))
    return ()


def _header(path: Path) -> tuple[str, ...]:
    if path.is_dir():
        raise Refused(faults.not_a_file(str(path)))
    if not path.is_file():
        raise Refused(faults.no_file(str(path)))
    if path.suffix != ".csv":
        raise Refused(faults.not_csv_named(path.name))
    first = next(_records(path), (0, []))[1]
    wrong = _wrong_header(path.name, first)
    if wrong is not None:
        raise Refused(wrong)
    return tuple(first)


def _wrong_header(file: str, first: list[str]) -> Diagnostic | None:
    if not "".join(first).strip():
        return faults.no_header(file)
    if len(first) == 1 and (mark := _separator(first[0])) is not None:
        return faults.separated(file, mark)
    for number, name in enumerate(first, 1):
        if not name.strip():
            return faults.nameless(file, number)
        if not name.isprintable():
            return faults.unprintable(file, number)
        if name in first[: number - 1]:
            return faults.named_twice(file, name)
    return None


def _separator(line: str) -> str | None:
    """What stands between fields instead of commas, if anything does."""
    return next((mark for mark in ";\t|" if mark in line and "," not in line), None)


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line."""
    import csv

    line = 1
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for record in reader:
                yield line, record
                line = reader.line_num + 1
    except UnicodeDecodeError:
        raise Refused(faults.not_utf8(path.name, _separator(_first_line(path)))) from None
    except csv.Error:
        raise Refused(faults.quotes(path.name, line)) from None
    except OSError as error:
        raise Refused(faults.closed(path.name, error.strerror or "the system refused")) from None


def _first_line(path: Path) -> str:
    """Of a file in an encoding that is not known: separators are the same in all that are likely."""
    with open(path, "rb") as file:
        return file.readline(100_000).replace(b"\0", b"").decode("latin-1")


def _file(path: Path, header: tuple[str, ...], key: str) -> File:
    seen = [_Seen(marks=frozenset() if name == key else MARKS) for name in header]
    position = header.index(key)
    keys: set[str] = set()
    rows = 0
    records = _records(path)
    next(records)
    for line, record in records:
        if len(record) != len(header):
            raise Refused(faults.ragged(path.name, line, len(record), len(header)))
        rows += 1
        keys.add(record[position])
        for value, column in zip(record, seen, strict=True):
            column.add(value, record[position])
    columns = tuple(column.told(name) for name, column in zip(header, seen, strict=True))
    return File(path, path.stem, key, len(keys) == rows and "" not in keys, columns)


@dataclass(slots=True, repr=False)
class _Seen:
    """What was seen of one column so far; people per value only while the values are few.

    values: how many there are; fit: how many of them are of each kind, or spelt in each way
    """

    marks: frozenset[str]
    values: int = 0
    fit: Counter[Kind | Spelling] = field(default_factory=Counter)
    nullable: bool = False
    years: tuple[int, int] | None = None
    nulls: set[str] = field(default_factory=set)
    people: dict[str, set[str]] | None = field(default_factory=dict)

    def add(self, value: str, key: str) -> None:
        if value == "":
            self.nullable = True
            return
        if value.casefold() in self.marks:
            self.nullable = True
            self.nulls.add(value)
            return
        self.values += 1
        self._kinds(value)
        if self.people is not None:
            people = self.people.setdefault(value, set())
            if len(people) < SHARED_BY:
                people.add(key)
            if len(self.people) > MOST_CODES:
                self.people = None

    def _kinds(self, value: str) -> None:
        whole = _INTEGER.fullmatch(value) is not None
        self.fit["integer"] += whole
        self.fit["decimal"] += whole or _DECIMAL.fullmatch(value) is not None
        self.fit["boolean"] += value in ("true", "false")
        if self._date(value):
            self.fit["date"] += 1
        elif value[0] in _BEGINS and (not whole or len(value) == 8):
            self.fit.update(spelling for spelling in SPELLINGS if spelling.of(value))

    def _date(self, value: str) -> bool:
        day = parse_date(value)
        if day is None:
            return False
        if value in OPEN_ENDS:
            self.nulls.add(value)
        else:
            low, high = self.years or (day.year, day.year)
            self.years = min(low, day.year), max(high, day.year)
        return True

    def _all(self, kind: Kind | Spelling) -> bool:
        return self.fit[kind] == self.values

    def _most(self, kind: Kind | Spelling) -> bool:
        return (self.values - self.fit[kind]) * ONE_STRAY_IN <= self.values

    def told(self, name: str) -> Column:
        if self.values == 0:
            return Column(name, "empty", True)
        if self._most("date"):
            nulls = tuple(sorted(self.nulls))
            return Column(name, "date", self.nullable, self.years, nulls, stray=not self._all("date"))
        kind, codes, all_codes = self._kind()
        spelling = next((one for one in SPELLINGS if self._most(one)), None)
        stray = kind in ("integer", "decimal") and not self._all(kind)
        nulls = tuple(sorted(self.nulls - OPEN_ENDS))
        return Column(name, kind, self.nullable, None, nulls, codes, all_codes, stray, spelling)

    def _kind(self) -> tuple[Kind, tuple[str, ...], bool]:
        """Of a column without dates, with its codes and whether they are all it has."""
        if self._all("boolean"):
            return "boolean", (), False
        whole, few = self._all("integer"), self.people is not None and len(self.people) <= MOST_NUMBERS
        if whole and not few:
            return "integer", (), False
        if self._all("decimal") and not whole:
            return "decimal", (), False
        if self.people is None:
            return "integer" if self._most("integer") else "decimal" if self._most("decimal") else "text", (), False
        codes = tuple(sorted(v for v, people in self.people.items() if len(people) >= SHARED_BY and _harmless(v)))
        return "code" if codes else "text", codes, len(codes) == len(self.people)


def _harmless(value: str) -> bool:
    return value.isprintable() and value == value.strip() and len(value) <= 60
