"""The ledger: what was run, refused and released from one data population, each entry chained to the one before.

One JSON object a line.  `hash` is the SHA-256 of the rest of the entry in canonical JSON, `previous` the hash before.
The head (sequence and hash of the last entry) is also kept in a file beside the ledger and written into every release,
so a ledger that was cut or put back to an older state is recognised by whoever holds a newer head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studyspec.catalogue.types import Site
from studyspec.guard.types import History
from studyspec.plan.cubes import Membership
from studyspec.release import atomic, faults
from studyspec.source import Refused

Kind = Literal["run", "refusal", "release"]
Body = Mapping[str, "str | int | list[str]"]

#: What the first entry is chained to.
START = "0" * 64
_MAGIC = b"studyspec members 1\n"
_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """sequence: from 1.  previous: hash of the entry before."""

    sequence: int
    previous: str
    kind: str
    body: Body
    hash: str

    def line(self) -> bytes:
        return _canonical({**_content(self.sequence, self.previous, self.kind, self.body), "hash": self.hash}) + b"\n"


def _content(sequence: int, previous: str, kind: str, body: Body) -> dict[str, object]:
    return {"sequence": sequence, "previous": previous, "kind": kind, "body": dict(body)}


def _canonical(value: object) -> bytes:
    import json

    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _hash(content: object) -> str:
    import hashlib

    return hashlib.sha256(_canonical(content)).hexdigest()


def head_file(ledger: Path) -> Path:
    return ledger.with_name(ledger.name + ".head")


def members_folder(ledger: Path) -> Path:
    return ledger.with_name(ledger.name + ".members")


# --- reading ---------------------------------------------------------------------------------------------------------


def read(ledger: Path) -> tuple[Entry, ...]:
    """Every entry, the chain and the head checked.  Raises Refused (ledger-broken, ledger-rolled-back)."""
    entries = _chain(ledger)
    known = _head(ledger)
    if known is None:
        if entries:
            raise Refused(faults.ledger_broken(ledger))
        return entries
    sequence, head = known
    if len(entries) < sequence:
        raise Refused(faults.ledger_rolled_back(ledger))
    # A crash between writing the ledger and its head leaves the ledger one entry ahead: that is the new state.
    if len(entries) > sequence + 1 or (sequence and entries[sequence - 1].hash != head):
        raise Refused(faults.ledger_broken(ledger))
    return entries


def _chain(ledger: Path) -> tuple[Entry, ...]:
    import json

    try:
        raw = ledger.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Refused(faults.cannot_write(ledger, error.strerror or "it cannot be read")) from None
    entries: list[Entry] = []
    previous = START
    if raw and not raw.endswith(b"\n"):
        raise Refused(faults.ledger_broken(ledger, raw.count(b"\n") + 1))
    for number, line in enumerate(raw.split(b"\n")[:-1], 1):
        try:
            given = json.loads(line)
            entry = Entry(given["sequence"], given["previous"], given["kind"], given["body"], given["hash"])
            sound = entry.line() == line + b"\n" and isinstance(entry.body, dict)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused(faults.ledger_broken(ledger, number)) from None
        content = _content(entry.sequence, entry.previous, entry.kind, entry.body)
        if not sound or entry.sequence != number or entry.previous != previous or entry.hash != _hash(content):
            raise Refused(faults.ledger_broken(ledger, number))
        entries.append(entry)
        previous = entry.hash
    return tuple(entries)


def _head(ledger: Path) -> tuple[int, str] | None:
    import json

    try:
        given = json.loads(head_file(ledger).read_bytes())
        return int(given["sequence"]), str(given["hash"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(faults.ledger_broken(ledger)) from None


# --- writing ---------------------------------------------------------------------------------------------------------


def append(ledger: Path, kind: Kind, body: Body) -> Entry:
    """Add an entry; the caller holds the lock.  After a crash the ledger holds it whole or not at all."""
    entries = read(ledger)
    previous = entries[-1].hash if entries else START
    content = _content(len(entries) + 1, previous, kind, body)
    entry = Entry(len(entries) + 1, previous, kind, body, _hash(content))
    if not entries and _head(ledger) is None:
        _write_head(ledger, 0, START)
    elif entries:
        _write_head(ledger, len(entries), previous)
    atomic.write(ledger, b"".join(e.line() for e in entries) + entry.line())
    _write_head(ledger, entry.sequence, entry.hash)
    return entry


def _write_head(ledger: Path, sequence: int, value: str) -> None:
    atomic.write(head_file(ledger), _canonical({"sequence": sequence, "hash": value}) + b"\n")


def refused(site: Site, study: str, meaning: str, codes: tuple[str, ...]) -> None:
    """Note a refusal: its codes, never its reasons."""
    with atomic.locked(site.ledger):
        append(site.ledger, "refusal", {**_common(site, study, meaning), "codes": list(codes)})


def _common(site: Site, study: str, meaning: str) -> dict[str, str | int | list[str]]:
    return {"study": study, "meaning": meaning, "population": site.population, "policy": site.policy.hash}


# --- membership sets -------------------------------------------------------------------------------------------------


def keep_members(ledger: Path, membership: Membership) -> str:
    """Write a membership set, once, where only the owner can read it; returns the name entries refer to it by."""
    import hashlib

    content = _MAGIC + b"".join(sorted(membership.members))
    name = hashlib.sha256(content).hexdigest()
    folder = members_folder(ledger)
    atomic.private_folder(folder)
    if not (folder / name).exists():
        atomic.write(folder / name, content)
    return name


def members(ledger: Path, name: str) -> frozenset[bytes]:
    """A membership set by name.  Raises Refused (ledger-broken) where it is missing or was changed."""
    import hashlib

    try:
        content = (members_folder(ledger) / name).read_bytes()
    except OSError:
        raise Refused(faults.ledger_broken(ledger)) from None
    if hashlib.sha256(content).hexdigest() != name or not content.startswith(_MAGIC):
        raise Refused(faults.ledger_broken(ledger))
    body = content[len(_MAGIC) :]
    return frozenset(body[i : i + _DIGEST] for i in range(0, len(body), _DIGEST))


def released_sets(entries: tuple[Entry, ...], population: str) -> dict[str, str]:
    """Membership sets that releases of a population refer to: name -> cohort, in the order of release."""
    return {
        name: cohort
        for e in entries
        if e.kind == "release" and e.body.get("population") == population
        for name, cohort in zip(_listed(e, "members"), _listed(e, "cohorts"), strict=True)
    }


def _listed(entry: Entry, name: str) -> list[str]:
    found = entry.body[name]
    return found if isinstance(found, list) else [str(found)]


def history(site: Site) -> History:
    """Cohorts this site released before from its data population, for the guard.

    At a site of invented data there are none: no one can be told apart, and trying out studies must not wear out.
    Raises Refused (ledger-broken, ledger-rolled-back, ledger-busy).
    """
    with atomic.locked(site.ledger):
        sets = released_sets(read(site.ledger), site.population) if site.kind != "synthetic" else {}
        found = [Membership(site.population, cohort, members(site.ledger, name)) for name, cohort in sets.items()]
        divided = _divisions(read(site.ledger), sets)
    return History(tuple(found), tuple(divided))


def _divisions(entries: tuple[Entry, ...], sets: Iterable[str]) -> Iterator[frozenset[tuple[str, str]]]:
    """For each membership set, how the releases that refer to it divided values."""
    for name in sets:
        releases = [e.body for e in entries if e.kind == "release" and name in _listed(e, "members")]
        words = [word for body in releases for word in str(body.get("divisions", "")).split()]
        yield frozenset((value, cuts) for value, _, cuts in (word.partition(":") for word in words))
