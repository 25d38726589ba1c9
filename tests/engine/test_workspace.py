"""Memory has a limit, spilled rows have one private place, and a stopped run leaves nothing."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from studyspec.engine import execute
from studyspec.engine.workspace import workspace
from studyspec.source import EngineFailed
from tests.engine.engine_kit import PEOPLE, codes, deliver, leftovers, refused, run, script, site

#: Runs for hours unless it is stopped.
ENDLESS = (
    "CREATE TEMPORARY TABLE probe AS "
    "SELECT sum((a.i * b.j) % 7) AS x FROM range(20000000) AS a(i), range(200000) AS b(j)"
)  # fmt: skip

#: Needs more memory than the limit below, and less disk than anyone has.
LARGE = (
    "CREATE TEMPORARY TABLE probe AS "
    "SELECT CAST(hash(a.i) AS VARCHAR) || '-------------------------' AS x FROM range(6000000) AS a(i)"
)


def test_the_workspace_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    at = site(tmp_path)
    with workspace(at) as path:
        assert path.parent == tmp_path.resolve() / "state"
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        (path / "deep").mkdir()
        (path / "deep" / "row").write_text("010594Y9032")
    assert leftovers(at) == []


def test_the_workspace_is_never_among_the_data(tmp_path: Path) -> None:
    at = site(tmp_path / "site", data=tmp_path)
    with workspace(at) as path:
        assert not path.is_relative_to(tmp_path)
    assert not path.exists()


def test_what_a_killed_run_left_is_removed_and_a_living_one_is_not(tmp_path: Path) -> None:
    at = site(tmp_path)
    dead = tmp_path / "state" / "run-dead"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "row").write_text("010594Y9032")
    with workspace(at) as living:
        assert not dead.exists()
        with workspace(at) as second:
            assert living.exists()
            assert second != living
        assert living.exists()


def test_a_site_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    at = site(tmp_path)
    (tmp_path / "state").write_text("no folder")
    with pytest.raises(EngineFailed) as error:
        execute(script(), at)
    assert codes(error) == ["engine-workspace"]


def test_large_steps_spill_to_the_private_directory(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet", memory_limit="150MB", threads=2)
    deliver(at, {"person": PEOPLE})
    seen: set[str] = set()

    def watch(done: int, total: int, label: str) -> None:
        seen.update(p.name for p in (tmp_path / "state").glob("run-*/spill/*"))

    made = script(
        ("probe", LARGE),
        (
            "distinct",
            "CREATE TEMPORARY TABLE distinct AS SELECT count(DISTINCT x) AS n FROM probe".replace(
                "distinct A", '"distinct" A'
            ),
        ),
    )
    (cube,), _ = execute(made, at, watch)
    assert cube.cells[(None,)] == (3,)
    assert seen, "nothing was spilled: make the test larger"
    assert leftovers(at) == []
    assert not (Path.cwd() / ".tmp").exists()


def test_too_little_memory_is_told_with_the_sites_limit(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet", memory_limit="20MB", threads=1)
    deliver(at, {"person": PEOPLE})
    greedy = (
        "CREATE TEMPORARY TABLE probe AS SELECT length(string_agg(a.i::VARCHAR, '')) AS x FROM range(50000000) AS a(i)"
    )
    error = refused(script(("probe", greedy)), at)
    assert codes(error) == ["engine-memory"]
    assert "20MB" in str(error)


def test_ctrl_c_stops_a_statement_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": PEOPLE})

    def progress(done: int, total: int, label: str) -> None:
        if label == "probe":
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        execute(script(("probe", ENDLESS)), at, progress)
    assert time.monotonic() - started < 20
    assert leftovers(at) == []
    run(script(), at)  # and the next run is none the worse


def test_a_process_stopped_by_ctrl_c_says_nothing_of_the_engine(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": PEOPLE})
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.engine.engine_kit import *; from tests.engine.test_workspace import ENDLESS\n"
        "at = site(Path(sys.argv[2]), 'parquet')\n"
        "execute(script(('probe', ENDLESS)), at, lambda done, total, label: print(label, flush=True))\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(Path(__file__).parents[2]), str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    while "probe" not in child.stdout.readline():
        assert child.poll() is None
    time.sleep(0.2)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "duckdb" not in errors.replace("duckdb_", "")
    assert leftovers(at) == []


def test_a_killed_process_is_cleaned_up_after_by_the_next_run(tmp_path: Path) -> None:
    at = site(tmp_path, "parquet")
    deliver(at, {"person": PEOPLE})
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.engine.engine_kit import *\n"
        "at = site(Path(sys.argv[2]), 'parquet')\n"
        "execute(script(), at, lambda done, total, label: os.kill(os.getpid(), 9) if label == 'by_sex' else None)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(Path(__file__).parents[2]), str(tmp_path)], check=False)
    assert done.returncode == -9
    assert len(leftovers(at)) == 1
    run(script(), at)
    assert leftovers(at) == []
