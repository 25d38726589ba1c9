"""SQL that makes the invented rows of every table of a model: entities first, then deaths, then what lives allow."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from studyspec.catalogue.types import Binding, Model, Table
from studyspec.language import tree
from studyspec.source import Refused
from studyspec.synth import columns, faults, seasons
from studyspec.synth.columns import Ground, by_case, tested
from studyspec.synth.draw import Draw, date, name, text
from studyspec.synth.hints import Given, TableHints, column_hints, entity_count, period, table_hints


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made.  binding: what the extract has, and its coverage; without one, everything."""

    model: Model
    seed: int
    entities: int
    binding: Binding | None = None


#: What made tables call `i` and `k`: with a space, as no column of a model can be called.
ENTITY, ROW = '"entity number"', '"row number"'


def made(table: str) -> str:
    """The temporary table with a model table's rows."""
    return name(f"made {table}")


def lives(entity: str) -> str:
    """The temporary table with one row per entity: its number `i`, and when it was `born` and `died`, where known."""
    return name(f"lives {entity}")


def statements(wish: Wish) -> Iterator[str]:
    """Statements that make a temporary table for every table that is needed.  Raises Refused for unusable hints."""
    model = wish.model
    needed = _needed(wish)
    for entity in model.entities.values():
        if entity.attributes in needed:
            query = _attributes(wish, model.tables[entity.attributes])
            yield f"create temporary table {made(entity.attributes)} as {query}"
            yield f"create temporary table {lives(entity.name)} as {_lives(wish, entity.name)}"
    done = {entity.attributes for entity in model.entities.values()}
    for table in _in_order(model, done):
        if table.name not in needed:
            continue
        yield f"create temporary table {made(table.name)} as {_rows(wish, table)}"
        if table.name == _death_table(model):
            yield _died(model, table)


def _needed(wish: Wish) -> set[str]:
    """The tables that the binding has, those whose rows theirs follow, and the lives that all of them hang on."""
    model = wish.model
    if wish.binding is None:
        return set(model.tables)
    waiting = [name for name in wish.binding.tables if name in model.tables]
    found: set[str] = set()
    while waiting:
        table = model.tables[waiting.pop()]
        if table.name in found:
            continue
        found.add(table.name)
        entity = model.entities[table.entity].attributes
        death = _death_table(model)
        more = [
            _follows(table),
            entity,
            death if death is not None and model.tables[death].entity == table.entity else None,
        ]
        waiting += [name for name in more if name is not None and name in model.tables]
    return found


def _in_order(model: Model, done: set[str]) -> list[Table]:
    """The tables not made yet: the deaths first, then any, but a table after the one whose rows it follows."""
    death = _death_table(model)
    waiting = sorted((t for t in model.tables.values() if t.name not in done), key=lambda t: t.name != death)
    ordered: list[Table] = []
    while waiting:
        names = {t.name for t in waiting}
        ready = next((t for t in waiting if (f := _follows(t)) is None or f not in names), None)
        if ready is None:
            raise Refused(faults.circular(tuple(sorted(names))))
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def _follows(table: Table) -> str | None:
    found = table_hints(table, Decimal(1)).otherwise.follows
    return None if found is None else found.table


# --- one table -------------------------------------------------------------------------------------------------------


def _rows(wish: Wish, table: Table) -> str:
    match table.shape:
        case "attributes":
            return _attributes(wish, table)
        case "events":
            return _events(wish, table)
        case "spells":
            return _spells(wish, table)
        case "rates":
            return _rates(wish, table)


def _ground(wish: Wish, table: Table, dated: bool, row: tuple[str, ...] = ("i", "k")) -> Ground:
    bound = wish.binding.tables.get(table.name) if wish.binding is not None else None
    span = period(table, bound.coverage if bound is not None else None)
    return Ground(wish.model, table, Draw(wish.seed, table.name, row), dated, span, wish.entities)


