"""The site's key: what identifiers are hashed with, so that cohorts can be compared and no one can be looked up."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from studyspec.release import atomic, faults
from studyspec.source import Refused

KEY_BYTES = 32


def ensure(path: Path) -> bytes:
    """The site's key, made on first use: 32 random bytes that only their owner can read.

    Raises Refused (key-unusable, cannot-write).
    """
    import secrets

    atomic.private_folder(path.parent)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        with atomic.refusing(path):
            atomic.put(beside, secrets.token_bytes(KEY_BYTES), atomic.PRIVATE_FILE)
            try:
                os.link(beside, path)  # fails where another process was first: its key is the key
            except FileExistsError:
                pass
            finally:
                beside.unlink()
            atomic.sync_folder(path.parent)
    return read(path)


def read(path: Path) -> bytes:
    """The site's key.  Raises Refused (key-unusable) for a key that is missing, of another size, or open to others."""
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise Refused(faults.key_unusable(path, error.strerror or "it cannot be read")) from None
    if mode & 0o077:
        raise Refused(faults.key_unusable(path, "others than its owner may read it"))
    if len(key) != KEY_BYTES:
        raise Refused(faults.key_unusable(path, f"it is not {KEY_BYTES} bytes long"))
    return key
