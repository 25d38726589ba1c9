"""The expressions of the tree: what stands in a condition, a definition, a window.

Spans never take part in equality.  `tree` shows these names together with the statements and clauses.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneOf

from studyspec.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything written in a document, with the place where it stands."""

    span: Span = field(compare=False, repr=False)


# --- values and conditions --------------------------------------------------------------------------------------------

Unit = OneOf["day", "week", "month", "year"]
CompareOp = OneOf["=", "!=", "<", "<=", ">", ">="]
AnchorName = OneOf[
    "index",
    "follow-up start",
    "follow-up end",
    "its start",
    "its end",
    "its date",
    "end of data",
    "start of data",
    "that day",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """An unquoted name: an attribute, a column, a parameter, a define, a code list, a role."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Node):
    """A quoted text or code, its value unescaped."""

    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Node):
    value: datetime.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Node):
    """`180 days`: a whole number of one unit."""

    amount: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor(Node):
    name: AnchorName


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic(Node):
    """`a and b and c`, or `a or b`: flat, two operands or more."""

    op: OneOf["and", "or"]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    """`x between low and high`: both ends included."""

    operand: Expr
    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """`x in name`, `x not in name`, `x in ("1", "2")`.

    group: `x in skills_centre group "coaching"`, the codes of a list's group.  under: `x in occupation under "23"`, a
    code of the list with all that lies below it.  At most one of the two.
    """

    operand: Expr
    items: Name | tuple[Expr, ...]
    negated: bool
    group: Text | None = None
    under: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Node):
    """`x is known`, or `x is unknown` where `negated`."""

    operand: Expr
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast(Node):
    """`at least 2 of (a, b, c)`: conditions, two or more, of which so many hold."""

    count: int
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """`a + b`, `a - b`, `a * b`, `a / b` of numbers.  A time moved by a duration is a Shift."""

    op: OneOf["+", "-", "*", "/"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Node):
    """`low ("3", "4")`, with a label where one is given: `low "Basic" ("3", "4")`."""

    name: Name
    label: Text | None
    codes: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Node):
    """`education in groups low ("3", "4"), high ("6", "7")`: codes under new names."""

    operand: Expr
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Node):
    """`working "In work" where any employment covering index`, or `neither otherwise` where `where` is None."""

    name: Name
    label: Text | None
    where: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases(Node):
    """`cases working where any employment covering index, neither otherwise`: the first that is true."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed(Node):
    """`days from its date to index`, `years from birth_date to index`: whole units between two times."""

    unit: Unit
    start: Expr
    end: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Node):
    """`industry of employer`: a column of another entity, which the unit or the row at hand points to."""

    column: Name
    entity: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberOf(Node):
    """`member of clients`: the unit, with its index, is in another cohort of the study."""

    cohort: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Node):
    """A time moved by a duration: `index - 2 years`."""

    operand: Expr
    sign: OneOf["+", "-"]
    duration: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class At(Node):
    """`age at index`."""

    operand: Expr
    time: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Node):
    """`18-29`, or `75+` where `high` is None.  Both ends included."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands(Node):
    """`x in bands 18-29, 30-44, 45+`."""

    operand: Expr
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earliest(Node):
    """`earliest(a, b, …)`: the first of several times; a time that never comes does not count."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest(Node):
    """`latest(a, b, …)`: the last of several times; unknown where one of them is, or never comes."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval(Node):
    """`[a, b)`: a bracket says that the end's day is in, a parenthesis that it is not."""

    low: Expr
    high: Expr
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedWindow(Node):
    """`during follow-up`, or `during window` inside an exposure."""

    name: OneOf["follow-up", "window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(Node):
    """`before index`: from the start of coverage up to, and not including, the time."""

    time: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering(Node):
    """`covering index`: spells that hold the day of the time."""

    time: Expr


Window = Interval | NamedWindow | Before | Covering
Quantifier = OneOf["any", "no", "exactly one", "count of", "days of", "first", "last", "first-ever", "every"]
Pick = OneOf["first", "last", "exactly one", "smallest", "largest", "sum of", "mean of", "distinct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Node):
    """A row query: `any service starting during window with code in skills_centre`.  edge: `starting` or `ending` where
    only that end must lie in the window; None for events, and for spells that overlap it.  condition: filters first."""

    quantifier: Quantifier
    table: Name
    edge: OneOf["starting", "ending"] | None
    window: Window | None
    condition: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowValue(Node):
    """A value made of one column of rows: `sum of amount of benefit during …`, `distinct code of service during …` (how
    many different ones), `ward of exactly one stay covering index`.  pick None: `municipality of residence at index`,
    the column of the spell that holds the day; `window` is Covering.  Window, edge and condition are those of a row
    query."""

    pick: Pick | None
    column: Name
    table: Name
    edge: OneOf["starting", "ending"] | None
    window: Window | None
    condition: Expr | None


Expr = (
    Name
    | Text
    | Number
    | Boolean
    | Date
    | Duration
    | Anchor
    | Not
    | Logic
    | Compare
    | Between
    | In
    | Shift
    | At
    | Bands
    | Earliest
    | Latest
    | Rows
    | Known
    | AtLeast
    | Arithmetic
    | Groups
    | RowValue
    | Cases
    | Elapsed
    | Linked
    | MemberOf
)

# --- spells ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellRows(Node):
    """`jobseeking with status = "02"`: the days that such rows hold.  table: of spells, or other named spells."""

    table: Name
    condition: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellLogic(Node):
    """Days in any of them (`or`), in all of them (`and`), in the first and in none of the others (`except`)."""

    op: OneOf["or", "and", "except"]
    operands: tuple[SpellExpr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Node):
    """`… merged within 30 days`: gaps of so many days or fewer are filled."""

    operand: SpellExpr
    gap: Duration


SpellExpr = SpellRows | SpellLogic | Merged
