"""The sample study end to end on more than 300,000 invented people and 5 million rows: `make bench`.

Wall time and peak memory (resident, of every process of the run added up) of `studyspec run`, beside the wall time of
SQL that a person wrote for the same cohort and the same counts of outcomes, without guard, map or survival estimates.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "omnia"
HAND_WRITTEN = Path(__file__).parent / "omnia_by_hand.sql"
SECONDS, GIGABYTES = 10.0, 4.0


def watched(command: Sequence[str], folder: Path, at_most: float = math.inf) -> tuple[float, int]:
    """Wall seconds of a command, and the most kilobytes that its whole session held at once.  It must succeed.

    at_most: seconds after which it is ended, and the seconds are infinite
    """
    log = folder / "log.txt"
    peak = 0
    with open(log, "w", encoding="utf-8") as file:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=file, stderr=file, cwd=folder, start_new_session=True)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.01)
            if time.perf_counter() - started > at_most:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return math.inf, peak
        seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{log.read_text(encoding='utf-8')}")
    return seconds, peak


def resident(session: int) -> int:
    """Kilobytes of memory that the processes of a session hold now (Linux; 0 elsewhere)."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += int(fields[21]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
        except (OSError, ValueError, IndexError):
            continue
    return total


def by_hand(data: Path, folder: Path) -> tuple[float, int]:
    """The same counts by hand-written SQL, in a process of its own, with the same threads."""
    program = (
        "import duckdb, pathlib, sys\n"
        "con = duckdb.connect(config={'threads': 2, 'memory_limit': '3GB'})\n"
        "for file in sorted(pathlib.Path(sys.argv[1]).glob('*.parquet')):\n"
        "    con.execute(f\"create view {file.stem} as select * from read_parquet('{file}')\")\n"
        "for statement in pathlib.Path(sys.argv[2]).read_text().split(';'):\n"
        "    if statement.strip(): print((con.execute(statement) or con).description and con.fetchall())\n"
    )
    return watched([sys.executable, "-c", program, str(data), str(HAND_WRITTEN)], folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=480_000)
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the data here, and use them if they are there")
    arguments = parser.parse_args()
    command = str(Path(sys.executable).parent / "studyspec")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(EXAMPLE, folder / "omnia", ignore=shutil.ignore_patterns("state", "data"))
        data = (arguments.keep or folder / "data").absolute()
        site = str(folder / "omnia" / "site.yaml")
        if not (data / "synthetic.json").exists():
            synth = [command, "synth", site, "--out", str(data), "--entities", str(arguments.entities), "--seed", "1"]
            seconds, peak = watched([*synth, "--format", "parquet"], folder)
            print(f"{'invented data':<24} {seconds:7.2f} s  {peak / 1e6:6.2f} GB")
        rows = sum(json.loads((data / "synthetic.json").read_text(encoding="utf-8"))["tables"].values())
        print(f"{arguments.entities:,} people, {rows:,} rows, {os.cpu_count()} cores")
        study = str(folder / "omnia" / "omnia_employment.study")
        run = [command, "run", study, "--site", site, "--data", str(data), "--out", str(folder / "results")]
        seconds, peak = watched(run, folder)
        hand, hand_peak = by_hand(data, folder)
    ok = seconds <= SECONDS and peak / 1e6 <= GIGABYTES
    targets = f"target {SECONDS:.0f} s, {GIGABYTES:.0f} GB  {'ok' if ok else 'OVER'}"
    print(f"{'studyspec run':<24} {seconds:7.2f} s  {peak / 1e6:6.2f} GB  {targets}")
    print(f"{'SQL written by hand':<24} {hand:7.2f} s  {hand_peak / 1e6:6.2f} GB  ratio {seconds / hand:.1f}")
    return int(not ok)


if __name__ == "__main__":
    sys.exit(main())
