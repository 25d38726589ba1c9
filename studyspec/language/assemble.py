"""Statements into one document: the same for both spellings.  What is said twice, or not at all, is found here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studyspec.language import faults, tree
from studyspec.language.characters import identity_codes, unseen
from studyspec.language.comments import NONE
from studyspec.language.layout import CLAUSES, EVENTS, STATEMENTS
from studyspec.language.lexer import RESERVED
from studyspec.language.recovered import Recovered, Stretch
from studyspec.language.recovery import lost
from studyspec.source import Diagnostic, Source, Span

MAX_FAULTS = 50


def commented(node: Any, comments: tree.Comments) -> Any:
    """An element with its comments."""
    return node if comments is NONE or comments == NONE else replace(node, comments=comments)


class Extras:
    """What named elements share: labels, legal and gap texts, allowed checks."""

    def __init__(self, label: tree.Text | None) -> None:
        self.label = label
        self.labels: list[tree.Label] = []
        self.legal: list[tree.Label] = []
        self.gap: list[tree.Label] = []
        self.allows: list[tree.Allow] = []
        self.categories: list[tree.CategoryLabel] = []
        self.comments: tuple[str, ...] = ()

    def add(self, word: str, node: Any, comments: tree.Comments, wrong: list[Diagnostic]) -> None:
        """One clause; `label "…"` without a language is the label of the element's own line."""
        if isinstance(node, tree.CategoryLabel):
            what = f"The label of {node.name.text} in {node.language}"
            _once(self.categories, commented(node, comments), lambda n: (n.name.text, n.language), what, wrong)
            return
        if word == "label" and node.language is None:
            if self.label is not None:
                wrong.append(faults.repeated_statement("The label", node.span, self.label.span))
            self.label = tree.Text(value=node.text, span=node.span)
            self.keep(comments)
            return
        node = commented(node, comments)
        if word == "allow":
            _once(self.allows, node, lambda n: n.code, f"allow {node.code}", wrong)
            return
        language = f" in {node.language}" if node.language else ""
        same: list[tree.Label] = {"label": self.labels, "legal": self.legal, "gap": self.gap}[word]
        _once(same, node, lambda n: n.language, f"The {word} text{language}", wrong)

    def keep(self, comments: tree.Comments) -> None:
        """Comments of a line that is no element of its own: they stand before the element."""
        self.comments += comments.before + (() if comments.after is None else (comments.after,))

    def at(self, comments: tree.Comments) -> tree.Comments:
        """The element's comments, with those of a label clause that moved to its own line."""
        return tree.Comments(comments.before + self.comments, comments.after) if self.comments else comments

    def fields(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "labels": tuple(self.labels),
            "legal": tuple(self.legal),
            "gap": tuple(self.gap),
            "allows": tuple(self.allows),
        }

    def by_category(self) -> tuple[tree.CategoryLabel, ...]:
        """The labels of categories, those of one category next to each other, as either spelling writes them."""
        order = dict.fromkeys(label.name.text for label in self.categories)
        return tuple(label for name in order for label in self.categories if label.name.text == name)


def _once(items: list[Any], node: Any, key: Callable[[Any], Any], what: str, wrong: list[Diagnostic]) -> None:
    first = next((item for item in items if key(item) == key(node)), None)
    if first is not None:
        wrong.append(faults.repeated_statement(what, node.span, first.span))
    items.append(node)


#: Statements of which there is one, with the field of the document.
_SINGLE = {
    "study": "header", "language": "language", "model": "model", "policy": "policy", "follow-up": "follow_up",
}  # fmt: skip
#: Statements of which there may be several, with the field of the document.
_SEVERAL = {
    "title": "titles", "purpose": "purposes", "permit": "permits", "codelist": "codelists", "parameter": "parameters",
    "define": "defines", "cohort": "cohorts", "exposure": "exposures", "outcome": "outcomes", "report": "reports",
    "import": "imports", "spells": "spells", "state": "states",
}  # fmt: skip
#: What cannot have the same name twice.
_DISTINCT = {
    "parameters": "a parameter", "defines": "a definition", "spells": "spells", "cohorts": "a cohort",
    "exposures": "an exposure", "outcomes": "an outcome", "states": "a state", "codelists": "a code list",
}  # fmt: skip
_REQUIRED = {"study": "study my_study version 1.0.0", "language": "language en", "model": "model fi_municipal 1"}


