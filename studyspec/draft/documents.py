"""The documents of a first study on one's own CSV files, as text; what was guessed is marked `# check this`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from studyspec.catalogue.reader import is_name
from studyspec.draft import faults
from studyspec.draft.guess import Guess, Table
from studyspec.draft.profile import Column

MARK = "# check this"


@dataclass(frozen=True, slots=True)
class Draft:
    """name: of the site, the model and all else."""

    name: str
    guess: Guess


def documents(draft: Draft) -> dict[str, str]:
    """Path below the new folder -> text, but for the sites, which need the model's hash (`sites`)."""
    name = draft.name
    return {
        f"models/{name}.yaml": _text(_model(draft)),
        "binding.yaml": _text(_binding(draft)),
        "permit.yaml": _text(_permit(draft)),
        "first.study": _text(_study(draft)),
    }


def sites(draft: Draft, accepted: str) -> dict[str, str]:
    """The site with the data, and one to practise on invented data.  accepted: hash of the model."""
    return {
        "site.yaml": _text(_site(draft, accepted, "register")),
        "practice.yaml": _text(_site(draft, accepted, "synthetic")),
    }


def marks(text: str) -> int:
    """How many guesses a document holds."""
    return text.count(MARK)


def remarks(draft: Draft) -> tuple[str, ...]:
    """What stands in the way of reading some columns as what they look like, file by file."""
    columns = [(table, column) for table in draft.guess.tables for column in table.file.columns]
    return tuple(f"{t.file.path.name}: {said}." for t, c in columns if (said := _remark(t, c)) is not None)


def _remark(table: Table, column: Column) -> str | None:
    if column.physical == table.file.key:
        return None
    if column.stray:
        return faults.stray(column.physical, column.kind)
    return None if column.spelling is None else faults.spelt(column.physical, column.spelling)


