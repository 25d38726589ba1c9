"""What a code list says of its codes: what lies below one, which are in use on a day, what they are replaced by."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyspec.catalogue.codelists import below, carried, parse_rows, valid_any, valid_on
from studyspec.catalogue.types import CodeList
from studyspec.source import Source


def listed(text: str) -> CodeList:
    codes, problems = parse_rows("list", Source("list.csv", text))
    assert not problems, problems
    return CodeList("list", "1", {"en": "List"}, "here", codes)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


OCCUPATIONS = listed("code,parent\n2,\n21,2\n211,21\n22,2\n3,\n31,3\n")
#: Two merge into one, one is split in two, one ends, and one of the halves is merged again.
PARISHES = listed(
    "code,valid_from,valid_to,becomes\n"
    "A,,2008-12-31,C\nB,,2008-12-31,C\nC,2009-01-01,,\nD,,2012-12-31,E|F\nE,2013-01-01,2015-12-31,C\n"
    "F,2013-01-01,,\nG,,2010-12-31,\n"
)


def test_a_code_stands_for_itself_and_everything_below_it_in_the_order_of_the_list() -> None:
    assert below(OCCUPATIONS, "2") == ("2", "21", "211", "22")
    assert below(OCCUPATIONS, "211") == ("211",)
    assert below(OCCUPATIONS, "9") == ()


def test_codes_are_in_use_from_their_first_to_their_last_day() -> None:
    assert valid_on(PARISHES, day("2008-12-31")) == ("A", "B", "D", "G")
    assert valid_on(PARISHES, day("2009-01-01")) == ("C", "D", "G")
    assert valid_any(PARISHES, day("2008-12-31"), day("2009-01-01")) == ("A", "B", "C", "D", "G")
    assert valid_any(PARISHES, None, None) == tuple(PARISHES.codes)


@pytest.mark.parametrize(
    ("code", "on", "becomes"),
    [
        ("A", "2008-12-31", ("A",)),
        ("A", "2009-01-01", ("C",)),
        ("C", "2001-01-01", ("C",)),
        ("D", "2013-01-01", ("E", "F")),
        ("D", "2016-01-01", ("C", "F")),
        ("G", "2011-01-01", ()),
        ("Z", "2011-01-01", ()),
    ],
)
def test_a_code_is_carried_to_the_classification_of_a_day_and_a_split_is_told(
    code: str, on: str, becomes: tuple[str, ...]
) -> None:
    assert carried(PARISHES, code, day(on)) == becomes


@given(data=st.data(), size=st.integers(1, 12))
def test_a_hierarchy_is_read_or_its_circle_is_named(data: st.DataObject, size: int) -> None:
    names = [str(n) for n in range(size)]
    parents = data.draw(st.lists(st.sampled_from(["", *names]), min_size=size, max_size=size))
    text = "\n".join(["code,parent", *(f"{code},{parent}" for code, parent in zip(names, parents, strict=True))])
    codes, problems = parse_rows("list", Source("list.csv", text))

    def tops(code: str) -> bool:
        """Whether going up from a code comes to an end."""
        for _ in range(size):
            if code == "":
                return True
            code = parents[int(code)]
        return code == ""

    assert bool(problems) != all(tops(code) for code in names)
    assert {p.code for p in problems} <= {"code-circle"}
    if not problems:
        codelist = CodeList("list", "1", {}, "", codes)
        for code in names:
            assert set(below(codelist, code)) == {code}.union(
                *(below(codelist, c) for c in names if codes[c].parent == code)
            )


def test_a_long_chain_of_parents_is_read_at_once() -> None:
    rows = "\n".join(f"{n},{n - 1 if n else ''}" for n in range(20_000))
    assert len(below(listed(f"code,parent\n{rows}\n"), "0")) == 20_000