def _select(ground: Ground, special: Mapping[str, str], source: str) -> str:
    """All columns of a table over drawn rows; `special` are those that its shape settles.

    A column that others hang on is made first, in a query below, so that they can read it.
    """
    made_of = {one.name: special.get(one.name) or columns.value(one, ground) for one in ground.table.columns.values()}
    own, attributes = _tested(ground, set(special))
    source = _with_attributes(ground, attributes, source)
    for column in made_of:
        if column in own:
            source = f"select *, {made_of[column]} as {tested(column)} from ({source})"
            made_of[column] = tested(column)
    listed = ", ".join(f"{value} as {name(column)}" for column, value in made_of.items())
    return f"select i as {ENTITY}, k as {ROW}, {listed} from ({source})"


def _tested(ground: Ground, settled: set[str]) -> tuple[set[str], set[str]]:
    """The columns that others hang on: those of the table, and those of its entity's attributes.

    Raises Refused where a column hangs on one below it, or on one that is not there.
    """
    own: set[str] = set()
    above = set(settled)
    attributes: set[str] = set()
    for column in ground.table.columns.values():
        wanted = column_hints(ground.table, column).columns()
        own |= wanted & above
        attributes |= _attributes_named(ground, wanted - above, f"the column {ground.table.name}.{column.name}")
        above.add(column.name)
    return own, attributes


def _attributes_named(ground: Ground, wanted: set[str], place: str) -> set[str]:
    entity = ground.model.entities.get(ground.table.entity)
    home = None if entity is None else ground.model.tables[entity.attributes]
    known = set() if home is None or home.name == ground.table.name else set(home.columns)
    if wanted - known:
        raise Refused(faults.hint(place, "given", "told by columns above it, or by attributes of the table's entity"))
    return wanted


def _with_attributes(ground: Ground, wanted: set[str], source: str) -> str:
    """Rows with some attributes of their entity."""
    if not wanted:
        return source
    home = ground.model.entities[ground.table.entity].attributes
    listed = ", ".join(f"a.{name(column)} as {tested(column)}" for column in sorted(wanted))
    return f"select s.*, {listed} from ({source}) s join {made(home)} a on a.{ENTITY} = s.i"


def _key(table: Table) -> dict[str, str]:
    return {table.key: columns.key(table.columns[table.key])} if table.key in table.columns else {}


def _attributes(wish: Wish, table: Table) -> str:
    ground = _ground(wish, table, dated=False, row=("i",))
    return _select(ground, _key(table), f"select range as i, 0 as k from range({entity_count(table, wish.entities)})")


def _lives(wish: Wish, entity: str) -> str:
    """Everyone, with the birth that ages are counted from where the model has one."""
    declared = wish.model.entities[entity]
    born = next((d.column for d in declared.derived.values() if d.kind == "completed years since"), None)
    table = wish.model.tables.get(declared.attributes)
    if table is None or born is None or born not in table.columns:
        count = wish.entities if table is None else entity_count(table, wish.entities)
        return f"select range as i, null::date as born, null::date as died from range({count})"
    return f"select {ENTITY} as i, {name(born)} as born, null::date as died from {made(table.name)}"


def _alive(ground: Ground, hints: Given[TableHints]) -> str:
    """Everyone, with the attributes that a table's hints hang on."""
    wanted = _attributes_named(ground, hints.columns(), f"the table {ground.table.name}")
    return f"({_with_attributes(ground, wanted, f'select * from {lives(ground.table.entity)}')})"


def _events(wish: Wish, table: Table) -> str:
    ground = _ground(wish, table, dated=True)
    hints = _hints(ground)
    first, days = _span(ground)
    if hints.otherwise.follows is not None:
        drawn = _following(wish, ground, hints)
    else:
        count = _count(ground, hints)
        each = f"select i, born, died, unnest(range({count})) as k from {_alive(ground, hints)}"
        drawn = f"select *, {date(first)} + ({ground.draw.below('day', days)})::integer as day from ({each})"
        drawn = seasons.with_surges(drawn, ground, hints.otherwise.surges, lives(table.entity), spells=False)
    drawn = seasons.by_month(drawn, hints.otherwise.months, spells=False)
    drawn = seasons.each_year(drawn, hints.otherwise.each_year)
    living = f"select * from ({drawn}) where {_living(ground, hints.otherwise)}"
    return _select(ground, {**_key(table), table.date or "": "day"}, living)


