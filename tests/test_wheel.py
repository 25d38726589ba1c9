"""studyspec works from a wheel and from an editable install, with nothing of the checkout on the path."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "examples" / "omnia" / "omnia_employment.study"
SITE = ROOT / "examples" / "omnia" / "site.yaml"

pytestmark = pytest.mark.skipif(not STUDY.exists(), reason="the sample study is not there")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_"))}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return subprocess.run(
        [str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def fresh(folder: Path) -> Path:
    """A virtual environment whose only packages are the dependencies of this one, by a path file."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    # Path files of the added folder are not read in turn, so an editable studyspec of this environment stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin" / "python"


def pip(python: Path, *arguments: str | Path, cwd: Path) -> None:
    offline = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    done = run(sys.executable, "-m", "pip", "--python", python, "install", *offline, *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


def works(python: Path, cwd: Path) -> None:
    command = python.parent / "studyspec"
    checked = run(command, "check", STUDY, "--site", SITE, cwd=cwd)
    assert checked.returncode == 0, checked.stderr
    explained = run(command, "explain", "look-ahead", cwd=cwd)
    assert explained.stdout.startswith("# look-ahead\n"), explained.stderr
    assert run(command, "compile", STUDY, "--site", SITE, cwd=cwd).stdout.startswith("--")


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    python = fresh(tmp_path / "venv")
    pip(python, wheel, cwd=tmp_path)
    where = run(python, "-c", "import studyspec; print(studyspec.__file__)", cwd=tmp_path).stdout
    assert str(tmp_path) in where
    works(python, tmp_path)


def test_the_editable_install_works(tmp_path: Path) -> None:
    python = fresh(tmp_path / "venv")
    pip(python, "--editable", ROOT, cwd=tmp_path)
    where = run(python, "-c", "import studyspec; print(studyspec.__file__)", cwd=tmp_path).stdout
    assert str(ROOT) in where
    works(python, tmp_path)


def test_the_wheel_carries_the_grammar_the_library_and_the_pages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("grammar", "specs", "errors"):
        assert [n for n in names if n.startswith(f"studyspec/_data/{folder}/")], folder
    assert not [n for n in names if "tests/" in n or "__pycache__" in n]
    assert "studyspec/py.typed" in names
