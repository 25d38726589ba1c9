"""Every example of docs/language.md is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studyspec.language import parse, parse_expression
from studyspec.source import Source

PAGE = (Path(__file__).parents[2] / "docs/language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
HEAD = "study a version 1\nlanguage en\nmodel m 1\n"


@pytest.mark.parametrize(("kind", "text"), BLOCKS, ids=[text.split("\n")[0][:40] for _, text in BLOCKS])
def test_the_example_is_read(kind: str, text: str) -> None:
    if kind == "expression":
        for line in text.splitlines():
            parse_expression(Source("x", line).span(0, len(line)))
    else:
        assert kind in ("study", "yaml")
        whole = kind == "yaml" or text.startswith("study ")
        parse(Source(f"x.{kind}", text if whole else HEAD + text))


def test_there_are_examples() -> None:
    assert len(BLOCKS) >= 10
