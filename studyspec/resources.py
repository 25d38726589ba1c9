"""Where the files shipped beside the code are: inside the wheel, or in the checkout of an editable install."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `grammar`, `specs` or `errors` (the diagnostics' pages, docs/errors in a checkout)."""
    shipped = _PACKAGE / "_data" / name
    if shipped.is_dir():
        return shipped
    return _PACKAGE.parent / ("docs/errors" if name == "errors" else name)
