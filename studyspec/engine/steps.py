"""What every engine does with a script: load, run step by step, read the cubes and who is in each cohort."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from studyspec import calendar
from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.engine.cubes import columns, raw_cube
from studyspec.engine.membership import membership, site_key
from studyspec.engine.run import Progress, Promise
from studyspec.engine.stopped import Stopped
from studyspec.engine.workspace import log_for_steward
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import Diagnostic, EngineFailed
from studyspec.sql.script import Script, Statement

#: What is told of a step at which the engine stopped.
Failed = Callable[[str, Stopped], EngineFailed]
Tell = Callable[[str], None]
_RECKONED: Final = f"date '{calendar.FIRST_RECKONED}' and date '{calendar.LAST_RECKONED}'"


class Database(Protocol):
    """An open database of one kind, for one run.  Whatever it raises of its own is a Stopped."""

    def load(self, script: Script, failed: Failed, tell: Tell) -> None:
        """Make the script's sources from what the site has.  Raises EngineFailed, Stopped."""

    def checked(self, statement: Statement) -> str:
        """The statement as it may run, "" for one that does not run.  Raises EngineFailed (engine-statement)."""

    def run(self, sql: str, /) -> None: ...

    def made(self, statement: Statement) -> None:
        """Called when a statement has run."""

    def rows(self, sql: str, /) -> list[tuple[Any, ...]]: ...

    def batches(self, sql: str, /) -> Iterator[list[tuple[Any, ...]]]: ...

    def step(self, name: str) -> str:
        """A step's table, as the database's SQL says it."""

    def column(self, name: str) -> str: ...

    def as_text(self, column: str) -> str: ...

    def out_of_memory(self, step: str) -> Diagnostic: ...


def carry_out(
    script: Script, site: Site, database: Database, progress: Progress, promises: Mapping[str, Promise]
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """As `studyspec.engine.run.execute`, in an open database."""
    key = site_key(site)
    running = [s for s in script.statements if s.kind != "preview"]
    done, total = 0, len(script.sources) + len(running) + len(script.cubes) + len(script.cohorts)

    def tell(label: str) -> None:
        nonlocal done
        progress(done, total, label)
        done += 1

    def failed(step: str, stopped: Stopped) -> EngineFailed:
        return _failed(site, step, stopped, database.out_of_memory)

    with in_our_words(site, "source", database.out_of_memory):
        database.load(script, failed, tell)
    for statement in script.statements:
        with in_our_words(site, statement.name, database.out_of_memory):
            sql = database.checked(statement)
            if sql:
                tell(statement.name)
                database.run(sql)
                database.made(statement)
            if statement.kind == "source" and statement.name in promises:
                _require(database, statement.name, promises[statement.name])
    cubes = []
    for table, spec in script.cubes.items():
        tell(table)
        listed = ", ".join(map(database.column, columns(spec)))
        with in_our_words(site, table, database.out_of_memory):
            rows = database.rows(f"select {listed} from {database.step(table)}")  # noqa: S608  # quoted
        cubes.append(raw_cube(spec, rows))
    members = []
    for one in script.cohorts:
        tell(one.name)
        ids = f"select distinct {database.as_text(database.column(one.key))} from {database.step(one.step)}"  # noqa: S608  # quoted
        with in_our_words(site, one.step, database.out_of_memory):
            members.append(membership(site, one.name, one.entity, key, database.batches(ids)))
    progress(total, total, script.cohorts[-1].name)
    return tuple(cubes), tuple(members)


def _require(database: Database, table: str, promise: Promise) -> None:
    """Raises EngineFailed (data-duplicate-key, data-day-extreme).

    Rows without a key are of no one, and are told by `data-null` where they may not be.
    """
    source = database.step(table)
    if promise.key is not None:
        column = database.column(promise.key)
        grouped = f"select 1 from {source} where {column} is not null group by {column}"  # noqa: S608  # quoted
        if database.rows(f"{grouped} having count(*) > 1 limit 1"):
            raise EngineFailed(faults.duplicate_key(table))
    if promise.days:
        outside = ", ".join(f"bool_or({database.column(day)} not between {_RECKONED})" for day in promise.days)
        (found,) = database.rows(f"select {outside} from {source}")  # noqa: S608  # quoted
        wrong = [faults.day_extreme(table, day) for day, extreme in zip(promise.days, found, strict=True) if extreme]
        if wrong:
            raise EngineFailed(*wrong)


@contextmanager
def in_our_words(site: Site, step: str, out_of_memory: Callable[[str], Diagnostic]) -> Iterator[None]:
    """Turn what the engine says into our words: its text may quote a row.  Raises EngineFailed."""
    failure: EngineFailed | None = None
    try:
        yield
    except Stopped as stopped:
        failure = _failed(site, step, stopped, out_of_memory)
    if failure is not None:
        raise failure


def _failed(site: Site, step: str, stopped: Stopped, out_of_memory: Callable[[str], Diagnostic]) -> EngineFailed:
    log_for_steward(site, step, stopped.failure)
    match stopped.trouble:
        case "memory":
            return EngineFailed(out_of_memory(step))
        case "cast":
            return EngineFailed(faults.cast_failed(step))
        case "other":
            return EngineFailed(faults.failed(step))
