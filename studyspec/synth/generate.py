"""Invented data for a model or a site: same seed, same engine, same content; marked as synthetic everywhere.

The folder says it in `SYNTHETIC.txt` and `synthetic.json`, every Parquet file in its metadata, every database table in
its comment, every key in its first letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from studyspec.catalogue.types import Binding, Model, Site
from studyspec.source import EngineFailed, Refused, Unreadable
from studyspec.synth import faults
from studyspec.synth.draw import name, text
from studyspec.synth.physical import physical_tables
from studyspec.synth.tables import Wish, statements

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Format = Literal["parquet", "csv", "duckdb"]

GENERATOR: Final = "studyspec synth 1"
MOST_ENTITIES: Final = 20_000_000
MARK: Final = "SYNTHETIC.txt"
MANIFEST: Final = "synthetic.json"
_SAYS: Final = "These data are invented. They describe nobody, and nothing can be learnt from them about anyone.\n"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was made.  tables: physical table -> number of rows.  files: names inside the folder, the marks aside."""

    generator: str
    engine: str
    model: str
    model_version: int
    model_hash: str
    binding: str | None
    seed: int
    entities: int
    format: Format
    tables: Mapping[str, int]
    files: tuple[str, ...]
    synthetic: bool = True


def generate(
    model: Model,
    *,
    seed: int,
    entities: int,
    out: Path,
    format: Format = "parquet",
    binding: Binding | None = None,
    site: Site | None = None,
    database: str | None = None,
    null: str = "",
    threads: int = 2,
) -> Manifest:
    """Make data for every table of a model and write them into a folder, replacing invented data made there before.

    entities: how many of each entity.  binding: writes the physical tables it speaks of; default the site's, or none
    site: the site the data are for; one with register data is refused
    database: name of the file for the format `duckdb`; default the site's, or data.duckdb
    null: what stands for null in CSV files.  threads: changes nothing in what is made
    Raises Refused (synth-on-register, synth-folder-in-use, synth-entity-count, synth-hint, synth-circular,
    synth-physical-name), Unreadable (synth-unwritable), EngineFailed (synth-engine).
    """
    if site is not None and site.kind == "register":
        raise Refused(faults.on_register(site.name))
    if not 1 <= entities <= MOST_ENTITIES:
        raise Refused(faults.entity_count(entities, MOST_ENTITIES))
    bound = binding if binding is not None or site is None else site.binding
    if database is None:
        at_site = site is not None and site.connection.kind == "duckdb" and site.connection.stated
        database = site.connection.path.name if site is not None and at_site else "data.duckdb"
    making = list(statements(Wish(model, seed, entities, bound)))
    tables = physical_tables(model, bound, seed)
    if format != "duckdb":
        for physical in tables:
            _check_file_name(physical)
    _check_folder(out)
    wish = _Order(model, bound, seed, entities, format, database, null, threads)
    try:
        return _write(wish, making, tables, out)
    except OSError:
        raise Unreadable(faults.unwritable(str(out))) from None


@dataclass(frozen=True, slots=True)
class _Order:
    model: Model
    binding: Binding | None
    seed: int
    entities: int
    format: Format
    database: str
    null: str
    threads: int


def _write(order: _Order, making: list[str], tables: Mapping[str, str], out: Path) -> Manifest:
    """Everything is written beside the folder and moved into place at once: after a crash the old data are there."""
    import json
    import os
    import shutil
    import tempfile

    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        folder, scratch = partial / "data", partial / "scratch"
        folder.mkdir()
        scratch.mkdir()
        engine, rows = _run(order, making, tables, folder, scratch)
        manifest = Manifest(
            generator=GENERATOR,
            engine=engine,
            model=order.model.name,
            model_version=order.model.version,
            model_hash=order.model.hash,
            binding=order.binding.name if order.binding is not None else None,
            seed=order.seed,
            entities=order.entities,
            format=order.format,
            tables=rows,
            files=tuple(sorted(file.name for file in folder.iterdir())),
        )
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n", "utf-8")
        (folder / MARK).write_text(_SAYS, "utf-8")
        if out.exists():
            os.replace(out, partial / "before")
        os.replace(folder, out)
        return manifest
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _run(
    order: _Order, making: list[str], tables: Mapping[str, str], folder: Path, scratch: Path
) -> tuple[str, dict[str, int]]:
    """Make and write every table; the name of the engine, and how many rows each physical table got."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": str(order.threads),
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        with duckdb.connect(":memory:", config=config) as db:
            for statement in making:
                db.execute(statement)
            if order.format == "duckdb":
                db.execute(f"attach {text(str(folder / order.database))} as written")
            return f"duckdb {duckdb.__version__}", {
                physical: _write_table(db, order, physical, query, folder) for physical, query in tables.items()
            }
    except duckdb.Error:
        raise EngineFailed(faults.engine()) from None


def _write_table(db: DuckDBPyConnection, order: _Order, physical: str, query: str, folder: Path) -> int:
    if order.format == "duckdb":
        target = f"written.main.{name(physical)}"
        db.execute(f"create table {target} as {query}")
        db.execute(f"comment on table {target} is {text('synthetic: ' + GENERATOR)}")
        counted = db.execute(f"select count(*) from {target}").fetchone()
    else:
        target = text(str(folder / f"{physical}.{order.format}"))
        counted = db.execute(f"copy ({query}) to {target} ({_options(order)})").fetchone()
    return int(counted[0]) if counted is not None else 0


def _options(order: _Order) -> str:
    if order.format == "csv":
        return f"format csv, header, nullstr {text(order.null)}"
    marks = {"synthetic": "true", "generator": GENERATOR, "model_hash": order.model.hash, "seed": str(order.seed)}
    listed = ", ".join(f"{key}: {text(value)}" for key, value in marks.items())
    return f"format parquet, compression zstd, kv_metadata {{{listed}}}"


# --- what may be written where ---------------------------------------------------------------------------------------


def _check_file_name(physical: str) -> None:
    if physical in ("", ".", "..") or any(sign in physical for sign in '/\\\0:*?"<>|') or physical.startswith("."):
        raise Refused(faults.physical_name(physical))


def _check_folder(out: Path) -> None:
    """Refuse a folder with anything in it but invented data that were made here."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise Refused(faults.folder_in_use(str(out)))
    if not out.exists():
        return
    try:
        present = {entry.name for entry in out.iterdir()}
    except OSError:
        raise Unreadable(faults.unwritable(str(out))) from None
    if present - _made_before(out):
        raise Refused(faults.folder_in_use(str(out)))


def _made_before(out: Path) -> set[str]:
    """The files that an earlier manifest in the folder lists."""
    import json

    try:
        found = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(found, dict) or not str(found.get("generator", "")).startswith("studyspec synth "):
        return set()
    return {MARK, MANIFEST, *(str(file) for file in found.get("files", ()))}
