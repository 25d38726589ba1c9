"""Tables as people see them: aligned in any script, one mark for what is hidden, no label that smuggles."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from studyspec.estimate import Table, TableColumn
from studyspec.estimate.render import html, one_line, text, value_text, width

COLUMNS = (
    TableColumn("key", "", "key"),
    TableColumn("label", "Group", "label"),
    TableColumn("n", "N", "count", "Okm"),
    TableColumn("p", "%", "percent", "Okm"),
)


def table(*rows: tuple[object, ...], title: str = "Title", notes: tuple[str, ...] = ("A note.",)) -> Table:
    return Table("t", title, COLUMNS, rows, notes)  # type: ignore[arg-type]


def test_the_text_is_laid_out_in_columns() -> None:
    found = text(table(("a", "Women", 12345, Decimal("9.5")), ("b", "Men", None, None)))
    assert found.replace("\u00a0", "_").split("\n") == [
        "Title",
        "",
        "               Okm",
        "Group       N    %",
        "─────  ──────  ───",
        "Women  12_345  9.5",
        "Men        ..   ..",
        "",
        "A note.",
        "",
    ]


def test_keys_are_for_machines() -> None:
    assert "secret-key" not in text(table(("secret-key", "Women", 10, None)))
    assert "secret-key" not in html(table(("secret-key", "Women", 10, None)))


def test_wide_and_combining_characters_keep_the_columns_straight() -> None:
    assert width("日本") == 4
    assert width("a\u0308") == 1
    lines = text(table(("", "日本", 10, None), ("", "Ålänning", 10, None))).split("\n")
    rows = [line for line in lines if line.endswith("..")]
    assert len({width(row) for row in rows}) == 1


def test_a_repeated_label_is_shown_once() -> None:
    columns = (TableColumn("v", "Variable", "label"), TableColumn("c", "Category", "label"), COLUMNS[2])
    found = text(Table("t", "T", columns, (("Sex", "Men", 10), ("Sex", "Women", 20))))
    assert found.count("Sex") == 1


def test_values_read_as_people_write_them() -> None:
    assert [value_text(v) for v in (None, 0, 1234567, Decimal("0.05"), 0.25, "x")] == [
        "..", "0", "1\u00a0234\u00a0567", "0.05", "0.250000", "x",
    ]  # fmt: skip


@given(st.text())
def test_no_label_can_break_a_line_or_move_the_cursor(label: str) -> None:
    found = one_line(label)
    assert "\n" not in found
    assert "\x1b" not in found
    assert "\u202e" not in found
    assert len(text(table(("", label, 10, None))).splitlines()) == len(text(table(("", "x", 10, None))).splitlines())


def test_html_is_escaped_and_loads_nothing() -> None:
    found = html(table(("", "<script>alert(1)</script>", 10, None), title='<img src=x onerror="x">', notes=("<b>",)))
    assert "<script" not in found
    assert "<img" not in found
    assert "<b>" not in found
    assert found.startswith("<table>")
    assert ">..<" in found


def test_a_table_shows_itself() -> None:
    one = table(("", "Women", 10, None))
    assert str(one) == text(one)
    assert one._repr_html_() == html(one)
