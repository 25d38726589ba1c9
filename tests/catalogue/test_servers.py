"""A site may read a database server, which is named in one way and never with a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from studyspec.catalogue.load import load_site
from studyspec.catalogue.types import Server
from tests.catalogue.world import build, change, refusals

FILES = 'connection: {kind: csv, path: /srv/parish/extract, null: "NA"}'


@pytest.fixture
def parish(tmp_path: Path) -> Path:
    return build(tmp_path)


def connect(parish: Path, keys: str) -> None:
    change(parish / "site.yaml", FILES, f"connection: {{kind: postgresql, {keys}}}")


@pytest.mark.parametrize(
    ("keys", "server"),
    [
        ("dsn_env: PARISH_DSN", Server(dsn_env="PARISH_DSN")),
        ("service: parish, schema: extract", Server(service="parish", schema="extract")),
        (
            "host: db.example.org, port: 5433, database: d, user: u",
            Server(host="db.example.org", port=5433, database="d", user="u"),
        ),
    ],
)
def test_a_server_is_named_in_one_of_three_ways(parish: Path, keys: str, server: Server) -> None:
    connect(parish, keys)
    connection = load_site(parish / "site.yaml").connection
    assert (connection.kind, connection.server) == ("postgresql", server)


@pytest.mark.parametrize("keys", ["schema: extract", "dsn_env: A, service: b", "service: a, host: b"])
def test_none_and_two_ways_are_refused(parish: Path, keys: str) -> None:
    connect(parish, keys)
    assert [d.code for d in refusals(load_site, parish / "site.yaml")] == ["site-server-unclear"]


def test_a_password_has_no_place(parish: Path) -> None:
    connect(parish, "host: db.example.org, password: hunter2")
    (found,) = refusals(load_site, parish / "site.yaml")
    assert found.code == "unknown-key"
    assert "hunter2" not in repr((found.message, found.remedy))


def test_no_other_data_stand_in_for_a_server(parish: Path) -> None:
    connect(parish, "service: parish")
    change(parish / "site.yaml", "kind: register", "kind: synthetic")
    assert [d.code for d in refusals(load_site, parish / "site.yaml", parish)] == ["site-data-on-server"]