def _living(ground: Ground, hints: TableHints) -> str:
    """The row starts in the period, in its entity's life, and at an age at which such rows start."""
    first, last = (date(day) for day in ground.period)
    lived = f"day between {first} and {last} and coalesce(day >= born, true) and coalesce(day <= died, true)"
    if hints.ages is not None:
        youngest, oldest = hints.ages
        aged = f"day >= born + interval {youngest} year and day < born + interval {oldest + 1} year"
        lived = f"{lived} and coalesce({aged}, true)"
    if hints.sampled is not None:
        listed = ", ".join(str(day) for day in hints.sampled.born_on)
        lived = f"{lived} and (day > {date(hints.sampled.until)} or coalesce(day(born) in ({listed}), true))"
    return lived


def _rates(wish: Wish, table: Table) -> str:
    """Every combination of codes, booleans and whole numbers with bounds, and drawn decimals."""
    ground = _ground(wish, table, dated=False, row=("i",))
    axes, special = [], {}
    for n, column in enumerate(table.columns.values()):
        values = _axis(ground, column.name)
        if values:
            axes.append(f"(select unnest([{', '.join(values)}]) as a{n})")
            special[column.name] = f"a{n}"
    joined = " cross join ".join(axes) or "(select 1)"
    order = ", ".join(special.values()) or "1"
    return _select(ground, special, f"select *, row_number() over (order by {order}) as i, 0 as k from {joined}")


def _axis(ground: Ground, column: str) -> list[str]:
    described = ground.table.columns[column]
    if described.type.kind == "code":
        return [text(code) for code in ground.model.codelists[described.type.list or ""].codes]
    if described.type.kind == "boolean":
        return ["false", "true"]
    if described.type.kind == "integer" and isinstance(described.low, Decimal) and isinstance(described.high, Decimal):
        return [str(n) for n in range(int(described.low), int(described.high) + 1)]
    return []


# --- spells ----------------------------------------------------------------------------------------------------------


def _spells(wish: Wish, table: Table) -> str:
    """Spells of one entity never overlap: each starts at or after the end of the one before it."""
    ground = _ground(wish, table, dated=True)
    hints = _hints(ground)
    plain = hints.otherwise
    if plain.fill:
        placed = _filled(ground, hints)
    elif plain.follows is not None:
        placed = seasons.by_month(_following(wish, ground, hints), plain.months, spells=True)
    else:
        placed = seasons.by_month(_train(ground, hints), plain.months, spells=True)
        placed = seasons.with_surges(placed, ground, plain.surges, lives(table.entity), spells=True)
    if plain.follows is not None or plain.months is not None or plain.surges:
        placed = _apart(placed)
    end = table.end or ""
    nullable = end in table.columns and table.columns[end].nullable
    inside = (
        f"select *, least(stop, died + 1) as until, lead(day) over (partition by i order by day, k) is null as is_last "
        f"from ({placed}) where {_living(ground, plain)}"
    )
    wanted = _attributes_named(ground, hints.columns(), f"the table {table.name}")
    ended = f"select *, {_end(ground, hints, nullable)} as ended from ({_with_attributes(ground, wanted, inside)})"
    ended = f"select i, k, born, died, day, ended from ({ended})"
    return _select(ground, {**_key(table), table.start or "": "day", end: "ended"}, ended)


