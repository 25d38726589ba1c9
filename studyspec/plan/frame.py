"""One select in the making: expressions of a study become scalars over the tables that it joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeGuard, TypeVar

from studyspec.catalogue.types import Coverage
from studyspec.plan import times
from studyspec.plan.nodes import (
    Call,
    Case,
    CohortStep,
    Column,
    Constant,
    InList,
    InStep,
    Join,
    Operator,
    Output,
    Scalar,
)
from studyspec.plan.shapes import arithmetic, band, elapsed, first_case, group, may_be_null, negated, number_that
from studyspec.semantics import core

T = TypeVar("T")

INDEX, ENTRY, EXIT = "index_date", "entry_date", "exit_date"
#: The day from which a unit is at risk, where that may be after entry.
AT_RISK = "at_risk_from"
#: The day that a state is asked of.
THAT_DAY = "that_day"
#: Columns of steps that no model and no study named; an entity's key of such a name is called otherwise.
OWN_COLUMNS = (
    *(INDEX, ENTRY, EXIT, AT_RISK, THAT_DAY, "left_at", "start", "day", "end", "margin_of", "entities"),
    *("number_of_rows", "number_of_days", "first_day", "day_after", "rows_before", "had_before"),
    *("event_date", "end_date", "row_date", "known_date", "before_start", "chosen_date"),
    *("held_before", "first_day_of_period", "window_start", "window_end", "entered", "clusters", "records"),
    *("earlier_end", "latest_end", "gap_start", "gap_end"),
    *("first_record", "from_date", "to_date", "previous_level", "last", "followed"),
    *("case_name", "case_key", "drawn_order", "place", "matches", "first_case", "last_case", "last_day"),
)
_ELSEWHERE = ("row", "row.end", "that day", "value")
#: More codes than a reader looks through, and than belong into an expression: they get a step of their own.
MANY = 1000
#: Columns that a step makes at most: PostgreSQL has room for 1,600 in a table, and for 8 kB in a row.
WIDEST = 500


class Steps(Protocol):
    """What a select may ask of the plan it is part of: steps made before it."""

    study: core.Study
    cohort: core.Cohort
    key: str
    unit: tuple[str, ...]
    indexed: bool
    meant: Mapping[str, core.Definition]
    last_day: Column | None

    def table(self, name: str) -> str: ...
    def definition(self, name: str) -> Column: ...
    def years(self, expr: core.YearsSince, base: str) -> Column: ...
    def rows(self, query: core.RowQuery | core.RowValue, base: str) -> Column: ...
    def rows_of_windows(self, query: core.RowQuery | core.RowValue, outer: Frame) -> tuple[Column, WindowsOfRows]: ...
    def role(self, name: str, base: str) -> Column: ...
    def other(self, cohort: str) -> tuple[CohortStep, bool]: ...
    def codes(self, values: tuple[str, ...], name: str | None) -> Column: ...
    def linked(self, link: core.ColumnRef, table: str) -> str: ...


@dataclass(frozen=True)
class WindowsOfRows:
    """The windows that rows of one table open on another, which a step lists.

    low, high: in that step; columns: those of its columns that tell the windows of a unit apart
    home: the step of the units
    """

    low: Scalar | None
    high: Scalar | None
    columns: tuple[str, ...]
    home: str


@dataclass
class Frame:
    """Scalars of the units of one base step, each a row with the entity's key and its index.

    joins: what the select joins so far, in order; a table is joined once
    row: the model's table whose rows the select reads too, and the name the script gives it
    own_key: the entity's key in the base, where it is not the steps'
    entry, exit: the follow-up's columns, where the base has them
    that_day: the day that a state is asked of; by default the base's column of that name
    windows: what the base lists, where it is the windows that rows of another table open
    at: the index, where the base has none of its own
    inline: whether definitions and ages are written out, instead of read from steps; of plain expressions only
    """

    steps: Steps
    base: str
    row: tuple[str, str] | None = None
    entry: Scalar | None = None
    exit: Scalar | None = None
    that_day: Scalar | None = None
    own_key: str | None = None
    windows: WindowsOfRows | None = None
    at: Scalar | None = None
    inline: bool = False
    joins: dict[str, Join] = field(default_factory=dict)

    @property
    def key(self) -> Column:
        return Column(self.base, self.own_key or self.steps.key)

    @property
    def index(self) -> Scalar:
        """Unknown where units have no index."""
        if self.at is not None:
            return self.at
        return Column(self.base, INDEX) if self.steps.indexed else Constant(None)

    @property
    def unit(self) -> tuple[Column, ...]:
        """The columns of the base that tell its units apart, and the windows of each."""
        return (self.key, *(Column(self.base, name) for name in self.names[1:]))

    @property
    def names(self) -> tuple[str, ...]:
        """What those columns are called in steps."""
        units = self.steps.unit[:1] if self.own_key else self.steps.unit
        return units if self.windows is None else (*units, *self.windows.columns)

    def units(self) -> tuple[Output, ...]:
        """The columns of a step that say which unit a row is of."""
        return tuple(Output(name, value) for name, value in zip(self.names, self.unit, strict=True))

    def carried(self) -> tuple[Output, ...]:
        """The columns of a step that units go through: who, and the index."""
        index = (Output(INDEX, self.index),) if self.steps.indexed else ()
        return (Output(self.steps.key, self.key), *index)

    def join(self, table: str, key: str, optional: bool = False) -> None:
        """Join a table on the entity."""
        if table != self.base and table not in self.joins:
            self.joins[table] = Join(table, (Call("=", (Column(table, key), self.key)),), optional)

    def read(self, column: Column, optional: bool = False) -> Column:
        """A column of an earlier step about the same units, joined."""
        table = column.table
        if table != self.base and table not in self.joins:
            names = zip(self.steps.unit, self.unit, strict=False)
            on = tuple(Call("=", (Column(table, name), own)) for name, own in names)
            self.joins[table] = Join(table, on, optional)
        return column

    @property
    def home(self) -> str:
        """The step of the units, which other steps about them start from."""
        return self.base if self.windows is None else self.windows.home

    def attribute(self, name: str) -> Column:
        cohort = self.steps.cohort
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
                return self.read(self.steps.role(time.role or "", self.home), optional=True)
            case "data.start":
                starts = [coverage(study, table).start for table in time.tables]
                return Constant(max((day for day in starts if day is not None), default=None))
            case "data.end":
                ends = [coverage(study, table).end for table in time.tables]
                return Constant(min((day for day in ends if day is not None), default=None))
            case "that day":
                return self.that_day or Column(self.base, THAT_DAY)
            case "value":
                return Constant(None) if time.value is None else self.scalar(time.value)

    def _exit(self) -> Scalar:
        follow_up = self.steps.study.follow_up
        if not isinstance(follow_up, core.FollowUp):
            return Constant(None)
        return self.ended(*(self.time(end) for end in follow_up.ends))

    def ended(self, *ends: Scalar) -> Scalar:
        """The end of follow-up: the first of the ends that come, and while the spells last that hold its start.

        Unknown where there have to be such spells and there are none.
        """
        if self.steps.last_day is None:
            return first_of(*ends)
        last = self.read(self.steps.last_day, optional=True)
        return Case(((Call("is not null", (last,)), first_of(*ends, last)),))

    def window(self, window: core.Window) -> tuple[Scalar | None, Scalar | None]:
        if self.windows is not None:
            return self.windows.low, self.windows.high
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
                if self.inline:
                    return self.scalar(self.steps.meant[expr.name].value)
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
                sides = (expr.left, expr.right)
                decimal = any(side.facts.type.kind == "decimal" for side in sides)
                return arithmetic(expr.op, self.scalar(expr.left), self.scalar(expr.right), decimal)
            case core.TimeValue():
                return self.time(expr.time)
            case core.CaseOf():
                return first_case([self._case(*one) for one in expr.cases])
            case core.Elapsed():
                return elapsed(expr.unit, self.time(expr.start), self.time(expr.end))
            case core.LinkedColumn():
                return self._linked(expr)
            case core.MemberOf():
                return self._member(expr)
            case core.LatestOf():
                return self._latest(expr)

    def _latest(self, expr: core.LatestOf) -> Scalar:
        days = [self.time(time) for time in expr.times]
        return times.last_of(days, [day for time, day in zip(expr.times, days, strict=True) if time.base != "index"])

    def _member(self, expr: core.MemberOf) -> Scalar:
        other, by_index = self.steps.other(expr.cohort)
        found = Column(other.step, other.key)
        if not by_index:
            return InStep(self.key, found)
        if other.step != self.base and other.step not in self.joins:
            on = (Call("=", (found, self.key)), Call("=", (Column(other.step, INDEX), self.index)))
            self.joins[other.step] = Join(other.step, on, optional=True)
        return Call("is not null", (found,))

    def _years(self, expr: core.YearsSince) -> Scalar:
        if self.inline or not is_unit_years(expr):
            return Call("completed years", (self.attribute(expr.column.column), self.time(expr.time)))
        return self.read(self.steps.years(expr, self.home))

    def _rows(self, query: core.RowQuery) -> Scalar:
        found = self._asked(query)
        match query.quantifier:
            case "any":
                return Call("is not null", (found,))
            case "no":
                return Call("is null", (found,))
            case _:
                return Call("coalesce", (found, Constant(0)))

    def _asked(self, query: core.RowQuery | core.RowValue) -> Column:
        """What a query says of the unit; or of the row at hand, on which its window then depends."""
        if self.row is None:
            return self.read(self.steps.rows(query, self.base), optional=True)
        if self.windows is not None:
            raise ValueError("rows are asked about rows of rows")
        column, windows = self.steps.rows_of_windows(query, replace(self, joins={}))
        low, high = self.window(query.window)
        opened = zip(windows.columns, (day for day in (low, high) if differs(day)), strict=False)
        units = zip(self.names, self.unit, strict=True)
        on = tuple(Call("=", (Column(column.table, name), own)) for name, own in (*units, *opened))
        self.joins[column.table] = Join(column.table, on, optional=True)
        return column

    def _row_value(self, value: core.RowValue) -> Scalar:
        found = self._asked(value)
        return Call("coalesce", (found, Constant(0))) if value.pick in ("sum", "distinct") else found

    def _in_set(self, expr: core.InSet) -> Scalar:
        operand = self.scalar(expr.operand)
        if len(expr.values) <= MANY:
            return InList(operand, expr.values, expr.negated)
        return InStep(operand, self.steps.codes(expr.values, expr.name), expr.negated)

    def _linked(self, expr: core.LinkedColumn) -> Column:
        """A column of the other entity that a link leads to; the other's table is joined once for each link."""
        link = Column(self._row()[1], expr.link.column) if expr.in_row else self.attribute(expr.link.column)
        name = self.steps.linked(expr.link, expr.column.table)
        if name not in self.joins:
            on = (Call("=", (Column(name, expr.key), link)),)
            self.joins[name] = Join(name, on, optional=True, of=self.steps.table(expr.column.table))
        return Column(name, expr.column.column)

    def _case(self, key: str, condition: core.Expr | None) -> tuple[str, Scalar | None, bool]:
        return (key, None, False) if condition is None else (key, self.scalar(condition), may_be_null(condition))

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


def differs(day: Scalar | None) -> TypeGuard[Scalar]:
    """Whether a day of a window may differ from row to row."""
    return day is not None and not isinstance(day, Constant)


def first_of(*days: Scalar) -> Scalar:
    """The earliest of several days, those that never come left out."""
    come = tuple(day for day in days if day != Constant(None))
    if not come:
        return Constant(None)
    return come[0] if len(come) == 1 else Call("least", come)


def is_unit_years(expr: core.Expr) -> bool:
    """Whether an expression is an age that units have once: not one at a row, a value, or a day that is asked of."""
    return isinstance(expr, core.YearsSince) and expr.time.base not in _ELSEWHERE
