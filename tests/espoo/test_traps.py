"""Each planted trap changes the result of SQL that does not know of it, and not ours; the page tells by how much."""

from __future__ import annotations

import pytest

from bench.traps import PAGE, Found, found, page_with, table


@pytest.fixture(scope="module")
def asked() -> tuple[list[Found], bool]:
    """Every question, asked of three shapes of the same people; that ours are alike is held while asking."""
    return found()


def test_every_trap_changes_what_naive_sql_finds(asked: tuple[list[Found], bool]) -> None:
    for line in asked[0]:
        if line.ours is not None:
            assert abs(line.naive - line.ours) > 0.02 * line.ours, line.asked


def test_every_trap_that_data_can_hold_is_asked_about(asked: tuple[list[Found], bool]) -> None:
    assert {line.number for line in asked[0]} | {11} == set(range(1, 17)) - {3, 8, 15}


def test_a_renamed_key_stops_naive_sql_and_not_us(asked: tuple[list[Found], bool]) -> None:
    assert not asked[1]


def test_the_page_shows_what_was_found(asked: tuple[list[Found], bool]) -> None:
    assert page_with(table(*asked)) == PAGE.read_text("utf-8"), "run `python -m bench.traps`"
