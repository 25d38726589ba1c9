"""Definitions that are about a feature of their study, so that what it uses it does look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from studyspec.semantics import core
from tests.arbiter.awkward_rows import FIRM, VALUES, Draw
from tests.arbiter.generated.around import Around, any_null, category, facts, links, literal
from tests.arbiter.generated.expressions import (
    BANDS,
    ORDER,
    anything,
    cases_of,
    conditions,
    decimals,
    elapsed,
    picks,
    queries,
)
from tests.arbiter.generated.times import date_values, moves


@st.composite
def banded(draw: Draw, operand: core.Expr) -> core.BandOf:
    keys = draw(st.sampled_from([BANDS, BANDS[1:3], (("-30-0", -30, 0), ("1-30", 1, 30), ("31+", 31, None))]))
    return core.BandOf(facts=category(tuple(key for key, _, _ in keys)), operand=operand, bands=keys)


@st.composite
def _elapsed(draw: Draw, around: Around) -> core.Expr:
    return draw(banded(draw(elapsed(around))))


@st.composite
def _against(draw: Draw, left: core.Expr) -> core.Compare:
    right = literal("decimal", draw(st.one_of(VALUES["decimal"], st.just(Decimal("0.333333")))))
    return core.Compare(facts=any_null(left), op=draw(ORDER), left=left, right=right)


@st.composite
def _decimals(draw: Draw, around: Around) -> core.Expr:
    left = draw(decimals(around))
    if draw(st.booleans()):
        right = draw(decimals(around))
        return core.Compare(facts=any_null(left, right), op=draw(ORDER), left=left, right=right)
    return draw(_against(left))


@st.composite
def _mean(draw: Draw, around: Around) -> core.Expr:
    return draw(_against(draw(picks(around, ("decimal",), "mean"))))


@st.composite
def _linked(draw: Draw, around: Around) -> core.Expr:
    """Of the unit, or in the condition of a row query."""
    if draw(st.booleans()):
        return replace(draw(queries(around, ("any", "count"))), condition=draw(_link_test(around.at("visit"))),
                       table="visit", match="dated")  # fmt: skip
    return draw(_link_test(around))


@st.composite
def _link_test(draw: Draw, around: Around) -> core.Expr:
    name = draw(st.sampled_from(sorted(set(FIRM) - {"motto"})))
    link, kind = draw(links(around, (name,))), FIRM[name].rstrip("?")
    op = draw(ORDER if kind in ("integer", "decimal", "date") else st.sampled_from(["=", "!="]))
    right = literal(kind, draw(VALUES[kind]))
    test = core.Compare(facts=any_null(link), op=op, left=link, right=right)
    known = core.Known(facts=facts(), operand=link, negated=draw(st.booleans()))
    return draw(st.sampled_from([test, test, known]))


@st.composite
def _nested(draw: Draw, around: Around) -> core.Expr:
    """A row query with another in its condition."""
    outer = draw(queries(around, ("any", "no", "count", "days")))
    inner: core.Expr = draw(queries(around.at(outer.table), ("any", "any", "no")))
    if draw(st.booleans()):
        left = draw(st.one_of(queries(around.at(outer.table), ("count", "days")),
                              picks(around.at(outer.table), ("integer",))))  # fmt: skip
        right = literal("integer", draw(st.integers(0, 3)))
        inner = core.Compare(facts=any_null(left), op=draw(ORDER), left=left, right=right)
    if draw(st.integers(0, 3)) == 0:
        other = draw(conditions(around.at(outer.table)))
        inner = core.Logic(facts=any_null(inner, other), op="and", operands=(inner, other))
    return replace(outer, condition=inner)


@st.composite
def _value_times(draw: Draw, around: Around) -> core.Expr:
    """A row query from or to a day that is a value."""
    found = draw(queries(around, ("any", "no", "count", "days")))
    at = core.Time(facts=facts("date", True), base="value", value=draw(date_values(around)), steps=draw(moves()))
    both = found.match == "covering"
    low, high = draw(st.sampled_from([(at, found.window.high), (found.window.low, at)]))
    window = core.Window(at, at, True, True) if both else replace(found.window, low=low, high=high)
    return replace(found, window=window)


@st.composite
def _spells(draw: Draw, around: Around) -> core.Expr:
    """Rows of named spells only."""
    return draw(queries(replace(around, only=True), ("any", "no", "count", "days", "days")))


SUBJECTS: dict[str, Callable[[Around], st.SearchStrategy[core.Expr]]] = {
    "cases": cases_of,
    "elapsed": _elapsed,
    "linked": _linked,
    "decimals": _decimals,
    "mean": _mean,
    "nested": _nested,
    "value times": _value_times,
    "spells": _spells,
}


@st.composite
def definitions(draw: Draw, names: Iterator[str], around: Around, most: int) -> tuple[core.Definition, ...]:
    """Up to so many, besides one for each feature that is a kind of expression."""
    makers = [SUBJECTS[one] for one in sorted(around.use) if one in SUBJECTS] + [anything] * draw(st.integers(0, most))
    found: list[core.Definition] = []
    for make in draw(st.permutations(makers)):
        value = draw(make(replace(around, refs=(*around.refs, *found))))
        found.append(core.Definition(name=next(names), labels={"en": "d"}, value=value))
        if value.facts.type.kind == "integer" and draw(st.booleans()):
            of = draw(banded(core.Ref(facts=value.facts, name=found[-1].name)))
            found.append(core.Definition(name=next(names), labels={"en": "d"}, value=of))
    return tuple(found)
