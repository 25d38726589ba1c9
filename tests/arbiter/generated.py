"""Studies made by Hypothesis: every construct of the resolved core, over a small model, on awkward rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, get_args

from hypothesis import strategies as st

from studyspec.catalogue.types import Coverage, Model, ValueType
from studyspec.semantics import core
from studyspec.semantics.core import Category, ColumnRef, Facts, Grain, Step, Time, Window
from tests.arbiter.awkward_rows import (
    CODES,
    DATE,
    DAYS,
    PERSON,
    TYPES,
    VALUES,
    Draw,
    Rows,
    days,
    model,
    tables,
    type_of,
)

# --- expressions -----------------------------------------------------------------------------------------------------


def facts(kind: str = "boolean", nullable: bool = False) -> Facts:
    return Facts(type_of(kind), nullable, Grain("unit"))


def _any_null(*parts: core.Expr) -> Facts:
    return facts("boolean", any(part.facts.nullable for part in parts))


@dataclass(frozen=True)
class Around:
    """What an expression may speak of: the bases of times, the definitions so far, the table whose row is at hand."""

    bases: tuple[str, ...]
    refs: tuple[core.Definition, ...] = ()
    table: str | None = None
    depth: int = 2

    def deeper(self, table: str | None = None) -> Around:
        return Around(self.bases, self.refs, table or self.table, self.depth - 1)


@st.composite
def moves(draw: Draw) -> tuple[Step, ...]:
    """Months once and first, then days."""
    found = []
    if draw(st.booleans()):
        found.append(Step(draw(st.sampled_from([-12, -2, -1, 0, 1, 2, 13])), "month"))
    elif draw(st.integers(0, 3)) == 0:
        found.append(Step(draw(st.sampled_from([-19, -1, 1, 2])), "year"))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["day", "day", "week"]))
        found.append(Step(draw(st.sampled_from([-30, -1, 0, 1, 2, 30])), unit))
    return tuple(found)


@st.composite
def times(draw: Draw, bases: tuple[str, ...]) -> Time:
    base = draw(st.sampled_from(bases))
    steps = draw(moves())
    if base.startswith("role "):
        return Time(facts=facts("date", True), base="role", role=base[5:], steps=steps)
    if base == "calendar":
        return Time(facts=facts("date"), base=base, date=draw(days), steps=steps)
    used = tuple(draw(st.lists(st.sampled_from(["visit", "stay"]), min_size=1, unique=True)))
    nullable = base in ("row", "row.end", "data.start", "data.end", "exit")
    return Time(facts=facts("date", nullable), base=base, steps=steps, tables=used if "data" in base else ())


@st.composite
def windows(draw: Draw, bases: tuple[str, ...]) -> Window:
    low = draw(st.one_of(times(bases), times(bases), st.none()))
    high = draw(st.one_of(times(bases), times(bases), st.none()))
    return Window(low, high, draw(st.booleans()), draw(st.booleans()))


@st.composite
def wide_windows(draw: Draw) -> Window:
    low = Time(facts=facts("date"), base="calendar", date=draw(st.sampled_from(DAYS[:8])))
    high = Time(facts=facts("date"), base="calendar", date=draw(st.sampled_from(DAYS[16:])))
    return Window(low, high, draw(st.booleans()), draw(st.booleans()))


#: Kinds of value that a definition may have and that can be known or not.
KINDS = ("integer", "decimal", "date", "boolean", "kind", "sex", "text")
Match = Literal["dated", "starting", "ending", "overlapping", "covering"]


@st.composite
def selections(draw: Draw, around: Around, table: str) -> tuple[Match, Window, core.Expr | None]:
    """Rows of a table: taken by a window in one way, kept by a condition."""
    match: Match = "dated"
    if table == "stay":
        match = draw(st.sampled_from(["starting", "ending", "overlapping", "overlapping", "covering"]))
    if match == "covering":
        at = draw(times(around.bases))
        window = Window(at, at, True, True)
    else:
        window = draw(windows(around.bases))
    return match, window, draw(st.one_of(st.none(), conditions(around.deeper(table))))


@st.composite
def queries(draw: Draw, around: Around, quantifiers: tuple[str, ...]) -> core.RowQuery:
    quantifier = draw(st.sampled_from(quantifiers))
    table = draw(st.sampled_from(["visit", "stay", "stay"]))
    match, window, condition = draw(selections(around, table))
    return core.RowQuery(
        facts=facts("boolean" if quantifier in ("any", "no") else "integer"),
        quantifier=quantifier,
        table=table,
        match=match,
        window=window,
        condition=condition,
    )


def _made_of(pick: str, kind: str) -> str | None:
    """The kind of value that a pick makes of a column; None for those without order, or that cannot be added up."""
    if pick == "distinct":
        return "integer"
    if pick == "sum" and kind not in ("integer", "decimal"):
        return None
    return None if pick in ("smallest", "largest") and kind not in ("integer", "decimal", "date") else kind


Pick = Literal["first", "last", "smallest", "largest", "sum", "distinct"]
PICKS: list[tuple[Pick, ColumnRef, str | None]] = [
    (pick, ColumnRef(table, name), _made_of(pick, kind.rstrip("?")))
    for table in ("visit", "stay")
    for name, kind in TYPES[table].items()
    for pick in get_args(Pick)
]


@st.composite
def picks(draw: Draw, around: Around, kinds: tuple[str, ...]) -> core.RowValue:
    """A value of one of several kinds, made of a column of rows."""
    pick, column, kind = draw(st.sampled_from([one for one in PICKS if one[2] in kinds]))
    match, window, condition = draw(selections(around, column.table))
    return core.RowValue(
        facts=facts(kind or "", pick not in ("sum", "distinct")),
        pick=pick,
        column=column,
        table=column.table,
        match=match,
        window=window,
        condition=condition,
    )


def literal(kind: str, value: Any) -> core.Literal_:
    return core.Literal_(facts=facts(kind), value=value)


@st.composite
def columns(draw: Draw, around: Around, kinds: tuple[str, ...]) -> core.Expr:
    """A column of the row at hand or of the entity, of one of several kinds."""
    found = [(None, name, kind) for name, kind in PERSON.items() if kind.rstrip("?") in kinds]
    if around.table is not None:
        found += [(around.table, n, k) for n, k in TYPES[around.table].items() if k.rstrip("?") in kinds] * 2
    table, name, kind = draw(st.sampled_from(found))
    of = facts(kind.rstrip("?"), kind.endswith("?"))
    if table is None:
        return core.Attribute(facts=of, column=ColumnRef("person", name))
    return core.RowColumn(facts=of, column=ColumnRef(table, name))


@st.composite
def values(draw: Draw, around: Around, kinds: tuple[str, ...]) -> core.Expr:
    """A column, a value made of rows, or a definition, of one of several kinds; also a time where dates are meant."""
    refs = [one for one in around.refs if _kind(one.value) in kinds]
    choices = ["column", "column"] + (["ref"] if refs else []) + (["time"] if "date" in kinds else [])
    picked = around.table is None and around.depth > 0 and any(one[2] in kinds for one in PICKS)
    choices += ["pick", "pick"] if picked else []
    match draw(st.sampled_from(choices)):
        case "pick":
            return draw(picks(around, kinds))
        case "ref":
            one = draw(st.sampled_from(refs))
            return core.Ref(facts=one.value.facts, name=one.name)
        case "time":
            return draw(dates(around))
        case _:
            return draw(columns(around, kinds))


@st.composite
def dates(draw: Draw, around: Around) -> core.TimeValue:
    at = draw(times(_bases(around)))
    return core.TimeValue(facts=at.facts, time=at)


def _bases(around: Around) -> tuple[str, ...]:
    """What a time may start from, the row at hand included."""
    return around.bases + (("row",) if around.table else ()) + (("row.end",) if around.table == "stay" else ())


def _kind(expr: core.Expr) -> str:
    return expr.facts.type.list or expr.facts.type.kind


@st.composite
def sums(draw: Draw, around: Around) -> core.Arithmetic:
    """Whole numbers added up, or one times a small one, so that chains of definitions stay small as well."""
    op = draw(st.sampled_from(["+", "-", "*"]))
    left = draw(counts(around.deeper()))
    right = literal("integer", draw(st.integers(-3, 4)))
    if op != "*" and draw(st.booleans()):
        right = draw(counts(around.deeper()))
    if draw(st.booleans()):
        left, right = right, left
    either = left.facts.nullable or right.facts.nullable
    return core.Arithmetic(facts=facts("integer", either), op=op, left=left, right=right)


@st.composite
def counts(draw: Draw, around: Around) -> core.Expr:
    """A whole number."""
    choices = ["column", "years"] + (["sum"] if around.depth > 0 else [])
    if around.table == "stay":
        choices += ["duration", "duration"]
    if around.table is None and around.depth > 0:
        choices += ["query", "query", "pick"]
    refs = [one for one in around.refs if one.value.facts.type.kind == "integer"]
    choices += ["ref"] if refs else []
    match draw(st.sampled_from(choices)):
        case "column":
            return draw(columns(around, ("integer",)))
        case "years":
            column = draw(st.sampled_from(["birth_date", "joined"]))
            at = draw(times(_bases(around)))
            nullable = column == "birth_date" or at.facts.nullable
            return core.YearsSince(facts=facts("integer", nullable), column=ColumnRef("person", column), time=at)
        case "duration":
            return core.RowDuration(facts=facts("integer", True), table="stay")
        case "query":
            return draw(queries(around, ("count", "days")))
        case "pick":
            return draw(picks(around, ("integer",)))
        case "sum":
            return draw(sums(around))
        case _:
            one = draw(st.sampled_from(refs))
            return core.Ref(facts=one.value.facts, name=one.name)


@st.composite
def comparisons(draw: Draw, around: Around) -> core.Expr:
    kind = draw(st.sampled_from(["integer", "decimal", "date", "equal", "set", "between", "dates", "boolean"]))
    order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    if kind == "integer":
        left, right = draw(counts(around)), literal("integer", draw(st.integers(-2, 40)))
        if draw(st.integers(0, 4)) == 0:
            right = draw(counts(around))
        return core.Compare(facts=_any_null(left, right), op=draw(order), left=left, right=right)
    if kind in ("decimal", "date"):
        left, right = draw(values(around, (kind,))), literal(kind, draw(VALUES[kind]))
        if draw(st.integers(0, 2)) == 0:
            right = draw(values(around, (kind,)))
        return core.Compare(facts=_any_null(left, right), op=draw(order), left=left, right=right)
    if kind == "dates":
        left, low, high = draw(values(around, ("date",))), draw(dates(around)), draw(values(around, ("date",)))
        return core.Between(facts=_any_null(left, low, high), operand=left, low=low, high=high)
    if kind == "between":
        left = draw(counts(around))
        low, high = (literal("integer", draw(st.integers(-2, 40))) for _ in range(2))
        upper = draw(st.one_of(st.just(high), counts(around)))
        return core.Between(facts=_any_null(left, low, upper), operand=left, low=low, high=upper)
    if kind == "boolean":
        return draw(values(around, ("boolean",)))
    left = draw(values(around, ("kind", "sex", "text")))
    # Bands and groups are compared by name only: DuckDB 2.0 fails to bind some comparisons with a `case` in place.
    refs = [one for one in around.refs if _kind(one.value) == "category"]
    if refs and draw(st.integers(0, 2)) == 0:
        one = draw(st.sampled_from(refs))
        left = core.Ref(facts=one.value.facts, name=one.name)
    of = _kind(left)
    texts = st.sampled_from(left.facts.type.categories) if of == "category" else VALUES[of]
    if kind == "equal":
        right: core.Expr = literal(of, draw(texts))
        if of in ("sex", "text") and draw(st.integers(0, 2)) == 0:
            right = draw(values(around, (of,)))
        elif of == "kind" and around.table is None and around.depth > 0 and draw(st.booleans()):
            right = draw(picks(around, (of,)))
        return core.Compare(facts=_any_null(left, right), op=draw(st.sampled_from(["=", "!="])), left=left, right=right)
    listed = tuple(sorted(draw(st.lists(texts, min_size=1, max_size=4, unique=True))))
    return core.InSet(facts=_any_null(left), operand=left, values=listed, negated=draw(st.booleans()))


@st.composite
def conditions(draw: Draw, around: Around) -> core.Expr:
    """Something true, false, or unknown."""
    choices = ["comparison", "comparison"]
    if around.depth > 0:
        choices += ["not", "logic", "at least", "known"] + (["query", "query", "query"] if around.table is None else [])
    refs = [one for one in around.refs if one.value.facts.type.kind == "boolean"]
    choices += ["ref"] if refs else []
    match draw(st.sampled_from(choices)):
        case "not":
            operand = draw(conditions(around.deeper()))
            return core.Not(facts=_any_null(operand), operand=operand)
        case "logic":
            parts = tuple(draw(st.lists(conditions(around.deeper()), min_size=2, max_size=3)))
            return core.Logic(facts=_any_null(*parts), op=draw(st.sampled_from(["and", "or"])), operands=parts)
        case "at least":
            parts = tuple(draw(st.lists(conditions(around.deeper()), min_size=2, max_size=4)))
            count = draw(st.integers(1, len(parts)))
            return core.AtLeast(facts=_any_null(*parts), count=count, operands=parts)
        case "known":
            operand = draw(st.one_of(values(around, KINDS), conditions(around.deeper()), counts(around.deeper()),
                                     groups(around.deeper()), bands(around.deeper())))  # fmt: skip
            return core.Known(facts=facts(), operand=operand, negated=draw(st.booleans()))
        case "query":
            return draw(queries(around, ("any", "any", "no")))
        case "ref":
            one = draw(st.sampled_from(refs))
            return core.Ref(facts=one.value.facts, name=one.name)
        case _:
            return draw(comparisons(around))


BANDS = (("-5-0", -5, 0), ("1-1", 1, 1), ("2-17", 2, 17), ("20+", 20, None))


@st.composite
def bands(draw: Draw, around: Around) -> core.BandOf:
    keys = tuple(sorted(draw(st.lists(st.sampled_from(BANDS), min_size=1, unique=True)), key=lambda band: band[1]))
    of = ValueType("category", categories=tuple(key for key, _, _ in keys))
    return core.BandOf(facts=Facts(of, True, Grain("unit")), operand=draw(counts(around)), bands=keys)


@st.composite
def groups(draw: Draw, around: Around) -> core.GroupOf:
    """Codes in one to three groups, most of them in none; a group may be called what a code or a category is."""
    operand = draw(values(around, ("kind", "sex")))
    members = draw(st.lists(VALUES[_kind(operand)], min_size=1, unique=True))
    keys = draw(st.lists(st.sampled_from(["low", "high", "a", "other", "o'k"]), min_size=1, max_size=3, unique=True))
    sorted_in = [(key, tuple(sorted(members[n :: len(keys)]))) for n, key in enumerate(keys)]
    found = tuple((key, inside) for key, inside in sorted_in if inside)
    of = ValueType("category", categories=tuple(key for key, _ in found))
    return core.GroupOf(facts=Facts(of, True, Grain("unit")), operand=operand, groups=found)


# --- studies ---------------------------------------------------------------------------------------------------------

#: Words that a careless emitter would trip over.
NAMES = [
    *("d", "order", "visit_2", "index_date", "left_at", "entities", "end", "väli", "group", "start", "person_id"),
    *("margin_of", "day", "exit_date", "entry_date", "select", "x", "y", "z", "w", "q", "attrition", "age", "one"),
]


def _category(key: str) -> Category:
    return Category(key, {"en": key})


@st.composite
def events(draw: Draw, around: Around, window: Window | None) -> core.EventQuery:
    """window: the follow-up's; None draws one of the calendar, for an index."""
    table = draw(st.sampled_from(["visit", "stay"]))
    match = "dated" if table == "visit" else draw(st.sampled_from(["starting", "ending"]))
    own = Time(facts=facts("date"), base="row.end" if match == "ending" else "row")
    own = Time(facts=own.facts, base=own.base, steps=(Step(-1, "day"),) if match == "ending" else ())
    if window is not None and draw(st.booleans()):
        own = draw(times(("row", "row.end") if table == "stay" else ("row",)))
    condition = draw(st.one_of(st.none(), st.none(), conditions(Around(around.bases, around.refs, table, 1))))
    return core.EventQuery(
        table=table,
        match=match,  # type: ignore[arg-type]
        window=window or draw(st.one_of(st.just(Window(None, None)), wide_windows(), windows(("calendar",)))),
        condition=condition,
        dated=own,
        first=draw(st.integers(0, 4)) > 0,
        facts=facts("date"),
    )


