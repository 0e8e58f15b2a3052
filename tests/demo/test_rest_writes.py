"""Changes and everything that follows from them on a real portal."""

from __future__ import annotations

from typing import Any

from tests.demo.conftest import Caller


def history(call: Caller, deal: int) -> list[tuple[Any, ...]]:
    rows = call.result("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": deal}, order={"ID": "ASC"})["items"]
    return [(row["TYPE_ID"], row["CATEGORY_ID"], row["STAGE_ID"], row["STAGE_SEMANTIC_ID"]) for row in rows]


def test_a_deal_lives_from_its_first_stage_to_a_win_and_back(call: Caller) -> None:
    deal = call.result("crm.deal.add", fields={"TITLE": "Новая", "OPPORTUNITY": "1500.50", "CATEGORY_ID": 5})
    assert deal == 121
    row = call.result("crm.deal.get", id=deal)
    assert (row["STAGE_ID"], row["STAGE_SEMANTIC_ID"], row["CLOSED"]) == ("C5:NEW", "P", "N")
    assert (row["OPPORTUNITY"], row["CURRENCY_ID"], row["ASSIGNED_BY_ID"]) == ("1500.50", "RUB", "1")
    for stage in ("C5:EXECUTING", "C5:EXECUTING", "C5:WON", "C5:NEW"):
        assert call.result("crm.deal.update", id=deal, fields={"STAGE_ID": stage}) is True
    assert history(call, deal) == [
        (1, 5, "C5:NEW", "P"),
        (2, 5, "C5:EXECUTING", "P"),
        (3, 5, "C5:WON", "S"),
        (2, 5, "C5:NEW", "P"),
    ]
    row = call.result("crm.deal.get", id=deal)
    assert row["CLOSED"] == "N" and row["CLOSEDATE"] == "2026-11-20T03:00:00+03:00", (
        "reopening does not clear CLOSEDATE"
    )


def test_a_deal_born_in_a_final_stage_has_one_row_of_type_3(call: Caller) -> None:
    deal = call.result("crm.deal.add", fields={"TITLE": "Сразу", "STAGE_ID": "WON"})
    assert history(call, deal) == [(3, 0, "WON", "S")]
    assert call.result("crm.deal.get", id=deal)["CLOSED"] == "Y"


def test_a_move_to_another_pipeline_is_of_type_5_even_into_a_win(call: Caller) -> None:
    call.result("crm.item.update", entityTypeId=2, id=2, fields={"categoryId": 5, "stageId": "C5:WON"})
    assert history(call, 2)[-1] == (5, 5, "C5:WON", "S")
    call.result("crm.deal.update", id=3, fields={"CATEGORY_ID": 5})
    assert call.result("crm.deal.get", id=3)["CATEGORY_ID"] == "0", "the old method does not move between pipelines"


def test_an_unknown_stage_is_refused_and_nothing_changes(call: Caller) -> None:
    before = call.result("crm.deal.get", id=3)
    assert call("crm.deal.update", id=3, fields={"STAGE_ID": "C5:WON", "TITLE": "x"})["error"] == ""
    assert call.result("crm.deal.get", id=3) == before and len(history(call, 3)) == 1


def test_an_update_moves_date_modify_and_only_its_fields(call: Caller) -> None:
    before = call.result("crm.deal.get", id=4)
    call.result(
        "crm.deal.update",
        id=4,
        fields={"TITLE": "Другое", "UF_CRM_LABELS": ["а", "б"], "UF_CRM_1698240009": "5.00|RUB"},
    )
    after = call.result("crm.deal.get", id=4)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"TITLE", "DATE_MODIFY", "UF_CRM_LABELS", "UF_CRM_1698240009"}
    assert after["UF_CRM_LABELS"] == ["а", "б"] and after["DATE_MODIFY"].startswith("2026-11-20T")
    assert call.ids("crm.deal.list", filter={">=DATE_MODIFY": "2026-11-20"}) == [4]


