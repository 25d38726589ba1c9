"""The YAML spelling: text to the same document that the study spelling gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from studyspec.language import faults, tree
from studyspec.language.assemble import Extras, Parts, finish, limited
from studyspec.language.characters import identity_codes
from studyspec.language.comments import NONE, Comment, attach
from studyspec.language.explain import ABSENT
from studyspec.language.lexer import TIME_ZERO_RULES
from studyspec.language.yamlslots import Slots
from studyspec.language.yamltree import Map, Scalar, Seq, YamlNode, comments, compose, scalars
from studyspec.source import Diagnostic, Refused, Source, Span

KEYS = (
    *("study", "version", "language", "title", "purpose", "model", "permits", "codelists", "parameters", "define"),
    *("cohort", "exposure", "follow-up", "outcomes", "reports"),
)
_EXTRAS = ("label", "legal", "gap", "allow")
_REPORTS = ("attrition", "baseline", "risk")


def parse(source: Source) -> tree.Document:
    """Raises Refused."""
    root = compose(source)
    span = source.span(0, len(source.text))
    if not isinstance(root, Map):
        raise Refused(faults.yaml_kind("A study", "keys with values, beginning with study: NAME", root.span))
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
    return finish(span, reader.parts, after, limited(span, [*hidden, *reader.faults]))


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
            "codelists": self.codelists,
            "parameters": lambda key, node: self.each("parameters", node, self.parameter),
            "define": lambda key, node: self.each("define", node, self.define),
            "cohort": lambda key, node: self.each("cohort", node, self.cohort),
            "exposure": lambda key, node: self.each("exposure", node, self.exposure),
            "follow-up": self.follow_up,
            "outcomes": lambda key, node: self.each("outcomes", node, self.outcome),
            "reports": self.reports,
        }
        self.known(root, "A study", KEYS)
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
            if version is None or place is None:
                raise Refused(faults.yaml_missing_key("version", "A study", key.span))
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
                raise Refused(faults.yaml_kind(word, "a text, or texts by language", item.span))
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
        self.known(body, f"The parameter {key.text}", ("type", "value", *_EXTRAS))
        type_ = self.rule("type", self.need(body, "type", key), "type", "a type such as code of municipality")
        head = {"name": self.name(key, "A parameter"), "type": type_}
        value = self.need(body, "value", key)
        if type_.kind in ("code", "text") and isinstance(value, Scalar) and value.quoted and value.text[:1] != '"':
            head["value"] = self.text(value, "value")
        else:
            head["value"] = self.rule("expr", value, "value", "an expression")
        self.parts.element("parameter", key.span, head, self.extras(body), said, (), {}, self.faults)

    def define(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        extras, value = Extras(None), node
        if isinstance(node, Map):
            self.known(node, f"The definition {key.text}", ("value", *_EXTRAS))
            extras, value = self.extras(node), self.need(node, "value", key)
        head = {"name": self.name(key, "A definition"), "value": self.rule("expr", value, key.text, "an expression")}
        self.parts.element("define", key.span, head, extras, said, (), {}, self.faults)

    def cohort(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The cohort {key.text}", ("of", "index", "criteria", *_EXTRAS))
        head = {"name": self.name(key, "A cohort"), "entity": self.name(self.need(body, "of", key), "of")}
        extras = self.extras(body)
        event = self.need(body, "index", key)
        place = body.key("index")
        assert place is not None
        index = tree.Index(event=self.rule("pick", event, "index", "first or last with a table"), span=event.span)
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
        kinds = [key for key, _ in item.entries if key.text in ("include", "exclude")]
        if len(kinds) != 1:
            raise Refused(faults.yaml_kind("A criterion", "either include: NAME or exclude: NAME", item.span))
        key = kinds[0]
        self.known(item, "A criterion", (key.text, "where", *_EXTRAS))
        where = self.rule("expr", self.need(item, "where", key), "where", "a condition")
        name = self.name(self.need(item, key.text, key), key.text)
        return {"kind": key.text, "name": name, "where": where, "span": key.span.to(name.span)}, self.extras(item), said

    def exposure(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        self.known(body, f"The exposure {key.text}", ("during", "levels", *_EXTRAS))
        head = {"name": self.name(key, "An exposure"), "window": self.window(self.need(body, "during", key))}
        inner = self.members(self.need(body, "levels", key), "levels", self.level)
        self.parts.element("exposure", key.span, head, self.extras(body), said, inner, {}, self.faults)

    def window(self, node: YamlNode) -> tree.Interval:
        """`"[index, index + 30 days)"`, or from and to: the first day in, and the first day out."""
        if not isinstance(node, Map):
            found: tree.Interval = self.rule("interval", node, "during", 'a period such as "[index, index + 30 days)"')
            return found
        self.known(node, "A period", ("from", "to"))
        low, high = (self.need(node, word, None) for word in ("from", "to"))
        return tree.Interval(
            low=self.rule("sum", low, "from", "a time"), high=self.rule("sum", high, "to", "a time"),
            low_closed=True, high_closed=False, span=node.span,
        )  # fmt: skip

    def level(self, item: Map) -> tuple[dict[str, Any], Extras, tree.Comments]:
        said = self.said(item.span, item.span.end)
        self.known(item, "A level", ("level", "where", "otherwise", *_EXTRAS))
        node = self.need(item, "level", None)
        otherwise, where = item.get("otherwise"), item.get("where")
        if (otherwise is None) == (where is None):
            raise Refused(faults.yaml_kind("A level", "given by either where or otherwise: true", item.span))
        if otherwise is not None and self.scalar(otherwise, "otherwise", "true").text != "true":
            raise Refused(faults.yaml_kind("otherwise", "true", otherwise.span))
        condition = None if where is None else self.rule("expr", where, "where", "a condition")
        return {"name": self.name(node, "level"), "where": condition, "span": node.span}, self.extras(item), said

    def follow_up(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, "follow-up")
        self.known(body, "follow-up", ("from", "to", "allow"))
        start, end = (self.rule("sum", self.need(body, word, key), word, "a time") for word in ("from", "to"))
        self.parts.element(
            "follow-up", key.span, {"start": start, "end": end}, self.extras(body), said, (), {}, self.faults
        )

    def outcome(self, key: Scalar, node: YamlNode) -> None:
        said = self.said(key.span, node.span.end)
        body = self.mapping(node, key.text)
        words = ("event", "dated at", "competing with", "at time zero")
        self.known(body, f"The outcome {key.text}", (*words, *_EXTRAS))
        event = self.rule("event", self.need(body, "event", key), "event", "first or last with a table, or a role")
        single: dict[str, tuple[Any, tree.Comments]] = {"first": (event, NONE)}
        for word, value in body.entries:
            if word.text in words[1:]:
                single[word.text.split()[0] if word.text != "at time zero" else word.text] = (
                    self.outcome_clause(word.text, value), self.said(word.span, value.span.end)
                )  # fmt: skip
        head = {"name": self.name(key, "An outcome")}
        self.parts.element("outcome", key.span, head, self.extras(body), said, (), single, self.faults)

    def outcome_clause(self, word: str, value: YamlNode) -> Any:
        if word == "dated at":
            return tree.Dated(time=self.rule("sum", value, word, "a time"), span=value.span)
        if word == "competing with":
            return tree.Competing(names=self.names(value, word), span=value.span)
        rule = self.scalar(value, word, faults.listed(TIME_ZERO_RULES)).text
        if rule not in TIME_ZERO_RULES:
            raise Refused(faults.yaml_kind(word, faults.listed(TIME_ZERO_RULES), value.span))
        return tree.AtTimeZero(rule=rule, span=value.span)  # type: ignore[arg-type]

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
                raise Refused(faults.yaml_kind("A report", "one kind with its keys, such as risk: {…}", item.span))
            kind, body = entries[0]
        if kind.text in ABSENT:
            raise Refused(faults.not_in_language(f"report {kind.text}", ABSENT[kind.text], kind.span))
        if kind.text not in _REPORTS:
            raise Refused(faults.yaml_unknown_key(kind.text, "reports", _REPORTS, kind.span))
        keys = {"attrition": (), "baseline": ("of", "by"), "risk": ("of", "by", "at")}[kind.text]
        if not keys:
            if body is not None and not (isinstance(body, Scalar) and body.missing):
                raise Refused(faults.yaml_kind("attrition", "written alone", body.span))
            return tree.Report(kind="attrition", span=kind.span)
        body = self.mapping(item if body is None else body, kind.text)
        self.known(body, f"The report {kind.text}", keys)
        times = ()
        if "at" in keys:
            at = self.items(self.need(body, "at", kind), "at", single=True)
            times = tuple(self.rule("duration", time, "at", "a length of time such as 1 year") for time in at)
        by = body.get("by")
        return tree.Report(
            kind=kind.text, of=self.names(self.need(body, "of", kind), "of"),  # type: ignore[arg-type]
            by=() if by is None else self.names(by, "by"), times=times, span=kind.span.to(body.span),
        )  # fmt: skip
