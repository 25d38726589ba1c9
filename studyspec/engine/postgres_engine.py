"""PostgreSQL: runs a script in one transaction on the site's server, and rolls it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from studyspec.catalogue.types import Server, Site
from studyspec.engine import faults
from studyspec.engine.cubes import columns, raw_cube
from studyspec.engine.membership import membership, site_key
from studyspec.engine.postgres_load import load
from studyspec.engine.postgres_session import Session, quoted
from studyspec.engine.postgres_statements import checked
from studyspec.engine.run import Progress
from studyspec.engine.stopped import Stopped
from studyspec.engine.workspace import log_for_steward
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import EngineFailed, Unreadable
from studyspec.sql.script import Script


def execute(
    script: Script, site: Site, progress: Progress, unique: Mapping[str, str] | None = None
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """As `studyspec.engine.run.execute`, for scripts in PostgreSQL's dialect."""
    key = site_key(site)
    server = site.connection.server
    if server is None:
        raise EngineFailed(faults.unknown_engine(script.dialect, site.connection.kind))
    done, total = 0, len(script.sources) + len(script.statements) + len(script.cubes) + len(script.cohorts)

    def tell(label: str) -> None:
        nonlocal done
        progress(min(done, total), total, label)
        done += 1

    with _session(site, server) as session:
        with _ours(site, "source"):
            load(session, script.sources, server.schema, lambda step, why: _failed(site, step, why), tell)
        for statement in script.statements:
            tell(statement.name)
            with _ours(site, statement.name):
                sql = checked(statement, session)
                if sql:
                    session.run(sql)
                if statement.kind in ("step", "cube"):
                    # The server has no figures on temporary tables unless it is told to count.
                    session.run(f"analyze {quoted(statement.name)}")
                if statement.kind == "source" and unique and statement.name in unique:
                    _require_unique(session, statement.name, unique[statement.name])
        cubes = []
        for table, spec in script.cubes.items():
            tell(table)
            listed = ", ".join(quoted(name) for name in columns(spec))
            with _ours(site, table):
                rows = session.rows(f"select {listed} from {quoted(table)}")  # noqa: S608  # quoted
            cubes.append(raw_cube(spec, rows))
        members = []
        for one in script.cohorts:
            tell(one.name)
            with _ours(site, one.step):
                ids = f"select distinct cast({quoted(one.key)} as text) from {quoted(one.step)}"  # noqa: S608  # quoted
                members.append(membership(site, one.name, one.entity, key, session.batches(ids)))
        progress(total, total, script.cohorts[-1].name)
        return tuple(cubes), tuple(members)


def _require_unique(session: Session, table: str, key: str) -> None:
    """One row for each entity; rows without a key are of no one."""
    column = quoted(key)
    twice = f"select 1 from {quoted(table)} where {column} is not null group by {column} having count(*) > 1 limit 1"  # noqa: S608  # quoted
    if session.rows(twice):
        raise EngineFailed(faults.duplicate_key(table))


@contextmanager
def _session(site: Site, server: Server) -> Iterator[Session]:
    session: Session | None = None
    try:
        session = Session(server)
    except Stopped as stopped:
        missing = stopped.failure == "ModuleNotFoundError"
        log_for_steward(site, "start", stopped.failure)
    if session is None:
        raise Unreadable(faults.driver_missing() if missing else faults.server_silent(site.name))
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _ours(site: Site, step: str) -> Iterator[None]:
    """Turn what the server says into our words: its text may quote a row."""
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
            return EngineFailed(faults.server_out_of_memory(step))
        case "cast":
            return EngineFailed(faults.cast_failed(step))
        case "other":
            return EngineFailed(faults.failed(step))
