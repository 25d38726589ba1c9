"""Staging: everything a release will be, written inside the site's own state, where only its owner can read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from studyspec.catalogue.types import Site
from studyspec.estimate.types import Table
from studyspec.guard.types import Guarded, History, Unchecked
from studyspec.plan.cubes import Membership
from studyspec.release import atomic, faults, files, ledger
from studyspec.release.files import SqlScript
from studyspec.semantics.core import SEMANTICS_VERSION, Study
from studyspec.source import Refused

#: First line of trust in a directory: what made it, and in which layout.
FORMAT = "studyspec release 1"
STAGED_FORMAT = "studyspec staging 1"
MANIFEST, STAGED, REVIEWER = "manifest.json", "staged.json", "reviewer.json"
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Staged:
    """One run's results, not yet published.  id: random, names the staging; path: its directory inside the site."""

    id: str
    path: Path
    study: str
    site: Site = field(repr=False)


def folder(site: Site) -> Path:
    """Where a site keeps what is staged."""
    return site.ledger.with_name(site.ledger.name + ".staged")


def stage(
    tables: Sequence[Table],
    guarded: Guarded,
    script: SqlScript,
    study: Study,
    site: Site,
    memberships: Sequence[Membership],
    history: History | None = None,
    divisions: Sequence[tuple[str, str]] = (),
    translated: Sequence[Table] = (),
) -> Staged:
    """Write a run's public files and its reviewer's file into the site's state, and note the run in the ledger.

    memberships: who is in each cohort of the release
    history: what the guard compared the cohorts with; read anew where it is not given
    divisions: how the study divides values, for the guard of later releases
    translated: the same tables in the study's other languages, for their figures
    Raises Refused: open-not-allowed, ledger-broken, ledger-rolled-back, ledger-busy, cannot-write.
    """
    import secrets
    import shutil

    if guarded.mode == "open" and site.kind == "register":
        raise Refused(faults.open_not_allowed(site.name))
    name = secrets.token_hex(8)
    place = folder(site) / name
    unfinished = folder(site) / f".{name}"
    with atomic.locked(site.ledger):
        compared = _compared(site, history)
        atomic.private_folder(unfinished / PUBLIC)
        try:
            with atomic.refusing(unfinished):
                public = _public_files(unfinished / PUBLIC, tables, translated, script, study, site)
                manifest = _manifest(public, tables, guarded, study, site)
                atomic.put(unfinished / MANIFEST, files.json_bytes(manifest), atomic.PRIVATE_FILE)
                atomic.put(unfinished / REVIEWER, _reviewer(guarded, study, site), atomic.PRIVATE_FILE)
                members = [ledger.keep_members(site.ledger, one) for one in memberships]
                about: dict[str, str | int | list[str]] = {
                    "format": STAGED_FORMAT, "id": name, "study": study.name, "meaning": study.hash,
                    "population": site.population, "policy": site.policy.hash, "mode": guarded.mode,
                    "cohorts": [one.cohort for one in memberships], "members": members, "compared": compared,
                    "manifest": files.sha256(files.json_bytes(manifest)),
                    "divisions": " ".join(f"{value}:{cuts}" for value, cuts in divisions),
                }  # fmt: skip
                atomic.put(unfinished / STAGED, files.json_bytes(about), atomic.PRIVATE_FILE)
                atomic.sync_folder(unfinished)
                unfinished.rename(place)
                atomic.sync_folder(place.parent)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        noted = {k: about[k] for k in _NOTED}
        digest = files.sha256(files.json_bytes(about))
        ledger.append(site.ledger, "run", {**noted, "staged": name, "about": digest})
    return Staged(name, place, study.name, site)


#: What the ledger's entries say of a run, and of the release made of it.
_NOTED = ("study", "meaning", "population", "policy", "cohorts", "members", "divisions")


def _compared(site: Site, history: History | None) -> list[str]:
    """Names of the membership sets that the guard saw; a release between then and now is not among them."""
    released = ledger.released_sets(ledger.read(site.ledger), site.population)
    if history is None:
        return sorted(released)
    seen = {m.members for m in history.memberships}
    return sorted(name for name in released if ledger.members(site.ledger, name) in seen)


