"""Steps that are made in parts, and lists with steps of their own, count what whole ones do: on studies at random."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from studyspec.plan import frame, shapes
from tests.arbiter.generated import Case, cases
from tests.arbiter.test_agreement import agree


@pytest.fixture(scope="module")
def narrow() -> Iterator[None]:
    """As if steps had room for two columns, sums for two terms, and expressions for one code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "WIDEST", 2)
        patch.setattr(shapes, "TEN", 2)
        patch.setattr(frame, "MANY", 1)
        yield


@pytest.mark.usefixtures("narrow")
@given(case=cases())
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_arbiter_and_duckdb_count_the_same(case: Case) -> None:
    agree(case)
