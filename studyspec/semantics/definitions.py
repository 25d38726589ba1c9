"""Parameters and definitions by name, the study's own and imported ones: each resolved on first use, and once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from studyspec.catalogue.types import Catalogue, ValueType
from studyspec.language import tree
from studyspec.semantics import core, design, elementfaults, faults
from studyspec.semantics.core import Expr
from studyspec.semantics.dependencies import in_order
from studyspec.semantics.expressions import resolve as resolve_expression
from studyspec.semantics.expressions import resolve_condition
from studyspec.semantics.horizon import EXTRACTION
from studyspec.semantics.imports import imported
from studyspec.semantics.scope import Scope, labels, texts
from studyspec.semantics.values import literal, text_literal
from studyspec.semantics.walk import Rows, walk
from studyspec.source import Diagnostic, Span

#: What can be done with elements that are no definitions.
_CONDITION = "Define its condition, `define is_{name} = …`, and use `is_{name}` in both places."
_REMEDIES = {
    "a cohort": "Ask whether the unit is in it, in a cohort after it: `member of {name}`.",
    "a criterion": _CONDITION,
    "a level": _CONDITION,
    "an exposure": "Compare by it: `report risk of … by {name} at 1 year`.",
    "an outcome": "Report it: `report risk of {name} at 1 year`.",
    "a recurring outcome": "Report it: `report events of {name} at 1 year`.",
    "a state": "Report it: `report state of {name} at 1 year`.",
}


@dataclass(frozen=True)
class Use:
    """The study's own names where they are used."""

    names: Definitions

    def __call__(self, node: tree.Name, scope: Scope) -> Expr | None:
        return self.names.used(node, scope)

    def other(self, name: str) -> tuple[str, str] | None:
        what = self.names.others.get(name)
        return None if what is None else (what, _REMEDIES[what].format(name=name))

    def dates(self) -> frozenset[str]:
        return frozenset(name for name in self.names.nodes if self.names.may_be_date(name))


@dataclass
class Definitions:
    """Parameters and definitions, resolved when they are first used, and the order they came to be known in.

    others: the other names that the study gives, and what they are
    """

    document: tree.Document
    catalogue: Catalogue
    faults: list[Diagnostic]
    nodes: dict[str, tree.Define | tree.Parameter] = field(default_factory=dict)
    constants: dict[str, core.Literal_] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    allowed: dict[str, frozenset[str]] = field(default_factory=dict)
    entities: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    use: Use = field(init=False)

    def __post_init__(self) -> None:
        self.nodes, failed = imported(self.document, self.catalogue, self.faults)
        self.failed |= failed
        self.nodes |= {n.name.text: n for n in self.document.parameters}
        self.nodes |= {n.name.text: n for n in self.document.defines}
        self.others = dict(_others(self.document))
        self.use = Use(self)
        self._distinct()

    def _elements(self) -> Iterator[tree.Named]:
        document = self.document
        yield from (*document.parameters, *document.defines, *document.spells)
        for cohort in document.cohorts:
            yield cohort
            yield from cohort.criteria
        for exposure in document.exposures:
            yield exposure
            yield from exposure.levels
        yield from document.outcomes
        for state in document.states:
            yield state
            yield from state.levels

    def taken(self) -> frozenset[str]:
        """Names, in small letters, that no other element can have."""
        own = (node.name.text for node in self._elements())
        return frozenset(name.casefold() for name in (*own, *self.nodes, *self._of_model()))

    def _of_model(self) -> dict[str, str]:
        """The names of the model, with what they are."""
        model = self.catalogue.model
        taken = {**dict.fromkeys(model.tables, "a table"), **dict.fromkeys(model.roles, "a role")}
        for entity in model.entities.values():
            columns = model.tables[entity.attributes].columns
            taken.update({**dict.fromkeys(columns, "an attribute"), **dict.fromkeys(entity.derived, "a value")})
        return taken

    def _distinct(self) -> None:
        """Every element has a name of its own, which is no name of the model."""
        first: dict[str, Span] = {}
        taken = self._of_model()
        for node in self._elements():
            name = node.name.text
            if name.casefold() in first:
                self.faults.append(faults.duplicate_name(node.name.span, name, first[name.casefold()]))
            elif name in taken:
                self.faults.append(faults.name_taken(node.name.span, name, taken[name]))
            first.setdefault(name.casefold(), node.name.span)

    def allowing(self, code: str) -> frozenset[str]:
        """The elements that allow a check's code."""
        if code not in self.allowed:
            found = (n.name.text for n in self._elements() if any(a.code == code for a in n.allows))
            self.allowed[code] = frozenset(found)
        return self.allowed[code]

    def allows(self) -> Iterator[tuple[str, tree.Allow]]:
        for node in self._elements():
            yield from ((node.name.text, a) for a in node.allows)
        if self.document.follow_up is not None:
            yield from (("follow-up", a) for a in self.document.follow_up.allows)

    def settled_findings(self, study: core.Study) -> Iterator[design.Finding]:
        """Last-known columns inside definitions that allow them: their `allow` is in use."""
        for name in sorted(self.allowing("last-known") & set(self.values)):
            for column in self.values[name].facts.origin:
                if study.model.tables[column.table].columns[column.column].as_of:
                    span = self.nodes[name].name.span
                    yield design.Finding(faults.last_known(span, str(column), f"`{name}`"), (name,))

    def may_be_date(self, name: str) -> bool:
        """Whether a definition is a date, or may be one where nothing has asked for it yet."""
        value, node = self.constants.get(name) or self.values.get(name), self.nodes[name]
        if value is not None:
            return value.facts.type.kind == "date"
        if isinstance(node, tree.Parameter):
            return node.type.kind == "date"
        return name not in self.failed and isinstance(node.value, (tree.Name, tree.Linked, tree.RowValue, tree.Date))

    def used(self, node: tree.Name, scope: Scope) -> Expr | None:
        """A definition where it is used: a reference, or inside a row query the expression itself."""
        name = node.text
        if name in self.open:
            scope.report(faults.circular_definition(node.span, name))
            return None
        if not self._settled(name):
            for needed in in_order(name, self.nodes, self._settled):
                self._resolve(needed, scope)
        if name in self.constants:
            return replace(self.constants[name], span=node.span)
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, core.Literal_):
            return replace(value, span=node.span)
        of = self.entities[name]
        if of != scope.entity.name and value.facts.grain.kind != "constant":
            scope.report(elementfaults.definition_of_other_entity(node.span, name, of, scope.entity.name))
            return None
        if scope.row is not None:
            if any(isinstance(n, Rows) for n in walk(value, self.values)):
                scope.report(faults.nested_rows(node.span))
                return None
            return value
        facts = value.facts
        if name in self.allowing("last-known"):
            facts = replace(facts, known=facts.known - {EXTRACTION})
        return core.Ref(facts=facts, span=node.span, name=name)

    def _settled(self, name: str) -> bool:
        """Whether a definition is known, at fault, or being looked at."""
        return name in self.values or name in self.constants or name in self.failed or name in self.open

    def _resolve(self, name: str, scope: Scope) -> None:
        node = self.nodes[name]
        inner = replace(scope, row=None, outer=None, that_day=False, window=None, phase="criteria")
        self.open.append(name)
        self.entities[name] = scope.entity.name
        value: Expr | None
        if isinstance(node, tree.Parameter) and node.type.kind != "condition":
            value = _constant(node, inner)
            if value is not None:
                self.constants[name] = value
        else:
            of = resolve_condition if isinstance(node, tree.Parameter) else resolve_expression
            value = of(node.value, inner)
            if value is not None:
                self.values[name] = value = _labelled(value, node, inner)
        if value is None:
            self.failed.add(name)
        self.open.pop()

    def definitions(self, language: str) -> tuple[core.Definition, ...]:
        """In the order they came to be known, which is an order of dependency."""
        return tuple(
            core.Definition(
                name=name,
                labels=labels(language, self.nodes[name].name, self.nodes[name].label, self.nodes[name].labels),
                legal=texts(language, self.nodes[name].legal),
                gap=texts(language, self.nodes[name].gap),
                span=self.nodes[name].name.span,
                value=value,
            )
            for name, value in self.values.items()
        )


