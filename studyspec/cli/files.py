"""Writing a file so that it is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from studyspec import faults
from studyspec.source import Unreadable


def write(path: Path, text: str) -> None:
    """Replace or make a file in one step; a file that was there keeps its permissions.

    Raises Unreadable (output-unwritable); the old file then stands as it was.
    """
    import tempfile

    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise Unreadable(faults.unwritable(str(path), error.strerror or "the system refused")) from None
    except ValueError:
        raise Unreadable(faults.unwritable(str(path), "not a usable path")) from None
    finally:
        if temporary:
            os.unlink(temporary)


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
