"""What generated studies may use beyond the plain language: each study uses a handful of these."""

from __future__ import annotations

from typing import Final

#: Feature -> what it brings into a study.
FEATURES: Final[dict[str, str]] = {
    "cases": "CaseOf",
    "elapsed": "Elapsed",
    "linked": "LinkedColumn: another entity's attributes, of the unit or of the row at hand",
    "decimals": "decimal arithmetic and division",
    "mean": "the mean of rows",
    "nested": "row queries in the conditions of row queries",
    "nested events": "row queries in the conditions of events, roles and spells",
    "value times": "times that start from a date attribute, a definition or a column of the row",
    "latest": "the latest of several times",
    "spells": "named spells",
    "index day": "one day for each entity",
    "index periods": "the first day of every period",
    "index picks": "the first row ever, every row",
    "washout": "no other row in the days before",
    "claims": "an index of exactly one row",
    "index none": "no clock",
    "several": "several cohorts",
    "units": "cohorts made of other cohorts' units",
    "assigned": "matched comparisons",
    "member": "MemberOf",
    "cluster": "distinct clusters behind the cells",
    "strata": "reports by a variable, or by one of several exposures",
    "entry": "delayed entry",
    "while": "follow-up for as long as spells last",
    "varying": "exposures that vary over time",
    "recorded": "follow-up recorded in dates",
    "clock": "follow-up recorded by a clock",
    "recurring": "recurring outcomes and reports of events",
    "states": "states on a day",
    "counted": "baseline variables that are numbers of rows or days",
    "numbers": "numbers described by their mean and quantiles",
    "trends": "variables period after period",
}

#: Those that the arbiter and the SQL do not both run yet.
WAITING: Final[frozenset[str]] = frozenset()

RUN: Final[frozenset[str]] = frozenset(FEATURES) - WAITING
