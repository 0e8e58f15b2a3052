"""Amounts, user fields, activities and tasks. Checked by eye; taken on 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.store.raw_builder import Raw, at, day

NEW = [("NEW", "2026-01-05 10:00")]


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


@pytest.mark.parametrize(
    ("opportunity", "amount_cnt", "rate", "amount"),
    [
        ("123456789012.34", 1, "90.12345678", "11126352588751.20287667"),
        ("-10.5", 1, "2", "-21"),
        ("1", 3, "1", "0.33333333"),
        ("2", 3, "1", "0.66666667"),
        ("7", 0, "5", None),
        ("7", 1, "0", None),
    ],
)
def test_amounts_are_exact(raw: Raw, opportunity: str, amount_cnt: int, rate: str, amount: str | None) -> None:
    raw.add("currencies", currency="XXX", amount_cnt=amount_cnt, amount=Decimal(rate), base=False)
    raw.deal(1, "2026-01-05 10:00", NEW, opportunity=Decimal(opportunity), currency_id="XXX")
    row = raw.facts().row("deals", 1)
    expected = None if amount is None else (Decimal(opportunity) * Decimal(rate) / amount_cnt).quantize(Decimal("1e-8"))
    assert row["amount"] == expected
    assert row["no_rate"] == (amount is None)
    if amount is not None:
        assert row["amount"] == Decimal(amount)


def test_nonsense_in_user_fields_is_empty_and_never_an_error(raw: Raw) -> None:
    kinds = {
        "UF_NUM": "double",
        "UF_DAY": "date",
        "UF_AT": "datetime",
        "UF_FLAG": "boolean",
        'UF_"ODD/~': "string",
        "UF_MANY": "double",
    }
    for name, kind in kinds.items():
        raw.add(
            "user_fields",
            entity="deal",
            field=name,
            type=kind,
            label=name,
            multiple=name == "UF_MANY",
            sort=1,
            items="[broken",
        )
    for number, uf in enumerate(
        [
            {
                "UF_NUM": "nan",
                "UF_DAY": "infinity",
                "UF_AT": "9999-99-99",
                "UF_FLAG": "maybe",
                'UF_"ODD/~': "",
                "UF_MANY": [],
            },
            {
                "UF_NUM": "1e400",
                "UF_DAY": "294247-01-10T00:00:00+00:00",
                "UF_AT": "2026-08-30T14:00:00+03:00",
                "UF_FLAG": "N",
                'UF_"ODD/~': "[b]да[/b]",
                "UF_MANY": [1, 2],
            },
            {
                "UF_NUM": 5,
                "UF_DAY": "2026-08-30T02:00:00+02:00",
                "UF_AT": None,
                "UF_FLAG": True,
                'UF_"ODD/~': "x",
                "uf_num": "lower",
                "UF_MANY": False,
            },
        ],
        1,
    ):
        raw.deal(number, "2026-01-05 10:00", NEW, uf=uf)
    raw.deal(4, "2026-01-05 10:00", NEW)
    raw.con.execute("UPDATE deals SET uf = '{broken' WHERE id = 4")
    facts = raw.facts()
    got = [[facts.row("deals", n)[name] for name in kinds] for n in (1, 2, 3, 4)]
    assert got[0] == [None] * 6
    assert got[1] == [None, got[1][1], at("2026-08-30 14:00"), False, "[b]да[/b]", [1.0, 2.0]]
    assert got[2][:5] == [5.0, day("2026-08-30"), None, True, "x"]
    assert got[3] == [None] * 6


@pytest.mark.parametrize(("field", "reason"), [("UF_WHY", "3"), ("UF_GONE", "LOSE"), (None, "LOSE")])
def test_the_reason_is_the_chosen_field_else_the_stage(raw: Raw, field: str | None, reason: str) -> None:
    raw.add(
        "user_fields",
        entity="deal",
        field="UF_WHY",
        type="enumeration",
        label="Почему",
        multiple=False,
        sort=1,
        items='[{"ID":"3","VALUE":"Дорого"}]',
    )
    raw.deal(1, "2026-01-05 10:00", [*NEW, ("LOSE", "2026-01-06 10:00")], uf={"UF_WHY": "3"})
    raw.deal(2, "2026-01-05 10:00", NEW, uf={"UF_WHY": "3"})
    facts = raw.facts(loss_reason_field=field)
    assert [facts.row("deals", n)["loss_reason"] for n in (1, 2)] == [reason, None]
    assert facts.rows("SELECT loss_reason_field FROM meta") == [(field if field == "UF_WHY" else None,)]


KINDS: list[tuple[dict[str, Any], str]] = [
    ({"type_id": 2, "direction": 1}, "call_in"),
    ({"type_id": 2, "direction": 2}, "call_out"),
    ({"type_id": 4, "direction": 1}, "email_in"),
    ({"type_id": 4, "direction": 2}, "email_out"),
    ({"type_id": 1}, "meeting"),
    ({"type_id": 3, "provider_id": "TASKS"}, "task"),
    ({"type_id": 6, "provider_id": "CRM_TODO"}, "todo"),
    ({"type_id": 6, "provider_id": "CRM_TASKS_TASK"}, "task"),
    ({"type_id": 6, "provider_id": "CRM_TASKS_TASK_COMMENT"}, "other"),
    ({"type_id": 6, "provider_id": "CRM_WEBFORM"}, "form"),
    ({"type_id": 6, "provider_id": "IMOPENLINES_SESSION", "direction": 0, "is_incoming_channel": True}, "message_in"),
    ({"type_id": 6, "provider_id": "CRM_SMS", "direction": 2}, "message_out"),
    ({"type_id": 6, "provider_id": "ZOOM"}, "other"),
    ({"type_id": 6, "provider_id": "NEW_THING"}, "other"),
    ({"type_id": None}, "other"),
]


def test_kinds_of_activities(raw: Raw) -> None:
    for number, (values, _) in enumerate(KINDS):
        raw.add("activities", id=number, owner_id=1, owner_type_id=3, created=at("2026-01-05 10:00"), **values)
    assert raw.facts().rows("SELECT owner_type, kind FROM activities ORDER BY id") == [
        ("contact", kind) for _, kind in KINDS
    ]


def test_activities_of_an_earlier_day(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", NEW)
    common = {
        "owner_id": 1,
        "owner_type_id": 2,
        "type_id": 6,
        "provider_id": "CRM_TODO",
        "responsible_id": 1,
        "created": at("2026-01-10 10:00"),
        "completed": True,
    }
    raw.add("activities", id=1, last_updated=at("2026-01-20 10:00"), **common)
    raw.add("activities", id=2, last_updated=at("2026-03-01 10:00"), **common)  # taken as open in February
    raw.add("activities", id=3, last_updated=at("2026-03-01 10:00"), **common)  # the log knows it was done and renewed
    raw.add(
        "activities",
        id=4,
        last_updated=at("2026-01-11 10:00"),
        **{**common, "deadline": at("2026-03-10 10:00"), "completed": False},
    )
    raw.add("activities", id=5, **{**common, "created": at("2026-02-20 10:00")})
    raw.add(
        "change_log",
        entity="activity",
        id=3,
        field="completed",
        old="true",
        new="false",
        seen_at=at("2026-02-15 10:00"),
    )
    raw.add(
        "change_log",
        entity="activity",
        id=4,
        field="deadline",
        old="2026-02-12 07:00:00",
        new="2026-03-10 07:00:00",
        seen_at=at("2026-02-15 10:00"),
    )
    raw.add(
        "change_log", entity="activity", id=4, field="responsible_id", old="8", new="1", seen_at=at("2026-02-15 10:00")
    )
    facts = raw.facts(as_of="2026-02-10 10:00")
    assert facts.rows("SELECT id, completed, manager_id FROM activities ORDER BY id") == [
        (1, True, 1),
        (2, False, 1),
        (3, True, 1),
        (4, False, 8),
    ]
    deal = facts.row("deals", 1)
    assert (deal["open_activities"], deal["next_activity_at"]) == (2, at("2026-02-12 10:00"))


def test_the_last_word_on_a_completed_activity_is_the_present(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", NEW)
    raw.add(
        "activities",
        id=1,
        owner_id=1,
        owner_type_id=2,
        type_id=2,
        created=at("2026-01-10 10:00"),
        last_updated=at("2026-03-20 12:03"),
        completed=True,
    )
    facts = raw.facts()
    assert facts.rows("SELECT completed FROM activities") == [(True,)]
    assert (facts.row("deals", 1)["last_activity_at"], facts.row("deals", 1)["idle_days"]) == (
        at("2026-03-20 12:00"),
        0,
    )


def test_activities_that_end_in_the_year_9999_have_no_length(raw: Raw) -> None:
    raw.add(
        "activities",
        id=1,
        owner_id=1,
        owner_type_id=2,
        type_id=2,
        created=at("2026-01-10 10:00"),
        start_time=at("2026-01-10 10:00"),
        end_time=at("9999-12-31 00:00"),
    )
    assert raw.facts().rows("SELECT duration_seconds FROM activities") == [(None,)]


def test_contact_is_a_conversation_and_touch_is_anything(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        NEW,
        last_activity_time=at("2026-02-03 10:00"),
        last_communication_time=at("2026-02-01 10:00"),
    )
    raw.add(
        "activities",
        id=1,
        owner_id=1,
        owner_type_id=2,
        type_id=6,
        provider_id="CRM_TODO",
        created=at("2026-02-10 10:00"),
        completed=False,
    )
    row = raw.facts().row("deals", 1)
    assert (row["last_contact_at"], row["last_activity_at"]) == (at("2026-02-01 10:00"), at("2026-02-10 10:00"))
    assert (row["idle_days"], row["open_activities"], row["next_activity_at"]) == (38, 1, None)


def test_tasks_now_and_on_an_earlier_day(raw: Raw) -> None:
    raw.add(
        "tasks",
        id=1,
        title="Отчёт",
        status=5,
        responsible_id=1,
        created_by=2,
        created_date=at("2026-02-01 10:00"),
        deadline=at("2026-02-20 19:00"),
        start_date_plan=at("2026-02-05 00:00"),
        date_start=at("2026-02-05 11:00"),
        closed_date=at("2026-02-21 10:00"),
        group_id=0,
    )
    raw.add(
        "change_log",
        entity="task",
        id=1,
        field="deadline",
        old="2026-02-15 16:00:00",
        new="2026-02-20 16:00:00",
        seen_at=at("2026-02-14 10:00"),
    )
    now = raw.facts().row("tasks", 1)
    assert (now["status"], now["finished_at"], now["finished_on"], now["project_id"]) == (
        5,
        at("2026-02-21 10:00"),
        day("2026-02-21"),
        None,
    )
    assert (now["plan_is_date_only"], now["planned_start_on"]) == (True, day("2026-02-05"))
    then = raw.facts(as_of="2026-02-10 10:00").row("tasks", 1)
    assert (then["status"], then["finished_at"], then["started_at"], then["deadline"]) == (
        3,
        None,
        at("2026-02-05 11:00"),
        at("2026-02-15 19:00"),
    )
    assert raw.facts(as_of="2026-02-03 10:00").row("tasks", 1)["status"] == 2
    assert raw.facts(as_of="2026-01-03 10:00").rows("SELECT id FROM tasks") == []


def test_a_planned_day_lasts_until_its_end_and_a_task_never_started_began_when_it_finished(raw: Raw) -> None:
    raw.add(
        "tasks",
        id=1,
        created_date=at("2026-02-01 10:00"),
        start_date_plan=at("2026-02-05 00:00"),
        date_start=at("2026-02-05 11:00"),
    )
    raw.add(
        "tasks",
        id=2,
        created_date=at("2026-02-01 10:00"),
        start_date_plan=at("2026-02-05 00:15"),
        closed_date=at("2026-02-06 11:00"),
        status=5,
    )
    raw.add("tasks", id=3, created_date=at("2026-02-01 10:00"))
    facts = raw.facts()
    limit = at("2026-02-06 00:00")
    assert limit is not None
    assert facts.rows("SELECT id, start_until, began_at FROM tasks ORDER BY id") == [
        (1, limit - timedelta(microseconds=1), at("2026-02-05 11:00")),
        (2, at("2026-02-05 00:15"), at("2026-02-06 11:00")),
        (3, None, None),
    ]


def test_a_planned_day_may_be_longer_than_24_hours(raw: Raw) -> None:
    raw.add(
        "tasks", id=1, created_date=at("2026-02-01 10:00"), start_date_plan=datetime(2025, 10, 25, 22)
    )  # midnight in Berlin, the clocks go back that night
    (until,) = raw.facts(timezone="Europe/Berlin").rows("SELECT start_until FROM tasks")[0]
    assert until == datetime(2025, 10, 26, 22, 59, 59, 999999)


def test_the_log_knows_the_first_deadline_and_whether_it_moved_when_overdue(raw: Raw) -> None:
    def moved(task: int, old: str, new: str, seen: str) -> None:
        raw.add("change_log", entity="task", id=task, field="deadline", old=old, new=new, seen_at=at(seen))

    for task, closed in ((1, None), (2, None), (3, "2026-02-09 10:00"), (4, None)):
        raw.add(
            "tasks",
            id=task,
            created_date=at("2026-02-01 10:00"),
            deadline=at("2026-02-25 19:00"),
            closed_date=at(closed),
            status=5 if closed else 2,
        )
    moved(1, "2026-02-10 16:00:00", "2026-02-15 16:00:00", "2026-02-08 10:00")  # in time, then overdue
    moved(1, "2026-02-15 16:00:00", "2026-02-25 16:00:00", "2026-02-18 10:00")
    moved(2, "", "2026-02-25 16:00:00", "2026-02-08 10:00")  # set for the first time: no move
    moved(3, "2026-02-10 16:00:00", "2026-02-25 16:00:00", "2026-02-12 10:00")  # finished before the old one passed
    facts = raw.facts()
    first, second, third = at("2026-02-08 10:00"), at("2026-02-18 10:00"), at("2026-02-12 10:00")
    assert facts.rows(
        "SELECT id, deadline_original, deadline_moves, deadline_moved_at, deadline_moved_late_at FROM tasks ORDER BY id"
    ) == [
        (1, at("2026-02-10 19:00"), 2, [first, second], [second]),
        (2, at("2026-02-25 19:00"), 0, None, None),
        (3, at("2026-02-10 19:00"), 1, [third], None),
        (4, at("2026-02-25 19:00"), 0, None, None),
    ]
    assert facts.rows("SELECT log_since FROM meta") == [(at("2026-02-08 10:00"),)]
    earlier = raw.facts(as_of="2026-02-10 10:00").row("tasks", 1)
    assert (earlier["deadline"], earlier["deadline_moved_at"], earlier["deadline_moved_late_at"]) == (
        at("2026-02-15 19:00"),
        [first],
        None,
    )
