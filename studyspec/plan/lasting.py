"""The steps of `while`: the last day of the stretch of spells that holds the first day of follow-up."""

from __future__ import annotations

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.frame import Frame
from studyspec.plan.nodes import Column, Output, Scalar
from studyspec.plan.spells import stretches_of_rows
from studyspec.semantics import core

LAST_DAY = "last_day"


def add_last_day(build: Builder, start: core.Time, within: core.SpellRows, cohort: str) -> Column:
    """Add the step with that day, for whoever has one.  start: of follow-up.  cohort: the step of the units."""
    frame = Frame(build, cohort)
    if within.table in build.draft.spells:  # no two of them overlap or touch
        frame.row = (within.table, build.table(within.table))
        first, after = frame.row_day(), frame.row_end()
        where = rows.conditions(frame, within.condition)
    else:
        made = stretches_of_rows(build, Frame(build, cohort), within, f"follow_up_{within.table}")
        first, after, where = frame.read(made.first), made.after, ()
    entry = frame.time(start)
    holds: tuple[Scalar, ...] = (times.compare("<=", first, entry), times.compare(">", after, entry))
    name = build.take("follow_up_last_day", "last_day_of_follow_up")
    build.add(
        name,
        [f"The stretch of {within.table} that holds the first day of follow-up, for who has one: its last day"],
        (*frame.units(), Output(LAST_DAY, times.moved(after, (core.Step(-1, "day"),)))),
        frame,
        joins=frame.joins if frame.row is None else rows.join_rows(frame, within.table),
        where=(*holds, *where),
        element="follow-up",
    )
    return Column(name, LAST_DAY)
