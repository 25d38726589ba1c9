"""What registers were like on the days that are read: breaks, codes in use, publication, doubled rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from studyspec import calendar
from studyspec.catalogue.types import Catalogue, Code, CodeList, Lag, Table
from studyspec.semantics import core, horizon
from studyspec.semantics import seriesfaults as faults
from studyspec.semantics.core import Bound, ColumnRef
from studyspec.semantics.design import Finding
from studyspec.semantics.horizon import Order
from studyspec.semantics.selections import Selection, selections
from studyspec.semantics.walk import walk
from studyspec.source import Span

#: Whose answer changes when one row is there twice.
_COUNTING = frozenset({"count", "exactly one", "sum", "mean"})
#: A code of a longer list is one of many; only single codes are held against their days.
_FEW = 12


def findings(study: core.Study, catalogue: Catalogue, order: Order, today: datetime.date) -> Iterator[Finding]:
    """Of every selection of rows, as far as the range of the index tells the days it reads."""
    for selection in selections(study):
        table = study.model.tables.get(selection.table)
        if table is None or selection.span is None:
            continue
        days = _days(selection, study, order)
        if days is not None:
            yield from _breaks(selection, selection.span, table, days, order)
            if catalogue.site is not None and catalogue.site.kind == "register":
                yield from _published(selection, selection.span, table, days, today)
            yield from _codes(selection, catalogue, days)
        yield from _doubled(selection, selection.span, table, catalogue)


def _days(selection: Selection, study: core.Study, order: Order) -> tuple[datetime.date, datetime.date] | None:
    """First and last day that can be read, met with the coverage; None where not known, or where there is none."""
    low = horizon.calendar_range(selection.days.low, order)[0]
    high = horizon.calendar_range(selection.days.high, order)[1] - 1
    coverage = study.coverage.get(selection.table)
    if coverage is not None:
        low = max(low, coverage.start.toordinal()) if coverage.start else low
        high = min(high, coverage.end.toordinal()) if coverage.end else high
    if low > high or low < 1 or high > datetime.date.max.toordinal():
        return None
    return datetime.date.fromordinal(low), datetime.date.fromordinal(high)


# --- breaks ----------------------------------------------------------------------------------------------------------


def _breaks(
    selection: Selection, span: Span, table: Table, days: tuple[datetime.date, datetime.date], order: Order
) -> Iterator[Finding]:
    """A break inside what one selection reads: what comes before it does not compare with what comes after."""
    read = _columns_read(selection)
    low = selection.days.low
    outside = not low.infinite and horizon.calendar_range(low, order)[0] < days[0].toordinal()
    for one in table.breaks:
        if outside or not days[0] < one.date <= days[1]:  # reading before the coverage is told by itself
            continue
        if one.columns and not {ColumnRef(table.name, c) for c in one.columns} & read:
            continue
        day = Bound("calendar", 0, one.date.toordinal())
        surely = (
            horizon.not_after(horizon.moved(selection.days.low, 1), day, order) == "yes"
            and horizon.not_after(horizon.moved(day, 1), selection.days.high, order) == "yes"
        )
        what = one.labels.get("en") or next(iter(one.labels.values()), "rows before it do not compare")
        fault = faults.series_break(span, table.name, one.date, what[:1].lower() + what[1:], surely)
        yield Finding(fault, selection.elements)


def _columns_read(selection: Selection) -> frozenset[ColumnRef]:
    read = frozenset[ColumnRef]() if selection.condition is None else selection.condition.facts.origin
    return read if selection.column is None else read | {selection.column}


# --- publication -----------------------------------------------------------------------------------------------------


def _published(
    selection: Selection, span: Span, table: Table, days: tuple[datetime.date, datetime.date], today: datetime.date
) -> Iterator[Finding]:
    """Days whose data cannot have been published yet, by the register's own lag."""
    lags = [table.publication_lag]
    lags += [table.columns[c.column].publication_lag for c in _columns_read(selection) if c.table == table.name]
    out = max((_out(days[1], lag) for lag in lags if lag is not None), default=None)
    if out is not None and out > today:
        yield Finding(faults.not_yet_published(span, table.name, days[1], out), selection.elements)


