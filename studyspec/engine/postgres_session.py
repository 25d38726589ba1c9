"""One PostgreSQL connection in one transaction that is always rolled back, and silent about what its errors quote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from studyspec.engine.stopped import Stopped, Trouble, quietly

if TYPE_CHECKING:
    import psycopg

    from studyspec.catalogue.types import Server

T = TypeVar("T")

#: Names are found among the server's own and the transaction's temporary ones, and nowhere else.  Its own come first:
#: a step that is called `date` must not become the type of that name.
_SETTINGS: Final = {
    "search_path": "pg_catalog, pg_temp",
    "client_min_messages": "error",
    "standard_conforming_strings": "on",
    "datestyle": "ISO, YMD",
    "timezone": "UTC",
    "statement_timeout": "12h",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "1h",
    # Steps are planned on temporary tables, for which compiling costs more than it gives.
    "jit": "off",
}


def quoted(name: str) -> str:
    """A name as PostgreSQL reads it: any text without NUL is safe between doubled quotes."""
    return '"' + name.replace('"', '""') + '"'


class Session:
    """A transaction that sees the data as they were when it began, and leaves nothing behind."""

    def __init__(self, server: Server) -> None:
        """Connect.  Raises Stopped, also where the driver is not installed (failure: ModuleNotFoundError)."""
        self._connection: psycopg.Connection[tuple[Any, ...]] = quietly(lambda: _connected(server), _trouble)
        try:
            # Not `read only`: PostgreSQL then refuses temporary tables as well.
            self.run("begin isolation level repeatable read")
            for name, value in _SETTINGS.items():
                self.rows("select set_config(%s, %s, true)", [name, value])
        except BaseException:
            self.close()
            raise

    def run(self, sql: str) -> None:
        """Execute one statement: a text that holds two is refused by the server.  Raises Stopped."""
        quietly(lambda: self._connection.execute(sql.encode(), binary=True), _trouble)

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a select.  Raises Stopped."""
        return quietly(lambda: self._connection.execute(sql.encode(), parameters, binary=True).fetchall(), _trouble)

    def batches(self, sql: str, size: int = 20_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a select, `size` at a time.  Raises Stopped."""
        self.run(f"declare batches no scroll cursor for {sql}")
        while batch := self.rows(f"fetch {size} from batches"):
            yield batch
        self.run("close batches")

    def tried(self, work: Callable[[], T]) -> T | Stopped:
        """What a piece of work gives, all that it made undone; or why it stopped."""
        self.run("savepoint tried")
        result: T | Stopped
        try:
            result = work()
        except Stopped as stopped:
            result = stopped
        self.run("rollback to savepoint tried")
        return result

    def close(self) -> None:
        """Roll back and hang up; the server rolls back by itself if it is gone."""
        try:
            self.run("rollback")
        except Stopped:
            pass
        finally:
            self._connection.close()


def _connected(server: Server) -> psycopg.Connection[tuple[Any, ...]]:
    import os

    import psycopg

    if server.dsn_env is not None:
        return psycopg.connect(os.environ[server.dsn_env], autocommit=True, connect_timeout=30)
    known = {"service": server.service, "host": server.host, "port": server.port, "user": server.user}
    stated: dict[str, Any] = {key: value for key, value in known.items() if value is not None}
    if server.database is not None:
        stated["dbname"] = server.database
    return psycopg.connect(autocommit=True, connect_timeout=30, **stated)


def _trouble(error: Exception) -> Trouble:
    """By the class of the SQL state: 22 data, 53 resources."""
    state = getattr(error, "sqlstate", None) or ""
    if isinstance(error, MemoryError) or state.startswith("53"):
        return "memory"
    return "cast" if state.startswith("22") else "other"
