"""Studies built by hand, in few words: models, expressions and elements of the resolved core."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

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
from studyspec.semantics import core
from studyspec.semantics.core import Category, ColumnRef, Facts, Grain, Step, Time, Window

# --- models ----------------------------------------------------------------------------------------------------------


def kind(name: str) -> ValueType:
    """`date`, `integer`, …, or `code of LIST`."""
    return ValueType("code", list=name[8:]) if name.startswith("code of ") else ValueType(name)  # type: ignore[arg-type]


def table(
    name: str,
    shape: str,
    columns: Mapping[str, str],
    *,
    key: str = "person_id",
    entity: str = "person",
    coverage: Coverage | None = None,
    date: str = "date",
    start: str = "start",
    end: str = "end",
) -> Table:
    """columns: name -> type, `?` after it where it may be null; the key and the days are added."""
    days = {"events": {date: "date"}, "spells": {start: "date", end: "date?"}}.get(shape, {})
    every = {key: "identifier", **days, **columns}
    return Table(
        name=name,
        labels={"en": f"Table {name}"},
        entity=entity,
        key=key,
        shape=shape,  # type: ignore[arg-type]
        register="r",
        columns={
            one: Column(one, kind(type_.rstrip("?")), {"en": one}, "r", nullable=type_.endswith("?"))
            for one, type_ in every.items()
        },
        date=date if shape == "events" else None,
        start=start if shape == "spells" else None,
        end=end if shape == "spells" else None,
        coverage=coverage or Coverage(None, None),
    )


def model(*tables: Table, derived: Mapping[str, str] | None = None) -> Model:
    """The first table lists the entity `person`.  derived: name -> date column."""
    found = {"age": "birth_date"} if derived is None else dict(derived)
    entity = Entity(
        "person",
        {"en": "person"},
        {"en": "people"},
        tables[0].name,
        {name: Derived(name, {"en": name}, "completed years since", column) for name, column in found.items()},
    )
    register = Register("r", {"en": "Register"}, "Controller", DisclosureRule(3))
    return Model("m", 1, {"en": "Model"}, {"person": entity}, {t.name: t for t in tables}, {"r": register}, {}, {})


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# --- expressions -----------------------------------------------------------------------------------------------------


def facts(type_: str = "boolean", nullable: bool = False) -> Facts:
    return Facts(kind(type_), nullable, Grain("unit"))


DATE = facts("date", True)


def lit(value: Any) -> core.Literal_:
    kinds = {bool: "boolean", int: "integer", Decimal: "decimal", datetime.date: "date", str: "text"}
    return core.Literal_(facts=facts(kinds[type(value)]), value=value)


def attr(name: str, type_: str = "text", nullable: bool = False, of: str = "person") -> core.Attribute:
    return core.Attribute(facts=facts(type_, nullable), column=ColumnRef(of, name))


def col(table_: str, name: str, type_: str = "text", nullable: bool = False) -> core.RowColumn:
    return core.RowColumn(facts=facts(type_, nullable), column=ColumnRef(table_, name))


def duration(table_: str) -> core.RowDuration:
    return core.RowDuration(facts=facts("integer", True), table=table_)


def steps(*moves: str) -> tuple[Step, ...]:
    """`"-2 year"`, `"180 day"`."""
    return tuple(Step(int(move.split()[0]), move.split()[1]) for move in moves)  # type: ignore[arg-type]


def at(base: str, *moves: str, tables: Sequence[str] = ()) -> Time:
    """A time: `index`, `entry`, `row`, …, a date, or `role NAME`."""
    if base.startswith("role "):
        return Time(facts=DATE, base="role", role=base[5:], steps=steps(*moves))
    if base[0].isdigit():
        return Time(facts=DATE, base="calendar", date=date(base), steps=steps(*moves))
    return Time(facts=DATE, base=base, steps=steps(*moves), tables=tuple(tables))  # type: ignore[arg-type]


def during(low: Time | None, high: Time | None, ends: str = "[)") -> Window:
    return Window(low, high, ends[0] == "[", ends[1] == "]")


def age(time: Time, column: str = "birth_date", nullable: bool = False) -> core.YearsSince:
    return core.YearsSince(facts=facts("integer", nullable), column=ColumnRef("person", column), time=time)


def bands(operand: core.Expr, *keys: str) -> core.BandOf:
    """`18-29`, `75+`."""
    found = [(k, int(k[:-1]), None) if k.endswith("+") else (k, *map(int, k.split("-"))) for k in keys]
    return core.BandOf(facts=facts("category", True), operand=operand, bands=tuple(found))  # type: ignore[arg-type]


def _nullable(*parts: core.Expr) -> Facts:
    return facts("boolean", any(part.facts.nullable for part in parts))


def cmp(left: core.Expr, op: str, right: core.Expr) -> core.Compare:
    return core.Compare(facts=_nullable(left, right), op=op, left=left, right=right)  # type: ignore[arg-type]


def between(operand: core.Expr, low: core.Expr, high: core.Expr) -> core.Between:
    return core.Between(facts=_nullable(operand, low, high), operand=operand, low=low, high=high)


def inset(operand: core.Expr, *values: str, negated: bool = False) -> core.InSet:
    return core.InSet(facts=_nullable(operand), operand=operand, values=tuple(sorted(values)), negated=negated)


def neg(operand: core.Expr) -> core.Not:
    return core.Not(facts=_nullable(operand), operand=operand)


def logic(op: str, *operands: core.Expr) -> core.Logic:
    return core.Logic(facts=_nullable(*operands), op=op, operands=operands)  # type: ignore[arg-type]


def ref(name: str, type_: str = "boolean", nullable: bool = False) -> core.Ref:
    return core.Ref(facts=facts(type_, nullable), name=name)


def rows(quantifier: str, table_: str, match: str, window: Window, condition: core.Expr | None = None) -> core.RowQuery:
    """The window of `covering` is `during(t, t, "[]")`."""
    type_ = "boolean" if quantifier in ("any", "no") else "integer"
    return core.RowQuery(
        facts=facts(type_),
        quantifier=quantifier,  # type: ignore[arg-type]
        table=table_,
        match=match,  # type: ignore[arg-type]
        window=window,
        condition=condition,
    )


def pick(
    how: str,
    table_: str,
    column: str,
    match: str,
    window: Window,
    condition: core.Expr | None = None,
    *,
    of: str = "code of c",
) -> core.RowValue:
    """of: the column's type."""
    type_ = {"distinct": "integer", "mean": "decimal"}.get(how, of)
    return core.RowValue(
        facts=facts(type_, how not in ("sum", "distinct")),
        pick=how,  # type: ignore[arg-type]
        column=ColumnRef(table_, column),
        table=table_,
        match=match,  # type: ignore[arg-type]
        window=window,
        condition=condition,
    )


