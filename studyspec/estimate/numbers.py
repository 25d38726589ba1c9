"""Numbers described, laid out: how many are known, the mean and the quantiles, for every group and for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studyspec.estimate.types import Table, TableColumn, Value
from studyspec.estimate.words import label, word
from studyspec.guard.types import Described, GuardedNumbers
from studyspec.plan.cubes import QUANTILES, CubeSpec


def numbers(cubes: Sequence[GuardedNumbers], notes: tuple[str, ...], mode: str, language: str) -> Table:
    """One table for the numbers of a report; cubes: of everyone and, where broken down, of the groups."""
    by = next((d for c in cubes for d in c.spec.dimensions if d.name == c.spec.by), None)
    columns = [
        TableColumn("variable", "", "key"),
        *([TableColumn("group", "", "key")] if by else []),
        TableColumn("variable_label", word("variable", language), "label"),
        *([TableColumn("group_label", label(by.labels, language, by.name), "label")] if by else []),
        TableColumn("n", word("known", language), "count"),
        TableColumn("mean", word("average", language), "number"),
        *(TableColumn(f"p{p}", word("median" if p == 50 else "quantile", language, n=p), "number") for p in QUANTILES),
    ]
    rows: list[tuple[Value, ...]] = []
    for cube in cubes:
        text = label(cube.spec.labels, language, cube.spec.subject)
        for key, shown, described in _groups(cube, language):
            head: tuple[Value, ...] = (cube.spec.subject, key, text, shown) if by else (cube.spec.subject, text)
            rows.append((*head, *_numbers(described)))
    first = cubes[0].spec
    title = word("described", language)
    if by is not None:
        title = word("by", language, title=title, exposure=label(by.labels, language, by.name))
    return Table(_name(first), title, tuple(columns), tuple(rows), notes, mode, language)


def _name(spec: CubeSpec) -> str:
    """A baseline has a table of categories by its own name."""
    return spec.report if spec.report.startswith("distribution") else f"{spec.report}_numbers"


def _groups(cube: GuardedNumbers, language: str) -> Iterator[tuple[str, str, Described]]:
    """Key, label and numbers of every group that a cube describes."""
    if cube.spec.by is None:
        yield "", word("all", language), cube.groups[None]
        return
    categories = next(d.categories for d in cube.spec.dimensions if d.name == cube.spec.by)
    for category in categories:
        yield category.key, label(category.labels, language, category.key), cube.groups[category.key]


def _numbers(described: Described) -> tuple[Value, ...]:
    found = dict(described.quantiles)
    return (described.known, described.mean, *(found.get(percent) for percent in QUANTILES))
