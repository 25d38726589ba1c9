"""Reading YAML documents so that each loader reads like its schema.

A loader is a `record`: a function that asks a `Form` for its keys.  Faults are collected on the `Sheet` of the document
and all of them are raised at once by `finish`.  A value that could not be read stands as a hole until then, which is
safe because nothing looks inside the values before `finish` has passed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from studyspec import calendar
from studyspec.catalogue import faults
from studyspec.language.characters import MAX_NAME_BYTES, normal, scripts, unseen
from studyspec.source import Diagnostic, Refused, Source, Span

if TYPE_CHECKING:
    from studyspec.language.yamltree import Map, Scalar, YamlNode

T = TypeVar("T")
D = TypeVar("D")
C = TypeVar("C", covariant=True)
W = TypeVar("W", bound=str)
Read = Callable[["YamlNode", "Sheet"], T]

_HOLE = object()
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LINE_END = re.compile(r"[\t\n\r]")


@dataclass(frozen=True, slots=True)
class Reading(Generic[C]):
    """A reader that knows what it was made from, so that the schemas for editors can be derived from it.

    kind: the function that made it; parts: what that was given
    """

    read: Callable[[YamlNode, Sheet], C]
    kind: str
    parts: tuple[Any, ...]

    def __call__(self, node: YamlNode, sheet: Sheet) -> C:
        return self.read(node, sheet)


def hole(_: type[T] | None = None) -> T:
    """Stands for a value that could not be read, until `finish` refuses the document."""
    return cast("T", _HOLE)


@dataclass(slots=True)
class Sheet:
    """One document while it is read: its faults so far, and where its named parts stand.

    spans: dotted path (`tables.person.columns.sex`) -> place, for faults found later and for related places.
    """

    source: Source
    faults: list[Diagnostic] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    def fault(self, diagnostic: Diagnostic) -> None:
        self.faults.append(diagnostic)

    def finish(self) -> None:
        """Raise Refused with every fault found so far, if there is any."""
        if self.faults:
            raise Refused(*self.faults)

    def below(self, key: str, read: Read[T], node: YamlNode) -> T:
        """The value of an entry of the mapping at hand."""
        self.path.append(key)
        try:
            return read(node, self)
        finally:
            self.path.pop()

    def at(self, *path: str) -> Span | None:
        return self.spans.get(".".join(path))


@dataclass(slots=True)
class Form:
    """A mapping with known keys.  Keys that nobody asked for are reported by `close`."""

    node: Map
    sheet: Sheet
    what: str
    asked: list[str] = field(default_factory=list)
    missing: dict[str, Diagnostic] = field(default_factory=dict)

    def need(self, key: str, read: Read[T]) -> T:
        """The value of a required key."""
        node = self._node(key)
        if node is None:
            self.missing[key] = faults.missing_key(self.what, key, self.node.span)
            self.sheet.fault(self.missing[key])
            return hole()
        return self._read(key, node, read)

    def may(self, key: str, read: Read[T], default: D) -> T | D:
        """The value of an optional key."""
        node = self._node(key)
        return default if node is None else self._read(key, node, read)

    def has(self, key: str) -> bool:
        return self._node(key) is not None

    def span(self, key: str) -> Span:
        node = self.node.get(key)
        return self.node.span if node is None else node.span

    def close(self) -> None:
        """Report what nobody asked for.  A key that stands for a missing one is one mistake, not two."""
        unknown = [key for key, _ in self.node.entries if key.text not in self.asked]
        meant = {key.text: near[0] for key in unknown if (near := faults.nearest(key.text, self.missing))}
        rest = [key for key in self.missing if key not in meant.values()]
        others = [key.text for key in unknown if key.text not in meant]
        if len(rest) == len(others) == 1 and not faults.nearest(others[0], self.asked):
            meant[others[0]] = rest[0]
        said = {id(self.missing[key]) for key in meant.values()}
        self.sheet.faults[:] = [one for one in self.sheet.faults if id(one) not in said]
        for key in unknown:
            known = tuple(self.asked)
            self.sheet.fault(faults.unknown_key(self.what, key.text, key.span, known, meant.get(key.text)))

    def _node(self, key: str) -> YamlNode | None:
        if key not in self.asked:
            self.asked.append(key)
        return self.node.get(key)

    def _read(self, key: str, node: YamlNode, read: Read[T]) -> T:
        return self.sheet.below(key, read, node)


def document(source: Source, kind: str, build: Callable[[Form], T]) -> tuple[T, Sheet]:
    """Read a whole document of one kind.  Raises Refused with all its faults.

    kind: the document's first key, which holds its name (`model`, `policy`).
    """
    from studyspec.language.yamltree import Map, compose

    if source.name.lower().endswith(".study"):
        raise Refused(faults.not_this_document(kind, "study", source.span(0, len(source.text))))
    if all(line.lstrip()[:1] in ("", "#") for line in source.text.split("\n")):
        raise Refused(faults.empty_document(kind, source.span(0, 0)))
    node = compose(source)
    if not isinstance(node, Map) or node.get(kind) is None:
        found = node.entries[0][0] if isinstance(node, Map) and node.entries else None
        span = node.span if found is None else found.span
        raise Refused(faults.not_this_document(kind, None if found is None else found.text, span))
    sheet = Sheet(source)
    form = Form(node, sheet, kind)
    value = build(form)
    form.close()
    sheet.finish()
    return value, sheet


def record(what: str, build: Callable[[Form], T]) -> Read[T]:
    """A mapping with known keys, made into a value by `build`."""

    def read(node: YamlNode, sheet: Sheet) -> T:
        from studyspec.language.yamltree import Map

        if not isinstance(node, Map):
            return wrong(node, sheet, f"the keys of {faults.a(what)}")
        form = Form(node, sheet, what)
        value = build(form)
        form.close()
        return value

    return Reading(read, "record", (what, build))


def named(what: str, build: Callable[[str, Form], T], *, names: Read[str] | None = None) -> Read[dict[str, T]]:
    """A mapping from names the author chose to records, in the author's order."""

    def one(key: str) -> Callable[[Form], T]:
        return lambda form: build(key, form)

    def read(node: YamlNode, sheet: Sheet) -> dict[str, T]:
        expected = f"a mapping from names to the keys of {faults.a(what)}"
        entries = _entries(node, sheet, expected, names)
        return {key: sheet.below(key, record(what, one(key)), value) for key, value in entries}

    return Reading(read, "named", (what, build, names or name))


