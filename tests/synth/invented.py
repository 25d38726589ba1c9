"""Models for invented data, by hand and by Hypothesis, and what it means that rows conform to one."""

from __future__ import annotations

import datetime
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from studyspec.catalogue.types import (
    Code,
    CodeList,
    Column,
    Coverage,
    Derived,
    DisclosureRule,
    Entity,
    Model,
    Register,
    Role,
    Table,
    ValueType,
)
from studyspec.language import tree
from studyspec.source import Source

DATE = datetime.date
Rows = list[dict[str, Any]]
NOWHERE = Source("test", "").span(0, 0)


def column(name: str, kind: str, **more: Any) -> Column:
    """kind: a type, or `code of LIST`; `?` after it where it may be null."""
    bare = kind.rstrip("?")
    type_ = ValueType("code", list=bare[8:]) if bare.startswith("code of ") else ValueType(bare)  # type: ignore[arg-type]
    return Column(name, type_, {}, "r", nullable=kind.endswith("?"), **more)


def table(name: str, shape: str, *columns: Column, entity: str = "person", key: str = "id", **more: Any) -> Table:
    """The key, and `date` or `start` and `end`, are added where they are not given."""
    own = {c.name: c for c in columns}
    days = {"events": ["date"], "spells": ["start", "end"]}.get(shape, [])
    given = {key: column(key, "identifier")} if shape != "rates" else {}
    given |= {one: column(one, "date?" if one == "end" else "date") for one in days}
    return Table(
        name, {}, entity, key, shape, "r", given | own,  # type: ignore[arg-type]
        date="date" if shape == "events" else None,
        start="start" if shape == "spells" else None,
        end="end" if shape == "spells" else None,
        **more,
    )  # fmt: skip


def codelist(name: str, *codes: Code) -> CodeList:
    return CodeList(name, "1", {}, "test", {one.code: one for one in codes})


def model(
    *tables: Table, lists: tuple[CodeList, ...] = (), roles: tuple[Role, ...] = (), born: str | None = None
) -> Model:
    """Each table of shape `attributes` lists an entity of its own name's table."""
    derived = {"age": Derived("age", {}, "completed years since", born)} if born else {}
    entities = {
        t.entity: Entity(t.entity, {}, {}, t.name, derived if t.entity == "person" else {})
        for t in tables
        if t.shape == "attributes"
    }
    register = Register("r", {}, "controller", DisclosureRule(3))
    return Model(
        "m", 1, {}, entities, {t.name: t for t in tables}, {"r": register}, {c.name: c for c in lists},
        {r.name: r for r in roles}, "sha256:0",
    )  # fmt: skip


SEX = codelist("sex", Code("1", {}), Code("2", {}))
SERVICE = codelist(
    "service",
    Code("always", {}),
    Code("old", {}, valid_to=DATE(2014, 12, 31)),
    Code("new", {}, valid_from=DATE(2015, 1, 1)),
    Code("o'ne; --", {}, valid_from=DATE(2012, 6, 1), valid_to=DATE(2017, 6, 30)),
)
COVERED = Coverage(DATE(2010, 1, 1), DATE(2019, 12, 31))


def is_dead() -> tree.Expr:
    name = tree.Name(span=NOWHERE, text="kind")
    return tree.Compare(span=NOWHERE, op="=", left=name, right=tree.Text(span=NOWHERE, value="dead"))


def registers() -> Model:
    """People with every shape of table and every type of column, births and deaths among them."""
    return model(
        table("person", "attributes", column("born", "date?", low=DATE(1940, 1, 1), high=DATE(2018, 12, 31)),
              column("sex", "code of sex", synth={"weights": {"1": 3, "2": 1}}),
              column("member", "boolean?", synth={"null_share": Decimal("0.3")}),
              column("income", "decimal", low=Decimal("10.50"), high=Decimal("20.25")),
              column("children", "integer?", low=Decimal(0), high=Decimal(3)), column("note", "text?"),
              column("firm_id", "identifier")),
        table("firm", "attributes", column("size", "integer"), entity="firm", key="firm_id"),
        table("death", "events", coverage=COVERED, synth={"share": Decimal("0.3")}),
        table("visit", "events", column("service", "code of service"), coverage=COVERED,
              synth={"rate_per_year": Decimal("0.4")}),
        table("home", "spells", column("town", "code of sex"), coverage=COVERED,
              synth={"fill": True, "per_entity": Decimal(2)}),
        table("stay", "spells", column("service", "code of service?"), column("seen", "date?"), coverage=COVERED,
              synth={"per_entity": 2, "length_days": [1, 20, 90], "gap_days": [0, 100, 900], "ongoing": 0.2}),
        table("after", "spells", coverage=COVERED,
              synth={"follows": {"table": "stay", "share": 0.5, "days": [0, 10, 30]}}),
        table("plain", "spells", coverage=Coverage(None, None)),
        table("rate", "rates", column("sex", "code of sex"), column("year", "integer", low=Decimal(2010),
              high=Decimal(2012)), column("rate", "decimal", low=Decimal(0), high=Decimal(1)), key=""),
        lists=(SEX, SERVICE), roles=(Role("death", {}, "death", None),), born="born",
    )  # fmt: skip