def _out(day: datetime.date, lag: Lag) -> datetime.date:
    try:
        return calendar.add(day, lag.amount, lag.unit)
    except OverflowError:
        return datetime.date.max


# --- codes -----------------------------------------------------------------------------------------------------------


def _codes(selection: Selection, catalogue: Catalogue, days: tuple[datetime.date, datetime.date]) -> Iterator[Finding]:
    """Codes asked for on days when their list does not use them, or had another code for the same thing."""
    if selection.condition is None:
        return
    asked: tuple[str, ...]
    for node in walk(selection.condition):
        match node:
            case core.Compare(op="=", left=core.RowColumn() as column, right=core.Literal_() as literal):
                asked = (str(literal.value),)
            case core.InSet(negated=False, operand=core.RowColumn() as column) if len(node.values) <= _FEW:
                asked = node.values
            case _:
                continue
        codelist = catalogue.codelists.get(column.facts.type.list or "")
        if codelist is None or node.span is None or column.column.table != selection.table:
            continue
        named = isinstance(node, core.InSet) and node.name is not None
        known = [codelist.codes[code] for code in asked if code in codelist.codes]
        yield from _in_use(known, node.span, selection, codelist, days, named)
        for code in () if named else known:
            yield from _successors(code, asked, node.span, selection, codelist, days)


def _in_use(
    asked: list[Code],
    span: Span,
    selection: Selection,
    codelist: CodeList,
    days: tuple[datetime.date, datetime.date],
    named: bool,
) -> Iterator[Finding]:
    """Of a named list one code in use is enough; a code that is written out is meant."""
    dead = [c for c in asked if (c.valid_from and c.valid_from > days[1]) or (c.valid_to and c.valid_to < days[0])]
    if named and len(dead) < len(asked):
        return
    for code in dead[:1]:
        when = f"from {code.valid_from.isoformat()}" if code.valid_from and code.valid_from > days[1] else ""
        if not when and code.valid_to is not None:
            when = f"until {code.valid_to.isoformat()}"
        read = f"{days[0].isoformat()} to {days[1].isoformat()}"
        yield Finding(faults.code_not_in_use(span, code.code, codelist.name, read, when), selection.elements)


def _successors(
    code: Code,
    asked: tuple[str, ...],
    span: Span,
    selection: Selection,
    codelist: CodeList,
    days: tuple[datetime.date, datetime.date],
) -> Iterator[Finding]:
    """A code that was replaced while the window was open, where its replacement is not asked for; and the reverse."""
    if code.valid_to is not None and days[0] <= code.valid_to < days[1]:
        for other in code.becomes:
            if other not in asked:
                fault = faults.code_changed(span, code.code, code.valid_to, other, before=False)
                yield Finding(fault, selection.elements)
                return
    for old in codelist.codes.values():
        replaced = code.code in old.becomes and old.valid_to is not None and old.code not in asked
        if replaced and old.valid_to is not None and days[0] <= old.valid_to < days[1]:
            fault = faults.code_changed(span, code.code, old.valid_to, old.code, before=True)
            yield Finding(fault, selection.elements)
            return


# --- doubled rows ----------------------------------------------------------------------------------------------------


def _doubled(selection: Selection, span: Span, table: Table, catalogue: Catalogue) -> Iterator[Finding]:
    """Counting rows that an extract can hold twice, where the site's binding is not said to mend them."""
    if table.doubled is None or selection.quantifier not in _COUNTING or catalogue.site is None:
        return
    bound = catalogue.site.binding.tables.get(table.name)
    if bound is not None and not bound.drop_unfinished_doubles:
        yield Finding(faults.doubled_rows(span, table.name, selection.quantifier), selection.elements)
