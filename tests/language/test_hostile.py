"""Whatever the bytes, reading a study gives a study or a refusal with places: never a traceback, never a long wait."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studyspec.language import parse
from studyspec.language.format import convert
from studyspec.source import Refused, Source, Unreadable, decode, read

ROOT = Path(__file__).parents[2]
SAMPLE = {suffix: (ROOT / f"tests/language/whole.{suffix}").read_text(encoding="utf-8") for suffix in ("study", "yaml")}
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))
FRAGMENTS = [
    *("spells x = ", "cases a where", "otherwise", " merged within ", " union ", " varying", "switch-day events"),
    *("days from ", "member of ", "that day", " / ", "recorded in ", "recorded where ", "every month during"),
    *('"', "'", "(", ")", "[", "]", "[)", "#", "\\", "\n", "\t", "\0", "\u202e", "\ufeff", ";", "--", "/*", "&a", "*a"),
    *("!!x", "| ", ">", "- ", ": ", "{", "}", ",", "@", "%", "and", "or", "not", "with", "during", "at"),
    *("no", "true", "9" * 40, "0" * 9, "2020-13-45", "1e9", "0x1", "5 years", "day", "é", "е", "𐍈", "\u0301"),
    *("(" * 80, "\nstudy b version 2", "\nreport", "\n    label", "\r\n", "select *", "==", "&&", "“", "not " * 80),
]  # fmt: skip


def outcome(name: str, text: str) -> None:
    source = Source(name, text)
    try:
        parse(source)
        return
    except Refused as refusal:
        found = refusal.diagnostics
    assert found
    for diagnostic in found:
        assert diagnostic.message
        assert diagnostic.span is not None
        assert diagnostic.span.source is source
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


def refused(name: str, text: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        parse(Source(name, text))
    return [d.code for d in caught.value.diagnostics]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "# only a comment", "   # x\n\n"])
def test_an_empty_study_is_refused(text: str) -> None:
    assert refused("x.study", text) == ["empty-study"]
    assert refused("x.yaml", text) == ["yaml-empty"]


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"PK\x03\x04", b"\x80", b"a\0b", b"\x89PNG\r\n\x1a\n\0\0"])
def test_binary_is_refused_without_being_quoted(raw: bytes) -> None:
    try:
        source = decode("x.study", raw)
    except Unreadable:
        return
    outcome("x.study", source.text)


@pytest.mark.parametrize("bracket", ["(", "[", ")", "]", "((", "([", "earliest(", "not ", "a and ", "x at ", '"', "- "])
@pytest.mark.parametrize("opening", ["define x = ", "", "study ", "    include a where "])
def test_a_hundred_thousand_brackets_are_refused(bracket: str, opening: str) -> None:
    refused("x.study", opening + bracket * 100_000)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 1000 + "a" + ")" * 1000,
        "not " * 1000 + "a",
        "index" + " + 1 day" * 1000,
        "earliest(" * 1000 + "a" + ")" * 1000,
        "(any t with " * 1000 + "a" + ")" * 1000,
    ],
)
def test_nesting_beyond_the_limit_is_refused_in_both_spellings(expression: str) -> None:
    head = "study a version 1\nlanguage en\nmodel m 1\ndefine x = "
    assert refused("x.study", head + expression) == ["nested-too-deep"]
    yaml = 'study: a\nversion: "1"\nlanguage: en\nmodel: m 1\ndefine:\n  x: '
    assert refused("x.yaml", yaml + expression) == ["nested-too-deep"]


def test_long_chains_are_flat_and_welcome() -> None:
    chain = " and ".join(f"a{i} = {i}" for i in range(3000))
    text = f"study a version 1\nlanguage en\nmodel m 1\ndefine x = {chain}\n"
    document = parse(Source("x.study", text))
    assert len(document.defines[0].value.operands) == 3000  # type: ignore[union-attr]
    assert convert(Source("x.study", text), "yaml")


def test_ten_thousand_statements_are_read() -> None:
    text = "study a version 1\nlanguage en\nmodel m 1\n" + "".join(
        f"define d{i} = age at index\n" for i in range(10_000)
    )
    assert len(parse(Source("x.study", text)).defines) == 10_000


def test_a_flood_of_faults_is_cut() -> None:
    codes = refused("x.study", "study a version 1\nlanguage en\nmodel m 1\n" + "define = 1\n" * 5000)
    assert len(codes) == 51
    assert "too-many-faults" in codes


def test_an_unknown_suffix_is_unreadable() -> None:
    with pytest.raises(Unreadable) as caught:
        parse(Source("x.txt", "study a version 1"))
    assert caught.value.diagnostics[0].code == "spelling-unknown"


def test_a_directory_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path)


@settings(QUIET, max_examples=250)
@given(st.sampled_from(["study", "yaml"]), st.text(max_size=200))
def test_any_text_is_a_study_or_a_refusal(suffix: str, text: str) -> None:
    outcome(f"x.{suffix}", text)


@settings(QUIET, max_examples=250)
@given(st.sampled_from(["study", "yaml"]), st.binary(max_size=100))
def test_any_bytes_are_a_study_or_a_refusal(suffix: str, raw: bytes) -> None:
    try:
        source = decode(f"x.{suffix}", raw)
    except Unreadable:
        return
    outcome(source.name, source.text)


@settings(QUIET, max_examples=200)
@given(st.lists(st.sampled_from([*FRAGMENTS, *SAMPLE["study"].split(), "\n", "\n    "]), max_size=30))
def test_any_string_of_words_is_a_study_or_a_refusal(words: list[str]) -> None:
    outcome("x.study", "study a version 1\nlanguage en\nmodel m 1\n" + " ".join(words))


@settings(QUIET, max_examples=400)
@given(
    st.sampled_from(["study", "yaml"]),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 12), st.one_of(st.just(""), st.sampled_from(FRAGMENTS))),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
def test_the_sample_cut_and_stuffed_anywhere_is_a_study_or_a_refusal(
    suffix: str, edits: list[tuple[float, int, str]]
) -> None:
    text = SAMPLE[suffix]
    for place, length, inserted in edits:
        start = int(place * len(text))
        text = text[:start] + inserted + text[start + length :]
    outcome(f"x.{suffix}", text)


@settings(QUIET, max_examples=150)
@given(st.sampled_from(["study", "yaml"]), st.floats(0, 1))
def test_the_sample_cut_off_anywhere_is_a_study_or_a_refusal(suffix: str, place: float) -> None:
    text = SAMPLE[suffix]
    outcome(f"x.{suffix}", text[: int(place * len(text))])


@pytest.mark.sweep
@pytest.mark.parametrize("thousand", range(20))
@settings(QUIET, max_examples=1000, derandomize=False)
@given(
    suffix=st.sampled_from(["study", "yaml"]),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.text(max_size=5))),
)
def test_sweep_of_mutations(thousand: int, suffix: str, edits: list[tuple[float, int, str]]) -> None:
    text = SAMPLE[suffix]
    for place, length, inserted in edits:
        start = int(place * len(text))
        text = text[:start] + inserted + text[start + length :]
    outcome(f"x.{suffix}", text)
