"""CPU time of the commands, cold and warm, beside their targets: `make bench`.

Cold: user and system seconds of a whole process, the median of 20, less the same of bare Python in this environment.
Warm: reading, parsing and resolving in one process with the catalogue loaded.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "examples" / "omnia" / "omnia_employment.study"
SITE = ROOT / "examples" / "omnia" / "site.yaml"
TIMES = 20


def cpu(*command: str) -> float:
    """CPU seconds of one process and its children; it must succeed."""
    process = os.posix_spawn(
        command[0], list(command), os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)],
    )  # fmt: skip
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed: run it by hand to see why")
    return used.ru_utime + used.ru_stime


def median(measure: Callable[[], float]) -> float:
    measure()  # once for the disk's sake
    return statistics.median(measure() for _ in range(TIMES))


def warm() -> float:
    """Wall seconds of one warm check."""
    from studyspec import pipeline
    from studyspec.source import read

    source = read(STUDY)
    catalogue = pipeline.understand(STUDY, pipeline.site(SITE)).catalogue

    def once() -> float:
        started = time.perf_counter()
        pipeline.meaning(STUDY, pipeline.document(source), catalogue)
        return time.perf_counter() - started

    return median(once)


def main() -> int:
    command = str(Path(sys.executable).parent / "studyspec")
    bare = median(lambda: cpu(sys.executable, "-c", "pass"))
    study, site = str(STUDY), str(SITE)
    cold = {
        "studyspec --help": (0.04, [command, "--help"]),
        "studyspec check": (0.20, [command, "check", study]),
        "studyspec check --site": (0.20, [command, "check", study, "--site", site]),
        "studyspec compile --site": (0.25, [command, "compile", study, "--site", site]),
    }
    rows = [(f"{name}, cold", target, median(lambda c=line: cpu(*c)) - bare) for name, (target, line) in cold.items()]
    rows.append(("check, warm", 0.015, warm()))
    print(f"{STUDY.name}, {len(STUDY.read_text(encoding='utf-8').splitlines())} lines; median of {TIMES}")
    print(f"{'bare Python':<32} {bare * 1000:8.1f} ms CPU")
    for name, target, seconds in rows:
        verdict = "ok" if seconds <= target else "OVER"
        print(f"{name:<32} {seconds * 1000:8.1f} ms, target {target * 1000:.0f} ms  {verdict}")
    return int(any(seconds > target for _, target, seconds in rows))


if __name__ == "__main__":
    sys.exit(main())
