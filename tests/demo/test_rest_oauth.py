"""Applications: tokens instead of a webhook, refreshed once each, and the frame that opens an application."""

from __future__ import annotations

import re
from typing import Any

import requests

from tests.demo.conftest import Caller


def token(call: Caller, **asked: Any) -> requests.Response:
    application = call.control("application", verb="GET")
    keys = {"client_id": application["client_id"], "client_secret": application["client_secret"]}
    return requests.get(call.portal.address + "/oauth/token/", params={**keys, **asked}, timeout=5)


def granted(call: Caller) -> dict[str, Any]:
    code = call.control("application", verb="GET")["code"]
    answer: dict[str, Any] = token(call, grant_type="authorization_code", code=code).json()
    return answer


def with_token(call: Caller, method: str, access: str) -> requests.Response:
    return requests.post(f"{call.portal.address}/rest/{method}", json={"auth": access}, timeout=5)


def test_a_code_is_exchanged_once_and_its_token_calls(call: Caller) -> None:
    code = call.control("application", verb="GET")["code"]
    first = token(call, grant_type="authorization_code", code=code)
    access = first.json()["access_token"]
    assert with_token(call, "app.info", access).json()["result"]["STATUS"] == "L"
    assert with_token(call, "profile", access).json()["result"]["ID"] == "1"
    assert token(call, grant_type="authorization_code", code=code).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_good_once(call: Caller) -> None:
    old = granted(call)
    new = token(call, grant_type="refresh_token", refresh_token=old["refresh_token"]).json()
    assert new["refresh_token"] != old["refresh_token"] and with_token(call, "profile", new["access_token"]).ok
    again = token(call, grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"


def test_expired_and_unknown_tokens_are_told_apart(call: Caller) -> None:
    access = granted(call)["access_token"]
    call.control("application", verb="DELETE")
    answer = with_token(call, "profile", access)
    assert (answer.status_code, answer.json()["error"]) == (401, "expired_token")
    answer = with_token(call, "profile", "nonsense")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert token(call, client_secret="wrong", grant_type="refresh_token").json()["error"] == "invalid_client"


def test_the_frame_posts_a_form_with_a_good_token(call: Caller) -> None:
    page = requests.get(
        call.portal.address + "/_demo/frame", params={"handler": "http://127.0.0.1:1/app?x=1"}, timeout=5
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    assert fields["PLACEMENT"] == "DEFAULT" and fields["status"] == "L"
    assert with_token(call, "profile", fields["AUTH_ID"]).json()["result"]["ID"] == "1"
    assert 'action="http://127.0.0.1:1/app?x=1&amp;DOMAIN=' in page.text
    bad = requests.get(call.portal.address + "/_demo/frame", params={"handler": "javascript:alert(1)"}, timeout=5)
    assert bad.status_code == 404
