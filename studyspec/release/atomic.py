"""Writing so that after a crash there is the old state or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studyspec.release import faults
from studyspec.source import Refused

PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FILE, PUBLIC_FOLDER = 0o600, 0o700, 0o644, 0o755


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn a failing disk into Refused (cannot-write)."""
    try:
        yield
    except OSError as error:
        raise Refused(faults.cannot_write(path, error.strerror or "the system gave no reason")) from None


def write(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Replace a file whole: a new one beside it, synced, then renamed over it."""
    beside = path.with_name(f".{path.name}.new")
    with refusing(path):
        beside.unlink(missing_ok=True)
        put(beside, content, mode)
        os.replace(beside, path)
        sync_folder(path.parent)


def put(path: Path, content: bytes, mode: int) -> None:
    """Write a file that does not exist yet, and sync it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def private_folder(path: Path) -> None:
    """Make a folder, and any that is missing above it, that only its owner can enter."""
    with refusing(path):
        for one in (*reversed(path.parents), path):
            if not one.is_dir():
                one.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def swap_in(new: Path, place: Path) -> None:
    """Put a folder in the place of another one, of an empty one, or of none, in one step where the system can."""
    import shutil

    with refusing(place):
        if place.is_dir() and any(place.iterdir()):
            if _exchange(new, place):
                sync_folder(place.parent)
                shutil.rmtree(new)
                return
            old = place.with_name(f".{place.name}.studyspec-old")
            os.rename(place, old)
            os.rename(new, place)
            shutil.rmtree(old)
        else:
            os.rename(new, place)
        sync_folder(place.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step (Linux); False where the system cannot."""
    import ctypes

    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        call = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError):
        return False
    return bool(call(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


@contextmanager
def locked(path: Path, patience: float = 10.0) -> Iterator[None]:
    """Hold the lock file beside a ledger.  Raises Refused (ledger-busy) when another process keeps it too long."""
    import fcntl
    import time

    private_folder(path.parent)
    lock = path.with_name(path.name + ".lock")
    with refusing(lock):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        waited = 0.0
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if waited >= patience:
                    raise Refused(faults.ledger_busy(path)) from None
                time.sleep(0.05)
                waited += 0.05
        yield
    finally:
        os.close(handle)
