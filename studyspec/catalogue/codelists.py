"""Code lists: a YAML document whose rows stand in it or in a CSV file, or a bare CSV file beside a study."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from studyspec.catalogue import faults, reader
from studyspec.catalogue.canonical import codelist_digest
from studyspec.catalogue.files import existing
from studyspec.catalogue.reader import Form, Read, Sheet
from studyspec.catalogue.types import Code, CodeList
from studyspec.language.characters import unseen
from studyspec.source import Diagnostic, Refused, Source, Span, read

if TYPE_CHECKING:
    from studyspec.language.yamltree import YamlNode

#: Room for some hundreds of thousands of codes with labels.
MAX_ROWS_BYTES = 64_000_000
_MAX_ROW_FAULTS = 20
_LABEL_COLUMN = re.compile(r"label_[a-z]{2,3}\Z")
_COLUMNS = ("code", "group", "valid_from", "valid_to", "parent", "becomes")


def document(form: Form, root: Path, base: Path) -> CodeList:
    """A code list from the keys of its own document.  base: the document's folder; root: as for `load_codelist`."""
    return from_form(form.need("codelist", reader.name), form, root, base)


def load_codelist(path: Path, root: Path) -> CodeList:
    """A code list from its YAML document; a CSV file it names is found from its folder and must lie inside root.

    Raises Refused with every fault, Unreadable when a file cannot be read.
    """

    return reader.document(read(path), "codelist", lambda form: document(form, root, path.parent))[0]


def from_form(name: str, form: Form, root: Path, base: Path, version: str | None = None) -> CodeList:
    """A code list from the keys of its document, or of its place inside a model (where `version` is the model's)."""
    codelist = CodeList(
        name,
        version=form.need("version", reader.text) if version is None else form.may("version", reader.text, version),
        labels=form.need("label", reader.labels),
        source=form.need("source", reader.text),
        codes=_codes(name, form, root, base),
        of=form.may("of", reader.name, None),
        complete=form.may("complete", reader.boolean, True),
    )
    return codelist if form.sheet.faults else seal(codelist)


def _codes(name: str, form: Form, root: Path, base: Path) -> Mapping[str, Code]:
    """The codes as they stand in the document, or in the CSV file it names."""
    if form.has("rows"):
        return form.need("rows", _rows(name, root, base))
    codes = form.need("codes", reader.named("code", _code, names=reader.code))
    if codes == {}:
        form.sheet.fault(faults.codelist_empty(name, form.span("codes")))
    if not form.sheet.faults:
        form.sheet.faults.extend(_places(name, codes, lambda _: form.span("codes")))
    return codes


def seal(codelist: CodeList) -> CodeList:
    """The list with its hash."""
    return replace(codelist, hash=codelist_digest(codelist))


def _code(code: str, form: Form) -> Code:
    value = Code(
        code,
        labels=form.need("label", reader.labels),
        groups=form.may("groups", reader.listing(reader.name), ()),
        valid_from=form.may("valid_from", reader.date, None),
        valid_to=form.may("valid_to", reader.date, None),
        parent=form.may("parent", reader.code, None),
        becomes=form.may("becomes", reader.one_or_many(reader.code), ()),
    )
    if not form.sheet.faults and value.valid_from and value.valid_to and value.valid_to < value.valid_from:
        form.sheet.fault(faults.dates_out_of_order("valid_from", "valid_to", form.span("valid_to")))
    return value


def _rows(name: str, root: Path, base: Path) -> Read[dict[str, Code]]:
    def read_rows(node: YamlNode, sheet: Sheet) -> dict[str, Code]:
        path = reader.text(node, sheet)
        if not isinstance(path, str):
            return reader.hole()
        found = existing(root, path, "this document", "file with the rows of the code list", node.span, base)
        if isinstance(found, Diagnostic):
            sheet.fault(found)
            return reader.hole()
        try:
            codes, problems = parse_rows(name, read(found, MAX_ROWS_BYTES))
        except Refused as refused:
            codes, problems = {}, list(refused.diagnostics)
        sheet.faults.extend(problems)
        return codes

    return reader.Reading(read_rows, "like", (reader.text,))


