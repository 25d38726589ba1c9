"""The example on the page of each fault of the language shows that very fault."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from studyspec.language import parse
from studyspec.source import Refused, Source

ROOT = Path(__file__).parents[2]
HEAD = "study a version 1\nlanguage en\nmodel m 1\n"
#: What no short example can show.
WITHOUT = {"yaml-too-large", "too-many-faults", "format-unsafe", "spelling-unknown", "identity-code"}


def codes() -> list[str]:
    modules = [(ROOT / f"studyspec/language/{m}.py").read_text(encoding="utf-8") for m in ("faults", "yamlfaults")]
    calls = [
        n
        for text in modules
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Diagnostic"
    ]
    return sorted({n.args[0].value for n in calls if isinstance(n.args[0], ast.Constant)})  # type: ignore[misc]


@pytest.mark.parametrize("code", [code for code in codes() if code not in WITHOUT])
def test_the_example_shows_the_fault(code: str) -> None:
    page = (ROOT / f"docs/errors/{code}.md").read_text(encoding="utf-8")
    block = re.search(r"```(study|yaml)\n(.*?)```", page, re.DOTALL)
    assert block is not None
    spelling, text = block.groups()
    needs_head = spelling == "study" and "study a" not in text and code != "empty-study"
    with pytest.raises(Refused) as caught:
        parse(Source(f"x.{spelling}", HEAD + text if needs_head else text))
    assert {d.code for d in caught.value.diagnostics} == {code}
