"""studyspec from Python: load a study, check it, compile it, run it.

    import studyspec

    study = studyspec.load("omnia.study", site="site.yaml")
    print(study.sql())
    result = studyspec.run(study, out="results")
    result                                            # tables, in a notebook

Every function takes paths as text or `pathlib.Path`, and raises `studyspec.Refused` with every diagnostic found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from studyspec import pipeline
from studyspec.source import Diagnostic, EngineFailed, Refused, Unreadable

if TYPE_CHECKING:
    from studyspec.catalogue.types import Site
    from studyspec.estimate import Table
    from studyspec.review import Explained
    from studyspec.sql.script import Script

__all__ = ["Diagnostic", "EngineFailed", "Refused", "Result", "Study", "Unreadable", "check", "compile", "load", "run"]

Pathlike = str | Path


@dataclass(frozen=True, slots=True)
class Study:
    """A study that was read, checked and not refused, at a site or away from any.

    name, version: as its first line says.  meaning: hash over what it says, blind to spelling, layout and comments.
    diagnostics: the warnings and notes that the check gave.
    """

    understood: pipeline.Understood = field(repr=False)
    name: str
    version: str
    meaning: str
    diagnostics: tuple[Diagnostic, ...] = field(repr=False)

    def sql(self, dialect: str | None = None) -> str:
        """The SQL as a stranger reads it."""
        return pipeline.script(self.understood, dialect).text

    def explain(self, *names: str) -> Explanation:
        """What was understood by each name, fact by fact; without names, by every element.  Raises Refused."""
        return Explanation(pipeline.explain(self.understood, names))

    def _repr_html_(self) -> str:
        study = self.understood.study
        title = study.titles.get(study.language, self.name)
        purpose = study.purposes.get(study.language, "")
        return (
            f"<p><b>{escape(title)}</b> ({escape(self.name)} {escape(self.version)})<br>{escape(purpose)}<br>"
            f"<code>{escape(self.meaning)}</code></p>"
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """The facts of some names of a study, one after the other; shows itself as `compile --explain` does."""

    names: tuple[Explained, ...]

    def __iter__(self) -> Iterator[Explained]:
        return iter(self.names)

    def __str__(self) -> str:
        from studyspec import review

        return review.text(self.names)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gave.  tables: as published; out: where the files are; published: False where they are only staged,
    and then there are no tables."""

    tables: tuple[Table, ...]
    out: Path
    published: bool

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables)

    def __str__(self) -> str:
        return "\n\n".join(str(table) for table in self.tables)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "\n".join(table._repr_html_() for table in self.tables)


def load(path: Pathlike, site: Pathlike | None = None, data: Pathlike | None = None) -> Study:
    """Read and check a study.  site: a site's YAML document; data: data to use instead of the site's own, where the
    site is synthetic or public.  Raises Refused."""
    return _study(pipeline.understand(path, _site(site, data)))


def check(path: Pathlike, site: Pathlike | None = None) -> tuple[Diagnostic, ...]:
    """Everything there is to say about a study; empty when it is fine.  Raises Unreadable only."""
    try:
        return pipeline.understand(path, _site(site, None)).diagnostics
    except Unreadable:
        raise
    except Refused as refused:
        return refused.diagnostics


def compile(study: Study | Pathlike, site: Pathlike | None = None, dialect: str | None = None) -> Script:
    """The script of a study: `.text` is the whole SQL.  Raises Refused."""
    return pipeline.script(_loaded(study, site, None).understood, dialect)


def run(
    study: Study | Pathlike,
    site: Pathlike | None = None,
    out: Pathlike = "results",
    data: Pathlike | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Result:
    """Run a study at a site, and write what its guard lets out into `out`.

    At a synthetic or public site the results are published; at a site with register data they are staged, and the
    tables stay inside until `studyspec release`.  Raises Refused, EngineFailed; nothing is then left half-written.
    """
    loaded = _loaded(study, site, data)
    done = pipeline.run(loaded.understood, Path(out), progress)
    return Result(done.tables, done.place, done.published)


def _loaded(study: Study | Pathlike, site: Pathlike | None, data: Pathlike | None) -> Study:
    if not isinstance(study, Study):
        return load(study, site, data)
    if site is None and data is None:
        return study
    return load(study.understood.path, site, data)


def _site(site: Pathlike | None, data: Pathlike | None) -> Site | None:
    return None if site is None else pipeline.site(site, data)


def _study(understood: pipeline.Understood) -> Study:
    resolved = understood.study
    return Study(understood, resolved.name, resolved.version, resolved.hash, understood.diagnostics)
