"""Publishing: spend the ledger, then put the public files where they were asked for, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from studyspec.release import atomic, faults, files, ledger
from studyspec.release.staging import FORMAT, MANIFEST, PUBLIC, Staged, described
from studyspec.source import Refused


@dataclass(frozen=True, slots=True)
class Release:
    """out: where the files are.  sequence, head: of the ledger entry that the release is."""

    out: Path
    sequence: int
    head: str


def publish(staged: Staged, out: Path) -> Release:
    """Publish what a run staged into a directory that is new, empty, or an unchanged earlier release.

    The ledger is spent first: after a crash the release may be in the ledger and not yet in the directory, and the
    same call finishes it without a second entry.  Once it is out, the staged copy of the public files is removed; what
    was staged for the reviewer stays.
    Raises Refused: staging-broken, staging-spent, staging-stale, out-not-ours, ledger-broken, ledger-rolled-back,
    ledger-busy, cannot-write.
    """
    site = staged.site
    with atomic.locked(site.ledger):
        about = described(staged.path)
        entries = ledger.read(site.ledger)
        noted = {str(e.body.get("staged")): e.body for e in entries if e.kind == "run"}.get(staged.id)
        if noted is None or noted["about"] != files.sha256(files.json_bytes(about)):
            raise Refused(faults.staging_broken(staged.path))
        out = out.resolve() if out.name in ("", "..") else out.parent.resolve() / out.name
        _require_free(out, staged.path)
        _require_newest(out, entries, site.ledger)
        entry = next((e for e in entries if e.kind == "release" and e.body.get("staged") == staged.id), None)
        if entry is None:
            _require_compared(staged, about, entries)
            entry = ledger.append(site.ledger, "release", {**noted, "manifest": str(about["manifest"])})
        _put(staged, out, entry)
        _forget(staged)
    return Release(out, entry.sequence, entry.hash)


def _require_compared(staged: Staged, about: dict[str, object], entries: tuple[ledger.Entry, ...]) -> None:
    """Cohorts released since the run was compared with history could be subtracted from this one unseen."""
    if about["mode"] == "open" or staged.site.kind == "synthetic":
        return
    out_already = ledger.released_sets(entries, str(about["population"])).keys()
    if out_already - {*cast("list[str]", about["compared"]), *cast("list[str]", about["members"])}:
        raise Refused(faults.staging_stale(staged.path))


def _require_free(out: Path, staged: Path) -> None:
    """Raises Refused (out-not-ours) rather than overwrite anything that is not an unchanged release."""
    if not out.exists() and not out.is_symlink():
        return
    if out.is_file() and not out.is_symlink():
        raise Refused(faults.out_is_file(out))
    if not out.is_dir() or staged.resolve().is_relative_to(out.resolve()):
        raise Refused(faults.out_not_ours(out.parent, out.name))
    known = manifest_of(out)
    listed = cast("dict[str, str]", known["files"]) if known else {}
    with atomic.refusing(out):
        for path in sorted(out.iterdir()):
            if path.name == MANIFEST and known:
                continue
            if path.is_symlink() or not path.is_file() or files.sha256(path.read_bytes()) != listed.get(path.name):
                raise Refused(faults.out_not_ours(out, path.name))


def _require_newest(out: Path, entries: tuple[ledger.Entry, ...], path: Path) -> None:
    """A release of this ledger that is already in the directory is a head the ledger must still know."""
    known = manifest_of(out) or {}
    head = known.get("ledger")
    if not isinstance(head, dict) or head.get("name") != path_name(path):
        return
    if not holds(entries, head):
        raise Refused(faults.ledger_rolled_back(path))


def path_name(ledger_path: Path) -> str:
    """The name a ledger goes by in manifests: of the file and its folder, not where they are."""
    return f"{ledger_path.parent.name}/{ledger_path.name}"


def holds(entries: tuple[ledger.Entry, ...], head: dict[str, object]) -> bool:
    """Whether a ledger holds the entry that a manifest names."""
    sequence = head.get("sequence")
    return (
        isinstance(sequence, int)
        and 0 < sequence <= len(entries)
        and entries[sequence - 1].hash == head.get("head")
        and entries[sequence - 1].kind == "release"
    )


def manifest_of(out: Path) -> dict[str, object] | None:
    """The manifest of a release's directory, or None where there is no sound one."""
    import json

    try:
        found = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("files"), dict):
        return None
    return found


def _put(staged: Staged, out: Path, entry: ledger.Entry) -> None:
    import json
    import secrets
    import shutil

    manifest = json.loads((staged.path / MANIFEST).read_bytes())
    manifest["ledger"] = {"name": path_name(staged.site.ledger), "sequence": entry.sequence, "head": entry.hash}
    target = out.resolve()
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with atomic.refusing(out):
            target.parent.mkdir(parents=True, exist_ok=True)
            new.mkdir(mode=atomic.PUBLIC_FOLDER)
            for path in sorted((staged.path / PUBLIC).iterdir()):
                atomic.put(new / path.name, path.read_bytes(), atomic.PUBLIC_FILE)
            atomic.put(new / MANIFEST, files.json_bytes(manifest), atomic.PUBLIC_FILE)
            atomic.sync_folder(new)
        atomic.swap_in(new, target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _forget(staged: Staged) -> None:
    """Remove the staged public files.  The release is out by now: what cannot be removed is not a reason to fail."""
    import shutil

    going = staged.path / f".{PUBLIC}"
    try:
        (staged.path / PUBLIC).rename(going)
    except OSError:
        return
    shutil.rmtree(going, ignore_errors=True)
