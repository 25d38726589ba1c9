"""Definitions that a study takes from another file, which must be word for word the one that was reviewed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from studyspec.catalogue import faults
from studyspec.catalogue.files import existing
from studyspec.language.tree import Document, Import
from studyspec.source import Diagnostic, Refused, read


def load_import(use: Import, root: Path, language: str) -> Document | tuple[Diagnostic, ...]:
    """The study that an import names, parsed; or what is wrong.  root: the folder it lies in or below.

    language: of the importing study, which must be the file's own, for labels to be in one language.
    """
    from studyspec.language import parse

    found = existing(root, use.path.value, "the study", "imported study", use.path.span)
    if isinstance(found, Diagnostic):
        return (found,)
    source = read(found)
    made = fingerprint(source.text)
    if made != use.hash.value.lower():
        return (faults.import_changed(use.path.value, made, use.hash.span),)
    try:
        document = parse(source)
    except Refused as refused:
        return refused.diagnostics
    if document.imports:
        return (faults.import_nested(use.path.value, use.path.span),)
    if document.language.code != language:
        return (faults.import_language(use.path.value, document.language.code, language, use.path.span),)
    return document


def fingerprint(text: str) -> str:
    """The SHA-256 of a text with `\\n` at the ends of lines, as 64 hexadecimal digits."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
