"""All that differs between databases: one small table a dialect.  Nothing outside this module knows a database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

#: How tightly an expression holds together; a looser one inside a tighter one needs parentheses.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, ATOM = range(7)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A template with named slots, how tightly it holds together, and how tightly what fills its slots must.

    A template of several lines is put on one where there is room.
    """

    template: str
    level: int = ATOM
    inner: int = OR


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database spells what they spell differently.

    temporary_table, temporary_view: the start of the statement that makes one of a select
    source: how a physical table is read: `schema` and `name`, or both in one `quoted` name
    longest_name: how many bytes an identifier may have, where longer ones are cut without a word
    quote: what stands around a quoted identifier; doubled inside
    backslash: whether a backslash in a string literal must be doubled
    add_days … subtract_years: `day` moved by `n`, a positive whole number, of `unit` in words (`months`: in so many
    months); a month that is too short gives its last day, and the result is a date
    days_between: whole days from `start` to `end`
    divided: two numbers of six digits at most, divided and rounded half away from zero to six digits, never by way of
    binary fractions: the quotient is cut after seven digits, so that rounding it is rounding what it stands for
    whole_part: a whole number divided by one, towards zero
    by_code_point: a text that is put in order by code point
    counted: `day` and `n` times so many days more, parts of a day cut off; first_day: of the year `n`
    part: `part` (year, month or day) of a date, as a number
    listed: the name that the column of a list of `values` has
    casts: type -> its name in `cast(… as …)`
    """

    name: str
    title: str
    temporary_table: str = "create temporary table {name} as"
    temporary_view: str = "create temporary view {name} as"
    source: str = "{schema}.{name}"
    longest_name: int | None = None
    quote: str = '"'
    backslash: bool = False
    add_days: Spelled = Spelled("{day} + {n}", SUM, SUM)
    subtract_days: Spelled = Spelled("{day} - {n}", SUM, SUM)
    add_months: Spelled = Spelled("cast({day} + interval '{n} {unit}' as date)", ATOM, SUM)
    subtract_months: Spelled = Spelled("cast({day} - interval '{n} {unit}' as date)", ATOM, SUM)
    add_years: Spelled = Spelled("cast({day} + interval '{n} {unit}' as date)", ATOM, SUM)
    subtract_years: Spelled = Spelled("cast({day} - interval '{n} {unit}' as date)", ATOM, SUM)
    days_between: Spelled = Spelled("{end} - {start}", SUM, ATOM)
    divided: Spelled = Spelled(
        "cast(\n    cast(cast({left} as decimal(38, 6)) * 10000000000000 as hugeint)\n"
        "    // nullif(cast(cast({right} as decimal(38, 6)) * 1000000 as hugeint), 0)\n"
        "    * 0.0000001 as decimal(38, 6)\n)"
    )
    whole_part: Spelled = Spelled("{left} // {right}", PRODUCT, ATOM)
    by_code_point: Spelled = Spelled("{text}")
    counted: Spelled = Spelled("{day} + cast(floor({n}) as integer)", SUM, SUM)
    first_day: Spelled = Spelled("make_date(cast(floor({n}) as integer), 1, 1)")
    part: Spelled = Spelled("extract({part} from {day})")
    listed: str = "col0"
    casts: tuple[tuple[str, str], ...] = (
        ("text", "varchar"),
        ("date", "date"),
        ("boolean", "boolean"),
        ("integer", "bigint"),
        ("decimal", "decimal(38, 6)"),
    )

    def cast(self, type_: str) -> str:
        return dict(self.casts)[type_]


DIALECTS: Final[dict[str, Dialect]] = {
    "duckdb": Dialect(name="duckdb", title="DuckDB"),
    "postgresql": Dialect(
        name="postgresql",
        title="PostgreSQL",
        # A schema cannot be made without leaving a trace or needing a right: sources are temporary tables.
        source="{quoted} as {name}",
        longest_name=63,
        divided=Spelled(
            "cast(\n    div({left} * 10000000.0, nullif({right}, 0))\n    * 0.0000001 as decimal(38, 6)\n)",
            ATOM,
            PRODUCT,
        ),
        whole_part=Spelled("{left} / {right}", PRODUCT, ATOM),
        by_code_point=Spelled('{text} collate "C"', ATOM, ATOM),
        part=Spelled("cast(extract({part} from {day}) as integer)"),
        listed="column1",
    ),
}


@cache
def reserved() -> frozenset[str]:
    """Words that name nothing without quotes in any database we know: their reserved words taken together."""
    return frozenset(_RESERVED.split())


_RESERVED: Final = """
all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit boolean
both by case cast char character check coalesce collate collation column columns concurrently constraint create
cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec
decimal default deferrable desc describe distinct do else end except exists extract false fetch filter float for
foreign freeze from full generated glob grant group grouping grouping_id having ilike in initially inner inout int
integer intersect interval into is isnull join lambda lateral leading left like limit localtime localtimestamp map
merge_action minus national natural nchar none normalize not notnull null nullif numeric offset on only or order out
outer overlaps overlay pivot pivot_longer pivot_wider placing position positional precision primary qualify real
references returning right row select semi session_user setof show similar smallint some struct substring summarize
symmetric system_user table tablesample then time timestamp to trailing treat trim true try_cast tuple union unique
unknown unpack unpivot user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""
