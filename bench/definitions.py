"""CPU time of `studyspec compile` for studies of 10, 100 and 1,000 definitions: `make bench`.

User and system seconds of the whole process, the median of 5, less the same of bare Python. The definitions are of all
kinds, half of them made from others, in chains as long as the study; a criterion reads each ten of them.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

SIZES = (10, 100, 1000)
TIMES = 5
#: CPU seconds of the largest, and how many times a definition's share of the smallest it may cost.
TARGET, GROWTH = 1.0, 1.0

#: Definitions by kind.  {n}: the number of this one; {last}: that of a condition before it; {d}, {k}: numbers.
KINDS = (
    "condition_{n} = any employment during [index - {d} days, index)",
    "condition_{n} = age at index between 18 and {k}",
    "number_{n} = count of jobseeking during [index - {d} days, index)",
    "condition_{n} = condition_{last} or not (age at index + {k} months >= 40)",
    "condition_{n} = (count of employment during [index - {d} days, index)) + {k} > 2",
    "number_{n} = days of jobseeking during [index - {d} days, index)",
    'condition_{n} = condition_{last} and education in ("3", "4")',
    'condition_{n} = at least 2 of (condition_{last}, sex = "1", no study starting during [index - {d} days, index))',
    "band_{n} = age at index - {k} months in bands 0-29, 30-44, 45-64, 65+",
    "condition_{n} = number_{before} > {k} and condition_{last}",
)
FRAME = """study definitions version 1.0.0
language en
model fi_municipal 1
{definitions}
cohort clients of person
    index first jobseeking starting during [2022-01-01, 2022-12-31]
{criteria}
report attrition
"""


def study(count: int) -> str:
    """A study with so many definitions, in tens: each ten has one of each kind."""
    definitions, criteria, last = [], [], 1
    for n in range(1, count + 1):
        kind = KINDS[(n - 1) % len(KINDS)]
        numbers = {"n": n, "last": last, "d": 30 + n % 900, "k": 30 + n % 40, "before": n - 4}
        definitions.append("define " + kind.format(**numbers))
        if kind.startswith("condition"):
            last = n
        if n % len(KINDS) == 0:
            read = f"condition_{n} or number_{n - 7} > 1 or band_{n - 1} is known"
            criteria.append(f"    exclude met_{n} where {read}")
    return FRAME.format(definitions="\n".join(definitions), criteria="\n".join(criteria))


def cpu(*command: str) -> float:
    """CPU seconds of one process; it must succeed."""
    actions = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    process = os.posix_spawn(command[0], list(command), os.environ, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed: run it by hand to see why")
    return used.ru_utime + used.ru_stime


def median(*command: str) -> float:
    cpu(*command)  # once for the disk's sake
    return statistics.median(cpu(*command) for _ in range(TIMES))


def main() -> int:
    command = str(Path(sys.executable).parent / "studyspec")
    bare = median(sys.executable, "-c", "pass")
    each: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in SIZES:
            path = Path(folder) / f"definitions_{count}.study"
            path.write_text(study(count), encoding="utf-8")
            seconds = median(command, "compile", str(path), "-o", str(path.with_suffix(".sql"))) - bare
            lines = path.with_suffix(".sql").read_text(encoding="utf-8").count("\n")
            each.append(seconds / count)
            print(f"{count:>5} definitions {seconds * 1000:8.1f} ms CPU, {lines} lines of SQL")
    return int(each[-1] * SIZES[-1] > TARGET or each[-1] > each[0] * GROWTH)


if __name__ == "__main__":
    sys.exit(main())
