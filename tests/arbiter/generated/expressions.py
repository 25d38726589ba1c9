"""Values and conditions, and the rows that they are made of: every kind of expression."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args

from hypothesis import strategies as st

from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef, Window
from tests.arbiter.awkward_rows import VALUES, Draw
from tests.arbiter.generated.around import (
    Around,
    any_null,
    category,
    columns,
    columns_of,
    facts,
    is_spell,
    kind_of,
    literal,
    ref_to,
)
from tests.arbiter.generated.times import times, windows

#: Kinds of value that a definition may have and that can be known or not.
KINDS = ("integer", "decimal", "date", "boolean", "kind", "sex", "text")
Match = Literal["dated", "starting", "ending", "overlapping", "covering"]
Pick = Literal["first", "last", "only", "smallest", "largest", "sum", "mean", "distinct"]
BANDS = (("-5-0", -5, 0), ("1-1", 1, 1), ("2-17", 2, 17), ("20+", 20, None))

# --- rows ------------------------------------------------------------------------------------------------------------


@st.composite
def selections(draw: Draw, around: Around, table: str) -> tuple[Match, Window, core.Expr | None]:
    """Rows of a table: taken by a window in one way, kept by a condition."""
    match: Match = "dated"
    if is_spell(table):
        match = draw(st.sampled_from(["starting", "ending", "overlapping", "overlapping", "covering"]))
    if match == "covering":
        at = draw(times(around))
        window = Window(at, at, True, True)
    else:
        window = draw(windows(around))
    return match, window, draw(st.one_of(st.none(), conditions(around.at(table))))


@st.composite
def queries(draw: Draw, around: Around, quantifiers: tuple[str, ...]) -> core.RowQuery:
    quantifier = draw(st.sampled_from(quantifiers))
    table = draw(st.sampled_from(around.tables))
    match, window, condition = draw(selections(around, table))
    return core.RowQuery(
        facts=facts("boolean" if quantifier in ("any", "no") else "integer"),
        quantifier=quantifier,
        table=table,
        match=match,
        window=window,
        condition=condition,
    )


def made_of(pick: str, kind: str) -> str | None:
    """The kind of value that a pick makes of a column; None for those without order, or that cannot be added up."""
    number = kind in ("integer", "decimal")
    if pick in ("sum", "mean", "smallest", "largest") and not number:
        return kind if kind == "date" and pick in ("smallest", "largest") else None
    return {"distinct": "integer", "mean": "decimal"}.get(pick, None if kind == "firm" else kind)


def picks_of(around: Around, kinds: tuple[str, ...]) -> list[tuple[Pick, ColumnRef, str]]:
    """The ways to make a value of one of several kinds of the rows of some table."""
    found = []
    for table in dict.fromkeys(around.tables):
        for name, kind in columns_of(table).items():
            for pick in get_args(Pick):
                made = made_of(pick, kind.rstrip("?"))
                if made in kinds and (pick != "mean" or "mean" in around.use):
                    found.append((pick, ColumnRef(table, name), made))
    return found


@st.composite
def picks(draw: Draw, around: Around, kinds: tuple[str, ...], how: str | None = None) -> core.RowValue:
    """A value of one of several kinds, made of a column of rows.  how: the only way to make it."""
    found = [one for one in picks_of(around, kinds) if how in (None, one[0])]
    means = [one for one in found if one[0] == "mean"]
    pick, column, kind = draw(st.sampled_from(means if means and draw(st.integers(0, 3)) == 0 else found))
    match, window, condition = draw(selections(around, column.table))
    return core.RowValue(
        facts=facts(kind, pick not in ("sum", "distinct")),
        pick=pick,
        column=column,
        table=column.table,
        match=match,
        window=window,
        condition=condition,
    )


# --- values ----------------------------------------------------------------------------------------------------------


@st.composite
def values(draw: Draw, around: Around, kinds: tuple[str, ...]) -> core.Expr:
    """A column, a value made of rows, or a definition, of one of several kinds; also a time where dates are meant."""
    refs = [one for one in around.refs if kind_of(one.value) in kinds]
    choices = ["column", "column"] + (["ref"] if refs else []) + (["time"] if "date" in kinds else [])
    choices += ["decimal"] * 3 if "decimal" in kinds and "decimals" in around.use and around.depth > 0 else []
    choices += ["pick", "pick"] if around.asks_rows and picks_of(around, kinds) else []
    match draw(st.sampled_from(choices)):
        case "pick":
            return draw(picks(around, kinds))
        case "ref":
            return ref_to(draw(st.sampled_from(refs)))
        case "time":
            return draw(dates(around))
        case "decimal":
            return draw(decimals(around))
        case _:
            return draw(columns(around, kinds))


@st.composite
def dates(draw: Draw, around: Around) -> core.TimeValue:
    at = draw(times(around))
    return core.TimeValue(facts=at.facts, time=at)


@st.composite
def sums(draw: Draw, around: Around) -> core.Arithmetic:
    """Whole numbers added up, or one times a small one, so that chains of definitions stay small as well."""
    op = draw(st.sampled_from(["+", "-", "*"]))
    left = draw(counts(around.deeper()))
    right: core.Expr = literal("integer", draw(st.integers(-3, 4)))
    if op != "*" and draw(st.booleans()):
        right = draw(counts(around.deeper()))
    if draw(st.booleans()):
        left, right = right, left
    either = left.facts.nullable or right.facts.nullable
    return core.Arithmetic(facts=facts("integer", either), op=op, left=left, right=right)


@st.composite
def decimals(draw: Draw, around: Around) -> core.Arithmetic:
    """Arithmetic that gives a decimal; what is multiplied is multiplied by little, or chains would grow."""
    op = draw(st.sampled_from(["+", "-", "*", "/", "/"]))
    inner = around.deeper()
    small = literal("decimal", draw(st.sampled_from([Decimal(n) for n in ("0", "0.5", "-3", "0.333333", "7", "1.0")])))
    left = draw(values(inner, ("decimal",)))
    right: core.Expr = small
    if op != "*":
        right = draw(st.one_of(st.just(small), counts(inner), values(inner, ("decimal",))))
        if op == "/" and draw(st.booleans()):
            left = draw(counts(inner))
    if draw(st.booleans()):
        left, right = right, left
    either = op == "/" or left.facts.nullable or right.facts.nullable
    return core.Arithmetic(facts=facts("decimal", either), op=op, left=left, right=right)


@st.composite
def elapsed(draw: Draw, around: Around) -> core.Elapsed:
    unit = draw(st.sampled_from(["day", "week", "month", "year"]))
    start, end = draw(times(around)), draw(times(around))
    if "value times" in around.use and around.asks_rows and picks_of(around, ("date",)) and draw(st.booleans()):
        picked = draw(picks(around, ("date",)))
        start = core.Time(facts=facts("date", True), base="value", value=picked, steps=start.steps)
    either = start.facts.nullable or end.facts.nullable
    return core.Elapsed(facts=facts("integer", either), unit=unit, start=start, end=end)


@st.composite
def counts(draw: Draw, around: Around) -> core.Expr:
    """A whole number."""
    choices = ["column", "years"] + (["sum"] if around.depth > 0 else [])
    choices += ["elapsed"] * 3 if "elapsed" in around.use else []
    if around.table is not None and is_spell(around.table):
        choices += ["duration", "duration"]
    if around.asks_rows:
        choices += ["query", "query", "pick"]
    refs = [one for one in around.refs if one.value.facts.type.kind == "integer"]
    choices += ["ref"] if refs else []
    match draw(st.sampled_from(choices)):
        case "column":
            return draw(columns(around, ("integer",)))
        case "years":
            column = draw(st.sampled_from(["birth_date", "joined"]))
            at = draw(times(around))
            nullable = column == "birth_date" or at.facts.nullable
            return core.YearsSince(facts=facts("integer", nullable), column=ColumnRef("person", column), time=at)
        case "duration":
            return core.RowDuration(facts=facts("integer", True), table=around.table or "")
        case "elapsed":
            return draw(elapsed(around))
        case "query":
            return draw(queries(around, ("count", "days")))
        case "pick":
            return draw(picks(around, ("integer",)))
        case "sum":
            return draw(sums(around))
        case _:
            return ref_to(draw(st.sampled_from(refs)))


@st.composite
def bands(draw: Draw, around: Around) -> core.BandOf:
    keys = tuple(sorted(draw(st.lists(st.sampled_from(BANDS), min_size=1, unique=True)), key=lambda band: band[1]))
    of = category(tuple(key for key, _, _ in keys))
    return core.BandOf(facts=of, operand=draw(counts(around)), bands=keys)


@st.composite
def groups(draw: Draw, around: Around) -> core.GroupOf:
    """Codes in one to three groups, most of them in none; a group may be called what a code or a category is."""
    operand = draw(values(around, ("kind", "sex")))
    members = draw(st.lists(VALUES[kind_of(operand)], min_size=1, unique=True))
    keys = draw(st.lists(st.sampled_from(["low", "high", "a", "other", "o'k"]), min_size=1, max_size=3, unique=True))
    sorted_in = [(key, tuple(sorted(members[n :: len(keys)]))) for n, key in enumerate(keys)]
    found = tuple((key, inside) for key, inside in sorted_in if inside)
    return core.GroupOf(facts=category(tuple(key for key, _ in found)), operand=operand, groups=found)


@st.composite
def cases_of(draw: Draw, around: Around) -> core.CaseOf:
    """One to three cases, the last of them `otherwise` every other time."""
    keys = draw(st.lists(st.sampled_from(["one", "two", "o'k", "a", "none"]), min_size=1, max_size=3, unique=True))
    tests: list[core.Expr | None] = [draw(conditions(around.deeper())) for _ in keys]
    if len(keys) > 1 and draw(st.booleans()):
        tests[-1] = None
    return core.CaseOf(facts=category(tuple(keys)), cases=tuple(zip(keys, tests, strict=True)))


@st.composite
def sorts(draw: Draw, around: Around) -> core.Expr:
    """Bands, groups or cases: categories with names of the study's own."""
    choices = [bands(around), groups(around)] + ([cases_of(around)] * 3 if "cases" in around.use else [])
    return draw(st.one_of(choices))


