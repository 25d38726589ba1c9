"""Studies as deep, as long and as wide as the language lets them be, and a few people to run them on."""

from __future__ import annotations

import datetime
from pathlib import Path

from studyspec import pipeline
from studyspec.language import parse
from studyspec.semantics import core
from studyspec.source import Refused, Source

FRAME = """study large version 1.0.0
language en
model fi_municipal 1
{definitions}
cohort clients of person
    index first jobseeking starting during [2022-01-01, 2022-12-31]
{criteria}
report attrition
"""
ROWS = "any service before index with ({})"
NUMBER = "define z = count of service before index\n"

#: What nests: a form around a value, the innermost value, and the condition that the whole becomes.
NESTED = {
    "not": ("not ({})", 'sex = "1"', "{}"),
    "parentheses": ("({})", 'sex = "1"', "{}"),
    "and, or": ('(education = "3" or ({} and education = "4"))', 'sex = "1"', "{}"),
    "is known": ("({}) is known", "education", "{}"),
    "at least": ('at least 2 of ({}, sex = "1", education = "3")', 'education = "4"', "{}"),
    "at least, not": ('at least 2 of (sex = "1", not ({}), education = "4")', 'education = "4"', "{}"),
    "a sum": ("{} + z", "z", "{} > 3"),
    "differences": ("(z - {})", "z", "{} > 3"),
    "products": ("({} * 1)", "z", "{} > 3"),
    "not, of rows": ("not ({})", ROWS.format('code = "S01"'), "{}"),
    "not, in rows": ("not ({})", 'code = "S01"', ROWS),
    "times": ("({} + 1 day)", "index", "birth_date < {}"),
}
#: Nested definitions that the conditions of rows can read: they are written out where they are used.
INLINED = ("not", "and, or", "is known", "at least", "at least, not")


def chain(length: int, first: str, link: str, last: str) -> str:
    """Definitions each made from the one before."""
    lines = [f"define c0 = {first}"]
    lines += ["define " + f"c{n} = " + link.format(before=f"c{n - 1}", n=n) for n in range(1, length)]
    return FRAME.format(definitions="\n".join(lines), criteria="    include a where " + last.format(f"c{length - 1}"))


CHAINS = {
    "conditions": ('sex = "1"', '{before} or education = "3"', "{}"),
    "numbers": ("count of service before index", "{before} + 1", "{} > 3"),
    "said twice": ('sex = "1"', "{before} or not {before}", "{}"),
}


def conditions(*each: str, definitions: str = "") -> str:
    criteria = "\n".join(f"    include a{n} where {condition}" for n, condition in enumerate(each))
    return FRAME.format(definitions=definitions, criteria=criteria)


def nested(kind: str, depth: int) -> str:
    form, value, whole = NESTED[kind]
    for _ in range(depth):
        value = form.format(value)
    return whole.format(value)


def deepest(kind: str) -> int:
    """How deep a kind may nest.  Held to the least that is promised by a test of its own."""
    depth = 0
    while is_legal(conditions(nested(kind, depth + 1), definitions=NUMBER)):
        depth += 1
    return depth


def is_legal(text: str) -> bool:
    try:
        parse(Source("large.study", text))
    except Refused:
        return False
    return True


def understood(text: str, folder: Path) -> pipeline.Understood:
    path = folder / "large.study"
    path.write_text(text, encoding="utf-8")
    return pipeline.understand(path)


def people(study: core.Study) -> dict[str, list[dict[str, object]]]:
    """Six people, three of whom had a service before they began to look for work."""
    day = datetime.date
    known: dict[str, list[dict[str, object]]] = {
        "person": [
            {
                "person_id": f"p{n}",
                "birth_date": day(1980 + n, 1, 1 + n),
                "sex": "12"[n % 2],
                "education": [None, "3", "4"][n % 3],
            }
            for n in range(6)
        ],
        "jobseeking": [{"person_id": f"p{n}", "start": day(2022, 2, 1 + n)} for n in range(6)],
        "service": [{"person_id": f"p{n}", "start": day(2021, 1, 1), "code": "S01"} for n in range(3)],
    }
    return {
        table.name: [{column: row.get(column) for column in table.columns} for row in known.get(table.name, [])]
        for table in study.model.tables.values()
    }
