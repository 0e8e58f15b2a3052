"""Settings: saved with who and when, undone, exported; what a change does to the figures is said at once."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from dash_app.app import create_app
from dash_app.reports.effects import figures_now
from dash_app.services import Services
from dash_app.store.preferences import Preferences, figures_of
from dash_app.web import settings_form, settings_history
from dash_app.web.settings_topics import found, topics
from tests.fakes import fake_services
from tests.web.conftest import Call, caller

LAST = '{"key":["ALL"],"type":"setting-last"}'
CONTROL = '{"item":["ALL"],"key":["ALL"],"type":"setting"}'


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path)


@pytest.fixture
def call(services: Services) -> Call:
    app = create_app(services.settings, services)
    return caller(app, app.server.test_client())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """For tests that do not mind what the others set."""
    return fake_services(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def shared_call(shared: Services) -> Call:
    app = create_app(shared.settings, shared)
    return caller(app, app.server.test_client())


def press(
    call: Call, services: Services, values: dict[tuple[str, str], Any], seen: dict[str, int] | None = None
) -> str:
    """The form as the browser sends it, saved."""
    ids = [{"item": item, "key": key, "type": "setting"} for key, item in values]
    lines = [{"key": key, "type": "setting-last"} for key in dict.fromkeys(key for key, _ in values)]
    versions = {key: services.workspace.version(key) for key in Preferences.model_fields} if seen is None else seen
    answer = call(
        "settings-versions.data",
        {
            "settings-save.n_clicks": 1,
            f"{CONTROL}.value": [
                {"id": i, "property": "value", "value": v} for i, v in zip(ids, values.values(), strict=True)
            ],
            f"{CONTROL}.id": [{"id": i, "property": "id", "value": i} for i in ids],
            "settings-versions.data": versions,
            "url.pathname": "/settings/history",
            f"{LAST}.id": [{"id": i, "property": "id", "value": i} for i in lines],
        },
        "settings-save.n_clicks",
    )
    return json.dumps(answer, ensure_ascii=False)


def test_a_change_is_kept_and_its_effect_shown(call: Call, services: Services) -> None:
    said = press(
        call,
        services,
        {("pipeline_roles", "2"): "other", ("pipeline_roles", "1"): "sales", ("refresh_minutes", ""): 30},
    )
    assert "Сохранено." in said and "effect" in said and "facts2" in said  # facts were derived anew
    assert services.workspace.values().pipeline_roles == {"2": "other"}
    assert {c.what for c in services.workspace.history()} == {"pipeline_roles", "refresh_minutes"}
    assert "Опт – Другое" in said and "со страницы настроек" in said


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
    call(
        "settings-form.children",
        {'{"change":["ALL"],"type":"undo"}.n_clicks': undo, "url.pathname": "/settings/data"},
        json.dumps(identity, separators=(",", ":")) + ".n_clicks",
    )
    assert services.workspace.values().reconcile_hours == 24
    file = base64.b64encode(b'{"format": 1, "settings": {"reconcile_hours": 12}}').decode()
    call(
        "settings-form.children",
        {"settings-import.contents": "data:application/json;base64," + file},
        "settings-import.contents",
    )
    assert services.workspace.values().reconcile_hours == 12
    said = json.dumps(
        call("settings-form.children", {"settings-import.contents": "data:,!!!"}, "settings-import.contents"),
        ensure_ascii=False,
    )
    assert "не прочитался" in said or "не файл настроек" in said


def test_the_history_shows_plans_too(call: Call, services: Services) -> None:
    services.workspace.put_entries(
        "plan", {"1:all:2026-02": {"manager_id": "1", "month": "2026-02", "plan_amount": "5"}}, "Анна"
    )
    shown = json.dumps(call("page.children", {"url.pathname": "/settings/history"}), ensure_ascii=False)
    assert "План: Менеджер 1, все воронки, февраль\u00a02026 – 5" in shown


def test_a_margin_is_typed_in_per_cent_and_kept_as_a_share(call: Call, services: Services) -> None:
    press(call, services, {("margins", "1"): 35, ("margins", "2"): ""})
    assert services.workspace.values().margins == {"1": 0.35}
    press(call, services, {("margins", "1"): "", ("margins", "2"): 12.5})
    assert services.workspace.values().margins == {"2": 0.125}


def controls(services: Services) -> dict[str, set[str]]:
    """Setting -> the items its controls are about, as the page has them."""
    found: dict[str, set[str]] = {}

    def walk(part: Any) -> None:
        identity = getattr(part, "id", None)
        if isinstance(identity, dict) and identity.get("type") == "setting":
            found.setdefault(identity["key"], set()).add(identity["item"])
        children = getattr(part, "children", None)
        for child in children if isinstance(children, list | tuple) else [children]:
            if child is not None and not isinstance(child, str):
                walk(child)

    for topic in topics():
        for part in settings_form.form(services, topic, "ru"):
            walk(part)
    return found


def test_every_setting_has_its_control(services: Services) -> None:
    found = controls(services)
    assert set(found) == set(Preferences.model_fields)
    assert found["activity_weights"] == {"call", "email", "message", "meeting", "todo"}
    assert found["work_hours"] == {"from", "to"} and found["calendar"] == {"off", "on"}
    assert {"deal:1:C1:NEW", "lead::NEW"} <= found["forgotten_days_by_stage"] and "deal:1:C1:WON" not in found[
        "forgotten_days_by_stage"
    ]
    assert found["margins"] == found["pipeline_roles"] == {"1", "2"}


def test_each_shape_is_saved_as_it_is_typed(call: Call, services: Services) -> None:
    typed: dict[tuple[str, str], Any] = {
        ("activity_weights", "meeting"): 8,
        ("activity_weights", "call"): "",
        ("conversion", ""): "cohort",
        ("margins", "1"): 37.5,
        ("margins", "2"): "",
        ("work_hours", "from"): 10,
        ("work_hours", "to"): 19,
        ("calendar", "off"): ["2026-03-09"],
        ("calendar", "on"): ["2026-03-14"],
        ("forgotten_deal_days", ""): 10,
        ("forgotten_days_by_stage", "deal:1:C1:DOC"): 5,
        ("forgotten_days_by_stage", "lead::NEW"): "",
    }
    said = press(call, services, typed)
    now = services.workspace.values()
    assert now.activity_weights == {"meeting": 8} and now.conversion == "cohort" and now.margins == {"1": 0.375}
    assert now.work_hours == (10, 19) and now.calendar == {"2026-03-09": False, "2026-03-14": True}
    assert (now.forgotten_deal_days, now.forgotten_days_by_stage) == (10, {"deal:1:C1:DOC": 5})
    for shown in (
        "10:00 – 19:00",
        "Встреча – 8",
        "09.03.2026 – выходной",
        "Из созданных",
        "Продажи, Договор – 5",
        "Продажи – 37,5",
    ):
        assert shown in said, shown
    assert "Ничего не изменено." in press(call, services, typed)


def test_what_changes_figures_alone_shows_its_report_before_and_after(call: Call, services: Services) -> None:
    said = press(call, services, {("forgotten_deal_days", ""): 40})
    assert "facts2" not in said  # nothing was derived anew
    assert "Забыто сделок" in said and "Незабудка" in said and "became" in said
    assert "не принимает значение" in press(call, services, {("work_hours", "from"): 20, ("work_hours", "to"): 9})
    assert "не принимает значение" in press(call, services, {("activity_weights", "call"): -1})


def test_one_file_carries_settings_and_entries(services: Services, tmp_path: Path) -> None:
    services.workspace.set("forgotten_days_by_stage", {"deal:1:C1:DOC": 5}, "Анна")
    services.workspace.put_entries(
        "snooze",
        {"deal:5": {"entity": "deal", "id": "5", "until": "2026-04-01", "reason": "ждёт", "since": "2026-03-20"}},
        "Анна",
    )
    services.workspace.put_entries(
        "absence",
        {"1:2026-03-02": {"manager_id": "1", "start": "2026-03-02", "end": "2026-03-06", "reason": ""}},
        "Анна",
    )
    (tmp_path / "other").mkdir()
    other = fake_services(tmp_path / "other").workspace
    other.import_(services.workspace.export(), "Борис")
    assert other.export() == services.workspace.export()
    assert list(other.entries("snooze")) == ["deal:5"] and list(other.entries("absence")) == ["1:2026-03-02"]


def test_a_change_of_what_this_version_does_not_know_is_shown_and_not_undone(call: Call, services: Services) -> None:
    import sqlalchemy as sa

    services.workspace.set("refresh_minutes", 30, "Анна")
    engine = sa.create_engine(f"sqlite:///{services.settings.data_dir / 'workspace.sqlite'}")
    for number, what in enumerate(("weather", "goal:7:2026"), 50):  # a setting, a kind of entries of another version
        with engine.begin() as con:
            con.execute(
                sa.text(
                    "INSERT INTO changes (id, portal, at, who, what, \"after\") VALUES (:id, 'test', '2026-01-01 10:00:00.000000', 'Олег', :what, :after)"
                ),
                {"id": number, "what": what, "after": json.dumps({"a": 1})},
            )
    shown = json.dumps(
        settings_history.history(services, "ru").to_plotly_json(),
        ensure_ascii=False,
        default=lambda c: c.to_plotly_json(),
    )
    assert "weather" in shown and "goal:7:2026" in shown and shown.count('"type": "undo"') == 1
    for number in (50, 51):
        said = json.dumps(
            call(
                "settings-form.children",
                {
                    '{"change":["ALL"],"type":"undo"}.n_clicks': [
                        {"id": {"change": number, "type": "undo"}, "property": "n_clicks", "value": 1}
                    ],
                    "url.pathname": "/settings/history",
                },
                f'{{"change":{number},"type":"undo"}}.n_clicks',
            ),
            ensure_ascii=False,
        )
        assert "не отменяется" in said


def test_every_figure_a_setting_names_is_asked_and_kept_with_its_history(shared_call: Call, shared: Services) -> None:
    """«Конверсия … – было 12,6 %, стало 11,9 %»: with the change, and beside the setting."""
    named = {spelled for key in Preferences.model_fields for spelled in figures_of(key)}
    asked = figures_now(shared.session(), Preferences.model_fields)
    for spelled in named:
        report, _, names = spelled.partition(".")
        assert any((report, name) in asked for name in names.split("|")), spelled
    said = press(shared_call, shared, {("conversion", ""): "cohort", ("refresh_minutes", ""): 5})
    change = shared.workspace.history("conversion")[0]
    shown = settings_history.effect_text(settings_history.effects_of(shared).of([change])[change.id], "ru")
    assert re.fullmatch(
        r"март 2026: было Конверсия от бывших в работе [\d,]+\s%, стало Конверсия когорты [\d,]+\s%", shown
    ), shown
    assert said.count(shown) == 2  # in the history, beside the setting
    shared.workspace.set("reconcile_hours", 5, "Анна")
    plain = shared.workspace.history("reconcile_hours")
    assert settings_history.effects_of(shared).of(plain) == {}  # what moves no figure has no effect


def test_the_history_is_narrowed_by_topic_and_person(shared_call: Call, shared: Services) -> None:
    shared.workspace.set("refresh_minutes", 30, "Анна")
    shared.workspace.set("work_hours", [8, 17], "Борис")
    snooze = {"entity": "deal", "id": "5", "until": "2026-04-01", "reason": "отпуск", "since": "2026-03-20"}
    shared.workspace.put_entries("snooze", {"deal:5": snooze}, "Анна")

    def history(topic: str, who: str) -> str:
        answer = shared_call(
            "settings-history.children", {"history-topic.value": topic, "history-who.value": who}, "history-who.value"
        )
        return json.dumps(answer, ensure_ascii=False)

    assert "Рабочие часы: 8:00 – 17:00" in history("time", "-") and "Обновлять" not in history("time", "-")
    assert "Отложенная карточка: сделка №5 – до 01.04.2026, отпуск" in history("forgotten", "-").replace(
        "Сделка", "сделка"
    )
    assert "Борис" not in history("-", "Анна") and "Обновлять каждые, минут: 30" in history("data", "Анна")
    assert "Таких изменений нет" in history("time", "Анна")


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("конверсии", "conversion"),
        ("забыта", "forgotten_deal_days"),
        ("working hours", "work_hours"),
        ("пояса", "time_zone"),
    ],
)
def test_a_setting_is_found_by_words_of_its_title_and_help(asked: str, key: str) -> None:
    assert key in [hit.key for hit in found(asked)][:3]


def test_each_topic_has_an_address_of_its_own(shared_call: Call) -> None:
    for topic in topics():
        shown = json.dumps(shared_call("page.children", {"url.pathname": topic.path}), ensure_ascii=False)
        assert f'"href": "{topic.path}"' in shown and "topic is-here" in shown
    assert "Такой страницы нет" in json.dumps(
        shared_call("page.children", {"url.pathname": "/settings/nothing"}), ensure_ascii=False
    )
    wanted = shared_call("page.children", {"url.pathname": "/settings/data", "url.search": "?find=reconcile_hours"})
    assert json.dumps(wanted).count("is-wanted") == 1