def grouped(operand: core.Expr, **groups: str) -> core.GroupOf:
    """`low="a b"`: the codes of each group, with spaces between."""
    found = tuple((key, tuple(codes.split())) for key, codes in groups.items())
    return core.GroupOf(facts=facts("category", True), operand=operand, groups=found)


def known(operand: core.Expr, negated: bool = False) -> core.Known:
    return core.Known(facts=facts(), operand=operand, negated=negated)


def at_least(count: int, *operands: core.Expr) -> core.AtLeast:
    return core.AtLeast(facts=_nullable(*operands), count=count, operands=operands)


def sums(left: core.Expr, op: str, right: core.Expr) -> core.Arithmetic:
    nullable = left.facts.nullable or right.facts.nullable or op == "/"
    decimal = op == "/" or "decimal" in (left.facts.type.kind, right.facts.type.kind)
    type_ = "decimal" if decimal else "integer"
    return core.Arithmetic(facts=facts(type_, nullable), op=op, left=left, right=right)  # type: ignore[arg-type]


def day(time: Time) -> core.TimeValue:
    return core.TimeValue(facts=DATE, time=time)


def case_of(**cases: core.Expr | None) -> core.CaseOf:
    """None for `otherwise`."""
    return core.CaseOf(facts=facts("category", True), cases=tuple(cases.items()))