def _places(name: str, codes: Mapping[str, Code], span: Callable[[str], Span]) -> Iterator[Diagnostic]:
    """Parents and successors are codes of the list, and no chain of them comes back to where it started."""
    for code in codes.values():
        for other in (*((code.parent,) if code.parent is not None else ()), *code.becomes):
            if other not in codes:
                where = f" in the code list {name}"
                yield faults.unknown_reference("code", other, codes, span(code.code), where)
        if code.becomes and code.valid_to is None:
            yield faults.code_successor(name, code.code, span(code.code))
    for relation, following in (("parent", _parents), ("becomes", _successors)):
        circle = _circle(codes, following)
        if circle is not None:
            yield faults.code_circle(name, circle, relation, span(circle))


def _parents(code: Code) -> tuple[str, ...]:
    return () if code.parent is None else (code.parent,)


def _successors(code: Code) -> tuple[str, ...]:
    return code.becomes


def _circle(codes: Mapping[str, Code], following: Callable[[Code], tuple[str, ...]]) -> str | None:
    """A code from which following leads back to it, or None.

    Codes that nothing is left to follow from are set aside until none can be; what remains lies on a circle or leads
    into one.
    """
    waiting = {name: {other for other in following(code) if other in codes} for name, code in codes.items()}
    leading: dict[str, list[str]] = {}
    for name, others in waiting.items():
        for other in others:
            leading.setdefault(other, []).append(name)
    settled = [name for name, others in waiting.items() if not others]
    for name in settled:
        for before in leading.get(name, ()):
            waiting[before].discard(name)
            if not waiting[before]:
                settled.append(before)
    left = {name: others for name, others in waiting.items() if others}
    if not left:
        return None
    seen: set[str] = set()
    name = next(iter(left))
    while name not in seen:
        seen.add(name)
        name = min(left[name])
    return name


# --- what a list says of its codes -----------------------------------------------------------------------------------


def below(codelist: CodeList, code: str) -> tuple[str, ...]:
    """The code and every code below it in the hierarchy, in the order of the list; empty where the list has it not."""
    children: dict[str, list[str]] = {}
    for one in codelist.codes.values():
        if one.parent is not None:
            children.setdefault(one.parent, []).append(one.code)
    found = {code}
    waiting = [code]
    while waiting:
        more = [child for child in children.get(waiting.pop(), ()) if child not in found]
        found.update(more)
        waiting.extend(more)
    return tuple(one for one in codelist.codes if one in found)


def valid_on(codelist: CodeList, day: datetime.date) -> tuple[str, ...]:
    """The codes in use on a day, in the order of the list."""
    return valid_any(codelist, day, day)


def valid_any(codelist: CodeList, low: datetime.date | None, high: datetime.date | None) -> tuple[str, ...]:
    """The codes in use on any day from low to high (both in, None where not bounded), in the order of the list."""
    return tuple(
        one.code
        for one in codelist.codes.values()
        if (high is None or one.valid_from is None or one.valid_from <= high)
        and (low is None or one.valid_to is None or low <= one.valid_to)
    )


def carried(codelist: CodeList, code: str, day: datetime.date) -> tuple[str, ...]:
    """What a code is called in the classification of a day, its replacements followed as far as that day.

    One code where it is still in use or was replaced by one; several, in the order of the list, where it was split (it
    is then not known which of them a row has: the caller says so, and never picks); none where it ended without a
    replacement, or where the list has it not.  A code that comes into use only later stays as it is.
    """
    found: set[str] = set()
    seen = {code}
    waiting = [code]
    while waiting:
        one = codelist.codes.get(waiting.pop())
        if one is None:
            continue
        if one.valid_to is None or day <= one.valid_to:
            found.add(one.code)
            continue
        more = [other for other in one.becomes if other not in seen]
        seen.update(more)
        waiting.extend(more)
    return tuple(other for other in codelist.codes if other in found)


# --- CSV -------------------------------------------------------------------------------------------------------------


