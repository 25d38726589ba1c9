"""Generated studies leave nothing of the language out: every kind of node, and every option of each."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Iterator
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from studyspec.semantics import core, indexes, terms
from tests.arbiter.generated import FEATURES, parts, studies

#: What is always there, or never has a part in what is counted.
APART = {core.Study, core.Element, core.Parameter, core.Allowed, core.Typed}
Mark = tuple[type, str, object]


def kinds() -> Iterator[type]:
    """Every class that a resolved study is made of."""
    for module in (terms, indexes, core):
        for one in vars(module).values():
            made_here = isinstance(one, type) and one.__module__ == module.__name__
            if made_here and dataclasses.is_dataclass(one) and one not in APART:
                yield one


hints = functools.cache(typing.get_type_hints)


def options(hint: Any) -> Iterator[object]:
    """The values that an annotation lists, of booleans both; of one that may be left out, being so as well."""
    if typing.get_origin(hint) is Literal:
        yield from typing.get_args(hint)
    elif hint is bool:
        yield from (False, True)
    elif isinstance(hint, types.UnionType):
        for one in typing.get_args(hint):
            yield from [None, "some"] if one is type(None) else options(one)


def wanted() -> set[Mark]:
    found: set[Mark] = {(kind, "", "") for kind in kinds()}
    for kind in kinds():
        for name, hint in hints(kind).items():
            if name not in ("span", "facts"):
                found |= {(kind, name, option) for option in options(hint)}
    return found


def marks(study: core.Study) -> Iterator[Mark]:
    for part in parts(study):
        kind = type(part)
        yield kind, "", ""
        for name in hints(kind):
            value = getattr(part, name)
            if isinstance(value, str | bool):
                yield kind, name, value
            yield kind, name, None if value is None else "some"


def test_every_kind_of_node_and_every_option_of_it_is_generated() -> None:
    """In batches, so that one that is never made is told within a minute."""
    left = wanted()

    @given(st.sets(st.sampled_from(sorted(FEATURES)), max_size=6).flatmap(lambda use: studies(frozenset(use))))
    @settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
              database=None)  # fmt: skip
    def gather(study: core.Study) -> None:
        left.difference_update(marks(study))

    for batch in range(24):
        if left:
            seed(batch)(gather)()
    assert sorted(f"{kind.__name__}.{name} = {option}" for kind, name, option in left) == []
