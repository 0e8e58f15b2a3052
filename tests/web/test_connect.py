"""A portal is connected on the page: the webhook is checked, kept for its owner alone, never shown; every worker follows."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from dash_app import kept_webhook, portal_choice
from dash_app.app import create_app
from dash_app.errors import UserError
from dash_app.logs.start import _secrets
from dash_app.portal.credentials import Webhook
from dash_app.portal.doctor import ConnectionCheck
from dash_app.services import Services
from dash_app.text import Text
from dash_app.web.following import follow
from tests.fakes import FakePortal, fake_services, fake_settings
from tests.web.conftest import Call, caller

WEBHOOK = "https://company.bitrix24.ru/rest/1/abcdefgh12345678/"
SECRET = "abcdefgh12345678"


def finding(level: Any) -> ConnectionCheck:
    return ConnectionCheck(level, Text(f"найдено: {level}", f"found: {level}"))


class Tried:
    """What the page asked of a portal that is not there."""

    def __init__(self, folder: Path) -> None:
        self.found: list[ConnectionCheck] = []
        self.connected: list[str] = []
        fake = fake_services(folder, portal=FakePortal(folder, empty=True))
        admin = replace(
            fake.administration,
            try_webhook=lambda given: self.found,
            connect=lambda given: self.connected.append(given),
        )
        self.services: Services = replace(fake, administration=admin)
        self.app = create_app(self.services.settings, self.services)
        self.call: Call = caller(self.app, self.app.server.test_client())

    def press(self, webhook: str, button: str = "connect-check") -> str:
        given = {f"{button}.n_clicks": 1, "connect-webhook.value": webhook}
        return json.dumps(self.call("connect-state.children", given, f"{button}.n_clicks"), ensure_ascii=False)


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


def test_a_webhook_is_connected_when_the_doctor_finds_nothing_wrong(tried: Tried) -> None:
    assert "Вставьте адрес" in tried.press("  ")
    tried.found = [finding("ok"), finding("error")]
    said = tried.press(WEBHOOK)
    assert "найдено: error" in said and "connect-anyway" not in said and tried.connected == []
    tried.found = [finding("ok"), finding("warning")]
    said = tried.press(WEBHOOK)
    assert "найдено: warning" in said and "connect-anyway" in said and tried.connected == []
    assert "первая загрузка началась" in tried.press(WEBHOOK, "connect-anyway")
    tried.found = [finding("ok")]
    said = tried.press(WEBHOOK)
    assert "первая загрузка началась" in said and tried.connected == [WEBHOOK, WEBHOOK]
    assert SECRET not in said and '"connect-webhook": {"value": ""}' in said


def test_without_data_the_page_offers_to_connect_or_to_look_at_the_made_up_company(tried: Tried) -> None:
    shown = json.dumps(tried.call("page.children", {"url.pathname": "/sales-dynamics"}), ensure_ascii=False)
    assert (
        "Портал не подключён" in shown and "Входящий вебхук" in shown and "Посмотреть на придуманной компании" in shown
    )
    layout = json.dumps(tried.app.server.test_client().get("/_dash-layout").get_json(), ensure_ascii=False)
    assert layout.count("Данные придуманы") == 2  # beside the settings, and on top of a phone


def test_nobody_else_connects_a_portal_while_nobody_signs_in(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dash_app.web.connect.is_here", lambda: False)
    assert "только на самом этом компьютере" in tried.press(WEBHOOK) and tried.connected == []


def test_a_kept_webhook_is_its_owners_alone_and_the_settings_stand_over_it(tmp_path: Path) -> None:
    settings = fake_settings(tmp_path)
    assert portal_choice.is_demo(settings) and kept_webhook.stamp(tmp_path) is None
    portal_choice.keep(settings, Webhook.parse(WEBHOOK + "crm.deal.list.json"))
    file = kept_webhook.file_of(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert (
        not portal_choice.is_demo(settings)
        and portal_choice.effective_webhook(settings).secret.get_secret_value() == SECRET
    )
    assert SECRET in _secrets(settings)  # hidden wherever it may turn up in the log
    fixed = fake_settings(tmp_path, b24_webhook_url=SecretStr("https://other.bitrix24.ru/rest/1/x/"))
    assert portal_choice.effective_webhook(fixed).address == "https://other.bitrix24.ru"
    with pytest.raises(UserError, match="B24_WEBHOOK_URL"):
        portal_choice.keep(fixed, Webhook.parse(WEBHOOK))


def test_a_server_follows_to_the_portal_connected_meanwhile() -> None:
    now, made = ["demo"], []

    def make() -> Flask:
        flask = Flask("portal")
        made.append(now[0])
        flask.add_url_rule("/", "page", lambda name=now[0]: name)
        return flask

    client = follow(make, lambda: now[0]).test_client()
    assert [client.get("/").text for _ in range(2)] == ["demo", "demo"]
    now[0] = "own"
    assert [client.get("/").text for _ in range(2)] == ["own", "own"] and made == ["demo", "own"]