def _public_files(
    place: Path,
    tables: Sequence[Table],
    translated: Sequence[Table],
    script: SqlScript,
    study: Study,
    site: Site,
) -> Mapping[str, str]:
    """Write the public files but the manifest; name -> SHA-256."""
    made_up = site.kind == "synthetic"
    title = study.titles.get(study.language) or study.name
    contents = {
        "results.txt": files.results(title, study.name, study.version, tables, study.language, made_up),
        "study.sql": files.sql(script, made_up),
        "study.map.json": files.sql_map(script, made_up),
    } | {f"{t.name}.csv": files.csv(t, made_up) for t in tables}
    contents |= files.figures([*tables, *translated])
    for name, content in contents.items():
        atomic.put(place / name, content, atomic.PRIVATE_FILE)
    for table in tables:
        files.parquet(table, made_up, place / f"{table.name}.parquet")
        (place / f"{table.name}.parquet").chmod(atomic.PRIVATE_FILE)
    return {p.name: files.sha256(p.read_bytes()) for p in sorted(place.iterdir())}


def _manifest(
    public: Mapping[str, str], tables: Sequence[Table], guarded: Guarded, study: Study, site: Site
) -> dict[str, object]:
    """What the release is.  No timings, no row counts, no reasons, and no hash of anything that is not public."""
    from studyspec import __version__

    policy = site.policy
    return {
        "format": FORMAT,
        "data": site.kind,
        "site": site.name,
        "population": site.population,
        "study": {"name": study.name, "version": study.version, "meaning": study.hash},
        "compiler": {"studyspec": __version__, "semantics": SEMANTICS_VERSION},
        "policy": {
            "name": policy.name,
            "version": policy.version,
            "hash": policy.hash,
            "mode": guarded.mode,
            "minimum": guarded.minimum,
            "rounding": guarded.rounding,
            "zeros": guarded.zeros,
            "clusters": guarded.clusters,
            "not_checked": [_not_checked(one) for one in guarded.unchecked],
        },
        "tables": [{"name": t.name, "title": t.title, "files": _files_of(t.name, public)} for t in tables],
        "files": dict(public),
    }


def _files_of(table: str, public: Mapping[str, str]) -> list[str]:
    """The names of a table's files; its own name has no full stop."""
    return [n for n in public if n.partition(".")[0] == table and n.endswith((".csv", ".parquet", ".svg"))]


def _not_checked(one: Unchecked) -> str:
    if one.rule == "clusters":
        return f"{one.register}: at least {one.least} clusters"
    return f"{one.register}: at most {one.least} per cent from the largest contributors"


def _reviewer(guarded: Guarded, study: Study, site: Site) -> bytes:
    """What was hidden and why: for the reviewer, never beside the public files."""
    return files.json_bytes(
        {
            "format": "studyspec reviewer 1",
            "data": site.kind,
            "study": {"name": study.name, "version": study.version, "meaning": study.hash},
            "minimum": guarded.minimum,
            "hidden": [asdict(r) for r in guarded.reasons],
        }
    )


def reopen(path: Path, site: Site) -> Staged:
    """What an earlier run staged at this site.  Raises Refused (staging-broken, staging-spent)."""
    about = described(path)
    if path.resolve().parent != folder(site).resolve() or about.get("population") != site.population:
        raise Refused(faults.staging_broken(path))
    return Staged(str(about["id"]), path, str(about["study"]), site)


def described(path: Path) -> dict[str, object]:
    """staged.json, every file checked against the manifest.  Raises Refused (staging-broken, staging-spent)."""
    import json

    if (path / STAGED).is_file() and not (path / PUBLIC).exists():
        raise Refused(faults.staging_spent(path))
    try:
        about = json.loads((path / STAGED).read_bytes())
        raw = (path / MANIFEST).read_bytes()
        manifest = json.loads(raw)
        found = {p.name: files.sha256(p.read_bytes()) for p in (path / PUBLIC).iterdir()}
        sound = (
            about["format"] == STAGED_FORMAT
            and about["id"] == path.name
            and about["manifest"] == files.sha256(raw)
            and found == manifest["files"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise Refused(faults.staging_broken(path))
    return dict(about)
