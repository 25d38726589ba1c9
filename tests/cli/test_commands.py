"""Promises of the command line: what each exit code means, where output goes, and that no traceback ever shows."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studyspec import __version__
from studyspec.cli import commands, main, show
from studyspec.source import EngineFailed, Refused

ROOT = Path(__file__).parent.parent.parent
STUDY = ROOT / "examples" / "omnia" / "omnia_employment.study"
SITE = ROOT / "examples" / "omnia" / "site.yaml"

sample = pytest.mark.skipif(not STUDY.exists(), reason="the sample study is not there")


def studyspec(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "studyspec", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,  # type: ignore[call-overload]
    )


# --- help and usage --------------------------------------------------------------------------------------------------


def test_help_lists_every_command_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, line, _ in main.COMMANDS:
        assert name in shown
        assert line.endswith(".")
    assert set(commands.COMMANDS) == {name for name, _, _ in main.COMMANDS}


def test_help_imports_nothing_but_argparse() -> None:
    code = (
        "import sys; from studyspec.cli.main import main; main(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith('studyspec')), file=sys.stderr);"
        "print(sorted({'dataclasses', 'pathlib', 'json', 'duckdb', 'yaml'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr.splitlines() == ["['studyspec', 'studyspec.cli', 'studyspec.cli.main']", "[]"]


def test_no_command_at_all_is_misuse_and_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 2
    assert "commands:" in capsys.readouterr().out


def test_a_mistyped_command_gets_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["chekc", "a.study"]) == 2
    assert capsys.readouterr().err == (
        "error[usage]: There is no command `chekc`.\n"
        "  = help: Did you mean `studyspec check`?\n"
        "  = more: studyspec explain usage\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["run", "a.study"], ["convert", "a.study"], ["check", "--form", "json", "a"], ["synth", "a", "--out"]],
)
def test_a_wrong_command_line_is_told_as_a_diagnostic(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(arguments) == 2
    assert capsys.readouterr().err.startswith("error[usage]: ")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["version"]) == 0
    assert capsys.readouterr().out == f"studyspec {__version__}\n"


# --- explain ---------------------------------------------------------------------------------------------------------


def test_explain_prints_the_page_of_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["explain", "usage"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "errors" / "usage.md").read_text(encoding="utf-8")


def test_explain_without_a_code_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["explain"]) == 0
    assert "usage" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("code", ["usgae", "../cli", "/etc/passwd", "", "\x1b[31m"])
def test_explain_offers_the_nearest_code_and_reads_no_other_file(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["explain", code]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error[unknown-code]" in captured.err
    assert "\x1b" not in captured.err
    assert code != "usgae" or "`usage`" in captured.err


# --- what can go wrong -----------------------------------------------------------------------------------------------


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def broken(arguments: object) -> int:
        raise error

    monkeypatch.setattr(commands, "COMMANDS", {"version": broken})
    return main.main(["version"])


def test_a_fault_of_our_own_shows_no_text_that_could_quote_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fails_with(ValueError("could not convert 010594Y9032"), monkeypatch) == 3
    shown = capsys.readouterr().err
    assert shown.startswith("error[internal-error]: studyspec itself failed (ValueError at studyspec.cli.main:")
    assert "010594" not in shown
    assert "Traceback" not in shown


def test_the_engine_failing_is_exit_3_and_a_refusal_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fails_with(EngineFailed(), monkeypatch) == 3
    assert fails_with(Refused(), monkeypatch) == 1
    assert fails_with(RecursionError(), monkeypatch) == 3
    assert fails_with(MemoryError(), monkeypatch) == 3


def test_ctrl_c_is_exit_130_and_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert fails_with(KeyboardInterrupt(), monkeypatch) == 130
    assert capsys.readouterr().err == "\nInterrupted; nothing was left half-written.\n"


def test_a_reader_that_goes_away_makes_no_noise() -> None:
    command = f"{sys.executable} -m studyspec explain internal-error | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stderr == ""
    assert done.stdout.strip() in {"0", "141"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_on_standard_output_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "studyspec", "explain", "usage"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error[output-unwritable]")
    assert "Traceback" not in done.stderr


# --- progress --------------------------------------------------------------------------------------------------------


def test_progress_is_quiet_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    progress = show.Progress()
    progress(1, 2, "cohort")
    progress.clear()
    assert capsys.readouterr().err == ""


# --- the sample study ------------------------------------------------------------------------------------------------


@sample
def test_check_of_a_good_study_is_silent_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["check", str(STUDY), "--site", str(SITE)]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "error[" not in captured.err


@sample
def test_check_tells_programs_the_same_as_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.study"
    bad.write_text("study x version 1.0.0\nlanguage en\ncohort c of\n", encoding="utf-8")
    assert main.main(["check", str(bad)]) == 1
    codes = {line.split("[")[1].split("]")[0] for line in capsys.readouterr().err.splitlines() if "[" in line[:8]}
    assert main.main(["check", "--format", "json", str(bad)]) == 1
    assert {d["code"] for d in json.loads(capsys.readouterr().out)["diagnostics"]} == codes
    assert main.main(["check", "--format", "sarif", str(bad)]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert {r["ruleId"] for r in run["results"]} == codes


@sample
def test_check_goes_on_after_a_study_that_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["check", str(tmp_path / "none.study"), str(STUDY)]) == 2
    assert capsys.readouterr().err.count("error[") == 1


@sample
def test_check_imports_no_engine() -> None:
    code = (
        f"import sys; from studyspec.cli.main import main; main(['check', {str(STUDY)!r}, '--site', {str(SITE)!r}]);"
        "sys.exit(sorted({'duckdb', 'pandas', 'numpy', 'jinja2', 'jsonschema', 'pyarrow'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@sample
def test_fmt_of_a_formatted_study_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["fmt", "--check", str(STUDY)]) == 0, capsys.readouterr().err
    copy = tmp_path / "copy.study"
    copy.write_bytes(STUDY.read_bytes())
    before = copy.stat()
    assert main.main(["fmt", str(copy)]) == 0
    assert copy.stat().st_ino == before.st_ino


@sample
def test_fmt_lays_out_in_place_and_keeps_the_permissions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.study"
    copy.write_text(STUDY.read_text(encoding="utf-8").replace("cohort ", "cohort    "), encoding="utf-8")
    copy.chmod(0o640)
    assert main.main(["fmt", "--check", str(copy)]) == 1
    assert "error[not-formatted]" in capsys.readouterr().err
    assert main.main(["fmt", str(copy)]) == 0
    assert copy.read_bytes() == STUDY.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["copy.study"]


@sample
def test_fmt_reads_standard_input_and_writes_standard_output() -> None:
    text = STUDY.read_text(encoding="utf-8")
    done = studyspec("fmt", "-", input=text.replace("cohort ", "cohort    "), cwd=ROOT)
    assert done.stdout == text


@sample
def test_check_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(STUDY.parent)
    text = STUDY.read_text(encoding="utf-8")
    for given, code in ((text, 0), (text.replace("cohort ", "cohrt "), 1)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        assert main.main(["check", "-"]) == code
    assert "--> <standard input>.study:" in capsys.readouterr().err


@sample
def test_convert_there_and_back_gives_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["convert", str(STUDY), "--to", "yaml", "-o", str(tmp_path / "a.yaml")]) == 0
    assert main.main(["convert", str(tmp_path / "a.yaml"), "--to", "study"]) == 0
    assert capsys.readouterr().out == STUDY.read_text(encoding="utf-8")


@sample
def test_an_output_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["convert", str(STUDY), "--to", "yaml", "-o", str(tmp_path / "no" / "a.yaml")]) == 2
    assert "error[output-unwritable]" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@sample
def test_compile_writes_the_sql_and_the_way_back(tmp_path: Path) -> None:
    target = tmp_path / "omnia.sql"
    assert main.main(["compile", str(STUDY), "--site", str(SITE), "-o", str(target)]) == 0
    way_back = json.loads((tmp_path / "omnia.map.json").read_text(encoding="utf-8"))
    lines = target.read_text(encoding="utf-8").splitlines()
    source = STUDY.read_text(encoding="utf-8").splitlines()
    assert {"employed", "pathway", "adult"} <= set(way_back["elements"])
    for ranges in way_back["elements"].values():
        assert all(1 <= first <= last <= len(lines) for first, last in ranges)
    for name, place in way_back["places"].items():
        assert name in source[place["line"] - 1]


@sample
def test_compile_of_an_unknown_dialect_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["compile", str(STUDY), "--dialect", "oracle"]) in {1, 2}
    assert "error[" in capsys.readouterr().err


@sample
def test_the_plan_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["compile", str(STUDY), "--plan"]) == 0
    assert json.loads(capsys.readouterr().out)
