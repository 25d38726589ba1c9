"""The facts as text for a terminal, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from studyspec.review.types import Explained, Horizon, Origin, Reading, Settled, Source, Value, Verdict
from studyspec.review.words import Words

#: Cells of a line; of the column of headings and its gap.
WIDTH, HEADINGS = 100, 13


#: How what is said beside a check is put: a reason or a warning answers it, anything else stands in its place.
_BECAUSE = {"allowed": "because", "warned": "because"}


def text(told: Iterable[Explained], words: Words | None = None) -> str:
    """One block for each name, its facts under headings."""
    return "\n".join("\n".join(_block(one, words or Words())) + "\n" for one in told)


def as_json(told: Iterable[Explained]) -> str:
    """`{"version": 1, "names": [...]}`, the fields as in `studyspec.review.types`."""
    import json

    return json.dumps({"version": 1, "names": [asdict(one) for one in told]}, indent=2, ensure_ascii=False) + "\n"


def _block(one: Explained, words: Words) -> Iterator[str]:
    yield f"{one.name}: {one.label}" if one.label else one.name
    place = f", {one.place.file}:{one.place.line}" if one.place else ""
    yield f"  {one.kind}{place}"
    yield from _lines(words("head.means"), one.means)
    yield from _lines(words("head.terms"), [f"`{name}`: {meaning}" for name, meaning in one.terms])
    yield from _lines(words("head.legal"), [one.legal] if one.legal else [])
    yield from _lines(words("head.gap"), [one.gap] if one.gap else [])
    if one.value is not None:
        yield from _lines(words("head.value"), [_value(one.value, words)])
        yield from _lines(words("head.no_rows"), [one.value.no_rows] if one.value.no_rows else [])
    groups = [f"`{g.key}`" if g.label in ("", g.key) else f"`{g.key}` ({g.label})" for g in one.groups]
    yield from _lines(words("head.groups"), [", ".join(groups)] if groups else [])
    yield from _lines(words("head.grain"), [one.grain] if one.grain else [])
    if one.horizon is not None:
        yield from _horizon(one.horizon, words)
    if one.origin is not None:
        yield from _origin(one.origin, words)
    yield from _checks(one.checks, words)
    yield from _lines(words("head.cohorts"), [", ".join(one.cohorts)] if one.cohorts else [])
    yield from _lines(words("head.used_by"), [", ".join(one.used_by) or words("use.nothing")])


def _value(value: Value, words: Words) -> str:
    key = "both" if value.low and value.high else "low" if value.low else "high"
    span = words(f"range.{key}", low=value.low, high=value.high) if value.low or value.high else ""
    unknown = words("unknown.can") if value.unknown else words("unknown.never")
    when = f": {words.listed(value.unknown_when, 'or')}" if value.unknown_when else ""
    return ", ".join(part for part in (value.type, span) if part) + f"; {unknown}{when}"


def _horizon(horizon: Horizon, words: Words) -> Iterator[str]:
    yield from _lines(words("head.reads"), [_reading(r, words) for r in horizon.reads] or [words("reads.nothing")])
    yield from _lines(words("head.known"), [_settled(s, words) for s in horizon.known] or [words("known.always")])


def _reading(reading: Reading, words: Words) -> str:
    where = f"{', '.join(reading.tables)}: " if reading.tables else ""
    low, high = reading.days
    more = []
    if (low is not None or high is not None) and (low, high) != (0, 0):
        more.append(words("reads.days", low=_signed(low), high=_signed(high), anchor=reading.anchor))
    if reading.first or reading.last:
        dots = words("reads.open")
        more.append(words("reads.dates", first=reading.first or dots, last=reading.last or dots))
    return where + "; ".join([reading.words, *more])


def _signed(days: int | None) -> str:
    return "…" if days is None else f"{days:+d}" if days else "0"


def _settled(settled: Settled, words: Words) -> str:
    if settled.latest is None:
        return settled.words
    return words("known.latest", words=settled.words, latest=settled.latest)


def _origin(origin: Origin, words: Words) -> Iterator[str]:
    if not origin.columns:
        yield from _lines(words("head.origin"), [words("origin.none")])
        return
    yield from _lines(words("head.origin"), _table([_source(s, words) for s in origin.columns]))
    said = []
    for register in origin.registers:
        rule = words("register.public") if register.public else words("register.minimum", n=register.minimum)
        said.append(words("register", label=register.label, controller=register.controller, rule=rule))
    yield from _lines(words("head.registers"), said)
    found = origin.threshold
    if found is None:
        return
    if found.open:
        yield from _lines(words("head.threshold"), [words("threshold.open", policy=found.policy)])
    elif found.site is None:
        yield from _lines(words("head.threshold"), [words("threshold.registers", n=found.registers)])
    else:
        own = words(
            "threshold.site",
            n=found.site,
            registers=found.registers,
            policy=found.policy,
            minimum=found.minimum,
            insiders=found.insiders,
            rounding=found.rounding,
        )
        yield from _lines(words("head.threshold"), [own, words("threshold.whole", n=found.whole)])


def _source(source: Source, words: Words) -> list[str]:
    more = [source.sensitivity, *([words("origin.last_known")] if source.last_known else [])]
    return [source.column, source.physical, source.register, ", ".join(more)]


def _checks(checks: tuple[Verdict, ...], words: Words) -> Iterator[str]:
    rows = []
    for check in checks:
        said = check.question
        if check.because:
            said = words(_BECAUSE.get(check.status, "plain"), question=said, because=check.because)
        rows.append([words(f"status.{check.status}"), check.code, said])
    yield from _lines(words("head.checks"), _table(rows))


def _table(rows: list[list[str]]) -> list[str]:
    """Rows in columns, the last one wrapped; columns in which nothing stands are left out."""
    from textwrap import wrap

    kept = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(len, column)) for column in kept[:-1]]
    room = WIDTH - HEADINGS - sum(w + 2 for w in widths)
    lines = []
    for row in zip(*kept, strict=True):
        filled = "".join(cell.ljust(w) + "  " for cell, w in zip(row, widths, strict=False))
        for n, piece in enumerate(wrap(row[-1], max(room, 20)) or [""]):
            lines.append(((filled if n == 0 else " " * len(filled)) + piece).rstrip())
    return lines


def _lines(heading: str, said: Iterable[str]) -> Iterator[str]:
    """A heading with its sentences beside it, each wrapped on its own."""
    first = True
    for sentence in said:
        for line in _wrapped(sentence):
            yield (f"  {heading.ljust(HEADINGS - 3)} {line}" if first else " " * HEADINGS + line).rstrip()
            first = False


def _wrapped(sentence: str) -> list[str]:
    from textwrap import wrap

    room = WIDTH - HEADINGS
    if len(sentence) <= room or "  " in sentence:
        return [sentence]  # columns keep their blanks
    return wrap(sentence, room, break_long_words=False, break_on_hyphens=False) or [""]
