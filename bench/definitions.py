"""CPU time of `studyspec compile` for studies of 10, 100 and 1,000 definitions: `make bench`.

User and system seconds of the whole process, the median of 5, less the same of bare Python. The definitions are of all
kinds, half of them made from others, in chains as long as the study; a criterion reads each ten of them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.measure import STUDYSPEC, bare, cpu, median

SIZES = (10, 100, 1000)
TIMES = 5
#: CPU seconds of the largest, and how much more one definition may cost there than in a study of a hundred.
TARGET, GROWTH = 1.0, 2.0

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
    "condition_{n} = number_{before} > 20 and condition_{last}",
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


def main() -> int:
    alone = bare(TIMES)
    seconds: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in SIZES:
            path = Path(folder) / f"definitions_{count}.study"
            path.write_text(study(count), encoding="utf-8")
            command = (STUDYSPEC, "compile", str(path), "-o", str(path.with_suffix(".sql")))
            seconds[count] = median(lambda c=command: cpu(*c), TIMES) - alone
            lines = path.with_suffix(".sql").read_text(encoding="utf-8").count("\n")
            print(f"{count:>5} definitions {seconds[count] * 1000:8.1f} ms CPU, {lines} lines of SQL")
    few, some, many = SIZES
    early = (seconds[some] - seconds[few]) / (some - few)
    late = (seconds[many] - seconds[some]) / (many - some)
    print(f"one definition more: {early * 1000:.2f} ms up to {some}, {late * 1000:.2f} ms up to {many}")
    over = seconds[many] > TARGET or late > GROWTH * early
    verdict = "OVER" if over else "ok"
    print(f"target {TARGET * 1000:.0f} ms for {many}, each no more than {GROWTH} times as much  {verdict}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
