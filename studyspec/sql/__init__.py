"""SQL: from a plan to a script of one dialect, written for a reader."""

from studyspec.sql.emitter import emit
from studyspec.sql.map import script_map

__all__ = ["emit", "script_map"]