# --- reading what was written ----------------------------------------------------------------------------------------


def read(folder: Path, name: str) -> Rows:
    import duckdb

    with duckdb.connect() as db:
        found = db.execute(f"from '{folder}/{name}.parquet'")
        names = [one[0] for one in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def everything(of: Model, folder: Path) -> dict[str, Rows]:
    return {name: read(folder, name) for name in of.tables}


# --- what a model promises -------------------------------------------------------------------------------------------

PYTHON: dict[str, type] = {
    "code": str, "text": str, "identifier": str, "integer": int, "decimal": Decimal, "date": DATE, "boolean": bool,
}  # fmt: skip


def conforms(of: Model, rows: dict[str, Rows]) -> None:
    """Fails where rows break what the model says of types, codes, ranges, nulls, keys, coverage, spells and lives."""
    for one in of.tables.values():
        for row in rows[one.name]:
            assert set(row) == set(one.columns)
            for described in one.columns.values():
                _value_conforms(of, described, row[described.name], row.get(one.date or one.start or ""))
        _days_conform(one, rows[one.name])
        if one.shape in ("events", "spells"):
            attributes = of.tables[of.entities[one.entity].attributes]
            assert {r[one.key] for r in rows[one.name]} <= {r[attributes.key] for r in rows[attributes.name]}


def _value_conforms(of: Model, described: Column, value: Any, day: DATE | None) -> None:
    if value is None:
        assert described.nullable, described.name
        return
    assert type(value) is PYTHON[described.type.kind]
    if described.type.kind == "code":
        code = of.codelists[described.type.list or ""].codes[value]
        if day is not None:
            assert (code.valid_from or DATE.min) <= day <= (code.valid_to or DATE.max)
    if described.low is not None:
        assert value >= described.low
    if described.high is not None:
        assert value <= described.high


def _days_conform(one: Table, rows: Rows) -> None:
    first, last = one.coverage.start or DATE.min, one.coverage.end or DATE.max
    spells = defaultdict(list)
    for row in rows:
        if one.shape == "events":
            assert first <= row["date"] <= last
        if one.shape == "spells":
            assert first <= row["start"] <= last
            assert row["end"] is None or row["start"] < row["end"] <= last + datetime.timedelta(days=last < DATE.max)
            spells[row[one.key]].append((row["start"], row["end"]))
    for found in spells.values():
        ordered = sorted(found, key=lambda spell: spell[0])
        for (_, end), (start, _) in pairwise(ordered):
            assert end is not None
            assert end <= start


# --- models nobody thought of ----------------------------------------------------------------------------------------

NAMES = ["i", "k", "day", "born", "died", "stop", "n", "select", "Größe", "length", "opening", "until", "a0", "x"]
days = st.dates(DATE(1990, 1, 1), DATE(2030, 12, 31))


@st.composite
def columns(draw: Any, name: str) -> Column:
    kind = draw(st.sampled_from(["code of sex", "code of service", "integer", "decimal", "date", "boolean", "text"]))
    ends: list[Any] = [None, None]
    if kind in ("integer", "decimal") and draw(st.booleans()):
        ends = sorted(Decimal(draw(st.integers(-500, 500))) / (1 if kind == "integer" else 100) for _ in range(2))
    if kind == "date" and draw(st.booleans()):
        ends = sorted([draw(days), draw(days)])
    mark = draw(st.sampled_from(["", "?"]))
    return column(name, kind + mark, low=ends[0], high=ends[1])


@st.composite
def hints(draw: Any, shape: str) -> dict[str, object]:
    spread = st.lists(st.integers(1, 800), min_size=3, max_size=3).map(sorted)
    share = st.integers(0, 100).map(lambda n: Decimal(n) / 100)
    known: dict[str, st.SearchStrategy[Any]] = {"rate_per_year": st.integers(0, 3), "share": share}
    if shape == "spells":
        known = {"per_entity": st.integers(0, 5), "length_days": spread, "gap_days": spread, "ongoing": share}
        known["fill"] = st.booleans()
    return draw(st.fixed_dictionaries({}, optional=known)) if shape in ("events", "spells") else {}


@st.composite
def models(draw: Any) -> Model:
    found = []
    for name in ["person", *draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))]:
        shape = "attributes" if name == "person" else draw(st.sampled_from(["events", "spells", "spells"]))
        own = [draw(columns(one)) for one in draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True))]
        ends = draw(st.sampled_from([(None, None), (DATE(2015, 3, 1), DATE(2016, 2, 29)), (DATE(2020, 1, 1), None)]))
        found.append(table(name, shape, *own, coverage=Coverage(*ends), synth=draw(hints(shape))))
    born = next((c.name for c in found[0].columns.values() if c.type.kind == "date"), None)
    deaths = [t.name for t in found if t.shape == "events"]
    roles = (Role("death", {}, deaths[0], None),) if deaths and draw(st.booleans()) else ()
    return model(*found, lists=(SEX, SERVICE), roles=roles, born=born)
