"""The page «Мотивация»: a ladder saved, its example before that, lists, closing – and what the second of two editors is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dash_app.app import create_app
from dash_app.errors import BadInput
from dash_app.motivation import page as m
from dash_app.services import Services
from tests.fakes import FakePortal, fake_services
from tests.web.conftest import Call, caller

STEP = '{"part":["ALL"],"row":["ALL"],"type":"motivation-step"}'
EXAMPLE = '{"name":["ALL"],"type":"motivation-example"}'


@pytest.fixture
def services(tmp_path: Path, portal: FakePortal) -> Services:
    return fake_services(tmp_path, portal=portal)


@pytest.fixture
def call(services: Services) -> Call:
    app = create_app(services.settings, services)
    return caller(app, app.server.test_client())


def said(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False).replace("\u00a0", " ")


def steps(*rows: tuple[Any, str, Any]) -> dict[str, Any]:
    """Controls of the ladder as the browser sends them."""
    parts = [
        (row, part, value)
        for row, values in enumerate(rows)
        for part, value in zip(("reached", "pay", "value"), values, strict=True)
    ]
    ids = [{"part": part, "row": row, "type": "motivation-step"} for row, part, _ in parts]
    return {
        f"{STEP}.value": [{"id": i, "property": "value", "value": v} for i, (_, _, v) in zip(ids, parts, strict=True)],
        f"{STEP}.id": [{"id": i, "property": "id", "value": i} for i in ids],
    }


def save(
    call: Call,
    name: str = "Ступени",
    month: str = "2026-01-01",
    seen: dict[str, Any] | None = None,
    *rows: tuple[Any, str, Any],
    button: str = m.SAVE,
    **more: Any,
) -> str:
    given = {
        f"{m.SAVE}.n_clicks": 1,
        f"{m.DELETE}.n_clicks": 1,
        f"{m.VERSION}.data": seen or {"key": m.NEW, "version": 0},
        f"{m.NAME}.value": name,
        f"{m.MONTH}.value": month,
        f"{m.MODE}.value": "highest",
        f"{m.CAP_KIND}.value": "none",
        **steps(*(rows or ((80, "share", 50), (100, "share", 100)))),
        **more,
    }
    return said(call(f"{m.BODY}.children", given, f"{button}.n_clicks"))


def of_kind(services: Services, kind: str) -> dict[str, Any]:
    return {key: entry.value.model_dump(mode="json") for key, entry in services.workspace.entries(kind).items()}


def test_the_page_is_there_before_anybody_typed_anything(call: Call) -> None:
    answer = said(call("page.children", {"url.pathname": "/motivation"}))
    for text in ("Лестница", "Живой пример", "Грейды", "Разгон", "Отсутствия", "Закрытие месяца", "История"):
        assert text in answer


def test_a_ladder_is_saved_in_exact_shares_and_said_in_the_history(call: Call, services: Services) -> None:
    answer = save(
        call,
        "Ступени",
        "2026-01-01",
        None,
        (80, "share", 50),
        ("100", "of_fact", "3,25"),
        (120, "fixed", 7000.5),
        ("", "share", 5),
        **{f"{m.CAP_KIND}.value": "share", f"{m.CAP_VALUE}.value": 150},
    )
    assert "Схема сохранена." in answer and "80 % → 50 % от премии" in answer
    value = of_kind(services, "scheme")["Ступени:2026-01"]
    assert [(s["reached"], s["pay"], s["value"]) for s in value["steps"]] == [
        ("0.8", "share", "0.5"),
        ("1", "of_fact", "0.0325"),
        ("1.2", "fixed", "7000.5"),
    ]
    assert value["cap"] == {"kind": "share", "value": "1.5"}


def test_a_new_name_renames_and_a_new_month_is_a_new_version(call: Call, services: Services) -> None:
    save(call)
    save(call, "Лестница", seen={"key": "Ступени:2026-01", "version": 1})
    assert set(of_kind(services, "scheme")) == {"Лестница:2026-01"}
    save(call, "Лестница", "2026-03-01", {"key": "Лестница:2026-01", "version": 1})
    assert set(of_kind(services, "scheme")) == {"Лестница:2026-01", "Лестница:2026-03"}
    save(call, seen={"key": "Лестница:2026-03", "version": 1}, button=m.DELETE)
    assert set(of_kind(services, "scheme")) == {"Лестница:2026-01"}


def test_the_second_of_two_editors_sees_both_ladders_in_words(call: Call, services: Services) -> None:
    save(call)
    save(call, "Ступени", "2026-01-01", {"key": "Ступени:2026-01", "version": 1}, (90, "share", 50))
    answer = save(call, "Ступени", "2026-01-01", {"key": "Ступени:2026-01", "version": 1}, (70, "share", 50))
    assert "Пока вы меняли" in answer and "90 % → 50 % от премии" in answer and "70 % → 50 % от премии" in answer
    assert of_kind(services, "scheme")["Ступени:2026-01"]["steps"][0]["reached"] == "0.9"


def test_the_example_follows_the_ladder_before_it_is_saved(call: Call) -> None:
    def example(*rows: tuple[Any, str, Any], **given: Any) -> str:
        values = {
            "plan": 1_000_000,
            "fact": 860_000,
            "bonus": 100_000,
            "threshold": 100,
            "grade": "",
            "service": "",
            "away": 0,
            **given,
        }
        ids = [{"name": n, "type": "motivation-example"} for n in values]
        state = {
            f"{EXAMPLE}.value": [
                {"id": i, "property": "value", "value": v} for i, v in zip(ids, values.values(), strict=True)
            ],
            f"{EXAMPLE}.id": [{"id": i, "property": "id", "value": i} for i in ids],
            f"{m.MODE}.value": "highest",
            f"{m.CAP_KIND}.value": "none",
            **steps(*rows),
        }
        return said(call(f"{m.RESULT}.children", state))

    assert "86 % → ступень 80 % → 50 % × 100 000 = 50 000 ₽" in example((80, "share", 50), (100, "share", 100))
    assert "ещё 140 000 ₽ до 100 %, премия 100 000 ₽" in example((80, "share", 50), (100, "share", 100))
    assert "86 % < 100 %" in example()
    assert "порог 85 %" in example(threshold=85)
    assert "премия падает с 100 000 ₽ до 10 000 ₽" in example((80, "share", 100), (100, "share", 10))
    assert "две" not in example((80, "share", 1)) and "не принимает" in example((80, "share", 1), (80, "share", 2))
    assert "премии нет" in example(plan="")
    assert "18/20 дней" in example(away=2)


def test_steps_are_added_and_removed_without_losing_what_is_typed(call: Call) -> None:
    given = steps((80, "share", 55), (100, "fixed", 7))
    answer = said(call(f"{m.STEPS}.children", {f"{m.ADD_STEP}.n_clicks": 1, **given}, f"{m.ADD_STEP}.n_clicks"))
    assert answer.count('"part": "reached"') == 3 and '"value": 55' in answer and '"value": 110' in answer
    cause = {"row": 0, "type": "motivation-step-remove"}
    clicks = {
        '{"row":["ALL"],"type":"motivation-step-remove"}.n_clicks': [{"id": cause, "property": "n_clicks", "value": 1}]
    }
    answer = said(
        call(
            f"{m.STEPS}.children",
            {**clicks, **given},
            json.dumps(cause, separators=(",", ":"), sort_keys=True) + ".n_clicks",
        )
    )
    assert answer.count('"part": "reached"') == 1 and '"value": 7' in answer


def test_slider_and_fact_say_the_same(call: Call) -> None:
    def one(name: str, value: Any) -> dict[str, Any]:
        return {"id": {"name": name, "type": "motivation-example"}, "property": "value", "value": value}

    fact, plan = ('{"name":"fact","type":"motivation-example"}', '{"name":"plan","type":"motivation-example"}')
    values = {
        f"{m.SLIDER}.value": 50,
        f"{fact}.value": one("fact", 860000),
        f"{plan}.value": one("plan", 1000000),
        f"outputs {fact}.value": one("fact", None),
    }
    assert call(f"{m.SLIDER}.value", values, f"{m.SLIDER}.value")["response"][fact]["value"] == 500000
    assert call(f"{m.SLIDER}.value", values, f"{fact}.value")["response"][m.SLIDER]["value"] == 86


def closed(call: Call, kind: str, month: str, reason: str = "", code: str = "") -> str:
    cause = {"month": month, "type": f"motivation-{kind}"}
    named = {"month": month, "type": "motivation-reason"}
    values = {
        f'{{"month":["ALL"],"type":"motivation-{kind}"}}.n_clicks': [{"id": cause, "property": "n_clicks", "value": 1}],
        '{"month":["ALL"],"type":"motivation-reason"}.value': [{"id": named, "property": "value", "value": reason}],
        '{"month":["ALL"],"type":"motivation-reason"}.id': [{"id": named, "property": "id", "value": named}],
        '{"month":["ALL"],"type":"motivation-code"}.value': [
            {"id": {"month": month, "type": "motivation-code"}, "property": "value", "value": code}
        ],
        "motivation-closing-threshold.value": 100,
    }
    return said(
        call(f"{m.BODY}.children", values, json.dumps(cause, separators=(",", ":"), sort_keys=True) + ".n_clicks")
    )


def test_a_month_is_closed_and_reopened_on_the_page(call: Call, services: Services) -> None:
    services.workspace.put_entries(
        "plan",
        {"1:all:2026-02": {"manager_id": "1", "month": "2026-02", "plan_amount": "1", "bonus": "500.25"}},
        "Анна",
    )
    answer = closed(call, "close", "2026-02")
    assert "Месяц 2026-02 закрыт." in answer and "500,25 ₽" in answer and "Открыть снова" in answer
    assert "назовите причину" in closed(call, "reopen", "2026-02")
    assert "снова открыт" in closed(call, "reopen", "2026-02", "ошибка в плане")
    assert of_kind(services, "closing")["2026-02"]["state"] == "open"


def test_reopening_is_a_right_of_whoever_has_the_code(tmp_path: Path, portal: FakePortal) -> None:
    services = fake_services(tmp_path, portal=portal)
    services = replace(services, settings=services.settings.model_copy(update={"reopen_code": SecretStr("тайна")}))
    app = create_app(services.settings, services)
    call = caller(app, app.server.test_client())
    services.workspace.put_entries(
        "plan", {"1:all:2026-02": {"manager_id": "1", "month": "2026-02", "plan_amount": "1"}}, "Анна"
    )
    closed(call, "close", "2026-02")
    opened = json.loads(services.workspace.export())
    opened["entries"]["closing"][0].update(state="open", reason="захотелось")
    for answer in (closed(call, "reopen", "2026-02", "ошибка"), closed(call, "reopen", "2026-02", "ошибка", "тайна?")):
        assert "снова открыт" not in answer and "тайна" not in answer
    with pytest.raises(BadInput, match="a code is needed"):
        services.workspace.import_(json.dumps(opened).encode(), "Анна", may_reopen=False)
    assert of_kind(services, "closing")["2026-02"]["state"] == "closed"
    assert "снова открыт" in closed(call, "reopen", "2026-02", "ошибка", "тайна")
    assert of_kind(services, "closing")["2026-02"]["state"] == "open"


def change(
    call: Call, kind: str, versions: dict[str, int] | None = None, *, remove: str | None = None, **fields: Any
) -> str:
    """The line of a list that adds, pressed; or the × of an entry."""
    add, gone = {"kind": kind, "type": "motivation-add"}, {"key": remove, "kind": kind, "type": "motivation-remove"}
    ids = [{"kind": kind, "name": n, "type": "motivation-field"} for n in fields]
    wild = '{"kind":["MATCH"],"name":["ALL"],"type":"motivation-field"}'
    listed = {"kind": kind, "type": "motivation-list"}
    values = {
        '{"kind":["MATCH"],"type":"motivation-add"}.n_clicks': {
            "id": add,
            "property": "n_clicks",
            "value": 0 if remove else 1,
        },
        '{"key":["ALL"],"kind":["MATCH"],"type":"motivation-remove"}.n_clicks': [
            {"id": gone, "property": "n_clicks", "value": 1}
        ]
        if remove
        else [],
        f"{wild}.value": [
            {"id": i, "property": "value", "value": None if isinstance(v, bool) else v}
            for i, v in zip(ids, fields.values(), strict=True)
        ],
        f"{wild}.checked": [
            {"id": i, "property": "checked", "value": v if isinstance(v, bool) else None}
            for i, v in zip(ids, fields.values(), strict=True)
        ],
        f"{wild}.id": [{"id": i, "property": "id", "value": i} for i in ids],
        '{"kind":["MATCH"],"type":"motivation-versions"}.data': {
            "id": {"kind": kind, "type": "motivation-versions"},
            "property": "data",
            "value": versions or {},
        },
        'outputs {"kind":["MATCH"],"type":"motivation-list"}.children': {"id": listed, "property": "children"},
    }
    cause = json.dumps(gone if remove else add, separators=(",", ":"), sort_keys=True)
    return said(call('{"kind":["MATCH"],"type":"motivation-list"}.children', values, cause + ".n_clicks"))


def test_lists_take_entries_and_give_them_back(call: Call, services: Services) -> None:
    assert "0,8, и на план" in change(
        call, "grade_coefficient", grade="junior", coefficient=0.8, start="2026-01-01", on_plan=True
    )
    assert "junior" in change(call, "grade", manager_id="1", grade="junior", start="2026-02-16")
    change(call, "hire", manager_id="1", start="2026-01-20")
    change(call, "absence", manager_id="1", start="2026-02-02", end="2026-02-06", reason="отпуск")
    change(call, "ramp", **{"1": 25, "2": "", "3": 75, "4": None})
    assert of_kind(services, "grade_coefficient") == {
        "junior:2026-01-01": {"grade": "junior", "start": "2026-01-01", "coefficient": "0.8", "on_plan": True}
    }
    assert of_kind(services, "ramp")["all"]["shares"] == ["0.25", "1", "0.75"]
    assert set(of_kind(services, "absence")) == {"1:2026-02-02"} and set(of_kind(services, "hire")) == {"1"}
    change(call, "grade", {"1:2026-02-16": 1}, remove="1:2026-02-16")
    assert of_kind(services, "grade") == {}


def test_a_list_says_what_is_missing_senseless_or_changed_by_another(call: Call, services: Services) -> None:
    assert "Заполните поле «С даты»" in change(call, "hire", manager_id="1", start=None)
    assert "раньше, чем начинается" in change(
        call, "absence", manager_id="1", start="2026-02-06", end="2026-02-02", reason=""
    )
    change(call, "hire", manager_id="1", start="2026-01-20")
    answer = change(call, "hire", {}, manager_id="1", start="2026-01-25")
    assert "Пока вы меняли" in answer and "20.01.2026" in answer and "25.01.2026" in answer
    assert of_kind(services, "hire")["1"]["start"] == "2026-01-20"
