"""What each command does.  Rooms are imported inside the commands that need them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studyspec import faults, pipeline
from studyspec.cli import files, show
from studyspec.source import MAX_SOURCE_BYTES, Diagnostic, Refused, Source, Unreadable, decode, read

if TYPE_CHECKING:
    from studyspec.catalogue.types import Site

Spelling = Literal["study", "yaml"]


def _site(arguments: Namespace) -> Site | None:
    if arguments.site is None:
        return None
    return pipeline.site(arguments.site, getattr(arguments, "data", None))


def _understood(arguments: Namespace) -> pipeline.Understood:
    """The study, its warnings and notes told on the way."""
    understood = pipeline.understand(arguments.study, _site(arguments))
    show.diagnostics(understood.diagnostics)
    return understood


# --- a first study of one's own --------------------------------------------------------------------------------------


def init(arguments: Namespace) -> int:
    folder = Path(arguments.folder)
    made = pipeline.draft(folder, [Path(path) for path in arguments.from_csv])
    width = max(len(str(path)) for path in made.documents)
    for path, guesses in made.documents.items():
        doubt = "" if not guesses else "1 guess to check" if guesses == 1 else f"{guesses} guesses to check"
        show.say(f"  {str(path).ljust(width)}  {doubt}".rstrip())
    for name in made.left_out:
        show.say(f"{name} was left out: its rows have no dates, and it does not list everyone.")
    for remark in made.remarks:
        show.say(remark)
    show.say("Guesses are marked `# check this`.  Look at them, take the marks away, and ask:")
    show.say(f"  studyspec check {folder / 'first.study'} --site {folder / 'site.yaml'}")
    return 0


# --- the study as text -----------------------------------------------------------------------------------------------


def check(arguments: Namespace) -> int:
    site = _site(arguments)
    code = 0
    found: list[Diagnostic] = []
    for path in arguments.study:
        try:
            source = _stdin(arguments.spelling) if path == "-" else None
            found += pipeline.understand(path, site, source).diagnostics
        except Refused as refused:
            found += refused.diagnostics
            code = max(code, refused.exit_code)
    if arguments.format != "text":
        from studyspec.cli import render

        show.out(render.as_json(found) if arguments.format == "json" else render.sarif(found))
        return code
    show.diagnostics(found)
    from studyspec.cli import render

    names = ", ".join(arguments.study)
    show.say(f"{names}: {render.summary(found) or 'no errors'}")
    return code


def fmt(arguments: Namespace) -> int:
    code = 0
    for path in arguments.study:
        try:
            code = max(code, _fmt(path, arguments))
        except Refused as refused:
            show.diagnostics(refused.diagnostics)
            code = max(code, refused.exit_code)
    return code


def _fmt(path: str, arguments: Namespace) -> int:
    source = _stdin(arguments.spelling) if path == "-" else read(path)
    spelling: Spelling = "yaml" if source.name.lower().endswith((".yaml", ".yml")) else "study"
    text = pipeline.rewrite(source, spelling)
    if arguments.check:
        if text == source.text:
            return 0
        show.diagnostics((faults.not_formatted(source, _first_difference(source.text, text)),))
        return 1
    if path == "-":
        show.out(text)
    elif text.encode() != Path(path).read_bytes():
        files.write(Path(path), text)
        show.say(f"{path}: laid out")
    return 0


def _stdin(spelling: Spelling) -> Source:
    raw = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
    if len(raw) > MAX_SOURCE_BYTES:
        raise Unreadable(faults.input_too_large(MAX_SOURCE_BYTES))
    return decode(f"<standard input>.{spelling}", raw)


def _first_difference(old: str, new: str) -> int:
    before, after = old.split("\n"), new.split("\n")
    pairs = zip(before, after, strict=False)
    return next((i for i, (a, b) in enumerate(pairs, 1) if a != b), min(len(before), len(after)))


def convert(arguments: Namespace) -> int:
    text = pipeline.rewrite(read(arguments.study), arguments.to)
    if arguments.output is None:
        show.out(text)
    else:
        files.write(Path(arguments.output), text)
    return 0


# --- the study as SQL ------------------------------------------------------------------------------------------------


def compile_(arguments: Namespace) -> int:
    understood = _understood(arguments)
    if arguments.explain is not None:
        from studyspec import review

        told = pipeline.explain(understood, arguments.explain)
        _into(arguments.output, review.as_json(told) if arguments.json else review.text(told))
        return 0
    if arguments.plan:
        import json

        from studyspec.plan.serial import to_data

        _into(arguments.output, json.dumps(to_data(pipeline.plan(understood)), indent=2, ensure_ascii=False) + "\n")
        return 0
    script = pipeline.script(understood, arguments.dialect)
    if arguments.output is None:
        show.out(script.text)
        return 0
    target = Path(arguments.output)
    files.write(target, script.text)
    files.write(target.with_suffix(".map.json"), pipeline.way_map(script, understood))
    return 0


def _into(output: str | None, text: str) -> None:
    """A result into its file, or onto standard output."""
    if output is None:
        show.out(text)
    else:
        files.write(Path(output), text)


# --- data ------------------------------------------------------------------------------------------------------------


def synth(arguments: Namespace) -> int:
    made = pipeline.synthesise(
        arguments.source, Path(arguments.out), arguments.entities, arguments.seed, arguments.format
    )
    rows = sum(made.tables.values())
    show.say(f"{arguments.out}: {rows:,} invented rows in {len(made.tables)} tables, about nobody")
    return 0


# --- results ---------------------------------------------------------------------------------------------------------


def run(arguments: Namespace) -> int:
    understood = _understood(arguments)
    progress = show.Progress()
    try:
        done = pipeline.run(understood, Path(arguments.out), progress)
    finally:
        progress.clear()
    if not done.published:
        show.say("The results are staged inside the site; nothing is published.  To publish them:")
        show.say(f"  studyspec release --staged {done.place} --site {arguments.site} --out {arguments.out}")
        return 0
    show.out("\n\n".join(str(table).rstrip() for table in done.tables))
    show.say(f"Published in {done.place}")
    return 0


def release(arguments: Namespace) -> int:
    site = pipeline.site(arguments.site)
    done = pipeline.publish(Path(arguments.staged), site, Path(arguments.out))
    show.say(f"Published in {done.out}, entry {done.sequence} of the ledger")
    return 0


def verify(arguments: Namespace) -> int:
    from studyspec.release import verify as check_again

    found = check_again(Path(arguments.release), _site(arguments))
    show.out(f"{found.study} {found.version}: {found.files} files are what was released, from {found.data} data")
    show.out(f"meaning {found.meaning}, entry {found.ledger} of the ledger")
    if found.in_ledger is None:
        show.say("The ledger was not asked: give --site to look the release up in it.")
    return 0


# --- help with messages ----------------------------------------------------------------------------------------------


def explain(arguments: Namespace) -> int:
    from studyspec.resources import folder

    pages = {page.stem: page for page in sorted(folder("errors").glob("*.md")) if page.stem != "README"}
    if arguments.code is None:
        show.out("\n".join(pages))
        return 0
    page = pages.get(arguments.code)
    if page is None:
        raise Unreadable(faults.unknown_code(arguments.code, pages))
    show.out(page.read_text(encoding="utf-8"))
    return 0


def version(arguments: Namespace) -> int:
    del arguments
    from studyspec import __version__

    show.out(f"studyspec {__version__}")
    return 0


Command = Callable[[Namespace], int]

COMMANDS: Mapping[str, Command] = {
    "init": init,
    "check": check,
    "fmt": fmt,
    "convert": convert,
    "compile": compile_,
    "synth": synth,
    "run": run,
    "release": release,
    "verify": verify,
    "explain": explain,
    "version": version,
}
