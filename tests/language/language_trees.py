"""Generated studies: every kind of node, with names, texts and comments that try to break out of their places."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from studyspec.language import tree
from studyspec.language.characters import identity_codes, unseen
from studyspec.language.layout import STATEMENTS
from studyspec.language.lexer import RESERVED, TYPE_WORDS, UNKNOWNS
from studyspec.source import Source

SPAN = Source("made.study", "").span(0, 0)

NAMES = st.sampled_from(
    [
        *("age", "service", "study", "code", "label", "days", "of", "end", "date", "text", "by", "x1", "_y", "window"),
        *("known", "unknown", "group", "groups", "sum", "smallest", "largest", "distinct", "least"),
        *("otherwise", "where", "null", "yes", "off", "during", "with", "is", "or_", "follow", "ikä", "palvelu"),
        *("exactly", "one", "count", "latest"),
        *("member", "mean", "cases", "that", "months", "time", "state", "spells", "every", "under", "while", "entry"),
        *("none", "union", "except", "ratio", "seed", "merged", "recorded", "events", "policy", "import", "assigned"),
        *("возраст", "ηλικία", "年齢", "عمر", "rate", "condition", "keep", "report", "its", "at", "in", "and"),
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(
        ["", "049", 'say "hi"', "a\\b", "\\", '"', "# no comment", "a: b", "- x", "'; drop table", "{}", "[a]", "é 年",
         "a  b", " a ", "&a *b !c", "%x", "true", "null", "it's", "a #b", "*/ --", "…", "“quoted”", "@", "`", "|", ">"]
    ),
    st.text(max_size=12),
).filter(
    lambda text: not unseen(text) and "\n" not in text and "\t" not in text and not identity_codes(text)
)  # fmt: skip
COMMENT = TEXTS.map(str.rstrip)
LANGUAGES = ["en", "fi", "sv", "no", "is", "or"]


def node(built: Any, /, **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(built, span=st.just(SPAN), **fields)


def some(items: st.SearchStrategy[Any], least: int = 0, most: int = 2, key: Any = None) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=least, max_size=most, unique_by=key).map(tuple)


name = node(tree.Name, text=NAMES)
#: A name that may be defined and used where a value stands.
usable = node(
    tree.Name, text=NAMES.filter(lambda n: n not in RESERVED | UNKNOWNS and n not in ("and", "in", "at", "with", "of"))
)
text = node(tree.Text, value=TEXTS)
number = node(
    tree.Number,
    value=st.one_of(st.integers(-999, 99999), st.decimals("-9.99", "99.9", places=2)).map(lambda n: Decimal(n)),
)
date = node(tree.Date, value=st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)))
duration = node(tree.Duration, amount=st.integers(0, 150), unit=st.sampled_from(["day", "week", "month", "year"]))
anchor = node(
    tree.Anchor,
    name=st.sampled_from(
        [
            "index",
            "follow-up start",
            "follow-up end",
            "its start",
            "its end",
            "its date",
            "end of data",
            "start of data",
            "that day",
        ]
    ),
)
boolean = node(tree.Boolean, value=st.booleans())
band = st.builds(
    lambda low, more: tree.Band(low=low, high=None if more is None else low + more, span=SPAN),
    st.integers(0, 200), st.none() | st.integers(0, 50),
)  # fmt: skip


def intervals(expr: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return node(tree.Interval, low=expr, high=expr, low_closed=st.booleans(), high_closed=st.booleans())


list_name = name.filter(lambda n: n.text not in ("bands", "groups"))
group = node(tree.Group, name=name, label=st.none() | text, codes=some(text, 1, 3))


#: A column of another entity.  `days of t`, `count of t` and `member of c` mean something else, whatever t is.
linked = node(tree.Linked, column=usable.filter(lambda n: n.text not in ("days", "count", "member")), entity=name)
member = node(tree.MemberOf, cohort=name)


def cases(expr: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The first name cannot be a word that goes on with a value called `cases`."""
    first = node(tree.Case, name=usable.filter(lambda n: n.text not in ("is", "not", "or")), **_case(expr))
    return st.builds(lambda a, b: (a, *b), first, some(node(tree.Case, name=name, **_case(expr))))


