"""Figures: pictures of published tables, as SVG, drawn from nothing else."""

from studyspec.figures.draw import draw

__all__ = ["draw"]
