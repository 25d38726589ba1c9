"""What each element of a study means, in sentences."""

from __future__ import annotations

from typing import assert_never

from studyspec.catalogue.types import CodeList, Column, Coverage, Table
from studyspec.review.readback import Reader, inside
from studyspec.semantics import core
from studyspec.semantics.core import ColumnRef


def definition(reader: Reader, one: core.Definition) -> tuple[str, ...]:
    if one.value.facts.type.kind == "boolean":
        return (reader.words("means.condition", condition=reader.condition(one.value)),)
    return (capital(reader.words("means.definition", value=reader.value(one.value))),)


def parameter(reader: Reader, one: core.Parameter) -> tuple[str, ...]:
    return (reader.words("means.parameter", value=reader.value(one.value), name=f"`{one.name}`"),)


def spells(reader: Reader, one: core.SpellSet) -> tuple[str, ...]:
    return (reader.words("means.spells", entity=reader.entity, days=reader.spells(one.value)),)


def cohort(reader: Reader, one: core.Cohort) -> tuple[str, ...]:
    words, criteria = reader.words, _quoted(reader, [c.name for c in one.criteria])
    clock = not isinstance(one.index, core.IndexNone)
    if one.criteria:
        said = [words("means.cohort" if clock else "means.cohort.all", entity=reader.entity, criteria=criteria)]
    else:
        said = [words("means.cohort.bare" if clock else "means.cohort.everyone", entity=reader.entity)]
    said += index(reader, one)
    if one.repeated:
        said.append(words("means.repeated", entity=reader.entity))
    if one.cluster is not None:
        said.append(words("means.cluster", column=reader.column(ColumnRef(one.table, one.cluster))))
    return tuple(said)


def index(reader: Reader, cohort: core.Cohort) -> tuple[str, ...]:
    words, entity, one = reader.words, reader.entity, cohort.index
    match one:
        case core.IndexEvent():
            said = [words("means.index", event=reader.event(one.event, one.pick), entity=entity)]
            said += [words("means.claim", name=claim.name) for claim in cohort.criteria if claim.claimed]
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
            again = words("means.index.again" if one.replacement else "means.index.once")
            on = words.listed([reader.value(e) for e in one.on])
            same = words("means.index.same", on=on) if on else ""
            said = [words("means.index.assigned", cohort=f"`{one.cohort}`", ratio=one.ratio, same=same, entity=entity)]
            return (*said, *(_near(reader, near) for near in one.near), again)
        case core.IndexNone():
            return (words("means.index.none", entity=entity),)
        case _:
            assert_never(one)


def _near(reader: Reader, one: core.Near) -> str:
    """How far what is matched on may be from the case's."""
    type_ = one.value.facts.type
    distance = f"{one.distance} {type_.unit or ''}".rstrip()
    if type_.kind == "date":
        distance = reader.words.counted(int(one.distance), "day")
    return reader.words("means.index.near", distance=distance, value=reader.value(one.value))


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


def state(reader: Reader, one: core.State) -> tuple[str, ...]:
    said = [reader.words("means.state", levels=_quoted(reader, [x.name for x in one.levels]))]
    if one.can_be_unknown:
        said.append(reader.words("means.exposure.unknown", entity=reader.entity))
    if not one.complete:
        said.append(reader.words("means.exposure.none"))
    return tuple(said)


def level(reader: Reader, one: core.Level, varying: bool) -> tuple[str, ...]:
    """varying: of an exposure that is on from day to day."""
    words, entity = reader.words, reader.entity
    if one.since is not None:
        return words("means.level.since", entity=entity, event=reader.event(one.since)), *_dated(reader, one.since)
    if one.during is not None:
        return (words("means.level.during", entity=entity, days=reader.spells(one.during)),)
    if one.condition is None:
        return (words("means.level.rest" if varying else "means.otherwise", entity=entity),)
    return (words("means.level", entity=entity, condition=reader.condition(one.condition)),)


def follow_up(reader: Reader, one: core.FollowUp) -> tuple[str, ...]:
    words, start = reader.words, reader.time(one.start)
    ends = [reader.time(e) for e in one.ends]
    key = "means.follow-up.one" if len(ends) == 1 else "means.follow-up"
    said = [words(key, start=start, end=ends[0], ends="; ".join(ends)), words("means.never")]
    if one.entry is not None:
        said.append(words("means.entry", day=reader.time(one.entry), entity=reader.entity))
    if one.within is not None:
        said.append(words("means.while", days=reader.spells(one.within), entity=reader.entity))
    return tuple(said)


def recorded(reader: Reader, one: core.RecordedFollowUp) -> tuple[str, ...]:
    words, columns = reader.words, [c for c in (one.start, one.end) if c is not None]
    said = [words("means.recorded", columns=words.listed([reader.column(c) for c in columns]), table=one.table)]
    if one.clock is not None:
        said.append(words("means.clock", unit=words(f"{one.clock}.s")))
    else:
        said.append(words("means.dates"))
    if one.censored is not None:
        said.append(words("means.censored", condition=reader.condition(one.censored), entity=reader.entity))
    return tuple(said)


