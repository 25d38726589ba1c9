"""A small model and awkward rows for it, made by Hypothesis: nulls, ties, people without rows, rows of nobody."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from studyspec.catalogue.types import (
    Column,
    Coverage,
    Derived,
    DisclosureRule,
    Entity,
    Model,
    Register,
    Table,
    ValueType,
)

DATE = datetime.date
Draw = Any
Rows = dict[str, list[dict[str, object]]]

# --- the model -------------------------------------------------------------------------------------------------------

CODES = ("a", "b", "A", "ä", "o'c", 'q"d', "; --", "é", "é", " a")
IDS = ("1", "p'1", 'q"2', "Ö", "ö", "x y", "-", "é")
#: Some of these are listed; `nowhere` never is.
FIRMS = ("f", "F", "f'1", "ö", "nowhere")


def type_of(kind: str) -> ValueType:
    if kind == "firm":
        return ValueType("identifier", entity="firm")
    return ValueType("code", list=kind) if kind in ("kind", "sex") else ValueType(kind)  # type: ignore[arg-type]


def _table(name: str, shape: str, columns: dict[str, str], coverage: Coverage, entity: str = "person") -> Table:
    key = f"{entity}_id"
    return Table(
        name=name,
        labels={"en": name},
        entity=entity,
        key=key,
        shape=shape,  # type: ignore[arg-type]
        register="r",
        columns={
            one: Column(one, type_of(kind.rstrip("?")), {"en": one}, "r", nullable=kind.endswith("?"))
            for one, kind in {key: "identifier", **columns}.items()
        },
        date="date" if shape == "events" else None,
        start="start" if shape == "spells" else None,
        end="end" if shape == "spells" else None,
        coverage=coverage,
    )


PERSON = {
    "birth_date": "date?",
    "joined": "date",
    "sex": "sex?",
    "score": "integer?",
    "income": "decimal?",
    "member": "boolean?",
    "note": "text",
    "employer": "firm?",
    "left": "date?",
    "until": "integer?",
}
VISIT = {
    "date": "date?",
    "kind": "kind?",
    "urgent": "boolean?",
    "cost": "decimal?",
    "note": "text?",
    "provider": "firm?",
    "settled": "date?",
    "since": "integer?",
    "until": "integer?",
}
STAY = {"start": "date?", "end": "date?", "kind": "kind", "grade": "integer?", "ward": "firm?"}
FIRM = {
    "founded": "date?",
    "sector": "kind?",
    "area": "sex?",
    "size": "integer?",
    "turnover": "decimal?",
    "public": "boolean?",
    "motto": "text",
}
#: Columns that only some features read; null in the data of other studies.
ONLY = {
    "employer": {"linked", "cluster"},
    "provider": {"linked"},
    "ward": {"linked"},
    "left": {"recorded", "value times"},
    "settled": {"recorded", "value times"},
    "since": {"clock"},
    "until": {"clock"},
}
TYPES = {"person": PERSON, "visit": VISIT, "stay": STAY, "death": {"date": "date"}}


def model(visits: Coverage, stays: Coverage) -> Model:
    tables = [
        _table("person", "attributes", PERSON, Coverage(None, None)),
        _table("visit", "events", VISIT, visits),
        _table("stay", "spells", STAY, stays),
        _table("death", "events", {"date": "date"}, Coverage(None, None)),
        _table("firm", "attributes", FIRM, Coverage(None, None), "firm"),
    ]
    age = Derived("age", {"en": "age"}, "completed years since", "birth_date")
    person = Entity("person", {"en": "person"}, {"en": "people"}, "person", {"age": age})
    firm = Entity("firm", {"en": "firm"}, {"en": "firms"}, "firm", {})
    register = Register("r", {"en": "Register"}, "Controller", DisclosureRule(3))
    return Model("m", 1, {}, {"person": person, "firm": firm}, {t.name: t for t in tables}, {"r": register}, {}, {})


# --- values ----------------------------------------------------------------------------------------------------------

#: Month ends, leap days and neighbours: ties and touching spells come by themselves.
DAYS = [
    DATE(1999, 12, 31),
    DATE(2000, 2, 28),
    DATE(2000, 2, 29),
    DATE(2000, 3, 1),
    DATE(2001, 2, 28),
    *(DATE(2019, 12, day) for day in (29, 30, 31)),
    *(DATE(2020, 1, day) for day in (1, 2, 29, 30, 31)),
    *(DATE(2020, 2, day) for day in (1, 27, 28, 29)),
    *(DATE(2020, 3, day) for day in (1, 2, 30, 31)),
    DATE(2020, 6, 30),
    DATE(2020, 12, 31),
    DATE(2021, 2, 28),
    DATE(2021, 3, 1),
]
days = st.one_of(st.sampled_from(DAYS), st.sampled_from(DAYS[5:21]), st.dates(DATE(2019, 11, 1), DATE(2020, 6, 1)))
numbers = st.integers(-2, 4)
money = st.sampled_from([Decimal(n) for n in ("-1.50", "0.00", "0.01", "1.00", "2.50", "1234567890.12")])
codes = st.sampled_from(CODES)
words = st.sampled_from(["", "a", "A", "ä", "it's", "a;b", "é", "é", "x\ny", "null"])

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "date": days,
    "integer": numbers,
    "decimal": money,
    "boolean": st.booleans(),
    "kind": codes,
    "sex": st.sampled_from(["1", "2", "9"]),
    "text": words,
    "identifier": st.sampled_from(IDS),
    "firm": st.sampled_from(FIRMS),
}


def value_of(kind: str) -> st.SearchStrategy[Any]:
    plain = VALUES[kind.rstrip("?")]
    return st.one_of(plain, plain, st.none()) if kind.endswith("?") else plain


@st.composite
def tables(draw: Draw, use: frozenset[str]) -> Rows:
    """Rows of every table: people without any, rows of nobody, nulls, ties, spells that overlap, touch or are empty."""
    people = draw(st.one_of(st.just([]), *[st.permutations(IDS)] * 9))
    owners = st.sampled_from([*people, *people[:4], *people[:4], "nobody", None])

    def row(columns: dict[str, str]) -> dict[str, object]:
        return {name: draw(value_of(kind)) if name not in ONLY or ONLY[name] & use else None
                for name, kind in columns.items()}  # fmt: skip

    found: Rows = {"person": [{"person_id": one} | row(PERSON) for one in people]}
    for table, most in (("visit", 25), ("stay", 25), ("death", 8)):
        count = most - draw(st.integers(0, most))
        found[table] = [{"person_id": draw(owners)} | row(TYPES[table]) for _ in range(count)]
    for stay in found["stay"]:
        start = stay["start"]
        if isinstance(start, DATE) and draw(st.booleans()):
            stay["end"] = start + datetime.timedelta(days=draw(st.sampled_from([0, 1, 2, 29, 30, 31, 60])))
    firms = draw(st.lists(st.sampled_from(FIRMS[:-1]), unique=True)) if use & {"linked"} else []
    found["firm"] = [{"firm_id": one} | row(FIRM) for one in firms]
    return found
