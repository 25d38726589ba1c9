"""CPU time of the commands, cold and warm, beside their targets: `make bench`.

Cold: user and system seconds of a whole process, the median of 20, less the same of bare Python in this environment.
Warm: reading, parsing and resolving in one process with the catalogue loaded.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench.measure import STUDYSPEC, bare, cpu, median

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "examples" / "omnia" / "omnia_employment.study"
SITE = ROOT / "examples" / "omnia" / "site.yaml"
TIMES = 20


def warm() -> float:
    """Wall seconds of one warm check."""
    from studyspec import pipeline
    from studyspec.language import parse
    from studyspec.source import read

    source = read(STUDY)
    catalogue = pipeline.understand(STUDY, pipeline.site(SITE)).catalogue

    def once() -> float:
        started = time.perf_counter()
        pipeline.meaning(STUDY, parse(source), catalogue)
        return time.perf_counter() - started

    return median(once, TIMES)


def main() -> int:
    alone = bare(TIMES)
    study, site = str(STUDY), str(SITE)
    cold = {
        "studyspec --help": (0.04, [STUDYSPEC, "--help"]),
        "studyspec check": (0.20, [STUDYSPEC, "check", study]),
        "studyspec check --site": (0.20, [STUDYSPEC, "check", study, "--site", site]),
        "studyspec compile --site": (0.25, [STUDYSPEC, "compile", study, "--site", site]),
    }
    rows = [
        (f"{name}, cold", target, median(lambda c=line: cpu(*c), TIMES) - alone)
        for name, (target, line) in cold.items()
    ]
    rows.append(("check, warm", 0.015, warm()))
    print(f"{STUDY.name}, {len(STUDY.read_text(encoding='utf-8').splitlines())} lines; median of {TIMES}")
    print(f"{'bare Python':<32} {alone * 1000:8.1f} ms CPU")
    for name, target, seconds in rows:
        verdict = "ok" if seconds <= target else "OVER"
        print(f"{name:<32} {seconds * 1000:8.1f} ms, target {target * 1000:.0f} ms  {verdict}")
    return int(any(seconds > target for _, target, seconds in rows))


if __name__ == "__main__":
    sys.exit(main())
