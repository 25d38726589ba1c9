"""What authors are told about bad studies: the exact place, the code, the message and the remedy.

Renew the transcripts with `UPDATE_TRANSCRIPTS=1 pytest tests/language/test_bad.py`, and read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studyspec.source import Source
from tests.language.transcripts import transcript

FOLDER = Path(__file__).parent / "bad"
BAD = sorted([*FOLDER.glob("*.study"), *FOLDER.glob("*.yaml")])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_the_author_is_told_exactly_this(path: Path) -> None:
    said = transcript(Source(path.name, path.read_text(encoding="utf-8")))
    expected = path.with_suffix(path.suffix + ".txt")
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


def test_five_faults_are_five_errors_though_two_are_brackets_that_never_close() -> None:
    said = transcript(Source("x.study", (FOLDER / "five_faults.study").read_text(encoding="utf-8")))
    assert said.count("\n\n") + 1 == 5


def test_every_transcript_has_its_study() -> None:
    assert {p.with_suffix("") for p in FOLDER.glob("*.txt")} == set(BAD)
