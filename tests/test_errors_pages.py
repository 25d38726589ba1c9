"""Every message has a page, every page has a message, and pages are built alike."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "errors"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def calls(path: Path) -> list[ast.Call]:
    return [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def makers(path: Path) -> set[str]:
    """`Diagnostic`, and the module's own functions that take a `code` first and hand it on."""
    names = {"Diagnostic"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "code":
            names.add(node.name)
    return names


def codes() -> dict[str, str]:
    """code -> the module that raises it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "studyspec").rglob("*.py")):
        if not path.name.endswith(("faults.py", "source.py")):
            continue
        names = makers(path)
        for call in calls(path):
            if called(call) not in names:
                continue
            first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "code"), None)
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = str(path.relative_to(ROOT))
    return found


def pages() -> list[str]:
    return sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "README")


def test_codes_are_kebab_case() -> None:
    assert not [code for code in codes() if not CODE.fullmatch(code)]


def test_every_code_has_a_page() -> None:
    assert not {code: module for code, module in codes().items() if not (PAGES / f"{code}.md").is_file()}


def test_every_page_has_a_code() -> None:
    assert not set(pages()) - set(codes())


@pytest.mark.parametrize("code", pages())
def test_a_page_says_what_it_means_why_what_to_do_and_shows_an_example(code: str) -> None:
    text = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    title, meaning = text.split("\n\n")[:2]
    assert title == f"# {code}"
    assert meaning
    assert not meaning.startswith("#")
    assert "\n## Why\n" in text
    assert "\n## What to do\n" in text
    assert text.count("\n```") >= 2


def test_diagnostics_are_built_by_named_functions_only() -> None:
    """One function per fault, in the faults of its room; `source` builds those of reading a file."""
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "studyspec").rglob("*.py"))
        if not path.name.endswith(("faults.py", "source.py"))
        for call in calls(path)
        if called(call) == "Diagnostic"
    ]
    assert not wrong
