"""The one way through the house: every face goes through these functions, each from one typed value to the next.

    read ─▶ parse ─▶ catalogue ─▶ resolve ─▶ plan ─▶ emit ─▶ execute ─▶ protect ─▶ tables ─▶ stage ─▶ publish

Rooms are imported where they are used: `check` never loads what only `run` needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studyspec import faults
from studyspec.source import Diagnostic, Refused, Severity, Source, Span, Unreadable, read

if TYPE_CHECKING:
    from studyspec.catalogue.types import Catalogue, Site
    from studyspec.engine import Progress
    from studyspec.engine.run import Promise
    from studyspec.estimate import Table
    from studyspec.language.recovered import Recovered
    from studyspec.language.tree import Document
    from studyspec.plan.plan import Plan
    from studyspec.release import Release
    from studyspec.review import Explained
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


def understand(path: str | Path, at: Site | None = None, source: Source | None = None) -> Understood:
    """Read, parse, look up and resolve a study.  Raises Refused with every independent fault; Unreadable.

    source: the study's text, where it is not to be read from the path
    """
    from studyspec.catalogue.load import load_catalogue
    from studyspec.language import recover

    found = recover(read(path) if source is None else source)
    if found.document is None or found.faults:
        raise Refused(*faults_of(found, Path(path).parent, at))
    return meaning(Path(path), found.document, load_catalogue(found.document, Path(path).parent, at))


def faults_of(found: Recovered, root: Path, at: Site | None) -> tuple[Diagnostic, ...]:
    """What is wrong with a study that cannot be read: its text, and what its other statements tell for certain."""
    from studyspec.catalogue.load import load_catalogue
    from studyspec.semantics import partial

    if found.document is None or found.lost is None:
        return found.faults
    try:
        beside = partial.faults(found.document, load_catalogue(found.document, root, at), found.lost)
    except Refused as refused:
        beside = refused.diagnostics
    return tuple(sorted((*found.faults, *beside), key=lambda d: d.span.start if d.span else -1))


def meaning(path: Path, parsed: Document, catalogue: Catalogue) -> Understood:
    """Resolve a study whose names are looked up in a catalogue.  Raises Refused."""
    from studyspec.semantics import resolve

    study, found = resolve(parsed, catalogue)
    if study is None or any(d.severity is Severity.ERROR for d in found):
        raise Refused(*found)
    return Understood(path, parsed, catalogue, study, found)


def rewrite(source: Source, spelling: Spelling) -> str:
    """The study in a spelling's standard layout, parsed again and compared.  Raises Refused."""
    from studyspec.language.format import convert

    return convert(source, spelling)


def explain(understood: Understood, names: Iterable[str] = (), language: str = "en") -> tuple[Explained, ...]:
    """What was understood by each name, fact by fact; without names, by every element of the study.  Raises Refused."""
    from studyspec import review

    catalogue = understood.catalogue
    return review.explain(understood.study, names, catalogue.site, language, catalogue.codelists)


# --- meaning to SQL --------------------------------------------------------------------------------------------------


def plan(understood: Understood) -> Plan:
    from studyspec.plan.plan import plan as make

    return make(understood.study)


def script(understood: Understood, dialect: str | None = None) -> Script:
    """The SQL of a study, on the tables of its site, or on the model's own where there is no site.  Raises Refused.

    dialect: default what the site's database speaks, or duckdb
    """
    from studyspec.sql import emit

    at = understood.catalogue.site
    if dialect is None:
        dialect = "postgresql" if at is not None and at.connection.kind == "postgresql" else "duckdb"
    return emit(plan(understood), dialect, at.binding if at else None)


def way_map(script: Script, understood: Understood) -> str:
    """The map between the SQL and the study, as JSON: each named element's lines in the SQL and its place in the study,
    and each stretch of the SQL with its elements."""
    import json

    from studyspec.sql import script_map

    found = script_map(script)
    spans = _spans(understood.study)
    places = {name: _place(spans[name]) for name in found["elements"] if name in spans}
    whole = {**found, "file": understood.path.name, "places": places}
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


