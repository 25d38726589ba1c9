"""PostgreSQL: runs a script in one transaction on the site's server, and rolls it back."""

from __future__ import annotations

from collections.abc import Mapping

from studyspec.catalogue.types import Server, Site
from studyspec.engine import faults
from studyspec.engine.postgres_load import load
from studyspec.engine.postgres_session import Session, quoted
from studyspec.engine.postgres_statements import checked
from studyspec.engine.run import Progress, Promise
from studyspec.engine.steps import Failed, Tell, carry_out
from studyspec.engine.stopped import Stopped
from studyspec.engine.workspace import log_for_steward
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import Diagnostic, EngineFailed, Unreadable
from studyspec.sql.script import Script, Statement


def execute(
    script: Script, site: Site, progress: Progress, promises: Mapping[str, Promise]
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """As `studyspec.engine.run.execute`, for scripts in PostgreSQL's dialect."""
    server = site.connection.server
    if server is None:
        raise EngineFailed(faults.unknown_engine(script.dialect, site.connection.kind))
    database = _connected(site, server)
    try:
        return carry_out(script, site, database, progress, promises)
    finally:
        database.close()


def _connected(site: Site, server: Server) -> _PostgreSQL:
    try:
        return _PostgreSQL(server)
    except Stopped as stopped:
        missing = stopped.failure == "ModuleNotFoundError"
        log_for_steward(site, "start", stopped.failure)
    raise Unreadable(faults.driver_missing() if missing else faults.server_silent(site.name))


class _PostgreSQL(Session):
    """`steps.Database`."""

    def __init__(self, server: Server) -> None:
        self._schema = server.schema
        super().__init__(server)

    def load(self, script: Script, failed: Failed, tell: Tell) -> None:
        load(self, script.sources, self._schema, failed, tell)

    def checked(self, statement: Statement) -> str:
        return checked(statement, self)

    def made(self, statement: Statement) -> None:
        """The server has no figures on temporary tables unless it is told to count."""
        if statement.kind in ("step", "cube"):
            self.run(f"analyze {quoted(statement.name)}")

    def column(self, name: str) -> str:
        return quoted(name)

    def step(self, name: str) -> str:
        return quoted(name)

    def as_text(self, column: str) -> str:
        return f"cast({column} as text)"

    def out_of_memory(self, step: str) -> Diagnostic:
        return faults.server_out_of_memory(step)
