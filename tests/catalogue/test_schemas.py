"""The schemas for editors and the readers take the same documents."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from studyspec import calendar
from studyspec.catalogue import reader, schemas
from studyspec.language import parse, write
from studyspec.language.yamltree import Map, Seq, YamlNode, compose
from studyspec.source import Refused, Source
from studyspec.source import read as load
from tests.catalogue.world import ROOT, blocks

#: What only a reader can judge, since it takes a look at another place: the schema takes such documents.
ELSEWHERE = {
    *("unknown-reference", "names-alike", "dates-out-of-order", "range-out-of-order", "table-shape", "column-type"),
    *("code-circle", "code-successor", "codelist-empty", "codelist-name", "codelist-header", "codelist-row"),
    *("path-escapes", "file-missing", "permit-twice", "site-data-missing", "site-server-unclear"),
}
#: What a pattern can say only in part: the letters of all alphabets, and characters that cannot be seen.
IN_PART = {"bad-name", "control-character"}

VALIDATORS = {
    kind: Draft202012Validator(schemas.schema(kind), format_checker=FormatChecker(("date",))) for kind in schemas.KINDS
}
TEXTS = ["a", "word", "Ä b", "049", "2020", "x.yaml", "1 of 2"]
ODD: list[Any] = [
    True,
    0,
    -1,
    1.5,
    "",
    " ",
    " x",
    "x y",
    "1a",
    "2019-02-31",
    "2019-01-31",
    "open",
    [],
    {},
    ["a"],
    {"a": 1},
]


def read(kind: str, document: Any) -> set[str]:
    """The codes of what the reader finds wrong."""
    try:
        reader.document(Source("doc.yaml", json.dumps(document, ensure_ascii=False)), kind, schemas.KINDS[kind])
    except Refused as refused:
        return {d.code for d in refused.diagnostics}
    return set()


def agree(kind: str, document: Any) -> None:
    found = read(kind, document)
    wrong = next(VALIDATORS[kind].iter_errors(document), None)
    if found & {"missing-key", "unknown-key", "wrong-value", "document-kind", "policy-open"}:
        assert wrong is not None, found
    elif found <= ELSEWHERE:
        assert wrong is None, (found, wrong)
    else:
        assert found <= ELSEWHERE | IN_PART, found


def examples() -> dict[str, Any]:
    """The documents of docs/models.md, as editors see them."""
    found = {}
    for path, text in blocks().items():
        if path.endswith(".yaml"):
            node = compose(Source(path, text))
            found[text.split(":", 1)[0]] = jsonable(reader.plain(node, reader.Sheet(Source(path, text))))
    return found


def jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return value if isinstance(value, bool | int | float | str) else str(value)


EXAMPLES = examples()


@pytest.mark.parametrize("kind", [*schemas.KINDS, "study"])
def test_the_schemas_are_what_the_readers_say(kind: str) -> None:
    text = schemas.stored(kind).read_text(encoding="utf-8")
    assert text == schemas.text(kind), "run `python -m studyspec.catalogue.schemas`"
    Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_the_examples_of_the_docs_are_taken(kind: str) -> None:
    assert not list(VALIDATORS[kind].iter_errors(EXAMPLES[kind]))
    agree(kind, EXAMPLES[kind])


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every entry of a document, as its holder and its key."""
    if isinstance(value, dict):
        return [found for key in value for found in ((value, key), *places(value[key]))]
    if isinstance(value, list):
        return [found for key in range(len(value)) for found in ((value, key), *places(value[key]))]
    return []


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """A document with one to three changes: a key left out, added or renamed, a value of another kind."""
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        found = places(changed)
        if not found:
            break
        holder, key = draw(st.sampled_from(found))
        act = draw(st.sampled_from(["drop", "replace", "add", "rename"]))
        if act == "drop":
            del holder[key]
        elif act == "replace" or isinstance(holder, list):
            holder[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif act == "add":
            holder[draw(st.sampled_from(["extra", "label", "codes", "path", "low", "until"]))] = "a"
        else:
            holder[draw(st.sampled_from(["Extra", "note", "source", "name"]))] = holder.pop(key)
    return changed


def of(schema: Any, whole: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Documents that a schema takes; the words of these schemas are known, others raise."""
    if "$ref" in schema:
        return leaf(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return st.one_of([of(one, whole, depth) for one in schema["anyOf"]])
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if "allOf" in schema:
        return of(schema["allOf"][0], whole, depth).filter(lambda v: v != "date")
    if schema["type"] == "array":
        return st.lists(of(schema["items"], whole, depth + 1), max_size=2)
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if schema["type"] == "object":
        return mappings(schema, whole, depth)
    if schema["pattern"] == schemas._TYPE.replace("boolean", "date|boolean"):
        return st.sampled_from(["integer", "date", "code of x", "decimal in EUR a", "identifier of x", "text"])
    return st.from_regex(schema["pattern"].replace("$", r"\Z"), alphabet=st.characters(max_codepoint=126))


def mappings(schema: Any, whole: Any, depth: int) -> st.SearchStrategy[Any]:
    if "properties" not in schema:
        keys = of(schema["propertyNames"], whole, depth).map(str)
        return st.dictionaries(keys, of(schema["additionalProperties"], whole, depth + 1), max_size=2)
    needed = {k: of(v, whole, depth + 1) for k, v in schema["properties"].items() if k in schema["required"]}
    free = {k: of(v, whole, depth + 1) for k, v in schema["properties"].items() if k not in needed}
    return st.fixed_dictionaries(needed, optional=free)


def leaf(name: str) -> st.SearchStrategy[Any]:
    known: dict[str, st.SearchStrategy[Any]] = {
        "text": st.sampled_from([*TEXTS, 7, True]),
        "any_text": st.sampled_from([*TEXTS, ""]),
        "name": st.sampled_from(["a", "b_1", "år"]),
        "code": st.sampled_from(["1", "01", "a b", 5]),
        "date": st.dates().map(str),
        "reckoned": st.dates(calendar.FIRST_RECKONED, calendar.LAST_RECKONED).map(str),
        "number": st.integers(-9, 9) | st.sampled_from([0.5, -2.25]),
        "boolean": st.booleans(),
        "anything": st.just({"weights": {"a": 1}}),
        "labels": st.dictionaries(st.sampled_from(["en", "fi", "sv"]), st.sampled_from(TEXTS), min_size=1),
    }
    return known[name]


def without_conditions(document: Any) -> Any:
    """Conditions are expressions: what is wrong with one is the grammar's to say."""
    for holder, key in places(document):
        if key == "condition" and isinstance(holder, dict) and not isinstance(holder[key], list | dict):
            holder[key] = "a = 1"
    return document


@pytest.mark.parametrize("kind", schemas.KINDS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_document_made_from_the_schema_is_read(kind: str, data: st.DataObject) -> None:
    whole = schemas.schema(kind)
    document = without_conditions(data.draw(of(whole, whole)))
    assert not list(VALIDATORS[kind].iter_errors(document))
    agree(kind, document)


@pytest.mark.parametrize("kind", schemas.KINDS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_spoilt_document_is_refused_by_both_or_by_neither(kind: str, data: st.DataObject) -> None:
    agree(kind, without_conditions(data.draw(spoilt(EXAMPLES[kind]))))


# --- studies ---------------------------------------------------------------------------------------------------------

WHOLE = ROOT / "tests" / "language" / "whole.yaml"
STUDY = Draft202012Validator(schemas.schema("study"))


def written() -> list[Any]:
    found = []
    for path in [WHOLE, *sorted((ROOT / "examples").glob("*/*.study"))]:
        source = load(path)
        text = source.text if path.suffix == ".yaml" else write(parse(source), "yaml")
        node = compose(Source("s.yaml", text))
        found.append(texts(node))
    return found


def texts(node: YamlNode) -> Any:
    """A study with every scalar as a text, which is how studies are read."""
    if isinstance(node, Map):
        return {key.text: texts(value) for key, value in node.entries}
    if isinstance(node, Seq):
        return [texts(item) for item in node.items]
    return None if node.missing else node.text


STUDIES = written()


def dumped(value: Any) -> str:
    """The study as JSON, which is YAML with quotes around every text."""
    return json.dumps(value, ensure_ascii=False)


def refused(document: Any) -> set[str]:
    try:
        parse(Source("s.yaml", dumped(document)))
    except Refused as problem:
        return {d.code for d in problem.diagnostics}
    return set()


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study["study"])
def test_studies_are_taken(study: Any) -> None:
    assert not list(STUDY.iter_errors(study))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_spoilt_study_is_refused_by_both_where_words_lists_and_mappings_tell(data: st.DataObject) -> None:
    study = data.draw(spoilt(data.draw(st.sampled_from(STUDIES))))
    found = refused(study)
    wrong = next(STUDY.iter_errors(study), None)
    if found & {"yaml-unknown-key", "yaml-missing-key"}:
        assert wrong is not None, found
    if not found:
        assert wrong is None, wrong


@pytest.mark.parametrize("name", ["1a", "a-b", "a b", "", "a" * 64])
def test_what_is_plainly_no_name_is_refused_by_the_schema(name: str) -> None:
    assert list(VALIDATORS["policy"].iter_errors({**EXAMPLES["policy"], "policy": name}))
