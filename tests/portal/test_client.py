"""Calls: what is asked again, what is not, where the secret must never be."""

from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator

import pytest

from dash_app.portal.client import Client, Command, flatten
from dash_app.portal.credentials import Webhook
from dash_app.portal.errors import (
    Broken,
    Busy,
    Cancelled,
    MissingScope,
    PortalError,
    Refused,
    Unusable,
    of_answer,
    redact,
)
from dash_app.portal.pacing import Pacing
from tests.portal.fake import MISSING, SECRET, Answer, Clock, Fake, Served, error, serving

HTML = b"<html><body>502 Bad Gateway</body></html>"
GOOD: Answer = (200, {"result": 7})
LIMIT = error("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


@pytest.fixture
def portal() -> Iterator[Served]:
    with serving(Fake()) as served:
        yield served


def known(portal: Served) -> Client:
    """A client that has talked to the portal already."""
    client = portal.client()
    client.call("server.time")
    portal.fake.calls.clear()
    return client


@pytest.mark.parametrize(
    "trouble",
    [
        LIMIT,
        error("INTERNAL_SERVER_ERROR", "", 500),
        error("", "", 502),
        (502, HTML),
        (403, HTML),
        (200, HTML),
        (200, b""),
        (200, b'{"result": [1, 2'),
        (200, [1, 2]),
        (200, {"cut": 1}, {"cut": "yes"}),
        (200, None),
        error("OPERATION_TIME_LIMIT", "Method is blocked", 429),
    ],
    ids=[
        "503",
        "500",
        "502-json",
        "502-html",
        "403-html",
        "200-html",
        "nothing",
        "half-json",
        "list",
        "cut",
        "closed",
        "429",
    ],
)
def test_what_may_pass_is_asked_again(portal: Served, trouble: Answer) -> None:
    client = known(portal)
    portal.fake.scripts = [trouble, trouble, GOOD]
    assert client.call("profile")["result"] == 7
    assert len(portal.fake.calls) == 3


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (error("INVALID_CREDENTIALS", "Invalid request credentials", 401), Unusable, "отозван"),
        (error("NO_AUTH_FOUND", "Wrong authorization data", 401), Unusable, "не узнал"),
        (error("expired_token", "", 401), Unusable, "истёк"),
        (error("ACCESS_DENIED", "REST is available only on commercial plans", 401), Unusable, "тариф"),
        (error("PORTAL_DELETED", "", 403), Unusable, "удалён"),
        (error("OVERLOAD_LIMIT", "", 503), Unusable, "нагрузки"),
        (error("insufficient_scope", "", 401), MissingScope, "не хватает прав на profile"),
        (error("ERROR_METHOD_NOT_FOUND", "Method not found!", 404), Refused, "не знает метода profile"),
        (error("", "Access denied."), Refused, "Access denied."),
        (error(0, "Invalid sorting key"), Refused, "Invalid sorting key"),
        ((400, {"error": {"code": "BITRIX_REST_V3_EXCEPTION", "message": "third"}}), Refused, "third"),
    ],
)
def test_a_definite_no_is_not_asked_again(portal: Served, answer: Answer, kind: type[PortalError], says: str) -> None:
    portal.fake.scripts = [answer]
    with pytest.raises(kind) as caught:
        portal.client().call("profile")
    assert says in caught.value.text.ru
    assert portal.fake.calls == ["profile"]


def test_half_an_emoji_in_a_title_does_not_stop_a_load(portal: Served) -> None:
    portal.fake.scripts = [
        (200, b'{"result": [{"TITLE": "a \\ud83d b"}]}'),
        (200, b'{"result": [{"TITLE": "a \xf0\x9f b"}]}'),
    ]
    client = portal.client()
    for _ in range(2):
        title = client.call("crm.deal.list")["result"][0]["TITLE"]
        assert title.startswith("a ") and title.endswith(" b")
        title.encode()


def test_the_right_to_grant_is_named() -> None:
    assert "Задачи (task)" in of_answer("tasks.task.list", "insufficient_scope", "").text.ru


def test_no_rights_for_one_method_is_not_the_end_of_the_portal() -> None:
    assert isinstance(of_answer("crm.lead.list", "ACCESS_DENIED", "Access denied!", 403), Refused)
    assert isinstance(of_answer("profile", "ACCESS_DENIED", "Access denied!", 403), Unusable)


