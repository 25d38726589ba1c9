"""studyspec: register studies as specifications, compiled to SQL a stranger can audit, released through one door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studyspec.api import Diagnostic, EngineFailed, Refused, Result, Study, Unreadable, check, compile, load, run

__version__ = "0.1.0"

__all__ = ["Diagnostic", "EngineFailed", "Refused", "Result", "Study", "Unreadable", "check", "compile", "load", "run"]


def __getattr__(name: str) -> object:
    """The functions of `studyspec.api`, imported when they are first used: `import studyspec` itself costs nothing."""
    if name in __all__:
        from studyspec import api

        return getattr(api, name)
    raise AttributeError(f"module 'studyspec' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