def _case(expr: st.SearchStrategy[Any]) -> dict[str, Any]:
    return {"label": st.none() | text, "where": st.none() | expr}


def not_a_duration(right: Any) -> bool:
    """A duration that is added moves a time: a Shift."""
    return not isinstance(right, tree.Duration)


def windows(expr: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.none(),
        intervals(expr),
        node(tree.NamedWindow, name=st.sampled_from(["follow-up", "window"])),
        node(tree.Before, time=expr),
        node(tree.Covering, time=expr),
    )


def rows(expr: st.SearchStrategy[Any], quantifiers: list[str]) -> st.SearchStrategy[Any]:
    return node(
        tree.Rows, quantifier=st.sampled_from(quantifiers), table=name,
        edge=st.sampled_from([None, "starting", "ending"]), window=windows(expr), condition=st.none() | expr,
    )  # fmt: skip


def row_values(expr: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return node(
        tree.RowValue,
        pick=st.sampled_from(
            ["first", "last", "exactly one", "smallest", "largest", "sum of", "mean of", "distinct"]
        ),
        column=usable.filter(lambda n: n.text != "is"), table=name, edge=st.sampled_from([None, "starting", "ending"]),
        window=windows(expr),
        condition=st.none() | expr,
    )  # fmt: skip


def larger(expr: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operands = st.lists(expr, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        node(tree.Not, operand=expr),
        node(tree.Logic, op=st.sampled_from(["and", "or"]), operands=operands),
        node(tree.Compare, op=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), left=expr, right=expr),
        node(tree.Between, operand=expr, low=expr, high=expr),
        node(tree.In, operand=expr, items=list_name, negated=st.booleans()),
        node(tree.In, operand=expr, items=some(st.one_of(text, number, date), 1, 3), negated=st.booleans()),
        node(tree.Shift, operand=expr, sign=st.sampled_from(["+", "-"]), duration=duration),
        node(tree.At, operand=expr, time=expr),
        node(tree.Bands, operand=expr, bands=some(band, 1, 3)),
        node(tree.Earliest, items=some(expr, 1, 3)),
        node(tree.Latest, items=some(expr, 1, 3)),
        node(tree.In, operand=expr, items=list_name, negated=st.booleans(), group=text),
        node(tree.In, operand=expr, items=list_name, negated=st.booleans(), under=text),
        node(tree.Cases, cases=cases(expr)),
        node(tree.Elapsed, unit=st.sampled_from(["day", "week", "month", "year"]), start=expr, end=expr),
        node(tree.Known, operand=expr, negated=st.booleans()),
        node(tree.AtLeast, count=st.integers(0, 9), operands=some(expr, 1, 3)),
        node(tree.Arithmetic, op=st.sampled_from(["*", "/"]), left=expr, right=expr),
        node(tree.Arithmetic, op=st.sampled_from(["+", "-"]), left=expr, right=expr.filter(not_a_duration)),
        node(tree.Groups, operand=expr, groups=some(group, 1, 3)),
        node(
            tree.RowValue,
            pick=st.none(),
            column=usable,
            table=name,
            edge=st.none(),
            window=node(tree.Covering, time=expr),
            condition=st.none(),
        ),
        row_values(expr),
        rows(expr, ["any", "no", "exactly one", "count of", "days of", "first", "last"]),
    )


expressions = st.recursive(
    st.one_of(usable, text, number, date, duration, anchor, boolean, linked, member), larger, max_leaves=8
)
picks = rows(expressions, ["first", "last", "first-ever", "every", "exactly one"])
spell_rows = node(tree.SpellRows, table=name, condition=st.none() | expressions)
spells = st.recursive(
    spell_rows,
    lambda inner: st.one_of(
        node(tree.SpellLogic, op=st.sampled_from(["or", "and", "except"]), operands=some(inner, 2, 3)),
        node(tree.Merged, operand=inner, gap=duration),
    ),
    max_leaves=4,
)

comments = st.one_of(st.just(tree.Comments()), st.builds(tree.Comments, some(COMMENT), st.none() | COMMENT))


def element(built: Any, /, **fields: Any) -> st.SearchStrategy[Any]:
    return node(built, comments=comments, **fields)


def labels(own: bool) -> st.SearchStrategy[Any]:
    language = st.sampled_from([None, *LANGUAGES] if own else LANGUAGES)
    return some(element(tree.Label, language=language, text=TEXTS), key=lambda label: label.language)


allows = some(
    element(tree.Allow, code=st.sampled_from(["last-known", "look-ahead", "no", "x-1"]), reason=TEXTS),
    key=lambda allow: allow.code,
)


def named(built: Any, /, **fields: Any) -> st.SearchStrategy[Any]:
    return element(
        built,
        label=st.none() | text,
        labels=labels(False),
        legal=labels(True),
        gap=labels(True),
        allows=allows,
        **fields,
    )


def several(strategy: st.SearchStrategy[Any], least: int = 0, most: int = 2) -> st.SearchStrategy[Any]:
    return some(strategy, least, most, key=lambda n: n.name.text)


def labelled(keys: list[Any], languages: list[str], texts: list[str]) -> tuple[Any, ...]:
    """Labels of categories: those of one next to each other."""
    found = [(key, language) for key in keys for language in languages]
    return tuple(
        tree.CategoryLabel(name=key, language=language, text=text, comments=said, span=SPAN)
        for (key, language), (text, said) in zip(found, texts, strict=False)
    )


categories = st.builds(
    labelled,
    st.lists(name, min_size=1, max_size=2, unique_by=lambda n: n.text),
    st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=2, unique=True),
    st.lists(st.tuples(TEXTS, comments), max_size=4),
)
#: Only cases and groups make categories that have labels.
defines = st.one_of(
    named(tree.Define, name=usable, value=expressions),
    named(
        tree.Define, name=usable, categories=categories,
        value=st.one_of(
            node(tree.Cases, cases=cases(expressions)),
            node(tree.Groups, operand=expressions, groups=some(group, 1, 3)),
        ),
    ),
)  # fmt: skip
types = st.one_of(
    st.builds(lambda n: tree.TypeName(kind="code", list=n, span=SPAN), name),
    node(tree.TypeName, kind=st.sampled_from(TYPE_WORDS)),
)
names = some(name, 1, 3)
by, cohort = st.just(()) | names, st.none() | name
timed = st.sampled_from(["risk", "events", "state"])
reports = st.one_of(
    element(tree.Report, kind=st.just("attrition"), cohort=cohort),
    element(tree.Report, kind=st.sampled_from(["baseline", "trend", "distribution"]), of=names, cohort=cohort, by=by),
    element(tree.Report, kind=timed, of=names, cohort=cohort, by=by, times=some(duration, 1, 3)),
)
outcomes = named(
    tree.Outcome, name=usable,
    event=st.one_of(
        picks, usable.filter(lambda n: n.text not in STATEMENTS["outcome"]), node(tree.Recorded, condition=expressions)
    ),
    dated=st.none() | element(tree.Dated, time=expressions),
    competing=st.none() | element(tree.Competing, names=names),
    time_zero=st.none() | element(tree.AtTimeZero, rule=st.sampled_from(["keep", "exclude", "refuse"])),
)  # fmt: skip
far = st.one_of(st.integers(0, 99999), st.decimals("0", "99.9", places=2)).map(lambda n: Decimal(n))
matched = node(tree.Matched, name=name, within=st.none() | node(tree.Number, value=far) | duration)
indexes = st.one_of(
    element(tree.Index, event=picks, washout=st.none() | duration),
    element(tree.IndexAt, time=expressions),
    element(tree.IndexEach, unit=st.sampled_from(["month", "quarter", "year"]), window=intervals(expressions)),
    element(tree.IndexFrom, cohorts=some(name, 1, 1), op=st.none()),
    element(tree.IndexFrom, cohorts=some(name, 2, 3), op=st.sampled_from(["union", "intersect", "except"])),
    element(
        tree.IndexAssigned, cohort=name, on=some(matched, 1, 3), ratio=st.integers(1, 9), replacement=st.booleans(),
        seed=st.integers(0, 99),
    ),
    element(tree.IndexNone),
)  # fmt: skip


