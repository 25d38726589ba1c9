"""Tables: published numbers laid out, in the reader's language, and nothing that is not a function of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from studyspec.estimate import Counted, Table, tables
from studyspec.estimate.layout import percent
from studyspec.estimate.words import OTHERS, WORDS
from studyspec.guard import protect
from studyspec.guard.types import Guarded, History
from tests.guard.people_by_hand import SEXES, crowd, cubes, dimension, membership, model, person, policy
from tests.guard.units_by_hand import Unit, followed, members, spec, units
from tests.guard.units_by_hand import table as raw

PEOPLE = crowd(
    (104, person(left="adult")), (3, person(left="resident")),
    (412, person("m", "okm", day=100, end="event")), (308, person("f", "okm", day=1096)),
    (4, person("unknown", "okm")), (60, person("unknown")), (511, person("m", day=800, end="death")),
    (620, person("f", day=1096)),
)  # fmt: skip


def guarded(**rules: object) -> Guarded:
    return protect(cubes(PEOPLE), (membership(),), policy(**rules), model(public=True), History())


def made(language: str = "en", **rules: object) -> dict[str, Table]:
    return {t.name: t for t in tables(guarded(**rules), language)}


def column(table: Table, name: str) -> list[object]:
    at = [c.name for c in table.columns].index(name)
    return [row[at] for row in table.rows]


def test_there_is_a_table_per_attrition_baseline_and_outcome() -> None:
    assert list(made()) == ["attrition", "baseline", "curve_employed"]


def test_attrition_subtracts_published_counts() -> None:
    table = made()["attrition"]
    assert column(table, "step") == ["", "adult", "resident", "included"]
    assert column(table, "remaining") == [2020, None, 1915, 1915]
    assert column(table, "removed") == ["", None, 105, ""]


def test_baseline_counts_everyone_first_and_every_category_after() -> None:
    table = made()["baseline"]
    assert column(table, "category") == ["", *SEXES]
    assert column(table, "n") == [1915, 925, 930, 65]
    assert column(table, "n_usual")[0] == 1190
    assert None in column(table, "n_okm")


def test_percentages_are_of_rounded_counts() -> None:
    table = made()["baseline"]
    for n, share, of in zip(column(table, "n"), column(table, "percent"), [1915] * 4, strict=True):
        assert share == percent(n, of, 5, False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "whole", "base", "share"),
    [
        (1, 3, 1, "33"), (334, 1000, 1, "33.4"), (335, 1000, 5, "34"),
        (1675, 5000, 5, "33.5"), (0, 10, 5, "0"),
    ],
)  # fmt: skip
def test_a_percentage_has_a_decimal_only_where_the_counts_bear_it(part: int, whole: int, base: int, share: str) -> None:
    assert percent(part, whole, base, False) == Decimal(share)


def test_percentages_of_exact_counts_are_not_rounded() -> None:
    assert percent(1, 3, 1, True) == 100 / 3


def test_no_percentage_of_what_is_hidden_or_of_no_one() -> None:
    assert percent(None, 10, 5, False) is None
    assert percent(10, None, 5, False) is None
    assert percent(0, 0, 5, False) is None


def test_risk_has_a_row_for_every_level_and_time() -> None:
    table = made()["curve_employed"]
    assert column(table, "level") == ["okm"] * 3 + ["usual"] * 3
    assert column(table, "time") == ["1 y", "2 y", "3 y"] * 2
    assert column(table, "events")[0] == 410
    assert column(table, "competing_death")[5] == 510


def test_without_an_exposure_there_is_one_group_and_no_level() -> None:
    whole = []
    for cube in cubes(PEOPLE, whole=True):
        kept = [d for d in cube.spec.dimensions if d.name != "pathway"]
        names = {d.name for d in kept}
        sets = tuple(dict.fromkeys(s for s in cube.spec.sets if set(s) <= names))
        at = [i for i, d in enumerate(cube.spec.dimensions) if d.name != "pathway"]
        inside = {
            tuple(k[i] for i in at): v
            for k, v in cube.cells.items()
            if all(x is None for x, d in zip(k, cube.spec.dimensions, strict=True) if d.name == "pathway")
        }
        whole.append(replace(cube, spec=replace(cube.spec, dimensions=tuple(kept), sets=sets, by=None), cells=inside))
    shown = tables(protect(tuple(whole), (membership(),), policy(), model(), History()), "en")
    assert [c.name for c in shown[1].columns if c.kind != "key"] == ["variable_label", "category_label", "n", "percent"]
    assert [c.name for c in shown[2].columns][:3] == ["outcome", "time_days", "at_risk"]
    assert len(shown[2].rows) == 3


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_every_language_has_every_word(language: str) -> None:
    assert WORDS[language].keys() == WORDS["en"].keys()


def test_heads_and_labels_are_in_the_readers_language() -> None:
    assert made("fi")["attrition"].columns[3].label == "Jäljellä"
    assert made("sv")["baseline"].rows[0][2] == "Personer"
    assert made("et")["attrition"].columns[3].label == "Remaining"


VACANCIES = Counted(
    {"en": "vacancy", "fi": "avoin työpaikka", "sv": "ledig plats"},
    {"en": "vacancies", "fi": "avoimia työpaikkoja", "sv": "lediga platser"},
)


def counting(what: Counted, language: str) -> dict[str, Table]:
    return {t.name: t for t in tables(guarded(), language, counted={guarded().cubes[0].spec.cohort: what})}


@pytest.mark.parametrize(
    ("language", "head"),
    [("en", "Vacancies"), ("fi", "Avoimia työpaikkoja"), ("sv", "Lediga platser"), ("et", "Vacancies")],
)
def test_counts_are_headed_by_what_is_counted(language: str, head: str) -> None:
    assert counting(VACANCIES, language)["baseline"].rows[0][2] == head


def test_what_is_counted_is_named_in_titles_and_notes() -> None:
    assert counting(VACANCIES, "en")["attrition"].title == "Which vacancies are in the cohort"
    assert "per vacancy" in VACANCIES.word("note-mean", "en")
    assert "yksikkönä avoin työpaikka" in VACANCIES.word("note-mean", "fi")
    assert "per ledig plats" in VACANCIES.word("note-mean-exact", "sv")
    assert VACANCIES.word("note-moving", "en").startswith("Vacancies may come")
    assert "no one vacancy's value" in VACANCIES.word("note-numbers", "en", side=5)


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_people_are_called_as_ever_whatever_their_model_calls_several(language: str) -> None:
    person = Counted({"en": "person", "fi": "henkilö"}, {"en": "persons", "fi": "henkilöä"})
    assert counting(person, language) == made(language)
    assert all(table.people for table in counting(person, language).values())
    assert not any(table.people for table in counting(VACANCIES, language).values())


def test_what_is_said_otherwise_is_otherwise_said() -> None:
    assert all(OTHERS[language].keys() <= WORDS[language].keys() for language in WORDS)


def test_notes_tell_the_rounding_the_threshold_and_the_mark() -> None:
    notes = " ".join(made()["baseline"].notes)
    assert "nearest 5" in notes
    assert "below 8" in notes
    assert ".." in notes
    assert "zero counts as such" in " ".join(made(zeros="hide")["baseline"].notes)
    assert made(mode="open")["baseline"].notes == ("Exact numbers: every register behind them is public.",)


def test_tables_of_invented_people_say_so() -> None:
    assert all(t.notes[0].startswith("SYNTHETIC DATA") for t in tables(guarded(), "en", synthetic=True))
    assert not [note for t in tables(guarded(), "en") for note in t.notes if "SYNTHETIC" in note]


def test_two_reports_alike_get_names_of_their_own() -> None:
    both = guarded()
    twice = replace(both, cubes=(*both.cubes, both.cubes[-1]))
    assert [t.name for t in tables(twice, "en")][-2:] == ["curve_employed", "curve_employed_2"]


def test_the_rows_are_the_declared_ones_whatever_the_data() -> None:
    few = protect(
        cubes(crowd((30, person("m", "okm")), (30, person("f")))), (membership(),), policy(), model(), History()
    )
    for one, other in zip(tables(few, "en"), tables(guarded(), "en"), strict=True):
        keys = [i for i, c in enumerate(one.columns) if c.kind in ("key", "label")]
        assert [[r[i] for i in keys] for r in one.rows] == [[r[i] for i in keys] for r in other.rows]


def test_events_that_come_again_have_a_mean_and_a_table_of_their_own() -> None:
    again = (("okm", 50, "event"), ("okm", 150, "event"), ("okm", 1096, "censored"))
    people = units(80, "a", records=again) + units(300, "b", records=(("okm", 1096, "censored"),))
    found = protect(followed(people, ("okm",), kind="events"), (members("", people),), policy(), model(), History())
    (table,) = tables(found, "en")
    assert table.title == "Number of events: Employed by pathway"
    assert [c.label for c in table.columns if c.kind != "key"] == [
        "pathway", "At risk", "Time", "Events", "Death", "Mean number",
    ]  # fmt: skip
    assert column(table, "events") == [160, 160, 160]
    assert column(table, "at_risk") == [380, 380, 380]
    assert any("Ghosh and Lin" in note for note in table.notes)


def test_the_attrition_of_several_units_says_who_left_and_not_who_remains() -> None:
    about = spec("attrition", "attrition", [dimension("left_at", "adult", "included")], additive=False)
    people = [Unit(f"{i}", {"left_at": left}) for i in range(60) for left in ("adult", "included")]
    people += [Unit(f"x{i}", {"left_at": "included"}) for i in range(40)]
    (table,) = tables(protect((raw(people, about),), (members("", people),), policy(), model(), History()), "en")
    assert column(table, "removed") == ["", 60, ""]
    assert column(table, "remaining") == [100, "", 100]
    assert any("several" in note for note in table.notes)


def test_what_was_not_checked_stands_under_every_table() -> None:
    site = model()
    person = site.registers["person"]
    strict = replace(person, rule=replace(person.rule, minimum_clusters=3))
    found = protect(
        cubes(PEOPLE), (membership(),), policy(), replace(site, registers={**site.registers, "person": strict}),
        History(),
    )  # fmt: skip
    for table in tables(found, "en"):
        assert (
            "Not checked: at least 3 firms or payers in each cell, which the register person asks for." in table.notes
        )
