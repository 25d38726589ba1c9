"""Bounds in words."""

import datetime

import pytest

from studyspec.semantics.core import Bound
from studyspec.semantics.design import when
from studyspec.semantics.horizon import EXTRACTION, LATEST


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (Bound("index"), "at the index"),
        (Bound("index", 0, 1), "1 day after the index"),
        (Bound("index", 12, 0), "1 year after the index"),
        (Bound("index", 12, -1), "1 year less 1 day after the index"),
        (Bound("index", 14, 30), "1 year and 2 months and 30 days after the index"),
        (Bound("index", -24, 0), "2 years before the index"),
        (Bound("index", -24, -3), "2 years and 3 days before the index"),
        (Bound("entry"), "when follow-up starts"),
        (Bound("row", 0, 30), "30 days after the row's day"),
        (Bound("calendar", 0, datetime.date(2020, 2, 29).toordinal()), "on 2020-02-29"),
        (EXTRACTION, "when the extract is made"),
        (LATEST, "when the data end"),
    ],
)
def test_a_bound_reads_as_people_say_it(bound: Bound, words: str) -> None:
    assert when(bound) == words
