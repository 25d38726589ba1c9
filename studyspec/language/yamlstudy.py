"""The YAML spelling: text to the same document that the study spelling gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from studyspec.language import build, faults, tree, yamlfaults
from studyspec.language.assemble import Extras, Parts, finish, limited
from studyspec.language.characters import identity_codes
from studyspec.language.comments import NONE, Comment, attach
from studyspec.language.habits import ABSENT
from studyspec.language.lexer import Fault
from studyspec.language.recovered import Recovered
from studyspec.language.yamlkeys import KEYS, REPORTS
from studyspec.language.yamlslots import Slots
from studyspec.language.yamlstretches import stretches
from studyspec.language.yamltree import Map, Scalar, Seq, YamlNode, comments, compose, scalars
from studyspec.source import Diagnostic, Refused, Source, Span

#: Keys of clauses, with the words that begin the clauses in the study spelling.
_WORDS = {
    "switch-day events": "switch-day", "entry at": "entry", "dated at": "dated", "competing with": "competing",
    "at time zero": "at time zero", "while": "while", "censored": "censored",
}  # fmt: skip
_EXTRAS = ("label", "legal", "gap", "allow")


def read(source: Source) -> Recovered:
    try:
        root = compose(source)
    except Refused as refused:
        return Recovered(None, refused.diagnostics)
    span = source.span(0, len(source.text))
    if not isinstance(root, Map):
        fault = yamlfaults.yaml_kind("A study", "keys with values", root.span, "Begin with study: my_study")
        return Recovered(None, (fault,))
    first = root.entries[0][0] if root.entries else None
    if first is not None and first.text in yamlfaults.KINDS and root.key("study") is None:
        return Recovered(None, (yamlfaults.not_a_study(first.text, first.span, source.name),))
    said = [Comment(c.text, c.line, c.own_line) for c in comments(source, root)]
    reader = _Reader({})
    reader.document(root)
    after: tuple[str, ...] = ()
    if said and not reader.faults:
        # Read once more, now that it is known where every element stands.
        found, after = _attached(reader.extents, said)
        reader = _Reader(found)
        reader.document(root)
    hidden = [d for scalar in scalars(root) for d in _people(scalar)]
    wrong = limited(span, [*hidden, *reader.faults])
    return finish(span, reader.parts, after, wrong, (), lambda: stretches(root), _REQUIRED)


#: What a study must say, with an example.
_REQUIRED = {"study": "study: my_study", "language": "language: en", "model": "model: fi_municipal 1"}


def _attached(
    extents: list[tuple[int, int, int]], said: list[Comment]
) -> tuple[dict[int, tree.Comments], tuple[str, ...]]:
    """Comments by the place of the element's key.  One element may have several stretches (study, version)."""
    ordered = sorted(extents, key=lambda extent: (extent[0], -extent[1], extent[2]))
    attached, after = attach([(first, last) for first, last, _ in ordered], said)
    found: dict[int, tree.Comments] = {}
    for (_, _, key), new in zip(ordered, attached, strict=True):
        old = found.get(key, NONE)
        demoted = () if old.after is None or new.after is None else (old.after,)
        found[key] = tree.Comments(old.before + demoted + new.before, new.after if new.after is not None else old.after)
    return found, after


def _people(scalar: Scalar) -> Iterable[Diagnostic]:
    """Identity codes that only appear once escapes are read."""
    if scalar.quoted or scalar.block:
        for start, end in identity_codes(scalar.text):
            yield faults.identity_code(scalar.inner(start, end))


