"""The engine's private directory: for spilling, readable by its owner alone, and wiped whatever happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studyspec.catalogue.types import Site
from studyspec.engine import faults
from studyspec.source import EngineFailed

_PREFIX = "run-"
_LOCK = "lock"


@contextmanager
def workspace(site: Site) -> Iterator[Path]:
    """A fresh directory with mode 0700, removed at the end: after success, failure and interruption alike.

    It lies in the site's own `state` folder, so that spilled rows stay inside the site's boundary; in the system's
    temporary folder only where `state` would lie among the data.  What a killed run left behind is removed first.
    Raises EngineFailed (engine-workspace, engine-not-wiped).
    """
    import fcntl
    import tempfile

    try:
        parent = _parent(site)
        _sweep(parent)
        new = Path(tempfile.mkdtemp(prefix="new-", dir=parent))
        lock = os.open(new / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Named only once it is locked: another run that sweeps meanwhile must not take it for a dead one.
        path = new.rename(parent / new.name.replace("new-", _PREFIX, 1))
    except OSError:
        path = None
    if path is None:
        raise EngineFailed(faults.no_workspace())
    try:
        yield path
    finally:
        os.close(lock)
        _wipe(path)


def log_for_steward(site: Site, step: str, failure: str) -> None:
    """Note in `state/engine.log` (mode 0600) which step met which class of failure.  Sites with real data only.

    Never the engine's text: it may quote a row.  A log that cannot be written stops nothing.
    """
    if site.kind != "register":
        return
    with suppress(OSError):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(_state(site) / "engine.log", flags, 0o600)
        try:
            os.fchmod(handle, 0o600)
            os.write(handle, f"{step!r} {failure}\n".encode())
        finally:
            os.close(handle)


def _state(site: Site) -> Path:
    state = site.root.resolve() / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    return state


def _parent(site: Site) -> Path:
    import tempfile

    data = site.connection.path.resolve()
    if (site.root.resolve() / "state").is_relative_to(data):
        return Path(tempfile.gettempdir())
    return _state(site)


def _sweep(parent: Path) -> None:
    """Remove directories whose run is dead: a live one holds a lock on its `lock` file."""
    import fcntl

    for old in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if old.is_symlink() or old.stat().st_uid != os.getuid():
                continue
            handle = os.open(old / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _wipe(old)
            finally:
                os.close(handle)


def _wipe(path: Path) -> None:
    import shutil

    try:
        shutil.rmtree(path, ignore_errors=True)
    except KeyboardInterrupt:
        # Someone pressed Ctrl-C again: nothing of a person may stay behind, so finish first.
        shutil.rmtree(path, ignore_errors=True)
        raise
    if path.exists():
        raise EngineFailed(faults.not_wiped(str(path)))
