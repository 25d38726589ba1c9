"""Bindings: the model's tables as views over physical ones, rule by rule, with known answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Counted, DatedCodes
from studyspec.plan.nodes import Plan
from studyspec.plan.plan import plan
from studyspec.source import Refused
from studyspec.sql import emit
from studyspec.sql.script import Script
from tests.plan import kit
from tests.plan.kit import during
from tests.plan.sample import sample_study
from tests.sql.duck import connect

MODEL = kit.model(
    kit.table("person", "attributes", {"sex": "code of sex", "vip": "boolean?", "size": "integer?", "pay": "decimal?"}),
    kit.table("visit", "events", {}),
    kit.table("stay", "spells", {"code": "code of c"}),
)


def everything() -> Plan:
    """A plan that reads every column of the model."""
    none = during(None, None)
    stays = kit.rows("any", "stay", "overlapping", none, kit.cmp(kit.col("stay", "code"), "=", kit.lit("a")))
    numbers = [kit.attr("size", "integer", True), kit.attr("pay", "decimal", True)]
    study = kit.study(
        MODEL,
        kit.cohort(
            kit.event("visit", window=none),
            kit.include("a", kit.logic("or", stays, kit.attr("vip", "boolean", True))),
            *(kit.include(f"n{n}", kit.cmp(one, "=", kit.lit(1))) for n, one in enumerate(numbers)),
        ),
        kit.baseline(kit.variable("sex", kit.attr("sex", "code of sex"), "1", "2")),
    )
    return plan(study)


def bound(table: str, physical: str, where: dict[str, Sequence[str]] | None = None, **columns: Any) -> BoundTable:
    given = {name: BoundColumn(rule) if isinstance(rule, str) else rule for name, rule in columns.items()}
    return BoundTable(table, physical, given, {name: tuple(values) for name, values in (where or {}).items()})


def binding(*tables: BoundTable) -> Binding:
    """Tables given here, the others under the model's own names."""
    given = {one.table: one for one in tables}
    for name, table in MODEL.tables.items():
        given.setdefault(name, bound(name, name, **{column: column for column in table.columns}))
    return Binding("city", "m", 1, given)


