"""Where the data end must be said before a study may count on it: nobody is followed to a day that nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studyspec.catalogue.load import load_catalogue, load_site
from studyspec.catalogue.types import Coverage
from studyspec.language import parse
from studyspec.semantics import resolve
from studyspec.source import Source
from tests.semantics.sample import OMNIA, TODAY

HEADER = 'study small version 1.0.0\nlanguage en\ntitle en "T"\npurpose en "P"\nmodel fi_municipal 1\n'
COHORT = "cohort c of person\n    index first jobseeking starting during [2019-01-01, 2019-12-31]\n"
FOLLOWED = COHORT + "follow-up from index to earliest(index + 1 year, {end})\n"
OUTCOME = "outcome employed\n    first employment starting during follow-up\nreport risk of employed at 6 months\n"
STATE = "state place\n    level inside where any employment covering that day\n    level else_where otherwise\n"


def codes(text: str, said: bool, bound: bool = False) -> list[tuple[str, str]]:
    """The errors of a study with their places, where the model says from when to when its tables are complete or not.

    bound: whether the binding of the site says so
    """
    document = parse(Source("small.study", HEADER + text))
    site = load_site(OMNIA / "site.yaml")
    catalogue = load_catalogue(document, OMNIA, site)
    if not said:
        nothing = {name: replace(one, coverage=Coverage(None, None)) for name, one in catalogue.model.tables.items()}
        catalogue = replace(catalogue, model=replace(catalogue.model, tables=nothing))
    ours = Coverage(None, TODAY) if bound else None
    tables = {name: replace(one, coverage=ours) for name, one in site.binding.tables.items()}
    site = replace(site, permits={}, binding=replace(site.binding, tables=tables))
    _, found = resolve(document, replace(catalogue, site=site), TODAY)
    unknown = [one for one in found if one.code == "data-end-unknown"]
    return [(one.code, one.span.text if one.span else "") for one in unknown]


@pytest.mark.parametrize("text", [OUTCOME, STATE + "report state of place at 6 months\n"])
def test_an_end_of_data_that_nobody_tells_ends_no_follow_up(text: str) -> None:
    followed = FOLLOWED.format(end="end of data")
    assert codes(followed + text, said=False) == [("data-end-unknown", "end of data")]
    assert codes(followed + text, said=True) == []
    assert codes(followed + text, said=False, bound=True) == []


def test_other_ends_need_no_coverage() -> None:
    assert codes(FOLLOWED.format(end="2020-12-31") + OUTCOME, said=False) == []


@pytest.mark.parametrize(
    ("window", "place"),
    [("[start of data, index)", "start of data"), ("[index - 1 year, end of data]", "end of data")],
)
def test_a_window_has_both_its_ends(window: str, place: str) -> None:
    text = f"define worked = any employment starting during {window}\n{COHORT}report baseline of worked\n"
    assert codes(text, said=False) == [("data-end-unknown", place)]
    assert codes(text, said=True) == []
