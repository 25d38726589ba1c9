"""The site's key: made once, for its owner alone."""

from pathlib import Path

import pytest

from studyspec.release import keys
from studyspec.source import Refused


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "key"
    key = keys.ensure(path)
    assert len(key) == 32
    assert keys.ensure(path) == keys.read(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_two_sites_have_two_keys(tmp_path: Path) -> None:
    assert keys.ensure(tmp_path / "a") != keys.ensure(tmp_path / "b")


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    keys.ensure(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(Refused, match="key-unusable"):
        keys.read(tmp_path / "key")


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_key_of_another_size_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Refused, match="key-unusable") as caught:
        keys.ensure(path)
    assert "short" not in str(caught.value)


def test_a_missing_key_is_refused_where_it_is_only_read(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="key-unusable"):
        keys.read(tmp_path / "key")
