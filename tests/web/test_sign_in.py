"""Signing in through HTTP: what is closed, what a browser is given, what ends a session, what another site cannot do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient

from dash_app.app import create_app
from dash_app.security.accounts import AccountRole
from dash_app.web import who_line
from dash_app.web.routes import DOORS, Door
from tests.fakes import FakePortal, FakeServices, fake_services

GOOD = "correct horse battery"
UPDATE = "/_dash-update-component"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> FakeServices:
    folder = tmp_path_factory.mktemp("signed")
    return fake_services(
        folder,
        portal=FakePortal(folder),
        sign_in="local",
        host="0.0.0.0",
        trusted_proxies="10.0.0.1",
        public_hosts="reports.example.ru",
    )


@pytest.fixture(scope="module")
def server(services: FakeServices) -> Any:
    return create_app(services.settings, services).server


@pytest.fixture(autouse=True)
def people(services: FakeServices) -> Iterator[None]:
    """anna, an owner; boris, person 2 of the portal. Everybody's attempts are forgotten."""
    sign_in = services.sign_in
    assert sign_in is not None
    for name, role, user in (("anna", AccountRole.OWNER, None), ("boris", AccountRole.STRUCTURE, 2)):
        if sign_in.accounts.secrets_of(name) is None:
            account = sign_in.accounts.add(name, role, user, "t")
            sign_in.accounts.set_password(account, sign_in.passwords.hashed(GOOD))
    yield
    with services.workspace.writing() as connection:
        connection.exec_driver_sql("DELETE FROM attempts")


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    return found[1]


def enter(client: FlaskClient, name: str = "anna", password: str = GOOD, **more: Any) -> Any:
    page = client.get("/sign-in", **more)
    return client.post("/sign-in", data={"csrf_token": token_of(page.text), "name": name, "password": password}, **more)


@pytest.fixture
def client(server: Any) -> FlaskClient:
    return server.test_client()  # type: ignore[no-any-return]


@pytest.fixture
def anna(server: Any) -> FlaskClient:
    client: FlaskClient = server.test_client()
    assert enter(client).status_code == 303
    return client


def test_every_address_has_a_class(server: Any) -> None:
    rules = {rule.rule for rule in server.url_map.iter_rules()}
    assert rules == set(DOORS), "say in web/routes.py who may ask it"


def test_nothing_but_public_addresses_is_answered_to_who_is_not_signed_in(client: FlaskClient, server: Any) -> None:
    for rule, door in DOORS.items():
        elsewhere = {"REMOTE_ADDR": "10.0.0.7"} if door is Door.MONITOR else {}
        path = re.sub(r"<[^>]+>", "x", rule)
        methods = next(r.methods for r in server.url_map.iter_rules() if r.rule == rule)
        for method in methods - {"OPTIONS", "HEAD"}:
            answer = client.open(
                path, method=method, json={} if method == "POST" else None, environ_overrides=elsewhere
            )
            closed = answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in")
            if door is not Door.PUBLIC:
                assert closed, path
                assert "Менеджер" not in answer.text
    answer = client.get("/_dash-layout", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.get_json()["sign_in"]) == (401, "/sign-in")
    assert client.open("/_dash-layout", method="OPTIONS").status_code in (200, 204, 302, 401)


def test_the_page_somebody_wished_for_opens_after_signing_in(client: FlaskClient) -> None:
    away = client.get("/sales-dynamics?manager=2&period=this_year")
    assert away.status_code == 302
    page = client.get(away.headers["Location"])
    wished = re.search(r'name="next" value="([^"]+)"', page.text)
    assert wished is not None
    data = {
        "csrf_token": token_of(page.text),
        "name": "anna",
        "password": GOOD,
        "next": wished[1].replace("&amp;", "&"),
    }
    assert client.post("/sign-in", data=data).headers["Location"] == "/sales-dynamics?manager=2&period=this_year"
    assert client.get("/sales-dynamics").status_code == 200


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/_dash-layout",
        "/\r\nX: y",
    ],
)
def test_nobody_is_sent_elsewhere(client: FlaskClient, next_: str) -> None:
    token = token_of(client.get("/sign-in").text)
    data = {"csrf_token": token, "name": "anna", "password": GOOD, "next": next_}
    assert client.post("/sign-in", data=data).headers["Location"] == "/"


