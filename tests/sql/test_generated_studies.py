"""Generated studies on generated data: the SQL counts what the arbiter counts, cell by cell."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import agree

MODEL = kit.model(
    kit.table(
        "person", "attributes", {"birth_date": "date?", "sex": "code of sex?", "vip": "boolean?", "size": "integer?"}
    ),
    kit.table("visit", "events", {"code": "code of c?", "n": "integer?"}, key="visitor"),
    kit.table("stay", "spells", {"code": "code of c?"}, coverage=Coverage(None, kit.date("2020-03-10"))),
    kit.table("job", "spells", {"full": "boolean?"}),
    kit.table("death", "events", {}),
)
FIRST = kit.date("2020-01-20")
BIRTHS = [None, *map(kit.date, ("1980-02-29", "1996-02-29", "1990-02-28", "1990-01-31", "2000-03-01", "2001-12-31"))]
CODES = ["a", "a", "b", "'", "A", None]

# --- data ------------------------------------------------------------------------------------------------------------


def data(seed: int, people: int) -> dict[str, list[dict[str, Any]]]:
    """Rows crowded into a few weeks around the end of a leap year's February, nulls and strangers among them."""
    chance = random.Random(seed)
    names = [f"p{n}" for n in range(people)]

    def day() -> datetime.date:
        return FIRST + datetime.timedelta(days=chance.randrange(61))

    def end(start: datetime.date) -> datetime.date | None:
        return chance.choice([None, day(), start, start + datetime.timedelta(days=chance.randrange(30))])

    def rows(table: str, most: int) -> list[dict[str, Any]]:
        found = []
        for one in [*names, "stranger"]:
            for _ in range(chance.randrange(most + 1)):
                start = day()
                row = {"person_id": one, "visitor": one, "date": start, "start": start, "end": end(start)}
                row |= {"code": chance.choice(CODES), "n": chance.choice([0, 1, 2, 3, None])}
                row |= {"full": chance.choice([True, True, False, None])}
                found.append({column: row[column] for column in MODEL.tables[table].columns})
        return found

    return {
        "person": [
            {
                "person_id": one,
                "birth_date": chance.choice(BIRTHS),
                "sex": chance.choice(["1", "2", "9", None]),
                "vip": chance.choice([True, False, None]),
                "size": chance.choice([0, 1, 2, None]),
            }
            for one in names
        ],
        **{table: rows(table, most) for table, most in {"visit": 4, "stay": 4, "job": 4, "death": 1}.items()},
    }


DATA = st.builds(data, st.integers(0, 2**32), st.integers(1, 25))

# --- studies ---------------------------------------------------------------------------------------------------------

MOVES = st.sampled_from([(), ("-1 month",), ("1 month",), ("-7 day",), ("1 day",), ("1 month", "-1 day"), ("1 week",)])
BASES = st.sampled_from(["index", "index", "2020-02-10", "data.end", "role death", "entry"])


@st.composite
def times(draw: st.DrawFn) -> core.Time:
    base = draw(BASES)
    return at(base, *draw(MOVES), tables=("stay",) if base == "data.end" else ())


@st.composite
def windows(draw: st.DrawFn) -> core.Window:
    low, high = draw(st.none() | times()), draw(st.none() | times())
    return during(low, high, draw(st.sampled_from(["[)", "[]", "()", "(]"])))


ORDER = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _conditions(table: str) -> st.SearchStrategy[core.Expr | None]:
    code = kit.col(table, "code", "code of c", True)
    listed = st.lists(st.sampled_from(["a", "b", "'", "A"]), unique=True, max_size=3)
    by_table = {
        "visit": [
            st.builds(lambda values, no: kit.inset(code, *values, negated=no), listed, st.booleans()),
            st.builds(
                lambda op, more, n: kit.cmp(kit.sums(kit.col("visit", "n", "integer", True), more, kit.lit(2)), op, n),
                ORDER,
                st.sampled_from("+-*"),
                st.integers(-2, 6).map(kit.lit),
            ),
        ],
        "stay": [
            st.builds(lambda values: kit.inset(code, *values), listed),
            st.builds(lambda n: kit.cmp(kit.duration("stay"), ">=", kit.lit(n)), st.integers(0, 30)),
            st.just(kit.cmp(kit.age(at("row"), nullable=True), ">=", kit.lit(30))),
        ],
        "job": [
            st.just(kit.cmp(kit.col("job", "full", "boolean", True), "=", kit.lit(True))),
            st.just(kit.cmp(kit.duration("job"), "<", kit.lit(10))),
            st.just(kit.attr("vip", "boolean", True)),
            st.builds(
                lambda moves, op: kit.cmp(kit.day(at("2020-02-10", *moves)), op, kit.day(at("row.end", "-7 day"))),
                MOVES,
                ORDER,
            ),
        ],
        "death": [],
    }[table]
    name, type_ = {"visit": ("n", "integer"), "stay": ("code", "code of c"), "job": ("full", "boolean")}[table]
    by_table.append(st.builds(lambda no: kit.known(kit.col(table, name, type_, True), no), st.booleans()))
    single = st.one_of(*by_table)
    several = st.lists(single, min_size=3, max_size=4).map(lambda found: kit.at_least(2, *found))
    both = st.builds(lambda op, a, b: kit.logic(op, a, b), st.sampled_from(["and", "or"]), single, single)
    return st.none() | single | both | several | st.builds(kit.neg, single)


