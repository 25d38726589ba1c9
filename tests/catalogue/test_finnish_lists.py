"""What the code lists of the Finnish registers promise."""

from __future__ import annotations

import datetime

import pytest

from studyspec.catalogue.codelists import load_codelist
from studyspec.catalogue.types import CodeList
from studyspec.resources import folder

SPECS = folder("specs")


def listed(name: str) -> CodeList:
    return load_codelist(SPECS / "codelists" / f"{name}.yaml", SPECS)


@pytest.mark.parametrize(
    ("year", "count"), [(2012, 336), (2013, 320), (2015, 317), (2016, 313), (2017, 311), (2020, 310), (2021, 309)]
)
def test_every_municipality_of_a_year_is_there(year: int, count: int) -> None:
    day = datetime.date(year, 1, 1)
    codes = listed("municipality").codes.values()
    assert sum(code.valid_to is None or code.valid_to >= day for code in codes) == count


def test_a_municipality_that_is_no_more_became_one_that_is() -> None:
    codes = listed("municipality").codes
    gone = {code.code: code.becomes for code in codes.values() if code.valid_to is not None}
    assert len(gone) == 27
    assert all(len(becomes) == 1 and codes[becomes[0]].valid_to is None for becomes in gone.values())


def test_sami_languages_are_domestic_and_apart() -> None:
    assert set(listed("domestic_languages").codes) == {"fi", "sv", "se", "smn", "sms"}
    assert {code.code for code in listed("language").codes.values() if "sami" in code.groups} == {"se", "smn", "sms"}


def test_code_9_is_part_time_in_one_list_and_unknown_in_the_other() -> None:
    assert listed("jobseeker_status").codes["9"].labels["en"] == "Part-time work"
    assert listed("jobseeker_status").codes["9"].valid_from == datetime.date(2022, 5, 1)
    assert listed("spell_status").codes["9"].labels["en"] == "Unknown"


def test_lists_that_claim_to_be_whole_are() -> None:
    assert "".join(listed("occupation").codes) == "0123456789"
    assert "".join(listed("industry").codes) == "ABCDEFGHIJKLMNOPQRSTU"
    assert "".join(listed("isced_level").codes) == "0123456789"
    assert "".join(listed("vacancy_end").codes) == "0123456789"
    assert not any(listed(name).complete for name in ("municipality", "country", "language", "employment_service"))


def test_the_trial_s_statuses_are_those_that_were_published() -> None:
    assert set(listed("trial_statuses").codes) == {"0", "2", "3", "7", "8"}
