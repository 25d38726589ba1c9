"""Sites: one place to run, with everything its data steward decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from studyspec.catalogue import bindings, faults, permits, policies, reader
from studyspec.catalogue.files import existing, inside
from studyspec.catalogue.reader import Form, Read, Sheet
from studyspec.catalogue.types import Connection, Permit, Policy, Server, Site
from studyspec.resources import folder
from studyspec.source import Diagnostic, Refused, read

if TYPE_CHECKING:
    from studyspec.language.yamltree import YamlNode

T = TypeVar("T")

_KIND: Read[Literal["synthetic", "public", "register"]] = reader.choice("synthetic", "public", "register")
_CONNECTION: Read[Literal["duckdb", "parquet", "csv", "postgresql"]] = reader.choice(
    "duckdb", "parquet", "csv", "postgresql"
)
_VARIABLE = reader.matching("[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")
_HASH = reader.matching("sha256:[0-9a-f]{64}", "a hash such as sha256:0123… with 64 digits")
_MEMORY = reader.matching("[1-9][0-9]{0,5}(MB|GB)", "an amount of memory such as 512MB or 3GB")
_OWN_FOLDER = "the site"


def load_site(path: Path, data: Path | None = None) -> Site:
    """A site from its YAML document, with its binding, policy and permits.

    Documents are found relative to the site's file and may not lie outside its folder.  data: stands in for the
    connection's path; refused unless the site is declared synthetic or public.  Raises Refused with every fault,
    Unreadable.
    """
    root = path.parent
    site, _ = reader.document(read(path), "site", lambda form: from_form(form, root, data))
    if data is not None and site.kind == "register":
        raise Refused(faults.data_fixed(site.name, site.kind))
    return site


def from_form(form: Form, root: Path, data: Path | None) -> Site:
    """A site from the keys of its document, with the documents they name.  root, data: as for `load_site`."""
    name, kind = form.need("site", reader.name), form.need("kind", _KIND)

    def connection(below: Form) -> Connection:
        return _connection(name, below, root, data, needed=kind == "register")

    return Site(
        name=name,
        kind=kind,
        population=form.need("population", reader.text),
        connection=form.need("connection", reader.record("connection", connection)),
        binding=form.need("binding", _document("binding", root, bindings.load_binding)),
        policy=form.need("policy", _policy(root)),
        permits=_by_id(form, form.may("permits", reader.listing(_document("permit", root, permits.load_permit)), ())),
        ledger=form.need("ledger", _place(root)),
        key=form.need("key", _place(root)),
        accepts=form.need("accepts", reader.mapping(_HASH)),
        root=root,
        memory_limit=form.may("memory_limit", _MEMORY, "3GB"),
        threads=form.may("threads", reader.integer(1, 1024), 2),
        model=form.may("model", _file("model", root), None),
        invented=form.may("invented", _file("invented population", root), None),
    )


def with_data(site: Site) -> Site:
    """A site that says where its data are.  Raises Refused (site-data-missing)."""
    if not site.connection.stated:
        raise Refused(faults.data_missing(site.name, None, may_be_given=True))
    return site


def _connection(site: str, form: Form, root: Path, data: Path | None, needed: bool) -> Connection:
    """needed: whether the document itself has to say where the data are"""
    kind = form.need("kind", _CONNECTION)
    if kind == "postgresql":
        if data is not None:
            form.sheet.fault(faults.data_on_server(site))
        return Connection(kind, root, server=_server(site, form))
    stated = form.may("path", reader.text, None)
    null = form.may("null", reader.any_text, "")
    if data is not None:
        return Connection(kind, data, null)
    if stated is None:
        if needed:
            form.sheet.fault(faults.data_missing(site, form.node.span, may_be_given=False))
        return Connection(kind, root, null, stated=False)
    if not isinstance(stated, str) or Path(stated).is_absolute():
        return Connection(kind, Path(str(stated)), null)
    found = inside(root, stated, _OWN_FOLDER, form.span("path"))
    if isinstance(found, Diagnostic):
        form.sheet.fault(found)
        return reader.hole()
    return Connection(kind, found, null)


def _server(site: str, form: Form) -> Server:
    """Named in one way, and without a password: documents are copied, mailed and kept."""
    stated = [way for way in _WAYS if any(form.has(key) for key in way)]
    if len(stated) != 1:
        form.sheet.fault(faults.server_unclear(site, form.node.span))
    return Server(
        dsn_env=form.may("dsn_env", _VARIABLE, None),
        service=form.may("service", reader.text, None),
        host=form.may("host", reader.text, None),
        port=form.may("port", reader.integer(1, 65535), None),
        database=form.may("database", reader.text, None),
        user=form.may("user", reader.text, None),
        schema=form.may("schema", reader.text, "public"),
    )


_WAYS = (("dsn_env",), ("service",), ("host", "port", "database", "user"))


def _document(kind: str, root: Path, load: Callable[[Path], T]) -> Read[T]:
    """A document named by its path below the site's folder."""

    def read_one(node: YamlNode, sheet: Sheet) -> T:
        path = reader.text(node, sheet)
        if not isinstance(path, str):
            return reader.hole()
        return _loaded(existing(root, path, _OWN_FOLDER, kind, node.span), sheet, load)

    return reader.Reading(read_one, "like", (reader.text,))