def view(script: Script, name: str, rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a model's table looks like through a script's view."""
    found = connect(script, rows).execute(f'select * from "{name}" order by all')
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def person(
    *rules: tuple[str, BoundColumn], rows: list[dict[str, Any]], where: dict[str, Sequence[str]] | None = None
) -> Any:
    columns: dict[str, Any] = {name: name for name in MODEL.tables["person"].columns} | dict(rules)
    script = emit(everything(), "duckdb", binding(bound("person", "people", where, **columns)))
    blank = {"person_id": "p", "sex": "1", "vip": None, "size": None, "pay": None}
    return script, view(script, "person", {"people": [blank | row for row in rows]})


def types(script: Script, table: str) -> dict[str, str]:
    (found,) = [one for one in script.sources if one.physical == table]
    return {column.physical: column.type.kind for column in found.columns}


def test_without_a_binding_the_models_own_names_are_read() -> None:
    script = emit(everything(), "duckdb", None)
    assert [table.physical for table in script.sources] == ["person", "visit", "stay"]
    assert types(script, "stay") == {"person_id": "identifier", "start": "date", "end": "date", "code": "code"}


def test_a_column_is_found_under_its_physical_name() -> None:
    script, found = person(("sex", BoundColumn("SUKUP; --")), rows=[{"SUKUP; --": "2"}])
    assert found[0]["sex"] == "2"
    assert types(script, "people")["SUKUP; --"] == "code"


def test_codes_are_read_as_text_and_those_not_named_stay() -> None:
    script, found = person(
        ("sex", BoundColumn("s", codes={"M": "1", "F'": "2"})), rows=[{"s": s} for s in ("M", "F'", "3")]
    )
    assert [row["sex"] for row in found] == ["1", "2", "3"]
    assert types(script, "people")["s"] == "code"


def test_codes_of_a_boolean_are_read_as_text() -> None:
    rule = BoundColumn("v", nulls=("?",), codes={"K": "true", "E": "false"})
    script, found = person(("vip", rule), rows=[{"v": v} for v in ("K", "E", "?", None, "true")])
    assert sorted(str(row["vip"]) for row in found) == ["False", "None", "None", "True", "True"]
    assert types(script, "people")["v"] == "text"


@pytest.mark.parametrize(
    ("column", "nulls", "values", "expected"),
    [
        ("size", ("-1", "99"), (-1, 99, 5), [5, None, None]),
        ("pay", ("-1.5",), ("-1.5", "2"), ["2.000000", None]),
        ("sex", ("", "9"), ("", "9", "1"), ["1", None, None]),
    ],
)
def test_values_that_mean_null_become_null(
    column: str, nulls: tuple[str, ...], values: Any, expected: list[Any]
) -> None:
    given = [Decimal(v) if column == "pay" else v for v in values]
    _, found = person((column, BoundColumn("c", nulls=nulls)), rows=[{"c": v} for v in given])
    assert [row[column] if column != "pay" or row[column] is None else str(row[column]) for row in found] == expected


def test_marks_that_are_no_values_are_read_as_null_before_the_values_are() -> None:
    """The engine does that, where the column holds text; the SQL has values of the type alone."""
    script = emit(everything(), "duckdb", binding(bound("person", "people", **numbered("size", "NA", ".", "-9"))))
    (marked,) = [c for t in script.sources if t.physical == "people" for c in t.columns if c.physical == "c"]
    assert (marked.type.kind, marked.marks) == ("integer", ("NA", "."))
    (made,) = [one.sql for one in script.statements if one.name == "person"]
    assert "nullif(people.c, -9)" in made
    assert "NA" not in made


def numbered(column: str, *nulls: str) -> dict[str, Any]:
    return {name: name for name in MODEL.tables["person"].columns} | {column: BoundColumn("c", nulls=nulls)}


def test_null_may_mean_a_code() -> None:
    script, found = person(("sex", BoundColumn("s", null_code="2")), rows=[{"s": None}, {"s": "1"}])
    assert sorted(row["sex"] for row in found) == ["1", "2"]
    assert [c.nullable for t in script.sources if t.physical == "people" for c in t.columns if c.physical == "s"] == [
        True
    ]


def test_a_last_day_in_becomes_the_first_day_out_and_a_sentinel_none() -> None:
    rules = {name: BoundColumn(name) for name in MODEL.tables["stay"].columns}
    rules["end"] = BoundColumn("last", nulls=("2222-11-11",), shift_days=1)
    script = emit(everything(), "duckdb", binding(bound("stay", "stays", **rules)))
    day = kit.date
    rows = [
        {"person_id": "p", "start": day("2020-01-01"), "last": last, "code": "a"}
        for last in (day("2020-02-28"), day("2222-11-11"), None)
    ]
    assert [row["end"] for row in view(script, "stay", {"stays": rows})] == [day("2020-02-29"), None, None]


@pytest.mark.parametrize(
    ("counted", "number", "day"),
    [
        (Counted("day", kit.date("1960-01-01")), 366, "1961-01-01"),
        (Counted("day", kit.date("1960-01-01")), -1, "1959-12-31"),
        (Counted("day", kit.date("1960-01-01")), Decimal("0.5"), "1960-01-01"),
        (Counted("day", kit.date("1960-01-01")), Decimal("-0.5"), "1959-12-31"),
        (Counted("week", kit.date("2000-01-01")), 52, "2000-12-30"),
        (Counted("month", kit.date("2000-01-01")), 1, "2000-01-31"),
        (Counted("month", kit.date("2000-01-01")), 60, "2004-12-31"),
        (Counted("month", kit.date("2000-01-01")), Decimal("26.5"), "2002-03-17"),
        (Counted("year", kit.date("2000-01-01")), 7, "2006-12-31"),
        (Counted("year"), 1976, "1976-01-01"),
        (Counted("year"), Decimal("1976.99"), "1976-01-01"),
        (Counted("year"), -9, None),
        (Counted("year"), None, None),
    ],
)
def test_a_number_may_tell_a_day(counted: Counted, number: object, day: str | None) -> None:
    """Years and months have the length that they have in the times of reports: an event at 60 months is within them."""
    rules: dict[str, Any] = {"person_id": "person_id", "date": BoundColumn("n", nulls=("-9",), counted=counted)}
    script = emit(everything(), "duckdb", binding(bound("visit", "visits", **rules)))
    assert types(script, "visits")["n"] == "decimal"
    (found,) = view(script, "visit", {"visits": [{"person_id": "p", "n": number}]})
    assert found["date"] == (None if day is None else kit.date(day))


def test_a_number_may_tell_a_day_where_rows_are_picked_by_it() -> None:
    rules: dict[str, Any] = {"person_id": "person_id", "date": BoundColumn("n", counted=Counted("year"))}
    script = emit(everything(), "duckdb", binding(bound("visit", "visits", {"n": ["1976"]}, **rules)))
    rows = [{"person_id": "p", "n": year} for year in ("1976", "1977")]
    assert [row["date"] for row in view(script, "visit", {"visits": rows})] == [kit.date("1976-01-01")]


def test_rows_are_picked_by_value_and_one_physical_table_may_hold_several() -> None:
    events = {"person_id": "id", "date": "day"}
    spells = {"person_id": "id", "start": "day", "end": "until", "code": "kind"}
    script = emit(
        everything(),
        "duckdb",
        binding(
            bound("visit", "events", {"kind": ("v", "V'")}, **events),
            bound("stay", "events", {"kind": ("a",), "n": ("1",)}, **spells),
        ),
    )
    assert [table.physical for table in script.sources] == ["person", "events"]
    assert types(script, "events") == {"id": "identifier", "day": "date", "kind": "code", "until": "date", "n": "text"}
    rows = [
        {"id": "p", "day": kit.date("2020-01-01"), "until": None, "kind": kind, "n": n}
        for kind, n in (("v", None), ("V'", "1"), ("a", "1"), ("a", "2"), (None, None))
    ]
    assert len(view(script, "visit", {"events": rows})) == 2
    assert len(view(script, "stay", {"events": rows})) == 1


def test_a_column_read_both_as_a_value_and_as_a_code_is_presented_as_text() -> None:
    script, found = person(("size", BoundColumn("n")), rows=[{"n": "4"}, {"n": "5"}], where={"n": ["4"]})
    assert types(script, "people")["n"] == "text"
    assert [row["size"] for row in found] == [4]


def test_only_what_a_step_reads_is_asked_of_the_database() -> None:
    script = emit(plan(sample_study()), "duckdb", None)
    assert {"study.end", "study.person_id"} - {
        f"{t.physical}.{c.physical}" for t in script.sources for c in t.columns
    } == {"study.end"}


# --- refusals --------------------------------------------------------------------------------------------------------


def refusal(of: Plan, dialect: str, given: Binding | None) -> str:
    with pytest.raises(Refused) as caught:
        emit(of, dialect, given)
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.code}: {diagnostic.message}"


def test_a_dialect_that_is_not_there_is_refused() -> None:
    assert refusal(everything(), "oracle", None) == "dialect-unknown: There is no SQL dialect called `oracle`."


def test_a_table_or_column_that_is_not_bound_is_refused() -> None:
    tables = dict(binding().tables)
    del tables["stay"]
    without = Binding("city", "m", 1, tables)
    assert refusal(everything(), "duckdb", without).startswith("not-bound: The study reads stay,")
    partial = binding(bound("stay", "stays", person_id="id", start="a", end="b"))
    assert refusal(everything(), "duckdb", partial).startswith("not-bound: The study reads stay.code,")


@pytest.mark.parametrize(
    ("table", "column", "rule"),
    [
        ("stay", "end", BoundColumn("end", nulls=("31.12.2222",))),
        ("person", "size", BoundColumn("size", nulls=("1O",))),
        ("person", "pay", BoundColumn("pay", nulls=("1,5",))),
        ("person", "vip", BoundColumn("vip", codes={"K": "yes"})),
    ],
)
def test_a_rule_whose_value_is_of_another_type_is_refused_without_repeating_it(
    table: str, column: str, rule: BoundColumn
) -> None:
    columns: dict[str, Any] = {name: name for name in MODEL.tables[table].columns} | {column: rule}
    said = refusal(everything(), "duckdb", binding(bound(table, table, **columns)))
    assert said.startswith(f"binding-value: A rule of the binding `city` for {table}.{column} names a value")
    assert not any(value in said for value in (*rule.nulls, *rule.codes.values()))


def test_codes_that_were_keyed_anew_are_read_by_the_date_of_the_row() -> None:
    rules = {name: BoundColumn(name) for name in MODEL.tables["stay"].columns}
    rules["start"] = BoundColumn("first", nulls=("1900-01-01",), shift_days=1)
    old, new = DatedCodes({"A": "a"}, last=kit.date("2015-12-31")), DatedCodes({"A": "b"}, first=kit.date("2016-01-01"))
    rules["code"] = BoundColumn("kind", codes_by_date=(old, new), null_code="c")
    script = emit(everything(), "duckdb", binding(bound("stay", "stays", **rules)))
    given = [("2015-12-30", "A"), ("2015-12-31", "A"), ("1900-01-01", "A"), ("2016-01-01", "B"), ("2016-01-01", None)]
    rows = [{"person_id": "p", "first": kit.date(d), "end": None, "kind": k} for d, k in given]
    found = [(row["start"], row["code"]) for row in view(script, "stay", {"stays": rows})]
    later = kit.date("2016-01-02")
    assert found == [
        (kit.date("2015-12-31"), "a"),
        (kit.date("2016-01-01"), "b"),
        (later, "B"),
        (later, "c"),
        (None, "A"),
    ]


def doubles(plan_: Plan, identity: tuple[str, ...]) -> Script:
    rules = {name: BoundColumn(name) for name in MODEL.tables["stay"].columns}
    rules["end"] = BoundColumn("last", nulls=("2222-11-11",), shift_days=1)
    stays = replace(bound("stay", "stays", **rules), drop_unfinished_doubles=True, identity=identity)
    return emit(plan_, "duckdb", binding(stays))


STAYS = [
    {"person_id": person, "start": start and kit.date(start), "last": last and kit.date(last), "code": code}
    for person, start, last, code in [
        ("p", "2020-01-01", "2222-11-11", "a"),  # the double of the next
        ("p", "2020-01-01", "2020-02-01", "a"),
        ("p", "2020-01-01", None, "b"),  # another spell, where the code tells spells apart
        ("p", "2020-03-01", None, "a"),  # another start
        ("q", "2020-01-01", None, "a"),  # another person
        ("q", None, None, "a"),
    ]
]


@pytest.mark.parametrize(("identity", "left"), [(("code",), 5), ((), 4)])
def test_the_unfinished_double_of_a_finished_spell_is_left_out(identity: tuple[str, ...], left: int) -> None:
    found = view(doubles(everything(), identity), "stay", {"stays": STAYS})
    assert len(found) == left
    assert list(found[0]) == ["person_id", "start", "end", "code"]
    finished = [row for row in found if row["end"] is not None]
    assert [(row["person_id"], row["end"]) for row in finished] == [("p", kit.date("2020-02-02"))]


def test_what_tells_doubles_apart_is_read_even_where_no_step_reads_it() -> None:
    none = during(None, None)
    starts = kit.study(MODEL, kit.cohort(kit.event("stay", window=none, match="starting")))
    script = doubles(plan(starts), ("code",))
    assert types(script, "stays") == {"person_id": "identifier", "start": "date", "last": "date", "code": "code"}
    (found,) = [statement for statement in script.statements if statement.name == "stay"]
    assert found.sql.splitlines()[1:4] == ["select", "    stay.person_id,", "    stay.start"]


def test_doubles_are_told_by_the_mended_values() -> None:
    rules = {name: BoundColumn(name) for name in MODEL.tables["stay"].columns}
    rules["code"] = BoundColumn("code", codes={"A": "a"})
    stays = replace(bound("stay", "stays", **rules), drop_unfinished_doubles=True, identity=("code",))
    script = emit(everything(), "duckdb", binding(stays))
    (start, end) = kit.date("2020-01-01"), kit.date("2020-02-01")
    rows = [{"person_id": "p", "start": start, "end": last, "code": c} for last, c in ((None, "A"), (end, "a"))]
    assert [row["end"] for row in view(script, "stay", {"stays": rows})] == [end]
