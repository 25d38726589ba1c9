"""What can be wrong with a question about a study."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.source import Diagnostic


def no_such_name(name: str, study: str, known: Iterable[str]) -> Diagnostic:
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, n=3, cutoff=0.6)
    remedy = (
        f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
        if near
        else "Without a name, `studyspec compile STUDY --explain` tells about every element of the study."
    )
    return Diagnostic("nothing-to-explain", f"Neither `{study}` nor its model has a name `{name}`.", remedy=remedy)
