"""The refresh on every page: start or join, watch, cancel; old figures stay, new ones are announced."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callbacks.refresh import changes_line, clock
from dash_app.app import create_app
from dash_app.portal.entities import COUNTED
from dash_app.reports.api import DataState
from dash_app.store.progress import Progress
from dash_app.text import Text
from dash_app.views import format as fmt
from tests.fakes import FakePortal, FakeRefresh, fake_services
from tests.web.conftest import caller

WATCH = "refresh-progress.children"


class Page:
    """A page that sends what the browser sends."""

    def __init__(self, folder: Path) -> None:
        self.portal = FakePortal(folder)
        self.services = fake_services(folder, portal=self.portal)
        self.refresh: FakeRefresh = self.services.refresh  # type: ignore[assignment]
        app = create_app(self.services.settings, self.services)
        self._call = caller(app, app.server.test_client())
        self.snapshot = "facts1"
        self.idle = True

    def watch(self, changed: str = "pulse.n_intervals", **values: Any) -> str:
        answer = self._call(
            WATCH,
            {
                "snapshot.data": self.snapshot,
                "refresh-tick.disabled": self.idle,
                "refresh-button.n_clicks": 0,
                **values,
            },
            changed,
        )
        response = answer["response"]
        self.idle = response["refresh-tick"]["disabled"]
        self.snapshot = response.get("snapshot", {}).get("data", self.snapshot)
        return json.dumps(response, ensure_ascii=False)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_a_page_says_how_old_its_data_is(page: Page) -> None:
    said = page.watch()
    assert "Данные на" in said and "20.03" in said and "12:00" in said and "назад" in said
    assert page.idle


@pytest.mark.parametrize(
    ("now", "ru", "en"),
    [
        (datetime(2026, 3, 20, 18, tzinfo=UTC), "12:00", "12:00"),
        (datetime(2026, 3, 20, 22, tzinfo=UTC), "20.03, 12:00", "20 Mar, 12:00"),  # past midnight in Moscow
        (datetime(2027, 1, 2, tzinfo=UTC), "20.03.2026, 12:00", "2026-03-20, 12:00"),
    ],
)
def test_the_moment_of_the_data_is_said_as_short_as_can_be(now: datetime, ru: str, en: str) -> None:
    moment = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("Europe/Moscow"))
    assert (clock(moment, now, "ru"), clock(moment, now, "en")) == (ru, en)


def test_the_button_starts_it_and_a_second_one_joins(page: Page) -> None:
    said = page.watch("refresh-button.n_clicks", **{"refresh-button.n_clicks": 1})
    assert "Читаю сделки: 4\u00a0200 из 12\u00a0000" in said and "осталось около 25 с" in said and "Отменить" in said
    assert not page.idle
    page.watch("refresh-button.n_clicks", **{"refresh-button.n_clicks": 2})
    assert page.refresh.calls == ["start Обновить", "start Обновить"]


def test_a_new_snapshot_is_announced_and_shown(page: Page) -> None:
    page.portal.publish().changes = {"deals_new": 3, "leads_changed": 1}  # type: ignore[attr-defined]
    said = page.watch()
    assert page.snapshot == "facts2"
    assert "3 новых сделок" in said or "3 новые сделки" in said


def test_cancelled_and_failed_leave_the_old_data(page: Page) -> None:
    page.watch("refresh-button.n_clicks", **{"refresh-button.n_clicks": 1})
    said = page.watch("refresh-cancel.n_clicks", **{"refresh-cancel.n_clicks": 1})
    assert "отменено" in said and "refresh-panel" not in said and page.idle
    page.watch("refresh-button.n_clicks", **{"refresh-button.n_clicks": 1})
    page.refresh.fail()
    said = page.watch("refresh-tick.n_intervals")
    assert "Портал не отвечает" in said and "Прежние данные на месте" in said and page.snapshot == "facts1"


def test_what_a_person_has_to_confirm_stays_on_the_page_with_its_button(page: Page) -> None:
    page.refresh.doing = Progress(
        phase="failed", question="abc", error=Text("Сделок было 403, стало 0.", "There were 403 deals, now 0.")
    )
    for _ in range(2):
        said = page.watch()
        assert "Сделок было 403, стало 0. Прежние данные на месте." in said and "Принять новые данные" in said
    button = '{"question":"abc","type":"accept"}'
    pressed = [{"id": json.loads(button), "property": "n_clicks", "value": 1}]
    page.watch(f"{button}.n_clicks", **{'{"question":["ALL"],"type":"accept"}.n_clicks': pressed})
    assert page.refresh.calls == ["accept abc"]


@pytest.mark.parametrize(
    ("changes", "ru", "en"),
    [
        ({}, "Данные обновлены. Изменений нет.", "The data is fresh. Nothing has changed."),
        (
            {"deals_changed": 1, "users_changed": 1},
            "Данные обновлены – изменилось: 1 сделка, 1 сотрудник.",
            "The data is fresh – changed: 1 deal, 1 person.",
        ),
        (
            {"deals_new": 1, "tasks_new": 5, "leads_changed": 22, "stages_changed": 3, "pipelines_deleted": 1},
            "Данные обновлены – 1 новая сделка, 5 новых задач; изменилось: 22 лида, 3 стадии; удалено: 1 воронка.",
            "The data is fresh – 1 new deal, 5 new tasks; changed: 22 leads, 3 stages; deleted: 1 pipeline.",
        ),
    ],
)
def test_what_a_refresh_brought_is_said_in_words(changes: dict[str, int], ru: str, en: str) -> None:
    state = DataState("s", datetime(2026, 3, 20, tzinfo=UTC), "https://x", "RUB", [], False, changes)
    assert (changes_line(state, "ru"), changes_line(state, "en")) == (ru, en)


def test_every_kind_of_record_a_refresh_counts_has_its_words() -> None:
    for _, what in COUNTED.values():
        for word in (what.word, what.new):
            assert len({fmt.counted(number, word, "ru").split(fmt.NBSP, 1)[1] for number in (1, 2, 5)}) == 3
            assert fmt.counted(1, word, "en") != fmt.counted(2, word, "en").replace("2", "1")
        assert what.word != what.new