def test_an_address_that_is_no_portal_is_told_soon(portal: Served) -> None:
    portal.fake.script = lambda method, body: (404, HTML)
    with pytest.raises(Broken) as caught:
        portal.client().call("profile")
    assert "HTTP 404" in caught.value.text.ru
    assert len(portal.fake.calls) == 3


def test_patience_has_an_end(portal: Served) -> None:
    portal.fake.script = lambda method, body: LIMIT
    with pytest.raises(Busy):
        portal.client(patience=0.05).call("profile")


def test_a_portal_that_does_not_answer_at_all() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = Client(
            Webhook.parse(f"http://127.0.0.1:{taken.getsockname()[1]}/rest/1/{SECRET}/"), Pacing(idle=lambda s: None)
        )
        with pytest.raises(Unusable) as caught:
            client.call("profile")
    assert caught.value.code == "CONNECTION_REFUSED"
    no_secret(caught.value)


def test_an_unknown_host() -> None:
    client = Client(Webhook.parse(f"https://no-such-portal.invalid/rest/1/{SECRET}/"), Pacing(idle=lambda s: None))
    client._session().trust_env = False
    with pytest.raises(Unusable) as caught:
        client.call("profile")
    assert "no-such-portal.invalid" in caught.value.text.en
    assert caught.value.code == "UNKNOWN_HOST"
    no_secret(caught.value)


def test_a_portal_that_goes_away_for_a_moment_is_waited_for() -> None:
    with serving(Fake()) as served:
        client = served.client()
        client.call("server.time")
        client._session().close()
    with pytest.raises(Broken) as caught:  # it is gone: a pause, not the end
        client.call("profile")
    assert caught.value.code == "CONNECTION_REFUSED"


# -- a renamed portal ------------------------------------------------------------------------------------------------


def test_a_renamed_portal_gets_the_body_again_and_is_remembered(portal: Served) -> None:
    with serving(Fake()) as old:
        old.fake.script = lambda method, body: (
            302,
            b"",
            {"Location": f"{portal.address}/rest/1/{SECRET}/{method}.json"},
        )
        client = old.client()
        asked: list[dict[str, object]] = []
        portal.fake.script = lambda method, body: asked.append(body) or (200, {"result": "here"})  # type: ignore[func-returns-value]
        assert client.call("crm.deal.list", {"start": -1})["result"] == "here"
        assert client.call("crm.deal.list", {"start": 50})["result"] == "here"
    assert asked == [{"start": -1}, {"start": 50}]
    assert len(old.fake.calls) == 1
    assert client.address == portal.address


@pytest.mark.parametrize(
    "where",
    ["http://portal.example.com/rest/1/x/profile.json", "ftp://127.0.0.1/rest/1/x/profile.json"],
    ids=["plain-http", "ftp"],
)
def test_the_secret_is_not_carried_to_an_insecure_address(portal: Served, where: str) -> None:
    portal.fake.script = lambda method, body: (302, b"", {"Location": where})
    with pytest.raises(Unusable if where.startswith("http") else PortalError) as caught:
        portal.client().call("profile")
    no_secret(caught.value)


def test_a_redirect_to_a_sign_in_page_is_no_new_home(portal: Served) -> None:
    portal.fake.script = lambda method, body: (302, b"", {"Location": "/auth/?backurl=%2F"})
    client = portal.client()
    with pytest.raises(Broken):
        client.call("profile")
    assert client.address == portal.address


def test_redirects_in_circles_end(portal: Served) -> None:
    portal.fake.script = lambda method, body: (302, b"", {"Location": f"/rest/1/{SECRET}/profile.json"})
    with pytest.raises(Unusable) as caught:
        portal.client().call("profile")
    assert "по кругу" in caught.value.text.ru
    assert len(portal.fake.calls) == 4


# -- secrets ---------------------------------------------------------------------------------------------------------


def no_secret(error: BaseException) -> None:
    """Neither the message nor anything in the chain of causes and contexts holds the secret."""
    told = "".join(traceback.format_exception(error))
    at: BaseException | None = error
    while at is not None:
        told += repr(at) + str(at)
        at = at.__cause__ or at.__context__
    assert SECRET not in told


@pytest.mark.parametrize(
    "trouble",
    [(502, HTML), (200, None), (200, {"a": 1}, {"cut": "1"}), LIMIT, error("", f"see /rest/1/{SECRET}/profile")],
)
def test_no_message_holds_the_secret(portal: Served, trouble: Answer) -> None:
    portal.fake.script = lambda method, body: trouble
    with pytest.raises(PortalError) as caught:
        portal.client(patience=0.02).call("profile")
    no_secret(caught.value)


