"""The parser's tables: made by Lark from grammar/study.lark, kept beside it as JSON, so that a cold start need not
import Lark and no cache has to be written on anyone's disk.  Tables that do not belong to the grammar are rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from studyspec.resources import folder

#: Statement heads, clauses, and the slots of the YAML spelling.
STARTS = (
    *("study", "language", "title", "purpose", "model", "permit", "policy", "codelist", "import", "parameter"),
    *("define", "spells", "cohort", "exposure", "follow_up", "outcome", "state", "report"),
    *("label", "legal", "gap", "allow", "index", "include", "exclude", "level", "switch_day", "entry", "event"),
    *("while", "censored", "dated", "competing", "time_zero"),
    *("type", "model_ref", "duration", "expr", "sum", "interval", "pick", "indexing", "spell_expr", "spell_table"),
)
END = "$END"


@dataclass(frozen=True, slots=True)
class Rule:
    """origin: the rule's name; builder: its alias or name; size: symbols it takes; single: passes one child through;
    spliced: its children become its parent's."""

    origin: str
    builder: str
    size: int
    single: bool
    spliced: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """rows[state][symbol]: a state to go to when not negative, else the rule to reduce by, counted from -1 down."""

    starts: dict[str, int]
    rules: tuple[Rule, ...]
    rows: tuple[dict[str, int], ...]


@cache
def load() -> Tables:
    """The tables of the grammar as it now stands."""
    import json

    grammar = (folder("grammar") / "study.lark").read_text(encoding="utf-8")
    try:
        raw = json.loads(stored().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raw = {}
    if raw.get("grammar") != fingerprint(grammar):
        raw = build(grammar)
    rules = tuple(Rule(o, b, n, bool(s), o.startswith("_")) for o, b, n, s in raw["rules"])
    return Tables(raw["starts"], rules, tuple(raw["rows"]))


def stored() -> Path:
    """Where the tables are kept."""
    return folder("grammar") / "study.tables.json"


def fingerprint(grammar: str) -> int:
    """Changes with any change of the grammar."""
    import zlib

    return zlib.crc32(repr((grammar, STARTS)).encode())


def build(grammar: str, strict: bool = False) -> dict[str, Any]:
    """The tables as plain data, numbered in an order of their own so that the same grammar gives the same bytes.

    strict: let Lark refuse every conflict (needs `interegular`).
    """
    from lark import Lark
    from lark.lexer import Lexer, Token
    from lark.parsers.lalr_analysis import Shift

    class NoLexer(Lexer):
        def __init__(self, _conf: object) -> None: ...

        def lex(self, lexer_state: object, parser_state: object) -> Iterator[Token]:
            return iter(())

    parser = Lark(
        grammar, start=list(STARTS), parser="lalr", lexer=NoLexer, strict=strict, maybe_placeholders=False
    ).parser
    table = parser.parser._parse_table
    rules: dict[Any, int] = {}
    numbers: dict[int, int] = {}
    queue = [table.start_states[name] for name in STARTS]
    for state in queue:
        numbers.setdefault(state, len(numbers))
    rows: list[dict[str, int]] = []
    for state in queue:
        row: dict[str, int] = {}
        for symbol, (action, target) in sorted(table.states[state].items()):
            if action is Shift:
                if target not in numbers:
                    numbers[target] = len(numbers)
                    queue.append(target)
                row[str(symbol)] = numbers[target]
            else:
                row[str(symbol)] = -1 - rules.setdefault(target, len(rules))
        rows.append(row)
    return {
        "grammar": fingerprint(grammar),
        "starts": {name: numbers[table.start_states[name]] for name in STARTS},
        "rules": [
            [
                str(r.origin.name),
                str(r.alias or r.origin.name),
                len(r.expansion),
                int(r.options.expand1 and not r.alias),
            ]
            for r in rules
        ],
        "rows": rows,
    }


def dump(raw: dict[str, Any]) -> str:
    """The stored form: one state a line, so that a change of the grammar shows as a change of few lines."""
    import json

    def lines(items: list[Any]) -> str:
        return ",\n".join(json.dumps(item, separators=(",", ":")) for item in items)

    starts = json.dumps(raw["starts"])
    return (
        f'{{"grammar": {raw["grammar"]},\n"starts": {starts},\n"rules": [\n{lines(raw["rules"])}],\n'
        f'"rows": [\n{lines(raw["rows"])}]}}\n'
    )


def main() -> None:
    """Rebuild the stored tables after a change of the grammar: `python -m studyspec.language.tables`."""
    grammar = (folder("grammar") / "study.lark").read_text(encoding="utf-8")
    stored().write_text(dump(build(grammar)), encoding="utf-8")


if __name__ == "__main__":
    main()
