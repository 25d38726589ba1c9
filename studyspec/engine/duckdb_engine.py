"""DuckDB: runs a script in a locked in-memory database over a DuckDB file, or a folder of Parquet or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.engine.cubes import columns, raw_cube
from studyspec.engine.duckdb_load import load
from studyspec.engine.duckdb_session import Session, quoted
from studyspec.engine.duckdb_statements import checked
from studyspec.engine.membership import membership, site_key
from studyspec.engine.run import Progress
from studyspec.engine.stopped import Stopped
from studyspec.engine.workspace import log_for_steward, workspace
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import EngineFailed
from studyspec.sql.script import Script


def execute(
    script: Script, site: Site, progress: Progress, unique: Mapping[str, str]
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """As `studyspec.engine.run.execute`, for scripts in DuckDB's dialect."""
    key = site_key(site)
    with workspace(site) as private, _session(site, private) as session:
        statements = checked(script, session)
        steps = _Steps(
            progress, len(script.sources) + sum(map(bool, statements)) + len(script.cubes) + len(script.cohorts)
        )
        loading = private / "loading"
        loading.mkdir(mode=0o700)
        with _ours(site, "source"):
            load(session, script.sources, site, loading, lambda step, why: _failed(site, step, why), steps.at)
        for statement, sql in zip(script.statements, statements, strict=True):
            if sql:
                steps.at(statement.name)
                with _ours(site, statement.name):
                    session.run(sql)
                    if statement.kind == "source" and statement.name in unique:
                        _require_unique(session, statement.name, unique[statement.name])
        cubes = []
        for table, spec in script.cubes.items():
            steps.at(table)
            with _ours(site, table):
                rows = session.rows(f"SELECT {_list(columns(spec))} FROM temp.{quoted(table)}")  # noqa: S608
            cubes.append(raw_cube(spec, rows))
        members = []
        for one in script.cohorts:
            steps.at(one.name)
            with _ours(site, one.step):
                ids = f"SELECT DISTINCT CAST({quoted(one.key)} AS VARCHAR) FROM temp.{quoted(one.step)}"  # noqa: S608  # quoted
                members.append(membership(site, one.name, one.entity, key, session.batches(ids)))
        steps.at(script.cohorts[-1].name)
        return tuple(cubes), tuple(members)


def _require_unique(session: Session, table: str, key: str) -> None:
    """One row for each entity.  Rows without a key are of no one, and are told by `data-null` where they may not be."""
    name, column = quoted(table), quoted(key)
    grouped = f"SELECT 1 FROM temp.{name} WHERE {column} IS NOT NULL GROUP BY {column}"  # noqa: S608  # quoted above
    if session.rows(f"{grouped} HAVING count(*) > 1 LIMIT 1"):
        raise EngineFailed(faults.duplicate_key(table))


class _Steps:
    """Counts pieces of work for the progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def at(self, label: str) -> None:
        self._progress(self._done, self._total, label)
        self._done += 1


@contextmanager
def _session(site: Site, private: Path) -> Iterator[Session]:
    spill = private / "spill"
    spill.mkdir(mode=0o700)
    with _ours(site, "start"):
        session = Session(spill, site.memory_limit, site.threads)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _ours(site: Site, step: str) -> Iterator[None]:
    """Turn what the engine says into our words: its text may quote a row."""
    failure: EngineFailed | None = None
    try:
        yield
    except Stopped as stopped:
        failure = _failed(site, step, stopped)
    if failure is not None:
        raise failure


def _failed(site: Site, step: str, stopped: Stopped) -> EngineFailed:
    log_for_steward(site, step, stopped.failure)
    match stopped.trouble:
        case "memory":
            return EngineFailed(faults.out_of_memory(step, site.memory_limit))
        case "cast":
            return EngineFailed(faults.cast_failed(step))
        case "other":
            return EngineFailed(faults.failed(step))


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(quoted(name) for name in names)
