"""SQL that makes the invented rows of every table of a model: entities first, then deaths, then what lives allow."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from studyspec.catalogue.types import Binding, Model, Table
from studyspec.language import tree
from studyspec.source import Refused
from studyspec.synth import columns, faults
from studyspec.synth.columns import Ground
from studyspec.synth.draw import Draw, date, name, text
from studyspec.synth.hints import Follows, TableHints, entity_count, period, table_hints


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
    found = table_hints(table, Decimal(1)).follows
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
    """All columns of a table over drawn rows; `special` are those that its shape settles."""
    listed = []
    for column in ground.table.columns.values():
        made_of = special.get(column.name) or columns.value(column, ground)
        listed.append(f"{made_of} as {name(column.name)}")
    return f"select i as {ENTITY}, k as {ROW}, {', '.join(listed)} from ({source})"


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


def _alive(table: Table) -> str:
    return lives(table.entity)


def _events(wish: Wish, table: Table) -> str:
    ground = _ground(wish, table, dated=True)
    hints = _hints(ground)
    first, days = _span(ground)
    if hints.follows is not None:
        drawn = _following(wish, ground, hints.follows)
    else:
        count = _count(ground, hints)
        each = f"select i, born, died, unnest(range({count})) as k from {_alive(table)}"
        drawn = f"select *, {date(first)} + ({ground.draw.below('day', days)})::integer as day from ({each})"
    living = f"day <= {date(ground.period[1])} and coalesce(day >= born, true) and coalesce(day <= died, true)"
    return _select(ground, {**_key(table), table.date or "": "day"}, f"select * from ({drawn}) where {living}")


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
    if hints.fill:
        placed = _filled(ground, hints)
    elif hints.follows is not None:
        placed = _apart(_following(wish, ground, hints.follows, hints))
    else:
        placed = _train(ground, hints)
    end = table.end or ""
    nullable = end in table.columns and table.columns[end].nullable
    special = {**_key(table), table.start or "": "day", end: _end(ground, hints, nullable)}
    first, last = (date(day) for day in ground.period)
    inside = (
        f"select *, least(stop, died + 1) as until, lead(day) over (partition by i order by day, k) is null as is_last "
        f"from ({placed}) where day between {first} and {last} "
        "and coalesce(day >= born, true) and coalesce(day <= died, true)"
    )
    return _select(ground, special, inside)


def _train(ground: Ground, hints: TableHints) -> str:
    """Spells and the gaps between them laid end to end, and the whole put anywhere in the period where it fits.

    What is longer than the period is put anywhere so that it fills the period; spells that start before it are lost.
    """
    first, days = _span(ground)
    draw = ground.draw
    counted = f"select *, {_count(ground, hints)} as n from {_alive(ground.table)}"
    each = f"select i, born, died, n, unnest(range(n)) as k from ({counted})"
    gap = draw.below("gap", f"2 * {days} // (n + 1) + 1") if hints.gap is None else draw.spread("gap", hints.gap)
    length = draw.spread("length", hints.length)
    lengths = f"select *, {length} as length, case when k = 0 then 0 else {gap} end as gap from ({each})"
    ahead = "(sum(gap + length) over (partition by i order by k) - length)::bigint"
    whole = "(sum(gap + length) over (partition by i))::bigint"
    laid = f"select *, {ahead} as ahead, {whole} as whole from ({lengths})"
    room = f"least({days} - whole, 0) + {draw.per_entity().below('room', f'abs({days} - whole) + 1')}"
    return (
        f"select i, k, born, died, {date(first)} + ({room} + ahead)::integer as day, "
        f"{date(first)} + ({room} + ahead + length)::integer as stop from ({laid})"
    )


def _filled(ground: Ground, hints: TableHints) -> str:
    """Spells that fill the entity's time in the period: its first day, other days drawn, each ending at the next."""
    first, days = _span(ground)
    draw = ground.draw
    more = draw.per_entity().count("n", max(hints.count - 1, Decimal(0)))
    opening = f"greatest({date(first)}, coalesce(born, {date(first)}))"
    each = f"select i, born, died, unnest(range(1 + {more})) as k, {opening} as opening from {_alive(ground.table)}"
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


def _end(ground: Ground, hints: TableHints, nullable: bool) -> str:
    """The first day out; null where the spell is still open at extraction, which no one who died has."""
    beyond = date(ground.period[1]) + " + 1"
    closed = f"least(until, {beyond})"
    if not nullable:
        return closed
    if hints.fill:
        is_open = "is_last"
    elif hints.ongoing is not None:
        is_open = f"(is_last and {ground.draw.per_entity().chance('ongoing', hints.ongoing)})"
    else:
        is_open = f"until > {beyond}"
    return f"case when {is_open} and died is null then null else {closed} end"


# --- what shapes share -----------------------------------------------------------------------------------------------


def _hints(ground: Ground) -> TableHints:
    return table_hints(ground.table, Decimal(_span(ground)[1]) / Decimal("365.25"))


def _span(ground: Ground) -> tuple[datetime.date, int]:
    """First day of the table's period, and its number of days."""
    first, last = ground.period
    return first, max(1, (last - first).days + 1)


def _count(ground: Ground, hints: TableHints) -> str:
    draw = ground.draw.per_entity()
    if hints.share is not None:
        return f"(case when {draw.chance('n', hints.share)} then 1 else 0 end)"
    return draw.count("n", hints.count)


def _following(wish: Wish, ground: Ground, follows: Follows, hints: TableHints | None = None) -> str:
    """One row after some rows of another table, with its end where the table has spells."""
    other = wish.model.tables.get(follows.table)
    if other is None or other.entity != ground.table.entity or not (other.date or other.start):
        raise Refused(faults.hint(f"the table {ground.table.name}", "follows", "a table with dates of the same entity"))
    started = name(other.date or other.start or "")
    draw = Draw(wish.seed, ground.table.name, (f"o.{ENTITY}", f"o.{ROW}"))
    day = f"o.{started} + ({draw.spread('after', follows.days)})::integer"
    rows = (
        f"select l.i, o.{ROW} as k, l.born, l.died, {day} as day from {made(other.name)} o "
        f"join {_alive(ground.table)} l on l.i = o.{ENTITY} "
        f"where o.{started} is not null and {draw.chance('n', follows.share)}"
    )
    rows = f"select * from ({rows}) where day between {date(ground.period[0])} and {date(ground.period[1])}"
    if hints is None:
        return rows
    return f"select *, day + ({ground.draw.spread('length', hints.length)})::integer as stop from ({rows})"


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
