"""What checked loading costs: the engine's own load of CSV, Parquet and DuckDB beside a plain read of the same file.

    python bench/engine_load.py [ROWS]      (5,000,000 unless told otherwise)

Each time is the best of three, in a fresh session with two threads; the plain read trusts every value.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from studyspec.catalogue.types import Binding, Connection, Policy, Site, ValueType
from studyspec.engine.duckdb_load import load
from studyspec.engine.duckdb_session import Session
from studyspec.source import EngineFailed
from studyspec.sql.script import SourceColumn, SourceTable

SPELLS = SourceTable(
    "spells",
    (
        SourceColumn("person", ValueType("identifier"), False),
        SourceColumn("start_day", ValueType("date"), False),
        SourceColumn("end_day", ValueType("date"), True),
        SourceColumn("code", ValueType("code", "service"), False),
    ),
)
DATA = """
SELECT 1000000000 + (hash(i) % 300000)::BIGINT * 7 AS person,
       DATE '2010-01-01' + (hash(i + 7) % 4000)::INTEGER AS start_day,
       CASE WHEN i % 9 > 0 THEN DATE '2010-01-01' + (hash(i + 7) % 4000)::INTEGER + (i % 300)::INTEGER END AS end_day,
       lpad((hash(i) % 999)::VARCHAR, 3, '0') AS code
FROM range({rows}) AS t(i)
"""


def make(folder: Path, rows: int) -> None:
    (folder / "data").mkdir()
    connection = duckdb.connect(str(folder / "data.duckdb"))
    connection.execute(f"CREATE TABLE spells AS {DATA.format(rows=rows)}")
    for kind in ("csv", "parquet"):
        connection.execute(f"COPY spells TO '{folder}/data/spells.{kind}' (FORMAT {kind})")
    connection.close()


def plain(folder: Path, kind: str) -> Callable[[], None]:
    relation = {
        "csv": f"read_csv('{folder}/data/spells.csv')",
        "parquet": f"read_parquet('{folder}/data/spells.parquet')",
        "duckdb": "file.main.spells",
    }[kind]

    def read() -> None:
        connection = duckdb.connect(config={"threads": 2})
        if kind == "duckdb":
            connection.execute(f"ATTACH '{folder}/data.duckdb' AS file (READ_ONLY)")
        connection.execute(f"CREATE TABLE spells AS SELECT * FROM {relation}")
        connection.close()

    return read


def ours(folder: Path, kind: str) -> Callable[[], None]:
    path = folder / ("data.duckdb" if kind == "duckdb" else "data")
    site = Site(
        name="bench", kind="synthetic", population="nobody", connection=Connection(kind, path),  # type: ignore[arg-type]
        binding=Binding("b", "m", 1, {}), policy=Policy("p", 1, "guarded"), permits={}, ledger=folder / "ledger",
        key=folder / "key", accepts={}, root=folder,
    )  # fmt: skip

    def read() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as private:
            session = Session(Path(private) / "spill", "3GB", 2)
            load(session, (SPELLS,), site, Path(private), lambda step, why: EngineFailed(), lambda step: None)
            session.close()

    return read


def best(work: Callable[[], None]) -> float:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, rows)
        print(f"{rows:,} rows of four columns\n{'':<10}{'plain':>8}{'checked':>10}{'ratio':>8}")
        for kind in ("csv", "parquet", "duckdb"):
            before, after = best(plain(folder, kind)), best(ours(folder, kind))
            print(f"{kind:<10}{before:>7.2f}s{after:>9.2f}s{after / before:>8.2f}")


if __name__ == "__main__":
    main()
