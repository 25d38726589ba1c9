"""`--update-golden` writes the golden scripts anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/sql/golden anew")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    # The option exists only where pytest was started on this folder.
    return bool(request.config.getoption("update_golden", default=False))
