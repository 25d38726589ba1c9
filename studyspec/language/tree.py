"""The one tree that both spellings of a study describe.

Spans and layout never take part in equality; words, order and comments do.  Statements are grouped by kind, so that a
reviewer finds the same thing in the same place in every printed study; the order inside a kind is the author's.
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


# --- expressions -----------------------------------------------------------------------------------------------------

Unit = OneOf["day", "week", "month", "year"]
CompareOp = OneOf["=", "!=", "<", "<=", ">", ">="]
AnchorName = OneOf[
    "index", "follow-up start", "follow-up end", "its start", "its end", "its date", "end of data", "start of data"
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
    """`x in name`, `x not in name`, `x in ("1", "2")`; group: `x in skills_centre group "coaching"`, codes of a list's
    group."""

    operand: Expr
    items: Name | tuple[Expr, ...]
    negated: bool
    group: Text | None = None


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
    """`a + b`, `a - b`, `a * b` of numbers.  A time moved by a duration is a Shift."""

    op: OneOf["+", "-", "*"]
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
Quantifier = OneOf["any", "no", "count of", "days of", "first", "last"]
Pick = OneOf["first", "last", "smallest", "largest", "sum of", "distinct"]


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
    many different ones).  pick None: `municipality of residence at index`, the column of the spell that holds the day;
    `window` is Covering.  Window, edge and condition are those of a row query."""

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
    | Rows
    | Known
    | AtLeast
    | Arithmetic
    | Groups
    | RowValue
)

# --- elements --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments that stand at an element, without their marks: on the lines before it, and at the end of its line."""

    before: tuple[str, ...] = ()
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Node):
    """A statement or a clause: what comments can stand at."""

    comments: Comments = Comments()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Element):
    """A text in one language; `language` None means the study's own language."""

    language: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow(Element):
    """`allow CODE because "reason"`: a design check set aside, for the reviewer to see."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Element):
    """What named elements share.  `label` is the one on the element's own line; `labels` are clauses."""

    name: Name
    label: Text | None = None
    labels: tuple[Label, ...] = ()
    legal: tuple[Label, ...] = ()
    gap: tuple[Label, ...] = ()
    allows: tuple[Allow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header(Element):
    """`study NAME version VERSION`."""

    name: Name
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Language(Element):
    """`language en`."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseModel(Element):
    """`model fi_municipal 1`."""

    name: Name
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePermit(Element):
    """`permit "ESPOO-2021-117"`."""

    id: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCodelist(Element):
    """`codelist skills_centre "codelists/skills_centre.csv"`: a list beside the study."""

    name: Name
    path: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeName(Node):
    """`code of municipality` (kind "code", list "municipality"), `condition`, `integer`, `date`, `boolean`, `text`."""

    kind: OneOf["code", "condition", "integer", "decimal", "date", "boolean", "text"]
    list: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Named):
    type: TypeName
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Define(Named):
    value: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Named):
    kind: OneOf["include", "exclude"]
    where: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Element):
    """`index first jobseeking starting during […]`."""

    event: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort(Named):
    """`cohort NAME of ENTITY`."""

    entity: Name
    index: Index
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Named):
    """`level okm "…" where COND`, or `otherwise` where `where` is None."""

    where: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Named):
    """`exposure NAME during WINDOW`."""

    window: Interval
    levels: tuple[Level, ...]


TimeZero = OneOf["keep", "exclude", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTimeZero(Element):
    """`at time zero exclude`: what to do with an event dated on the first day of follow-up."""

    rule: TimeZero


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Element):
    """`follow-up from TIME to TIME`."""

    start: Expr
    end: Expr
    allows: tuple[Allow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Element):
    """`dated at its start + 30 days`."""

    time: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Competing(Element):
    """`competing with death`: outcomes or roles whose coming first rules the outcome out."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Named):
    """`event` is a row query with `first`, or the name of a role (`outcome died = death` is written `death`)."""

    event: Expr
    dated: Dated | None = None
    competing: Competing | None = None
    time_zero: AtTimeZero | None = None


ReportKind = OneOf["attrition", "baseline", "risk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Element):
    """`report risk of employed, studying by pathway at 1 year, 2 years`."""

    kind: ReportKind
    of: tuple[Name, ...] = ()
    by: tuple[Name, ...] = ()
    times: tuple[Duration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole study as written.  `end_comments` stand after the last element."""

    span: Span = field(compare=False, repr=False)
    header: Header
    language: Language
    titles: tuple[Label, ...] = ()
    purposes: tuple[Label, ...] = ()
    model: UseModel
    permits: tuple[UsePermit, ...] = ()
    codelists: tuple[UseCodelist, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    defines: tuple[Define, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    follow_up: FollowUp | None = None
    outcomes: tuple[Outcome, ...] = ()
    reports: tuple[Report, ...] = ()
    end_comments: tuple[str, ...] = ()
