"""What the release can refuse.  Messages name files and settings, never what the results say."""

from __future__ import annotations

from pathlib import Path

from studyspec.source import Diagnostic


def ledger_broken(path: Path, line: int | None = None) -> Diagnostic:
    """The chain of hashes does not hold, or a membership set it names is missing or changed."""
    place = f" at line {line}" if line is not None else ""
    return Diagnostic(
        "ledger-broken",
        f"The ledger {path} was changed or damaged{place}, so nothing can be released with it.",
        remedy="Restore the ledger and its membership sets together from the newest backup.",
    )


def ledger_rolled_back(path: Path) -> Diagnostic:
    """The ledger is older than a head that is known to have existed."""
    return Diagnostic(
        "ledger-rolled-back",
        f"The ledger {path} is older than what was released with it before.",
        remedy="Restore the newest ledger; an older one would forget releases that are already out.",
    )


def ledger_busy(path: Path) -> Diagnostic:
    return Diagnostic(
        "ledger-busy",
        f"Another run or release holds the ledger {path}.",
        remedy="Wait until it has finished, and try again.",
    )


def cannot_write(path: Path, reason: str) -> Diagnostic:
    return Diagnostic(
        "cannot-write", f"Cannot write {path}: {reason}.", remedy="Check the path, its permissions and the free space."
    )


def out_not_ours(path: Path, name: str) -> Diagnostic:
    """The output directory holds something that a release did not put there, or that was changed since."""
    return Diagnostic(
        "out-not-ours",
        f"The directory {path} holds {name!r}, which would be lost.",
        remedy="Name a new or empty directory, or one that holds an unchanged earlier release.",
    )


def out_is_file(path: Path) -> Diagnostic:
    return Diagnostic(
        "out-not-ours",
        f"{path} is a file, and would be lost.",
        remedy="Name a directory for the results, new or empty.",
    )


def staging_broken(path: Path) -> Diagnostic:
    return Diagnostic(
        "staging-broken",
        f"{path} is not what a run staged at this site, or was changed since.",
        remedy="Run the study again and release what that run stages.",
    )


def staging_spent(path: Path) -> Diagnostic:
    """The public files left the staging when they were published; only the reviewer's file stays."""
    return Diagnostic(
        "staging-spent",
        f"What was staged in {path} has been published already, so its files are no longer there.",
        remedy="Copy the release from where it was published, or run the study again.",
    )


def staging_stale(path: Path) -> Diagnostic:
    """Another cohort was released after this run was compared with what was out."""
    return Diagnostic(
        "staging-stale",
        f"Other results of the same data were released since {path} was staged, and it was not compared with them.",
        remedy="Run the study again.",
    )


def open_not_allowed(site: str) -> Diagnostic:
    return Diagnostic(
        "open-not-allowed",
        f"The policy `open` cannot be used at {site}, a site with register data.",
        remedy="Use a guarded policy; exact numbers are for sites declared public or synthetic.",
    )


def release_broken(path: Path, name: str) -> Diagnostic:
    return Diagnostic(
        "release-broken",
        f"{name!r} in {path} is not what was released.",
        remedy="Get the release again from where it was published.",
    )


def release_not_in_ledger(path: Path) -> Diagnostic:
    return Diagnostic(
        "release-not-in-ledger",
        f"The ledger of this site does not hold the release in {path}.",
        remedy="Verify it with the site that made it; a release no ledger knows must not be trusted.",
    )


def not_a_release(path: Path) -> Diagnostic:
    return Diagnostic(
        "not-a-release",
        f"{path} is not a directory with a release.",
        remedy="Name the directory that was given to `--out`.",
    )


def key_unusable(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        "key-unusable",
        f"The site's key {path} cannot be used: {why}.",
        remedy="Restore the key from its backup; with another key, earlier cohorts cannot be recognised.",
    )
