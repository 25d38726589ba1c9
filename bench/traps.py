"""What each planted trap does to a result that does not know of it: `python -m bench.traps` writes the table of
docs/traps.md anew.

An invented Espoo is made in the model's shape and in that of the real extracts.  A study asks both, and must get the
same numbers; SQL as someone would write it who has not heard of the trap asks the extracts.  What a study may not ask
is refused, and the table says with which message.
"""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studyspec import pipeline
from studyspec.source import Refused

ROOT: Final = Path(__file__).parent.parent
EXAMPLE: Final = ROOT / "examples" / "espoo"
PAGE: Final = ROOT / "docs" / "traps.md"
PEOPLE: Final = 40_000
#: The shapes that hold the same people, and the site of each.
SHAPES: Final = {"clean": "site", "extract": "site_extract", "extract_shnro": "site_extract_shnro"}
_BEGIN: Final = "<!-- made by python -m bench.traps -->\n"
_END: Final = "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Trap:
    """A trap that gives a wrong number.

    number: as in docs/traps.md.  asked: the question in words
    study: the expression that asks it, with the clauses that belong to it.  naive: a condition on the extracts, about a
    person `h` and the day `s.idx`
    """

    number: int
    name: str
    asked: str
    study: str
    naive: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A trap that no study falls into unless it says so: what is asked, and the message's code."""

    number: int
    asked: str
    study: str
    code: str
    naive: str = ""


@dataclass(frozen=True, slots=True)
class Seekers:
    """People who begin a status of the employment trial between two days, and what is asked about each on that day."""

    first: str
    last: str
    traps: tuple[Trap, ...]
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the table.  ours: None where the study is refused.  of: how many people were asked about"""

    number: int
    asked: str
    naive: int
    ours: int | None
    of: int
    code: str = ""


def _ever(table: str, condition: str) -> str:
    return f"exists (from {table} r where r.hid_e = h.hid_e and {condition})"


ASKED: Final = (
    Seekers(
        "2020-01-01",
        "2021-12-31",
        (
            Trap(1, "foreign", "speak a foreign language",
                 'mother_tongue not in domestic_languages\n    allow last-known because "It hardly ever changes."',
                 "h.kieli_k = '3'"),
            Trap(2, "in_finnish", "are served in Finnish",
                 'service_language = "0"\n    allow last-known because "It is shown as it was last known."',
                 "h.kiekd = '0'"),
            Trap(4, "searching", "were already seeking work", "any jobseeking covering index",
                 _ever("ura_ythaku", "r.alkpv1 <= s.idx and r.loppv1 >= s.idx")),
            Trap(4, "long_search", "sought work for a year or more in the two years before",
                 "days of jobseeking during [index - 2 years, index) >= 365",
                 "(select sum(r.loppv1 - r.alkpv1) from ura_ythaku r where r.hid_e = h.hid_e "
                 "and r.alkpv1 >= s.idx - interval 2 year and r.alkpv1 < s.idx) >= 365"),
            Trap(5, "integrating", "have a service of an integration plan",
                 'any planned_service before index with kind = "04"',
                 _ever("keha_ura", "r.suunnitelma_pv < s.idx and r.toimsuunlaji = '01'")),
            Trap(6, "permitted", "gave the permission 06",
                 'any jobseeking during [index - 3 years, index) with consent = "06"',
                 _ever("ura_ythaku", "r.alkpv1 < s.idx and r.loppv1 >= s.idx - interval 3 year and r.otlupa = '06'")),
            Trap(12, "higher", "have a higher degree",
                 'education in ("6", "7", "8") or self_reported_education in ("6", "7", "8")\n'
                 '    allow last-known because "What people told the office is not dated."',
                 "h.ututku_aste in ('6', '7', '8')"),
            Trap(14, "of_oulu", "have lived in what is Oulu today",
                 'any residence before index with municipality in ("564", "084", "255", "567", "972")',
                 _ever("vaesto_kotikunta", "r.muutto_pv < s.idx and r.kunta = '564'")),
        ),
        (
            Refusal(1, "speak no domestic language, by the coarse list", "language_group in domestic_languages",
                    "codes-of-other-list"),
            Refusal(9, "had no job in the two years before", "no employment during [index - 2 years, index)",
                    "before-coverage",
                    f"not {_ever('tulo_tyosuhde', 'r.alkupvm < s.idx and r.loppupvm >= s.idx - interval 2 year')}"),
            Refusal(10, "were foreign citizens then", 'citizenship != "FI"', "last-known",
                    "coalesce(h.kansah, 'FI') <> 'FI'"),
        ),
    ),
    Seekers(
        "2023-06-01",
        "2024-06-30",
        (
            Trap(6, "apprentice", "were apprentices once",
                 'any placement before index with kind = "55A"\n'
                 '    allow series-break because "The binding tells the two codes apart."',
                 _ever("ura_ysijoit", "r.alkpv2 < s.idx and r.sijkds = '55'")),
            Trap(6, "part_time", "worked part-time in the half-year before",
                 'any jobseeker_status during [index - 6 months, index) with status = "9"',
                 _ever("folk_tyonhaku", "r.alkupvm < s.idx and r.loppupvm >= s.idx - interval 6 month "
                       "and r.tyol = '9'")),
        ),
        (
            Refusal(16, "had a service planned in the year before",
                    "any planned_service during [index - 1 year, index)", "past-data",
                    _ever("keha_ura", "r.suunnitelma_pv < s.idx and r.suunnitelma_pv >= s.idx - interval 1 year")),
            Refusal(6, "had the status 9 of the other list",
                    "any unemployment before index with status in trial_statuses", "codes-of-other-list"),
        ),
    ),
    Seekers(
        "2013-06-01",
        "2014-12-31",
        (
            Trap(7, "tried_work", "have been on a work trial",
                 '(any placement before index with kind in ("70", "71")) or (any work_trial before index)\n'
                 '    allow series-break because "Both tables are read."\n'
                 '    allow before-coverage because "Before 2013 they are in the other table."',
                 _ever("ura_ysijoit", "r.alkpv2 < s.idx and r.sijkds in ('70', '71')")),
        ),
        (
            Refusal(7, "have been on a work trial, by the old table alone",
                    'any placement before index with kind in ("70", "71")', "series-break"),
            Refusal(13, "sought work in the four years before", "any jobseeking during [index - 4 years, index)",
                    "series-break",
                    _ever("ura_ythaku", "r.alkpv1 < s.idx and r.loppv1 >= s.idx - interval 4 year")),
        ),
    ),
)  # fmt: skip

_STUDY: Final = """study traps version 1.0.0

