"""Promises of `import studyspec`: cheap to import, the same answers as the command line, tables that show well."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import studyspec
from studyspec.cli import main

ROOT = Path(__file__).parent.parent
OMNIA = ROOT / "examples" / "omnia"

pytestmark = pytest.mark.skipif(not (OMNIA / "omnia_employment.study").exists(), reason="the sample study is not there")


@pytest.fixture(scope="module")
def omnia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a folder of its own, with invented data where its site expects them."""
    folder = tmp_path_factory.mktemp("omnia") / "omnia"
    shutil.copytree(OMNIA, folder, ignore=shutil.ignore_patterns("data", "state"))
    assert main.main(["synth", str(folder / "site.yaml"), "--out", str(folder / "data"), "--entities", "5000"]) == 0
    return folder


def study_of(folder: Path) -> studyspec.Study:
    return studyspec.load(folder / "omnia_employment.study", site=folder / "site.yaml")


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, studyspec; print(sorted(m for m in sys.modules if m.startswith('studyspec.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there_and_no_other() -> None:
    assert all(hasattr(studyspec, name) for name in studyspec.__all__)
    with pytest.raises(AttributeError):
        _ = studyspec.nothing  # type: ignore[attr-defined]


def test_check_gives_what_is_wrong_instead_of_raising_it(omnia: Path, tmp_path: Path) -> None:
    assert [d for d in studyspec.check(omnia / "omnia_employment.study") if d.severity == "error"] == []
    bad = tmp_path / "bad.study"
    bad.write_text("study a version 1.0.0\n", encoding="utf-8")
    assert studyspec.check(bad)
    with pytest.raises(studyspec.Refused):
        studyspec.load(bad)
    with pytest.raises(studyspec.Unreadable):
        studyspec.check(tmp_path / "none.study")


def test_a_loaded_study_says_who_it_is(omnia: Path) -> None:
    study = study_of(omnia)
    assert (study.name, study.version) == ("omnia_employment", "1.0.0")
    assert study.meaning.startswith("sha256:")
    assert study.meaning in study._repr_html_()
    assert "understood" not in repr(study)


def test_compile_gives_the_same_sql_as_the_command_line(omnia: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = studyspec.compile(study_of(omnia))
    arguments = [str(omnia / "omnia_employment.study"), "--site", str(omnia / "site.yaml")]
    assert main.main(["compile", *arguments]) == 0
    assert capsys.readouterr().out == script.text == study_of(omnia).sql()


def test_run_gives_tables_and_files_that_verify(
    omnia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []
    result = studyspec.run(
        study_of(omnia), out=tmp_path / "out", progress=lambda done, total, label: seen.append(label)
    )
    assert seen
    assert result.published
    assert {"attrition", "baseline"} <= {table.name for table in result}
    assert "<table" in result._repr_html_()
    assert str(result) == repr(result)
    assert main.main(["verify", str(result.out), "--site", str(omnia / "site.yaml")]) == 0
    assert main.main(["verify", str(result.out)]) == 0
    (result.out / "attrition.csv").write_text("forged", encoding="utf-8")
    capsys.readouterr()
    assert main.main(["verify", str(result.out)]) == 1
    assert "error[release-broken]" in capsys.readouterr().err


def test_the_same_study_runs_again_into_the_same_place(omnia: Path, tmp_path: Path) -> None:
    first = studyspec.run(study_of(omnia), out=tmp_path / "out")
    again = studyspec.run(study_of(omnia), out=tmp_path / "out")
    assert str(first) == str(again)


def test_a_study_without_a_site_cannot_run(omnia: Path, tmp_path: Path) -> None:
    with pytest.raises(studyspec.Refused, match="no-site"):
        studyspec.run(omnia / "omnia_employment.study", out=tmp_path / "out")


def test_register_data_are_staged_and_only_release_publishes(
    omnia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "register"
    shutil.copytree(omnia, folder, ignore=shutil.ignore_patterns("state"))
    site = folder / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("kind: synthetic", "kind: register"), encoding="utf-8")
    arguments = [str(folder / "omnia_employment.study"), "--site", str(site), "--out", str(tmp_path / "out")]
    assert main.main(["run", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "studyspec release --staged" in captured.err
    assert not (tmp_path / "out").exists()
    (staged,) = (p for p in (folder / "state").rglob("staged.json"))
    assert main.main(["release", "--staged", str(staged.parent), *arguments[1:]]) == 0
    assert main.main(["verify", str(tmp_path / "out"), "--site", str(site)]) == 0


def test_nothing_is_left_after_an_interruption(omnia: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int, label: str) -> None:
        if done > 2:
            raise KeyboardInterrupt

    folder = tmp_path / "interrupted"
    shutil.copytree(omnia, folder, ignore=shutil.ignore_patterns("state"))
    with pytest.raises(KeyboardInterrupt):
        studyspec.run(study_of(folder), out=tmp_path / "out", progress=interrupt)
    assert not (tmp_path / "out").exists()
    assert not list((folder / "state").rglob("public"))


def test_data_of_the_wrong_shape_are_an_engine_failure_that_quotes_nothing(
    omnia: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(omnia, folder, ignore=shutil.ignore_patterns("state"))
    for file in (folder / "data").glob("vaesto_henkilo.*"):
        file.write_bytes(b"010594Y9032 Matti Meikalainen\n" * 100)
    arguments = [str(folder / "omnia_employment.study"), "--site", str(folder / "site.yaml")]
    assert main.main(["run", *arguments, "--out", str(tmp_path / "out")]) == 3
    said = capsys.readouterr()
    assert "error[" in said.err
    assert "Matti" not in said.err + said.out
    assert "internal-error" not in said.err
    assert not (tmp_path / "out").exists()


HOSTILE = "'); drop table person; -- */ \\\" ; select 1; /* <script>alert(1)</script> =1+1"


def test_quotes_semicolons_and_comment_closers_in_texts_change_no_number(omnia: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(omnia, folder, ignore=shutil.ignore_patterns("state"))
    study = folder / "omnia_employment.study"
    plain = study.read_text(encoding="utf-8")
    texts = ("18 to 64 years old", "Skills centre", "Starts degree studies", "Employment after starting at the Omnia")
    hostile = plain
    for text in texts:
        assert text in hostile
        hostile = hostile.replace(text, HOSTILE)
    expected = studyspec.run(study, folder / "site.yaml", tmp_path / "plain")
    study.write_text(hostile, encoding="utf-8")
    result = studyspec.run(study, folder / "site.yaml", tmp_path / "out")
    assert [[v for v in row if not isinstance(v, str)] for table in result for row in table.rows] == [
        [v for v in row if not isinstance(v, str)] for table in expected for row in table.rows
    ]
    assert "<script>" not in result._repr_html_()
    sql = (tmp_path / "out" / "study.sql").read_text(encoding="utf-8")
    assert all("drop table" not in line or line.lstrip().startswith("--") or "'" in line for line in sql.splitlines())
