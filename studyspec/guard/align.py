"""One name for one thing: dimensions that tell the same of people are named alike in every cube of a release.

A plan may have to rename a column (an exposure called `start` cannot be one beside the dimension `start`).  Which cells
are the same must not hang on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from studyspec.plan.cubes import CubeSpec, Dimension, RawCube


def aligned(cubes: Sequence[RawCube]) -> tuple[RawCube, ...]:
    """The cubes in the same order, exposures named as where they first stand and variables as their subjects."""
    exposures: list[tuple[Dimension, str]] = []
    found = []
    for cube in cubes:
        renamed: dict[str, str] = {}
        exposure = next((d for d in cube.spec.dimensions if d.name == cube.spec.by), None)
        if exposure is not None:
            known = next((name for d, name in exposures if d.categories == exposure.categories), None)
            if known is None:
                known = exposure.name
                while any(name == known for _, name in exposures):
                    known += "'"
                exposures.append((exposure, known))
            renamed[exposure.name] = known
        if cube.spec.kind == "baseline":
            own = next(d for d in cube.spec.dimensions if d.name != cube.spec.by)
            taken = cube.spec.subject in renamed.values()
            renamed[own.name] = f"{cube.spec.subject} as variable" if taken else cube.spec.subject
        found.append(replace(cube, spec=_renamed(cube.spec, renamed)))
    return tuple(found)


def _renamed(spec: CubeSpec, names: dict[str, str]) -> CubeSpec:
    return replace(
        spec,
        by=names.get(spec.by, spec.by) if spec.by is not None else None,
        dimensions=tuple(replace(d, name=names.get(d.name, d.name)) for d in spec.dimensions),
        sets=tuple(tuple(names.get(n, n) for n in kept) for kept in spec.sets),
    )
