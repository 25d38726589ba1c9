"""What the world around a study is like: models, code lists, bindings, policies, permits, sites.

Frozen values, made by `studyspec.catalogue.load` from YAML documents (and CSV rows of code lists).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from studyspec import calendar
from studyspec.language import tree
from studyspec.source import Span

#: Of a field that has no part in a hash while it says nothing: what a hash stood for before the field existed, it
#: stands for still.
SILENT: Final[Mapping[str, bool]] = {"silent": True}

# --- types of values -------------------------------------------------------------------------------------------------

ValueKind = Literal["code", "integer", "decimal", "date", "boolean", "text", "identifier", "duration", "category"]


@dataclass(frozen=True, slots=True)
class ValueType:
    """Type of a value.

    list: for `code`, the code list it belongs to; codes of different lists never compare
    unit: for `decimal`/`integer`, the unit ("EUR", "years", "days"); for `duration`, always days
    categories: for `category` (bands, levels), the declared keys in order
    entity: for `identifier`, the entity whose row it names (a job's employer); None where it names none
    """

    kind: ValueKind
    list: str | None = None
    unit: str | None = None
    categories: tuple[str, ...] = ()
    entity: str | None = field(default=None, metadata=SILENT)

    def __str__(self) -> str:
        if self.kind == "code":
            return f"code of {self.list}"
        if self.entity is not None:
            return f"identifier of {self.entity}"
        return f"{self.kind} in {self.unit}" if self.unit else self.kind


Sensitivity = Literal["direct identifier", "quasi-identifier", "special category", "ordinary"]
Shape = Literal["attributes", "events", "spells", "rates"]
Labels = Mapping[str, str]  # language -> text


# --- models ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dominance:
    """The n largest contributors to a published sum may hold at most so many percent of it."""

    n: int
    percent: int


@dataclass(frozen=True, slots=True)
class DisclosureRule:
    """What the controller of a register demands of anything published from it.

    minimum_entities: persons (or the entity of the study) behind any published cell
    minimum_clusters: firms, payers or other clusters behind any published cell; None where no rule is known
    dominance: of any published sum; None where no rule is known
    fresh_months: the rule holds only for data younger than so many months at release; None where it always holds
    """

    minimum_entities: int
    minimum_clusters: int | None = None
    source: str | None = None
    dominance: Dominance | None = field(default=None, metadata=SILENT)
    fresh_months: int | None = field(default=None, metadata=SILENT)


@dataclass(frozen=True, slots=True)
class Register:
    name: str
    labels: Labels
    controller: str
    rule: DisclosureRule
    public: bool = False


@dataclass(frozen=True, slots=True)
class Lag:
    """How long after a day its data are published: `18 months` is 18 and `month`."""

    amount: int
    unit: calendar.Unit


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a model's table.

    nullable: whether the data may hold null; null_meaning: what null says, where it says something
    as_of: True for a last-known value, known only when the extract was made
    low, high: declared range of numbers or dates (inclusive), None where open
    publication_lag: where it differs from the table's
    """

    name: str
    type: ValueType
    labels: Labels
    register: str
    sensitivity: Sensitivity = "ordinary"
    nullable: bool = False
    null_meaning: str | None = None
    as_of: bool = False
    low: Decimal | datetime.date | None = None
    high: Decimal | datetime.date | None = None
    synth: Mapping[str, object] = field(default_factory=dict)
    publication_lag: Lag | None = field(default=None, metadata=SILENT)


@dataclass(frozen=True, slots=True)
class Coverage:
    """First and last day for which the rows of a table are complete; None where not bounded."""

    start: datetime.date | None
    end: datetime.date | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as whole units since an origin, for sources without dates.  origin: what happened at 0, in words."""

    unit: calendar.Unit
    origin: str


@dataclass(frozen=True, slots=True)
class Break:
    """A series break: rows from this day on do not compare with earlier ones.  columns: which; empty for all."""

    date: datetime.date
    labels: Labels
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trap:
    """Something readers of a table have to know.  source: where that is known from."""

    labels: Labels
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a model.

    entity: whose rows these are; `key` is the column that holds the entity's identifier
    date: for events, the column with the day
    start, end: for spells, the columns with the first day in and the first day out (half-open); a null end means that
    the spell was still open when the extract was made
    clock: where date, start and end are whole numbers of units and not dates; None for dates
    doubled: `unfinished` where an extract can hold one spell twice, unfinished and finished; bindings mend it
    """

    name: str
    labels: Labels
    entity: str
    key: str
    shape: Shape
    register: str
    columns: Mapping[str, Column]
    date: str | None = None
    start: str | None = None
    end: str | None = None
    coverage: Coverage = Coverage(None, None)
    synth: Mapping[str, object] = field(default_factory=dict)
    clock: Clock | None = field(default=None, metadata=SILENT)
    breaks: tuple[Break, ...] = field(default=(), metadata=SILENT)
    publication_lag: Lag | None = field(default=None, metadata=SILENT)
    traps: tuple[Trap, ...] = field(default=(), metadata=SILENT)
    doubled: Literal["unfinished"] | None = field(default=None, metadata=SILENT)


@dataclass(frozen=True, slots=True)
class Rates:
    """A table to look rates up in, one row for each combination of its keys; it is about no entity.

    keys: the columns that a row is found by, in order; value: the column with the rate, whose unit says per what
    """

    name: str
    labels: Labels
    register: str
    columns: Mapping[str, Column]
    keys: tuple[str, ...]
    value: str
    traps: tuple[Trap, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A value computed from an attribute at a time: `age` is the completed years since `birth_date`."""

    name: str
    labels: Labels
    kind: Literal["completed years since"]
    column: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A unit that tables are about, with the one table (shape `attributes`) that lists every one of them.

    clusters: who is behind it, as entity -> column of its attributes table (a vacancy's employer)
    """

    name: str
    labels: Labels
    plural: Labels
    attributes: str
    derived: Mapping[str, Derived]
    clusters: Mapping[str, str] = field(default_factory=dict, metadata=SILENT)


@dataclass(frozen=True, slots=True)
class Role:
    """A dated thing that studies call by name (`death`, `emigration`): rows of an events or spells table.

    condition: which rows, as an expression over the table's columns; None for all
    edge: for spells, which end dates it
    """

    name: str
    labels: Labels
    table: str
    condition: tree.Expr | None
    edge: Literal["starting", "ending"] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a list.

    valid_from, valid_to: first and last day it is in use, None where not bounded
    parent: the code it lies below, in a list with a hierarchy
    becomes: the codes that replace it once valid_to has passed; more than one where it is split
    """

    code: str
    labels: Labels
    groups: tuple[str, ...] = ()
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    parent: str | None = None
    becomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes.  `of`: the list whose codes these are, where this list is a selection from another one.

    complete: False where the list is known to miss codes, so that an unknown code is no error
    """

    name: str
    version: str
    labels: Labels
    source: str
    codes: Mapping[str, Code]
    of: str | None = None
    complete: bool = True
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """hash: of the document's content as resolved, `sha256:…`; what a site accepts a model by.

    tables: of the shapes `attributes`, `events` and `spells`; rates: of the shape `rates`
    """

    name: str
    version: int
    labels: Labels
    entities: Mapping[str, Entity]
    tables: Mapping[str, Table]
    registers: Mapping[str, Register]
    codelists: Mapping[str, CodeList]
    roles: Mapping[str, Role]
    hash: str = ""
    rates: Mapping[str, Rates] = field(default_factory=dict, metadata=SILENT)


# --- bindings, policies, permits, sites ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DatedCodes:
    """Physical code -> model code, for rows dated from the first to the last day (both in); None where not bounded."""

    codes: Mapping[str, str]
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Days told as numbers: of units since a day, parts of a day cut off; without it years, each its first day."""

    unit: calendar.Unit
    since: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """How a model's column is found in one physical table: the physical column, mended by an ordered set of rules.

    nulls: physical values that mean null, sentinel dates among them.  null_code: what null means, as a model code
    codes: physical code -> model code, where they differ.  counted: of a date, how numbers tell it
    shift_days: added to a date (a last day inside a spell becomes the first day out with 1)
    codes_by_date: instead of codes, where they were keyed anew: each for its days, by the row's date or start
    """

    physical: str
    nulls: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    shift_days: int = 0
    null_code: str | None = None
    codes_by_date: tuple[DatedCodes, ...] = field(default=(), metadata=SILENT)
    counted: Counted | None = field(default=None, metadata=SILENT)


@dataclass(frozen=True, slots=True)
class BoundTable:
    """How a model's table is found.

    where: which physical rows belong to the table (for example event = "death"), column -> accepted values
    drop_unfinished_doubles: a spell without an end is left out where another row of the same entity, with the same
    start and the same values of `identity`, has an end
    identity: columns of the model that tell apart spells which start on the same day
    """

    table: str
    physical: str
    columns: Mapping[str, BoundColumn]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    coverage: Coverage | None = None
    drop_unfinished_doubles: bool = field(default=False, metadata=SILENT)
    identity: tuple[str, ...] = field(default=(), metadata=SILENT)


@dataclass(frozen=True, slots=True)
class Binding:
    """spans: where its parts stand (`tables.person.columns.sex`), for faults found when it meets its model."""

    name: str
    model: str
    model_version: int
    tables: Mapping[str, BoundTable]
    hash: str = ""
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """The disclosure rules every release of a site obeys.

    mode: `guarded`, or `open` for data whose registers are all declared public (exact numbers)
    minimum_entities: fewest entities behind a published cell; the registers' own rules can only raise it
    insiders: how many people in a cell may know themselves and each other; added to the minimum
    rounding: published counts are multiples of this; 1 for none
    zeros: whether an exact zero may be shown; hidden zeros are hidden like small cells
    """

    name: str
    version: int
    mode: Literal["guarded", "open"]
    minimum_entities: int = 5
    insiders: int = 2
    rounding: int = 5
    zeros: Literal["hide", "show"] = "hide"
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Permit:
    """What one decision allows.

    columns: physical table -> physical columns that may be read
    persons: who may see the data, by name
    conditions: what else the decision demands, in its words
    retention: how long data are kept and what happens then, in its words.  environment: where they may be processed
    supersedes: id of the permit that this one takes the place of
    linkages: groups of registers that one study may link with each other; None where any of the permit's may be
    breakdowns: physical columns that results may be broken down by; None where any may be
    spans: where its names stand (`columns.T_HENK.SUKUP`, `registers.population`), for faults found at a site
    """

    id: str
    controller: str
    authority: str
    decided: datetime.date
    expires: datetime.date
    legal_basis: str
    purpose: Labels
    registers: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    years: tuple[int, int]
    population_cap: int | None = None
    hash: str = ""
    persons: tuple[str, ...] = field(default=(), metadata=SILENT)
    conditions: tuple[str, ...] = field(default=(), metadata=SILENT)
    retention: str | None = field(default=None, metadata=SILENT)
    supersedes: str | None = field(default=None, metadata=SILENT)
    environment: str | None = field(default=None, metadata=SILENT)
    linkages: tuple[tuple[str, ...], ...] | None = field(default=None, metadata=SILENT)
    breakdowns: tuple[str, ...] | None = field(default=None, metadata=SILENT)
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """How a database server is reached.  Never by a password: that is the account's own matter.

    dsn_env: the environment variable that holds the whole connection string; or a service of the account's service
    file, or host, port, database and user.  schema: where the physical tables are
    """

    dsn_env: str | None = None
    service: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    schema: str = "public"


@dataclass(frozen=True, slots=True)
class Connection:
    """kind: `duckdb` (one database file), `parquet` or `csv` (a directory with one file per physical table), or
    `postgresql` (a server).

    path may be overridden on the command line with `--data` on sites declared synthetic or public.  Of a server, and
    where neither site nor command says it (stated), it is the site's own folder, and nothing is read there.
    null: what stands for null in a CSV file
    """

    kind: Literal["duckdb", "parquet", "csv", "postgresql"]
    path: Path
    null: str = ""
    server: Server | None = None
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """One place to run.

    accepts: name of a model or code list -> the only hash that may be used here
    model: the site's own copy of its model; None where the library's copy is used, if its hash is accepted
    invented: the document with the population that invented data for the site show; None for the model's own hints
    """

    name: str
    kind: Literal["synthetic", "public", "register"]
    population: str
    connection: Connection
    binding: Binding
    policy: Policy
    permits: Mapping[str, Permit]
    ledger: Path
    key: Path
    accepts: Mapping[str, str]
    root: Path
    memory_limit: str = "3GB"
    threads: int = 2
    model: Path | None = None
    invented: Path | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a study's names are looked up in.  site is None when a study is checked away from any site.
    site: with the study's own policy, where it has one.  imports: path as the study writes it -> the study found there
    spans: where parts of the model stand (`tables.person.columns.sex`)
    """

    model: Model
    codelists: Mapping[str, CodeList]  # the model's and the study's own
    site: Site | None
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)
    imports: Mapping[str, tree.Document] = field(default_factory=dict, compare=False, repr=False)