def elapsed(unit: str, start: Time, end: Time) -> core.Elapsed:
    return core.Elapsed(facts=facts("integer", True), unit=unit, start=start, end=end)  # type: ignore[arg-type]


def on(value: core.Expr, *moves: str) -> Time:
    """The day that an expression gives."""
    return Time(facts=DATE, base="value", value=value, steps=steps(*moves))


def linked(link: str, column: str, type_: str = "text", *, key: str, in_row: bool = False) -> core.LinkedColumn:
    """link, column: `table.column`."""
    return core.LinkedColumn(
        facts=facts(type_, True),
        link=ColumnRef(*link.split(".")),
        column=ColumnRef(*column.split(".")),
        key=key,
        in_row=in_row,
    )


def covering(time: Time) -> Window:
    return during(time, time, "[]")


# --- spells ----------------------------------------------------------------------------------------------------------


def held(table_: str, condition: core.Expr | None = None) -> core.SpellRows:
    return core.SpellRows(table=table_, condition=condition, facts=facts())


def any_of(*operands: core.SpellExpr) -> core.SpellLogic:
    return core.SpellLogic(op="or", operands=operands)


def all_of(*operands: core.SpellExpr) -> core.SpellLogic:
    return core.SpellLogic(op="and", operands=operands)


def without(*operands: core.SpellExpr) -> core.SpellLogic:
    return core.SpellLogic(op="except", operands=operands)


def merged(operand: core.SpellExpr, days: int) -> core.Merged:
    return core.Merged(operand=operand, days=days)


def spell_set(name: str, value: core.SpellExpr) -> core.SpellSet:
    return core.SpellSet(name=name, labels=labels(name), value=value)


def with_spells(study_: core.Study, *sets: core.SpellSet) -> core.Study:
    """The study with named spells of persons, and a table of the model for each of them."""
    tables = dict(study_.model.tables)
    for one in sets:
        found = table(one.name, "spells", {})
        columns = {name: replace(column, nullable=False) for name, column in found.columns.items()}
        tables[one.name] = replace(found, columns=columns)
    return replace(study_, model=replace(study_.model, tables=tables), spells=(*study_.spells, *sets))


# --- elements --------------------------------------------------------------------------------------------------------

FOLLOW_UP = during(at("entry"), at("exit"), "[]")


def event(
    table_: str,
    match: str = "dated",
    window: Window = FOLLOW_UP,
    condition: core.Expr | None = None,
    *,
    dated: Time | None = None,
    first: bool = True,
) -> core.EventQuery:
    by_default = at("row.end", "-1 day") if match == "ending" else at("row")
    return core.EventQuery(
        table=table_,
        match=match,  # type: ignore[arg-type]
        window=window,
        condition=condition,
        dated=dated or by_default,
        first=first,
        facts=facts(),
    )


def labels(name: str, label: str = "") -> dict[str, str]:
    return {"en": label or name.replace("_", " ")}


def define(name: str, value: core.Expr, label: str = "") -> core.Definition:
    return core.Definition(name=name, labels=labels(name, label), value=value)


def include(name: str, condition: core.Expr, label: str = "") -> core.Criterion:
    return core.Criterion(name=name, labels=labels(name, label), kind="include", condition=condition)


def exclude(name: str, condition: core.Expr, label: str = "") -> core.Criterion:
    return core.Criterion(name=name, labels=labels(name, label), kind="exclude", condition=condition)


def cohort(index: core.EventQuery, *criteria: core.Criterion, name: str = "clients", label: str = "") -> core.Cohort:
    return core.Cohort(
        name=name,
        labels=labels(name, label),
        entity="person",
        table="person",
        key="person_id",
        index=core.IndexEvent(event=index, pick="first" if index.first else "last", washout=None),
        criteria=criteria,
    )