@st.composite
def queries(draw: st.DrawFn, quantifiers: tuple[str, ...] = ("any", "no")) -> core.RowQuery:
    table = draw(st.sampled_from(["visit", "stay", "job"]))
    quantifier = draw(st.sampled_from(quantifiers))
    condition = draw(_conditions(table))
    if table == "visit":
        return kit.rows(quantifier, table, "dated", draw(windows()), condition)
    match = draw(st.sampled_from(["starting", "ending", "overlapping", "covering"]))
    if quantifier == "days":
        match = "overlapping"
    window = kit.covering(draw(times())) if match == "covering" else draw(windows())
    return kit.rows(quantifier, table, match, window, condition)


#: Table -> its columns that values can be made of, and their types.
PICKED = {
    "visit": {"n": "integer", "code": "code of c", "date": "date"},
    "stay": {"code": "code of c", "end": "date"},
    "job": {"full": "boolean", "start": "date"},
}


@st.composite
def picks(draw: st.DrawFn, *types: str) -> core.RowValue:
    """A value made of a column of one of several types; of any type, where it counts the different ones."""
    query = draw(queries())
    columns = {one: type_ for one, type_ in PICKED[query.table].items() if type_ in types}
    hows = ["first", "last", "only"] if columns else []
    if columns and set(columns.values()) <= {"integer", "date"}:
        hows += ["smallest", "largest"]
    if "integer" in types:
        hows += ["sum"] if "integer" in columns.values() else ["distinct"]
    if not hows:
        return draw(picks(*types))
    how = draw(st.sampled_from(hows))
    name = draw(st.sampled_from(sorted(PICKED[query.table] if how == "distinct" else columns)))
    return kit.pick(how, query.table, name, query.match, query.window, query.condition, of=PICKED[query.table][name])


CODE = st.just(kit.attr("sex", "code of sex", True)) | picks("code of c")
SIMPLE = st.one_of(
    st.builds(lambda t: kit.age(t, nullable=True), times()),
    queries(("count", "days")),
    picks("integer"),
    st.just(kit.attr("size", "integer", True)),
    st.just(kit.ref("number", "integer", True)),
)
NUMBERS = SIMPLE | st.builds(kit.sums, SIMPLE, st.sampled_from("+-*"), SIMPLE | st.integers(0, 3).map(kit.lit))
GROUPS = st.builds(lambda of: kit.grouped(of, low="1 a '", high="2 b"), CODE)
TESTS = st.recursive(
    st.one_of(
        queries(),
        picks("boolean"),
        st.builds(kit.known, NUMBERS | CODE | GROUPS | picks("date", "boolean"), st.booleans()),
        st.builds(lambda of, key: kit.cmp(of, "=", kit.lit(key)), GROUPS, st.sampled_from(["low", "high"])),
        st.builds(
            lambda of, op, day: kit.cmp(of, op, kit.day(day)),
            picks("date") | st.just(kit.attr("birth_date", "date", True)),
            ORDER,
            times(),
        ),
        st.builds(lambda n, low: kit.between(n, kit.lit(low), kit.lit(low + 20)), NUMBERS, st.integers(0, 30)),
        st.builds(lambda n, high: kit.cmp(n, "<", kit.lit(high)), NUMBERS, st.integers(0, 30)),
        st.builds(lambda no: kit.inset(kit.attr("sex", "code of sex", True), "1", "2", negated=no), st.booleans()),
        st.just(kit.attr("vip", "boolean", True)),
        st.just(kit.ref("flag", nullable=True)),
    ),
    lambda inner: st.one_of(
        st.builds(kit.neg, inner),
        st.builds(lambda op, a, b: kit.logic(op, a, b), st.sampled_from(["and", "or"]), inner, inner),
        st.builds(lambda n, *of: kit.at_least(n, *of), st.integers(1, 3), inner, inner, inner),
    ),
    max_leaves=4,
)


