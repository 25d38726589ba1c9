"""From a plan to a script: finished SQL of one dialect, as a stranger reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studyspec import __version__
from studyspec.catalogue.types import Binding
from studyspec.plan.nodes import Call, Column, Join, Output, Plan, Scalar, Source, Step
from studyspec.source import Refused
from studyspec.sql import faults
from studyspec.sql.dialects import DIALECTS, NOT, Dialect
from studyspec.sql.layout import WIDTH, Page, wrapped
from studyspec.sql.preview import preview
from studyspec.sql.quote import literal
from studyspec.sql.scalars import TAB, Speller
from studyspec.sql.script import Script, Statement, StatementKind
from studyspec.sql.sources import Sources

#: The schema under which the engine presents physical tables.
SCHEMA = "source"
PREVIEW = "preview"
#: A column that no model can have, since its name has a blank.
DOUBLED = "unfinished double"
_ALIGN = 64


def emit(plan: Plan, dialect: str, binding: Binding | None) -> Script:
    """The script of a plan in one dialect, on the tables that a binding names, or on the model's own.

    Raises Refused (dialect-unknown, not-bound, binding-value, dialect-name-too-long).
    """
    if dialect not in DIALECTS:
        raise Refused(faults.dialect_unknown(dialect, sorted(DIALECTS)))
    return _Emitter(plan, DIALECTS[dialect], Sources(plan, binding)).script()


class _Emitter:
    def __init__(self, plan: Plan, dialect: Dialect, sources: Sources) -> None:
        self._plan = plan
        self._dialect = dialect
        self._sources = sources
        self._spell = Speller(dialect)
        self._page = Page()
        self._statements: list[Statement] = []

    def script(self) -> Script:
        plan, page = self._plan, self._page
        _header(page, plan, self._dialect)
        page.section("Sources: the model's tables, and only the columns that are read")
        for source in plan.sources:
            self._source(source)
        section = ""
        for step in plan.steps:
            if step.section != section:
                section = step.section
                page.section(section)
            self._step(step)
        self._preview()
        return Script(
            dialect=self._dialect.name,
            study=plan.study,
            meaning=plan.meaning,
            text=page.text(),
            statements=tuple(self._statements),
            sources=self._sources.tables(),
            cubes={spec.name: spec for spec in plan.cubes},
            cohorts=plan.cohorts,
            places=page.places(),
        )

    # --- statements ---

    def _source(self, source: Source) -> None:
        physical = self._sources.physical(source)
        form = {"name": self._spell.name(physical), "schema": SCHEMA}
        if "{quoted}" in self._dialect.source:
            form["quoted"] = self._spell.name(f"{SCHEMA}.{physical}")
        head = self._dialect.temporary_view.format(name=self._spell.name(source.name))
        outputs, doubled = self._sources.outputs(source), self._sources.doubled(source)
        marked = () if doubled is None else (Output(DOUBLED, doubled),)
        lines, _ = self._select((*outputs, *marked), self._dialect.source.format(**form), ())
        lines += self._where(self._sources.where(source))
        if doubled is not None:
            lines = self._undoubled(source, lines)
        self._add("source", source.name, source.notes, [head, *lines])

    def _undoubled(self, source: Source, marked: list[str]) -> list[str]:
        """The rows of a select without those that it marks as doubles."""
        name = self._spell.name(source.name)
        columns = [Output(field.name, Column(source.name, field.name)) for field in source.fields]
        lines, _ = self._select(columns, "(", ())
        inner = [TAB + line for line in marked]
        kept = Call("not", (Column(source.name, DOUBLED),))
        return [*lines, *inner, f") as {name}", *self._where((kept,))]

    def _step(self, step: Step) -> None:
        head = self._dialect.temporary_table.format(name=self._spell.name(step.name))
        if step.values:
            self._add(step.kind, step.name, step.notes, [head, *self._listed(step)])
            return
        lines, elements = self._whole(step)
        for more in step.more:
            lines += ["union" if step.once else "union all", *self._whole(more)[0]]
        first = self._add(step.kind, step.name, step.notes, [head, *lines])
        for element in step.elements:
            self._page.place(element, first, first + len(lines))
        for element, start, end in elements:
            self._page.place(element, first + 1 + start, first + 1 + end)

    def _whole(self, step: Step) -> tuple[list[str], list[tuple[str, int, int]]]:
        """One select, and where in it each element's column stands."""
        joins = [line for join in step.joins for line in self._join(join)]
        lines, elements = self._select(step.columns, self._spell.name(step.table), joins)
        return [*lines, *self._where(step.where), *self._group(step)], elements

    def _join(self, join: Join) -> list[str]:
        """A join on one line; several conditions that do not fit stand below one another."""
        name = self._spell.name(join.table)
        name = name if join.of is None else f"{self._spell.name(join.of)} as {name}"
        on = [self._spell.flat(one) for one in join.on]
        if not on:
            return [f"cross join {name}"]
        kind = "left join" if join.optional else "join"
        line = f"{kind} {name} on {' and '.join(on)}"
        if len(on) == 1 or len(line) <= WIDTH:
            return [line]
        found = [f"{kind} {name}"]
        for at, one in enumerate(join.on):
            word = "and" if at else "on"
            lines = (
                [on[at]] if len(TAB + word) + 1 + len(on[at]) <= WIDTH else self._spell.lines(one, len(TAB) * 2, NOT)
            )
            found += [f"{TAB}{word} {lines[0]}", *lines[1:]]
        return found

    def _listed(self, step: Step) -> list[str]:
        (column,) = step.columns
        rows = self._spell.filled([f"({literal(value, self._dialect)})" for value in step.values], len(TAB))
        head = f"select listed.{self._dialect.listed} as {self._spell.name(column.name)}"
        return [head, "from (values", *rows, ") as listed"]

    def _preview(self) -> None:
        self._page.section("Preview, NOT RELEASABLE: what would be too small to publish, and how large the rest is")
        notes = ["Cells that nobody is in are not listed; true counts are never shown"]
        lines = preview(self._plan.glances, self._plan.cubes, self._spell)
        self._add("preview", PREVIEW, notes, lines)

    def _add(self, kind: StatementKind, name: str, notes: Sequence[str], lines: list[str]) -> int:
        """Write a statement under its notes; gives its first line's number."""
        self._statements.append(Statement(kind, name, "\n".join(lines)))
        return self._page.statement(notes, lines)

    # --- clauses ---

    def _select(
        self, columns: Sequence[Output], table: str, joins: Iterable[str]
    ) -> tuple[list[str], list[tuple[str, int, int]]]:
        """The lines of a select up to its joins, and where among them each element's column stands."""
        spelled = [self._spell.lines(column.value, len(TAB), NOT) for column in columns]
        names = [self._alias(column, lines) for column, lines in zip(columns, spelled, strict=True)]
        short = [len(x[0]) for x, name in zip(spelled, names, strict=True) if name and len(x) == 1]
        width = max((length for length in short if length <= _ALIGN), default=0)
        found, elements = ["select"], []
        for at, (column, lines, name) in enumerate(zip(columns, spelled, names, strict=True)):
            start = len(found)
            if column.note is not None:
                found += [f"{TAB}-- {line}" for line in wrapped(column.note, WIDTH - len(TAB))]
            last = lines[-1].ljust(width) if name and len(lines) == 1 else lines[-1]
            comma = "," if at < len(columns) - 1 else ""
            whole = [*lines[:-1], f"{last} as {name}{comma}" if name else f"{last}{comma}"]
            found += [TAB + whole[0], *whole[1:]]
            if column.element is not None:
                elements.append((column.element, start, len(found) - 1))
        return [*found, f"from {table}", *joins], elements

    def _alias(self, column: Output, lines: list[str]) -> str:
        """The column's name, or nothing where what is selected has it already."""
        name = self._spell.name(column.name)
        return "" if len(lines) == 1 and lines[0].endswith(f".{name}") and isinstance(column.value, Column) else name

    def _where(self, conditions: Sequence[Scalar]) -> list[str]:
        found = []
        for at, condition in enumerate(conditions):
            word = "where" if at == 0 else "  and"
            lines = self._spell.lines(condition, 6, NOT)
            found += [f"{word} {lines[0]}", *lines[1:]]
        return found

    def _group(self, step: Step) -> list[str]:
        names = [self._spell.flat(one) for one in step.group]
        if not names:
            return []
        if not step.sets:
            return [f"group by {', '.join(names)}"]
        sets = [f"{TAB}({', '.join(names[at] for at in kept)})" for kept in step.sets]
        return ["group by grouping sets (", *(f"{one}," for one in sets[:-1]), sets[-1], ")"]


def _header(page: Page, plan: Plan, dialect: Dialect) -> None:
    page.comment(plan.title)
    page.blank_comment()
    page.fact("Study", f"{plan.study}, version {plan.version}")
    page.fact("Meaning", plan.meaning)
    page.fact("Compiler", f"studyspec {__version__}, for {dialect.title}")
    page.blank_comment()
    read = f"the tables of the schema {SCHEMA}"
    if "{quoted}" in dialect.source:
        read = f'the temporary tables named "{SCHEMA}.TABLE"'
    page.comment(f"Reads {read}, makes temporary tables, and ends with a preview,")
    page.comment("which is not releasable. Results are published by `studyspec run` alone, which guards them.")
