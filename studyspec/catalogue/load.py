"""Everything a study names, found and checked: its model, its code lists, the site it is to run at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studyspec.catalogue import checks, codelists, faults
from studyspec.catalogue.files import existing
from studyspec.catalogue.imports import load_import
from studyspec.catalogue.models import load_model
from studyspec.catalogue.policies import load_policy, weakens
from studyspec.catalogue.sites import load_site
from studyspec.catalogue.types import Catalogue, CodeList, Model, Site
from studyspec.language.tree import Document, UseCodelist, UseModel, UsePolicy
from studyspec.resources import folder
from studyspec.source import Diagnostic, Refused

__all__ = ["load_catalogue", "load_model", "load_site"]

_STUDY_FOLDER = "the study"


def load_catalogue(document: Document, root: Path, site: Site | None) -> Catalogue:
    """What the names of a study mean.

    The model is the site's own copy; without one, `models/NAME.yaml` beside the study, or else the library's.  The
    study's code lists, and the studies it imports from, lie in its folder (root) or below it.  At a site, every list
    must be accepted by its hash, the study's own policy must protect as much as the site's, and the binding must fit
    the model.  Raises Refused with every fault found, Unreadable.
    """
    path = _find_model(document.model, root, site)
    model, spans = load_model(path)
    problems = _wrong_model(document.model, model, site)
    own: dict[str, CodeList] = {}
    for use in document.codelists:
        found = _codelist(use, root, model, site)
        if isinstance(found, CodeList):
            own[use.name.text] = found
        else:
            problems.extend(found)
    imports: dict[str, Document] = {}
    for wanted in document.imports:
        other = load_import(wanted, root, document.language.code)
        if isinstance(other, Document):
            imports[wanted.path.value] = other
        else:
            problems.extend(other)
    if document.policy is not None:
        site, weaker = _with_policy(document.policy, root, site)
        problems.extend(weaker)
    if site is not None and not problems:
        problems.extend(checks.binding(site.binding, model))
    if problems:
        raise Refused(*problems)
    return Catalogue(model, {**model.codelists, **own}, site, spans, imports)


def _with_policy(use: UsePolicy, root: Path, site: Site | None) -> tuple[Site | None, tuple[Diagnostic, ...]]:
    """The site under the study's own policy, `policies/NAME.yaml` beside the study or the library's; and faults."""
    name = use.name.text
    places = (root, folder("specs"))
    path = next((p for place in places if (p := place / "policies" / f"{name}.yaml").is_file()), None)
    if path is None:
        known = {p.stem for place in places for p in (place / "policies").glob("*.yaml")}
        return site, (faults.policy_unknown(name, sorted(known), use.name.span),)
    policy = load_policy(path)
    if site is None:
        return None, ()
    weaker = weakens(policy, site.policy)
    if weaker:
        return site, (faults.policy_weakened(name, site.policy.name, weaker, use.span),)
    return replace(site, policy=policy), ()


def _find_model(use: UseModel, root: Path, site: Site | None) -> Path:
    if site is not None and site.model is not None:
        return site.model
    file = f"models/{use.name.text}.yaml"
    for place in (root, folder("specs")):
        found = existing(place, file, _STUDY_FOLDER, "model", use.name.span)
        if isinstance(found, Path):
            return found
        if found.code == "path-escapes":
            raise Refused(found)
    known = {path.stem for place in (root, folder("specs")) for path in (place / "models").glob("*.yaml")}
    raise Refused(faults.model_unknown(use.name.text, tuple(sorted(known)), use.name.span))


def _wrong_model(use: UseModel, model: Model, site: Site | None) -> list[Diagnostic]:
    """Why the model found is not the one the study may use."""
    if model.name != use.name.text:
        return [faults.model_unknown(use.name.text, (model.name,), use.name.span)]
    if model.version != use.version:
        return [faults.model_version(model.name, use.version, model.version, use.span)]
    if site is None:
        return []
    binding = site.binding
    if (binding.model, binding.model_version) != (model.name, model.version):
        bound, used = f"{binding.model} {binding.model_version}", f"{model.name} {model.version}"
        return [faults.binding_for_another_model(binding.name, bound, used, use.span)]
    accepted = site.accepts.get(model.name)
    if accepted != model.hash:
        return [faults.not_accepted("model", model.name, site.name, use.span, model.hash, accepted)]
    return []


def _codelist(use: UseCodelist, root: Path, model: Model, site: Site | None) -> CodeList | list[Diagnostic]:
    """A code list beside the study, or what is wrong with it."""
    name, path = use.name.text, use.path.value
    if name in model.codelists:
        return [faults.codelist_shadows(name, model.name, use.name.span)]
    found = existing(root, path, _STUDY_FOLDER, "code list", use.path.span)
    if isinstance(found, Diagnostic):
        return [found]
    try:
        if found.suffix.lower() == ".csv":
            codelist = codelists.load_rows(name, found)
        else:
            codelist = codelists.load_codelist(found, root)
    except Refused as refused:
        return list(refused.diagnostics)
    if codelist.name != name:
        return [faults.codelist_named_otherwise(name, codelist.name, use.name.span)]
    if site is not None and site.accepts.get(name) != codelist.hash:
        accepted = site.accepts.get(name)
        return [faults.not_accepted("code list", name, site.name, use.span, codelist.hash, accepted)]
    return list(checks.selection(codelist, model.codelists, use.path.span)) or codelist