@dataclass(slots=True)
class Parts:
    """The document so far.

    seen: statements begun, whether or not they could be read
    unread: name and entity of each cohort of which more could not be read
    built: where elements begin that are here
    """

    single: dict[str, Any] = field(default_factory=dict)
    several: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _SEVERAL.values()})
    seen: set[str] = field(default_factory=set)
    unread: list[tuple[tree.Name, tree.Name]] = field(default_factory=list)
    built: set[int] = field(default_factory=set)

    def add(self, word: str, node: Any, comments: tree.Comments, wrong: list[Diagnostic]) -> None:
        """A finished statement."""
        node = commented(node, comments)
        if word in _SINGLE:
            first = self.single.setdefault(_SINGLE[word], node)
            if first is not node:
                wrong.append(faults.repeated_statement(word, node.span, first.span))
        elif word in ("title", "purpose"):
            language = f" in {node.language}" if node.language else ""
            _once(self.several[_SEVERAL[word]], node, lambda n: n.language, f"The {word}{language}", wrong)
        elif word == "permit":
            _once(self.several["permits"], node, lambda n: n.id.value, f"permit {node.id.value}", wrong)
        else:
            self.several[_SEVERAL[word]].append(node)

    def element(
        self, word: str, span: Span, head: dict[str, Any], extras: Extras, comments: tree.Comments,
        inner: Sequence[tuple[dict[str, Any], Extras, tree.Comments]], single: dict[str, tuple[Any, tree.Comments]],
        wrong: list[Diagnostic],
    ) -> None:  # fmt: skip
        """A statement with clauses.

        inner: its named clauses (criteria, levels); single: its other clauses by word
        """
        head = {**head, **extras.fields(), "span": span}
        if word == "define" and isinstance(head["value"], tree.Cases | tree.Groups):
            head["categories"] = extras.by_category()
        else:
            wrong.extend(faults.no_categories(label.span) for label in extras.categories)
        wrong.extend(faults.no_categories(label.span) for _, more, _ in inner for label in more.categories)
        nodes = {key: commented(node, said) for key, (node, said) in single.items()}
        node = _BUILT[word](head, inner, nodes, wrong)
        if node is not None:
            self.built.add(span.start)
            self.add(word, node, extras.at(comments), wrong)
        else:
            self.unreadable(word, head)

    def unreadable(self, word: str, head: dict[str, Any]) -> None:
        """A statement of which only its own line could be read."""
        if word == "cohort":
            self.unread.append((head["name"], head["entity"]))


#: What a statement is built from: its own fields, its named clauses, its other clauses, and where faults go.
_Inner = Sequence[tuple[dict[str, Any], Extras, tree.Comments]]
_Build = Callable[[dict[str, Any], _Inner, dict[str, Any], list[Diagnostic]], Any]


def _plain(build: Any) -> _Build:
    return lambda head, inner, nodes, wrong: build(**head)


def _cohort(head: dict[str, Any], inner: _Inner, nodes: dict[str, Any], wrong: list[Diagnostic]) -> Any:
    name = head["name"].text
    if "index" not in nodes:
        example = "index first TABLE starting during [START, END]"
        wrong.append(faults.missing_clause("index", f"The cohort {name}", example, head["span"]))
        return None
    criteria = _inner(tree.Criterion, inner)
    _unique(f"a criterion of {name}", criteria, wrong)
    return tree.Cohort(**head, index=nodes["index"], criteria=criteria)


def _levels(
    what: str, head: dict[str, Any], inner: _Inner, rules: tuple[str, ...], wrong: list[Diagnostic]
) -> tuple[tree.Level, ...] | None:
    """The levels of an exposure or a state, each given by one of `rules` (fields of a level) or by otherwise."""
    name = head["name"].text
    if not inner:
        example = 'level NAME "label" ' + _LEVEL_WORDS[rules[0]]
        wrong.append(faults.missing_clause("level", f"{what} {name}", example, head["span"]))
        return None
    levels: tuple[tree.Level, ...] = _inner(tree.Level, inner)
    _unique(f"a level of {name}", levels, wrong)
    for level in levels:
        given = next((rule for rule in _LEVEL_WORDS if getattr(level, rule) is not None), rules[0])
        if given not in rules:
            allowed = [_LEVEL_WORDS[rule] for rule in rules]
            wrong.append(faults.level_rule(level.name.text, f"{what.lower()} {name}", allowed, level.span))
    return levels


