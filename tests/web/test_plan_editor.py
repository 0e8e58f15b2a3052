"""The plan editor's answers: what the browser sends is checked, saved cell by cell, undone, imported whole or not at all."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from dash_app.app import create_app
from dash_app.services import Services
from dash_app.web.monthly_page import MonthSpan, span_of, today_of
from tests.fakes import FakePortal, fake_services
from tests.web.conftest import Call, caller


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> FakePortal:
    return FakePortal(tmp_path_factory.mktemp("portal"))


@pytest.fixture
def services(portal: FakePortal, tmp_path: Path) -> Services:
    return fake_services(tmp_path, portal=portal)


@pytest.fixture
def call(services: Services) -> Call:
    app = create_app(services.settings, services)
    return caller(app, app.server.test_client())


def ask(call: Call, **what: Any) -> dict[str, Any]:
    answer = call(
        "plan-answer.data",
        {"plan-ask.data": {"n": 3, "who": " Анна  Петрова ", **what}, "url.search": "?year=2026"},
        "plan-ask.data",
    )
    found: dict[str, Any] = answer["response"]["plan-answer"]["data"]
    return found


def edit(
    text: str, was: str = "", manager: str = "1", month: str = "2026-02", measure: str = "plan_amount"
) -> list[str]:
    return [manager, "", month, measure, text, was]


def test_the_page_names_people_with_their_departments(call: Call) -> None:
    said = json.dumps(
        call("page.children", {"url.pathname": "/plans", "url.search": "?year=2025&half=2&show=bonus"}),
        ensure_ascii=False,
    )
    assert (
        "Менеджер 1 · Компания; Север" in said and "2025-07" in said and "2025-06" not in said and "все воронки" in said
    )


def test_cells_are_saved_refused_and_undone(call: Call, services: Services) -> None:
    answer = ask(call, kind="edits", cells=[edit("1 000,50"), edit("x", month="2026-03")])
    assert answer["cells"][0] == ["1", "", "2026-02", ["1000.50", "", ""]]
    assert "не число" in answer["refused"][0][5]
    assert services.workspace.history()[0].who == "Анна Петрова"
    assert ask(call, kind="edits", cells=[edit("5", was="7")])["conflicts"] == [
        ["1", "", "2026-02", "plan_amount", "5", "1000.50", "Анна Петрова"]
    ]
    assert ask(call, kind="undo", changes=answer["changes"])["said"] == "Отменено."
    assert services.workspace.entries("plan") == {}


@pytest.mark.parametrize(
    "cells",
    [
        [["1", "", "2026-02", "manager_id", "5", ""]],
        [["x", "", "2026-02", "plan_amount", "5", ""]],
        [["1", "", "2026-99", "plan_amount", "5", ""]],
        [["1"]],
        [[1, "", "", "", "", ""]],
        ["x"],
        [["1' OR 1", "", "2026-02", "plan_amount", "5", ""]],
    ],
)
def test_what_is_no_cell_is_a_sentence(call: Call, services: Services, cells: Any) -> None:
    answer = ask(call, kind="edits", cells=cells)
    assert answer["failed"] and answer["said"].endswith(".")
    assert services.workspace.entries("plan") == {}


def test_a_strange_old_value_is_a_conflict_not_an_error(call: Call) -> None:
    ask(call, kind="edits", cells=[edit("5")])
    assert len(ask(call, kind="edits", cells=[edit("6", was="what")])["conflicts"]) == 1


@pytest.mark.parametrize("given", [None, {"kind": "undo", "changes": [999]}, {"kind": "edits"}, {}])
def test_any_ask_is_answered(call: Call, given: Any) -> None:
    call("plan-answer.data", {"plan-ask.data": given}, "plan-ask.data")


@pytest.mark.parametrize("given", [5, "x", [], {"kind": "undo", "changes": "x"}, {"kind": 7}, {"cells": "x"}])
def test_an_ask_of_another_type_is_refused_before_anything_runs(call: Call, given: Any) -> None:
    with pytest.raises(AssertionError, match="400"):
        call("plan-answer.data", {"plan-ask.data": given}, "plan-ask.data")


def test_a_file_is_taken_whole_or_not_at_all(call: Call, services: Services) -> None:
    def upload(text: str) -> str:
        content = "data:text/csv;base64," + base64.b64encode(text.encode()).decode()
        return json.dumps(
            call(
                "plan-import-report.children",
                {"plan-import.contents": content, "plan-who.value": "Пётр", "url.search": "?year=2026"},
                "plan-import.contents",
            ),
            ensure_ascii=False,
        )

    said = upload("manager_id,month,plan_amount\n1,2026-02,5\n1,2026-03,много\n")
    assert "ошибок: 1" in said and services.workspace.entries("plan") == {}
    assert "Изменено планов: 1" in upload("manager_id,month,plan_amount\n1,2026-02,5\n")
    assert services.workspace.history()[0].who == "Пётр"
    assert "ничего не изменено" in upload("manager_id,month,plan_amount\n1,2026-02,5\n")
    assert "Файл не прочитался" in json.dumps(
        call("plan-import-report.children", {"plan-import.contents": "data:;base64,@@"}, "plan-import.contents"),
        ensure_ascii=False,
    )


def test_the_history_of_a_cell_says_who_and_what(call: Call, services: Services) -> None:
    ask(call, kind="edits", cells=[edit("5"), edit("2", measure="plan_count")])
    ask(call, kind="edits", cells=[edit("6", was="5")])
    said = json.dumps(
        call(
            "plan-history.children",
            {"plan-history-ask.data": {"key": "1:all:2026-02", "title": "Менеджер 1"}},
            "plan-history-ask.data",
        ),
        ensure_ascii=False,
    )
    assert said.count("Анна Петрова") == 2 and "Количество" in said and "6\u00a0₽" in said


def test_a_senseless_address_is_this_year(services: Services) -> None:
    today = today_of(services)
    assert span_of({"year": ["abc"], "half": ["7"]}, today) == MonthSpan(2026)
    assert span_of({"year": ["99999999999"]}, today) == MonthSpan(2026)
    assert span_of({"year": ["2025"], "half": ["1"]}, today).months[-1] == "2025-06"


def test_the_report_leads_to_its_plans(call: Call) -> None:
    answer = call("page.children", {"url.pathname": "/sales-plan"}, "url.pathname")
    assert "/plans" in json.dumps(answer["response"]["page-actions"])
