"""One select in the making: expressions of a study become scalars over the tables that it joins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal, Protocol, TypeVar

from studyspec.catalogue.types import Coverage
from studyspec.plan import times
from studyspec.plan.nodes import Call, Case, Column, Constant, InList, InStep, Join, Operator, Scalar
from studyspec.plan.origins import parts
from studyspec.semantics import core

T = TypeVar("T")

INDEX, ENTRY, EXIT = "index_date", "entry_date", "exit_date"
#: Columns of steps that no model and no study named; an entity's key of such a name is called otherwise.
OWN_COLUMNS = (
    *(INDEX, ENTRY, EXIT, "left_at", "start", "day", "end", "margin_of", "entities"),
    *("number_of_rows", "number_of_days", "first_day", "day_after", "rows_before", "had_before"),
    *("event_date", "end_date", "row_date", "known_date", "before_start", "chosen_date"),
)
#: Whole numbers of 64 bits are below it.
LARGE = 2**63
TEN = 10
#: More codes than a reader looks through, and than belong into an expression: they get a step of their own.
MANY = 1000
#: Columns that a step makes at most: PostgreSQL has room for 1,600 in a table, and for 8 kB in a row.
WIDEST = 500


class Steps(Protocol):
    """What a select may ask of the plan it is part of: steps made before it."""

    study: core.Study
    key: str

    def table(self, name: str) -> str: ...
    def definition(self, name: str) -> Column: ...
    def years(self, expr: core.YearsSince, base: str) -> Column: ...
    def rows(self, query: core.RowQuery | core.RowValue, base: str) -> Column: ...
    def role(self, name: str, base: str) -> Column: ...
    def codes(self, values: tuple[str, ...], name: str | None) -> Column: ...


@dataclass
class Frame:
    """Scalars of the units of one base step, each a row with the entity's key and its index.

    joins: what the select joins so far, in order; a table is joined once
    row: the model's table whose rows the select reads too, and the name the script gives it
    own_key: the entity's key in the base, where it is not the steps'
    entry, exit: the follow-up's columns, where the base has them
    """

    steps: Steps
    base: str
    row: tuple[str, str] | None = None
    entry: Scalar | None = None
    exit: Scalar | None = None
    own_key: str | None = None
    joins: dict[str, Join] = field(default_factory=dict)

    @property
    def key(self) -> Column:
        return Column(self.base, self.own_key or self.steps.key)

    @property
    def index(self) -> Column:
        return Column(self.base, INDEX)

    def join(self, table: str, key: str, optional: bool = False) -> None:
        """Join a table on the entity."""
        if table != self.base and table not in self.joins:
            self.joins[table] = Join(table, (Call("=", (Column(table, key), self.key)),), optional)

    def read(self, column: Column, optional: bool = False) -> Column:
        """A column of an earlier step, joined."""
        self.join(column.table, self.steps.key, optional)
        return column

    def attribute(self, name: str) -> Column:
        cohort = self.steps.study.cohort
        table = self.steps.table(cohort.table)
        self.join(table, cohort.key)
        return Column(table, name)

    # --- times ---

    def time(self, time: core.Time) -> Scalar:
        return times.moved(self._base(time), time.steps)

    def _base(self, time: core.Time) -> Scalar:
        study = self.steps.study
        match time.base:
            case "calendar":
                return Constant(time.date)
            case "index":
                return self.index
            case "entry":
                start = study.follow_up.start if isinstance(study.follow_up, core.FollowUp) else None
                return self.entry or (self.time(start) if start else Constant(None))
            case "exit":
                return self.exit or self._exit()
            case "row":
                return self.row_day()
            case "row.end":
                return self.row_end()
            case "role":
                return self.read(self.steps.role(time.role or "", self.base), optional=True)
            case "data.start":
                starts = [coverage(study, table).start for table in time.tables]
                return Constant(max((day for day in starts if day is not None), default=None))
            case "data.end":
                ends = [coverage(study, table).end for table in time.tables]
                return Constant(min((day for day in ends if day is not None), default=None))
            case "that day" | "value":
                raise ValueError(f"no steps for the time `{time.base}`")

    def _exit(self) -> Scalar:
        follow_up = self.steps.study.follow_up
        if not isinstance(follow_up, core.FollowUp):
            return Constant(None)
        return first_of(*(self.time(end) for end in follow_up.ends))

    def window(self, window: core.Window) -> tuple[Scalar | None, Scalar | None]:
        low = None if window.low is None else self.time(window.low)
        high = None if window.high is None else self.time(window.high)
        return low, high

    # --- the row at hand ---

    def row_day(self) -> Column:
        """The day of the event row, or the first day of the spell row, at hand."""
        table, name = self._row()
        described = self.steps.study.model.tables[table]
        return Column(name, described.date or described.start or "")

    def row_end(self, mended: bool = True) -> Scalar:
        """The first day after the spell row at hand.  mended: an open spell ends the day after its coverage."""
        table, name = self._row()
        described = self.steps.study.model.tables[table]
        end = Column(name, described.end or "")
        last = coverage(self.steps.study, table).end
        if not mended or last is None or not described.columns[end.name].nullable:
            return end
        return Call("coalesce", (end, times.day_after(Constant(last))))

    def matched(self, match: str) -> Scalar:
        """The day of the row at hand that a window looks at; a spell's last day in is unknown while it is open."""
        return times.moved(self.row_end(mended=False), (core.Step(-1, "day"),)) if match == "ending" else self.row_day()

    def _row(self) -> tuple[str, str]:
        if self.row is None:
            raise ValueError("a time of a row was asked for where there is no row")
        return self.row

    # --- expressions ---

    def scalar(self, expr: core.Expr) -> Scalar:
        match expr:
            case core.Literal_():
                return Constant(expr.value)
            case core.Attribute():
                return self.attribute(expr.column.column)
            case core.RowColumn():
                return Column(self._row()[1], expr.column.column)
            case core.RowDuration():
                return Call("days between", (self.row_day(), self.row_end()))
            case core.YearsSince():
                return self._years(expr)
            case core.BandOf():
                return band(self.scalar(expr.operand), expr.bands)
            case core.Compare():
                operator: Operator = "<>" if expr.op == "!=" else expr.op
                return Call(operator, (self.scalar(expr.left), self.scalar(expr.right)))
            case core.Between():
                return Call("between", tuple(self.scalar(part) for part in (expr.operand, expr.low, expr.high)))
            case core.InSet():
                return self._in_set(expr)
            case core.Not():
                return Call("not", (self.scalar(expr.operand),))
            case core.Logic():
                return Call(expr.op, tuple(self.scalar(part) for part in expr.operands))
            case core.Ref():
                return self.read(self.steps.definition(expr.name))
            case core.RowQuery():
                return self._rows(expr)
            case core.RowValue():
                return self._row_value(expr)
            case core.GroupOf():
                return group(self.scalar(expr.operand), expr.groups)
            case core.Known():
                return Call("is null" if expr.negated else "is not null", (self.scalar(expr.operand),))
            case core.AtLeast():
                return self._at_least(expr)
            case core.Arithmetic():
                return arithmetic(expr.op, self.scalar(expr.left), self.scalar(expr.right))
            case core.TimeValue():
                return self.time(expr.time)
            case core.CaseOf() | core.Elapsed() | core.LinkedColumn() | core.MemberOf():
                raise ValueError(f"no steps for {type(expr).__name__}")

    def _years(self, expr: core.YearsSince) -> Scalar:
        if expr.time.base in ("row", "row.end"):
            return Call("completed years", (self.attribute(expr.column.column), self.time(expr.time)))
        return self.read(self.steps.years(expr, self.base))

    def _rows(self, query: core.RowQuery) -> Scalar:
        found = self.read(self.steps.rows(query, self.base), optional=True)
        match query.quantifier:
            case "any":
                return Call("is not null", (found,))
            case "no":
                return Call("is null", (found,))
            case _:
                return Call("coalesce", (found, Constant(0)))

    def _row_value(self, value: core.RowValue) -> Scalar:
        found = self.read(self.steps.rows(value, self.base), optional=True)
        return Call("coalesce", (found, Constant(0))) if value.pick in ("sum", "distinct") else found

    def _in_set(self, expr: core.InSet) -> Scalar:
        operand = self.scalar(expr.operand)
        if len(expr.values) <= MANY:
            return InList(operand, expr.values, expr.negated)
        return InStep(operand, self.steps.codes(expr.values, expr.name), expr.negated)

    def _at_least(self, expr: core.AtLeast) -> Scalar:
        operands = tuple(self.scalar(part) for part in expr.operands)
        if expr.count in (1, len(operands)):
            every = expr.count == len(operands)
            return operands[0] if len(operands) == 1 else Call("and" if every else "or", operands)
        enough = Call(">=", (number_that(operands), Constant(expr.count)))
        if not any(may_be_null(part) for part in expr.operands):
            return enough
        false = number_that(tuple(negated(one) for one in operands))
        too_many = Call(">", (false, Constant(len(operands) - expr.count)))
        return Case(((enough, Constant(True)), (too_many, Constant(False))))