@st.composite
def definitions(draw: Draw, names: Iterator[str], around: Around, most: int) -> tuple[core.Definition, ...]:
    found: list[core.Definition] = []
    for _ in range(draw(st.integers(0, most))):
        inner = Around(around.bases, (*around.refs, *found), None, 2)
        value = draw(st.one_of(conditions(inner), counts(inner), bands(inner), groups(inner), picks(inner, KINDS)))
        found.append(core.Definition(name=next(names), labels={"en": "d"}, value=value))
    return tuple(found)


@st.composite
def studies(draw: Draw) -> core.Study:
    names = iter(draw(st.permutations(NAMES)))
    coverages = [
        Coverage(
            *draw(st.sampled_from([(None, None), (DATE(2000, 1, 1), DATE(2020, 12, 31)), (None, DATE(2020, 3, 1))]))
        )
        for _ in range(2)
    ]
    of = model(*coverages)
    calendar = Around(("calendar",), (), None, 2)
    bases = ("index", "index", "calendar", "data.start", "data.end")
    defined = draw(definitions(names, Around(bases), 3))
    around = Around(bases, defined)
    criteria = tuple(
        core.Criterion(name=next(names), labels={"en": "c"}, kind=draw(st.sampled_from(["include", "exclude"])),
                       condition=draw(conditions(around)))
        for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3])))
    )  # fmt: skip
    cohort = core.Cohort(
        name=next(names), labels={"en": "k"}, entity="person", table="person", key="person_id",
        index=taken_from(draw(events(calendar, None))), criteria=criteria,
    )  # fmt: skip
    roles = (
        core.Role(name="death", labels={}, table="death", match="dated", condition=None, facts=facts("date", True)),
        core.Role(name="leaving", labels={}, table="stay", match=draw(st.sampled_from(["starting", "ending"])),
                  condition=draw(st.one_of(st.none(), conditions(Around(("calendar",), (), "stay", 1)))),
                  facts=facts("date", True)),
    )  # fmt: skip
    exposure = draw(st.one_of(st.none(), exposures(names, around)))
    follow_up, outcomes = None, ()
    plain = draw(st.booleans())
    if plain:
        # Everyone with a visit is followed, so that what follow-up is about does come about.
        own = Time(facts=facts("date"), base="row")
        first = core.EventQuery(table="visit", match="dated", window=Window(None, None), condition=None, dated=own,
                                facts=facts("date"))  # fmt: skip
        cohort = replace(cohort, index=taken_from(first), criteria=())
    if plain or draw(st.integers(0, 2)):
        follow_up = draw(follow_ups(plain))
        outcomes = draw(several_outcomes(names, Around((*bases, "entry"), defined), coverages))
    variables = draw(baseline_variables(defined))
    by = exposure.name if exposure is not None and draw(st.integers(0, 3)) else None
    reports: list[core.Report] = [core.AttritionReport(name="attrition_report")]
    if variables:
        reports.append(core.BaselineReport(name="baseline_report", of=variables, by=by))
    if outcomes:
        names_of = tuple(one.name for one in outcomes)
        year = core.RiskTime(amount=1, unit="year", days=365)
        reports.append(core.RiskReport(name="risk_report", of=names_of, by=by, times=(year,)))
    return core.Study(
        name="generated", version="1", language="en", titles={}, purposes={}, model=of, permits=(), codelists={},
        parameters=(), definitions=defined, roles=roles, spells=(), cohorts=(cohort,),
        exposures=() if exposure is None else (exposure,), strata=(), follow_up=follow_up, outcomes=outcomes, states=(),
        reports=tuple(replace(one, cohort=cohort.name) for one in reports), allowed=(),
        coverage={name: one.coverage for name, one in of.tables.items()},
        columns=tuple(ColumnRef(t.name, c) for t in of.tables.values() for c in t.columns), hash="sha256:0",
    )  # fmt: skip


