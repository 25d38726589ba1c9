"""Studies and rows as text, with nothing in it that does not matter when two evaluators disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from studyspec.catalogue.types import Model
from studyspec.semantics import core
from studyspec.semantics.core import Category, ColumnRef, Facts, Step
from tests.arbiter.awkward_rows import DATE, Rows

SKIPPED = ("facts", "span", "labels", "legal", "gap", "can_be_unknown", "complete", "entity", "table_key")


def shown(study: core.Study, rows: Rows, use: frozenset[str]) -> str:
    told = {
        "coverage": {name: study.coverage[name] for name in ("visit", "stay")},
        "spells": study.spells, "definitions": study.definitions, "cohorts": study.cohorts,
        "exposures": study.exposures, "strata": study.strata, "roles": study.roles[1:], "follow_up": study.follow_up,
        "outcomes": study.outcomes, "states": study.states, "reports": study.reports,
    }  # fmt: skip
    lines = [f"use: {', '.join(sorted(use))}"]
    lines += [f"{name}: {short(value)}" for name, value in told.items() if value]
    for table, listed in rows.items():
        lines += [f"{table}:"] + ["    " + _row(row) for row in listed]
    return "Case\n  " + "\n  ".join(lines)


def _row(row: dict[str, object]) -> str:
    return ", ".join(f"{name}={short(value)}" for name, value in row.items() if value is not None)


def short(node: object) -> str:
    if isinstance(node, DATE):
        return node.isoformat()
    if isinstance(node, tuple):
        return "(" + ", ".join(short(one) for one in node) + ")"
    if isinstance(node, ColumnRef):
        return str(node)
    if isinstance(node, Step):
        return f"{node.amount:+} {node.unit}"
    if isinstance(node, Category):
        return node.key
    if is_dataclass(node) and not isinstance(node, type):
        told = [f"{f.name}={short(getattr(node, f.name))}" for f in fields(node) if f.name not in SKIPPED]
        return f"{type(node).__name__}({', '.join(t for t in told if not t.endswith(('=None', '=()')))})"
    return repr(node)


def parts(node: object) -> Iterator[object]:
    """Every dataclass inside a value, facts and the model left out."""
    if isinstance(node, tuple | list):
        for one in node:
            yield from parts(one)
    elif is_dataclass(node) and not isinstance(node, Facts | Model | type):
        yield node
        for one in fields(node):
            yield from parts(getattr(node, one.name))
