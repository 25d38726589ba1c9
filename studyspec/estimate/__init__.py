"""Estimate: published numbers laid out as tables for people and machines."""

from studyspec.estimate.layout import tables
from studyspec.estimate.types import HIDDEN, Table, TableColumn

__all__ = ["HIDDEN", "Table", "TableColumn", "tables"]