def load_rows(name: str, path: Path) -> CodeList:
    """A code list from a bare CSV file, such as one beside a study.

    Columns: code, and optionally label_XX for languages, group (several separated by |), valid_from, valid_to, parent,
    becomes (several separated by |).  Such a list has no `of`: it selects codes of whichever list it is used with.
    Raises Refused, Unreadable.
    """
    codes, problems = parse_rows(name, read(path, MAX_ROWS_BYTES))
    if problems:
        raise Refused(*problems)
    return seal(CodeList(name, "", {}, "", codes))


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where each column of the file stands; None where it has no such column."""

    width: int
    code: int
    labels: tuple[tuple[str, int], ...]
    group: int | None
    valid_from: int | None
    valid_to: int | None
    parent: int | None
    becomes: int | None


def parse_rows(name: str, source: Source) -> tuple[dict[str, Code], list[Diagnostic]]:
    """The codes of a CSV text in its order, and what is wrong with it (at most some twenty faults)."""
    import csv
    import io

    rows = csv.reader(io.StringIO(source.text), strict=True)
    # One look at the whole text spares a look at every field: line ends inside a field need quotes.
    odd = '"' in source.text or "\t" in source.text or bool(unseen(source.text))
    codes: dict[str, Code] = {}
    lines: dict[str, int] = {}
    problems: list[Diagnostic] = []
    try:
        layout = _layout(name, next(rows, []), source)
        if isinstance(layout, Diagnostic):
            return {}, [layout]
        for row in rows:
            if not row:
                continue
            made = _row(layout, row, odd)
            if isinstance(made, str):
                problems.append(faults.codelist_row(name, rows.line_num, made, _line(source, rows.line_num)))
            elif made.code in codes:
                problems.append(faults.duplicate_code(name, made.code, rows.line_num, _line(source, rows.line_num)))
            else:
                codes[made.code] = made
                lines[made.code] = rows.line_num
            if len(problems) >= _MAX_ROW_FAULTS:
                return codes, problems
        if not problems and (layout.parent is not None or layout.becomes is not None):
            problems.extend(islice(_places(name, codes, lambda code: _line(source, lines[code])), _MAX_ROW_FAULTS))
    except csv.Error:
        problems.append(
            faults.codelist_row(
                name, rows.line_num, "its quotes do not match, or it is too long", _line(source, rows.line_num)
            )
        )
    if not codes and not problems:
        problems.append(faults.codelist_empty(name, _line(source, 1)))
    return codes, problems


def _layout(name: str, header: list[str], source: Source) -> _Layout | Diagnostic:
    span = _line(source, 1)
    if "code" not in header:
        return faults.codelist_header(name, "there is no column code", span)
    for column in header:
        if header.count(column) > 1:
            return faults.codelist_header(name, f"the column {faults.quote(column)} stands there twice", span)
        if column not in _COLUMNS and not _LABEL_COLUMN.match(column):
            return faults.codelist_header(name, f"there is no place for a column {faults.quote(column)}", span)
    at: Mapping[str, int] = {column: index for index, column in enumerate(header)}
    return _Layout(
        width=len(header),
        code=at["code"],
        labels=tuple((c.removeprefix("label_"), i) for c, i in at.items() if c.startswith("label_")),
        group=at.get("group"),
        valid_from=at.get("valid_from"),
        valid_to=at.get("valid_to"),
        parent=at.get("parent"),
        becomes=at.get("becomes"),
    )


def _row(layout: _Layout, row: list[str], odd: bool) -> Code | str:
    """A code, or what is wrong with its row.  odd: whether the file may hold characters that cannot be seen."""
    if len(row) != layout.width:
        return f"it has {len(row)} fields, the first line has {layout.width}"
    code = row[layout.code]
    if not code or code != code.strip():
        return "its code is empty or has blanks around it"
    if odd and any(reader.hostile_character(field) for field in row):
        return "it holds a control character or a mark that changes the direction of text"
    start, end = _day(row, layout.valid_from), _day(row, layout.valid_to)
    if isinstance(start, str) or isinstance(end, str):
        return "its validity is not written as dates such as 2019-01-31"
    if start and end and end < start:
        return "its validity ends before it starts"
    return Code(
        code,
        {language: row[index] for language, index in layout.labels if row[index]},
        _several(row, layout.group),
        start,
        end,
        (row[layout.parent] or None) if layout.parent is not None else None,
        _several(row, layout.becomes),
    )


def _several(row: list[str], column: int | None) -> tuple[str, ...]:
    """The names in a column that holds several, separated by |."""
    value = row[column] if column is not None else ""
    return tuple(one.strip() for one in value.split("|")) if value else ()


def _day(row: list[str], column: int | None) -> datetime.date | str | None:
    """The date in a column, None where it has none, or the text that is no date."""
    if column is None or not row[column]:
        return None
    return reader.parse_date(row[column]) or row[column]


def _line(source: Source, number: int) -> Span:
    """The whole of a line, counted from 1."""
    starts: Iterator[re.Match[str]] = re.finditer("\n", source.text)
    start = 0
    for _, match in zip(range(number - 1), starts, strict=False):
        start = match.end()
    return source.span(start, start + len(source.line(number)))