def mapping(value: Read[T], *, keys: Read[str] | None = None) -> Read[dict[str, T]]:
    """A mapping from names (or from other keys) to values of one type."""

    def read(node: YamlNode, sheet: Sheet) -> dict[str, T]:
        return {key: sheet.below(key, value, item) for key, item in _entries(node, sheet, "a mapping", keys)}

    return Reading(read, "mapping", (value, keys or name))


def listing(item: Read[T]) -> Read[tuple[T, ...]]:
    """A sequence of values of one type."""

    def read(node: YamlNode, sheet: Sheet) -> tuple[T, ...]:
        from studyspec.language.yamltree import Seq

        if not isinstance(node, Seq):
            return wrong(node, sheet, "a list")
        return tuple(item(each, sheet) for each in node.items)

    return Reading(read, "listing", (item,))


def one_or_many(item: Read[T]) -> Read[tuple[T, ...]]:
    """One value, or a sequence of them."""

    def read(node: YamlNode, sheet: Sheet) -> tuple[T, ...]:
        from studyspec.language.yamltree import Scalar

        return (item(node, sheet),) if isinstance(node, Scalar) else listing(item)(node, sheet)

    return Reading(read, "either", (item, listing(item)))


def _entries(node: YamlNode, sheet: Sheet, expected: str, keys: Read[str] | None) -> list[tuple[str, YamlNode]]:
    """The entries of a mapping with their checked keys, whose places are noted."""
    from studyspec.language.yamltree import Map

    if not isinstance(node, Map):
        wrong(node, sheet, expected)
        return []
    found: list[tuple[str, YamlNode]] = []
    folded: dict[str, Scalar] = {}
    for key, value in node.entries:
        text = (keys or name)(key, sheet)
        if keys is None and isinstance(text, str):
            twin = folded.setdefault(text.casefold(), key)
            if twin is not key:
                sheet.fault(faults.names_alike(key.text, key.span, twin.text, twin.span))
        if keys is None:
            sheet.spans[".".join([*sheet.path, key.text])] = key.span
        found.append((text, value))
    return found


# --- values ----------------------------------------------------------------------------------------------------------


def text(node: YamlNode, sheet: Sheet) -> str:
    """One line of text, not empty, without control characters or marks that reverse its direction."""
    scalar = _scalar(node, sheet, "a text")
    if scalar is None:
        return hole()
    if not scalar.text.strip():
        return wrong(node, sheet, "a text that is not empty")
    bad = hostile_character(scalar.text)
    if bad is not None:
        sheet.fault(faults.control_character(bad, node.span))
    return scalar.text


def name(node: YamlNode, sheet: Sheet) -> str:
    """A name as the language has them: letters of any alphabet, digits, underscores; at most 63 bytes."""
    scalar = _scalar(node, sheet, "a name")
    if scalar is None:
        return hole()
    if not is_name(scalar.text):
        sheet.fault(faults.bad_name(scalar.text, node.span))
    return scalar.text


def is_name(value: str) -> bool:
    return (
        value.isidentifier() and normal(value) == value and len(value.encode()) <= MAX_NAME_BYTES and not scripts(value)
    )


def hostile_character(value: str) -> str | None:
    """The first character that one printed line must not hold (control, direction mark, line end), or None."""
    if value.isprintable():
        return None
    if line_end := _LINE_END.search(value):
        return line_end[0]
    return next((value[index] for index in unseen(value)), None)


def code(node: YamlNode, sheet: Sheet) -> str:
    """A code, as text: `049` and `"049"` are the same, `no` is a language."""
    value = text(node, sheet)
    if isinstance(value, str) and value != value.strip():
        return wrong(node, sheet, "a code without blanks around it")
    return value


