"""Whatever stands in a file: a clear message or the right result, never a traceback, never a fault of our own."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.cli import main

ROOT = Path(__file__).parent.parent.parent
OMNIA = ROOT / "examples" / "omnia"
STUDY = OMNIA / "omnia_employment.study"
SITE = OMNIA / "site.yaml"

pytestmark = pytest.mark.skipif(not STUDY.exists(), reason="the sample study is not there")

HEAD = 'study a version 1.0.0\nlanguage en\nmodel fi_municipal 1\npermit "ESPOO-2021-117"\n'
NESTED = 100_000

#: What people and attackers put into a file.
TEXTS: dict[str, str] = {
    "empty": "",
    "blank": "\n\n   \n\t\n",
    "one newline": "\n",
    "comment only": "# nothing here",
    "prose": "Dear officer, this is not a study.",
    "html": "<html><body><script>alert(1)</script></body></html>",
    "json": '{"study": "a"}',
    "sql": "drop table person; --",
    "no newline at the end": HEAD.rstrip(),
    "windows line ends": HEAD.replace("\n", "\r\n"),
    "old mac line ends": HEAD.replace("\n", "\r"),
    "only a header": HEAD,
    "open brackets": HEAD + "define a = " + "(" * NESTED,
    "closed brackets": HEAD + "define a = " + ")" * NESTED,
    "balanced brackets": HEAD + "define a = " + "(" * NESTED + "1" + ")" * NESTED,
    "nots": HEAD + "define a = " + "not " * 50_000 + "true",
    "ands": HEAD + "define a = " + " and ".join(["true"] * 3_000),
    "earliests": HEAD + "follow-up from index to " + "earliest(" * 20_000,
    "an open string": HEAD + 'title en "never closed',
    "an open string of many lines": HEAD + 'title en "' + "a\n" * 10_000,
    "a long line": HEAD + 'title en "' + "a" * 1_000_000 + '"\n',
    "a long name": HEAD + "define " + "a" * 1_000_000 + " = 1\n",
    "a long number": HEAD + "define a = " + "9" * 100_000 + "\n",
    "a huge duration": HEAD + "follow-up from index + 99999999999999999999 years to end of data\n",
    "an impossible date": HEAD + "follow-up from 2021-02-30 to end of data\n",
    "year zero": HEAD + "follow-up from 0000-01-01 to 9999-12-31\n",
    "many statements": HEAD + "".join(f"define d{i} = age at index\n" for i in range(5_000)),
    "many faults": HEAD + "define = =\n" * 5_000,
    "names that define themselves": HEAD + "define a = b\ndefine b = a\n",
    "a name defined a thousand times": HEAD + "define a = 1\n" * 1_000,
    "quotes in names": HEAD + "define a\"b = 1\ndefine c'd = 2\ndefine e;f = 3\ndefine g`h = 4\n",
    "sql in strings": HEAD + 'title en "\'); drop table person; --"\nparameter p: text = "\' or 1=1 --"\n',
    "comment closers in strings": HEAD + 'title en "*/ select 1; /* -- "\n',
    "escapes in strings": HEAD + 'title en "\\u0000 \\x1b[2J \\"',
    "terminal escapes": HEAD + "define \x1b[31mred = 1\n",
    "right to left": HEAD + "define a\u202eb = 1\n",
    "mixed scripts": HEAD + "define p\u0430th = 1\n",
    "zero width": HEAD + "define a\u200bb = 1\n",
    "not a character": HEAD + "define a\uffffb = 1\n",
    "a path that climbs out": HEAD + 'codelist a "../../../../../../etc/passwd"\n',
    "an absolute path": HEAD + 'codelist a "/etc/passwd"\n',
    "a path with a null": HEAD + 'codelist a "a\\0b.csv"\n',
    "a device": HEAD + 'codelist a "/dev/zero"\n',
    "a web address": HEAD + 'codelist a "https://example.org/a.csv"\n',
    "a glob": HEAD + 'codelist a "*.csv"\n',
    "itself": HEAD + 'codelist a "broken.study"\n',
}

YAML_HEAD = "study:\n  name: a\n  version: 1.0.0\n"
YAML_TEXTS: dict[str, str] = {
    "empty": "",
    "null": "null\n",
    "a scalar": "study\n",
    "a list": "- study\n",
    "two documents": "study: a\n---\nstudy: b\n",
    "open brackets": "[" * NESTED,
    "open braces": "{" * NESTED,
    "nested keys": "{a: " * 10_000,
    "deep indentation": "".join(" " * i + "a:\n" for i in range(2_000)),
    "dashes": "- " * 50_000,
    "an alias bomb": "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
    "an anchor to itself": "a: &a [*a]\n",
    "a merge key": "a: &a {x: 1}\nb:\n  <<: *a\n",
    "an unknown alias": "a: *nobody\n",
    "a python tag": "a: !!python/object/apply:os.system ['true']\n",
    "a duplicate key": YAML_HEAD + YAML_HEAD,
    "a tab": "study:\n\tname: a\n",
    "an open quote": 'study: "a\n',
    "a directive": "%YAML 9.9\n---\nstudy: a\n",
    "a null key": "? \n: a\n",
    "a complex key": "? [a, b]\n: c\n",
    "many keys": "".join(f"k{i}: v\n" for i in range(5_000)),
    "a long scalar": "study: " + "a" * 1_000_000 + "\n",
    "quotes in a key": "'a\"; drop table x; --': b\n",
    "the norway problem": "study: no\nlanguage: no\nversion: 1.0\n",
    "a control character": "study: a\x07b\n",
    "a byte-order mark in the middle": "study: a\ufeffb\n",
}

BYTES: dict[str, bytes] = {
    "zeros": b"\0" * 1000,
    "an executable": b"\x7fELF\x02\x01\x01" + bytes(range(256)),
    "utf-16": HEAD.encode("utf-16"),
    "latin-1": HEAD.encode() + 'title fi "Työllistyminen"'.encode("latin-1"),
    "half a character": HEAD.encode() + "ö".encode()[:1],
    "an overlong form": b"study \xc0\xaf\n",
    "a surrogate": b"study \xed\xa0\x80\n",
    "a zip": b"PK\x03\x04" + b"\x00\xff" * 100,
}

COMMANDS: tuple[Callable[[str], list[str]], ...] = (
    lambda path: ["check", path],
    lambda path: ["check", path, "--site", str(SITE)],
    lambda path: ["fmt", "--check", path],
    lambda path: ["convert", path, "--to", "yaml"],
    lambda path: ["compile", path],
)


def refuses(arguments: list[str], capsys: pytest.CaptureFixture[str], allowed: tuple[int, ...] = (1, 2)) -> str:
    """Run, and give what was said: exit code 1 or 2, a diagnostic, no traceback, nothing a terminal obeys."""
    code = main.main(arguments)
    captured = capsys.readouterr()
    said = captured.err
    assert code in allowed, (code, said[:2000])
    assert "internal-error" not in said
    assert "Traceback" not in said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e]", said)
    assert len(said) < 2_000_000
    if code:
        assert re.search(r"^error\[[a-z0-9-]+\]: ", said, re.MULTILINE), said[:2000]
    return said


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_no_study_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.study"
    path.write_text(TEXTS[name], encoding="utf-8", newline="")
    for command in COMMANDS:
        laid_out = command("")[0] in ("fmt", "convert")
        said = refuses(command(str(path)), capsys, (0, 1, 2) if laid_out else (1, 2))
        assert "root:" not in said, "the content of another file must never be quoted"


@pytest.mark.parametrize("name", YAML_TEXTS)
def test_yaml_that_is_no_study_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(YAML_TEXTS[name], encoding="utf-8", newline="")
    for command in COMMANDS:
        refuses(command(str(path)), capsys)
    refuses(["check", str(STUDY), "--site", str(path)], capsys)


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("suffix", [".study", ".yaml", ""])
def test_bytes_that_are_no_text_are_refused(
    name: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(BYTES[name])
    refuses(["check", str(path)], capsys)
    refuses(["check", str(STUDY), "--site", str(path)], capsys)


def test_what_is_no_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.study").mkdir()
    (tmp_path / "loop.study").symlink_to(tmp_path / "loop.study")
    (tmp_path / "dangling.study").symlink_to(tmp_path / "nowhere")
    paths = ["folder.study", "loop.study", "dangling.study", "none.study", "a\0b.study", "x" * 5000, "", "\udcff.study"]
    for path in paths:
        for command in COMMANDS:
            assert "[file-unreadable]" in refuses(command(str(tmp_path / path) if path else ""), capsys, (2,))
        refuses(["run", str(STUDY), "--site", str(tmp_path / path), "--out", str(tmp_path / "out")], capsys)
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the system's own user may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "secret.study"
    path.write_text(HEAD, encoding="utf-8")
    path.chmod(0)
    refuses(["check", str(path)], capsys, (2,))


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.study"
    with open(path, "wb") as file:
        file.truncate(50_000_000_000)
    for command in COMMANDS:
        assert "[file-too-large]" in refuses(command(str(path)), capsys, (2,))


def test_a_device_that_never_ends_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    refuses(["check", "/dev/zero"], capsys, (2,))
    refuses(["check", "/dev/null"], capsys)


# --- the sample, broken in every way ---------------------------------------------------------------------------------

SAMPLE = STUDY.read_text(encoding="utf-8") if STUDY.exists() else ""
WORDS = sorted(
    set(re.findall(r"[^\s\w]|[\w-]+|\s", SAMPLE))
    | {'"', "'", ";", "--", "(", "[", "\n", "\t", "0", "\0", "é", "\u202e"}
)


@st.composite
def broken_studies(draw: st.DrawFn) -> str:
    """The sample with some pieces cut out, doubled, swapped or replaced."""
    pieces = re.findall(r"[^\s\w]|[\w-]+|\s+", SAMPLE)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["cut", "double", "replace", "tail", "insert"])):
            case "cut":
                del pieces[at : at + draw(st.integers(1, 5))]
            case "double":
                pieces[at:at] = pieces[at : at + draw(st.integers(1, 5))]
            case "replace":
                pieces[at] = draw(st.sampled_from(WORDS))
            case "insert":
                pieces.insert(at, draw(st.sampled_from(WORDS) | st.text(max_size=5)))
            case _:
                del pieces[at:]
        if not pieces:
            break
    return "".join(pieces)


def never_a_traceback(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "broken.study"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refuses(["check", str(path)], capsys, (0, 1, 2))


QUICK = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


@QUICK
@given(text=broken_studies())
def test_a_broken_sample_never_shows_a_traceback(
    text: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    never_a_traceback(text, tmp_path_factory.getbasetemp(), capsys)


@pytest.mark.sweep
@settings(QUICK, max_examples=1000)
@given(text=broken_studies())
def test_a_thousand_broken_samples_never_show_a_traceback(
    text: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    never_a_traceback(text, tmp_path_factory.getbasetemp(), capsys)
