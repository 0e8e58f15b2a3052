"""Who is signed in gets through HTTP what his scope gives him and no more: what an owner's browser sent, sent again by a seller; what he may not change."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask.testing import FlaskClient

from dash_app.access.entries import ADMINISTRATION, NOT_YOURS, OWNERS
from dash_app.access.scope import Scope
from dash_app.app import create_app
from dash_app.security.accounts import AccountRole
from dash_app.web import ids, words
from dash_app.web.index import ReportsApp
from tests.fakes import FakePortal, FakeServices, fake_services
from tests.web.conftest import Call, caller
from tests.web.test_export import pressed
from tests.web.test_settings_page import press
from tests.web.test_sign_in import GOOD, enter

MONTHS = "?from=2025-11-01&to=2026-03-31&compare=previous"
SETTING = {("refresh_minutes", ""): 45}
OTHERS = ("Менеджер 1", "Менеджер 2", "Менеджер 3")


@dataclass
class Recorder:
    """A browser whose updates are written down."""

    client: FlaskClient
    sent: list[Any] = field(default_factory=list)

    def post(self, path: str, *, json: Any) -> Any:
        """Sends it, and keeps it."""
        self.sent.append(json)
        return sent(self.client, json)


def sent(client: FlaskClient, body: Any) -> Any:
    cookie = client.get_cookie("_csrf_token")
    return client.post("/_dash-update-component", json=body, headers={"X-CSRFToken": cookie.value if cookie else ""})


@dataclass
class Signed:
    """An application with people of each kind signed in; ``limited``: another over the same data, of who sees person 4 alone."""

    services: FakeServices
    app: ReportsApp
    browsers: dict[str, FlaskClient]
    limited: FlaskClient

    def call(self, who: str) -> tuple[Call, Recorder]:
        recorder = Recorder(self.browsers[who])
        return caller(self.app, recorder), recorder  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder, other = (tmp_path_factory.mktemp(name) for name in ("signed", "limited"))
    portal = FakePortal(folder)
    assert portal.published is not None
    with duckdb.connect(str(portal.published.facts_path)) as con:
        con.execute("UPDATE managers SET active = true WHERE id = 4")  # dismissed there: he would not come in
    services = fake_services(folder, portal=portal, sign_in="local")
    app = create_app(services.settings, services)
    browsers = {}
    for name, role, user in (
        ("owner", AccountRole.OWNER, 1),
        ("director", AccountRole.STRUCTURE, 3),  # head of the root
        ("seller", AccountRole.STRUCTURE, 4),
        ("nobody", AccountRole.STRUCTURE, 99),
    ):
        assert services.sign_in is not None
        account = services.sign_in.accounts.add(name, role, user, "t")
        services.sign_in.accounts.set_password(account, services.sign_in.passwords.hashed(GOOD))
        browsers[name] = app.server.test_client()
        assert enter(browsers[name], name).status_code == 303
        browsers[name].get("/")
    limited = fake_services(other, portal=portal, rights=Scope.of({4}))
    return Signed(services, app, browsers, create_app(limited.settings, limited).server.test_client())


def plan(manager: str, amount: str, month: str = "2026-02") -> dict[str, Any]:
    return {
        "plan-ask.data": {
            "n": 1,
            "kind": "edits",
            "who": "Кто угодно",
            "cells": [[manager, "", month, "plan_amount", amount, ""]],
        }
    }


def said(answer: str) -> str:
    """What an update says, a file unpacked."""
    found = json.loads(answer) if answer else {}
    file = found.get("response", {}).get(ids.DOWNLOAD, {}).get("data") or {}
    who_changed_his_plan = "Менеджер 1 (owner, №1)"  # one may know
    return str(found).replace(who_changed_his_plan, "") + base64.b64decode(file.get("content", "")).decode("utf-8-sig")


def asked_by_an_owner(call: Call) -> None:
    """Pages, blocks, a list, drawers, files, choices, a history of who sees everything."""
    for path in ("/", "/plans", "/expenses", "/motivation", "/sales-dynamics"):
        call("page.children", {"url.pathname": path, "url.search": MONTHS}, "url.pathname")
    for drill in (
        "drill=summary.deals_won",
        "drill=summary.deals_won&row.manager_id=1",
        "explain=summary.deals_won_amount",
    ):
        asked = {"drawer-query.data": f"{MONTHS}&{drill}", "url.pathname": "/sales-dynamics"}
        call("drawer-title.children", asked, "drawer-query.data")
    grid, wild = ids.grid("sales-dynamics", ids.DRAWER_GRID), '{"id":["MATCH"],"report":["MATCH"],"type":"grid"}'
    line = ids.grid_line("sales-dynamics", ids.DRAWER_GRID)
    rows = {
        f"{wild}.getRowsRequest": {"id": grid, "property": "getRowsRequest", "value": {"startRow": 0, "endRow": 200, "sortModel": [{"colId": "amount", "sort": "desc"}], "filterModel": {}}},
        f"{wild}.id": {"id": grid, "property": "id", "value": grid},
        '{"id":["MATCH"],"report":["MATCH"],"type":"grid-columns"}.value': {"id": ids.grid_columns("sales-dynamics", ids.DRAWER_GRID), "property": "value"},
        f"outputs {wild}.getRowsResponse": {"id": grid, "property": "getRowsResponse"},
        'outputs {"id":["MATCH"],"report":["MATCH"],"type":"grid-line"}.children': {"id": line, "property": "children"},
        "url.search": f"{MONTHS}&drill=summary.deals_created",
    }  # fmt: skip
    call(f"{wild}.getRowsResponse", rows, json.dumps(grid, separators=(",", ":"), sort_keys=True) + ".getRowsRequest")
    click, cause = pressed(
        ids.block_export("manager-effectiveness", "managers", "csv"),
        '{"format":["ALL"],"id":["ALL"],"report":["ALL"],"type":"block-export"}.n_clicks',
    )
    call(f"{ids.DOWNLOAD}.data", {**click, f"{ids.QUERY}.data": MONTHS}, cause)
    for key in ("1:all:2026-02", "4:all:2026-02"):
        call("plan-history.children", {"plan-history-ask.data": {"key": key, "title": ""}}, "plan-history-ask.data")
    call("plan-data.data", {"url.search": "?year=2026", "url.pathname": "/plans"}, "url.search")


def test_what_an_owners_browser_sent_gives_a_seller_what_his_scope_gives_and_nothing_of_others(signed: Signed) -> None:
    owner, recorder = signed.call("owner")
    for manager in ("1", "4"):
        owner("plan-answer.data", plan(manager, "7000"), "plan-ask.data")
        signed.services.workspace.history(most=1)
    recorder.sent.clear()
    asked_by_an_owner(owner)
    told = 0
    for body in recorder.sent:
        whole, his = (sent(signed.browsers[who], body).text for who in ("owner", "seller"))
        alone = signed.limited.post("/_dash-update-component", json=body).text
        told += any(name in said(whole) for name in OTHERS)
        assert not any(name in said(his) for name in OTHERS) and "Подробности в журнале" not in said(his), body[
            "output"
        ]
        if "plan" not in str(body) and "motivation" not in str(body) and "expenses" not in str(body):
            assert his == alone, body["output"]  # what is typed is another workspace's there
    assert told >= 4, "the canaries are mute"


def test_kept_answers_do_not_cross_from_one_person_to_another(signed: Signed) -> None:
    owner, recorder = signed.call("owner")
    asked = {"drawer-query.data": f"{MONTHS}&drill=summary.deals_lost", "url.pathname": "/sales-dynamics"}
    owner("drawer-title.children", asked, "drawer-query.data")
    body = recorder.sent[-1]
    first = sent(signed.browsers["seller"], body).text
    assert [sent(signed.browsers[who], body).text for who in ("owner", "seller")][1] == first
    assert first != sent(signed.browsers["owner"], body).text == sent(signed.browsers["director"], body).text


def test_a_seller_and_a_director_change_nothing_and_are_told_so(signed: Signed) -> None:
    before = signed.services.workspace.version_of_all()
    for who, why in (("seller", NOT_YOURS), ("director", OWNERS), ("nobody", NOT_YOURS)):
        call, _ = signed.call(who)
        answer = call("plan-answer.data", plan("4", "1", "2026-05"), "plan-ask.data")["response"]["plan-answer"]["data"]
        assert answer["failed"] and answer["said"] == why.ru, who
        page = json.dumps(
            call("page.children", {"url.pathname": "/plans", "url.search": ""}, "url.pathname"), ensure_ascii=False
        )
        assert words.READ_ONLY.ru in page and '"data-plan": "add"' not in page
        assert ADMINISTRATION.ru in json.dumps(
            call("page.children", {"url.pathname": "/settings"}, "url.pathname"), ensure_ascii=False
        )
        assert ADMINISTRATION.ru in press(call, signed.services, SETTING)
        call(f"{ids.PROGRESS}.children", {f"{ids.REFRESH}.n_clicks": 1}, f"{ids.REFRESH}.n_clicks")
        layout = signed.browsers[who].get("/_dash-layout").get_json()
        assert '"path": "/settings"' not in json.dumps(layout)
    assert signed.services.workspace.version_of_all() == before
    assert signed.services.refresh.calls == []  # type: ignore[attr-defined]


def test_an_old_link_to_somebody_elses_figures_says_so(signed: Signed) -> None:
    call, _ = signed.call("seller")
    asked = {"drawer-query.data": f"{MONTHS}&manager=1&drill=summary.deals_won", "url.pathname": "/sales-dynamics"}
    assert "не видно" in json.dumps(call("drawer-title.children", asked, "drawer-query.data"), ensure_ascii=False)


def test_the_line_above_says_who_is_signed_in_and_what_he_sees(signed: Signed) -> None:
    said = {
        who: json.dumps(b.get("/_dash-layout").get_json(), ensure_ascii=False) for who, b in signed.browsers.items()
    }
    for who, name, sight in (
        ("owner", "Менеджер 1", "владелец, видно всё"),
        ("director", "Менеджер 3", "видна вся компания"),
        ("seller", "Менеджер 4", "видны только ваши записи"),
        ("nobody", "nobody", "данных не видно"),
    ):
        assert name in said[who] and sight in said[who], who


def test_changes_bear_who_is_signed_in_whatever_the_page_sends(signed: Signed) -> None:
    call, _ = signed.call("owner")
    now = signed.services.session
    assert now().rights.is_limited, "outside a request nobody is signed in"
    call("plan-answer.data", plan("2", "5000"), "plan-ask.data")
    assert signed.services.workspace.history()[0].who == "Менеджер 1 (owner, №1)"
    press(call, signed.services, SETTING)
    change = signed.services.workspace.history()[0]
    assert (change.what, change.who) == ("refresh_minutes", "Менеджер 1 (owner, №1)")


def test_another_role_is_another_scope_at_the_next_sign_in(signed: Signed, tmp_path: Path) -> None:
    sign_in = signed.services.sign_in
    assert sign_in is not None
    account = sign_in.accounts.add("vera", AccountRole.OWNER, 4, "t")
    sign_in.accounts.set_password(account, sign_in.passwords.hashed(GOOD))
    client = signed.app.server.test_client()
    enter(client, "vera")
    assert "владелец" in json.dumps(client.get("/_dash-layout").get_json(), ensure_ascii=False)
    sign_in.accounts.change("vera", "t", role=AccountRole.STRUCTURE)
    assert client.get("/_dash-layout").status_code == 401
    enter(client, "vera")
    assert "видны только ваши записи" in json.dumps(client.get("/_dash-layout").get_json(), ensure_ascii=False)
