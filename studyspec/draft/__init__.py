"""First documents for CSV files of one's own: every guess is marked, and no row of theirs is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studyspec.catalogue.reader import is_name
from studyspec.draft import faults
from studyspec.draft.documents import MARK as MARK
from studyspec.draft.documents import Draft as Draft
from studyspec.draft.documents import documents as documents
from studyspec.draft.documents import marks as marks
from studyspec.draft.documents import remarks as remarks
from studyspec.draft.documents import sites as sites
from studyspec.draft.guess import guess
from studyspec.draft.profile import profile
from studyspec.source import Refused


def drafting(folder: Path, files: Sequence[Path]) -> Draft:
    """What is to be drafted into a new folder, whose name all documents get.

    Raises Refused: the folder is in use or its name is no name, or the files are not what a study can be made on.
    """
    name = folder.resolve().name
    if not is_name(name):
        raise Refused(faults.bad_folder_name(name))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(faults.in_use(str(folder)))
    return Draft(name, guess(profile(files)))