def _train(ground: Ground, hints: Given[TableHints]) -> str:
    """Spells and the gaps between them laid end to end, and the whole turned round in the period to any place.

    So any day is as likely as any other to lie in a spell, and a spell can run on past the period.  What is longer than
    the period is put anywhere so that it fills it; the spell that reaches into the period begins with it.
    """
    first, days = _span(ground)
    draw = ground.draw
    counted = f"select *, {_count(ground, hints)} as n from {_alive(ground, hints)}"
    each = f"select * exclude (n), n, unnest(range(n)) as k from ({counted})"
    even = draw.below("gap", f"2 * {days} // (n + 1) + 1")
    gap = by_case(hints, lambda own: even if own.gap is None else draw.spread("gap", own.gap))
    length = by_case(hints, lambda own: draw.spread("length", own.length))
    lengths = f"select *, {length} as length, case when k = 0 then 0 else {gap} end as gap from ({each})"
    ahead = "(sum(gap + length) over (partition by i order by k) - length)::bigint"
    whole = "(sum(gap + length) over (partition by i))::bigint"
    laid = f"select *, {ahead} as ahead, {whole} as whole from ({lengths})"
    fits = f"whole <= {days}"
    anywhere = draw.per_entity().below("room", f"case when {fits} then {days} else whole - {days} + 1 end")
    placed = f"select *, ahead + {anywhere} - greatest(whole - {days}, 0) as place from ({laid})"
    turned = f"case when {fits} and place >= {days} then place - {days} else place end"
    spots = f"select *, ({turned})::integer as spot from ({placed})"
    day = f"{date(first)} + (case when spot < 0 and spot + length > 0 then 0 else spot end)::integer"
    stop = f"{date(first)} + (spot + length)::integer"
    return f"select i, k, born, died, {day} as day, {stop} as stop from ({spots})"


def _filled(ground: Ground, hints: Given[TableHints]) -> str:
    """Spells that fill the entity's time in the period: its first day, other days drawn, each ending at the next."""
    first, days = _span(ground)
    draw = ground.draw
    more = by_case(hints, lambda own: draw.per_entity().count("n", max(own.count - 1, Decimal(0))))
    came = f"{date(first)} + ({draw.per_entity().below('late day', days)})::integer"
    late = by_case(hints, lambda own: draw.per_entity().chance("late", own.late))
    opening = f"greatest(case when {late} then {came} else {date(first)} end, coalesce(born, {date(first)}))"
    alive = _alive(ground, hints)
    each = f"select i, born, died, unnest(range(1 + {more})) as k, {opening} as opening from {alive}"
    drawn = f"{date(first)} + ({draw.below('day', days)})::integer"
    days_drawn = f"select *, case when k = 0 then opening else {drawn} end as day from ({each})"
    starts = (
        f"select i, born, died, day, min(k) as k from ({days_drawn}) where day >= opening group by i, born, died, day"
    )
    return (
        "select i, k, born, died, day, "
        f"coalesce(lead(day) over (partition by i order by day), {date(ground.period[1])} + 1) as stop from ({starts})"
    )


def _apart(rows: str) -> str:
    """Only rows that start when every earlier one, kept or not, has ended."""
    earlier = "max(stop) over (partition by i order by day, k rows between unbounded preceding and 1 preceding)"
    with_earlier = f"select *, {earlier} as earlier from ({rows})"
    return f"select * exclude (earlier) from ({with_earlier}) where earlier is null or day >= earlier"


def _end(ground: Ground, hints: Given[TableHints], nullable: bool) -> str:
    """The first day out; null where the spell is still open at extraction, which no one who died has."""
    beyond = date(ground.period[1]) + " + 1"
    closed = f"least(until, {beyond})"
    if not nullable:
        return closed

    def is_open(own: TableHints) -> str:
        if own.fill:
            return "is_last"
        runs_on = f"until > {beyond}"
        if own.ongoing is None:
            return runs_on
        return f"({runs_on} or (is_last and {ground.draw.per_entity().chance('ongoing', own.ongoing)}))"

    return f"case when {by_case(hints, is_open)} and died is null then null else {closed} end"


# --- what shapes share -----------------------------------------------------------------------------------------------


def _hints(ground: Ground) -> Given[TableHints]:
    return table_hints(ground.table, Decimal(_span(ground)[1]) / Decimal("365.25"))


def _span(ground: Ground) -> tuple[datetime.date, int]:
    """First day of the table's period, and its number of days."""
    first, last = ground.period
    return first, max(1, (last - first).days + 1)


def _count(ground: Ground, hints: Given[TableHints]) -> str:
    draw = ground.draw.per_entity()

    def counted(own: TableHints) -> str:
        if own.share is not None:
            return f"(case when {draw.chance('n', own.share)} then 1 else 0 end)"
        return draw.count("n", own.count)

    return by_case(hints, counted)


