"""Cohorts cut out of others by one criterion, and the categories of the others' tables that the criterion is about.

`cohort men`, from `clients` with `include man where sex = "1"`, is as large as a category of a table of the clients:
the one number is the other.  Where a criterion cuts through a category, what lies between is a group of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from studyspec.guard.divisions import Division, atoms, division, variables
from studyspec.semantics import core
from studyspec.semantics.core import Category, Expr


@dataclass(frozen=True, slots=True)
class Cut:
    """Those left after a step of one cohort's attrition are those of another cohort in some categories of a variable.

    last: whether that step is the cohort's last, so that they are the cohort
    inside: categories all of whom are left; touching: categories of which some are, None where others may be left too
    """

    cohort: str
    step: str
    last: bool
    base: str
    variable: str
    inside: tuple[str, ...]
    touching: tuple[str, ...] | None


def cuts(study: core.Study) -> Iterator[Cut]:
    """Of every cohort that begins with the units of another, by the first criterion of its own."""
    definitions: dict[str, Expr] = {one.name: one.value for one in study.definitions}
    told = {name: found for name, v in variables(study).items() if (found := division(v, definitions)) is not None}
    for base in study.cohorts:
        for cohort in study.cohorts:
            at = _own(base, cohort)
            if at is not None and at < len(cohort.criteria):
                yield from _cuts(base, cohort, at, told, definitions)


def _own(base: core.Cohort, cohort: core.Cohort) -> int | None:
    """Which of a cohort's criteria is the first that the other has not; None where it does not begin with the other."""
    if cohort.name == base.name or cohort.entity != base.entity:
        return None
    if isinstance(cohort.index, core.IndexUnits) and cohort.index.op is None and cohort.index.cohorts == (base.name,):
        return 0
    common = [(c.kind, c.condition) for c in base.criteria]
    begins = cohort.index == base.index and [(c.kind, c.condition) for c in cohort.criteria[: len(common)]] == common
    return len(common) if begins else None


def _cuts(
    base: core.Cohort, cohort: core.Cohort, at: int, told: Mapping[str, Division], definitions: Mapping[str, Expr]
) -> Iterator[Cut]:
    criterion = cohort.criteria[at]
    categories = tuple(Category(key, {}) for key in ("true", "false", "unknown"))
    cut = division(core.Variable(name="", labels={}, value=criterion.condition, categories=categories), definitions)
    kept = "true" if criterion.kind == "include" else "false"
    step = f"{criterion.name} unknown" if criterion.condition.facts.nullable else criterion.name
    for name, by in told.items():
        if cut is None or by.value != cut.value:
            continue
        where: dict[str | None, set[bool]] = {}
        for atom in atoms(cut, by):
            where.setdefault(by.category(atom), set()).add(cut.category(atom) == kept)
        inside = tuple(sorted(c for c, found in where.items() if c is not None and found == {True}))
        touching = tuple(sorted(c for c, found in where.items() if c is not None and True in found))
        beyond = True in where.get(None, set())
        last = at == len(cohort.criteria) - 1
        yield Cut(cohort.name, step, last, base.name, name, inside, None if beyond else touching)
