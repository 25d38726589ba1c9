"""Finding the files that documents name, without ever leaving the folder they may name files in."""

from __future__ import annotations

import os
from pathlib import Path

from studyspec.catalogue import faults
from studyspec.source import Diagnostic, Span


def inside(root: Path, path: str, what: str, span: Span | None, base: Path | None = None) -> Path | Diagnostic:
    """The file or folder at a path relative to base (root, where none is given), or what is wrong with the path.

    Climbing out, absolute paths, and links that lead out of root are refused whether or not the file exists.
    what: whose folder root is, in words.
    """
    unusable = "\\" in path or "\0" in path or path.startswith(("/", "~")) or ":" in path
    if unusable or os.path.isabs(path):
        return faults.path_escapes(path, what, span)
    start = root if base is None else base
    try:
        top, target = os.path.realpath(root), os.path.realpath(start / path)
    except (OSError, ValueError):
        return faults.path_escapes(path, what, span)
    if target != top and not target.startswith(top.rstrip(os.sep) + os.sep):
        return faults.path_escapes(path, what, span)
    return start / path


def existing(
    root: Path, path: str, what: str, kind: str, span: Span | None, base: Path | None = None
) -> Path | Diagnostic:
    """As `inside`, and the file is there.  kind: what the file should be, in words."""
    found = inside(root, path, what, span, base)
    if isinstance(found, Diagnostic) or found.is_file():
        return found
    return faults.file_missing(kind, path, span, _near(found))


def _near(path: Path) -> tuple[str, ...]:
    """Files of like name in the same folder."""
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.is_file()][:1000]
    except (OSError, ValueError):
        return ()
    return faults.nearest(path.name, sorted(names))