def outcome(reader: Reader, one: core.Outcome) -> tuple[str, ...]:
    words = reader.words
    said: list[str] = []
    if one.recorded is not None:
        said.append(words("means.outcome.recorded", condition=reader.condition(one.recorded)))
    elif one.event is not None:
        event = reader.event(one.event, "all" if one.recurring else None)
        said += [words("means.outcome", event=event), *_dated(reader, one.event)]
    elif one.role is not None:
        said.append(words("means.outcome.role", role=reader.role_day(one.role)))
    if one.recorded is None:
        said += _at_risk(reader, one)
    if one.competing:
        said.append(words("means.competing", names=_quoted(reader, [c.name for c in one.competing])))
    if one.recorded is None and one.end_of_data is not None:
        said.append(words("means.end_of_data", date=one.end_of_data))
    return tuple(said)


def _at_risk(reader: Reader, one: core.Outcome) -> list[str]:
    """Which events count, and who is not at risk of them."""
    words, follow_up = reader.words, reader.study.follow_up
    said = [words("means.window")]
    if one.recurring:
        return [*said, words("means.recurring"), *([words("means.zero.keep")] if one.time_zero == "keep" else [])]
    late = isinstance(follow_up, core.FollowUp) and follow_up.entry is not None
    start = words("means.prior.entry" if late else "means.prior.start")
    key = "means.prior" if reader.indexed else "means.prior.ever"
    return [*said, words(key, start=start), words(f"means.zero.{one.time_zero}")]


def report(reader: Reader, one: core.Report) -> tuple[str, ...]:
    words = reader.words
    about = [words("means.about", cohort=one.cohort)] if len(reader.study.cohorts) > 1 and one.cohort else []
    if isinstance(one, core.AttritionReport):
        return (words("means.attrition"), *about)
    by = words("by.one", name=f"`{one.by}`") if one.by is not None else words("by.none")
    match one:
        case core.BaselineReport():
            said = [words("means.baseline", by=by, names=_quoted(reader, [v.name for v in one.of]))] if one.of else []
            if one.numbers:
                said.append(words("means.distribution", by=by, names=_quoted(reader, [q.name for q in one.numbers])))
            return (*said, *about)
        case core.DistributionReport():
            return (words("means.distribution", by=by, names=_quoted(reader, [q.name for q in one.of])), *about)
        case core.TrendReport():
            return (_trend(reader, one, by), *about)
        case core.RiskReport() | core.EventsReport() | core.StateReport():
            times = words.listed([words.counted(t.amount, t.unit) for t in one.times])
            said = [words(f"means.{_KINDS[type(one)]}", by=by, times=times, names=_quoted(reader, one.of))]
            if isinstance(one, core.StateReport):
                said.append(words("means.not_followed"))
            return (*said, *about)
        case _:
            assert_never(one)


def _trend(reader: Reader, one: core.TrendReport, by: str) -> str:
    words, unit = reader.words, reader.words(f"period.{one.unit}")
    if not one.periods:
        return words("means.trend.none", unit=unit)
    first, last = one.periods[0].key, one.periods[-1].key
    names = _quoted(reader, [v.name for v in one.of])
    return words("means.trend", by=by, unit=unit, first=first, last=last, names=names)


def role(reader: Reader, one: core.Role) -> tuple[str, ...]:
    rows = reader.rows(one.table, one.match, None, one.condition)
    return (reader.words("means.role", rows=rows),)


def column(reader: Reader, table: Table, one: Column) -> tuple[str, ...]:
    words, attribute = reader.words, table.shape == "attributes"
    entity = reader.entity_called(table.entity)
    said = [words("means.attribute" if attribute else "means.column", table=table.name, entity=entity)]
    if one.as_of:
        said.append(words("means.last_known"))
    return tuple(said)


def table(reader: Reader, one: Table, coverage: Coverage) -> tuple[str, ...]:
    words = reader.words
    own = any(spells.name == one.name for spells in reader.study.spells)
    key = "own" if own else one.shape
    said = [
        words(
            f"means.table.{key}", entity=reader.entity_called(one.entity), date=one.date, start=one.start, end=one.end
        )
    ]
    if coverage.start is not None or coverage.end is not None:
        none = words("coverage.open")
        said.append(words("means.coverage", start=coverage.start or none, end=coverage.end or none))
    return tuple(said)


def derived(reader: Reader, entity: str, label: str) -> tuple[str, ...]:
    return (reader.words("means.derived", entity=reader.entity_called(entity), column=inside(label)),)


def codelist(reader: Reader, one: CodeList) -> tuple[str, ...]:
    words = reader.words
    codes = reader.codes(one.codes, one.of or one.name, "and")
    said = [words("means.codelist", n=len(one.codes), codes=codes)]
    if one.of is not None:
        said.append(words("means.codelist.of", list=one.of))
    return (*said, words("means.codelist.source", version=one.version, source=one.source))


_KINDS = {core.RiskReport: "risk", core.EventsReport: "events", core.StateReport: "states"}


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