def test_no_line_of_the_log_holds_the_secret(portal: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    portal.client().call("server.time")
    with socket.socket() as taken, pytest.raises(Unusable):
        taken.bind(("127.0.0.1", 0))
        Client(
            Webhook.parse(f"http://127.0.0.1:{taken.getsockname()[1]}/rest/1/{SECRET}/"), Pacing(idle=lambda s: None)
        ).call("profile")
    assert any("/rest/1/***/server.time" in line for line in caplog.messages)
    assert not any(SECRET in line for line in caplog.messages)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("POST /rest/17/abc/batch.json HTTP", "POST /rest/17/***/batch.json HTTP"),
        ("https://x/rest/api/17/abc/m", "https://x/rest/api/17/***/m"),
        ("url: /rest/1/abc", "url: /rest/1/***"),
        ("?auth=abc&x=1", "?auth=***&x=1"),
        ("access_token=abc refresh_token=def", "access_token=*** refresh_token=***"),
        ("nothing here", "nothing here"),
    ],
)
def test_redaction(text: str, clean: str) -> None:
    assert redact(text) == clean


# -- batches ---------------------------------------------------------------------------------------------------------


def test_commands_are_written_in_php_brackets_encoded_once() -> None:
    params = {
        "filter": {">ID": "$result[c0][49][ID]", "=%TITLE": "50 % & more"},
        "select": ["ID", "UF_*"],
        "start": -1,
        "ADMIN_MODE": True,
        "x": None,
    }
    assert dict(flatten(params))["filter[>ID]"] == "$result[c0][49][ID]"
    assert Command("c1", "crm.deal.list", params).encoded() == (
        "crm.deal.list?filter[%3EID]=$result[c0][49][ID]&filter[%3D%25TITLE]=50%20%25%20%26%20more&select[0]=ID&select[1]=UF_%2A&start=-1&ADMIN_MODE=1&x="
    )


def test_each_command_of_a_batch_has_its_own_outcome(portal: Served) -> None:
    portal.fake.command = lambda key, method, params: {
        "a": [1],
        "b": ValueError("insufficient_scope"),
        "c": MISSING,
        "d": [],
    }[key]
    results = portal.client().batch([Command(key, "crm.deal.list", {}) for key in "abcd"])
    assert results["a"].present and results["a"].result == [1]
    assert isinstance(results["b"].error, MissingScope) and not results["b"].present
    assert not results["c"].present and results["c"].error is None
    assert results["d"].present and results["d"].result == []


def test_a_batch_that_is_too_heavy_is_given_back_to_be_split(portal: Served) -> None:
    client = known(portal)
    portal.fake.script = lambda method, body: (504, HTML)
    with pytest.raises(Broken):
        client.batch([Command("a", "crm.deal.list", {})], tries=2)
    assert len(portal.fake.calls) == 2


def test_the_portal_is_held_back_by_the_operating_time_it_tells(portal: Served) -> None:
    clock = Clock()
    client = Client(portal.webhook, Pacing(clock=clock, idle=clock.idle))
    spent = {"operating": 470.0, "operating_reset_at": 1780000300, "finish": 1780000000.0}
    portal.fake.scripts = [(200, {"result": {"result": {"a": []}, "result_time": {"a": spent}}})]
    client.batch([Command("a", "crm.deal.list", {})])
    client.call("tasks.task.list")
    assert clock.now == 1000.0, "another method goes on"
    client.call("crm.deal.list")
    assert 260 < clock.now - 1000.0 < 300


def test_a_blocked_method_is_waited_for_as_long_as_the_portal_says(portal: Served) -> None:
    clock = Clock()
    client = Client(portal.webhook, Pacing(clock=clock, idle=clock.idle))
    blocked = {
        "error": "OPERATION_TIME_LIMIT",
        "time": {"operating": 481, "operating_reset_at": 1780000090, "finish": 1780000000},
    }
    portal.fake.scripts = [(429, blocked), GOOD]
    client.call("crm.deal.list")
    assert 90 <= clock.now - 1000.0 < 92


def test_cancelling_interrupts_the_wait_for_a_busy_portal(portal: Served) -> None:
    portal.fake.script = lambda method, body: LIMIT
    pacing = Pacing()
    client = Client(portal.webhook, pacing)
    threading.Timer(0.3, pacing.cancelled.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        client.call("profile")
    assert time.monotonic() - started < 3
