"""Filters: every operator, unknown fields, dates, empties, groups joined by OR."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.conftest import Caller


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"ID": 5}, [5]),
        ({"=ID": "5"}, [5]),
        ({"ID": [5, "7"]}, [5, 7]),
        ({"@ID": [5, 7]}, [5, 7]),
        ({"<=ID": 5, "!ID": [1, 2]}, [3, 4, 5]),
        ({"<=ID": 5, "!@ID": [1, 2]}, [3, 4, 5]),
        ({">ID": 117}, [118, 119, 120]),
        ({">=ID": 118, "<ID": 120}, [118, 119]),
        ({"<=ID": 4, "!=ID": 2}, [1, 3, 4]),
        ({"%TITLE": "станок"}, [1]),
        ({"=%TITLE": "Заказ 1_"}, list(range(10, 20))),
        ({"%=TITLE": "%119"}, [119]),
        ({"<=ID": 3, "!%TITLE": "заказ"}, [1]),
        ({"<=ID": 4, "SOURCE_ID": ""}, [3]),
        ({"<=ID": 4, "!SOURCE_ID": False}, [1, 2, 4]),
        ({"<=ID": 4, "!SOURCE_ID": "CALL"}, [1, 3]),
        ({"STAGE_SEMANTIC_ID": "S", "<ID": 25}, [10, 20]),
        ({"OPPORTUNITY": "100000.50"}, [1]),
        ({"<=OPPORTUNITY": 300}, [2, 3]),
        ({"LEAD_ID": 3}, [3]),
        ({"<=ID": 7, "LEAD_ID": 0}, [1, 6, 7]),
        ({"CLOSED": "Y", "<ID": 25}, [10, 20]),
        ({"UF_CRM_1698240001": 45}, [1]),
        ({"UF_CRM_1698240002": 62}, [1]),
        ({"UF_CRM_1698240003": "1"}, [1]),
        ({"!UF_CRM_1698240002": False}, [1]),
        ({"BEGINDATE": "2026-08-30"}, [1]),
        ({">ID": "$result[c0][49][ID]", "<ID": 3}, [1, 2]),
    ],
)
def test_operators_of_the_old_methods(reading: Caller, wanted: dict[str, Any], expected: list[int]) -> None:
    assert reading.ids("crm.deal.list", filter=wanted, order={"ID": "ASC"}) == expected


@pytest.mark.parametrize(
    "moment",
    [
        "2026-08-30T14:29:00+03:00",
        "2026-08-30T16:29:00+05:00",
        "2026-08-30T11:29:00Z",
        "2026-08-30 14:29:00",
        "2026-08-30T14:29:00",
        "30.08.2026 14:29:00",
    ],
)
def test_moments_are_compared_as_instants(reading: Caller, moment: str) -> None:
    assert 1 in reading.ids("crm.deal.list", filter={">=DATE_CREATE": moment})
    assert 1 not in reading.ids("crm.deal.list", filter={">DATE_CREATE": moment})
    assert 1 in reading.ids("crm.item.list", entityTypeId=2, filter={"createdTime": moment})


def test_a_day_is_its_midnight_on_the_server(reading: Caller) -> None:
    assert reading("crm.deal.list", filter={">=DATE_CREATE": "2026-08-31"})["total"] == 0
    assert reading("crm.deal.list", filter={"<DATE_CREATE": "2026-08-30"})["total"] == 0
    assert reading("crm.deal.list", filter={">=DATE_CREATE": "2026-08-30"})["total"] == 120


@pytest.mark.parametrize("key", ["NO_SUCH", ">=date_modify", ">=DATE_MODIFIED", "'; DROP TABLE deals; --", "t.ID"])
def test_old_methods_drop_an_unknown_filter_and_return_everything(reading: Caller, key: str) -> None:
    assert reading("crm.deal.list", filter={key: "2030-01-01"})["total"] == 120


@pytest.mark.parametrize("key", ["NO_SUCH", "DATE_MODIFY", ">=updatedtime"])
def test_new_methods_refuse_an_unknown_filter(reading: Caller, key: str) -> None:
    answer = reading.raw("crm.item.list", {"entityTypeId": 2, "filter": {key: 1}})
    assert answer.status_code == 400 and answer.json()["error"] == "INVALID_ARG_VALUE"


def test_groups_joined_by_or_in_item_lists(reading: Caller) -> None:
    wanted = {
        "0": {"logic": "OR", "0": {"id": 3}, "1": {"id": 5, "stageId": "NEW"}, "2": {"id": 10, "stageId": "NEW"}},
        ">id": 1,
    }
    assert reading.ids("crm.item.list", entityTypeId=2, filter=wanted) == [3, 5]


def test_values_never_become_sql(reading: Caller) -> None:
    for value in ("' OR 1=1 --", '"; DROP TABLE deals;', "%' OR '1'='1"):
        assert reading.result("crm.deal.list", filter={"TITLE": value}) == []
        assert reading.result("crm.deal.list", filter={"%TITLE": value}) == []
    assert reading("crm.deal.list")["total"] == 120


def test_order_by_stage_follows_the_order_of_stages(reading: Caller) -> None:
    rows = reading.result("crm.deal.list", order={"STAGE_ID": "DESC", "ID": "ASC"}, select=["STAGE_ID"])
    assert {row["STAGE_ID"] for row in rows[:12]} == {"WON"}
    assert reading.ids("crm.deal.list", order={"NO_SUCH": "DESC"})[:2] == [1, 2]


def test_keyset_pages_cover_everything_once(reading: Caller) -> None:
    seen: list[int] = []
    while True:
        page = reading.ids("crm.deal.list", filter={">ID": seen[-1] if seen else 0}, order={"ID": "ASC"}, start=-1)
        seen += page
        if len(page) < 50:
            break
    assert seen == list(range(1, 121))


def test_a_short_window_of_time_is_read_in_the_order_asked_for(call: Caller) -> None:
    """Such a window is read through an index; pages, order and other conditions must not notice."""
    for number in range(2, 120, 2):
        call.result("crm.deal.update", id=number, fields={"TITLE": f"Правка {number}"})
    window = {">=DATE_MODIFY": "2026-11-20"}
    expected = list(range(2, 120, 2))
    assert call.ids("crm.deal.list", filter=window, order={"ID": "ASC"}) == expected[:50]
    assert (
        call.ids("crm.deal.list", filter={**window, ">ID": expected[49]}, order={"ID": "ASC"}, start=-1)
        == expected[50:]
    )
    assert call.ids("crm.deal.list", filter=window, order={"ID": "DESC"}) == expected[::-1][:50]
    assert call.ids("crm.deal.list", filter=window, order={"ID": "ASC"}, start=50) == expected[50:]
    assert call("crm.deal.list", filter={**window, "STAGE_ID": "WON"})["total"] == 11
    assert call.ids("crm.item.list", entityTypeId=2, filter={">=updatedTime": "2026-11-20"}) == expected[:50]
