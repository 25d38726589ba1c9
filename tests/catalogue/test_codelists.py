"""Code lists keep codes as they are written, in the order they are written, however many there are."""

import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studyspec.catalogue.codelists import load_codelist, load_rows, parse_rows
from studyspec.source import Source
from tests.catalogue.world import refusals, underlined

texts = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=12)
codes = texts.filter(lambda text: text and text == text.strip())


def quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


@given(rows=st.lists(st.tuples(codes, texts), min_size=1, max_size=8, unique_by=lambda row: row[0]))
def test_codes_and_labels_with_quotes_semicolons_and_commas_come_through(rows: list[tuple[str, str]]) -> None:
    text = "\n".join(["code,label_fi", *(f"{quoted(code)},{quoted(label)}" for code, label in rows)])
    found, problems = parse_rows("list", Source("list.csv", text))
    if not problems:  # characters that cannot be seen are the one reason to refuse
        assert [(c.code, c.labels.get("fi", "")) for c in found.values()] == rows


@given(st.text(max_size=80))
def test_any_text_is_a_list_or_is_refused_with_places(text: str) -> None:
    source = Source("list.csv", text)
    found, problems = parse_rows("list", source)
    assert found or problems
    assert all(p.span is not None and p.span.source is source for p in problems)


def test_codes_stay_text(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("code\n0301\nno\n1e3\ntrue\n=1+1\n")
    assert list(load_rows("list", tmp_path / "list.csv").codes) == ["0301", "no", "1e3", "true", "=1+1"]


def test_a_hundred_thousand_codes(tmp_path: Path) -> None:
    rows = (f"C{n:06},Code {n},Koodi {n},Kod {n},g{n % 7},2001-01-01," for n in range(100_000))
    (tmp_path / "long.csv").write_text("code,label_en,label_fi,label_sv,group,valid_from,valid_to\n" + "\n".join(rows))
    codelist = load_rows("long", tmp_path / "long.csv")
    assert len(codelist.codes) == 100_000
    assert codelist.codes["C099999"].valid_from == datetime.date(2001, 1, 1)


def test_many_bad_rows_are_not_all_reported(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("code\n" + "a,b\n" * 5000)
    assert len(refusals(load_rows, "bad", tmp_path / "bad.csv")) == 20


def test_blank_lines_are_passed_over_and_places_stay_right(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("code,label_en\n\nA,first\n\n\nA,again\n")
    (found,) = refusals(load_rows, "list", tmp_path / "list.csv")
    assert found.code == "duplicate-code"
    assert underlined(found) == "A,again"
    assert found.span is not None
    assert found.span.source.position(found.span.start) == (6, 1)


def test_binary_empty_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00code")
    (tmp_path / "empty.csv").write_bytes(b"")
    assert [d.code for d in refusals(load_rows, "x", tmp_path / "binary.csv")] == ["file-not-text"]
    assert [d.code for d in refusals(load_rows, "x", tmp_path / "empty.csv")] == ["codelist-header"]
    assert [d.code for d in refusals(load_rows, "x", tmp_path / "none.csv")] == ["file-unreadable"]
    assert [d.code for d in refusals(load_rows, "x", tmp_path)] == ["file-unreadable"]


def test_a_document_may_hold_the_codes_itself(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text(
        'codelist: list\nversion: "1"\nlabel: {en: List}\nsource: here\ncodes:\n'
        "  no: {label: {en: 'Norwegian; DROP TABLE \"x\" --'}}\n"
        '  "01": {label: {en: Zero one}, groups: [low]}\n'
    )
    found = load_codelist(tmp_path / "list.yaml", tmp_path).codes
    assert list(found) == ["no", "01"]
    assert found["no"].labels["en"] == 'Norwegian; DROP TABLE "x" --'
    assert found["01"].groups == ("low",)


def test_a_line_end_inside_quotes_is_refused_and_not_swallowed(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text('code,label_en\n"A\nB",two lines\n')
    (found,) = refusals(load_rows, "list", tmp_path / "list.csv")
    assert found.code == "codelist-row"
    assert "control character" in found.message
