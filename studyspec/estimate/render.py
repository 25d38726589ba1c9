"""Tables as people see them: plain text for the terminal, HTML for notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from studyspec.estimate.types import HIDDEN, Table, TableColumn, Value


def value_text(value: Value, kind: str = "") -> str:
    """A value as people read it: groups of three in counts, no exponent, `..` for what is hidden.

    Unrounded percentages, which only exact tables have, are shown with one decimal.
    """
    if value is None:
        return HIDDEN
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u00a0")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"{value:.1f}" if kind == "percent" else f"{value:.6f}"


def width(text: str) -> int:
    """Columns a text takes on a terminal: wide East Asian characters take two, combining and format marks none."""
    import unicodedata

    total = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
            continue
        total += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return total


def one_line(text: str) -> str:
    """Text that can neither break a line, nor move the cursor, nor turn the direction of what follows."""
    import unicodedata

    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Cs", "Co"))


def _pad(text: str, size: int, right: bool) -> str:
    space = " " * (size - width(text))
    return space + text if right else text + space


def text(table: Table) -> str:
    """The table as plain text: title, heads, rows, notes.  Repeated labels are shown once."""
    places = [i for i, c in enumerate(table.columns) if c.kind != "key"]
    columns = [table.columns[i] for i in places]
    body = [[one_line(value_text(row[i], table.columns[i].kind)) for i in places] for row in table.rows]
    heads = [[one_line(c.group) for c in columns], [one_line(c.label) for c in columns]]
    heads[0] = ["" if i and heads[0][i] == heads[0][i - 1] else h for i, h in enumerate(heads[0])]
    # A group's head may run over its columns: it is put into its first column, and widens it only if it must.
    sizes = [max(width(line[i]) for line in [heads[1], *body]) for i in range(len(columns))]
    _widen(sizes, columns, heads[0])
    lines = [one_line(table.title), ""]
    if any(heads[0]):
        lines.append(_group_line(heads[0], columns, sizes))
    lines.append(_line(heads[1], columns, sizes))
    lines.append("  ".join("─" * s for s in sizes))
    before: list[str] = []
    for row in body:
        shown = list(row)
        for i, column in enumerate(columns):
            if column.kind != "label" or before[: i + 1] != row[: i + 1] or i == len(columns) - 1:
                break
            shown[i] = ""
        lines.append(_line(shown, columns, sizes))
        before = row
    lines.append("")
    lines += [one_line(note) for note in table.notes]
    return "\n".join(lines).rstrip() + "\n"


def _widen(sizes: list[int], columns: list[TableColumn], groups: list[str]) -> None:
    for i, head in enumerate(groups):
        if head:
            span = [j for j, c in enumerate(columns) if c.group == columns[i].group]
            have = sum(sizes[j] for j in span) + 2 * (len(span) - 1)
            sizes[span[-1]] += max(0, width(head) - have)


def _group_line(groups: list[str], columns: list[TableColumn], sizes: list[int]) -> str:
    line, at = "", 0
    for i, head in enumerate(groups):
        if head:
            span = [j for j, c in enumerate(columns) if c.group == columns[i].group]
            have = sum(sizes[j] for j in span) + 2 * (len(span) - 1)
            line += " " * (at - width(line)) + _pad(head, have, right=True)
        at += sizes[i] + 2
    return line.rstrip()


def _line(cells: list[str], columns: list[TableColumn], sizes: list[int]) -> str:
    padded = (_pad(t, s, c.kind != "label") for t, s, c in zip(cells, sizes, columns, strict=True))
    return "  ".join(padded).rstrip()


def html(table: Table) -> str:
    """The table as one HTML element, every text escaped; it loads nothing and runs nothing."""
    from html import escape

    def cell(tag: str, value: str, right: bool, extra: str = "") -> str:
        align = "right" if right else "left"
        return f'<{tag}{extra} style="text-align:{align}">{escape(one_line(value))}</{tag}>'

    places = [i for i, c in enumerate(table.columns) if c.kind != "key"]
    columns = [table.columns[i] for i in places]
    out = ["<table>", f"<caption>{escape(one_line(table.title))}</caption>", "<thead>"]
    if any(c.group for c in columns):
        out.append("<tr>" + "".join(_group_heads(columns, cell)) + "</tr>")
    out.append("<tr>" + "".join(cell("th", c.label, c.kind != "label") for c in columns) + "</tr></thead><tbody>")
    for row in table.rows:
        values = [value_text(row[i], table.columns[i].kind) for i in places]
        cells = (cell("td", v, c.kind != "label") for v, c in zip(values, columns, strict=True))
        out.append("<tr>" + "".join(cells) + "</tr>")
    notes = "<br>".join(escape(one_line(n)) for n in table.notes)
    out.append(f'</tbody><tfoot><tr><td colspan="{len(columns)}" style="text-align:left">{notes}</td></tr></tfoot>')
    return "\n".join([*out, "</table>"])


def _group_heads(columns: list[TableColumn], cell: Callable[[str, str, bool, str], str]) -> Iterator[str]:
    from itertools import groupby

    for group, members in groupby(columns, key=lambda c: c.group):
        size = len(list(members))
        yield cell("th", group, bool(group), f' colspan="{size}"')
