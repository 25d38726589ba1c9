"""Where the commands write: results to standard output, everything said about them to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

from studyspec.source import Diagnostic


def out(text: str) -> None:
    """A result, as it is; a line end is added where it lacks one."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def say(text: str) -> None:
    """One line about what happened, for people; harmless whatever it quotes."""
    from studyspec.cli import render

    sys.stderr.write(render.clean(text) + "\n")


def diagnostics(found: Iterable[Diagnostic]) -> None:
    """Diagnostics as text, in colour on a terminal that wants it."""
    from studyspec.cli import render

    sys.stderr.write(render.text(found, colour=coloured(sys.stderr)))


def coloured(stream: TextIO) -> bool:
    """Colour belongs on terminals only, and not where NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Progress:
    """What a long command is doing, on one line of a terminal; nothing in a pipe."""

    def __init__(self) -> None:
        self._shown = 0
        self._on = sys.stderr.isatty()

    def __call__(self, done: int, total: int, label: str, /) -> None:
        """Show that `done` of `total` pieces of work are finished, and what the next one is."""
        if not self._on:
            return
        from studyspec.cli import render

        line = render.clean(f"[{done}/{total}] {label}")[:100]
        sys.stderr.write("\r" + line.ljust(self._shown) + "\r" + line)
        sys.stderr.flush()
        self._shown = len(line)

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._on and self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
            self._shown = 0