def levels(**rules: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Levels given by one of some rules, or by otherwise."""
    nothing = {"where": st.none()}
    given = [{**nothing, rule: strategy} for rule, strategy in rules.items()]
    return several(st.one_of(*(named(tree.Level, name=usable, **fields) for fields in (nothing, *given))), 1, 3)


exposures = st.one_of(
    named(tree.Exposure, name=usable, window=intervals(expressions), levels=levels(where=expressions)),
    named(
        tree.Exposure, name=usable, window=st.none(), levels=levels(since=picks, during=spell_rows),
        switch_day=st.none() | element(tree.SwitchDay, rule=st.sampled_from(["before", "after"])),
    ),
)  # fmt: skip
follow_ups = st.one_of(
    element(
        tree.FollowUp, start=expressions, end=expressions, allows=allows,
        entry=st.none() | element(tree.EntryAt, time=expressions),
        within=st.none() | element(tree.While, spells=spell_rows),
    ),
    element(
        tree.FollowUpRecorded, table=name, start=st.none() | name, end=name, allows=allows,
        censored=st.none() | element(tree.Censored, condition=expressions),
    ),
)  # fmt: skip
hashes = node(tree.Text, value=st.text("0123456789abcdef", min_size=64, max_size=64))
imports = element(tree.Import, names=some(usable, 1, 3, key=lambda n: n.text), path=text, hash=hashes)


def apart(found: tuple[tree.Import, ...]) -> bool:
    """Whether no name is imported twice."""
    names = [name.text for element in found for name in element.names]
    return len(names) == len(set(names))


criteria = named(tree.Criterion, name=usable, kind=st.sampled_from(["include", "exclude"]), where=expressions)
#: What a document may have besides what it must: each by itself, because a study of everything at once is too large.
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "titles": labels(True),
    "purposes": labels(True),
    "permits": some(element(tree.UsePermit, id=text), key=lambda p: p.id.value),
    "policy": element(tree.UsePolicy, name=name),
    "codelists": several(element(tree.UseCodelist, name=usable, path=text), 1),
    "imports": some(imports, 1).filter(apart),
    "parameters": several(named(tree.Parameter, name=usable, type=types, value=expressions), 1),
    "defines": several(defines, 1),
    "spells": several(named(tree.Spells, name=usable, value=spells), 1),
    "cohorts": several(named(tree.Cohort, name=usable, entity=name, index=indexes, criteria=several(criteria)), 1),
    "exposures": several(exposures, 1),
    "follow_up": follow_ups,
    "outcomes": several(outcomes, 1),
    "states": several(named(tree.State, name=usable, levels=levels(where=expressions)), 1),
    "reports": some(reports, 1),
    "end_comments": some(COMMENT, 1),
}
head = {
    "header": element(tree.Header, name=name, version=st.sampled_from(["1", "1.0", "1.0.0", "2.10.3-rc.1", "0.1+b2"])),
    "language": element(tree.Language, code=st.sampled_from(LANGUAGES)),
    "model": element(tree.UseModel, name=name, version=st.integers(1, 99)),
}
documents = st.tuples(st.sampled_from(sorted(PARTS)), st.sampled_from(sorted(PARTS))).flatmap(
    lambda chosen: node(tree.Document, **head, **{part: PARTS[part] for part in chosen})
)
