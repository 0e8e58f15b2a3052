"""Bodies, envelopes, paging, wire types: what a client of the portal meets before any meaning."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from dash_app.demo.rest.php import intval, nested, php_array
from dash_app.demo.testing import running_portal
from tests.demo.conftest import Caller
from tests.demo.small import small_company


@pytest.mark.parametrize("how", ["get", "form", "multipart", "json", "get with .json and another case"])
def test_all_kinds_of_bodies_say_the_same(reading: Caller, how: str) -> None:
    url = reading.portal.webhook + "crm.deal.list"
    flat = [("filter[>ID]", "100"), ("order[ID]", "DESC"), ("select[]", "ID"), ("select[]", "TITLE"), ("start", "-1")]
    if how == "get":
        answer = requests.get(url, params=flat, timeout=5)
    elif how == "form":
        answer = requests.post(url, data=flat, timeout=5)
    elif how == "multipart":
        answer = requests.post(url, files=[(name, (None, value)) for name, value in flat], timeout=5)
    elif how == "json":
        body = {"filter": {">ID": 100}, "order": {"ID": "DESC"}, "select": ["ID", "TITLE"], "start": -1}
        answer = requests.post(url, json=body, timeout=5)
    else:
        answer = requests.get(reading.portal.webhook + "CRM.Deal.LIST.json", params=flat, timeout=5)
    rows = answer.json()["result"]
    assert [int(row["ID"]) for row in rows] == list(range(120, 100, -1))
    assert set(rows[0]) == {"ID", "TITLE"}


def test_bracket_notation_makes_nested_arrays() -> None:
    pairs = [("a[x][]", "1"), ("a[x][]", "2"), ("b[0]", "p"), ("b[1]", "q"), ("c[5]", "z"), ("d", "e"), ("f[][k]", "v")]
    assert nested(pairs) == {"a": {"x": ["1", "2"]}, "b": ["p", "q"], "c": {"5": "z"}, "d": "e", "f": [{"k": "v"}]}


def test_maps_with_keys_0_to_n_are_lists_on_the_wire() -> None:
    assert php_array({}) == []
    assert php_array({"0": "a", "1": "b"}) == ["a", "b"]
    assert php_array({"1": "b"}) == {"1": "b"}
    assert php_array({"1": "b", "0": "a"}) == {"1": "b", "0": "a"}


@pytest.mark.parametrize(("text", "number"), [("12abc", 12), ("$result[a][49][ID]", 0), ("", 0), (" 7", 7), (None, 0)])
def test_texts_become_integers_as_php_casts_them(text: object, number: int) -> None:
    assert intval(text) == number


def test_offset_paging_counts_and_rounds_down_to_a_page(reading: Caller) -> None:
    first = reading("crm.deal.list", select=["ID"])
    assert (len(first["result"]), first["next"], first["total"]) == (50, 50, 120)
    middle = reading("crm.deal.list", select=["ID"], start=73)
    assert middle["result"][0] == {"ID": "51"} and middle["next"] == 100
    last = reading("crm.deal.list", select=["ID"], start=100)
    assert len(last["result"]) == 20 and "next" not in last and last["total"] == 120


@pytest.mark.parametrize(
    ("method", "params", "total"),
    [
        ("crm.deal.list", {}, 0),
        ("crm.activity.list", {}, 0),
        ("user.get", {}, 0),
        ("voximplant.statistic.get", {}, 0),
        ("crm.item.list", {"entityTypeId": 2}, None),
        ("crm.stagehistory.list", {"entityTypeId": 2}, None),
        ("tasks.task.list", {}, None),
        ("socialnetwork.api.workgroup.list", {}, None),
    ],
)
def test_uncounted_pages_have_total_0_or_none(
    reading: Caller, method: str, params: dict[str, int], total: int | None
) -> None:
    answer = reading(method, start=-1, **params)
    assert answer.get("total") == total
    assert "next" not in answer


def test_an_empty_list_of_users_has_no_total(reading: Caller) -> None:
    answer = reading("user.get", FILTER={"ID": 999})
    assert answer["result"] == [] and "total" not in answer


def test_old_methods_print_texts_and_item_methods_numbers(reading: Caller) -> None:
    old = reading.result("crm.deal.get", id=1)
    assert old["ID"] == "1" and old["OPPORTUNITY"] == "100000.50" and old["CATEGORY_ID"] == "5"
    assert old["COMPANY_ID"] == "0" and old["LEAD_ID"] is None and old["CLOSEDATE"] == ""
    assert old["TITLE"] == "Станок <b>№ 1</b> 🙂"
    assert old["UF_CRM_1698240001"] == "45" and old["UF_CRM_1698240002"] == [61, 62]
    assert old["UF_CRM_1698240003"] == "1" and old["UF_CRM_1698240006"] == "7.5" and old["UF_CRM_1698240009"] == "|RUB"
    assert old["UF_CRM_LABELS"] is False and old["UF_CRM_1698240004"] is None
    item = reading.result("crm.item.get", entityTypeId=2, id=1)["item"]
    assert item["id"] == 1 and item["opportunity"] == 100000.5 and item["categoryId"] == 5
    assert item["companyId"] == 0 and item["contactId"] == 84 and item["stageId"] == "C5:NEW"
    assert item["ufCrm_1698240003"] == "Y" and item["ufCrmLabels"] == [] and item["movedBy"] == 7
    whole = reading.result("crm.item.get", entityTypeId=2, id=2)["item"]
    assert whole["opportunity"] == 200 and isinstance(whole["opportunity"], int)


def test_dates_are_shifted_and_moments_carry_an_offset(reading: Caller) -> None:
    deal = reading.result("crm.deal.get", id=1)
    assert deal["BEGINDATE"] == "2026-08-30T03:00:00+03:00"
    assert deal["DATE_CREATE"] == "2026-08-30T14:29:00+03:00"
    # the old methods print this one in the caller's zone, Yekaterinburg, and in the portal's culture
    assert deal["LAST_COMMUNICATION_TIME"] == "31.08.2026 11:00:05"
    item = reading.result("crm.item.get", entityTypeId=2, id=1)["item"]
    assert (
        item["lastCommunicationTime"] == "2026-08-31T09:00:05+03:00"
        and item["begindate"] == "2026-08-30T03:00:00+03:00"
    )
    task = reading.result("tasks.task.get", taskId=1)["task"]
    assert task["deadline"] == "2026-08-30T14:00:00+05:00"


def test_original_names_of_user_fields_on_request(reading: Caller) -> None:
    item = reading.result(
        "crm.item.list", entityTypeId=2, select=["id", "UF_*"], filter={"id": 1}, useOriginalUfNames="Y"
    )
    assert item["items"][0]["UF_CRM_1698240001"] == 45
    assert "ufCrm_1698240001" not in item["items"][0]


def test_select_drops_the_rest_and_multifields_come_on_demand(reading: Caller) -> None:
    assert set(reading.result("crm.lead.list", select=["TITLE"])[0]) == {"ID", "TITLE"}
    assert "PHONE" not in reading.result("crm.lead.list", select=["*", "UF_*"])[0]
    with_phone, without = reading.result("crm.lead.list", select=["PHONE"])[:2]
    assert with_phone["PHONE"] == [{"ID": "2", "VALUE_TYPE": "WORK", "VALUE": "+79001234567", "TYPE_ID": "PHONE"}]
    assert "PHONE" not in without


def test_tasks_come_in_camel_case_with_their_shapes(reading: Caller) -> None:
    rows = reading.result(
        "tasks.task.list", select=["ID", "GROUP_ID", "RESPONSIBLE_ID", "UF_CRM_TASK", "TAGS", "AUDITORS", "STATUS"]
    )
    first, second = rows["tasks"][:2]
    assert first["ufCrmTask"] == ["D_1"] and second["ufCrmTask"] is False
    assert first["tags"] == {"1": {"id": 1, "title": "срочно"}} and second["tags"] == []
    assert first["group"]["name"] == "Склад" and second["group"] == [] and second["groupId"] == "0"
    assert first["responsible"]["name"] == "Иван Сидоров" and first["auditors"] == ["9"]
    assert (first["status"], first["subStatus"]) == ("3", "-1")


def test_task_filters_mirror_status_and_real_status(reading: Caller) -> None:
    assert reading.ids("tasks.task.list", filter={"REAL_STATUS": 4}) == [2]
    assert reading.ids("tasks.task.list", filter={"STATUS": -1}) == [1]
    answer = reading.raw("tasks.task.list", {"order": {"NO_SUCH": "asc"}})
    assert answer.status_code == 400 and answer.json() == {"error": "0", "error_description": "Invalid sorting key"}


def test_users_and_departments_have_shapes_of_their_own(reading: Caller) -> None:
    anna, ivan = reading.result("user.get", ADMIN_MODE=True)[:2]
    assert anna["ACTIVE"] is True and ivan["UF_DEPARTMENT"] == [1, 5] and anna["TIMESTAMP_X"] == {}
    assert reading.ids("user.get") == [1, 7, 9]  # without ADMIN_MODE those without a department are not shown
    assert reading.ids("user.get", ADMIN_MODE="Y") == [1, 7, 8, 9]
    assert reading.ids("user.get", ADMIN_MODE="Y", FILTER={"ACTIVE": False}) == [8]
    assert reading.ids("user.search", FIND="прод") == [7]
    root, sales, supply = reading.result("department.get")
    assert "PARENT" not in root and sales == {"ID": "5", "NAME": "Продажи", "SORT": 100, "PARENT": "1", "UF_HEAD": "7"}
    assert "UF_HEAD" not in supply


def test_system_methods(reading: Caller) -> None:
    assert reading.result("profile")["ADMIN"] is True
    assert reading.result("server.time").startswith("2026-11-20T") and reading.result("server.time").endswith("+03:00")
    assert "crm" in reading.result("scope")
    assert reading.result("method.get", name="CRM.item.list") == {"isExisting": True, "isAvailable": True}
    assert reading.result("method.get", name="no.such") == {"isExisting": False, "isAvailable": False}
    assert "crm.deal.list" in reading.result("methods")
    assert reading.result("crm.settings.mode.get") == 1
    assert reading.result("crm.currency.base.get") == "RUB"
    assert reading.raw("app.info").status_code == 403
    assert reading.result("calendar.settings.get")["week_holidays"] == ["SA", "SU"]


def test_directories(reading: Caller) -> None:
    assert len(reading.result("crm.status.list")) == 13
    stage = reading.result("crm.status.list", filter={"STATUS_ID": "C5:WON"})[0]
    assert stage["SEMANTICS"] == "S" and stage["SORT"] == "30" and stage["CATEGORY_ID"] == "5" and "EXTRA" in stage
    refused = reading("crm.status.list", filter={"ENTITY_ID": ["SOURCE"]})
    assert refused == {"error": "", "error_description": "Filter by ENTITY_ID must be a string"}
    pipelines = reading.result("crm.category.list", entityTypeId=2)["categories"]
    assert [(row["id"], row["isDefault"]) for row in pipelines] == [(5, "N"), (0, "Y")]
    assert reading("crm.category.list", entityTypeId=1)["error"] == "ENTITY_TYPE_NOT_SUPPORTED"
    assert [row["ID"] for row in reading.result("crm.dealcategory.list")] == ["5"]
    currencies = reading("crm.currency.list")
    assert currencies["total"] == 0 and currencies["result"][1]["AMOUNT"] == "92.5000"
    kinds = {row["ID"]: row for row in reading.result("crm.status.entity.types")}
    assert kinds["DEAL_STAGE_5"]["SEMANTIC_INFO"]["FINAL_SUCCESS_FIELD"] == "C5:WON"
    assert kinds["SOURCE"]["SEMANTIC_INFO"] == []


def test_fields_and_labels_of_user_fields(reading: Caller) -> None:
    fields = reading.result("crm.deal.fields")
    assert fields["TYPE_ID"]["type"] == "crm_status" and fields["TYPE_ID"]["statusType"] == "DEAL_TYPE"
    assert fields["UF_CRM_1698240002"]["items"] == [{"ID": "61", "VALUE": "Станки"}]
    assert fields["UF_CRM_1698240002"]["isMultiple"] is True and fields["UF_CRM_1698240002"]["listLabel"] == "Продукты"
    items = reading.result("crm.item.fields", entityTypeId=1)["fields"]
    assert items["stageId"]["upperName"] == "STATUS_ID"
    assert "EDIT_FORM_LABEL" not in reading.result("crm.deal.userfield.list")[0]
    assert reading.result("crm.deal.userfield.list", filter={"LANG": "en"})[0]["EDIT_FORM_LABEL"] == "Products"


def test_activities_and_their_bindings(reading: Caller) -> None:
    assert reading.ids("crm.activity.list") == [2, 1]  # by START_TIME
    assert reading.ids("crm.activity.list", order={"ID": "ASC"}) == [1, 2]
    mail, phone = reading.result("crm.activity.list", order={"ID": "ASC"})
    assert mail["DEADLINE"] == "9999-12-31T00:00:00+03:00" and mail["SETTINGS"] == []
    assert phone["SETTINGS"] == {"MISSED_CALL": True} and "IS_INCOMING_CHANNEL" not in phone
    deal = {"OWNER_TYPE_ID": 2, "OWNER_ID": 1}
    assert reading.ids("crm.activity.list", filter={"BINDINGS": [deal]}, order={"ID": "ASC"}) == [1, 2]
    both = [deal, {"OWNER_TYPE_ID": 3, "OWNER_ID": 84}]
    assert reading.ids("crm.activity.list", filter={"BINDINGS": both}, order={"ID": "ASC"}) == [1, 1, 2]
    assert reading.result("crm.activity.binding.list", activityId=2) == [{"entityTypeId": 2, "entityId": 1}]
    calls = reading.result("voximplant.statistic.get")
    assert (
        calls[0]["CALL_FAILED_CODE"] == "304"
        and calls[0]["CRM_ACTIVITY_ID"] == "2"
        and calls[0]["PORTAL_USER_ID"] == "0"
    )


def test_comments_need_their_owner(reading: Caller) -> None:
    assert reading("crm.timeline.comment.list")["error"] == ""
    rows = reading.result("crm.timeline.comment.list", filter={"ENTITY_ID": 1, "ENTITY_TYPE": "deal"})
    assert rows[0]["COMMENT"] == "Перезвонить" and rows[0]["FILES"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/rest/1/wrong/profile", 401, "INVALID_CREDENTIALS"),
        ("/rest/profile", 401, "NO_AUTH_FOUND"),
        ("{webhook}no.such.method", 404, "ERROR_METHOD_NOT_FOUND"),
        ("{webhook}crm.deal.get?id=999", 400, ""),
        ("{webhook}crm.item.get?entityTypeId=2&id=999", 400, "NOT_FOUND"),
        ("{webhook}crm.item.list?entityTypeId=777", 400, "NOT_FOUND"),
        ("{webhook}crm.stagehistory.list?entityTypeId=2&filter[FOO]=1", 400, "INVALID_ARG_VALUE"),
    ],
)
def test_errors_have_their_code_and_status(reading: Caller, path: str, status: int, code: str) -> None:
    url = path.format(webhook=reading.portal.webhook) if "{" in path else reading.portal.address + path
    answer = requests.get(url, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_cards_open_by_their_addresses(reading: Caller) -> None:
    page = requests.get(reading.portal.address + "/crm/deal/details/1/", timeout=5)
    assert page.status_code == 200 and "Станок &lt;b&gt;№ 1&lt;/b&gt;" in page.text and "<b>№" not in page.text
    for path in ("/crm/lead/details/1/", "/company/personal/user/7/", "/company/personal/user/1/tasks/task/view/1/"):
        assert requests.get(reading.portal.address + path, timeout=5).status_code == 200
    assert requests.get(reading.portal.address + "/crm/deal/details/999/", timeout=5).status_code == 404


def test_a_manager_sees_fewer_rows_and_no_error(tmp_path: Path) -> None:
    with running_portal(database=small_company(tmp_path / "company.sqlite"), admin=False) as portal:
        call = Caller(portal)
        assert portal.webhook.startswith(portal.address + "/rest/7/")
        assert call.result("profile")["ADMIN"] is False
        mine = call.ids("crm.deal.list")
        assert set(mine) == {1, *range(3, 121, 3)}
        assert call("crm.deal.list")["total"] == 41
        owners = {row["OWNER_ID"] for row in call.result("crm.stagehistory.list", entityTypeId=2)["items"]}
        assert owners == set(mine)
        assert call("crm.deal.get", id=2)["error_description"] == "Not found"


def test_scopes_are_checked_per_method(tmp_path: Path) -> None:
    with running_portal(database=small_company(tmp_path / "company.sqlite"), scopes=("crm", "user_brief")) as portal:
        call = Caller(portal)
        answer = call.raw("tasks.task.list")
        assert (answer.status_code, answer.json()["error"]) == (401, "insufficient_scope")
        maps = call.batch({"a": "tasks.task.list", "b": "profile"})
        assert maps["result_error"]["a"]["error"] == "insufficient_scope" and maps["result"]["b"]["ID"] == "1"
        assert "EMAIL" not in call.result("user.get")[0]
        assert "tasks.task.list" not in call.result("methods")
