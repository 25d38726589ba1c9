"""The command line.  Nothing beyond argparse is imported until a command runs.

Exit codes: 0 fine; 1 refused (syntax, meaning, permit or guard); 2 usage or unreadable file; 3 engine failure or a
fault of our own; 130 interrupted; 141 when whoever read our output went away.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

Arguments = argparse.Namespace
Add = Callable[[argparse.ArgumentParser], None]

INTERRUPTED = 130
BROKEN_PIPE = 141


class _Misused(Exception):
    """A command line that argparse refuses; told as a diagnostic."""

    def __init__(self, message: str, command: str, word: str | None = None) -> None:
        super().__init__(message)
        self.message, self.command, self.word = message, command, word


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Misused(message, self.prog)


# --- the commands and what they take ---------------------------------------------------------------------------------


def _study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="a study, in the DSL (.study) or in YAML (.yaml)")


def _site(parser: argparse.ArgumentParser, required: bool = False) -> None:
    parser.add_argument("--site", metavar="SITE", required=required, help="the site's YAML document")


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a new folder for the documents")
    parser.add_argument("--from-csv", metavar="FILE", nargs="+", required=True, help="your data, one file per table")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "study",
        metavar="STUDY",
        nargs="+",
        help="studies, in the DSL (.study) or in YAML (.yaml); `-` for standard input",
    )
    parser.add_argument("--spelling", choices=("study", "yaml"), default="study", help="of standard input")
    _site(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="how to tell what was found"
    )


def _fmt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", nargs="+", help="studies to lay out in place; `-` for standard input")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something would change")
    parser.add_argument("--spelling", choices=("study", "yaml"), default="study", help="of standard input")


def _convert(parser: argparse.ArgumentParser) -> None:
    _study(parser)
    parser.add_argument("--to", choices=("study", "yaml"), required=True, help="the other spelling")
    parser.add_argument("-o", "--output", metavar="FILE", help="where to; standard output if not given")


def _compile(parser: argparse.ArgumentParser) -> None:
    _study(parser)
    _site(parser)
    parser.add_argument(
        "--dialect", help="of the SQL: duckdb or postgresql (default: as the site's data are, or duckdb)"
    )
    parser.add_argument("-o", "--output", metavar="FILE.sql", help="where to, with FILE.map.json beside it")
    parser.add_argument("--plan", action="store_true", help="print the plan as JSON instead of SQL")
    parser.add_argument(
        "--explain", metavar="NAME", nargs="*", help="tell what was understood by these names (default: all) instead"
    )
    parser.add_argument("--json", action="store_true", help="with --explain, as JSON")


def _synth(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SITE_OR_MODEL", help="a site or a model, as a YAML document")
    parser.add_argument("--out", metavar="DIR", required=True, help="where to write the data")
    parser.add_argument("--entities", metavar="N", type=int, help="how many (default: as the site says, or 1000)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="same seed, same data (default: 1)")
    parser.add_argument("--format", choices=("parquet", "csv", "duckdb"), help="default: as the site reads, or parquet")


def _run(parser: argparse.ArgumentParser) -> None:
    _study(parser)
    _site(parser, required=True)
    parser.add_argument("--out", metavar="DIR", required=True, help="where the results go")
    parser.add_argument("--data", metavar="DIR", help="data to use instead (synthetic and public sites only)")


def _release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--staged", metavar="DIR", required=True, help="what `run` staged")
    parser.add_argument("--out", metavar="DIR", required=True, help="where the public files go")
    _site(parser, required=True)


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar="DIR", help="a release")
    _site(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="the code in brackets before a message")


def _nothing(parser: argparse.ArgumentParser) -> None:
    del parser


COMMANDS: tuple[tuple[str, str, Add], ...] = (
    ("init", "Draft the documents of a first study on your own CSV files.", _init),
    ("check", "Say what is wrong with a study, all of it at once.", _check),
    ("fmt", "Lay a study out in the standard way, changing no meaning.", _fmt),
    ("convert", "Write a study in its other spelling, DSL or YAML.", _convert),
    ("compile", "Turn a study into SQL that a stranger can audit.", _compile),
    ("synth", "Make invented data for a model or a synthetic site.", _synth),
    ("run", "Run a study where the data are; synthetic and public sites publish at once.", _run),
    ("release", "Publish what `run` staged at a site with register data.", _release),
    ("verify", "Check a release again, offline.", _verify),
    ("explain", "Explain a message by its code.", _explain),
    ("version", "Print the version.", _nothing),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="studyspec",
        description="Register studies as specifications: checked, compiled to auditable SQL, guarded on the way out.",
        epilog="Exit codes: 0 fine, 1 refused, 2 usage or unreadable file, 3 engine failure, 130 interrupted.",
        allow_abbrev=False,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, line, add in COMMANDS:
        add(commands.add_parser(name, help=line, description=line, allow_abbrev=False))
    return top


# --- running one -----------------------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit code.  No exception leaves."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # A command makes many small values and ends; looking for cycles among them costs a tenth of a check.
    gc.set_threshold(200_000, 50, 50)
    try:
        code = _dispatch(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
        return code
    except BaseException as error:
        try:
            return _failed(error)
        except BrokenPipeError:
            return _reader_left()


def _dispatch(argv: list[str]) -> int:
    if argv and not argv[0].startswith("-") and argv[0] not in {name for name, _, _ in COMMANDS}:
        raise _Misused("", "studyspec", argv[0])
    top = parser()
    try:
        arguments = top.parse_args(argv)
    except SystemExit as asked:  # `--help` was printed
        return int(asked.code or 0)
    if arguments.command is None:
        top.print_help()
        return 2
    from studyspec.cli import commands

    return commands.COMMANDS[arguments.command](arguments)


def _failed(error: BaseException) -> int:
    """Tell what went wrong, in a rendered diagnostic and nothing else."""
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    if isinstance(error, KeyboardInterrupt):
        print("\nInterrupted; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    from studyspec import faults
    from studyspec.cli import show
    from studyspec.source import Refused

    if isinstance(error, _Misused):
        if error.word is not None:
            found = faults.unknown_command(error.word, [name for name, _, _ in COMMANDS])
        else:
            found = faults.usage(error.message[:1].upper() + error.message[1:] + ".", f"See `{error.command} --help`.")
        show.diagnostics((found,))
        return 2
    if isinstance(error, Refused):
        show.diagnostics(error.diagnostics)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _no_room():
        _discard_output()
        show.diagnostics((faults.unwritable("the output", error.strerror or "the system refused"),))
        return 2
    show.diagnostics((faults.internal_error(type(error).__name__, _place(error)),))
    return 3


def _place(error: BaseException) -> str:
    """Module and line where an exception of our own making was raised; nothing that could quote data."""
    place, trace = "unknown place", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        if str(module).startswith("studyspec"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _no_room() -> tuple[int, ...]:
    """The system's reasons for not taking what a program writes."""
    import errno

    return errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO


def _reader_left() -> int:
    _discard_output()
    return BROKEN_PIPE


def _discard_output() -> None:
    """Standard output takes nothing any more: give the interpreter something to flush at exit that does not fail."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