language en
title en "What is planted in the data"
purpose en "See what each trap does to a result."

model  fi_municipal 1
permit "ESPOO-2024-1"

{definitions}

cohort seekers of person
    index first jobseeker_status starting during [{first}, {last}] with status in trial_statuses

report baseline of {names}
"""
_NAIVE: Final = """
with s as (
    select hid_e, min(tappvh) as idx from ura_ytyoll where tyok1 in ('00', '02', '03', '07', '08')
    and tappvh between date '{first}' and date '{last}' group by hid_e
)
select {counts} from vaesto_henkilo h join s using (hid_e)
"""
#: Exact numbers, as nobody is meant: all counts here are far above any threshold.
_POLICY: Final = (
    "policy: plain\nversion: 1\nmode: guarded\nminimum_entities: 1\ninsiders: 0\nrounding: 1\nzeros: show\n"
)


def found(people: int = PEOPLE) -> tuple[list[Found], bool]:
    """Every line of the table, and whether naive SQL even runs on the delivery with the older key.

    Raises ValueError where our results differ between shapes, or a question is not refused as it should be.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "espoo"
        shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("state*", "data*"))
        (place / "policies" / "city.yaml").write_text(_POLICY, "utf-8")
        for site in SHAPES.values():
            pipeline.synthesise(place / f"{site}.yaml", place / _data(site), people, 1)
        lines = [line for seekers in ASKED for line in _lines(place, seekers)]
        older = _naive(place / _data("site_extract_shnro"), ASKED[0], ["true"])
    return sorted(lines, key=lambda line: line.number), older is not None


def _data(site: str) -> str:
    return site.replace("site", "data")