@st.composite
def events(draw: st.DrawFn, window: core.Window) -> core.EventQuery:
    table = draw(st.sampled_from(["visit", "stay", "job"]))
    condition = draw(_conditions(table))
    first = draw(st.booleans())
    if table == "visit":
        dated = draw(st.sampled_from([at("row"), at("row", "3 day"), at("row", "-2 day")]))
        return kit.event(table, "dated", window, condition, dated=dated, first=first)
    match = draw(st.sampled_from(["starting", "ending"]))
    dated = draw(
        st.sampled_from([None, at("row", "5 day"), at("row.end"), at("row.end", "-1 day"), at("row", "1 month")])
    )
    return kit.event(table, match, window, condition, dated=dated, first=first)


def _without(expr: core.Expr, *names: str) -> core.Expr:
    """The expression with what would make definitions circular, or row conditions deep, replaced."""
    match expr:
        case core.Ref():
            return (
                kit.lit(7)
                if expr.name in names and expr.name == "number"
                else (kit.lit(True) if expr.name in names else expr)
            )
        case core.Not():
            return kit.neg(_without(expr.operand, *names))
        case core.Logic():
            return kit.logic(expr.op, *(_without(one, *names) for one in expr.operands))
        case core.Compare():
            return kit.cmp(_without(expr.left, *names), expr.op, expr.right)
        case core.Arithmetic():
            return kit.sums(_without(expr.left, *names), expr.op, _without(expr.right, *names))
        case core.Known():
            return kit.known(_without(expr.operand, *names), expr.negated)
        case core.AtLeast():
            return kit.at_least(expr.count, *(_without(one, *names) for one in expr.operands))
        case core.Between():
            return kit.between(_without(expr.operand, *names), expr.low, expr.high)
    return expr


@st.composite
def studies(draw: st.DrawFn) -> core.Study:
    criteria = [
        (kit.include if draw(st.booleans()) else kit.exclude)(f"c{n}", draw(TESTS))
        for n in range(draw(st.integers(0, 2)))
    ]
    span = draw(st.sampled_from([during(at("2020-01-25"), at("2020-02-20"), "[]"), during(None, None)]))
    levels = [kit.level(f"l{n}", draw(TESTS)) for n in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        levels.append(kit.level("rest"))
    rival = draw(st.sampled_from([(), ("death",), ("outcome second",), ("death", "outcome second")]))
    zero = st.sampled_from(["keep", "exclude", "refuse"])
    ends = draw(
        st.lists(
            st.sampled_from(
                [at("entry", "1 month"), at("role death"), at("data.end", tables=("stay",)), at("index", "20 day")]
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda time: (time.base, time.role),
        )
    )
    last = st.sampled_from(["2020-03-01", "2020-02-20", None])
    second = draw(events(kit.FOLLOW_UP) | st.just("death"))
    variables = [
        kit.variable("sex", kit.attr("sex", "code of sex", True), "1", "2", "other", "unknown"),
        kit.variable("flag", kit.ref("flag", nullable=True), "true", "false", "unknown"),
        kit.variable("grouped", draw(GROUPS), "low", "high", "unknown"),
        kit.variable("banded", kit.bands(kit.ref("number", "integer", True), "0-0", "1-9", "10+"), "0-0", "1-9", "10+"),
    ]
    by = draw(st.sampled_from([None, "arm"]))
    return kit.study(
        MODEL,
        kit.cohort(draw(events(span)), *criteria),
        kit.ATTRITION,
        kit.baseline(*variables, by=by),
        kit.risk("main", "second", by=by),
        definitions=[
            kit.define("number", _without(draw(NUMBERS), "number")),
            kit.define("flag", _without(draw(TESTS), "flag")),
        ],
        roles=[kit.role("death", "death")],
        exposure=kit.exposure("arm", during(at("index"), at("index", "10 day")), *levels),
        follow_up=kit.follow_up(
            draw(st.sampled_from([at("index"), at("index", "10 day"), at("index", "1 month")])), *ends
        ),
        outcomes=[
            kit.outcome("main", draw(events(kit.FOLLOW_UP)), *rival, time_zero=draw(zero), end_of_data=draw(last)),
            kit.outcome("second", second, time_zero=draw(zero), end_of_data=draw(last)),
        ],
    )


CALM = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=False)


@settings(CALM, max_examples=120)
@given(studies(), DATA)
def test_sql_counts_what_the_arbiter_counts(study: core.Study, rows: dict[str, list[dict[str, Any]]]) -> None:
    agree(study, rows)


@pytest.mark.sweep
@pytest.mark.parametrize("hundred", range(40))
@settings(CALM, max_examples=100, derandomize=False)
@given(study=studies(), rows=DATA)
def test_sql_counts_what_the_arbiter_counts_at_length(
    hundred: int, study: core.Study, rows: dict[str, list[dict[str, Any]]]
) -> None:
    agree(study, rows)