#: What a level is given by: fields of a level, with how they are written.
_LEVEL_WORDS = {"where": "where CONDITION", "since": "from first TABLE", "during": "while TABLE"}


def _exposure(head: dict[str, Any], inner: _Inner, nodes: dict[str, Any], wrong: list[Diagnostic]) -> Any:
    varying = head["window"] is None
    rules = ("since", "during") if varying else ("where",)
    levels = _levels("The varying exposure" if varying else "The exposure", head, inner, rules, wrong)
    return levels and tree.Exposure(**head, levels=levels, switch_day=nodes.get("switch-day"))


def _state(head: dict[str, Any], inner: _Inner, nodes: dict[str, Any], wrong: list[Diagnostic]) -> Any:
    levels = _levels("The state", head, inner, ("where",), wrong)
    return levels and tree.State(**head, levels=levels)


def _follow_up(head: dict[str, Any], inner: _Inner, nodes: dict[str, Any], wrong: list[Diagnostic]) -> Any:
    recorded = "table" in head
    fields = {k: head[k] for k in ("span", "start", "end", "allows", *(("table",) if recorded else ()))}
    if not recorded:
        if "censored" in nodes:
            words = tuple(word for word in STATEMENTS["follow-up"] if word != "censored")
            wrong.append(
                faults.unknown_clause("censored", "a follow-up from day to day", words, nodes["censored"].span)
            )
        return tree.FollowUp(**fields, entry=nodes.get("entry"), within=nodes.get("while"))
    wrong += [faults.entry_recorded(word, nodes[word].span) for word in ("entry", "while") if word in nodes]
    return tree.FollowUpRecorded(**fields, censored=nodes.get("censored"))


def _outcome(head: dict[str, Any], inner: _Inner, nodes: dict[str, Any], wrong: list[Diagnostic]) -> Any:
    if "event" not in nodes:
        what = f"The outcome {head['name'].text}"
        wrong.append(faults.missing_clause("event", what, "first TABLE starting during follow-up", head["span"]))
        return None
    event = nodes["event"]
    if isinstance(event, tree.Name) and event.text in STATEMENTS["outcome"]:
        wrong.append(faults.name_reserved(event.text, event.span))
    return tree.Outcome(
        **head, event=event, dated=nodes.get("dated"), competing=nodes.get("competing"),
        time_zero=nodes.get("at time zero"),
    )  # fmt: skip


_BUILT: dict[str, _Build] = {
    "parameter": _plain(tree.Parameter), "define": _plain(tree.Define), "spells": _plain(tree.Spells),
    "cohort": _cohort, "exposure": _exposure, "follow-up": _follow_up, "outcome": _outcome, "state": _state,
}  # fmt: skip


def _inner(build: Any, inner: Iterable[tuple[dict[str, Any], Extras, tree.Comments]]) -> tuple[Any, ...]:
    return tuple(build(**fields, **extras.fields(), comments=extras.at(said)) for fields, extras, said in inner)


