"""The same invented people, as a database made for the model holds them and as registers deliver them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from studyspec import pipeline

ESPOO = Path(__file__).parent.parent.parent / "examples" / "espoo"
STUDY = "first_look.study"
PEOPLE = 6000
SHAPES = ("extract", "extract_shnro")
SITES = ("site", "site_extract", "site_extract_shnro")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a folder of its own, with data for each of its sites."""
    place = tmp_path_factory.mktemp("city") / "espoo"
    shutil.copytree(ESPOO, place, ignore=shutil.ignore_patterns("state*", "data*"))
    for site in SITES:
        pipeline.synthesise(place / f"{site}.yaml", place / data(site), PEOPLE, 1)
    return place


def data(site: str) -> str:
    return site.replace("site", "data")


def published(place: Path, site: str, out: Path) -> dict[str, str]:
    """The tables that a run of the study publishes at a site."""
    understood = pipeline.understand(place / STUDY, pipeline.site(place / f"{site}.yaml"))
    pipeline.run(understood, out)
    return {file.name: file.read_text("utf-8") for file in sorted(out.glob("*.csv"))}


def test_every_shape_gives_the_same_tables(city: Path, tmp_path: Path) -> None:
    tables = [published(city, site, tmp_path / site) for site in SITES]
    assert {"attrition.csv", "baseline.csv", "risk_employed.csv"} <= set(tables[0])
    assert tables[0] == tables[1] == tables[2]


def test_the_older_delivery_differs_by_the_key_alone() -> None:
    newer, older = (yaml.safe_load((ESPOO / "bindings" / f"{n}.yaml").read_text("utf-8")) for n in SHAPES)
    older["binding"] = newer["binding"]
    for table in older["tables"].values():
        if table["columns"].get("person_id") == "shnro":
            table["columns"]["person_id"] = "hid_e"
    assert older == newer


# --- the extract holds every trap, and reading it without its binding's rules shows ----------------------------------


def rows(city: Path, table: str, what: str) -> list[tuple[object, ...]]:
    import duckdb

    with duckdb.connect() as db:
        return db.execute(f"select {what} from '{city / 'data_extract'}/{table}.parquet'").fetchall()


def test_ends_that_are_not_there_are_written_as_days(city: Path) -> None:
    assert rows(city, "ura_ythaku", "count(*) filter (loppv1 = date '2222-11-11') > 50") == [(True,)]
    assert rows(city, "vaesto_kotikunta", "count(*) filter (lahto_pv = date '9999-12-31') > 50") == [(True,)]


def test_a_spell_can_stand_there_finished_and_unfinished(city: Path) -> None:
    twice = "count(*) - count(distinct (hid_e, alkpv1)) > 50"
    assert rows(city, "ura_ythaku", twice) == [(True,)]


def test_null_has_a_meaning(city: Path) -> None:
    assert rows(city, "vaesto_henkilo", "count(*) filter (kiekd is null) > count(*) / 2") == [(True,)]
    assert rows(city, "vaesto_henkilo", "count(*) filter (kansah is null) > count(*) / 2") == [(True,)]


def test_one_code_stands_for_two_things(city: Path) -> None:
    years = rows(city, "ura_ysijoit", "min(year(alkpv2)) <= 2015, max(year(alkpv2)) >= 2023")
    assert years == [(True, True)]
    assert {code for (code,) in rows(city, "ura_ysijoit", "distinct sijkds")} == {None, "55", "70", "71"}
    assert {code for (code,) in rows(city, "ura_ythaku", "distinct otlupa")} == {None, "6", "A", "06", "1A"}
    assert "9" in {code for (code,) in rows(city, "folk_tyonhaku", "distinct tyol")}
    assert "09" in {code for (code,) in rows(city, "ura_ytyoll", "distinct tyok1")}
