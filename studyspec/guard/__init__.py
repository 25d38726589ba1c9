"""The guard: true counts of one release in, published numbers and marks out, or a refusal that says nothing of data."""

from studyspec.guard.declared import Declared, declared
from studyspec.guard.door import protect

__all__ = ["Declared", "declared", "protect"]
