"""docs/explain.md runs as it is printed."""

from pathlib import Path

from tests.consoles import ROOT, replay


def test_what_the_page_shows_is_what_is_printed(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    assert replay(page, tmp_path) == page
