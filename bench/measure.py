"""CPU time of whole processes."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

#: The command line of this environment.
STUDYSPEC = str(Path(sys.executable).parent / "studyspec")
#: Modules are kept compiled between runs, as they are for anyone who installs the package.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cpu(*command: str) -> float:
    """User and system seconds of one process and its children; it must succeed."""
    actions = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    process = os.posix_spawn(command[0], list(command), _ENVIRONMENT, file_actions=actions)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed: run it by hand to see why")
    return used.ru_utime + used.ru_stime


def bare(times: int) -> float:
    """Of Python alone, which every command pays."""
    return median(lambda: cpu(sys.executable, "-c", "pass"), times)


def median(measure: Callable[[], float], times: int) -> float:
    measure()  # once for the disk's sake
    return statistics.median(measure() for _ in range(times))
