"""The invented Espoo and its studies, whole: `python -m bench.city`.

Wall time and peak memory of `studyspec synth` for all tables of the city, and of `studyspec run` for every study of the
example.  The data have at most a minute; the study of the skills centre, with all its reports, ten seconds and 4 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.run_sample import watched

EXAMPLE: Final = Path(__file__).parent.parent / "examples" / "espoo"
SYNTH_SECONDS: Final = 60.0
#: A study that takes longer is ended.
PATIENCE: Final = 60.0
#: Study -> wall seconds and gigabytes it may take.
TARGETS: Final = {"skills_centre": (10.0, 4.0)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Time the invented city and its studies.")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="keep the data here, and use them if they are there")
    parser.add_argument("studies", metavar="STUDY", nargs="*", help="names of studies (default: all)")
    arguments = parser.parse_args()
    command = str(Path(sys.executable).parent / "studyspec")
    ok = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        place = folder / "espoo"
        shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("state*", "data*"))
        data, site = (arguments.keep or folder / "data").absolute(), str(place / "site.yaml")
        if not (data / "synthetic.json").exists():
            seconds, peak = watched([command, "synth", site, "--out", str(data)], folder)
            ok &= _line("invented data", seconds, peak, (SYNTH_SECONDS, 4.0))
        rows = sum(json.loads((data / "synthetic.json").read_text(encoding="utf-8"))["tables"].values())
        print(f"{rows:,} rows, {os.cpu_count()} cores")
        for study in sorted(place.rglob("*.study"), key=lambda path: path.stem):
            if arguments.studies and study.stem not in arguments.studies:
                continue
            out = str(folder / f"results_{study.stem}")
            run = [command, "run", str(study), "--site", site, "--data", str(data), "--out", out]
            try:
                ok &= _line(study.stem, *watched(run, folder, PATIENCE), TARGETS.get(study.stem))
            except SystemExit as why:
                ok = False
                print(f"{study.stem:<24}  failed: {str(why).splitlines()[1]}")
    return int(not ok)


def _line(name: str, seconds: float, peak: int, target: tuple[float, float] | None) -> bool:
    """Print what was measured, in seconds and kilobytes; whether it is within its target."""
    kept = target is None or (seconds <= target[0] and peak / 1e6 <= target[1])
    told = "" if target is None else f"  target {target[0]:.0f} s, {target[1]:.0f} GB  {'ok' if kept else 'OVER'}"
    print(f"{name:<24} {seconds:7.2f} s  {peak / 1e6:6.2f} GB{told}", flush=True)
    return kept


if __name__ == "__main__":
    sys.exit(main())