def _following(wish: Wish, ground: Ground, hints: Given[TableHints]) -> str:
    """One row after some rows of another table, with its end where the table has spells."""
    table, follows = ground.table, hints.otherwise.follows
    other = wish.model.tables.get(follows.table) if follows is not None else None
    if other is None or other.entity != table.entity or not (other.date or other.start):
        raise Refused(faults.hint(f"the table {table.name}", "follows", "a table with dates of the same entity"))
    started = name(other.date or other.start or "")
    draw = Draw(wish.seed, table.name, ("i", "k"))
    rows = (
        f"select l.*, o.{ROW} as k, o.{started} as started "
        f"from {made(other.name)} o join {_alive(ground, hints)} l on l.i = o.{ENTITY} where o.{started} is not null"
    )
    after = by_case(hints, lambda own: draw.spread("after", own.follows.days) if own.follows else "0")
    chosen = by_case(hints, lambda own: draw.chance("n", own.follows.share) if own.follows else "false")
    rows = f"select *, started + ({after})::integer as day from ({rows}) where {chosen}"
    rows = f"select * from ({rows}) where day between {date(ground.period[0])} and {date(ground.period[1])}"
    if table.shape != "spells":
        return f"select i, k, born, died, day from ({rows})"
    length = by_case(hints, lambda own: draw.spread("length", own.length))
    return f"select i, k, born, died, day, day + ({length})::integer as stop from ({rows})"


# --- deaths ----------------------------------------------------------------------------------------------------------


def _death_table(model: Model) -> str | None:
    role = model.roles.get("death")
    return None if role is None or model.tables[role.table].shape != "events" else role.table


def _died(model: Model, table: Table) -> str:
    """Who died and when: the first row of the role; nothing more of that table comes after it."""
    condition = _plain(model.roles["death"].condition, table)
    if condition is None:
        return "select 1"
    day, life, rows = name(table.date or ""), lives(table.entity), made(table.name)
    died = f"select {ENTITY} as i, min({day}) as died from {rows} where {condition} group by {ENTITY}"
    same = f"o.{ENTITY} = m.{ENTITY} and o.{day} = l.died"
    chosen = f"select min(o.{ROW}) from {rows} o where {same} and {condition}"
    return (
        f"create or replace temporary table {life} as "
        f"select l.i, l.born, d.died from {life} l left join ({died}) d on d.i = l.i;"
        f"create or replace temporary table {rows} as select m.* from {rows} m join {life} l on l.i = m.{ENTITY} "
        f"where l.died is null or m.{day} < l.died or (m.{day} = l.died and m.{ROW} = ({chosen}))"
    )


def _plain(condition: tree.Expr | None, table: Table) -> str | None:
    """A role's condition as SQL where it only compares columns with constants; None where it says more."""
    if condition is None:
        return "true"
    if isinstance(condition, tree.Logic):
        parts = [_plain(operand, table) for operand in condition.operands]
        return None if None in parts else "(" + f" {condition.op} ".join(p for p in parts if p is not None) + ")"
    if isinstance(condition, tree.Compare) and condition.op == "=" and isinstance(condition.left, tree.Name):
        constant = _constant(condition.right)
        if constant is not None and condition.left.text in table.columns:
            return f"{name(condition.left.text)} = {constant}"
    if (
        isinstance(condition, tree.In)
        and isinstance(condition.operand, tree.Name)
        and isinstance(condition.items, tuple)
    ):
        constants = [_constant(item) for item in condition.items]
        if constants and None not in constants and condition.operand.text in table.columns:
            negated = "not " if condition.negated else ""
            return f"{name(condition.operand.text)} {negated}in ({', '.join(c for c in constants if c is not None)})"
    return None


def _constant(expr: tree.Expr) -> str | None:
    if isinstance(expr, tree.Text):
        return text(expr.value)
    if isinstance(expr, tree.Boolean):
        return "true" if expr.value else "false"
    return str(expr.value) if isinstance(expr, tree.Number) else None
