"""What can be wrong with a document as YAML, one function per fault."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studyspec.language.faults import nearest, shown
from studyspec.source import Diagnostic, Related, Span


def yaml_invalid(span: Span, problem: str, other: Span | None, later: bool = False) -> Diagnostic:
    """other: where the parser stopped (later), or where it began to read what it could not"""
    reasons = {
        "mapping values are not allowed in this context": "a second colon stands in this value; quote the value",
        "could not find expected ':'": "a key without its colon",
        "found character that cannot start any token": "this character cannot begin a value; quote the value",
        "found unexpected end of stream": "a quotation mark or bracket is never closed",
        "did not find expected key": "the indentation or a quotation mark is off",
        "did not find expected ',' or ']'": "a list between [ ] is never closed",
        "did not find expected ',' or '}'": "a mapping between { } is never closed",
        "did not find expected '-' indicator": "a list item without its dash",
        "did not find expected node content": "a value is missing",
    }
    reason = reasons.get(problem, "check indentation, quotes and brackets here")
    return Diagnostic(
        "yaml-invalid",
        f"This is not valid YAML: {reason}.",
        span,
        "Expressions with colons, quotes or # are safest under a | on their own lines."
        if re.search(r"^study\s*:", span.source.text, re.MULTILINE)
        else "Put a value that holds a colon, a quotation mark or # between quotes.",
        (Related(other, f"what was being read {'was still not over' if later else 'began'} here"),) if other else (),
    )


#: Documents that are no studies, by their first key, and how each of them is checked.
KINDS = {
    "site": "`studyspec check STUDY --site {file}` checks a study at it.",
    "model": "It is checked with a study that names it: `studyspec check STUDY`.",
    "codelist": "It is checked with a study that names it: `studyspec check STUDY`.",
    **dict.fromkeys(
        ("binding", "policy", "permit", "invented"),
        "It is checked with the site that names it: `studyspec check STUDY --site SITE`.",
    ),
}


def not_a_study(kind: str, span: Span, file: str) -> Diagnostic:
    what = {"codelist": "a code list", "invented": "an invented population"}.get(kind, f"a {kind}")
    return Diagnostic("document-kind", f"This is {what}, not a study.", span, KINDS[kind].format(file=file))


def yaml_empty(span: Span) -> Diagnostic:
    return Diagnostic("yaml-empty", "The document is empty.", span, "Write at least study: NAME.")


def yaml_documents(span: Span) -> Diagnostic:
    return Diagnostic("yaml-documents", "A second document begins here.", span, "Keep one document in a file.")


def yaml_anchor(span: Span) -> Diagnostic:
    return Diagnostic(
        "yaml-anchor",
        "Anchors (&) and aliases (*) are not read.",
        span,
        "Write it out, or name it with define; a text that begins with & or * is quoted.",
    )


def yaml_tag(span: Span) -> Diagnostic:
    return Diagnostic("yaml-tag", "Tags (!) and directives (%) are not read.", span, "Delete it; or quote the text.")


def yaml_key(span: Span) -> Diagnostic:
    return Diagnostic("yaml-key", "A key must be one text, not a list or a mapping.", span, "Write word: value.")


def yaml_duplicate_key(key: str, span: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "yaml-duplicate-key",
        f"The key {shown(key)} stands twice in one mapping.",
        span,
        "Keep one of them.",
        (Related(first, "it stands here first"),),
    )


def yaml_too_deep(span: Span, limit: int) -> Diagnostic:
    return Diagnostic("yaml-too-deep", f"More than {limit} levels are nested here.", span, "Flatten the document.")


def yaml_too_large(span: Span, limit: int) -> Diagnostic:
    return Diagnostic(
        "yaml-too-large",
        f"The document has more than {limit:,} parts.",
        span,
        "Long code lists belong in a CSV file of their own.",
    )


def yaml_comment_in_expression(span: Span) -> Diagnostic:
    return Diagnostic(
        "yaml-comment-in-expression",
        "To YAML, a # after a space begins a comment: the expression ends before it.",
        span,
        "Put the expression under a | on its own lines, where # is an ordinary character; or delete the comment.",
    )


def yaml_kind(what: str, expected: str, span: Span, remedy: str | None = None) -> Diagnostic:
    return Diagnostic("yaml-kind", f"{what} must be {expected}.", span, remedy)


def yaml_period(text: str, span: Span, alone: bool) -> Diagnostic:
    """alone: whether the value is this period and nothing else"""
    return Diagnostic(
        "yaml-invalid",
        "To YAML, this [ begins a list, which is never closed.",
        span,
        f'Put it between quotes: "{shown(text)}".' if alone else "Put the whole value between quotes.",
    )


def yaml_unknown_key(key: str, where: str, known: Sequence[str], span: Span, missing: Sequence[str] = ()) -> Diagnostic:
    """missing: keys that the mapping needs and does not have"""
    near = nearest(key, missing) or nearest(key, known)
    return Diagnostic(
        "yaml-unknown-key",
        f"{where} has no key {shown(key) or '(empty)'}.",
        span,
        f"Did you mean {near}?" if near else _lacking(missing),
        expected=() if near else tuple(known),
    )


def _lacking(missing: Sequence[str]) -> str | None:
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} still missing." if missing else None


def yaml_missing_key(key: str, where: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "yaml-missing-key", f"{where} lacks the key {key}.", span, f"Add {key}: {_EXAMPLES.get(key, '…')}"
    )


#: What may stand under the keys that a mapping needs.
_EXAMPLES = {
    "study": "my_study",
    "version": "1.0.0",
    "language": "en",
    "model": "fi_municipal 1",
    "of": "NAME",
    "names": "NAME",
    "type": "integer",
    "value": "VALUE",
    "index": "first TABLE starting during [START, END]",
    "where": "CONDITION",
    "level": "NAME",
    "levels": "[{level: NAME, where: CONDITION}]",
    "event": "first TABLE starting during follow-up",
    "from": "TIME",
    "to": "TIME",
    "at": "1 year",
    "sha256": "HASH",
}
