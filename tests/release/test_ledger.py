"""The ledger: append-only, chained, and known to be newer than any head that was seen."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path

import pytest

from studyspec.release import atomic, history, ledger, refused
from studyspec.source import Refused
from tests.guard.people_by_hand import membership, policy
from tests.guard.site_by_hand import site


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "state" / "ledger.jsonl"
    found.parent.mkdir()
    return found


def fill(path: Path, entries: int = 3) -> None:
    for i in range(entries):
        ledger.append(path, "run", {"study": f"s{i}"})


def test_entries_are_numbered_and_chained(path: Path) -> None:
    fill(path)
    entries = ledger.read(path)
    assert [e.sequence for e in entries] == [1, 2, 3]
    assert [e.previous for e in entries] == [ledger.START, entries[0].hash, entries[1].hash]


def test_only_the_owner_can_read_it(path: Path) -> None:
    fill(path)
    ledger.keep_members(path, membership(5))
    files = [p for p in path.parent.rglob("*") if p.is_file()]
    assert {p.stat().st_mode & 0o777 for p in files} == {0o600}


def test_no_ledger_is_an_empty_one(path: Path) -> None:
    assert ledger.read(path) == ()


@pytest.mark.parametrize("line", range(3))
def test_a_changed_entry_is_found(path: Path, line: int) -> None:
    fill(path)
    lines = path.read_text().splitlines(keepends=True)
    lines[line] = lines[line].replace(f"s{line}", "sX")
    path.write_text("".join(lines))
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.read(path)


def test_a_rewritten_chain_is_found_by_its_head(path: Path, tmp_path: Path) -> None:
    fill(path)
    head = ledger.head_file(path).read_bytes()
    for file in (path, ledger.head_file(path)):
        file.unlink()
    for i in range(3):
        ledger.append(path, "run", {"study": f"forged{i}"})
    ledger.head_file(path).write_bytes(head)
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.read(path)


@pytest.mark.parametrize("kept", range(3))
def test_a_cut_ledger_is_found(path: Path, kept: int) -> None:
    fill(path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:kept]))
    with pytest.raises(Refused, match="ledger-rolled-back"):
        ledger.read(path)


def test_an_older_copy_is_found(path: Path, tmp_path: Path) -> None:
    fill(path, 2)
    shutil.copy(path, tmp_path / "backup")
    fill(path, 1)
    shutil.copy(tmp_path / "backup", path)
    with pytest.raises(Refused, match="ledger-rolled-back"):
        ledger.read(path)


def test_a_missing_ledger_or_head_is_found(path: Path, tmp_path: Path) -> None:
    fill(path)
    shutil.copy(path, tmp_path / "copy")
    path.unlink()
    with pytest.raises(Refused, match="ledger-rolled-back"):
        ledger.read(path)
    shutil.copy(tmp_path / "copy", path)
    ledger.head_file(path).unlink()
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.read(path)


@pytest.mark.parametrize(
    "junk", [b"\xff\xfe", b"{", b"[]\n", b"null\n", b'{"sequence":1}\n', b"[" * 5000 + b"\n", b"x"]
)
def test_junk_is_refused_and_not_quoted(path: Path, junk: bytes) -> None:
    path.write_bytes(junk)
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.read(path)


@pytest.mark.parametrize("fails_at", range(12))
def test_after_a_crash_there_is_the_old_ledger_or_the_new_one(
    path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    fill(path, 2)
    calls = 0
    real = {name: getattr(os, name) for name in ("replace", "fsync")}

    def crashing(name: str):  # type: ignore[no-untyped-def]
        def call(*given: object) -> object:
            nonlocal calls
            calls += 1
            if calls == fails_at + 1:
                raise KeyboardInterrupt
            return real[name](*given)

        return call

    with monkeypatch.context() as patch:
        for name in real:
            patch.setattr(os, name, crashing(name))
        with contextlib.suppress(KeyboardInterrupt):
            ledger.append(path, "run", {"study": "s2"})
    entries = ledger.read(path)
    assert len(entries) in (2, 3)
    ledger.append(path, "run", {"study": "after"})
    assert ledger.read(path)[-1].body == {"study": "after"}
    assert len(ledger.read(path)) == len(entries) + 1


def test_two_at_once_wait_for_each_other(path: Path) -> None:
    with atomic.locked(path), pytest.raises(Refused, match="ledger-busy"), atomic.locked(path, patience=0.1):
        pass
    with atomic.locked(path, patience=0.1):
        pass


def test_membership_sets_are_kept_sorted_and_checked(path: Path) -> None:
    name = ledger.keep_members(path, membership(50))
    assert ledger.keep_members(path, membership(50)) == name
    assert ledger.members(path, name) == membership(50).members
    file = ledger.members_folder(path) / name
    file.write_bytes(file.read_bytes()[:-16])
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.members(path, name)
    file.unlink()
    with pytest.raises(Refused, match="ledger-broken"):
        ledger.members(path, name)


def test_refusals_are_noted_by_their_codes_alone(tmp_path: Path) -> None:
    at = site(tmp_path, policy())
    refused(at, "tiny", "sha256:m", ("differencing",))
    entry = ledger.read(at.ledger)[0]
    assert (entry.kind, entry.body["codes"]) == ("refusal", ["differencing"])
    assert history(at).memberships == ()


def test_every_line_is_json_that_anyone_can_check(path: Path) -> None:
    fill(path)
    for line in path.read_text().splitlines():
        assert set(json.loads(line)) == {"sequence", "previous", "kind", "body", "hash"}
