"""The grammar has no conflicts, its tables are up to date, and every place where a reader can stop has words."""

from __future__ import annotations

import re

import pytest

from studyspec.language import explain, lexer, tables
from studyspec.resources import folder


@pytest.fixture(scope="module")
def grammar() -> str:
    return (folder("grammar") / "study.lark").read_text(encoding="utf-8")


def test_strict_mode_finds_no_conflict(grammar: str) -> None:
    tables.build(grammar, strict=True)


def test_strict_mode_would_find_one() -> None:
    from lark.exceptions import GrammarError

    conflict = "".join(f"{start}: NAME\n" for start in tables.STARTS[:-1])
    conflict += f"{tables.STARTS[-1]}: _sum\n_sum: NAME | _sum PLUS _sum\n%declare NAME PLUS\n"
    with pytest.raises(GrammarError):
        tables.build(conflict, strict=True)


def test_the_stored_tables_are_the_grammars(grammar: str) -> None:
    assert tables.stored().read_text(encoding="utf-8") == tables.dump(tables.build(grammar)), (
        "run: python -m studyspec.language.tables"
    )


def test_tables_that_do_not_belong_to_the_grammar_are_rebuilt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    kept = tables.load()
    monkeypatch.setattr(tables, "stored", lambda: folder("grammar") / "study.lark")
    rebuilt = tables.load.__wrapped__()
    assert rebuilt == kept


def test_no_terminal_is_anonymous_and_each_can_be_lexed(grammar: str) -> None:
    declared = set(re.findall(r"[A-Z_]{2,}", " ".join(re.findall(r"%declare (.*)", grammar))))
    used = {symbol for row in tables.load().rows for symbol in row if symbol.isupper()} - {tables.END}
    assert used == declared
    words = {kind for kinds in lexer.KEYWORDS.values() for kind in kinds}
    together = {kind for patterns in lexer.TOGETHER.values() for _, kind in patterns}
    shapes = {"NAME", "TEXT", "NUMBER", "DATE", "VERSION_NUMBER", "CHECK_CODE", "COMPARE", *lexer._PUNCTUATION.values()}
    assert declared == words | together | shapes


def test_every_terminal_has_a_word_of_its_own() -> None:
    shapes = {"NAME", "TEXT", "NUMBER", "DATE", "VERSION_NUMBER", "CHECK_CODE", "COMPARE", *lexer._PUNCTUATION.values()}
    assert shapes <= set(explain.WORDS)
    for row in tables.load().rows:
        for terminal in row:
            if terminal.isupper():
                assert explain.word_of(terminal)


def test_every_place_where_reading_can_stop_is_described_shortly() -> None:
    for row in tables.load().rows:
        terminals = frozenset(symbol for symbol in row if symbol.isupper())
        if terminals:
            words = explain.expected_words(terminals)
            assert words
            assert all(words)
            assert len(words) <= 12, words


def test_words_that_belong_together_are_one_token() -> None:
    from studyspec.source import Source

    text = "days of  count\n of end of data follow-up start follow-up its date at time zero not in"
    source = Source("x", text)
    reading = lexer.Lexer(text, 0, len(text), source.span, True)
    together = {kind for patterns in lexer.TOGETHER.values() for _, kind in patterns}
    kinds = []
    while (token := reading.next(together)).kind != tables.END:
        kinds.append(token.kind)
    assert kinds == [
        *("DAYS_OF", "COUNT_OF", "END_OF_DATA", "FOLLOW_UP_START", "FOLLOW_UP", "ITS_DATE", "AT_TIME_ZERO", "NOT_IN")
    ]


def test_a_cold_parse_needs_neither_lark_nor_yaml() -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom studyspec.language import parse\nfrom studyspec.source import Source\n"
        "parse(Source('x.study', 'study a version 1\\nlanguage en\\nmodel m 1'))\n"
        "print([m for m in ('lark', 'yaml', 'duckdb', 'difflib') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
