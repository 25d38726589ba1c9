"""Where the data of a site are: one file per physical table, found by its exact name and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.source import Diagnostic, EngineFailed, Unreadable


def table_files(site: Site, tables: Iterable[str]) -> dict[str, Path]:
    """The file of each physical table in a folder of CSV or Parquet.

    No globs, no hive folders, no guessing of suffixes or case; a link that leads out of the folder is not followed.
    Raises Unreadable (data-unreadable), EngineFailed (data-missing-table, data-outside-folder) with every fault.
    """
    suffix = f".{site.connection.kind}"
    folder = site.connection.path
    try:
        # A folder's listing is compared by exact name: on some systems opening `Person.csv` would find `person.csv`.
        present = {p.name: p for p in folder.iterdir() if p.name.endswith(suffix)}
        root = folder.resolve(strict=True)
    except OSError:
        present, root = {}, None
    if root is None:
        raise Unreadable(faults.unreadable_data(site.name, "folder", str(folder)))
    found: dict[str, Path] = {}
    wrong: list[Diagnostic] = []
    for table in tables:
        path = present.get(table + suffix)
        if path is None:
            wrong.append(faults.missing_table(table, (name.removesuffix(suffix) for name in present)))
            continue
        real = _inside(path, root)
        if real is None:
            wrong.append(faults.table_outside(table))
        else:
            found[table] = real
    if wrong:
        raise EngineFailed(*wrong)
    return found


def _inside(path: Path, root: Path) -> Path | None:
    """The ordinary file below `root` that a path leads to, or None."""
    try:
        real = path.resolve(strict=True)
        return real if real.is_relative_to(root) and real.is_file() else None
    except (OSError, RuntimeError):  # RuntimeError: a link to itself
        return None


def database_file(site: Site) -> Path:
    """The site's database file.  Raises Unreadable (data-unreadable)."""
    try:
        real = site.connection.path.resolve(strict=True)
        there = real.is_file()
    except (OSError, RuntimeError):
        there = False
    if not there:
        raise Unreadable(faults.unreadable_data(site.name, "database file", str(site.connection.path)))
    return real


def csv_header(path: Path) -> tuple[str, ...] | None:
    """The column names of a CSV file, or None where its first line is no header (empty, damaged, names repeated)."""
    import codecs
    import csv
    import io

    with open(path, "rb") as file:
        start = file.read(_HEADER_BYTES)
    whole = len(start) < _HEADER_BYTES
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(start, final=whole)
        lines = io.StringIO(text, newline="")
        names = tuple(next(csv.reader(lines, strict=True), ()))
    except (UnicodeDecodeError, csv.Error):
        return None
    if not names or "\0" in "".join(names) or len(set(names)) < len(names):
        return None
    return names if whole or lines.tell() < len(text) else None


#: A header longer than this is no header.
_HEADER_BYTES = 1_000_000
