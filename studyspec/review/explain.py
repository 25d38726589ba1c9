"""Everything there is to tell about a name of a study: which names there are, and who tells of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from studyspec.catalogue.types import CodeList, Entity, Site
from studyspec.review import faults, norows
from studyspec.review.checks import Checked, checked, order
from studyspec.review.elements import Teller
from studyspec.review.facts import FourFacts
from studyspec.review.readback import Reader
from studyspec.review.types import Explained
from studyspec.review.uses import Use, concerned, index_name, uses
from studyspec.review.words import Words
from studyspec.semantics import core
from studyspec.source import Refused

Make = Callable[[], Explained]


def explain(
    study: core.Study,
    names: Iterable[str] = (),
    site: Site | None = None,
    language: str = "en",
    codelists: Mapping[str, CodeList] = MappingProxyType({}),
) -> tuple[Explained, ...]:
    """What the compiler understood by each name; without names, by every element of the study, in its order.

    A name that several things have (`index` of several cohorts, `municipality` of two entities) gives each of them.
    site: adds physical columns, the threshold and the permits.  language: of the sentences; English where there are
    none.  codelists: the study's own, beside the model's.
    Raises Refused (nothing-to-explain) for names the study and its model do not have.
    """
    known = _Names(study, site, Words(language), codelists)
    own = list(known.elements())
    told: dict[str, list[Make]] = {}
    for name, make in own:
        told.setdefault(name, []).append(make)
    beside: dict[str, list[Make]] = {}
    for name, make in known.beside():
        if name not in told:
            beside.setdefault(name, []).append(make)
    told |= beside
    wanted = list(names)
    unknown = [faults.no_such_name(name, study.name, told) for name in wanted if name not in told]
    if unknown:
        raise Refused(*unknown)
    if not wanted:
        return tuple(make() for _, make in own)
    return tuple(make() for name in wanted for make in told[name])


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all tellers of one study share."""

    checks: Checked
    uses: tuple[Use, ...]
    cohorts: Mapping[str, tuple[core.Cohort, ...]]
    answers: Mapping[str, norows.Answer]


class _Names:
    """The names that can be asked about, each with what tells of it."""

    def __init__(self, study: core.Study, site: Site | None, words: Words, codelists: Mapping[str, CodeList]) -> None:
        self._study, self._site, self._words, self._codelists = study, site, words, codelists
        every = tuple(uses(study))
        answers = norows.definitions(study)
        self._shared = _Shared(checked(study, site, words), every, concerned(study, every), answers)
        self._tellers: dict[tuple[str, ...], Teller] = {}

    # --- the study's own ---------------------------------------------------------------------------------------------

    def elements(self) -> Iterator[tuple[str, Make]]:
        """The study's own names, in its order."""
        study = self._study
        yield from ((p.name, partial(self._about(p.name).parameter, p)) for p in study.parameters)
        yield from ((d.name, partial(self._about(d.name).definition, d)) for d in study.definitions)
        yield from ((s.name, partial(self._about(s.name).spells, s)) for s in study.spells)
        for cohort in study.cohorts:
            yield from self._cohort(cohort)
        for exposure in study.exposures:
            yield exposure.name, partial(self._about(exposure.name).exposure, exposure)
            for level in exposure.levels:
                yield level.name, partial(self._about(level.name).level, level, exposure)
        if study.follow_up is not None:
            yield "follow-up", partial(self._about("follow-up").follow_up, study.follow_up)
        yield from ((o.name, partial(self._about(o.name).outcome, o)) for o in study.outcomes)
        for state in study.states:
            yield state.name, partial(self._about(state.name).state, state)
            for level in state.levels:
                yield level.name, partial(self._about(level.name).level, level, state)
        yield from ((r.name, partial(self._about(r.name).report, r)) for r in study.reports)

    def _cohort(self, cohort: core.Cohort) -> Iterator[tuple[str, Make]]:
        teller = self._teller((cohort,))
        yield cohort.name, partial(teller.cohort, cohort)
        yield index_name(self._study, cohort), partial(teller.index, cohort)
        yield from ((c.name, partial(teller.criterion, c)) for c in cohort.criteria)

    # --- beside it ---------------------------------------------------------------------------------------------------

    def beside(self) -> Iterator[tuple[str, Make]]:
        """What the study may name of its model: tables and their columns, attributes, values, roles, code lists."""
        study, model = self._study, self._study.model
        if len(study.cohorts) > 1:
            for cohort in study.cohorts:
                yield "index", partial(self._teller((cohort,)).index, cohort)
        for entity in self._entities():
            yield from self._of_entity(entity)
        for table in model.tables.values():
            teller = self._teller(self._of(table.entity))
            yield table.name, partial(teller.table, table)
            for column in table.columns.values():
                yield f"{table.name}.{column.name}", partial(teller.column, table, column)
        for role in study.roles:
            yield role.name, partial(self._teller(self._of(model.tables[role.table].entity)).role, role)
        for codelist in {**model.codelists, **self._codelists}.values():
            yield codelist.name, partial(self._about(codelist.name).codelist, codelist)

    def _entities(self) -> list[Entity]:
        """Those that the cohorts are of."""
        names = dict.fromkeys(cohort.entity for cohort in self._study.cohorts)
        return [self._study.model.entities[name] for name in names]

    def _of_entity(self, entity: Entity) -> Iterator[tuple[str, Make]]:
        teller = self._teller(self._of(entity.name))
        attributes = self._study.model.tables[entity.attributes]
        for column in attributes.columns.values():
            yield column.name, partial(teller.column, attributes, column)
        yield from ((d.name, partial(teller.derived, entity, d)) for d in entity.derived.values())

    # --- who tells ---------------------------------------------------------------------------------------------------

    def _of(self, entity: str) -> tuple[core.Cohort, ...]:
        """The cohorts of an entity; all, where there is none."""
        every = self._study.cohorts
        return tuple(c for c in every if c.entity == entity) or every

    def _about(self, name: str) -> Teller:
        """The teller of an element: of the cohorts that it tells of, or of all where nothing uses it."""
        return self._teller(self._shared.cohorts.get(name) or self._study.cohorts)

    def _teller(self, cohorts: tuple[core.Cohort, ...]) -> Teller:
        key = tuple(cohort.name for cohort in cohorts)
        if key not in self._tellers:
            shared = self._shared
            definitions = {d.name: d.value for d in self._study.definitions}
            reader = Reader(self._words, self._study, cohorts)
            four = FourFacts(reader, self._site, order(self._study, cohorts), definitions, shared.answers)
            self._tellers[key] = Teller(self._study, reader, four, shared.checks, shared.uses, cohorts)
        return self._tellers[key]
