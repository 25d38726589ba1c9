"""Documents nobody wrote in good faith: a clear refusal or the right result, never anything else."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyspec.catalogue.bindings import load_binding
from studyspec.catalogue.codelists import load_codelist
from studyspec.catalogue.load import load_model, load_site
from studyspec.catalogue.permits import load_permit
from studyspec.catalogue.policies import load_policy
from tests.catalogue.world import blocks, build, change, load, refusals, study

LOADERS: dict[str, Callable[[Path], object]] = {
    "models/parish.yaml": load_model,
    "codelists/parish.yaml": lambda path: load_codelist(path, path.parent),
    "bindings/parish_db.yaml": load_binding,
    "policies/strict.yaml": load_policy,
    "permits/2020-7.yaml": load_permit,
    "site.yaml": load_site,
}
CORPUS = {
    "empty": b"",
    "blank": b"\n\n  \n",
    "comment": b"# nothing\n",
    "binary": bytes(range(256)),
    "nul": b"model: a\x00b\n",
    "scalar": b"model",
    "list": b"- model\n",
    "brackets": b"[" * 100_000,
    "braces": b"{" * 100_000,
    "deep": b"model: " + b"[" * 60 + b"]" * 60,
    "aliases": b"a: &a [x, x]\nb: &b [*a, *a]\nmodel: [*b, *b]\n",
    "tag": b"model: !!python/object:os.system [ls]\n",
    "merge": b"model: m\n<<: {version: 1}\n",
    "twice": b"model: a\nmodel: b\n",
    "documents": b"model: a\n---\nmodel: b\n",
    "latin": "model: täällä".encode("latin-1"),
    "complex key": b"? [model]\n: a\n",
    "quote": b'model: "a\n',
    "tab": b"model:\n\tversion: 1\n",
}


@pytest.fixture(scope="module")
def parish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("parish"))


@pytest.mark.parametrize("case", CORPUS)
@pytest.mark.parametrize("name", LOADERS)
def test_ruins_are_refused(name: str, case: str, tmp_path: Path) -> None:
    (tmp_path / "ruin.yaml").write_bytes(CORPUS[case])
    found = refusals(LOADERS[name], tmp_path / "ruin.yaml")
    assert found
    assert all(d.message.endswith((".", "?")) for d in found)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_spoilt_document_is_refused_or_read(data: st.DataObject, parish: Path) -> None:
    """Whatever is cut out of a document, or written into it."""
    name = data.draw(st.sampled_from(sorted(LOADERS)))
    text = blocks()[name]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    junk = data.draw(
        st.sampled_from(["", "'", '"', ";", "\n", "  ", ": ", "- ", "{", "]", "&a", "*a", "#", "\u202e", "1", "no"])
    )
    ruin = parish / name.replace(".yaml", "_ruin.yaml")
    ruin.write_text(text[:start] + junk + text[end:], encoding="utf-8")
    found = refusals(LOADERS[name], ruin)  # anything but a refusal would come through here
    assert all(d.code and d.message for d in found)


HOSTILE = ['"; drop table x; --', "a'b", "*/ select 1 /*", "\\", "${HOME}", "<script>", "=cmd|' /C calc'!A0", "%s {0}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_physical_names_and_codes_may_hold_anything_that_can_be_seen(text: str, tmp_path: Path) -> None:
    world, quoted = build(tmp_path), "'" + text.replace("'", "''") + "'"
    change(world / "models" / "parish.yaml", "en: Burials", f"en: {quoted}")
    change(world / "bindings" / "parish_db.yaml", "physical: T_HENK ", f"physical: {quoted} ")
    change(world / "bindings" / "parish_db.yaml", "LAJI: [J, JV]", f"{quoted}: [{quoted}]")
    model, _ = load_model(world / "models" / "parish.yaml")
    binding = load_binding(world / "bindings" / "parish_db.yaml")
    assert model.tables["burial"].labels["en"] == text
    assert binding.tables["person"].physical == text
    assert binding.tables["membership"].where == {text: (text,)}


@pytest.mark.parametrize("text", [*HOSTILE, "a b", "1a", "a-b", "", "a.b", "a/b"])
def test_names_may_not(text: str, tmp_path: Path) -> None:
    world = build(tmp_path)
    change(world / "models" / "parish.yaml", "      plots:", f"      '{text.replace(chr(39), chr(39) * 2)}':")
    assert "bad-name" in [d.code for d in refusals(load_model, world / "models" / "parish.yaml")]


@pytest.mark.parametrize("name", ["väestö", "人口", "население", "_x1"])
def test_names_may_use_any_alphabet(name: str, tmp_path: Path) -> None:
    world = build(tmp_path)
    change(world / "models" / "parish.yaml", "      plots:", f"      {name}:")
    assert name in load_model(world / "models" / "parish.yaml")[0].tables["burial"].columns


def test_messages_show_hostile_text_on_one_short_line(tmp_path: Path) -> None:
    world = build(tmp_path)
    change(world / "policies" / "strict.yaml", "zeros: hide", f'zeros: "hi\\nde{"x" * 500}"')
    for diagnostic in refusals(load_site, world / "site.yaml"):
        assert "\n" not in diagnostic.message
        assert len(diagnostic.message) < 300


def test_a_model_name_that_is_a_path_finds_nothing(tmp_path: Path) -> None:
    world = build(tmp_path)
    for name in ("../parish", "a/b", "..", "/etc/passwd"):
        found = refusals(lambda name=name: load(world, study(name), site=False))
        assert next(d.code for d in found) in ("model-unknown", "path-escapes")


def test_yaml_is_imported_only_when_a_document_is_read() -> None:
    heavy = "[m for m in ('yaml', 'lark', 'csv', 'duckdb') if m in sys.modules]"
    program = f"import sys, studyspec.catalogue.load as _; print({heavy})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