def _text(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def permit_id(draft: Draft) -> str:
    return f"{draft.name.upper()}-1"


# --- model -----------------------------------------------------------------------------------------------------------


def _model(draft: Draft) -> Iterator[str]:
    guess = draft.guess
    yield f"# What {_files(draft)} hold, guessed from their headers and from the kinds of their values."
    yield f"# Someone who knows what the columns mean has to look at every line that says `{MARK[2:]}`."
    yield f"model: {draft.name}"
    yield "version: 1"
    yield f"label: {{en: {_words(draft.name)}}}  {MARK}"
    yield ""
    yield "registers:"
    yield "  own:"
    yield f"    label: {{en: Our own records}}  {MARK}"
    yield f"    controller: Not stated  {MARK}: who answers for these data"
    yield f"    rule: {{minimum_entities: 5}}  {MARK}: fewest people behind a published number"
    yield from _codelists(guess)
    yield ""
    yield "entities:"
    yield "  person:"
    yield f"    label: {{en: person}}  {MARK}"
    yield f"    plural: {{en: people}}  {MARK}"
    yield f"    attributes: {guess.people.name}"
    if guess.born is not None:
        yield "    derived:"
        yield f"      age: {{label: {{en: Age}}, completed_years_since: {guess.born}, low: 0, high: 120}}"
    yield ""
    yield "tables:"
    for table in guess.tables:
        yield from _table(table, guess)


def _codelists(guess: Guess) -> Iterator[str]:
    lists = [(table, column) for table in guess.tables for column in table.file.columns if column.kind == "code"]
    if lists:
        yield ""
        yield "codelists:"
    for table, column in lists:
        yield f"  {_list_name(guess, table, column)}:"
        yield f"    label: {{en: {_words(column.physical)}}}  {MARK}"
        yield f"    source: Values found in {_quoted(table.file.path.name)}  {MARK}: where the codes are described"
        if not column.all_codes:
            yield f"    complete: false  {MARK}: codes that few people have were left out"
        yield f"    codes:  {MARK}: what readers should see for each"
        for code in column.codes:
            yield f"      {_quoted(code)}: {{label: {{en: {_quoted(code)}}}}}"


def _list_name(guess: Guess, table: Table, column: Column) -> str:
    """A code list for each column: codes of different columns do not compare until someone says they do."""
    name = f"{table.name}_{table.names[column.physical]}"
    if is_name(name):
        return name
    return f"codes_{guess.tables.index(table) + 1}_{table.file.columns.index(column) + 1}"


def _table(table: Table, guess: Guess) -> Iterator[str]:
    yield f"  {table.name}:"
    yield f"    label: {{en: {_words(table.file.stem)}}}  {MARK}"
    if table.shape == "attributes":
        yield "    shape: attributes  # one row for each person"
    else:
        yield f"    shape: {table.shape}  {MARK}: {_SHAPES[table.shape]}{_or_spells(table)}"
    yield "    entity: person"
    yield f"    key: {table.names[table.file.key]}"
    for role, day in (("date", table.date), ("start", table.start), ("end", table.end)):
        if day is not None:
            yield f"    {role}: {day}"
    yield "    register: own"
    if table.years is not None:
        start, end = f"{table.years[0]:04}-01-01", f"{table.years[1]:04}-12-31"
        yield f"    coverage: {{start: {start}, end: {end}}}  {MARK}: from which day to which nothing is missing"
    yield "    columns:"
    for column in table.file.columns:
        if column.kind != "empty":
            yield f"      {table.names[column.physical]}: {{{_column(guess, table, column)}}}{_doubt(table, column)}"


_SHAPES = {"events": "rows at a day", "spells": "rows from a day to a day"}


def _or_spells(table: Table) -> str:
    """A later day of an event may be its end: only a person knows."""
    days = [table.names[c.physical] for c in table.file.columns if c.kind == "date"]
    other = next((day for day in days if day != table.date), None)
    return f", or spells if {other} is their end" if table.shape == "events" and other is not None else ""


def _column(guess: Guess, table: Table, column: Column) -> str:
    parts = [f"label: {{en: {_words(column.physical)}}}"]
    if column.physical == table.file.key:
        return ", ".join([*parts, "type: identifier", "sensitivity: direct identifier"])
    kind = f"code of {_list_name(guess, table, column)}" if column.kind == "code" else column.kind
    parts += [f"type: {kind}", f"sensitivity: {_sensitivity(table, column)}"]
    if table.names[column.physical] == table.end:
        parts.append("null_means: Still open")
    elif column.nullable:
        parts.append("nullable: true")
    return ", ".join(parts)


def _sensitivity(table: Table, column: Column) -> str:
    """What is known of everyone tells people apart; more sensitive kinds are for a person to say."""
    return "quasi-identifier" if table.shape == "attributes" else "ordinary"


def _doubt(table: Table, column: Column) -> str:
    if column.physical == table.file.key:
        return ""
    remark = _remark(table, column)
    return f"  {MARK}" if remark is None else f"  {MARK}: {remark}"


# --- binding, permit, sites ------------------------------------------------------------------------------------------


def _binding(draft: Draft) -> Iterator[str]:
    yield "# Which file and which of its columns each table of the model is."
    yield f"binding: {draft.name}_files"
    yield f"model: {draft.name}"
    yield "model_version: 1"
    yield "tables:"
    for table in draft.guess.tables:
        yield f"  {table.name}:"
        yield f"    physical: {_quoted(table.file.stem)}"
        yield "    columns:"
        for column in table.file.columns:
            if column.kind == "empty":
                continue
            name = table.names[column.physical]
            nulls = f", nulls: [{', '.join(map(_quoted, column.nulls))}]" if column.nulls else ""
            if name == table.end:
                bound = f"{{physical: {_quoted(column.physical)}{nulls}, shift_days: 1}}"
                yield f"      {name}: {bound}  {MARK}: 1 if it is the last day, 0 if the first day after"
            elif nulls:
                bound = f"{{physical: {_quoted(column.physical)}{nulls}}}"
                yield f"      {name}: {bound}  {MARK}: these stand for a missing value"
            else:
                yield f"      {name}: {_quoted(column.physical)}"


def _permit(draft: Draft) -> Iterator[str]:
    guess = draft.guess
    years = [t.years for t in guess.others if t.years is not None]
    first, last = min(y[0] for y in years), max(y[1] for y in years)
    yield "# Who allowed what to be done with these data.  A study that reads more than this is refused."
    yield f"permit: {permit_id(draft)}  {MARK}: the number of the decision"
    yield f"controller: Not stated  {MARK}"
    yield f"authority: Not stated  {MARK}: who decided"
    yield f"decided: 1900-01-01  {MARK}"
    yield f"expires: 1900-12-31  {MARK}: nothing is permitted before someone decides"
    yield f"legal_basis: Not stated  {MARK}"
    yield f"purpose: {{en: Not stated}}  {MARK}"
    yield "registers: [own]"
    yield f"years: {{from: {first}, to: {last}}}  {MARK}"
    yield "columns:"
    for table in guess.tables:
        columns = [_quoted(c.physical) for c in table.file.columns if c.kind != "empty"]
        yield f"  {_quoted(table.file.stem)}: [{', '.join(columns)}]  {MARK}"


def _site(draft: Draft, accepted: str, kind: str) -> Iterator[str]:
    name, guess = draft.name, draft.guess
    own = kind == "register"
    if own:
        yield "# Where the data are.  Results are staged here, guarded, and leave by `studyspec release` alone."
    else:
        yield "# The same with invented people, to try studies on.  `studyspec synth` makes their data."
    yield f"site: {name if own else f'{name}_practice'}"
    yield f"kind: {kind}"
    whose = f"Everyone in {guess.people.file.path.name}" if own else "Invented people"
    yield f"population: {_quoted(whose)}" + (
        f"  {MARK}: the same words at every site with the same people" if own else ""
    )
    yield f"connection: {{kind: csv, path: {_quoted(str(guess.folder)) if own else 'practice'}}}"
    yield "binding: binding.yaml"
    yield "policy: default"
    yield "permits: [permit.yaml]"
    yield f"model: models/{name}.yaml"
    yield "accepts:  # the model as someone last looked at it: when it changes, look, and put its new hash here"
    yield f"  {name}: {accepted}"
    yield f"ledger: state/{'' if own else 'practice/'}ledger.jsonl  # what was released before"
    yield f"key: state/{'' if own else 'practice/'}site.key  # made at the first run; keep both, and keep them private"


# --- study -----------------------------------------------------------------------------------------------------------


def _study(draft: Draft) -> Iterator[str]:
    guess = draft.guess
    table = guess.others[0]
    assert table.years is not None
    edge = " starting" if table.shape == "spells" else ""
    yield "study first version 0.1.0"
    yield ""
    yield "language en"
    yield f'title en "A first look at {_words(table.file.stem).lower()}"  {MARK}'
    yield f'purpose en "Not stated."  {MARK}'
    yield ""
    yield f"model  {draft.name} 1"
    yield f'permit "{permit_id(draft)}"'
    if guess.born is not None:
        yield ""
        yield "define age_group = age at index in bands 0-17, 18-39, 40-64, 65+"
    yield ""
    yield "cohort everyone of person"
    yield f"    index   first {table.name}{edge} during [{table.years[0]:04}-01-01, {table.years[1]:04}-12-31]  {MARK}"
    yield ""
    yield "report attrition"
    variables = [guess.people.names[c.physical] for c in guess.people.file.columns if c.kind in ("code", "boolean")]
    variables = [*(["age_group"] if guess.born is not None else []), *variables]
    if variables:
        yield f"report baseline of {', '.join(variables)}"


# --- words -----------------------------------------------------------------------------------------------------------


def _files(draft: Draft) -> str:
    names = [t.file.path.name for t in draft.guess.tables]
    return " and ".join([", ".join(names[:-1]), names[-1]])


def _words(physical: str) -> str:
    """A label from a name, quoted where YAML would read it otherwise."""
    text = re.sub(r"[_\s]+", " ", physical).strip() or physical
    return _quoted(text[:1].upper() + text[1:])


def _quoted(text: str) -> str:
    """Text that YAML reads as itself: plain where it is a simple word or a few."""
    plain = re.fullmatch(r"[^\W\d][\w ]*\w|[^\W\d]", text) and text.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
    )
    return text if plain else json.dumps(text, ensure_ascii=False)
