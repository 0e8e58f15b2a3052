"""What a request leaves in the log, and how a person who met an error finds its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dash_app import logs
from dash_app.reports.service import ReportService
from dash_app.web import errors, ids
from tests.logs.conftest import Lines, folder, lines  # noqa: F401  fixtures
from tests.web.conftest import Call


def said(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def test_an_error_of_a_drawer_says_where_its_line_is(
    call: Call,
    lines: Lines,  # noqa: F811
    folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("cannot count «ООО Канарейка»")

    monkeypatch.setattr(ReportService, "records", fails)
    asked = {f"{ids.DRAWER_QUERY}.data": "?drill=summary.deals_won", "url.pathname": "/sales-dynamics"}
    text = said(call(f"{ids.DRAWER_TITLE}.children", asked))
    found = re.search(r"журнале (\S+app\.log), номер ([0-9A-F]{6})", text)
    assert found is not None and Path(found[1]) == folder / "logs" / "app.log"
    by_event = {line["event"]: line for line in lines()}
    failed, request = by_event["drawer_failed"], by_event["request"]
    assert (failed["number"], failed["block"], failed["report"]) == (found[2], "summary", "sales-dynamics")
    assert failed["request"] == request["request"] and request["status"] == 200 and request["ms"] >= 0
    assert f"{ids.DRAWER_TITLE}.children" in request["callback"]
    assert "Канарейка" not in said(lines())


def test_an_unforeseen_error_of_a_callback_says_where_its_line_is(lines: Lines) -> None:  # noqa: F811
    text = errors.sentence(KeyError("ООО Канарейка"), "tried")
    number = re.search(r"номер ([0-9A-F]{6})\. Обновите", text.ru)
    assert number is not None and number[1] in text.en
    assert [(line["event"], line["number"]) for line in lines()] == [("tried", number[1])]


def test_requests_are_written_without_codes_and_bodies(client: Any, lines: Lines) -> None:  # noqa: F811
    answer = client.get("/sales-dynamics?manager=12&auth=canary1&code=canary2&from=2026-02-01")
    client.post("/_dash-update-component", json={"output": "canary3.children", "inputs": [{"value": "canary4"}]})
    client.get("/_dash-component-suites/none.js")
    page, refused, post, asset = lines()
    assert (refused["event"], refused["request"]) == ("update_refused", post["request"])
    assert (page["method"], page["path"], page["status"], page["level"]) == ("GET", "/sales-dynamics", 200, "info")
    assert page["query"] == "manager=12&auth=***&code=***&from=2026-02-01"
    assert answer.headers["X-Request-ID"] == page["request"] != post["request"]
    assert (post["status"], post["level"], asset["level"]) == (400, "warning", "debug") and "callback" not in post
    assert "canary" not in said(lines())


@pytest.mark.parametrize(
    "address",
    [
        "/sales-dynamics?from=2026-02-01&q=%D0%98%D0%B2%D0%B0%D0%BD&Канарейка=1",
        "/sales-dynamics?from=2026-02-01&phone=%2B79001234567&p=8%20900%20123-45-67&n=79001234567",
        "/sales-dynamics?from=2026-02-01&mail=ivan%40example.ru&ivan%40example.ru=1",
        "/79001234567",
        "/%D0%98%D0%B2%D0%B0%D0%BD?a=b+c",
    ],
)
def test_an_address_leaves_ids_and_dates_alone(client: Any, lines: Lines, address: str) -> None:  # noqa: F811
    client.get(address)
    (line,) = lines()
    told = said(line)
    assert not any(word in told for word in ("Иван", "%D0", "Канарейка", "9001234567", "123-45-67", "ivan", "b+c"))
    assert line["path"] == ("/sales-dynamics" if address.startswith("/s") else "…")
    assert "from=2026-02-01" in line.get("query", "") or not address.startswith("/s")


def test_without_a_log_an_error_still_has_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "get", lambda _: 1 / 0)
    assert re.search(r"Номер [0-9A-F]{6}\.", errors.sentence(RuntimeError("x")).ru)
