"""One DuckDB connection: opened closed to the world, stoppable, and silent about what its errors quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studyspec.engine.stopped import Stopped, Trouble, quietly

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")


def quoted(name: str) -> str:
    """A name as DuckDB reads it: any text without NUL is safe between doubled quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class Session:
    """An in-memory database.  `seal` it before anything from outside runs in it."""

    def __init__(self, spill: Path, memory_limit: str, threads: int) -> None:
        """Open with extensions, secrets and replacement scans off.  spill: a private directory."""
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_unsigned_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(spill),
            "extension_directory": str(spill / "none"),
            "secret_directory": str(spill / "none"),
        }
        self._connection: duckdb.DuckDBPyConnection = quietly(
            lambda: duckdb.connect(":memory:", config=config), _trouble
        )
        self.run("SET enable_progress_bar = false")
        self.run("SET TimeZone = 'UTC'")

    def seal(self) -> None:
        """Close the file system but for the spill directory and what is attached; close the network and the settings.

        Cannot be undone: DuckDB itself refuses to.
        """
        self.run("SET allowed_paths = []")
        self.run("SET allowed_directories = []")
        self.run("SET enable_external_access = false")
        self.run("SET lock_configuration = true")

    def run(self, sql: str) -> None:
        """Execute one statement.  Raises Stopped; KeyboardInterrupt within a moment of it being pressed."""
        self._stoppable(lambda: self._connection.execute(sql))

    def rows(self, sql: str, parameters: list[str] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a select.  Raises Stopped."""
        return self._stoppable(lambda: self._connection.execute(sql, parameters or []).fetchall())

    def batches(self, sql: str, size: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a select, `size` at a time.  Raises Stopped."""
        self.run(sql)
        while batch := self._stoppable(lambda: self._connection.fetchmany(size)):
            yield batch

    def close(self) -> None:
        quietly(self._connection.close, _trouble)

    def _stoppable(self, work: Callable[[], T]) -> T:
        """Work in a thread of its own.  DuckDB's C++ code lets no signal through until a statement is over, so that
        the main thread must stay free to take Ctrl-C and interrupt it."""
        from threading import Event, Thread

        done = Event()
        outcome: list[T | Stopped] = []

        def target() -> None:
            try:
                outcome.append(quietly(work, _trouble))
            except Stopped as stopped:
                outcome.append(stopped)
            finally:
                done.set()

        Thread(target=target, daemon=True).start()
        try:
            while not done.wait(1.0):
                pass
        except BaseException:
            self._give_up(done)
            raise
        result = outcome[0]
        if isinstance(result, Stopped):
            raise Stopped(result.trouble, result.failure)
        return result

    def _give_up(self, done: Any) -> None:
        """Interrupt until the statement has let go of the connection; further Ctrl-C do not hurry it."""
        while not done.is_set():
            try:
                self._connection.interrupt()
                done.wait(0.05)
            except KeyboardInterrupt:
                continue


def _trouble(error: Exception) -> Trouble:
    import duckdb

    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return "memory"
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return "cast"
    return "other"
