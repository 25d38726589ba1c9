"""Scripts kept as files that a reader opens.  `pytest tests/sql --update-golden` writes them anew."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.catalogue.types import Coverage
from studyspec.plan.plan import plan
from studyspec.semantics import core
from studyspec.sql import emit
from studyspec.sql.script import Script
from tests.plan import kit
from tests.plan.kit import at, during
from tests.sql.duck import connect

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
#: Study of an example -> the site whose binding it is compiled for.
EXAMPLES = {"omnia/omnia_employment.study": "site.yaml", "dmlate/dmlate_insulin.study": "site_open.yaml"}


def hold(name: str, script: Script, update: bool) -> None:
    path = GOLDEN / f"{name}.{script.dialect}.sql"
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(script.text, encoding="utf-8")
    assert script.text == path.read_text(encoding="utf-8"), (
        "run pytest tests/sql --update-golden and read the difference"
    )


def example(path: str) -> Script:
    """A study of examples/ on a site beside it."""
    study = ROOT / "examples" / path
    site = pipeline.site(study.parent / EXAMPLES[path], study.parent)  # any folder will do: no data are read
    return pipeline.script(pipeline.understand(study, site))


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_script_of_an_example(path: str, update_golden: bool) -> None:
    hold(Path(path).stem, example(path), update_golden)


@pytest.mark.parametrize("path", EXAMPLES)
def test_the_script_of_an_example_runs_to_its_preview(path: str) -> None:
    script = example(path)
    connect(script, {}).execute(script.statements[-1].sql)


def first_code() -> core.Expr:
    return kit.pick("first", "visit", "code", "dated", during(None, at("index")))


def two_of_three() -> core.Expr:
    """Known, arithmetic and days, in a condition that counts conditions."""
    nights = kit.pick("sum", "visit", "nights", "dated", during(None, at("index")), of="integer")
    often = kit.sums(
        kit.lit(2), "*", kit.sums(kit.rows("count", "visit", "dated", during(None, None)), "+", kit.lit(1))
    )
    own = kit.cmp(kit.day(at("row", "1 month")), "<", kit.day(at("index")))
    return kit.at_least(
        2,
        kit.known(kit.pick("largest", "visit", "nights", "dated", during(None, None), own, of="integer")),
        kit.cmp(kit.sums(nights, "-", kit.pick("distinct", "visit", "code", "dated", during(None, None))), ">", often),
        kit.cmp(kit.attr("birth_date", "date", True), "<", kit.day(at("index", "-18 year"))),
    )


def constructs() -> core.Study:
    """Every construct that the sample study does not use, in one study that makes no sense."""
    model = kit.model(
        kit.table("person", "attributes", {"birth_date": "date?", "vip": "boolean?", "group": "code of group?"}),
        kit.table("visit", "events", {"code": "code of c?", "cost": "decimal?", "nights": "integer?"}),
        kit.table("stay", "spells", {}, coverage=Coverage(kit.date("2000-01-01"), kit.date("2024-12-31"))),
        kit.table("death", "events", {}),
    )
    index = at("index")
    year = during(at("index", "-1 year"), at("index", "-1 day"), "(]")
    cost = kit.pick("sum", "visit", "cost", "dated", year, of="decimal")
    some = kit.inset(kit.col("visit", "code", "code of c", True), *(f"code {n:02}" for n in range(30)))
    return kit.study(
        model,
        kit.cohort(
            kit.event("visit", window=during(at("2019-12-31"), None, "()"), condition=some, first=False),
            kit.exclude("none_ever", kit.rows("no", "visit", "dated", during(None, index), some)),
            kit.include(
                "often",
                kit.logic(
                    "or",
                    kit.cmp(kit.rows("count", "visit", "dated", year), ">=", kit.lit(2)),
                    kit.neg(kit.cmp(kit.attr("group", "code of group", True), "=", kit.lit("it's"))),
                    kit.ref("stayed", nullable=True),
                ),
                "At least two visits in the year before",
            ),
            kit.include("known", kit.between(kit.age(at("2020-01-01"), nullable=True), kit.lit(0), kit.lit(120))),
            kit.include("two_of_three", two_of_three(), "At least two of three"),
            name="visitors",
        ),
        kit.baseline(
            kit.variable("vip", kit.attr("vip", "boolean", True), "true", "false", "unknown"),
            kit.variable("group", kit.attr("group", "code of group", True), "it's", "other", "unknown"),
            kit.variable("first_visit", kit.ref("first_visit", "category", True), "early", "late", "unknown"),
            kit.variable("costly", kit.cmp(cost, ">", kit.lit(Decimal("99.5"))), "true", "false"),
        ),
        kit.risk("left", "died"),
        definitions=[
            kit.define("days_in", kit.rows("days", "stay", "overlapping", during(at("entry"), at("exit"), "[]"))),
            kit.define("first_visit", kit.grouped(first_code(), early="a b", late="c"), "The first visit's kind"),
            kit.define("stayed", kit.cmp(kit.ref("days_in", "integer"), ">", kit.lit(0)), "Stayed at all"),
        ],
        roles=[kit.role("death", "death")],
        follow_up=kit.follow_up(index, at("entry", "18 month"), at("role death", "-1 day")),
        outcomes=[
            kit.outcome("left", kit.event("stay", "ending", dated=at("row.end", "1 month")), "outcome died"),
            kit.outcome("died", "death", "outcome left", time_zero="keep"),
            kit.outcome("unused", kit.event("visit")),
        ],
    )


def test_the_script_of_every_other_construct(update_golden: bool) -> None:
    script = emit(plan(constructs()), "duckdb", None)
    hold("constructs", script, update_golden)
    connect(script, {}).execute(script.statements[-1].sql)
