"""Promises of the one renderer: exact underlines, harmless text, and the same facts for programs."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from studyspec.cli import render
from studyspec.source import Diagnostic, Related, Severity, Source, Span


def at(source: Source, text: str, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = source.text.index(text, start + 1)
    return source.span(start, start + len(text))


def shown(diagnostic: Diagnostic) -> str:
    return render.text([diagnostic])


STUDY = Source("my.study", "study omnia version 1.0.0\n\nexposure pathway during [index, index + 180 days)\n")


def test_a_diagnostic_without_a_place_is_a_sentence_a_remedy_and_where_to_read_more() -> None:
    assert shown(Diagnostic("usage", "There is no command `chekc`.", remedy="Did you mean `studyspec check`?")) == (
        "error[usage]: There is no command `chekc`.\n"
        "  = help: Did you mean `studyspec check`?\n"
        "  = more: studyspec explain usage\n"
    )


def test_everything_a_diagnostic_can_carry_has_its_line() -> None:
    diagnostic = Diagnostic(
        "immortal-time",
        "The exposure window overlaps follow-up.",
        span=at(STUDY, "index + 180 days"),
        remedy="Start follow-up when the window ends.",
        related=(Related(at(STUDY, "pathway"), "the exposure"),),
        expected=("a time before follow-up", "`varying`"),
        severity=Severity.WARNING,
    )
    assert shown(diagnostic) == (
        "warning[immortal-time]: The exposure window overlaps follow-up.\n"
        " --> my.study:3:33\n"
        "  |\n"
        "3 | exposure pathway during [index, index + 180 days)\n"
        "  |                                 ^^^^^^^^^^^^^^^^\n"
        "  = note: the exposure\n"
        " --> my.study:3:10\n"
        "  |\n"
        "3 | exposure pathway during [index, index + 180 days)\n"
        "  |          -------\n"
        "  = expected: a time before follow-up or `varying`\n"
        "  = help: Start follow-up when the window ends.\n"
        "  = more: studyspec explain immortal-time\n"
    )


def lines(source: Source, text: str) -> list[str]:
    """The excerpt alone."""
    return shown(Diagnostic("x", "X.", span=at(source, text))).splitlines()[2:-1]


def test_tabs_are_filled_to_the_next_stop() -> None:
    assert lines(Source("a", "\tindex\tfirst\n"), "first") == [
        "  |",
        "1 |     index   first",
        "  |             ^^^^^",
    ]


def test_wide_characters_take_two_cells_and_combining_marks_none() -> None:
    assert lines(Source("a", 'label "日本" e\u0301ta where\n'), "where") == [
        "  |",
        '1 | label "日本" e\u0301ta where',
        "  |                  ^^^^^",
    ]
    assert lines(Source("a", 'label "日本"\n'), "日本") == ["  |", '1 | label "日本"', "  |        ^^^^"]


def test_a_span_over_a_few_lines_underlines_each_of_them_from_its_first_word() -> None:
    assert lines(Source("a", "x\ncohort c of person\n    index first\ny\n"), "c of person\n    index") == [
        "  |",
        "2 | cohort c of person",
        "  |        ^^^^^^^^^^^",
        "3 |     index first",
        "  |     ^^^^^",
    ]


def test_a_span_over_many_lines_shows_its_first_and_its_last() -> None:
    source = Source("a", "".join(f"line {i}\n" for i in range(1, 21)))
    assert lines(source, "\n".join(f"line {i}" for i in range(8, 13))) == [
        "   |",
        " 8 | line 8",
        "   | ^^^^^^",
        "...",
        "12 | line 12",
        "   | ^^^^^^^",
    ]


def test_an_empty_span_and_the_end_of_a_file_still_show_where() -> None:
    source = Source("a", "report\n")
    end = Diagnostic("x", "X.", span=source.span(7, 7))
    assert shown(end).splitlines()[1:-1] == [" --> a:2:1", "  |", "2 |", "  | ^"]
    empty = Diagnostic("x", "X.", span=Source("e", "").span(0, 0))
    assert shown(empty).splitlines()[1:-1] == [" --> e:1:1"]


def test_a_very_long_line_is_cut_around_the_place() -> None:
    source = Source("a", "x" * 5000 + " here " + "y" * 5000)
    excerpt = lines(source, "here")
    assert all(len(line) < 300 for line in excerpt)
    column = excerpt[2].index("^")
    assert excerpt[1][column : column + 4] == "here"


def test_text_from_a_document_cannot_speak_to_the_terminal() -> None:
    source = Source("a\x1b]0;title\x07.study", "label \x1b[31mred\u202eder\x00\n")
    text = shown(Diagnostic("x", "Bad \x1b[2J name\nerror[y]: forged", span=at(source, "red"), remedy="\x07"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "a<U+001B>]0;title<U+0007>.study:1:12" in text
    assert "Bad <U+001B>[2J name<U+000A>error[y]: forged" in text
    assert "1 | label <U+001B>[31mred<U+202E>der<U+0000>" in text


def test_a_file_name_that_is_not_unicode_is_shown_and_can_be_printed() -> None:
    text = shown(Diagnostic("x", "Cannot read a\udcff."))
    assert "a<U+DCFF>" in text
    text.encode("utf-8")


def test_colour_changes_nothing_but_colour() -> None:
    diagnostic = Diagnostic("x", "X.", span=at(STUDY, "omnia"), remedy="Y.")
    coloured = render.text([diagnostic], colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown(diagnostic)


def test_diagnostics_come_in_the_order_of_their_places() -> None:
    late, early = at(STUDY, "exposure"), at(STUDY, "study")
    found = [Diagnostic("b", "B.", span=late), Diagnostic("a", "A.", span=early), Diagnostic("c", "C.")]
    assert [line for line in render.text(found).splitlines() if line.startswith("error")] == [
        "error[c]: C.",
        "error[a]: A.",
        "error[b]: B.",
    ]


def test_the_summary_counts_by_severity() -> None:
    warning = Diagnostic("x", "X.", severity=Severity.WARNING)
    assert render.summary([]) == ""
    assert render.summary([Diagnostic("x", "X."), warning, warning]) == "1 error, 2 warnings"


def test_json_says_where_in_lines_and_columns_from_one() -> None:
    found = json.loads(render.as_json([Diagnostic("x", "X\x1b.", span=at(STUDY, "omnia"), expected=("a",))]))
    assert found == {
        "version": 1,
        "diagnostics": [
            {
                "code": "x",
                "severity": "error",
                "message": "X\x1b.",
                "remedy": None,
                "expected": ["a"],
                "place": {"file": "my.study", "line": 1, "column": 7, "end_line": 1, "end_column": 12},
                "related": [],
            }
        ],
    }
    assert "\x1b" not in render.as_json([Diagnostic("x", "\x1b")])


def test_sarif_is_one_run_with_a_rule_for_each_code() -> None:
    source = Source("my study\u00e4.study", "abc")
    found = [Diagnostic("b", "B.", span=source.span(0, 1)), Diagnostic("a", "A.", remedy="Do.", expected=("x", "y"))]
    log = json.loads(render.sarif(found))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "studyspec"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["a", "b"]
    assert [(r["ruleId"], rules[r["ruleIndex"]]) for r in run["results"]] == [("a", "a"), ("b", "b")]
    assert run["results"][0]["message"]["text"] == "A. Expected: x or y. Do."
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20study%C3%A4.study"
    assert place["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    assert run["columnKind"] == "unicodeCodePoints"


@given(st.text(alphabet=st.characters(codec=None), max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_text_and_any_span_render_without_control_characters(text: str, one: int, two: int) -> None:
    source = Source("a", text)
    low, high = sorted((min(one, len(text)), min(two, len(text))))
    rendered = shown(Diagnostic("x", text, span=source.span(low, high)))
    assert all(c == "\n" or c.isprintable() or c == "\u3000" or c.isspace() for c in rendered)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", rendered)
    json.loads(render.as_json([Diagnostic("x", text, span=source.span(low, high))]))
