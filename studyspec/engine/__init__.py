"""Runs a script where the data are, and hands true counts to the guard in memory.  Nothing else ever sees them.

`execute`: Script, Site -> RawCubes, Membership.  What an engine may and may not do stands in docs/engine.md.
"""

from studyspec.engine.run import Progress, execute

__all__ = ["Progress", "execute"]
