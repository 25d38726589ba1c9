"""What can be wrong with files that documents are to be drafted from.  No message holds a value of theirs."""

from __future__ import annotations

from collections.abc import Iterable

from studyspec.source import Diagnostic


def not_csv(file: str) -> Diagnostic:
    return Diagnostic(
        "draft-not-csv",
        f"{file} cannot be read as a CSV file with a header.",
        remedy="A CSV file ends in .csv, is UTF-8, has commas between fields, and names its columns in its first line, "
        "each by a name of its own.",
    )


def no_file(file: str) -> Diagnostic:
    return Diagnostic(
        "draft-no-file",
        f"There is no file {file}.",
        remedy="Name the files as they lie, seen from the folder you are in.",
    )


def two_folders(first: str, second: str) -> Diagnostic:
    return Diagnostic(
        "draft-two-folders",
        f"{first} and {second} do not lie in the same folder, or have the same name.",
        remedy="Put the files of one site into one folder.",
    )


def no_key(files: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "draft-no-key",
        f"No column has the same name in all of {', '.join(files)}.",
        remedy="The column that says whom a row is about (`person_id`) needs one name in all files.",
    )


def no_list(key: str, files: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "draft-no-list",
        f"No file has one row for each `{key}`: in {', '.join(files)} some have several, or none.",
        remedy=f"Add a file that lists every `{key}` once, with what is known of each of them.",
    )


def no_dates(files: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "draft-no-dates",
        f"None of {', '.join(files)} has rows with dates besides the file that lists everyone.",
        remedy="A study begins at an event: add a file with rows that have a date, or a start and an end (YYYY-MM-DD).",
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