def finish(
    span: Span,
    parts: Parts,
    end_comments: tuple[str, ...],
    wrong: list[Diagnostic],
    others: Sequence[Diagnostic],
    statements: Callable[[], Iterable[Stretch]],
    required: Mapping[str, str] = _REQUIRED,
) -> Recovered:
    """The document as far as it could be read, with everything that is wrong, in the order of the text.

    statements: where they stand, asked for only where something is wrong
    required: what a study must say, with an example in its own spelling
    """
    source = span.source
    wrong = [*forbidden(source), *others, *_reunited(wrong)]
    for word, example in required.items():
        begun = word in parts.seen or any(d.code in ("unknown-statement", "keyword-case") for d in wrong)
        if _SINGLE[word] not in parts.single and not begun:
            first = source.text.find("\n")
            wrong.append(
                faults.missing_statement(word, example, source.span(0, len(source.text) if first < 0 else first))
            )
    for kind, article in _DISTINCT.items():
        _unique(article, parts.several[kind], wrong)
    _unique("an import", [_Named(name) for node in parts.several["imports"] for name in node.names], wrong)
    named = [node for kind in _DISTINCT for node in parts.several[kind]]
    wrong.extend(_names(named, parts))
    told = tuple(limited(span, wrong))
    gone = lost(told, statements(), parts.built, parts.unread) if told else None
    if told and (gone is None or "model" not in parts.single):
        return Recovered(None, told)
    fields: dict[str, Any] = {name: tuple(nodes) for name, nodes in parts.several.items()}
    fields |= {**(_standing_in(span) if told else {}), **parts.single}
    return Recovered(tree.Document(span=span, **fields, end_comments=end_comments), told, gone)


def _standing_in(span: Span) -> dict[str, Any]:
    """A header and a language for a study whose own cannot be read: nothing else hangs on what they say."""
    name = tree.Name(text="", span=span)
    return {"header": tree.Header(name=name, version="", span=span), "language": tree.Language(code="en", span=span)}


def _reunited(wrong: list[Diagnostic]) -> list[Diagnostic]:
    """A clause in the wrong place and a statement that lacks one of its kind are one fault."""
    found = list(wrong)
    for lacking in [d for d in wrong if d.code == "missing-clause"]:
        strays = [
            d for d in found if d.code in ("unknown-clause", "repeated-statement") and _kind(d) in lacking.expected
        ]
        if strays:
            found.remove(lacking)
            found[found.index(strays[0])] = faults.misplaced_clause(strays[0], lacking)
    # What is lacking was told by its word so far; the help shows it whole.
    return [replace(d, expected=()) if d.code == "missing-clause" else d for d in found]


def _kind(stray: Diagnostic) -> str:
    """What a clause is, by its first word: an event begins with a word of its own, or with a role."""
    word = stray.span.first_word if stray.span else ""
    return word if word in CLAUSES and word not in EVENTS else "event"


@dataclass(frozen=True, slots=True)
class _Named:
    name: tree.Name


def limited(span: Span, wrong: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The faults in the order of the text, each once, and not more than anyone would read."""
    found: dict[tuple[str, int, str], Diagnostic] = {}
    for diagnostic in wrong:
        place = diagnostic.span.start if diagnostic.span else -1
        found.setdefault((diagnostic.code, place, diagnostic.message), diagnostic)
    ordered = sorted(found.values(), key=lambda d: d.span.start if d.span else -1)
    if len(ordered) > MAX_FAULTS:
        return [*ordered[:MAX_FAULTS], faults.too_many_faults(span.source.span(0, 0), MAX_FAULTS)]
    return ordered


def forbidden(source: Source) -> list[Diagnostic]:
    """Characters nobody can see, and codes that name people: refused wherever they stand, comments too."""
    hidden = [faults.invisible_character(source.span(i, i + 1)) for i in unseen(source.text)]
    return hidden + [faults.identity_code(source.span(a, b)) for a, b in identity_codes(source.text)]


def _unique(article: str, nodes: Iterable[Any], wrong: list[Diagnostic]) -> None:
    seen: dict[str, Span] = {}
    for node in nodes:
        name = node.name
        if name.text in seen:
            wrong.append(faults.repeated_name(article, name.text, name.span, seen[name.text]))
        seen.setdefault(name.text, name.span)


def _names(named: Iterable[Any], parts: Parts) -> Iterable[Diagnostic]:
    """Names that expressions could not use, and names that differ only by capital letters."""
    seen: dict[str, tree.Name] = {}
    inner = [n for c in parts.several["cohorts"] for n in c.criteria]
    inner += [n for e in (*parts.several["exposures"], *parts.several["states"]) for n in e.levels]
    for node in (*named, *inner):
        name = node.name
        if name.text in RESERVED:
            yield faults.name_reserved(name.text, name.span)
        first = seen.setdefault(name.text.casefold(), name)
        if first.text != name.text:
            yield faults.name_case(name.text, first.text, name.span, first.span)
