"""Each message about a document, with the mistake that brings it and the text it underlines."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from studyspec import pipeline
from studyspec.catalogue.load import load_site
from studyspec.catalogue.sites import with_data
from studyspec.source import Diagnostic
from tests.catalogue.world import ROOT, build, change, load, refusals, study, underlined


@dataclass(frozen=True)
class Mistake:
    """file: where; old, new: what is changed; underlined: the text the message points at."""

    code: str
    file: str
    old: str
    new: str
    underlined: str | None
    says: str = ""


MISTAKES = [
    Mistake("document-kind", "site.yaml", "site: parish_office", "place: parish_office", "place", "`site: NAME`"),
    Mistake("document-kind", "permits/2020-7.yaml", "permit: PARISH-2020-7\n", "", None, "permit"),
    Mistake(
        "document-kind", "site.yaml", "bindings/parish_db.yaml", "permits/2020-7.yaml", "permit", "a permit, not a b"
    ),
    Mistake("document-kind", "site.yaml", "policies/strict.yaml", "my.yaml", "study", "a study, not a policy"),
    Mistake("document-kind", "site.yaml", "policies/strict.yaml", "empty.yaml", "", "Begin it with `policy: NAME`"),
    Mistake("missing-key", "policies/strict.yaml", "insiders: 2", "", "policy: strict", "insiders"),
    Mistake("missing-key", "models/parish.yaml", "    key: person_id\n    start", "    start", None, "key"),
    Mistake("unknown-key", "policies/strict.yaml", "rounding:", "roundin:", "roundin", "roundin"),
    Mistake("unknown-key", "models/parish.yaml", "as_of: extraction", "asof: extraction", "asof"),
    Mistake("wrong-value", "policies/strict.yaml", "minimum_entities: 8", "minimum_entities: eight", "eight"),
    Mistake("wrong-value", "policies/strict.yaml", "minimum_entities: 8", "minimum_entities: 0", "0"),
    Mistake("wrong-value", "policies/strict.yaml", "rounding: 5", "rounding: 08", "08"),
    Mistake("wrong-value", "policies/strict.yaml", "zeros: hide", "zeros: hidden", "hidden"),
    Mistake("wrong-value", "policies/strict.yaml", "rounding: 5", "rounding: [5]", "[5]", "one value"),
    Mistake("wrong-value", "permits/2020-7.yaml", "2020-02-01", "1.2.2020", "1.2.2020", "Write 2020-02-01."),
    Mistake("wrong-value", "permits/2020-7.yaml", "[parish_register]", "parish_register", None, "`[parish_register]`"),
    Mistake("wrong-value", "permits/2020-7.yaml", "2020-02-01", "2020-02-31", "2020-02-31", "a date"),
    Mistake("wrong-value", "models/parish.yaml", "type: text", "type: string", "string"),
    Mistake("wrong-value", "models/parish.yaml", "public: false", "public: no", "no", "Write false"),
    Mistake(
        "wrong-value",
        "models/parish.yaml",
        "label: {en: Parishioners}",
        "label: Parishioners",
        "Parishioners",
        "`{en: Par",
    ),
    Mistake("wrong-value", "models/parish.yaml", "label: {en: Parishioners}", "label: {}", "{}"),
    Mistake("wrong-value", "models/parish.yaml", "low: 1, high: 8", 'low: "1", high: 8', '"1"', "a number"),
    Mistake("wrong-value", "models/parish.yaml", "shape: events", "shape: rate", "rate"),
    Mistake("control-character", "models/parish.yaml", "en: Burials", 'en: "Bur\\nials"', '"Bur\\nials"', "U+000A"),
    Mistake("bad-name", "models/parish.yaml", "  burial:\n    label", '  "bur;ial":\n    label', '"bur;ial"'),
    Mistake("bad-name", "models/parish.yaml", "model: parish", "model: раrish", "раrish"),
    Mistake("bad-name", "models/parish.yaml", "model: parish", f"model: {'p' * 64}", "p" * 64),
    Mistake("names-alike", "models/parish.yaml", "      plots:", "      Date:", "Date", "date and Date"),
    Mistake(
        "unknown-reference", "models/parish.yaml", "register: parish_register", "register: parish_regster", "person"
    ),
    Mistake("unknown-reference", "models/parish.yaml", "type: code of sex", "type: code of gender", "sex"),
    Mistake("unknown-reference", "models/parish.yaml", "attributes: person ", "attributes: people ", "person"),
    Mistake(
        "unknown-reference",
        "models/parish.yaml",
        "completed_years_since: birth_date",
        "completed_years_since: born",
        "age",
    ),
    Mistake("unknown-reference", "models/parish.yaml", "table: burial", "table: burials", "burial", "burials"),
    Mistake("unknown-reference", "models/parish.yaml", 'parish = "01"', 'perish = "01"', "perish"),
    Mistake("unknown-reference", "bindings/parish_db.yaml", "      birth_date:", "      birthdate:", "birthdate"),
    Mistake("unknown-reference", "bindings/parish_db.yaml", "  membership:", "  memberships:", "memberships"),
    Mistake("unknown-reference", "site.yaml", "policies/strict.yaml ", "defautl", "defautl", "default"),
    Mistake("dates-out-of-order", "models/parish.yaml", "end: 2020-12-31", "end: 1989-12-31", "1989-12-31"),
    Mistake("dates-out-of-order", "permits/2020-7.yaml", "expires: 2030", "expires: 2019", "2019-12-31"),
    Mistake("dates-out-of-order", "permits/2020-7.yaml", "to: 2020", "to: 1989", "{from: 1990, to: 1989}"),
    Mistake("table-shape", "models/parish.yaml", "    date: date\n", "", "burial", "needs a date"),
    Mistake("table-shape", "models/parish.yaml", "    edge: starting ", "    # ", "joining", "edge"),
    Mistake("column-type", "models/parish.yaml", "    key: person_id  ", "    key: birth_date", "person", "identifier"),
    Mistake(
        "column-type", "models/parish.yaml", "{en: Sex}, type: code of sex", "{en: Sex}, type: text, low: 1", "sex"
    ),
    Mistake("range-out-of-order", "models/parish.yaml", "low: 1, high: 8", "low: 8, high: 1", "plots"),
    Mistake("range-out-of-order", "models/parish.yaml", "low: 0, high: 120", "low: 9, high: 1", "age"),
    Mistake("codelist-header", "codelists/parish.csv", "label_en", "lable_en", None, "lable_en"),
    Mistake(
        "codelist-header",
        "codelists/parish.csv",
        "code,",
        "kode,",
        "kode,label_en,group,valid_from,valid_to,parent,becomes",
    ),
    Mistake(
        "codelist-row",
        "codelists/parish.csv",
        "02,Harbour",
        "02,Har,bour",
        "02,Har,bour,town|coast,1990-01-01,2015-12-31,1,01",
    ),
    Mistake("codelist-row", "codelists/parish.csv", "1990-01-01", "1990-1-1", None, "dates"),
    Mistake("codelist-row", "codelists/parish.csv", "2015-12-31", "1980-12-31", None, "ends before"),
    Mistake("codelist-row", "codelists/parish.csv", "02,Harbour", '02,"Harbour', None, "quotes"),
    Mistake("codelist-row", "codelists/parish.csv", "02,", ",", None, "empty"),
    Mistake("duplicate-code", "codelists/parish.csv", "02,", "01,", None, "Line 4"),
    Mistake(
        "codelist-empty",
        "models/parish.yaml",
        '\n      "1": {label: {en: Man}}\n      "2": {label: {en: Woman}}',
        " {}",
        "{}",
    ),
    Mistake("codelist-name", "codelists/parish.yaml", "codelist: parish", "codelist: place", "codelists/parish.yaml"),
    Mistake("path-escapes", "models/parish.yaml", "parish: codelists/", "parish: ../../", "../../parish.yaml"),
    Mistake("path-escapes", "site.yaml", "bindings/parish_db.yaml", "/etc/passwd", "/etc/passwd"),
    Mistake("path-escapes", "site.yaml", "state/ledger.jsonl", "../ledger.jsonl", "../ledger.jsonl"),
    Mistake("path-escapes", "codelists/parish.yaml", "parish.csv", "../../parish.csv", "../../parish.csv"),
    Mistake(
        "file-missing",
        "models/parish.yaml",
        "codelists/parish.yaml",
        "codelists/perish.yaml",
        "codelists/perish.yaml",
        "",
    ),
    Mistake("file-missing", "site.yaml", "permits/2020-7.yaml", "permits/2020-8.yaml", "permits/2020-8.yaml"),
    Mistake("model-version", "models/parish.yaml", "version: 1 ", "version: 2 ", "model parish 1"),
    Mistake("not-accepted", "models/parish.yaml", "minimum_entities: 3", "minimum_entities: 1", "model parish 1"),
    Mistake("binding-model", "bindings/parish_db.yaml", "model_version: 1", "model_version: 2", "model parish 1"),
    Mistake("binding-rule", "bindings/parish_db.yaml", 'N: "2"', 'N: "3"', "sex", '"3"'),
    Mistake(
        "binding-rule", "bindings/parish_db.yaml", "physical: SRK", "physical: SRK\n        shift_days: 1", "parish"
    ),
    Mistake(
        "binding-rule", "bindings/parish_db.yaml", "physical: SRK", 'physical: SRK\n        codes: {Z: "01"}', "parish"
    ),
    Mistake(
        "binding-rule",
        "bindings/parish_db.yaml",
        "physical: SRK",
        "physical: SRK\n        counted: {unit: year}",
        "parish",
        "dates",
    ),
    Mistake(
        "binding-rule",
        "bindings/parish_db.yaml",
        'physical: SPVM, nulls: ["1900-01-01", "1800-01-01"]',
        "physical: SPVM, counted: {unit: month}",
        "birth_date",
        "since a day",
    ),
    Mistake(
        "binding-rule",
        "bindings/parish_db.yaml",
        "physical: SPVM, nulls: [",
        "physical: SPVM, counted: {unit: day, since: 1960-01-01}, nulls: [",
        "birth_date",
        "nulls are numbers",
    ),
    Mistake("binding-rule", "bindings/parish_db.yaml", "from: 2005", "from: 2004", "parish", "share a day"),
    Mistake(
        "binding-rule",
        "bindings/parish_db.yaml",
        'codes: {M: "1", N: "2"}',
        'codes_by_date: [{codes: {M: "1"}}]',
        "sex",
        "a date or a start",
    ),
    Mistake(
        "binding-rule", "bindings/parish_db.yaml", "drop_unfinished_doubles: true ", "# ", "membership", "identity"
    ),
    Mistake("binding-rule", "bindings/parish_db.yaml", "identity: [parish]", "identity: [end, perish]", None, "perish"),
    Mistake(
        "binding-rule",
        "bindings/parish_db.yaml",
        "physical: T_HENK ",
        "drop_unfinished_doubles: true\n    physical: T_HENK ",
        "person",
        "for spells",
    ),
    Mistake(
        "dates-out-of-order",
        "bindings/parish_db.yaml",
        "{from: 2005-01-01,",
        "{from: 2005-01-01, until: 2004-01-01,",
        None,
    ),
    Mistake(
        "unknown-reference", "models/parish.yaml", "type: identifier of household", "type: identifier of house", None
    ),
    Mistake("unknown-reference", "models/parish.yaml", "{household: household_id}", "{house: household_id}", "house"),
    Mistake(
        "unknown-reference", "models/parish.yaml", "columns: [parish]}", "columns: [perish]}", "membership", "perish"
    ),
    Mistake("unknown-reference", "models/parish.yaml", "keys: [sex, age, year]", "keys: [sex, age, yaer]", "mortality"),
    Mistake("column-type", "models/parish.yaml", "{household: household_id}", "{household: person_id}", "household"),
    Mistake(
        "column-type", "models/parish.yaml", "    clock: {unit: week, origin: First class} ", "    # ", "class", "date"
    ),
    Mistake(
        "column-type", "models/parish.yaml", "type: identifier of household", "type: identifier of person", "household"
    ),
    Mistake(
        "table-shape", "models/parish.yaml", "    date: week\n", "    date: week\n    doubled: unfinished\n", "class"
    ),
    Mistake(
        "table-shape",
        "models/parish.yaml",
        "    date: week\n",
        "    date: week\n    coverage: {start: 2000-01-01}\n",
        "class",
    ),
    Mistake(
        "table-shape",
        "models/parish.yaml",
        "    key: household_id\n",
        "    key: household_id\n    clock: {unit: day, origin: Birth}\n",
        "household",
        "no times",
    ),
    Mistake("table-shape", "models/parish.yaml", "keys: [sex, age, year]", "keys: [sex, age]", "mortality", "year"),
    Mistake("column-type", "models/parish.yaml", "value: rate", "value: sex", "mortality", "decimal or integer"),
    Mistake(
        "wrong-value", "models/parish.yaml", "publication_lag: 6 months", "publication_lag: half a year", "half a year"
    ),
    Mistake("wrong-value", "models/parish.yaml", "unit: week", "unit: fortnight", "fortnight"),
    Mistake("wrong-value", "models/parish.yaml", "percent: 75", "percent: 100", "100"),
    Mistake(
        "unknown-reference", "codelists/parish.csv", "1990-01-01,2015-12-31,1,", "1990-01-01,2015-12-31,9,", None, '"9"'
    ),
    Mistake("code-circle", "codelists/parish.csv", "1,Town parishes,,,,,", "1,Town parishes,,,,02,", None, "parent"),
    Mistake("code-successor", "codelists/parish.csv", "01,Cathedral,town,,,1,", "01,Cathedral,town,,,1,1", None, "01"),
    Mistake(
        "unknown-reference", "permits/2020-7.yaml", "[[parish_register]]", "[[parish_regster]]", None, "parish_register"
    ),
    Mistake("unknown-reference", "permits/2020-7.yaml", "[SPVM, SUKUP, SRK]", "[SPVM, SUKUPUOLI, SRK]", None, "SUKUP"),
    Mistake("binding-rule", "bindings/parish_db.yaml", 'nulls: "2222-11-11"', 'codes: {a: "b"}', "end"),
    Mistake("binding-rule", "bindings/parish_db.yaml", "      start: ALKU\n", "", "membership", "start"),
    Mistake("policy-open", "policies/strict.yaml", "guarded", "open", "8", "minimum_entities"),
    Mistake("permit-twice", "site.yaml", "[permits/2020-7.yaml]", "[permits/2020-7.yaml, permits/2020-7.yaml]", None),
    Mistake(
        "site-data-missing",
        "site.yaml",
        ", path: /srv/parish/extract",
        "",
        '{kind: csv, null: "NA"}',
        "Add `path:` to its",
    ),
]


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    (tmp_path / "my.yaml").write_text("study: my\nversion: 1.0.0\n")
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    return build(tmp_path)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.code}-{m.new.strip() or m.old.strip()}"[:50])
def test_a_mistake_is_named_and_underlined(mistake: Mistake, parish: Path) -> None:
    change(parish / mistake.file, mistake.old, mistake.new)
    found = [d for d in refusals(load, parish) if d.code == mistake.code]
    assert found, [d.code for d in refusals(load, parish)]
    if mistake.underlined is not None:
        assert mistake.underlined in [underlined(d) for d in found]
    assert any(mistake.says in f"{d.message} {d.remedy}" for d in found)


def shadowing(parish: Path) -> tuple[Diagnostic, ...]:
    return refusals(load, parish, study(codelists=(("sex", "town.csv"),)))


def unknown_model(parish: Path) -> tuple[Diagnostic, ...]:
    return refusals(lambda: load(parish, study("perish"), site=False))


def fixed_data(parish: Path) -> tuple[Diagnostic, ...]:
    return refusals(load_site, parish / "site.yaml", parish)


def selection(parish: Path) -> tuple[Diagnostic, ...]:
    (parish / "men.yaml").write_text(
        'codelist: men\nversion: "1"\nlabel: {en: Men}\nsource: here\nof: sex\ncodes: {"3": {label: {en: Man}}}\n'
    )
    return refusals(lambda: load(parish, study(codelists=(("men", "men.yaml"),)), site=False))


OTHERS: dict[str, tuple[Callable[[Path], tuple[Diagnostic, ...]], str | None]] = {
    "codelist-shadows": (shadowing, "sex"),
    "model-unknown": (unknown_model, "perish"),
    "site-data-fixed": (fixed_data, None),
    "codelist-selection": (selection, '"men.yaml"'),
}


@pytest.mark.parametrize("code", OTHERS)
def test_a_mistake_between_documents_is_named_and_underlined(code: str, parish: Path) -> None:
    act, span = OTHERS[code]
    found = act(parish)
    assert [d.code for d in found] == [code]
    assert underlined(found[0]) == span


def test_every_fault_of_the_room_is_shown_by_a_mistake_here() -> None:
    module = ast.parse((ROOT / "studyspec" / "catalogue" / "faults.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(module) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Diagnostic"]
    codes = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    servers = {"site-data-on-server", "site-server-unclear"}  # shown in test_servers.py
    studies = {"import-changed", "import-nested", "import-language", "policy-unknown", "policy-weakened"}
    cities = {"invented-circle", "invented-model"}  # shown in tests/synth/test_hints.py
    elsewhere = servers | studies | cities  # studies: test_imports.py
    assert codes - {m.code for m in MISTAKES} - set(OTHERS) == elsewhere


def test_all_independent_mistakes_are_reported_at_once(parish: Path) -> None:
    change(parish / "policies" / "strict.yaml", "rounding: 5", "rounding: five")
    change(parish / "permits" / "2020-7.yaml", "authority:", "autority:")
    change(parish / "site.yaml", "kind: register", "kind: secret")
    change(parish / "site.yaml", "key: state/site.key", "key: ../site.key")
    codes = sorted(d.code for d in refusals(load_site, parish / "site.yaml"))
    assert codes == ["path-escapes", "unknown-key", "wrong-value", "wrong-value"]


def test_a_mistake_brings_no_others_after_it(parish: Path) -> None:
    change(parish / "models" / "parish.yaml", "shape: spells", "shape: spell")
    assert [d.code for d in refusals(load, parish)] == ["wrong-value"]


KEYS = [
    ("site.yaml", "kind:", "type:", "kind"),
    ("permits/2020-7.yaml", "legal_basis:", "legalbasis:", "legal_basis"),
    ("policies/strict.yaml", "minimum_entities:", "minimum:", "minimum_entities"),
    ("bindings/parish_db.yaml", "physical: T_HENK", "fysical: T_HENK", "physical"),
    ("models/parish.yaml", "register: parish", "registre: parish", "register"),
]


@pytest.mark.parametrize(("file", "old", "new", "meant"), KEYS, ids=[new for _, _, new, _ in KEYS])
def test_a_misspelt_key_is_one_mistake(file: str, old: str, new: str, meant: str, parish: Path) -> None:
    change(parish / file, old, new)
    (found,) = refusals(load, parish)
    assert (found.code, underlined(found)) == ("unknown-key", new.split(":")[0])
    assert found.remedy == f"Write `{meant}:`, which is missing."
    assert not found.expected


def test_a_site_of_invented_data_may_leave_open_where_they_are(parish: Path) -> None:
    change(parish / "site.yaml", "kind: register", "kind: synthetic")
    change(parish / "site.yaml", ", path: /srv/parish/extract", "")
    site = load_site(parish / "site.yaml")
    (found,) = refusals(with_data, site)
    assert (found.code, found.span) == ("site-data-missing", None)
    assert found.remedy == "Add `path:` to its connection, or give `run` their path with --data."
    assert load_site(parish / "site.yaml", parish).connection.stated


@pytest.mark.parametrize(("file", "what"), [("site.yaml", "site"), ("permits/2020-7.yaml", "permit")])
def test_what_is_no_study_is_one_error(file: str, what: str, parish: Path) -> None:
    (found,) = refusals(pipeline.understand, parish / file)
    assert (found.code, found.message) == ("document-kind", f"This is a {what}, not a study.")
    assert underlined(found) == what
    assert found.remedy is not None
    assert "studyspec check STUDY --site" in found.remedy


def test_names_that_are_nearly_right_are_offered(parish: Path) -> None:
    (found,) = unknown_model(parish)
    assert found.remedy == "Did you mean parish?"
    (missing,) = refusals(lambda: load(parish, study(codelists=(("town", "twon.csv"),)), site=False))
    assert missing.code == "file-missing"
    assert missing.remedy == "Did you mean town.csv?"


def test_the_hash_to_accept_is_shown_to_the_steward(parish: Path) -> None:
    accepted = load(parish, study(codelists=(("town", "town.csv"),)), site=False).codelists["town"].hash
    (found,) = refusals(load, parish, study(codelists=(("town", "town.csv"),)))
    assert found.code == "not-accepted"
    assert found.remedy is not None
    assert accepted in found.remedy
