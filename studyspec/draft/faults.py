"""What can be wrong with files that documents are to be drafted from.  No message holds a value of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from studyspec.draft.spellings import Spelling
from studyspec.source import Diagnostic

_AS_CSV = "Save it as CSV UTF-8, with commas between fields"
_TURN = f"{_AS_CSV}; docs/newcomer.md has a script that turns such files."


def not_csv_named(file: str) -> Diagnostic:
    return Diagnostic("draft-not-csv", f"{file} does not end in .csv.", remedy=f"{_AS_CSV}, under a name in .csv.")


def not_utf8(file: str, mark: str | None) -> Diagnostic:
    """mark: what its fields are separated by, where those are no commas"""
    also = f", and has {_SEPARATORS[mark]} between fields" if mark else ""
    return Diagnostic("draft-not-csv", f"{file} is not UTF-8{also}.", remedy=_TURN)


def separated(file: str, mark: str) -> Diagnostic:
    return Diagnostic("draft-not-csv", f"{file} has {_SEPARATORS[mark]} between fields.", remedy=_TURN)


_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def no_header(file: str) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv", f"The first line of {file} is empty.", remedy="Name the columns there: `person_id,birth_date`."
    )


def nameless(file: str, number: int) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv",
        f"Column {number} of {file} has no name.",
        remedy="Name it in the first line, or take the column out of the file.",
    )


def unprintable(file: str, number: int) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv",
        f"The name of column {number} of {file} holds a line end or an invisible character.",
        remedy="Write the name anew in the first line.",
    )


def named_twice(file: str, name: str) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv", f"Two columns of {file} are called `{name}`.", remedy="Give each a name of its own."
    )


def ragged(file: str, line: int, found: int, header: int) -> Diagnostic:
    fields = "1 field" if found == 1 else f"{found} fields"
    many = 'Put a text that holds a comma between quotes: `"Smith, Jane"`.'
    few = "Write a comma for every missing value too; take an empty line out."
    return Diagnostic(
        "draft-not-csv",
        f"Line {line} of {file} has {fields}, and its first line {header}.",
        remedy=many if found > header else few,
    )


def quotes(file: str, line: int) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv",
        f"A quotation mark does not fit in what begins in line {line} of {file}.",
        remedy='Close every text that begins with one, and write it twice inside: `"the ""big"" one"`.',
    )


def closed(file: str, reason: str) -> Diagnostic:
    return Diagnostic("draft-not-csv", f"{file} cannot be read: {reason}.", remedy="Check that you may read it.")


def no_file(file: str) -> Diagnostic:
    return Diagnostic(
        "draft-no-file",
        f"There is no file {file}.",
        remedy="Name the files as they lie, seen from the folder you are in.",
    )


def not_a_file(folder: str) -> Diagnostic:
    return Diagnostic(
        "draft-no-file",
        f"{folder} is a folder.",
        remedy=f"Name the files in it: `--from-csv {folder.rstrip('/')}/*.csv`.",
    )


def two_folders(first: str, second: str) -> Diagnostic:
    return Diagnostic(
        "draft-two-folders",
        f"{first} and {second} do not lie in the same folder, or have the same name.",
        remedy="Put the files of one site into one folder.",
    )


def no_key(files: Sequence[str], alike: Sequence[str]) -> Diagnostic:
    """alike: names that may be of the same column, one of each file"""
    near = " and ".join(f"`{name}` in {file}" for name, file in zip(alike, files, strict=False))
    return Diagnostic(
        "draft-no-key",
        f"No column has the same name in all of {', '.join(files)}.",
        remedy=f"If {near} say whom a row is about, give them one name, to the letter."
        if near
        else "Give the column that says whom a row is about one name in all files, such as `person_id`.",
    )


def no_list(key: str, files: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "draft-no-list",
        f"No file has one row for each `{key}`: in {', '.join(files)} some have several, or none.",
        remedy=f"Add a file that lists every `{key}` once, with what is known of each of them.",
    )


def no_dates(files: Iterable[str], near: tuple[str, str, Spelling] | None) -> Diagnostic:
    """near: a file, a column of it, and how its days are written"""
    return Diagnostic(
        "draft-no-dates",
        f"None of {', '.join(files)} has rows with dates besides the file that lists everyone.",
        remedy=f"In {near[0]}, `{near[1]}` looks like dates written {near[2].example}: write {near[2].instead}; "
        "docs/newcomer.md has a script that turns such files."
        if near
        else "A study begins at an event: add a file with rows that have a date, or a start and an end (YYYY-MM-DD).",
    )


def in_use(folder: str) -> Diagnostic:
    return Diagnostic(
        "draft-folder-in-use",
        f"{folder} is not an empty folder, and nothing in it is overwritten.",
        remedy="Name a folder that does not exist yet.",
    )


def bad_folder_name(folder: str) -> Diagnostic:
    return Diagnostic(
        "draft-name",
        f"The site and its documents are called after their folder, and `{folder}` is no name.",
        remedy="Name the folder with letters, digits and underscores, a letter first: `our_courses`.",
    )


# --- what is told, and drafted all the same -------------------------------------------------------------------------


def stray(column: str, kind: str) -> str:
    return f"`{column}` looks like {_KINDS[kind]}, but some values are none: mend them before a run"


_KINDS = {"date": "dates", "integer": "whole numbers", "decimal": "numbers"}


def spelt(column: str, spelling: Spelling) -> str:
    what, example, instead = spelling.what, spelling.example, spelling.instead
    return f"`{column}` looks like {what} written {example}, which are not read: write {instead}"