def _lines(place: Path, seekers: Seekers) -> Iterable[Found]:
    asked = [trap.naive for trap in seekers.traps] + [one.naive or "false" for one in seekers.refusals]
    naive = _naive(place / _data("site_extract"), seekers, ["true", *asked])
    if naive is None:
        raise ValueError("the naive SQL does not run")
    of, counts = naive[0], iter(naive[1:])
    ours = _ours(place, seekers)
    for trap in seekers.traps:
        yield Found(trap.number, trap.asked, next(counts), ours[trap.name], of)
    for refusal in seekers.refusals:
        if refusal.code not in _refused(place, seekers, refusal.study):
            raise ValueError(f"{refusal.asked}: not refused with {refusal.code}")
        yield Found(refusal.number, refusal.asked, next(counts), None, of if refusal.naive else 0, refusal.code)


def _naive(data: Path, seekers: Seekers, conditions: Iterable[str]) -> tuple[int, ...] | None:
    """How many people each condition picks; None where the SQL does not run."""
    import duckdb

    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions)
    with duckdb.connect() as db:
        for file in sorted(data.glob("*.parquet")):
            db.execute(f"create view {file.stem} as from '{file}'")
        try:
            row = db.execute(_NAIVE.format(first=seekers.first, last=seekers.last, counts=counts)).fetchone()
        except duckdb.BinderException:
            return None
    return row


def _ours(place: Path, seekers: Seekers) -> Mapping[str, int]:
    """How many people each variable of the study is true for; the same in every shape."""
    definitions = {trap.name: trap.study for trap in seekers.traps}
    text = _text(seekers, definitions)
    answers = []
    for shape, site in SHAPES.items():
        study = place / f"{shape}.study"
        study.write_text(text, "utf-8")
        out = place / f"out_{shape}_{seekers.first}"
        pipeline.run(pipeline.understand(study, pipeline.site(place / f"{site}.yaml")), out)
        with (out / "baseline.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["category"] == "true"]
        answers.append({row["variable"]: int(row["n"]) for row in rows})
    if any(answer != answers[0] for answer in answers):
        raise ValueError("the shapes of the data give different results")
    return answers[0]


def _refused(place: Path, seekers: Seekers, expression: str) -> set[str]:
    study = place / "refused.study"
    study.write_text(_text(seekers, {"asked": expression}), "utf-8")
    try:
        pipeline.understand(study, pipeline.site(place / "site.yaml"))
    except Refused as refused:
        return {one.code for one in refused.diagnostics}
    return set()


def _text(seekers: Seekers, definitions: Mapping[str, str]) -> str:
    defined = "\n".join(f"define {name} = {expression}" for name, expression in definitions.items())
    return _STUDY.format(definitions=defined, first=seekers.first, last=seekers.last, names=", ".join(definitions))


# --- the table -------------------------------------------------------------------------------------------------------


def table(lines: Iterable[Found], older_runs: bool) -> str:
    """The table of docs/traps.md."""
    runs = "the same numbers" if older_runs else "does not run: there is no `hid_e`"
    rows = [(11, f"| 11 | all of these, of the older delivery | {runs} | the same numbers | |")]
    for line in lines:
        naive = f"{line.naive:,} of {line.of:,}" if line.of else ""
        ours = f"refused: `{line.code}`" if line.ours is None else f"{line.ours:,}"
        rows.append((line.number, f"| {line.number} | {line.asked} | {naive} | {ours} | {_off(line)} |"))
    rows.sort(key=lambda row: row[0])
    head = [
        "| n | asked of those who begin a status of the trial | naive SQL | ours | naive is off by |",
        "|---" * 5 + "|",
    ]
    return "\n".join([*head, *(row for _, row in rows)]) + "\n"


def _off(line: Found) -> str:
    if line.ours is None:
        return ""
    return f"{(line.naive - line.ours) / line.ours:+.1%}" if line.ours else f"{line.naive:+,} people"


def page_with(text: str) -> str:
    """The page with its table made anew."""
    page = PAGE.read_text("utf-8")
    pattern = re.compile(f"(?<={re.escape(_BEGIN)}).*?(?={re.escape(_END)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"{PAGE} has no place for the table")
    return pattern.sub(lambda _: f"\n{text}\n", page)


def main() -> None:
    PAGE.write_text(page_with(table(*found())), "utf-8")


if __name__ == "__main__":
    main()
