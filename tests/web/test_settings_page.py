"""Settings: saved with who and when, undone, exported; what a change does to the figures is said at once."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from dash_app.app import create_app
from dash_app.services import Services
from dash_app.store.preferences import Preferences
from tests.fakes import fake_services
from tests.web.conftest import Call, caller

CONTROL = '{"item":["ALL"],"key":["ALL"],"type":"setting"}'


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path)


@pytest.fixture
def call(services: Services) -> Call:
    app = create_app(services.settings, services)
    return caller(app, app.server.test_client())


def press(call: Call, services: Services, values: dict[tuple[str, str], Any], seen: dict[str, int] | None = None) -> str:
    """The form as the browser sends it, saved."""
    ids = [{"item": item, "key": key, "type": "setting"} for key, item in values]
    versions = {key: services.workspace.version(key) for key in Preferences.model_fields} if seen is None else seen
    answer = call(
        "settings-versions.data",
        {
            "settings-save.n_clicks": 1,
            f"{CONTROL}.value": [{"id": i, "property": "value", "value": v} for i, v in zip(ids, values.values(), strict=True)],
            f"{CONTROL}.id": [{"id": i, "property": "id", "value": i} for i in ids],
            "settings-versions.data": versions,
        },
        "settings-save.n_clicks",
    )
    return json.dumps(answer, ensure_ascii=False)


def test_a_change_is_kept_and_its_effect_shown(call: Call, services: Services) -> None:
    said = press(call, services, {("pipeline_roles", "2"): "other", ("pipeline_roles", "1"): "sales", ("refresh_minutes", ""): 30})
    assert "Сохранено." in said and "effect" in said and "facts2" in said  # facts were derived anew
    assert services.workspace.values().pipeline_roles == {"2": "other"}
    assert {c.what for c in services.workspace.history()} == {"pipeline_roles", "refresh_minutes"}
    assert "Опт: Другое" in said and "со страницы настроек" in said


def test_what_does_not_touch_the_facts_derives_nothing(call: Call, services: Services) -> None:
    assert "facts2" not in press(call, services, {("refresh_minutes", ""): 15})
    assert "Ничего не изменено." in press(call, services, {("refresh_minutes", ""): 15})


def test_a_senseless_value_is_a_sentence(call: Call, services: Services) -> None:
    assert "не принимает значение" in press(call, services, {("refresh_minutes", ""): -5})
    assert "не принимает значение" in press(call, services, {("time_zone", ""): "Mars/Base"})
    assert services.workspace.history() == []


def test_two_editors_are_told_of_each_other(call: Call, services: Services) -> None:
    services.workspace.set("refresh_minutes", 5, "Анна")
    assert "изменил Анна" in press(call, services, {("refresh_minutes", ""): 10}, seen={"refresh_minutes": 0})
    assert services.workspace.values().refresh_minutes == 5


def test_undo_and_import_go_through_the_page(call: Call, services: Services) -> None:
    change = services.workspace.set("reconcile_hours", 48, "Анна")
    assert change
    identity = {"change": change.id, "type": "undo"}
    undo = [{"id": identity, "property": "n_clicks", "value": 1}]
    call("settings-form.children", {'{"change":["ALL"],"type":"undo"}.n_clicks': undo}, json.dumps(identity, separators=(",", ":")) + ".n_clicks")
    assert services.workspace.values().reconcile_hours == 24
    file = base64.b64encode(b'{"format": 1, "settings": {"reconcile_hours": 12}}').decode()
    call("settings-form.children", {"settings-import.contents": "data:application/json;base64," + file}, "settings-import.contents")
    assert services.workspace.values().reconcile_hours == 12
    said = json.dumps(call("settings-form.children", {"settings-import.contents": "data:,!!!"}, "settings-import.contents"), ensure_ascii=False)
    assert "не прочитался" in said or "не файл настроек" in said


def test_the_history_shows_plans_too(call: Call, services: Services) -> None:
    services.workspace.put_entries("plan", {"1:all:2026-02": {"manager_id": "1", "month": "2026-02", "plan_amount": "5"}}, "Анна")
    assert "План 1:all:2026-02" in json.dumps(call("page.children", {"url.pathname": "/settings"}), ensure_ascii=False)


def test_a_margin_is_typed_in_per_cent_and_kept_as_a_share(call: Call, services: Services) -> None:
    press(call, services, {("margins", "1"): 35, ("margins", "2"): ""})
    assert services.workspace.values().margins == {"1": 0.35}
    press(call, services, {("margins", "1"): "", ("margins", "2"): 12.5})
    assert services.workspace.values().margins == {"2": 0.125}
