"""What an index claims of the data, `exactly one`: whom the claim fails leaves at a criterion before all others."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterator
from dataclasses import replace
from decimal import Decimal

from studyspec.catalogue.types import Table, ValueType
from studyspec.language import tree
from studyspec.semantics import core
from studyspec.semantics.rows import exactly_one
from studyspec.semantics.scope import Scope

_LABELS = {"en": "Exactly one row: {table}", "fi": "Täsmälleen yksi rivi: {table}", "sv": "Exakt en rad: {table}"}


def claims(
    node: tree.AnyIndex, index: core.Index, cohort: str, scope: Scope, taken: Container[str]
) -> tuple[core.Criterion, ...]:
    """The criterion that an index of exactly one row makes; of any other index none.

    taken: names, in small letters, that are something else's
    """
    rows = node.event if isinstance(node, tree.Index) else None
    if not isinstance(rows, tree.Rows) or rows.quantifier != "exactly one" or not isinstance(index, core.IndexEvent):
        return ()
    event = index.event
    count = core.RowQuery(
        facts=replace(event.facts, type=ValueType("integer"), nullable=False, low=Decimal(0)),
        span=rows.span,
        quantifier="count",
        table=event.table,
        match=event.match,
        window=event.window,
        condition=event.condition,
    )
    others = {c.name.casefold() for other in scope.cohorts.values() for c in other.criteria}
    name = next(n for n in _names(cohort, event.table) if n.casefold() not in others and n.casefold() not in taken)
    return (
        core.Criterion(
            name=name,
            labels=_labels(scope.model.tables[event.table], scope.language),
            span=rows.span,
            kind="include",
            condition=exactly_one(count),
            claimed=True,
        ),
    )


def _names(cohort: str, table: str) -> Iterator[str]:
    """Names for the criterion, the best first: of the table, of the cohort too, with a number."""
    yield f"exactly_one_{table}"
    yield f"{cohort}_exactly_one_{table}"
    yield from (f"{cohort}_exactly_one_{table}_{number}" for number in itertools.count(2))


def _labels(table: Table, language: str) -> dict[str, str]:
    """In the study's own language, and in every other that there are words in."""
    any_label = table.labels.get("en") or next(iter(table.labels.values()), table.name)
    own = _LABELS.get(language, _LABELS["en"])
    return {
        one: words.format(table=table.labels.get(one, any_label)) for one, words in ({language: own} | _LABELS).items()
    }
