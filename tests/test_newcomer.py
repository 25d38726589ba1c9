"""docs/newcomer.md runs from top to bottom, as it is printed."""

from pathlib import Path

from tests.consoles import ROOT, replay


def test_a_newcomer_sees_what_the_page_shows(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "newcomer.md").read_text(encoding="utf-8")
    assert replay(page, tmp_path) == page
