"""Publishing: all files or none, nothing of anyone else's lost, the ledger spent first, and every step checked."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from studyspec import release
from studyspec.catalogue.types import Site
from studyspec.estimate import tables
from studyspec.guard import protect
from studyspec.guard.types import Guarded
from studyspec.plan.cubes import Membership
from studyspec.release import ledger
from studyspec.source import Refused, Unreadable
from tests.guard.people_by_hand import crowd, cubes, membership, model, person, policy
from tests.guard.site_by_hand import Script, site, study

PEOPLE = crowd(
    (104, person(left="adult")), (412, person("m", "okm", day=100, end="event")), (308, person("f", "okm")),
    (4, person("unknown", "okm")), (60, person("unknown")), (511, person("m", day=800, end="death")),
    (620, person("f")),
)  # fmt: skip


def guarded(at: Site) -> Guarded:
    return protect(cubes(PEOPLE), (membership(),), at.policy, model(public=True), release.history(at))


def staged(at: Site, members: Membership | None = None, **more: object) -> release.Staged:
    found = guarded(at)
    script = more.pop("script", Script())
    return release.stage(
        tables(found, "en", at.kind == "synthetic"),
        found,
        script,
        more.pop("study", study()),
        at,
        (members or membership(),),
        **more,  # type: ignore[arg-type]
    )


def files(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.iterdir()}


@pytest.fixture
def at(tmp_path: Path) -> Site:
    return site(tmp_path, policy())


@pytest.fixture
def at_register(tmp_path: Path) -> Site:
    return site(tmp_path, policy(), "register")


def test_a_release_holds_tables_sql_map_text_and_manifest(at: Site, tmp_path: Path) -> None:
    done = release.publish(staged(at), tmp_path / "out")
    assert set(files(done.out)) == {
        "attrition.csv", "attrition.parquet", "attrition.en.svg", "baseline.csv", "baseline.parquet",
        "curve_employed.csv", "curve_employed.parquet", "curve_employed.en.svg", "results.txt", "study.sql",
        "study.map.json", "manifest.json",
    }  # fmt: skip
    manifest = json.loads((done.out / "manifest.json").read_bytes())
    assert manifest["ledger"] == {"name": "state/ledger.jsonl", "sequence": done.sequence, "head": done.head}
    assert manifest["study"] == {"name": "tiny", "version": "1.0.0", "meaning": "sha256:m"}
    assert (manifest["data"], manifest["policy"]["minimum"]) == ("synthetic", 8)


def test_what_is_staged_is_inside_the_site_for_its_owner_alone(at: Site, tmp_path: Path) -> None:
    one = staged(at)
    assert one.path.is_relative_to(at.ledger.parent)
    for path in [one.path, *one.path.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == ["state"]
    assert [e.kind for e in ledger.read(at.ledger)] == ["run"]


def test_the_reviewers_file_stays_inside(at: Site, tmp_path: Path) -> None:
    one = staged(at)
    out = release.publish(one, tmp_path / "out").out
    assert b"too few" in (one.path / "reviewer.json").read_bytes()
    assert not [name for name, content in files(out).items() if b"too few" in content or "reviewer" in name]


def test_the_staged_copy_of_what_is_out_is_removed(at: Site, tmp_path: Path) -> None:
    one = staged(at)
    release.publish(one, tmp_path / "out")
    assert sorted(p.name for p in one.path.iterdir()) == ["manifest.json", "reviewer.json", "staged.json"]
    for again in (lambda: release.publish(one, tmp_path / "again"), lambda: release.reopen(one.path, at)):
        with pytest.raises(Refused, match="staging-spent"):
            again()
    assert release.verify(tmp_path / "out", at)
    assert not (tmp_path / "again").exists()
    assert [e.kind for e in ledger.read(at.ledger)] == ["run", "release"]


def test_what_is_not_out_stays_staged(at: Site, tmp_path: Path) -> None:
    one = staged(at)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    with pytest.raises(Refused, match="out-not-ours"):
        release.publish(one, tmp_path / "mine")
    assert release.publish(one, tmp_path / "out").out.is_dir()


def test_the_same_results_are_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        at = site(tmp_path / name, policy())
        found.append(files(release.publish(staged(at), tmp_path / name / "out").out))
        del found[-1]["manifest.json"]
    assert found[0] == found[1]


def test_every_file_of_made_up_data_says_so(at: Site, tmp_path: Path) -> None:
    out = release.publish(staged(at), tmp_path / "out").out
    for name, content in files(out).items():
        assert b"synthetic" in content.lower(), name
    real = replace(site(tmp_path / "real", policy()), kind="register")
    out = release.publish(staged(real), tmp_path / "real_out").out
    for name, content in files(out).items():
        assert b"synthetic" not in content.lower(), name


def test_a_new_release_replaces_an_unchanged_earlier_one(at: Site, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = release.publish(staged(at), out)
    second = release.publish(staged(at), out)
    assert second.sequence > first.sequence
    assert release.verify(out, at).ledger == second.sequence
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "attrition.csv"])
def test_what_others_put_there_is_never_lost(at: Site, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    release.publish(staged(at), out)
    (out / name).write_text("mine")
    before = files(out)
    with pytest.raises(Refused, match="out-not-ours"):
        release.publish(staged(at), out)
    assert files(out) == before


def test_a_foreign_directory_or_file_is_refused(at: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("file", "folder", "dangling", "state"):
        with pytest.raises(Refused, match="out-not-ours"):
            release.publish(staged(at), tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    with pytest.raises(Refused, match=r"/file is a file, and would be lost\."):
        release.publish(staged(at), tmp_path / "file")


def test_where_it_is_out_is_told_without_detours(at: Site, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert release.publish(staged(at), tmp_path / "there" / ".." / "out").out == tmp_path.resolve() / "out"


def test_a_refused_directory_spends_nothing(at: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Refused):
        release.publish(staged(at), tmp_path / "file")
    assert [e.kind for e in ledger.read(at.ledger)] == ["run"]


def test_an_empty_directory_and_missing_parents_are_fine(at: Site, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert release.verify(release.publish(staged(at), tmp_path / "empty").out)
    assert release.verify(release.publish(staged(at), tmp_path / "a" / "b" / "c").out)


@pytest.mark.parametrize("fails_at", range(24))
def test_after_a_crash_the_old_release_stands_or_the_new_one(
    at: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    out = tmp_path / "out"
    release.publish(staged(at), out)
    two = staged(at, study=study(title="Another title"))
    before = files(out)
    calls = 0
    real = {name: getattr(os, name) for name in ("replace", "rename", "fsync", "mkdir")}

    def crashing(name: str):  # type: ignore[no-untyped-def]
        def call(*given: object, **named: object) -> object:
            nonlocal calls
            calls += 1
            if calls == fails_at + 1:
                raise KeyboardInterrupt
            return real[name](*given, **named)

        return call

    with monkeypatch.context() as patch:
        for name in real:
            patch.setattr(os, name, crashing(name))
        try:
            done = release.publish(two, out)
        except KeyboardInterrupt:
            assert files(out) == before or release.verify(out, at).study == "tiny"
            done = None
    done = done or release.publish(two, out)
    assert not (two.path / "public").exists()
    assert b"Another title" in (out / "results.txt").read_bytes()
    assert [e.kind for e in ledger.read(at.ledger)] == ["run", "release", "run", "release"], "spent once"
    assert release.verify(out, at).ledger == done.sequence
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


def test_a_full_disk_is_told_in_our_words(at: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = staged(at)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Refused, match="cannot-write"):
            release.publish(one, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- what stands between a run and its release -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["public/results.txt", "manifest.json", "staged.json"])
def test_what_was_staged_cannot_be_changed(at: Site, tmp_path: Path, name: str) -> None:
    one = staged(at)
    path = one.path / name
    path.write_bytes(path.read_bytes().replace(b"tiny", b"tinY"))
    with pytest.raises(Refused, match="staging-broken"):
        release.publish(one, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_staging_changed_with_all_its_hashes_is_not_what_the_ledger_knows(at: Site, tmp_path: Path) -> None:
    one, other = staged(at), staged(at, membership(500))
    about = json.loads((one.path / "staged.json").read_bytes())
    about["members"] = json.loads((other.path / "staged.json").read_bytes())["members"]
    (one.path / "staged.json").write_text(json.dumps(about))
    with pytest.raises(Refused, match="staging-broken"):
        release.publish(one, tmp_path / "out")


def test_a_staging_can_be_opened_again_at_its_own_site_only(at: Site, tmp_path: Path) -> None:
    one = staged(at)
    assert release.reopen(one.path, at) == one
    for path in (tmp_path, tmp_path / "nowhere", one.path.parent):
        with pytest.raises(Refused, match="staging-broken"):
            release.reopen(path, at)
    with pytest.raises(Refused, match="staging-broken"):
        release.reopen(one.path, site(tmp_path / "elsewhere", policy()))


def test_two_runs_staged_side_by_side_cannot_both_go_out_uncompared(at_register: Site, tmp_path: Path) -> None:
    at = at_register
    one, other = staged(at, membership(1000)), staged(at, membership(1003))
    release.publish(one, tmp_path / "one")
    with pytest.raises(Refused, match="staging-stale"):
        release.publish(other, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_same_cohort_staged_twice_goes_out_twice(at_register: Site, tmp_path: Path) -> None:
    at = at_register
    one, other = staged(at), staged(at)
    release.publish(one, tmp_path / "one")
    release.publish(other, tmp_path / "other")


def test_what_the_guard_compared_with_counts_and_not_what_is_there_when_staging(
    at_register: Site, tmp_path: Path
) -> None:
    at = at_register
    seen = release.history(at)
    release.publish(staged(at, membership(1000)), tmp_path / "one")
    late = staged(at, membership(1003), history=seen)
    with pytest.raises(Refused, match="staging-stale"):
        release.publish(late, tmp_path / "late")


def test_released_cohorts_are_history_and_staged_ones_are_not(at_register: Site, tmp_path: Path) -> None:
    at = at_register
    one = staged(at)
    assert release.history(at).memberships == ()
    release.publish(one, tmp_path / "out")
    found = release.history(at).memberships
    assert [m.members for m in found] == [membership().members]
    with pytest.raises(Refused, match="differencing"):
        protect(cubes(PEOPLE), (membership(1003),), at.policy, model(), release.history(at))


def test_invented_people_have_no_history(at: Site, tmp_path: Path) -> None:
    """Whoever tries out studies on invented data may change the cohort by one person and run again."""
    one, other = staged(at, membership(1000)), staged(at, membership(1001))
    release.publish(one, tmp_path / "one")
    release.publish(other, tmp_path / "other")
    assert release.history(at).memberships == ()
    assert [e.kind for e in ledger.read(at.ledger)] == ["run", "run", "release", "release"], "but a ledger"


def test_another_population_has_another_history(at_register: Site, tmp_path: Path) -> None:
    at = at_register
    release.publish(staged(at), tmp_path / "out")
    assert release.history(replace(at, population="q")).memberships == ()


def test_an_older_ledger_is_refused_by_the_release_already_there(at: Site, tmp_path: Path) -> None:
    one, other = staged(at), staged(at)
    backup = {p: p.read_bytes() for p in at.ledger.parent.iterdir() if p.is_file()}
    release.publish(one, tmp_path / "out")
    for path, content in backup.items():
        path.write_bytes(content)
    with pytest.raises(Refused, match="ledger-rolled-back"):
        release.publish(other, tmp_path / "out")


def test_open_is_for_public_and_made_up_data(tmp_path: Path) -> None:
    for kind in ("synthetic", "public"):
        at = site(tmp_path / kind, policy(mode="open"), kind)  # type: ignore[arg-type]
        out = release.publish(staged(at), tmp_path / f"{kind}_out").out
        assert b"720" in (out / "attrition.csv").read_bytes() or b"1915" in (out / "attrition.csv").read_bytes()
    at = site(tmp_path / "register", policy(mode="open"), "register")
    with pytest.raises(Refused, match="open-not-allowed"):
        staged(at)
    assert not (tmp_path / "register" / "state" / "ledger.jsonl.staged").exists()


# --- verifying -------------------------------------------------------------------------------------------------------


def test_an_untouched_release_verifies_offline_and_at_its_site(at: Site, tmp_path: Path) -> None:
    out = release.publish(staged(at), tmp_path / "out").out
    assert release.verify(out).in_ledger is None
    assert release.verify(out, at).in_ledger


@pytest.mark.parametrize("change", ["edit", "remove", "add", "link"])
def test_every_change_is_found(at: Site, tmp_path: Path, change: str) -> None:
    out = release.publish(staged(at), tmp_path / "out").out
    path = out / "attrition.csv"
    if change == "edit":
        path.write_bytes(path.read_bytes() + b"x")
    elif change == "add":
        (out / "more.csv").write_text("x")
    else:
        content = path.read_bytes()
        path.unlink()
        if change == "link":
            (tmp_path / "elsewhere").write_bytes(content)
            path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="release-broken"):
        release.verify(out)


def test_a_manifest_changed_with_its_files_is_found_at_the_site(at: Site, tmp_path: Path) -> None:
    import hashlib

    out = release.publish(staged(at), tmp_path / "out").out
    (out / "results.txt").write_bytes(b"better results\n")
    manifest = json.loads((out / "manifest.json").read_bytes())
    manifest["files"]["results.txt"] = hashlib.sha256(b"better results\n").hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert release.verify(out).in_ledger is None
    with pytest.raises(Refused, match="release-broken"):
        release.verify(out, at)


def test_another_sites_release_is_not_in_this_ledger(at: Site, tmp_path: Path) -> None:
    out = release.publish(staged(at), tmp_path / "out").out
    with pytest.raises(Refused, match="release-not-in-ledger"):
        release.verify(out, site(tmp_path / "elsewhere", policy()))


def test_no_release_is_told_as_such(tmp_path: Path) -> None:
    for content in (None, b"", b"{}", b"[]", b"\xff", b'{"format": "studyspec release 1"}'):
        if content is not None:
            (tmp_path / "manifest.json").write_bytes(content)
        with pytest.raises(Unreadable, match="not-a-release"):
            release.verify(tmp_path)
    with pytest.raises(Unreadable, match="not-a-release"):
        release.verify(tmp_path / "nowhere")


def test_every_cohort_of_a_release_is_history(at_register: Site, tmp_path: Path) -> None:
    """Two cohorts go out as one release; a later one close to either of them is refused, whatever it is called."""
    at = at_register
    both = (membership(1000), replace(membership(500, 2000), cohort="comparisons"))
    found = guarded(at)
    one = release.stage(tables(found, "en"), found, Script(), study(), at, both)
    release.publish(one, tmp_path / "out")
    assert [m.cohort for m in release.history(at).memberships] == ["clients", "comparisons"]
    assert [m.members for m in release.history(at).memberships] == [m.members for m in both]
    for close in (membership(1003), membership(503, 2000)):
        with pytest.raises(Refused, match="differencing"):
            protect(cubes(PEOPLE), (close,), at.policy, model(), release.history(at))
    assert protect(cubes(PEOPLE), both, at.policy, model(), release.history(at))


def test_two_cohorts_staged_side_by_side_with_another_are_stale(at_register: Site, tmp_path: Path) -> None:
    at = at_register
    found = guarded(at)
    both = (membership(1000), replace(membership(500, 2000), cohort="comparisons"))
    one = release.stage(tables(found, "en"), found, Script(), study(), at, both)
    release.publish(staged(at, membership(700, 5000)), tmp_path / "one")
    with pytest.raises(Refused, match="staging-stale"):
        release.publish(one, tmp_path / "both")
