"""What an expression means, in a sentence: read back from the resolved study, not from its text.

What the text leaves unsaid is said here: which ends of a window are in, what happens on ties, which code list is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import assert_never

from studyspec.catalogue.types import Column, Model, ValueType
from studyspec.review.words import Words
from studyspec.semantics import core, horizon
from studyspec.semantics.core import ColumnRef, Expr

#: So many codes of a set are named before the rest are counted.
NAMED_CODES = 6


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one study back.  cohorts: those that what is read tells of, at least one; the first says of what entity."""

    words: Words
    study: core.Study
    cohorts: tuple[core.Cohort, ...]

    @property
    def model(self) -> Model:
        return self.study.model

    @property
    def entity(self) -> str:
        """What readers call the entity of the cohorts."""
        return self.entity_called(self.cohorts[0].entity)

    def entity_called(self, name: str) -> str:
        return inside(self.words.text(self.model.entities[name].labels, name))

    @property
    def indexed(self) -> bool:
        """Whether times are relative to an index."""
        return any(not isinstance(cohort.index, core.IndexNone) for cohort in self.cohorts)

    # --- names and constants -----------------------------------------------------------------------------------------

    def column_of(self, ref: ColumnRef) -> Column:
        return self.model.tables[ref.table].columns[ref.column]

    def column(self, ref: ColumnRef) -> str:
        """The label of a column, as it stands inside a sentence; in quotes where it is a statement."""
        label = self.words.text(self.column_of(ref).labels, ref.column)
        return f'"{label}"' if self.column_of(ref).type.kind == "boolean" else inside(label)

    def code(self, code: str, of: str | None) -> str:
        """A code with its label, where its list has one."""
        codes = self.model.codelists.get(of or "")
        known = codes.codes.get(code) if codes is not None else None
        label = code if known is None or not known.labels else self.words.text(known.labels, code)
        return f'"{code}"' if label == code else f'"{code}" ({label})'

    def codes(self, codes: Iterable[str], of: str | None, word: str = "or") -> str:
        found = list(codes)
        shown = [self.code(c, of) for c in found[:NAMED_CODES]]
        if len(found) > NAMED_CODES:
            return self.words("codes.more", codes=", ".join(shown), n=len(found) - NAMED_CODES)
        return self.words.listed(shown, word)

    def type(self, type_: ValueType) -> str:
        name = self.words(f"type.{type_.kind}", list=type_.list, categories=self.words.listed(type_.categories, "or"))
        return self.words("unit", type=name, unit=type_.unit) if type_.unit else name

    # --- times -------------------------------------------------------------------------------------------------------

    def time(self, time: core.Time) -> str:
        said = self._base(time)
        for step in time.steps:
            length = self.words.counted(abs(step.amount), step.unit)
            said = self.words("time.after" if step.amount >= 0 else "time.before", length=length, time=said)
        return said

    def _base(self, time: core.Time) -> str:
        match time.base:
            case "calendar":
                return str(time.date)
            case "role":
                return self.role_day(time.role or "")
            case "data.start" | "data.end":
                said = self.words(f"time.{time.base}")
                return self.words("time.dated", time=said, date=time.date) if time.date else said
            case "index" | "entry" | "exit" | "row" | "row.end" | "that day":
                return self.words(f"time.{time.base}")
            case "value":
                return "" if time.value is None else self.value(time.value)
            case _:
                assert_never(time.base)

    def role(self, name: str) -> str:
        role = self.model.roles.get(name)
        return inside(self.words.text(role.labels, name)) if role is not None else name

    def role_day(self, name: str) -> str:
        """The day of a role."""
        return self.words("time.role" if self.indexed else "time.role.ever", role=self.role(name))

    def window(self, window: core.Window) -> str:
        """A window, and whether its first and last day are in."""
        low, high = window.low, window.high
        hull = horizon.hull(window)
        if low is not None and horizon.moved(hull.high, -1) == hull.low:
            return self.words("window.day", time=self.time(low))
        low_side, high_side = "in" if window.low_closed else "out", "in" if window.high_closed else "out"
        if low is None and high is None:
            return self.words("window.all")
        if low is None or high is None:
            only, key = (low, f"from.{low_side}") if low is not None else (high, f"to.{high_side}")
            assert only is not None
            return self.words(f"window.{key}", time=self.time(only))
        first = self.words(f"window.low.{low_side}", time=self.time(low))
        return f"{first} {self.words(f'window.high.{high_side}', time=self.time(high))}"

    # --- rows --------------------------------------------------------------------------------------------------------

    def rows(self, table: str, match: str, window: core.Window | None, condition: Expr | None) -> str:
        said = ""
        if window is not None:
            day = self.time(window.low) if window.low else ""
            said = self.words(f"match.{match}", window=self.window(window), day=day)
        where = self.words("rows.where", condition=self.condition(condition)) if condition is not None else ""
        return self.words("rows", table=table, match=said, condition=where).replace(" ,", ",").strip()

    def event(self, event: core.EventQuery, pick: str | None = None) -> str:
        """pick: of an index; by default the first row, or the last."""
        rows = self.rows(event.table, event.match, event.window, event.condition)
        return self.words(f"event.{pick or ('first' if event.first else 'last')}", rows=rows)

    def spells(self, value: core.SpellExpr) -> str:
        """The days that spells hold."""
        match value:
            case core.SpellRows():
                return self.words("spells.rows", rows=self.rows(value.table, "", None, value.condition))
            case core.Merged():
                days = self.words.counted(value.days, "day")
                return self.words("spells.merged", operand=self.spells(value.operand), days=days)
            case core.SpellLogic():
                parts = [f"({n}) {self.spells(operand)}" for n, operand in enumerate(value.operands, 1)]
                return self.words(f"spells.{value.op}", operands="; ".join(parts))
            case _:
                assert_never(value)

    def _row_query(self, query: core.RowQuery) -> str:
        if query.quantifier == "days":
            # Every row that holds a day of the window counts, so the window is said of the days alone.
            said = None if query.match == "overlapping" else query.window
            rows = self.rows(query.table, query.match, said, query.condition)
            return self.words("rows.days", rows=rows, window=self.window(query.window))
        rows = self.rows(query.table, query.match, query.window, query.condition)
        return self.words(f"rows.{query.quantifier}", rows=rows)

    def _row_value(self, value: core.RowValue) -> str:
        rows = self.rows(value.table, value.match, value.window, value.condition)
        return self.words(f"pick.{value.pick}", rows=rows, column=self.column(value.column))

    # --- expressions -------------------------------------------------------------------------------------------------

    def condition(self, expr: Expr) -> str:
        """An expression that is true or false, as a sentence part that can be true or false."""
        if isinstance(expr, core.Ref | core.Attribute | core.RowColumn | core.RowValue | core.Literal_):
            return self.words("holds", value=self.value(expr))
        return self.value(expr)

    def value(self, expr: Expr) -> str:
        """Any expression."""
        match expr:
            case core.Literal_():
                return self._literal(expr)
            case core.Attribute():
                return self.words("attribute", entity=self.entity, column=self.column(expr.column))
            case core.RowColumn():
                return self.words("row.column", column=self.column(expr.column))
            case core.RowDuration():
                return self.words("row.duration")
            case core.YearsSince():
                return self.words("years", entity=self.entity, date=self.column(expr.column), time=self.time(expr.time))
            case core.BandOf():
                bands = self.words.listed([key.replace("-", "–") for key, _, _ in expr.bands], "or")
                return self.words("band", operand=self.value(expr.operand), bands=bands)
            case core.GroupOf():
                return self._group(expr)
            case core.Compare():
                return self._compare(expr)
            case core.Between():
                low, high = self.value(expr.low), self.value(expr.high)
                return self.words("between", operand=self.value(expr.operand), low=low, high=high)
            case core.InSet():
                return self._in_set(expr)
            case core.Known():
                return self.words("unknown" if expr.negated else "known", operand=self.value(expr.operand))
            case core.AtLeast():
                parts = (f"({n}) {self.condition(o)}" for n, o in enumerate(expr.operands, 1))
                return self.words("at_least", n=expr.count, operands="; ".join(parts))
            case core.Arithmetic():
                return "(" + self.words(expr.op, left=self.value(expr.left), right=self.value(expr.right)) + ")"
            case core.TimeValue():
                return self.time(expr.time)
            case core.Not():
                return self.words("not", operand=self._part(expr.operand))
            case core.Logic():
                return self.words(f"join.{expr.op}").join(self._part(o) for o in expr.operands)
            case core.Ref():
                return f"`{expr.name}`"
            case core.RowQuery():
                return self._row_query(expr)
            case core.RowValue():
                return self._row_value(expr)
            case core.CaseOf():
                return self._cases(expr)
            case core.Elapsed():
                start, end = self.time(expr.start), self.time(expr.end)
                return self.words("elapsed", unit=self.words(f"{expr.unit}.s"), start=start, end=end)
            case core.LinkedColumn():
                return self.words("linked", column=self.column(expr.column), link=self.column(expr.link))
            case core.MemberOf():
                return self.words("member", entity=self.entity, cohort=f"`{expr.cohort}`")
            case core.LatestOf():
                key = "latest.unknown" if expr.facts.nullable else "latest"
                return self.words(key, times=self.words.listed([self.time(one) for one in expr.times]))
            case _:
                assert_never(expr)

    def _part(self, expr: Expr) -> str:
        """A part of a sentence; in brackets where it would run into its neighbours."""
        said = self.condition(expr)
        runs_on = isinstance(expr, core.Logic | core.AtLeast | core.RowQuery | core.Not) or _only(expr) is not None
        return f"({said})" if runs_on else said

    def _literal(self, expr: core.Literal_) -> str:
        value = expr.value
        if isinstance(value, bool):
            return self.words("value.true" if value else "value.false")
        if expr.facts.type.kind == "code":
            return self.code(str(value), expr.facts.type.list)
        if isinstance(value, int | Decimal):
            unit = (expr.facts.type.unit or "").removesuffix("s")
            if expr.facts.type.kind == "duration":
                unit = "day"
            return self.words.counted(int(value), unit) if self.words.has(f"{unit}.n") else f"{value} {unit}".strip()
        return f'"{value}"' if isinstance(value, str) else str(value)

    def _group(self, expr: core.GroupOf) -> str:
        of = expr.operand.facts.type.list
        groups = [self.words("group.one", name=key, codes=self.codes(codes, of)) for key, codes in expr.groups]
        return self.words("group", operand=self.value(expr.operand), groups="; ".join(groups))

    def _cases(self, expr: core.CaseOf) -> str:
        cases = []
        for key, condition in expr.cases:
            where = self.words("case.else") if condition is None else self.condition(condition)
            cases.append(self.words("case.one", name=key, condition=where))
        return self.words("case", cases="; ".join(cases))

    def _compare(self, expr: core.Compare) -> str:
        counted = _only(expr)
        if counted is not None:
            rows = self.rows(counted.table, counted.match, counted.window, counted.condition)
            return self.words("rows.one", rows=rows)
        left, right = self.value(expr.left), self.value(expr.right)
        key = f"date.{expr.op}" if expr.left.facts.type.kind == "date" else ""
        return self.words(key if self.words.has(key) else f"compare.{expr.op}", left=left, right=right)

    def _in_set(self, expr: core.InSet) -> str:
        operand, of = self.value(expr.operand), expr.operand.facts.type.list
        side = "out" if expr.negated else "in"
        codes = self.codes(expr.values, of, "and" if expr.negated and expr.name is None else "or")
        if expr.name is not None:
            return self.words(f"list.{side}", operand=operand, name=expr.name, codes=codes)
        return self.words(f"set.{side}", operand=operand, codes=codes)


def _only(expr: Expr) -> core.RowQuery | None:
    """The rows of which an expression says that there is exactly one."""
    match expr:
        case core.Compare(op="=", left=core.RowQuery(quantifier="count") as counted, right=core.Literal_(value=1)):
            return counted
        case _:
            return None


def inside(label: str) -> str:
    """A label inside a sentence: its first letter small, unless the first word is an acronym."""
    first = label.split(" ", 1)[0]
    return label if first.isupper() and len(first) > 1 else label[:1].lower() + label[1:]
