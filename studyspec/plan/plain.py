"""Plain expressions: those that a select computes from the entity's attributes and the index, without other steps."""

from __future__ import annotations

from collections.abc import Mapping

from studyspec.plan.frame import MANY
from studyspec.plan.origins import times_of
from studyspec.semantics import core
from studyspec.semantics.walk import children

#: What an expression may be made of, definitions written out, before it is too long to stand inside another one.
LONGEST = 60
_BASES = ("calendar", "index", "data.start", "data.end", "value")
_PARTS = (
    *(core.Literal_, core.Attribute, core.YearsSince, core.BandOf, core.GroupOf, core.Compare, core.Between),
    *(core.InSet, core.Not, core.Known, core.Logic, core.AtLeast, core.Arithmetic, core.CaseOf, core.Elapsed),
    *(core.TimeValue, core.Ref, core.LatestOf),
)


def is_plain(expr: core.Expr, definitions: Mapping[str, core.Definition]) -> bool:
    """Whether an expression, definitions written out, asks for no rows, roles or other cohorts, and is short."""
    waiting, seen = [expr], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        if seen > LONGEST or not isinstance(part, _PARTS):
            return False
        if isinstance(part, core.InSet) and len(part.values) > MANY:
            return False
        if any(time.base not in _BASES for time in times_of(part)):
            return False
        waiting += [definitions[part.name].value] if isinstance(part, core.Ref) else children(part)
    return True
