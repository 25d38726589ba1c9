"""The one entry of the room: finds the engine for a script and a site, and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import EngineFailed
from studyspec.sql.script import Script


class Progress(Protocol):
    """Told what is being worked on: `done` of `total` pieces of work are finished, `label` is the name of the next.

    Called from the thread that called `execute`; the last call has done == total.  Whatever it raises stops the run.
    """

    def __call__(self, done: int, total: int, label: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Promise:
    """What the script relies on in one of its sources.

    key: the column that identifies the entity of the one row there is for each; None where there may be several
    days: columns of dates, all within the years that studies reckon with (`calendar.FIRST_RECKONED` and on)
    """

    key: str | None = None
    days: tuple[str, ...] = ()


#: (dialect of the script, kind of the site's connection) -> the module with its `execute`; loaded when first needed.
ENGINES: Final = {
    ("duckdb", "duckdb"): "studyspec.engine.duckdb_engine",
    ("duckdb", "parquet"): "studyspec.engine.duckdb_engine",
    ("duckdb", "csv"): "studyspec.engine.duckdb_engine",
    ("postgresql", "postgresql"): "studyspec.engine.postgres_engine",
}


def execute(
    script: Script,
    site: Site,
    progress: Progress | None = None,
    promises: Mapping[str, Promise] | None = None,
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """Run a script on a site's data.

    promises: what the script relies on, by the name of a source; data that break one stop the run

    Returns the cubes in the order of `script.cubes`, and who is in each of `script.cohorts`.  All of it is true and
    secret: only the guard may read it.  Nothing is written but a private spill directory, gone when this returns or
    raises.

    Raises EngineFailed (data that do not fit the script, a failing statement, too little memory), Unreadable (no data
    where the site says), and KeyboardInterrupt when the person at the terminal stops it.
    """
    module = ENGINES.get((script.dialect, site.connection.kind))
    if module is None:
        raise EngineFailed(faults.unknown_engine(script.dialect, site.connection.kind))
    run = import_module(module).execute
    result: tuple[tuple[RawCube, ...], tuple[Membership, ...]] = run(script, site, progress or _silent, promises or {})
    return result


def _silent(_done: int, _total: int, _label: str, /) -> None:
    pass