# --- SQL to results --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run gave.

    published: True where the site publishes at once; then `place` holds the public files, `tables` what they say.
    Otherwise `place` is what was staged inside the site, and there are no tables: nothing is out before `release`.
    """

    published: bool
    place: Path
    tables: tuple[Table, ...]


def run(understood: Understood, out: Path, progress: Progress | None = None) -> Ran:
    """Execute, protect, lay out and stage; publish into `out` at a synthetic or public site.

    True counts live in this call only.  Raises Refused (the guard's refusal is noted in the ledger), EngineFailed,
    Unreadable; whatever it raises, nothing is left half-written.
    """
    from studyspec import release
    from studyspec.catalogue.sites import with_data
    from studyspec.engine import execute
    from studyspec.estimate import Counted
    from studyspec.estimate import tables as lay_out
    from studyspec.guard import declared, protect
    from studyspec.release import keys

    at, study = understood.catalogue.site, understood.study
    if at is None:
        raise Refused(faults.no_site(study.name))
    with_data(at)
    known = declared(study, [at.permits[name] for name in study.permits], at.policy)
    made = script(understood)
    keys.ensure(at.key)
    history = release.history(at)
    cubes, memberships = execute(made, at, progress, _promises(understood))
    try:
        guarded = protect(cubes, memberships, at.policy, understood.catalogue.model, history, known)
    except Refused as refused:
        release.refused(at, study.name, study.hash, tuple(sorted({d.code for d in refused.diagnostics})))
        raise
    entities = {cohort.name: study.model.entities[cohort.entity] for cohort in study.cohorts}
    counted = {name: Counted(entity.labels, entity.plural) for name, entity in entities.items()}
    tables = lay_out(guarded, study.language, at.kind == "synthetic", _labels(study), counted)
    translated = [
        table
        for language in study.titles
        if language != study.language
        for table in lay_out(guarded, language, at.kind == "synthetic", _labels(study), counted)
    ]
    staged = release.stage(tables, guarded, made, study, at, memberships, history, known.divisions, translated)
    if at.kind == "register":
        return Ran(False, staged.path, ())
    return Ran(True, release.publish(staged, out).out, tables)


def _labels(study: Study) -> dict[str, Mapping[str, str]]:
    return {cohort.name: cohort.labels for cohort in study.cohorts}


def _promises(understood: Understood) -> dict[str, Promise]:
    """What the plan takes for granted of its sources: one row for each entity in attributes, days within reach."""
    from studyspec.engine.run import Promise

    tables = understood.catalogue.model.tables
    found = {}
    for source in plan(understood).sources:
        table, fields = tables[source.table], {field.name for field in source.fields}
        key = table.key if table.shape == "attributes" and table.key in fields else None
        days = tuple(name for name in table.columns if name in fields and table.columns[name].type.kind == "date")
        found[source.name] = Promise(key, days)
    return found


def publish(staged: Path, at: Site, out: Path) -> Release:
    """Publish what an earlier run staged.  Raises Refused."""
    from studyspec import release

    return release.publish(release.reopen(staged, at), out)


# --- a first study of one's own --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drafted:
    """documents: path -> how many guesses are marked in it.  left_out: files that no table was made of.

    remarks: on columns whose values are not read as what they look like
    """

    documents: Mapping[Path, int]
    left_out: tuple[str, ...]
    remarks: tuple[str, ...]


def draft(folder: Path, files: Sequence[Path]) -> Drafted:
    """Documents for one's own CSV files in a new folder.

    Nothing of the rows goes further than into those documents: kinds of columns, years, and codes that many people
    share.  Raises Refused, Unreadable (output-unwritable).
    """
    from studyspec.catalogue.load import load_model
    from studyspec.draft import documents, drafting, marks, remarks, sites

    made = drafting(folder, files)
    texts = documents(made)
    _write(folder, texts)
    model, _ = load_model(folder / "models" / f"{made.name}.yaml")
    more = sites(made, model.hash)
    _write(folder, more)
    guesses = {folder / path: marks(text) for path, text in {**texts, **more}.items()}
    return Drafted(guesses, tuple(f.path.name for f in made.guess.left_out), remarks(made))


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise Unreadable(faults.unwritable(str(folder / path), error.strerror or "the system refused")) from None


# --- invented data ---------------------------------------------------------------------------------------------------


#: How many entities are invented where nothing says.
MODEL_ENTITIES = 1000


def synthesise(path: str | Path, out: Path, entities: int | None, seed: int, format: Format | None = None) -> Manifest:
    """Invented data for a site's tables, or for a model's own.

    entities: default as many as the site's invented population says, or 1,000
    format: default what the site reads, or parquet
    Raises Refused, Unreadable, EngineFailed.
    """
    import re

    from studyspec.catalogue.invented import laid_over, load_invented
    from studyspec.catalogue.load import load_model, load_site
    from studyspec.resources import folder
    from studyspec.synth.generate import generate

    if not re.search(r"^site\s*:", read(path).text, re.MULTILINE):
        model, _ = load_model(Path(path))
        count = MODEL_ENTITIES if entities is None else entities
        return generate(model, seed=seed, entities=count, out=out, format=format or "parquet")
    at = load_site(Path(path))
    model, _ = load_model(at.model or folder("specs") / "models" / f"{at.binding.model}.yaml")
    said = MODEL_ENTITIES
    for population in () if at.invented is None else load_invented(at.invented):
        model, said = laid_over(model, population), population.entities
    count = said if entities is None else entities
    own, null = at.connection.kind, at.connection.null
    wanted = format or ("parquet" if own == "postgresql" else own)
    return generate(model, seed=seed, entities=count, out=out, format=wanted, site=at, null=null)
