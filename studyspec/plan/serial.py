"""A plan as JSON-able values, and back: the same plan."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, cast

from studyspec.catalogue.types import ValueType
from studyspec.plan import cubes, nodes
from studyspec.semantics import core

_KINDS: dict[str, type] = {
    one.__name__: one
    for one in (
        nodes.Column,
        nodes.Constant,
        nodes.Call,
        nodes.Shift,
        nodes.Case,
        nodes.InList,
        nodes.InStep,
        nodes.Aggregate,
        nodes.Running,
        nodes.Output,
        nodes.Join,
        nodes.Step,
        nodes.SourceField,
        nodes.Source,
        nodes.CohortStep,
        nodes.Glance,
        nodes.Plan,
        cubes.CubeSpec,
        cubes.Dimension,
        cubes.Category,
        core.ColumnRef,
        cubes.RiskTime,
        ValueType,
    )
}


def to_data(plan: nodes.Plan) -> dict[str, Any]:
    """The plan as dicts, lists and plain values, for `json.dumps`."""
    return cast(dict[str, Any], _to(plan))


def from_data(data: dict[str, Any]) -> nodes.Plan:
    """The plan that `to_data` was given.  Raises ValueError for anything else."""
    found = _from(data)
    if not isinstance(found, nodes.Plan):
        raise ValueError("these data are not a plan")
    return found


def _to(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {f.name: _to(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_to(one) for one in value]
    if isinstance(value, Mapping):
        return {"is": "map", "of": {key: _to(one) for key, one in value.items()}}
    if isinstance(value, Decimal):
        return {"is": "decimal", "of": str(value)}
    if isinstance(value, datetime.date):
        return {"is": "date", "of": value.isoformat()}
    if value is None or isinstance(value, str | int | bool):
        return value
    raise ValueError(f"a plan cannot hold a {type(value).__name__}")


def _from(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_from(one) for one in data)
    if not isinstance(data, dict):
        return data
    kind = data.get("is")
    if kind == "map":
        return {key: _from(one) for key, one in data["of"].items()}
    if kind == "decimal":
        return Decimal(data["of"])
    if kind == "date":
        return datetime.date.fromisoformat(data["of"])
    if kind not in _KINDS:
        raise ValueError("these data are not a plan")
    return _KINDS[kind](**{name: _from(one) for name, one in data.items() if name != "is"})
