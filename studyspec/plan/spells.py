"""The steps that make named spells: per entity, the longest stretches of days, so that no two overlap or touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from studyspec.plan import rows, times
from studyspec.plan.build import Builder
from studyspec.plan.draft import Draft
from studyspec.plan.frame import Frame, is_unit_years
from studyspec.plan.nodes import Aggregate, Call, Column, Constant, Join, Output, Running, Scalar, Step
from studyspec.plan.words import titled
from studyspec.semantics import core
from studyspec.semantics.walk import walk

EARLIER_END, LATEST_END = "earlier_end", "latest_end"
GAP_START, GAP_END = "gap_start", "gap_end"
_STRETCHES = "The longest stretches: each begins where none before reaches, and ends with the last before the next"


@dataclass(frozen=True)
class Stretches:
    """A step with one row per stretch of days.  units: its columns that say whose; start; end, the first day after."""

    step: str
    units: tuple[str, ...]
    start: str = "start"
    end: str = "end"

    def column(self, name: str) -> Column:
        return Column(self.step, name)

    @property
    def partition(self) -> tuple[Column, ...]:
        return tuple(map(self.column, self.units))

    @property
    def first(self) -> Column:
        return self.column(self.start)

    @property
    def after(self) -> Column:
        return self.column(self.end)

    def outputs(self) -> tuple[Output, ...]:
        return tuple(Output(name, self.column(name)) for name in (*self.units, self.start, self.end))


def add_spells(draft: Draft) -> None:
    """Add the steps of every set of named spells, and let the steps to come read it like a table."""
    for one in draft.study.spells:
        table = draft.study.model.tables[one.name]
        entity = draft.study.model.entities[table.entity]
        key = draft.study.model.tables[entity.attributes].key
        whose = core.Cohort(
            name=one.name,
            labels=one.labels,
            entity=table.entity,
            table=entity.attributes,
            key=key,
            index=core.IndexNone(),
            criteria=(),
        )
        build = Builder(draft, whose)
        build.section = f"Spells {titled(one.name, build.at(one))}"
        form = Stretches("", (table.key,), table.start or "start", table.end or "end")
        made = _Spells(build, form).whole(one.value, build.take(one.name, f"{one.name}_spells"))
        draft.spells[one.name] = made.step


def stretches_of_rows(build: Builder, frame: Frame, spells: core.SpellRows, name: str) -> Stretches:
    """Add the steps with the days that rows hold for each unit of a frame, as stretches."""
    made = _Spells(build, Stretches("", frame.names))
    return made.joined(made.rows(frame, spells, f"{name}_rows", ends=True), 0, build.take(name))


class _Spells:
    """The steps of one set of spells.  form: what the columns of its last step are called."""

    def __init__(self, build: Builder, form: Stretches) -> None:
        self._build = build
        self._form = form

    def whole(self, expr: core.SpellExpr, name: str) -> Stretches:
        """The steps of an expression; the last one has the name given, and stretches that do not touch."""
        match expr:
            case core.SpellLogic(op="and"):
                return self._all_of([self._part(one, name) for one in expr.operands], name)
            case core.SpellLogic(op="except"):
                others = core.SpellLogic(op="or", operands=expr.operands[1:])
                return self._without(self._part(expr.operands[0], name), self._part(others, name), name)
            case core.Merged():
                return self._joined(expr.operand, expr.days, name)
            case _:
                return self._joined(expr, 0, name)

    def _part(self, expr: core.SpellExpr, name: str) -> Stretches:
        """Stretches that are part of others: under a name of their own, unless they are another set's."""
        while isinstance(expr, core.SpellLogic) and len(expr.operands) == 1:
            expr = expr.operands[0]
        if not isinstance(expr, core.SpellRows):
            return self.whole(expr, self._build.take(f"{name}_part"))
        if expr.condition is None and expr.table in self._build.draft.spells:
            table = self._build.study.model.tables[expr.table]
            step = self._build.draft.spells[expr.table]
            return Stretches(step, (table.key,), table.start or "start", table.end or "end")
        return self.whole(expr, self._build.take(f"{name}_{expr.table}"))

    # --- any of several ---

    def _joined(self, expr: core.SpellExpr, gap: int, name: str) -> Stretches:
        """Stretches of any of the operands, gaps of so many days or fewer filled."""
        every = list(_any_of(expr))
        if len(every) == 1 and isinstance(every[0], core.SpellRows):
            return self.joined(self._of_rows(every[0], f"{name}_rows", ends=True), gap, name)
        parts = [
            self._of_rows(one, f"{name}_{one.table}", ends=False)
            if isinstance(one, core.SpellRows)
            else self._part(one, name)
            for one in every
        ]
        stacked = self._named(self._build.take(f"{name}_parts"))
        first, *more = (
            Step("", "step", "", (), tuple(self._renamed(part)), part.step) for part in dict.fromkeys(parts)
        )
        self._add(replace(first, name=stacked.step, more=tuple(more)), "Such days, of each kind")
        ends = self._named(self._build.take(f"{name}_ends"))
        columns = (*stacked.outputs(), *_ends(stacked.partition, stacked.first, stacked.after))
        note = "Each with the last end of those that start before it, and of all"
        self._add(Step(ends.step, "step", "", (), columns, stacked.step), note)
        return self.joined(ends, gap, name)

    def joined(self, made: Stretches, gap: int, name: str) -> Stretches:
        """Stretches of what may overlap or touch, from a step with the columns of `_ends`."""
        earlier, start = made.column(EARLIER_END), made.first
        reached = times.moved(earlier, (core.Step(gap, "day"),)) if gap else earlier
        end = Call("coalesce", (Running("next", earlier, made.partition, (start,)), made.column(LATEST_END)))
        whole = self._named(name)
        columns = (*made.outputs()[:-1], Output(whole.end, end))
        where = (Call("or", (Call("is null", (earlier,)), times.compare("<", reached, start))),)
        notes = [_STRETCHES] + ([f"Gaps of {gap} days or fewer are filled"] if gap else [])
        self._add(Step(name, "step", "", (), columns, made.step, where=where), *notes, last=True)
        return whole

    def _of_rows(self, spells: core.SpellRows, name: str, *, ends: bool) -> Stretches:
        """The days that each row holds, of everyone."""
        build = self._build
        table = build.table(build.cohort.table)
        parts = [] if spells.condition is None else list(walk(spells.condition))
        if spells.condition is not None and any(isinstance(one, core.Ref) or is_unit_years(one) for one in parts):
            listed = build.take(f"{build.cohort.name}_{build.cohort.entity}")
            who = Frame(build, table, own_key=build.cohort.key)
            build.add(listed, [f"{build.cohort.name}: every {build.cohort.entity}"], who.units(), who)
            note = "What the study defines and the spells read, for everyone"
            build.prepare([spells.condition], listed, f"{build.cohort.name}_definitions", note)
        return self.rows(Frame(build, table, own_key=build.cohort.key), spells, name, ends=ends)

    def rows(self, frame: Frame, spells: core.SpellRows, name: str, *, ends: bool) -> Stretches:
        """The days that each row holds.  frame: of whom.  ends: with the columns of `_ends`."""
        build = self._build
        frame.row = (spells.table, build.table(spells.table))
        start, end = frame.row_day(), frame.row_end()
        where = (times.compare("<", start, end), *rows.conditions(frame, spells.condition))
        made = self._named(build.take(name))
        columns = (
            *(Output(called, column) for called, column in zip(self._form.units, frame.unit, strict=True)),
            Output(made.start, start),
            Output(made.end, end),
            *(_ends(frame.unit, start, end) if ends else ()),
        )
        note = f"Such rows in {spells.table}"
        note += ", each with the last end of those that start before it, and of all" if ends else ""
        joins = rows.join_rows(frame, spells.table)
        self._add(Step(made.step, "step", "", (), columns, frame.base, tuple(joins.values()), where), note)
        return made

    # --- all of several, and one without others ---

    def _all_of(self, parts: list[Stretches], name: str) -> Stretches:
        """The days that all of them hold: from the last start to the first end of those that share a day."""
        first, *others = dict.fromkeys(parts)
        if not others:
            return self._again(first, name)
        start = Call("greatest", tuple(one.first for one in (first, *others)))
        end = Call("least", tuple(one.after for one in (first, *others)))
        whole = self._named(name)
        joins = tuple(Join(one.step, _same(one, first)) for one in others)
        columns = self._of(first, whole, start, end)
        where = (times.compare("<", start, end),)
        self._add(
            Step(name, "step", "", (), columns, first.step, joins, where), "The days that all of them hold", last=True
        )
        return whole

    def _without(self, first: Stretches, others: Stretches, name: str) -> Stretches:
        """The days between the others' stretches, before the first of them and after the last."""
        gaps = self._named(self._build.take(f"{name}_gaps"))
        who = tuple(Output(called, one) for called, one in zip(gaps.units, others.partition, strict=True))
        before = Running("max", others.after, others.partition, (others.first,))
        last = Output(GAP_START, Aggregate("max", others.after))
        after = Step(
            *("", "step", "", ()),
            columns=(*who, last, Output(GAP_END, Constant(None))),
            table=others.step,
            group=others.partition,
        )
        columns = (*who, Output(GAP_START, before), Output(GAP_END, others.first))
        note = f"The days before, between and after the stretches of {others.step}; null where they have no end"
        self._add(Step(gaps.step, "step", "", (), columns, others.step, more=(after,)), note)
        start = Call("greatest", (first.first, gaps.column(GAP_START)))
        end = Call("least", (first.after, gaps.column(GAP_END)))
        whole = self._named(name)
        columns = self._of(first, whole, start, end)
        joins = (Join(gaps.step, _same(gaps, first), optional=True),)
        where = (times.compare("<", start, end),)
        note = f"The days of {first.step} that are not of {others.step}"
        self._add(Step(name, "step", "", (), columns, first.step, joins, where), note, last=True)
        return whole

    def _again(self, made: Stretches, name: str) -> Stretches:
        """The same stretches under another name."""
        whole = self._named(name)
        self._add(Step(name, "step", "", (), tuple(self._renamed(made)), made.step), "The same days", last=True)
        return whole

    # --- shared ---

    def _named(self, step: str) -> Stretches:
        return replace(self._form, step=step)

    def _of(self, made: Stretches, whole: Stretches, start: Scalar, end: Scalar) -> tuple[Output, ...]:
        who = tuple(Output(called, one) for called, one in zip(whole.units, made.partition, strict=True))
        return (*who, Output(whole.start, start), Output(whole.end, end))

    def _renamed(self, made: Stretches) -> Iterator[Output]:
        yield from self._of(made, self._form, made.first, made.after)

    def _add(self, step: Step, *notes: str, last: bool = False) -> None:
        """Add a step.  last: the one that makes the element at work."""
        build = self._build
        element, label = build.element
        notes = (titled(element, label), *notes)
        elements = (element,) if last else ()
        build.steps.append(replace(step, section=build.section, notes=notes, elements=elements))


def _any_of(expr: core.SpellExpr) -> Iterator[core.SpellExpr]:
    """What an expression is any of, in order."""
    waiting = [expr]
    while waiting:
        one = waiting.pop()
        if isinstance(one, core.SpellLogic) and (one.op == "or" or len(one.operands) == 1):
            waiting.extend(reversed(one.operands))
        else:
            yield one


def _ends(partition: tuple[Scalar, ...], start: Scalar, end: Scalar) -> Iterable[Output]:
    """How far those reach that start before, and all together."""
    return (
        Output(EARLIER_END, Running("max", end, partition, (start,))),
        Output(LATEST_END, Running("max", end, partition)),
    )


def _same(one: Stretches, other: Stretches) -> tuple[Scalar, ...]:
    pairs = zip(one.partition, other.partition, strict=True)
    return tuple(Call("=", pair) for pair in pairs)