def any_text(node: YamlNode, sheet: Sheet) -> str:
    """A text that may be empty: what stands for null in a file."""
    scalar = _scalar(node, sheet, "a text")
    if scalar is None:
        return hole()
    bad = hostile_character(scalar.text)
    if bad is not None:
        sheet.fault(faults.control_character(bad, node.span))
    return scalar.text


def boolean(node: YamlNode, sheet: Sheet) -> bool:
    scalar = _scalar(node, sheet, "true or false")
    if scalar is not None and (scalar.quoted or scalar.text not in ("true", "false")):
        return wrong(node, sheet, "true or false")
    return scalar is not None and scalar.text == "true"


def integer(low: int, high: int) -> Read[int]:
    """A whole number from low to high, both in."""

    def read(node: YamlNode, sheet: Sheet) -> int:
        expected = f"a whole number from {low} to {high}"
        scalar = _scalar(node, sheet, expected)
        if scalar is None:
            return hole()
        if scalar.quoted or not _INTEGER.match(scalar.text) or not low <= int(scalar.text) <= high:
            return wrong(node, sheet, expected)
        return int(scalar.text)

    return Reading(read, "integer", (low, high))


def number(node: YamlNode, sheet: Sheet) -> Decimal:
    scalar = _scalar(node, sheet, "a number")
    if scalar is None:
        return hole()
    if scalar.quoted or not _NUMBER.match(scalar.text):
        return wrong(node, sheet, "a number")
    return Decimal(scalar.text)


def reckoned(node: YamlNode, sheet: Sheet) -> datetime.date:
    """A date that times are reckoned from."""
    value = date(node, sheet)
    if not isinstance(value, datetime.date) or calendar.FIRST_RECKONED <= value <= calendar.LAST_RECKONED:
        return value
    years = f"{calendar.FIRST_RECKONED.year} to {calendar.LAST_RECKONED.year}"
    return wrong(node, sheet, f"a date of the years {years}")


def date(node: YamlNode, sheet: Sheet) -> datetime.date:
    scalar = _scalar(node, sheet, "a date")
    if scalar is None:
        return hole()
    value = parse_date(scalar.text)
    return wrong(node, sheet, "a date such as 2019-01-31") if value is None else value


def parse_date(value: str) -> datetime.date | None:
    """YYYY-MM-DD, or None where that is no day of the calendar."""
    if not _DATE.match(value):
        return None
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        return None


def choice(*words: W) -> Read[W]:
    """One of a few words."""

    def read(node: YamlNode, sheet: Sheet) -> W:
        scalar = _scalar(node, sheet, faults.one_of(words))
        if scalar is None:
            return hole()
        if scalar.text not in words:
            sheet.fault(faults.not_a_choice(scalar.text, node.span, words))
        return cast("W", scalar.text)

    return Reading(read, "choice", words)


def matching(pattern: str, expected: str) -> Read[str]:
    """A text that matches a pattern as a whole."""
    compiled = re.compile(pattern)

    def read(node: YamlNode, sheet: Sheet) -> str:
        scalar = _scalar(node, sheet, expected)
        if scalar is None:
            return hole()
        return scalar.text if compiled.fullmatch(scalar.text) else wrong(node, sheet, expected)

    return Reading(read, "matching", (pattern,))


def plain(node: YamlNode, sheet: Sheet) -> object:
    """Anything: mappings, lists, numbers, true and false, dates and texts, as Python values."""
    from studyspec.language.yamltree import Map, Seq

    if isinstance(node, Map):
        return {key.text: plain(value, sheet) for key, value in node.entries}
    if isinstance(node, Seq):
        return [plain(item, sheet) for item in node.items]
    if node.quoted or node.block:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    if _INTEGER.match(node.text):
        return int(node.text)
    if _NUMBER.match(node.text) and "." in node.text:
        return float(node.text)
    return parse_date(node.text) or node.text


_BY_LANGUAGE = mapping(text, keys=matching("[a-z]{2,3}", "a language code such as en, fi or sv"))


def labels(node: YamlNode, sheet: Sheet) -> Mapping[str, str]:
    """Texts by language, one at least."""
    from studyspec.language.yamltree import Scalar

    if isinstance(node, Scalar):
        return wrong(node, sheet, "texts by language")
    value = _BY_LANGUAGE(node, sheet)
    return wrong(node, sheet, "a text in one language at least") if value == {} else value


def _scalar(node: YamlNode, sheet: Sheet, expected: str) -> Scalar | None:
    from studyspec.language.yamltree import Scalar

    if isinstance(node, Scalar):
        return node
    wrong(node, sheet, expected)
    return None


def wrong(node: YamlNode, sheet: Sheet, expected: str, _: type[T] | None = None) -> T:
    """Report that something else was expected here."""
    from studyspec.language.yamltree import Map, Seq

    found = "a mapping" if isinstance(node, Map) else "a list" if isinstance(node, Seq) else faults.quote(node.text)
    remedy = faults.instead(expected, None if isinstance(node, (Map, Seq)) else node.text)
    sheet.fault(faults.wrong_value(expected, found, node.span, remedy))
    return hole()
