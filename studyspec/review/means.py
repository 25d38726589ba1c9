"""What each element of a study means, in sentences."""

from __future__ import annotations

from typing import assert_never

from studyspec.catalogue.types import Column, Coverage, Table
from studyspec.review.readback import Reader, inside
from studyspec.semantics import core


def definition(reader: Reader, one: core.Definition) -> tuple[str, ...]:
    if one.value.facts.type.kind == "boolean":
        return (reader.words("means.condition", condition=reader.condition(one.value)),)
    return (capital(reader.words("means.definition", value=reader.value(one.value))),)


def parameter(reader: Reader, one: core.Parameter) -> tuple[str, ...]:
    return (reader.words("means.parameter", value=reader.value(one.value), name=f"`{one.name}`"),)


def cohort(reader: Reader, one: core.Cohort) -> tuple[str, ...]:
    if not one.criteria:
        return (reader.words("means.cohort.bare", entity=reader.entity),)
    return (
        reader.words("means.cohort", entity=reader.entity, criteria=_quoted(reader, [c.name for c in one.criteria])),
    )


def index(reader: Reader, one: core.Index) -> tuple[str, ...]:
    words, entity = reader.words, reader.entity
    match one:
        case core.EventQuery():
            return (words("means.index", event=reader.event(one), entity=entity), *_dated(reader, one))
        case core.IndexEvent():
            rows = reader.rows(one.event.table, one.event.match, one.event.window, one.event.condition)
            said = [words("means.index", event=words(f"event.{one.pick}", rows=rows), entity=entity)]
            if one.washout is not None:
                said.append(words("means.washout", length=words.counted(one.washout.amount, one.washout.unit)))
            return (*said, *_dated(reader, one.event))
        case core.IndexDay():
            return (words("means.index.day", day=reader.time(one.day), entity=entity),)
        case core.IndexPeriods():
            unit = words(f"period.{one.unit}")
            return (words("means.index.periods", unit=unit, window=reader.window(one.window), entity=entity),)
        case core.IndexUnits():
            return (words(f"means.index.{one.op or 'from'}", cohorts=_quoted(reader, one.cohorts)),)
        case core.IndexAssigned():
            on = words.listed([reader.value(e) for e in one.on])
            again = words("means.index.again" if one.replacement else "means.index.once")
            said = [words("means.index.assigned", cohort=f"`{one.cohort}`", ratio=one.ratio, on=on, entity=entity)]
            return (*said, again)
        case core.IndexNone():
            return (words("means.index.none", entity=entity),)
        case _:
            assert_never(one)


def criterion(reader: Reader, one: core.Criterion) -> tuple[str, ...]:
    said = [reader.words(f"means.{one.kind}", condition=reader.condition(one.condition))]
    if one.condition.facts.nullable:
        said.append(reader.words("means.unknown_leaves", entity=reader.entity, name=one.name))
    return tuple(said)


def exposure(reader: Reader, one: core.Exposure) -> tuple[str, ...]:
    words, levels = reader.words, _quoted(reader, [x.name for x in one.levels])
    if one.window is None:
        said = [words("means.exposure.varying", levels=levels), words(f"means.switch.{one.switch_day}")]
    else:
        said = [words("means.exposure", window=reader.window(one.window), levels=levels)]
    if one.can_be_unknown:
        said.append(words("means.exposure.unknown", entity=reader.entity))
    if not one.complete:
        said.append(words("means.exposure.none"))
    return tuple(said)


def level(reader: Reader, one: core.Level) -> tuple[str, ...]:
    if one.condition is None:
        return (reader.words("means.otherwise", entity=reader.entity),)
    return (reader.words("means.level", entity=reader.entity, condition=reader.condition(one.condition)),)


def follow_up(reader: Reader, one: core.FollowUp) -> tuple[str, ...]:
    words, start = reader.words, reader.time(one.start)
    ends = [reader.time(e) for e in one.ends]
    if len(ends) == 1:
        return words("means.follow-up.one", start=start, end=ends[0]), words("means.never")
    return words("means.follow-up", start=start, ends="; ".join(ends)), words("means.never")


def recorded(reader: Reader, one: core.RecordedFollowUp) -> tuple[str, ...]:
    words, columns = reader.words, [c for c in (one.start, one.end) if c is not None]
    said = [words("means.recorded", columns=words.listed([str(c) for c in columns]), table=one.table)]
    if one.clock is not None:
        said.append(words("means.clock", unit=words(f"{one.clock}.s")))
    return tuple(said)


def outcome(reader: Reader, one: core.Outcome) -> tuple[str, ...]:
    words = reader.words
    said: list[str] = []
    if one.event is not None:
        said += [words("means.outcome", event=reader.event(one.event)), *_dated(reader, one.event)]
    elif one.role is not None:
        said.append(words("means.outcome.role", role=words("time.role", role=reader.role(one.role))))
    said += [words("means.window"), words("means.prior"), words(f"means.zero.{one.time_zero}")]
    if one.competing:
        said.append(words("means.competing", names=_quoted(reader, [c.name for c in one.competing])))
    return tuple(said)


def report(reader: Reader, one: core.Report) -> tuple[str, ...]:
    words = reader.words
    if isinstance(one, core.AttritionReport):
        return (words("means.attrition"),)
    by = words("by.one", name=f"`{one.by}`") if one.by is not None else words("by.none")
    if isinstance(one, core.BaselineReport):
        return (words("means.baseline", by=by, names=_quoted(reader, [v.name for v in one.of])),)
    kind = _KINDS[type(one).__name__]
    times = words.listed([words.counted(t.amount, t.unit) for t in one.times])
    return (words(f"means.{kind}", by=by, times=times, names=_quoted(reader, one.of)),)


def role(reader: Reader, one: core.Role) -> tuple[str, ...]:
    rows = reader.rows(one.table, one.match, None, one.condition)
    return (reader.words("means.role", rows=rows),)


def column(reader: Reader, table: Table, one: Column, attribute: bool) -> tuple[str, ...]:
    words = reader.words
    said = [words("means.attribute" if attribute else "means.column", table=table.name, entity=reader.entity)]
    if one.as_of:
        said.append(words("means.last_known"))
    return tuple(said)


def table(reader: Reader, one: Table, coverage: Coverage) -> tuple[str, ...]:
    words = reader.words
    entity = words.text(reader.model.entities[one.entity].labels, one.entity)
    said = [words(f"means.table.{one.shape}", entity=entity, date=one.date, start=one.start, end=one.end)]
    if coverage.start is not None or coverage.end is not None:
        none = words("coverage.open")
        said.append(words("means.coverage", start=coverage.start or none, end=coverage.end or none))
    return tuple(said)


def derived(reader: Reader, label: str) -> tuple[str, ...]:
    return (reader.words("means.derived", entity=reader.entity, column=inside(label)),)


_KINDS = {"RiskReport": "risk", "EventsReport": "events", "StateReport": "states"}


def _dated(reader: Reader, event: core.EventQuery) -> tuple[str, ...]:
    """The day an event counts as known, where it is another one than that of its row."""
    if not event.dated.steps and event.dated.base == "row":
        return ()
    return (reader.words("means.dated", day=reader.time(event.dated)),)


def _quoted(reader: Reader, names: list[str] | tuple[str, ...]) -> str:
    return reader.words.listed([f"`{n}`" for n in names])


def capital(text: str) -> str:
    """A sentence begins with a capital."""
    return text[:1].upper() + text[1:]