@st.composite
def anything(draw: Draw, around: Around) -> core.Expr:
    """What a definition may be."""
    choices = [conditions(around), counts(around), bands(around), groups(around)]
    choices += [values(around, KINDS)] if around.table is not None else [picks(around, KINDS)]
    choices += [cases_of(around)] * 2 if "cases" in around.use else []
    choices += [decimals(around)] * 2 if "decimals" in around.use else []
    choices += [columns(around, KINDS)] if "linked" in around.use or "value times" in around.use else []
    return draw(st.one_of(choices))


# --- conditions ------------------------------------------------------------------------------------------------------

ORDER = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


@st.composite
def comparisons(draw: Draw, around: Around) -> core.Expr:
    kinds = ["integer", "decimal", "date", "codes", "codes", "between", "dates", "boolean"]
    kind = draw(st.sampled_from(kinds + (["decimal"] * 3 if "decimals" in around.use else [])))
    match kind:
        case "integer":
            left, right = draw(counts(around)), literal("integer", draw(st.integers(-2, 40)))
            if draw(st.integers(0, 4)) == 0:
                right = draw(counts(around))
            return core.Compare(facts=any_null(left, right), op=draw(ORDER), left=left, right=right)
        case "decimal" | "date":
            left, right = draw(values(around, (kind,))), literal(kind, draw(VALUES[kind]))
            if draw(st.integers(0, 2)) == 0:
                right = draw(values(around, (kind,)))
            elif kind == "decimal" and "decimals" in around.use and draw(st.booleans()):
                right = draw(counts(around))
            return core.Compare(facts=any_null(left, right), op=draw(ORDER), left=left, right=right)
        case "dates":
            left, low, high = draw(values(around, ("date",))), draw(dates(around)), draw(values(around, ("date",)))
            return core.Between(facts=any_null(left, low, high), operand=left, low=low, high=high)
        case "between":
            left = draw(counts(around))
            low, high = (literal("integer", draw(st.integers(-2, 40))) for _ in range(2))
            upper = draw(st.one_of(st.just(high), counts(around)))
            return core.Between(facts=any_null(left, low, upper), operand=left, low=low, high=upper)
        case "boolean":
            left, op = draw(values(around, ("boolean",))), draw(st.sampled_from(["=", "!="]))
            right = literal("boolean", draw(st.booleans()))
            test = core.Compare(facts=any_null(left), op=op, left=left, right=right)
            return draw(st.sampled_from([left, test]))
    return draw(codes(around))


