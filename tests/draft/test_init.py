"""What `studyspec init` promises: documents that load, guesses that are marked, and nothing of anyone's rows."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec import check, pipeline
from studyspec.catalogue.load import load_model, load_site
from studyspec.catalogue.policies import load_policy
from studyspec.cli import main
from studyspec.draft import MARK
from studyspec.draft.profile import SHARED_BY
from studyspec.guard.threshold import threshold
from studyspec.resources import folder as shipped
from studyspec.source import Diagnostic, Refused

Rows = list[list[str]]
PEOPLE: Rows = [["person_id", "birth_date", "sex"], *([f"P{n}", f"19{50 + n}-02-03", "fm"[n % 2]] for n in range(30))]
VISITS: Rows = [["person_id", "day", "kind"], *([f"P{n}", "2020-05-04", "ab"[n % 2]] for n in range(30))]


def written(path: Path, rows: Rows) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def drafted(tmp_path: Path, people: Rows = PEOPLE, visits: Rows = VISITS) -> Path:
    files = [written(tmp_path / "people.csv", people), written(tmp_path / "visits.csv", visits)]
    pipeline.draft(tmp_path / "ours", files)
    return tmp_path / "ours"


def text(folder: Path) -> str:
    """All documents, one after the other."""
    return "".join(p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*")) if p.is_file())


def refused(tmp_path: Path, people: Rows = PEOPLE, visits: Rows = VISITS) -> Diagnostic:
    with pytest.raises(Refused) as told:
        drafted(tmp_path, people, visits)
    assert not (tmp_path / "ours").exists()
    return told.value.diagnostics[0]


def refusal(tmp_path: Path, people: Rows = PEOPLE, visits: Rows = VISITS) -> str:
    return refused(tmp_path, people, visits).code


# --- documents -------------------------------------------------------------------------------------------------------


def test_everything_loads_and_only_the_permit_is_missing(tmp_path: Path) -> None:
    ours = drafted(tmp_path)
    for site in ("site.yaml", "practice.yaml"):
        load_site(ours / site)
        assert [d.code for d in check(ours / "first.study", ours / site)] == ["permit-expired"]


def test_once_permitted_the_drafted_study_runs_and_is_staged(tmp_path: Path) -> None:
    ours = drafted(tmp_path)
    permit = ours / "permit.yaml"
    permit.write_text(permit.read_text(encoding="utf-8").replace("expires: 1900", "expires: 2199"), encoding="utf-8")
    found = pipeline.understand(ours / "first.study", pipeline.site(ours / "site.yaml"))
    assert not pipeline.run(found, tmp_path / "results").published
    assert not (tmp_path / "results").exists()


def test_own_data_are_register_data_with_a_ledger_and_a_key(tmp_path: Path) -> None:
    site = load_site(drafted(tmp_path) / "site.yaml")
    assert site.kind == "register"
    assert site.policy.mode == "guarded"
    assert (site.ledger.name, site.key.name) == ("ledger.jsonl", "site.key")


def test_the_drafted_study_is_laid_out_as_fmt_would(tmp_path: Path) -> None:
    assert main.main(["fmt", "--check", str(drafted(tmp_path) / "first.study")]) == 0


def test_shapes_are_told_from_dates(tmp_path: Path) -> None:
    spells = [["person_id", "start_day", "end_day"], *([f"P{n}", "2020-01-01", "2020-02-01"] for n in range(30))]
    model, _ = load_model(drafted(tmp_path, visits=spells) / "models" / "ours.yaml")
    assert model.tables["visits"].shape == "spells"
    assert (model.tables["visits"].start, model.tables["visits"].end) == ("start_day", "end_day")


def test_a_second_day_of_events_may_be_an_end(tmp_path: Path) -> None:
    loans = [["person_id", "lent", "returned"], *([f"P{n}", "2020-01-01", "2020-02-01"] for n in range(30))]
    assert "rows at a day, or spells if returned is their end\n" in text(drafted(tmp_path, visits=loans))


def test_days_that_stand_for_an_open_end_are_bound_to_null(tmp_path: Path) -> None:
    spells = [["person_id", "start", "end"], *([f"P{n}", "2020-01-01", "9999-12-31"] for n in range(30))]
    site = load_site(drafted(tmp_path, visits=spells) / "site.yaml")
    assert site.binding.tables["visits"].columns["end"].nulls == ("9999-12-31",)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2"], "code of people_x"),
        (["049", "091"], "code of people_x"),
        ([str(n) for n in range(30)], "integer"),
        (["1.5", "2"], "decimal"),
        (["true", "false"], "boolean"),
        (["2020-01-31", "2021-01-31"], "date"),
        ([f"note {n}" for n in range(30)], "text"),
    ],
)
def test_types_are_told_from_values(tmp_path: Path, values: list[str], kind: str) -> None:
    people = [["person_id", "x"], *([f"P{n}", values[n % len(values)]] for n in range(30))]
    model, _ = load_model(drafted(tmp_path, people) / "models" / "ours.yaml")
    assert str(model.tables["people"].columns["x"].type) == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1.5", "2"], "decimal"),
        (["2020-01-31", "2021-01-31"], "date"),
        (["f", "m"], "code of people_x"),
        (["true", "false"], "boolean"),
        ([f"note {n}" for n in range(30)], "text"),
    ],
)
@pytest.mark.parametrize("mark", ["NA", ".", "NULL", "na", "n/a", "-"])
def test_marks_of_a_missing_value_are_bound_to_null(tmp_path: Path, mark: str, values: list[str], kind: str) -> None:
    people = [["person_id", "x"], *([f"P{n}", mark if n % 3 else values[n // 3 % len(values)]] for n in range(90))]
    ours = drafted(tmp_path, people)
    site = load_site(ours / "site.yaml")
    assert site.binding.tables["people"].columns["x"].nulls == (mark,)
    model, _ = load_model(ours / "models" / "ours.yaml")
    column = model.tables["people"].columns["x"]
    assert str(column.type) == kind
    assert column.nullable
    assert mark not in model.codelists.get("people_x", model.codelists["visits_kind"]).codes
    assert "nulls" in next(line for line in text(ours).splitlines() if MARK in line and "nulls" in line)


def test_an_identifier_is_no_mark(tmp_path: Path) -> None:
    people = [["person_id"], *([one] for one in ("ma", "na", "oa"))]
    visits = [["person_id", "day"], ["na", "2020-05-04"]]
    assert load_site(drafted(tmp_path, people, visits) / "site.yaml").binding.tables["people"].columns["person_id"]


def test_a_column_with_a_few_strays_is_drafted_and_they_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [*PEOPLE[:-1], ["P99", "31.2.1980", "f"]]
    files = [written(tmp_path / "people.csv", people), written(tmp_path / "visits.csv", VISITS)]
    assert main.main(["init", str(tmp_path / "ours"), "--from-csv", *map(str, files)]) == 0
    told = "`birth_date` looks like dates, but some values are none: mend them before a run"
    assert f"people.csv: {told}." in capsys.readouterr().err
    documents = text(tmp_path / "ours")
    assert f"type: date, sensitivity: quasi-identifier}}  # check this: {told}" in documents
    assert "completed_years_since: birth_date" in documents
    assert "31.2" not in documents


def test_more_than_a_few_are_no_strays(tmp_path: Path) -> None:
    people = [[*row[:1], row[1] if n % 5 else "soon", row[2]] for n, row in enumerate(PEOPLE)]
    model, _ = load_model(drafted(tmp_path, [PEOPLE[0], *people[1:]]) / "models" / "ours.yaml")
    assert model.tables["people"].columns["birth_date"].type.kind == "text"


@pytest.mark.parametrize(
    ("spelt", "remark"),
    [
        ("{0}.2.1980", "dates written 31.1.2021, which are not read: write 2021-01-31"),
        ("2/{0}/1980", "dates written 31/1/2021, which are not read: write 2021-01-31"),
        ("1980/2/{0}", "dates written 2021/01/31, which are not read: write 2021-01-31"),
        ("1980-02-{0} 00:00:00", "dates written 2021-01-31 00:00:00, which are not read: write 2021-01-31"),
        ("198002{0}", "dates written 20210131, which are not read: write 2021-01-31"),
        ("{0},5", "numbers written 4,70, which are not read: write 4.70"),
    ],
)
def test_days_and_numbers_in_other_spellings_are_told(tmp_path: Path, spelt: str, remark: str) -> None:
    people = [["person_id", "x"], *([f"P{n}", spelt.format(10 + n % 19)] for n in range(60))]
    files = [written(tmp_path / "people.csv", people), written(tmp_path / "visits.csv", VISITS)]
    made = pipeline.draft(tmp_path / "ours", files)
    assert made.remarks == (f"people.csv: `x` looks like {remark}.",)
    assert f"# check this: `x` looks like {remark}" in text(tmp_path / "ours")


def test_odd_names_of_columns_become_names_of_the_language(tmp_path: Path) -> None:
    people = [["person_id", "Ikä (v)", "no", "2nd", "ikä v"], *([f"P{n}", "1", "2", "3", "4"] for n in range(30))]
    model, _ = load_model(drafted(tmp_path, people) / "models" / "ours.yaml")
    assert [*model.tables["people"].columns] == ["person_id", "ikä_v", "no_", "c_2nd", "ikä_v_2"]


def test_two_files_whose_names_read_alike_become_two_tables(tmp_path: Path) -> None:
    files = [
        written(tmp_path / name, rows) for name, rows in (("a.csv", PEOPLE), ("b c.csv", VISITS), ("b_c.csv", VISITS))
    ]
    pipeline.draft(tmp_path / "ours", files)
    model, _ = load_model(tmp_path / "ours" / "models" / "ours.yaml")
    assert [*model.tables] == ["a", "b_c_2", "b_c_3"]


# --- privacy ---------------------------------------------------------------------------------------------------------


def test_codes_are_written_down_only_where_enough_people_share_them(tmp_path: Path) -> None:
    policy = load_policy(shipped("specs") / "policies" / "default.yaml")
    assert threshold(policy, ()) == SHARED_BY
    few = [[*row[:2], "rare" if n < SHARED_BY - 1 else "common"] for n, row in enumerate(PEOPLE[1:])]
    documents = text(drafted(tmp_path, [PEOPLE[0], *few]))
    assert "common" in documents
    assert "rare" not in documents
    assert "complete: false" in documents


def test_many_rows_of_one_person_do_not_make_a_code_common(tmp_path: Path) -> None:
    visits = [*VISITS, *(["P1", "2020-05-04", "rare"] for _ in range(100))]
    assert "rare" not in text(drafted(tmp_path, visits=visits))


def test_no_identifier_and_no_day_of_anyone_is_written_down(tmp_path: Path) -> None:
    documents = text(drafted(tmp_path))
    assert not [row[0] for row in PEOPLE[1:] if row[0] in documents]
    assert not [row[1] for row in PEOPLE[1:] if row[1] in documents]
    assert "2020-05-04" not in documents


def test_what_is_printed_tells_of_documents_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [written(tmp_path / "people.csv", PEOPLE), written(tmp_path / "visits.csv", VISITS)]
    assert main.main(["init", str(tmp_path / "ours"), "--from-csv", *map(str, files)]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "guesses to check" in shown.err
    assert "kind" not in shown.err


# --- refusals --------------------------------------------------------------------------------------------------------


def test_files_without_a_common_column_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, [["a"], ["1"]], [["b"], ["1"]]) == "draft-no-key"


@pytest.mark.parametrize("other", ["client nr", "Client_Nr", "ClientID"])
def test_columns_that_may_be_the_same_are_named(tmp_path: Path, other: str) -> None:
    found = refused(tmp_path, [["Client Nr", "sex"], ["1", "f"]], [["day", other], ["2020-01-31", "1"]])
    assert found.code == "draft-no-key"
    assert found.remedy is not None
    assert f"`Client Nr` in people.csv and `{other}` in visits.csv" in found.remedy


def test_a_file_must_list_everyone_once(tmp_path: Path) -> None:
    assert refusal(tmp_path, [*PEOPLE, PEOPLE[1]], [*VISITS, VISITS[1]]) == "draft-no-list"


def test_rows_need_dates(tmp_path: Path) -> None:
    assert refusal(tmp_path, visits=[["person_id", "day"], ["P1", "4.5.2020"]]) == "draft-no-dates"
    (tmp_path / "again").mkdir()
    assert refusal(tmp_path / "again", visits=[["person_id", "day"], ["P1", "9999-12-31"]]) == "draft-no-dates"


def test_days_in_another_spelling_are_named_where_none_is_read(tmp_path: Path) -> None:
    found = refused(tmp_path, visits=[["person_id", "day"], ["P1", "4.5.2020"]])
    assert found.remedy is not None
    assert "In visits.csv, `day` looks like dates written 31.1.2021: write 2021-01-31" in found.remedy


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "The first line of people.csv is empty."),
        (b"a,a\n1,2\n", "Two columns of people.csv are called `a`."),
        (b"a,\n1,2\n", "Column 2 of people.csv has no name."),
        (b"person_id,b\nP1,2\nP2\n", "Line 3 of people.csv has 1 field, and its first line 2."),
        (b'person_id,b\nP1,"2\n3"\nP2,3,4\n', "Line 4 of people.csv has 3 fields, and its first line 2."),
        (b'person_id,b\nP1,"a"b\n', "A quotation mark does not fit in what begins in line 2 of people.csv."),
        (b"person_id;b\nP1;2\n", "people.csv has semicolons between fields."),
        (b"person_id\tb\nP1\t2\n", "people.csv has tabs between fields."),
        (b"person_id;synty\xe4\nP1;2\n", "people.csv is not UTF-8, and has semicolons between fields."),
        (b"person_id,synty\xe4\nP1,2\n", "people.csv is not UTF-8."),
    ],
)
def test_what_is_no_csv_file_with_a_header_is_told(tmp_path: Path, raw: bytes, message: str) -> None:
    (tmp_path / "people.csv").write_bytes(raw)
    visits = written(tmp_path / "visits.csv", VISITS)
    with pytest.raises(Refused) as told:
        pipeline.draft(tmp_path / "ours", [tmp_path / "people.csv", visits])
    (found,) = told.value.diagnostics
    assert (found.code, found.message) == ("draft-not-csv", message)
    assert found.remedy


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="draft-no-file"):
        pipeline.draft(tmp_path / "ours", [tmp_path / "people.csv"])


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"draft-no-file: .* is a folder\."):
        pipeline.draft(tmp_path / "ours", [tmp_path])


def test_files_of_two_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = [written(tmp_path / "people.csv", PEOPLE), written(tmp_path / "other" / "visits.csv", VISITS)]
    with pytest.raises(Refused, match="draft-two-folders"):
        pipeline.draft(tmp_path / "ours", files)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "mine.txt").write_text("kept")
    with pytest.raises(Refused, match="draft-folder-in-use"):
        drafted(tmp_path)
    assert [p.name for p in (tmp_path / "ours").iterdir()] == ["mine.txt"]


def test_a_folder_gives_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="draft-name"):
        pipeline.draft(tmp_path / "2024 data", [])


# --- whatever the files are ------------------------------------------------------------------------------------------

values = st.sampled_from(
    [
        "",
        "1",
        "02",
        "1.5",
        "NA",
        "-",
        "4,5",
        "1.2.2020",
        "true",
        "2020-02-29",
        "9999-12-31",
        "no",
        "a: b",
        '"',
        "#x",
        "ä'b",
        " c",
    ]
)
headers = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.lists(headers, min_size=1, max_size=4, unique=True), st.data())
def test_what_is_drafted_loads(tmp_path_factory: pytest.TempPathFactory, names: list[str], data: st.DataObject) -> None:
    rows = [[f"P{n}", *(data.draw(values) for _ in names)] for n in range(12)]
    visits = [[f"P{n % 9}", "2021-03-04", *(data.draw(values) for _ in names)] for n in range(20)]
    folder = tmp_path_factory.mktemp("draft")
    ours = drafted(folder, [["the_id", *names], *rows], [["the_id", "when", *names], *visits])
    load_site(ours / "site.yaml")
    assert {d.code for d in check(ours / "first.study", ours / "site.yaml")} == {"permit-expired"}