def level(name: str, condition: core.Expr | None = None, label: str = "") -> core.Level:
    return core.Level(name=name, labels=labels(name, label), condition=condition)


def exposure(name: str, window: Window, *levels: core.Level, label: str = "") -> core.Exposure:
    unknown = any(one.condition is not None and one.condition.facts.nullable for one in levels)
    complete = any(one.condition is None for one in levels)
    found = [Category(one.name, one.labels) for one in levels]
    found += [] if complete else [Category("none", {"en": "None"})]
    found += [Category("unknown", {"en": "Unknown"})] if unknown else []
    return core.Exposure(
        name=name,
        labels=labels(name, label),
        window=window,
        levels=levels,
        can_be_unknown=unknown,
        complete=complete,
        categories=tuple(found),
    )


def follow_up(start: Time, *ends: Time) -> core.FollowUp:
    return core.FollowUp(start=start, ends=ends)


def role(name: str, table_: str, condition: core.Expr | None = None, match: str = "dated") -> core.Role:
    return core.Role(
        name=name,
        labels=labels(name),
        table=table_,
        match=match,  # type: ignore[arg-type]
        condition=condition,
        facts=facts(),
    )


def outcome(
    name: str,
    what: core.EventQuery | str,
    *competing: str,
    label: str = "",
    time_zero: str = "exclude",
    end_of_data: str | None = None,
) -> core.Outcome:
    """what: an event, or a role's name.  competing: names, `outcome NAME` where it is no role."""
    rivals = [
        core.Competing(name=one.removeprefix("outcome "), kind="outcome" if one.startswith("outcome ") else "role")
        for one in competing
    ]
    return core.Outcome(
        name=name,
        labels=labels(name, label),
        event=None if isinstance(what, str) else what,
        role=what if isinstance(what, str) else None,
        competing=tuple(rivals),
        time_zero=time_zero,  # type: ignore[arg-type]
        end_of_data=date(end_of_data) if end_of_data else None,
    )


def variable(name: str, value: core.Expr, *keys: str, label: str = "") -> core.Variable:
    found = tuple(Category(key, {"en": key}) for key in keys)
    return core.Variable(name=name, labels=labels(name, label), value=value, categories=found)


ATTRITION = core.AttritionReport(name="attrition")


def baseline(*of: core.Variable, by: str | None = None, name: str = "baseline") -> core.BaselineReport:
    return core.BaselineReport(name=name, of=of, by=by)


def risk(*of: str, by: str | None = None, years: Sequence[int] = (1,), name: str = "risk") -> core.RiskReport:
    times = tuple(core.RiskTime(amount=n, unit="year", days=n * 1461 // 4) for n in years)
    return core.RiskReport(name=name, of=of, by=by, times=times)


def study(
    of: Model,
    cohort_: core.Cohort,
    *reports: core.Report,
    definitions: Sequence[core.Definition] = (),
    roles: Sequence[core.Role] = (),
    exposure: core.Exposure | None = None,
    follow_up: core.FollowUp | None = None,
    outcomes: Sequence[core.Outcome] = (),
    **more: Any,
) -> core.Study:
    """A study that may read every column of its model."""
    made = core.Study(
        name="trial",
        version="1.0.0",
        language="en",
        titles={"en": "A trial"},
        purposes={},
        model=of,
        permits=(),
        codelists={},
        parameters=(),
        definitions=tuple(definitions),
        roles=tuple(roles),
        spells=(),
        cohorts=(cohort_,),
        exposures=() if exposure is None else (exposure,),
        strata=(),
        follow_up=follow_up,
        outcomes=tuple(outcomes),
        states=(),
        reports=tuple(replace(one, cohort=cohort_.name) for one in reports or (ATTRITION,)),
        allowed=(),
        coverage={name: one.coverage for name, one in of.tables.items()},
        columns=tuple(ColumnRef(t.name, c) for t in of.tables.values() for c in t.columns),
        hash="sha256:0000000000000000",
    )
    return replace(made, **more)
