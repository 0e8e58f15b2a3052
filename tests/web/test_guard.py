"""What does not come from this application's own page, or makes no sense, is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dash_app.app import create_app, create_server
from dash_app.errors import UserError
from dash_app.web.doors import Doors
from tests.fakes import fake_services, fake_settings

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


@pytest.mark.parametrize("peer", ["10.0.0.7", "8.8.8.8", "2001:db8::1", "", "nonsense", "::ffff:10.0.0.7"])
def test_strangers_get_a_sentence_whatever_the_server_listens_to(client: FlaskClient, peer: str) -> None:
    for path in ("/", "/_dash-layout", "/healthz", "/assets/05-page.js"):
        answer = client.get(path, environ_overrides={"REMOTE_ADDR": peer})
        assert answer.status_code == 403 and "Вход не настроен" in answer.text and len(answer.text.splitlines()) == 1


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_peers_on_this_machine_are_served(client: FlaskClient, peer: str) -> None:
    assert client.get("/", environ_overrides={"REMOTE_ADDR": peer}).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_a_proxy_nobody_named_is_not_this_machine(client: FlaskClient, header: str) -> None:
    answer = client.get("/", headers={header: "8.8.8.8"})
    assert answer.status_code == 403 and "TRUSTED_PROXIES" in answer.text


def test_an_open_address_makes_no_application(tmp_path: Path) -> None:
    services = fake_services(tmp_path, host="0.0.0.0")
    with pytest.raises(UserError, match="No sign-in is configured"):
        create_app(services.settings, services)


def test_a_server_made_for_an_open_address_says_why_it_does_not_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "HOST": "0.0.0.0",
        "DATA_DIR": str(tmp_path),
        "B24_WEBHOOK_URL": "https://x.bitrix24.ru/rest/1/s/",
    }.items():
        monkeypatch.setenv(name, value)
    for path in ("/", "/sales-dynamics", "/_dash-layout"):
        answer = create_server().test_client().get(path, headers={"Host": "reports.example.ru"})
        assert answer.status_code == 503 and "Вход не настроен" in answer.text


def test_a_named_proxy_is_answered_for_its_names_alone(tmp_path: Path) -> None:
    services = fake_services(
        tmp_path, host="0.0.0.0", trusted_proxies="10.0.0.0/24, unix", public_hosts="reports.example.ru"
    )
    client = create_app(services.settings, services).server.test_client()

    def status(peer: str, host: str) -> int:
        return client.get(
            "/", headers={"Host": host, "X-Forwarded-For": "8.8.8.8"}, environ_overrides={"REMOTE_ADDR": peer}
        ).status_code

    assert (status("10.0.0.7", "reports.example.ru"), status("", "Reports.Example.ru:443")) == (200, 200)
    assert (status("10.0.1.7", "reports.example.ru"), status("10.0.0.7", "evil.example")) == (403, 403)
    assert (status("127.0.0.1", "reports.example.ru"), status("127.0.0.1", "127.0.0.1")) == (403, 403)
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8050"}).status_code == 200


@pytest.mark.parametrize("wrong", [{"trusted_proxies": "nginx", "public_hosts": "x"}, {"trusted_proxies": "10.0.0.1"}])
def test_senseless_proxies_are_said(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(UserError):
        Doors.of(fake_settings(tmp_path, **wrong))


@pytest.mark.parametrize("headers", [{"Origin": "http://["}, {"Host": "["}, {"Host": "a b"}, {"Host": ""}])
def test_addresses_that_are_none_are_400(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post(UPDATE, json={}, headers={"Host": "localhost", **headers}).status_code == 400


def test_callbacks_are_no_tools_for_machines(client: FlaskClient) -> None:
    assert b"_mcp" not in b"".join(str(rule).encode() for rule in client.application.url_map.iter_rules())


def test_health_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
