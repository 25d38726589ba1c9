"""Pages whose examples are run from top to bottom, as they are printed.

Three kinds of fenced blocks count; a page's other blocks are only shown:

    ```console            lines after `$ ` are run by a shell, one after the other; the rest is what they print
    ```csv people.csv     a file of this name is written (any language word will do)
    ```diff site.yaml     in this file, the lines after `-` stand once, and are replaced by those after `+`

`python -m tests.consoles PAGE...` runs pages and writes what was printed into them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What differs from run to run, or with every version of the semantics, and how pages show it: names of what is staged
#: are drawn at random, the hash of meaning takes in the version.
VARYING = (
    (re.compile(r"(\.staged)/[0-9a-f]{16}\b"), r"\1/0123456789abcdef"),
    (re.compile(r"(meaning sha256):[0-9a-f]{64}\b"), r"\1:…"),
)
ROOT = Path(__file__).parent.parent


def replay(page: str, folder: Path) -> str:
    """The page with what its commands print now; `examples` of the repository lie in the folder they run in."""
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".bin").mkdir()
    shim = folder / ".bin" / "studyspec"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m studyspec "$@"\n')
    shim.chmod(0o755)

    def played(block: re.Match[str]) -> str:
        kind, name, text = block.groups()
        if kind == "console":
            return f"```console\n{_console(text, folder)}```"
        if kind == "diff" and name:
            _edit(folder / name, text)
        elif name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return block.group()

    return BLOCK.sub(played, page)


def _console(text: str, folder: Path) -> str:
    shown = []
    for command in re.findall(r"^\$ (.*(?:\n> .*)*)", text, re.MULTILINE):
        shown.append(f"$ {command}\n{_run(command.replace(chr(10) + '> ', chr(10)), folder)}")
    return "".join(shown)


def _run(command: str, folder: Path) -> str:
    environment = {**os.environ, "PATH": f"{folder / '.bin'}:{os.environ['PATH']}", "NO_COLOR": "1"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout.replace(str(folder), "/home/you")
    for varying, shown in VARYING:
        printed = varying.sub(shown, printed)
    return printed


def _edit(path: Path, text: str) -> None:
    old = "".join(line[1:] for line in text.splitlines(keepends=True) if not line.startswith("+"))
    new = "".join(line[1:] for line in text.splitlines(keepends=True) if not line.startswith("-"))
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, f"in {path.name}, this stands {before.count(old)} times:\n{old}"
    path.write_text(before.replace(old, new), encoding="utf-8")


def main(pages: list[str]) -> None:
    for page in pages:
        with tempfile.TemporaryDirectory() as folder:
            Path(page).write_text(replay(Path(page).read_text("utf-8"), Path(folder)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
