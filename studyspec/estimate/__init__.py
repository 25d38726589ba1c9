"""Estimate: published numbers laid out as tables for people and machines."""

from studyspec.estimate.layout import tables
from studyspec.estimate.types import HIDDEN, Table, TableColumn
from studyspec.estimate.words import Counted

__all__ = ["HIDDEN", "Counted", "Table", "TableColumn", "tables"]
