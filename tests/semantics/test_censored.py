"""Recorded follow-up of which every end has to be accounted for: what is understood of `censored where`."""

from pathlib import Path

import pytest

from studyspec.catalogue.load import load_model
from studyspec.catalogue.types import Catalogue
from studyspec.language import parse
from studyspec.plan.plan import plan
from studyspec.semantics import core, resolve
from studyspec.source import Diagnostic, Source
from tests.semantics.sample import TODAY

MODEL = load_model(Path(__file__).parents[2] / "docs/semantics/clinic.yaml")[0]
HEAD = "study s version 1\nlanguage en\nmodel clinic 1\ncohort c of person\n    index none\n"
FOLLOW = "follow-up recorded in stay from start to end\n"
MOVED = 'outcome moved\n    recorded where ward = "s"\n'
REPORT = "report risk of moved at 30 days\n"


def understood(censored: str, *outcomes: str) -> tuple[core.Study | None, tuple[Diagnostic, ...]]:
    clause = f"    censored where {censored}\n" if censored else ""
    document = parse(Source("s.study", HEAD + FOLLOW + clause + "".join(outcomes or (MOVED,)) + REPORT))
    return resolve(document, Catalogue(MODEL, MODEL.codelists, None), TODAY)


def study(censored: str, *outcomes: str) -> core.Study:
    found, faults = understood(censored, *outcomes)
    assert found is not None, faults
    return found


def told(censored: str, *outcomes: str) -> list[str]:
    return [f.code for f in understood(censored, *outcomes)[1]]


def starts(found: core.Study) -> list[str]:
    (cube,) = (spec for spec in plan(found).cubes if spec.kind == "start")
    return [category.key for category in cube.dimensions[0].categories]


def test_only_where_it_is_said_can_someone_be_unexplained() -> None:
    assert starts(study("")) == ["at_risk", "prior", "ended", "time_zero"]
    assert starts(study('ward = "n"')) == ["at_risk", "prior", "ended", "time_zero", "unexplained"]


def test_it_is_part_of_what_a_study_means_and_reads() -> None:
    assert len({study(one).hash for one in ("", 'ward = "n"', 'ward != "s"')}) == 3
    found = study("age at start > 3")
    assert "person.born" in map(str, found.columns)
    (cube,) = (spec for spec in plan(found).cubes if spec.kind == "start")
    assert {"person.born", "stay.ward"} <= set(map(str, cube.origins))


def test_codes_that_nothing_accounts_for_are_named() -> None:
    assert told('ward = "n"') == []
    assert told('ward != "s"') == []
    assert told("end > 2020-01-01") == []
    _, found = understood('ward = "s" and start < 2021-01-01')
    assert [(f.code, f.severity) for f in found] == [("end-unexplained", "warning")]
    assert '`stay.ward` is "n"' in found[0].message


def test_an_outcome_accounts_for_its_ends_whether_it_competes_or_not() -> None:
    left = 'ward = "s" and start < 2021-01-01'
    assert told(left, MOVED, 'outcome stayed\n    recorded where ward = "n"\n') == []


def test_it_can_be_allowed_under_the_follow_up() -> None:
    reason = '    allow end-unexplained because "They are none of ours."\n'
    assert told('ward = "s"\n' + reason.rstrip()) == []


@pytest.mark.parametrize(
    ("censored", "code"),
    [("ward", "not-a-condition"), ('wrd = "n"', "unknown-name"), ('ward = "x"', "code-not-in-list")],
)
def test_what_is_wrong_is_refused(censored: str, code: str) -> None:
    assert told(censored) == [code]


def test_without_an_index_it_may_not_speak_of_one() -> None:
    assert "no-index" in told("start > index")