@st.composite
def codes(draw: Draw, around: Around) -> core.Expr:
    """Codes, text and categories: equal to one, or among several."""
    left = draw(values(around, ("kind", "sex", "text")))
    # Bands and groups are compared by name only: DuckDB 2.0 fails to bind some comparisons with a `case` in place.
    refs = [one for one in around.refs if kind_of(one.value) == "category"]
    if refs and draw(st.integers(0, 2)) == 0:
        left = ref_to(draw(st.sampled_from(refs)))
    of = kind_of(left)
    texts = st.sampled_from(left.facts.type.categories) if of == "category" else VALUES[of]
    if draw(st.booleans()):
        right: core.Expr = literal(of, draw(texts))
        if of in ("sex", "text") and draw(st.integers(0, 2)) == 0:
            right = draw(values(around, (of,)))
        elif of == "kind" and around.asks_rows and draw(st.booleans()):
            right = draw(picks(around, (of,)))
        return core.Compare(facts=any_null(left, right), op=draw(st.sampled_from(["=", "!="])), left=left, right=right)
    listed = tuple(sorted(draw(st.lists(texts, min_size=1, max_size=4, unique=True))))
    name = draw(st.sampled_from([None, "väli"])) if of == "kind" else None
    return core.InSet(facts=any_null(left), operand=left, values=listed, negated=draw(st.booleans()), name=name)


