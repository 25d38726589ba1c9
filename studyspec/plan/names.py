"""Names of tables and columns: the study's own words, each once, the same on every run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: PostgreSQL cuts longer identifiers in silence.
MAX_BYTES = 63


class Names:
    """One namespace.  Two names that differ by case alone are the same one: engines fold case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_folded(name) for name in taken}
        self._numbers: dict[str, int] = {}

    def take(self, *wanted: str) -> str:
        """The first wanted name that is free; failing all, the last one with a number."""
        for name in wanted:
            if self._free(cut(name)):
                return self._keep(cut(name))
        number = self._numbers.get(wanted[-1], 2)
        while not self._free(cut(wanted[-1], f"_{number}")):
            number += 1
        self._numbers[wanted[-1]] = number + 1
        return self._keep(cut(wanted[-1], f"_{number}"))

    def _free(self, name: str) -> bool:
        return _folded(name) not in self._taken

    def _keep(self, name: str) -> str:
        self._taken.add(_folded(name))
        return name


def cut(name: str, ending: str = "") -> str:
    """The name with an ending, short enough for every engine, no character cut in two."""
    room = MAX_BYTES - len(ending.encode())
    return name.encode()[:room].decode(errors="ignore") + ending


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
