"""Semantics: from a document to a resolved study, with four facts on every expression, or a refusal that explains."""

from studyspec.semantics.digest import digest
from studyspec.semantics.resolve import resolve

__all__ = ["digest", "resolve"]
