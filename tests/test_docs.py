"""The documents say what is there: links lead somewhere, commands exist, dependencies have their page."""

import re
import tomllib
from pathlib import Path

import pytest

from studyspec.cli import main

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_every_command_is_described() -> None:
    described = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert not [name for name, _, _ in main.COMMANDS if f"`studyspec {name}" not in described]


def test_no_command_is_described_that_is_not_there() -> None:
    known = {name for name, _, _ in main.COMMANDS}
    for page in (ROOT / "README.md", ROOT / "docs" / "cli.md"):
        assert set(re.findall(r"`studyspec ([a-z]+)", page.read_text(encoding="utf-8"))) <= known, page.name


def test_every_runtime_dependency_has_its_decision() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^A-Za-z0-9_.-]", dependency)[0].lower() for dependency in project["dependencies"]]
    assert not [name for name in names if not (ROOT / "docs" / "decisions" / f"{name}.md").exists()]


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert not [p.name for p in folder.glob("*.md") if p.name != "README.md" and f"({p.name})" not in index]


def test_every_room_is_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [p.parent.name for p in (ROOT / "studyspec").glob("*/__init__.py")]
    assert not [room for room in rooms if f"`{room}`" not in page]
