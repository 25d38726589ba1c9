"""Checking a release again: offline against its own manifest, and against the ledger where the site is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from studyspec.catalogue.types import Site
from studyspec.release import atomic, faults, files, ledger
from studyspec.release.publishing import holds, manifest_of
from studyspec.release.staging import MANIFEST
from studyspec.source import Diagnostic, Refused, Unreadable


@dataclass(frozen=True, slots=True)
class Verified:
    """study, version, meaning, data: as the manifest says.  files: how many were compared with their hashes.

    ledger: the release's place in the ledger; in_ledger: whether the site's ledger holds it, None where not asked
    """

    study: str
    version: str
    meaning: str
    data: str
    files: int
    ledger: int
    in_ledger: bool | None


def verify(out: Path, site: Site | None = None) -> Verified:
    """Check every file of a release against its manifest, and with a site, the manifest against its ledger.

    Raises Unreadable (not-a-release), and Refused with every fault found (release-broken, release-not-in-ledger,
    ledger-broken, ledger-rolled-back).
    """
    manifest = manifest_of(out)
    if manifest is None:
        raise Unreadable(faults.not_a_release(out))
    listed = cast("dict[str, object]", manifest["files"])
    found: list[Diagnostic] = []
    with atomic.refusing(out):
        there = {p.name: p for p in out.iterdir() if p.name != MANIFEST}
        for name in sorted(listed.keys() | there.keys()):
            path = there.get(name)
            sound = path is not None and path.is_file() and not path.is_symlink()
            if path is None or not sound or files.sha256(path.read_bytes()) != listed.get(name):
                found.append(faults.release_broken(out, name))
    head, study = manifest.get("ledger"), manifest.get("study")
    if not isinstance(head, dict) or not isinstance(head.get("sequence"), int) or not isinstance(study, dict):
        raise Refused(*found, faults.release_broken(out, MANIFEST))
    if site is not None and not found:
        _in_ledger(out, manifest, head, site, found)
    if found:
        raise Refused(*found)
    return Verified(
        study=str(study.get("name")),
        version=str(study.get("version")),
        meaning=str(study.get("meaning")),
        data=str(manifest.get("data")),
        files=len(listed),
        ledger=int(head["sequence"]),
        in_ledger=None if site is None else True,
    )


def _in_ledger(
    out: Path, manifest: dict[str, object], head: dict[str, object], site: Site, found: list[Diagnostic]
) -> None:
    """The entry that the manifest names must be there, and must be about this very manifest."""
    with atomic.locked(site.ledger):
        entries = ledger.read(site.ledger)
    bare = {k: v for k, v in manifest.items() if k != "ledger"}
    if not holds(entries, head):
        found.append(faults.release_not_in_ledger(out))
    elif entries[cast(int, head["sequence"]) - 1].body.get("manifest") != files.sha256(files.json_bytes(bare)):
        found.append(faults.release_broken(out, MANIFEST))
