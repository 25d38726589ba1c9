"""The hash of meaning: equal for studies that mean the same, however they are spelled, laid out, labelled or commented.

Taken over the resolved core: parameters and definitions substituted, defaults explicit, code sets expanded, the facts
of the used columns, and the version of the semantics.  Names that results carry (criteria, levels, outcomes, variables)
take part; names of definitions do not.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from studyspec.semantics import core

_READERS = frozenset({"labels", "legal", "gap", "span", "facts"})


def digest(study: core.Study) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    values: dict[str, str] = {}
    for definition in study.definitions:
        values[definition.name] = _hash(_flat(definition.value, values))
    parts = (
        ("semantics", core.SEMANTICS_VERSION),
        ("columns", tuple(_column(study, c) for c in study.columns)),
        ("spells", study.spells),
        ("cohorts", study.cohorts),
        ("roles", study.roles),
        ("exposures", study.exposures),
        ("strata", study.strata),
        ("follow-up", study.follow_up),
        ("outcomes", study.outcomes),
        ("states", study.states),
        ("reports", study.reports),
    )
    return "sha256:" + _hash("\n".join(f"{name} {_flat(part, values)}" for name, part in parts))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _column(study: core.Study, ref: core.ColumnRef) -> tuple[object, ...]:
    """What a column means, apart from its labels."""
    table = study.model.tables[ref.table]
    column = table.columns[ref.column]
    register = study.model.registers[column.register]
    role = [name for name in ("key", "date", "start", "end") if getattr(table, name) == ref.column]
    return (
        str(ref),
        table.shape,
        table.entity,
        tuple(role),
        str(column.type),
        column.nullable,
        column.as_of,
        column.sensitivity,
        (table.coverage.start, table.coverage.end),
        (register.public, register.rule.minimum_entities, register.rule.minimum_clusters),
    )


def _flat(value: object, values: Mapping[str, str]) -> str:
    """A text that only equal meanings share."""
    match value:
        case core.Ref():
            return f"#{values[value.name]}"
        case core.Time() if value.base in ("data.start", "data.end"):
            return f"(Time {value.base} {_flat(value.steps, values)})"
        case core.InSet():
            return f"(InSet {_flat(value.operand, values)} {_flat(value.values, values)} {value.negated})"
        case core.Outcome():
            kept = (value.name, value.event, value.role, value.competing, value.time_zero)
            return f"(Outcome {_flat((*kept, value.recorded, value.recurring), values)})"
        case core.Category():
            return _flat(value.key, values)
        case bool() | None:
            return str(value)
        case str():
            return f"{len(value)}:{value}"
        case int() | Decimal() | datetime.date():
            return f"{type(value).__name__}:{value}"
        case tuple() | list():
            return f"[{' '.join(_flat(v, values) for v in value)}]"
        case _ if is_dataclass(value):
            kept_fields = [f.name for f in fields(value) if f.name not in _READERS]
            inner = " ".join(f"{name}={_flat(getattr(value, name), values)}" for name in kept_fields)
            return f"({type(value).__name__} {inner})"
    raise TypeError(f"no meaning for {type(value).__name__}")