class _Reader(Slots):
    """comments: by place of an element's key; extents: first and last line and that place, noted while reading."""

    def __init__(self, comments: dict[int, tree.Comments]) -> None:
        super().__init__()
        self.comments = comments
        self.extents: list[tuple[int, int, int]] = []
        self.parts = Parts()

    def said(self, key: Span, end: int, owner: int | None = None) -> tree.Comments:
        """Notes an element that stands from `key` to `end`; gives its comments."""
        source = key.source
        first, last = source.position(key.start)[0], source.position(max(key.start, end - 1))[0]
        owner = key.start if owner is None else owner
        self.extents.append((first, last, owner))
        return self.comments.get(owner, NONE)

    # --- the document ---

    def document(self, root: Map) -> None:
        readers: dict[str, Callable[[Scalar, YamlNode], None]] = {
            "language": self.language,
            "title": lambda key, node: self.texts_of("title", key, node),
            "purpose": lambda key, node: self.texts_of("purpose", key, node),
            "model": self.model,
            "permits": self.permits,
            "policy": self.policy,
            "codelists": self.codelists,
            "imports": self.imports,
            "parameters": lambda key, node: self.each("parameters", node, self.parameter),
            "define": lambda key, node: self.each("define", node, self.define),
            "spells": lambda key, node: self.each("spells", node, self.spells),
            "cohort": lambda key, node: self.each("cohort", node, self.cohort),
            "exposure": lambda key, node: self.each("exposure", node, self.exposure),
            "follow-up": self.follow_up,
            "outcomes": lambda key, node: self.each("outcomes", node, self.outcome),
            "states": lambda key, node: self.each("states", node, self.state),
            "reports": self.reports,
        }
        self.known(root, "A study", "study")
        if root in self.puzzling:
            self.parts.seen.update(("study", "language", "model"))
        self.header(root)
        for key, node in root.entries:
            if key.text in readers:
                self.parts.seen.add(key.text)
                with self.guarded():
                    readers[key.text](key, node)

    def header(self, root: Map) -> None:
        key, node, version = root.key("study"), root.get("study"), root.get("version")
        if key is None or node is None:
            return
        self.parts.seen.add("study")
        name = number = None
        said = self.said(key.span, node.span.end)
        with self.guarded():
            name = self.name(node, "study")
        with self.guarded():
            place = root.key("version")
            if version is None and root in self.puzzling:
                raise Refused
            if version is None or place is None:
                raise Refused(yamlfaults.yaml_missing_key("version", "A study", key.span))
            self.said(place.span, version.span.end, key.span.start)
            number = self.version(version)
        if name is not None and number is not None:
            header = tree.Header(name=name, version=number, comments=said, span=key.span.to(node.span))
            self.parts.add("study", header, NONE, self.faults)

    def language(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        code = self.language_code(self.scalar(node, "language", "a language code such as en"))
        self.parts.add("language", tree.Language(code=code, comments=said, span=node.span), NONE, self.faults)

    def model(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        model = self.rule("model_ref", node, "model", "a name and a version, such as fi_municipal 1")
        self.parts.add("model", model, said, self.faults)

    def texts_of(self, word: str, key: Scalar, node: YamlNode) -> None:
        for label, said in self.texts(word, key, node):
            self.parts.add(word, label, said, self.faults)

    def permits(self, key: Scalar, node: YamlNode) -> None:
        for item in self.items(node, "permits"):
            with self.guarded():
                said = self.said(item.span, item.span.end)
                permit = tree.UsePermit(id=self.text(item, "A permit"), span=item.span)
                self.parts.add("permit", permit, said, self.faults)

    def policy(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        self.parts.add("policy", tree.UsePolicy(name=self.name(node, "policy"), span=node.span), said, self.faults)

    def imports(self, key: Scalar, node: YamlNode) -> None:
        for item in self.items(node, "imports"):
            with self.guarded():
                said = self.said(item.span, item.span.end)
                body = self.mapping(item, "An import")
                self.known(body, "An import", "import")
                found = tree.Import(
                    names=self.names(self.need(body, "names", None), "names"),
                    path=self.text(self.need(body, "from", None), "from"),
                    hash=build.content_hash(self.text(self.need(body, "sha256", None), "sha256")),
                    span=item.span,
                )
                self.parts.add("import", found, said, self.faults)

    def codelists(self, key: Scalar, node: YamlNode) -> None:
        for name, value in self.mapping(node, "codelists").entries:
            with self.guarded():
                said = self.said(name.span, value.span.end)
                use = tree.UseCodelist(
                    name=self.name(name, "A code list"), path=self.text(value, "A code list's path"), span=name.span
                )
                self.parts.add("codelist", use, said, self.faults)

    def each(self, word: str, node: YamlNode, read: Callable[[Scalar, YamlNode], None]) -> None:
        for name, value in self.mapping(node, word).entries:
            with self.guarded():
                read(name, value)

    # --- named elements ---

    def texts(self, word: str, key: Scalar, node: YamlNode) -> list[tuple[tree.Label, tree.Comments]]:
        """Labels: one text, texts by language, or a list of both."""
        if isinstance(node, Scalar):
            said = self.said(key.span, node.span.end)
            text = self.text(node, word)
            return [(tree.Label(language=None, text=text.value, span=node.span), said)]
        if isinstance(node, Map):
            return [self.language_text(word, language, value) for language, value in node.entries]
        found: list[tuple[tree.Label, tree.Comments]] = []
        for item in node.items:
            if isinstance(item, Seq):
                raise Refused(yamlfaults.yaml_kind(word, "a text, or texts by language", item.span, "Write en: TEXT"))
            found.extend(self.texts(word, item, item) if isinstance(item, Scalar) else self.texts(word, key, item))
        return found

    def language_text(self, word: str, language: Scalar, value: YamlNode) -> tuple[tree.Label, tree.Comments]:
        said = self.said(language.span, value.span.end)
        text = self.text(value, word)
        span = language.span.to(value.span)
        return tree.Label(language=self.language_code(language), text=text.value, span=span), said

    def extras(self, node: Map) -> Extras:
        found = Extras(None)
        for key, value in node.entries:
            if key.text not in _EXTRAS:
                continue
            with self.guarded():
                if key.text == "allow":
                    for code, reason in self.mapping(value, "allow").entries:
                        self.allow(found, code, reason)
                elif key.text == "label" and isinstance(value, Scalar):
                    found.label = self.text(value, "label")
                else:
                    for label, said in self.texts(key.text, key, value):
                        found.add(key.text, label, said, self.faults)
        return found

    def allow(self, found: Extras, code: Scalar, reason: YamlNode) -> None:
        said = self.said(code.span, reason.span.end)
        text = self.text(reason, "The reason").value
        allow = tree.Allow(code=self.check_code(code), reason=text, span=code.span.to(reason.span))
        found.add("allow", allow, said, self.faults)

    def parameter(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The parameter {key.text}", "parameter")
        type_ = self.rule("type", self.need(body, "type", key), "type", "a type such as code of municipality")
        head = {"name": self.name(key, "A parameter"), "type": type_}
        value = self.need(body, "value", key)
        if type_.kind in ("code", "text") and isinstance(value, Scalar) and value.quoted and value.text[:1] != '"':
            head["value"] = self.text(value, "value")
        else:
            head["value"] = self.rule("expr", value, "value", "an expression")
        self.parts.element("parameter", key.span, head, self.extras(body), said, (), {}, self.faults)

    def define(self, key: Scalar, node: YamlNode) -> None:
        self.valued("define", "expr", key, node, "A definition", "an expression")

    def categories(self, found: Extras, node: YamlNode) -> None:
        """The labels of categories: texts by language, by category."""
        for key, texts in self.mapping(node, "categories").entries:
            with self.guarded():
                name = self.name(key, "A category")
                for language, value in self.mapping(texts, f"The label of {key.text}").entries:
                    one, said = self.language_text("label", language, value)
                    label = tree.CategoryLabel(name=name, language=one.language or "", text=one.text, span=one.span)
                    found.add("label", label, said, self.faults)

    def spells(self, key: Scalar, node: YamlNode) -> None:
        self.valued("spells", "spell_expr", key, node, "Spells", "a table, or other spells")

    def valued(self, word: str, rule: str, key: Scalar, node: YamlNode, what: str, expected: str) -> None:
        """A name with a value, or with a mapping that holds the value and what is said about it."""
        said = self.said(key.span, node.span.end)
        extras, value = Extras(None), node
        if isinstance(node, Map):
            self.known(node, f"{what} {key.text}" if word == "spells" else f"The definition {key.text}", word)
            extras, value = self.extras(node), self.need(node, "value", key)
            labels = node.get("categories")
            if word == "define" and labels is not None:
                self.categories(extras, labels)
        head = {"name": self.name(key, what), "value": self.rule(rule, value, key.text, expected)}
        self.parts.element(word, key.span, head, extras, said, (), {}, self.faults)

    def cohort(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The cohort {key.text}", "cohort")
        head = {"name": self.name(key, "A cohort"), "entity": self.name(self.need(body, "of", key), "of")}
        try:
            self.indexed(key, body, head, said)
        except (Refused, Fault):
            self.parts.unreadable("cohort", head)
            raise

    def indexed(self, key: Scalar, body: Map, head: dict[str, Any], said: tree.Comments) -> None:
        extras = self.extras(body)
        event = self.need(body, "index", key)
        place = body.key("index")
        assert place is not None
        index = self.rule("indexing", event, "index", "an index such as first TABLE during [START, END]")
        single: dict[str, tuple[Any, tree.Comments]] = {"index": (index, self.said(place.span, event.span.end))}
        criteria = body.get("criteria")
        inner = [] if criteria is None else self.members(criteria, "criteria", self.criterion)
        self.parts.element("cohort", key.span, head, extras, said, inner, single, self.faults)

    def members(self, node: YamlNode, where: str, read: Callable[[Map], Any]) -> list[Any]:
        found = []
        for item in self.items(node, where):
            with self.guarded():
                found.append(read(self.mapping(item, f"An item of {where}")))
        return found

    def criterion(self, item: Map) -> tuple[dict[str, Any], Extras, tree.Comments]:
        said = self.said(item.span, item.span.end)
        self.known(item, "A criterion", "criterion")
        kind = self.chosen(item, "A criterion", "criterion")
        key = item.key(kind)
        assert key is not None
        where = self.rule("expr", self.need(item, "where", key), "where", "a condition")
        name = self.name(self.need(item, key.text, key), key.text)
        return {"kind": key.text, "name": name, "where": where, "span": key.span.to(name.span)}, self.extras(item), said

    def exposure(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The exposure {key.text}", "exposure")
        head: dict[str, Any] = {"name": self.name(key, "An exposure"), "window": None}
        if self.chosen(body, f"The exposure {key.text}", "exposure") == "during":
            head["window"] = self.window(self.need(body, "during", key))
        else:
            self.true(self.need(body, "varying", key), "varying")
        inner = self.levels(body, key)
        if inner is None:
            return
        single = self.clauses(body, {"switch-day events": self.switch_day})
        self.parts.element("exposure", key.span, head, self.extras(body), said, inner, single, self.faults)

    def switch_day(self, value: YamlNode) -> tree.SwitchDay:
        return tree.SwitchDay(rule=self.choice(value, "exposure", "switch-day events"), span=value.span)

    def clauses(self, body: Map, readers: dict[str, Callable[[YamlNode], Any]]) -> dict[str, tuple[Any, tree.Comments]]:
        """The clauses that a mapping has, by the word that begins them in the study spelling."""
        return {
            _WORDS[key.text]: (readers[key.text](value), self.said(key.span, value.span.end))
            for key, value in body.entries
            if key.text in readers
        }

    def window(self, node: YamlNode) -> tree.Interval:
        """`"[index, index + 30 days)"`, or from and to: the first day in, and the first day out."""
        if not isinstance(node, Map):
            found: tree.Interval = self.rule("interval", node, "during", 'a period such as "[index, index + 30 days)"')
            return found
        self.known(node, "A period", "period")
        low, high = (self.need(node, word, None) for word in ("from", "to"))
        return tree.Interval(
            low=self.rule("sum", low, "from", "a time"), high=self.rule("sum", high, "to", "a time"),
            low_closed=True, high_closed=False, span=node.span,
        )  # fmt: skip

    def level(self, item: Map) -> tuple[dict[str, Any], Extras, tree.Comments]:
        said = self.said(item.span, item.span.end)
        self.known(item, "A level", "level")
        name = self.name(self.need(item, "level", None), "level")
        given = self.chosen(item, "A level", "level")
        value = self.need(item, given, None)
        fields: dict[str, Any] = {"name": name, "where": None, "span": name.span}
        if given == "where":
            fields["where"] = self.rule("expr", value, "where", "a condition")
        elif given == "from":
            fields["since"] = self.rule("pick", value, "from", "first or last with a table")
        elif given == "while":
            fields["during"] = self.rule("spell_table", value, "while", "a table of spells")
        else:
            self.true(value, "otherwise")
        return fields, self.extras(item), said

    def levels(self, body: Map, key: Scalar) -> list[Any] | None:
        """The levels of an exposure or a state; None where none of those written can be read."""
        items = self.need(body, "levels", key)
        if isinstance(items, Seq) and not items.items:
            remedy = "Write [{level: NAME, where: CONDITION}, {level: NAME, otherwise: true}]."
            raise Refused(yamlfaults.yaml_kind("levels", "at least one level", items.span, remedy))
        found = self.members(items, "levels", self.level)
        return None if not found and isinstance(items, Seq) and items.items else found

    def state(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The state {key.text}", "state")
        inner = self.levels(body, key)
        if inner is None:
            return
        head = {"name": self.name(key, "A state")}
        self.parts.element("state", key.span, head, self.extras(body), said, inner, {}, self.faults)

    def follow_up(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, "follow-up")
        head: dict[str, Any]
        if body.get("recorded in") is None:
            self.known(body, "follow-up", "follow-up")
            start, end = (self.rule("sum", self.need(body, word, key), word, "a time") for word in ("from", "to"))
            head = {"start": start, "end": end}
        else:
            self.known(body, "A recorded follow-up", "recorded")
            begun = body.get("from")
            head = {
                "table": self.name(self.need(body, "recorded in", key), "recorded in"),
                "start": None if begun is None else self.name(begun, "from"),
                "end": self.name(self.need(body, "to", key), "to"),
            }
        described = {"entry at": self.entry, "while": self.lasting}
        single = self.clauses(body, {"censored": self.censored} if "table" in head else described)
        self.parts.element("follow-up", key.span, head, self.extras(body), said, (), single, self.faults)

    def entry(self, value: YamlNode) -> tree.EntryAt:
        return tree.EntryAt(time=self.rule("sum", value, "entry at", "a time"), span=value.span)

    def outcome(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The outcome {key.text}", "outcome")
        expected = "first or every with a table, a role, or recorded where a condition holds"
        event = self.rule("event", self.need(body, "event", key), "event", expected)
        single = self.clauses(
            body, {"dated at": self.dated, "competing with": self.competing, "at time zero": self.time_zero}
        )
        single["event"] = (event, NONE)
        head = {"name": self.name(key, "An outcome")}
        self.parts.element("outcome", key.span, head, self.extras(body), said, (), single, self.faults)

    def dated(self, value: YamlNode) -> tree.Dated:
        return tree.Dated(time=self.rule("sum", value, "dated at", "a time"), span=value.span)

    def competing(self, value: YamlNode) -> tree.Competing:
        return tree.Competing(names=self.names(value, "competing with"), span=value.span)

    def time_zero(self, value: YamlNode) -> tree.AtTimeZero:
        return tree.AtTimeZero(rule=self.choice(value, "outcome", "at time zero"), span=value.span)

    # --- reports ---

    def reports(self, key: Scalar, node: YamlNode) -> None:
        for item in self.items(node, "reports"):
            with self.guarded():
                said = self.said(item.span, item.span.end)
                self.parts.add("report", self.report(item), said, self.faults)

    def report(self, item: YamlNode) -> tree.Report:
        if isinstance(item, Scalar):
            kind, body = item, None
        else:
            entries = self.mapping(item, "A report").entries
            if len(entries) != 1:
                remedy = "Begin each report with a dash of its own: - risk: {of: OUTCOME, at: 1 year}"
                raise Refused(yamlfaults.yaml_kind("A report", "one kind with its keys", item.span, remedy))
            kind, body = entries[0]
        if kind.text in ABSENT:
            raise Refused(faults.not_in_language(f"report {kind.text}", ABSENT[kind.text], kind.span))
        if kind.text not in REPORTS:
            raise Refused(yamlfaults.yaml_unknown_key(kind.text, "reports", tuple(REPORTS), kind.span))
        if kind.text == "attrition" and (body is None or (isinstance(body, Scalar) and body.missing)):
            return tree.Report(kind="attrition", span=kind.span)
        body = self.mapping(item if body is None else body, kind.text)
        keys = REPORTS[kind.text]
        self.known(body, f"The report {kind.text}", keys)
        fields: dict[str, Any] = {"kind": kind.text}
        if "at" in KEYS[keys]:
            said = self.need(body, "at", kind)
            at = self.items(said, "at", single=True)
            if not at:
                raise Refused(yamlfaults.yaml_kind("at", "at least one length of time", said.span, "Write at: 1 year"))
            fields["times"] = tuple(self.rule("duration", t, "at", "a length of time such as 1 year") for t in at)
        if "of" in KEYS[keys]:
            fields["of"] = self.names(self.need(body, "of", kind), "of")
        by, cohort = body.get("by"), body.get("in")
        if by is not None and "by" in KEYS[keys]:
            fields["by"] = self.names(by, "by")
        if cohort is not None:
            fields["cohort"] = self.name(cohort, "in")
        return tree.Report(**fields, span=kind.span.to(body.span))
