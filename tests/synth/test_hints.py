"""Hints make data plausible: what hangs on what, at which age, in which months, and when more happens than usual."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from studyspec.catalogue.invented import laid_over, load_invented
from studyspec.catalogue.types import Model
from studyspec.source import Refused
from studyspec.synth.generate import generate
from tests.synth.invented import COVERED, SEX, Rows, column, conforms, everything, model, table

DATE = datetime.date
MONTHS = [1, 1, 1, 1, 1, 6, 1, 1, 1, 1, 1, 1]


def people(*tables: Any, **columns: Any) -> Model:
    """People with a birth and two columns; `a` and `b` of columns are their hints."""
    person = table(
        "person", "attributes", column("born", "date", low=DATE(1950, 1, 1), high=DATE(2009, 12, 31)),
        column("a", "code of sex", synth=columns.get("a", {})), column("b", "code of sex?", synth=columns.get("b", {})),
    )  # fmt: skip
    return model(person, *tables, lists=(SEX,), born="born")


def made(of: Model, out: Path, entities: int = 4000) -> dict[str, Rows]:
    generate(of, seed=1, entities=entities, out=out / "data")
    rows = everything(of, out / "data")
    conforms(of, rows)
    return rows


def stays(**hints: Any) -> Any:
    return table("stay", "spells", column("kind", "code of sex"), coverage=COVERED, synth=hints)


# --- what hangs on what ----------------------------------------------------------------------------------------------


def test_a_column_hangs_on_one_above_it(tmp_path: Path) -> None:
    hints = {"null_share": 0, "weights": {"1": 1}, "given": [{"when": {"a": ["2"]}, "weights": {"2": 1}}]}
    rows = made(people(b=hints), tmp_path)["person"]
    assert {(row["a"], row["b"]) for row in rows} == {("1", "1"), ("2", "2")}


def test_the_first_case_that_holds_counts_and_says_only_what_differs(tmp_path: Path) -> None:
    hints = {
        "null_share": 0,
        "weights": {"1": 1},
        "given": [
            {"when": {"born": {"high": DATE(1979, 12, 31)}, "a": ["1"]}, "null_share": 1},
            {"when": {"born": {"low": DATE(1970, 1, 1), "high": DATE(1989, 12, 31)}}, "weights": {"2": 1}},
        ],
    }
    for row in made(people(b=hints), tmp_path)["person"]:
        old, middle = row["born"].year < 1980 and row["a"] == "1", 1970 <= row["born"].year < 1990
        assert row["b"] == (None if old else "2" if middle else "1")


def test_rows_hang_on_attributes_of_their_entity_and_on_their_own_days(tmp_path: Path) -> None:
    visit = table(
        "visit", "events", column("kind", "code of sex", synth={
            "weights": {"1": 1},
            "given": [{"when": {"date": {"low": DATE(2015, 1, 1)}, "a": ["1"]}, "weights": {"2": 1}}],
        }),
        coverage=COVERED, synth={"rate_per_year": 0.1, "given": [{"when": {"a": ["2"]}, "rate_per_year": 0.4}]},
    )  # fmt: skip
    rows = made(people(visit), tmp_path)
    a = {row["id"]: row["a"] for row in rows["person"]}
    for row in rows["visit"]:
        assert (row["kind"] == "2") == (row["date"].year >= 2015 and a[row["id"]] == "1")
    often = Counter(a[row["id"]] for row in rows["visit"])
    assert 3.5 < often["2"] / often["1"] < 4.5


def test_everything_a_spell_is_made_of_can_hang_on_attributes(tmp_path: Path) -> None:
    case = {"when": {"a": ["2"]}, "per_entity": 2, "length_days": [5, 5, 5], "gap_days": [7, 7, 7], "ongoing": 0}
    stay = stays(per_entity=1, length_days=[2, 2, 2], gap_days=[0, 90, 90], ongoing=1, given=[case])
    after = table(
        "after", "spells", coverage=COVERED,
        synth={"follows": {"table": "stay", "days": [0, 0, 0]}, "length_days": [1, 1, 1],
               "given": [{"when": {"a": ["2"]}, "follows": {"table": "stay", "share": 0, "days": [0, 0, 0]}}]},
    )  # fmt: skip
    rows = made(people(stay, after), tmp_path)
    a = {row["id"]: row["a"] for row in rows["person"]}
    lengths = {(a[row["id"]], (row["end"] - row["start"]).days) for row in rows["stay"] if row["end"]}
    assert {("1", 2), ("2", 5)} <= lengths
    assert {length for one, length in lengths if one == "2"} <= {1, 2, 3, 4, 5}
    assert {a[row["id"]] for row in rows["after"]} == {"1"}
    open_ones = Counter(a[row["id"]] for row in rows["stay"] if row["end"] is None)
    assert open_ones["1"] > 50 * open_ones["2"]


def test_some_come_late_to_spells_that_fill(tmp_path: Path) -> None:
    home = table("home", "spells", coverage=COVERED, synth={"fill": True, "per_entity": 1, "late": 0.5})
    rows = made(people(home), tmp_path)
    born = {row["id"]: row["born"] for row in rows["person"]}
    late = [row["start"] > max(born[row["id"]], DATE(2010, 1, 1)) for row in rows["home"]]
    assert 0.45 < sum(late) / len(late) < 0.55


# --- when ------------------------------------------------------------------------------------------------------------


def test_rows_start_at_the_ages_said(tmp_path: Path) -> None:
    visit = table("visit", "events", coverage=COVERED, synth={"rate_per_year": 1, "ages": [18, 30]})
    rows = made(people(visit, stays(per_entity=3, ages=[18, 30])), tmp_path)
    born = {row["id"]: row["born"] for row in rows["person"]}
    ages = []
    for row, day in [(r, r["date"]) for r in rows["visit"]] + [(r, r["start"]) for r in rows["stay"]]:
        birth = born[row["id"]]
        ages.append(day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))
    assert (min(ages), max(ages)) == (18, 30)


@pytest.mark.parametrize("shape", ["events", "spells"])
def test_rows_start_in_months_as_often_as_weighed(shape: str, tmp_path: Path) -> None:
    hints = {"per_entity": 2, "months": MONTHS}
    of = people(table("visit", shape, coverage=COVERED, synth=hints))
    day = "date" if shape == "events" else "start"
    months = Counter(row[day].month for row in made(of, tmp_path)["visit"])
    assert 0.30 < months[6] / sum(months.values()) < 0.40
    assert all(months[m] > 0 for m in range(1, 13))


def test_in_a_surge_that_share_gets_a_row_more(tmp_path: Path) -> None:
    surge = {"first": DATE(2015, 3, 1), "last": DATE(2015, 3, 31), "share": 0.25, "length_days": [9, 9, 9]}
    visit = table("visit", "events", coverage=COVERED, synth={"share": 0, "surges": [surge]})
    rows = made(people(visit, stays(per_entity=0, surges=[surge])), tmp_path)
    for name, day in (("visit", "date"), ("stay", "start")):
        assert 0.22 < len(rows[name]) / 4000 < 0.28
        assert {(row[day].year, row[day].month) for row in rows[name]} == {(2015, 3)}
        assert len({row[day] for row in rows[name]}) == 31
    assert {(row["end"] - row["start"]).days for row in rows["stay"]} == {9}


def test_spells_of_a_surge_do_not_overlap_with_others(tmp_path: Path) -> None:
    surge = {"first": DATE(2012, 1, 1), "last": DATE(2018, 12, 31), "share": 1, "length_days": [100, 200, 300]}
    rows = made(people(stays(per_entity=6, length_days=[50, 100, 200], months=MONTHS, surges=[surge])), tmp_path, 500)
    ordered = sorted(rows["stay"], key=lambda row: (row["id"], row["start"]))
    assert all(one["id"] != two["id"] or one["end"] <= two["start"] for one, two in pairwise(ordered))


def test_any_day_lies_in_a_spell_as_likely_as_any_other(tmp_path: Path) -> None:
    rows = made(people(stays(per_entity=2, length_days=[50, 100, 200], gap_days=[0, 99, 500])), tmp_path)["stay"]
    days = [DATE(2010, 12, 1), DATE(2015, 1, 1), DATE(2019, 12, 1)]
    within = [sum(r["start"] <= day and (r["end"] is None or day < r["end"]) for r in rows) for day in days]
    assert max(within) < 1.3 * min(within)


def test_rows_of_each_year_stand_on_one_day_and_once(tmp_path: Path) -> None:
    end = table("year_end", "events", coverage=COVERED, synth={"rate_per_year": 2, "each_year": "12-31"})
    rows = made(people(end), tmp_path, 300)["year_end"]
    assert {(row["date"].month, row["date"].day) for row in rows} == {(12, 31)}
    assert len({(row["id"], row["date"]) for row in rows}) == len(rows) > 1000


def test_a_sample_has_rows_of_those_born_on_its_days_alone(tmp_path: Path) -> None:
    sampled = {"until": "2014-12-31", "born_on": [8, 18, 28]}
    rows = made(people(stays(per_entity=2, sampled=sampled)), tmp_path)
    born = {row["id"]: row["born"].day for row in rows["person"]}
    early = {born[row["id"]] for row in rows["stay"] if row["start"].year < 2015}
    assert early == {8, 18, 28}
    assert len({born[row["id"]] for row in rows["stay"] if row["start"].year >= 2015}) == 31


def test_hints_make_the_same_whatever_the_threads(tmp_path: Path) -> None:
    surge = {"first": "2015-03-01", "last": "2015-03-31", "share": 0.5}
    given = [{"when": {"a": ["2"]}, "per_entity": 3}]
    of = people(stays(per_entity=2, months=MONTHS, surges=[surge], given=given, ages=[5, 60]))
    for threads in (1, 2, 4):
        generate(of, seed=7, entities=3000, out=tmp_path / str(threads), threads=threads)
    assert everything(of, tmp_path / "1") == everything(of, tmp_path / "2") == everything(of, tmp_path / "4")


# --- an invented population ------------------------------------------------------------------------------------------


def population(place: Path, name: str, text: str) -> Path:
    path = place / f"{name}.yaml"
    path.write_text(f"invented: {name}\nmodel: m\nentities: 50\n{text}", "utf-8")
    return path


def test_a_population_lays_its_hints_over_the_model_s_and_over_those_it_is_like(tmp_path: Path) -> None:
    of = people(stays(per_entity=1, ongoing=0.5), a={"weights": {"1": 1}, "null_share": 0})
    population(tmp_path, "plain", "tables:\n  stay: {synth: {per_entity: 2, ages: [0, 9]}}\n")
    hints = '  stay: {synth: {per_entity: 3}}\n  person: {columns: {a: {weights: {"2": 1}}}}\n'
    path = population(tmp_path, "other", "like: plain.yaml\ntables:\n" + hints)
    for one in load_invented(path):
        of = laid_over(of, one)
    assert of.tables["stay"].synth == {"per_entity": 3, "ongoing": 0.5, "ages": [0, 9]}
    assert of.tables["person"].columns["a"].synth == {"weights": {"2": 1}, "null_share": 0}
    assert of.hash == people().hash


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tables: {nowhere: {}}\n", "unknown-reference"),
        ("tables: {stay: {columns: {nothing: {}}}}\n", "unknown-reference"),
        ("like: it.yaml\n", "invented-circle"),
        ("like: gone.yaml\n", "file-missing"),
        ("like: ../it.yaml\n", "path-escapes"),
    ],
)
def test_a_population_that_does_not_fit_is_refused(text: str, code: str, tmp_path: Path) -> None:
    path = population(tmp_path, "it", text)
    with pytest.raises(Refused) as caught:
        laid_over(people(stays()), load_invented(path)[-1])
    assert [one.code for one in caught.value.diagnostics] == [code]


def test_a_population_of_another_model_is_refused(tmp_path: Path) -> None:
    (one,) = load_invented(population(tmp_path, "it", ""))
    with pytest.raises(Refused) as caught:
        laid_over(replace(people(), name="n"), one)
    assert [one.code for one in caught.value.diagnostics] == ["invented-model"]


# --- hints that make no sense ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hint",
    [
        {"per_entitty": 1},
        {"ages": [30, 18]},
        {"ages": [18]},
        {"months": [1] * 11},
        {"months": [1] * 11 + [0]},
        {"months": MONTHS, "fill": True},
        {"surges": [{"first": "2015-03-01", "last": "2015-02-01", "share": 0.1}]},
        {"surges": [{"share": 0.1}]},
        {"surges": {"share": 0.1}},
        {"surges": [{"first": "2015-03-01", "last": "2015-04-01", "share": 0.1}], "fill": True},
        {"given": {"when": {"a": ["1"]}}},
        {"given": [{"per_entity": 1}]},
        {"given": [{"when": {"a": "1"}}]},
        {"given": [{"when": {"a": {"least": 1}}}]},
        {"given": [{"when": {"nothing": ["1"]}}]},
        {"given": [{"when": {"kind": ["1"]}}]},
        {"given": [{"when": {"a": ["1"]}, "months": MONTHS}]},
        {"late": 2},
        {"each_year": "13-01"},
        {"sampled": {"until": "2014-12-31"}},
        {"sampled": {"until": "2014-12-31", "born_on": [32]}},
    ],
)
def test_hints_of_a_table_are_checked(hint: dict[str, object], tmp_path: Path) -> None:
    refused(people(stays(**hint)), tmp_path)


@pytest.mark.parametrize(
    "hint",
    [{"weight": {"1": 1}}, {"given": [{"when": {"b": ["1"]}}]}, {"given": [{"when": {"c": ["1"]}, "null_share": 1}]}],
)
def test_hints_of_a_column_are_checked(hint: dict[str, object], tmp_path: Path) -> None:
    refused(people(a=hint), tmp_path)


def refused(of: Model, place: Path) -> None:
    with pytest.raises(Refused) as caught:
        generate(of, seed=1, entities=10, out=place / "data")
    assert [one.code for one in caught.value.diagnostics] == ["synth-hint"]
