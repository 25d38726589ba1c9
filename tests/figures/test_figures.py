"""A figure carries no more than its published table, and everyone can read it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyspec.estimate.types import Table, TableColumn, Value
from studyspec.figures import draw

SVG = "{http://www.w3.org/2000/svg}"


def column(name: str, kind: str = "count", label: str = "", group: str = "") -> TableColumn:
    return TableColumn(name, label or name, kind, group)  # type: ignore[arg-type]


def attrition(*rows: tuple[str, int | None, int | None], label: str = "Adults") -> Table:
    columns = (column("step", "key"), column("label", "label"), column("removed"), column("remaining"))
    made: list[tuple[Value, ...]] = [("", "With an index", "", 1000)]
    made += [(step, label, removed, left) for step, removed, left in rows]
    return Table("attrition", "Who is in the cohort", columns, tuple(made), ("Rounded.",))


def trend(*values: Decimal | None, groups: tuple[str, ...] = ("Men", "Women")) -> Table:
    columns = [column("variable", "key"), column("period", "key"), column("category", "key")]
    columns += [column(f"{part}_label", "label") for part in ("variable", "period", "category")]
    for place, group in enumerate(groups):
        columns += [column(f"n_{place}", "count", "N", group), column(f"percent_{place}", "percent", "%", group)]
    rows: list[tuple[Value, ...]] = []
    for place, value in enumerate(values):
        head = ("seeking", f"20{place:02}-01-01")
        rows.append((*head, "", "Seeking", f"20{place:02}", "People", *[500, Decimal(100)] * len(groups)))
        shares = [None if value is None else 100, value] * len(groups)
        rows.append((*head, "true", "Seeking", f"20{place:02}", "Yes", *shares))
    return Table("trend", "Over time", tuple(columns), tuple(rows))


def numbers(*rows: tuple[str, int | None, Decimal | None]) -> Table:
    columns = [column("variable", "key"), column("group", "key"), column("variable_label", "label")]
    columns += [column("group_label", "label"), column("n"), column("mean", "number")]
    columns += [column(f"p{p}", "number") for p in (10, 25, 50, 75, 90)]
    made: list[tuple[Value, ...]] = []
    for group, n, middle in rows:
        spread = [None if middle is None else middle + step for step in (-20, -10, 0, 10, 20)]
        made.append(("pay", group, "Pay", group, n, middle, *spread))
    return Table("distribution", "Numbers by sex", tuple(columns), tuple(made))


def drawn(table: Table) -> ET.Element:
    content = draw(table)
    assert content is not None
    return ET.fromstring(content)  # what this project wrote itself


def texts(root: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


EVERY = [
    attrition(("adult", 200, 800), ("resident", None, None)),
    trend(Decimal(10), None, Decimal(12)),
    numbers(("men", 200, Decimal(1000)), ("women", None, None)),
]


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_the_same_table_gives_the_same_bytes(table: Table) -> None:
    assert draw(table) == draw(table)


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_it_is_told_to_whoever_cannot_see_it(table: Table) -> None:
    root = drawn(table)
    assert root.get("role") == "img"
    assert (root.findtext(f"{SVG}title") or "") == table.title
    assert ".." in (root.findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_it_runs_nothing_and_asks_for_nothing(table: Table) -> None:
    content = (draw(table) or b"").decode()
    assert not re.search(r"<script|<image|<foreignObject|href|url\((?!#)|\bon\w+=|@import", content)
    assert "http://" not in content.replace("http://www.w3.org/2000/svg", "")


def test_every_number_of_a_flow_is_in_its_table() -> None:
    table = attrition(("adult", 200, 800), ("resident", 50, 750))
    shown = {n.replace("\u00a0", "") for text in texts(drawn(table)) for n in re.findall(r"[\d\u00a0]+", text)}
    assert {n for n in shown if n} <= {"1000", "200", "800", "50", "750"}


@pytest.mark.parametrize(("people", "told"), [(True, "who was removed"), (False, "what was removed")])
def test_a_flow_tells_people_from_what_is_none(people: bool, told: str) -> None:
    content = draw(replace(attrition(("adult", 200, 800)), people=people))
    assert told in (content or b"").decode()


def test_hidden_numbers_leave_a_sign_and_nothing_else() -> None:
    shown = texts(drawn(attrition(("adult", None, None), ("resident", None, 640))))
    assert any(".." in text for text in shown)
    assert not any("360" in text.replace("\u00a0", "") for text in shown)


def test_a_line_is_broken_where_a_number_is_hidden() -> None:
    whole, broken = (draw(trend(Decimal(10), middle, Decimal(12), groups=("All",))) for middle in (Decimal(11), None))
    joined = re.compile(rb'<polyline points="84,[^"]* 498,[^"]*"')
    assert joined.search(whole or b"")
    assert not joined.search(broken or b"")


HOSTILE = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@given(HOSTILE)
def test_no_label_can_break_out_of_its_place(label: str) -> None:
    for table in (attrition(("adult", 5, 995), label=label), trend(Decimal(10), groups=(label, "Women"))):
        drawn(table)


@given(st.lists(st.none() | st.decimals(0, 100, places=1), min_size=1, max_size=30))
def test_any_published_trend_can_be_drawn(values: list[Decimal | None]) -> None:
    drawn(trend(*values))


def test_tables_of_other_kinds_have_no_figure() -> None:
    columns = (column("variable", "key"), column("category", "key"), column("n"))
    assert draw(Table("baseline", "Baseline", columns, (("sex", "1", 100),))) is None
    assert draw(Table("attrition", "Nobody", attrition().columns, ())) is None