# --- shared shapes ---------------------------------------------------------------------------------------------------


def coverage(study: core.Study, table: str) -> Coverage:
    return study.coverage.get(table) or study.model.tables[table].coverage


def in_parts(many: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one step makes columns of; nothing is one part too."""
    for at in range(0, max(1, len(many)), WIDEST):
        yield many[at : at + WIDEST]


def first_of(*days: Scalar) -> Scalar:
    """The earliest of several days, those that never come left out."""
    come = tuple(day for day in days if day != Constant(None))
    if not come:
        return Constant(None)
    return come[0] if len(come) == 1 else Call("least", come)


def both(*conditions: Scalar) -> Scalar:
    return conditions[0] if len(conditions) == 1 else Call("and", conditions)


def band(operand: Scalar, bands: tuple[tuple[str, int, int | None], ...]) -> Scalar:
    """The key of the band that a number falls in."""
    whens: list[tuple[Scalar, Scalar]] = []
    for key, low, high in bands:
        if high is None:
            test: Scalar = Call(">=", (operand, Constant(low)))
        elif low == high:
            test = Call("=", (operand, Constant(low)))
        else:
            test = Call("between", (operand, Constant(low), Constant(high)))
        whens.append((test, Constant(key)))
    return Case(tuple(whens))


def group(operand: Scalar, groups: tuple[tuple[str, tuple[str, ...]], ...]) -> Scalar:
    """The key of the group that a code falls in."""
    return Case(tuple((InList(operand, codes), Constant(key)) for key, codes in groups))


def negated(condition: Scalar) -> Scalar:
    """True where a condition is false."""
    if isinstance(condition, Call) and condition.operator in ("is null", "is not null"):
        return Call("is null" if condition.operator == "is not null" else "is not null", condition.operands)
    return Call("not", (condition,))


def number_that(conditions: tuple[Scalar, ...]) -> Scalar:
    """How many of several conditions are true."""
    return total([Case(((one, Constant(1)),), Constant(0)) for one in conditions])


def total(terms: Sequence[Scalar]) -> Scalar:
    """The sum of terms, tens of them put together first: databases take sums of two, and nest them only so deep."""
    while len(terms) > 1:
        tens = [terms[at : at + TEN] for at in range(0, len(terms), TEN)]
        terms = [reduce(lambda left, right: Call("+", (left, right)), ten) for ten in tens]
    return terms[0]


def arithmetic(operator: Literal["+", "-", "*", "/"], left: Scalar, right: Scalar) -> Scalar:
    """Of whole numbers; of two constants it is worked out here, where a database might take them for small integers.

    One too large for 64 bits is left to the database.
    """
    if operator == "/":
        raise ValueError("no steps for division")
    if isinstance(left, Constant) and isinstance(right, Constant):
        a, b = left.value, right.value
        if isinstance(a, int) and isinstance(b, int):
            made = {"+": a + b, "-": a - b, "*": a * b}[operator]
            if abs(made) < LARGE:
                return Constant(made)
    return Call(operator, (left, right))


def may_be_null(expr: core.Expr) -> bool:
    """Whether bad data could make unknown what the model says is known: not so for what only asks for rows."""
    match expr:
        case core.RowQuery() | core.Known() | core.Literal_():
            return False
        case core.Not() | core.Logic() | core.AtLeast():
            return any(may_be_null(part) for part in parts(expr))
        case _:
            return True


def is_unit_years(expr: core.Expr) -> bool:
    """Whether an expression is an age of the unit, not one at the time of a row."""
    return isinstance(expr, core.YearsSince) and expr.time.base not in ("row", "row.end")