def test_deleting_a_deal_takes_its_history_and_unbinds_activities(call: Caller) -> None:
    assert call.result("crm.deal.delete", id=1) is True
    assert history(call, 1) == []
    assert call("crm.deal.get", id=1) == {"error": "", "error_description": "Not found"}
    assert call.ids("crm.activity.list") == [1], (
        "the call bound to nothing else is gone, the e-mail of the contact stays"
    )
    assert {row["entityId"] for row in call.result("crm.activity.binding.list", activityId=1)} == {84, 2}
    assert call.raw("crm.deal.delete", {"id": 1}).status_code == 400


def test_ids_are_never_given_twice(call: Caller) -> None:
    call.result("crm.deal.delete", id=120)
    assert call.result("crm.deal.add", fields={"TITLE": "x"}) == 121
    call.result("crm.deal.delete", id=121)
    assert call.result("crm.deal.add", fields={"TITLE": "y"}) == 122
    assert call.sql("SELECT max(ID) FROM deal_history") == [(122,)]


def test_leads_close_and_keep_their_date_when_reopened(call: Caller) -> None:
    assert call.result("crm.lead.get", id=5)["DATE_CLOSED"] == ""
    call.result("crm.lead.update", id=5, fields={"STATUS_ID": "JUNK"})
    closed = call.result("crm.lead.get", id=5)
    assert closed["STATUS_SEMANTIC_ID"] == "F" and closed["DATE_CLOSED"].startswith("2026-11-20T")
    call.result("crm.lead.update", id=5, fields={"STATUS_ID": "NEW"})
    again = call.result("crm.lead.get", id=5)
    assert again["STATUS_SEMANTIC_ID"] == "P" and again["DATE_CLOSED"] == closed["DATE_CLOSED"]
    rows = call.result("crm.stagehistory.list", entityTypeId=1, filter={"OWNER_ID": 5})["items"]
    assert [row["TYPE_ID"] for row in rows] == [1, 3, 2] and "CATEGORY_ID" not in rows[0]


def test_an_incoming_activity_raises_its_cards_and_an_outgoing_one_does_not(call: Caller) -> None:
    before = call.result("crm.deal.get", id=6)
    fields = {"OWNER_TYPE_ID": 2, "OWNER_ID": 6, "TYPE_ID": 2, "SUBJECT": "Звонок", "DIRECTION": 2, "COMPLETED": "Y"}
    outgoing = call.result("crm.activity.add", fields=fields)
    after = call.result("crm.deal.get", id=6)
    assert after["LAST_ACTIVITY_TIME"] == before["LAST_ACTIVITY_TIME"] and after["DATE_MODIFY"] == before["DATE_MODIFY"]
    assert after["LAST_COMMUNICATION_TIME"] != before["LAST_COMMUNICATION_TIME"]
    assert call.result("crm.activity.get", id=outgoing)["STATUS"] == "2"
    incoming = call.result(
        "crm.activity.add", fields={**fields, "DIRECTION": 1, "COMPLETED": "N", "IS_INCOMING_CHANNEL": "Y"}
    )
    row = call.result("crm.activity.get", id=incoming)
    assert row["DEADLINE"] == "9999-12-31T00:00:00+03:00" and row["COMPLETED"] == "N"
    raised = call.result("crm.deal.get", id=6)
    assert (
        raised["LAST_ACTIVITY_TIME"] != before["LAST_ACTIVITY_TIME"] and raised["DATE_MODIFY"] != before["DATE_MODIFY"]
    )


def test_activities_are_done_and_deleted(call: Caller) -> None:
    call.result("crm.activity.update", id=2, fields={"COMPLETED": "Y"})
    row = call.result("crm.activity.get", id=2)
    assert (row["COMPLETED"], row["STATUS"]) == ("Y", "2") and row["LAST_UPDATED"].startswith("2026-11-20T")
    call.result("crm.activity.delete", id=2)
    assert call("crm.activity.get", id=2)["error"] == "" and call("crm.activity.delete", id=2)["error"] == ""


