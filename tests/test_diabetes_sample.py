"""The Danish diabetes register sample, end to end, against independent computations (pandas, lifelines).

The data lie beside the project and are no part of it; without them these tests skip.
"""

import csv
import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest

import studyspec

ROOT = Path(__file__).parents[1]
CASE = ROOT.parent / "shared" / "cases" / "dmlate_dk"
pytestmark = pytest.mark.skipif(
    not CASE.is_dir(), reason=f"the diabetes sample is not here: it is read from {CASE.relative_to(ROOT.parent)}"
)
pd = pytest.importorskip("pandas")
lifelines = pytest.importorskip("lifelines")

BANDS = ((0, 39), (40, 49), (50, 59), (60, 69), (70, 79), (80, 200))
TIMES = {"1 y": 365.25, "5 y": 5 * 365.25, "10 y": 10 * 365.25}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example: its ledger is written beside it."""
    folder = tmp_path_factory.mktemp("dmlate") / "example"
    shutil.copytree(ROOT / "examples" / "dmlate", folder, ignore=shutil.ignore_patterns("state*"))
    return folder


def run(place: Path, site: str) -> dict[str, list[dict[str, str]]]:
    out = place.parent / site
    studyspec.run(place / "dmlate_insulin.study", site=place / f"{site}.yaml", data=CASE, out=out)
    return {f.stem: list(csv.DictReader(f.open(encoding="utf-8"))) for f in out.glob("*.csv")}


@pytest.fixture(scope="module")
def exact(place: Path) -> dict[str, list[dict[str, str]]]:
    return run(place, "site_open")


@pytest.fixture(scope="module")
def guarded(place: Path) -> dict[str, list[dict[str, str]]]:
    return run(place, "site_guarded")


@pytest.fixture(scope="module")
def people() -> Any:
    """One row per person with a follow-up of any length, computed without studyspec."""
    persons = pd.read_csv(CASE / "persons.csv", parse_dates=["birth_date"]).set_index("person_id")
    events = pd.read_csv(CASE / "events.csv", parse_dates=["event_date"])
    days = events.pivot(index="person_id", columns="event", values="event_date")
    people = persons.join(days)
    people = people[people["death"].isna() | (people["death"] > people["diabetes_diagnosis"])].copy()
    index, birth = people["diabetes_diagnosis"], people["birth_date"]
    had = (index.dt.month > birth.dt.month) | ((index.dt.month == birth.dt.month) & (index.dt.day >= birth.dt.day))
    people["age"] = index.dt.year - birth.dt.year - (~had).astype(int)
    window = (people["first_insulin"] >= index) & (people["first_insulin"] < index + pd.Timedelta(days=180))
    people["level"] = window.map({True: "early", False: "other"})
    entry = index + pd.Timedelta(days=180)
    end = people["death"].fillna(pd.Timestamp("2009-12-31"))
    people["at_risk"] = end > entry
    people["days"] = (end - entry).dt.days
    people["died"] = people["death"].notna()
    return people


def test_the_attrition_is_the_published_one(exact: dict[str, list[dict[str, str]]]) -> None:
    expected = {c["id"]: c["python"] for c in json.loads((CASE / "expected.json").read_text())["checks"]}
    steps = exact["attrition"]
    assert [int(s["remaining"]) for s in steps] == [expected["n0"], expected["n"], expected["n"]]
    assert steps[1]["removed"] == "4"


def test_every_baseline_number_is_that_of_pandas(exact: dict[str, list[dict[str, str]]], people: Any) -> None:
    rows = {(r["variable"], r["category"]): r for r in exact["baseline"]}
    groups: dict[tuple[str, str], Any] = {("sex", s): people["sex"] == s for s in ("F", "M")}
    for low, high in BANDS:
        groups["age_group", f"{low}-{high}" if high < 200 else f"{low}+"] = people["age"].between(low, high)
    assert set(groups) == {k for k in rows if k[0]}
    for key, who in {**groups, ("", ""): people["age"] >= 0}.items():
        for level, column in (("early", "n_early"), ("other", "n_other"), (None, "n")):
            of = people["age"] >= 0 if level is None else people["level"] == level
            count = int((who & of).sum())
            assert int(rows[key][column]) == count
            percent = float(rows[key][column.replace("n", "percent", 1)])
            assert math.isclose(percent, 100 * count / int(of.sum()), rel_tol=0, abs_tol=1e-9)


def test_every_risk_is_one_minus_the_kaplan_meier_of_lifelines(
    exact: dict[str, list[dict[str, str]]], people: Any
) -> None:
    rows = {(r["level"], r["time"]): r for r in exact["risk_died"]}
    assert len(rows) == 2 * len(TIMES)
    for level in ("early", "other"):
        at_risk = people[people["at_risk"] & (people["level"] == level)]
        fitted = lifelines.KaplanMeierFitter().fit(at_risk["days"], at_risk["died"])
        for name, day in TIMES.items():
            row = rows[level, name]
            assert int(row["at_risk"]) == len(at_risk)
            assert int(row["events"]) == int((at_risk["died"] & (at_risk["days"] <= day)).sum())
            assert math.isclose(float(row["risk"]), 1 - float(fitted.predict(day)), rel_tol=0, abs_tol=1e-9)


def test_the_guarded_release_rounds_and_hides(
    exact: dict[str, list[dict[str, str]]], guarded: dict[str, list[dict[str, str]]]
) -> None:
    assert [r["removed"] for r in guarded["attrition"]] == ["", "..", ""]
    counts = ("n", "n_early", "n_other", "at_risk", "events", "remaining")
    for name, rows in guarded.items():
        for row, truth in zip(rows, exact[name], strict=True):
            for column in counts:
                if row.get(column) not in (None, "", ".."):
                    assert int(row[column]) % 5 == 0
                    assert abs(int(row[column]) - int(truth[column])) <= 2
                    assert int(truth[column]) >= 8


def test_the_guarded_release_hides_how_many_died_at_once(guarded: dict[str, list[dict[str, str]]]) -> None:
    """Four people left at the first criterion: neither the step nor the number before it may show."""
    assert guarded["attrition"][0]["remaining"] == ".."
    assert guarded["attrition"][1]["remaining"] == "9995"