def test_the_cookie_is_for_the_server_alone_and_a_session_is_new(client: FlaskClient) -> None:
    client.set_cookie("reports", "x" * 43)
    answer = enter(client)
    cookie = SimpleCookie(next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("reports=")))["reports"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert cookie.value != "x" * 43 and len(cookie.value) == 43
    assert client.get("/plans").headers["Cache-Control"] == "no-store"


def test_behind_https_the_cookies_are_secure_and_no_other_host_sets_them(server: Any) -> None:
    client = server.test_client()
    proxied: dict[str, Any] = {
        "headers": {"Host": "reports.example.ru", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"},
        "environ_overrides": {"REMOTE_ADDR": "10.0.0.1"},
        "base_url": "https://reports.example.ru",
    }
    del proxied["headers"]["Host"]
    set_ = enter_secure(client, proxied).headers.getlist("Set-Cookie")
    assert any(c.startswith("__Host-reports=") and "Secure" in c for c in set_)
    assert client.get("/plans", **proxied).status_code == 200


def enter_secure(client: FlaskClient, proxied: dict[str, Any]) -> Any:
    page = client.get("/sign-in", **proxied)
    assert all("Secure" in c for c in page.headers.getlist("Set-Cookie"))
    headers = {**proxied["headers"], "Referer": "https://reports.example.ru/sign-in"}
    data = {"csrf_token": token_of(page.text), "name": "anna", "password": GOOD}
    return client.post("/sign-in", data=data, **{**proxied, "headers": headers})


def test_a_form_of_another_page_changes_nothing(client: FlaskClient, anna: FlaskClient) -> None:
    client.get("/sign-in")
    bare = client.post("/sign-in", data={"name": "anna", "password": GOOD})
    assert bare.status_code == 400 and "устарела" in bare.text
    assert client.get("/plans").status_code == 302
    anna.get("/plans")
    body = {"output": "x", "inputs": []}
    assert "непонятен" not in anna.post(UPDATE, json=body).text, "refused before it is looked at"
    cookie = anna.get_cookie("_csrf_token")
    assert cookie is not None
    assert "непонятен" in anna.post(UPDATE, json=body, headers={"X-CSRFToken": cookie.value}).text
    foreign = {"Origin": "http://evil.example"}
    assert anna.post("/sign-out", headers=foreign).status_code == 403 and anna.get("/plans").status_code == 200


def test_signing_out_ends_the_session_wherever_its_token_is(server: Any, anna: FlaskClient) -> None:
    token = anna.get_cookie("reports")
    assert token is not None
    assert anna.post("/sign-out").headers["Location"] == "/sign-in?left=1"
    other = server.test_client()
    other.set_cookie("reports", token.value)
    assert other.get("/plans").status_code == 302 and "Вы вышли" in anna.get("/sign-in?left=1").text


def test_five_failures_and_the_sixth_waits(client: FlaskClient) -> None:
    said = [enter(client, "anna", "x" * 12) for _ in range(6)]
    assert [answer.status_code for answer in said] == [401] * 6
    assert ["Слишком много" in answer.text for answer in said] == [False] * 5 + [True]
    assert "Слишком много" in enter(client).text


def test_addresses_that_proxies_name_are_told_apart(server: Any) -> None:
    names = count()

    def page(address: str, peer: str = "10.0.0.1") -> Any:
        client = server.test_client()
        more: dict[str, Any] = {
            "headers": {"X-Forwarded-For": address}, "environ_overrides": {"REMOTE_ADDR": peer}, "base_url": "http://reports.example.ru",
        }  # fmt: skip
        return enter(client, f"nobody{next(names)}", "x" * 12, **more)

    for n in range(20):
        page(f"192.0.2.{n % 5}, 192.0.2.77")  # only what the proxy itself added counts
    assert "Слишком много" in page("192.0.2.77").text and "Слишком много" not in page("192.0.2.78").text
    assert "Слишком много" not in page("192.0.2.77", peer="192.0.2.50").text, "nobody named that one"


def test_who_is_dismissed_is_out_at_the_next_request_and_does_not_come_back(
    services: FakeServices, server: Any
) -> None:
    client = server.test_client()
    enter(client, "boris")
    assert client.get("/plans").status_code == 200
    import duckdb

    portal = services.reports._current()
    assert portal is not None
    gone = Path(portal.facts_path).with_name("gone.duckdb")
    gone.write_bytes(Path(portal.facts_path).read_bytes())
    with duckdb.connect(str(gone)) as con:
        con.execute("UPDATE managers SET active = false WHERE id = 2")
    before = portal.facts_path
    try:
        portal.facts_path = gone  # type: ignore[misc]
        assert client.get("/plans").status_code == 302
        assert enter(client, "boris").status_code == 401
    finally:
        portal.facts_path = before  # type: ignore[misc]
    assert client.get("/plans").status_code == 302 and enter(client, "boris").status_code == 303


def test_a_password_is_set_by_a_link_that_the_log_does_not_keep(
    services: FakeServices, client: FlaskClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_in = services.sign_in
    assert sign_in is not None
    link = sign_in.reset(sign_in.accounts.by_name("boris"))
    page = client.get(f"/reset/{link}")
    data = {"csrf_token": token_of(page.text), "password": "another horse battery"}
    assert client.post(f"/reset/{link}", data={**data, "again": "y"}).status_code == 400
    assert client.post(f"/reset/{link}", data={**data, "again": data["password"]}).status_code == 303
    again = client.get(f"/reset/{link}")
    assert again.status_code == 410 and "уже использована" in again.text
    assert enter(client, "boris", data["password"]).status_code == 303
    captured = capsys.readouterr()
    assert link not in caplog.text + captured.out + captured.err
    sign_in.accounts.set_password(sign_in.accounts.by_name("boris"), sign_in.passwords.hashed(GOOD))


def test_an_owner_signs_in_by_two_steps(services: FakeServices, server: Any) -> None:
    sign_in = services.sign_in
    assert sign_in is not None
    client = server.test_client()
    enter(client)
    page = client.get("/account")
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.text)
    assert secret is not None and "otpauth://totp/" in page.text
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    data = {"csrf_token": token_of(page.text), "current": GOOD}
    here = int(__import__("time").time())
    assert client.post("/account/second-factor", data={**data, "code": "000000"}).status_code == 400
    assert (
        client.post("/account/second-factor", data={**data, "current": "x" * 12, "code": totp.at(here)}).status_code
        == 400
    )
    assert client.post("/account/second-factor", data={**data, "code": totp.at(here - 30)}).status_code == 303
    client.post("/sign-out")
    half = enter(client)
    assert half.headers["Location"].startswith("/sign-in/code") and client.get("/plans").status_code == 302
    code = {"csrf_token": token_of(client.get(half.headers["Location"]).text), "next": "/plans"}
    wrong = client.post("/sign-in/code", data={**code, "code": "123"})
    assert wrong.status_code == 401 and "не подошёл" in wrong.text
    done = client.post("/sign-in/code", data={**code, "code": totp.at(here + 1)})
    assert done.headers["Location"] == "/plans" and client.get("/plans").status_code == 200
    sign_in.without_second_factor(sign_in.accounts.by_name("anna"), "t")
    assert client.get("/plans").status_code == 302


def test_own_passwords_are_changed_by_who_knows_them(
    services: FakeServices, anna: FlaskClient, client: FlaskClient
) -> None:
    data = {
        "csrf_token": token_of(anna.get("/account").text),
        "password": "another horse battery",
        "again": "another horse battery",
    }
    assert anna.post("/account/password", data={**data, "current": "x" * 12}).status_code == 400
    assert anna.post("/account/password", data={**data, "current": GOOD}).status_code == 303
    assert anna.get("/plans").status_code == 302 and enter(client, "anna", data["password"]).status_code == 303
    sign_in = services.sign_in
    assert sign_in is not None
    sign_in.accounts.set_password(sign_in.accounts.by_name("anna"), sign_in.passwords.hashed(GOOD))


def test_without_accounts_the_page_says_how_the_first_is_made(tmp_path: Path) -> None:
    services = fake_services(tmp_path, portal=FakePortal(tmp_path, empty=True), sign_in="local")
    page = create_app(services.settings, services).server.test_client().get("/sign-in")
    assert "python -m dash_app user add" in page.text and "<form" not in page.text


@pytest.mark.parametrize(
    ("host", "peer", "status"),
    [
        ("reports.example.ru", "192.0.2.1", 200),
        ("192.0.2.40:8050", "192.0.2.1", 200),
        ("127.0.0.1:8050", "127.0.0.1", 200),
        ("evil.example", "192.0.2.1", 403),
        ("evil.example", "127.0.0.1", 403),
    ],
)
def test_with_sign_in_the_application_answers_the_network_under_its_own_names(
    client: FlaskClient, host: str, peer: str, status: int
) -> None:
    assert client.get("/sign-in", headers={"Host": host}, environ_overrides={"REMOTE_ADDR": peer}).status_code == status


@pytest.mark.parametrize(
    ("seen", "of", "ru"),
    [(1, 5, "вам виден 1 отдел из 5"), (2, 5, "вам видны 2 отдела из 5"), (5, 9, "вам видны 5 отделов из 9"), (11, 30, "вам видны 11 отделов из 30"), (21, 30, "вам виден 21 отдел из 30")],
)  # fmt: skip
def test_departments_are_counted_in_words(seen: int, of: int, ru: str) -> None:
    assert who_line.departments(seen, of).ru == ru
