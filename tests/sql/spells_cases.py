"""Named spells and the stretches they hold, worked out by hand: made in every database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import all_of, any_of, at, during, held, merged, without
from tests.sql.terms_cases import FIRMS, MINE, MODEL, Rows, job, person, spell, visit

#: Two days of February 2020, the second the first one out.
Run = tuple[int, int]


class Made(NamedTuple):
    """Spells of one person, and the stretches of February 2020 that they hold."""

    name: str
    sets: tuple[core.SpellExpr, ...]
    expected: tuple[Run, ...]
    rows: Rows

    def __str__(self) -> str:
        return self.name


def making(sets: Sequence[core.SpellExpr]) -> core.Study:
    """Spells `set_1`, `set_2`, …; the last of them is asked about."""
    plain = kit.study(MODEL, kit.cohort(kit.event("entry", window=during(None, None))))
    return kit.with_spells(plain, *(kit.spell_set(f"set_{n}", one) for n, one in enumerate(sets, 1)))


def stays(*runs: Run, code: str = "a") -> list[dict[str, Any]]:
    return [spell(_day(first), _day(after), code) for first, after in runs]


def jobs(*runs: Run, code: str = "a") -> list[dict[str, Any]]:
    return [job(_day(first), _day(after), code) for first, after in runs]


def _day(number: int) -> str:
    return f"2020-02-{number:02}"


STAY, JOB = held("stay"), held("job")
WITH_A = kit.inset(kit.col("stay", "code", "code of c", True), "a")
ADULT = kit.cmp(kit.age(at("row"), nullable=True), ">=", kit.lit(18))


def _of(table: str, *runs: Run) -> Rows:
    return {table: stays(*runs) if table == "stay" else jobs(*runs)}


def of_rows() -> Iterator[Made]:
    for name, runs, expected in (
        ("apart", [(1, 3), (5, 7)], ((1, 3), (5, 7))),
        ("overlapping", [(1, 4), (3, 7)], ((1, 7),)),
        ("touching", [(1, 3), (3, 7)], ((1, 7),)),
        ("one inside another", [(1, 9), (3, 5), (6, 12)], ((1, 12),)),
        ("twice the same", [(1, 3), (1, 3), (5, 7), (5, 7)], ((1, 3), (5, 7))),
        ("starting together", [(5, 7), (1, 2), (5, 6), (5, 9)], ((1, 2), (5, 9))),
        ("of no day", [(3, 3), (9, 5)], ()),
        ("of no day beside others", [(3, 3), (1, 5), (20, 10), (7, 8)], ((1, 5), (7, 8))),
        ("out of order", [(7, 9), (1, 2), (8, 10), (4, 5), (2, 3)], ((1, 3), (4, 5), (7, 10))),
    ):
        yield Made(f"rows {name}", (STAY,), expected, _of("stay", *runs))
    unknown = [spell(None, "2020-02-05"), *stays((7, 8))]
    yield Made("rows of unknown start", (STAY,), ((7, 8),), {"stay": unknown})
    coded = [*stays((1, 5)), *stays((3, 9), code="b"), spell("2020-02-20", "2020-02-22", None)]
    yield Made("rows with a condition", (held("stay", WITH_A),), ((1, 5),), {"stay": coded})
    others = [dict(one, person_id="q") for one in stays((1, 9))] + stays((4, 5))
    yield Made("rows of others", (STAY,), ((4, 5),), {"stay": others})
    grown = {"person": [person(birth_date=kit.date("2002-02-05"))], "stay": stays((1, 3), (2, 9), (5, 7))}
    yield Made("rows by who has them", (held("stay", ADULT),), ((5, 7),), grown)
    placed = [job("2020-02-01", "2020-02-03", "a", "e"), job("2020-02-02", "2020-02-09", "a", "f")]
    yield Made("rows by where they lead", (held("job", MINE),), ((1, 3),), {"job": placed} | FIRMS)
    seen = kit.rows("any", "visit", "dated", during(at("row"), at("row.end")))
    visited = {"visit": [visit("2020-02-06")], "stay": stays((1, 3), (5, 7), (6, 9))}
    yield Made("rows with rows of their own", (held("stay", seen),), ((5, 9),), visited)


def of_gaps() -> Iterator[Made]:
    runs = _of("stay", (1, 3), (5, 7), (10, 11))
    yield Made("gaps of one day", (merged(STAY, 1),), ((1, 3), (5, 7), (10, 11)), runs)
    yield Made("gaps of two days", (merged(STAY, 2),), ((1, 7), (10, 11)), runs)
    yield Made("gaps of three days", (merged(STAY, 3),), ((1, 11),), runs)
    yield Made("gaps of no day", (merged(STAY, 0),), ((1, 3), (5, 7), (10, 11)), runs)
    both = _of("stay", (1, 3), (9, 12)) | _of("job", (5, 7))
    yield Made("gaps between kinds", (merged(any_of(STAY, JOB), 2),), ((1, 12),), both)
    yield Made("gaps filled and filled again", (merged(merged(STAY, 2), 3),), ((1, 11),), runs)
    cut = merged(without(STAY, JOB), 2)
    yield Made("gaps that others left", (cut,), ((1, 12),), _of("stay", (1, 12)) | _of("job", (5, 7)))


def of_logic() -> Iterator[Made]:
    both = _of("stay", (1, 5), (8, 12), (20, 25)) | _of("job", (3, 9), (12, 14), (21, 22), (23, 24))
    yield Made("any of two", (any_of(STAY, JOB),), ((1, 14), (20, 25)), both)
    yield Made("all of two", (all_of(STAY, JOB),), ((3, 5), (8, 9), (21, 22), (23, 24)), both)
    left = ((1, 3), (9, 12), (20, 21), (22, 23), (24, 25))
    yield Made("one without the other", (without(STAY, JOB),), left, both)
    yield Made("the other without one", (without(JOB, STAY),), ((5, 8), (12, 14)), both)
    yield Made("without anything to leave out", (without(STAY, JOB),), ((1, 5),), _of("stay", (1, 5)))
    yield Made("nothing without something", (without(STAY, JOB),), (), _of("job", (1, 5)))
    yield Made("all of something and nothing", (all_of(STAY, JOB),), (), _of("job", (1, 5)))
    yield Made("any of something and nothing", (any_of(STAY, JOB),), ((1, 5),), _of("job", (1, 5)))
    yield Made("without itself", (without(STAY, STAY),), (), both)
    yield Made("all of the same", (all_of(STAY, STAY),), ((1, 5), (8, 12), (20, 25)), both)
    with_a = held("stay", WITH_A)
    coded = {"stay": [*stays((1, 9)), *stays((4, 6), code="b")], **_of("job", (5, 20))}
    yield Made("three kinds", (without(all_of(STAY, JOB), held("stay", kit.neg(WITH_A))),), ((6, 9),), coded)
    yield Made("without two", (without(with_a, JOB, held("stay", kit.neg(WITH_A))),), ((1, 4),), coded)
    nested = any_of(without(STAY, JOB), all_of(STAY, JOB))
    yield Made("put together again", (nested,), ((1, 5), (8, 12), (20, 25)), both)


def of_sets() -> Iterator[Made]:
    both = _of("stay", (1, 5), (8, 12)) | _of("job", (3, 9))
    one = held("set_1")
    yield Made("another set", (STAY, one), ((1, 5), (8, 12)), both)
    yield Made("another set and more", (STAY, any_of(one, JOB)), ((1, 12),), both)
    yield Made("of another set", (STAY, all_of(one, JOB)), ((3, 5), (8, 9)), both)
    yield Made("without another set", (STAY, without(JOB, one)), ((5, 8),), both)
    long = kit.cmp(kit.duration("set_1"), ">=", kit.lit(5))
    yield Made("another set with a condition", (any_of(STAY, JOB), held("set_1", long)), ((1, 12),), both)
    yield Made("three sets", (STAY, without(JOB, one), any_of(one, held("set_2"))), ((1, 12),), both)


CASES = [made for some in (of_rows, of_gaps, of_logic, of_sets) for made in some()]
