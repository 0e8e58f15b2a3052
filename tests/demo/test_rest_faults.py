"""Limits and troubles: what is switched on strikes as described and stops when it is used up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from dash_app.demo.rest.faults import BadFault, Fault, Faults
from dash_app.demo.rest.limits import LeakyBucket, LimitSettings, OperatingTime
from dash_app.demo.testing import running_portal
from tests.demo.conftest import Caller
from tests.demo.small import small_company


@pytest.fixture
def troubled(call: Caller) -> Iterator[Caller]:
    yield call
    call.portal.faults.clear()


def test_the_bucket_lets_a_burst_through_and_then_two_a_second() -> None:
    now = [100.0]
    bucket = LeakyBucket(LimitSettings(rate=2, burst=50), lambda: now[0])
    assert [bucket.admit() for _ in range(51)] == [True] * 50 + [False]
    now[0] += 0.5
    assert bucket.admit() and not bucket.admit()
    now[0] += 1000
    assert sum(bucket.admit() for _ in range(60)) == 50


def test_a_full_bucket_answers_503_and_counts_a_batch_as_one(tmp_path: Path) -> None:
    limits = {"rate": 0.001, "burst": 3}
    with running_portal(database=small_company(tmp_path / "company.sqlite"), limits=limits) as portal:
        call = Caller(portal)
        call.batch({f"c{n}": "profile" for n in range(50)})
        assert [call.raw("profile").status_code for _ in range(3)] == [200, 200, 503]
        assert call("profile") == {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}
        assert portal.stats["refused_503"] == 2 and portal.stats["requests"] == 5
        call.control("reset")
        assert call.raw("profile").status_code == 200


def test_operating_time_blocks_one_method_until_its_oldest_basket_expires() -> None:
    now = [6000.0]
    operating = OperatingTime(LimitSettings(operating=100, window=600), lambda: now[0])
    operating.add("crm.deal.list", 0.1)
    assert operating.state("crm.deal.list")[0] == 0
    operating.add("crm.deal.list", 60)
    now[0] += 120
    operating.add("crm.deal.list", 60)
    assert operating.blocked("crm.deal.list") and not operating.blocked("crm.lead.list")
    assert operating.state("crm.deal.list") == (120, 6600)
    now[0] = 6600
    assert not operating.blocked("crm.deal.list") and operating.state("crm.deal.list")[0] == 60


def test_a_method_over_its_time_answers_429_also_inside_a_batch(tmp_path: Path) -> None:
    with running_portal(database=small_company(tmp_path / "company.sqlite"), limits="real") as portal:
        call = Caller(portal)
        assert call("profile")["time"]["operating"] == 0
        portal.faults.add("operating:method=crm.deal.list,seconds=300")
        assert call.batch({"a": "crm.deal.list"})["result_time"]["a"]["operating"] > 299
        call.result("crm.deal.list")
        answer = call.raw("crm.deal.list")
        assert (answer.status_code, answer.json()["error"]) == (429, "OPERATION_TIME_LIMIT")
        maps = call.batch({"a": "crm.deal.list", "b": "crm.lead.list"})
        assert maps["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT" and maps["result"]["b"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("503:next=2", 503, "QUERY_LIMIT_EXCEEDED"),
        ("429:next=2", 429, "OPERATION_TIME_LIMIT"),
        ("500:next=2", 500, "INTERNAL_SERVER_ERROR"),
        ("expired:next=2", 401, "expired_token"),
    ],
)
def test_error_answers_strike_as_often_as_told(troubled: Caller, fault: str, status: int, code: str) -> None:
    troubled.portal.faults.add(fault)
    for _ in range(2):
        answer = troubled.raw("crm.deal.list")
        assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert troubled.raw("crm.deal.list").status_code == 200


def test_a_proxy_answers_html(troubled: Caller) -> None:
    troubled.portal.faults.add("html:next=1,status=504")
    answer = troubled.raw("profile")
    assert answer.status_code == 504 and "text/html" in answer.headers["Content-Type"] and "nginx" in answer.text


@pytest.mark.parametrize("fault", ["cut:next=1", "close:next=1"])
def test_the_connection_breaks_and_the_next_one_works(troubled: Caller, fault: str) -> None:
    troubled.portal.faults.add(fault)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        troubled.raw("crm.deal.list")
    assert troubled.raw("crm.deal.list").status_code == 200


def test_a_command_fails_or_vanishes_inside_a_batch_only(troubled: Caller) -> None:
    troubled.portal.faults.add("command:method=crm.lead.list,next=1,error=ERROR_CORE,description=Broken")
    troubled.portal.faults.add(kind="missing", method="crm.contact.list", next=1)
    troubled.result("crm.lead.list")
    commands = {"a": "crm.deal.list", "b": "crm.lead.list", "c": "crm.contact.list"}
    maps = troubled.batch(commands)
    assert maps["result_error"] == {"b": {"error": "ERROR_CORE", "error_description": "Broken"}}
    assert list(maps["result"]) == ["a"]
    assert list(troubled.batch(commands)["result"]) == ["a", "b", "c"]


def test_a_result_or_a_field_of_it_becomes_another_thing(troubled: Caller) -> None:
    troubled.portal.faults.add(kind="answer", method="crm.deal.list", value="nothing", next=2)
    assert troubled.result("crm.deal.list") == "nothing"
    assert troubled.batch({"a": "crm.deal.list"})["result"]["a"] == "nothing"
    troubled.portal.faults.add(kind="field", name="TITLE", value={"a": []}, rows=2, next=1)
    titles = [row["TITLE"] for row in troubled.result("crm.deal.list")[:3]]
    assert titles[:2] == [{"a": []}] * 2 and isinstance(titles[2], str)
    assert isinstance(troubled.result("crm.deal.list")[0]["TITLE"], str)


def test_a_slow_answer_is_late_and_right(troubled: Caller) -> None:
    troubled.portal.faults.add("slow:seconds=0.2,next=1")
    started = time.monotonic()
    assert troubled.result("profile")["ID"] == "1"
    assert time.monotonic() - started >= 0.2


def test_a_record_is_deleted_or_changed_between_two_pages(troubled: Caller) -> None:
    troubled.portal.faults.add("delete:entity=deal,id=10,method=crm.deal.list,next=1")
    first = troubled.ids("crm.deal.list")
    second = troubled.ids("crm.deal.list", start=50)
    assert 10 in first and second[0] == 52, "offset paging loses deal 51"
    troubled.portal.faults.add("change:entity=deal,id=60,method=crm.deal.list,after=1,next=1,fields.TITLE=Другое")
    troubled.ids("crm.deal.list")
    assert troubled.result("crm.deal.get", id=60)["TITLE"] == "Заказ 60"
    troubled.ids("crm.deal.list", start=50)
    assert troubled.result("crm.deal.get", id=60)["TITLE"] == "Другое"
    troubled.portal.faults.add({"kind": "between", "call": "crm.deal.add?fields[TITLE]=New", "next": 1})
    troubled.batch({"a": "profile"})
    assert troubled.result("crm.deal.get", id=121)["TITLE"] == "New"


def test_a_renamed_portal_sends_every_other_host_to_its_new_address(troubled: Caller) -> None:
    new = f"http://localhost:{troubled.portal.server.server_port}"
    troubled.portal.faults.add(kind="renamed", to=new)
    answer = troubled.raw("profile")
    assert answer.status_code == 302 and answer.headers["Location"].startswith(new + "/rest/1/")
    assert requests.post(answer.headers["Location"], json={}, timeout=5).json()["result"]["ID"] == "1"


def test_random_troubles_come_from_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(["503:rate=0.5"], seed)
        return [bool(faults.strike(frozenset({"503"}), ["profile"])) for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 140


@pytest.mark.parametrize("spec", ["nonsense", "503:next=x", "503:colour=red", "delete:entity=deal", "slow:seconds"])
def test_a_fault_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(BadFault):
        Fault.of(spec)


def test_faults_are_switched_over_http_too(troubled: Caller) -> None:
    assert troubled.control("faults", [{"kind": "503", "next": 1}, {"kind": "slow", "seconds": 0}])[0] == {
        "kind": "503",
        "next": 1,
    }
    assert troubled.raw("profile").status_code == 503
    assert troubled.control("faults", verb="GET") == [{"kind": "slow", "seconds": 0}]
    assert "error" in troubled.control("faults", {"kind": "nonsense"})
    assert troubled.control("faults", verb="DELETE") == []


def test_the_control_desk_counts_and_changes_the_portal(troubled: Caller) -> None:
    troubled.batch({"a": "profile", "b": "crm.deal.list", "c": "no.such"})
    stats = troubled.control("stats", verb="GET")
    assert stats["requests"] == 1 and stats["commands"] == 2 and stats["rows"] == 50
    assert stats["methods"] == {"profile": 1, "crm.deal.list": 1} and stats["errors"] == {"ERROR_METHOD_NOT_FOUND": 1}
    troubled.control("settings", {"scopes": "user", "admin": False})
    assert troubled("crm.deal.list")["error"] == "insufficient_scope"
    old = troubled.portal.webhook
    troubled.control("settings", {"secret": "another"})
    assert requests.get(old + "profile", timeout=5).json()["error"] == "INVALID_CREDENTIALS"
    assert troubled.result("profile")["ADMIN"] is False
    assert "error" in troubled.control("settings", {"colour": "red"})


def test_a_portal_that_was_away_comes_back_at_its_address_with_its_changes(call: Caller) -> None:
    deal = call.result("crm.deal.add", fields={"TITLE": "Осталась"})
    before = call.portal.webhook
    call.portal.restart()
    call.session.close()
    assert call.portal.webhook == before
    assert call.result("crm.deal.get", id=deal)["TITLE"] == "Осталась"


def test_a_body_in_chunks_is_a_body(call: Caller) -> None:
    answer = call.session.post(
        call.portal.webhook + "crm.deal.get",
        data=iter([b'{"id"', b": 7}"]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["result"]["ID"] == "7"
