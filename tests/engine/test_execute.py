"""What a run gives back: true counts in cubes, and who is in the cohort as keyed hashes."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

import pytest

from studyspec.engine import execute
from studyspec.engine.membership import membership
from studyspec.engine.run import Promise
from studyspec.source import EngineFailed
from tests.engine.engine_kit import (
    BY_SEX,
    KEY,
    KINDS,
    PEOPLE,
    Kind,
    codes,
    deliver,
    everything_said,
    leftovers,
    probe,
    refused,
    run,
    script,
    site,
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_data_gives_the_same_cubes_and_the_same_members(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": PEOPLE})
    (cube,), members = run(script(), at)
    assert cube.spec is BY_SEX
    assert dict(cube.cells) == {("1",): (1,), ("2",): (2,), (None,): (3,)}
    assert members.population == "people of testville"
    assert members.cohort == "cohort"
    assert members.members == {
        blake2b(b"person\0" + i.encode(), digest_size=16, key=KEY).digest() for i in ("a1", "a2", "a3")
    }


@pytest.mark.parametrize("kind", KINDS)
def test_whole_number_identifiers_give_the_same_members_everywhere(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": "SELECT 41 AS id, DATE '1980-01-01' AS born, 1 AS sex"})
    (cube,), members = run(script(), at)
    assert dict(cube.cells) == {("1",): (1,), (None,): (1,)}
    assert members.members == {blake2b(b"person\0" + b"41", digest_size=16, key=KEY).digest()}


@pytest.mark.parametrize("kind", KINDS)
def test_two_rows_of_one_entity_are_refused_where_there_must_be_one(tmp_path: Path, kind: Kind) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": f"{PEOPLE} UNION ALL SELECT '010594Y9032', DATE '1994-05-01', '1' FROM range(2)"})
    run(script(), at)  # rows of events and spells may be many
    with pytest.raises(EngineFailed) as error:
        execute(script(), at, promises={"person": Promise("id")})
    assert codes(error) == ["data-duplicate-key"]
    assert "`person`" in str(error.value.diagnostics[0].message)
    assert "010594Y9032" not in everything_said(error.value)
    assert leftovers(at) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", ["9999-12-31", "9000-01-01", "0999-12-31"])
def test_days_out_of_reach_are_refused_by_their_column(tmp_path: Path, kind: Kind, day: str) -> None:
    at = site(tmp_path, kind)
    deliver(at, {"person": f"{PEOPLE} UNION ALL SELECT '44', DATE '{day}', '1'"})
    with pytest.raises(EngineFailed) as error:
        execute(script(), at, promises={"person": Promise("id", ("born",))})
    assert codes(error) == ["data-day-extreme"]
    assert "`person.born`" in str(error.value.diagnostics[0].message)
    assert day not in everything_said(error.value)
    assert leftovers(at) == []


@pytest.mark.parametrize("day", ["1000-01-01", "8999-12-31"])
def test_days_within_reach_are_taken(tmp_path: Path, day: str) -> None:
    at = site(tmp_path)
    deliver(at, {"person": f"{PEOPLE} UNION ALL SELECT '44', DATE '{day}', '1'"})
    execute(script(), at, promises={"person": Promise("id", ("born",))})


def test_one_row_for_each_entity_is_what_must_be_there(tmp_path: Path) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE})
    (cube,), _ = execute(script(), at, promises={"person": Promise("id")})
    assert cube.cells[None,] == (3,)


def test_an_empty_cohort_has_no_cells_and_no_members(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": PEOPLE + " WHERE id = 'nobody'"})
    (cube,), members = run(script(), at)
    assert not cube.cells
    assert members.members == frozenset()


def test_results_do_not_show_themselves(tmp_path: Path) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE})
    (cube,), members = run(script(), at)
    assert repr(cube) == "RawCube('by_sex', not releasable)"
    assert repr(members) == "Membership('cohort', not releasable)"


def test_nothing_stays_behind_and_the_data_are_untouched(tmp_path: Path) -> None:
    at = site(tmp_path, "duckdb")
    deliver(at, {"person": PEOPLE})
    before = at.connection.path.read_bytes()
    run(script(), at)
    assert leftovers(at) == []
    assert at.connection.path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.duckdb", "site.key", "state"]


def test_progress_counts_to_its_total_and_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE})
    told: list[tuple[int, int, str]] = []
    execute(script(), at, lambda done, total, label: told.append((done, total, label)))
    assert [done for done, _, _ in told] == list(range(len(told)))
    assert {total for _, total, _ in told} == {len(told) - 1}
    assert [label for _, _, label in told] == ["person", "person", "cohort", "by_sex", "by_sex", "cohort", "cohort"]
    assert capfd.readouterr() == ("", "")


def test_a_value_that_no_declaration_lists_stops_the_run_and_is_not_named(tmp_path: Path) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE.replace("'2')", "'Matti')")})
    error = refused(script(), at)
    assert codes(error) == ["data-outside-model"]
    assert "`sex`" in str(error)


def test_a_missing_value_in_a_cell_is_outside_the_model_too(tmp_path: Path) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE.replace("'2')", "NULL)")})
    assert codes(refused(script(), at)) == ["data-outside-model"]


@pytest.mark.parametrize(
    "rows",
    [
        "('1', 0, 4), ('1', 0, 5)",  # a cell twice
        "('1', 2, 4)",  # a grouping set that is none
        "('1', NULL, 4)",
        "('1', 1, 4)",  # a margin with a value
        "('1', 0, NULL)",
        "('1', 0, 1.5)",
    ],
)
def test_a_cube_that_is_not_as_planned_is_refused(tmp_path: Path, rows: str) -> None:
    at = site(tmp_path)
    deliver(at, {"person": PEOPLE})
    made = probe(f"SELECT * FROM (VALUES {rows}) AS t(sex, margin_of, entities)")
    made = type(made)(**{f: getattr(made, f) for f in made.__slots__} | {"cubes": {"probe": BY_SEX}})
    assert codes(refused(made, at)) == ["engine-cube"]


def test_a_run_without_the_sites_key_does_not_start(tmp_path: Path) -> None:
    at = site(tmp_path)
    at.key.unlink()
    assert codes(refused(script(), at)) == ["site-key-missing"]
    at.key.write_bytes(b"short")
    assert codes(refused(script(), at)) == ["site-key-unusable"]


def test_a_dialect_without_an_engine_is_refused(tmp_path: Path) -> None:
    made = script()
    other = type(made)(**{f: getattr(made, f) for f in made.__slots__} | {"dialect": "spark"})
    assert codes(refused(other, site(tmp_path))) == ["engine-unknown"]


def test_members_are_hashed_in_batches_and_counted_once(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": "SELECT i % 50000 AS id, DATE '1980-01-01' AS born, '1' AS sex FROM range(100000) t(i)"})
    _, members = run(script(), at)
    assert len(members.members) == 50_000
    assert {len(m) for m in members.members} == {16}


def test_the_same_identifier_of_two_entities_is_two_members(tmp_path: Path) -> None:
    at = site(tmp_path, "csv")
    one, other = (membership(at, "c", entity, KEY, [[("17",)]]) for entity in ("person", "vacancy"))
    assert one.members.isdisjoint(other.members)
