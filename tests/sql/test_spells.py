"""Named spells in DuckDB: the longest stretches of their days, whatever they are made of."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree, connect
from tests.sql.spells_cases import CASES, Made, Run, jobs, making, stays
from tests.sql.terms_cases import ALL, MODEL, Case, asking, person, rows, spell

FEBRUARY = datetime.date(2020, 2, 1)


def stretches(sets: tuple[core.SpellExpr, ...], given_: dict[str, list[dict[str, Any]]]) -> list[Run]:
    connection = connect(emit(plan(making(sets)), "duckdb", None), given_)
    select = f"select start, \"end\" from set_{len(sets)} where person_id = 'p' order by all"
    found = connection.execute(select).fetchall()
    connection.close()
    return [((first - FEBRUARY).days + 1, (after - FEBRUARY).days + 1) for first, after in found]


@pytest.mark.parametrize("made", CASES, ids=str)
def test_spells_hold_the_stretches_they_were_worked_out_to_hold(made: Made) -> None:
    case = Case(made.name, kit.lit(1), 1, made.rows)
    assert tuple(stretches(made.sets, rows(case))) == made.expected


def test_an_open_spell_holds_its_days_up_to_the_end_of_coverage() -> None:
    given_ = rows(Case("open", kit.lit(1), 1, {"stay": [spell("2020-02-03", None), *stays((1, 2))]}))
    end = (datetime.date(2021, 1, 1) - FEBRUARY).days + 1
    assert stretches((kit.held("stay"),), given_) == [(1, 2), (3, end)]


# --- any spells at all -----------------------------------------------------------------------------------------------

RUNS = st.lists(st.tuples(st.integers(1, 28), st.integers(1, 28)), max_size=6)
LEAVES = st.sampled_from([kit.held("stay"), kit.held("job"), kit.held("set_1")])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(kit.any_of, inner, inner),
        st.builds(kit.all_of, inner, inner),
        st.builds(kit.all_of, inner, inner, inner),
        st.builds(kit.without, inner, inner),
        st.builds(kit.without, inner, inner, inner),
        st.builds(kit.merged, inner, st.integers(0, 5)),
    ),
    max_leaves=5,
)


def days(expr: core.SpellExpr, known: dict[str, set[int]]) -> set[int]:
    """Day by day."""
    match expr:
        case core.SpellRows():
            return known[expr.table]
        case core.Merged():
            inner = days(expr.operand, known)
            return inner | {
                day for day in range(1, 29) if any(a < day < b and b - a - 1 <= expr.days for a in inner for b in inner)
            }
        case core.SpellLogic():
            first, *others = (days(one, known) for one in expr.operands)
            for other in others:
                first = first | other if expr.op == "or" else first & other if expr.op == "and" else first - other
            return first


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, RUNS, RUNS)
def test_any_spells_hold_the_days_they_should_in_stretches_that_do_not_touch(
    expr: core.SpellExpr, of_stay: list[Run], of_job: list[Run]
) -> None:
    first = kit.any_of(kit.held("stay"), kit.held("job"))
    found = stretches((first, expr), rows(Case("any", kit.lit(1), 1, {"stay": stays(*of_stay), "job": jobs(*of_job)})))
    known = {name: {day for a, b in runs for day in range(a, b)} for name, runs in (("stay", of_stay), ("job", of_job))}
    known["set_1"] = known["stay"] | known["job"]
    assert {day for a, b in found for day in range(a, b)} == days(expr, known)
    assert all(after < first for (_, after), (first, _) in pairwise(found))


# --- used like a table -----------------------------------------------------------------------------------------------


def test_row_queries_read_named_spells_like_a_table() -> None:
    given_ = {"stay": stays((1, 5), (3, 9), (20, 22)), "job": jobs((8, 12))}
    working = kit.spell_set("working", kit.any_of(kit.held("stay"), kit.held("job")))
    window = during(at("2020-02-04"), at("2020-02-21"))
    for value, expected in (
        (kit.rows("count", "working", "starting", ALL), 2),
        (kit.rows("days", "working", "overlapping", window), 9),
        (kit.rows("any", "working", "covering", kit.covering(at("2020-02-11"))), True),
        (kit.rows("any", "working", "covering", kit.covering(at("2020-02-12"))), False),
        (kit.rows("count", "working", "ending", ALL, kit.cmp(kit.duration("working"), ">", kit.lit(2))), 1),
        (kit.pick("last", "working", "end", "starting", ALL, of="date"), kit.date("2020-02-22")),
    ):
        case = Case("used", value, expected, given_)
        counted = agree(kit.with_spells(asking(case), working), rows(case))
        assert [key for (key,) in counted["baseline_answer"] if key is not None] == ["true"]


def test_an_index_is_dated_by_named_spells() -> None:
    event = kit.event("working", "starting", during(at("2020-02-03"), at("2020-02-28")))
    study = kit.with_spells(kit.study(MODEL, kit.cohort(event)), kit.spell_set("working", kit.held("stay")))
    for given_, candidates in (({"stay": stays((1, 5), (3, 9))}, 0), ({"stay": stays((3, 9))}, 1)):
        counted = agree(study, rows(Case("index", kit.lit(1), 1, given_)))
        assert sum(number for (key,), (number,) in counted["attrition"].items() if key is not None) == candidates


def test_definitions_serve_the_conditions_of_spells() -> None:
    grown = kit.cmp(kit.age(at("2020-02-01"), nullable=True), ">=", kit.lit(18))
    held = kit.held("stay", kit.logic("and", kit.ref("grown", nullable=True), kit.ref("coded", nullable=True)))
    coded = kit.inset(kit.attr("sex", "code of sex", True), "1")
    study = making((held,))
    study = replace(study, definitions=(kit.define("grown", grown), kit.define("coded", coded)))
    for known, expected in (({"birth_date": kit.date("1990-01-01"), "sex": "1"}, 1), ({"sex": "1"}, 0)):
        given_ = rows(Case("definitions", kit.lit(1), 1, {"person": [person(**known)], "stay": stays((1, 5))}))
        connection = connect(emit(plan(study), "duckdb", None), given_)
        assert len(connection.execute("select * from set_1").fetchall()) == expected