def _policy(root: Path) -> Read[Policy]:
    """A policy of the library by its name, or the site's own by its path."""

    def read_one(node: YamlNode, sheet: Sheet) -> Policy:
        text = reader.text(node, sheet)
        if not isinstance(text, str) or text.endswith((".yaml", ".yml")):
            return _document("policy", root, policies.load_policy)(node, sheet)
        library = folder("specs") / "policies"
        if not (library / f"{text}.yaml").is_file() or not reader.is_name(text):
            known = sorted(p.stem for p in library.glob("*.yaml"))
            sheet.fault(faults.unknown_reference("policy", text, known, node.span, " in the library"))
            return reader.hole()
        return _loaded(library / f"{text}.yaml", sheet, policies.load_policy)

    return reader.Reading(read_one, "like", (reader.text,))


def _loaded(found: Path | Diagnostic, sheet: Sheet, load: Callable[[Path], T]) -> T:
    """The document in a file; its faults are counted among those of the sheet."""
    if isinstance(found, Diagnostic):
        sheet.fault(found)
        return reader.hole()
    try:
        return load(found)
    except Refused as refused:
        sheet.faults.extend(refused.diagnostics)
        return reader.hole()


def _file(kind: str, root: Path) -> Read[Path]:
    """A file below the site's folder that is read later: the site's own copy of its model, its invented population."""

    def read_one(node: YamlNode, sheet: Sheet) -> Path:
        path = reader.text(node, sheet)
        if not isinstance(path, str):
            return reader.hole()
        return _loaded(existing(root, path, _OWN_FOLDER, kind, node.span), sheet, lambda found: found)

    return reader.Reading(read_one, "like", (reader.text,))


def _place(root: Path) -> Read[Path]:
    """A file below the site's folder that may not exist yet."""

    def read_one(node: YamlNode, sheet: Sheet) -> Path:
        path = reader.text(node, sheet)
        if not isinstance(path, str):
            return reader.hole()
        return _loaded(inside(root, path, _OWN_FOLDER, node.span), sheet, lambda found: found)

    return reader.Reading(read_one, "like", (reader.text,))


def _by_id(form: Form, found: tuple[Permit, ...]) -> Mapping[str, Permit]:
    if form.sheet.faults:
        return {}
    by_id: dict[str, Permit] = {}
    for permit in found:
        if permit.id in by_id:
            form.sheet.fault(faults.permit_twice(permit.id, form.span("permits")))
        by_id[permit.id] = permit
    return by_id
