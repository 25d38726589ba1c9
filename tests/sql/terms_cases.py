"""What expressions say of one person, worked out by hand: asked of every database, and of the arbiter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from studyspec.catalogue.types import Coverage
from studyspec.semantics import core
from tests.plan import kit
from tests.plan.kit import at, during, on

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

INDEX = kit.date("2020-03-01")
ALL = during(None, None)
MODEL = kit.model(
    kit.table(
        "person",
        "attributes",
        {
            "birth_date": "date?",
            "sex": "code of sex?",
            "size": "integer?",
            "pay": "decimal?",
            "met": "date?",
            "employer_id": "identifier?",
            "boss_id": "identifier?",
        },
    ),
    kit.table("entry", "events", {}),
    kit.table("visit", "events", {"code": "code of c?", "n": "integer?", "cost": "decimal?", "due": "date?"}),
    kit.table(
        "job",
        "spells",
        {"code": "code of c?", "employer_id": "identifier?"},
        coverage=Coverage(None, kit.date("2020-12-31")),
    ),
    kit.table("stay", "spells", {"code": "code of c?"}, coverage=Coverage(None, kit.date("2020-12-31"))),
    kit.table(
        "employer", "attributes", {"industry": "code of i?", "founded": "date?"}, key="employer_id", entity="employer"
    ),
)


class Case(NamedTuple):
    """A value, what it should be (None for unknown), and the rows it is asked of."""

    name: str
    value: core.Expr
    expected: Any
    rows: Rows

    def __str__(self) -> str:
        return self.name


def asking(case: Case) -> core.Study:
    """Whether the value is the expected one, of one person with the index 2020-03-01."""
    if case.expected is None:
        asked: core.Expr = kit.known(case.value, negated=True)
    elif isinstance(case.expected, bool):
        asked = case.value if case.expected else kit.neg(case.value)
    else:
        asked = kit.cmp(case.value, "=", kit.lit(case.expected))
    return kit.study(
        MODEL,
        kit.cohort(kit.event("entry", window=ALL)),
        kit.baseline(kit.variable("answer", asked, "true", "false", "unknown")),
    )


def rows(case: Case) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in MODEL.tables}
    found |= {"person": [person()], "entry": [{"person_id": "p", "date": INDEX}]}
    return found | {name: [dict(row) for row in some] for name, some in case.rows.items()}


def person(**known: Any) -> dict[str, Any]:
    empty = dict.fromkeys(MODEL.tables["person"].columns)
    return empty | {"person_id": "p"} | known


def visit(day: str, **known: Any) -> dict[str, Any]:
    return dict.fromkeys(MODEL.tables["visit"].columns) | {"person_id": "p", "date": kit.date(day)} | known


def spell(start: str | None, end: str | None, code: str | None = None, **known: Any) -> dict[str, Any]:
    days = {"start": start and kit.date(start), "end": end and kit.date(end)}
    return {"person_id": "p", "code": code, **days} | known


def job(start: str | None, end: str | None, code: str | None = None, employer: str | None = None) -> dict[str, Any]:
    return spell(start, end, code, employer_id=employer)


# --- cases -----------------------------------------------------------------------------------------------------------

SIZE, PAY = kit.attr("size", "integer", True), kit.attr("pay", "decimal", True)
SMALL, MIDDLE = kit.cmp(SIZE, "<", kit.lit(10)), kit.cmp(SIZE, "<", kit.lit(20))
MAN = kit.inset(kit.attr("sex", "code of sex", True), "1")


def of_cases() -> Iterator[Case]:
    sizes = kit.case_of(small=SMALL, middle=MIDDLE, large=None)
    for size, expected in ((3, "small"), (10, "middle"), (20, "large"), (None, None)):
        yield Case(f"the first case that is true: {size}", sizes, expected, {"person": [person(size=size)]})
    mixed = kit.case_of(man=MAN, small=SMALL)
    for known, expected in (
        ({"sex": "1"}, "man"),
        ({"sex": "2", "size": 1}, "small"),
        ({"sex": "2", "size": 99}, None),  # none is true
        ({"size": 1}, None),  # one before it is unknown
        ({"sex": "1", "size": None}, "man"),
    ):
        yield Case(f"unknown once one before is: {known}", mixed, expected, {"person": [person(**known)]})
    yield Case("otherwise alone", kit.case_of(every=None), "every", {})
    grouped = kit.inset(kit.case_of(man=MAN, other=None), "other")
    yield Case("a case in a set", grouped, True, {"person": [person(sex="2")]})


def of_elapsed() -> Iterator[Case]:
    for unit, start, end, expected in (
        ("day", "2020-02-01", "2020-03-01", 29),
        ("day", "2020-03-01", "2020-02-01", -29),
        ("week", "2020-02-01", "2020-02-14", 1),
        ("week", "2020-02-15", "2020-02-01", -2),
        ("week", "2020-02-14", "2020-02-01", -1),
        ("month", "2020-01-31", "2020-02-29", 1),
        ("month", "2020-01-31", "2020-02-28", 0),
        ("month", "2020-01-15", "2020-03-14", 1),
        ("month", "2020-03-14", "2020-01-15", -1),
        ("month", "2020-02-29", "2020-01-31", -1),  # 31 January and a month is 29 February
        ("month", "2020-02-28", "2020-01-31", 0),
        ("month", "2020-02-29", "2020-01-29", -1),
        ("year", "2000-02-29", "2019-02-28", 19),
        ("year", "2000-02-29", "2020-02-28", 19),
        ("year", "2020-02-28", "2000-02-29", -19),
        ("year", "2020-02-28", "2000-02-28", -20),
    ):
        known = {"person": [person(birth_date=kit.date(start), met=kit.date(end))]}
        of = kit.elapsed(unit, on(BORN), on(MET))
        yield Case(f"{unit}s from {start} to {end}", of, expected, known)
        fixed = kit.elapsed(unit, at(start), at(end))
        yield Case(f"{unit}s from the day {start} to the day {end}", fixed, expected, {})
    yield Case("of an unknown day", kit.elapsed("month", on(BORN), at("index")), None, {})
    row = {"visit": [visit("2020-01-01", due=kit.date("2020-02-01")), visit("2020-01-01", due=kit.date("2020-01-31"))]}
    late = kit.cmp(kit.elapsed("month", at("row"), on(kit.col("visit", "due", "date", True))), ">=", kit.lit(1))
    yield Case("of a row's own days", kit.rows("count", "visit", "dated", ALL, late), 1, row)


BORN, MET = kit.attr("birth_date", "date", True), kit.attr("met", "date", True)


def of_days() -> Iterator[Case]:
    """Times that values give."""
    known = {"person": [person(birth_date=kit.date("1990-02-28"), met=kit.date("2020-01-31"))]}
    visits = {"visit": [visit(day) for day in ("2020-01-30", "2020-01-31", "2020-02-28", "2020-02-29", "2020-03-01")]}
    month = during(on(MET), on(MET, "1 month"), "[]")
    yield Case("rows around a date", kit.rows("count", "visit", "dated", month), 3, known | visits)
    yield Case("rows around an unknown date", kit.rows("count", "visit", "dated", month), 0, visits)
    yield Case("an age at a date", kit.age(on(MET), nullable=True), 29, known)
    yield Case("an age at a date moved", kit.age(on(MET, "1 month"), nullable=True), 30, known)
    yield Case("an age at an unknown date", kit.age(on(MET), nullable=True), None, {})
    last = kit.pick("last", "visit", "date", "dated", during(None, at("index")), of="date")
    yield Case("days since the last", kit.elapsed("day", on(last), at("index")), 1, visits)
    yield Case("a day after a date", kit.day(on(MET, "1 month", "1 day")), kit.date("2020-03-01"), known)
    due = kit.col("visit", "due", "date", True)
    held = kit.rows("any", "visit", "dated", ALL, kit.cmp(kit.day(on(due, "-1 day")), "=", kit.day(at("row"))))
    yield Case("a row's own date moved", held, True, {"visit": [visit("2020-01-01", due=kit.date("2020-01-02"))]})


def of_numbers() -> Iterator[Case]:
    sums, lit = kit.sums, kit.lit
    third = {"person": [person(size=2, pay=Decimal("0.5"))]}
    for name, value, expected in (
        ("a third", sums(SIZE, "/", lit(3)), Decimal("0.666667")),
        ("a third, negative", sums(sums(lit(0), "-", SIZE), "/", lit(3)), Decimal("-0.666667")),
        ("of whole numbers", sums(SIZE, "/", lit(4)), Decimal("0.5")),
        ("by nought", sums(SIZE, "/", lit(0)), None),
        ("by nought, counted", sums(SIZE, "/", kit.rows("count", "visit", "dated", ALL)), None),
        ("a tie", sums(PAY, "/", lit(Decimal("1000000"))), Decimal("0.000001")),
        ("a tie, negative", sums(PAY, "*", lit(Decimal("-0.000001"))), Decimal("-0.000001")),
        ("a product", sums(PAY, "*", PAY), Decimal("0.25")),
        ("of a whole number and a decimal", sums(SIZE, "-", PAY), Decimal("1.5")),
        ("a sum of more digits", sums(PAY, "+", lit(Decimal("0.0000005"))), Decimal("0.500001")),
        ("a quotient by more digits", sums(PAY, "/", lit(Decimal("0.00000003"))), Decimal("16666666.666667")),
        ("a quotient of more digits", sums(lit(Decimal("0.0000007")), "/", PAY), Decimal("0.000001")),
        ("of constants", sums(lit(2), "/", lit(3)), Decimal("0.666667")),
        ("one after another", sums(sums(SIZE, "/", lit(3)), "*", lit(3)), Decimal("2.000001")),
    ):
        yield Case(name, value, expected, third)
    large = {"person": [person(size=3, pay=Decimal("999999999999.999999"))]}
    yield Case("a large product", sums(PAY, "*", SIZE), Decimal("2999999999999.999997"), large)
    yield Case("a large sum", sums(sums(PAY, "+", PAY), "+", PAY), Decimal("2999999999999.999997"), large)
    yield Case("a large quotient", sums(PAY, "/", lit(Decimal("0.001"))), Decimal("999999999999999.999"), large)
    yield Case("arithmetic of the unknown", sums(PAY, "/", SIZE), None, {})
    yield Case("compared with a whole number", kit.cmp(sums(PAY, "*", lit(2)), "=", lit(1)), True, third)


def of_means() -> Iterator[Case]:
    costs = [visit("2020-01-01", cost=Decimal(text), n=n) for text, n in (("0.1", 1), ("0.2", 1), ("0.2", -3))]
    costs.append(visit("2020-01-01"))
    mean = kit.pick("mean", "visit", "cost", "dated", ALL, of="decimal")
    yield Case("a mean", mean, Decimal("0.166667"), {"visit": costs})
    mean = kit.pick("mean", "visit", "n", "dated", ALL, of="integer")
    yield Case("a mean of whole numbers", mean, Decimal("-0.333333"), {"visit": costs})
    yield Case("a mean of nothing known", mean, None, {"visit": [visit("2020-01-01")]})
    yield Case("a mean of no rows", mean, None, {})


FIRMS = {
    "employer": [
        {"employer_id": "e", "industry": "mine", "founded": kit.date("1990-01-01")},
        {"employer_id": "f", "industry": "shop", "founded": None},
    ]
}
MINE = kit.inset(
    kit.linked("job.employer_id", "employer.industry", "code of i", key="employer_id", in_row=True), "mine"
)


def of_links() -> Iterator[Case]:
    industry = kit.linked("person.employer_id", "employer.industry", "code of i", key="employer_id")
    for employer, expected in (("e", "mine"), ("f", "shop"), ("nobody", None), (None, None)):
        known = {"person": [person(employer_id=employer)]} | FIRMS
        yield Case(f"where a link leads: {employer}", industry, expected, known)
    born = kit.linked("person.boss_id", "person.birth_date", "date", key="person_id")
    pair = [person(boss_id="q", birth_date=kit.date("2000-01-01"))]
    pair.append(person(person_id="q", birth_date=kit.date("1980-05-05")))
    yield Case("another of the same kind", born, kit.date("1980-05-05"), {"person": pair})
    older = kit.cmp(born, "<", BORN)
    yield Case("compared with one's own", older, True, {"person": pair})
    yield Case("years between", kit.elapsed("year", on(born), on(BORN)), 19, {"person": pair})
    jobs = [job("2020-01-01", None, "a", "e"), job("2020-02-01", None, "b", "f"), job("2020-02-02", None, "c", None)]
    jobs.append(job("2020-02-03", None, "d", "e"))
    yield Case("rows by where they lead", kit.rows("count", "job", "starting", ALL, MINE), 2, {"job": jobs} | FIRMS)
    first = kit.pick("last", "job", "code", "starting", ALL, MINE)
    yield Case("the last of such rows", first, "d", {"job": jobs} | FIRMS)
    founded = kit.linked("job.employer_id", "employer.founded", "date", key="employer_id", in_row=True)
    old = kit.logic("and", MINE, kit.cmp(kit.elapsed("year", on(founded), at("row")), ">=", kit.lit(30)))
    yield Case("two columns of one link", kit.rows("count", "job", "starting", ALL, old), 2, {"job": jobs} | FIRMS)


def of_rows_of_rows() -> Iterator[Case]:
    jobs = {
        "job": [
            job("2019-01-01", "2019-07-01", "a"),
            job("2019-01-01", "2019-07-01", "b"),  # twice at once
            job("2019-10-01", "2019-12-01", "c"),
            job("2020-01-01", None, "d"),  # ends with its coverage
            job(None, "2020-05-01", "e"),
        ]
    }
    visits = {
        "visit": [
            visit("2018-12-25", code="x", n=1, due=kit.date("2019-01-01")),
            visit("2018-12-31", code="y", n=2),
            visit("2019-11-30", code="x", n=4),
            visit("2020-12-31", code="z", n=None),
        ]
    }
    stays = {"stay": [spell("2019-06-01", "2019-06-11"), spell("2019-06-06", "2019-06-21"), spell("2020-12-25", None)]}
    every = jobs | visits | stays
    before = during(at("row", "-30 day"), at("row"))
    while_at = during(at("row"), at("row.end"))

    def number(name: str, condition: core.Expr, expected: int) -> Case:
        return Case(name, kit.rows("count", "job", "starting", ALL, condition), expected, every)

    yield number("rows before each", kit.rows("any", "visit", "dated", before), 2)
    yield number("no rows before each", kit.rows("no", "visit", "dated", before), 2)
    many = kit.rows("count", "visit", "dated", before)
    yield number("how many before each", kit.cmp(many, "=", kit.lit(2)), 2)
    yield number("none before each", kit.cmp(many, "=", kit.lit(0)), 2)
    yield number("while each lasts", kit.rows("any", "visit", "dated", while_at), 2)
    some = kit.inset(kit.col("visit", "code", "code of c", True), "x")
    yield number("with a condition of their own", kit.rows("any", "visit", "dated", while_at, some), 1)
    held = kit.rows("days", "stay", "overlapping", while_at)
    yield number("days held while each lasts", kit.cmp(held, "=", kit.lit(20)), 2)
    yield number("days held up to the end of coverage", kit.cmp(held, "=", kit.lit(7)), 1)
    total = kit.pick("sum", "visit", "n", "dated", before, of="integer")
    yield number("a sum before each", kit.cmp(total, "=", kit.lit(3)), 2)
    last = kit.pick("last", "visit", "code", "dated", before)
    yield number("the last before each", kit.inset(last, "y"), 2)
    yield number("nothing before each", kit.known(last, negated=True), 2)
    since = kit.elapsed("day", on(kit.pick("last", "visit", "date", "dated", before, of="date")), at("row"))
    yield number("days since the last before each", kit.cmp(since, "=", kit.lit(1)), 2)
    covering = kit.rows("any", "stay", "covering", kit.covering(at("row.end", "-1 day")))
    yield number("on the last day of each", covering, 1)
    again = kit.rows("any", "job", "starting", during(at("row.end"), at("row.end", "100 day")))
    yield number("the same table again", again, 3)
    to_index = kit.rows("any", "visit", "dated", during(at("row"), at("index")))
    yield number("from each up to the index", to_index, 3)
    open_ = kit.rows("count", "visit", "dated", during(at("row"), None))
    yield number("from each on", kit.cmp(open_, "=", kit.lit(2)), 3)
    old = kit.rows("any", "visit", "dated", ALL, kit.cmp(kit.age(at("index"), nullable=True), ">=", kit.lit(18)))
    yield Case(
        "a condition on the unit",
        kit.rows("count", "job", "starting", ALL, old),
        4,
        every | {"person": [person(birth_date=kit.date("2000-01-01"))]},
    )
    due = kit.col("visit", "due", "date", True)
    day = kit.rows("any", "job", "starting", during(on(due), on(due), "[]"))
    yield Case("around a date of each", kit.rows("count", "visit", "dated", ALL, day), 1, every)
    two = kit.logic("and", kit.rows("any", "visit", "dated", before), kit.rows("any", "stay", "overlapping", while_at))
    yield number("two questions about each", two, 2)
    unknown = kit.rows("count", "job", "ending", ALL, kit.rows("no", "visit", "dated", before))
    yield Case("a row of unknown start opens no window", unknown, 2, every)


CASES = [
    case for some in (of_cases, of_elapsed, of_days, of_numbers, of_means, of_links, of_rows_of_rows) for case in some()
]
