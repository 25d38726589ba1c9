"""A site, a study and a script made by hand, for the tests of releases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studyspec.catalogue.types import Binding, Connection, Coverage, Policy, Site, ValueType
from studyspec.semantics import core

SQL = "-- Who is in the cohort\ncreate temporary table cohort as\nselect id from source.people;\n"


@dataclass(frozen=True)
class Place:
    element: str = "clients"
    first_line: int = 1
    last_line: int = 3


@dataclass(frozen=True)
class Script:
    text: str = SQL
    dialect: str = "duckdb"
    study: str = "tiny"
    meaning: str = "sha256:m"
    places: tuple[Place, ...] = (Place(),)


def site(root: Path, policy: Policy, kind: Literal["synthetic", "public", "register"] = "synthetic") -> Site:
    return Site(
        "testville", kind, "p", Connection("csv", root / "data"), Binding("b", "tiny", 1, {}), policy, {},
        root / "state" / "ledger.jsonl", root / "state" / "key", {}, root,
    )  # fmt: skip


def study(name: str = "tiny", title: str = "Tiny study") -> core.Study:
    facts = core.Facts(ValueType("date"), False, core.Grain("row", "people"))
    day = core.Time(base="row", facts=facts)
    index = core.EventQuery(
        table="people", match="dated", window=core.Window(None, None), condition=None, dated=day, facts=facts
    )
    cohort = core.Cohort(
        name="clients", labels={}, entity="person", table="people", key="id",
        index=core.IndexEvent(event=index, pick="first", washout=None), criteria=(),
    )  # fmt: skip
    from tests.guard.people_by_hand import model

    return core.Study(
        name=name, version="1.0.0", language="en", titles={"en": title}, purposes={}, model=model(), permits=(),
        codelists={}, parameters=(), definitions=(), roles=(), spells=(), cohorts=(cohort,), exposures=(), strata=(),
        follow_up=None, outcomes=(), states=(), reports=(), allowed=(), coverage={"people": Coverage(None, None)},
        columns=(), hash="sha256:m",
    )  # fmt: skip
