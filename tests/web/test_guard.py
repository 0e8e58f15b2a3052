"""What does not come from this application's own page, or makes no sense, is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dash_app.app import create_app
from tests.fakes import fake_services

UPDATE = "/_dash-update-component"


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"{}",
        b"{",
        b'"x"',
        b'{"output": "no.such", "inputs": []}',
        b'{"output": 1, "inputs": 2}',
        b'{"output": "page-title.data", "inputs": []}',
    ],
)
def test_a_malformed_update_is_400(client: FlaskClient, body: bytes) -> None:
    assert client.post(UPDATE, data=body, content_type="application/json").status_code == 400


def test_an_unknown_component_file_is_404(client: FlaskClient) -> None:
    assert client.get("/_dash-component-suites/dash/nothing.js").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8050", "10.0.0.1", "localhost.evil.example"])
def test_a_foreign_host_is_refused_on_loopback(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 403
    assert client.get("/_dash-layout", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8050", "127.0.0.1:8050", "[::1]:8050", "127.0.0.1"])
def test_this_machine_is_served(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_another_sites_page_cannot_post(client: FlaskClient) -> None:
    foreign = client.post(UPDATE, json={}, headers={"Host": "localhost", "Origin": "http://evil.example"})
    own = client.post(UPDATE, json={}, headers={"Host": "localhost", "Origin": "http://localhost"})
    assert (foreign.status_code, own.status_code) == (403, 400)


def test_a_public_address_takes_any_name(tmp_path: Path) -> None:
    services = fake_services(tmp_path, host="0.0.0.0")
    client = create_app(services.settings, services).server.test_client()
    assert client.get("/", headers={"Host": "reports.example.ru"}).status_code == 200


def test_callbacks_are_no_tools_for_machines(client: FlaskClient) -> None:
    assert b"_mcp" not in b"".join(str(rule).encode() for rule in client.application.url_map.iter_rules())


def test_health_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