@st.composite
def conditions(draw: Draw, around: Around) -> core.Expr:
    """Something true, false, or unknown."""
    choices = ["comparison", "comparison"]
    if around.depth > 0:
        choices += ["not", "logic", "at least", "known"]
    if around.asks_rows:
        choices += ["query"] * (3 if around.table is None else 6)
    refs = [one for one in around.refs if one.value.facts.type.kind == "boolean"]
    choices += ["ref"] if refs else []
    choices += ["member"] * 3 if around.cohorts else []
    match draw(st.sampled_from(choices)):
        case "not":
            operand = draw(conditions(around.deeper()))
            return core.Not(facts=any_null(operand), operand=operand)
        case "logic":
            parts = tuple(draw(st.lists(conditions(around.deeper()), min_size=2, max_size=3)))
            return core.Logic(facts=any_null(*parts), op=draw(st.sampled_from(["and", "or"])), operands=parts)
        case "at least":
            parts = tuple(draw(st.lists(conditions(around.deeper()), min_size=2, max_size=4)))
            count = draw(st.integers(1, len(parts)))
            return core.AtLeast(facts=any_null(*parts), count=count, operands=parts)
        case "known":
            inner = around.deeper()
            operand = draw(st.one_of(values(around, KINDS), conditions(inner), counts(inner), sorts(inner)))
            return core.Known(facts=facts(), operand=operand, negated=draw(st.booleans()))
        case "query":
            return draw(queries(around, ("any", "any", "no")))
        case "ref":
            return ref_to(draw(st.sampled_from(refs)))
        case "member":
            return core.MemberOf(facts=facts(), cohort=draw(st.sampled_from(around.cohorts)))
        case _:
            return draw(comparisons(around))