def test_tasks_close_at_4_and_5_and_open_again(call: Caller) -> None:
    task = call.result(
        "tasks.task.add", fields={"TITLE": "Новая", "RESPONSIBLE_ID": 7, "DEADLINE": "2026-12-01T19:00:00+03:00"}
    )["task"]
    assert task["id"] == "56" and task["status"] == "2" and task["deadline"] == "2026-12-01T21:00:00+05:00"
    closed = call.result("tasks.task.update", taskId=56, fields={"STATUS": 4})["task"]
    assert closed["status"] == "4" and closed["closedDate"] is not None
    again = call.result("tasks.task.update", taskId=56, fields={"STATUS": 3})["task"]
    assert again["closedDate"] is None and again["dateStart"] is not None
    assert call.result("tasks.task.delete", taskId=56) == {"task": True}
    assert "error" in call("tasks.task.get", taskId=56)
    assert call("tasks.task.add", fields={"TITLE": "x"})["error"] == "100"


def test_a_comment_of_somebody_else_raises_the_card(call: Caller) -> None:
    fields = {"ENTITY_ID": 4, "ENTITY_TYPE": "deal", "COMMENT": "Готово"}
    own = int(call.result("crm.deal.get", id=4)["ASSIGNED_BY_ID"])
    call.result("crm.timeline.comment.add", fields={**fields, "AUTHOR_ID": own})
    assert call.result("crm.deal.get", id=4)["LAST_ACTIVITY_TIME"] is None
    call.result("crm.timeline.comment.add", fields=fields)
    assert call.result("crm.deal.get", id=4)["LAST_ACTIVITY_TIME"].startswith("2026-11-20T")


def test_a_deleted_stage_stays_in_deals_and_history(call: Caller) -> None:
    won = call.result("crm.status.list", filter={"STATUS_ID": "C5:WON"})[0]
    assert "FORCED" in call("crm.status.delete", id=won["ID"])["error_description"]
    new = call.result("crm.status.list", filter={"STATUS_ID": "C5:NEW"})[0]
    assert call.result("crm.status.delete", id=new["ID"]) is True
    assert call.result("crm.status.list", filter={"STATUS_ID": "C5:NEW"}) == []
    assert call.result("crm.deal.get", id=1)["STAGE_ID"] == "C5:NEW" and history(call, 1)[0][2] == "C5:NEW"


def test_a_new_rate_moves_no_deal(call: Caller) -> None:
    before = call.result("crm.deal.get", id=7)
    call.result("crm.currency.update", id="USD", fields={"AMOUNT": 100.25})
    assert call.result("crm.currency.list")[1]["AMOUNT"] == "100.2500"
    assert call.result("crm.deal.get", id=7) == before


def test_people_are_dismissed_and_departments_dissolved(call: Caller) -> None:
    call.result("user.update", ID=7, ACTIVE="N")
    assert call.result("user.get", ID=7)[0]["ACTIVE"] is False
    assert call.result("crm.deal.get", id=3)["ASSIGNED_BY_ID"] == "7"
    new = call.result("department.add", NAME="Новый", PARENT=5)
    call.result("department.delete", ID=5)
    rows = {row["ID"]: row for row in call.result("department.get")}
    assert "5" not in rows and rows[str(new)]["PARENT"] == "1"
    assert call.result("user.get", ID=7)[0]["UF_DEPARTMENT"] == [1]


def test_changes_work_inside_a_batch_and_their_ids_can_be_used(call: Caller) -> None:
    maps = call.batch({"a": "crm.deal.add?fields[TITLE]=Пакет", "b": "crm.deal.get?id=$result[a]"})
    assert maps["result"]["b"]["TITLE"] == "Пакет"


def test_readers_see_every_committed_change_while_others_write(call: Caller) -> None:
    """Twenty writers and a reader at once: no error, no lost deal."""
    from concurrent.futures import ThreadPoolExecutor

    def add(number: int) -> int:
        return int(Caller(call.portal).result("crm.deal.add", fields={"TITLE": f"Поток {number}"}))

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(add, range(20)))
        assert call("crm.deal.list")["total"] >= 120
    assert sorted(made) == list(range(121, 141))
    assert call("crm.deal.list")["total"] == 140
