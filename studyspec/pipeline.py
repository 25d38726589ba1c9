"""The one way through the house: every face goes through these functions, each from one typed value to the next.

    read ─▶ parse ─▶ catalogue ─▶ resolve ─▶ plan ─▶ emit ─▶ execute ─▶ protect ─▶ tables ─▶ stage ─▶ publish

Rooms are imported where they are used: `check` never loads what only `run` needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studyspec.source import Diagnostic, Refused, Severity, Source, Span, read

if TYPE_CHECKING:
    from studyspec.catalogue.types import Catalogue, Site
    from studyspec.language.tree import Document
    from studyspec.plan.plan import Plan
    from studyspec.semantics.core import Element, Study
    from studyspec.sql.script import Script
    from studyspec.synth.generate import Format, Manifest

Spelling = Literal["study", "yaml"]


# --- text to meaning -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Understood:
    """A study that was not refused.  diagnostics: warnings and notes only; site: None where checked away from any."""

    path: Path
    document: Document
    catalogue: Catalogue
    study: Study
    diagnostics: tuple[Diagnostic, ...]


def site(path: str | Path, data: str | Path | None = None) -> Site:
    """Load a site, `data` standing in for its own data where the site allows that.  Raises Refused."""
    from studyspec.catalogue.load import load_site

    return load_site(Path(path), Path(data) if data is not None else None)


def document(source: Source) -> Document:
    """Parse a study.  Raises Refused with every independent fault."""
    from studyspec.language import parse

    return parse(source)


def understand(path: str | Path, at: Site | None = None) -> Understood:
    """Read, parse, look up and resolve a study.  Raises Refused with every independent fault; Unreadable."""
    from studyspec.catalogue.load import load_catalogue

    parsed = document(read(path))
    return meaning(Path(path), parsed, load_catalogue(parsed, Path(path).parent, at))


def meaning(path: Path, parsed: Document, catalogue: Catalogue) -> Understood:
    """Resolve a study whose names are looked up in a catalogue.  Raises Refused."""
    from studyspec.semantics import resolve

    study, found = resolve(parsed, catalogue)
    if study is None or any(d.severity is Severity.ERROR for d in found):
        raise Refused(*found)
    return Understood(path, parsed, catalogue, study, found)


def rewrite(source: Source, spelling: Spelling) -> str:
    """The study in a spelling's standard layout, parsed again and compared.  Raises Refused (rewrite-differs too)."""
    from dataclasses import replace

    from studyspec import faults
    from studyspec.language import parse, write

    parsed = parse(source)
    text = write(parsed, spelling)
    try:
        same = parse(replace(source, name=f"{source.name}.{spelling}", text=text, _starts=[])) == parsed
    except Refused:
        same = False
    if not same:
        raise Refused(faults.rewrite_differs(source.name))
    return text


# --- meaning to SQL --------------------------------------------------------------------------------------------------


def plan(understood: Understood) -> Plan:
    from studyspec.plan.plan import plan as make

    return make(understood.study)


def script(understood: Understood, dialect: str = "duckdb") -> Script:
    """The SQL of a study, on the tables of its site, or on the model's own where there is no site.  Raises Refused."""
    from studyspec.sql import emit

    at = understood.catalogue.site
    return emit(plan(understood), dialect, at.binding if at else None)


def way_map(script: Script, understood: Understood) -> str:
    """The map between the SQL and the study, as JSON: for each named element its lines here and its place there."""
    import json

    lines: dict[str, list[list[int]]] = {}
    for place in script.places:
        lines.setdefault(place.element, []).append([place.first_line, place.last_line])
    spans = _spans(understood.study)
    whole = {
        "study": understood.study.name,
        "version": understood.study.version,
        "meaning": script.meaning,
        "file": understood.path.name,
        "dialect": script.dialect,
        "elements": [
            {"element": element, "sql": found, "study": _place(spans[element]) if element in spans else None}
            for element, found in lines.items()
        ],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _place(span: Span) -> dict[str, int]:
    (line, column), (end_line, end_column) = span.source.position(span.start), span.source.position(span.end)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _spans(study: Study) -> dict[str, Span]:
    """Where the study's named elements stand in its text."""
    elements: list[Element] = [*study.parameters, *study.definitions, study.cohort, *study.cohort.criteria]
    if study.exposure is not None:
        elements += [study.exposure, *study.exposure.levels]
    elements += study.outcomes
    return {element.name: element.span for element in elements if element.span is not None}


# --- invented data ---------------------------------------------------------------------------------------------------


def synthesise(path: str | Path, out: Path, entities: int, seed: int, format: Format | None = None) -> Manifest:
    """Invented data for a site's tables, or for a model's own.  format: default what the site reads, or parquet.

    Raises Refused, Unreadable, EngineFailed.
    """
    import re

    from studyspec.catalogue.load import load_model, load_site
    from studyspec.resources import folder
    from studyspec.synth.generate import generate

    if not re.search(r"^site\s*:", read(path).text, re.MULTILINE):
        model, _ = load_model(Path(path))
        return generate(model, seed=seed, entities=entities, out=out, format=format or "parquet")
    at = load_site(Path(path))
    model, _ = load_model(at.model or folder("specs") / "models" / f"{at.binding.model}.yaml")
    wanted, null = format or at.connection.kind, at.connection.null
    return generate(model, seed=seed, entities=entities, out=out, format=wanted, site=at, null=null)
