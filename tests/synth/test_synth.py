"""What invented data promise: they conform to their model, come out alike, say what they are, and harm nothing."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.catalogue.types import Binding, BoundColumn, BoundTable, Code, CodeList, Counted, Coverage, Model, Role
from studyspec.resources import folder
from studyspec.source import Refused
from studyspec.synth.generate import generate
from tests.synth.invented import (
    COVERED,
    SERVICE,
    SEX,
    Rows,
    column,
    conforms,
    everything,
    is_dead,
    model,
    models,
    read,
    registers,
    table,
)

DATE = datetime.date


def made(of: Model, out: Path, entities: int = 300, seed: int = 1, **more: Any) -> dict[str, Rows]:
    generate(of, seed=seed, entities=entities, out=out, **more)
    return everything(of, out)


# --- they conform ----------------------------------------------------------------------------------------------------


def test_every_type_and_shape_conforms_to_its_model(tmp_path: Path) -> None:
    of = registers()
    rows = made(of, tmp_path / "data")
    conforms(of, rows)
    assert len(rows["person"]) == len(rows["firm"]) == 300
    assert all(rows.values())
    firms = {row["firm_id"] for row in rows["firm"]}
    assert {row["firm_id"] for row in rows["person"]} <= firms
    assert len(rows["rate"]) == 2 * 3


def test_nobody_has_rows_before_birth_or_after_death(tmp_path: Path) -> None:
    rows = made(registers(), tmp_path / "data", 600)
    born = {row["id"]: row["born"] for row in rows["person"]}
    died = {row["id"]: row["date"] for row in rows["death"]}
    assert len(died) == len(rows["death"]) > 50
    for name, day in (("visit", "date"), ("home", "start"), ("stay", "start"), ("after", "start"), ("plain", "start")):
        for row in rows[name]:
            assert (born[row["id"]] or DATE.min) <= row[day] <= died.get(row["id"], DATE.max)
            if day == "start" and row["id"] in died:
                assert row["end"] is not None
                assert row["end"] <= died[row["id"]] + datetime.timedelta(days=1)


def test_a_death_among_other_events_ends_a_life_too(tmp_path: Path) -> None:
    kinds = CodeList("kind", "1", {}, "", {code: Code(code, {}) for code in ("seen", "dead")})
    event = table("event", "events", column("kind", "code of kind"), coverage=COVERED, synth={"rate_per_year": 1})
    of = model(
        table("person", "attributes"), event, table("stay", "spells", coverage=COVERED),
        lists=(kinds,), roles=(Role("death", {}, "event", is_dead()),),
    )  # fmt: skip
    rows = made(of, tmp_path / "data")
    died = {row["id"]: row["date"] for row in rows["event"] if row["kind"] == "dead"}
    assert len(died) == sum(row["kind"] == "dead" for row in rows["event"])
    assert all(row["date"] <= died.get(row["id"], DATE.max) for row in rows["event"])
    assert all(row["start"] <= died.get(row["id"], DATE.max) for row in rows["stay"])


def test_spells_that_fill_leave_no_gap(tmp_path: Path) -> None:
    rows = made(registers(), tmp_path / "data")
    born = {row["id"]: row["born"] for row in rows["person"]}
    died = {row["id"]: row["date"] for row in rows["death"]}
    homes: dict[str, list[Any]] = {}
    for row in rows["home"]:
        homes.setdefault(row["id"], []).append((row["start"], row["end"]))
    for one, spells in homes.items():
        spells.sort(key=lambda spell: spell[0])
        assert spells[0][0] == max(COVERED.start or DATE.min, born[one] or DATE.min)
        assert all(end == start for (_, end), (start, _) in pairwise(spells))
        assert spells[-1][1] == (died[one] + datetime.timedelta(days=1) if one in died else None)


def test_hints_are_followed(tmp_path: Path) -> None:
    rows = made(registers(), tmp_path / "data", 4000)
    sexes = Counter(row["sex"] for row in rows["person"])
    assert 2800 < sexes["1"] < 3200
    assert 1050 < sum(row["member"] is None for row in rows["person"]) < 1350
    assert 0.6 < len(rows["stay"]) / 4000 < 2
    lengths = [(row["end"] - row["start"]).days for row in rows["stay"] if row["end"]]
    assert 30 < sum(lengths) / len(lengths) < 45
    assert {row["service"] for row in rows["visit"]} == set(SERVICE.codes)


def test_draws_do_not_go_together(tmp_path: Path) -> None:
    of = model(table("person", "attributes", column("a", "code of sex"), column("b", "code of sex")), lists=(SEX,))
    pairs = Counter((row["a"], row["b"]) for row in made(of, tmp_path / "data", 4000)["person"])
    assert all(880 < pairs[a, b] < 1120 for a in "12" for b in "12")


@given(models(), st.integers(0, 2**63))
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
def test_any_model_gets_data_that_conform_to_it(of: Model, seed: int) -> None:
    with TemporaryDirectory() as place:
        conforms(of, made(of, Path(place) / "data", 40, seed))


@pytest.mark.parametrize("name", sorted(path.stem for path in (folder("specs") / "models").glob("*.yaml")))
def test_the_library_s_models_get_data_that_conform(name: str, tmp_path: Path) -> None:
    from studyspec.catalogue.load import load_model

    of = load_model(folder("specs") / "models" / f"{name}.yaml")[0]
    conforms(of, made(of, tmp_path / "data", 200))


# --- they come out alike ---------------------------------------------------------------------------------------------


def test_same_seed_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    of = registers()
    for threads in (1, 2, 4):
        generate(of, seed=7, entities=5000, out=tmp_path / str(threads), threads=threads)
    assert everything(of, tmp_path / "1") == everything(of, tmp_path / "2") == everything(of, tmp_path / "4")
    for threads in (1, 2):
        generate(of, seed=7, entities=200, out=tmp_path / f"csv{threads}", format="csv", threads=threads)
    one, two = ({f.name: f.read_bytes() for f in (tmp_path / f"csv{n}").iterdir()} for n in (1, 2))
    assert one == two


def test_another_seed_makes_other_data(tmp_path: Path) -> None:
    assert made(registers(), tmp_path / "a", seed=1) != made(registers(), tmp_path / "b", seed=2)


def test_all_formats_hold_the_same(tmp_path: Path) -> None:
    of = registers()
    rows = made(of, tmp_path / "parquet")
    generate(of, seed=1, entities=300, out=tmp_path / "csv", format="csv", null="NA")
    generate(of, seed=1, entities=300, out=tmp_path / "duckdb", format="duckdb", database="it's.duckdb")
    with duckdb.connect(str(tmp_path / "duckdb" / "it's.duckdb"), read_only=True) as db:
        for name in of.tables:
            assert [tuple(row.values()) for row in rows[name]] == db.execute(f'from "{name}"').fetchall()
    text = (tmp_path / "csv" / "visit.csv").read_text("utf-8").splitlines()
    assert len(text) == len(rows["visit"]) + 1


# --- they say what they are ------------------------------------------------------------------------------------------


def test_everything_is_marked_as_synthetic(tmp_path: Path) -> None:
    of = registers()
    manifest = generate(of, seed=3, entities=20, out=tmp_path / "p")
    assert "invented" in (tmp_path / "p" / "SYNTHETIC.txt").read_text("utf-8")
    told = json.loads((tmp_path / "p" / "synthetic.json").read_text("utf-8"))
    assert told["synthetic"] is True
    assert (told["seed"], told["entities"], told["model_hash"]) == (3, 20, "sha256:0")
    assert told["tables"]["person"] == manifest.tables["person"] == 20
    marks = duckdb.connect().execute(f"select key, value from parquet_kv_metadata('{tmp_path}/p/person.parquet')")
    assert (b"synthetic", b"true") in marks.fetchall()
    assert all(row["id"].startswith("SYN") for row in read(tmp_path / "p", "visit"))
    generate(of, seed=3, entities=20, out=tmp_path / "d", format="duckdb")
    with duckdb.connect(str(tmp_path / "d" / "data.duckdb"), read_only=True) as db:
        comments = db.execute("select comment from duckdb_tables()").fetchall()
    assert all(comment.startswith("synthetic") for (comment,) in comments)


# --- they are written as the database holds them ---------------------------------------------------------------------


def bound() -> tuple[Model, Binding]:
    """One physical table with two model tables in it, codes and sentinels of its own, and days counted otherwise."""
    of = model(
        table("person", "attributes", column("sex", "code of sex?", synth={"null_share": 0.2}),
              column("children", "integer?", low=Decimal(0), high=Decimal(5))),
        table("visit", "events", coverage=COVERED, synth={"rate_per_year": 1}),
        table("death", "events", coverage=COVERED, synth={"share": 0.5}),
        table("stay", "spells", coverage=COVERED, synth={"per_entity": 2, "ongoing": 0.5}),
        lists=(SEX,), roles=(Role("death", {}, "death", None),),
    )  # fmt: skip
    key = BoundColumn("PERSON NO")
    tables = [
        BoundTable("person", "p", {"id": key, "sex": BoundColumn("s", ("?",), {"M": "1", "F": "2", "K": "2"}),
                                   "children": BoundColumn("c", nulls=("99",))}),
        BoundTable("visit", "event log", {"id": key, "date": BoundColumn("when")}, where={"what": ("visit", "call")}),
        BoundTable("death", "event log", {"id": key, "date": BoundColumn("when")}, where={"what": ("death",)}),
        BoundTable("stay", "stay", {"id": key, "start": BoundColumn("from"),
                                    "end": BoundColumn("last day", nulls=("2222-11-11",), shift_days=1)},
                   coverage=Coverage(DATE(2015, 1, 1), None)),
    ]  # fmt: skip
    return of, Binding("b", "m", 1, {one.table: one for one in tables})


def test_a_binding_is_turned_round(tmp_path: Path) -> None:
    of, binding = bound()
    manifest = generate(of, seed=1, entities=400, out=tmp_path / "data", binding=binding)
    assert set(manifest.tables) == {"p", "event log", "stay"}
    people = read(tmp_path / "data", "p")
    assert {row["s"] for row in people} == {"M", "F", "K", "?"}
    assert {row["c"] for row in people} <= {0, 1, 2, 3, 4, 5, 99}
    events = read(tmp_path / "data", "event log")
    assert set(Counter(row["what"] for row in events)) == {"visit", "death"}
    assert all(DATE(2010, 1, 1) <= row["when"] <= DATE(2019, 12, 31) for row in events)
    stays = read(tmp_path / "data", "stay")
    assert {row["last day"] for row in stays} >= {DATE(2222, 11, 11)}
    assert all(DATE(2015, 1, 1) <= row["from"] <= row["last day"] for row in stays)


def test_what_the_binding_reads_back_is_what_was_made(tmp_path: Path) -> None:
    of, binding = bound()
    plain = replace(
        of, tables=of.tables | {"stay": replace(of.tables["stay"], coverage=Coverage(DATE(2015, 1, 1), COVERED.end))}
    )
    rows = made(plain, tmp_path / "model")
    generate(of, seed=1, entities=300, out=tmp_path / "data", binding=binding)
    codes = {"M": "1", "F": "2", "K": "2", "?": None}
    assert [codes[row["s"]] for row in read(tmp_path / "data", "p")] == [row["sex"] for row in rows["person"]]
    ends = [None if row["last day"].year == 2222 else row["last day"] + datetime.timedelta(days=1)
            for row in read(tmp_path / "data", "stay")]  # fmt: skip
    assert ends == [row["end"] for row in rows["stay"]]


def test_days_are_written_as_the_numbers_that_tell_them(tmp_path: Path) -> None:
    of, binding = bound()
    key = BoundColumn("PERSON NO")
    units = {
        "day": Counted("day", DATE(2000, 1, 1)),
        "month": Counted("month", DATE(2000, 1, 1)),
        "year": Counted("year"),
    }
    for name, counted in units.items():
        visits = BoundTable("visit", "visits", {"id": key, "date": BoundColumn("n", nulls=("-9",), counted=counted)})
        told = replace(binding, tables={**binding.tables, "visit": visits})
        generate(of, seed=1, entities=50, out=tmp_path / name, binding=told)
    days, months, years = ([row["n"] for row in read(tmp_path / name, "visits")] for name in units)
    told_days = [DATE(2000, 1, 1) + datetime.timedelta(n) for n in days]
    assert years == [day.year for day in told_days]
    assert months == [int(n / 30.4375) for n in days]


# --- they harm nothing -----------------------------------------------------------------------------------------------


def refused(code: str, of: Model, out: Path, **more: Any) -> None:
    with pytest.raises(Refused) as caught:
        generate(of, **({"seed": 1, "entities": 10, "out": out} | more))
    assert [one.code for one in caught.value.diagnostics] == [code]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "data"
    generate(registers(), seed=1, entities=10, out=out)
    generate(registers(), seed=2, entities=10, out=out)
    (out / "thesis.txt").write_text("years of work")
    refused("synth-folder-in-use", registers(), out)
    assert (out / "thesis.txt").read_text() == "years of work"
    refused("synth-folder-in-use", registers(), out / "thesis.txt")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "synthetic.json").write_text('{"files": ["../../x"]}')
    refused("synth-folder-in-use", registers(), tmp_path / "mine")


def test_nothing_is_left_behind_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studyspec.synth import generate as module

    generate(registers(), seed=1, entities=10, out=tmp_path / "data")
    before = made(registers(), tmp_path / "data", 10)
    monkeypatch.setattr(module, "statements", lambda wish: iter(["select 'SECRET'::date"]))
    with pytest.raises(Refused) as caught:
        generate(registers(), seed=1, entities=10, out=tmp_path / "data")
    assert "SECRET" not in str(caught.value)
    assert caught.value.exit_code == 3
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert everything(registers(), tmp_path / "data") == before


def test_register_sites_are_refused(tmp_path: Path) -> None:
    from types import SimpleNamespace

    site: Any = SimpleNamespace(kind="register", name="city")
    refused("synth-on-register", registers(), tmp_path / "data", site=site)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ("stay", {"length_days": [90, 20, 1]}),
        ("stay", {"length_days": [1, 2]}),
        ("stay", {"per_entity": -1}),
        ("stay", {"ongoing": 2}),
        ("stay", {"fill": "yes"}),
        ("stay", {"follows": {"table": "nowhere"}}),
        ("stay", {"follows": "visit"}),
        ("visit", {"rate_per_year": "often"}),
    ],
)
def test_hints_that_make_no_sense_are_refused(place: str, hint: dict[str, object], tmp_path: Path) -> None:
    of = registers()
    refused(
        "synth-hint", replace(of, tables=of.tables | {place: replace(of.tables[place], synth=hint)}), tmp_path / "d"
    )


@pytest.mark.parametrize(
    ("code", "more"),
    [("synth-entity-count", {"entities": 0}), ("synth-entity-count", {"entities": 10**9})],
)
def test_counts_that_make_no_sense_are_refused(code: str, more: dict[str, Any], tmp_path: Path) -> None:
    refused(code, registers(), tmp_path / "d", **more)


def test_tables_that_follow_each_other_are_refused(tmp_path: Path) -> None:
    follows = [table(a, "spells", synth={"follows": {"table": b}}) for a, b in (("a", "b"), ("b", "a"))]
    refused("synth-circular", model(table("person", "attributes"), *follows), tmp_path / "d")


def test_physical_names_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    of = model(table("person", "attributes"))
    binding = Binding("b", "m", 1, {"person": BoundTable("person", "../x", {"id": BoundColumn("id")})})
    refused("synth-physical-name", of, tmp_path / "d", binding=binding)
    generate(of, seed=1, entities=5, out=tmp_path / "d", binding=binding, format="duckdb")
