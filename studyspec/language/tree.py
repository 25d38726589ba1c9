"""The one tree that both spellings of a study describe.

Spans and layout never take part in equality; words, order and comments do.  Statements are grouped by kind, so that a
reviewer finds the same thing in the same place in every printed study; the order inside a kind is the author's.
Expressions are in `terms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from studyspec.language.terms import Anchor as Anchor
from studyspec.language.terms import AnchorName as AnchorName
from studyspec.language.terms import Arithmetic as Arithmetic
from studyspec.language.terms import At as At
from studyspec.language.terms import AtLeast as AtLeast
from studyspec.language.terms import Band as Band
from studyspec.language.terms import Bands as Bands
from studyspec.language.terms import Before as Before
from studyspec.language.terms import Between as Between
from studyspec.language.terms import Boolean as Boolean
from studyspec.language.terms import Case as Case
from studyspec.language.terms import Cases as Cases
from studyspec.language.terms import Compare as Compare
from studyspec.language.terms import CompareOp as CompareOp
from studyspec.language.terms import Covering as Covering
from studyspec.language.terms import Date as Date
from studyspec.language.terms import Duration as Duration
from studyspec.language.terms import Earliest as Earliest
from studyspec.language.terms import Elapsed as Elapsed
from studyspec.language.terms import Expr as Expr
from studyspec.language.terms import Group as Group
from studyspec.language.terms import Groups as Groups
from studyspec.language.terms import In as In
from studyspec.language.terms import Interval as Interval
from studyspec.language.terms import Known as Known
from studyspec.language.terms import Latest as Latest
from studyspec.language.terms import Linked as Linked
from studyspec.language.terms import Logic as Logic
from studyspec.language.terms import MemberOf as MemberOf
from studyspec.language.terms import Merged as Merged
from studyspec.language.terms import Name as Name
from studyspec.language.terms import NamedWindow as NamedWindow
from studyspec.language.terms import Node as Node
from studyspec.language.terms import Not as Not
from studyspec.language.terms import Number as Number
from studyspec.language.terms import Pick as Pick
from studyspec.language.terms import Quantifier as Quantifier
from studyspec.language.terms import Rows as Rows
from studyspec.language.terms import RowValue as RowValue
from studyspec.language.terms import Shift as Shift
from studyspec.language.terms import SpellExpr as SpellExpr
from studyspec.language.terms import SpellLogic as SpellLogic
from studyspec.language.terms import SpellRows as SpellRows
from studyspec.language.terms import Text as Text
from studyspec.language.terms import Unit as Unit
from studyspec.language.terms import Window as Window
from studyspec.source import Span

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
class UsePolicy(Element):
    """`policy strict`: a policy that asks for more protection than the site's own."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Element):
    """`import age_group, adult from "shared/common.study" sha256 "…"`: definitions and parameters of another study.

    hash: 64 hexadecimal digits over the file's text with `\n` at line ends, so that what was reviewed is what is used
    """

    names: tuple[Name, ...]
    path: Text
    hash: Text


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
class CategoryLabel(Element):
    """`label fi working "Töissä"`: the label of one category of a definition.  name: the category."""

    name: Name
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Define(Named):
    """categories: labels of the categories that its cases or groups make, those of one category next to each other."""

    value: Expr
    categories: tuple[CategoryLabel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells(Named):
    """`spells unemployment "Unemployed" = jobseeking with status = "02" merged within 30 days`: used like a table."""

    value: SpellExpr


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Named):
    kind: OneOf["include", "exclude"]
    where: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Element):
    """`index first jobseeking starting during […]`; `last`, `first-ever`, `every`; `… washout 90 days` after it."""

    event: Expr
    washout: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAt(Element):
    """`index at 2020-01-01`, `index at diagnosed`: one day for all, or a date that each entity has."""

    time: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEach(Element):
    """`index every month during [2019-01-01, 2020-12-31]`: the first day of every such period in the window."""

    unit: OneOf["month", "quarter", "year"]
    window: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFrom(Element):
    """`index from clients union residents`, `intersect`, `except`; `index from clients` with op None."""

    cohorts: tuple[Name, ...]
    op: OneOf["union", "intersect", "except"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched(Node):
    """What must be the same, `sex`, or no further apart than so much: `age within 2`, `born within 180 days`."""

    name: Name
    within: Number | Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAssigned(Element):
    """`index assigned from clients matched on sex, age within 2 ratio 2 with replacement seed 7`."""

    cohort: Name
    on: tuple[Matched, ...]
    ratio: int = 1
    replacement: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexNone(Element):
    """`index none`: no clock; every entity is a candidate."""


AnyIndex = Index | IndexAt | IndexEach | IndexFrom | IndexAssigned | IndexNone


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort(Named):
    """`cohort NAME of ENTITY`."""

    entity: Name
    index: AnyIndex
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Named):
    """`level okm "…" where COND`, or `otherwise` where all of `where`, `since` and `during` are None.

    Of a varying exposure: `level insulin from first dispensing …` (since: on from that day), or `level working while
    employment with …` (during: on the days of such spells).
    """

    where: Expr | None
    since: Expr | None = None
    during: SpellRows | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchDay(Element):
    """`switch-day events before`: events on the day of a switch belong to the level before it, or after it."""

    rule: OneOf["before", "after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure(Named):
    """`exposure NAME during WINDOW`, or `exposure NAME varying` where `window` is None."""

    window: Interval | None
    levels: tuple[Level, ...]
    switch_day: SwitchDay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Named):
    """`state NAME` with levels, each asked of `that day`: exclusive states on one day, the first that is true."""

    levels: tuple[Level, ...]


TimeZero = OneOf["keep", "exclude", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AtTimeZero(Element):
    """`at time zero exclude`: what to do with an event dated on the first day of follow-up."""

    rule: TimeZero


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAt(Element):
    """`entry at TIME`: at risk from then on (delayed entry); time still counts from the start of follow-up."""

    time: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class While(Element):
    """`while residence with municipality = home`: no longer than the spell that holds the first day of follow-up."""

    spells: SpellRows


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Element):
    """`follow-up from TIME to TIME`."""

    start: Expr
    end: Expr
    entry: EntryAt | None = None
    within: While | None = None
    allows: tuple[Allow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Censored(Element):
    """`censored where status = "0"`: which ends of a recorded follow-up are nothing but its end."""

    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRecorded(Element):
    """`follow-up recorded in followup from start_date to end_date`, or `to months_alive` alone, which starts at 0."""

    table: Name
    start: Name | None
    end: Name
    censored: Censored | None = None
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
class Recorded(Element):
    """`recorded where status = "2"`: with a recorded follow-up, what its end was."""

    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Named):
    """`event` is a row query with `first` or `every`, the name of a role, or how a recorded follow-up ended."""

    event: Expr | Recorded
    dated: Dated | None = None
    competing: Competing | None = None
    time_zero: AtTimeZero | None = None


ReportKind = OneOf["attrition", "baseline", "risk", "events", "state", "trend", "distribution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Element):
    """`report risk of employed, studying in clients by pathway at 1 year, 2 years`."""

    kind: ReportKind
    of: tuple[Name, ...] = ()
    cohort: Name | None = None
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
    policy: UsePolicy | None = None
    codelists: tuple[UseCodelist, ...] = ()
    imports: tuple[Import, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    defines: tuple[Define, ...] = ()
    spells: tuple[Spells, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    follow_up: FollowUp | FollowUpRecorded | None = None
    outcomes: tuple[Outcome, ...] = ()
    states: tuple[State, ...] = ()
    reports: tuple[Report, ...] = ()
    end_comments: tuple[str, ...] = ()
