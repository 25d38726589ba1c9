"""Everything that can be wrong with the documents around a study: one function per diagnostic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from studyspec.source import Diagnostic, Related, Span

# --- words -----------------------------------------------------------------------------------------------------------

_LONGEST_QUOTE = 60


def quote(text: str) -> str:
    """A text as messages show it: on one line, printable, and not endless."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f'"{shown[:_LONGEST_QUOTE]}…"' if len(shown) > _LONGEST_QUOTE else f'"{shown}"'


def a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def one_of(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def nearest(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names closest to a mistaken one, at most three."""
    from difflib import get_close_matches

    return tuple(get_close_matches(text[:100], list(known), 3, 0.6))


def _did_you_mean(text: str, known: Iterable[str]) -> str | None:
    near = nearest(text, known)
    return f"Did you mean {one_of(near)}?" if near else None


# --- reading a document ----------------------------------------------------------------------------------------------


#: Documents by their first key, and what they are called.
_KINDS = {
    **{kind: kind for kind in ("study", "site", "model", "binding", "policy", "permit")},
    "codelist": "code list",
    "invented": "invented population",
}


def not_this_document(kind: str, found: str | None, span: Span) -> Diagnostic:
    """found: the key it starts with, or `study`"""
    wanted = a(_KINDS[kind])
    if found in _KINDS:
        message, remedy = f"This is {a(_KINDS[found])}, not {wanted}.", f"Give a file that begins with `{kind}: NAME`."
    else:
        message = f"This is not {wanted}: it does not begin with `{kind}: NAME`."
        remedy = f"Give the path of {wanted}, or begin this one so."
    return Diagnostic("document-kind", message, _first_line(span), remedy)


def empty_document(kind: str, span: Span) -> Diagnostic:
    return Diagnostic("document-kind", f"This is empty, not {a(_KINDS[kind])}.", span, f"Begin it with `{kind}: NAME`.")


def missing_key(what: str, key: str, span: Span) -> Diagnostic:
    return Diagnostic("missing-key", f"The key {key} of this {what} is missing.", _first_line(span), f"Add `{key}:`.")


def unknown_key(what: str, key: str, span: Span, known: tuple[str, ...], meant: str | None = None) -> Diagnostic:
    """meant: the one that this most likely is: it is needed, and not there"""
    near = f"Write `{meant}:`, which is missing." if meant is not None else _did_you_mean(key, known)
    return Diagnostic(
        "unknown-key",
        f"{a(what).capitalize()} has no key {quote(key)}.",
        span,
        near or "Remove it, or use one of the keys expected here.",
        expected=() if near else known,
    )


def wrong_value(expected: str, found: str, span: Span, remedy: str | None = None) -> Diagnostic:
    return Diagnostic("wrong-value", f"Expected {expected}, found {found}.", _first_line(span), remedy)


def instead(expected: str, text: str | None) -> str | None:
    """What to write for a text (None: a list or a mapping) where something else was expected, if that can be told."""
    if expected == "a list":
        return "Begin each item with `- `, on a line of its own." if text is None else f"Write `[{text}]`."
    if text is None:
        return None if expected.startswith(("a mapping", "the keys", "texts")) else "Write one value after the colon."
    if expected.startswith(("a mapping", "the keys")):
        return "Write each key with its value, `key: value`, on lines of its own below this one."
    if expected == "texts by language":
        return f"Write `{{en: {text}}}`." if text else "Write `{en: …}`."
    if expected == "true or false" and text.lower() in _TRUTH:
        return f"Write {_TRUTH[text.lower()]}, without quotes."
    if day := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", text):
        return f"Write {day[3]}-{int(day[2]):02}-{int(day[1]):02}."
    if re.fullmatch(r"-?\d+,\d+", text):
        return f"Write {text.replace(',', '.')}."
    if "number" in expected and re.fullmatch(r"-?\d[\d ]*(\.\d+)?", text):
        return "Write digits without spaces, quotes and leading zeros."
    return None


_TRUTH = {"yes": "true", "no": "false", "true": "true", "false": "false", "on": "true", "off": "false"}


def not_a_choice(found: str, span: Span, words: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "wrong-value",
        f"Expected {one_of(words)}, found {quote(found)}.",
        span,
        _did_you_mean(found, words),
        expected=words,
    )


def control_character(character: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "control-character",
        f"This text holds the invisible character U+{ord(character):04X}.",
        _first_line(span),
        "Write the text on one line, without control characters or marks that change its direction.",
    )


def bad_name(text: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "bad-name",
        f"{quote(text)} cannot be a name.",
        _first_line(span),
        "A name is made of letters, digits and underscores, starts with no digit, and fits in 63 bytes.",
    )


def names_alike(second: str, span: Span, first: str, first_span: Span) -> Diagnostic:
    return Diagnostic(
        "names-alike",
        f"The names {first} and {second} differ only by case, which databases do not tell apart.",
        span,
        "Rename one of them.",
        (Related(first_span, "the first of the two"),),
    )


def unknown_reference(
    what: str, text: str, known: Iterable[str], span: Span | None, where: str = "", related: tuple[Related, ...] = ()
) -> Diagnostic:
    """A name that should be declared elsewhere and is not."""
    listed = tuple(known)
    return Diagnostic(
        "unknown-reference",
        f"There is no {what} {quote(text)}{where}.",
        span,
        _did_you_mean(text, listed) or (f"Known here: {', '.join(listed[:12])}." if listed else f"Declare the {what}."),
        related,
    )


def dates_out_of_order(first: str, last: str, span: Span | None) -> Diagnostic:
    return Diagnostic("dates-out-of-order", f"The {last} comes before the {first}.", span, "Exchange or correct them.")


# --- models ----------------------------------------------------------------------------------------------------------


def table_shape(table: str, shape: str, problem: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "table-shape",
        f"The table {table} of shape {shape} {problem}.",
        span,
        "Attributes have one row per entity, events have a `date`, spells have a `start` and an `end`.",
    )


def column_type(column: str, needed: str, found: str, span: Span | None) -> Diagnostic:
    return Diagnostic("column-type", f"The column {column} must be of type {needed} here, but it is {found}.", span)


def range_out_of_order(column: str, span: Span | None) -> Diagnostic:
    return Diagnostic("range-out-of-order", f"The highest value of {column} lies below its lowest.", span)


# --- code lists ------------------------------------------------------------------------------------------------------


def codelist_header(name: str, problem: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "codelist-header",
        f"The columns of the code list {name} cannot be used: {problem}.",
        span,
        "The columns may be code, label_en (and other languages), group, valid_from, valid_to, parent and becomes.",
    )


def codelist_row(name: str, line: int, problem: str, span: Span | None) -> Diagnostic:
    return Diagnostic("codelist-row", f"Line {line} of the code list {name} cannot be used: {problem}.", span)


def duplicate_code(name: str, code: str, line: int, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "duplicate-code",
        f"Line {line} of the code list {name} lists the code {quote(code)} a second time.",
        span,
        "Keep one row for each code.",
    )


def code_circle(name: str, code: str, relation: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "code-circle",
        f"In the code list {name}, following {relation} from the code {quote(code)} leads back to it.",
        span,
        f"Correct {relation} of one of the codes on the way.",
    )


def code_successor(name: str, code: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "code-successor",
        f"In the code list {name}, the code {quote(code)} has `becomes` but no `valid_to`: it is never replaced.",
        span,
        "Add the last day it is valid, or remove `becomes`.",
    )


def codelist_empty(name: str, span: Span | None) -> Diagnostic:
    return Diagnostic("codelist-empty", f"The code list {name} has no codes.", span, "List at least one code.")


def not_in_selection(name: str, code: str, base: str, span: Span | None, known: Iterable[str]) -> Diagnostic:
    return Diagnostic(
        "codelist-selection",
        f"The code list {name} selects the code {quote(code)}, which {base} does not have.",
        span,
        _did_you_mean(code, known) or f"Remove it, or add it to {base}.",
    )


def codelist_shadows(name: str, model: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "codelist-shadows",
        f"The model {model} already has a code list {name}.",
        span,
        "Give the list beside the study a name of its own; a study cannot replace what its model says.",
    )


def codelist_named_otherwise(expected: str, found: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "codelist-name",
        f"The code list is called {found} in its own document, but {expected} here.",
        span,
        "Use one name for one list.",
    )


# --- files -----------------------------------------------------------------------------------------------------------


def path_escapes(path: str, root: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "path-escapes",
        f"The path {quote(path)} leads out of the folder of {root}.",
        span,
        "Keep the file in that folder or below it, and write the path relative to it, without links that leave it.",
    )


def file_missing(what: str, path: str, span: Span | None, near: tuple[str, ...]) -> Diagnostic:
    return Diagnostic(
        "file-missing",
        f"The {what} {quote(path)} is not there.",
        span,
        f"Did you mean {one_of(near)}?" if near else "Check the path; it is relative to the document that names it.",
    )


# --- finding what a study names --------------------------------------------------------------------------------------


def model_unknown(name: str, known: tuple[str, ...], span: Span) -> Diagnostic:
    return Diagnostic(
        "model-unknown",
        f"There is no model {name}.",
        span,
        _did_you_mean(name, known) or f"Known models: {', '.join(known) or 'none'}.",
    )


def model_version(name: str, asked: int, found: int, span: Span) -> Diagnostic:
    return Diagnostic(
        "model-version",
        f"The study is written for version {asked} of the model {name}, but the one here is version {found}.",
        span,
        f"Read what changed in the model, then write `model {name} {found}`.",
    )


def not_accepted(kind: str, name: str, site: str, span: Span | None, found: str, accepted: str | None) -> Diagnostic:
    why = "is not among those" if accepted is None else "is not the one"
    return Diagnostic(
        "not-accepted",
        f"The {kind} {name} {why} that the site {site} accepts.",
        span,
        f"Use the copy that the site accepts, or let its data steward read this one and list it in `accepts`: {found}",
    )


# --- imports and policies --------------------------------------------------------------------------------------------


def import_changed(path: str, found: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "import-changed",
        f"The file {quote(path)} is not the one that this import was reviewed with.",
        span,
        f'Read what has changed in it; where that is right, write `sha256 "{found}"`.',
    )


def import_nested(path: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "import-nested",
        f"The file {quote(path)} imports from another one itself.",
        span,
        "Import from that file directly, so that a reader finds each definition in one step.",
    )


def import_language(path: str, found: str, needed: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "import-language",
        f"The file {quote(path)} is written in `{found}`, and this study in `{needed}`.",
        span,
        "Import from a file in the study's own language: labels would be taken for another one.",
    )


def policy_unknown(name: str, known: Sequence[str], span: Span) -> Diagnostic:
    return Diagnostic(
        "policy-unknown",
        f"There is no policy {quote(name)}.",
        span,
        _did_you_mean(name, known) or f"Put it at `policies/{name}.yaml` beside the study, or use {one_of(known)}.",
    )


def policy_weakened(name: str, floor: str, fields: Sequence[str], span: Span) -> Diagnostic:
    which = ", ".join(fields)
    return Diagnostic(
        "policy-weakened",
        f"The policy {name} protects less than the site's own, {floor}, in: {which}.",
        span,
        "A study can ask for more protection than its site gives, never for less: raise these, or leave the line out.",
    )


# --- bindings and sites ----------------------------------------------------------------------------------------------


def binding_for_another_model(binding: str, bound: str, used: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "binding-model",
        f"The site's binding {binding} is for the model {bound}, but the study uses {used}.",
        span,
        "Run the study on a site bound to its model, or ask the data steward for a binding.",
    )


def invented_for_another_model(name: str, meant: str, used: str) -> Diagnostic:
    return Diagnostic(
        "invented-model",
        f"The invented population {name} gives hints for the model {meant}, but the site's model is {used}.",
        remedy="Name a population for that model under `invented` of the site.",
    )


def like_itself(name: str, span: Span | None) -> Diagnostic:
    return Diagnostic(
        "invented-circle",
        f"The invented population {name} is like one that is, in the end, like it.",
        span,
        "Take `like` away from one of them.",
    )


def binding_rule(column: str, problem: str, span: Span | None) -> Diagnostic:
    return Diagnostic("binding-rule", f"The binding of {column} cannot be used: {problem}.", span)


def open_policy_key(key: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "policy-open",
        f"A policy of mode open publishes exact numbers, so {key} means nothing in it.",
        span,
        f"Remove {key}, or make the mode guarded.",
    )


def data_fixed(site: str, kind: str) -> Diagnostic:
    return Diagnostic(
        "site-data-fixed",
        f"The data of the site {site} cannot be replaced: its kind is {kind}.",
        None,
        "Leave --data out; only sites declared synthetic or public take it.",
    )


def data_missing(site: str, span: Span | None, may_be_given: bool) -> Diagnostic:
    return Diagnostic(
        "site-data-missing",
        f"The site {site} does not say where its data are.",
        span,
        f"Add `path:` to its connection{', or give `run` their path with --data' if may_be_given else ''}.",
    )


def data_on_server(site: str) -> Diagnostic:
    return Diagnostic(
        "site-data-on-server",
        f"The site {site} reads a database server, and --data cannot stand in for it.",
        None,
        "Leave --data out, or use a site that reads files.",
    )


def server_unclear(site: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "site-server-unclear",
        f"The connection of the site {site} names its server in no way, or in more than one.",
        span,
        "Write `dsn_env:`, or `service:`, or `host:` with `port:`, `database:` and `user:`; never a password.",
    )


def permit_twice(permit: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "permit-twice", f"The permit {quote(permit)} is listed twice.", span, "Keep one document for each decision."
    )


def _first_line(span: Span) -> Span:
    """A span cut at the end of its first line: a whole mapping underlined would hide the place."""
    end = span.source.text.find("\n", span.start)
    return span if end < 0 or end >= span.end else Span(span.source, span.start, max(end, span.start + 1))
