"""The page about public data: its documents are taken as they stand, and its table is what they give."""

from __future__ import annotations

import re
from pathlib import Path

import studyspec
from studyspec.catalogue.models import load_model

PAGE = Path(__file__).parents[1] / "docs" / "public-data.md"
BLOCK = re.compile(r"^```\w+\n# (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_documents_of_the_page_give_its_table(tmp_path: Path) -> None:
    blocks = {one["name"]: one["text"] for one in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    expected = blocks.pop("risk_recurs.csv")
    (tmp_path / "data").mkdir()
    for name, text in blocks.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    model, _ = load_model(tmp_path / "trial.yaml")
    site = tmp_path / "site.yaml"
    site.write_text(blocks["site.yaml"].replace("HASH", model.hash), encoding="utf-8")
    studyspec.run(tmp_path / "trial.study", site=site, out=tmp_path / "out")
    assert (tmp_path / "out" / "risk_recurs.csv").read_text(encoding="utf-8") == expected
