"""DuckDB: runs a script in a locked in-memory database over a DuckDB file, or a folder of Parquet or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.engine.duckdb_load import load
from studyspec.engine.duckdb_session import Session, quoted
from studyspec.engine.duckdb_statements import checked
from studyspec.engine.run import Progress, Promise
from studyspec.engine.steps import Failed, Tell, carry_out, in_our_words
from studyspec.engine.workspace import workspace
from studyspec.plan.cubes import Membership, RawCube
from studyspec.source import Diagnostic
from studyspec.sql.script import Script, Statement


def execute(
    script: Script, site: Site, progress: Progress, promises: Mapping[str, Promise]
) -> tuple[tuple[RawCube, ...], tuple[Membership, ...]]:
    """As `studyspec.engine.run.execute`, for scripts in DuckDB's dialect."""
    with workspace(site) as private:
        with in_our_words(site, "start", lambda step: _out_of_memory(site, step)):
            database = _DuckDB(site, private)
        try:
            # Every statement is checked before anything is read.
            database.check(script)
            return carry_out(script, site, database, progress, promises)
        finally:
            database.close()


def _out_of_memory(site: Site, step: str) -> Diagnostic:
    return faults.out_of_memory(step, site.memory_limit)


class _DuckDB(Session):
    """`steps.Database`."""

    def __init__(self, site: Site, private: Path) -> None:
        spill, self._loading = private / "spill", private / "loading"
        spill.mkdir(mode=0o700)
        self._loading.mkdir(mode=0o700)
        self._site = site
        self._statements: dict[Statement, str] = {}
        super().__init__(spill, site.memory_limit, site.threads)

    def check(self, script: Script) -> None:
        """Raises EngineFailed (engine-statement) with every statement that may not run."""
        self._statements = dict(zip(script.statements, checked(script, self), strict=True))

    def load(self, script: Script, failed: Failed, tell: Tell) -> None:
        load(self, script.sources, self._site, self._loading, failed, tell)

    def checked(self, statement: Statement) -> str:
        return self._statements[statement]

    def made(self, statement: Statement) -> None:
        pass

    def column(self, name: str) -> str:
        return quoted(name)

    def step(self, name: str) -> str:
        return f"temp.{quoted(name)}"

    def as_text(self, column: str) -> str:
        return f"cast({column} as varchar)"

    def out_of_memory(self, step: str) -> Diagnostic:
        return _out_of_memory(self._site, step)
