"""What beginners are told: the code, the underlined text and the help of each of their habits; nothing said twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studyspec.language import faults, lalr, layout, parse, patterns, tables
from studyspec.source import Diagnostic, Refused, Source

HEAD = "study a version 1.0.0\nlanguage en\nmodel m 1\n"
YAML = "study: a\nversion: 1.0.0\nlanguage: en\nmodel: m 1\n"
COHORT = "cohort c of person\n  index at 2020-01-01\n"
INDEX = "cohort c of person\n  index first plan starting during "
RISK = "Write report risk of OUTCOMES in COHORT by EXPOSURE at TIMES (in and by may be left out)."
BANDS = "Write bands as 18-29, with an open end as 75+."


def told(text: str, spelling: str = "study") -> list[Diagnostic]:
    with pytest.raises(Refused) as refused:
        parse(Source(f"x.{spelling}", (HEAD if spelling == "study" else YAML) + text + "\n"))
    return list(refused.value.diagnostics)


ORDER = [
    ("report risk of x at 1 year by sex", "syntax", "by", RISK),
    ("report risk at 1 year of x", "syntax", "at", RISK),
    ("report risk by care of x at 1 year", "syntax", "by", RISK),
    ("report risk of x in c by y", "syntax", "y", RISK),
    ("report attrition of x", "syntax", "of", "Write report attrition in COHORT (in may be left out)."),
    ("follow-up from index", "syntax", "index", "Write follow-up from TIME to TIME."),
    ("define x age at index", "syntax", "age", "Write define NAME = VALUE."),
    ("exposure e", "syntax", "e", "Write exposure NAME during [START, END), or exposure NAME varying."),
    ('codelist "x.csv"', "syntax", '"x.csv"', 'Write codelist NAME "FILE.csv".'),
    (f"{COHORT}  include where age at index > 18", "syntax", "where", "Write include NAME where CONDITION."),
    ("cohort of person", "syntax", "of", "Write cohort NAME of ENTITY."),
    ("define = age at index", "syntax", "=", "Write define NAME = VALUE."),
    (f"{COHORT}  include a WHERE age at index > 18", "keyword-case", "WHERE", "Write it small: where."),
]
WORDS = [
    (
        "define x = days from first date of plan before index to index",
        *("syntax", "first", "Put ( before first, and ) where it ends."),
    ),
    (
        'define x = any plan before index with not (a = "1")',
        *("syntax", "not", "Put ( before not, and ) where it ends."),
    ),
    ("outcome o\n  event first plan during follow-up", "syntax", "event", "Leave out the word event"),
    ("outcome o\n  any plan during follow-up", "syntax", "any", "An event is a row"),
    ("outcome any plan during follow-up", "syntax", "any", "Write outcome NAME, and its event on the next line"),
    ("outcome o first plan during follow-up", "syntax", "first", "Put it on the next line, indented."),
    ("define x = y = True", "keyword-case", "True", "Write it small: true."),
    ("define x = y = FALSE", "keyword-case", "FALSE", "Write it small: false."),
]
VALUES = [
    (f"{INDEX}[1.1.2019, 2019-12-31]", "date-invalid", "1.1.2019", "Write 2019-01-01, without quotes."),
    (f"{INDEX}[2019-1-1, 2019-12-31]", "date-invalid", "2019-1-1", "Write 2019-01-01, without quotes."),
    (f"{INDEX}[20190101, 2019-12-31]", "date-invalid", "20190101", "Write 2019-01-01, without quotes."),
    (f"{INDEX}[2019/01/31, 2019-12-31]", "date-invalid", "2019/01/31", "Write 2019-01-31, without quotes."),
    (f'{INDEX}["2019-01-01", 2019-12-31]', "date-invalid", '"2019-01-01"', "Write 2019-01-01, without quotes."),
    (f"{INDEX}[date '2019-01-01', 2019-12-31]", "date-invalid", "date '2019-01-01'", "Write 2019-01-01"),
    (f"{INDEX}[3/4/2019, 2019-12-31]", "date-invalid", "3/4/2019", "Write year-month-day, without quotes: 2019-01-31."),
    ("follow-up from index to index + 30d", "duration-invalid", "30d", "Write 30 days."),
    ("follow-up from index to index + 30days", "duration-invalid", "30days", "Write 30 days."),
    ("follow-up from index to index + one year", "duration-invalid", "one year", "Write 1 year."),
    ("report risk of x at 1y", "duration-invalid", "1y", "Write 1 year."),
    ("follow-up from index to index + 90", "unit-missing", "90", "Write + 90 days."),
    ("define x = y = 30d", "code-unquoted", "30d", 'Write "30d"'),
    ("define x = age at index > 18,5", "number-invalid", "18,5", "Write 18.5: decimals follow a point."),
    ("define x = age at index in bands 18 to 29", "syntax", "to", BANDS),
    ("define x = age at index in bands <18", "syntax", "<", BANDS),
    ("define age-group = y", "name-invalid", "age-group", "Names hold letters, digits and _: write age_group."),
    ("define age group = y", "name-invalid", "age group", "Names hold letters, digits and _: write age_group."),
    ("define age.group = y", "name-invalid", "age.group", "Names hold letters, digits and _: write age_group."),
    ("define age_group = y\ndefine z = age group", "name-invalid", "age group", "write age_group."),
]
HABITS = [
    ("-- adults\ndefine x = y", "operator-habit", "--", "Comments begin with #."),
    ("// adults\n// and more\ndefine x = y", "operator-habit", "//", "Comments begin with #."),
    ("/* adults\n   and more */\ndefine x = y", "operator-habit", "/*", "Comments begin with #."),
    ("* adults\ndefine x = y", "operator-habit", "*", "Comments begin with #."),
    ("cohort c of person\n-- adults\n  index at 2020-01-01", "operator-habit", "--", "Comments begin with #."),
    ("define x = age at index > 18 -- adults", "operator-habit", "--", "Comments begin with #."),
    ("define x = is.na(y)", "python-habit", ".na", "Write x is unknown."),
    ("define x = y & z", "operator-habit", "&", "Write and."),
    ("define x = y ^ 2", "character-unknown", "^", "Multiply a number by itself: x * x."),
    ("define x = ~y", "character-unknown", "~", "Write not, or != between values."),
    ("define x = y in {a}", "character-unknown", "{", "Lists stand between parentheses"),
    ("define x = avg of cost of care", "not-in-language", "avg", "Write mean of COLUMN of TABLE."),
]
PLACES = [
    (
        f"{COHORT}  exposure e varying\n    level a while b\n    level c otherwise",
        *("indented-statement", "exposure", "Statements begin in the first column: delete the spaces before exposure."),
    ),
    ("outcome o\n  report attrition", "indented-statement", "report", "delete the spaces before report."),
    ('purpose "One\nmore\nand more"', "unclosed-string", '"One', "join the lines"),
    ("foo bar", "unknown-statement", "foo", "If the line goes on from the one above, put spaces before it."),
]


@pytest.mark.parametrize(("text", "code", "underlined", "help"), [*ORDER, *WORDS, *VALUES, *HABITS, *PLACES])
def test_a_habit_is_one_error_with_its_remedy(text: str, code: str, underlined: str, help: str) -> None:
    (found,) = told(text)
    assert found.span is not None
    assert (found.code, found.span.text) == (code, underlined)
    assert help in (found.remedy or "")


IN_YAML = [
    ("define:\n\tx: y", "tab-character", "\t", "Use spaces"),
    (
        "exposure:\n  e:\n    during: [index, index + 30 days)\n    levels: [{level: a, otherwise: true}]",
        *("yaml-invalid", "[index, index + 30 days)", 'Put it between quotes: "[index, index + 30 days)".'),
    ),
    (
        "exposure:\n  e:\n    during: [index, index]\n    levels: [{level: a, otherwise: true}]",
        *("yaml-kind", "[index, index]", 'Put it between quotes: "[index, index]".'),
    ),
    ("permits: x", "yaml-kind", "x", "Write [x]."),
    (
        "exposure:\n  e:\n    varying: True\n    levels: [{level: a, otherwise: true}]",
        *("keyword-case", "True", "Write it small: true."),
    ),
    ("exposure:\n  e:\n    varying: true\n    levels: []", "yaml-kind", "[]", "Write [{level: NAME"),
    ("cohort:\n  c:\n    of: person", "yaml-missing-key", "c", "Add index: first TABLE starting during [START, END]"),
]


@pytest.mark.parametrize(("text", "code", "underlined", "help"), IN_YAML)
def test_a_habit_in_yaml_is_one_error_with_its_remedy(text: str, code: str, underlined: str, help: str) -> None:
    (found,) = told(text, "yaml")
    assert found.span is not None
    assert (found.code, found.span.text) == (code, underlined)
    assert help in (found.remedy or "")


@pytest.mark.parametrize("text", ["/* never ended", "-- alone", "/* a\n*/"])
def test_a_file_of_foreign_comments_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse(Source("x.study", text))


def test_what_is_missing_in_yaml_is_shown_in_yaml() -> None:
    with pytest.raises(Refused) as refused:
        parse(Source("x.yaml", "study: a\nversion: 1.0.0\n"))
    assert [d.remedy for d in refused.value.diagnostics] == ["Add: language: en", "Add: model: fi_municipal 1"]


BAD = Path(__file__).parent / "bad"


@pytest.mark.parametrize("path", [p for p in sorted(BAD.iterdir()) if p.suffix != ".txt"], ids=lambda p: p.name)
def test_help_never_lists_what_is_expected(path: Path) -> None:
    with pytest.raises(Refused) as refused:
        parse(Source(path.name, path.read_text(encoding="utf-8")))
    for found in refused.value.diagnostics:
        if found.expected:
            assert faults.listed(found.expected) not in (found.remedy or ""), found


FILLED = {
    **dict.fromkeys(("NAME", "NAMES", "ENTITY", "COHORT", "TABLE", "COLUMN", "OUTCOMES", "STATES", "EXPOSURE"), "x"),
    "ROLE": "x",
    "CONDITION": "x = 1",
    "VALUE": "x",
    "TIME": "index",
    "TIMES": "1 year",
    "TYPE": "integer",
    "NUMBER": "2",
    "START": "index",
    "END": "index",
    "CHECK": "last-known",
    "HASH": "0" * 64,
}


def test_patterns_say_all_that_the_grammar_has_for_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule of a statement's or a clause's line is used by a pattern, and every pattern can be read."""
    used: set[tuple[str, str]] = set()
    reduce = lalr._Parser.reduce

    def noting(self: Any, number: int) -> None:
        rule = self.tables.rules[number]
        used.add((rule.origin, rule.builder))
        reduce(self, number)

    monkeypatch.setattr(lalr._Parser, "reduce", noting)
    lines = {layout.RULES.get(w, w) for w in (*layout.STATEMENTS, *layout.CLAUSES)}
    assert set(patterns.PATTERNS) == {*lines, "indexing"}
    for start, ways in patterns.PATTERNS.items():
        for way in ways:
            text = way.text
            for slot in sorted(FILLED, key=len, reverse=True):
                text = text.replace(slot, FILLED[slot]) if f'"{slot}' not in text or slot == "HASH" else text
            source = Source("x", text)
            lalr.parse(start, text, source.span, 0, len(text), True)
    wanted = {(r.origin, r.builder) for r in tables.load().rules if r.origin in {*lines, "indexing", "switch_rule"}}
    assert wanted <= used, wanted - used
