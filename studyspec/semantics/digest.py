"""The hash of meaning: equal for studies that mean the same, however they are spelled, laid out, labelled or commented.

Taken over the resolved core: parameters and definitions substituted, defaults explicit, code sets expanded, the facts
of the used columns, and the version of the semantics.  Names that results carry (criteria, levels, outcomes, variables)
take part; names of definitions and of spells do not.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

from studyspec.semantics import core
from studyspec.semantics.walk import spell_rows, walk

#: What readers and checks are told, and the meaning does not hang on.
_READERS = frozenset({"labels", "legal", "gap", "span", "facts", "claimed"})
#: What the language learnt later: left out where a study does not use it, so that hashes of what means the same stay.
_ADDED = frozenset({"near", "within", "censored"})


def digest(study: core.Study) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    values = _meanings(study)
    parts = (
        ("semantics", core.SEMANTICS_VERSION),
        ("columns", tuple(_column(study, c) for c in study.columns)),
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


def _meanings(study: core.Study) -> dict[str, str]:
    """The hash of each definition, and of named spells under `table NAME`, each after what it is made of.

    Spells read definitions that ask no rows; definitions read spells.
    """
    values: dict[str, str] = {}
    definitions = {d.name: d.value for d in study.definitions}
    for spells in study.spells:
        for name in _read(spells, definitions):
            values[name] = _hash(_flat(definitions[name], values))
        values[f"table {spells.name}"] = _hash(_flat(spells.value, values))
    for name, value in definitions.items():
        if name not in values:
            values[name] = _hash(_flat(value, values))
    return values


def _read(spells: core.SpellSet, definitions: Mapping[str, core.Expr]) -> list[str]:
    """The definitions that spells are made of, in their order."""
    conditions = (rows.condition for rows in spell_rows(spells.value) if rows.condition is not None)
    refs = {n.name for c in conditions for n in walk(c, definitions) if isinstance(n, core.Ref)}
    return [name for name in definitions if name in refs]


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
            kept_fields = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in _READERS}
            kept_fields = {name: part for name, part in kept_fields.items() if part or name not in _ADDED}
            if f"table {kept_fields.get('table')}" in values:
                kept_fields["table"] = values[f"table {kept_fields['table']}"]
            inner = " ".join(f"{name}={_flat(part, values)}" for name, part in kept_fields.items())
            return f"({type(value).__name__} {inner})"
    raise TypeError(f"no meaning for {type(value).__name__}")