def taken_from(event: core.EventQuery) -> core.IndexEvent:
    return core.IndexEvent(event=event, pick="first" if event.first else "last", washout=None)


@st.composite
def exposures(draw: Draw, names: Iterator[str], around: Around) -> core.Exposure:
    levels = [
        core.Level(name=next(names), labels={"en": "l"}, condition=draw(conditions(around)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        levels.append(core.Level(name=next(names), labels={"en": "l"}, condition=None))
    unknown = any(one.condition is not None and one.condition.facts.nullable for one in levels)
    complete = levels[-1].condition is None
    keys = [one.name for one in levels] + ([] if complete else ["none"]) + (["unknown"] if unknown else [])
    return core.Exposure(
        name=next(names), labels={"en": "e"}, window=Window(None, None), levels=tuple(levels), can_be_unknown=unknown,
        complete=complete, categories=tuple(_category(key) for key in keys),
    )  # fmt: skip


@st.composite
def follow_ups(draw: Draw, plain: bool) -> core.FollowUp:
    ahead = (Step(draw(st.sampled_from([0, 1, 29, 31])), "day"),)
    near = Time(facts=facts("date"), base="index", steps=ahead)
    start = near if plain else draw(st.one_of(st.just(near), times(("index", "index", "calendar", "role death"))))
    far = Time(facts=facts("date"), base="entry", steps=(Step(draw(st.sampled_from([1, 3, 12])), "month"),))
    bases = ("entry", "index", "calendar", "data.end", "role death", "role leaving")
    ends = st.one_of(st.just(far), st.just(far), times(bases))
    return core.FollowUp(start=start, ends=(far,) if plain else tuple(draw(st.lists(ends, min_size=1, max_size=3))))


@st.composite
def several_outcomes(
    draw: Draw, names: Iterator[str], around: Around, coverages: list[Coverage]
) -> tuple[core.Outcome, ...]:
    window = Window(Time(facts=facts("date"), base="entry"), Time(facts=facts("date", True), base="exit"), True, True)
    labels = [next(names) for _ in range(draw(st.integers(1, 2)))]
    found = []
    for name in labels:
        event = draw(st.one_of(st.none(), events(around, window), events(around, window)))
        role = draw(st.sampled_from(["death", "leaving"])) if event is None else None
        rivals = [core.Competing(name=one, kind="role") for one in ("death", "leaving") if one != role]
        rivals += [core.Competing(name=one, kind="outcome") for one in labels if one != name]
        chosen = draw(st.lists(st.sampled_from(rivals), max_size=2, unique=True))
        ends = [one.end for one in coverages if one.end is not None]
        found.append(
            core.Outcome(
                name=name, labels={"en": "o"}, event=event, role=role, competing=tuple(chosen),
                time_zero=draw(st.sampled_from(["keep", "exclude", "refuse"])),
                end_of_data=draw(st.sampled_from([*ends, None])),
            )
        )  # fmt: skip
    return tuple(found)


@st.composite
def baseline_variables(draw: Draw, defined: tuple[core.Definition, ...]) -> tuple[core.Variable, ...]:
    found = []
    for one in defined:
        of = one.value.facts
        if _kind(one.value) not in ("boolean", "category", "kind") or not draw(st.booleans()):
            continue
        keys = {"boolean": ("true", "false"), "kind": (*CODES[:4], "other")}.get(_kind(one.value), of.type.categories)
        keys = (*keys, "unknown") if of.nullable else keys
        ref = core.Ref(facts=of, name=one.name)
        found.append(core.Variable(name=one.name, labels={}, value=ref, categories=tuple(map(_category, keys))))
    if draw(st.booleans()):
        sex = core.Attribute(facts=facts("sex", True), column=ColumnRef("person", "sex"))
        found.append(
            core.Variable(
                name="sex", labels={}, value=sex, categories=tuple(map(_category, ("1", "2", "other", "unknown")))
            )
        )
    if draw(st.booleans()):
        member = core.Attribute(facts=facts("boolean", True), column=ColumnRef("person", "member"))
        keys = ("true", "false", "unknown")
        found.append(core.Variable(name="member", labels={}, value=member, categories=tuple(map(_category, keys))))
    return tuple(found)


def parts(node: object) -> Iterator[object]:
    """Every dataclass inside a value, facts and the model left out."""
    if isinstance(node, tuple | list):
        for one in node:
            yield from parts(one)
    elif is_dataclass(node) and not isinstance(node, Facts | Model | type):
        yield node
        for one in fields(node):
            yield from parts(getattr(node, one.name))


@dataclass(frozen=True, repr=False)
class Case:
    """A study with data, which shows itself by what matters when two evaluators disagree about it."""

    study: core.Study
    rows: Rows

    def __repr__(self) -> str:
        s = self.study
        told = {"coverage": {t: s.coverage[t] for t in ("visit", "stay")}, "definitions": s.definitions,
                "cohort": s.cohort, "exposure": s.exposure, "roles": s.roles[1], "follow_up": s.follow_up,
                "outcomes": s.outcomes, "reports": s.reports}  # fmt: skip
        lines = [f"{name}: {_short(value)}" for name, value in told.items() if value]
        lines += [
            f"{table}: " + "; ".join(_short(tuple(r.values())) for r in rows) for table, rows in self.rows.items()
        ]
        return "Case\n  " + "\n  ".join(lines)


def _short(node: object) -> str:
    """A value with nothing in it that does not matter here."""
    if isinstance(node, DATE):
        return node.isoformat()
    if isinstance(node, tuple):
        return "(" + ", ".join(_short(one) for one in node) + ")"
    if isinstance(node, ColumnRef):
        return str(node)
    if isinstance(node, Step):
        return f"{node.amount:+} {node.unit}"
    if isinstance(node, Category):
        return node.key
    if is_dataclass(node) and not isinstance(node, type):
        skipped = ("facts", "span", "labels", "legal", "gap", "can_be_unknown", "complete", "entity", "table_key")
        told = [f"{f.name}={_short(getattr(node, f.name))}" for f in fields(node) if f.name not in skipped]
        return f"{type(node).__name__}({', '.join(t for t in told if not t.endswith(('=None', '=()')))})"
    return repr(node)


@st.composite
def cases(draw: Draw) -> Case:
    return Case(draw(studies()), draw(tables()))
