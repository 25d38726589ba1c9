"""Labels of categories: where readers see them, and what is said of those that are missing or name nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from studyspec import pipeline, review
from studyspec.semantics import core
from studyspec.source import Diagnostic
from tests.semantics.test_elements import CLIENTS, study, understood

REPORT = "report baseline of activity\n"
CASES = 'define activity "Activity" = cases working "In work" where any employment covering index, neither otherwise\n'
GROUPS = 'define activity "Origin" = origin in groups home "Here" ("11", "12"), abroad "Abroad" ("22")\n'


def categories(found: core.Study) -> dict[str, dict[str, str]]:
    (report,) = (r for r in found.reports if isinstance(r, core.BaselineReport))
    return {one.key: dict(one.labels) for one in report.of[0].categories if one.key != "unknown"}


def warned(*parts: str) -> list[Diagnostic]:
    return [d for d in understood(*parts)[1] if d.code == "translation-missing"]


def test_a_category_is_called_what_its_clauses_say() -> None:
    found = study(CASES, '    label fi working "Töissä"\n    label sv neither "Inget"\n', CLIENTS, REPORT)
    assert categories(found) == {
        "working": {"en": "In work", "fi": "Töissä"},
        "neither": {"en": "neither", "sv": "Inget"},
    }


def test_so_is_a_group() -> None:
    found = study(GROUPS, '    label fi abroad "Muualla"\n', CLIENTS, REPORT)
    assert categories(found) == {"home": {"en": "Here"}, "abroad": {"en": "Abroad", "fi": "Muualla"}}


def test_a_definition_by_another_name_has_its_labels() -> None:
    found = study(
        CASES, '    label fi working "Töissä"\n', "define same = activity\n", CLIENTS, "report baseline of same\n"
    )
    assert categories(found)["working"]["fi"] == "Töissä"


def test_whoever_reads_the_study_back_in_that_language_sees_them() -> None:
    labels = '    label fi working "Töissä"\n    label fi neither "Ei"\n'
    (told,) = review.explain(study(CASES, labels, CLIENTS, REPORT), ["activity"], None, "fi", {})
    assert [(group.key, group.label) for group in told.groups[:2]] == [("working", "Töissä"), ("neither", "Ei")]


def test_the_hash_of_meaning_is_blind_to_them() -> None:
    bare, labelled = (study(CASES, more, CLIENTS, REPORT) for more in ("", '    label fi working "Töissä"\n'))
    assert bare.hash == labelled.hash


def test_a_category_that_the_definition_has_not_is_told_with_the_nearest() -> None:
    found, faults = understood(CASES, '    label fi workin "Töissä"\n', CLIENTS, REPORT)
    (fault,) = (d for d in faults if d.severity == "error")
    assert found is None
    assert (fault.code, fault.message) == ("unknown-name", "There is no category of `activity` named `workin`.")
    assert fault.remedy == "Did you mean `working`?"
    assert fault.span is not None
    assert fault.span.text == "workin"


def test_imported_definitions_bring_theirs(tmp_path: Path) -> None:
    other = "study shared version 1\nlanguage en\nmodel fi_municipal 1\n" + CASES + '    label fi working "Töissä"\n'
    (tmp_path / "shared.study").write_text(other, encoding="utf-8")
    import hashlib

    digest = hashlib.sha256(other.encode()).hexdigest()
    head = "study s version 1\nlanguage en\nmodel fi_municipal 1\n"
    text = head + f'import activity from "shared.study" sha256 "{digest}"\n' + CLIENTS + REPORT
    (tmp_path / "s.study").write_text(text, encoding="utf-8")
    assert categories(pipeline.understand(tmp_path / "s.study").study)["working"]["fi"] == "Töissä"


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        ("", None),
        ('    label fi "Toiminta"\n', "`working`"),
        ('    label fi "Toiminta"\n    label fi working "T"\n', "`neither`"),
        ('    label fi working "T"\n', "`neither`"),
        ('    label fi "Toiminta"\n    label fi working "T"\n    label fi neither "E"\n', None),
        ('    label en "Activity"\n', None),
    ],
)
def test_a_language_that_only_some_categories_have_is_told(labels: str, missing: str | None) -> None:
    """One without a label in the study's own language needs none, but beside labelled ones."""
    found = warned(CASES, labels, CLIENTS, REPORT)
    expected = [] if missing is None else [f"Categories of `activity` have no label in fi: {missing}."]
    assert [d.message for d in found] == expected


def test_the_reason_may_be_said_where_the_definition_is() -> None:
    allow = '    allow translation-missing because "The city has no Finnish readers yet."\n'
    assert warned(CASES, '    label fi "Toiminta"\n', allow, CLIENTS, REPORT) == []
