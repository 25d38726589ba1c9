"""Two published experiments, from the packages that hold their data to our tables: equal to what was published."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

import studyspec
from examples.fetch import Unavailable, fetch

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(name: str, place: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of an example, by name, run on data that its package is asked for now."""
    example = place / name
    shutil.copytree(EXAMPLES / name, example, ignore=shutil.ignore_patterns("state", "data"))
    try:
        fetch(name, example / "data")
    except Unavailable as why:
        pytest.skip(str(why))
    studyspec.run(example / f"{name}.study", site=example / "site.yaml", out=place / f"{name}_out")
    files = (place / f"{name}_out").glob("*.csv")
    return {file.stem: list(csv.DictReader(file.open(encoding="utf-8"))) for file in files}


@pytest.fixture(scope="module")
def nsw(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    return run("nsw", tmp_path_factory.mktemp("nsw"))


@pytest.fixture(scope="module")
def rossi(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    return run("rossi", tmp_path_factory.mktemp("rossi"))


# --- National Supported Work: Dehejia and Wahba (1999), Table 1, the experiment with earnings of 1974 ----------------


def test_the_men_of_supported_work_are_those_published(nsw: dict[str, list[dict[str, str]]]) -> None:
    (people,) = [row for row in nsw["baseline"] if not row["variable"]]
    assert (people["n_1"], people["n_0"], people["n"]) == ("185", "260", "445")


@pytest.mark.parametrize(
    ("variable", "treated", "control"),
    [("is_black", 0.84, 0.83), ("is_hispanic", 0.06, 0.11), ("married", 0.19, 0.15), ("no_degree", 0.71, 0.83)],
)
def test_their_shares_are_those_published(
    nsw: dict[str, list[dict[str, str]]], variable: str, treated: float, control: float
) -> None:
    (row,) = [row for row in nsw["baseline"] if (row["variable"], row["category"]) == (variable, "true")]
    assert (round(float(row["percent_1"]) / 100, 2), round(float(row["percent_0"]) / 100, 2)) == (treated, control)


@pytest.mark.parametrize(
    ("variable", "treated", "control", "within"),
    [
        ("age", 25.81, 25.05, 0.01),
        ("education", 10.35, 10.09, 0.01),
        ("earnings_1974", 2096, 2107, 0.5),
        ("earnings_1975", 1532, 1267, 0.5),
    ],
)
def test_their_means_are_those_published(
    nsw: dict[str, list[dict[str, str]]], variable: str, treated: float, control: float, within: float
) -> None:
    means = {row["group"]: float(row["mean"]) for row in nsw["baseline_numbers"] if row["variable"] == variable}
    assert means["1"] == pytest.approx(treated, abs=within)
    assert means["0"] == pytest.approx(control, abs=within)


def test_their_earnings_after_differ_by_what_was_published(nsw: dict[str, list[dict[str, str]]]) -> None:
    """1,794 dollars, the benchmark of the experiment."""
    means = {row["group"]: float(row["mean"]) for row in nsw["distribution"]}
    assert round(means["1"] - means["0"]) == 1794


# --- aid after prison: Rossi, Berk and Lenihan (1980), as in Allison (1995) ------------------------------------------


def test_the_arrested_are_those_published(rossi: dict[str, list[dict[str, str]]]) -> None:
    """66 of 216 without aid and 48 of 216 with it, within the year."""
    year = {row["level"]: row for row in rossi["risk_arrest"] if row["time"].startswith("52")}
    assert [(year[arm]["at_risk"], year[arm]["events"]) for arm in ("0", "1")] == [("216", "66"), ("216", "48")]
    assert round(float(year["0"]["risk"]), 3) == 0.306
    assert round(float(year["1"]["risk"]), 3) == 0.222


def test_the_risk_by_week_is_that_of_lifelines(rossi: dict[str, list[dict[str, str]]]) -> None:
    lifelines = pytest.importorskip("lifelines")
    from lifelines.datasets import load_rossi

    released = load_rossi()
    for arm in (0, 1):
        some = released[released["fin"] == arm]
        curve = lifelines.KaplanMeierFitter().fit(some["week"], some["arrest"])
        for row in rossi["risk_arrest"]:
            if row["level"] == str(arm):
                expected = 1 - curve.predict(int(row["time"].split()[0]))
                assert float(row["risk"]) == pytest.approx(expected, abs=1e-9)


# --- where nothing can be installed ----------------------------------------------------------------------------------


def test_a_package_that_is_not_to_be_had_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(Unavailable, match="cannot be installed"):
        fetch("rossi", tmp_path)
    assert not list(tmp_path.iterdir())
