"""The facts about one name of a study, as values that a terminal, a program or a dossier can show.

Everything here is public knowledge: it is made from declarations, never from data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["proved", "not found", "allowed", "warned", "not applicable", "not checked"]


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column of the name in the study's text, both from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Value:
    """type: in words.  low, high: of a number, both included, as far as declarations tell.  unknown: whether it can be
    unknown, and `unknown_when` why.  no_rows: what someone gets who has no row in any table it looks into; empty where
    it looks into none."""

    type: str
    low: str
    high: str
    unknown: bool
    unknown_when: tuple[str, ...]
    no_rows: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One stretch of days that is read: in words; in days from its anchor, if it has one (months being 28 to 31 days);
    and the first and last day of the calendar it can touch.  None where nothing bounds it."""

    tables: tuple[str, ...]
    words: str
    anchor: str
    days: tuple[int | None, int | None]
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A time by which the value is known: in words, and the latest day of the calendar that can be."""

    words: str
    latest: str | None


@dataclass(frozen=True, slots=True)
class Horizon:
    reads: tuple[Reading, ...]
    known: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A column behind the value.  physical: where the site keeps it; empty away from any site."""

    column: str
    label: str
    physical: str
    register: str
    sensitivity: str
    last_known: bool


@dataclass(frozen=True, slots=True)
class Register:
    """minimum: the fewest entities its controller allows behind a published number."""

    name: str
    label: str
    controller: str
    public: bool
    minimum: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """The fewest entities behind a number made from these registers: by themselves, and at the site (policy, insiders,
    rounding); `whole` is that of everything the study publishes, which is what the guard uses.  No site: None."""

    registers: int
    site: int | None
    whole: int | None
    policy: str
    minimum: int
    insiders: int
    rounding: int
    open: bool


@dataclass(frozen=True, slots=True)
class Origin:
    columns: tuple[Source, ...]
    registers: tuple[Register, ...]
    threshold: Threshold | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check, by the code it would refuse with.  because: the author's reason where it is allowed, what the warning
    said, or why it says nothing here."""

    code: str
    status: Status
    question: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A value that results are shown by.  key: as data and tables carry it; label: what readers see."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Explained:
    """means: sentences that read the name back.  terms: the names it is made of, each with its own meaning.
    groups: the values that results show it by, in order.  grain: how often it may differ.  cohorts: those it tells of,
    where the study has several.  used_by: where the study uses it."""

    name: str
    kind: str
    label: str
    place: Place | None
    means: tuple[str, ...]
    legal: str
    gap: str
    terms: tuple[tuple[str, str], ...]
    used_by: tuple[str, ...]
    value: Value | None = None
    grain: str = ""
    horizon: Horizon | None = None
    origin: Origin | None = None
    checks: tuple[Verdict, ...] = ()
    groups: tuple[Group, ...] = ()
    cohorts: tuple[str, ...] = ()
