"""The one bare select of a script: which cells are too small to publish, and coarse bands for the others."""

from __future__ import annotations

from collections.abc import Sequence

from studyspec.plan.cubes import CubeSpec
from studyspec.plan.nodes import Glance
from studyspec.sql.scalars import TAB, Speller

#: Bands above the smallest count that may be published.
_EDGES = (100, 1000)


def preview(glances: Sequence[Glance], cubes: Sequence[CubeSpec], spell: Speller) -> list[str]:
    """The lines of the preview: per cube and cell a status and a band, totals before what they add up."""
    lines = ["select", f"{TAB}cells.cube,", f"{TAB}cells.cell,"]
    lines += [
        f"{TAB}case",
        f"{TAB}{TAB}when cells.entities < cells.smallest then 'small'",
        f"{TAB}{TAB}else 'published after guarding'",
        f"{TAB}end as status,",
        f"{TAB}case",
        f"{TAB}{TAB}when cells.entities < cells.smallest then {_text(spell, '<', '')}",
        f"{TAB}{TAB}when cells.entities < {_EDGES[0]} then {_text(spell, '', f'-{_EDGES[0] - 1}')}",
        f"{TAB}{TAB}when cells.entities < {_EDGES[1]} then '{_EDGES[0]}-{_EDGES[1] - 1}'",
        f"{TAB}{TAB}else '{_EDGES[1]}+'",
        f"{TAB}end as entities,",
        f"{TAB}'NOT RELEASABLE' as note",
        "from (",
    ]
    for at, (glance, spec) in enumerate(zip(glances, cubes, strict=True)):
        lines += [f"{TAB}union all"] if at else []
        lines += [TAB + line for line in _cells(at + 1, glance, spec, spell)]
    return [*lines, ") as cells", "order by cells.place, cells.margin_of desc, cells.cell nulls last"]


def _text(spell: Speller, before: str, after: str) -> str:
    number = f"cast(cells.smallest as {spell.dialect.cast('text')})"
    parts = [f"'{before}'" if before else "", number, f"'{after}'" if after else ""]
    return " || ".join(part for part in parts if part)


def _cells(place: int, glance: Glance, spec: CubeSpec, spell: Speller) -> list[str]:
    """One cube's cells, days added up."""
    cube = spell.name(glance.cube)
    columns = [f"{cube}.{spell.name(name)}" for name in glance.columns]
    parts = [f"coalesce({column}, 'all')" for column in columns] or ["'all'"]
    lines = [
        "select",
        f"{TAB}{place} as place,",
        f"{TAB}{spell.string(glance.cube)} as cube,",
        *(f"{TAB}{part} || ', ' ||" for part in parts[:-1]),
        f"{TAB}{parts[-1]} as cell,",
    ]
    if all(one.kind == "category" for one in spec.dimensions):
        return [
            *lines,
            f"{TAB}{cube}.margin_of,",
            f"{TAB}{cube}.entities,",
            f"{TAB}{glance.smallest} as smallest",
            f"from {cube}",
        ]
    return [
        *lines,
        f"{TAB}{cube}.margin_of,",
        f"{TAB}sum({cube}.entities) as entities,",
        f"{TAB}{glance.smallest} as smallest",
        f"from {cube}",
        f"group by {', '.join([*columns, f'{cube}.margin_of'])}",
    ]
