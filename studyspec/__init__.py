"""studyspec: register studies as specifications, compiled to SQL a stranger can audit, released through one door."""

__version__ = "0.1.0"