def _labelled(value: Expr, node: tree.Define | tree.Parameter, scope: Scope) -> Expr:
    """A definition's value with the labels that its clauses give to its categories."""
    if not isinstance(node, tree.Define) or not isinstance(value, core.CaseOf | core.GroupOf):
        return value
    keys = value.facts.type.categories
    texts: dict[str, dict[str, str]] = {key: {} for key in keys}
    for label in node.categories:
        if label.name.text in texts:
            texts[label.name.text][label.language] = label.text
        else:
            scope.report(faults.unknown_name(label.name.span, label.name.text, keys, f"category of `{node.name.text}`"))
    own = zip(keys, value.labels, strict=True)
    return replace(value, labels=tuple({**written, **texts[key]} for key, written in own))


def _others(document: tree.Document) -> Iterator[tuple[str, str]]:
    """The names that stand for no value, and what they are."""
    for cohort in document.cohorts:
        yield cohort.name.text, "a cohort"
        yield from ((one.name.text, "a criterion") for one in cohort.criteria)
    for exposure in document.exposures:
        yield exposure.name.text, "an exposure"
        yield from ((one.name.text, "a level") for one in exposure.levels)
    for outcome in document.outcomes:
        every = isinstance(outcome.event, tree.Rows) and outcome.event.quantifier == "every"
        yield outcome.name.text, "a recurring outcome" if every else "an outcome"
    for state in document.states:
        yield state.name.text, "a state"
        yield from ((one.name.text, "a level") for one in state.levels)


def _constant(node: tree.Parameter, scope: Scope) -> core.Literal_ | None:
    """The value of a parameter, which must be a constant of its type."""
    if not isinstance(node.value, (tree.Text, tree.Number, tree.Boolean, tree.Date, tree.Duration)):
        scope.report(faults.wrong_type(node.value.span, f"constant {node.type.kind}", "expression"))
        return None
    value = literal(node.value, scope)
    if value is None:
        return None
    if node.type.kind == "code":
        assert node.type.list is not None
        codes = scope.codelist(node.type.list.text)
        if codes is None:
            known = scope.catalogue.codelists
            scope.report(faults.unknown_name(node.type.list.span, node.type.list.text, known, "code list"))
            return None
        return text_literal(value, ValueType("code", list=codes.of or codes.name), scope)
    if value.facts.type.kind != node.type.kind and (node.type.kind, value.facts.type.kind) != ("decimal", "integer"):
        quoted = isinstance(value.value, str)
        remedy = faults.without_quotes(str(value.value), node.type.kind) if quoted else None
        scope.report(faults.wrong_type(node.value.span, node.type.kind, str(value.facts.type), remedy))
        return None
    return value
