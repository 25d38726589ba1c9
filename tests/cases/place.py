"""Studies on real data that lie beside the project: read where they are, and no part of it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import studyspec
from studyspec.catalogue.models import load_model

HERE = Path(__file__).parent
CASES = HERE.parents[1].parent / "shared" / "cases"

Rows = list[dict[str, str]]

_SITE = """site: {name}
kind: public
population: The people of {name}
connection: {{kind: csv}}
binding: binding.yaml
policy: open
model: model.yaml
accepts: {{{model}: {hash}}}
ledger: state/ledger.jsonl
key: state/site.key
"""


def case(name: str) -> Path:
    """The folder of a case; skips where it is not."""
    folder = CASES / name
    if not folder.is_dir():
        pytest.skip(f"the case {name} is not here: it is read from {folder.relative_to(CASES.parents[1])}")
    return folder


def expected(name: str) -> dict[str, float]:
    """What was computed elsewhere, by id: with Python, or with R where Python has none."""
    checks = json.loads((case(name) / "expected.json").read_text(encoding="utf-8"))["checks"]
    return {one["id"]: one["python"] if one["python"] is not None else one["r"] for one in checks}


def run(name: str, study: str, place: Path, data: Path | None = None) -> dict[str, Rows]:
    """The tables of a study of this folder, by name, on the data of the case or on others of their shape."""
    data = data or case(name)
    world = place / "world"
    shutil.copytree(HERE / name, world)
    model, _ = load_model(world / "model.yaml")
    site = world / "site.yaml"
    site.write_text(_SITE.format(name=name, model=model.name, hash=model.hash), encoding="utf-8")
    studyspec.run(world / f"{study}.study", site=site, data=data, out=place / "out")
    files = sorted((place / "out").glob("*.csv"))
    return {file.stem: list(csv.DictReader(file.open(encoding="utf-8"))) for file in files}


def row(rows: Rows, **keys: str) -> dict[str, str]:
    """The one row with these keys."""
    (found,) = [one for one in rows if all(one[key] == value for key, value in keys.items())]
    return found


def frame(name: str, table: str, **options: Any) -> Any:
    """A table of a case in pandas."""
    pandas = pytest.importorskip("pandas")
    return pandas.read_csv(case(name) / f"{table}.csv", **options)
